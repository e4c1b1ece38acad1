//! Columns of a table.

use std::collections::HashMap;
use std::sync::Arc;

pub use schema::{ColumnType, Field};
use thiserror::Error;

/// A text column, dictionary-encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextColumn {
    codes: Vec<u32>,
    // Parts of a column share them.
    levels: Arc<Vec<String>>,
}

/// A dictionary-encoded column that does not hold together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// A code points outside the levels.
    #[error("code {code} at row {row} is outside the {levels} levels")]
    CodeOutOfRange {
        /// Number of the row, from 0.
        row: usize,
        /// Code that names no level.
        code: u32,
        /// Number of levels.
        levels: usize,
    },
    /// A level stands twice.
    #[error("level {second} repeats level {first}")]
    RepeatedLevel {
        /// Index of the first.
        first: usize,
        /// Index of the second.
        second: usize,
    },
    /// More levels than codes can name.
    #[error("a text column holds at most {limit} levels", limit = u32::MAX - 1)]
    TooManyLevels,
}

impl TextColumn {
    /// The code of a missing value.
    pub const MISSING: u32 = u32::MAX;

    /// Checks that every code is a level or missing, and that no level stands twice.
    ///
    /// # Errors
    /// When a code is out of range or a level is repeated.
    pub fn new(codes: Vec<u32>, levels: Vec<String>) -> Result<Self, TextError> {
        if u32::try_from(levels.len()).is_err() {
            return Err(TextError::TooManyLevels);
        }
        let mut seen: HashMap<&str, usize> = HashMap::with_capacity(levels.len());
        for (second, level) in levels.iter().enumerate() {
            if let Some(first) = seen.insert(level, second) {
                return Err(TextError::RepeatedLevel { first, second });
            }
        }
        let out_of_range = |code: u32| {
            code != Self::MISSING && usize::try_from(code).is_ok_and(|code| code >= levels.len())
        };
        if let Some((row, code)) =
            codes.iter().copied().enumerate().find(|(_, code)| out_of_range(*code))
        {
            return Err(TextError::CodeOutOfRange { row, code, levels: levels.len() });
        }
        Ok(Self { codes, levels: Arc::new(levels) })
    }

    /// A column of levels that are known to be distinct, which other columns may share. A code that is no level is missing.
    #[must_use]
    pub fn of_distinct(mut codes: Vec<u32>, levels: Arc<Vec<String>>) -> Self {
        let most = u32::try_from(levels.len()).unwrap_or(Self::MISSING);
        for code in codes.iter_mut().filter(|code| **code >= most) {
            *code = Self::MISSING;
        }
        Self { codes, levels }
    }

    /// The code of each row.
    #[must_use]
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The distinct texts, in the order of their first row unless built otherwise.
    #[must_use]
    pub fn levels(&self) -> &[String] {
        &self.levels
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The text of a row; none where missing.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        self.codes.get(row).and_then(|code| self.level(*code))
    }

    /// The text of a code; none for [`Self::MISSING`].
    #[must_use]
    pub fn level(&self, code: u32) -> Option<&str> {
        usize::try_from(code).ok().and_then(|code| self.levels.get(code)).map(String::as_str)
    }

    /// The text of each row.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        self.codes.iter().map(|code| self.level(*code))
    }

    /// Rows of each level, and the rows that are missing.
    #[must_use]
    pub fn counts(&self) -> (Vec<u64>, u64) {
        let mut counts = vec![0_u64; self.levels.len()];
        let mut missing = 0;
        for code in &self.codes {
            match usize::try_from(*code).ok().and_then(|code| counts.get_mut(code)) {
                Some(count) => *count += 1,
                None => missing += 1,
            }
        }
        (counts, missing)
    }

    /// The given rows, in the given order; levels are kept. Rows that do not exist are missing.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        let codes =
            rows.iter().map(|row| self.codes.get(*row).copied().unwrap_or(Self::MISSING)).collect();
        Self { codes, levels: Arc::clone(&self.levels) }
    }

    /// The column with each level replaced; `None` makes its rows missing. Levels that become equal are merged.
    #[must_use]
    pub fn map_levels<'a>(&'a self, replace: impl Fn(&'a str) -> Option<&'a str>) -> Self {
        let mut levels: Vec<String> = Vec::with_capacity(self.levels.len());
        let mut index: HashMap<&str, u32> = HashMap::with_capacity(self.levels.len());
        let mut codes_of = Vec::with_capacity(self.levels.len());
        for level in self.levels.iter() {
            codes_of.push(match replace(level) {
                None => Self::MISSING,
                Some(text) => *index.entry(text).or_insert_with(|| {
                    levels.push(text.to_owned());
                    u32::try_from(levels.len() - 1).unwrap_or(Self::MISSING)
                }),
            });
        }
        let code_of = |code: &u32| {
            usize::try_from(*code)
                .ok()
                .and_then(|code| codes_of.get(code))
                .copied()
                .unwrap_or(Self::MISSING)
        };
        Self { codes: self.codes.iter().map(code_of).collect(), levels: Arc::new(levels) }
    }
}

