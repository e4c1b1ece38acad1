//! Configuration of the observability-connector.

use std::path::PathBuf;

use bus::SecretUrl;
use monitoring::alerts::{KINDS, alert_kind_name};
use monitoring::settings::{Alerts, Degradation, Retraining, Severity, Traffic};
use process::{CheckConfig, FileProblems};
use serde::{Deserialize, Serialize};
use statistics::drift::Settings;

/// Configuration, under the keys `monitoring.…`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How endpoints are watched.
    pub monitoring: Monitoring,
}

/// How endpoints are watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Monitoring {
    /// Most events counted at once.
    pub batch_events: usize,
    /// Milliseconds that the first event of a batch waits for others.
    pub batch_milliseconds: u64,
    /// Seconds after which a replica looks at what others have counted.
    pub refresh_seconds: u64,
    /// Seconds between two checks of an endpoint.
    pub check_seconds: u64,
    /// Which answers are compared with the reference.
    pub window: Window,
    /// When a difference is a drift.
    pub drift: Settings,
    /// When a model is worse than it was.
    pub performance: Degradation,
    /// When too many requests fail or take too long.
    pub traffic: Traffic,
    /// How alerts come and go.
    pub alerts: Alerts,
    /// Where alerts are posted.
    pub webhooks: Vec<Webhook>,
    /// What is done about drift.
    pub retraining: Retraining,
}

impl Default for Monitoring {
    fn default() -> Self {
        Self {
            batch_events: 256,
            batch_milliseconds: 1000,
            refresh_seconds: 5,
            check_seconds: 10,
            window: Window::default(),
            drift: Settings::default(),
            performance: Degradation::default(),
            traffic: Traffic::default(),
            alerts: Alerts::default(),
            webhooks: Vec::new(),
            retraining: Retraining::default(),
        }
    }
}

/// Which answers are compared with the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Window {
    /// Seconds of a slice; a window is made of whole slices.
    pub slice_seconds: u64,
    /// Seconds of a window, its youngest slice included.
    pub seconds: u64,
    /// Fewest rows of a window that is compared.
    pub min_rows: u64,
    /// Most inputs that are watched.
    pub max_columns: usize,
}

impl Default for Window {
    fn default() -> Self {
        Self { slice_seconds: 60, seconds: 3600, min_rows: 500, max_columns: 100 }
    }
}

/// Where alerts are posted, as CloudEvents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Address, `https://…`; `http://` for loopback only.
    #[serde(serialize_with = "SecretUrl::serialize_origin")]
    pub url: SecretUrl,
    /// File with the secret that bodies are signed with (HMAC-SHA-256).
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// Least severity: `info`, `warning` or `critical`.
    #[serde(default)]
    pub min_severity: Severity,
    /// Kinds, such as `feature_drift`; all where there are none.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Attempts at a delivery.
    #[serde(default = "attempts")]
    pub attempts: u64,
}

fn attempts() -> u64 {
    8
}

