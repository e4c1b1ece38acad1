//! Tables from where others keep and write them: databases, and files of other programs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says what it skipped"
)]

mod formats;
mod postgres;
