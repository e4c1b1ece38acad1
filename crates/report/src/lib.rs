//! A run as one page of HTML: what was asked for, what each stage decided, what was tried, how good it is, what to be careful about.
//!
//! ```text
//! RunView, TimelineDocument, VerdictsDocument, DataDocument, LeaderboardDocument, EvaluationDocument ─▶ RunReport ─ html ─▶ a page
//! ```
//!
//! Invariants:
//! - Pure: the documents are those that the API answers with, and the same documents give the same page.
//! - What a run does not have is left out with a sentence that says so; nothing stands for it.

mod data;
mod decisions;
mod evaluation;
mod search;
mod stages;

use api::data::DataDocument;
use api::evaluation::EvaluationDocument;
use api::leaderboard::LeaderboardDocument;
use api::runs::TimelineDocument;
use api::verdicts::VerdictsDocument;
use page::{Page, number};
use runs::ledger::RunView;

/// What is known of a run.
#[derive(Debug, Clone)]
pub struct RunReport<'a> {
    /// The run itself.
    pub run: &'a RunView,
    /// What happened to it.
    pub timeline: &'a TimelineDocument,
    /// What its stages decided; none where its messages are not kept any more.
    pub verdicts: Option<&'a VerdictsDocument>,
    /// The columns that it learned from; none where its messages or their profile are not kept any more.
    pub data: Option<&'a DataDocument>,
    /// How its model was chosen; none where its messages are not kept any more.
    pub leaderboard: Option<&'a LeaderboardDocument>,
    /// How its version was evaluated; none before there is one.
    pub evaluation: Option<&'a EvaluationDocument>,
}

/// The page.
#[must_use]
pub fn html(report: &RunReport<'_>) -> String {
    let run = report.run;
    let id = run.run_id.as_deref().unwrap_or("without an id");
    let title = if run.name.is_empty() { "Run".to_owned() } else { format!("Run of {}", run.name) };
    let parts = [
        ("run", "The run"),
        ("decisions", "Decisions"),
        ("data", "Data"),
        ("search", "Search"),
        ("evaluation", "Evaluation"),
        ("card", "Model card"),
        ("timeline", "Timeline"),
    ];
    let mut page = Page::new(&title, id, &parts);
    stages::overview(&mut page, run, report.timeline);
    decisions::write(&mut page, report.verdicts);
    data::write(&mut page, report.data);
    search::write(&mut page, report);
    evaluation::write(&mut page, report);
    page.heading("card", "Model card");
    match report.evaluation {
        Some(evaluation) => page.lines(&evaluation.card),
        None => page.soft(NO_VERSION),
    }
    stages::timeline(&mut page, report.timeline);
    page.finished()
}

const NO_VERSION: &str = "The run has no version whose bundle can be read.";
const NO_MESSAGES: &str = "The messages of the run are not kept any more.";

/// A number; `-` for none.
fn maybe(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), number)
}

/// Seconds with their unit; `-` for none.
fn seconds(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2} s"))
}

/// `roc_auc` is "roc auc".
fn words(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests;
