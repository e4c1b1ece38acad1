//! `tier0 feedback`: the outcomes in a file to the task that joins them with their predictions.

use std::path::PathBuf;
use std::time::{Instant, SystemTime};

use api::monitoring::{self, PublishError};
use bus::PublishedOnce;
use contracts::ContractError;
use contracts::v1::Feedback;
use dataset::Stated;
use futures::{StreamExt as _, stream};
use registry::Registry;
use serde::Serialize;
use terminal::Console;

use crate::cli::{self, Global};
use crate::connect::Address;
use crate::error::{FAILED, USAGE};

mod rows;

use rows::FeedbackColumns;

/// Messages that are being stored at a time.
const MAX_IN_FLIGHT: usize = 64;

/// Why outcomes were not told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read.
    #[error("cannot read the outcomes in {}", .path.display())]
    File {
        /// Path of the file.
        path: PathBuf,
        /// Error of the reader of tables.
        #[source]
        source: dataset::Error,
    },
    /// A column that is named is not there.
    #[error("the file has no column `{column}`; it has {}", .known.join(", "))]
    NoColumn {
        /// Name of the column.
        column: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// Nothing says what the outcomes are of.
    #[error(
        "the file has neither a column `request_id` nor `entity_id`; name one with --request-id-column or --entity-column"
    )]
    NoIdentities,
    /// A row does not say what it is of.
    #[error("column `{column}`, row {row}: is empty; expected {expected}")]
    Missing {
        /// Name of the column.
        column: String,
        /// The row, from 1, the header not counted.
        row: usize,
        /// Identity that the row needs, in words.
        expected: &'static str,
    },
    /// A value is not what it should be.
    #[error("column `{column}`, row {row}: expected {expected}")]
    Value {
        /// Name of the column.
        column: String,
        /// The row, from 1, the header not counted.
        row: usize,
        /// Kind of value that the column needs, in words.
        expected: &'static str,
    },
    /// A row of a request has two outcomes.
    #[error("row {row}: an earlier row is of the same row of the same request")]
    Twice {
        /// The row, from 1, the header not counted.
        row: usize,
    },
    /// No outcome is known.
    #[error("column `{column}` has no value: no outcome is known")]
    NothingKnown {
        /// Name of the column.
        column: String,
    },
    /// A message would break the contract.
    #[error("row {row}: the outcomes of its request or entity make no message")]
    Message {
        /// The first row that it is of, from 1, the header not counted.
        row: usize,
        /// Error of the contract, which names the field.
        #[source]
        source: ContractError,
    },
    /// The broker did not store them all.
    #[error(
        "{stored} of {messages} messages were stored; the same command tells the rest, and what is known is not counted twice"
    )]
    Publish {
        /// Those that were stored.
        stored: usize,
        /// Number of messages of the file.
        messages: usize,
        /// What went wrong with one.
        #[source]
        source: PublishError,
    },
}

impl Error {
    /// The process's exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Publish { .. } => FAILED,
            _ => USAGE,
        }
    }
}

/// What was done, for `--json`.
#[derive(Debug, Serialize)]
struct Summary {
    endpoint: String,
    rows: usize,
    rows_without_outcome: usize,
    messages: usize,
    published: usize,
    duplicates: usize,
    seconds: f64,
}

/// Tells the outcomes in a file.
pub(crate) async fn run(
    arguments: &cli::Feedback,
    global: &Global,
    console: &Console,
) -> Result<u8, crate::Error> {
    let started = Instant::now();
    // The file first: what is wrong with it can be said without a fleet.
    let stated = arguments.file.stated().map_err(crate::Error::Dialect)?;
    let read = tokio::task::block_in_place(|| read(arguments, &stated))?;
    let bus = Address::find(global)?.connect().await?;
    let registry = Registry::new(&bus).await?;
    monitoring::known(&registry, &arguments.endpoint).await?;
    let (published, duplicates) = publish(&bus, &read.messages, console).await?;
    let summary = Summary {
        endpoint: arguments.endpoint.clone(),
        rows: read.rows,
        rows_without_outcome: read.unknown,
        messages: read.messages.len(),
        published,
        duplicates,
        seconds: started.elapsed().as_secs_f64(),
    };
    console.answer(&summary, || {
        let known = match summary.duplicates {
            0 => String::new(),
            count => format!(", {count} were stored already"),
        };
        let without = match summary.rows_without_outcome {
            0 => String::new(),
            count => format!("; {count} rows have no outcome"),
        };
        format!(
            "{} messages of {} rows published to `{}` in {:.2} s{known}{without}",
            summary.published, summary.rows, summary.endpoint, summary.seconds
        )
    })?;
    Ok(0)
}

fn read(arguments: &cli::Feedback, stated: &Stated) -> Result<FeedbackColumns, Error> {
    let unreadable = |source| Error::File { path: arguments.data.clone(), source };
    let texts = dataset::read_texts(&arguments.data, stated).map_err(unreadable)?;
    let table = dataset::concluded(&texts, stated).map_err(unreadable)?;
    rows::read(&table, &texts, arguments, SystemTime::now())
}

/// Stores the messages; those that were stored now, and those that the broker had.
async fn publish(
    bus: &bus::Bus,
    messages: &[Feedback],
    console: &Console,
) -> Result<(usize, usize), Error> {
    let total = messages.len();
    let progress = console.progress(&format!("telling {total} messages of outcomes"));
    let mut storing = stream::iter(messages)
        .map(|message| monitoring::publish(bus, message))
        .buffer_unordered(MAX_IN_FLIGHT);
    let (mut published, mut duplicates) = (0, 0);
    while let Some(stored) = storing.next().await {
        match stored {
            Ok(PublishedOnce::Stored { .. }) => published += 1,
            Ok(PublishedOnce::AlreadyThere { .. }) => duplicates += 1,
            // What is under way may be stored or not; it is told again with the rest.
            Err(source) => {
                let stored = published + duplicates;
                return Err(Error::Publish { stored, messages: total, source });
            }
        }
        let done = published + duplicates;
        if done % 100 == 0 {
            progress.now(&format!("{done} of {total} messages"));
        }
    }
    Ok((published, duplicates))
}
