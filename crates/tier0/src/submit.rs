//! `tier0 submit` and `tier0 run`: publishing a request, and following its run.

use std::collections::BTreeMap;
use std::time::Duration;

use api::Query as _;
use api::verdicts::{RunVerdicts, VerdictsDocument};
use bus::{Bus, Headers};
use client::FleetTls;
use contracts::{Agent, Lane, RunId, names, subjects};
use fleet::{Options, Supervisor};
use identities::Identity;
use process::spans::{self, MessageFacts};
use process::telemetry::{continue_from, current_trace, parent_in_environment};
use runs::ledger::{RunStatus, RunView};
use terminal::Console;
use tracing::Instrument as _;

use crate::access::broker_of;
use crate::cli::{self, Global, RequestArgs};
use crate::connect::{Address, directory};
use crate::error::{FAILED, USAGE};
use crate::{Error, follow, request, show};

/// What a run is shown as before anything is known of it.
fn unknown(status: RunStatus) -> RunView {
    RunView {
        run_id: None,
        name: String::new(),
        status,
        failed_stage: None,
        reason: None,
        code: None,
        suggestions: Vec::new(),
        model: None,
        metrics: BTreeMap::new(),
        endpoint: None,
        stages: Vec::new(),
        warnings: Vec::new(),
        seconds: None,
        created_at: None,
        ended_at: None,
        epoch: 0,
        priority: Lane::default().to_string(),
        text: String::new(),
        requested_by: String::new(),
        trace_id: None,
        trace_url: None,
    }
}

/// What the scope-definer answers.
#[derive(Debug)]
enum Intake {
    Accepted(RunId),
    Refused(Box<RunView>),
}

/// `tier0 submit`; gives the exit code.
pub(crate) async fn submit(
    arguments: &cli::Submit,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let message = request::message(&arguments.request)?;
    let bus = Address::find(global)?.connect().await?;
    let run = match publish(&bus, message).await? {
        Intake::Refused(view) => return refused(&view, console),
        Intake::Accepted(run) => run,
    };
    if !arguments.wait {
        let view = RunView { run_id: Some(run.to_string()), ..unknown(RunStatus::Queued) };
        console.answer(&view, || {
            format!("accepted as run {run}; follow it with `tier0 runs watch {run}`")
        })?;
        return Ok(0);
    }
    let view = follow::run(&bus, &run, arguments.timeout, console).await?;
    finish(&bus, &view, console).await
}

/// `tier0 run`; gives the exit code.
pub(crate) async fn run(
    arguments: &cli::Run,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    match Address::find(global) {
        Ok(address) => {
            let bus = address.connect().await?;
            on_fleet(&bus, &arguments.request, arguments.timeout, console).await
        }
        Err(Error::NoFleet { .. }) => on_temporary_fleet(arguments, global, console).await,
        Err(error) => Err(error),
    }
}

async fn on_temporary_fleet(
    arguments: &cli::Run,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    // Refused before a fleet is started for nothing.
    request::message(&arguments.request)?;
    let data_roots = request::roots(&arguments.request)?;
    let temporary = tempfile::tempdir()?;
    console.note(&format!(
        "no fleet runs in {}: a temporary one is started in {} and stopped at the end",
        directory(global).display(),
        temporary.path().display()
    ));
    let progress = console.progress("starting a temporary fleet");
    let options = Options { data_roots, timeout: Duration::from_secs(60), ..Options::default() };
    let mut supervisor =
        Supervisor::start(temporary.path(), &options, crate::signals::ended(), &|what| {
            progress.now(what)
        })
        .await?;
    drop(progress);
    let outcome = async {
        let address = Address::of_directory(temporary.path(), Identity::Operator, global)?;
        let bus = address.connect().await?;
        on_fleet(&bus, &arguments.request, arguments.timeout, console).await
    };
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    let outcome = async {
        let outcome = tokio::select! {
            outcome = outcome => outcome,
            () = crate::signals::ended() => Err(Error::Fleet(fleet::Error::Interrupted)),
        };
        let _watcher_gone = ended.send(());
        outcome
    };
    let watching = supervisor.watch(async {
        let _sender_gone = end.await;
    });
    let (outcome, watched) = tokio::join!(outcome, watching);
    supervisor.stop().await?;
    watched?;
    console.note("the temporary fleet has been stopped, and its endpoints with it");
    outcome
}

async fn on_fleet(
    bus: &Bus,
    request: &RequestArgs,
    timeout: f64,
    console: &Console,
) -> Result<u8, Error> {
    match publish(bus, request::message(request)?).await? {
        Intake::Refused(view) => refused(&view, console),
        Intake::Accepted(run) => {
            let view = follow::run(bus, &run, timeout, console).await?;
            finish(bus, &view, console).await
        }
    }
}

async fn publish(bus: &Bus, message: request::Message) -> Result<Intake, Error> {
    let (subject, bytes) = (subjects::REQUEST, message.payload.len());
    let span = spans::sending(MessageFacts { subject, id: None, bytes });
    let parent = parent_in_environment();
    if let Some(parent) = parent {
        continue_from(&span, parent);
    }
    let asking = async {
        let mut headers = Headers::new();
        headers.insert(names::CONTENT_TYPE, message.content_type);
        // Where this command makes no spans, its caller's is the parent.
        if let Some(parent) = current_trace().or(parent) {
            bus::trace::inject(&mut headers, parent);
        }
        let reply = api::submission::ask(bus, headers, message.payload).await?;
        match &reply.error {
            None => spans::of_run(&reply.run_id),
            Some(failure) => spans::failed(&failure.code, &failure.message),
        }
        Ok::<_, Error>(reply)
    };
    let reply = asking.instrument(span).await?;
    if reply.accepted {
        return Ok(Intake::Accepted(RunId::new(reply.run_id).map_err(Error::Reply)?));
    }
    let failure = reply.error.unwrap_or_default();
    Ok(Intake::Refused(Box::new(RunView {
        failed_stage: Some(Agent::ScopeDefiner.to_string()),
        reason: Some(failure.message),
        code: Some(failure.code),
        suggestions: failure.suggestions,
        ..unknown(RunStatus::Refused)
    })))
}

/// What the stages of a run decided, for those who may read its messages.
async fn verdicts(bus: &Bus, view: &RunView) -> Option<VerdictsDocument> {
    let run = view.run_id.clone().filter(|_| bus.name() != Identity::Client.as_str())?;
    let broker = broker_of(bus, &FleetTls::default()).await.ok()?;
    RunVerdicts { run }.read(&broker).await.ok()
}

fn refused(view: &RunView, console: &Console) -> Result<u8, Error> {
    if console.is_json() {
        console.answer(view, String::new)?;
    }
    console.note(&show::refusal(view));
    Ok(USAGE)
}

async fn finish(bus: &Bus, view: &RunView, console: &Console) -> Result<u8, Error> {
    let verdicts = if console.is_json() { None } else { verdicts(bus, view).await };
    console.answer(view, || show::ended(view, verdicts.as_ref()))?;
    Ok(if view.status == RunStatus::Succeeded { 0 } else { FAILED })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_refusal_has_the_shape_of_a_run() {
        let json = serde_json::to_value(unknown(RunStatus::Refused)).unwrap();
        for key in [
            "run_id",
            "status",
            "failed_stage",
            "reason",
            "model",
            "metrics",
            "endpoint",
            "stages",
            "warnings",
        ] {
            assert!(json.get(key).is_some(), "{key}");
        }
        assert_eq!(json["status"], "refused");
    }
}
