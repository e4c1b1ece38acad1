//! A column in bounded memory.

use std::collections::{BTreeMap, HashMap};

use tabular::{Column, ColumnType, Field, TextColumn, parse};

use super::digest::Digest;
use super::error::Error;
use super::observed::{Levels, Numbers, ObservedColumn};
use super::report::Kind;

/// Levels that a sketch keeps apart.
pub(crate) const MAX_SKETCH_LEVELS: usize = 512;
/// Levels at which the seldom ones are put together.
const PRUNED_AT: usize = 2 * MAX_SKETCH_LEVELS;
/// Bytes of a level that are kept; a longer one keeps its beginning and a digest of the whole.
pub(crate) const MAX_LEVEL_BYTES: usize = 128;

/// Rows that are counted; far from where sums of counts would end.
pub(crate) const MAX_ROWS: u64 = 1 << 62;

/// Rows of two sketches.
///
/// # Errors
/// [`Error::TooManyRows`].
pub(crate) fn together(rows: u64, more: u64) -> Result<u64, Error> {
    rows.checked_add(more).filter(|rows| *rows <= MAX_ROWS).ok_or(Error::TooManyRows)
}

/// What is kept of a column: enough to compare it, however many rows it has.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnSketch {
    /// Sketch of a numeric column.
    Numeric(NumericSketch),
    /// Sketch of a categorical column.
    Categorical(CategoricalSketch),
}

/// What is kept of numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NumericSketch {
    pub(crate) digest: Digest,
    pub(crate) missing: u64,
    pub(crate) not_finite: u64,
    pub(crate) mean: f64,
    pub(crate) squares: f64,
}

/// What is kept of categories.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CategoricalSketch {
    pub(crate) counts: HashMap<String, u64>,
    pub(crate) other: u64,
    pub(crate) short_by: u64,
    pub(crate) missing: u64,
}

impl NumericSketch {
    /// Values that stand for all, ascending, each with its number of rows.
    #[must_use]
    pub fn points(&self) -> Vec<(f64, u64)> {
        self.digest.gathered().groups().iter().map(|group| (group.mean, group.rows)).collect()
    }
}

impl ColumnSketch {
    /// Of numbers, none yet.
    #[must_use]
    pub fn numeric() -> Self {
        Self::Numeric(NumericSketch::default())
    }

    /// Of categories, none yet.
    #[must_use]
    pub fn categorical() -> Self {
        Self::Categorical(CategoricalSketch::default())
    }

    /// Of the kind that columns of a type have: numbers and moments are numeric, texts and booleans are categories.
    #[must_use]
    pub fn of_type(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::Text | ColumnType::Boolean => Self::categorical(),
            _ => Self::numeric(),
        }
    }

    /// Whether the column is numeric or categorical.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Numeric(_) => Kind::Numeric,
            Self::Categorical(_) => Kind::Categorical,
        }
    }

    /// Rows taken, those without a value included.
    #[must_use]
    pub fn rows(&self) -> u64 {
        match self {
            Self::Numeric(of) => of.rows(),
            Self::Categorical(of) => of.rows(),
        }
    }

    /// Takes a number; NaN is a missing value. A categorical column takes it as its text.
    pub fn add_number(&mut self, value: f64) {
        match self {
            Self::Numeric(of) => of.add(value),
            Self::Categorical(of) if value.is_nan() => of.add(None, 1),
            Self::Categorical(of) => of.add(Some(&value.to_string()), 1),
        }
    }

    /// Takes a text; none is a missing value. A numeric column takes the number that it says; a text that says none counts as
    /// not finite.
    pub fn add_text(&mut self, text: Option<&str>) {
        match self {
            Self::Categorical(of) => of.add(text, 1),
            Self::Numeric(of) => match text {
                None => of.missing += 1,
                Some(text) => of.add(parse::number(text).unwrap_or(f64::INFINITY)),
            },
        }
    }

    /// Takes the rows of another sketch of the same kind.
    ///
    /// # Errors
    /// [`Error::Kinds`] for another kind, and [`Error::TooManyRows`] beyond what can be counted.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        together(self.rows(), other.rows())?;
        match (self, other) {
            (Self::Numeric(of), Self::Numeric(other)) => of.merge(other),
            (Self::Categorical(of), Self::Categorical(other)) => of.merge(other),
            (of, other) => return Err(Error::Kinds { kept: of.kind(), added: other.kind() }),
        }
        Ok(())
    }

    /// Takes a column of a table.
    pub(crate) fn add_column(&mut self, field: &Field, column: &Column) {
        match (self, column) {
            (Self::Numeric(of), Column::Number(values)) => of.add_all(values),
            (Self::Categorical(of), Column::Text(text)) => of.add_column(text),
            (Self::Categorical(of), Column::Number(values)) => {
                for value in values {
                    let text = parse::format(*value, field.column_type);
                    of.add(Some(text.as_str()).filter(|_| !value.is_nan()), 1);
                }
            }
            (numeric, Column::Text(text)) => text.iter().for_each(|text| numeric.add_text(text)),
        }
    }

    pub(crate) fn observed(&self) -> ObservedColumn {
        match self {
            Self::Numeric(of) => ObservedColumn::Numeric(of.observed()),
            Self::Categorical(of) => ObservedColumn::Categorical(of.observed()),
        }
    }
}

