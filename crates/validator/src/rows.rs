//! Passes over the rows of a file, in batches of typed columns.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use dataset::{AsWritten, Error, Read};
use expectations::{Batch, Dtype, Inference, MissingTexts, Values};
use tabular::ColumnType;

/// Rows from which types are guessed.
const SAMPLE: usize = 4096;

/// The types of the columns that are read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Types(Vec<Dtype>);

impl Types {
    /// The type of the column at a place among those that are read.
    pub(crate) fn of(&self, slot: usize) -> Dtype {
        self.0.get(slot).copied().unwrap_or(Dtype::Float64)
    }
}

/// What became of a pass.
pub(crate) enum Pass {
    /// All rows were of these types.
    Whole,
    /// They were not, or the file could not be read in this way: what was taken is to be forgotten. The next pass is with these types.
    Again(Types),
}

/// How the rows of a pass are read.
pub(crate) struct Reading<'r> {
    places: &'r [usize],
    /// Texts that stand for missing values; none where the file has types.
    missing: Option<&'r MissingTexts>,
    seen: Vec<Inference>,
    types: Types,
}

impl<'r> Reading<'r> {
    /// Before a pass; `types` are those that the pass before it came to.
    pub(crate) fn begin(
        table: &mut AsWritten,
        places: &'r [usize],
        types: Option<Types>,
        missing: &'r MissingTexts,
    ) -> Result<Self, Error> {
        let columns = places.iter().filter_map(|place| table.columns().get(*place));
        let stored: Option<Vec<Dtype>> = columns
            .map(|column| Some(of_stored(column.column_type?, column.missing == Some(true))))
            .collect();
        let missing = stored.is_none().then_some(missing);
        let seen = match types.or(stored.map(Types)) {
            Some(types) => types.0.into_iter().map(Inference::of).collect(),
            None => guessed(table, places, missing)?,
        };
        let types = Types(seen.iter().map(Inference::dtype).collect());
        Ok(Self { places, missing, seen, types })
    }

    /// The types that rows are taken for.
    pub(crate) fn types(&self) -> &Types {
        &self.types
    }

    /// Goes over all rows: several threads `look` at batches, and `take` gets them in order with what was seen, until one contradicts
    /// the types.
    pub(crate) fn pass<S: Send>(
        &self,
        table: &mut AsWritten,
        look: impl Fn(&Batch) -> S + Sync,
        mut take: impl FnMut(&Batch, S),
    ) -> Result<Pass, Error> {
        let mut contradicted: Option<Vec<Inference>> = None;
        let read = table.batches(
            self.places,
            |rows| match typed(&rows, &self.types, self.missing) {
                Some(batch) => {
                    let seen = look(&batch);
                    Ok((batch, seen))
                }
                None => Err(observed(&rows, &self.seen, self.missing)),
            },
            |worked| {
                match (worked, &mut contradicted) {
                    (Ok((batch, seen)), None) => take(&batch, seen),
                    (Ok(_), Some(_)) => {}
                    (Err(other), contradicted) => {
                        let before = contradicted.take().unwrap_or_else(|| self.seen.clone());
                        let merged =
                            before.into_iter().zip(other).map(|(one, other)| one.merged(other));
                        *contradicted = Some(merged.collect());
                    }
                }
                Ok(())
            },
        )?;
        Ok(match (contradicted, read) {
            (Some(seen), _) => {
                let right = Types(seen.iter().map(Inference::dtype).collect());
                // Rows that are of no type would be gone over for ever.
                if right == self.types {
                    return Err(table.changed());
                }
                Pass::Again(right)
            }
            (None, Read::Again) => Pass::Again(self.types.clone()),
            (None, Read::Whole) => Pass::Whole,
        })
    }
}

fn of_stored(column_type: ColumnType, some_missing: bool) -> Dtype {
    match (column_type, some_missing) {
        (ColumnType::Integer, false) => Dtype::Int64,
        (ColumnType::Integer | ColumnType::Number, _) => Dtype::Float64,
        (ColumnType::Boolean, false) => Dtype::Bool,
        (ColumnType::Boolean, true) => Dtype::Object,
        (ColumnType::Text | ColumnType::Date | ColumnType::Timestamp, _) => Dtype::Str,
    }
}

/// What the first rows show.
fn guessed(
    table: &mut AsWritten,
    places: &[usize],
    missing: Option<&MissingTexts>,
) -> Result<Vec<Inference>, Error> {
    let fresh = vec![Inference::default(); places.len()];
    let Some(first) = table.first(places)? else { return Ok(fresh) };
    let first = first.slice(0, first.num_rows().min(SAMPLE));
    Ok(observed(&first, &fresh, missing))
}

/// What the rows of a batch show, after what was seen before.
fn observed(
    batch: &RecordBatch,
    before: &[Inference],
    missing: Option<&MissingTexts>,
) -> Vec<Inference> {
    let columns = batch.columns().iter().zip(before);
    let of_column = |(column, before): (&ArrayRef, &Inference)| {
        let mut inference = *before;
        match column.data_type() {
            DataType::Utf8 => texts(column, missing).for_each(|text| inference.observe(text)),
            _ if column.null_count() > 0 => inference.observe(None),
            _ => {}
        }
        inference
    };
    columns.map(of_column).collect()
}

/// The rows of a batch in their types; none where one is of another.
fn typed(batch: &RecordBatch, types: &Types, missing: Option<&MissingTexts>) -> Option<Batch> {
    let columns = batch.columns().iter().zip(&types.0);
    let columns = columns.map(|(column, dtype)| match column.data_type() {
        DataType::Utf8 => Values::of_texts(*dtype, texts(column, missing)),
        DataType::Int64 => Values::of_integers(*dtype, column.as_primitive::<Int64Type>().iter()),
        DataType::Float64 => {
            Values::of_numbers(*dtype, column.as_primitive::<Float64Type>().iter())
        }
        DataType::Boolean => Values::of_truths(*dtype, column.as_boolean().iter()),
        _ => None,
    });
    Some(Batch { rows: batch.num_rows(), columns: columns.collect::<Option<_>>()? })
}

/// The texts of a column; none where a value is missing.
fn texts<'b>(
    column: &'b ArrayRef,
    missing: Option<&'b MissingTexts>,
) -> impl ExactSizeIterator<Item = Option<&'b str>> {
    column
        .as_string::<i32>()
        .iter()
        .map(move |text| text.filter(|text| !missing.is_some_and(|missing| missing.contains(text))))
}
