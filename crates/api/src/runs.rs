//! Runs: a page of them, one of them, what happened to it.

use std::time::Duration;

use bus::Bus;
use contracts::{Agent, RunId, failures};
use reqwest::StatusCode;
use runs::attention::{self, UnattendedStage};
use runs::control::{Cancelled, Control, RetriedRun};
use runs::feed::{self, Entry, Feed, subjects_of};
use runs::ledger::{DEFAULT_MAX_RUNS, Ledger, Page, Record, RunStatus, RunView};
use runs::timeline::{self, Transition};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::query::limit;
use crate::{Broker, Change, Error, Query};

/// How long each message of the stream may take to come.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(10);

/// A page of runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunsDocument {
    /// The runs of the page, the latest first.
    pub runs: Vec<RunView>,
    /// Where there are more: what `before` has to be to get them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The transitions of a run as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineDocument {
    /// Identifier of the run.
    pub run_id: String,
    /// What happened, the earliest first.
    pub timeline: Vec<Transition>,
    /// How many earlier transitions were left out.
    #[serde(default)]
    pub omitted: u64,
}

/// A page of runs, the latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListRuns {
    /// Most of them, 1 to 1000; 100 where it is left out.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<usize>,
    /// Runs of this status only: `queued`, `running`, `succeeded`, `failed` or `cancelled`.
    #[schemars(extend("enum" = ["queued", "running", "succeeded", "failed", "cancelled"]))]
    pub status: Option<String>,
    /// Runs only that were requested before this one.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
    pub before: Option<String>,
    /// Runs only that have this text in their identity, their name or their request, in any letter case.
    pub search: Option<String>,
}

impl ListRuns {
    /// The answer of a ledger, with warnings of the stages that no replica attends to.
    ///
    /// # Errors
    /// `invalid_request`, and `run_not_found` where the run that the page is to stand behind is not in the ledger.
    pub fn page(
        &self,
        ledger: &Ledger,
        unattended: &[UnattendedStage],
    ) -> Result<RunsDocument, Error> {
        let status = self.status.as_deref().map(str::parse::<RunStatus>).transpose();
        let before = self.before.as_deref().map(RunId::new).transpose();
        let page = Page {
            limit: limit(self.limit)?,
            status: status.map_err(|error| Error::invalid(error.to_string()))?,
            before: before.map_err(|error| Error::invalid(error.to_string()))?,
            search: self.search.clone().unwrap_or_default(),
        };
        let unknown = || Error::unknown_run(page.before.as_ref().map_or("", RunId::as_str));
        list(ledger, &page, unattended).ok_or_else(unknown)
    }
}

impl Query for ListRuns {
    const ROUTE: &'static str = "/api/v1/runs";
    const EXPECTED: &'static str = "limit (1 to 1000), status (queued, running, succeeded, failed or cancelled), before (a run) and search (a text), all optional";
    const OUTLIVES_THE_API: bool = true;
    type Answer = RunsDocument;

    async fn read(&self, broker: &Broker) -> Result<RunsDocument, Error> {
        let mut ledger = Ledger::new(DEFAULT_MAX_RUNS);
        fold(&broker.bus, Vec::new(), &mut ledger).await?;
        self.page(&ledger, &[])
    }
}

/// Query for one run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ShowRun {
    /// Identity of the run.
    #[schemars(extend("examples" = ["run-0123456789abcdef0123"]))]
    pub run: String,
}

impl ShowRun {
    /// The answer of a ledger, with a warning where the run waits for a stage that no replica attends to.
    ///
    /// # Errors
    /// `invalid_request`, and `run_not_found`.
    pub fn view(&self, ledger: &Ledger, unattended: &[UnattendedStage]) -> Result<RunView, Error> {
        let run = id(&self.run)?;
        let mut view = ledger.run(&run).ok_or_else(|| Error::unknown_run(&self.run))?;
        attention::warn(&mut view, unattended);
        Ok(view)
    }
}

impl Query for ShowRun {
    const ROUTE: &'static str = "/api/v1/runs/{run}";
    const OUTLIVES_THE_API: bool = true;
    type Answer = RunView;

    async fn read(&self, broker: &Broker) -> Result<RunView, Error> {
        let mut ledger = Ledger::new(1);
        fold(&broker.bus, subjects_of(&id(&self.run)?), &mut ledger).await?;
        self.view(&ledger, &[])
    }
}

/// What happened to a run, message by message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ShowTimeline {
    /// Identity of the run.
    #[schemars(extend("examples" = ["run-0123456789abcdef0123"]))]
    pub run: String,
}

