//! Carrying a schedule out on a fleet.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use tier0_tests::chaos::{Action, BROKER, Fault, Paused, Processes, Schedule};

/// How often it is looked what is due.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// What was done to the fleet.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DisturbanceReport {
    /// Number of processes killed.
    pub(crate) kills: usize,
    /// Of these, the broker.
    pub(crate) broker_kills: usize,
    /// Number of processes paused.
    pub(crate) pauses: usize,
    /// Of these, for longer than a silent process keeps its message.
    pub(crate) long_pauses: usize,
    /// Faults whose process was just being started again.
    pub(crate) missed: usize,
}

/// Strikes until it is dropped or `end` says so; then lets every paused process go on.
pub(crate) struct Disturber {
    processes: Processes,
    schedule: Schedule,
    ack_wait: Duration,
    begun: Instant,
    next: Option<Action>,
    paused: Vec<(Instant, Paused)>,
    done: DisturbanceReport,
}

impl Disturber {
    pub(crate) fn new(processes: Processes, mut schedule: Schedule, ack_wait: Duration) -> Self {
        let next = schedule.next();
        let begun = Instant::now();
        Self {
            processes,
            schedule,
            ack_wait,
            begun,
            next,
            paused: Vec::new(),
            done: DisturbanceReport::default(),
        }
    }

    /// Does what is due, as long as it is let.
    pub(crate) async fn go_on(&mut self) -> Infallible {
        loop {
            self.tick();
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Does what is due by now.
    fn tick(&mut self) {
        let now = Instant::now();
        while let Some(at) = self.paused.iter().position(|(until, _)| *until <= now) {
            let (_, paused) = self.paused.swap_remove(at);
            let name = paused.name().to_owned();
            if paused.resume() {
                self.say(&format!("continue {name}"));
            }
        }
        while let Some(action) = self.next.take_if(|action| self.begun + action.at <= now) {
            self.strike(&action);
            self.next = self.schedule.next();
        }
    }

    fn strike(&mut self, action: &Action) {
        let Action { process, fault, .. } = action;
        match fault {
            Fault::Kill if self.processes.kill(process) => {
                self.done.kills += 1;
                self.done.broker_kills += usize::from(process == BROKER);
                self.say(&format!("kill {process}"));
            }
            Fault::Pause(time) => match self.processes.pause(process) {
                Some(paused) => {
                    self.done.pauses += 1;
                    self.done.long_pauses += usize::from(*time > self.ack_wait);
                    self.say(&format!("pause {process} for {:.1} s", time.as_secs_f64()));
                    self.paused.push((Instant::now() + *time, paused));
                }
                None => self.done.missed += 1,
            },
            Fault::Kill => self.done.missed += 1,
        }
    }

    fn say(&self, what: &str) {
        eprintln!("{:7.1} {what}", self.begun.elapsed().as_secs_f64());
    }

    /// Strikes no more, and lets every paused process go on.
    pub(crate) fn end(mut self) -> DisturbanceReport {
        self.paused.clear();
        self.done
    }
}
