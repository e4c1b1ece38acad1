//! From a message of feedback and the events that may hold its predictions to labelled rows.

use contracts::v1::{Feedback, Monitor, PredictionEvent, ProblemType};
use statistics::reference::{PREDICTION, PROBABILITY};
use tabular::class_of;

use super::labelled::LabelledRow;
use crate::time::of_timestamp;

/// A row of an event with its outcome as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedRow<'a> {
    /// Sequence of the event.
    pub sequence: u64,
    /// Prediction event that holds the row.
    pub event: &'a PredictionEvent,
    /// Row of the event.
    pub row: u32,
    /// When it was predicted, in milliseconds since 1970.
    pub at: u64,
    /// Outcome of the row, as it was reported.
    pub outcome: &'a str,
}

/// The rows that a message is about, of the events that may hold them: those of the newest answer with the request's
/// identity, or of the newest prediction of the entity until the outcome was observed.
pub fn match_rows<'a>(
    feedback: &'a Feedback,
    events: &'a [(u64, PredictionEvent)],
) -> Vec<MatchedRow<'a>> {
    let observed = feedback.observed_at.as_ref().or(feedback.at.as_ref());
    let until = of_timestamp(observed).unwrap_or(u64::MAX);
    let mut rows: Vec<MatchedRow<'a>> = Vec::new();
    for (sequence, event) in events {
        let mut first = 0;
        for answer in &event.answers {
            let at = of_timestamp(answer.at.as_ref()).unwrap_or(0);
            let mut add = |local: u32, outcome: Option<&'a String>| {
                if let Some(outcome) = outcome {
                    let row = first + local;
                    rows.push(MatchedRow { sequence: *sequence, event, row, at, outcome });
                }
            };
            if feedback.entity_id.is_empty() {
                if answer.request_id == feedback.request_id {
                    for local in 0..answer.rows {
                        let index = answer.first_row.saturating_add(local);
                        add(local, feedback.outcomes.get(index as usize));
                    }
                }
            } else if at <= until {
                for (local, entity) in (0..).zip(&answer.entity_ids) {
                    if *entity == feedback.entity_id {
                        add(local, feedback.outcomes.first());
                    }
                }
            }
            first = first.saturating_add(answer.rows);
        }
    }
    let newest = rows.iter().map(|row| row.at).max().unwrap_or(0);
    rows.retain(|row| row.at == newest);
    if !feedback.entity_id.is_empty() {
        // Of one answer with the entity in several rows, the last one.
        rows.sort_by_key(|row| (row.sequence, row.row));
        rows.drain(..rows.len().saturating_sub(1));
    }
    rows.retain(|row| !row.outcome.is_empty());
    rows
}

/// Number of the outcomes of a message that are known, which is what has to be accounted for.
pub fn known_outcomes(feedback: &Feedback) -> u64 {
    feedback.outcomes.iter().filter(|outcome| !outcome.is_empty()).count() as u64
}

