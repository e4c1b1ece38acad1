//! Rows that are equal but for a little, on different sides of the split.
//!
//! ```text
//! features, a block at a time ─▶ a key of the values as they are, and one of them rounded ─▶ sorted ─▶ rows of one rounded key
//! ```
//!
//! Rounded are numbers to nine bits of their significand (about three digits), times to the day, and texts to their letters and
//! digits in lower case. Rows that are alike by chance grow in number by an order of magnitude for each digit less; copies do not.
//! So they are counted once more with numbers of six bits (about two digits), and are told where they hardly grow.
//!
//! Memory: 16 bytes a row.

use statistics::Finding;
use tables::StoredTable;
use tabular::split::{self, Split};
use tabular::{ColumnType, Field};

use crate::assess::KeptColumn;
use crate::issues::noted;
use crate::prepare::Unprepared;

/// Bits of a number's significand that are compared, and those of the count that tells chance.
const FINE: u32 = 9;
const COARSE: u32 = 6;
/// Days of a time likewise.
const FINE_DAYS: f64 = 1.0;
const COARSE_DAYS: f64 = 7.0;
/// Microseconds of a day.
const DAY: f64 = 86_400.0 * 1e6;
/// By how much the coarse count of pairs may exceed the fine one.
const GROWTH: u64 = 2;
/// Fewest rows that are told, and their least share of the rows that are not learned from.
const MIN_ROWS: u64 = 5;
const MIN_SHARE: f64 = 0.005;
/// Columns in which rows have to be alike.
const MIN_COLUMNS: usize = 3;

/// What is compared.
struct Compared {
    place: usize,
    kind: ColumnType,
    /// Keys of the texts as they are, and of what they come to.
    texts: Option<(Vec<u64>, Vec<u64>)>,
}

/// A warning about rows that were not learned from and have their like, and not their equal, among those that were.
///
/// `kept` are the columns that are kept, of which identifiers are none; `dropped` are training rows that are left out, in order.
pub(crate) fn find(
    table: &StoredTable,
    kept: &[(usize, Box<KeptColumn>)],
    splits: &[Split],
    dropped: &[usize],
    threads: usize,
) -> Result<Option<Finding>, Unprepared> {
    let of = |place: usize, field: &Field| Compared {
        place,
        kind: field.column_type,
        texts: table.levels(place).map(|levels| {
            let plain = levels.iter().map(split::text_key).collect();
            (plain, levels.iter().map(|text| split::text_key(&normalised(text))).collect())
        }),
    };
    let columns: Vec<Compared> = kept
        .iter()
        .filter(|(_, column)| {
            let is_identifier = |of: &Finding| of.code == "predictive_identifier";
            column.cleaning.is_some() && !column.leakage.iter().any(is_identifier)
        })
        .filter_map(|(place, _)| Some(of(*place, table.fields().get(*place)?)))
        .collect();
    if columns.len() < MIN_COLUMNS {
        return Ok(None);
    }
    let count = |bits: u32, days: f64| -> Result<Alike, Unprepared> {
        let keys = keys(table, &columns, (bits, days), threads)?;
        Ok(alike(keys, splits, dropped))
    };
    let fine = count(FINE, FINE_DAYS)?;
    let judged = splits.iter().filter(|split| **split != Split::Train).count();
    let Alike { rows, pairs } = fine;
    if rows < MIN_ROWS || (rows as f64) < MIN_SHARE * judged as f64 {
        return Ok(None);
    }
    if count(COARSE, COARSE_DAYS)?.pairs > GROWTH * pairs {
        return Ok(None);
    }
    let message = format!(
        "{rows} of the {judged} rows that are not learned from equal a training row but for a little (numbers to about 3 digits, times to the day, texts but for case, blanks and punctuation; {} columns, identifiers left out): the metrics may be those of rows whose like was learned from; where they are of one thing, name the column that says of which (`--split entity --entity-column COLUMN`, entityColumn), or leave copies out of the source",
        columns.len()
    );
    Ok(Some(noted("near_duplicate_rows", "", rows, message)))
}

