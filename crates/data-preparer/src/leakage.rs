//! Leakage: a single column that gives the target away.
//!
//! Numbers are measured on the training split. Text is turned into what the training split says of each level and
//! measured on the validation split, because many levels would explain any training split.

use std::collections::BTreeMap;

use statistics::Finding;
use tabular::association::with_target;
use tabular::target::Target;
use tabular::{Column, Table, TextColumn};

use crate::issues::{blocking, noted};

/// A split with its encoded target.
pub(crate) struct EncodedSplit<'a> {
    pub(crate) table: &'a Table,
    pub(crate) target: &'a Target,
}

/// Columns whose association with the target, or that of whether they are missing, is above `most`.
pub(crate) fn find(
    train: &EncodedSplit<'_>,
    validation: &EncodedSplit<'_>,
    target_name: &str,
    required: &[String],
    most: f64,
) -> Vec<Finding> {
    let rows = train.table.rows() as u64;
    let mut issues = Vec::new();
    for ((field, column), other) in train.table.iter().zip(validation.table.columns()) {
        if field.name == target_name {
            continue;
        }
        let association = match (column, other) {
            (Column::Number(_), _) => with_target(column, train.target),
            (Column::Text(train_text), Column::Text(other)) => {
                let said = said_by_level(train_text, train.target);
                let told = map_by_level(other, &said);
                with_target(&Column::Number(told), validation.target)
            }
            (Column::Text(_), Column::Number(_)) => 0.0,
        };
        let name = &field.name;
        let advice = format!(
            "exclude it if it is known only afterwards; name it in require_columns if it is known before `{target_name}`"
        );
        if association > most {
            let message = format!(
                "column `{name}` alone gives the target `{target_name}` away (association {association:.3}, limit {most:.2}); {advice}"
            );
            issues.push(if required.contains(name) {
                noted("target_leakage", name, rows, message)
            } else {
                blocking("target_leakage", name, rows, message)
            });
            continue;
        }
        let missing: Vec<f64> =
            (0..column.len()).map(|row| if column.is_missing(row) { 1.0 } else { 0.0 }).collect();
        let association = with_target(&Column::Number(missing), train.target);
        if association > most {
            let message = format!(
                "whether column `{name}` is missing gives the target `{target_name}` away (association {association:.3}, limit {most:.2}); {advice}"
            );
            issues.push(if required.contains(name) {
                noted("missingness_leakage", name, rows, message)
            } else {
                blocking("missingness_leakage", name, rows, message)
            });
        }
    }
    issues
}

/// For each level, the target's mean (two classes, numbers) or most frequent class (more).
fn said_by_level(text: &TextColumn, target: &Target) -> BTreeMap<String, f64> {
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (level, value) in text.iter().zip(&target.values) {
        values.entry(level.unwrap_or_default()).or_default().push(*value);
    }
    values
        .into_iter()
        .map(|(level, values)| {
            let said = if target.classes.len() > 2 {
                most_frequent(&values)
            } else {
                values.iter().sum::<f64>() / values.len() as f64
            };
            (level.to_owned(), said)
        })
        .collect()
}

fn most_frequent(classes: &[f64]) -> f64 {
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    for class in classes {
        *counts.entry(*class as u64).or_insert(0) += 1;
    }
    let best = counts.into_iter().max_by_key(|&(class, count)| (count, std::cmp::Reverse(class)));
    best.map_or(0.0, |(class, _)| class as f64)
}

fn map_by_level(text: &TextColumn, said: &BTreeMap<String, f64>) -> Vec<f64> {
    text.iter()
        .map(|level| said.get(level.unwrap_or_default()).copied().unwrap_or(f64::NAN))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use tabular::{ColumnType, Field, ProblemType};

    use super::*;

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
        let found = find(&side, &side, "y", required, 0.95);
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
}
