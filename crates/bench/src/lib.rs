//! The program `tier0-bench`: the system measured on this machine, beside what it is built on.
//!
//! ```text
//! handoff ─▶ nats-server of its own ─┬─▶ chain: seven stages that do nothing, in the loop of the real agents ─┐
//!                                    └─▶ floor: the same messages with bare async-nats ──────────────────────┴─▶ times
//! ledger  ─▶ nats-server of its own ─▶ a queue without a consumer, the real orchestrator, the real command line
//! registry ▶ nats-server of its own ─▶ versions by many writers, then look-ups
//! drift   ─▶ two generated tables ─▶ every statistic of every column, exactly or by sketches
//! prepare ─▶ a generated CSV ─▶ what the data-preparer makes of it
//! validate ▶ a generated file ─▶ a suite of expectations by the real command line
//! serving ─▶ a fleet of its own, a model that it trained ─▶ a load on its model server, and on a bare HTTP handler
//! ```
//!
//! What is measured is the real programs, as a user starts them (they are looked for beside this one), or what they call.
//!
//! Invariants:
//! - Standard output holds the report and nothing else; with `--json`, exactly one document.
//! - The exit code is 0 done, 1 what was measured is not as it should be or nothing could be measured, 2 bad usage.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use contracts::failures;
use process::OtlpConfig;
use process::telemetry::Telemetry;
use serde_json::json;
use terminal::Console;

mod broker;
mod chain;
pub mod cli;
mod drift;
mod error;
mod floor;
mod handoff;
mod ledger;
mod prepare;
mod registry;
mod serving;
mod times;
mod validate;

pub use error::Error;

use cli::{BenchCommand, Cli};

/// Exit code: what was asked for failed.
const FAILED: u8 = 1;
/// Exit code: bad usage.
const USAGE: u8 = 2;
/// How long sending the last spans may hold up the end.
const LAST_SPANS: Duration = Duration::from_secs(2);

/// Runs the command line of `tier0-bench` and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _closed = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { 0 });
        }
    };
    let console = Console::new(cli.json);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(async {
            let telemetry = start_telemetry(&cli)?;
            let outcome = run(&cli.command, &console).await;
            telemetry.end(LAST_SPANS);
            outcome
        }),
        Err(error) => Err(Error::Output(error)),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let message = format!("the measurement failed: {}", failures::with_causes(&error));
            console.note(&format!("tier0-bench: {message}"));
            if console.is_json() {
                let document = json!({"error": {"code": error.code(), "message": message}});
                let _closed = console.answer(&document, String::new);
            }
            ExitCode::from(FAILED)
        }
    }
}

async fn run(command: &BenchCommand, console: &Console) -> Result<u8, Error> {
    match command {
        BenchCommand::Handoff(arguments) => handoff::handoff(arguments, console).await,
        BenchCommand::Ledger(arguments) => ledger::ledger(arguments, console).await,
        BenchCommand::Registry(arguments) => registry::registry(arguments, console).await,
        BenchCommand::Serving(arguments) => serving::serving(arguments, console).await,
        BenchCommand::Drift(arguments) => drift::drift(arguments, console),
        BenchCommand::Prepare(arguments) => prepare::prepare(arguments, console),
        BenchCommand::Validate(arguments) => validate::validate(arguments, console).await,
        BenchCommand::Soak(arguments) => serving::soak(arguments, console).await,
        BenchCommand::Models(arguments) => serving::models(arguments, console).await,
        BenchCommand::Endpoints(arguments) => serving::endpoints(arguments, console).await,
        BenchCommand::Load(arguments) => serving::load(arguments, console).await,
    }
}

/// Logs on standard error, and spans where `--otlp-endpoint` says.
fn start_telemetry(cli: &Cli) -> Result<Telemetry, Error> {
    let otlp = OtlpConfig { endpoint: cli.otlp_endpoint.clone(), ..OtlpConfig::default() };
    terminal::logs::start("tier0-bench", cli.verbose, &otlp).map_err(Error::Telemetry)
}
