//! Starts the real thing for tests: a nats-server of its own, set up or not, or a whole fleet through `tier0 up`.
//!
//! Nothing here replaces a part of the system.
//! Everything that is started lives in a temporary directory, listens on free loopback ports, and ends with its value:
//! [`Fleet`] takes its processes down when it is dropped and, if the test is failing, prints the ends of their logs.
//! What is waited for is asked again and again within a bound ([`eventually!`]); nothing sleeps and hopes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a harness: it stops the test at the first surprise, and says what it skipped"
)]

mod broker;
mod certificates;
pub mod chaos;
mod data;
mod fleet;
pub mod histories;
mod hook;
pub mod load;
mod metrics;
mod mlflow_server;
mod nats_cluster;
mod nats_server;
mod otlp;
pub mod pipeline;
mod postgres_server;
mod programs;
mod prometheus;
mod prometheus_server;
mod python;
mod stages;
mod waiting;

pub use broker::Broker;
pub use certificates::Certificates;
pub use data::{
    Predictions, column, read_predictions, shared, shared_data, write_secret, write_table,
};
pub use fleet::{Fleet, FleetFile, FleetOptions, Submitted, turn};
pub use hook::{HookReceiver, ReceivedHook};
pub use metrics::roc_auc;
pub use mlflow_server::MlflowServer;
pub use nats_cluster::NatsCluster;
pub use nats_server::{NatsOptions, NatsServer};
pub use otlp::{OtlpReceiver, Span};
pub use postgres_server::PostgresServer;
pub use programs::{Finished, Process, installed, peak_memory, program, run, tier0, tier0_bench};
pub use prometheus::{Exposition, Sample};
pub use prometheus_server::PrometheusServer;
pub use python::Python;
pub use stages::{StageProcess, Stages};
pub use waiting::eventually;
