//! How the model was chosen.

use api::leaderboard::{
    ContributionView, EntryView, ExplanationView, Leaderboard, PointView, SelectionView,
};
use api::verdicts::VerdictsDocument;
use page::{Axis, Bar, Line, Page, counted, number};

use crate::{NO_MESSAGES, RunReport, maybe, seconds, words};

/// Trials that are listed.
const MAX_TRIALS: usize = 30;
/// Effects that are drawn.
const MAX_EFFECTS: usize = 12;

pub(crate) fn write(page: &mut Page, report: &RunReport<'_>) {
    page.heading("search", "Search");
    let Some(document) = report.leaderboard else { return page.soft(NO_MESSAGES) };
    if let Some(of) = &document.selection {
        selection(page, of);
    }
    match (&document.leaderboard, &document.problem) {
        (Some(of), _) => leaderboard(page, of, report.verdicts),
        (None, Some(problem)) => page.note(problem),
        (None, None) => page.soft("No model was trained."),
    }
}

fn selection(page: &mut Page, selection: &SelectionView) {
    let rows: Vec<Vec<String>> = selection
        .candidates
        .iter()
        .map(|candidate| {
            vec![
                candidate.algorithm.clone(),
                spread(candidate.score, (selection.folds > 1).then_some(candidate.score_std)),
                seconds(Some(candidate.fit_seconds)),
                candidate.rationale.clone(),
            ]
        })
        .collect();
    let caption = format!(
        "Algorithms, by {} on {} rows in {} folds; the base rate has {}",
        words(&selection.metric),
        selection.sample_rows,
        selection.folds,
        number(selection.baseline_score)
    );
    page.table(&caption, &["Algorithm", "Score", "One fit", "Why it stands there"], &rows);
    for rejected in &selection.rejected {
        page.soft(&format!("{} was not tried: {}", rejected.algorithm, rejected.reason));
    }
}

fn leaderboard(page: &mut Page, board: &Leaderboard, verdicts: Option<&VerdictsDocument>) {
    let served = &board.served;
    let rows = [
        ("Trials", board.entries.len().to_string()),
        ("Ended by", board.ended_by.as_deref().map_or_else(|| "-".to_owned(), words)),
        ("Budget", seconds(board.budget_seconds)),
        ("Search", seconds(board.search_seconds)),
        ("Last fits", seconds(board.refit_seconds)),
        ("Served", served.algorithm.clone()),
        ("Calibration", served.calibration.clone().unwrap_or_else(|| "-".to_owned())),
        ("Threshold", maybe(served.threshold)),
        (
            "Learned from",
            served.trained_rows.map_or_else(|| "-".to_owned(), |rows| format!("{rows} rows")),
        ),
    ];
    page.figures("The search", &rows);
    page.raw("<div class=\"row\"><div>");
    page.subheading("Trials in their order, and the best so far");
    page.raw(&history(board));
    page.raw("</div>");
    if board.learning_curve.len() > 1 {
        page.raw("<div>");
        page.subheading("Would more rows help?");
        page.raw(&learning_curve(&board.learning_curve, &board.metric));
        page.raw("</div>");
    }
    page.raw("</div>");
    trials(page, board);
    if !board.ensemble.is_empty() {
        let bar = |member: &api::leaderboard::MemberView| Bar {
            name: format!("{} (trial {})", member.algorithm, member.trial),
            size: member.weight,
            text: format!("{:.1} %", member.weight * 100.0),
        };
        page.subheading("The ensemble");
        page.raw(&page::bars(
            &board.ensemble.iter().map(bar).collect::<Vec<_>>(),
            "Share of each member in the prediction",
        ));
    }
    if let Some(explanation) = &served.explanation {
        explained(page, explanation);
        contributions(page, explanation, margin(verdicts));
    }
}

/// Scores by the number of the trial, with the best so far.
fn history(board: &Leaderboard) -> String {
    let mut tried: Vec<(u32, f64)> =
        board.entries.iter().filter_map(|entry| Some((entry.trial, entry.score?))).collect();
    tried.sort_by_key(|(trial, _)| *trial);
    let mut best: Option<f64> = None;
    let so_far = tried.iter().map(|(trial, score)| {
        let kept = best.map_or(*score, |best| {
            if board.greater_is_better { best.max(*score) } else { best.min(*score) }
        });
        best = Some(kept);
        (f64::from(*trial), kept)
    });
    let so_far: Vec<(f64, f64)> = so_far.collect();
    let each = tried.iter().map(|(trial, score)| (f64::from(*trial), *score)).collect();
    let lines = [
        Line { name: "best so far".to_owned(), points: so_far },
        Line { name: "each trial".to_owned(), points: each },
    ];
    let label = format!("{} of each trial, and the best so far", words(&board.metric));
    page::lines(&lines, &Axis::of("trial"), &Axis::of(&words(&board.metric)), &label, false)
}

