//! Missing values that are filled from the row before or behind, by time, of the same entity and the same split.

use std::sync::atomic::{AtomicUsize, Ordering};

use contracts::stages::{MissingRule, Scope};
use tables::StoredTable;
use tabular::split::{self, Split};
use tabular::{Column, TextColumn};

use crate::error::Error;
use crate::prepare::Unprepared;

/// Missing values of the columns that are filled, at most: 12 bytes each, and 16 of a number.
const MAX_FILLED: usize = 16 * 1024 * 1024;

/// The order of the rows: split by split, entity by entity, by time.
#[derive(Debug)]
pub(crate) struct Order {
    /// Places of the rows in order.
    rows: Vec<u32>,
    /// For each place of [`Self::rows`], whether it is the first of its entity and split.
    begins: Vec<bool>,
    /// Values that were filled so far, over all columns.
    filled: AtomicUsize,
}

impl Order {
    /// The order of the rows; those without a time come first.
    pub(crate) fn new(
        table: &StoredTable,
        scope: &Scope,
        splits: &[Split],
    ) -> Result<Self, Unprepared> {
        let narrow = table.select(&[&scope.entity_column, &scope.time_column])?;
        let times = narrow.column(&scope.time_column).and_then(Column::numbers).unwrap_or_default();
        let entities = narrow.column(&scope.entity_column).map(split::entity_keys);
        let group = |row: u32| {
            let place = usize::try_from(row).unwrap_or(usize::MAX);
            let entity = entities.as_ref().and_then(|keys| keys.get(place)).copied();
            (splits.get(place).map(|split| split.as_str()), entity)
        };
        let time = |row: u32| {
            let place = usize::try_from(row).unwrap_or(usize::MAX);
            let time = times.get(place).copied().unwrap_or(f64::NAN);
            if time.is_nan() { f64::NEG_INFINITY } else { time }
        };
        let mut rows: Vec<u32> = (0..u32::try_from(table.rows()).unwrap_or(u32::MAX)).collect();
        rows.sort_unstable_by(|one, other| {
            let groups = group(*one).cmp(&group(*other));
            groups.then(time(*one).total_cmp(&time(*other))).then(one.cmp(other))
        });
        let begins = rows.iter().enumerate().map(|(place, row)| {
            let before = place.checked_sub(1).and_then(|before| rows.get(before));
            before.is_none_or(|before| group(*before) != group(*row))
        });
        let begins = begins.collect();
        Ok(Self { rows, begins, filled: AtomicUsize::new(0) })
    }
}

/// Values that were put in the place of missing ones, by row, in order.
#[derive(Debug)]
pub(crate) enum Carried {
    Numbers(Vec<(u32, f64)>),
    /// Codes of texts.
    Texts(Vec<(u32, u32)>),
}

/// Fills a column, and says what was put where; none where the rule is another.
pub(crate) fn carry(
    column: &mut Column,
    rule: Option<MissingRule>,
    order: Option<&Order>,
) -> Result<Option<Carried>, Error> {
    let (Some(order), Some(rule @ (MissingRule::Forward | MissingRule::Backward))) = (order, rule)
    else {
        return Ok(None);
    };
    let missing = column.missing();
    if order.filled.fetch_add(missing, Ordering::Relaxed) + missing > MAX_FILLED {
        return Err(Error::TooManyFilled { limit: MAX_FILLED });
    }
    Ok(Some(match column {
        Column::Number(values) => {
            let found = fill(order, rule, |row| values.get(row).copied().filter(|it| !it.is_nan()));
            for (row, value) in &found {
                let place = usize::try_from(*row).unwrap_or(usize::MAX);
                if let Some(slot) = values.get_mut(place) {
                    *slot = *value;
                }
            }
            Carried::Numbers(found)
        }
        Column::Text(text) => {
            let mut codes = text.codes().to_vec();
            let found = fill(order, rule, |row| {
                codes.get(row).copied().filter(|code| *code != TextColumn::MISSING)
            });
            for (row, code) in &found {
                let place = usize::try_from(*row).unwrap_or(usize::MAX);
                if let Some(slot) = codes.get_mut(place) {
                    *slot = *code;
                }
            }
            *text = TextColumn::of_distinct(codes, std::sync::Arc::new(text.levels().to_vec()));
            Carried::Texts(found)
        }
    }))
}

