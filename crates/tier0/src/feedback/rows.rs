//! Rows of a table to messages: one for each request, or one for each row about an entity. Pure.

use std::collections::HashMap;
use std::time::SystemTime;

use api::monitoring::Outcomes;
use contracts::v1::Feedback;
use pbjson_types::Timestamp;
use tabular::{Column, ColumnType, Table, parse};

use super::Error;
use crate::cli;
use crate::predict::batch::{identities, texts};

/// Most rows of a request, as the contract has it.
const MAX_ROWS: f64 = 65_536.0;
const MICROSECONDS: i64 = 1_000_000;
/// Microseconds of a day.
const DAY: i64 = 86_400 * MICROSECONDS;

/// Names of columns that are taken where the file has them and none is named.
const REQUEST_ID: &str = "request_id";
const ENTITY_ID: &str = "entity_id";
const ROW: &str = "row";
const OBSERVED_AT: &str = "observed_at";

/// What a table says.
#[derive(Debug)]
pub(super) struct FeedbackColumns {
    /// The messages, in the order in which the table first names what they are about.
    pub(super) messages: Vec<Feedback>,
    /// Rows of the table.
    pub(super) rows: usize,
    /// Rows whose outcome is not known.
    pub(super) unknown: usize,
}

/// Outcomes that are being gathered, and the first row that they are of.
struct OutcomeGroup {
    row: usize,
    outcomes: Outcomes,
    /// Rows of the request that have been told of, where the table numbers them.
    told: Vec<bool>,
}

/// Reads the outcomes of a table; `texts` is the same table with every value as it is written, by which rows are told apart.
pub(super) fn read(
    table: &Table,
    texts: &Table,
    arguments: &cli::Feedback,
    at: SystemTime,
) -> Result<FeedbackColumns, Error> {
    let by = RowIdentity::from_arguments(table, texts, arguments)?;
    let outcomes = column(table, &arguments.outcome_column)?;
    let observed = observed_at(table, arguments.observed_at_column.as_deref())?;
    let unknown = outcomes.iter().filter(|outcome| outcome.is_empty()).count();
    if unknown == outcomes.len() {
        return Err(Error::NothingKnown { column: arguments.outcome_column.clone() });
    }
    let mut gathered: Vec<OutcomeGroup> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (index, outcome) in outcomes.iter().enumerate() {
        let observed_at = observed.get(index).copied().flatten();
        let Some(id) = by.ids().get(index).filter(|id| !id.is_empty()) else {
            return Err(by.missing(index));
        };
        match &by {
            RowIdentity::Entity { .. } if outcome.is_empty() => {}
            RowIdentity::Entity { .. } => gathered.push(OutcomeGroup {
                row: index,
                outcomes: Outcomes {
                    entity_id: id.clone(),
                    outcomes: vec![outcome.clone()],
                    observed_at: observed_at.map(timestamp),
                    ..Outcomes::default()
                },
                told: Vec::new(),
            }),
            RowIdentity::Request { rows, .. } => {
                let place = *places.entry(id).or_insert_with(|| {
                    gathered.push(OutcomeGroup::of_request(index, id));
                    gathered.len() - 1
                });
                let at = rows.as_ref().map(|rows| rows.get(index).copied().unwrap_or_default());
                if let Some(gathered) = gathered.get_mut(place) {
                    gathered.take(index, at, outcome, observed_at)?;
                }
            }
        }
    }
    let known = gathered.into_iter().filter(|gathered| !gathered.outcomes.says_nothing());
    let message = |gathered: OutcomeGroup| {
        let row = gathered.row + 1;
        let made = gathered.outcomes.message(&arguments.endpoint, at);
        made.map_err(|source| Error::Message { row, source })
    };
    let messages = known.map(message).collect::<Result<_, _>>()?;
    Ok(FeedbackColumns { messages, rows: table.rows(), unknown })
}

impl OutcomeGroup {
    fn of_request(row: usize, id: &str) -> Self {
        let outcomes = Outcomes { request_id: id.to_owned(), ..Outcomes::default() };
        Self { row, outcomes, told: Vec::new() }
    }

