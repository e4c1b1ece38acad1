//! Answers gathered into few events. Pure but for the events' identities.
//!
//! Invariants:
//! - Every row of every answer is in exactly one event, in the order in which it was added.
//! - The rows of an event were answered by one version, with the same columns.
//! - An event has at most [`MAX_VALUES`] values, unless one row alone has more, and at most [`MAX_ANSWERS`] answers.

use std::ops::Range;

use contracts::{time, v1};
use tabular::{Column, Table};

use crate::events::ServedPrediction;
use crate::protocol::{OutputColumn, OutputValues};

/// Values of an event; it stays well below the greatest payload.
const MAX_VALUES: usize = 16_384;
/// Answers of an event.
const MAX_ANSWERS: usize = 512;

/// Events that are being filled, one for each version that has answered.
#[derive(Debug)]
pub(crate) struct EventBatch {
    server: String,
    open: Vec<v1::PredictionEvent>,
}

impl EventBatch {
    /// None yet, of the server with this name.
    pub(crate) fn new(server: &str) -> Self {
        Self { server: server.to_owned(), open: Vec::new() }
    }

    /// Adds an answer, and gives the events that are full with it.
    pub(crate) fn add(&mut self, served: &ServedPrediction) -> Vec<v1::PredictionEvent> {
        let mut full = Vec::new();
        let most = (MAX_VALUES / served.width()).max(1);
        let rows = served.answer.rows;
        let mut first = 0;
        while first < rows {
            let mut event = self.take(served);
            let room = most.saturating_sub(event.rows as usize);
            let last = first.saturating_add(room).min(rows);
            append(&mut event, served, first..last);
            first = last;
            if event.rows as usize >= most || event.answers.len() >= MAX_ANSWERS {
                full.push(event);
            } else {
                self.open.push(event);
            }
        }
        full
    }

    /// The events that are not full.
    pub(crate) fn finish(self) -> Vec<v1::PredictionEvent> {
        self.open
    }

    /// The event that an answer's rows fit to: an open one, or a new one.
    fn take(&mut self, served: &ServedPrediction) -> v1::PredictionEvent {
        match self.open.iter().position(|event| fits(event, served)) {
            Some(at) => self.open.swap_remove(at),
            None => v1::PredictionEvent {
                event_id: uuid::Uuid::now_v7().to_string(),
                endpoint: served.answer.model.clone(),
                version: served.answer.version,
                digest: served.digest.clone(),
                inputs: named(served.table.fields().iter().map(|field| field.name.as_str())),
                outputs: named(served.answer.outputs.iter().map(|output| &*output.name)),
                server: self.server.clone(),
                ..v1::PredictionEvent::default()
            },
        }
    }
}

fn named<'a>(names: impl Iterator<Item = &'a str>) -> Vec<v1::EventColumn> {
    names
        .map(|name| v1::EventColumn { name: name.to_owned(), ..v1::EventColumn::default() })
        .collect()
}

fn fits(event: &v1::PredictionEvent, served: &ServedPrediction) -> bool {
    let inputs = event.inputs.iter().zip(served.table.iter());
    let outputs = event.outputs.iter().zip(&served.answer.outputs);
    event.version == served.answer.version
        && event.endpoint == served.answer.model
        && event.digest == served.digest
        && event.inputs.len() == served.table.width()
        && event.outputs.len() == served.answer.outputs.len()
        && inputs.into_iter().all(|(column, (field, values))| {
            column.name == field.name
                && column.texts.is_empty() == matches!(values, Column::Number(_))
        })
        && outputs.into_iter().all(|(column, output)| {
            *column.name == *output.name
                && column.texts.is_empty() == matches!(output.values, OutputValues::Numbers(_))
        })
}

fn append(event: &mut v1::PredictionEvent, served: &ServedPrediction, rows: Range<usize>) {
    let ServedPrediction { table, answer, .. } = served;
    append_inputs(&mut event.inputs, table, event.rows, &rows);
    for (column, output) in event.outputs.iter_mut().zip(&answer.outputs) {
        append_output(column, output, &rows);
    }
    let count = number(rows.len());
    event.answers.push(v1::Answered {
        request_id: answer.id.clone(),
        at: Some(time::timestamp(served.at)),
        latency_ms: served.latency.as_secs_f64() * 1000.0,
        rows: count,
        first_row: number(rows.start),
        entity_ids: served.entities.get(rows).unwrap_or_default().to_vec(),
        traceparent: served.traceparent.clone().unwrap_or_default(),
    });
    event.rows = event.rows.saturating_add(count);
}

