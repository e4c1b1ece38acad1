//! Runs as text for people.

use api::runs::RunsDocument;
use api::verdicts::VerdictsDocument;
use runs::ledger::{RunStatus, RunView};
use terminal::{seconds, table};

use crate::verdicts;

/// Text of a run: its stages, model, endpoint and warnings.
#[must_use]
pub(crate) fn run(view: &RunView) -> String {
    let epoch = match view.epoch {
        0 => String::new(),
        epoch => format!(", epoch {epoch}"),
    };
    let mut lines = vec![format!(
        "run {}: {}{}{epoch}",
        view.run_id.as_deref().unwrap_or("-"),
        view.status.as_str(),
        view.seconds.map(|total| format!(" in {total:.1} s")).unwrap_or_default()
    )];
    if let (Some(stage), Some(reason)) = (&view.failed_stage, &view.reason) {
        let ended = if view.status == RunStatus::Cancelled { "cancelled" } else { "failed" };
        lines.push(format!("{ended} at {stage}: {reason}"));
    }
    lines.extend(view.suggestions.iter().map(|suggestion| format!("  instead: {suggestion}")));
    if !view.stages.is_empty() {
        let rows: Vec<Vec<String>> = view
            .stages
            .iter()
            .map(|stage| {
                vec![
                    stage.agent.clone(),
                    match &stage.reused_from {
                        Some(run) => format!("{}, from {run}", stage.status.as_str()),
                        None => stage.status.as_str().to_owned(),
                    },
                    seconds(stage.seconds),
                    stage.attempts.to_string(),
                ]
            })
            .collect();
        lines.push(String::new());
        lines.push(table(&["stage", "status", "time", "attempts"], &rows));
    }
    if let Some(model) = &view.model {
        let version =
            model.version.map(|version| format!(" version {version}")).unwrap_or_default();
        let algorithm = model
            .algorithm
            .as_deref()
            .map(|algorithm| format!(", {algorithm}"))
            .unwrap_or_default();
        lines.push(String::new());
        lines.push(format!("model     {}{version}{algorithm}", model.name));
        lines.push(format!("digest    {}", model.digest));
    }
    if let Some(text) = test_metrics(view) {
        lines.push(format!("test      {text}"));
    }
    if let Some(endpoint) = &view.endpoint {
        lines.push(format!("endpoint  {}  {}", endpoint.name, endpoint.url));
    }
    if let Some(trace) = &view.trace_id {
        let place = view.trace_url.as_deref().map(|url| format!("  {url}")).unwrap_or_default();
        lines.push(format!("trace     {trace}{place}"));
    }
    lines.extend(
        view.warnings
            .iter()
            .map(|warning| format!("warning   {}: {}", warning.agent, warning.message)),
    );
    lines.join("\n")
}

/// Text of a run that has ended: the same, what its stages decided, and what to do next.
#[must_use]
pub(crate) fn ended(view: &RunView, verdicts: Option<&VerdictsDocument>) -> String {
    let decided = verdicts.map(verdicts::shown).unwrap_or_default();
    let parts = [run(view), decided, next(view)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// Commands that go on from here.
fn next(view: &RunView) -> String {
    let Some(id) = &view.run_id else { return String::new() };
    let mut commands = vec![format!("tier0 report {id} --out {id}.html")];
    match view.status {
        RunStatus::Failed | RunStatus::Cancelled => {
            commands.push(format!("tier0 runs show {id}"));
            commands.push(format!("tier0 runs retry {id} --wait"));
        }
        _ => {
            if let Some(model) = &view.model {
                commands.push(format!("tier0 models show {}", model.name));
            }
            if let Some(endpoint) = &view.endpoint {
                commands.push(format!("tier0 predict {} --data FILE", endpoint.name));
            }
        }
    }
    format!("next      {}", commands.join("\n          "))
}

fn test_metrics(view: &RunView) -> Option<String> {
    let test = view.metrics.get("test")?.as_object()?;
    let intervals =
        view.metrics.get("test_interval_95").and_then(|intervals| intervals.as_object());
    let shown = test.iter().filter_map(|(name, value)| {
        let value = value.as_f64()?;
        let ends =
            intervals.and_then(|intervals| intervals.get(name)).and_then(|ends| ends.as_array());
        let ends = ends.and_then(|ends| Some((ends.first()?.as_f64()?, ends.get(1)?.as_f64()?)));
        let interval = ends
            .filter(|(low, high)| low < high)
            .map(|(low, high)| format!(" [{low:.3}, {high:.3}]"));
        Some(format!("{name} {value:.4}{}", interval.unwrap_or_default()))
    });
    let shown: Vec<String> = shown.collect();
    (!shown.is_empty()).then(|| shown.join("\n          "))
}

/// Runs, one per line.
#[must_use]
pub(crate) fn runs(document: &RunsDocument) -> String {
    if document.runs.is_empty() {
        return "no runs".to_owned();
    }
    let rows: Vec<Vec<String>> = document
        .runs
        .iter()
        .map(|view| {
            let at = view
                .stages
                .iter()
                .find(|stage| !stage.status.is_final())
                .map(|stage| stage.agent.clone());
            vec![
                view.run_id.clone().unwrap_or_default(),
                view.name.clone(),
                view.status.as_str().to_owned(),
                match view.status {
                    RunStatus::Failed | RunStatus::Cancelled => {
                        view.failed_stage.clone().unwrap_or_default()
                    }
                    _ => at.unwrap_or_else(|| "-".to_owned()),
                },
                seconds(view.seconds),
                view.priority.clone(),
                view.created_at.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let mut text =
        table(&["run", "name", "status", "stage", "time", "priority", "requested"], &rows);
    if let Some(next) = &document.next {
        text.push_str(&format!("\nthere are more: --before {next}"));
    }
    text
}

/// Text of a refused request.
#[must_use]
pub(crate) fn refusal(view: &RunView) -> String {
    let mut lines =
        vec![format!("refused: {}", view.reason.as_deref().unwrap_or("no reason was given"))];
    lines.extend(view.suggestions.iter().map(|suggestion| format!("  instead: {suggestion}")));
    lines.join("\n")
}