impl NumericSketch {
    pub(crate) fn rows(&self) -> u64 {
        self.digest.rows() + self.missing + self.not_finite
    }

    fn add(&mut self, value: f64) {
        if value.is_nan() {
            self.missing += 1;
        } else if value.is_infinite() {
            self.not_finite += 1;
        } else {
            self.digest.add(value);
            let away = value - self.mean;
            self.mean += away / self.digest.rows() as f64;
            self.squares += away * (value - self.mean);
        }
    }

    fn add_all(&mut self, values: &[f64]) {
        values.iter().for_each(|value| self.add(*value));
    }

    fn merge(&mut self, other: &Self) {
        let (m, n) = (self.digest.rows() as f64, other.digest.rows() as f64);
        if n > 0.0 {
            let away = other.mean - self.mean;
            self.squares += other.squares + away * away * (m * n / (m + n));
            self.mean += away * (n / (m + n));
            self.digest.merge(&other.digest);
        }
        self.missing += other.missing;
        self.not_finite += other.not_finite;
    }

    fn observed(&self) -> Numbers {
        let rows = self.digest.rows() as f64;
        let known = rows > 0.0 && self.mean.is_finite() && self.squares.is_finite();
        Numbers {
            distribution: self.digest.distribution(),
            missing: self.missing,
            not_finite: self.not_finite,
            mean: known.then_some(self.mean),
            deviation: known.then(|| (self.squares / rows).max(0.0).sqrt()),
            whole: false,
        }
    }
}

impl CategoricalSketch {
    pub(crate) fn rows(&self) -> u64 {
        self.counts.values().sum::<u64>() + self.other + self.missing
    }

    fn add(&mut self, level: Option<&str>, rows: u64) {
        let Some(level) = level else {
            self.missing += rows;
            return;
        };
        if let Some(count) = self.counts.get_mut(level) {
            *count += rows;
            return;
        }
        *self.counts.entry(shortened(level)).or_default() += rows;
        self.prune(PRUNED_AT);
    }

    fn add_column(&mut self, text: &TextColumn) {
        let (counts, missing) = text.counts();
        self.missing += missing;
        for (level, rows) in text.levels().iter().zip(counts).filter(|(_, rows)| *rows > 0) {
            self.add(Some(level), rows);
        }
    }

    fn merge(&mut self, other: &Self) {
        for (level, rows) in &other.counts {
            *self.counts.entry(level.clone()).or_default() += rows;
        }
        self.other += other.other;
        self.short_by += other.short_by;
        self.missing += other.missing;
        self.prune(PRUNED_AT);
    }

    /// Where there are more levels than a limit, keeps the most frequent and counts the others together.
    pub(crate) fn prune(&mut self, limit: usize) {
        if self.counts.len() <= limit {
            return;
        }
        let mut levels: Vec<(String, u64)> = self.counts.drain().collect();
        levels.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let seldom = levels.split_off(MAX_SKETCH_LEVELS.min(levels.len()));
        self.short_by += seldom.first().map_or(0, |(_, rows)| *rows);
        self.other += seldom.iter().map(|(_, rows)| rows).sum::<u64>();
        self.counts = levels.into_iter().collect();
    }

    /// As it is written and compared: at most [`MAX_SKETCH_LEVELS`] levels.
    pub(crate) fn pruned(&self) -> Self {
        let mut own = self.clone();
        own.prune(MAX_SKETCH_LEVELS);
        own
    }

    fn observed(&self) -> Levels {
        let own = self.pruned();
        let counts: BTreeMap<String, u64> = own.counts.into_iter().collect();
        Levels { counts, other: own.other, short_by: own.short_by, missing: own.missing }
    }
}

/// A level within bounds: the whole, or its beginning with a digest (FNV-1a) of the whole.
pub(crate) fn shortened(level: &str) -> String {
    if level.len() <= MAX_LEVEL_BYTES {
        return level.to_owned();
    }
    let hash = level.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let start = level.floor_char_boundary(MAX_LEVEL_BYTES - 20);
    format!("{}…{hash:016x}", level.get(..start).unwrap_or_default())
}

#[cfg(test)]
mod tests;
