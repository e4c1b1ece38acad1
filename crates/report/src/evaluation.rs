//! How good the model is.

use api::evaluation::{CalibrationView, ConfusionView, CurvePoint, EvaluationDocument};
use page::{Axis, Bar, Line, Page, counted, number};
use runs::ledger::RunView;

use crate::{NO_VERSION, RunReport, maybe, search};

/// Features whose importance is drawn.
const MAX_FEATURES: usize = 20;

pub(crate) fn write(page: &mut Page, report: &RunReport<'_>) {
    page.heading("evaluation", "Evaluation");
    metrics(page, report.run);
    let board = report.leaderboard.and_then(|document| document.leaderboard.as_ref());
    if let Some(board) = board {
        search::segments(page, board);
    }
    match report.evaluation {
        Some(evaluation) => curves(page, evaluation),
        None => page.soft(NO_VERSION),
    }
}

/// Metrics of the test split with their intervals, beside those of the validation rows and of the baseline.
fn metrics(page: &mut Page, run: &RunView) {
    let of = |data: &str, name: &str| run.metrics.get(data)?.get(name);
    let value = |data: &str, name: &str| maybe(of(data, name).and_then(|value| value.as_f64()));
    let Some(test) = run.metrics.get("test").and_then(|test| test.as_object()) else {
        return page.soft("Nothing was measured on the test split.");
    };
    let interval = |name: &str| {
        let ends = of("test_interval_95", name)?.as_array()?;
        Some(format!("[{}, {}]", number(ends.first()?.as_f64()?), number(ends.get(1)?.as_f64()?)))
    };
    let rows: Vec<Vec<String>> = test
        .keys()
        .map(|name| {
            vec![
                name.clone(),
                value("test", name),
                interval(name).unwrap_or_else(|| "-".to_owned()),
                value("validation", name),
                value("baseline", name),
            ]
        })
        .collect();
    let head = ["Metric", "Test split", "95 % interval", "Validation", "Baseline, test split"];
    page.table("Metrics", &head, &rows);
}

fn curves(page: &mut Page, evaluation: &EvaluationDocument) {
    page.raw("<div class=\"row\">");
    if !evaluation.roc_curve.is_empty() {
        plot(page, "ROC curve", "false positive rate", "true positive rate", &evaluation.roc_curve);
    }
    if !evaluation.precision_recall_curve.is_empty() {
        let points = &evaluation.precision_recall_curve;
        plot(page, "Precision and recall", "recall", "precision", points);
    }
    if !evaluation.calibration_curve.is_empty() {
        let point = |bin: &CalibrationView| CurvePoint { x: bin.predicted, y: bin.observed };
        let points: Vec<CurvePoint> = evaluation.calibration_curve.iter().map(point).collect();
        plot(page, "Calibration", "predicted", "observed", &points);
    }
    page.raw("</div>");
    if let Some(confusion) = &evaluation.confusion {
        confused(page, confusion, evaluation);
    }
    if !evaluation.calibration_curve.is_empty() {
        lift(page, &evaluation.calibration_curve);
    }
    if !evaluation.importance.is_empty() {
        let bar = |feature: &api::evaluation::ImportanceView| Bar {
            name: feature.feature.clone(),
            size: feature.share,
            text: format!("{:.1} %", feature.share * 100.0),
        };
        let bars: Vec<Bar> = evaluation.importance.iter().take(MAX_FEATURES).map(bar).collect();
        page.subheading("Share of the gain by feature");
        page.raw(&page::bars(&bars, "Share of the gain by feature"));
    }
}

fn plot(page: &mut Page, name: &str, across: &str, up: &str, points: &[CurvePoint]) {
    let axis = |name: &str| Axis { name: name.to_owned(), range: Some((0.0, 1.0)) };
    let points = points.iter().map(|point| (point.x, point.y)).collect();
    let line = Line { name: name.to_owned(), points };
    page.raw("<div>");
    page.subheading(name);
    let diagonal = name != "Precision and recall";
    page.raw(&page::lines(&[line], &axis(across), &axis(up), name, diagonal));
    page.raw("</div>");
}

fn confused(page: &mut Page, of: &ConfusionView, evaluation: &EvaluationDocument) {
    let class = evaluation.positive_class.as_deref().unwrap_or("positive");
    let all = of.true_positive + of.false_positive + of.false_negative + of.true_negative;
    let rows = [
        vec![
            format!("is {class}"),
            counted(of.true_positive, all),
            counted(of.false_negative, all),
        ],
        vec![
            format!("is not {class}"),
            counted(of.false_positive, all),
            counted(of.true_negative, all),
        ],
    ];
    let caption = format!("Test rows at the threshold {}", maybe(evaluation.threshold));
    let (called, not) = (format!("called {class}"), format!("not called {class}"));
    page.table(&caption, &["", &called, &not], &rows);
}

/// How many positive rows are found among those with the greatest probabilities.
fn lift(page: &mut Page, bins: &[CalibrationView]) {
    let rows_of = |bins: &[CalibrationView]| bins.iter().map(|bin| bin.rows).sum::<u64>();
    let positives = |bins: &[CalibrationView]| {
        bins.iter().map(|bin| bin.observed * bin.rows as f64).sum::<f64>()
    };
    let (all, found) = (rows_of(bins), positives(bins));
    if all == 0 || found <= 0.0 {
        return;
    }
    // Bins stand in the order of their probability.
    let rows: Vec<Vec<String>> = (0..bins.len())
        .rev()
        .map(|from| {
            let best = bins.get(from..).unwrap_or_default();
            let (share, caught) = (rows_of(best) as f64 / all as f64, positives(best) / found);
            vec![
                format!("the first {:.0} %", share * 100.0),
                rows_of(best).to_string(),
                format!("{:.1} %", caught * 100.0),
                format!("{:.2}", caught / share),
            ]
        })
        .collect();
    let head = ["Test rows by probability", "Rows", "Positive rows found", "Lift"];
    page.table("Lift", &head, &rows);
}
