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
    /// The lengths of the texts that begin with a byte, as bits; the last bit is of those that are longer.
    lengths: [u64; 256],
    empty: bool,
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
        let mut lengths = [0; 256];
        for text in &texts {
            let first = text.bytes().next().map(usize::from);
            if let Some(slot) = first.and_then(|first| lengths.get_mut(first)) {
                *slot |= length_bit(text);
            }
        }
        let empty = texts.iter().any(String::is_empty);
        Self { texts, lengths, empty }
    }

    /// Whether a text stands for a missing value.
    #[must_use]
    #[inline]
    pub fn contains(&self, text: &str) -> bool {
        match text.as_bytes().first() {
            None => self.empty,
            Some(first) => {
                let lengths = self.lengths.get(usize::from(*first)).copied().unwrap_or(0);
                lengths & length_bit(text) != 0 && self.is_one(text)
            }
        }
    }

    fn is_one(&self, text: &str) -> bool {
        self.texts.iter().any(|missing| missing == text)
    }
}

fn length_bit(text: &str) -> u64 {
    1 << text.len().min(63)
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

    /// Takes a text into account, as what it reads as; none where the value is missing.
    pub fn observe(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            self.missing = true;
            return;
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

    /// What was seen of both.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        let kind = match (self.kind, other.kind) {
            (one, other) if one == other => one,
            (Kind::Unknown, known) | (known, Kind::Unknown) => known,
            (Kind::Int, Kind::Float) | (Kind::Float, Kind::Int) => Kind::Float,
            _ => Kind::Text,
        };
        Self { kind, missing: self.missing || other.missing }
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

/// Bytes that a text is thought to have, when room is made for them.
const TEXT: usize = 8;

/// Texts in one piece of memory.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    data: String,
    /// Where each text ends.
    ends: Vec<usize>,
    present: Vec<bool>,
}

