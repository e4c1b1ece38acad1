//! How the inputs of a version differ from those of the versions that answered before it, and what that is to their callers.

use std::collections::{BTreeMap, BTreeSet};

use contracts::messages::{DeployedVersion, DeploymentRecord, ModelVersion};

use crate::deployment::DeploymentRun;
use crate::error::{DeployError, Error};

/// Most names of earlier inputs that a record keeps, and most bytes of them.
const MAX_EARLIER: usize = 2000;
const MAX_EARLIER_BYTES: usize = 64 << 10;

/// Names and types of a version's inputs.
pub(crate) type Inputs = BTreeMap<String, &'static str>;

/// The inputs of a registered version.
pub(crate) fn inputs(version: &ModelVersion) -> Inputs {
    let of = &version.signature_inputs;
    of.iter().map(|input| (input.name.clone(), taken(input.r#type().as_str_name()))).collect()
}

/// What a type of column takes, as callers see it: whole numbers and numbers are taken alike.
fn taken(column_type: &'static str) -> &'static str {
    match column_type.trim_start_matches("COLUMN_TYPE_") {
        "INTEGER" | "NUMBER" => "numbers",
        "BOOLEAN" => "booleans",
        "DATE" => "dates",
        "TIMESTAMP" => "instants",
        _ => "texts",
    }
}

/// What a version asks of callers beyond what the one before did, in words; none where it takes every request that the one
/// before took. An input that it no longer has is no such thing: servers answer without it.
pub(crate) fn demands(before: &Inputs, after: &Inputs) -> Option<String> {
    let mut found = Vec::new();
    let added: Vec<String> = after
        .iter()
        .filter(|(name, _)| !before.contains_key(*name))
        .map(|(name, kind)| format!("`{name}` ({kind})"))
        .collect();
    if !added.is_empty() {
        found.push(format!("needs {} besides", added.join(", ")));
    }
    for (name, kind) in after {
        if let Some(earlier) = before.get(name).filter(|earlier| *earlier != kind) {
            found.push(format!("takes {kind} in `{name}`, which had {earlier}"));
        }
    }
    (!found.is_empty()).then(|| found.join(", and "))
}

/// The names that a record keeps once a version is put up: inputs of versions that answered before, without those that the
/// version and the live one both take.
pub(crate) fn earlier(kept: &[String], before: &[Inputs], mine: &Inputs) -> Vec<String> {
    let live = before.first();
    let is_kept = |name: &&String| {
        !(mine.contains_key(*name) && live.is_some_and(|live| live.contains_key(*name)))
    };
    let mut known = BTreeSet::new();
    let mut bytes = 0;
    kept.iter()
        .chain(before.iter().flat_map(Inputs::keys))
        .filter(is_kept)
        .filter(|name| known.insert(name.as_str()))
        .take(MAX_EARLIER)
        .take_while(|name| {
            bytes += name.len();
            bytes <= MAX_EARLIER_BYTES
        })
        .cloned()
        .collect()
}

impl DeploymentRun<'_> {
    /// The inputs of the versions that answer and answered, the live one first; a version that the registry no longer has
    /// is passed over.
    pub(crate) async fn inputs_before(
        &self,
        record: &DeploymentRecord,
    ) -> Result<Vec<Inputs>, Error> {
        let mut found = Vec::new();
        for version in record.live.iter().chain(&record.previous) {
            found.extend(self.inputs_of(version).await?);
        }
        Ok(found)
    }

    async fn inputs_of(&self, version: &DeployedVersion) -> Result<Option<Inputs>, Error> {
        let registered = self.stage.registry.version(&version.model, version.version).await?;
        Ok(registered.as_ref().map(inputs))
    }

    /// Refuses a switch at once to a version that would refuse the callers of the live one, unless the request allows it.
    ///
    /// A version that gets its traffic step by step needs no such leave: what it refuses is answered by the live one and
    /// counted against it.
    pub(crate) async fn check_inputs(
        &self,
        record: &DeploymentRecord,
        version: &ModelVersion,
    ) -> Result<(), Error> {
        let Some(live) = record.live.as_ref().filter(|_| !self.plan.allow_input_changes) else {
            return Ok(());
        };
        if rollout::same_version(live, self.mine) {
            return Ok(());
        }
        let Some(before) = self.inputs_of(live).await? else { return Ok(()) };
        match demands(&before, &inputs(version)) {
            None => Ok(()),
            Some(demands) => Err(DeployError::InputsDiffer {
                version: self.mine.version,
                live: live.version,
                demands,
            }
            .into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(inputs: &[(&str, &'static str)]) -> Inputs {
        inputs.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect()
    }

    #[test]
    fn what_callers_have_to_change_is_said() {
        let before = of(&[("age", "numbers"), ("plan", "texts")]);
        assert_eq!(demands(&before, &before), None);
        assert_eq!(demands(&before, &of(&[("age", "numbers")])), None, "one less asks for nothing");
        assert_eq!(
            demands(&before, &of(&[("age", "texts"), ("extra", "numbers")])).as_deref(),
            Some("needs `extra` (numbers) besides, and takes texts in `age`, which had numbers")
        );
        assert_eq!(taken("COLUMN_TYPE_INTEGER"), taken("COLUMN_TYPE_NUMBER"));
    }

    #[test]
    fn names_that_callers_may_still_send_are_kept() {
        let kept = ["old".to_owned(), "age".to_owned()];
        let (live, previous) =
            (of(&[("age", "numbers"), ("plan", "texts")]), of(&[("town", "texts")]));
        let mine = of(&[("age", "numbers"), ("old", "numbers")]);
        let found = earlier(&kept, &[live, previous], &mine);
        assert_eq!(found, ["old", "plan", "town"], "`old` is refused by the live one");
        let many: Vec<String> = (0..5000).map(|number| format!("column-{number}")).collect();
        assert_eq!(earlier(&many, &[], &mine).len(), MAX_EARLIER);
        let long: Vec<String> = (0..500).map(|number| format!("{number:0500}")).collect();
        assert!(earlier(&long, &[], &mine).len() < 132);
    }
}
