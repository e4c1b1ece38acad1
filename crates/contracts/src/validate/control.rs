//! Stage events, dead letters and finished work.

use super::checks;
use crate::v1::{DeadLetter, HandoffStatus, StageEvent, StageEventKind, StepRecord};
use crate::{ContractError, FieldError, FieldPath, MAX_PAYLOAD, Validate};

impl Validate for StageEvent {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("run_id"), &self.run_id)?;
        checks::agent(&at.field("agent"), &self.agent)?;
        let kind: StageEventKind = checks::choice(&at.field("kind"), self.kind)?;
        checks::in_range(&at.field("attempt"), self.attempt > 0, "1 or more")?;
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        let failure = at.field("failure");
        match kind {
            StageEventKind::Retrying | StageEventKind::DeadLettered => {
                checks::required(&failure, self.failure.as_ref(), "why")?;
            }
            _ => checks::consistent(&failure, self.failure.is_none(), || {
                "none but for a retry or a dead letter".to_owned()
            })?,
        }
        checks::share(&at.field("progress"), self.progress)?;
        checks::text(&at.field("detail"), &self.detail, checks::MAX_TEXT)
    }
}

impl Validate for DeadLetter {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("id"), &self.id, "stream and sequence of the original")?;
        checks::agent(&at.field("agent"), &self.agent)?;
        checks::non_blank(&at.field("subject"), &self.subject, 1024, "the subject it came on")?;
        let holds = self.payload.len() <= MAX_PAYLOAD;
        checks::in_range(&at.field("payload"), holds, "at most 1 MiB")?;
        checks::required(&at.field("reason"), self.reason.as_ref(), "why it was put aside")?;
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        checks::optional_name(&at.field("run_id"), &self.run_id)
    }
}

impl Validate for StepRecord {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        let place = at.field("output");
        let expected = "what the stage put out";
        let output = self.output.as_ref().and_then(|output| output.output.as_ref());
        output
            .ok_or_else(|| place.refuse(FieldError::Missing { expected }))?
            .validate_at(&place)?;
        let status: HandoffStatus = checks::choice(&at.field("status"), self.status)?;
        checks::consistent(&at.field("status"), status != HandoffStatus::Failed, || {
            "that of work that came to an output".to_owned()
        })?;
        checks::name(&at.field("run_id"), &self.run_id)?;
        checks::required_time(&at.field("at"), self.at.as_ref())
    }
}
