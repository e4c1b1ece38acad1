//! Keys of rows: digests of the values of some columns, which rows of other tables have where they spell the same.

use std::collections::HashSet;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Float64Type;
use dataset::{Ended, ScanOptions, TableSource};
use tables::StoredTable;
use tabular::parse::{self, MissingMarkers};
use tabular::{ColumnType, Field, TextColumn};
use twox_hash::XxHash3_128;

use super::Unusable;
use crate::prepare::Unprepared;

/// Most keys that are held of another table: 16 bytes each, and as much again for finding them.
const MAX_KEYS: usize = 20_000_000;
/// Rows of a batch of another table.
const BATCH_ROWS: usize = 8192;

/// The bytes of a row's key; none where a value is missing.
#[derive(Default)]
struct Key {
    bytes: Vec<u8>,
    missing: bool,
}

impl Key {
    fn begin(&mut self) {
        self.bytes.clear();
        self.missing = false;
    }

    fn text(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            self.missing = true;
            return;
        };
        self.bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A number as the text that it is written as, so that 7 equals "7" and 7.0.
    fn number(&mut self, value: f64, column_type: ColumnType) {
        let text = (!value.is_nan()).then(|| parse::format(value, column_type));
        self.text(text.as_deref());
    }

    fn digest(&self) -> Option<u128> {
        (!self.missing).then(|| XxHash3_128::oneshot(&self.bytes))
    }
}

/// Calls back with each row of a table, from 0, and its key; rows that lack a value are passed over.
pub(super) fn each(
    table: &StoredTable,
    places: &[usize],
    mut take: impl FnMut(usize, u128),
) -> Result<(), tables::Error> {
    let mut key = Key::default();
    let (mut numbers, mut codes) = (Vec::new(), Vec::new());
    let mut before = 0;
    for (block, rows) in table.blocks().iter().enumerate() {
        let columns = places.iter().map(|place| {
            numbers.clear();
            codes.clear();
            table.read_numbers(*place, block, &mut numbers)?;
            table.read_codes(*place, block, &mut codes)?;
            Ok((table.levels(*place), std::mem::take(&mut numbers), std::mem::take(&mut codes)))
        });
        let columns = columns.collect::<Result<Vec<_>, tables::Error>>()?;
        for row in 0..*rows {
            key.begin();
            for ((levels, numbers, codes), place) in columns.iter().zip(places) {
                match levels {
                    Some(levels) => {
                        let code = codes.get(row).copied().unwrap_or(TextColumn::MISSING);
                        key.text(levels.get(code));
                    }
                    None => {
                        let of = table.fields().get(*place).map(|field| field.column_type);
                        let value = numbers.get(row).copied().unwrap_or(f64::NAN);
                        key.number(value, of.unwrap_or(ColumnType::Number));
                    }
                }
            }
            if let Some(digest) = key.digest() {
                take(before + row, digest);
            }
        }
        before += rows;
    }
    Ok(())
}

/// The keys of another table.
pub(super) fn of_source(
    source: &dyn TableSource,
    names: &[String],
    markers: &MissingMarkers,
    threads: usize,
) -> Result<Result<HashSet<u128>, Unusable>, Unprepared> {
    let scan = ScanOptions { markers: markers.clone(), ..ScanOptions::default() };
    let shape = source.schema(&scan).map_err(crate::Error::from)?;
    let mut fields: Vec<Field> = Vec::with_capacity(names.len());
    for name in names {
        match shape.fields.iter().find(|field| field.name == *name) {
            Some(field) => fields.push(field.clone()),
            None => return Ok(Err(format!("{} has no column `{name}`", source.uri()))),
        }
    }
    let mut known = HashSet::new();
    dataset::in_order(
        threads,
        |part| {
            let mut hand_over = |next| {
                part(next).map_err(|Ended| {
                    let kind = std::io::ErrorKind::BrokenPipe;
                    dataset::Error::Read(std::io::Error::new(kind, "the reading has ended"))
                })
            };
            source
                .parts(&shape, &fields, &scan, BATCH_ROWS, &mut hand_over)
                .map_err(|error| Unprepared::Failed(error.into()))
        },
        |part| -> Result<Vec<u128>, Unprepared> {
            let batch = part().map_err(crate::Error::from)?;
            let mut key = Key::default();
            let mut keys = Vec::with_capacity(batch.num_rows());
            for row in 0..batch.num_rows() {
                key.begin();
                for (array, field) in batch.columns().iter().zip(&fields) {
                    if array.is_null(row) {
                        key.text(None);
                    } else if let Some(numbers) = array.as_primitive_opt::<Float64Type>() {
                        key.number(numbers.value(row), field.column_type);
                    } else if let Some(texts) = array.as_string_opt::<i32>() {
                        key.text(Some(texts.value(row)));
                    }
                }
                keys.extend(key.digest());
            }
            Ok(keys)
        },
        |keys| {
            if known.len() <= MAX_KEYS {
                known.extend(keys);
            }
            Ok::<(), Unprepared>(())
        },
    )?;
    source.check_unchanged().map_err(crate::Error::from)?;
    if known.len() > MAX_KEYS {
        return Ok(Err(format!(
            "{} has more than {MAX_KEYS} keys, which are not held",
            source.uri()
        )));
    }
    Ok(Ok(known))
}
