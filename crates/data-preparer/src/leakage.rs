//! Leakage: a single column that gives the target away.
//!
//! What counts is how well the column tells the target, never how well the target tells the column. Numbers are measured on the
//! training split. Text is turned into what the training split says of each level and measured on the validation split, because
//! many levels would explain any training split.
//!
//! A column that gives the target away all but completely is a copy, and blocks. One that nearly does may be a copy that was
//! blurred, or a good measurement of classes that lie apart: it is told with its evidence, and stays.

use std::collections::{BTreeMap, BTreeSet};

use statistics::Finding;
use tabular::association::{goodman_kruskal_tau, with_target};
use tabular::target::Target;
use tabular::{Column, ProblemType, Table, TextColumn};

use crate::issues::{blocking, noted};
use crate::told;

/// Most different numbers whose every value is looked at by itself, as a code of a class would be.
const MAX_CODES: usize = 1_000;
/// Rows that a number has on average for that.
const MIN_CODE_ROWS: usize = 5;

/// A split with its encoded target.
pub(crate) struct EncodedSplit<'a> {
    pub(crate) table: &'a Table,
    pub(crate) target: &'a Target,
}

/// From which association on a column is told, and from which on it blocks; 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    pub(crate) told: f64,
    pub(crate) blocks: f64,
}

/// Which columns are looked at, and how.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    /// The column that is to be predicted.
    pub(crate) target: &'a str,
    /// Columns that may give it away.
    pub(crate) allowed: &'a BTreeSet<&'a str>,
    pub(crate) limits: Limits,
}

impl Rules<'_> {
    /// What a person does about a column, or one of two, that gives the target away.
    pub(crate) fn advice(&self, what: &str) -> String {
        format!(
            "exclude {what} if it is known only afterwards (`--exclude-column`, excludeColumns); name {what} in allow_leakage or require_columns (`--allow-leakage`, `--keep-column`) if it is known before `{}`",
            self.target
        )
    }
}

/// Columns whose association with the target, or that of whether they are missing, reaches a limit; and the strongest association.
pub(crate) fn find(
    train: &EncodedSplit<'_>,
    validation: &EncodedSplit<'_>,
    rules: Rules<'_>,
) -> (Vec<Finding>, f64) {
    let (mut issues, mut strongest) = (Vec::new(), 0.0_f64);
    for ((field, column), other) in train.table.iter().zip(validation.table.columns()) {
        if field.name == rules.target {
            continue;
        }
        let association = match (column, other) {
            (Column::Number(values), _) => of_numbers(column, values, train.target),
            (Column::Text(text), Column::Text(other)) => {
                of_texts(text, train.target, other, validation.target)
            }
            (Column::Text(_), Column::Number(_)) => 0.0,
        };
        strongest = strongest.max(association);
        let name = &field.name;
        let rows = train.table.rows() as u64;
        let subject = format!("column `{name}` alone");
        if let Some(issue) = judged("target_leakage", &subject, name, association, rules, rows) {
            issues.push(issue);
            continue;
        }
        let missing: Vec<f64> =
            (0..column.len()).map(|row| if column.is_missing(row) { 1.0 } else { 0.0 }).collect();
        let association = with_target(&Column::Number(missing), train.target);
        let subject = format!("whether column `{name}` is missing");
        issues.extend(judged("missingness_leakage", &subject, name, association, rules, rows));
    }
    (issues, strongest)
}

/// What is said of an association.
fn judged(
    code: &str,
    subject: &str,
    name: &str,
    association: f64,
    rules: Rules<'_>,
    rows: u64,
) -> Option<Finding> {
    let Rules { target, allowed, limits } = rules;
    if association < limits.told.min(limits.blocks) {
        return None;
    }
    if association >= limits.blocks {
        let message = format!(
            "{subject} gives the target `{target}` away (association {association:.3}, limit {:.2}); {}",
            limits.blocks,
            rules.advice("it")
        );
        return Some(if allowed.contains(name) {
            noted(code, name, rows, message)
        } else {
            blocking(code, name, rows, message)
        });
    }
    let message = format!(
        "{subject} nearly tells the target `{target}` (association {association:.3}; from {:.2} on it would be refused): exclude it if it is known only afterwards",
        limits.blocks
    );
    (!allowed.contains(name)).then(|| noted("strong_association", name, rows, message))
}

