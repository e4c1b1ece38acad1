//! Following a run through the stream itself: it works without the orchestrator.

use std::collections::BTreeMap;
use std::time::Duration;

use bus::Bus;
use contracts::{RunId, names, subjects};
use identities::Identity;
use runs::feed::{Error as FeedError, Feed, subjects_of, trace_of};
use runs::ledger::{Ledger, Record, RunView, StageStatus, StageView};
use terminal::{Console, Progress, seconds};
use tokio::time::{Instant, sleep, timeout_at};

use crate::Error;

const FEED_RETRY_DELAY: Duration = Duration::from_millis(500);

/// Follows a run to its end, showing its stages.
pub(crate) async fn run(
    bus: &Bus,
    run: &RunId,
    limit: f64,
    console: &Console,
) -> Result<RunView, Error> {
    let deadline = Instant::now() + Duration::from_secs_f64(limit);
    let progress = console.progress(&format!("run {run}"));
    let mut shown = Shown::default();
    let mut ledger = Ledger::new(1);
    let timed_out = || Error::RunTimeout { run: run.to_string(), seconds: limit };
    if bus.name() == Identity::Client.as_str() {
        let result = timeout_at(deadline, result(bus, run, &mut ledger)).await;
        return result.map_err(|_elapsed| timed_out())?;
    }
    loop {
        let following = follow(bus, run, &mut ledger, |view| tell(view, &mut shown, &progress));
        match timeout_at(deadline, following).await {
            Ok(Ok(Some(view))) => return Ok(view),
            Ok(Ok(None)) => {}
            Ok(Err(error @ FeedError::NotPermitted(_))) => return Err(error.into()),
            Ok(Err(error)) => {
                tracing::warn!(
                    error = contracts::failures::with_causes(&error),
                    "the stream broke; it is opened again"
                );
            }
            Err(_elapsed) => return Err(timed_out()),
        }
        if Instant::now() >= deadline {
            return Err(timed_out());
        }
        sleep(FEED_RETRY_DELAY).await;
    }
}

/// Waits for the result of a run that was just asked for, which is all of it that clients may read.
async fn result(bus: &Bus, run: &RunId, ledger: &mut Ledger) -> Result<RunView, Error> {
    let subject = subjects::result(run, 0);
    loop {
        if let Some((sequence, payload)) = bus.last_on(names::STREAM, &subject).await? {
            take(ledger, &subject, sequence, &payload, None);
            if let Some(view) = ledger.run(run) {
                return Ok(view);
            }
        }
        sleep(FEED_RETRY_DELAY).await;
    }
}

/// Follows a run; nothing where the stream ended before it.
async fn follow(
    bus: &Bus,
    run: &RunId,
    ledger: &mut Ledger,
    mut tell: impl FnMut(&RunView),
) -> Result<Option<RunView>, runs::feed::Error> {
    let mut feed = Feed::open(bus, subjects_of(run), ledger.last_sequence()).await?;
    while let Some(entry) = feed.next().await? {
        take(ledger, &entry.subject, entry.sequence, &entry.payload, trace_of(&entry));
        // A run that was driven anew has results of earlier epochs: only what is last counts.
        if entry.pending > 0 {
            continue;
        }
        let Some(view) = ledger.run(run) else { continue };
        tell(&view);
        if view.status.is_final() {
            return Ok(Some(view));
        }
    }
    Ok(None)
}

fn take(ledger: &mut Ledger, subject: &str, sequence: u64, payload: &[u8], trace: Option<u128>) {
    match Record::decode(subject, payload) {
        Ok(Some((run, record))) => {
            ledger.apply(sequence, run.clone(), &record);
            ledger.traced(sequence, &run, trace);
        }
        Ok(None) => {}
        Err(error) => {
            tracing::debug!(subject, %error, "a message could not be read")
        }
    }
}

/// What was shown of a run.
#[derive(Debug, Default)]
struct Shown {
    /// Status and number of attempts of each stage.
    states: BTreeMap<String, (StageStatus, u32)>,
    /// The stage whose share of the work was shown first, with the time and the share.
    since: Option<(String, Instant, f64)>,
}

impl Shown {
    /// Seconds until a stage is done, where its work goes on as it has since it was shown first.
    fn time_left(&mut self, agent: &str, share: f64, now: Instant) -> Option<f64> {
        let since = match &self.since {
            Some((known, since, first)) if known == agent && *first <= share => (*since, *first),
            _ => {
                self.since = Some((agent.to_owned(), now, share));
                (now, share)
            }
        };
        let done = share - since.1;
        let took = now.duration_since(since.0).as_secs_f64();
        (done > 0.0 && share < 1.0).then(|| took / done * (1.0 - share))
    }
}

/// Shows what is new: a line for each stage that ended or is tried again, and what is being done now.
fn tell(view: &RunView, shown: &mut Shown, progress: &Progress) {
    for stage in &view.stages {
        let state = (stage.status, stage.attempts);
        let known = shown.states.insert(stage.agent.clone(), state) == Some(state);
        let told = match stage.status {
            StageStatus::Skipped => false,
            StageStatus::Retrying => true,
            status => status.is_final(),
        };
        if told && !known {
            progress.line(&line(stage));
        }
        if stage.status == StageStatus::Running {
            progress.now(&now(stage, shown));
        }
    }
}

fn line(stage: &StageView) -> String {
    let mut line = format!("  {:<24} {:<10}", stage.agent, stage.status.as_str());
    if stage.seconds.is_some() {
        line.push_str(&format!(" {:>9}", seconds(stage.seconds)));
    }
    if let Some(error) = &stage.last_error {
        line.push_str(&format!(" after attempt {}: {error}", stage.attempts));
    }
    line.trim_end().to_owned()
}

/// Parts of a bar.
const BAR: usize = 20;

fn now(stage: &StageView, shown: &mut Shown) -> String {
    let mut line = stage.agent.clone();
    if let Some(share) = stage.progress.map(|share| share.clamp(0.0, 1.0)) {
        let full = (share * BAR as f64) as usize;
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR.saturating_sub(full)));
        line.push_str(&format!(" {bar} {:.0} %", share * 100.0));
        if let Some(left) = shown.time_left(&stage.agent, share, Instant::now()) {
            line.push_str(&format!(", about {left:.0} s left"));
        }
    }
    if let Some(detail) = &stage.detail {
        line.push_str(&format!(" {detail}"));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_from_what_was_done_since_the_first_look() {
        let mut shown = Shown::default();
        let begun = Instant::now();
        let after = |seconds| begun + Duration::from_secs(seconds);
        assert_eq!(shown.time_left("a", 0.2, begun), None, "nothing was done since");
        let left = shown.time_left("a", 0.6, after(4));
        assert!(left.is_some_and(|left| (left - 4.0).abs() < 1e-9), "{left:?}");
        assert_eq!(shown.time_left("a", 1.0, after(8)), None);
        assert_eq!(shown.time_left("b", 0.5, after(9)), None, "another stage begins anew");
        assert_eq!(shown.time_left("b", 0.1, after(10)), None, "and so does another attempt");
    }
}
