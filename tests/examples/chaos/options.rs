//! What a run of the harness is told, by its environment.

use std::str::FromStr;

/// Most runs: more would have to be looked up in pages.
const MAX_RUNS: usize = 100_000;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Runs of the pipeline.
    pub(crate) runs: usize,
    /// Seed of the schedule and of the choice of requests.
    pub(crate) seed: u64,
    /// Replicas of each agent.
    pub(crate) replicas: u32,
    /// Mean milliseconds between two faults.
    pub(crate) gap_ms: u64,
}

impl Options {
    /// Reads `CHAOS_RUNS`, `CHAOS_SEED`, `CHAOS_REPLICAS` and `CHAOS_GAP_MS`.
    pub(crate) fn from_environment() -> Result<Self, String> {
        let options = Self {
            runs: number("CHAOS_RUNS", 240)?,
            seed: number("CHAOS_SEED", 1)?,
            replicas: number("CHAOS_REPLICAS", 2)?,
            gap_ms: number("CHAOS_GAP_MS", 450)?,
        };
        if options.runs == 0 || options.runs > MAX_RUNS {
            return Err(format!("CHAOS_RUNS: is {}; expected 1 to {MAX_RUNS}", options.runs));
        }
        if options.replicas == 0 || options.replicas > 16 {
            return Err(format!("CHAOS_REPLICAS: is {}; expected 1 to 16", options.replicas));
        }
        if options.gap_ms < 10 {
            return Err(format!("CHAOS_GAP_MS: is {}; expected 10 or more", options.gap_ms));
        }
        Ok(options)
    }
}

fn number<T: FromStr>(name: &str, default: T) -> Result<T, String> {
    match std::env::var(name) {
        Err(std::env::VarError::NotPresent) => Ok(default),
        Ok(text) => text.parse().map_err(|_| format!("{name}: is {text:?}; expected a number")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
