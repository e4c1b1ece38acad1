//! `tier0 runs`: asked of the orchestrator, or of the stream where it does not answer; done through the stream itself.

use contracts::RunId;
use orchestrator::api::RunsDocument;
use orchestrator::control::Control;
use orchestrator::ledger::{RunStatus, RunView};

use crate::cli::{Global, RunsCommand, RunsRetry};
use crate::connect::Address;
use crate::console::Console;
use crate::error::FAILED;
use crate::{Error, follow, show};

/// `tier0 runs`; gives the exit code.
pub(crate) async fn run(
    command: &RunsCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let address = Address::find(global)?;
    match command {
        RunsCommand::List { status, limit } => {
            let runs = list(&address, *status, *limit, console).await?;
            let document = RunsDocument { runs };
            console.answer(&document, || show::runs(&document.runs))?;
            Ok(0)
        }
        RunsCommand::Show { run_id } => {
            let run = one(&address, &RunId::new(run_id.as_str())?, console).await?;
            console.answer(&run, || show::run(&run))?;
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

async fn list(
    address: &Address,
    status: Option<RunStatus>,
    limit: usize,
    console: &Console,
) -> Result<Vec<RunView>, Error> {
    let limit = limit.clamp(1, orchestrator::api::MAX_LIMIT);
    if let Some(api) = address.api()? {
        let status =
            status.map(|status| format!("&status={}", status.as_str())).unwrap_or_default();
        match api.get::<RunsDocument>(&format!("/api/v1/runs?limit={limit}{status}")).await {
            Ok(document) => return Ok(document.runs),
            Err(error) => fall_back(&error, console)?,
        }
    }
    follow::all(&address.connect().await?, status, limit).await
}

async fn one(address: &Address, id: &RunId, console: &Console) -> Result<RunView, Error> {
    if let Some(api) = address.api()? {
        match api.get::<RunView>(&format!("/api/v1/runs/{id}")).await {
            Ok(run) => return Ok(run),
            // It may be forgotten there, or not yet known.
            Err(Error::HttpStatus { status: 404, .. }) => {}
            Err(error) => fall_back(&error, console)?,
        }
    }
    follow::once(&address.connect().await?, id).await?.ok_or_else(|| unknown(id))
}

fn fall_back(error: &Error, console: &Console) -> Result<(), Error> {
    tracing::debug!(error = error.with_causes(), "the orchestrator did not answer");
    console.note("the orchestrator does not answer; the stream is read instead");
    Ok(())
}

fn unknown(id: &RunId) -> Error {
    Error::Unknown { kind: "run", name: id.to_string(), known: Vec::new() }
}
