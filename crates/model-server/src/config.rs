//! Configuration of the model server: the part beside what every process has.

use std::net::SocketAddr;
use std::path::PathBuf;

use process::http::{unencrypted, unprotected};
use process::{HttpConfig, ListenerTls};
use serde::{Deserialize, Serialize};

use crate::breaker::BreakerConfig;

/// Configuration, under the keys `serving.…`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Listeners and limits of the server, under the keys `serving.…`.
    pub serving: Serving,
}

/// Listeners and limits of the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Serving {
    /// Address of the REST listener; port 0 picks a free one.
    pub rest_listen: SocketAddr,
    /// Address of the gRPC listener; port 0 picks a free one.
    pub grpc_listen: SocketAddr,
    /// File with the bearer token that callers give; needed beyond loopback.
    pub token_file: Option<PathBuf>,
    /// TLS of both listeners; needed beyond loopback.
    pub tls: ListenerTls,
    /// Host under which others reach the listeners; the listener's own address where empty.
    pub advertised_host: String,
    /// Hosts beside those of loopback by which callers without a token may name the server, such as that of a proxy before it.
    pub allowed_hosts: Vec<String>,
    /// Most bytes of a request's body.
    pub max_body_bytes: usize,
    /// Most rows of a request.
    pub max_rows: usize,
    /// Most requests worked on or waiting at a time; more are turned away.
    pub max_in_flight: usize,
    /// Most bytes of bodies held at a time; more are turned away.
    pub max_bytes_in_flight: usize,
    /// Threads for large requests; 0 means one per core.
    pub workers: usize,
    /// Seconds that a body may take to arrive.
    pub body_seconds: u64,
    /// Seconds that a request may take from its head to its answer, where its caller does not ask for less.
    pub request_seconds: u64,
    /// Seconds that a connection may wait for the whole head of its next request.
    pub idle_seconds: u64,
    /// Most connections of each listener at a time; those that are idle make room for others, and more are turned away.
    pub max_connections: usize,
    /// Most rows of a request that are explained.
    pub max_explained_rows: usize,
    /// Milliseconds after the signal to end in which requests are still taken, each connection's last.
    pub leave_milliseconds: u64,
    /// Most bytes of bundles that stay loaded though no record names them.
    pub cache_bytes: u64,
    /// Seconds that such a bundle stays loaded.
    pub cache_seconds: u64,
    /// Most bytes of a bundle.
    pub max_bundle_bytes: u64,
    /// Whether prediction events are published.
    pub events: bool,
    /// Share of the answers that prediction events are published of, above 0 and at most 1.
    pub events_share: f64,
    /// Most answers that wait to be published; more are counted and dropped.
    pub max_waiting_events: usize,
    /// When a version that fails is left alone.
    pub breaker: BreakerConfig,
}

/// Most bytes of a bundle that is read at all.
fn bundle_limit() -> u64 {
    scoring::Limits::default().bytes as u64
}

impl Default for Serving {
    fn default() -> Self {
        Self {
            rest_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            grpc_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            token_file: None,
            tls: ListenerTls::default(),
            advertised_host: String::new(),
            allowed_hosts: Vec::new(),
            max_body_bytes: 16 << 20,
            max_rows: 65_536,
            max_in_flight: 512,
            max_bytes_in_flight: 256 << 20,
            workers: 0,
            body_seconds: 30,
            request_seconds: 30,
            idle_seconds: 60,
            max_connections: 4_096,
            max_explained_rows: 1_000,
            leave_milliseconds: 500,
            cache_bytes: 512 << 20,
            cache_seconds: 1_800,
            max_bundle_bytes: bundle_limit(),
            events: true,
            events_share: 1.0,
            max_waiting_events: 16_384,
            breaker: BreakerConfig::default(),
        }
    }
}

impl Serving {
    /// Everything that is wrong, each with what would be right.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (key, address) in self.listeners() {
            problems.extend(unencrypted(key, address, "serving.tls", &self.tls));
        }
        problems.extend(self.tls.problems("serving.tls"));
        for (key, value) in [
            ("max_body_bytes", self.max_body_bytes),
            ("max_rows", self.max_rows),
            ("max_in_flight", self.max_in_flight),
            ("max_waiting_events", self.max_waiting_events),
            ("max_connections", self.max_connections),
            ("max_explained_rows", self.max_explained_rows),
        ] {
            if value == 0 {
                problems.push(format!("serving.{key}: is 0; expected at least 1"));
            }
        }
        for (key, value) in [
            ("body_seconds", self.body_seconds),
            ("request_seconds", self.request_seconds),
            ("idle_seconds", self.idle_seconds),
        ] {
            if value == 0 {
                problems.push(format!("serving.{key}: is 0; expected at least 1"));
            }
        }
        if !(self.events_share > 0.0 && self.events_share <= 1.0) {
            problems.push(format!(
                "serving.events_share: is {}; expected above 0 and at most 1, or serving.events: false",
                self.events_share
            ));
        }
        if self.max_bundle_bytes == 0 {
            problems.push("serving.max_bundle_bytes: is 0; expected at least 1".to_owned());
        }
        if self.max_bundle_bytes > bundle_limit() {
            problems.push(format!(
                "serving.max_bundle_bytes: is {}; bundles of more than {} bytes are not read, whatever is set",
                self.max_bundle_bytes,
                bundle_limit()
            ));
        }
        if self.max_bytes_in_flight < self.max_body_bytes {
            problems.push(format!(
                "serving.max_bytes_in_flight: is {}; expected at least serving.max_body_bytes, {}",
                self.max_bytes_in_flight, self.max_body_bytes
            ));
        }
        problems.extend(self.breaker.problems());
        problems
    }

    /// Listeners that other machines reach and nothing protects, each with what would be right.
    pub(crate) fn unprotected(&self, http: &HttpConfig) -> Vec<String> {
        let token_file = self.token_file.as_deref();
        let found = self.listeners().into_iter().filter_map(|(key, address)| {
            unprotected(key, address, "serving.token_file", token_file, http)
        });
        found.collect()
    }

    /// Where it listens, by key.
    fn listeners(&self) -> [(&'static str, SocketAddr); 2] {
        [("serving.rest_listen", self.rest_listen), ("serving.grpc_listen", self.grpc_listen)]
    }

    /// Number of threads for large requests.
    pub fn threads(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            workers => workers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_have_no_problem() {
        assert_eq!(Serving::default().problems(), Vec::<String>::new());
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let serving = Serving {
            rest_listen: SocketAddr::from(([0, 0, 0, 0], 8080)),
            max_rows: 0,
            max_bytes_in_flight: 1,
            max_bundle_bytes: bundle_limit() + 1,
            ..Serving::default()
        };
        let problems = serving.problems();
        assert_eq!(problems.len(), 4, "{problems:?}");
        let mut http = HttpConfig::default();
        assert_eq!(serving.unprotected(&http).len(), 1);
        http.tokens_file = Some("tokens".into());
        assert!(serving.unprotected(&http).is_empty());
    }
}
