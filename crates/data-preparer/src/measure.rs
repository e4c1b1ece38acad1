//! The dimensions of quality, measured on the rows that are kept.

use std::collections::BTreeMap;

use statistics::Finding;
use statistics::quality::Dimensions;
use tabular::{Column, Table, TextColumn, parse};

use crate::issues::{noted, rows};

/// Share of numbers among the texts of a column from which on the others count as mistakes.
const MOSTLY_NUMBERS: f64 = 0.9;
/// Share of missing values from which on a column is noted.
const MUCH_MISSING: f64 = 0.5;
/// Rows that are named of one finding at most, to bound what is collected.
const MAX_ROWS: usize = 1000;

/// What is known of the load beside the table.
pub(crate) struct LoadFacts<'a> {
    /// Numbers of the kept rows in the source.
    pub(crate) row_numbers: &'a [u64],
    /// Duplicates that were left out.
    pub(crate) duplicates: u64,
    /// Column of time; empty for none.
    pub(crate) time_column: &'a str,
    /// The instant that counts as now, in microseconds since 1970.
    pub(crate) as_of: f64,
}

/// The dimensions, and what was found on the way.
pub(crate) fn measure(table: &Table, facts: &LoadFacts<'_>) -> (Dimensions, Vec<Finding>) {
    let cells = (table.rows() * table.width()).max(1) as f64;
    let mut issues = Vec::new();
    let (mut missing, mut invalid, mut inconsistent) = (0_u64, 0_u64, 0_u64);
    for (field, column) in table.iter() {
        let absent = column.missing() as u64;
        missing += absent;
        if absent as f64 > MUCH_MISSING * table.rows() as f64 {
            let message =
                format!("column `{}` is missing in {absent} of {} rows", field.name, table.rows());
            issues.push(noted("mostly_missing", &field.name, absent, message));
        }
        if let Column::Text(text) = column {
            invalid += mixed(&field.name, text, facts, &mut issues);
            inconsistent += variants(&field.name, text, &mut issues);
        }
    }
    let late = future(table, facts, &mut issues);
    let total = table.rows() as u64 + facts.duplicates;
    let dimensions = Dimensions {
        completeness: 1.0 - missing as f64 / cells,
        validity: 1.0 - invalid as f64 / cells,
        consistency: 1.0 - inconsistent as f64 / cells,
        uniqueness: 1.0 - facts.duplicates as f64 / total.max(1) as f64,
        timeliness: 1.0 - late as f64 / table.rows().max(1) as f64,
    };
    (dimensions, issues)
}

/// Texts in a column that is otherwise numbers.
fn mixed(name: &str, text: &TextColumn, facts: &LoadFacts<'_>, issues: &mut Vec<Finding>) -> u64 {
    let is_number: Vec<bool> =
        text.levels().iter().map(|level| parse::number(level).is_some()).collect();
    let kind = |code: u32| usize::try_from(code).ok().and_then(|code| is_number.get(code)).copied();
    let present = text.codes().iter().filter(|code| kind(**code).is_some()).count();
    let numbers = text.codes().iter().filter(|code| kind(**code) == Some(true)).count();
    let others = present - numbers;
    if others == 0 || (numbers as f64) < MOSTLY_NUMBERS * present as f64 {
        return 0;
    }
    let at: Vec<u64> = text
        .codes()
        .iter()
        .zip(facts.row_numbers)
        .filter(|(code, _)| kind(**code) == Some(false))
        .map(|(_, row)| *row)
        .take(MAX_ROWS)
        .collect();
    issues.push(noted(
        "mixed_types",
        name,
        others as u64,
        format!(
            "column `{name}` holds numbers but for {others} texts ({}); it is taken as text: correct them, or say that their text means a missing value (--missing-marker, or missing_markers in the request or the catalogue)",
            rows(&at)
        ),
    ));
    others as u64
}

/// Rows whose text differs from a more frequent one by case or blanks alone.
fn variants(name: &str, text: &TextColumn, issues: &mut Vec<Finding>) -> u64 {
    let (counts, _) = text.counts();
    let mut groups: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (level, count) in text.levels().iter().zip(&counts).filter(|(_, count)| **count > 0) {
        let plain = level.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        groups.entry(plain).or_default().push(*count);
    }
    let minority = |counts: &Vec<u64>| {
        counts.iter().sum::<u64>() - counts.iter().copied().max().unwrap_or_default()
    };
    let rows: u64 = groups.values().map(minority).sum();
    let kinds = groups.values().filter(|counts| counts.len() > 1).count();
    if rows > 0 {
        issues.push(noted(
            "inconsistent_spelling",
            name,
            rows,
            format!("column `{name}` writes {kinds} of its texts in more than one way (case or blanks), in {rows} rows"),
        ));
    }
    rows
}

/// Rows of a time that has not come yet.
fn future(table: &Table, facts: &LoadFacts<'_>, issues: &mut Vec<Finding>) -> u64 {
    let times = table.column(facts.time_column).and_then(Column::numbers);
    let late: Vec<u64> = times
        .unwrap_or_default()
        .iter()
        .zip(facts.row_numbers)
        .filter(|(time, _)| **time > facts.as_of)
        .map(|(_, row)| *row)
        .collect();
    let count = late.len() as u64;
    if count > 0 {
        let name = facts.time_column;
        let message = format!("column `{name}` is in the future in {count} rows ({})", rows(&late));
        issues.push(noted("future_time", name, count, message));
    }
    count
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use tabular::{ColumnType, Field};

    use super::*;

    #[test]
    fn findings_name_columns_and_rows() {
        let amount: Vec<String> =
            (0..20).map(|row| if row == 4 { "n/k".to_owned() } else { row.to_string() }).collect();
        let amount: TextColumn = amount.iter().map(|text| Some(text.as_str())).collect();
        let answer: TextColumn =
            (0..20).map(|row| Some(if row < 3 { "YES" } else { "yes" })).collect();
        let time = Column::Number((0..20).map(|row| f64::from(row) * 10.0).collect());
        let table = Table::new(
            vec![
                Field::new("amount", ColumnType::Text),
                Field::new("answer", ColumnType::Text),
                Field::new("at", ColumnType::Timestamp),
            ],
            vec![Column::Text(amount), Column::Text(answer), time],
        )
        .unwrap();
        let row_numbers: Vec<u64> = (1..=20).collect();
        let facts =
            LoadFacts { row_numbers: &row_numbers, duplicates: 5, time_column: "at", as_of: 175.0 };
        let (dimensions, issues) = measure(&table, &facts);
        let codes: Vec<&str> = issues.iter().map(|issue| issue.code.as_str()).collect();
        assert_eq!(codes, ["mixed_types", "inconsistent_spelling", "future_time"]);
        assert!(issues[0].message.contains("row 5"), "{}", issues[0].message);
        assert_eq!(issues[1].rows, 3);
        assert!(issues[2].message.contains("rows 19 and 20"), "{}", issues[2].message);
        assert!((dimensions.uniqueness - 0.8).abs() < 1e-12);
        assert!((dimensions.timeliness - 0.9).abs() < 1e-12);
        assert!((dimensions.validity - 59.0 / 60.0).abs() < 1e-12);
    }
}