/// What fills each missing value that something fills, by row.
fn fill<T: Copy>(
    order: &Order,
    rule: MissingRule,
    value: impl Fn(usize) -> Option<T>,
) -> Vec<(u32, T)> {
    let mut found = Vec::new();
    let mut starts: Vec<usize> =
        order.begins.iter().enumerate().filter(|(_, begins)| **begins).map(|(at, _)| at).collect();
    starts.push(order.rows.len());
    for pair in starts.windows(2) {
        let [start, end] = pair else { continue };
        let group = order.rows.get(*start..*end).unwrap_or_default();
        // What is carried ends with its group.
        let mut last = None;
        let step = |row: &u32| match value(usize::try_from(*row).unwrap_or(usize::MAX)) {
            Some(value) => last = Some(value),
            None => found.extend(last.map(|value| (*row, value))),
        };
        if rule == MissingRule::Forward {
            group.iter().for_each(step);
        } else {
            group.iter().rev().for_each(step);
        }
    }
    found.sort_unstable_by_key(|(row, _)| *row);
    found
}

impl Carried {
    /// What was put into rows of a block, each with its place in the block.
    pub(crate) fn numbers(&self, start: usize, rows: usize) -> impl Iterator<Item = (usize, f64)> {
        let found = match self {
            Self::Numbers(found) => found.as_slice(),
            Self::Texts(_) => &[],
        };
        of_block(found, start, rows)
    }

    /// As [`Self::numbers`], of codes.
    pub(crate) fn codes(&self, start: usize, rows: usize) -> impl Iterator<Item = (usize, u32)> {
        let found = match self {
            Self::Texts(found) => found.as_slice(),
            Self::Numbers(_) => &[],
        };
        of_block(found, start, rows)
    }
}

fn of_block<T: Copy>(
    found: &[(u32, T)],
    start: usize,
    rows: usize,
) -> impl Iterator<Item = (usize, T)> {
    let place = |row: u32| usize::try_from(row).unwrap_or(usize::MAX);
    let from = found.partition_point(|(row, _)| place(*row) < start);
    let to = found.partition_point(|(row, _)| place(*row) < start + rows);
    let part = found.get(from..to).unwrap_or_default();
    part.iter().map(move |(row, value)| (place(*row) - start, *value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use super::*;

    #[test]
    fn values_are_carried_within_a_group_and_in_order() {
        let order = Order {
            rows: vec![4, 2, 0, 1, 3],
            begins: vec![true, false, false, true, false],
            filled: AtomicUsize::new(0),
        };
        let of = |rule| {
            let mut column = Column::Number(vec![f64::NAN, 1.0, f64::NAN, f64::NAN, 5.0]);
            let carried = carry(&mut column, Some(rule), Some(&order)).unwrap().unwrap();
            (column.numbers().unwrap().to_vec(), carried.numbers(2, 3).collect::<Vec<_>>())
        };
        let (forward, of_block) = of(MissingRule::Forward);
        assert_eq!(forward, [5.0, 1.0, 5.0, 1.0, 5.0]);
        assert_eq!(of_block, [(0, 5.0), (1, 1.0)]);
        let (backward, _) = of(MissingRule::Backward);
        assert!(backward[0].is_nan() && backward[2].is_nan() && backward[3].is_nan());
        let mut texts =
            Column::Text([None, Some("a"), None, None, Some("b")].into_iter().collect());
        carry(&mut texts, Some(MissingRule::Forward), Some(&order)).unwrap();
        let texts: Vec<_> = texts.text().unwrap().iter().collect();
        assert_eq!(texts, [Some("b"), Some("a"), Some("b"), Some("a"), Some("b")]);
    }
}
