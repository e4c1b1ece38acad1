//! Synthetic tables whose best attainable quality is known, for the demonstration and for tests.
//!
//! `sample churn` writes health-care professionals and whether they stop prescribing a brand ([`process`] states how).
//! The same rows, seed, drift and version give the same bytes.

use std::path::Path;

use tabular::{Column, ColumnType, Field, Table, TextColumn};

pub mod drift;
pub mod process;
mod version;
pub mod wide;

use drift::Drift;
use process::{Hcp, Process, SampledRow};

pub use version::version;

/// Name of the target.
pub const TARGET: &str = "churned";
/// Class of the target that is counted as positive: the HCP stopped prescribing.
pub const POSITIVE: &str = "Yes";
/// Most rows of a sample; beyond it the table would not fit in memory comfortably.
pub const MAX_ROWS: u64 = 5_000_000;

/// Why a sample could not be drawn or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The number of rows makes no sense.
    #[error("{found} rows asked for; give 1 to {MAX_ROWS}")]
    Rows {
        /// What was asked for.
        found: u64,
    },
    /// A rate of the process is out of its range.
    #[error("a rate of the process is not positive")]
    Poisson(#[from] rand_distr::PoissonError),
    /// A spread of the process is out of its range.
    #[error("a spread of the process is not finite")]
    Normal(#[from] rand_distr::NormalError),
    /// A rate of the process is out of its range.
    #[error("a mean of the process is not positive")]
    Exp(#[from] rand_distr::ExpError),
    /// A date left the calendar.
    #[error("a date of the process is out of the calendar")]
    Date {
        /// Error that caused this one.
        source: jiff::Error,
    },
    /// The columns do not make a table.
    #[error("the sample is no table")]
    Table(#[from] tabular::TableError),
    /// CSV could not be written.
    #[error("could not write the sample as csv")]
    Csv(#[from] csv::Error),
    /// Parquet could not be written.
    #[error("could not write the sample as parquet")]
    Parquet(#[from] dataset::Error),
    /// The file's ending says neither.
    #[error("cannot tell the format of `{path}`; end it in .csv or .parquet")]
    Format {
        /// Path of the file.
        path: String,
    },
}

/// A synthetic table with the best ROC AUC that a model can reach on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Rows of the table.
    pub rows: Vec<Hcp>,
    /// The greatest ROC AUC that any model can be expected to reach on it, were no value missing.
    pub bayes_roc_auc: f64,
    /// The ROC AUC that the best model of rows without drift can be expected to reach on it; the one above, where there is no drift.
    pub undrifted_roc_auc: f64,
    /// The share of the positive class.
    pub positive_share: f64,
}

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// The format that a file's ending says.
    pub fn from_path(path: &Path) -> Result<Self, Error> {
        match path
            .extension()
            .and_then(|ending| ending.to_str())
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            Some("csv") => Ok(Self::Csv),
            Some("parquet") => Ok(Self::Parquet),
            _ => Err(Error::Format { path: path.display().to_string() }),
        }
    }
}

/// Draws `rows` health-care professionals, 1 to [`MAX_ROWS`]; the same arguments give the same
/// rows.
pub fn churn(rows: u64, seed: u64, drift: Drift) -> Result<Sample, Error> {
    if !(1..=MAX_ROWS).contains(&rows) {
        return Err(Error::Rows { found: rows });
    }
    let process = Process::new(seed, drift)?;
    let drawn =
        (0..rows).map(|index| process.draw(index)).collect::<Result<Vec<SampledRow>, Error>>()?;
    let ranked = |score: fn(&SampledRow) -> f64| {
        expected_roc_auc(drawn.iter().map(|row| (score(row), row.probability)).collect())
    };
    let bayes_roc_auc = ranked(|row| row.probability);
    let undrifted_roc_auc = ranked(|row| row.before);
    let positives = drawn.iter().filter(|row| row.hcp.churned).count();
    let positive_share = positives as f64 / drawn.len() as f64;
    Ok(Sample {
        rows: drawn.into_iter().map(|row| row.hcp).collect(),
        bayes_roc_auc,
        undrifted_roc_auc,
        positive_share,
    })
}

impl Sample {
    /// The bytes of a file.
    pub fn encode(&self, format: Format) -> Result<Vec<u8>, Error> {
        match format {
            Format::Csv => self.csv(),
            Format::Parquet => Ok(dataset::write_parquet(&self.table()?)?.to_vec()),
        }
    }

    fn csv(&self) -> Result<Vec<u8>, Error> {
        let mut writer = csv::Writer::from_writer(Vec::with_capacity(self.rows.len() * 160));
        let columns = columns();
        writer.write_record(columns.iter().map(|column| column.name))?;
        for row in &self.rows {
            writer.write_record(columns.iter().map(|column| (column.text)(row)))?;
        }
        writer.into_inner().map_err(|error| Error::Csv(error.into_error().into()))
    }

    fn table(&self) -> Result<Table, Error> {
        let mut fields = Vec::new();
        let mut values = Vec::new();
        for column in columns() {
            let texts: Vec<String> = self.rows.iter().map(|row| (column.text)(row)).collect();
            let nullable = texts.iter().any(String::is_empty);
            fields.push(Field { nullable, ..Field::new(column.name, column.column_type) });
            values.push(match column.column_type {
                ColumnType::Text => {
                    let texts =
                        texts.iter().map(|text| (!text.is_empty()).then_some(text.as_str()));
                    Column::Text(TextColumn::from_iter(texts))
                }
                ColumnType::Date => Column::Number(
                    texts
                        .iter()
                        .map(|text| tabular::parse::date(text).unwrap_or(f64::NAN))
                        .collect(),
                ),
                _ => Column::Number(
                    texts
                        .iter()
                        .map(|text| tabular::parse::number(text).unwrap_or(f64::NAN))
                        .collect(),
                ),
            });
        }
        Ok(Table::new(fields, values)?)
    }
}

/// A column of the file: its name, type and text in a row (empty: missing).
struct SampleColumn {
    name: &'static str,
    column_type: ColumnType,
    text: fn(&Hcp) -> String,
}

/// The columns in the order of the file.
fn columns() -> Vec<SampleColumn> {
    fn optional<T: ToString>(value: Option<T>) -> String {
        value.map_or_else(String::new, |value| value.to_string())
    }
    let column = |name, column_type, text| SampleColumn { name, column_type, text };
    vec![
        column("hcp_id", ColumnType::Text, |row| row.hcp_id.clone()),
        column("npi", ColumnType::Text, |row| row.npi.clone()),
        column("brand", ColumnType::Text, |row| row.brand.to_owned()),
        column("specialty", ColumnType::Text, |row| row.specialty.to_owned()),
        column("region", ColumnType::Text, |row| row.region.to_owned()),
        column("practice_type", ColumnType::Text, |row| row.practice_type.to_owned()),
        column("years_in_practice", ColumnType::Integer, |row| optional(row.years_in_practice)),
        column("months_prescribing", ColumnType::Integer, |row| row.months_prescribing.to_string()),
        column("months_since_last_call", ColumnType::Number, |row| {
            optional(row.months_since_last_call)
        }),
        column("calls_3m", ColumnType::Integer, |row| row.calls_3m.to_string()),
        column("emails_3m", ColumnType::Integer, |row| optional(row.emails_3m)),
        column("emails_opened_3m", ColumnType::Integer, |row| optional(row.emails_opened_3m)),
        column("samples_3m", ColumnType::Integer, |row| optional(row.samples_3m)),
        column("trx_1m", ColumnType::Integer, |Hcp { trx: [value, ..], .. }| value.to_string()),
        column("trx_2m", ColumnType::Integer, |Hcp { trx: [_, value, ..], .. }| value.to_string()),
        column("trx_3m", ColumnType::Integer, |Hcp { trx: [_, _, value, ..], .. }| {
            value.to_string()
        }),
        column("trx_4m", ColumnType::Integer, |Hcp { trx: [.., value, _, _], .. }| {
            value.to_string()
        }),
        column("trx_5m", ColumnType::Integer, |Hcp { trx: [.., value, _], .. }| value.to_string()),
        column("trx_6m", ColumnType::Integer, |Hcp { trx: [.., value], .. }| value.to_string()),
        column("share", ColumnType::Number, |row| optional(row.share)),
        column("commercial_share", ColumnType::Number, |row| row.commercial_share.to_string()),
        column("medicare_share", ColumnType::Number, |row| row.medicare_share.to_string()),
        column("formulary_status", ColumnType::Text, |row| row.formulary_status.to_owned()),
        column("last_visit_date", ColumnType::Date, |row| optional(row.last_visit_date)),
        column(TARGET, ColumnType::Text, |row| {
            if row.churned { POSITIVE } else { "No" }.to_owned()
        }),
    ]
}

/// The expected ROC AUC of scores, given with the true probabilities: the chance that of two rows with different labels, drawn
/// as the process draws them, the positive one has the greater score.
fn expected_roc_auc(mut scored: Vec<(f64, f64)>) -> f64 {
    scored.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let positives: f64 = scored.iter().map(|(_, probability)| probability).sum();
    let negatives = scored.len() as f64 - positives;
    let (mut below, mut concordant) = (0.0, 0.0);
    for equal in scored.chunk_by(|a, b| a.0 == b.0) {
        let yes: f64 = equal.iter().map(|(_, probability)| probability).sum();
        let no = equal.len() as f64 - yes;
        concordant += yes * (below + no / 2.0);
        below += no;
    }
    if positives * negatives > 0.0 { concordant / (positives * negatives) } else { 0.5 }
}

#[cfg(test)]
mod tests;
