//! The definition of the program.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// The system measured on this machine, beside what it is built on.
#[derive(Debug, Parser)]
#[command(
    name = "tier0-bench",
    version,
    about = "The system measured on this machine, beside what it is built on",
    after_help = "Example:\n  tier0-bench handoff --json\n\n\
                  Exit codes: 0 done; 1 what is measured is not as it should be, or nothing could be measured; 2 bad usage."
)]
pub struct Cli {
    /// Benchmark to run.
    #[command(subcommand)]
    pub command: BenchCommand,
    /// Print one JSON document on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Where spans go by OTLP over gRPC, such as http://127.0.0.1:4317; nowhere without it
    #[arg(long, global = true, env = "TIER0_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<bus::SecretUrl>,
    /// Log more on standard error (-v, -vv)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// Benchmarks of `tier0-bench`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// What it takes to hand over from stage to stage, on a broker of its own
    #[command(after_help = "Example:\n  tier0-bench handoff --runs 200 --json\n\n\
                      Seven stages that do nothing go through the loop of the real agents, on a nats-server of its own that \
                      writes through to the disk; beside them, the same messages with bare async-nats (publish with \
                      acknowledgement, pull, confirmed acknowledgement).")]
    Handoff(BenchHandoff),
    /// A long queue of runs, and how the orchestrator bears it
    #[command(after_help = "Example:\n  tier0-bench ledger --runs 10000 --json\n\n\
                      Starts a nats-server of its own and the real orchestrator, publishes the first handoffs of so many \
                      runs, and times `tier0 runs list` and `tier0 runs show` as processes, from outside. Then the \
                      orchestrator is killed, and a new one reads the stream.")]
    Ledger(BenchLedger),
    /// Many versions, many writers, and how long looking up takes then
    #[command(
        after_help = "Example:\n  tier0-bench registry --versions 10000 --writers 8 --json\n\n\
                      Starts a nats-server of its own that writes through to the disk; writers with connections of their own \
                      register versions of one model and move an alias at the same time. Then every version is looked for, and \
                      look-ups, pages and searches are timed one after another."
    )]
    Registry(BenchRegistry),
    /// What the model server takes for an answer, beside a bare HTTP handler
    #[command(
        after_help = "Example:\n  tier0-bench serving --data train.csv --target Churn --json\n\n\
                      Starts a fleet of its own, has it train and deploy a model (of generated churn data where no file is \
                      given), and asks its model server: one row as V2 JSON over connections that are kept, batches of 1,000 \
                      rows, and with and without prediction events. Beside it, by turns, a bare axum handler that parses and \
                      answers the same JSON. The load runs on the same machine; for figures, let nothing else run there."
    )]
    Serving(BenchServing),
    /// A linear model, boosted trees and an ensemble, served and evaluated, beside a bare handler and LightGBM
    #[command(after_help = "Example:\n  tier0-bench models --json\n\n\
                      Learns the three from generated churn data, serves them by the real model server on a broker of its \
                      own, and asks it for one row over connections that are kept, for batches of 1,000 rows as JSON and as \
                      binary tensors, and with and without prediction events. The trees alone are evaluated on one thread, \
                      beside LightGBM's own predictor, whose bits they have. What is compared takes turns; of rates and CPU \
                      times the best turn is told, of quantiles the middle one.")]
    Models(BenchModels),
    /// Many endpoints of several versions in one model server: memory, start and switches
    #[command(
        after_help = "Example:\n  tier0-bench endpoints --endpoints 1000 --versions 3 --json\n\n\
                      Every version has a bundle of its own. A switch is timed from the change of the endpoint's record until \
                      the server says that the other version is live."
    )]
    Endpoints(BenchEndpoints),
    /// Half of what the model server can take, for long: no error, and memory that stays
    #[command(after_help = "Example:\n  tier0-bench soak --seconds 3600 --json\n\n\
                      Exits with 1 where a request failed or memory grew: where, after the first fifth of the time, the last \
                      quarter has 5 % (at least 2 MiB) more than the first.")]
    Soak(BenchSoak),
    /// Every statistic of drift between two generated tables of twenty columns
    #[command(
        after_help = "Examples:\n  tier0-bench drift --json\n  tier0-bench drift --rows 10000000 --json\n\n\
                      Exactly up to 200,000 rows, by sketches beyond, part by part, so that memory does not grow with rows. \
                      Generating the tables is not counted, but for the whole's peak of memory."
    )]
    Drift(BenchDrift),
    /// From a CSV to checked, cleaned and split tables
    #[command(
        after_help = "Examples:\n  tier0-bench prepare --json\n  tier0-bench prepare --rows 10000000 --json\n\n\
                      Generates a table of 30 columns (23 numbers, 5 texts, a date, the target; some cells missing), and does with \
                      it what the data-preparer does, in this process. Generating it is not counted."
    )]
    Prepare(BenchPrepare),
    /// A suite of twenty expectations on a generated file of twenty columns
    #[command(
        after_help = "Examples:\n  tier0-bench validate --json\n  tier0-bench validate --rows 100000 --write ./bench\n\n\
                      Runs `tier0 validate` on CSV and on Parquet, each as a process of its own, from its start to its end. \
                      Generating the files is not counted."
    )]
    Validate(BenchValidate),
    /// A load on any HTTP server, and what it takes
    #[command(
        after_help = "Example:\n  tier0-bench load --url http://127.0.0.1:8080/v2/models/m/infer --body row.json --pid 4711 --json"
    )]
    Load(BenchLoad),
}

