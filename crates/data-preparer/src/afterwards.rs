//! Columns known only after the event: times that lie after the time of their own row.
//!
//! A time that lies after the moment at which a row is predicted is not known then, unless it is a plan, such as a due date. What
//! tells them apart is the target: when something ended, and whether it did, tells it; a plan hardly does. Looked at are only
//! whether a value lies after the row's time, by how much, and whether it is missing; how long before it lies is known.

use contracts::stages::Scope;
use statistics::Finding;
use tables::StoredTable;
use tabular::target::Target;
use tabular::{Column, ColumnType, Field};

use crate::issues::{blocking, noted};
use crate::leakage::Rules;
use crate::prepare::Unprepared;
use crate::structure::in_order;
use crate::told;

/// Rows that lie after their time, at least, for a column to be looked at.
const MIN_ROWS: usize = 20;
/// Share of the values that are there from which on a column as a whole lies after the rows' time.
const MOST: f64 = 0.5;
/// Association from which on such a column blocks: a medium correlation (Cohen, 1988).
const TELLS: f64 = 0.30;
/// Bins of the distance in time.
const BINS: usize = 20;
/// Microseconds of a day.
const DAY: f64 = 86_400.0 * 1e6;

/// Groups of rows before the bins of the distance.
const NOT_AFTER: usize = 0;
const MISSING: usize = 1;
const FIRST_BIN: usize = 2;

/// The column that says when each row is predicted.
#[derive(Debug, Clone)]
pub(crate) struct RowTime {
    place: usize,
    field: Field,
    /// Whether the scope names it; otherwise it was concluded from the order of the rows.
    stated: bool,
}

impl RowTime {
    /// The column of time that the scope names or, where it names none, the earliest of those by which the rows follow each other.
    pub(crate) fn of(table: &StoredTable, scope: &Scope) -> Result<Option<Self>, Unprepared> {
        let temporal: Vec<(usize, &Field)> = table
            .fields()
            .iter()
            .enumerate()
            .filter(|(_, field)| field.column_type.is_temporal())
            .collect();
        let named = |stated: bool, place: usize, field: &Field| {
            Some(Self { place, field: field.clone(), stated })
        };
        if !scope.time_column.is_empty() {
            let of = temporal.iter().find(|(_, field)| field.name == scope.time_column);
            return Ok(of.and_then(|(place, field)| named(true, *place, field)));
        }
        // One alone lies after none.
        if temporal.len() < 2 {
            return Ok(None);
        }
        let mut best: Option<(f64, usize, &Field)> = None;
        for (place, field) in temporal {
            let column = table.column(place)?;
            let times = column.numbers().unwrap_or_default();
            if !in_order(times) {
                continue;
            }
            let known = times.iter().filter(|time| time.is_finite());
            let mean = known.clone().sum::<f64>() / known.count().max(1) as f64;
            if best.is_none_or(|(earliest, ..)| mean < earliest) {
                best = Some((mean, place, field));
            }
        }
        Ok(best.and_then(|(_, place, field)| named(false, place, field)))
    }

    /// Its values in some rows of two kinds.
    pub(crate) fn rows(
        &self,
        table: &StoredTable,
        train: &[usize],
        validation: &[usize],
    ) -> Result<RowTimes, Unprepared> {
        let column = table.column(self.place)?;
        let of = |rows: &[usize]| column.take(rows).numbers().unwrap_or_default().to_vec();
        Ok(RowTimes { column: self.clone(), train: of(train), validation: of(validation) })
    }
}

/// When the rows are predicted that columns are looked at on.
#[derive(Debug)]
pub(crate) struct RowTimes {
    column: RowTime,
    train: Vec<f64>,
    validation: Vec<f64>,
}

/// A column of a split with the target of its rows.
pub(crate) type Side<'a> = (&'a Column, &'a Target);