fn learning_curve(points: &[PointView], metric: &str) -> String {
    let line = |name: &str, of: fn(&PointView) -> f64| Line {
        name: name.to_owned(),
        points: points.iter().map(|point| (point.rows as f64, of(point))).collect(),
    };
    let lines = [
        line("mean of the folds", |point| point.score),
        line("one standard deviation less", |point| point.score - point.score_std),
        line("one standard deviation more", |point| point.score + point.score_std),
    ];
    let label = format!("{} by the rows that were learned from", words(metric));
    page::lines(&lines, &Axis::of("rows"), &Axis::of(&words(metric)), &label, false)
}

fn trials(page: &mut Page, board: &Leaderboard) {
    let row = |entry: &EntryView| {
        let parameters: Vec<String> = entry
            .parameters
            .iter()
            .map(|(name, value)| format!("{name} {}", number(*value)))
            .collect();
        vec![
            entry.rank.map_or_else(|| "-".to_owned(), |rank| rank.to_string()),
            entry.trial.to_string(),
            entry.algorithm.clone(),
            entry.score.map_or_else(|| "-".to_owned(), |score| spread(score, entry.score_std)),
            maybe(entry.log_loss),
            seconds(entry.fit_seconds),
            maybe(entry.predict_microseconds),
            if entry.pruned { "given up early".to_owned() } else { parameters.join(", ") },
        ]
    };
    let rows: Vec<Vec<String>> = board.entries.iter().take(MAX_TRIALS).map(row).collect();
    let head =
        ["Rank", "Trial", "Algorithm", "Score", "Log loss", "Fits", "µs a row", "Hyperparameters"];
    page.table("Leaderboard", &head, &rows);
    let more = board.entries.len().saturating_sub(MAX_TRIALS);
    if more > 0 {
        page.soft(&format!("{more} more trials are left out."));
    }
}

fn explained(page: &mut Page, explanation: &ExplanationView) {
    page.subheading("What predictions depend on");
    page.text(&explanation.summary);
    let bars: Vec<Bar> = explanation
        .effects
        .iter()
        .take(MAX_EFFECTS)
        .map(|effect| Bar {
            name: effect.input.clone(),
            size: effect.effect,
            text: match &effect.direction {
                Some(direction) => format!("{} {direction}", number(effect.effect)),
                None => number(effect.effect),
            },
        })
        .collect();
    page.soft(&format!("Mean change of a prediction, measured on {} test rows", explanation.rows));
    page.raw(&page::bars(&bars, "Mean change of a prediction by input"));
    page.raw("<div class=\"row\">");
    for effect in explanation.effects.iter().take(MAX_EFFECTS).filter(|of| of.points.len() > 1) {
        page.raw("<div>");
        page.subheading(&effect.input);
        page.raw(&dependence(effect));
        page.raw("</div>");
    }
    page.raw("</div>");
    let rows: Vec<Vec<String>> = explanation
        .interactions
        .iter()
        .map(|pair| {
            vec![format!("{} and {}", pair.first, pair.second), format!("{:.3}", pair.strength)]
        })
        .collect();
    if !rows.is_empty() {
        page.table("Inputs that act together", &["Inputs", "Strength, 0 to 1"], &rows);
    }
}

/// What contributions add up to, in words.
fn margin(verdicts: Option<&VerdictsDocument>) -> &'static str {
    let scope = verdicts.and_then(|verdicts| verdicts.scope.as_ref());
    match scope.map(|scope| scope.problem_type.as_str()) {
        Some("binary") => "the log-odds of the positive class",
        Some("multiclass") => "the score of the first class",
        Some("regression") => "the predicted number",
        _ => "the score",
    }
}

