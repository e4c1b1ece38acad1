//! The targets: each takes bytes as they come from outside to the code that reads them.

mod contract;
mod models;
mod requests;
mod suites;
mod tables;
mod uris;

use std::fmt;

/// Something that reads what outsiders send.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, which is that of its corpus.
    pub name: &'static str,
    /// How often a test runs it.
    pub runs_in_tests: u32,
    read: fn(&[u8]),
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Target {
    /// The target of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|target| target.name == name)
    }

    /// Reads an input, within the bound on memory.
    ///
    /// # Panics
    /// Where a promise of the code is broken.
    pub fn run(&self, input: &[u8]) {
        crate::memory::bounded(|| (self.read)(input));
    }
}

const fn target(name: &'static str, runs_in_tests: u32, read: fn(&[u8])) -> Target {
    Target { name, runs_in_tests, read }
}

/// Longest input in bytes.
pub const LONGEST: usize = 16 << 10;

/// All of them.
pub const ALL: &[Target] = &[
    target("handoff", 2000, contract::handoff),
    target("request", 2000, contract::request),
    target("feedback", 2000, contract::feedback),
    target("trace", 5000, contract::trace),
    target("bundle", 300, models::bundle),
    target("model", 1000, models::model),
    target("csv", 500, tables::csv),
    target("json_lines", 500, tables::json_lines),
    target("parquet", 300, tables::parquet),
    target("arrow", 300, tables::arrow),
    target("v2_rest", 1000, requests::v2_rest),
    target("v2_grpc", 1000, requests::v2_grpc),
    target("invocations", 1000, requests::invocations),
    target("suite", 500, suites::suite),
    target("uri", 3000, uris::uri),
];