/// What is said of a column of times that lies after the rows' time; `train` and `validation` are of the rows of `times`.
pub(crate) fn find(
    field: &Field,
    (train, of_train): Side<'_>,
    (validation, of_validation): Side<'_>,
    times: &RowTimes,
    rules: Rules<'_>,
) -> Option<Finding> {
    let RowTime { field: own, stated, .. } = &times.column;
    if !field.column_type.is_temporal() || field.name == own.name {
        return None;
    }
    let in_days = [field, own].iter().any(|of| of.column_type == ColumnType::Date);
    let train = delays(train.numbers()?, &times.train, in_days);
    let validation = delays(validation.numbers()?, &times.validation, in_days);
    let present = train.iter().filter(|delay| !delay.is_nan()).count();
    let mut after: Vec<f64> = train.iter().copied().filter(|delay| *delay > 0.0).collect();
    if after.len() < MIN_ROWS {
        return None;
    }
    let share = after.len() as f64 / present as f64;
    let as_a_whole = share >= MOST;
    after.sort_unstable_by(f64::total_cmp);
    let mut edges: Vec<f64> =
        (1..BINS).filter_map(|bin| after.get(bin * after.len() / BINS).copied()).collect();
    edges.dedup();
    let group = |delay: &f64| match *delay {
        // That it has not happened yet says something of a column that tells what happens.
        delay if delay.is_nan() && as_a_whole => MISSING,
        delay if delay > 0.0 => FIRST_BIN + edges.partition_point(|edge| *edge <= delay),
        _ => NOT_AFTER,
    };
    let groups = |delays: &[f64]| delays.iter().map(group).collect::<Vec<usize>>();
    let said = told::said(&groups(&train), of_train, &groups(&validation));
    let association = told::beyond_chance(&said, of_validation);
    // What was concluded is no proof that rows are predicted at that time.
    let limit = if *stated { TELLS } else { TELLS.max(rules.limits.told) };
    let (name, target) = (&field.name, rules.target);
    let time = if *stated {
        format!("the rows' time `{}`", own.name)
    } else {
        format!("`{}`, by which the rows follow each other,", own.name)
    };
    let lies = format!("column `{name}` lies after {time} in {:.1} % of its rows", 100.0 * share);
    let count = after.len() as u64;
    let allowed = rules.allowed.contains(name.as_str());
    if association >= limit {
        let message = format!(
            "{lies}, and tells the target `{target}` (association {association:.3} on held-out rows, limit {limit:.2}), as what is known only after the event does; {}",
            rules.advice("it")
        );
        let make = if allowed { noted } else { blocking };
        return Some(make("time_leakage", name, count, message));
    }
    (as_a_whole && !allowed).then(|| {
        let message = format!(
            "{lies} (association with the target {association:.3} on held-out rows; from {limit:.2} on it would be refused): exclude it (`--exclude-column`, excludeColumns), unless it is a plan, such as a due date, that is known by then"
        );
        noted("later_time", name, count, message)
    })
}