/// How well numbers tell the target: by their order and in bins and, where few differ, each by itself, as a code of a class is.
fn of_numbers(column: &Column, values: &[f64], target: &Target) -> f64 {
    let ordered = with_target(column, target);
    if target.problem == ProblemType::Regression {
        return ordered;
    }
    let mut codes: BTreeMap<u64, usize> = BTreeMap::new();
    for value in values.iter().filter(|value| value.is_finite()) {
        let next = codes.len();
        codes.entry((value + 0.0).to_bits()).or_insert(next);
        if codes.len() > MAX_CODES {
            return ordered;
        }
    }
    if codes.len() * MIN_CODE_ROWS > values.len() {
        return ordered;
    }
    let groups: Vec<Option<usize>> =
        values.iter().map(|value| codes.get(&(value + 0.0).to_bits()).copied()).collect();
    ordered.max(goodman_kruskal_tau(&groups, &told::classes(target)).unwrap_or(0.0))
}

/// How well the levels of a text tell the target of rows that they were not learned from. A level that training has not seen says
/// what is known of all rows.
fn of_texts<'t>(
    train: &'t TextColumn,
    of_train: &Target,
    other: &'t TextColumn,
    of_other: &Target,
) -> f64 {
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut group = |level: Option<&'t str>| {
        let next = codes.len();
        *codes.entry(level.unwrap_or_default()).or_insert(next)
    };
    let groups: Vec<usize> = train.iter().map(&mut group).collect();
    let others: Vec<usize> = other.iter().map(&mut group).collect();
    told::of_column(told::said(&groups, of_train, &others), of_other)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use tabular::{ColumnType, Field};

    use super::*;

    const LIMITS: Limits = Limits { told: 0.9, blocks: 0.99 };

    fn issues(columns: Vec<(&str, Column)>, required: &[String]) -> Vec<(String, String, bool)> {
        let fields = columns
            .iter()
            .map(|(name, column)| {
                let kind =
                    if column.text().is_some() { ColumnType::Text } else { ColumnType::Number };
                Field::new(*name, kind)
            })
            .collect();
        let table =
            Table::new(fields, columns.into_iter().map(|(_, column)| column).collect()).unwrap();
        let target = Target {
            problem: ProblemType::Binary,
            classes: vec!["no".to_owned(), "yes".to_owned()],
            values: (0..200).map(|row| f64::from(u8::from(row % 3 == 0))).collect(),
        };
        let side = EncodedSplit { table: &table, target: &target };
        let allowed: BTreeSet<&str> = required.iter().map(String::as_str).collect();
        let rules = Rules { target: "y", allowed: &allowed, limits: LIMITS };
        let (found, _) = find(&side, &side, rules);
        found.into_iter().map(|issue| (issue.code, issue.column, issue.blocking)).collect()
    }

    fn columns() -> Vec<(&'static str, Column)> {
        let truth = |row: usize| row.is_multiple_of(3);
        vec![
            (
                "copy",
                Column::Text(
                    (0..200).map(|row| Some(if truth(row) { "a" } else { "b" })).collect(),
                ),
            ),
            (
                "number",
                Column::Number(
                    (0..200).map(|row| if truth(row) { 9.0 } else { row as f64 / 100.0 }).collect(),
                ),
            ),
            (
                "gap",
                Column::Number(
                    (0..200)
                        .map(|row| if truth(row) { f64::NAN } else { (row % 7) as f64 })
                        .collect(),
                ),
            ),
            ("fair", Column::Number((0..200).map(|row| (row % 7) as f64).collect())),
        ]
    }

    #[test]
    fn columns_that_give_the_target_away_are_named() {
        let found = issues(columns(), &[]);
        let expected = [
            ("target_leakage", "copy"),
            ("target_leakage", "number"),
            ("missingness_leakage", "gap"),
        ];
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((code, column, blocking), (expected_code, expected_column)) in
            found.iter().zip(expected)
        {
            assert_eq!(
                (code.as_str(), column.as_str(), *blocking),
                (expected_code, expected_column, true)
            );
        }
    }

    #[test]
    fn a_required_column_is_noted_only() {
        let required = ["copy", "number", "gap"].map(str::to_owned);
        assert!(issues(columns(), &required).iter().all(|(_, _, blocking)| !blocking));
    }

    /// Looks random.
    fn noise(row: usize) -> f64 {
        let mut mixed = (row as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
    }

    /// The findings of one column about a target of so many classes, as codes with whether they block.
    fn of(
        classes: usize,
        rows: usize,
        class: impl Fn(usize) -> usize,
        column: Column,
    ) -> Vec<(String, bool)> {
        let kind = if column.text().is_some() { ColumnType::Text } else { ColumnType::Number };
        let table = Table::new(vec![Field::new("x", kind)], vec![column]).unwrap();
        let target = Target {
            problem: if classes > 2 { ProblemType::Multiclass } else { ProblemType::Binary },
            classes: (0..classes).map(|class| class.to_string()).collect(),
            values: (0..rows).map(|row| class(row) as f64).collect(),
        };
        let side = EncodedSplit { table: &table, target: &target };
        let allowed = BTreeSet::new();
        let rules = Rules { target: "y", allowed: &allowed, limits: LIMITS };
        find(&side, &side, rules).0.into_iter().map(|issue| (issue.code, issue.blocking)).collect()
    }

    fn texts(texts: impl Iterator<Item = String>) -> Column {
        let texts: Vec<String> = texts.collect();
        Column::Text(texts.iter().map(|text| Some(text.as_str())).collect())
    }

    #[test]
    fn an_attribute_that_the_class_settles_is_no_leak() {
        let class = |row: usize| row * 7 % 12;
        let shelf = |row: usize| if class(row) < 6 { 1.5 } else { 7.25 };
        assert!(of(12, 2400, class, Column::Number((0..2400).map(shelf).collect())).is_empty());
        let names = (0..2400).map(|row| if class(row) < 6 { "left" } else { "right" }.to_owned());
        assert!(of(12, 2400, class, texts(names)).is_empty());
    }

    #[test]
    fn a_good_measurement_is_told_and_a_copy_blocks() {
        let class = |row: usize| usize::from(noise(row) < 0.4);
        // Two clouds that hardly touch.
        let radius = |row: usize| {
            let spread: f64 =
                (0..12).map(|draw| noise(row * 12 + draw + 99_991)).sum::<f64>() - 6.0;
            if class(row) == 1 { 16.8 + 2.3 * spread } else { 10.0 + 2.3 * spread }
        };
        let found = of(2, 900, class, Column::Number((0..900).map(radius).collect()));
        assert_eq!(found, [("strong_association".to_owned(), false)]);
        let copy = |row: usize| if class(row) == 1 { 5.0 } else { 3.0 };
        let found = of(2, 900, class, Column::Number((0..900).map(copy).collect()));
        assert_eq!(found, [("target_leakage".to_owned(), true)]);
    }

    #[test]
    fn copies_of_many_classes_block_as_numbers_and_as_texts() {
        let class = |row: usize| row * 31 % 60;
        let code = |row: usize| ((class(row) * 17) % 60) as f64;
        let found = of(60, 3000, class, Column::Number((0..3000).map(code).collect()));
        assert_eq!(found, [("target_leakage".to_owned(), true)]);
        let names = (0..3000).map(|row| format!("c{}", class(row)));
        assert_eq!(of(60, 3000, class, texts(names)), [("target_leakage".to_owned(), true)]);
        // A near copy: one row in five hundred is another.
        let near = |row: usize| if row.is_multiple_of(500) { 1.0 } else { code(row) };
        let found = of(60, 3000, class, Column::Number((0..3000).map(near).collect()));
        assert_eq!(found, [("target_leakage".to_owned(), true)]);
    }
}
