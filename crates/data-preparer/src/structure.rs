//! Structure that a random split ignores: rows of the same thing that are alike, and a target that changes with time.
//!
//! Both are an analysis of variance of the target: between the groups of a column's values, or between tenths of the rows in the
//! order of a column of time. A model that is judged on rows of groups, or of times, that it has learned from looks better than it
//! will be; a split by the group or by the time shows what it is worth.

use std::collections::BTreeMap;

use statistics::Finding;
use tabular::target::Target;
use tabular::{Column, ColumnType, Field, ProblemType};

use crate::issues::noted;

/// Groups that a column has at least, to be looked at.
const MIN_GROUPS: usize = 50;
/// Rows of a group on average: from so many, to so many, in which a group is a thing seen repeatedly and not a category.
const GROUP_ROWS: (f64, f64) = (1.5, 20.0);
/// From which intraclass correlation on rows of a group count as alike (a "large" one; LeBreton and Senter, 2008, have .25).
const MIN_INTRACLASS: f64 = 0.3;
/// Parts of the rows in the order of their times.
const PERIODS: usize = 10;
/// Rows from which on they are compared.
const MIN_PERIOD_ROWS: usize = 30;
/// From which share of the target's variance on that the periods explain the target counts as changing (η²; Cohen, 1988, has
/// .01 for a small and .06 for a medium effect).
const MIN_EXPLAINED: f64 = 0.02;
/// Standard deviations by which the F ratio has to lie above 1.
const MIN_DEVIATIONS: f64 = 6.0;

/// Share of rows that are not earlier than the one before, from which on a column of time is that of the rows: the table is a
/// record of what happened, in its order. Other times are what is known of a row, and tell of its target as any column does.
const IN_ORDER: f64 = 0.9;

/// What there is to say of a column where rows are split at random; `is_time` where the scope says that it is the rows' time.
pub(crate) fn find(
    field: &Field,
    column: &Column,
    target: &Target,
    is_time: bool,
) -> Option<Finding> {
    let response = response(target);
    if field.column_type.is_temporal() {
        let times = column.numbers()?;
        return if is_time || in_order(times) { changing(field, times, &response) } else { None };
    }
    alike(field, column, &response)
}

/// Rows of the same value that are alike.
fn alike(field: &Field, column: &Column, response: &[f64]) -> Option<Finding> {
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    let groups: Vec<Option<usize>> = match column {
        Column::Text(texts) => texts
            .iter()
            .map(|text| {
                let next = codes.len();
                Some(*codes.entry(text?.to_owned()).or_insert(next))
            })
            .collect(),
        Column::Number(values) if field.column_type == ColumnType::Integer => values
            .iter()
            .map(|value| {
                let next = codes.len();
                value.is_finite().then(|| *codes.entry(value.to_string()).or_insert(next))
            })
            .collect(),
        Column::Number(_) => return None,
    };
    let present = groups.iter().flatten().count() as f64;
    let per_group = present / codes.len().max(1) as f64;
    let things = (GROUP_ROWS.0..=GROUP_ROWS.1).contains(&per_group);
    if codes.len() < MIN_GROUPS || !things {
        return None;
    }
    let variance = Variance::new(&groups, codes.len(), response)?;
    if variance.intraclass < MIN_INTRACLASS || !variance.beyond_chance() {
        return None;
    }
    let name = &field.name;
    let message = format!(
        "rows of the same `{name}` are alike in the target (intraclass correlation {:.2}, {} values with {per_group:.1} rows each): a random split has rows of the same one on both sides, and the metrics may be too good; split by it (`--split entity --entity-column {}`, entityColumn) where it will be new ones that are predicted",
        variance.intraclass,
        codes.len(),
        quoted(name),
    );
    Some(noted("group_structure", name, present as u64, message))
}

/// Whether rows follow each other in time.
pub(crate) fn in_order(times: &[f64]) -> bool {
    let kept = times.windows(2).filter(|pair| matches!(pair, [one, next] if one <= next)).count();
    times.len() > 1 && kept as f64 >= IN_ORDER * (times.len() - 1) as f64
}