fn append_inputs(columns: &mut [v1::EventColumn], table: &Table, held: u32, rows: &Range<usize>) {
    for (event, (_, column)) in columns.iter_mut().zip(table.iter()) {
        match column {
            Column::Number(numbers) => {
                event.numbers.extend(numbers.get(rows.clone()).unwrap_or_default());
            }
            Column::Text(texts) => {
                for (at, row) in rows.clone().enumerate() {
                    let text = texts.get(row);
                    if text.is_none() {
                        event.missing.push(held.saturating_add(number(at)));
                    }
                    event.texts.push(text.unwrap_or_default().to_owned());
                }
            }
        }
    }
}

fn append_output(event: &mut v1::EventColumn, column: &OutputColumn, rows: &Range<usize>) {
    match &column.values {
        OutputValues::Numbers(numbers) => {
            event.numbers.extend(numbers.get(rows.clone()).unwrap_or_default());
        }
        OutputValues::Texts(texts) => {
            event.texts.extend_from_slice(texts.get(rows.clone()).unwrap_or_default());
        }
    }
}

/// Rows of an event are few.
fn number(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, SystemTime};

    use contracts::Validate as _;
    use tabular::{ColumnType, Field, TextColumn};

    use super::*;
    use crate::protocol::Answer;

    fn served(id: usize, version: u32, rows: usize) -> ServedPrediction {
        let number = |row: usize| (id * 1_000_000 + row) as f64;
        let texts: Vec<Option<String>> =
            (0..rows).map(|row| (row % 3 > 0).then(|| format!("t{row}"))).collect();
        let table = Table::new(
            vec![Field::new("n", ColumnType::Number), Field::new("t", ColumnType::Text)],
            vec![
                Column::Number((0..rows).map(number).collect()),
                Column::Text(texts.iter().map(Option::as_deref).collect::<TextColumn>()),
            ],
        )
        .unwrap();
        let outputs = vec![OutputColumn {
            name: Arc::from("prediction"),
            values: OutputValues::Numbers((0..rows).map(number).collect()),
        }];
        ServedPrediction {
            table,
            answer: Answer {
                model: "churn".to_owned(),
                version,
                id: format!("request-{id}"),
                rows,
                outputs,
                flags: scoring::Flags { columns: Vec::new() },
                ignored: 0,
                fallback_from: None,
                members: Vec::new(),
                silent: Vec::new(),
            },
            digest: "a".repeat(64),
            at: SystemTime::UNIX_EPOCH,
            latency: Duration::from_millis(1),
            traceparent: None,
            entities: (0..rows).map(|row| format!("e{row}")).collect(),
        }
    }

    #[test]
    fn every_row_is_in_one_event_in_its_order() {
        let answers = [(0, 1, 1), (1, 2, 3), (2, 1, 12_000), (3, 1, 1), (4, 2, 2)];
        let mut gathered = EventBatch::new("server");
        let mut events = Vec::new();
        for (id, version, rows) in answers {
            events.extend(gathered.add(&served(id, version, rows)));
        }
        events.extend(gathered.finish());
        let mut found = Vec::new();
        for event in &events {
            event.validate().unwrap();
            assert_eq!(event.inputs[0].numbers, event.outputs[0].numbers);
            assert!(event.inputs[0].numbers.len() * 3 <= MAX_VALUES);
            let mut row = 0;
            for answer in &event.answers {
                for at in 0..answer.rows {
                    let of_answer = answer.first_row + at;
                    let missing = event.inputs[1].missing.contains(&row);
                    assert_eq!(missing, of_answer % 3 == 0, "{} {of_answer}", answer.request_id);
                    assert_eq!(answer.entity_ids[at as usize], format!("e{of_answer}"));
                    found.push((
                        event.version,
                        answer.request_id.clone(),
                        event.inputs[0].numbers[row as usize] as u64,
                    ));
                    row += 1;
                }
            }
            assert_eq!(row, event.rows);
        }
        let mut expected: Vec<(u32, String, u64)> = answers
            .into_iter()
            .flat_map(|(id, version, rows)| {
                (0..rows).map(move |row| {
                    (version, format!("request-{id}"), (id * 1_000_000 + row) as u64)
                })
            })
            .collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        // Two versions, and one answer that fills events of its own.
        assert_eq!(events.len(), 4);
    }

    #[test]
    fn an_event_has_at_most_so_many_answers() {
        let mut gathered = EventBatch::new("server");
        let mut full = Vec::new();
        for id in 0..=MAX_ANSWERS {
            full.extend(gathered.add(&served(id, 1, 1)));
        }
        assert_eq!(full.len(), 1);
        assert_eq!(full[0].answers.len(), MAX_ANSWERS);
        assert_eq!(gathered.finish().len(), 1);
    }
}
