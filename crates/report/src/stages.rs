//! The run as a whole, its stages and what happened to it.

use api::runs::TimelineDocument;
use page::{Bar, Page};
use runs::ledger::{RunStatus, RunView};
use runs::timeline::{Times, TransitionKind};

use crate::{seconds, words};

/// Seconds below which no part of a stage's time is told.
const MOMENT: f64 = 0.01;

pub(crate) fn overview(page: &mut Page, run: &RunView, timeline: &TimelineDocument) {
    page.heading("run", "The run");
    if !run.text.is_empty() {
        page.text(&format!("“{}”", run.text));
    }
    if let (Some(stage), Some(reason)) = (&run.failed_stage, &run.reason) {
        let ended = if run.status == RunStatus::Cancelled { "Cancelled" } else { "Failed" };
        page.note(&format!("{ended} at {stage}: {reason}"));
        for suggestion in &run.suggestions {
            page.note(&format!("Instead: {suggestion}"));
        }
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let mut rows = vec![
        ("Status", run.status.as_str().to_owned()),
        ("Requested", text(&run.created_at)),
        ("Ended", text(&run.ended_at)),
        ("Time", seconds(run.seconds)),
    ];
    if let Some(model) = &run.model {
        let version = model.version.map_or_else(String::new, |of| format!(" version {of}"));
        rows.push(("Model", format!("{}{version}", model.name)));
        rows.push(("Algorithm", text(&model.algorithm)));
        rows.push(("SHA-256 of the bundle", model.digest.clone()));
    }
    if let Some(endpoint) = &run.endpoint {
        rows.push(("Endpoint", endpoint.name.clone()));
    }
    page.figures("The run", &rows);
    stages(page, run, timeline);
    for warning in &run.warnings {
        page.note(&format!("{}: {}", warning.agent, warning.message));
    }
}

fn stages(page: &mut Page, run: &RunView, timeline: &TimelineDocument) {
    let part = |times: Option<&Times>, of: fn(&Times) -> f64| {
        seconds(times.map(of).filter(|seconds| *seconds >= MOMENT))
    };
    let rows: Vec<Vec<String>> = run
        .stages
        .iter()
        .map(|stage| {
            // The last attempt is the one whose work counts.
            let settled = timeline.timeline.iter().rev().find(|transition| {
                transition.kind == TransitionKind::Settled && transition.agent == stage.agent
            });
            let times = settled.and_then(|transition| transition.times.as_ref());
            vec![
                stage.agent.clone(),
                stage.status.as_str().to_owned(),
                stage.attempts.to_string(),
                seconds(stage.seconds),
                part(times, |of| of.waiting),
                part(times, |of| of.reading),
                part(times, |of| of.computing),
                part(times, |of| of.writing),
            ]
        })
        .collect();
    let head = ["Stage", "Status", "Attempts", "Time", "Waited", "Read", "Computed", "Wrote"];
    page.table("The stages", &head, &rows);
    let bars: Vec<Bar> = run
        .stages
        .iter()
        .filter_map(|stage| {
            let size = stage.seconds?;
            Some(Bar { name: stage.agent.clone(), size, text: seconds(Some(size)) })
        })
        .collect();
    if !bars.is_empty() {
        page.raw(&page::bars(&bars, "Time of each stage"));
    }
}

pub(crate) fn timeline(page: &mut Page, document: &TimelineDocument) {
    page.heading("timeline", "Timeline");
    let rows: Vec<Vec<String>> = document
        .timeline
        .iter()
        .map(|transition| {
            vec![
                transition.at.clone(),
                words(transition.kind.as_str()),
                transition.agent.clone(),
                transition.attempt.map_or_else(|| "-".to_owned(), |attempt| attempt.to_string()),
                seconds(transition.seconds),
                transition.message.clone().or_else(|| transition.code.clone()).unwrap_or_default(),
            ]
        })
        .collect();
    let head = ["At", "What", "Stage", "Attempt", "Time", "Note"];
    page.table("What happened", &head, &rows);
    if document.omitted > 0 {
        page.soft(&format!("{} earlier transitions are left out.", document.omitted));
    }
}