/// By how much each value lies after its row's time; not a number where one of them is missing.
fn delays(values: &[f64], times: &[f64], in_days: bool) -> Vec<f64> {
    let unit = |time: f64| if in_days { (time / DAY).floor() } else { time };
    values.iter().zip(times).map(|(value, time)| unit(*value) - unit(*time)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::collections::BTreeSet;

    use tabular::{ProblemType, Table};

    use super::*;
    use crate::leakage::Limits;

    const ROWS: usize = 1_200;

    /// Looks random, from 0 to 1.
    fn noise(row: usize, salt: u64) -> f64 {
        let mut mixed = (row as u64 * 64 + salt + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
    }

    fn gone(row: usize) -> bool {
        noise(row, 1) < 0.3
    }

    /// A time of the rows, in days, that is in the table's order.
    fn seen(row: usize) -> f64 {
        19_000.0 + (row / 20) as f64
    }

    /// What is said of a column of so many days.
    fn said(of: impl Fn(usize) -> f64, stated: bool, allowed: &[&str]) -> Option<(String, bool)> {
        let column = |of: &dyn Fn(usize) -> f64| -> Column {
            Column::Number((0..ROWS).map(|row| of(row) * DAY).collect())
        };
        let fields = ["seen", "other"].map(|name| Field::new(name, ColumnType::Date)).to_vec();
        let table = Table::new(fields, vec![column(&seen), column(&of)]).unwrap();
        let target = |rows: &[usize]| Target {
            problem: ProblemType::Binary,
            classes: vec!["no".into(), "yes".into()],
            values: rows.iter().map(|row| f64::from(u8::from(gone(*row)))).collect(),
        };
        let (train, validation): (Vec<usize>, Vec<usize>) =
            (0..ROWS).partition(|row| !row.is_multiple_of(3));
        let stored = StoredTable::of_table(&table, &std::env::temp_dir()).unwrap();
        let time_column = if stated { "seen" } else { "" }.to_owned();
        let scope = Scope { time_column, ..Scope::default() };
        let times = RowTime::of(&stored, &scope).unwrap().unwrap();
        assert_eq!((times.field.name.as_str(), times.stated), ("seen", stated));
        let times = times.rows(&stored, &train, &validation).unwrap();
        let whole = column(&of);
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        let limits = Limits { told: 0.9, blocks: 0.99 };
        let rules = Rules { target: "gone", allowed: &allowed, limits };
        let found = find(
            &Field::new("other", ColumnType::Date),
            (&whole.take(&train), &target(&train)),
            (&whole.take(&validation), &target(&validation)),
            &times,
            rules,
        );
        found.map(|of| (of.code, of.blocking))
    }

    fn told(code: &str, blocking: bool) -> Option<(String, bool)> {
        Some((code.to_owned(), blocking))
    }

    /// When an account was closed: of those that are gone soon, of the others after a year or so.
    fn closed(row: usize) -> f64 {
        let days = if gone(row) { 5.0 } else { 30.0 };
        seen(row) + 1.0 + (days * 2.0 * noise(row, 2)).floor()
    }

    #[test]
    fn what_happens_afterwards_and_tells_blocks() {
        assert_eq!(said(closed, true, &[]), told("time_leakage", true));
        assert_eq!(said(closed, true, &["other"]), told("time_leakage", false));
        // It happens to three in five of those that are gone, and to a tenth of the others, who have none.
        let some = |row: usize| {
            let happens = noise(row, 3) < if gone(row) { 0.6 } else { 0.1 };
            if happens { seen(row) + 9.0 } else { f64::NAN }
        };
        assert_eq!(said(some, true, &[]), told("time_leakage", true));
        // The last contact: after the time of the row where one is still there.
        let contact = |row: usize| seen(row) + if gone(row) { -4.0 } else { 3.0 };
        assert_eq!(said(contact, true, &[]), told("time_leakage", true));
    }

    #[test]
    fn a_concluded_time_blocks_what_nearly_tells() {
        let exact = |row: usize| seen(row) + if gone(row) { 2.0 } else { 9.0 };
        assert_eq!(said(exact, false, &[]), told("time_leakage", true));
        assert_eq!(said(closed, false, &[]), told("later_time", false));
    }

    #[test]
    fn a_plan_is_told_and_what_lies_before_is_not() {
        let due = |row: usize| seen(row) + 10.0 + (noise(row, 4) * 20.0).floor();
        assert_eq!(said(due, true, &[]), told("later_time", false));
        assert_eq!(said(due, true, &["other"]), None);
        // How long ago it was tells as well, and is known; a few that come later tell nothing.
        let bought = |row: usize| {
            let ago = if gone(row) { 60.0 } else { 5.0 };
            seen(row) - if noise(row, 5) < 0.1 { -1.0 } else { (ago * noise(row, 6)).floor() }
        };
        assert_eq!(said(bought, true, &[]), None);
        assert_eq!(said(seen, true, &[]), None);
    }
}
