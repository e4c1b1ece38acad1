//! `tier0 predict`: the rows of a file through an endpoint, batch by batch, in their order.
//!
//! The file is read as texts, and each text by the model's signature alone: no row's prediction depends on the other rows.

use std::path::{Path, PathBuf};
use std::time::Instant;

use client::Client;
use client::v2::{self, InferResponse, Metadata};
use dataset::{CsvDialect, Stated};
use fleet::directory::write_atomically;
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use tabular::parse::ColumnReader;
use tabular::{Column, ColumnType, Table, TableError, TextColumn};
use terminal::Console;

use crate::cli;
use crate::error::{FAILED, USAGE};

pub(crate) mod batch;
mod explain;
mod written;

use batch::Answers;
use explain::Explanation;

/// Requests under way at a time.
const CONCURRENT: usize = 4;
/// Rows of a request that are explained at a time, as the model server has it by default.
const MAX_EXPLAINED_ROWS: usize = 1000;

/// Why rows could not be predicted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read.
    #[error("cannot read the rows of {}", .path.display())]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// Error of the reader of tables.
        #[source]
        source: dataset::Error,
    },
    /// The file lacks columns that the model needs.
    #[error("the file has no column {}, which the model of endpoint `{endpoint}` needs", .missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))]
    MissingColumns {
        /// Names of the columns.
        missing: Vec<String>,
        /// Name of the endpoint.
        endpoint: String,
    },
    /// A column that is named is not there.
    #[error("the file has no column `{column}`")]
    NoColumn {
        /// Name of the column.
        column: String,
    },
    /// A value is of another type.
    #[error(transparent)]
    Value(#[from] v2::ValueError),
    /// Columns that make no table.
    #[error("the columns that the model takes make no table")]
    Table(#[from] TableError),
    /// The model server's answer made no sense.
    #[error("the model server's answer has {found} values for `{output}`; expected {expected}")]
    Answer {
        /// Name of the output.
        output: String,
        /// Number of values in the answer.
        found: usize,
        /// Number of rows in the request.
        expected: usize,
    },
    /// The predictions could not be written as CSV.
    #[error("cannot write the predictions as csv")]
    Csv(#[from] csv::Error),
    /// The predictions could not be written as Parquet.
    #[error("cannot write the predictions as parquet")]
    Parquet(#[from] dataset::Error),
    /// The file's name says a format that predictions are not written in.
    #[error("predictions are written as CSV (.csv), JSON Lines (.jsonl) or Parquet (.parquet); the name of {} says another format", .path.display())]
    Unwritten {
        /// Path of the file.
        path: PathBuf,
    },
}

impl Error {
    /// The process's exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Read { .. }
            | Self::MissingColumns { .. }
            | Self::NoColumn { .. }
            | Self::Value(_)
            | Self::Unwritten { .. } => USAGE,
            Self::Table(_) | Self::Answer { .. } | Self::Csv(_) | Self::Parquet(_) => FAILED,
        }
    }
}

/// What was done, for `--json`.
#[derive(Debug, Serialize)]
struct Summary {
    rows: usize,
    endpoint: String,
    model_version: Vec<String>,
    out: Option<PathBuf>,
    ignored_columns: Vec<String>,
    seconds: f64,
}

/// Predicts the rows of a file.
pub async fn run(
    arguments: &cli::Predict,
    client: &Client,
    console: &Console,
) -> Result<(), crate::Error> {
    let started = Instant::now();
    crate::output::check(arguments.out.as_deref(), &[&arguments.data])?;
    let answers = Answers::new(arguments.out.as_deref(), arguments.ids)?;
    let stated = arguments.file.stated().map_err(crate::Error::Dialect)?;
    let table = read(arguments.data.clone(), &stated).await?;
    let unknown = || crate::Error::Unknown {
        kind: "endpoint",
        name: arguments.endpoint.clone(),
        known: Vec::new(),
    };
    // A name becomes a part of the path.
    if !contracts::is_name(&arguments.endpoint) {
        return Err(unknown());
    }
    let path = format!("/v2/models/{}", arguments.endpoint);
    let metadata: Metadata = client.get(&path).await.map_err(|error| match error {
        client::Error::Status { status: 404, .. } => unknown(),
        error => error.into(),
    })?;
    let entities = match &arguments.entity_column {
        Some(name) => {
            let texts = batch::identities(&table, name);
            Some(texts.ok_or_else(|| Error::NoColumn { column: name.clone() })?)
        }
        None => None,
    };
    let (table, ignored) = fit(table, &metadata, &arguments.endpoint)?;
    let table = typed(&table, &metadata.readers(), &stated.csv)?;
    let entity = arguments.entity_column.as_ref();
    let ignored: Vec<String> = ignored.into_iter().filter(|name| Some(name) != entity).collect();
    if !ignored.is_empty() {
        console.note(&format!(
            "columns that the model does not take are ignored: {}",
            ignored.join(", ")
        ));
    }
    let rows = Rows { table: &table, entities: entities.as_deref() };
    let answers = predict(rows, &metadata, arguments, answers, client, console).await?;
    let rows = answers.rows();
    let model_version = answers.versions();
    let bytes = answers.finish()?;
    match &arguments.out {
        Some(out) => write_atomically(out, &bytes).map_err(|source| crate::Error::File {
            what: "write",
            path: out.clone(),
            source,
        })?,
        None if !console.is_json() => console.bytes(&bytes)?,
        None => {}
    }
    let summary = Summary {
        rows,
        endpoint: arguments.endpoint.clone(),
        model_version,
        out: arguments.out.clone(),
        ignored_columns: ignored,
        seconds: started.elapsed().as_secs_f64(),
    };
    if console.is_json() {
        return Ok(console.answer(&summary, String::new)?);
    }
    let place = arguments
        .out
        .as_deref()
        .map(|out| format!(", written to {}", out.display()))
        .unwrap_or_default();
    console.note(&format!(
        "{} rows by version {} of `{}` in {:.2} s{place}",
        summary.rows,
        summary.model_version.join(", "),
        summary.endpoint,
        summary.seconds
    ));
    Ok(())
}

async fn read(path: PathBuf, stated: &Stated) -> Result<Table, Error> {
    let read = |path: &Path| {
        dataset::read_texts(path, stated)
            .map_err(|source| Error::Read { path: path.to_owned(), source })
    };
    // Reading is blocking; nothing else runs meanwhile.
    tokio::task::block_in_place(|| read(&path))
}

/// The columns that the model takes, in its order, and the names of those that it does not take.
fn fit(table: Table, metadata: &Metadata, endpoint: &str) -> Result<(Table, Vec<String>), Error> {
    let wanted: Vec<&str> = metadata.inputs.iter().map(|input| input.name.as_str()).collect();
    let missing: Vec<String> = wanted
        .iter()
        .filter(|name| table.field(name).is_none())
        .map(|name| (*name).to_owned())
        .collect();
    if !missing.is_empty() {
        return Err(Error::MissingColumns { missing, endpoint: endpoint.to_owned() });
    }
    let ignored = table
        .fields()
        .iter()
        .map(|field| field.name.clone())
        .filter(|name| !wanted.contains(&name.as_str()))
        .collect();
    let fitted = table.select(&wanted).map_err(|_| Error::MissingColumns {
        missing: wanted.iter().map(|name| (*name).to_owned()).collect(),
        endpoint: endpoint.to_owned(),
    })?;
    Ok((fitted, ignored))
}

/// The columns of a table of texts that these readers read, in their types, numbers by what is stated of them; the other columns stay
/// as they are.
///
/// # Errors
/// The first text that is not what the model takes, by its column and row.
pub(crate) fn typed(
    texts: &Table,
    readers: &[ColumnReader],
    stated: &CsvDialect,
) -> Result<Table, Error> {
    let mut table = texts.clone();
    let has_signs = stated.decimal.is_some() || stated.thousands.is_some();
    for reader in readers {
        let Some(column) = texts.column(&reader.field.name).and_then(Column::text) else {
            continue;
        };
        let is_number =
            matches!(reader.field.column_type, ColumnType::Integer | ColumnType::Number);
        let rewritten: TextColumn;
        let column = if has_signs && is_number {
            let plain = |text: Option<&str>| {
                text.map(|text| dataset::plain_number(stated, text).into_owned())
            };
            let texts: Vec<Option<String>> = column.iter().map(plain).collect();
            rewritten = texts.iter().map(Option::as_deref).collect();
            &rewritten
        } else {
            column
        };
        let column = reader.column(column).map_err(|misfit| v2::ValueError {
            column: reader.field.name.clone(),
            row: misfit.row + 1,
            expected: misfit.expected,
        })?;
        table = table.with_column(reader.field.clone(), column)?;
    }
    Ok(table)
}

/// What is predicted, and whom it is about.
#[derive(Clone, Copy)]
struct Rows<'a> {
    table: &'a Table,
    entities: Option<&'a [String]>,
}

