//! Rows of equal inputs stay on one side, so that no row is judged by a model that learned from its like.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::{MIN_CLASS_ROWS, Split, SplitError, TOLERANCE, check};
use crate::sample::mixed;
use crate::{Column, Table};

/// A key for each row over the other columns: rows that are equal in all of them have equal keys, a missing value being equal to
/// another. Two different rows share a key by accident once in 2^64 pairs, and then only stay together.
#[must_use]
pub fn row_keys<S: AsRef<str>>(table: &Table, without: &[S]) -> Vec<u64> {
    let mut keys = vec![0_u64; table.rows()];
    for (field, column) in table.iter() {
        if without.iter().any(|name| name.as_ref() == field.name) {
            continue;
        }
        match column {
            Column::Number(values) => add_numbers(&mut keys, values),
            Column::Text(text) => {
                let of_level: Vec<u64> =
                    text.levels().iter().map(|level| text_key(level)).collect();
                add_texts(&mut keys, text.codes(), &of_level);
            }
        }
    }
    keys
}

/// Adds a column of numbers to the keys of their rows.
pub fn add_numbers(keys: &mut [u64], values: &[f64]) {
    for (key, value) in keys.iter_mut().zip(values) {
        // The two zeros are one value, and so are all that are missing.
        let bits = if value.is_nan() { MISSING } else { (value + 0.0).to_bits() };
        *key = mixed(*key ^ bits);
    }
}

/// Adds a column of texts to the keys of their rows: their codes, and the [`text_key`] of each code.
pub fn add_texts(keys: &mut [u64], codes: &[u32], of_level: &[u64]) {
    for (key, code) in keys.iter_mut().zip(codes) {
        let of = usize::try_from(*code).ok().and_then(|code| of_level.get(code));
        *key = mixed(*key ^ of.copied().unwrap_or(MISSING));
    }
}

/// Stands for a missing value: the bits of a number that is none.
const MISSING: u64 = 0x7FF8_0000_0000_0001;

/// FNV-1a over the bytes of a text, with its length.
#[must_use]
pub fn text_key(text: &str) -> u64 {
    let hash = text.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    mixed(hash ^ text.len() as u64)
}

/// Number of rows that have the key of an earlier one.
#[must_use]
pub fn repeats(keys: &[u64]) -> usize {
    let mut sorted = keys.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    keys.len() - sorted.len()
}

/// Rows of equal inputs: so many, from a place of all rows in the order of their keys.
#[derive(Clone, Copy)]
struct Group {
    first: usize,
    rows: usize,
}

/// Gives groups of rows with equal keys to the splits, each to the one that lacks most of the group's classes and of rows: the
/// large groups first, and the single rows even out the rest. Where large groups leave no room for that, to the one that lacks
/// most rows. Without classes all rows are of one.
///
/// Memory: 24 bytes a row.
pub(super) fn together(
    keys: &[u64],
    classes: Option<&[f64]>,
    generator: &mut ChaCha8Rng,
) -> Result<Vec<Split>, SplitError> {
    let mut totals: BTreeMap<usize, usize> = BTreeMap::new();
    for row in 0..keys.len() {
        *totals.entry(class_of(classes, row)?).or_default() += 1;
    }
    let rare = totals.iter().find(|(_, rows)| **rows < MIN_CLASS_ROWS);
    if let (Some(_), Some((class, rows))) = (classes, rare) {
        return Err(SplitError::RareClass { class: *class, rows: *rows });
    }
    let key = |row: &usize| keys.get(*row).copied().unwrap_or_default();
    let mut rows: Vec<usize> = (0..keys.len()).collect();
    rows.sort_unstable_by_key(|row| (key(row), *row));
    let mut groups: Vec<Group> = Vec::new();
    for group in rows.chunk_by(|one, next| key(one) == key(next)) {
        let first = groups.last().map_or(0, |last| last.first + last.rows);
        groups.push(Group { first, rows: group.len() });
    }
    groups.shuffle(generator);
    groups.sort_by_key(|group| std::cmp::Reverse(group.rows));
    let grouped = Grouped { groups, rows, classes, totals };
    let stratified = grouped.deal(Balance::ClassesAndRows)?;
    if check(&stratified, TOLERANCE).is_ok() {
        return Ok(stratified);
    }
    grouped.deal(Balance::Rows)
}