    /// Takes the outcome of the request's row `at`, or of its next one. A request was observed when the last of its rows was.
    fn take(
        &mut self,
        row: usize,
        at: Option<usize>,
        outcome: &str,
        observed_at: Option<i64>,
    ) -> Result<(), Error> {
        let outcomes = &mut self.outcomes.outcomes;
        let at = at.unwrap_or(outcomes.len());
        if outcomes.len() <= at {
            outcomes.resize(at + 1, String::new());
            self.told.resize(at + 1, false);
        }
        match (self.told.get_mut(at), outcomes.get_mut(at)) {
            (Some(told @ false), Some(place)) => {
                *told = true;
                outcome.clone_into(place);
            }
            _ => return Err(Error::Twice { row: row + 1 }),
        }
        if let Some(observed_at) = observed_at.map(timestamp) {
            let known = self.outcomes.observed_at.as_ref();
            let later = known.is_none_or(|known| {
                (known.seconds, known.nanos) < (observed_at.seconds, observed_at.nanos)
            });
            if later {
                self.outcomes.observed_at = Some(observed_at);
            }
        }
        Ok(())
    }
}

/// What the rows are of.
enum RowIdentity {
    /// Requests, with the rows there where the table says them.
    Request { column: String, ids: Vec<String>, rows: Option<Vec<usize>> },
    /// Entities: the name of the column, and the id of each row.
    Entity { column: String, ids: Vec<String> },
}

impl RowIdentity {
    fn from_arguments(
        table: &Table,
        texts: &Table,
        arguments: &cli::Feedback,
    ) -> Result<Self, Error> {
        let has = |name: &str| table.field(name).is_some();
        let (request, entity) = (&arguments.request_id_column, &arguments.entity_column);
        let (name, is_request) = match (request, entity) {
            (Some(name), _) => (name.as_str(), true),
            (None, Some(name)) => (name.as_str(), false),
            (None, None) if has(REQUEST_ID) => (REQUEST_ID, true),
            (None, None) if has(ENTITY_ID) => (ENTITY_ID, false),
            (None, None) => return Err(Error::NoIdentities),
        };
        let ids = identities(texts, name).ok_or_else(|| unknown(table, name))?;
        let column = name.to_owned();
        if !is_request {
            return Ok(Self::Entity { column, ids });
        }
        let row = match &arguments.row_column {
            Some(name) => Some(name.as_str()),
            None => has(ROW).then_some(ROW),
        };
        let rows = row.map(|name| row_numbers(table, name)).transpose()?;
        Ok(Self::Request { column, ids, rows })
    }

    fn ids(&self) -> &[String] {
        let (Self::Request { ids, .. } | Self::Entity { ids, .. }) = self;
        ids
    }

    fn missing(&self, index: usize) -> Error {
        let (column, expected) = match self {
            Self::Request { column, .. } => (column, "the identity of a request"),
            Self::Entity { column, .. } => (column, "whom the outcome is of"),
        };
        Error::Missing { column: column.clone(), row: index + 1, expected }
    }
}

/// The values of a column as texts; empty where one is missing.
fn column(table: &Table, name: &str) -> Result<Vec<String>, Error> {
    texts(table, name).ok_or_else(|| unknown(table, name))
}

fn unknown(table: &Table, name: &str) -> Error {
    Error::NoColumn {
        column: name.to_owned(),
        known: table.fields().iter().map(|field| field.name.clone()).collect(),
    }
}

fn row_numbers(table: &Table, name: &str) -> Result<Vec<usize>, Error> {
    let wrong = |index: usize| Error::Value {
        column: name.to_owned(),
        row: index + 1,
        expected: "the number of a row of the request, from 0 to 65535",
    };
    let number = |(index, text): (usize, String)| {
        parse::number(&text)
            .filter(|number| number.fract() == 0.0 && (0.0..MAX_ROWS).contains(number))
            .map(|number| number as usize)
            .ok_or_else(|| wrong(index))
    };
    column(table, name)?.into_iter().enumerate().map(number).collect()
}