/// A target that changes with time.
fn changing(field: &Field, times: &[f64], response: &[f64]) -> Option<Finding> {
    let mut rows: Vec<(f64, usize)> = times
        .iter()
        .enumerate()
        .filter(|(_, time)| time.is_finite())
        .map(|(row, time)| (*time, row))
        .collect();
    if rows.len() < PERIODS * MIN_PERIOD_ROWS {
        return None;
    }
    rows.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let mut groups = vec![None; times.len()];
    let count = rows.len();
    let (mut period, mut before) = (0, f64::NEG_INFINITY);
    for (place, (time, row)) in rows.into_iter().enumerate() {
        // Equal times are of one period.
        if time > before {
            period = place * PERIODS / count;
        }
        before = time;
        if let Some(group) = groups.get_mut(row) {
            *group = Some(period);
        }
    }
    let variance = Variance::new(&groups, PERIODS, response)?;
    if variance.explained < MIN_EXPLAINED || !variance.beyond_chance() {
        return None;
    }
    let name = &field.name;
    let message = format!(
        "the target changes with `{name}` (its tenths explain {:.1} % of the target's variance): a random split lets the model learn from later rows what it is judged on in earlier ones; split by it (`--split time --time-column {}`, timeColumn) where it will be later rows that are predicted",
        100.0 * variance.explained,
        quoted(name),
    );
    Some(noted("time_structure", name, count as u64, message))
}

/// What is compared between groups: the number's rank, or whether it is the most frequent class.
fn response(target: &Target) -> Vec<f64> {
    if target.problem == ProblemType::Regression {
        let mut order: Vec<usize> = (0..target.values.len()).collect();
        let value = |row: &usize| target.values.get(*row).copied().unwrap_or(f64::NAN);
        order.sort_by(|one, other| value(one).total_cmp(&value(other)));
        let mut ranks = vec![0.0; order.len()];
        for (rank, row) in order.into_iter().enumerate() {
            if let Some(of) = ranks.get_mut(row) {
                *of = rank as f64;
            }
        }
        return ranks;
    }
    let mut counts = vec![0_usize; target.classes.len()];
    for class in &target.values {
        if let Some(count) = counts.get_mut(*class as usize) {
            *count += 1;
        }
    }
    let most = counts.iter().enumerate().max_by_key(|(_, count)| **count).map_or(0, |of| of.0);
    target.values.iter().map(|class| f64::from(u8::from(*class as usize == most))).collect()
}

/// A name as a shell takes it as one word.
fn quoted(name: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "_-./".contains(it);
    if !name.is_empty() && name.chars().all(plain) {
        return name.to_owned();
    }
    format!("'{}'", name.replace('\'', r"'\''"))
}

/// A one-way analysis of variance (Fisher, 1925).
struct Variance {
    /// Between the groups' means and within groups, for each degree of freedom.
    ratio: f64,
    /// The standard deviation of the ratio where nothing differs, about.
    deviation: f64,
    /// Share of all squares that the groups explain: η².
    explained: f64,
    /// ICC(1): how much more alike two rows of a group are than two of any (Shrout and Fleiss, 1979).
    intraclass: f64,
}

impl Variance {
    /// None where a group has all rows, or every row a group of its own.
    fn new(groups: &[Option<usize>], count: usize, response: &[f64]) -> Option<Self> {
        let (mut rows, mut sums) = (vec![0.0_f64; count], vec![0.0_f64; count]);
        let placed =
            || groups.iter().zip(response).filter_map(|(group, value)| Some(((*group)?, *value)));
        for (group, value) in placed() {
            *rows.get_mut(group)? += 1.0;
            *sums.get_mut(group)? += value;
        }
        let total: f64 = rows.iter().sum();
        let mean = sums.iter().sum::<f64>() / total;
        let all: f64 = placed().map(|(_, value)| (value - mean) * (value - mean)).sum();
        let between: f64 = rows
            .iter()
            .zip(&sums)
            .filter(|(rows, _)| **rows > 0.0)
            .map(|(rows, sum)| rows * (sum / rows - mean) * (sum / rows - mean))
            .sum();
        let used = rows.iter().filter(|rows| **rows > 0.0).count() as f64;
        let (free_between, free_within) = (used - 1.0, total - used);
        if free_between < 1.0 || free_within < 1.0 || all <= 0.0 {
            return None;
        }
        let within = (all - between).max(0.0) / free_within;
        let between_mean = between / free_between;
        // Rows of a group on average, corrected for groups of different sizes.
        let squares: f64 = rows.iter().map(|rows| rows * rows).sum();
        let size = (total - squares / total) / free_between;
        let intraclass = (between_mean - within) / (between_mean + (size - 1.0) * within);
        Some(Self {
            ratio: if within > 0.0 { between_mean / within } else { f64::INFINITY },
            deviation: (2.0 / free_between + 2.0 / free_within).sqrt(),
            explained: between / all,
            intraclass,
        })
    }