/// The class of a row; without classes all rows are of one.
fn class_of(classes: Option<&[f64]>, row: usize) -> Result<usize, SplitError> {
    match classes {
        None => Ok(0),
        Some(classes) => match classes.get(row) {
            Some(class) if *class >= 0.0 && class.fract() == 0.0 => Ok(*class as usize),
            _ => Err(SplitError::NoClass { row: row + 1 }),
        },
    }
}

/// What is evened out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Balance {
    ClassesAndRows,
    Rows,
}

/// Groups in the order in which they are given away, over all rows in the order of their keys.
struct Grouped<'a> {
    groups: Vec<Group>,
    rows: Vec<usize>,
    classes: Option<&'a [f64]>,
    /// Rows of each class.
    totals: BTreeMap<usize, usize>,
}

impl Grouped<'_> {
    fn deal(&self, balance: Balance) -> Result<Vec<Split>, SplitError> {
        let mut splits = vec![Split::Train; self.rows.len()];
        let mut given: [BTreeMap<usize, usize>; 4] = Default::default();
        let mut of_classes: BTreeMap<usize, usize> = BTreeMap::new();
        for group in &self.groups {
            let of_group = self.rows.get(group.first..group.first + group.rows).unwrap_or_default();
            of_classes.clear();
            for row in of_group {
                *of_classes.entry(class_of(self.classes, *row)?).or_default() += 1;
            }
            let mut best = (Split::Train, f64::NEG_INFINITY);
            for (split, given) in Split::ALL.into_iter().zip(&given) {
                let due = split.share() * self.rows.len() as f64;
                let of_rows = 1.0 - given.values().sum::<usize>() as f64 / due;
                let lack = match balance {
                    Balance::ClassesAndRows => {
                        of_rows + lack(&of_classes, split, given, &self.totals)
                    }
                    Balance::Rows => of_rows,
                };
                if lack > best.1 {
                    best = (split, lack);
                }
            }
            let place = Split::ALL.into_iter().zip(&mut given).find(|(split, _)| *split == best.0);
            if let Some((_, given)) = place {
                for (class, rows) in &of_classes {
                    *given.entry(*class).or_default() += rows;
                }
            }
            for row in of_group {
                if let Some(slot) = splits.get_mut(*row) {
                    *slot = best.0;
                }
            }
        }
        for (split, given) in Split::ALL.into_iter().zip(&given) {
            if let Some(class) = self.totals.keys().find(|class| !given.contains_key(class)) {
                return Err(SplitError::ClassMissing { class: *class, split });
            }
        }
        Ok(splits)
    }
}

