//! The monitor that was registered.

use super::parse::{forms, required};
use crate::v1::ArtifactRef;
use crate::validate::checks;
use crate::{ContractError, FieldPath, Validate};

/// Output of the observability-connector.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Monitoring {
    /// Identifier of the monitor: the endpoint's name.
    pub monitor: String,
    /// The model version that is watched, from 1.
    pub version: u32,
    /// SHA-256 of its bundle, 64 hexadecimal digits.
    pub digest: String,
    /// The profile that live rows are compared with, JSON (`statistics::Profile`).
    pub reference_profile: ArtifactRef,
    /// Columns that are watched, each once.
    pub watched_columns: Vec<String>,
    /// Subject of the prediction events.
    pub predictions_subject: String,
}

forms! {
    Monitoring { monitor, version, digest, watched_columns, predictions_subject }
    parse(message, at) {
        reference_profile: required(
            &at.field("reference_profile"),
            message.reference_profile.as_ref(),
            "the reference profile",
        )?,
    }
    back(monitoring) { reference_profile: Some(monitoring.reference_profile) }
}

impl Validate for Monitoring {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("monitor"), &self.monitor)?;
        checks::in_range(&at.field("version"), self.version > 0, "1 or more")?;
        checks::digest(&at.field("digest"), &self.digest)?;
        self.reference_profile.validate_at(&at.field("reference_profile"))?;
        checks::column_list(&at.field("watched_columns"), &self.watched_columns)?;
        let subject = at.field("predictions_subject");
        let expected = "the subject of the prediction events";
        checks::identifier(&subject, &self.predictions_subject, expected)
    }
}
