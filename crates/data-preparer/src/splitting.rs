//! The split of the rows, as the scope says it.

use std::collections::BTreeSet;

use contracts::stages::SplitMethod;
use statistics::Finding;
use tabular::split::{self, Method, Split, SplitError};
use tabular::target::Target;
use tabular::{Column, Table, parse};

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

impl From<SplitMethod> for Division {
    fn from(method: SplitMethod) -> Self {
        match method {
            SplitMethod::Time => Self::Time,
            SplitMethod::Entity => Self::Entity,
            SplitMethod::Random | SplitMethod::Stratified => Self::Random,
        }
    }
}

/// Code of the finding that rows are split by their entity although that was not asked for.
const BY_ENTITY: &str = "split_by_entity";
/// Code of the finding that rows are split by their time although that was not asked for.
const BY_TIME: &str = "split_by_time";
/// Code of the finding that rows have a time by which they are not split.
const NOT_BY_TIME: &str = "split_not_by_time";
/// Different times from which on a column of time orders rows; fewer, such as quarters of three years, are groups of them.
const MIN_TIMES: usize = 20;

/// Which column and method the scope names.
pub(crate) struct SplitRequest<'a> {
    /// None where the scope leaves it open.
    pub(crate) method: Option<SplitMethod>,
    pub(crate) entity_column: &'a str,
    pub(crate) time_column: &'a str,
    pub(crate) seed: u64,
}

/// Rows that are divided.
#[derive(Debug)]
pub(crate) struct Assigned {
    /// The split of each row.
    pub(crate) splits: Vec<Split>,
    /// What they are split by.
    pub(crate) method: SplitMethod,
    /// What a person should know.
    pub(crate) notes: Vec<Finding>,
}

/// The split of each row, or why there is none.
///
/// Where the scope leaves the method open, rows go by their entity where that repeats, else by their time where the scope names
/// one that orders them, else by chance. `inputs` has a key for each row, equal for rows of equal inputs: a random split keeps
/// these on one side.
pub(crate) fn assign(
    table: &Table,
    target: &Target,
    inputs: &[u64],
    wanted: &SplitRequest<'_>,
) -> Result<Assigned, Finding> {
    let mut notes = Vec::new();
    let keys = table.column(wanted.entity_column).map(split::entity_keys);
    let repeated = keys.as_ref().is_some_and(|keys| {
        let distinct: BTreeSet<u64> = keys.iter().copied().collect();
        distinct.len() < keys.len()
    });
    let usual =
        if target.classes.is_empty() { SplitMethod::Random } else { SplitMethod::Stratified };
    let mut method = wanted.method.unwrap_or(usual);
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
    let is_open = wanted.method.is_none() && method == usual && !wanted.time_column.is_empty();
    if is_open {
        match by_time(table, target, wanted) {
            Ok((splits, note)) => {
                notes.push(note);
                return Ok(Assigned { splits, method: SplitMethod::Time, notes });
            }
            Err(reason) => notes.push(not_by_time(wanted.time_column, &reason)),
        }
    }
    let named = method;
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
            Ok(splits) => return Ok(Assigned { splits, method: named, notes }),
            Err(error @ (SplitError::Unbalanced { .. } | SplitError::ClassMissing { .. })) => {
                notes.push(duplicates::divided(&worded(&error, target)));
            }
            Err(error) => return Err(unsplittable(&error, target)),
        }
    }
    match split::assign(method, wanted.seed) {
        Ok(splits) => Ok(Assigned { splits, method: named, notes }),
        Err(error) => Err(unsplittable(&error, target)),
    }
}

/// The split by the time that the scope names, with what is said of it; or why that time does not divide the rows.
fn by_time(
    table: &Table,
    target: &Target,
    wanted: &SplitRequest<'_>,
) -> Result<(Vec<Split>, Finding), String> {
    let name = wanted.time_column;
    let field = table.fields().iter().find(|field| field.name == name);
    let column_type = field.map(|field| field.column_type).filter(|of| of.is_temporal());
    let times = table.column(name).and_then(Column::numbers);
    let (Some(column_type), Some(times)) = (column_type, times) else {
        return Err("it is neither a date nor an instant".to_owned());
    };
    let distinct: BTreeSet<u64> =
        times.iter().filter(|time| time.is_finite()).map(|time| time.to_bits()).collect();
    if distinct.len() < MIN_TIMES {
        return Err(format!(
            "it has {} different values, and {MIN_TIMES} are needed to order the rows",
            distinct.len()
        ));
    }
    let splits = split::assign(Method::Time { times }, wanted.seed)
        .map_err(|error| worded(&error, target))?;
    if !target.classes.is_empty() {
        let there: BTreeSet<(Split, usize)> =
            splits.iter().zip(&target.values).map(|(of, value)| (*of, *value as usize)).collect();
        for split in Split::ALL {
            for (class, name) in target.classes.iter().enumerate() {
                if !there.contains(&(split, class)) {
                    let split = split.as_str();
                    return Err(format!("split {split} would have no row of class `{name}`"));
                }
            }
        }
    }
    let judged = |of: &Split| matches!(of, Split::Test | Split::HoldOut);
    let of_judged = times.iter().zip(&splits).filter(|(_, of)| judged(of));
    let (count, first) = of_judged
        .fold((0, f64::INFINITY), |(count, first), (time, _)| (count + 1, time.min(first)));
    let way = if target.classes.is_empty() { "random" } else { "stratified" };
    let message = format!(
        "`{name}` is the time of the rows, so that they are split by it: the test split and the hold-out are the {count} rows from {} on, and no time is in two splits; `--split {way}` (splitMethod) divides them by chance, where it is not later rows that will be predicted",
        parse::format(first, column_type)
    );
    Ok((splits, noted(BY_TIME, name, count, message)))
}

fn not_by_time(name: &str, reason: &str) -> Finding {
    let message = format!(
        "the rows are split by chance, and not by their time `{name}`: {reason}; where it is later rows that will be predicted, the metrics may be too good"
    );
    noted(NOT_BY_TIME, name, 0, message)
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

#[cfg(test)]
mod tests;
