//! Monitors and prediction events.

use super::checks;
use crate::v1::{
    Alert, AlertKind, AlertRecord, AlertSeverity, AlertState, Answered, EventColumn, Feedback,
    Monitor, Performance, PredictionEvent, RetrainingAttempt, RetrainingRecord, RetrainingState,
};
use crate::{ContractError, FieldError, FieldPath, Validate};

impl Validate for Monitor {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        checks::name(&at.field("model"), &self.model)?;
        checks::in_range(&at.field("version"), self.version > 0, "1 or more")?;
        checks::digest(&at.field("digest"), &self.digest)?;
        let profile = at.field("reference_profile");
        checks::required(&profile, self.reference_profile.as_ref(), "the reference profile")?;
        checks::name(&at.field("run_id"), &self.run_id)?;
        checks::required_time(&at.field("registered_at"), self.registered_at.as_ref())?;
        checks::digest(&at.field("data_sha256"), &self.data_sha256)?;
        if let Some(reference) = &self.drift_reference {
            reference.validate_at(&at.field("drift_reference"))?;
        }
        let metrics = at.field("test_metrics");
        for (name, estimate) in &self.test_metrics {
            estimate.validate_at(&metrics.key(name))?;
        }
        checks::share(&at.field("threshold"), self.threshold)
    }
}

impl Validate for PredictionEvent {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("event_id"), &self.event_id, "the event's identity")?;
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        checks::in_range(&at.field("version"), self.version > 0, "1 or more")?;
        checks::digest(&at.field("digest"), &self.digest)?;
        let answers = at.field("answers");
        checks::not_empty(&answers, &self.answers, "the answers that the rows are of")?;
        checks::each(&answers, &self.answers)?;
        let rows: u64 = self.answers.iter().map(|answer| u64::from(answer.rows)).sum();
        checks::consistent(&answers, rows == u64::from(self.rows), || {
            format!("answers of {} rows in all", self.rows)
        })?;
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

impl Validate for Answered {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("request_id"), &self.request_id, "the request's identity")?;
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        checks::not_negative(&at.field("latency_ms"), self.latency_ms)?;
        let entities = at.field("entity_ids");
        let found = u32::try_from(self.entity_ids.len());
        checks::consistent(&entities, found == Ok(0) || found == Ok(self.rows), || {
            format!("none, or {}: one per row", self.rows)
        })?;
        for (index, entity) in self.entity_ids.iter().enumerate() {
            checks::text(&entities.index(index), entity, checks::MAX_IDENTIFIER)?;
        }
        Ok(())
    }
}

/// Most outcomes of one message.
const MAX_OUTCOMES: usize = 65_536;

impl Validate for Feedback {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("feedback_id"), &self.feedback_id, "the feedback's identity")?;
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        let request = at.field("request_id");
        let named = self.request_id.is_empty() != self.entity_id.is_empty();
        checks::consistent(&request, named, || "either this or `entity_id`".to_owned())?;
        checks::text(&request, &self.request_id, checks::MAX_IDENTIFIER)?;
        checks::text(&at.field("entity_id"), &self.entity_id, checks::MAX_IDENTIFIER)?;
        let outcomes = at.field("outcomes");
        checks::not_empty(&outcomes, &self.outcomes, "an outcome for each row of the request")?;
        let fits = self.entity_id.is_empty() || self.outcomes.len() == 1;
        checks::consistent(&outcomes, fits, || "one outcome for an entity".to_owned())?;
        checks::at_most(&outcomes, self.outcomes.len(), MAX_OUTCOMES)?;
        for (index, outcome) in self.outcomes.iter().enumerate() {
            checks::text(&outcomes.index(index), outcome, checks::MAX_TEXT)?;
        }
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        checks::optional_time(&at.field("observed_at"), self.observed_at.as_ref())
    }
}