/// What each input contributes to margins: sizes of all inputs, and how those of the greatest go with their values.
fn contributions(page: &mut Page, explanation: &ExplanationView, margin: &str) {
    let inputs = &explanation.contributions;
    if inputs.is_empty() {
        return;
    }
    page.subheading("What each input contributes (SHAP)");
    page.soft(&format!(
        "Shapley values on {} rows that the model was not fitted on: by how much an input moves {margin} of a row away from that of \
         all rows together.",
        explanation.contribution_rows
    ));
    let bar = |of: &ContributionView| Bar {
        name: of.input.clone(),
        size: of.mean_absolute,
        text: number(of.mean_absolute),
    };
    let bars: Vec<Bar> = inputs.iter().map(bar).collect();
    page.raw(&page::bars(&bars, "Mean size of the contribution by input"));
    page.raw("<div class=\"row\">");
    for input in inputs.iter().take(MAX_EFFECTS).filter(|of| !of.cells.is_empty()) {
        page.raw("<div>");
        by_value(page, input);
        page.raw("</div>");
    }
    page.raw("</div>");
}

/// The contributions of an input by its values, drawn as well where these are numbers.
fn by_value(page: &mut Page, of: &ContributionView) {
    page.subheading(&of.input);
    let points: Option<Vec<(f64, [f64; 3])>> = of
        .cells
        .iter()
        .filter_map(|cell| Some((cell.value.as_deref()?, [cell.mean, cell.low, cell.high])))
        .map(|(value, ends)| Some((value.parse::<f64>().ok()?, ends)))
        .collect();
    if let Some(points) = points.filter(|points| points.len() > 1) {
        let line = |name: &str, place: usize| Line {
            name: name.to_owned(),
            points: points
                .iter()
                .filter_map(|(value, ends)| Some((*value, *ends.get(place)?)))
                .collect(),
        };
        let lines = [
            line("mean", 0),
            line("a tenth of the rows lies below", 1),
            line("a tenth of the rows lies above", 2),
        ];
        let label = format!("Contribution of {} by its value", of.input);
        let axes = (Axis::of(&of.input), Axis::of("contribution"));
        page.raw(&page::lines(&lines, &axes.0, &axes.1, &label, false));
    }
    let rows: Vec<Vec<String>> = of
        .cells
        .iter()
        .map(|cell| {
            vec![
                cell.value.clone().unwrap_or_else(|| "missing".to_owned()),
                cell.rows.to_string(),
                number(cell.mean),
                format!("{} to {}", number(cell.low), number(cell.high)),
            ]
        })
        .collect();
    let caption = format!("Contributions of {}", of.input);
    page.table(&caption, &["Value", "Rows", "Mean", "80 % of rows"], &rows);
}

/// The mean prediction by the values of an input: a line for numbers, bars for others.
fn dependence(effect: &api::leaderboard::EffectView) -> String {
    let label = format!("Mean prediction by {}", effect.input);
    let points: Option<Vec<(f64, f64)>> = effect
        .points
        .iter()
        .map(|point| Some((point.value.parse::<f64>().ok()?, point.output)))
        .collect();
    match points {
        Some(points) => {
            let line = Line { name: label.clone(), points };
            page::lines(&[line], &Axis::of(&effect.input), &Axis::of("prediction"), &label, false)
        }
        None => {
            let bar = |point: &api::leaderboard::EffectPointView| Bar {
                name: point.value.clone(),
                size: point.output.abs(),
                text: number(point.output),
            };
            page::bars(&effect.points.iter().map(bar).collect::<Vec<_>>(), &label)
        }
    }
}

/// A score with its standard deviation.
fn spread(score: f64, deviation: Option<f64>) -> String {
    match deviation {
        Some(deviation) => format!("{} ± {}", number(score), number(deviation)),
        None => number(score),
    }
}

/// Metrics of the test split within each segment.
pub(crate) fn segments(page: &mut Page, board: &Leaderboard) {
    let segments = &board.served.segments;
    let Some(first) = segments.first() else { return };
    let names: Vec<&str> = first.metrics.keys().map(String::as_str).collect();
    let all: u64 = segments.iter().filter(|of| of.column == first.column).map(|of| of.rows).sum();
    let rows: Vec<Vec<String>> = segments
        .iter()
        .map(|segment| {
            let value = if segment.value.is_empty() { "missing" } else { &segment.value };
            let mut row = vec![format!("{} = {value}", segment.column), counted(segment.rows, all)];
            row.extend(names.iter().map(|name| maybe(segment.metrics.get(*name).copied())));
            row
        })
        .collect();
    let head: Vec<&str> = ["Segment", "Rows"].into_iter().chain(names.iter().copied()).collect();
    page.table("The test split by segments", &head, &rows);
}
