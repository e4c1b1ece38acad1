//! Divides rows into train, validation, test and hold-out.

mod together;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use thiserror::Error;

pub use self::together::{add_numbers, add_texts, repeats, row_keys, text_key};

use crate::Column;

/// Fewest rows that can be split at all.
pub const MIN_ROWS: usize = 20;

/// Fewest rows that a class needs to be in every split.
pub const MIN_CLASS_ROWS: usize = 20;

/// How far a split's share may be from the one asked for: two points, or one row where that is more.
pub const TOLERANCE: f64 = 0.02;

/// The same for a split by time, whose boundaries lie between two times, however many rows these have.
pub const TIME_TOLERANCE: f64 = 0.2;

/// Part of the rows that a step may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// What is learned from.
    Train,
    /// What choices are made on.
    Validation,
    /// What the result is measured on, once.
    Test,
    /// What stays sealed until a promotion is decided.
    HoldOut,
}

impl Split {
    /// All splits, in order.
    pub const ALL: [Self; 4] = [Self::Train, Self::Validation, Self::Test, Self::HoldOut];

    /// Its name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
            Self::HoldOut => "hold_out",
        }
    }

    /// Its share of the rows.
    #[must_use]
    pub fn share(self) -> f64 {
        match self {
            Self::Train => 0.60,
            Self::Validation => 0.20,
            Self::Test => 0.15,
            Self::HoldOut => 0.05,
        }
    }
}

/// How rows are divided.
#[derive(Clone, Copy, Debug)]
pub enum Method<'a> {
    /// By a seeded permutation of this many rows.
    Random {
        /// Number of rows.
        rows: usize,
    },
    /// As random, within each class. The class of each row, as [`crate::target::Target::values`].
    Stratified {
        /// The class index of each row.
        classes: &'a [f64],
    },
    /// All rows with the same key in the same split.
    Entity {
        /// The key of each row, as [`entity_keys`].
        keys: &'a [u64],
    },
    /// All rows with the same key in the same split, and within that as random or stratified.
    Together {
        /// The key of each row, as [`row_keys`].
        keys: &'a [u64],
        /// The class index of each row; none for a problem without classes.
        classes: Option<&'a [f64]>,
    },
    /// The oldest rows train, the newest are held out. Rows of the same time are in the same split.
    Time {
        /// The time of each row.
        times: &'a [f64],
    },
}

/// Rows that cannot be divided as asked.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SplitError {
    /// The table has fewer than [`MIN_ROWS`] rows.
    #[error("{rows} rows cannot be split; at least {MIN_ROWS} are needed")]
    TooFewRows {
        /// Number of rows that there are.
        rows: usize,
    },
    /// A class is too rare to be in every split.
    #[error(
        "class {class} has {rows} rows; a stratified split needs at least {MIN_CLASS_ROWS} of each class"
    )]
    RareClass {
        /// Index of the class.
        class: usize,
        /// Number of rows of the class.
        rows: usize,
    },
    /// Rows of a class are equal, so that a split has none of it.
    #[error("split {} would have no row of class {class}, whose rows are hardly different", split.as_str())]
    ClassMissing {
        /// Index of the class.
        class: usize,
        /// Split without it.
        split: Split,
    },
    /// A class index is not a whole number.
    #[error("the class of row {row} is missing")]
    NoClass {
        /// The row, from 1.
        row: usize,
    },
    /// The table has fewer than [`MIN_ROWS`] distinct entities.
    #[error("{entities} entities cannot be split; at least {MIN_ROWS} are needed")]
    TooFewEntities {
        /// Number of distinct keys.
        entities: usize,
    },
    /// Rows without a time.
    #[error("{rows} rows have no time; a split by time needs one in every row")]
    NoTime {
        /// Number of such rows.
        rows: usize,
    },
    /// Too few times to have each in one split alone.
    #[error("the rows have {times} different times; a split by time needs at least 4")]
    FewTimes {
        /// Number of different times.
        times: usize,
    },
    /// The shares could not be met.
    #[error("split {} would have {:.1} % of the rows instead of {:.0} %; a few entities or times hold too many rows", split.as_str(), share * 100.0, split.share() * 100.0)]
    Unbalanced {
        /// Split that would be empty.
        split: Split,
        /// The share that it would have.
        share: f64,
    },
}

