//! Artifacts, columns and rows.

use std::collections::BTreeSet;

use schema::{Field, Finding};

use super::checks;
use crate::v1::{ArtifactRef, ClassCount, ColumnSchema, ColumnType, RowAccount};
use crate::{ContractError, FieldError, FieldPath, Validate};

impl Validate for ArtifactRef {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::non_blank(&at.field("uri"), &self.uri, 2048, "where the artifact is")?;
        checks::digest(&at.field("sha256"), &self.sha256)?;
        checks::identifier(&at.field("media_type"), &self.media_type, "a media type")
    }
}

impl Validate for ColumnSchema {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::column(&at.field("name"), &self.name)?;
        checks::choice::<ColumnType>(&at.field("type"), self.r#type).map(|_| ())
    }
}

impl Validate for Field {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::column(&at.field("name"), &self.name)
    }
}

/// As [`fields`], of columns as they travel.
pub(crate) fn schema(at: &FieldPath<'_>, columns: &[ColumnSchema]) -> Result<(), ContractError> {
    columns_once(at, columns, |column| column.name.as_str())
}

/// Columns with a name each once; at least one.
pub(crate) fn fields(at: &FieldPath<'_>, fields: &[Field]) -> Result<(), ContractError> {
    columns_once(at, fields, |field| field.name.as_str())
}

fn columns_once<C: Validate>(
    at: &FieldPath<'_>,
    columns: &[C],
    name: impl Fn(&C) -> &str,
) -> Result<(), ContractError> {
    checks::not_empty(at, columns, "one column or more")?;
    checks::at_most(at, columns.len(), checks::MAX_COLUMNS)?;
    checks::each(at, columns)?;
    checks::unique(at, columns.iter().map(name))
}

pub(crate) fn class_counts(
    at: &FieldPath<'_>,
    classes: &[ClassCount],
) -> Result<(), ContractError> {
    for (index, class) in classes.iter().enumerate() {
        let place = at.index(index);
        checks::non_blank(&place.field("class"), &class.class, 1024, "a class")?;
        checks::in_range(&place.field("rows"), class.rows > 0, "1 or more")?;
    }
    checks::unique(at, classes.iter().map(|class| class.class.as_str()))
}

impl Validate for RowAccount {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        let mut accounted = self.kept;
        for (index, removal) in self.removed.iter().enumerate() {
            let place = at.field("removed");
            let place = place.index(index);
            let reason = place.field("reason");
            checks::non_blank(&reason, &removal.reason, checks::MAX_TEXT, "why they were removed")?;
            accounted = accounted.saturating_add(removal.rows);
        }
        checks::consistent(&at.field("read"), self.read == accounted, || {
            format!("{accounted}, the rows kept and removed")
        })
    }
}

impl Validate for Finding {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("code"), &self.code, "an identifier such as target_leakage")?;
        checks::non_blank(&at.field("message"), &self.message, checks::MAX_TEXT, "what was found")
    }
}

/// Names of features or parameters are texts, each once.
pub(crate) fn named_once<'a>(
    at: &FieldPath<'_>,
    field: &'static str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), ContractError> {
    let mut seen = BTreeSet::new();
    for (index, name) in names.enumerate() {
        if !seen.insert(name) {
            return Err(at.index(index).field(field).refuse(FieldError::Repeated));
        }
    }
    Ok(())
}
