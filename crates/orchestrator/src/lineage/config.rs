//! Where lineage goes: nowhere, unless that is asked for.

use std::path::PathBuf;
use std::time::Duration;

use bus::SecretUrl;
use serde::{Deserialize, Serialize};

/// Where lineage goes, under the keys `lineage.…`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LineageConfig {
    /// What kind of place.
    pub sink: SinkKind,
    /// For `file`: the file to which lines of JSON are appended.
    pub file: Option<PathBuf>,
    /// For `http`: where events are posted, such as `http://marquez:5000/api/v1/lineage`.
    pub url: Option<SecretUrl>,
    /// For `http`: file with the bearer token.
    pub token_file: Option<PathBuf>,
    /// For `http`: seconds that an answer may take.
    pub timeout_seconds: f64,
    /// Namespace of jobs and datasets.
    pub namespace: String,
}

/// What kind of place lineage goes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SinkKind {
    /// Events are not written.
    #[default]
    None,
    /// Lines of JSON at the end of a file.
    File,
    /// An endpoint that takes RunEvents.
    Http,
    /// The subject `tier0.v1.lineage`, which the stream `TIER0_LINEAGE` keeps.
    Nats,
}

impl Default for LineageConfig {
    fn default() -> Self {
        Self {
            sink: SinkKind::None,
            file: None,
            url: None,
            token_file: None,
            timeout_seconds: 10.0,
            namespace: "tier0".to_owned(),
        }
    }
}

impl LineageConfig {
    pub(super) fn timeout(&self) -> Duration {
        // Out of range only where the configuration was not checked.
        Duration::try_from_secs_f64(self.timeout_seconds).unwrap_or(Duration::from_secs(10))
    }

    /// What is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let missing = |key: &str, example: &str| {
            format!("lineage.{key}: is needed for this lineage.sink, such as {example}")
        };
        match (self.sink, &self.file, &self.url) {
            (SinkKind::File, None, _) => {
                problems.push(missing("file", "/var/lib/tier0/lineage.jsonl"));
            }
            (SinkKind::Http, _, None) => {
                problems.push(missing("url", "http://127.0.0.1:5000/api/v1/lineage"));
            }
            _ => {}
        }
        if let Some(url) = &self.url
            && let Err(problem) = outgoing::server(url.expose())
        {
            problems.push(format!(
                "lineage.url: is {url}, which {problem}; expected a URL with http or https"
            ));
        }
        if !(0.1..=300.0).contains(&self.timeout_seconds) {
            problems.push(format!(
                "lineage.timeout_seconds: is {}; expected 0.1 to 300",
                self.timeout_seconds
            ));
        }
        if self.namespace.trim().is_empty() {
            problems.push("lineage.namespace: is empty; expected a name such as tier0".to_owned());
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_needs_its_place() {
        assert!(LineageConfig::default().problems().is_empty());
        for (sink, file, url, problems) in [
            (SinkKind::File, None, None, 1),
            (SinkKind::File, Some("x.jsonl"), None, 0),
            (SinkKind::Http, None, None, 1),
            (SinkKind::Http, None, Some("marquez:5000"), 1),
            (SinkKind::Http, None, Some("https://marquez/api/v1/lineage"), 0),
            (SinkKind::Nats, None, None, 0),
        ] {
            let config = LineageConfig {
                sink,
                file: file.map(PathBuf::from),
                url: url.map(SecretUrl::from),
                ..LineageConfig::default()
            };
            assert_eq!(config.problems().len(), problems, "{config:?}");
        }
        let config = LineageConfig {
            timeout_seconds: 0.0,
            namespace: " ".into(),
            ..LineageConfig::default()
        };
        assert_eq!(config.problems().len(), 2);
    }
}