impl<'a> FromIterator<Option<&'a str>> for TextColumn {
    fn from_iter<I: IntoIterator<Item = Option<&'a str>>>(values: I) -> Self {
        let values = values.into_iter();
        let mut builder = TextBuilder::with_capacity(values.size_hint().0);
        values.for_each(|value| builder.push(value));
        builder.finish()
    }
}

/// Levels up to which a text is compared with each of them, which takes less than its hash.
const COMPARED_LEVELS: usize = 8;

/// Builds a text column value by value.
#[derive(Debug, Default)]
pub struct TextBuilder {
    codes: Vec<u32>,
    levels: Vec<String>,
    /// The codes of the levels; empty while these are few.
    index: HashMap<String, u32>,
}

impl TextBuilder {
    /// A builder with room for so many rows.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        Self { codes: Vec::with_capacity(rows), ..Self::default() }
    }

    /// Adds a row with this text; none is a missing value.
    pub fn push(&mut self, value: Option<&str>) {
        let code = value.map_or(TextColumn::MISSING, |text| self.code(text));
        self.codes.push(code);
    }

    /// The code of a text, which becomes a level where it is none yet.
    fn code(&mut self, text: &str) -> u32 {
        let code = |place| u32::try_from(place).unwrap_or(TextColumn::MISSING);
        let known = if self.levels.len() <= COMPARED_LEVELS {
            self.levels.iter().position(|level| level == text).map(code)
        } else {
            self.index.get(text).copied()
        };
        known.unwrap_or_else(|| {
            self.levels.push(text.to_owned());
            if self.levels.len() > COMPARED_LEVELS {
                let unknown = self.levels.iter().enumerate().skip(self.index.len());
                self.index.extend(unknown.map(|(place, level)| (level.clone(), code(place))));
            }
            code(self.levels.len() - 1)
        })
    }

    /// Number of rows that were added.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are no rows yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The column of all texts that were added.
    #[must_use]
    pub fn finish(self) -> TextColumn {
        TextColumn { codes: self.codes, levels: Arc::new(self.levels) }
    }
}

/// The values of a column.
#[derive(Clone, Debug)]
pub enum Column {
    /// Numbers, booleans (0, 1), dates and instants (microseconds since 1970 UTC). NaN is missing.
    Number(Vec<f64>),
    /// Texts with their levels.
    Text(TextColumn),
}

/// Equal values; missing equals missing.
impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
            }
            (Self::Text(a), Self::Text(b)) => a.len() == b.len() && a.iter().eq(b.iter()),
            _ => false,
        }
    }
}

impl Column {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Text(text) => text.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers, unless it is text.
    #[must_use]
    pub fn numbers(&self) -> Option<&[f64]> {
        match self {
            Self::Number(values) => Some(values),
            Self::Text(_) => None,
        }
    }

    /// The texts, unless it is numeric.
    #[must_use]
    pub fn text(&self) -> Option<&TextColumn> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) => None,
        }
    }

    /// Whether the value of a row is missing, or there is no such row.
    #[must_use]
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Number(values) => values.get(row).is_none_or(|value| value.is_nan()),
            Self::Text(text) => text.codes.get(row).is_none_or(|code| *code == TextColumn::MISSING),
        }
    }

    /// Number of missing values.
    #[must_use]
    pub fn missing(&self) -> usize {
        match self {
            Self::Number(values) => values.iter().filter(|value| value.is_nan()).count(),
            Self::Text(text) => {
                text.codes.iter().filter(|code| **code == TextColumn::MISSING).count()
            }
        }
    }

    /// The given rows, in the given order. Rows that do not exist are missing.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        match self {
            Self::Number(values) => Self::Number(
                rows.iter().map(|row| values.get(*row).copied().unwrap_or(f64::NAN)).collect(),
            ),
            Self::Text(text) => Self::Text(text.take(rows)),
        }
    }
}
