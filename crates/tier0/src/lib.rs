//! The command line of tier0.
//!
//! ```text
//! submit ─▶ tier0.v1.request ─▶ scope-definer's answer ─▶ follow (the stream itself) ─▶ RunView as JSON or text
//! runs, models, endpoints, alerts, retraining ─▶ Access ─▶ the orchestrator's API, or the broker where it is down
//! up     ─▶ fleet::Supervisor ─▶ children, fleet.json
//! ```
//!
//! Invariants:
//! - Standard output holds the answer and nothing else; with `--json`, exactly one document.
//! - The exit code is 0 done, 1 what was asked for failed, 2 bad input or usage, 3 no fleet reachable.
//! - Nothing of a run depends on the command line: who submits may go away.

use std::io::ErrorKind;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use process::OtlpConfig;
use process::telemetry::Telemetry;
use serde_json::json;

mod access;
mod alerts;
mod artifacts_gc;
mod audit;
mod backups;
mod benchmarks;
pub mod cli;
pub mod connect;
mod dead_letters;
mod doctor;
pub mod drift;
mod embedded;
mod endpoints;
mod error;
mod feedback;
mod follow;
mod health;
mod leaderboard;
mod models;
mod output;
pub mod predict;
pub mod profile;
mod report;
pub mod request;
mod retraining;
mod runs;
mod safety_backup;
mod security;
mod shell;
mod show;
mod signals;
mod submit;
mod timeline;
mod tokens;
pub mod validate;
mod verdicts;

pub use error::Error;

use cli::{Cli, Command, Global, SampleCommand};
use terminal::Console;

/// How long sending the last spans may hold up the end of a command.
const LAST_SPANS: Duration = Duration::from_secs(2);

/// Runs the command line of `tier0` and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            return print_usage(&error);
        }
    };
    tell_panics_of_decoders_once();
    let console = Console::new(cli.global.json);
    if let Command::Bench { arguments } = &cli.command {
        return print_error(&benchmarks::exec_bench(arguments, &cli.global), &console);
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(async {
            let telemetry = start_telemetry(&cli.global)?;
            if let Command::Up(up) = &cli.command
                && up.supervised
                && let Err(error) = rustix::process::setsid()
            {
                tracing::warn!(%error, "no session of its own; the fleet may end with this terminal");
            }
            let outcome = run(&cli, &console).await;
            telemetry.end(LAST_SPANS);
            outcome
        }),
        Err(error) => Err(Error::Output(error)),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        // The reader of the output, as `head`, has read enough.
        Err(Error::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => print_error(&error, &console),
    }
}

/// A decoder that panics is told of by the error that comes of it, and not before.
fn tell_panics_of_decoders_once() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if guard::is_decoding() {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::debug!(place, "a decoder broke off");
        } else {
            tell(panic);
        }
    }));
}

async fn run(cli: &Cli, console: &Console) -> Result<u8, Error> {
    let global = &cli.global;
    match &cli.command {
        Command::Up(arguments) => embedded::up(arguments, global, console).await,
        Command::Down(arguments) => embedded::down(arguments, global, console).await,
        Command::Setup(arguments) => embedded::setup(arguments, global, console).await,
        Command::Submit(arguments) => submit::submit(arguments, global, console).await,
        Command::Run(arguments) => submit::run(arguments, global, console).await,
        Command::Runs(arguments) => runs::run(&arguments.command, global, console).await,
        Command::Report(arguments) => report::run(arguments, global, console).await,
        Command::Completions(arguments) => shell::completions(arguments, console),
        Command::Man(arguments) => shell::man(arguments, console),
        Command::Models(arguments) => models::run(&arguments.command, global, console).await,
        Command::Endpoints(arguments) => endpoints::run(&arguments.command, global, console).await,
        Command::DeadLetters(arguments) => {
            dead_letters::run(&arguments.command, global, console).await
        }
        Command::Predict(arguments) => {
            let client = connect::Address::find(global)?.model_server(&arguments.endpoint).await?;
            predict::run(arguments, &client, console).await.map(|()| 0)
        }
        Command::Drift(arguments) => drift::run(arguments, console),
        Command::Validate(arguments) => validate::run(arguments, console),
        Command::Profile(arguments) => profile::run(arguments, console).await,
        Command::Feedback(arguments) => feedback::run(arguments, global, console).await,
        Command::Alerts(arguments) => alerts::run(&arguments.command, global, console).await,
        Command::Retraining(arguments) => {
            retraining::run(&arguments.command, global, console).await
        }
        Command::Sample(arguments) => match &arguments.command {
            SampleCommand::Churn(churn) => embedded::sample_churn(churn, global, console),
        },
        Command::Security(arguments) => security::run(&arguments.command, global, console).await,
        Command::Doctor(arguments) => doctor::run(arguments, global, console).await,
        Command::Backup(arguments) => backups::run(&arguments.command, global, console).await,
        Command::Artifacts(arguments) => {
            artifacts_gc::run(&arguments.command, global, console).await
        }
        Command::Audit(arguments) => audit::run(&arguments.command, global, console).await,
        Command::Health => health::run(global, console).await,
        // Handed over before anything was started.
        Command::Bench { .. } => Ok(0),
    }
}

/// What the command line says of arguments that it does not take, or of itself where it is asked; with `--json` an error is the one
/// document besides.
fn print_usage(error: &clap::Error) -> ExitCode {
    let _closed = error.print();
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    if std::env::args_os().any(|argument| argument == "--json") {
        print_document("usage", error.render().to_string().trim(), &Console::new(true));
    }
    ExitCode::from(error::USAGE)
}

/// Says why nothing came of it: on standard error, and with `--json` as the one document.
fn print_error(error: &Error, console: &Console) -> ExitCode {
    let message = error.with_causes();
    console.note(&format!("tier0: {message}"));
    if console.is_json() {
        print_document(error.code(), &message, console);
    }
    ExitCode::from(error.exit_code())
}

/// The one document of a command that did nothing.
fn print_document(code: &str, message: &str, console: &Console) {
    let document = json!({"error": {"code": code, "message": message}});
    let _closed = console.answer(&document, String::new);
}

/// Logs on standard error, and spans where `--otlp-endpoint` says.
fn start_telemetry(global: &Global) -> Result<Telemetry, Error> {
    let otlp = OtlpConfig { endpoint: global.otlp_endpoint.clone(), ..OtlpConfig::default() };
    terminal::logs::start("tier0", global.verbose, &otlp).map_err(Error::Telemetry)
}
