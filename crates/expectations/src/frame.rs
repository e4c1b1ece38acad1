//! Rows as pandas reads them: the type of a column from its texts, and batches of typed columns.

use std::fmt;

use crate::value::Cell;

/// Type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// Whole numbers of 64 bits, none missing.
    Int64,
    /// Numbers, or nothing at all.
    Float64,
    /// True and false, none missing.
    Bool,
    /// True and false, some missing.
    Object,
    /// Texts.
    Str,
}

impl Dtype {
    /// The name as results have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Int64 => "int64",
            Self::Float64 => "float64",
            Self::Bool => "bool",
            Self::Object => "object",
            Self::Str => "str",
        }
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The texts that stand for a missing value, compared as they are.
#[derive(Clone, Debug)]
pub struct MissingTexts {
    texts: Vec<String>,
    /// Whether some text begins with the byte.
    begins: [bool; 256],
    empty: bool,
    longest: usize,
}

impl MissingTexts {
    /// The texts that `pandas.read_csv` takes for missing unless it is told otherwise.
    pub const PANDAS: [&'static str; 19] = [
        "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
        "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
    ];

    /// Exactly these texts; none at all where the list is empty.
    #[must_use]
    pub fn only<S: AsRef<str>>(texts: &[S]) -> Self {
        let texts: Vec<String> = texts.iter().map(|text| text.as_ref().to_owned()).collect();
        let mut begins = [false; 256];
        for first in texts.iter().filter_map(|text| text.bytes().next()) {
            if let Some(slot) = begins.get_mut(usize::from(first)) {
                *slot = true;
            }
        }
        let empty = texts.iter().any(String::is_empty);
        let longest = texts.iter().map(String::len).max().unwrap_or(0);
        Self { texts, begins, empty, longest }
    }

    /// Whether a text stands for a missing value.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        match text.as_bytes().first() {
            None => self.empty,
            Some(first) => {
                self.begins.get(usize::from(*first)) == Some(&true)
                    && text.len() <= self.longest
                    && self.texts.iter().any(|missing| missing == text)
            }
        }
    }
}

impl Default for MissingTexts {
    fn default() -> Self {
        Self::only(&Self::PANDAS)
    }
}

fn integer(text: &str) -> Option<i64> {
    text.trim_ascii().parse().ok()
}

fn float(text: &str) -> Option<f64> {
    text.trim_ascii().parse::<f64>().ok().filter(|value| !value.is_nan())
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "True" | "TRUE" | "true" => Some(true),
        "False" | "FALSE" | "false" => Some(false),
        _ => None,
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Kind {
    #[default]
    Unknown,
    Int,
    Float,
    Bool,
    Text,
}

/// Concludes the type of a column from its texts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inference {
    kind: Kind,
    missing: bool,
}

impl Inference {
    /// As if values of a type had been seen.
    #[must_use]
    pub fn of(dtype: Dtype) -> Self {
        let (kind, missing) = match dtype {
            Dtype::Int64 => (Kind::Int, false),
            Dtype::Float64 => (Kind::Float, false),
            Dtype::Bool => (Kind::Bool, false),
            Dtype::Object => (Kind::Bool, true),
            Dtype::Str => (Kind::Text, false),
        };
        Self { kind, missing }
    }

    /// Takes a value into account; a text is what it reads as.
    pub fn observe(&mut self, cell: Cell<'_>) {
        let text = match cell {
            Cell::Text(text) => text,
            Cell::Missing => {
                self.missing = true;
                return;
            }
            // Of a file that has types: these are told of texts alone.
            Cell::Bool(_) | Cell::Int(_) | Cell::Float(_) => return,
        };
        let is_number = matches!(self.kind, Kind::Unknown | Kind::Int | Kind::Float);
        self.kind = match self.kind {
            Kind::Text => Kind::Text,
            Kind::Unknown | Kind::Int if integer(text).is_some() => Kind::Int,
            _ if is_number && float(text).is_some() => Kind::Float,
            Kind::Unknown | Kind::Bool if boolean(text).is_some() => Kind::Bool,
            _ => Kind::Text,
        };
    }

    /// The type of what was seen.
    #[must_use]
    pub fn dtype(&self) -> Dtype {
        match (self.kind, self.missing) {
            (Kind::Int, false) => Dtype::Int64,
            (Kind::Unknown | Kind::Float | Kind::Int, _) => Dtype::Float64,
            (Kind::Bool, false) => Dtype::Bool,
            (Kind::Bool, true) => Dtype::Object,
            (Kind::Text, _) => Dtype::Str,
        }
    }
}

/// Texts in one piece of memory.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    data: String,
    /// Where each text ends.
    ends: Vec<usize>,
    present: Vec<bool>,
}

impl Texts {
    /// Adds a text; none where the value is missing.
    pub fn push(&mut self, text: Option<&str>) {
        self.data.push_str(text.unwrap_or_default());
        self.ends.push(self.data.len());
        self.present.push(text.is_some());
    }

