//! The distinct texts of a column, each held once, in the order of their first row.

use std::hash::BuildHasher as _;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use tabular::TextColumn;

/// The distinct texts of a column and their rows.
#[derive(Debug, Default)]
pub struct Levels {
    /// All texts, one behind the other.
    texts: String,
    /// Where each ends.
    ends: Vec<usize>,
    rows: Vec<u64>,
}

impl Levels {
    /// Number of distinct texts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text of a code; none for [`TextColumn::MISSING`].
    #[must_use]
    pub fn get(&self, code: u32) -> Option<&str> {
        let place = usize::try_from(code).ok()?;
        let end = *self.ends.get(place)?;
        let begin = match place.checked_sub(1) {
            None => 0,
            Some(before) => *self.ends.get(before)?,
        };
        self.texts.get(begin..end)
    }

    /// The texts in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).filter_map(|place| self.get(u32::try_from(place).ok()?))
    }

    /// Rows of each text.
    #[must_use]
    pub fn rows(&self) -> &[u64] {
        &self.rows
    }

    /// Counts a row of a text.
    pub(crate) fn count(&mut self, code: u32) {
        if let Some(rows) = usize::try_from(code).ok().and_then(|code| self.rows.get_mut(code)) {
            *rows += 1;
        }
    }
}

/// Gives texts their codes.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    pub(crate) levels: Levels,
    codes: HashTable<u32>,
    // It decides about places in memory and nothing else.
    hasher: DefaultHashBuilder,
}

impl Dictionary {
    /// The code of a text, which is a new one for a new text.
    pub(crate) fn code(&mut self, text: &str) -> u32 {
        let (levels, hasher) = (&self.levels, &self.hasher);
        let of = |code: &u32| levels.get(*code).unwrap_or_default();
        let entry = self.codes.entry(
            hasher.hash_one(text),
            |code| of(code) == text,
            |code| hasher.hash_one(of(code)),
        );
        match entry {
            Entry::Occupied(code) => *code.get(),
            Entry::Vacant(vacant) => {
                // A code for each row at most, and rows are counted by 32 bits.
                let code = u32::try_from(self.levels.len()).unwrap_or(TextColumn::MISSING);
                vacant.insert(code);
                self.levels.texts.push_str(text);
                self.levels.ends.push(self.levels.texts.len());
                self.levels.rows.push(0);
                code
            }
        }
    }
}