/// The labelled row; none where the outcome is no class of the model or no number, or the event lacks the outputs.
pub fn label(matched: &MatchedRow<'_>, monitor: &Monitor) -> Option<LabelledRow> {
    let at = matched.row as usize;
    let number = |name: &str| {
        let column = matched.event.outputs.iter().find(|column| column.name == name)?;
        column.numbers.get(at).copied()
    };
    let (outcome, outputs) = if monitor.problem_type() == ProblemType::Regression {
        let outcome: f64 =
            matched.outcome.trim().parse().ok().filter(|number: &f64| number.is_finite())?;
        (outcome, vec![number(PREDICTION)?])
    } else {
        let class = class_of(matched.outcome, &monitor.classes)?;
        let probabilities = monitor
            .classes
            .iter()
            .map(|class| number(&format!("{PROBABILITY}{class}")))
            .collect::<Option<Vec<f64>>>()?;
        (class as f64, probabilities)
    };
    Some(LabelledRow {
        sequence: matched.sequence,
        row: matched.row,
        at: matched.at,
        outcome,
        outputs,
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use contracts::time;
    use contracts::v1::{Answered, EventColumn};

    use super::*;

    fn answered(id: &str, at: u64, rows: u32, first_row: u32, entities: &[&str]) -> Answered {
        Answered {
            request_id: id.to_owned(),
            at: Some(time::timestamp(SystemTime::UNIX_EPOCH + Duration::from_millis(at))),
            rows,
            first_row,
            entity_ids: entities.iter().map(|id| (*id).to_owned()).collect(),
            ..Answered::default()
        }
    }

    fn event(answers: Vec<Answered>) -> PredictionEvent {
        let rows: u32 = answers.iter().map(|answer| answer.rows).sum();
        let column = |name: &str, value: f64| EventColumn {
            name: name.to_owned(),
            numbers: vec![value; rows as usize],
            ..EventColumn::default()
        };
        PredictionEvent {
            rows,
            answers,
            outputs: vec![column("probability_no", 0.75), column("probability_yes", 0.25)],
            ..PredictionEvent::default()
        }
    }

    fn places(feedback: &Feedback, events: &[(u64, PredictionEvent)]) -> Vec<(u64, u32, String)> {
        let rows = match_rows(feedback, events);
        rows.iter().map(|row| (row.sequence, row.row, row.outcome.to_owned())).collect()
    }

    fn outcomes(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_requests_outcomes_go_to_its_rows_over_events() {
        let events = [
            (3, event(vec![answered("other", 9, 1, 0, &[]), answered("r", 9, 2, 0, &[])])),
            (4, event(vec![answered("r", 9, 1, 2, &[])])),
            // The same identity was used before.
            (2, event(vec![answered("r", 5, 1, 0, &[])])),
        ];
        let feedback = Feedback {
            request_id: "r".to_owned(),
            outcomes: outcomes(&["yes", "", "no"]),
            ..Feedback::default()
        };
        let expected = [(3, 1, "yes".to_owned()), (4, 0, "no".to_owned())];
        assert_eq!(places(&feedback, &events), expected);
    }

    #[test]
    fn outcomes_without_a_row_are_those_that_are_known_beyond_the_rows() {
        let events = [(3, event(vec![answered("r", 9, 3, 0, &[])]))];
        for (told, matched, known) in [
            (&["yes", "no"][..], 2, 2),
            (&["yes", "no", "yes", "no", "no"], 3, 5),
            (&["yes", "", "", "", "no"], 1, 2),
        ] {
            let feedback = Feedback {
                request_id: "r".to_owned(),
                outcomes: outcomes(told),
                ..Feedback::default()
            };
            assert_eq!(match_rows(&feedback, &events).len(), matched);
            assert_eq!(known_outcomes(&feedback), known);
        }
    }

    #[test]
    fn an_entitys_outcome_goes_to_its_newest_prediction_until_then() {
        let events = [
            (3, event(vec![answered("a", 10, 2, 0, &["e1", "e2"])])),
            (4, event(vec![answered("b", 20, 3, 0, &["e2", "e1", "e1"])])),
            (5, event(vec![answered("c", 30, 1, 0, &["e1"])])),
        ];
        let mut feedback = Feedback {
            entity_id: "e1".to_owned(),
            outcomes: outcomes(&["yes"]),
            observed_at: Some(time::timestamp(SystemTime::UNIX_EPOCH + Duration::from_millis(25))),
            ..Feedback::default()
        };
        assert_eq!(places(&feedback, &events), [(4, 2, "yes".to_owned())]);
        feedback.entity_id = "e3".to_owned();
        assert_eq!(places(&feedback, &events), []);
    }

    #[test]
    fn outcomes_are_classes_or_numbers() {
        let event = event(vec![answered("r", 9, 1, 0, &[])]);
        let of = |outcome: &'static str| MatchedRow {
            sequence: 1,
            event: &event,
            row: 0,
            at: 9,
            outcome,
        };
        let monitor = Monitor {
            problem_type: ProblemType::Binary.into(),
            classes: outcomes(&["no", "yes"]),
            ..Monitor::default()
        };
        for form in ["yes", "Yes", " YES "] {
            let row = label(&of(form), &monitor).unwrap();
            assert_eq!((row.outcome, row.outputs), (1.0, vec![0.75, 0.25]), "{form}");
        }
        assert_eq!(label(&of("maybe"), &monitor), None);
        let number = Monitor { problem_type: ProblemType::Regression.into(), ..Monitor::default() };
        assert_eq!(label(&of("1.5"), &number), None, "the event has no prediction");
    }
}
