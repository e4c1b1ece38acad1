//! What happens to the broker: it is killed, full, short of patience, or a cluster that loses its leader. Real nats-servers, and
//! stages that do nothing as processes in the loop of the real agents.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says what it measured"
)]

mod cluster;
mod durability;
mod lanes;
mod poison;
mod restart;
mod runs;
mod slow_consumer;
mod storage_full;
