//! Runs: a page of them, one of them, what happened to it.

use bus::Bus;
use contracts::RunId;
use runs::attention::{self, Unattended};
use runs::ledger::{Ledger, Page, RunView};
use runs::timeline::{self, Transition};
use serde::{Deserialize, Serialize};

/// Runs as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunsDocument {
    /// The latest first.
    pub runs: Vec<RunView>,
    /// Where there are more: what `before` has to be to get them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The transitions of a run as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelineDocument {
    /// The run.
    pub run_id: String,
    /// What happened, the earliest first.
    pub timeline: Vec<Transition>,
    /// How many earlier transitions were left out.
    #[serde(default)]
    pub omitted: u64,
}

/// Body of a cancellation; may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CancelBody {
    /// Why, for the run's record.
    pub reason: Option<String>,
}

/// Body of a retry; may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryBody {
    /// The stage to begin from; where the run ended without it.
    pub from: Option<String>,
}

/// A page of the ledger, with warnings of the stages that nobody attends to; nothing where the run that the page is to stand behind
/// is not known.
#[must_use]
pub fn list(ledger: &Ledger, page: &Page, unattended: &[Unattended]) -> Option<RunsDocument> {
    let one_more = Page { limit: page.limit.saturating_add(1), ..page.clone() };
    let mut runs = ledger.page(&one_more)?;
    let more = runs.len() > page.limit;
    runs.truncate(page.limit);
    runs.iter_mut().for_each(|run| attention::warn(run, unattended));
    let next = runs.last().and_then(|run| run.run_id.clone()).filter(|_| more);
    Some(RunsDocument { runs, next })
}

/// One run, with a warning where it waits for a stage that nobody attends to; nothing where it is not known.
#[must_use]
pub fn show(ledger: &Ledger, run: &RunId, unattended: &[Unattended]) -> Option<RunView> {
    let mut view = ledger.run(run)?;
    attention::warn(&mut view, unattended);
    Some(view)
}

/// What happened to a run, read from the stream; nothing in it where the stream has no such run.
///
/// # Errors
/// Where the stream cannot be read.
pub async fn timeline(bus: &Bus, run: &RunId) -> Result<TimelineDocument, timeline::Error> {
    let read = timeline::read(bus, run).await?;
    Ok(TimelineDocument {
        run_id: run.to_string(),
        timeline: read.transitions,
        omitted: read.omitted,
    })
}
