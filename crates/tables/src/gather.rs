//! What a thread makes of a part: the values of the rows that stay, as columns.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::Float64Type;
use dataset::Part;
use tabular::TextColumn;

use crate::cohort::Cohort;
use crate::{Error, digest};

/// The rows of a part that stay.
pub(crate) struct Gathered {
    pub(crate) columns: Vec<Values>,
    /// Rows of the part, kept or not.
    pub(crate) rows: u64,
    /// The rows that stay, by their numbers within the part from 0.
    pub(crate) kept: Vec<usize>,
    /// Rows that each criterion removed.
    pub(crate) removed: Vec<u64>,
    /// Digest of each row that stays; none unless repeats are left out.
    pub(crate) digests: Vec<u128>,
}

/// Values of a column.
pub(crate) enum Values {
    /// NaN is missing.
    Numbers(Vec<f64>),
    Texts(Texts),
}

/// Texts of a part, each distinct one once.
pub(crate) struct Texts {
    /// Place among the distinct ones, or [`TextColumn::MISSING`].
    pub(crate) codes: Vec<u32>,
    texts: StringArray,
    /// A row of the part with each distinct text.
    rows: Vec<usize>,
}

impl Texts {
    /// The distinct texts, in the order of their first row.
    pub(crate) fn distinct(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|row| self.texts.value(*row))
    }
}

/// Reads a part.
pub(crate) fn gather(part: Part, cohort: &Cohort, digests: bool) -> Result<Gathered, Error> {
    let batch = part()?;
    let mut removed = vec![0; cohort.len()];
    let kept = cohort.kept(&batch, &mut removed);
    let digests = if digests { digest::digests(batch.columns(), &kept) } else { Vec::new() };
    let columns =
        batch.columns().iter().map(|array| values(array, &kept)).collect::<Result<_, Error>>()?;
    Ok(Gathered { columns, rows: batch.num_rows() as u64, kept, removed, digests })
}

fn values(array: &ArrayRef, kept: &[usize]) -> Result<Values, Error> {
    if let Some(numbers) = array.as_primitive_opt::<Float64Type>() {
        let value = |row: &usize| {
            if numbers.is_valid(*row) { numbers.value(*row) } else { f64::NAN }
        };
        return Ok(Values::Numbers(kept.iter().map(value).collect()));
    }
    let texts = array.as_string_opt::<i32>().ok_or_else(|| {
        let reason = "a column is in neither of the physical forms".to_owned();
        dataset::Error::Arrow(arrow::error::ArrowError::CastError(reason))
    })?;
    let mut rows = Vec::new();
    let mut known: HashMap<&str, u32, hashbrown::DefaultHashBuilder> = HashMap::default();
    let code = |row: &usize| {
        if !texts.is_valid(*row) {
            return TextColumn::MISSING;
        }
        match known.entry(texts.value(*row)) {
            Entry::Occupied(code) => *code.get(),
            Entry::Vacant(vacant) => {
                let code = u32::try_from(rows.len()).unwrap_or(TextColumn::MISSING);
                rows.push(*row);
                *vacant.insert(code)
            }
        }
    };
    let codes = kept.iter().map(code).collect();
    Ok(Values::Texts(Texts { codes, texts: texts.clone(), rows }))
}