/// How much a split lacks of the classes of a group, as the part of what is due to it; a rare class counts as much as a frequent one.
fn lack(
    group: &BTreeMap<usize, usize>,
    split: Split,
    given: &BTreeMap<usize, usize>,
    totals: &BTreeMap<usize, usize>,
) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (class, rows) in group {
        let total = totals.get(class).copied().unwrap_or(1).max(1) as f64;
        let given = given.get(class).copied().unwrap_or(0) as f64;
        let weight = *rows as f64 / total;
        sum += weight * (1.0 - given / (split.share() * total));
        weights += weight;
    }
    sum / weights
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use super::super::{Method, assign, rows_of};
    use super::*;
    use crate::{ColumnType, Field};

    fn share(splits: &[Split], split: Split, of: impl Fn(usize) -> bool) -> f64 {
        let all = (0..splits.len()).filter(|row| of(*row)).count();
        let there = rows_of(splits, split).into_iter().filter(|row| of(*row)).count();
        there as f64 / all as f64
    }

    #[test]
    fn equal_rows_are_on_one_side_and_classes_keep_their_shares() {
        // 72 different inputs of 6,000 rows, each with rows of both classes, one of them rare.
        let keys: Vec<u64> = (0..6000).map(|row| row % 72).collect();
        let classes: Vec<f64> =
            (0..6000).map(|row| f64::from(u8::from(mixed(row).is_multiple_of(16)))).collect();
        let method = Method::Together { keys: &keys, classes: Some(&classes) };
        let splits = assign(method, 7).unwrap();
        assert_eq!(splits, assign(method, 7).unwrap());
        let mut of_key: BTreeMap<u64, Split> = BTreeMap::new();
        for (key, split) in keys.iter().zip(&splits) {
            assert_eq!(of_key.entry(*key).or_insert(*split), split);
        }
        for split in Split::ALL {
            let positive = share(&splits, split, |row| classes[row] == 1.0);
            assert!((positive - split.share()).abs() < 0.06, "{split:?} has {positive}");
        }
    }

    #[test]
    fn groups_of_very_different_sizes_meet_the_shares() {
        // 1, 2, 4, … rows: the largest has more than a third of them, and classes go with the groups.
        let keys: Vec<u64> =
            (0..3000_u64).map(|row| u64::from((row % 1000 + 1).ilog2()) * 40 + row % 23).collect();
        let classes: Vec<f64> = keys.iter().map(|key| f64::from(u8::from(key % 3 == 0))).collect();
        let splits = assign(Method::Together { keys: &keys, classes: Some(&classes) }, 5).unwrap();
        assert_eq!(rows_of(&splits, Split::HoldOut).len().abs_diff(150) / 60, 0);
    }

    #[test]
    fn a_few_repeated_rows_leave_the_shares_exact() {
        let keys: Vec<u64> = (0..1000).map(|row| if row < 30 { row / 3 } else { row }).collect();
        let classes: Vec<f64> = (0..1000).map(|row| f64::from(u8::from(row % 4 == 0))).collect();
        let splits = assign(Method::Together { keys: &keys, classes: Some(&classes) }, 3).unwrap();
        let of = |split| rows_of(&splits, split).len();
        assert!(of(Split::Train).abs_diff(600) <= 2 && of(Split::HoldOut).abs_diff(50) <= 2);
        assert!((share(&splits, Split::Test, |row| classes[row] == 1.0) - 0.15).abs() < 0.01);
        assert_ne!(
            splits,
            assign(Method::Together { keys: &keys, classes: Some(&classes) }, 4).unwrap()
        );
        assert!(assign(Method::Together { keys: &keys, classes: None }, 3).is_ok());
    }

    #[test]
    fn what_cannot_be_divided_is_told() {
        let few: Vec<u64> = (0..400).map(|row| row % 3).collect();
        assert!(matches!(
            assign(Method::Together { keys: &few, classes: None }, 0),
            Err(SplitError::Unbalanced { .. } | SplitError::ClassMissing { .. })
        ));
        // All rows of the second class are equal.
        let keys: Vec<u64> = (0..400).map(|row| if row < 40 { 0 } else { row }).collect();
        let classes: Vec<f64> = (0..400).map(|row| f64::from(u8::from(row < 40))).collect();
        assert!(matches!(
            assign(Method::Together { keys: &keys, classes: Some(&classes) }, 0),
            Err(SplitError::ClassMissing { class: 1, .. })
        ));
        let rare: Vec<f64> = (0..400).map(|row| f64::from(u8::from(row < 4))).collect();
        assert_eq!(
            assign(Method::Together { keys: &keys, classes: Some(&rare) }, 0),
            Err(SplitError::RareClass { class: 1, rows: 4 })
        );
    }

    #[test]
    fn keys_are_of_the_values() {
        let text = |texts: [Option<&str>; 4]| Column::Text(texts.into_iter().collect());
        let columns = vec![
            Column::Number(vec![0.0, -0.0, 1.0, f64::NAN]),
            text([Some("a"), Some("a"), Some("b"), None]),
            Column::Number(vec![1.0, 2.0, 3.0, 4.0]),
        ];
        let fields = vec![
            Field::new("x", ColumnType::Number),
            Field::new("t", ColumnType::Text),
            Field::new("y", ColumnType::Number),
        ];
        let table = Table::new(fields, columns).unwrap();
        let keys = row_keys(&table, &["y"]);
        assert_eq!(keys[0], keys[1]);
        assert_eq!(repeats(&keys), 1);
        assert_eq!(repeats(&row_keys::<&str>(&table, &[])), 0);
        // The same values in another order of levels have the same keys.
        let turned = table.take(&[3, 2, 1, 0]);
        let mut again = row_keys(&turned, &["y"]);
        again.reverse();
        assert_eq!(keys, again);
    }
}
