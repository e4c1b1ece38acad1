//! What a run of the harness is told, by its environment.

use std::str::FromStr;

/// Most runs: more would have to be looked up in pages.
const MOST_RUNS: usize = 100_000;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Runs of the pipeline.
    pub(crate) runs: usize,
    /// Seed of the schedule and of the choice of requests.
    pub(crate) seed: u64,
    /// Replicas of each agent.
    pub(crate) replicas: u32,
}

impl Options {
    /// Reads `CHAOS_RUNS`, `CHAOS_SEED` and `CHAOS_REPLICAS`.
    pub(crate) fn from_environment() -> Result<Self, String> {
        let options = Self {
            runs: number("CHAOS_RUNS", 24)?,
            seed: number("CHAOS_SEED", 1)?,
            replicas: number("CHAOS_REPLICAS", 2)?,
        };
        if options.runs == 0 || options.runs > MOST_RUNS {
            return Err(format!("CHAOS_RUNS: is {}; expected 1 to {MOST_RUNS}", options.runs));
        }
        if options.replicas == 0 || options.replicas > 16 {
            return Err(format!("CHAOS_REPLICAS: is {}; expected 1 to 16", options.replicas));
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