/// When each row was observed, in microseconds since 1970; nothing where the table does not say.
fn observed_at(table: &Table, name: Option<&str>) -> Result<Vec<Option<i64>>, Error> {
    let name = match name {
        Some(name) => name,
        None if table.field(OBSERVED_AT).is_some() => OBSERVED_AT,
        None => return Ok(Vec::new()),
    };
    let texts = column(table, name)?;
    let wrong = |index: usize| Error::Value {
        column: name.to_owned(),
        row: index + 1,
        expected: "a date or time, such as 2026-11-25 or 2026-11-25T12:00:00Z",
    };
    let is_temporal = |kind: ColumnType| matches!(kind, ColumnType::Date | ColumnType::Timestamp);
    let (field, column) = match (table.field(name), table.column(name)) {
        (Some(field), Some(column)) => (field, column),
        _ => return Ok(Vec::new()),
    };
    // A day is the whole day, whether the file calls its columns dates or has a midnight in every row.
    let are_days = match column {
        Column::Number(numbers) => {
            numbers.iter().all(|number| number.is_nan() || (*number as i64).rem_euclid(DAY) == 0)
        }
        Column::Text(_) => false,
    };
    let instant = |(index, text): (usize, &String)| match column {
        Column::Number(numbers) => match numbers.get(index) {
            Some(number) if number.is_nan() => Ok(None),
            Some(number) if is_temporal(field.column_type) => {
                let micros = number.round() as i64;
                Ok(Some(if are_days { end_of_day(micros) } else { micros }))
            }
            _ => Err(wrong(index)),
        },
        Column::Text(_) if text.is_empty() => Ok(None),
        Column::Text(_) => {
            let day = parse::date(text).map(|micros| end_of_day(micros.round() as i64));
            let read = day.or_else(|| parse::timestamp(text).map(|micros| micros.round() as i64));
            read.map(Some).ok_or_else(|| wrong(index))
        }
    };
    texts.iter().enumerate().map(instant).collect()
}

/// The last microsecond of the day that begins then, in UTC.
fn end_of_day(midnight: i64) -> i64 {
    midnight.saturating_add(DAY - 1)
}