    fn beyond_chance(&self) -> bool {
        self.ratio > 1.0 + MIN_DEVIATIONS * self.deviation
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use super::*;

    /// Looks random, from 0 to 1.
    fn noise(row: usize, salt: u64) -> f64 {
        let mut mixed = (row as u64 * 64 + salt + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
    }

    fn binary(rows: usize, chance: impl Fn(usize) -> f64) -> Target {
        Target {
            problem: ProblemType::Binary,
            classes: vec!["no".into(), "yes".into()],
            values: (0..rows).map(|row| f64::from(u8::from(noise(row, 7) < chance(row)))).collect(),
        }
    }

    fn code(column: (&str, ColumnType), values: Vec<f64>, target: &Target) -> Option<String> {
        find(&Field::new(column.0, column.1), &Column::Number(values), target, false)
            .map(|of| of.code)
    }

    #[test]
    fn names_are_one_word() {
        assert_eq!(quoted("patient_id"), "patient_id");
        assert_eq!(quoted("patient id"), "'patient id'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn rows_of_a_patient_are_alike() {
        let patient = |row: usize| row / 4;
        let ids: Vec<f64> = (0..2_000).map(|row| patient(row) as f64).collect();
        let ill = |row: usize| if noise(patient(row), 1) < 0.3 { 0.9 } else { 0.05 };
        let patients = ("patient", ColumnType::Integer);
        let target = binary(2_000, ill);
        assert_eq!(code(patients, ids.clone(), &target).as_deref(), Some("group_structure"));
        let texts: Vec<String> = (0..2_000).map(|row| format!("p{}", patient(row))).collect();
        let texts = Column::Text(texts.iter().map(|text| Some(text.as_str())).collect());
        let field = Field::new("patient", ColumnType::Text);
        assert_eq!(find(&field, &texts, &target, false).unwrap().code, "group_structure");
        let number = Target {
            problem: ProblemType::Regression,
            classes: vec![],
            values: (0..2_000).map(|row| 5.0 * noise(patient(row), 1) + noise(row, 2)).collect(),
        };
        assert_eq!(code(patients, ids.clone(), &number).as_deref(), Some("group_structure"));
        // Nothing is said where they differ as rows do, or where the groups are categories.
        assert_eq!(code(patients, ids, &binary(2_000, |_| 0.3)), None);
        let cities: Vec<f64> = (0..2_000).map(|row| (row % 60) as f64).collect();
        let by_city = binary(2_000, |row| if noise(row % 60, 3) < 0.5 { 0.9 } else { 0.1 });
        assert_eq!(code(("city", ColumnType::Integer), cities, &by_city), None);
    }

    #[test]
    fn a_target_that_changes_with_time_is_told() {
        let days: Vec<f64> = (0..3_000).map(|row| (row / 10) as f64 * 86_400e6).collect();
        let day = ("day", ColumnType::Date);
        let rising = binary(3_000, |row| 0.1 + 0.4 * row as f64 / 3_000.0);
        assert_eq!(code(day, days.clone(), &rising).as_deref(), Some("time_structure"));
        assert_eq!(code(day, days.clone(), &binary(3_000, |_| 0.3)), None);
        assert_eq!(code(day, days[..200].to_vec(), &binary(200, |row| row as f64 / 200.0)), None);
        // What is known of a row, until the scope says that it is the rows' time.
        let visits: Vec<f64> = (0..3_000).map(|row| days[row * 1_237 % 3_000]).collect();
        let of_visit = binary(3_000, |row| 0.1 + 0.4 * (row * 1_237 % 3_000) as f64 / 3_000.0);
        assert_eq!(code(day, visits.clone(), &of_visit), None);
        let field = Field::new(day.0, day.1);
        let found = find(&field, &Column::Number(visits), &of_visit, true).map(|of| of.code);
        assert_eq!(found.as_deref(), Some("time_structure"));
        // All at one time.
        assert_eq!(code(day, vec![0.0; 3_000], &rising), None);
    }
}
