//! The dimensions of quality, measured on the rows that are kept.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use statistics::Finding;
use statistics::quality::Dimensions;
use tables::{Levels, StoredTable};
use tabular::parse;

use crate::blanks::{self, Blanks};
use crate::issues::{noted, rows};
use crate::losses;

/// Share of numbers among the texts of a column from which on the others count as mistakes.
const MOSTLY_NUMBERS: f64 = 0.9;
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
pub(crate) fn measure(
    table: &StoredTable,
    facts: &LoadFacts<'_>,
) -> Result<(Dimensions, Vec<Finding>), tables::Error> {
    let cells = (table.rows() * table.fields().len()).max(1) as f64;
    let mut issues = Vec::new();
    let (mut invalid, mut inconsistent) = (0_u64, 0_u64);
    let fields = table.fields().iter().enumerate();
    let blanks: Vec<Blanks<'_>> = fields
        .map(|(place, field)| Blanks { column: &field.name, missing: table.missing(place) })
        .collect();
    issues.extend(blanks::findings(&blanks, table.rows() as u64));
    for (place, field) in table.fields().iter().enumerate() {
        if let Some(levels) = table.levels(place) {
            invalid += mixed(&field.name, table, place, levels, facts, &mut issues)?;
            inconsistent += variants(&field.name, levels, &mut issues);
        }
    }
    let late = future(table, facts, &mut issues)?;
    let total = table.rows() as u64 + facts.duplicates;
    let dimensions = Dimensions {
        completeness: blanks::completeness(&blanks, table.rows() as u64),
        validity: 1.0 - invalid as f64 / cells,
        consistency: 1.0 - inconsistent as f64 / cells,
        uniqueness: 1.0 - facts.duplicates as f64 / total.max(1) as f64,
        timeliness: 1.0 - late as f64 / table.rows().max(1) as f64,
    };
    let evidence = losses::Evidence {
        dimensions: &dimensions,
        blanks: &blanks,
        rows: table.rows() as u64,
        duplicates: facts.duplicates,
        findings: &issues,
    };
    let lost = losses::of(&evidence);
    issues.extend(lost);
    Ok((dimensions, issues))
}

/// Texts in a column that is otherwise numbers.
fn mixed(
    name: &str,
    table: &StoredTable,
    place: usize,
    levels: &Levels,
    facts: &LoadFacts<'_>,
    issues: &mut Vec<Finding>,
) -> Result<u64, tables::Error> {
    let is_number: Vec<bool> = levels.iter().map(|level| parse::number(level).is_some()).collect();
    let present: u64 = levels.rows().iter().sum();
    let counted = levels.rows().iter().zip(&is_number).filter(|(_, is_number)| **is_number);
    let numbers: u64 = counted.map(|(rows, _)| rows).sum();
    let others = present - numbers;
    if others == 0 || (numbers as f64) < MOSTLY_NUMBERS * present as f64 {
        return Ok(0);
    }
    let other =
        |code: u32| usize::try_from(code).ok().and_then(|code| is_number.get(code)) == Some(&false);
    let mut at: Vec<u64> = Vec::new();
    let (mut codes, mut before) = (Vec::new(), 0);
    for (block, rows) in table.blocks().iter().enumerate() {
        if at.len() >= MAX_ROWS {
            break;
        }
        codes.clear();
        table.read_codes(place, block, &mut codes)?;
        let numbers = facts.row_numbers.get(before..).unwrap_or_default();
        at.extend(codes.iter().zip(numbers).filter(|(code, _)| other(**code)).map(|(_, row)| *row));
        before += rows;
    }
    at.truncate(MAX_ROWS);
    issues.push(noted(
        "mixed_types",
        name,
        others,
        format!(
            "column `{name}` holds numbers but for {others} texts ({}); it is taken as text: correct them, or say that their text means a missing value (--missing-marker, or missing_markers in the request or the catalogue)",
            rows(&at)
        ),
    ));
    Ok(others)
}

/// Rows whose text differs from a more frequent one by case or blanks alone.
fn variants(name: &str, levels: &Levels, issues: &mut Vec<Finding>) -> u64 {
    // 16 bytes for each text, of which there may be one a row.
    let plain = |level: &str| {
        let mut hasher = DefaultHasher::new();
        for word in level.split_whitespace() {
            word.to_lowercase().hash(&mut hasher);
        }
        hasher.finish()
    };
    let mut forms: Vec<(u64, u64)> = levels
        .iter()
        .zip(levels.rows())
        .filter(|(_, rows)| **rows > 0)
        .map(|(level, rows)| (plain(level), *rows))
        .collect();
    forms.sort_unstable();
    let (mut rows, mut kinds) = (0_u64, 0_usize);
    for group in forms.chunk_by(|one, next| one.0 == next.0).filter(|group| group.len() > 1) {
        kinds += 1;
        let counts = || group.iter().map(|(_, rows)| *rows);
        rows += counts().sum::<u64>() - counts().max().unwrap_or_default();
    }
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
fn future(
    table: &StoredTable,
    facts: &LoadFacts<'_>,
    issues: &mut Vec<Finding>,
) -> Result<u64, tables::Error> {
    let Some(place) = table.position(facts.time_column) else { return Ok(0) };
    let times = table.column(place)?;
    let late: Vec<u64> = times
        .numbers()
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
    Ok(count)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use tabular::{Column, ColumnType, Field, Table, TextColumn};

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
        let table = StoredTable::of_table(&table, &std::env::temp_dir()).unwrap();
        let (dimensions, issues) = measure(&table, &facts).unwrap();
        let codes: Vec<&str> = issues.iter().map(|issue| issue.code.as_str()).collect();
        let told = ["mixed_types", "inconsistent_spelling", "future_time"];
        assert_eq!(codes[..3], told);
        // Validity, consistency, uniqueness and timeliness.
        assert_eq!(codes[3..], [losses::CODE; 4]);
        assert!(issues[0].message.contains("row 5"), "{}", issues[0].message);
        assert_eq!(issues[1].rows, 3);
        assert!(issues[2].message.contains("rows 19 and 20"), "{}", issues[2].message);
        assert!((dimensions.uniqueness - 0.8).abs() < 1e-12);
        assert!((dimensions.timeliness - 0.9).abs() < 1e-12);
        assert!((dimensions.validity - 59.0 / 60.0).abs() < 1e-12);
    }
}
