//! `tier0 runs`: asked of the orchestrator, or of the stream where it does not answer; done through the stream itself.

use api::leaderboard::LeaderboardDocument;
use api::runs::{RunsDocument, TimelineDocument};
use contracts::RunId;
use runs::control::Control;
use runs::ledger::{Page, RunStatus, RunView};
use runs::timeline::Transition;
use serde::Serialize;
use terminal::Console;

use crate::cli::{Global, RunsCommand, RunsRetry};
use crate::connect::Address;
use crate::error::FAILED;
use crate::leaderboard::Chosen;
use crate::{Error, follow, show, timeline};

/// A run with what happened to it.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    run: &'a RunView,
    timeline: &'a [Transition],
    /// How many earlier transitions were left out.
    #[serde(rename = "timeline_omitted", skip_serializing_if = "is_zero")]
    omitted: u64,
    /// How its model was chosen.
    #[serde(flatten)]
    chosen: &'a Chosen,
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
    let address = Address::find(global)?;
    match command {
        RunsCommand::List { status, limit, before } => {
            let page = Page {
                status: *status,
                before: before.as_deref().map(RunId::new).transpose()?,
                limit: (*limit).clamp(1, api::MAX_LIMIT),
            };
            let document = list(&address, &page, console).await?;
            console.answer(&document, || show::runs(&document))?;
            Ok(0)
        }
        RunsCommand::Show { run_id, trials } => {
            let id = RunId::new(run_id.as_str())?;
            let run = one(&address, &id, console).await?;
            let history = history(&address, &id, console).await?;
            let chosen = chosen(&address, &id, console).await?;
            let shown = Shown {
                run: &run,
                timeline: &history.timeline,
                omitted: history.omitted,
                chosen: &chosen,
            };
            console.answer(&shown, || {
                let parts = [show::run(&run), chosen.shown(*trials), timeline::shown(&history)];
                parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
            })?;
            Ok(0)
        }
        RunsCommand::Cancel { run_id, reason } => {
            let id = RunId::new(run_id.as_str())?;
            let control = Control::new(address.connect().await?);
            let cancelled = control.cancel(&id, reason.as_deref(), &whoami()).await?;
            console.answer(&cancelled, || {
                let stage = cancelled.stage.as_deref().unwrap_or("an unknown stage");
                let had = if cancelled.already { " had been" } else { "" };
                format!(
                    "run {id}{had} cancelled at {stage}; `tier0 runs retry {id}` drives it anew"
                )
            })?;
            Ok(0)
        }
        RunsCommand::Retry(arguments) => retry(arguments, &address, console).await,
        RunsCommand::Watch { run_id, timeout } => {
            let id = RunId::new(run_id.as_str())?;
            let bus = address.connect().await?;
            if follow::once(&bus, &id).await?.is_none() {
                return Err(unknown(&id));
            }
            let view = follow::run(&bus, &id, *timeout, console).await?;
            console.answer(&view, || show::run(&view))?;
            Ok(if view.status == RunStatus::Succeeded { 0 } else { FAILED })
        }
    }
}

async fn retry(arguments: &RunsRetry, address: &Address, console: &Console) -> Result<u8, Error> {
    let id = RunId::new(arguments.run_id.as_str())?;
    let bus = address.connect().await?;
    let retried = Control::new(bus.clone()).retry(&id, arguments.from, &whoami()).await?;
    if !arguments.wait {
        console.answer(&retried, || {
            format!(
                "run {id} begins again at {} as epoch {}; follow it with `tier0 runs watch {id}`",
                retried.from, retried.epoch
            )
        })?;
        return Ok(0);
    }
    let view = follow::run(&bus, &id, arguments.timeout, console).await?;
    console.answer(&view, || show::run(&view))?;
    Ok(if view.status == RunStatus::Succeeded { 0 } else { FAILED })
}

/// Who acts, in the labels of what is published.
pub(crate) fn whoami() -> String {
    let user = std::env::var("USER").unwrap_or_default();
    if user.is_empty() { "tier0-cli".to_owned() } else { format!("tier0-cli/{user}") }
}

async fn list(address: &Address, page: &Page, console: &Console) -> Result<RunsDocument, Error> {
    let mut path = format!("/api/v1/runs?limit={}", page.limit);
    if let Some(status) = page.status {
        path.push_str(&format!("&status={}", status.as_str()));
    }
    if let Some(before) = &page.before {
        path.push_str(&format!("&before={before}"));
    }
    if let Some(document) = address.ask(&path, console).await? {
        return Ok(document);
    }
    let found = follow::page(&address.connect().await?, page).await?;
    match (found, &page.before) {
        (Some(document), _) => Ok(document),
        (None, Some(before)) => Err(unknown(before)),
        (None, None) => Ok(RunsDocument { runs: Vec::new(), next: None }),
    }
}

async fn one(address: &Address, id: &RunId, console: &Console) -> Result<RunView, Error> {
    if let Some(run) = address.ask(&format!("/api/v1/runs/{id}"), console).await? {
        return Ok(run);
    }
    follow::once(&address.connect().await?, id).await?.ok_or_else(|| unknown(id))
}

/// What happened to a run.
async fn history(
    address: &Address,
    id: &RunId,
    console: &Console,
) -> Result<TimelineDocument, Error> {
    if let Some(document) = address.ask(&format!("/api/v1/runs/{id}/timeline"), console).await? {
        return Ok(document);
    }
    Ok(api::runs::timeline(&address.connect().await?, id).await?)
}

/// How the model of a run was chosen.
async fn chosen(address: &Address, id: &RunId, console: &Console) -> Result<Chosen, Error> {
    let path = format!("/api/v1/runs/{id}/leaderboard");
    if let Some(document) = address.ask::<LeaderboardDocument>(&path, console).await? {
        return Ok(document.into());
    }
    Ok(Chosen::read(&address.connect().await?, id, None).await)
}

fn unknown(id: &RunId) -> Error {
    Error::Unknown { kind: "run", name: id.to_string(), known: Vec::new() }
}