async fn predict(
    Rows { table, entities }: Rows<'_>,
    metadata: &Metadata,
    arguments: &cli::Predict,
    mut answers: Answers,
    client: &Client,
    console: &Console,
) -> Result<Answers, crate::Error> {
    let most = if arguments.explain { MAX_EXPLAINED_ROWS } else { usize::MAX };
    let size = (arguments.batch as usize).clamp(1, most);
    let path = format!("/v2/models/{}/infer", arguments.endpoint);
    let progress = console.progress(&format!("predicting {} rows", table.rows()));
    let starts = (0..table.rows()).step_by(size);
    let requests = starts.map(|start| {
        let rows = start..(start + size).min(table.rows());
        let path = &path;
        async move {
            let body = v2::encode(table, metadata, entities, rows.clone()).map_err(Error::from)?;
            let answer: InferResponse = client.post(path, &body).await?;
            // The version that predicted is the one that is explained, whatever is switched meanwhile.
            let explanation = if arguments.explain {
                let (endpoint, version) = (&arguments.endpoint, &answer.model_version);
                let path = format!("/v2/models/{endpoint}/versions/{version}/explain");
                let why: InferResponse = client.post(&path, &body).await?;
                Some(Explanation::read(rows.len(), why)?)
            } else {
                None
            };
            Ok::<_, crate::Error>((rows, answer, explanation))
        }
    });
    let mut responses = stream::iter(requests).buffered(CONCURRENT);
    while let Some((rows, answer, explanation)) = responses.try_next().await? {
        answers.take(rows.len(), answer, explanation.as_ref())?;
        progress.now(&format!("{} of {} rows", rows.end, table.rows()));
    }
    Ok(answers)
}

#[cfg(test)]
mod tests;
