//! The split of the rows, as the scope says it.

use std::collections::BTreeSet;

use contracts::stages::SplitMethod;
use statistics::Finding;
use tabular::split::{self, Method, Split, SplitError};
use tabular::target::Target;
use tabular::{Column, Table};

use crate::duplicates;
use crate::issues::{blocking, noted};

/// What rows were split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Division {
    /// Chance, within each class or over all rows.
    Random,
    /// Their entities: those that were asked for, or that repeat.
    Entity,
    /// Their times.
    Time,
}

impl Division {
    /// What the method came to, with what was found on the way.
    pub(crate) fn of(method: SplitMethod, issues: &[Finding]) -> Self {
        match method {
            SplitMethod::Time => Self::Time,
            SplitMethod::Entity => Self::Entity,
            _ if issues.iter().any(|issue| issue.code == BY_ENTITY) => Self::Entity,
            SplitMethod::Random | SplitMethod::Stratified => Self::Random,
        }
    }
}

/// Code of the finding that rows are split by their entity although that was not asked for.
const BY_ENTITY: &str = "split_by_entity";

/// Which column and method the scope names.
pub(crate) struct SplitRequest<'a> {
    pub(crate) method: SplitMethod,
    pub(crate) entity_column: &'a str,
    pub(crate) time_column: &'a str,
    pub(crate) seed: u64,
}

/// The split of each row, and what a person should know; or why there is none.
///
/// `inputs` has a key for each row, equal for rows of equal inputs: a random split keeps these on one side.
pub(crate) fn assign(
    table: &Table,
    target: &Target,
    inputs: &[u64],
    wanted: &SplitRequest<'_>,
) -> Result<(Vec<Split>, Vec<Finding>), Finding> {
    let mut notes = Vec::new();
    let keys = table.column(wanted.entity_column).map(split::entity_keys);
    let repeated = keys.as_ref().is_some_and(|keys| {
        let distinct: BTreeSet<u64> = keys.iter().copied().collect();
        distinct.len() < keys.len()
    });
    let mut method = wanted.method;
    if repeated && matches!(method, SplitMethod::Random | SplitMethod::Stratified) {
        method = SplitMethod::Entity;
        let name = wanted.entity_column;
        notes.push(noted(
            BY_ENTITY,
            name,
            0,
            format!("`{name}` repeats, so that the rows are split by it: the same entity must not be in two splits"),
        ));
    }
    let times = table.column(wanted.time_column).and_then(Column::numbers);
    let method = match (method, &keys, times) {
        (SplitMethod::Entity, Some(keys), _) => Method::Entity { keys },
        (SplitMethod::Time, _, Some(times)) => Method::Time { times },
        (SplitMethod::Entity, None, _) => {
            return Err(no_column("entity_column", wanted.entity_column));
        }
        (SplitMethod::Time, _, None) => return Err(no_column("time_column", wanted.time_column)),
        (SplitMethod::Stratified, _, _) if !target.classes.is_empty() => {
            Method::Stratified { classes: &target.values }
        }
        _ => Method::Random { rows: table.rows() },
    };
    let together = match method {
        Method::Stratified { classes } => Some(Some(classes)),
        Method::Random { .. } => Some(None),
        Method::Entity { .. } | Method::Time { .. } | Method::Together { .. } => None,
    };
    if let Some(classes) = together.filter(|_| split::repeats(inputs) > 0) {
        match split::assign(Method::Together { keys: inputs, classes }, wanted.seed) {
            Ok(splits) => return Ok((splits, notes)),
            Err(error @ (SplitError::Unbalanced { .. } | SplitError::ClassMissing { .. })) => {
                notes.push(duplicates::divided(&worded(&error, target)));
            }
            Err(error) => return Err(unsplittable(&error, target)),
        }
    }
    match split::assign(method, wanted.seed) {
        Ok(splits) => Ok((splits, notes)),
        Err(error) => Err(unsplittable(&error, target)),
    }
}

fn no_column(role: &str, name: &str) -> Finding {
    let message = format!(
        "the rows are to be split by `{name}` ({role}), which is no column with usable values"
    );
    blocking("split_impossible", name, 0, message)
}

fn unsplittable(error: &SplitError, target: &Target) -> Finding {
    match error {
        SplitError::RareClass { class, rows } => {
            let name = target.classes.get(*class).map_or("", String::as_str);
            let message = format!(
                "class `{name}` of the target has {rows} rows; at least {} are needed to be in every split: give more, group it with another, or leave it out",
                split::MIN_CLASS_ROWS
            );
            blocking("class_too_rare", "", *rows as u64, message)
        }
        other => blocking("split_impossible", "", 0, worded(other, target)),
    }
}

/// The reason with the class by its name.
fn worded(error: &SplitError, target: &Target) -> String {
    match error {
        SplitError::ClassMissing { class, split } => format!(
            "split {} would have no row of class `{}`, whose rows hardly differ",
            split.as_str(),
            target.classes.get(*class).map_or("", String::as_str)
        ),
        other => other.to_string(),
    }
}
