//! Configuration of the orchestrator: the part beside what every process has.

use std::net::SocketAddr;
use std::path::PathBuf;

use agent_runtime::CheckConfig;
use serde::{Deserialize, Serialize};

/// Configuration, under the keys `api.…` and `ledger.…`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The API's listener.
    pub api: Api,
    /// The ledger's bounds.
    pub ledger: LedgerConfig,
}

/// The API's listener.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Api {
    /// Its address; port 0 picks a free one.
    pub listen: SocketAddr,
    /// File with the bearer token that callers give; needed beyond loopback.
    pub token_file: Option<PathBuf>,
}

/// The ledger's bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LedgerConfig {
    /// Runs that are remembered; the longest silent are forgotten first.
    pub max_runs: usize,
}

impl Default for Api {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 0)), token_file: None }
    }
}

impl Default for LedgerConfig {
    fn default() -> Self {
        Self { max_runs: 2_000 }
    }
}

impl CheckConfig for Config {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !self.api.listen.ip().is_loopback() && self.api.token_file.is_none() {
            problems.push(format!(
                "api.listen: is {}, beyond loopback; give api.token_file, or listen on 127.0.0.1",
                self.api.listen
            ));
        }
        if !(1..=1_000_000).contains(&self.ledger.max_runs) {
            problems.push(format!(
                "ledger.max_runs: is {}; expected 1 to 1000000",
                self.ledger.max_runs
            ));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_told_at_once() {
        assert!(Config::default().problems().is_empty());
        let config = Config {
            api: Api { listen: SocketAddr::from(([0, 0, 0, 0], 80)), token_file: None },
            ledger: LedgerConfig { max_runs: 0 },
        };
        assert_eq!(config.problems().len(), 2);
    }
}
