//! How a model was chosen, as text for people.

use std::collections::BTreeMap;

use api::leaderboard::{
    EffectView, EntryView, ExplanationView, InteractionView, Leaderboard, LeaderboardDocument,
    MemberView, SelectionView,
};
use serde::Serialize;
use terminal::table;

use crate::Error;

/// Trials that are shown without being asked for all, beside those of the ensemble.
const DEFAULT_SHOWN_TRIALS: usize = 20;

/// How a model was chosen, as members of another document.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ModelSelection {
    /// The trials of the search.
    leaderboard: Option<Leaderboard>,
    /// The algorithms that were measured before it.
    selection: Option<SelectionView>,
    /// Why there is no leaderboard, where there should be one.
    #[serde(rename = "leaderboard_problem", skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl From<Result<LeaderboardDocument, Error>> for ModelSelection {
    /// An error becomes its `problem`, so that the rest of a document is still shown.
    fn from(read: Result<LeaderboardDocument, Error>) -> Self {
        match read {
            Ok(LeaderboardDocument { leaderboard, selection, problem, .. }) => {
                Self { leaderboard, selection, problem }
            }
            Err(error) => Self { problem: Some(error.with_causes()), ..Self::default() },
        }
    }
}

impl ModelSelection {
    /// The selection and the leaderboard as text; empty where there is neither.
    #[must_use]
    pub(crate) fn shown(&self, trials: bool) -> String {
        let selection = self.selection.as_ref().map(selection);
        let board = self.leaderboard.as_ref().map(|board| self::board(board, trials));
        let problem = self.problem.as_ref().map(|problem| format!("leaderboard: {problem}"));
        [selection, board, problem].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
    }
}

fn selection(selection: &SelectionView) -> String {
    let took = selection.seconds.map(|seconds| format!(", {seconds:.1} s")).unwrap_or_default();
    let mut lines = vec![format!(
        "selection by {} on {} rows in {} folds{took}; always the base rate: {:.4}",
        selection.metric, selection.sample_rows, selection.folds, selection.baseline_score
    )];
    let rows: Vec<Vec<String>> = selection
        .candidates
        .iter()
        .map(|candidate| {
            vec![
                candidate.algorithm.clone(),
                score(Some(candidate.score), (selection.folds > 1).then_some(candidate.score_std)),
                duration(Some(candidate.fit_seconds)),
                candidate.rationale.clone(),
            ]
        })
        .collect();
    lines.push(table(&["algorithm", "score", "fit", "rationale"], &rows));
    let rejected = selection.rejected.iter();
    lines.extend(rejected.map(|left| format!("left out: {} ({})", left.algorithm, left.reason)));
    lines.join("\n")
}

fn board(board: &Leaderboard, trials: bool) -> String {
    let mut lines = vec![search(board)];
    lines.extend(served(board));
    let (entries, hidden) = selected(&board.entries, trials);
    let rows: Vec<Vec<String>> =
        entries.iter().map(|entry| row(entry, board.best_trial == entry.trial)).collect();
    let head = [
        "rank",
        "trial",
        "algorithm",
        "profile",
        "score",
        "fit",
        "predict",
        "size",
        "weight",
        "note",
    ];
    lines.push(table(&head, &rows));
    if hidden > 0 {
        lines.push(format!("{hidden} more trials: --trials"));
    }
    if trials {
        lines.push(String::new());
        lines.extend(entries.iter().map(|entry| {
            format!("trial {}  {}: {}", entry.trial, entry.algorithm, numbers(&entry.parameters))
        }));
    }
    if board.learning_curve.len() > 1 {
        let rows: Vec<Vec<String>> = board
            .learning_curve
            .iter()
            .map(|point| {
                vec![point.rows.to_string(), score(Some(point.score), Some(point.score_std))]
            })
            .collect();
        lines.push(String::new());
        lines.push(table(&["rows learned from", "score"], &rows));
    }
    if let Some(explanation) = &board.served.explanation {
        lines.push(String::new());
        lines.push(explained(explanation));
    }
    if !board.served.segments.is_empty() {
        let rows: Vec<Vec<String>> = board
            .served
            .segments
            .iter()
            .map(|segment| {
                vec![
                    segment.column.clone(),
                    if segment.value.is_empty() {
                        "(missing)".to_owned()
                    } else {
                        segment.value.clone()
                    },
                    segment.rows.to_string(),
                    numbers(&segment.metrics),
                ]
            })
            .collect();
        lines.push(String::new());
        lines.push(table(&["segment", "value", "test rows", "metrics"], &rows));
    }
    lines.join("\n")
}

/// What predictions depend on.
fn explained(explanation: &ExplanationView) -> String {
    let effect = |of: &EffectView| {
        let points =
            of.points.iter().map(|point| format!("{} at {}", short(point.output), point.value));
        vec![
            of.input.clone(),
            short(of.effect),
            of.direction.clone().unwrap_or_default(),
            points.collect::<Vec<_>>().join(", "),
        ]
    };
    let pair = |of: &InteractionView| {
        vec![of.first.clone(), of.second.clone(), format!("{:.2}", of.strength)]
    };
    let mut lines = vec![explanation.summary.clone()];
    let effects: Vec<Vec<String>> = explanation.effects.iter().map(effect).collect();
    lines.push(table(&["input", "mean change", "goes", "mean prediction"], &effects));
    let pairs: Vec<Vec<String>> = explanation.interactions.iter().map(pair).collect();
    if !pairs.is_empty() {
        lines.push(String::new());
        lines.push(table(&["input", "with", "interaction"], &pairs));
    }
    let sizes = explanation.contributions.iter();
    let sizes: Vec<Vec<String>> =
        sizes.map(|of| vec![of.input.clone(), short(of.mean_absolute)]).collect();
    if !sizes.is_empty() {
        let rows = explanation.contribution_rows;
        lines.push(String::new());
        lines.push(table(&["input", &format!("contributes (SHAP, mean of {rows} rows)")], &sizes));
    }
    lines.join("\n")
}