impl Texts {
    /// No text, with room for so many.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        let (ends, present) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        Self { data: String::with_capacity(rows * TEXT), ends, present }
    }

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
    /// Texts as what they read as in a type; none where one reads as nothing of it, or is missing where nothing may be.
    #[must_use]
    pub fn of_texts<'t>(
        dtype: Dtype,
        texts: impl ExactSizeIterator<Item = Option<&'t str>>,
    ) -> Option<Self> {
        let rows = texts.len();
        match dtype {
            Dtype::Int64 => {
                let values = texts.map(|text| text.and_then(integer));
                collected(rows, values).map(Self::Int)
            }
            Dtype::Float64 => {
                let values = texts.map(|text| text.map_or(Some(f64::NAN), float));
                collected(rows, values).map(Self::Float)
            }
            Dtype::Bool => {
                let values = texts.map(|text| text.and_then(boolean).map(Some));
                collected(rows, values).map(Self::Bool)
            }
            Dtype::Object => {
                let values = texts.map(|text| text.map_or(Some(None), |it| boolean(it).map(Some)));
                collected(rows, values).map(Self::Bool)
            }
            Dtype::Str => {
                let mut all = Texts::with_capacity(rows);
                texts.for_each(|text| all.push(text));
                Some(Self::Text(all))
            }
        }
    }

    /// Whole numbers in a type; none where it has none, or one is missing where nothing may be.
    #[must_use]
    pub fn of_integers(
        dtype: Dtype,
        values: impl ExactSizeIterator<Item = Option<i64>>,
    ) -> Option<Self> {
        match dtype {
            Dtype::Int64 => collected(values.len(), values).map(Self::Int),
            Dtype::Float64 => {
                let number = |value: Option<i64>| value.map_or(f64::NAN, |value| value as f64);
                Some(Self::Float(values.map(number).collect()))
            }
            Dtype::Bool | Dtype::Object | Dtype::Str => None,
        }
    }

    /// Numbers in a type; none where it has none.
    #[must_use]
    pub fn of_numbers(
        dtype: Dtype,
        values: impl ExactSizeIterator<Item = Option<f64>>,
    ) -> Option<Self> {
        let is_number = dtype == Dtype::Float64;
        is_number.then(|| Self::Float(values.map(|value| value.unwrap_or(f64::NAN)).collect()))
    }

    /// Truth values in a type; none where it has none, or one is missing where nothing may be.
    #[must_use]
    pub fn of_truths(
        dtype: Dtype,
        values: impl ExactSizeIterator<Item = Option<bool>>,
    ) -> Option<Self> {
        match dtype {
            Dtype::Bool => {
                collected(values.len(), values.map(|value| value.map(Some))).map(Self::Bool)
            }
            Dtype::Object => Some(Self::Bool(values.collect())),
            Dtype::Int64 | Dtype::Float64 | Dtype::Str => None,
        }
    }

    /// Calls back with each of the first rows that the mask has, and its value.
    pub(crate) fn for_each(
        &self,
        rows: usize,
        mask: Option<&[bool]>,
        mut take: impl FnMut(usize, Cell<'_>),
    ) {
        let mut each = |row: usize, cell: Cell<'_>| {
            if mask.is_none_or(|mask| mask.get(row) == Some(&true)) {
                take(row, cell);
            }
        };
        // The loop is made for each type of values by itself.
        match self {
            Self::Int(values) => {
                let rows = values.iter().take(rows).enumerate();
                rows.for_each(|(row, value)| each(row, Cell::Int(*value)));
            }
            Self::Float(values) => {
                let of =
                    |value: f64| if value.is_nan() { Cell::Missing } else { Cell::Float(value) };
                let rows = values.iter().take(rows).enumerate();
                rows.for_each(|(row, value)| each(row, of(*value)));
            }
            Self::Bool(values) => {
                let rows = values.iter().take(rows).enumerate();
                rows.for_each(|(row, value)| each(row, value.map_or(Cell::Missing, Cell::Bool)));
            }
            Self::Text(texts) => (0..rows).for_each(|row| each(row, texts.get(row))),
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

/// The values of so many rows; none where one is not there.
fn collected<T>(rows: usize, values: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let mut all = Vec::with_capacity(rows);
    for value in values {
        all.push(value?);
    }
    Some(all)
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
            inference.observe(Some(*text).filter(|text| !missing.contains(text)));
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
        let of = |dtype: Dtype, texts: &[Option<&str>]| {
            let values = Values::of_texts(dtype, texts.iter().copied())?;
            Some((0..texts.len()).map(|row| format!("{:?}", values.cell(row))).collect::<Vec<_>>())
        };
        assert_eq!(of(Dtype::Int64, &[Some("5"), Some(" 6")]).unwrap(), ["Int(5)", "Int(6)"]);
        assert_eq!(of(Dtype::Int64, &[Some("5.5")]), None);
        assert_eq!(of(Dtype::Int64, &[None]), None);
        assert_eq!(of(Dtype::Float64, &[Some("5"), None]).unwrap(), ["Float(5.0)", "Missing"]);
        assert_eq!(of(Dtype::Float64, &[Some("x")]), None);
        assert_eq!(of(Dtype::Bool, &[None]), None);
        assert_eq!(of(Dtype::Object, &[None, Some("TRUE")]).unwrap(), ["Missing", "Bool(true)"]);
        let texts = [Some("a"), None, Some("")];
        assert_eq!(of(Dtype::Str, &texts).unwrap(), [r#"Text("a")"#, "Missing", r#"Text("")"#]);
    }

    /// What is seen part by part is what is seen at once.
    #[test]
    fn inferences_of_parts_are_merged() {
        let all =
            [vec!["1"], vec!["2.5", ""], vec!["x"], vec!["true"], vec![""], vec!["1", "False"]];
        for one in &all {
            for other in &all {
                let missing = MissingTexts::default();
                let seen = |texts: &[&str]| {
                    let mut inference = Inference::default();
                    for text in texts {
                        inference.observe(Some(*text).filter(|text| !missing.contains(text)));
                    }
                    inference
                };
                let whole = [one.as_slice(), other.as_slice()].concat();
                let merged = seen(one).merged(seen(other));
                assert_eq!(merged.dtype(), seen(&whole).dtype(), "{one:?} {other:?}");
            }
        }
    }
}
