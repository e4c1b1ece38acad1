//! The bus against a real nats-server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test"
)]

mod deliveries;
mod key_value;
mod publishing;
mod setting_up;

use std::time::Duration;

use bus::{Bus, BusConfig, SetupOptions};
use tier0_tests::{NatsOptions, NatsServer};

/// The set-up with a short acknowledgement wait.
fn quick() -> SetupOptions {
    SetupOptions { ack_wait_seconds: 1.0, max_deliver: 3, ..SetupOptions::default() }
}

/// A server's options with more lines of configuration.
fn lines(lines: &str) -> NatsOptions {
    NatsOptions { lines: lines.to_owned(), ..NatsOptions::default() }
}

async fn connect(server: &NatsServer) -> Bus {
    Bus::connect(&BusConfig::new(server.url()), "test").await.expect("a connection")
}

async fn within<T>(seconds: u64, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(seconds), future).await.expect("in time")
}