/// Gives each row its split. The same rows and seed give the same splits.
///
/// # Errors
/// When there are too few rows, classes or entities, or the shares cannot be met.
pub fn assign(method: Method<'_>, seed: u64) -> Result<Vec<Split>, SplitError> {
    let rows = match method {
        Method::Random { rows } => rows,
        Method::Stratified { classes } => classes.len(),
        Method::Entity { keys } | Method::Together { keys, .. } => keys.len(),
        Method::Time { times } => times.len(),
    };
    if rows < MIN_ROWS {
        return Err(SplitError::TooFewRows { rows });
    }
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let splits = match method {
        Method::Random { rows } => random(rows, &mut generator),
        Method::Stratified { classes } => stratified(classes, &mut generator)?,
        Method::Entity { keys } => entity(keys, &mut generator)?,
        Method::Together { keys, classes } => together::together(keys, classes, &mut generator)?,
        Method::Time { times } => by_time(times)?,
    };
    let tolerance = if matches!(method, Method::Time { .. }) { TIME_TOLERANCE } else { TOLERANCE };
    check(&splits, tolerance)?;
    Ok(splits)
}

/// Rows of each split, in order.
#[must_use]
pub fn rows_of(splits: &[Split], split: Split) -> Vec<usize> {
    splits.iter().enumerate().filter(|(_, of)| **of == split).map(|(row, _)| row).collect()
}

/// A key for each row: rows with equal values have equal keys, rows without a value one each.
#[must_use]
pub fn entity_keys(column: &Column) -> Vec<u64> {
    // Keys of missing values start where neither codes nor indices of distinct numbers can reach.
    let alone = |row: usize| (1 << 63) | row as u64;
    match column {
        Column::Text(text) => {
            let key = |(row, code): (usize, &u32)| {
                if text.level(*code).is_some() { u64::from(*code) } else { alone(row) }
            };
            text.codes().iter().enumerate().map(key).collect()
        }
        Column::Number(values) => {
            let mut index: HashMap<u64, u64> = HashMap::new();
            let mut key = |(row, value): (usize, &f64)| {
                if value.is_nan() {
                    return alone(row);
                }
                let next = index.len() as u64;
                *index.entry((value + 0.0).to_bits()).or_insert(next)
            };
            values.iter().enumerate().map(&mut key).collect()
        }
    }
}

fn check(splits: &[Split], tolerance: f64) -> Result<(), SplitError> {
    let rows = splits.len() as f64;
    for split in Split::ALL {
        let share = splits.iter().filter(|of| **of == split).count() as f64 / rows;
        if (share - split.share()).abs() > tolerance.max(1.0 / rows) + 1e-9 {
            return Err(SplitError::Unbalanced { split, share });
        }
    }
    Ok(())
}

/// Last row (exclusive) of each split when `rows` rows stand in order; every split has at least one.
fn ends(rows: usize) -> [usize; 4] {
    let at = |share: f64| (share * rows as f64).round() as usize;
    let test = at(0.95).min(rows.saturating_sub(1));
    let validation = at(0.80).min(test.saturating_sub(1));
    let train = at(0.60).min(validation.saturating_sub(1));
    [train, validation, test, rows]
}

fn deal(order: &[usize], ends: [usize; 4], splits: &mut [Split]) {
    for (place, row) in order.iter().enumerate() {
        let split = Split::ALL
            .into_iter()
            .zip(ends)
            .find(|(_, end)| place < *end)
            .map_or(Split::HoldOut, |(of, _)| of);
        if let Some(slot) = splits.get_mut(*row) {
            *slot = split;
        }
    }
}

fn random(rows: usize, generator: &mut ChaCha8Rng) -> Vec<Split> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(generator);
    let mut splits = vec![Split::Train; rows];
    deal(&order, ends(rows), &mut splits);
    splits
}

