//! Columns that cannot help: constant ones, and identifiers.

use std::collections::HashSet;

use contracts::v1::ExcludedColumn;
use tabular::{Column, ColumnType, Field, Table, TextColumn};

/// Share of different values from which on a text column identifies rows.
const IDENTIFYING_SHARE: f64 = 0.95;
/// Share of different values from which on text is free text rather than categories.
const FREE_TEXT_SHARE: f64 = 0.5;
/// Rows from which on the share of different values says anything.
const TELLING_ROWS: usize = 50;
/// Words in a name that say that a number identifies.
const IDENTIFYING_WORDS: [&str; 8] = ["id", "uuid", "guid", "key", "no", "nr", "number", "index"];

/// Columns of the training split, the target excepted, that are left out, with the reasons.
pub(crate) fn useless(train: &Table, target: &str, entity: &str) -> Vec<ExcludedColumn> {
    train
        .iter()
        .filter(|(field, _)| field.name != target)
        .filter_map(|(field, column)| {
            let reason = reason(field, column, entity)?;
            Some(ExcludedColumn { column: field.name.clone(), reason: reason.to_owned() })
        })
        .collect()
}

fn reason(field: &Field, column: &Column, entity: &str) -> Option<&'static str> {
    if field.name == entity {
        return Some("identifier");
    }
    let (present, distinct) = counts(column);
    if distinct <= 1 {
        return Some(if present == 0 { "all missing" } else { "constant" });
    }
    if present < TELLING_ROWS {
        return None;
    }
    let share = distinct as f64 / present as f64;
    match field.column_type {
        ColumnType::Text if share >= IDENTIFYING_SHARE => Some("identifier"),
        ColumnType::Text if share >= FREE_TEXT_SHARE => Some("free text"),
        ColumnType::Integer
            if share >= IDENTIFYING_SHARE
                && (is_identifying(&field.name) || counts_rows(column)) =>
        {
            Some("identifier")
        }
        _ => None,
    }
}

/// Present and different values.
fn counts(column: &Column) -> (usize, usize) {
    match column {
        Column::Number(values) => {
            let present = || values.iter().filter(|value| !value.is_nan());
            let distinct: HashSet<u64> = present().map(|value| (value + 0.0).to_bits()).collect();
            (present().count(), distinct.len())
        }
        Column::Text(text) => {
            let present = || text.codes().iter().filter(|code| **code != TextColumn::MISSING);
            let distinct: HashSet<u32> = present().copied().collect();
            (present().count(), distinct.len())
        }
    }
}

/// Whether a name has a word of an identifier: `customer_id`, `customerID`, `Account No`.
fn is_identifying(name: &str) -> bool {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower) {
            words.push(String::new());
        }
        lower = c.is_lowercase();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
        }
    }
    words.iter().any(|word| IDENTIFYING_WORDS.contains(&word.as_str()))
}

/// Whether whole numbers, all different, leave hardly a gap: they count rows.
fn counts_rows(column: &Column) -> bool {
    let Column::Number(values) = column else { return false };
    let present = values.iter().copied().filter(|value| !value.is_nan());
    let (count, low, high) = present
        .fold((0.0, f64::INFINITY, f64::NEG_INFINITY), |found, value| {
            (found.0 + 1.0, value.min(found.1), value.max(found.2))
        });
    // The training split has three fifths of the rows, so that gaps of that size are expected.
    high - low <= count * 2.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn reasons(columns: Vec<(&str, ColumnType, Column)>) -> Vec<(String, String)> {
        let fields = columns.iter().map(|(name, kind, _)| Field::new(*name, *kind)).collect();
        let columns = columns.into_iter().map(|(_, _, column)| column).collect();
        let table = Table::new(fields, columns).unwrap();
        useless(&table, "y", "").into_iter().map(|found| (found.column, found.reason)).collect()
    }

    fn text(of: impl Fn(usize) -> String) -> Column {
        let texts: Vec<String> = (0..100).map(of).collect();
        Column::Text(texts.iter().map(|text| Some(text.as_str())).collect())
    }

    fn numbers(of: impl Fn(usize) -> f64) -> Column {
        Column::Number((0..100).map(of).collect())
    }

    #[test]
    fn what_cannot_help_is_found() {
        let found = reasons(vec![
            ("code", ColumnType::Text, text(|row| format!("c{row}"))),
            ("remark", ColumnType::Text, text(|row| format!("r{}", row % 60))),
            ("kind", ColumnType::Text, text(|row| format!("k{}", row % 3))),
            ("one", ColumnType::Number, numbers(|_| 1.0)),
            ("none", ColumnType::Number, numbers(|_| f64::NAN)),
            ("row", ColumnType::Integer, numbers(|row| row as f64)),
            ("customerID", ColumnType::Integer, numbers(|row| (row * 977) as f64)),
            ("price", ColumnType::Integer, numbers(|row| (row * row * 31) as f64)),
            ("amount", ColumnType::Number, numbers(|row| row as f64 * 1.37)),
            ("y", ColumnType::Integer, numbers(|row| row as f64)),
        ]);
        let expected = [
            ("code", "identifier"),
            ("remark", "free text"),
            ("one", "constant"),
            ("none", "all missing"),
            ("row", "identifier"),
            ("customerID", "identifier"),
        ];
        let expected: Vec<(String, String)> =
            expected.map(|(column, reason)| (column.to_owned(), reason.to_owned())).to_vec();
        assert_eq!(found, expected);
    }
}