/// Arguments of `drift`.
#[derive(Debug, Clone, Args)]
pub struct BenchDrift {
    /// Rows of either table
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(100..=1_000_000_000))]
    pub rows: u64,
    /// How often it is measured; the median is told
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub rounds: u16,
    /// Directory that the tables are written to as well, as reference.csv and current.csv
    #[arg(long, value_name = "D")]
    pub write: Option<PathBuf>,
}

/// Arguments of `prepare`.
#[derive(Debug, Clone, Args)]
pub struct BenchPrepare {
    /// Rows of the generated table
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(100..=1_000_000_000), conflicts_with = "data")]
    pub rows: u64,
    /// Table to prepare, in place of a generated one: a target of two classes, `no` and `yes`
    #[arg(long, value_name = "F")]
    pub data: Option<PathBuf>,
    /// Column that is predicted
    #[arg(long, value_name = "COL", default_value = sample::wide::TARGET)]
    pub target: String,
    /// File that the generated table is kept in
    #[arg(long, value_name = "F", conflicts_with = "data")]
    pub write: Option<PathBuf>,
}

/// Arguments of `validate`.
#[derive(Debug, Clone, Args)]
pub struct BenchValidate {
    /// Rows of the file
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(100..=100_000_000))]
    pub rows: u64,
    /// How often it is measured; the median is told
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub rounds: u16,
    /// Directory that data.csv, data.parquet and suite.json are left in
    #[arg(long, value_name = "D")]
    pub write: Option<PathBuf>,
}

/// Arguments of `registry`.
#[derive(Debug, Clone, Args)]
pub struct BenchRegistry {
    /// Versions to register, by all writers together
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub versions: u32,
    /// Writers at the same time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub writers: u32,
}

/// The model that is served in a measurement.
#[derive(Debug, Clone, Args)]
pub struct BenchModel {
    /// Table to train on, in place of generated churn data
    #[arg(long, value_name = "F", requires = "target")]
    pub data: Option<PathBuf>,
    /// Its column that is predicted
    #[arg(long, value_name = "COL", requires = "data")]
    pub target: Option<String>,
    /// Class counted as positive, for a target of two classes
    #[arg(long, value_name = "V", requires = "data")]
    pub positive: Option<String>,
    /// Seconds that the training may take
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub time_budget: u32,
}

