//! The registry's own records, and the ledger of their changes.

use std::collections::BTreeMap;

use super::checks;
use crate::v1::{
    FieldChange, LedgerEntry, ModelVersion, Note, RecordAction, RecordChange, RegisteredModel,
    VersionClaim,
};
use crate::{ContractError, FieldPath, Validate, limits};

impl Validate for RecordChange {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::choice::<RecordAction>(&at.field("action"), self.action)?;
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        checks::identifier(&at.field("by"), &self.by, "who did it")?;
        checks::text(&at.field("reason"), &self.reason, checks::MAX_TEXT)
    }
}

impl Validate for Note {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::non_blank(&at.field("text"), &self.text, checks::MAX_TEXT, "a note")?;
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        checks::identifier(&at.field("by"), &self.by, "who wrote it")
    }
}

impl Validate for RegisteredModel {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("model"), &self.model)?;
        let holds = self.production_version <= self.latest_version;
        checks::in_range(&at.field("production_version"), holds, "at most latest_version")?;
        checks::text(&at.field("description"), &self.description, checks::MAX_TEXT)?;
        tags(&at.field("tags"), &self.tags)?;
        let aliases = at.field("aliases");
        checks::at_most(&aliases, self.aliases.len(), limits::ALIASES)?;
        for (alias, version) in &self.aliases {
            checks::name(&aliases.key(alias), alias)?;
            let holds = (1..=self.latest_version).contains(version);
            checks::in_range(&aliases.key(alias), holds, "1 to latest_version")?;
        }
        change(&at.field("change"), self.change.as_ref())?;
        checks::optional_time(&at.field("created_at"), self.created_at.as_ref())
    }
}

impl Validate for VersionClaim {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::name(&at.field("model"), &self.model)?;
        checks::name(&at.field("run_id"), &self.run_id)?;
        checks::in_range(&at.field("first_version"), self.first_version > 0, "1 or more")?;
        let earlier = at.field("earlier_versions");
        checks::at_most(&earlier, self.earlier_versions.len(), limits::EARLIER_VERSIONS)?;
        let holds = self.earlier_versions.iter().all(|number| *number < self.first_version);
        checks::in_range(&earlier, holds, "less than first_version")
    }
}

impl Validate for LedgerEntry {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("bucket"), &self.bucket, "the bucket")?;
        checks::in_range(&at.field("revision"), self.revision > 0, "1 or more")?;
        let before = at.field("before_revision");
        checks::in_range(&before, self.before_revision < self.revision, "less than revision")?;
        checks::optional_name(&at.field("model"), &self.model)?;
        checks::optional_name(&at.field("endpoint"), &self.endpoint)?;
        let is_of_a_record = self.action != i32::from(RecordAction::Collected);
        let records = u8::from(!self.model.is_empty()) + u8::from(!self.endpoint.is_empty());
        checks::consistent(&at.field("endpoint"), records == u8::from(is_of_a_record), || {
            "a model or an endpoint, and neither where artifacts were collected".to_owned()
        })?;
        checks::choice::<RecordAction>(&at.field("action"), self.action)?;
        checks::required_time(&at.field("at"), self.at.as_ref())?;
        checks::identifier(&at.field("by"), &self.by, "who did it")?;
        checks::text(&at.field("reason"), &self.reason, checks::MAX_TEXT)?;
        checks::each(&at.field("changes"), &self.changes)?;
        if let Some(record) = &self.deployment {
            record.validate_at(&at.field("deployment"))?;
        }
        if let Some(record) = &self.registered_model {
            record.validate_at(&at.field("registered_model"))?;
        }
        Ok(())
    }
}

impl Validate for FieldChange {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::non_blank(&at.field("field"), &self.field, checks::MAX_TEXT, "the field")?;
        checks::text(&at.field("before"), &self.before, checks::MAX_TEXT)?;
        checks::text(&at.field("after"), &self.after, checks::MAX_TEXT)
    }
}

/// What people and tools add to a version.
pub(super) fn annotations(at: &FieldPath<'_>, version: &ModelVersion) -> Result<(), ContractError> {
    checks::text(&at.field("description"), &version.description, checks::MAX_TEXT)?;
    tags(&at.field("tags"), &version.tags)?;
    let notes = at.field("notes");
    checks::at_most(&notes, version.notes.len(), limits::NOTES)?;
    checks::each(&notes, &version.notes)?;
    change(&at.field("change"), version.change.as_ref())
}

fn tags(at: &FieldPath<'_>, tags: &BTreeMap<String, String>) -> Result<(), ContractError> {
    checks::at_most(at, tags.len(), limits::TAGS)?;
    for (key, value) in tags {
        checks::identifier(&at.key(key), key, "the tag's key")?;
        checks::text(&at.key(key), value, limits::TAG_VALUE)?;
    }
    Ok(())
}

fn change(at: &FieldPath<'_>, change: Option<&RecordChange>) -> Result<(), ContractError> {
    change.map_or(Ok(()), |change| change.validate_at(at))
}