/// A number in few characters.
fn short(value: f64) -> String {
    if value.abs() >= 1_000.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}

/// How the search went.
fn search(board: &Leaderboard) -> String {
    let mut text = format!("search by {}: {} trials", board.metric, board.entries.len());
    match (board.folds, board.repeats) {
        (Some(1), _) => text.push_str(" on a validation split"),
        (Some(folds), Some(repeats)) if repeats > 1 => {
            text.push_str(&format!(" in {folds} folds, drawn {repeats} times"));
        }
        (Some(folds), _) => text.push_str(&format!(" in {folds} folds")),
        (None, _) => {}
    }
    if let Some(seconds) = board.search_seconds {
        text.push_str(&format!(", {seconds:.1} s"));
        if let Some(budget) = board.budget_seconds {
            text.push_str(&format!(" of {budget:.1} s"));
        }
    }
    if let Some(seconds) = board.refit_seconds {
        text.push_str(&format!(" and {seconds:.1} s for the last fits"));
    }
    match board.ended_by.as_deref() {
        Some("time_budget") => text.push_str("; ended by its time budget"),
        Some("max_trials") => text.push_str("; ended by its number of trials"),
        Some("exhausted") => text.push_str("; there was nothing more to try"),
        Some(other) => text.push_str(&format!("; ended by {other}")),
        None => {}
    }
    text
}

/// What is served, and what was judged.
fn served(board: &Leaderboard) -> Vec<String> {
    let served = &board.served;
    let mut facts = vec![served.algorithm.clone()];
    if let Some(calibration) = served.calibration.as_deref().filter(|name| *name != "none") {
        facts.push(format!("calibrated by {calibration}"));
    }
    if let Some(rows) = served.trained_rows {
        facts.push(format!("learned from {rows} rows"));
    }
    let mut lines = vec![format!("served    {}", facts.join(", "))];
    if served.refitted {
        let rows = served.judged_rows.map(|rows| format!(", which learned from {rows} rows"));
        lines.push(format!(
            "judged    the same recipe before the last fit{}; the metrics are its",
            rows.unwrap_or_default()
        ));
    }
    let member = |member: &MemberView| {
        let models = if member.models == 1 { "model" } else { "models" };
        format!(
            "member    {} % of the prediction: trial {}, {} ({} {models})",
            share(member.weight),
            member.trial,
            member.algorithm,
            member.models
        )
    };
    lines.extend(board.ensemble.iter().map(member));
    lines
}

/// The first entries and those of the ensemble, or all; and how many are left out.
fn selected(entries: &[EntryView], all: bool) -> (Vec<&EntryView>, usize) {
    let shown: Vec<&EntryView> = entries
        .iter()
        .enumerate()
        .filter(|(place, entry)| all || *place < DEFAULT_SHOWN_TRIALS || entry.weight > 0.0)
        .map(|(_, entry)| entry)
        .collect();
    let hidden = entries.len() - shown.len();
    (shown, hidden)
}

fn row(entry: &EntryView, best: bool) -> Vec<String> {
    let note = if entry.score.is_none() {
        "not fitted"
    } else if entry.pruned {
        "pruned"
    } else if best {
        "best"
    } else {
        ""
    };
    vec![
        entry.rank.map_or_else(dash, |rank| rank.to_string()),
        entry.trial.to_string(),
        entry.algorithm.clone(),
        entry.profile.clone().unwrap_or_else(dash),
        score(entry.score, entry.score_std),
        duration(entry.fit_seconds),
        entry.predict_microseconds.map_or_else(dash, |time| format!("{time:.1} µs")),
        entry.bytes.map_or_else(dash, size),
        if entry.weight > 0.0 { format!("{} %", share(entry.weight)) } else { dash() },
        note.to_owned(),
    ]
}

fn score(score: Option<f64>, spread: Option<f64>) -> String {
    match (score, spread) {
        (Some(score), Some(spread)) => format!("{score:.4} ± {spread:.4}"),
        (Some(score), None) => format!("{score:.4}"),
        (None, _) => dash(),
    }
}

fn duration(seconds: Option<f64>) -> String {
    seconds.map_or_else(dash, |seconds| format!("{seconds:.2} s"))
}

/// Per cent with one place.
fn share(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}

fn size(bytes: u64) -> String {
    let thousands = u32::try_from(bytes / 1000).unwrap_or(u32::MAX);
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{thousands} kB"),
        _ => format!("{:.1} MB", f64::from(thousands) / 1000.0),
    }
}

/// Names with their numbers, as short as they are.
fn numbers(values: &BTreeMap<String, f64>) -> String {
    if values.is_empty() {
        return dash();
    }
    let number = |value: f64| {
        let text = format!("{value:.6}");
        let short = text.trim_end_matches('0').trim_end_matches('.');
        // What is too small for six places is told as it is.
        if short.trim_start_matches('-') == "0" && value != 0.0 {
            format!("{value:e}")
        } else {
            short.to_owned()
        }
    };
    values
        .iter()
        .map(|(name, value)| format!("{name} {}", number(*value)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn dash() -> String {
    "-".to_owned()
}

#[cfg(test)]
mod tests;
