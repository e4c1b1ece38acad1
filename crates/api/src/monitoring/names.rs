//! Names of kinds, severities and states, as people write them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use contracts::v1::{AlertKind, AlertSeverity, AlertState, RetrainingState};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A text that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is no {what}; expected {known}")]
pub struct ParseNameError {
    /// Text that names no value.
    pub found: String,
    /// What it was to name.
    pub what: &'static str,
    /// The names that there are.
    pub known: String,
}

impl ParseNameError {
    pub(super) fn new(
        found: &str,
        what: &'static str,
        known: impl Iterator<Item = String>,
    ) -> Self {
        let known: Vec<String> = known.collect();
        Self { found: found.chars().take(40).collect(), what, known: known.join(", ") }
    }
}

/// An enumeration's value as it is told: without its prefix, in small letters.
pub(super) fn enum_name(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_lowercase()
}

macro_rules! named {
    ($(#[$about:meta])* $name:ident, $of:ident, $prefix:literal, $what:literal) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(pub $of);

        impl $name {
            /// All values, without the unspecified one.
            fn all() -> impl Iterator<Item = Self> {
                // The schema numbers its values without gaps, from the unspecified one on.
                (1..).map_while(|number| $of::try_from(number).ok()).map(Self)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($of).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let names: Vec<String> = Self::all().map(|one| one.to_string()).collect();
                json_schema!({"type": "string", "enum": names})
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&enum_name(self.0.as_str_name(), $prefix))
            }
        }

        impl FromStr for $name {
            type Err = ParseNameError;

            fn from_str(text: &str) -> Result<Self, ParseNameError> {
                let written = text.trim().to_lowercase().replace('-', "_");
                Self::all().find(|one| one.to_string() == written).ok_or_else(|| {
                    ParseNameError::new(text, $what, Self::all().map(|one| one.to_string()))
                })
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseNameError;

            fn try_from(text: String) -> Result<Self, ParseNameError> {
                text.parse()
            }
        }
    };
}

named!(
    /// What is wrong, such as `feature_drift`.
    Kind, AlertKind, "ALERT_KIND_", "kind of alert"
);
named!(
    /// How bad it is, such as `critical`.
    Severity, AlertSeverity, "ALERT_SEVERITY_", "severity"
);
named!(
    /// Where an alert stands, such as `active`.
    State, AlertState, "ALERT_STATE_", "state of an alert"
);
named!(
    /// Where a retraining stands, such as `proposed`.
    Progress, RetrainingState, "RETRAINING_STATE_", "state of a retraining"
);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn names_are_read_as_they_are_told() {
        for kind in Kind::all() {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert_eq!(Kind::all().count(), 7);
        assert_eq!(Kind(AlertKind::FeatureDrift).to_string(), "feature_drift");
        assert_eq!("Feature-Drift".parse(), Ok(Kind(AlertKind::FeatureDrift)));
        assert_eq!("critical".parse(), Ok(Severity(AlertSeverity::Critical)));
        assert_eq!(State(AlertState::Active).to_string(), "active");
        assert_eq!("dry_run".parse(), Ok(Progress(RetrainingState::DryRun)));
        assert_eq!(serde_json::to_value(Severity(AlertSeverity::Info)).unwrap(), "info");
    }

    #[test]
    fn a_name_that_is_none_is_told_with_those_that_are() {
        let error = "grave".parse::<Severity>().unwrap_err().to_string();
        assert_eq!(error, "`grave` is no severity; expected info, warning, critical");
        assert!("unspecified".parse::<Severity>().is_err());
    }
}
