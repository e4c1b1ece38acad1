//! `tier0 models history` and `tier0 endpoints history`: who changed what, when and why; and how it stood at a time.

use api::history::{
    EndpointAtDocument, EndpointHistory, EntryView, FieldChangeView, HistoryAnswer,
    HistoryDocument, LiveView, ModelAtDocument, ModelHistory,
};
use serde::Serialize;
use serde_json::Value;
use terminal::{Console, time};

use super::shown::reason;
use crate::Error;
use crate::access::Access;
use crate::cli::Global;
use crate::cli::models::{EndpointsHistory, HistoryPart, ModelsHistory};

/// Changes of one entry that are shown; the JSON has all.
const MAX_SHOWN_CHANGES: usize = 4;

pub(super) async fn model(access: &Access<'_>, arguments: &ModelsHistory) -> Result<(), Error> {
    let ModelsHistory { name: model, version, part } = arguments.clone();
    let HistoryPart { at, limit, before } = part;
    let limit = Some(limit as usize);
    let answer = access.ask(&ModelHistory { model, version, at, before, limit }).await?;
    show(access.console(), &answer, model_at)
}

/// `tier0 endpoints history`; gives the exit code.
pub(crate) async fn endpoint(
    arguments: &EndpointsHistory,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let EndpointsHistory { name: endpoint, part } = arguments.clone();
    let HistoryPart { at, limit, before } = part;
    let query = EndpointHistory { endpoint, at, before, limit: Some(limit as usize) };
    let answer = Access::find(global, console)?.ask(&query).await?;
    show(console, &answer, endpoint_at)?;
    Ok(0)
}

fn show<T: Serialize>(
    console: &Console,
    answer: &HistoryAnswer<T>,
    at: fn(&T) -> String,
) -> Result<(), Error> {
    Ok(console.answer(answer, || match answer {
        HistoryAnswer::Page(page) => changes(page),
        HistoryAnswer::At(document) => at(document),
    })?)
}

fn model_at(document: &ModelAtDocument) -> String {
    let made = &document.made_by;
    let production = match document.production_version {
        Some(version) => format!("version {version} was in production"),
        None => "no version was in production".to_owned(),
    };
    let mut lines = vec![
        format!("{} at {}: {production}", document.model, time(Some(&document.at))),
        since(made),
    ];
    for (alias, version) in &document.aliases {
        lines.push(format!("alias     {alias} named version {version}"));
    }
    lines.join("\n")
}

fn endpoint_at(document: &EndpointAtDocument) -> String {
    let live = match &document.live {
        Some(LiveView { model, version, digest, run_id }) => {
            format!("version {version} of {model} answered\ndigest    {digest}\nrun       {run_id}")
        }
        None => "no version answered".to_owned(),
    };
    format!(
        "{} at {}: {live}\n{}",
        document.endpoint,
        time(Some(&document.at)),
        since(&document.made_by)
    )
}

fn since(entry: &EntryView) -> String {
    format!("since     {} by {}{}", time(entry.at.as_ref()), entry.by, reason(&entry.reason))
}

/// A page of changes, for people.
pub(crate) fn changes(document: &HistoryDocument) -> String {
    if document.history.is_empty() {
        return "no changes".to_owned();
    }
    let mut lines: Vec<String> = document.history.iter().map(entry).collect();
    if let Some(next) = document.next {
        lines.push(format!("there are more: --before {next}"));
    }
    lines.join("\n")
}

fn entry(entry: &EntryView) -> String {
    let model = entry.model.as_deref().unwrap_or_default();
    let what = match (entry.version, &entry.endpoint) {
        (Some(version), _) => format!("{model} version {version} {}", entry.action),
        (None, Some(endpoint)) => format!("endpoint {endpoint} {}", entry.action),
        (None, None) if model.is_empty() => format!("artifacts {}", entry.action),
        (None, None) => format!("model {model} {}", entry.action),
    };
    let mut line = format!(
        "{}  {}  {what} by {}{}",
        entry.revision,
        time(entry.at.as_ref()),
        entry.by,
        reason(&entry.reason)
    );
    // A record's first revision differs in everything; what it is says the rest.
    let changes =
        entry.changes.iter().take(if entry.action == "registered" { 0 } else { MAX_SHOWN_CHANGES });
    for FieldChangeView { field, before, after } in changes {
        line.push_str(&format!("\n      {field}: {} → {}", value(before), value(after)));
    }
    if entry.changes.len() > MAX_SHOWN_CHANGES && entry.action != "registered" {
        line.push_str(&format!("\n      … and {} more", entry.changes.len() - MAX_SHOWN_CHANGES));
    }
    line
}

fn value(value: &Option<Value>) -> String {
    match value {
        None => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}