    fn get(&self, row: usize) -> Cell<'_> {
        let start =
            row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        match (self.present.get(row), self.ends.get(row)) {
            (Some(true), Some(end)) => Cell::Text(self.data.get(start..*end).unwrap_or_default()),
            _ => Cell::Missing,
        }
    }
}

/// The values of a column in a batch.
#[derive(Clone, Debug)]
pub enum Values {
    /// Whole numbers.
    Int(Vec<i64>),
    /// Numbers; NaN where missing.
    Float(Vec<f64>),
    /// True and false.
    Bool(Vec<Option<bool>>),
    /// Texts.
    Text(Texts),
}

impl Values {
    /// No rows of a type.
    #[must_use]
    pub fn of(dtype: Dtype, rows: usize) -> Self {
        match dtype {
            Dtype::Int64 => Self::Int(Vec::with_capacity(rows)),
            Dtype::Float64 => Self::Float(Vec::with_capacity(rows)),
            Dtype::Bool | Dtype::Object => Self::Bool(Vec::with_capacity(rows)),
            Dtype::Str => Self::Text(Texts::default()),
        }
    }

    /// Adds a value, a text as what it reads as; false where it is none of the type, or is missing where nothing may be.
    #[must_use]
    pub fn push(&mut self, dtype: Dtype, cell: Cell<'_>) -> bool {
        match self {
            Self::Int(values) => {
                let value = match cell {
                    Cell::Text(text) => integer(text),
                    Cell::Int(value) => Some(value),
                    _ => None,
                };
                value.map(|value| values.push(value)).is_some()
            }
            Self::Float(values) => {
                let value = match cell {
                    Cell::Text(text) => float(text),
                    other => Some(other.number().unwrap_or(f64::NAN)),
                };
                value.map(|value| values.push(value)).is_some()
            }
            Self::Bool(values) => {
                let value = match cell {
                    Cell::Text(text) => boolean(text),
                    Cell::Bool(value) => Some(value),
                    _ => None,
                };
                values.push(value);
                value.is_some() || (cell.is_missing() && dtype == Dtype::Object)
            }
            Self::Text(texts) => match cell {
                Cell::Text(text) => {
                    texts.push(Some(text));
                    true
                }
                Cell::Missing => {
                    texts.push(None);
                    true
                }
                Cell::Bool(_) | Cell::Int(_) | Cell::Float(_) => false,
            },
        }
    }

    /// The value of a row; missing beyond the last.
    #[must_use]
    pub fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Int(values) => values.get(row).map_or(Cell::Missing, |value| Cell::Int(*value)),
            Self::Float(values) => match values.get(row) {
                Some(value) if !value.is_nan() => Cell::Float(*value),
                _ => Cell::Missing,
            },
            Self::Bool(values) => {
                values.get(row).copied().flatten().map_or(Cell::Missing, Cell::Bool)
            }
            Self::Text(texts) => texts.get(row),
        }
    }
}

/// Rows of the columns that a suite needs, in the order of [`crate::Validation::needed`].
#[derive(Clone, Debug)]
pub struct Batch {
    /// Number of rows.
    pub rows: usize,
    /// The columns, each with so many rows.
    pub columns: Vec<Values>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dtype(texts: &[&str]) -> Dtype {
        let missing = MissingTexts::default();
        let mut inference = Inference::default();
        for text in texts {
            let is_missing = missing.contains(text);
            inference.observe(if is_missing { Cell::Missing } else { Cell::Text(text) });
        }
        inference.dtype()
    }

    /// As pandas 3.1.1 reads columns of these texts.
    #[test]
    fn types_are_those_of_pandas() {
        for (texts, expected) in [
            (vec!["1", " 2", "007"], Dtype::Int64),
            (vec!["1", ""], Dtype::Float64),
            (vec!["", "NA"], Dtype::Float64),
            (vec!["1", "2.5", "1e3", "inf"], Dtype::Float64),
            (vec!["True", "false"], Dtype::Bool),
            (vec!["True", ""], Dtype::Object),
            (vec!["True", "1"], Dtype::Str),
            (vec!["1", "True"], Dtype::Str),
            (vec!["1", " "], Dtype::Str),
            (vec!["2024-01-05"], Dtype::Str),
            (vec!["NAN", "1"], Dtype::Str),
        ] {
            assert_eq!(dtype(&texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn texts_that_are_no_values_of_the_type_are_told() {
        let mut values = Values::of(Dtype::Int64, 2);
        assert!(values.push(Dtype::Int64, Cell::Text("5")));
        assert!(!values.push(Dtype::Int64, Cell::Text("5.5")));
        assert!(!values.push(Dtype::Int64, Cell::Missing));
        let mut values = Values::of(Dtype::Bool, 1);
        assert!(!values.push(Dtype::Bool, Cell::Missing));
        let mut values = Values::of(Dtype::Str, 3);
        for cell in [Cell::Text("a"), Cell::Missing, Cell::Text("")] {
            assert!(values.push(Dtype::Str, cell));
        }
        assert_eq!(values.cell(0), Cell::Text("a"));
        assert_eq!(values.cell(1), Cell::Missing);
        assert_eq!(values.cell(2), Cell::Text(""));
    }
}
