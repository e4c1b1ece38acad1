//! The orchestrator's reading against a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

mod leaderboard;
mod routes;