/// The rounded key of each row, and the key of its values as they are.
fn keys(
    table: &StoredTable,
    columns: &[Compared],
    (bits, days): (u32, f64),
    threads: usize,
) -> Result<Vec<(u64, u64)>, Unprepared> {
    let mut all = Vec::with_capacity(table.rows());
    dataset::each_in_order(
        threads,
        table.blocks().iter().copied().enumerate(),
        |(block, rows)| -> Result<(Vec<u64>, Vec<u64>), Unprepared> {
            let (mut near, mut exact) = (vec![0; rows], vec![0; rows]);
            let (mut numbers, mut codes) = (Vec::new(), Vec::new());
            for column in columns {
                match &column.texts {
                    None => {
                        numbers.clear();
                        table.read_numbers(column.place, block, &mut numbers)?;
                        split::add_numbers(&mut exact, &numbers);
                        let is_time = column.kind.is_temporal();
                        for value in &mut numbers {
                            *value = if is_time {
                                (*value / (days * DAY)).floor()
                            } else {
                                rounded(*value, bits)
                            };
                        }
                        split::add_numbers(&mut near, &numbers);
                    }
                    Some((plain, normalised)) => {
                        codes.clear();
                        table.read_codes(column.place, block, &mut codes)?;
                        split::add_texts(&mut exact, &codes, plain);
                        split::add_texts(&mut near, &codes, normalised);
                    }
                }
            }
            Ok((near, exact))
        },
        |(near, exact)| {
            all.extend(near.into_iter().zip(exact));
            Ok(())
        },
    )?;
    Ok(all)
}

/// Rows that have their like on the other side of the split.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Alike {
    /// Rows that were not learned from, and have their like, and not their equal alone, among those that were.
    rows: u64,
    /// Pairs of such a row and a different row of those, which grow where rows no longer can.
    pairs: u64,
}

fn alike(keys: Vec<(u64, u64)>, splits: &[Split], dropped: &[usize]) -> Alike {
    // The last bit of a row's own key says whether it was learned from.
    let marked = |(row, ((near, exact), split)): (usize, ((u64, u64), &Split))| {
        let is_train = *split == Split::Train;
        let is_gone = is_train && dropped.binary_search(&row).is_ok();
        (!is_gone).then_some((near, (exact & !1) | u64::from(is_train)))
    };
    let mut keys: Vec<(u64, u64)> =
        keys.into_iter().zip(splits).enumerate().filter_map(marked).collect();
    keys.sort_unstable();
    let mut found = Alike::default();
    for group in keys.chunk_by(|one, next| one.0 == next.0) {
        let of = |is_train: u64| {
            group.iter().map(|(_, exact)| *exact).filter(move |exact| exact & 1 == is_train)
        };
        let mut learned: Vec<u64> = of(1).collect();
        learned.dedup();
        for exact in of(0) {
            let equal = usize::from(learned.binary_search(&(exact | 1)).is_ok());
            let like = (learned.len() - equal) as u64;
            found.rows += u64::from(like > 0);
            found.pairs += like;
        }
    }
    found
}

/// A number with so many bits of its significand, rounded to nearest.
fn rounded(value: f64, bits: u32) -> f64 {
    if !value.is_finite() {
        return value;
    }
    let cut = f64::MANTISSA_DIGITS - 1 - bits;
    let half = 1_u64 << (cut - 1);
    f64::from_bits((value.to_bits() + half) & !((1_u64 << cut) - 1))
}

/// Letters and digits in lower case, and a blank between words.
fn normalised(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_by_a_little_is_one() {
        for (one, other) in [(1234.5, 1234.4), (0.071_21, 0.071_2), (-5e20, -5.0001e20), (0.0, 0.0)]
        {
            assert_eq!(rounded(one, FINE).to_bits(), rounded(other, FINE).to_bits());
        }
        for (one, other) in [(1234.5, 1240.0), (41.0, 42.0), (0.07, 0.0705), (1.0, -1.0)] {
            assert_ne!(rounded(one, FINE).to_bits(), rounded(other, FINE).to_bits());
        }
        assert!(rounded(f64::NAN, FINE).is_nan());
        assert_eq!(normalised(" Main-Street  7, B."), normalised("main street 7 b"));
        assert_ne!(normalised("ab c"), normalised("a bc"));
    }

    #[test]
    fn rows_count_that_have_their_like_and_not_their_equal_among_those_learned_from() {
        use Split::{HoldOut, Test, Train, Validation};
        let keys = vec![
            (1, 10),
            (1, 20), // alike
            (2, 30),
            (2, 30), // equal
            (3, 40),
            (3, 50), // neither was learned from
            (4, 60),
            (4, 60),
            (4, 80), // equal to the one, and alike the other
            (5, 90),
        ];
        let splits = [Train, Test, Train, Validation, Test, HoldOut, Train, HoldOut, Train, Test];
        assert_eq!(alike(keys.clone(), &splits, &[]), Alike { rows: 2, pairs: 2 });
        // Rows that cleaning left out were not learned from.
        assert_eq!(alike(keys, &splits, &[0, 8]), Alike::default());
    }
}
