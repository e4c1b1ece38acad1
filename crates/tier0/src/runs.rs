//! `tier0 runs`: what became of requests, and what may be done to a run.

use api::leaderboard::RunLeaderboard;
use api::runs::{CancelRun, ListRuns, RetryRun, ShowRun, ShowTimeline, TimelineDocument};
use api::verdicts::{RunVerdicts, VerdictsDocument};
use contracts::RunId;
use runs::ledger::{RunStatus, RunView};
use runs::timeline::Transition;
use serde::Serialize;
use terminal::Console;

use crate::access::Access;
use crate::cli::{Global, RunsCommand, RunsRetry};
use crate::error::FAILED;
use crate::leaderboard::ModelSelection;
use crate::{Error, follow, show, timeline, verdicts};

/// Longest name of a user in what is recorded of a change, in bytes; `api/tier0-cli/` stands before it.
const MAX_USER_BYTES: usize = 54;

/// A run with what happened to it.
#[derive(Serialize)]
struct RunDocument<'a> {
    #[serde(flatten)]
    run: &'a RunView,
    timeline: &'a [Transition],
    /// How many earlier transitions were left out.
    #[serde(rename = "timeline_omitted", skip_serializing_if = "is_zero")]
    omitted: u64,
    /// How its model was chosen.
    #[serde(flatten)]
    chosen: &'a ModelSelection,
    /// What its stages decided; none where its messages are not kept any more.
    verdicts: Option<&'a VerdictsDocument>,
}

const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// `tier0 runs`; gives the exit code.
pub(crate) async fn run(
    command: &RunsCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let access = Access::find(global, console)?;
    match command {
        RunsCommand::List { status, limit, before, search } => {
            let query = ListRuns {
                limit: Some((*limit).clamp(1, api::MAX_LIMIT)),
                status: status.map(|status| status.as_str().to_owned()),
                before: before.clone(),
                search: search.clone(),
            };
            let document = access.ask(&query).await?;
            console.answer(&document, || show::runs(&document))?;
            Ok(0)
        }
        RunsCommand::Show { run_id, trials } => {
            let id = || run_id.clone();
            let run = access.ask(&ShowRun { run: id() }).await?;
            let history = history_or_none(&access, run_id).await?;
            let verdicts = access.ask(&RunVerdicts { run: id() }).await.ok();
            let chosen = ModelSelection::from(access.ask(&RunLeaderboard { run: id() }).await);
            let shown = RunDocument {
                run: &run,
                timeline: &history.timeline,
                omitted: history.omitted,
                chosen: &chosen,
                verdicts: verdicts.as_ref(),
            };
            console.answer(&shown, || {
                let decided = verdicts.as_ref().map(verdicts::shown).unwrap_or_default();
                let history = timeline::shown(&history);
                let parts = [show::run(&run), decided, chosen.shown(*trials), history];
                parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
            })?;
            Ok(0)
        }
        RunsCommand::Cancel { run_id: id, reason } => {
            let change = CancelRun { run: id.clone(), reason: reason.clone() };
            let cancelled = access.change(&change).await?;
            console.answer(&cancelled, || {
                let stage = cancelled.stage.as_deref().unwrap_or("an unknown stage");
                let had = if cancelled.already { " had been" } else { "" };
                format!(
                    "run {id}{had} cancelled at {stage}; `tier0 runs retry {id}` drives it anew"
                )
            })?;
            Ok(0)
        }
        RunsCommand::Retry(arguments) => retry(arguments, &access).await,
        RunsCommand::Watch { run_id, timeout } => {
            access.ask(&ShowRun { run: run_id.clone() }).await?;
            follow_to_its_end(&access, run_id, *timeout).await
        }
    }
}

/// What happened to a run; nothing where the stream does not keep it any more, since the API knows more runs than that.
pub(crate) async fn history_or_none(
    access: &Access<'_>,
    run: &str,
) -> Result<TimelineDocument, Error> {
    match access.ask(&ShowTimeline { run: run.to_owned() }).await {
        Err(Error::Missing(_)) => {
            Ok(TimelineDocument { run_id: run.to_owned(), timeline: Vec::new(), omitted: 0 })
        }
        history => history,
    }
}

async fn retry(arguments: &RunsRetry, access: &Access<'_>) -> Result<u8, Error> {
    let id = &arguments.run_id;
    let from = arguments.from.map(|from| from.to_string());
    let retried = access.change(&RetryRun { run: id.clone(), from }).await?;
    if arguments.wait {
        return follow_to_its_end(access, id, arguments.timeout).await;
    }
    access.console().answer(&retried, || {
        format!(
            "run {id} begins again at {} as epoch {}; follow it with `tier0 runs watch {id}`",
            retried.from, retried.epoch
        )
    })?;
    Ok(0)
}

/// Follows a run through the stream and shows it at its end; gives the exit code.
async fn follow_to_its_end(access: &Access<'_>, run: &str, timeout: f64) -> Result<u8, Error> {
    let id = RunId::new(run)?;
    let view = follow::run(access.bus().await?, &id, timeout, access.console()).await?;
    let verdicts = access.ask(&RunVerdicts { run: run.to_owned() }).await.ok();
    access.console().answer(&view, || show::ended(&view, verdicts.as_ref()))?;
    Ok(if view.status == RunStatus::Succeeded { 0 } else { FAILED })
}

/// Who acts, in what is recorded of a change; at most 64 bytes, as the API takes it.
pub(crate) fn whoami() -> String {
    let mut user = std::env::var("USER").unwrap_or_default();
    user.retain(|c| !c.is_control());
    user.truncate(user.floor_char_boundary(MAX_USER_BYTES));
    if user.trim().is_empty() { "tier0-cli".to_owned() } else { format!("tier0-cli/{user}") }
}
