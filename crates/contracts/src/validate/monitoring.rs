//! Monitors and prediction events.

use super::checks;
use crate::v1::{
    Alert, AlertKind, AlertSeverity, EventColumn, Feedback, Monitor, Monitoring, PredictionEvent,
};
use crate::{At, ContractError, FieldProblem, Validate};

impl Validate for Monitoring {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("monitor"), &self.monitor)?;
        checks::in_range(&at.field("version"), self.version > 0, "1 or more")?;
        checks::digest(&at.field("digest"), &self.digest)?;
        let profile = at.field("reference_profile");
        checks::required(&profile, self.reference_profile.as_ref(), "the reference profile")?;
        checks::column_list(&at.field("watched_columns"), &self.watched_columns)?;
        let subject = at.field("predictions_subject");
        let expected = "the subject of the prediction events";
        checks::identifier(&subject, &self.predictions_subject, expected)
    }
}

impl Validate for Monitor {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        checks::name(&at.field("model"), &self.model)?;
        checks::in_range(&at.field("version"), self.version > 0, "1 or more")?;
        checks::digest(&at.field("digest"), &self.digest)?;
        let profile = at.field("reference_profile");
        checks::required(&profile, self.reference_profile.as_ref(), "the reference profile")?;
        checks::name(&at.field("run_id"), &self.run_id)?;
        checks::required_time(&at.field("registered_at"), self.registered_at.as_ref())?;
        checks::digest(&at.field("data_sha256"), &self.data_sha256)
    }
}

impl Validate for PredictionEvent {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("event_id"), &self.event_id, "the event's identity")?;
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        checks::in_range(&at.field("version"), self.version > 0, "1 or more")?;
        checks::digest(&at.field("digest"), &self.digest)?;
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        checks::not_negative(&at.field("latency_ms"), self.latency_ms)?;
        for (name, columns) in [("inputs", &self.inputs), ("outputs", &self.outputs)] {
            let place = at.field(name);
            for (index, column) in columns.iter().enumerate() {
                column.check(&place.index(index), self.rows)?;
            }
            super::data::named_once(&place, "name", columns.iter().map(|c| c.name.as_str()))?;
        }
        Ok(())
    }
}

/// Most outcomes of one message.
const MAX_OUTCOMES: usize = 65_536;

impl Validate for Feedback {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("feedback_id"), &self.feedback_id, "the feedback's identity")?;
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        checks::identifier(&at.field("request_id"), &self.request_id, "the request's identity")?;
        let outcomes = at.field("outcomes");
        checks::not_empty(&outcomes, &self.outcomes, "an outcome for each row of the request")?;
        checks::at_most(&outcomes, self.outcomes.len(), MAX_OUTCOMES)?;
        for (index, outcome) in self.outcomes.iter().enumerate() {
            checks::text(&outcomes.index(index), outcome, checks::MAX_TEXT)?;
        }
        checks::required_time(&at.field("at"), self.at.as_ref())
    }
}

impl Validate for Alert {
    fn validate_at(&self, at: &At<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("alert_id"), &self.alert_id, "the alert's identity")?;
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        checks::choice::<AlertKind>(&at.field("kind"), self.kind)?;
        checks::choice::<AlertSeverity>(&at.field("severity"), self.severity)?;
        checks::given(&at.field("reason"), &self.reason, checks::MAX_TEXT, "what was found")?;
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        checks::identifier(&at.field("raised_by"), &self.raised_by, "who says so")
    }
}

impl EventColumn {
    fn check(&self, at: &At<'_>, rows: u32) -> Result<(), ContractError> {
        checks::column(&at.field("name"), &self.name)?;
        let count = |found: usize| u32::try_from(found) == Ok(rows);
        let holds = match (self.numbers.len(), self.texts.len()) {
            (0, texts) => count(texts),
            (numbers, 0) => count(numbers),
            _ => false,
        };
        checks::consistent(at, holds, || format!("{rows} numbers or {rows} texts"))?;
        let missing = at.field("missing");
        for (index, row) in self.missing.iter().enumerate() {
            if *row >= rows {
                let problem = FieldProblem::OutOfRange { expected: "a row of the event" };
                return Err(missing.index(index).refuse(problem));
            }
        }
        Ok(())
    }
}
