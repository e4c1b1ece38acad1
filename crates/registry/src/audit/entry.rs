//! What differs between two revisions of a record.

use contracts::v1::FieldChange;
use contracts::{ContractError, encoding};
use serde_json::{Map, Value};

use super::LedgerRecord;

/// Longest value that an entry keeps, in characters; the record itself has the whole.
const MAX_VALUE_LENGTH: usize = 256;
/// Members that say who made the change and when, which the entry says itself, or that follow from others.
const HIDDEN_MEMBERS: [&str; 6] =
    ["change", "transitions", "updatedAt", "updatedBy", "reason", "latestVersion"];

/// The members that differ, by their paths in canonical proto JSON.
pub(super) fn changes<T: LedgerRecord>(
    before: Option<&T>,
    after: &T,
) -> Result<Vec<FieldChange>, ContractError> {
    let members = |record: &T| -> Result<Map<String, Value>, ContractError> {
        let mut members = match encoding::to_json(T::NAME, record)? {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        members.retain(|name, _| !HIDDEN_MEMBERS.contains(&name.as_str()));
        Ok(members)
    };
    let before = before.map(members).transpose()?.unwrap_or_default();
    let after = members(after)?;
    let mut changes = Vec::new();
    compare("", &before, &after, &mut changes);
    Ok(changes)
}

fn compare(
    path: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    changes: &mut Vec<FieldChange>,
) {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    for name in after.keys().chain(gone) {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match (before.get(name), after.get(name)) {
            (Some(Value::Object(before)), Some(Value::Object(after))) => {
                compare(&path, before, after, changes);
            }
            (before, after) if before != after => {
                changes.push(FieldChange { field: path, before: text(before), after: text(after) })
            }
            _ => {}
        }
    }
}

fn text(value: Option<&Value>) -> String {
    let Some(value) = value else { return String::new() };
    let text = value.to_string();
    match text.char_indices().nth(MAX_VALUE_LENGTH) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use contracts::v1::{ModelStage, ModelVersion, RegisteredModel};

    use super::*;

    fn shown(changes: &[FieldChange]) -> Vec<(&str, &str, &str)> {
        changes.iter().map(|c| (c.field.as_str(), c.before.as_str(), c.after.as_str())).collect()
    }

    #[test]
    fn members_that_differ_are_named_by_their_paths() {
        let before = RegisteredModel {
            model: "churn".into(),
            latest_version: 3,
            aliases: [("best".into(), 1), ("old".into(), 1)].into(),
            ..RegisteredModel::default()
        };
        let after = RegisteredModel {
            latest_version: 4,
            production_version: 2,
            aliases: [("best".into(), 2)].into(),
            ..before.clone()
        };
        assert_eq!(
            shown(&changes(Some(&before), &after).unwrap()),
            [("aliases.best", "1", "2"), ("aliases.old", "1", ""), ("productionVersion", "", "2")]
        );
        assert!(changes(Some(&after), &after).unwrap().is_empty());
    }

    #[test]
    fn the_first_revision_differs_from_nothing() {
        let version = ModelVersion {
            model: "churn".into(),
            version: 1,
            stage: ModelStage::None.into(),
            description: "é".repeat(1000),
            ..ModelVersion::default()
        };
        let changes = changes(None, &version).unwrap();
        assert_eq!(
            shown(&changes).iter().map(|change| change.0).collect::<Vec<_>>(),
            ["description", "model", "stage", "version"]
        );
        let description = &changes.first().unwrap().after;
        assert_eq!(description.chars().count(), MAX_VALUE_LENGTH + 1);
        assert!(description.ends_with('…'));
    }
}