/// Arguments of `serving`.
#[derive(Debug, Clone, Args)]
pub struct BenchServing {
    /// Model that is trained and served.
    #[command(flatten)]
    pub model: BenchModel,
    /// Connections, each with one request under way
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub connections: u16,
    /// Seconds of a turn
    #[arg(long, value_name = "S", default_value_t = 3.0, value_parser = positive)]
    pub seconds: f64,
    /// Turns of each kind
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub rounds: u16,
    /// Requests per second at which prediction events are judged
    #[arg(long, value_name = "R", default_value_t = 500.0, value_parser = positive)]
    pub rate: f64,
}

/// Arguments of `models`.
#[derive(Debug, Clone, Args)]
pub struct BenchModels {
    /// Boosted trees of 31 leaves, and those of each of the ensemble's five members
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub trees: u32,
    /// Connections, each with one request under way
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub connections: u16,
    /// Seconds of a turn
    #[arg(long, value_name = "S", default_value_t = 1.0, value_parser = positive)]
    pub seconds: f64,
    /// Turns of each kind
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub rounds: u16,
    /// Requests per second at which prediction events are judged
    #[arg(long, value_name = "R", default_value_t = 500.0, value_parser = positive)]
    pub rate: f64,
    /// Directory that the boosted trees are left in as model.onnx, with rows.json to be asked
    #[arg(long, value_name = "D")]
    pub write: Option<PathBuf>,
}

/// Arguments of `endpoints`.
#[derive(Debug, Clone, Args)]
pub struct BenchEndpoints {
    /// Endpoints of the server
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub endpoints: u32,
    /// Versions of each
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=3))]
    pub versions: u32,
    /// Boosted trees of each version; a linear model with 0
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub trees: u32,
}

/// Arguments of `soak`.
#[derive(Debug, Clone, Args)]
pub struct BenchSoak {
    /// Model that is trained and served.
    #[command(flatten)]
    pub model: BenchModel,
    /// Connections, each with one request under way
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub connections: u16,
    /// Seconds of load
    #[arg(long, value_name = "S", default_value_t = 3600.0, value_parser = positive)]
    pub seconds: f64,
}

/// Arguments of `load`.
#[derive(Debug, Clone, Args)]
pub struct BenchLoad {
    /// Where requests go: http://HOST:PORT/PATH
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// File with the body of each request
    #[arg(long, value_name = "F")]
    pub body: PathBuf,
    /// What the body is
    #[arg(long, value_name = "TYPE", default_value = "application/json")]
    pub content_type: String,
    /// Connections, each with one request under way
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub connections: u16,
    /// Seconds of load
    #[arg(long, value_name = "S", default_value_t = 10.0, value_parser = positive)]
    pub seconds: f64,
    /// Requests per second [default: as many as there can be]
    #[arg(long, value_name = "R", value_parser = positive)]
    pub rate: Option<f64>,
    /// Process whose CPU time and memory are told, with all below it
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
}

/// A number above zero.
fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "expected a number above zero".to_owned())
}

/// Arguments of `ledger`.
#[derive(Debug, Clone, Args)]
pub struct BenchLedger {
    /// Runs in the queue
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub runs: u32,
}

/// Arguments of `handoff`.
#[derive(Debug, Clone, Args)]
pub struct BenchHandoff {
    /// Runs through seven stages, one after another, of which the time per hop is taken
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub runs: u32,
    /// Handoffs of one stage, of which the throughput is taken for each number of replicas
    #[arg(long, value_name = "N", default_value_t = 600, value_parser = clap::value_parser!(u32).range(16..=1_000_000))]
    pub handoffs: u32,
    /// Numbers of replicas to measure, separated by commas
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_values_t = [1, 4, 16], value_parser = clap::value_parser!(u16).range(1..=256))]
    pub replicas: Vec<u16>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_measurement_has_an_example() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "{}", command.get_name());
        }
    }
}
