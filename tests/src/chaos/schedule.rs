//! Which process is struck when, and how. Pure: the same seed, processes and pace give the same schedule.

use std::time::Duration;

/// The broker's name among the processes.
pub const BROKER: &str = "nats-server";

/// What happens to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// SIGKILL; its supervisor starts it again.
    Kill,
    /// SIGSTOP, and SIGCONT after this time.
    Pause(Duration),
}

/// One fault of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// When, from the beginning.
    pub at: Duration,
    /// The process by its name in the fleet.
    pub process: String,
    /// What happens to it.
    pub fault: Fault,
}

/// How fast and how hard a schedule strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrikeRate {
    /// Mean time between two faults; each is between a third and five thirds of it.
    pub gap: Duration,
    /// Least time between two faults of the broker, which everything waits for.
    pub broker_gap: Duration,
    /// How long a silent process keeps its message: a pause that is longer wakes up to work that another one has done.
    pub ack_wait: Duration,
}

/// Of a hundred faults, those that are kills; the others are pauses.
const KILLS: u64 = 72;
/// Of a hundred pauses, those that are longer than a silent process keeps its message.
const LONG_PAUSES: u64 = 35;
/// Of a hundred faults, those that are of the broker, where its turn has come.
const BROKER_SHARE: u64 = 12;

/// Faults without end, in order.
#[derive(Debug, Clone)]
pub struct Schedule {
    random: SplitMix,
    others: Vec<String>,
    has_broker: bool,
    pace: StrikeRate,
    now: Duration,
    broker_from: Duration,
}

impl Schedule {
    /// The schedule of a seed for processes of these names; their order does not matter.
    pub fn new(seed: u64, processes: impl IntoIterator<Item = String>, pace: StrikeRate) -> Self {
        let mut others: Vec<String> = processes.into_iter().collect();
        others.sort_unstable();
        others.dedup();
        let count = others.len();
        others.retain(|name| name != BROKER);
        Self {
            random: SplitMix(seed),
            has_broker: others.len() < count,
            others,
            pace,
            now: Duration::ZERO,
            broker_from: pace.broker_gap,
        }
    }

    fn process(&mut self) -> Option<String> {
        let is_turn = self.has_broker && self.now >= self.broker_from;
        if is_turn && (self.random.below(100) < BROKER_SHARE || self.others.is_empty()) {
            self.broker_from = self.now + self.pace.broker_gap;
            return Some(BROKER.to_owned());
        }
        let count = u64::try_from(self.others.len()).ok()?;
        let at = usize::try_from(self.random.below(count.max(1))).ok()?;
        self.others.get(at).cloned()
    }

    fn pause(&mut self, process: &str) -> Duration {
        // Everything waits for the broker; its long silences are those of its restarts.
        let is_long = process != BROKER && self.random.below(100) < LONG_PAUSES;
        let (from, to) = if is_long {
            (self.pace.ack_wait.mul_f64(1.1), self.pace.ack_wait.mul_f64(1.6))
        } else {
            (Duration::from_millis(100), self.pace.ack_wait.mul_f64(0.5))
        };
        self.random.between(from, to)
    }
}

impl Iterator for Schedule {
    type Item = Action;

    /// None where there is nothing to strike.
    fn next(&mut self) -> Option<Action> {
        self.now += self.random.between(self.pace.gap / 3, self.pace.gap * 5 / 3);
        let process = self.process()?;
        let fault = if self.random.below(100) < KILLS {
            Fault::Kill
        } else {
            Fault::Pause(self.pause(&process))
        };
        Some(Action { at: self.now, process, fault })
    }
}

/// SplitMix64: eight lines that give the same numbers for ever, which no library promises over its versions.
#[derive(Debug, Clone)]
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 where that is 0.
    fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    /// A time in milliseconds from `from` up to `to`.
    fn between(&mut self, from: Duration, to: Duration) -> Duration {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (from, to) = (millis(from), millis(to));
        Duration::from_millis(from + self.below(to.saturating_sub(from) + 1))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const PACE: StrikeRate = StrikeRate {
        gap: Duration::from_millis(900),
        broker_gap: Duration::from_secs(10),
        ack_wait: Duration::from_secs(4),
    };

    fn names() -> Vec<String> {
        ["model-trainer-1", "model-trainer-2", "orchestrator", BROKER].map(str::to_owned).to_vec()
    }

    fn first(seed: u64, count: usize) -> Vec<Action> {
        Schedule::new(seed, names(), PACE).take(count).collect()
    }

    #[test]
    fn a_seed_is_a_schedule() {
        assert_eq!(first(7, 500), first(7, 500));
        assert_ne!(first(7, 20), first(8, 20));
        let mut backwards = names();
        backwards.reverse();
        let other: Vec<Action> = Schedule::new(7, backwards, PACE).take(500).collect();
        assert_eq!(other, first(7, 500), "the order of the names does not matter");
        let action = |at, process: &str, fault| Action {
            at: Duration::from_millis(at),
            process: process.to_owned(),
            fault,
        };
        assert_eq!(
            first(1, 3),
            [
                action(744, "model-trainer-2", Fault::Pause(Duration::from_millis(246))),
                action(1803, "model-trainer-1", Fault::Kill),
                action(2633, "model-trainer-2", Fault::Kill),
            ],
            "a schedule that was reported can be had again"
        );
    }

    #[test]
    fn every_process_is_killed_and_paused() {
        let actions = first(3, 2000);
        for name in names() {
            let of = |kill: bool| {
                actions
                    .iter()
                    .filter(|one| one.process == name && (one.fault == Fault::Kill) == kill)
                    .count()
            };
            assert!(of(true) > 20 && of(false) > 10, "{name}: {} and {}", of(true), of(false));
        }
        let known: BTreeSet<String> = names().into_iter().collect();
        assert!(actions.iter().all(|one| known.contains(&one.process)));
    }

    #[test]
    fn faults_keep_their_distance() {
        let actions = first(11, 3000);
        for pair in actions.windows(2) {
            let gap = pair[1].at - pair[0].at;
            assert!(gap >= PACE.gap / 3 && gap <= PACE.gap * 5 / 3, "{gap:?}");
        }
        let brokers: Vec<Duration> =
            actions.iter().filter(|one| one.process == BROKER).map(|one| one.at).collect();
        assert!(brokers.windows(2).all(|pair| pair[1] - pair[0] >= PACE.broker_gap));
        assert!(brokers[0] >= PACE.broker_gap);
    }

    #[test]
    fn some_pauses_outlast_the_message_and_none_of_the_broker_does() {
        let actions = first(5, 3000);
        let long = |broker: bool| {
            actions
                .iter()
                .filter(|one| (one.process == BROKER) == broker)
                .filter(|one| matches!(one.fault, Fault::Pause(time) if time > PACE.ack_wait))
                .count()
        };
        assert!(long(false) > 100, "{}", long(false));
        assert_eq!(long(true), 0);
    }

    #[test]
    fn nothing_to_strike_is_the_end() {
        assert_eq!(Schedule::new(1, [], PACE).next(), None);
        let only = Schedule::new(1, [BROKER.to_owned()], PACE);
        assert!(only.take(3).all(|one| one.process == BROKER));
    }
}