impl Query for ShowTimeline {
    const ROUTE: &'static str = "/api/v1/runs/{run}/timeline";
    const OUTLIVES_THE_API: bool = true;
    type Answer = TimelineDocument;

    async fn read(&self, broker: &Broker) -> Result<TimelineDocument, Error> {
        let read = timeline::read(&broker.bus, &id(&self.run)?).await;
        let read = read.map_err(|error| Error::silent(failures::with_causes(&error)))?;
        if read.transitions.is_empty() {
            return Err(Error::unknown_run(&self.run));
        }
        Ok(TimelineDocument {
            run_id: self.run.clone(),
            timeline: read.transitions,
            omitted: read.omitted,
        })
    }
}

/// The end of a run that goes on, the work in progress included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CancelRun {
    /// Identity of the run.
    #[schemars(extend("examples" = ["run-0123456789abcdef0123"]))]
    pub run: String,
    /// Why, for the run's record.
    pub reason: Option<String>,
}

impl Change for CancelRun {
    const ROUTE: &'static str = "/api/v1/runs/{run}/cancel";
    type Answer = Cancelled;

    fn run(&self) -> Option<&str> {
        Some(&self.run)
    }

    async fn make(&self, broker: &Broker, by: &str) -> Result<Cancelled, Error> {
        let control = Control::new(broker.bus.clone());
        Ok(control.cancel(&id(&self.run)?, self.reason.as_deref(), by).await?)
    }
}

/// A failed or cancelled run driven anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetryRun {
    /// Identity of the run.
    #[schemars(extend("examples" = ["run-0123456789abcdef0123"]))]
    pub run: String,
    /// The stage to begin from; where the run ended without it.
    #[schemars(extend("enum" = stages_or_none()))]
    pub from: Option<String>,
}

/// What a member that may name a stage takes.
fn stages_or_none() -> Vec<Option<&'static str>> {
    Agent::ALL.into_iter().map(|agent| Some(agent.as_str())).chain([None]).collect()
}

impl Change for RetryRun {
    const ROUTE: &'static str = "/api/v1/runs/{run}/retry";
    type Answer = RetriedRun;

    fn run(&self) -> Option<&str> {
        Some(&self.run)
    }

    async fn make(&self, broker: &Broker, by: &str) -> Result<RetriedRun, Error> {
        let run = id(&self.run)?;
        let from = self.from.as_deref().map(str::parse::<Agent>).transpose();
        let from = from.map_err(|error| Error::invalid(error.to_string()))?;
        Ok(Control::new(broker.bus.clone()).retry(&run, from, by).await?)
    }
}

/// The identity that a text is.
pub(crate) fn id(run: &str) -> Result<RunId, Error> {
    RunId::new(run).map_err(|error| Error::invalid(error.to_string()))
}

/// Folds what the stream has of these subjects into a ledger.
async fn fold(bus: &Bus, subjects: Vec<String>, ledger: &mut Ledger) -> Result<(), Error> {
    let take = |entry: &Entry| match Record::decode(&entry.subject, &entry.payload) {
        Ok(Some((run, record))) => {
            ledger.apply(entry.sequence, run.clone(), &record);
            ledger.traced(entry.sequence, &run, feed::trace_of(entry));
        }
        Ok(None) => {}
        Err(error) => {
            tracing::debug!(subject = entry.subject, %error, "a message could not be read");
        }
    };
    let read = async { Feed::open(bus, subjects, 0).await?.rest(MESSAGE_TIMEOUT, take).await };
    read.await.map_err(|error: feed::Error| {
        let why = failures::with_causes(&error);
        let message = format!("the run's messages could not be read: {why}");
        Error::new(StatusCode::BAD_GATEWAY, "broker", message)
    })
}

/// A page of the ledger, with warnings of the stages that have no live agent; nothing where the run that the page is to stand behind
/// is not known.
fn list(ledger: &Ledger, page: &Page, unattended: &[UnattendedStage]) -> Option<RunsDocument> {
    let one_more = Page { limit: page.limit.saturating_add(1), ..page.clone() };
    let mut runs = ledger.page(&one_more)?;
    let more = runs.len() > page.limit;
    runs.truncate(page.limit);
    runs.iter_mut().for_each(|run| attention::warn(run, unattended));
    let next = runs.last().and_then(|run| run.run_id.clone()).filter(|_| more);
    Some(RunsDocument { runs, next })
}
