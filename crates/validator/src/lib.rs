//! Suites of expectations over files: rows go from the file to the checks batch by batch, and no file is held.
//!
//! ```text
//! file ─ AsWritten ─▶ rows ─ types of the first rows ─▶ batches ─ (a thread each) ─▶ Validation ─▶ SuiteResult
//!                               └── a later row is of another type: the pass is done again with the right types
//! ```
//!
//! Invariants: values that look personal are in a result only where they are asked for; types are those that all rows agree with, as `pandas.read_csv` concludes them; memory does not grow with the rows but as
//! [`expectations`] says; the result does not depend on threads or on the sizes of batches.

mod personal;
mod rows;

use std::collections::BTreeMap;

use dataset::{AsWritten, Error, ScanOptions, Source};
use expectations::{MissingTexts, Suggestion, Suite, SuiteResult, Telling, Validation};
use serde_json::Value as Json;
use tabular::parse::MissingMarkers;

use personal::Watch;
use rows::{Pass, Types, pass};

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
}

/// The rows of a file. Blocking.
///
/// # Errors
/// What reading meets.
pub fn count_rows(source: Source) -> Result<u64, Error> {
    let table = opened(source)?;
    let mut rows = 0;
    table.rows(&[0], &mut |_| {
        rows += 1;
        Ok(())
    })?;
    Ok(rows)
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
    let table = opened(source)?;
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
        let mut validation = Validation::new(suite, &names, dtype, options.telling.clone());
        validation.compare_with(options.others.clone());
        validation
    };
    let mut watch = Watch::new(&names, &places);
    let mut types = None;
    let mut validation = loop {
        let mut validation = None;
        let mut seen = 0;
        let outcome =
            pass(&table, &places, types.take(), &options.missing, &mut |types, batch| {
                let validation: &mut Validation = validation.get_or_insert_with(|| begun(types));
                seen += batch.rows as u64;
                watch.look(&batch);
                validation.add(&batch);
                progress(seen);
            })?;
        match outcome {
            Pass::Whole(read) => {
                let validation = validation.unwrap_or_else(|| begun(&read));
                types = Some(read);
                break validation;
            }
            // The rows are of these types, so that the next pass is whole.
            Pass::Contradicted(right) => types = Some(right),
        }
    };
    if validation.next_pass() {
        let mut seen = 0;
        pass(&table, &places, types, &options.missing, &mut |_, batch| {
            seen += batch.rows as u64;
            validation.add(&batch);
            progress(seen);
        })?;
    }
    let mut result = validation.finish(&options.batch, options.meta.clone());
    if !options.show_personal {
        watch.withhold(&mut result);
    }
    Ok(result)
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
    let table = opened(source)?;
    let names: Vec<String> = table.columns().iter().map(|column| column.name.clone()).collect();
    let places: Vec<usize> = (0..names.len()).collect();
    let mut types = None;
    loop {
        let mut suggestion = None;
        let mut seen = 0;
        let outcome = pass(&table, &places, types.take(), missing, &mut |types, batch| {
            let suggestion: &mut Suggestion = suggestion.get_or_insert_with(|| {
                let columns = names.iter().enumerate();
                Suggestion::new(columns.map(|(slot, name)| (name.as_str(), types.of(slot))))
            });
            seen += batch.rows as u64;
            suggestion.add(&batch);
            progress(seen);
        })?;
        match outcome {
            Pass::Whole(_) => {
                let none = || Suggestion::new(std::iter::empty());
                return Ok(suggestion.unwrap_or_else(none).finish(name));
            }
            Pass::Contradicted(right) => types = Some(right),
        }
    }
}

fn opened(source: Source) -> Result<AsWritten, Error> {
    // What is missing is told apart here, by the texts themselves.
    let markers = MissingMarkers::only::<&str>(&[]);
    AsWritten::open(source, &ScanOptions { markers, ..ScanOptions::default() })
}