fn stratified(classes: &[f64], generator: &mut ChaCha8Rng) -> Result<Vec<Split>, SplitError> {
    let mut of_class: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, class) in classes.iter().enumerate() {
        if !(class.is_finite() && *class >= 0.0 && class.fract() == 0.0) {
            return Err(SplitError::NoClass { row: row + 1 });
        }
        of_class.entry(*class as usize).or_default().push(row);
    }
    if let Some((class, rows)) = of_class.iter().find(|(_, rows)| rows.len() < MIN_CLASS_ROWS) {
        return Err(SplitError::RareClass { class: *class, rows: rows.len() });
    }
    let mut splits = vec![Split::Train; classes.len()];
    let (mut seen, mut given) = (0, [0_usize; 3]);
    for order in of_class.values_mut() {
        order.shuffle(generator);
        seen += order.len();
        // Each class gets what is due to all classes so far, so that rounding does not add up over many classes.
        let shares = [Split::Validation, Split::Test, Split::HoldOut].map(Split::share);
        let mut counts = [0_usize; 3];
        for ((count, given), share) in counts.iter_mut().zip(&mut given).zip(shares) {
            let due = (share * seen as f64).round() as usize;
            *count = due.saturating_sub(*given).max(1);
            *given += *count;
        }
        let [validation, test, hold_out] = counts;
        let train = order.len().saturating_sub(validation + test + hold_out);
        deal(
            order,
            [train, train + validation, train + validation + test, order.len()],
            &mut splits,
        );
    }
    Ok(splits)
}

fn entity(keys: &[u64], generator: &mut ChaCha8Rng) -> Result<Vec<Split>, SplitError> {
    let mut of_key: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (row, key) in keys.iter().enumerate() {
        of_key.entry(*key).or_default().push(row);
    }
    let mut entities: Vec<Vec<usize>> = of_key.into_values().collect();
    if entities.len() < MIN_ROWS {
        return Err(SplitError::TooFewEntities { entities: entities.len() });
    }
    entities.shuffle(generator);
    // Large ones first, each to the split that lacks most of its share; the small ones even out the rest.
    entities.sort_by_key(|rows| std::cmp::Reverse(rows.len()));
    let mut splits = vec![Split::Train; keys.len()];
    let mut given = [0_usize; 4];
    for rows in entities {
        let lack = |(split, given): (Split, usize)| {
            1.0 - given as f64 / (split.share() * keys.len() as f64)
        };
        let mut best = (0, f64::NEG_INFINITY);
        for (place, pair) in Split::ALL.into_iter().zip(given).enumerate() {
            if lack(pair) > best.1 {
                best = (place, lack(pair));
            }
        }
        let split = Split::ALL.get(best.0).copied().unwrap_or(Split::Train);
        if let Some(given) = given.get_mut(best.0) {
            *given += rows.len();
        }
        for row in rows {
            if let Some(slot) = splits.get_mut(row) {
                *slot = split;
            }
        }
    }
    Ok(splits)
}

fn by_time(times: &[f64]) -> Result<Vec<Split>, SplitError> {
    let missing = times.iter().filter(|time| time.is_nan()).count();
    if missing > 0 {
        return Err(SplitError::NoTime { rows: missing });
    }
    let time = |row: usize| times.get(row).copied().unwrap_or(f64::NAN);
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by(|a, b| time(*a).total_cmp(&time(*b)));
    let is_change = |(before, after): (&usize, &usize)| time(*before) != time(*after);
    let neighbours = order.iter().zip(order.iter().skip(1)).enumerate();
    let changes: Vec<usize> =
        neighbours.filter(|(_, pair)| is_change(*pair)).map(|(place, _)| place + 1).collect();
    // Each boundary is the nearest change of time, from the newest on, with a change left for each boundary before it.
    let nearest = |wanted: usize, below: usize, left: usize| -> Option<usize> {
        let free = changes.iter().skip(left).take_while(|change| **change < below);
        free.copied().min_by_key(|change| change.abs_diff(wanted))
    };
    let [train, validation, test, rows] = ends(times.len());
    let few = || SplitError::FewTimes { times: changes.len() + 1 };
    let test = nearest(test, rows, 2).ok_or_else(few)?;
    let validation = nearest(validation, test, 1).ok_or_else(few)?;
    let train = nearest(train, validation, 0).ok_or_else(few)?;
    let mut splits = vec![Split::Train; times.len()];
    deal(&order, [train, validation, test, rows], &mut splits);
    Ok(splits)
}

#[cfg(test)]
mod tests;
