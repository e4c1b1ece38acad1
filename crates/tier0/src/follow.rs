//! Following a run through the stream itself: it works without the orchestrator.

use std::collections::BTreeMap;
use std::time::Duration;

use bus::Bus;
use contracts::{RunId, names, subjects};
use identities::Identity;
use runs::feed::{Error as FeedError, Feed, subjects_of};
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
    let mut shown = BTreeMap::new();
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
            take(ledger, &subject, sequence, &payload);
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
        take(ledger, &entry.subject, entry.sequence, &entry.payload);
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

fn take(ledger: &mut Ledger, subject: &str, sequence: u64, payload: &[u8]) {
    match Record::decode(subject, payload) {
        Ok(Some((run, record))) => ledger.apply(sequence, run, &record),
        Ok(None) => {}
        Err(error) => {
            tracing::debug!(subject, %error, "a message could not be read")
        }
    }
}

/// Shows what is new: a line for each stage that ended or is tried again, and what is being done now.
fn tell(view: &RunView, shown: &mut BTreeMap<String, (StageStatus, u32)>, progress: &Progress) {
    for stage in &view.stages {
        let state = (stage.status, stage.attempts);
        let known = shown.insert(stage.agent.clone(), state) == Some(state);
        let told = match stage.status {
            StageStatus::Skipped => false,
            StageStatus::Retrying => true,
            status => status.is_final(),
        };
        if told && !known {
            progress.line(&line(stage));
        }
        if stage.status == StageStatus::Running {
            progress.now(&now(stage));
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

fn now(stage: &StageView) -> String {
    let share = stage.progress.map(|share| format!(" {:.0} %", share * 100.0)).unwrap_or_default();
    let detail = stage.detail.as_deref().map(|detail| format!(" {detail}")).unwrap_or_default();
    format!("{}{share}{detail}", stage.agent)
}
