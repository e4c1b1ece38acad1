//! Suites of expectations over files: rows go from the file to the checks batch by batch, and no file is held.
//!
//! ```text
//! file ─ AsWritten ─▶ parts ─ (several threads) ─▶ batches of typed columns, and what each says by itself ─ in order ─▶ Validation ─▶ SuiteResult
//!            └─ types of the first rows; a later row is of another one: the pass is done again with the right types
//! ```
//!
//! Invariants: values that look personal are in a result only where they are asked for; types are those that all rows agree with, as `pandas.read_csv` concludes them; memory does not grow with the rows but as
//! [`expectations`] says; the result does not depend on threads or on the sizes of batches.

mod personal;
mod rows;

use std::collections::BTreeMap;

use dataset::{AsWritten, Error, Read, ScanOptions, Source};
use expectations::{Batch, Day, MissingTexts, Suggestion, Suite, SuiteResult, Telling, Validation};
use serde_json::Value as Json;
use tabular::parse::MissingMarkers;

use personal::Watch;
use rows::{Pass, Reading, Types};

/// How a file is validated.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How much is told.
    pub telling: Telling,
    /// Whether values of columns that look personal are told as others are.
    pub show_personal: bool,
    /// Texts of CSV that stand for missing values.
    pub missing: MissingTexts,
    /// Identifier of the rows in results.
    pub batch: String,
    /// What results tell of the validation as a whole.
    pub meta: Json,
    /// Rows of other tables, by the names that the suite gives them; as [`count_rows`] counts.
    pub others: BTreeMap<String, u64>,
    /// What texts that may be dates are completed with.
    pub today: Day,
}

/// The rows of a file. Blocking.
///
/// # Errors
/// What reading meets.
pub fn count_rows(source: Source) -> Result<u64, Error> {
    let mut table = opened(source)?;
    loop {
        let mut rows = 0;
        let read = table.batches(
            &[0],
            |batch| batch.num_rows() as u64,
            |count| {
                rows += count;
                Ok(())
            },
        )?;
        if read == Read::Whole {
            return Ok(rows);
        }
    }
}

/// Evaluates a suite on a file; `progress` is told the rows of the pass now and then. Blocking.
///
/// # Errors
/// What reading meets.
pub fn validate(
    source: Source,
    suite: &Suite,
    options: &Options,
    progress: &dyn Fn(u64),
) -> Result<SuiteResult, Error> {
    let mut table = opened(source)?;
    let names: Vec<String> = table.columns().iter().map(|column| column.name.clone()).collect();
    let mut wanted = suite.columns();
    wanted.extend(options.telling.columns(&names));
    let places: Vec<usize> = names
        .iter()
        .enumerate()
        .filter(|(_, name)| wanted.contains(&name.as_str()))
        .map(|(place, _)| place)
        .collect();
    let begun = |types: &Types| {
        let dtype = |name: &str| {
            let slot =
                places.iter().position(|place| names.get(*place).is_some_and(|it| it == name));
            types.of(slot.unwrap_or(usize::MAX))
        };
        let mut validation =
            Validation::new(suite, &names, dtype, options.telling.clone(), options.today);
        validation.compare_with(options.others.clone());
        validation
    };
    let mut watch = Watch::new(&names, &places);
    let mut types = None;
    let (mut validation, reading) = loop {
        let reading = Reading::begin(&mut table, &places, types.take(), &options.missing)?;
        let mut validation = begun(reading.types());
        let mut watched = |batch: &Batch| watch.look(batch);
        match taken(&reading, &mut table, &mut validation, &mut watched, progress)? {
            Pass::Whole => break (validation, reading),
            Pass::Again(right) => types = Some(right),
        }
    };
    if validation.next_pass() {
        let again = taken(&reading, &mut table, &mut validation, &mut |_| {}, progress)?;
        // The rows were of these types, and were read in this way, in the pass before.
        if matches!(again, Pass::Again(_)) {
            return Err(table.changed());
        }
    }
    let mut result = validation.finish(&options.batch, options.meta.clone());
    if !options.show_personal {
        watch.withhold(&mut result);
    }
    Ok(result)
}

/// One pass of a validation over all rows; `watched` sees each batch as well.
fn taken(
    reading: &Reading<'_>,
    table: &mut AsWritten,
    validation: &mut Validation,
    watched: &mut dyn FnMut(&Batch),
    progress: &dyn Fn(u64),
) -> Result<Pass, Error> {
    let look = validation.look();
    let mut rows = 0;
    reading.pass(
        table,
        |batch| look.at(batch),
        |batch, seen| {
            rows += batch.rows as u64;
            watched(batch);
            validation.take(batch, seen);
            progress(rows);
        },
    )
}

/// Suggests a suite that a file meets. Blocking.
///
/// # Errors
/// What reading meets.
pub fn suggest(
    source: Source,
    name: &str,
    missing: &MissingTexts,
    progress: &dyn Fn(u64),
) -> Result<Json, Error> {
    let mut table = opened(source)?;
    let names: Vec<String> = table.columns().iter().map(|column| column.name.clone()).collect();
    let places: Vec<usize> = (0..names.len()).collect();
    let mut types = None;
    loop {
        let reading = Reading::begin(&mut table, &places, types.take(), missing)?;
        let columns = names.iter().enumerate();
        let mut suggestion =
            Suggestion::new(columns.map(|(slot, name)| (name.as_str(), reading.types().of(slot))));
        let mut rows = 0;
        let outcome = reading.pass(
            &mut table,
            |_| (),
            |batch, ()| {
                rows += batch.rows as u64;
                suggestion.add(batch);
                progress(rows);
            },
        )?;
        match outcome {
            Pass::Whole => return Ok(suggestion.finish(name)),
            Pass::Again(right) => types = Some(right),
        }
    }
}

fn opened(source: Source) -> Result<AsWritten, Error> {
    // What is missing is told apart here, by the texts themselves.
    let markers = MissingMarkers::only::<&str>(&[]);
    AsWritten::open(source, &ScanOptions { markers, ..ScanOptions::default() })
}
