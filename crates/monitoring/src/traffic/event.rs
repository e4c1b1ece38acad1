//! What one prediction event adds to the counts of its endpoint.

use std::collections::{BTreeMap, BTreeSet};

use contracts::v1::{EventColumn, MonitorCounts, PredictionEvent};

/// Most names counted of one kind; further ones are counted together.
const MAX_NAMES: usize = 2000;
/// The name under which they are.
const OTHERS: &str = "(others)";

/// Texts that training has seen, by column; only columns all of whose texts are known.
pub type KnownTexts = BTreeMap<String, BTreeSet<String>>;

/// Adds an event to the counts of its endpoint.
pub(super) fn add(
    counts: &mut MonitorCounts,
    event: &PredictionEvent,
    sequence: u64,
    known: Option<&KnownTexts>,
) {
    let rows = u64::from(event.rows);
    counts.endpoint.clone_from(&event.endpoint);
    counts.events += 1;
    counts.rows += rows;
    *counts.rows_by_version.entry(event.version).or_default() += rows;
    counts.last_sequence = counts.last_sequence.max(sequence);
    // A long answer is in several events, and is counted with its first rows.
    for answer in event.answers.iter().filter(|answer| answer.first_row == 0) {
        counts.answers += 1;
        counts.latency_ms_sum += answer.latency_ms;
    }
    if let Some(prediction) = event.outputs.iter().find(|output| output.name == "prediction") {
        for class in &prediction.texts {
            count(&mut counts.rows_by_prediction, class, 1);
        }
    }
    for column in &event.inputs {
        let missing = missing(column);
        if missing > 0 {
            count(&mut counts.missing_by_column, &column.name, missing);
        }
        if let Some(seen) = known.and_then(|known| known.get(&column.name)) {
            let unseen = unseen(column, seen);
            if unseen > 0 {
                count(&mut counts.unseen_by_column, &column.name, unseen);
            }
        }
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str, rows: u64) {
    if let Some(count) = counts.get_mut(name) {
        *count += rows;
        return;
    }
    let name = if counts.len() < MAX_NAMES { name } else { OTHERS };
    *counts.entry(name.to_owned()).or_default() += rows;
}

fn missing(column: &EventColumn) -> u64 {
    let numbers = column.numbers.iter().filter(|number| number.is_nan()).count();
    (numbers + column.missing.len()) as u64
}

fn unseen(column: &EventColumn, seen: &BTreeSet<String>) -> u64 {
    let missing: BTreeSet<usize> = column.missing.iter().map(|row| *row as usize).collect();
    let texts = column.texts.iter().enumerate();
    texts.filter(|(row, text)| !missing.contains(row) && !seen.contains(*text)).count() as u64
}

#[cfg(test)]
mod tests {
    use contracts::v1::Answered;

    use super::*;

    fn event() -> PredictionEvent {
        PredictionEvent {
            endpoint: "churn".to_owned(),
            version: 2,
            rows: 3,
            answers: vec![
                Answered { rows: 1, latency_ms: 0.5, ..Answered::default() },
                Answered { rows: 2, latency_ms: 1.0, ..Answered::default() },
            ],
            inputs: vec![
                EventColumn {
                    name: "tenure".to_owned(),
                    numbers: vec![1.0, f64::NAN, f64::NAN],
                    ..EventColumn::default()
                },
                EventColumn {
                    name: "plan".to_owned(),
                    texts: vec!["A".to_owned(), String::new(), "C".to_owned()],
                    missing: vec![1],
                    ..EventColumn::default()
                },
            ],
            outputs: vec![EventColumn {
                name: "prediction".to_owned(),
                texts: vec!["Yes".to_owned(), "No".to_owned(), "Yes".to_owned()],
                ..EventColumn::default()
            }],
            ..PredictionEvent::default()
        }
    }

    #[test]
    fn rows_classes_missing_and_unseen_are_counted() {
        let known = KnownTexts::from([(
            "plan".to_owned(),
            BTreeSet::from(["A".to_owned(), "B".to_owned()]),
        )]);
        let mut counts = MonitorCounts::default();
        add(&mut counts, &event(), 7, Some(&known));
        add(&mut counts, &event(), 5, None);
        assert_eq!((counts.events, counts.rows, counts.last_sequence), (2, 6, 7));
        assert_eq!(counts.answers, 4);
        assert_eq!(counts.rows_by_version, BTreeMap::from([(2, 6)]));
        assert_eq!(
            counts.rows_by_prediction,
            BTreeMap::from([("No".to_owned(), 2), ("Yes".to_owned(), 4)])
        );
        assert_eq!(
            counts.missing_by_column,
            BTreeMap::from([("plan".to_owned(), 2), ("tenure".to_owned(), 4)])
        );
        assert_eq!(counts.unseen_by_column, BTreeMap::from([("plan".to_owned(), 1)]));
        assert_eq!(counts.latency_ms_sum, 3.0);
    }

    #[test]
    fn names_without_bound_are_counted_together() {
        let mut counts = BTreeMap::new();
        for name in 0..MAX_NAMES + 5 {
            count(&mut counts, &name.to_string(), 1);
        }
        assert_eq!(counts.len(), MAX_NAMES + 1);
        assert_eq!(counts.get(OTHERS), Some(&5));
    }
}
