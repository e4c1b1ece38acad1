//! What happened to a run, as text for people.

use api::runs::TimelineDocument;
use runs::timeline::{Times, Transition, TransitionKind};
use terminal::{counted, seconds, table};

/// Longest note of a line.
const MAX_NOTE_LENGTH: usize = 100;

/// A line for each message: a settlement and the handoff that it is share one.
#[must_use]
pub(crate) fn shown(document: &TimelineDocument) -> String {
    let transitions = &document.timeline;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut before: Option<&Transition> = None;
    for transition in transitions {
        let same = before.is_some_and(|before| {
            (&before.stream, before.sequence) == (&transition.stream, transition.sequence)
        });
        match rows.last_mut().and_then(|row| row.last_mut()) {
            Some(note) if same => join(note, &following(transition)),
            _ => rows.push(row(transition)),
        }
        before = Some(transition);
    }
    let head = ["at", "message", "epoch", "what", "stage", "attempt", "time", "note"];
    let mut text = table(&head, &rows);
    if document.omitted > 0 {
        text.push_str(&format!("\n{} earlier ones are left out", document.omitted));
    }
    text
}

fn row(transition: &Transition) -> Vec<String> {
    vec![
        at(&transition.at),
        format!("{}.{}", transition.stream, transition.sequence),
        transition.epoch.to_string(),
        transition.kind.as_str().replace('_', " "),
        transition.agent.clone(),
        transition.attempt.map_or_else(|| "-".to_owned(), |attempt| attempt.to_string()),
        seconds(transition.seconds),
        note(transition),
    ]
}

/// The time to the millisecond.
fn at(at: &str) -> String {
    let whole = at.trim_end_matches('Z');
    let (seconds, fraction) = whole.split_once('.').unwrap_or((whole, ""));
    let milliseconds: String = fraction.chars().chain("000".chars()).take(3).collect();
    format!("{seconds}.{milliseconds}Z")
}

/// What a message says besides being a settlement or a beginning.
fn following(transition: &Transition) -> String {
    match transition.kind {
        TransitionKind::HandedOff => format!("handed to {}", transition.agent),
        kind => {
            let status = transition.status.as_deref().unwrap_or_default();
            let lasted = transition.seconds.map(|lasted| format!(" after {lasted:.2} s"));
            format!("{} {status}{}", kind.as_str(), lasted.unwrap_or_default())
        }
    }
}

fn note(transition: &Transition) -> String {
    let mut note = String::new();
    if let Some(status) = transition.status.as_deref().filter(|status| *status != "success") {
        join(&mut note, status);
    }
    if transition.warnings > 0 {
        join(&mut note, &counted(transition.warnings as u64, "warning"));
    }
    if let Some(times) = &transition.times {
        join(&mut note, &shown_times(times));
    }
    if let Some(run) = &transition.reused_from {
        join(&mut note, &format!("from {run}"));
    }
    if let Some(letter) = &transition.dead_letter {
        join(&mut note, &format!("dead letter {letter}"));
    }
    if let Some(code) = &transition.code {
        join(&mut note, code);
    }
    if let Some(message) = &transition.message {
        let line = message.lines().next().unwrap_or_default();
        join(&mut note, &line.chars().take(MAX_NOTE_LENGTH).collect::<String>());
    }
    note
}

/// Where the time of a stage went, where it was more than a moment.
fn shown_times(times: &Times) -> String {
    /// Seconds below which nothing is said.
    const MOMENT: f64 = 0.1;
    let parts = [
        ("waited", times.waiting),
        ("read", times.reading),
        ("computed", times.computing),
        ("wrote", times.writing),
    ];
    let shown: Vec<String> = parts
        .into_iter()
        .filter(|(_, seconds)| *seconds >= MOMENT)
        .map(|(what, seconds)| format!("{what} {seconds:.2} s"))
        .collect();
    shown.join(", ")
}

fn join(note: &mut String, more: &str) {
    if !note.is_empty() && !more.is_empty() {
        note.push_str("; ");
    }
    note.push_str(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transition(sequence: u64, kind: TransitionKind, agent: &str) -> Transition {
        Transition {
            at: "2025-10-09T08:53:20.1234Z".into(),
            stream: "TIER0".into(),
            sequence,
            epoch: 0,
            kind,
            agent: agent.into(),
            attempt: None,
            replica: None,
            seconds: None,
            times: None,
            status: None,
            warnings: 0,
            code: None,
            message: None,
            dead_letter: None,
            reused_from: None,
        }
    }

    #[test]
    fn a_message_is_a_line() {
        let settled = Transition {
            attempt: Some(2),
            seconds: Some(1.5),
            times: Some(Times { waiting: 0.02, reading: 0.25, computing: 1.25, writing: 0.0 }),
            status: Some("partial".into()),
            warnings: 3,
            ..transition(2, TransitionKind::Settled, "scope-definer")
        };
        let document = TimelineDocument {
            run_id: "r1".into(),
            timeline: vec![
                transition(1, TransitionKind::Accepted, "intake"),
                transition(1, TransitionKind::HandedOff, "scope-definer"),
                settled,
                transition(2, TransitionKind::HandedOff, "data-preparer"),
            ],
            omitted: 4,
        };
        assert_eq!(
            shown(&document),
            "at                        message  epoch  what      stage          attempt  time    note\n\
             2025-10-09T08:53:20.123Z  TIER0.1  0      accepted  intake         -        -       handed to scope-definer\n\
             2025-10-09T08:53:20.123Z  TIER0.2  0      settled   scope-definer  2        1.50 s  partial; 3 warnings; read 0.25 s, computed 1.25 s; handed to data-preparer\n\
             4 earlier ones are left out"
        );
    }
}
