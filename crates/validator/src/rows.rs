//! Passes over the rows of a file, in batches of typed columns.

use std::sync::mpsc::{SyncSender, sync_channel};

use dataset::{AsWritten, Error, WrittenValue};
use expectations::{Batch, Cell, Dtype, Inference, MissingTexts, Values};
use tabular::ColumnType;

/// Rows of a batch.
const BATCH: usize = 8192;
/// Rows from which types are guessed.
const SAMPLE: usize = 4096;
/// Batches that may wait for the checks.
const WAITING: usize = 4;

/// The types of the columns that are read.
#[derive(Clone, Debug)]
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
    Whole(Types),
    /// They were not; these are the right ones.
    Contradicted(Types),
}

/// Goes over all rows; `take` gets them in order, until one contradicts the types.
pub(crate) fn pass(
    table: &AsWritten,
    places: &[usize],
    types: Option<Types>,
    missing: &MissingTexts,
    take: &mut dyn FnMut(&Types, Batch),
) -> Result<Pass, Error> {
    let (sender, receiver) = sync_channel::<(Types, Batch)>(WAITING);
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || -> Result<Pass, Error> {
            let mut reading = Reading::new(table, places, types, missing, sender);
            table.rows(places, &mut |row| {
                reading.row(row);
                Ok(())
            })?;
            Ok(reading.finish())
        });
        for (types, batch) in receiver {
            take(&types, batch);
        }
        reader.join().unwrap_or_else(|_| {
            Err(Error::Read(std::io::Error::other("the thread that reads the file broke off")))
        })
    })
}

struct Reading<'m> {
    missing: &'m MissingTexts,
    /// Whether texts of the file may stand for missing values.
    is_text: bool,
    inferences: Vec<Inference>,
    types: Types,
    stage: Stage,
    columns: Vec<Values>,
    rows: usize,
    sender: SyncSender<(Types, Batch)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    /// Rows are kept as texts until their types are guessed.
    Sampling,
    Batches,
    /// A row was of another type: only types are looked at.
    Contradicted,
}

impl<'m> Reading<'m> {
    fn new(
        table: &AsWritten,
        places: &[usize],
        types: Option<Types>,
        missing: &'m MissingTexts,
        sender: SyncSender<(Types, Batch)>,
    ) -> Self {
        let columns: Vec<_> =
            places.iter().filter_map(|place| table.columns().get(*place)).collect();
        let is_text = columns.iter().all(|column| column.column_type.is_none());
        let known = types.or_else(|| {
            let of = |column: &&dataset::WrittenColumn| {
                let some_missing = column.missing == Some(true);
                Some(match (column.column_type?, some_missing) {
                    (ColumnType::Integer, false) => Dtype::Int64,
                    (ColumnType::Integer | ColumnType::Number, _) => Dtype::Float64,
                    (ColumnType::Boolean, false) => Dtype::Bool,
                    (ColumnType::Boolean, true) => Dtype::Object,
                    (ColumnType::Text | ColumnType::Date | ColumnType::Timestamp, _) => Dtype::Str,
                })
            };
            columns.iter().map(of).collect::<Option<Vec<_>>>().map(Types)
        });
        let stage = if known.is_some() { Stage::Batches } else { Stage::Sampling };
        let types = known.unwrap_or_else(|| Types(vec![Dtype::Str; places.len()]));
        let inferences = types.0.iter().map(|dtype| Inference::of(*dtype)).collect();
        let mut reading = Self {
            missing,
            is_text,
            inferences,
            types,
            stage,
            columns: Vec::new(),
            rows: 0,
            sender,
        };
        if stage == Stage::Sampling {
            reading.inferences.fill(Inference::default());
        }
        reading.columns = reading.fresh();
        reading
    }

    fn fresh(&self) -> Vec<Values> {
        self.types.0.iter().map(|dtype| Values::of(*dtype, BATCH)).collect()
    }

    fn row(&mut self, row: &mut dyn Iterator<Item = WrittenValue<'_>>) {
        let missing = self.missing;
        let is_text = self.is_text;
        let cells = row.map(|value| match value {
            WrittenValue::Missing => Cell::Missing,
            WrittenValue::Text(text) if is_text && missing.contains(text) => Cell::Missing,
            WrittenValue::Text(text) => Cell::Text(text),
            WrittenValue::Boolean(value) => Cell::Bool(value),
            WrittenValue::Integer(value) => Cell::Int(value),
            WrittenValue::Number(value) if value.is_nan() => Cell::Missing,
            WrittenValue::Number(value) => Cell::Float(value),
        });
        match self.stage {
            Stage::Batches => {
                let mut fits = true;
                let columns = self.columns.iter_mut().zip(&self.types.0).zip(&mut self.inferences);
                for (((values, dtype), inference), cell) in columns.zip(cells) {
                    if !values.push(*dtype, cell) {
                        fits = false;
                        inference.observe(cell);
                    }
                }
                if !fits {
                    self.stage = Stage::Contradicted;
                    return;
                }
                self.rows += 1;
                if self.rows == BATCH {
                    self.hand_over();
                }
            }
            Stage::Sampling => {
                let columns = self.columns.iter_mut().zip(&mut self.inferences);
                for ((values, inference), cell) in columns.zip(cells) {
                    inference.observe(cell);
                    // Texts take every text.
                    let _fits = values.push(Dtype::Str, cell);
                }
                self.rows += 1;
                if self.rows == SAMPLE {
                    self.guess();
                }
            }
            Stage::Contradicted => {
                for (inference, cell) in self.inferences.iter_mut().zip(cells) {
                    inference.observe(cell);
                }
            }
        }
    }

    /// Gives the rows that are kept as texts their types.
    fn guess(&mut self) {
        self.types = Types(self.inferences.iter().map(Inference::dtype).collect());
        let texts = std::mem::take(&mut self.columns);
        self.columns = self.fresh();
        let columns = self.columns.iter_mut().zip(&self.types.0).zip(&texts);
        for ((values, dtype), texts) in columns {
            for row in 0..self.rows {
                // The types were concluded from these values.
                let _fits = values.push(*dtype, texts.cell(row));
            }
        }
        self.stage = Stage::Batches;
    }

    fn hand_over(&mut self) {
        let fresh = self.fresh();
        let columns = std::mem::replace(&mut self.columns, fresh);
        let batch = Batch { rows: std::mem::take(&mut self.rows), columns };
        // Nobody takes batches any more only where the checks broke off.
        let _closed = self.sender.send((self.types.clone(), batch));
    }

    fn finish(mut self) -> Pass {
        if self.stage == Stage::Sampling {
            self.guess();
        }
        if self.stage == Stage::Contradicted {
            return Pass::Contradicted(Types(
                self.inferences.iter().map(Inference::dtype).collect(),
            ));
        }
        if self.rows > 0 {
            self.hand_over();
        }
        Pass::Whole(self.types)
    }
}