impl CheckConfig for Config {
    fn problems(&self) -> Vec<String> {
        let Monitoring { window, performance, traffic, alerts, retraining, .. } = &self.monitoring;
        let mut problems = Vec::new();
        let mut check = |holds: bool, key: &str, found: String, expected: &str| {
            if !holds {
                problems.push(format!("monitoring.{key}: is {found}; expected {expected}"));
            }
        };
        let at = &self.monitoring;
        for (key, found, low, high) in [
            ("batch_events", at.batch_events as u64, 1, 4096),
            ("batch_milliseconds", at.batch_milliseconds, 0, 10_000),
            ("refresh_seconds", at.refresh_seconds, 1, 3600),
            ("check_seconds", at.check_seconds, 1, 3600),
            ("window.slice_seconds", window.slice_seconds, 1, 3600),
            ("window.seconds", window.seconds, 1, 7 * 86_400),
            ("window.min_rows", window.min_rows, 50, u64::MAX),
            ("window.max_columns", window.max_columns as u64, 1, 200),
            ("performance.min_labelled", performance.min_labelled as u64, 30, 20_000),
            ("performance.window_rows", performance.window_rows as u64, 100, 20_000),
            ("performance.segments", performance.segments as u64, 0, 20),
            ("traffic.seconds", traffic.seconds, 1, 3600),
            ("traffic.min_requests", traffic.min_requests, 1, u64::MAX),
            ("alerts.clear_checks", u64::from(alerts.clear_checks), 1, 1000),
            ("retraining.min_rows", retraining.min_rows as u64, 100, 20_000),
        ] {
            let expected = if high == u64::MAX {
                format!("at least {low}")
            } else {
                format!("{low} to {high}")
            };
            check((low..=high).contains(&found), key, found.to_string(), &expected);
        }
        for (key, found, limit) in [
            ("window.seconds", window.seconds / window.slice_seconds.max(1), 1440),
            (
                "performance.window_rows",
                performance.min_labelled as u64,
                performance.window_rows as u64,
            ),
            ("retraining.min_rows", retraining.min_rows as u64, performance.window_rows as u64),
        ] {
            let expected = match key {
                "window.seconds" => {
                    "at most 1440 slices in a window; make window.slice_seconds longer"
                }
                "retraining.min_rows" => "at most performance.window_rows",
                _ => "at least performance.min_labelled",
            };
            check(found <= limit, key, found.to_string(), expected);
        }
        for (key, low, high) in [
            ("performance", performance.warning, performance.critical),
            ("traffic", traffic.warning_error_rate, traffic.critical_error_rate),
        ] {
            let holds = low > 0.0 && low <= high && high.is_finite();
            check(
                holds,
                key,
                format!("{low} and {high}"),
                "a warning above 0 and at most what is critical",
            );
        }
        for (key, found) in [
            ("retraining.time_budget_seconds", retraining.time_budget_seconds),
            ("retraining.max_seconds_per_day", retraining.max_seconds_per_day),
        ] {
            check(found > 0.0 && found.is_finite(), key, found.to_string(), "more than 0 seconds");
        }
        if let Err(error) = self.monitoring.drift.check() {
            problems.push(format!("monitoring.drift: {error}"));
        }
        for (at, webhook) in self.monitoring.webhooks.iter().enumerate() {
            problems.extend(
                webhook
                    .problems()
                    .into_iter()
                    .map(|problem| format!("monitoring.webhooks[{at}].{problem}")),
            );
        }
        problems
    }

    fn file_problems(&self) -> Vec<String> {
        let mut files = FileProblems::default();
        for (at, webhook) in self.monitoring.webhooks.iter().enumerate() {
            let key = format!("monitoring.webhooks[{at}].secret_file");
            if let Some(Err(error)) = webhook.secret() {
                files.add(&key, &error);
            }
        }
        files.into_problems()
    }
}

impl Webhook {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        match outgoing::server(self.url.expose()) {
            Err(problem) => {
                problems
                    .push(format!("url: {problem}; expected https://…, or http:// to loopback"));
            }
            Ok(url) if url.scheme() != "https" && !outgoing::is_loopback(&url) => {
                problems.push("url: expected https://…, or http:// to loopback".to_owned());
            }
            Ok(_) => {}
        }
        let known: Vec<String> = KINDS.into_iter().map(alert_kind_name).collect();
        for kind in self.kinds.iter().filter(|kind| !known.contains(kind)) {
            problems.push(format!("kinds: `{kind}` is not known; expected {}", known.join(", ")));
        }
        if !(1..=100).contains(&self.attempts) {
            problems.push(format!("attempts: is {}; expected 1 to 100", self.attempts));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_right_and_everything_wrong_is_told_at_once() {
        assert_eq!(Config::default().problems(), Vec::<String>::new());
        let mut config = Config::default();
        config.monitoring.window.slice_seconds = 0;
        config.monitoring.performance.critical = 0.01;
        config.monitoring.retraining.min_rows = 6000;
        config.monitoring.webhooks.push(Webhook {
            url: "http://example.org/".into(),
            secret_file: None,
            min_severity: Severity::Info,
            kinds: vec!["drift".to_owned()],
            attempts: 0,
        });
        let problems = config.problems().join("\n");
        for key in [
            "window.slice_seconds",
            "monitoring.performance:",
            "retraining.min_rows",
            "webhooks[0].url",
            "webhooks[0].kinds",
            "webhooks[0].attempts",
        ] {
            assert!(problems.contains(key), "{key} in {problems}");
        }
        let allowed = |url: &str| {
            let webhook = Webhook {
                url: url.into(),
                secret_file: None,
                min_severity: Severity::Info,
                kinds: Vec::new(),
                attempts: 1,
            };
            webhook.problems().is_empty()
        };
        assert!(allowed("https://hooks.example.org/tier0"));
        assert!(allowed("http://127.0.0.1:8080/x"));
        assert!(!allowed("http://127.0.0.1.example.org/"));
        assert!(!allowed("ftp://localhost/"));
    }
}
