//! The registry against a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod annotations;
mod deployments;
mod ledger;
mod models;
mod monitors;
mod search;
mod servers;

use contracts::v1;

fn digest(digit: char) -> String {
    std::iter::repeat_n(digit, 64).collect()
}

fn bundle(digit: char) -> v1::ArtifactRef {
    v1::ArtifactRef {
        uri: format!("nats://TIER0_ARTIFACTS/{}", digest(digit)),
        sha256: digest(digit),
        bytes: 10,
        media_type: "application/vnd.tier0.bundle+tar".to_owned(),
        rows: 0,
    }
}