impl Validate for Alert {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("alert_id"), &self.alert_id, "the alert's identity")?;
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        checks::choice::<AlertKind>(&at.field("kind"), self.kind)?;
        checks::choice::<AlertSeverity>(&at.field("severity"), self.severity)?;
        checks::non_blank(&at.field("reason"), &self.reason, checks::MAX_TEXT, "what was found")?;
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        checks::identifier(&at.field("raised_by"), &self.raised_by, "who says so")?;
        checks::text(&at.field("subject"), &self.subject, checks::MAX_COLUMN_NAME)?;
        checks::finite(&at.field("value"), self.value)?;
        checks::finite(&at.field("threshold"), self.threshold)?;
        if !self.run_id.is_empty() {
            checks::name(&at.field("run_id"), &self.run_id)?;
        }
        let findings = at.field("findings");
        checks::at_most(&findings, self.findings.len(), MAX_FINDINGS)?;
        for (index, finding) in self.findings.iter().enumerate() {
            let place = findings.index(index);
            checks::text(&place.field("message"), &finding.message, checks::MAX_TEXT)?;
            checks::text(&place.field("column"), &finding.column, checks::MAX_COLUMN_NAME)?;
        }
        Ok(())
    }
}

/// Most findings that an alert has.
const MAX_FINDINGS: usize = 200;

impl Validate for AlertRecord {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::required(&at.field("alert"), self.alert.as_ref(), "the alert")?;
        checks::choice::<AlertState>(&at.field("state"), self.state)?;
        checks::optional_choice::<AlertSeverity>(&at.field("sent"), self.sent)?;
        checks::required_time(&at.field("opened_at"), self.opened_at.as_ref())?;
        checks::required_time(&at.field("last_at"), self.last_at.as_ref())?;
        checks::optional_time(&at.field("acknowledged_at"), self.acknowledged_at.as_ref())?;
        checks::text(&at.field("note"), &self.note, checks::MAX_TEXT)?;
        checks::optional_time(&at.field("resolved_at"), self.resolved_at.as_ref())
    }
}

impl Validate for Performance {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        checks::in_range(&at.field("version"), self.version > 0, "1 or more")?;
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        for (field, estimates) in [("metrics", &self.metrics), ("estimated", &self.estimated)] {
            let place = at.field(field);
            for (name, estimate) in estimates {
                estimate.validate_at(&place.key(name))?;
            }
        }
        checks::finite_map(&at.field("reference"), &self.reference)?;
        checks::optional_time(&at.field("first_at"), self.first_at.as_ref())
    }
}

/// Most attempts that a record keeps.
const MAX_ATTEMPTS: usize = 50;

impl Validate for RetrainingRecord {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        let attempts = at.field("attempts");
        checks::at_most(&attempts, self.attempts.len(), MAX_ATTEMPTS)?;
        checks::each(&attempts, &self.attempts)
    }
}

impl Validate for RetrainingAttempt {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("request_id"), &self.request_id)?;
        checks::choice::<RetrainingState>(&at.field("state"), self.state)?;
        checks::required(&at.field("cause"), self.cause.as_ref(), "the cause")?;
        if let Some(batch) = &self.batch {
            batch.validate_at(&at.field("batch"))?;
        }
        checks::required_time(&at.field("started_at"), self.started_at.as_ref())?;
        checks::optional_time(&at.field("ended_at"), self.ended_at.as_ref())?;
        checks::text(&at.field("reason"), &self.reason, checks::MAX_TEXT)?;
        checks::not_negative(&at.field("seconds"), self.seconds)?;
        checks::optional_column(&at.field("time_column"), &self.time_column)
    }
}

impl EventColumn {
    fn check(&self, at: &FieldPath<'_>, rows: u32) -> Result<(), ContractError> {
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
                let problem = FieldError::OutOfRange { expected: "a row of the event" };
                return Err(missing.index(index).refuse(problem));
            }
        }
        Ok(())
    }
}
