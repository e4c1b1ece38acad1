//! Reading how a model was chosen: the run's messages from the stream, the search's report from the artifact store.

use std::time::Duration;

use artifacts::ArtifactStore;
use bus::Bus;
use contracts::v1::stage_output::Output;
use contracts::v1::{ArtifactRef, Handoff, SearchReport, Selection, TrainedModel};
use contracts::{ContractError, RunId, Validate as _, encoding, failures, subjects};
use runs::feed::{self, Feed};
use runs::ledger::Record;

use super::{Leaderboard, LeaderboardDocument};
use crate::query::fetch;

/// Largest report that is read, in bytes.
const MAX_REPORT_BYTES: u64 = 64 << 20;
/// How long each message of a run may take to come.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why it could not be told how a model was chosen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream could not be read.
    #[error("the messages of the run cannot be read")]
    Feed(#[from] feed::Error),
    /// The report of the search could not be read from the artifact store.
    #[error("the report of the search cannot be read")]
    Artifact(#[from] artifacts::Error),
}

/// The outputs of a run that tell how its model was chosen.
#[derive(Debug, Default)]
struct SelectionOutputs {
    selection: Option<Selection>,
    model: Option<TrainedModel>,
}

/// How the model of a run was chosen; nothing where the stream does not know the run. With a `store` its artifacts are read
/// from there, else from where they say that they are.
///
/// # Errors
/// Where the stream or the store does not answer.
pub async fn of_run(
    bus: &Bus,
    run: &RunId,
    store: Option<&ArtifactStore>,
) -> Result<Option<LeaderboardDocument>, Error> {
    find(bus, run, store, None).await
}

/// How a version was chosen that a run has made, whose bundle has this digest: of a run that was driven anew, the epoch that
/// made it. Nothing where the stream does not know the run any more.
///
/// # Errors
/// As [`of_run`].
pub async fn of_version(
    bus: &Bus,
    run: &RunId,
    digest: &str,
    store: Option<&ArtifactStore>,
) -> Result<Option<LeaderboardDocument>, Error> {
    find(bus, run, store, Some(digest)).await
}

async fn find(
    bus: &Bus,
    run: &RunId,
    store: Option<&ArtifactStore>,
    digest: Option<&str>,
) -> Result<Option<LeaderboardDocument>, Error> {
    let mut found = None;
    let mut feed = Feed::open(bus, vec![subjects::chains(run)], 0).await?;
    feed.rest(MESSAGE_TIMEOUT, |entry| match Record::decode(&entry.subject, &entry.payload) {
        Ok(Some((_, Record::Handoff(handoff) | Record::Result(handoff)))) => {
            let newer = outputs(*handoff);
            match (&mut found, digest) {
                (Some(_), Some(digest)) if !newer.made(digest) => {}
                _ => found = Some(newer),
            }
        }
        Ok(_) => {}
        Err(error) => {
            tracing::debug!(subject = entry.subject, %error, "a message could not be read");
        }
    })
    .await?;
    let Some(SelectionOutputs { selection, model }) = found else { return Ok(None) };
    let mut document = LeaderboardDocument {
        run_id: run.to_string(),
        selection: selection.as_ref().map(Into::into),
        ..LeaderboardDocument::default()
    };
    let Some(model) = model else { return Ok(Some(document)) };
    match report(bus, store, model.search_report.as_ref()).await {
        Ok(report) => document.leaderboard = Some(Leaderboard::new(&report, &model)),
        Err(ReportError::Silent(error)) => return Err(error.into()),
        Err(ReportError::Gone(problem)) => document.problem = Some(problem),
    }
    Ok(Some(document))
}

/// What a message tells.
fn outputs(handoff: Handoff) -> SelectionOutputs {
    let mut chosen = SelectionOutputs::default();
    for output in handoff.outputs {
        match output.output {
            Some(Output::Selection(selection)) => chosen.selection = Some(selection),
            Some(Output::TrainedModel(model)) => chosen.model = Some(model),
            _ => {}
        }
    }
    chosen
}

impl SelectionOutputs {
    fn made(&self, digest: &str) -> bool {
        let bundle = self.model.as_ref().and_then(|model| model.bundle.as_ref());
        bundle.is_some_and(|bundle| bundle.sha256 == digest)
    }
}

/// Why there is no report.
enum ReportError {
    /// The store does not answer.
    Silent(artifacts::Error),
    /// There is none, or it is not to be understood.
    Gone(String),
}

async fn report(
    bus: &Bus,
    store: Option<&ArtifactStore>,
    artifact: Option<&ArtifactRef>,
) -> Result<SearchReport, ReportError> {
    let gone = |problem: &str| ReportError::Gone(problem.to_owned());
    let artifact = artifact.ok_or_else(|| gone("the run kept no report of its search"))?;
    if artifact.bytes > MAX_REPORT_BYTES {
        return Err(gone("the report of the search is larger than 64 MiB"));
    }
    let failed = |error: artifacts::Error| {
        if error.is_transient() {
            ReportError::Silent(error)
        } else {
            let causes = failures::with_causes(&error);
            ReportError::Gone(format!("the report of the search cannot be read: {causes}"))
        }
    };
    let bytes = fetch(bus, store, artifact).await;
    understood(&bytes.map_err(failed)?).map_err(|error| {
        let causes = failures::with_causes(&error);
        ReportError::Gone(format!("the report of the search is not understood: {causes}"))
    })
}

/// The report that the bytes are.
pub fn understood(bytes: &[u8]) -> Result<SearchReport, ContractError> {
    let report: SearchReport = encoding::from_json("SearchReport", bytes)?;
    report.validate()?;
    Ok(report)
}