fn timestamp(microseconds: i64) -> Timestamp {
    Timestamp {
        seconds: microseconds.div_euclid(MICROSECONDS),
        // Less than a second.
        nanos: (microseconds.rem_euclid(MICROSECONDS) * 1000) as i32,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use clap::Parser as _;

    use super::*;

    fn arguments(options: &str) -> cli::Feedback {
        let line = format!("tier0 feedback churn --data f.csv {options}");
        let cli = cli::Cli::try_parse_from(line.split_whitespace()).unwrap();
        let cli::Command::Feedback(arguments) = cli.command else { unreachable!() };
        arguments
    }

    fn table(csv: &str) -> Table {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        std::fs::write(file.path(), csv).unwrap();
        dataset::read_file(file.path()).unwrap()
    }

    fn texts(csv: &str) -> Table {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        std::fs::write(file.path(), csv).unwrap();
        dataset::read_texts(file.path(), &dataset::Stated::default()).unwrap()
    }

    fn of(csv: &str, options: &str) -> Result<FeedbackColumns, Error> {
        read(&table(csv), &texts(csv), &arguments(options), SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn rows_of_a_request_are_one_message_in_the_order_of_the_file() {
        let csv = "request_id,outcome\na,Yes\nb,No\na,\na,No\n";
        let read = of(csv, "").unwrap();
        let told: Vec<_> =
            read.messages.iter().map(|m| (m.request_id.as_str(), m.outcomes.clone())).collect();
        let texts =
            |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(told, [("a", texts(&["Yes", "", "No"])), ("b", texts(&["No"]))]);
        assert_eq!((read.rows, read.unknown), (4, 1));
        let again = of(csv, "").unwrap();
        let ids = |read: &FeedbackColumns| {
            read.messages.iter().map(|m| m.feedback_id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(ids(&again), ids(&read));
    }

    #[test]
    fn numbered_rows_are_put_at_their_places() {
        let read = of("request_id,row,outcome\na,2,1\na,0,0\n", "").unwrap();
        assert_eq!(read.messages[0].outcomes, ["0", "", "1"]);
        let csv = "request_id,place,y\na,1,1\na,1,0\n";
        let error = of(csv, "--row-column place --outcome-column y").unwrap_err();
        assert!(matches!(error, Error::Twice { row: 2 }), "{error}");
        let error = of("request_id,row,outcome\na,-1,1\n", "").unwrap_err();
        assert!(error.to_string().contains("column `row`, row 1"), "{error}");
    }

    #[test]
    fn each_row_about_an_entity_is_a_message() {
        let csv = "hcp_id,churned,seen\nH1,Yes,2026-01-31\nH2,,2026-01-31\nH1,No,2026-02-28\n";
        let options = "--entity-column hcp_id --outcome-column churned --observed-at-column seen";
        let read = of(csv, options).unwrap();
        let told: Vec<_> = read
            .messages
            .iter()
            .map(|m| (m.entity_id.as_str(), m.outcomes[0].as_str(), m.observed_at.unwrap().seconds))
            .collect();
        assert_eq!(told, [("H1", "Yes", 1_769_903_999), ("H1", "No", 1_772_323_199)]);
        assert_ne!(read.messages[0].feedback_id, read.messages[1].feedback_id);
        assert_eq!((read.rows, read.unknown), (3, 1));
    }

    #[test]
    fn a_day_is_the_whole_day_and_a_time_is_that_time() {
        for (first, second, expected) in [
            ("2026-01-31", "2026-02-28", [1_769_903_999, 1_772_323_199]),
            ("2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", [1_769_903_999, 1_772_323_199]),
            ("2026-01-31T00:00:00Z", "2026-02-28T10:00:00Z", [1_769_817_600, 1_772_272_800]),
        ] {
            let csv = format!("entity_id,outcome,observed_at\na,1,{first}\nb,1,{second}\n");
            let read = of(&csv, "").unwrap();
            let seconds: Vec<_> =
                read.messages.iter().map(|m| m.observed_at.unwrap().seconds).collect();
            assert_eq!(seconds, expected, "{first}");
        }
    }

    #[test]
    fn a_request_was_observed_when_the_last_of_its_rows_was() {
        let csv = "request_id,outcome,observed_at\na,1,2026-01-31T00:00:02Z\na,0,2026-01-31T00:00:01.5Z\n";
        let message = &of(csv, "").unwrap().messages[0];
        assert_eq!(message.observed_at.unwrap().seconds, 1_769_817_602);
    }

    #[test]
    fn numbers_are_told_as_the_table_has_them() {
        let read = of("entity_id,outcome\n1,0.5\n2,3\n", "").unwrap();
        let outcomes: Vec<_> = read.messages.iter().map(|m| m.outcomes[0].clone()).collect();
        assert_eq!(outcomes, ["0.5", "3"]);
    }

    #[test]
    fn files_that_are_not_right_are_refused_by_their_place() {
        for (csv, options, expected) in [
            ("x,outcome\n1,1\n", "", "neither a column `request_id`"),
            ("request_id,y\n1,1\n", "", "no column `outcome`; it has request_id, y"),
            ("x,outcome\n1,1\n", "--entity-column who", "no column `who`"),
            ("entity_id,outcome\na,1\n,1\n", "", "column `entity_id`, row 2: is empty"),
            ("request_id,outcome\na,1\n,1\n", "", "the identity of a request"),
            ("entity_id,outcome,x\na,,1\nb,,2\n", "", "no outcome is known"),
            ("entity_id,outcome,observed_at\na,1,soon\n", "", "column `observed_at`, row 1"),
            ("entity_id,outcome,observed_at\na,1,17\n", "", "a date or time"),
        ] {
            let error = of(csv, options).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            assert_eq!(error.exit_code(), 2);
        }
        let long = format!("entity_id,outcome\na,1\n{},1\n", "x".repeat(200));
        assert!(matches!(of(&long, "").unwrap_err(), Error::Message { row: 2, .. }));
    }
}
