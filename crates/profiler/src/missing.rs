//! Which values are missing together, and which rows repeat.

use std::collections::HashMap;

use serde::Serialize;
use tables::StoredTable;
use tabular::TextColumn;
use tabular::split;

/// Patterns that are told.
const TOLD: usize = 20;
/// Patterns that are counted; rows of others count for none.
const MAX_PATTERNS: usize = 10_000;

/// Columns that are missing in the same rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pattern {
    /// Names of the columns that are missing; none for rows in which nothing is.
    pub missing: Vec<String>,
    /// Number of rows.
    pub rows: u64,
}

/// The most frequent patterns, and the number of rows that equal an earlier one.
pub(crate) fn look(table: &StoredTable) -> Result<(Vec<Pattern>, u64), tables::Error> {
    let width = table.fields().len();
    let texts: Vec<Option<Vec<u64>>> = (0..width)
        .map(|place| Some(table.levels(place)?.iter().map(split::text_key).collect()))
        .collect();
    let mut keys: Vec<u64> = Vec::with_capacity(table.rows());
    let mut patterns: HashMap<Vec<u32>, u64> = HashMap::new();
    let (mut numbers, mut codes) = (Vec::new(), Vec::new());
    for (block, rows) in table.blocks().iter().enumerate() {
        let mut of_block = vec![0; *rows];
        let mut missing: Vec<Vec<u32>> = vec![Vec::new(); *rows];
        for (place, texts) in texts.iter().enumerate() {
            let column = u32::try_from(place).unwrap_or(u32::MAX);
            let mut lacks = |is_missing: &mut dyn Iterator<Item = bool>| {
                for (row, is_missing) in missing.iter_mut().zip(is_missing) {
                    if is_missing {
                        row.push(column);
                    }
                }
            };
            match texts {
                Some(texts) => {
                    codes.clear();
                    table.read_codes(place, block, &mut codes)?;
                    split::add_texts(&mut of_block, &codes, texts);
                    lacks(&mut codes.iter().map(|code| *code == TextColumn::MISSING));
                }
                None => {
                    numbers.clear();
                    table.read_numbers(place, block, &mut numbers)?;
                    split::add_numbers(&mut of_block, &numbers);
                    lacks(&mut numbers.iter().map(|value| value.is_nan()));
                }
            }
        }
        keys.extend(of_block);
        for row in missing {
            if let Some(count) = patterns.get_mut(&row) {
                *count += 1;
            } else if patterns.len() < MAX_PATTERNS {
                patterns.insert(row, 1);
            }
        }
    }
    let mut patterns: Vec<(Vec<u32>, u64)> = patterns.into_iter().collect();
    patterns.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    patterns.truncate(TOLD);
    let name = |place: u32| {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        table.fields().get(place).map(|field| field.name.clone())
    };
    let told = patterns.into_iter().map(|(columns, rows)| Pattern {
        missing: columns.into_iter().filter_map(name).collect(),
        rows,
    });
    Ok((told.collect(), split::repeats(&keys) as u64))
}
