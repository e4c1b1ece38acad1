//! `tier0 models history` and `tier0 endpoints history`: who changed what, when and why; and how it stood at a time.

use api::history::{
    self, EndpointAtDocument, EntryView, FieldChangeView, HistoryDocument, LiveView,
    ModelAtDocument, Part,
};
use pbjson_types::Timestamp;
use registry::Registry;
use serde_json::Value;
use terminal::{Console, time};

use super::Context;
use super::shown::reason;
use crate::Error;
use crate::cli::Global;
use crate::cli::models::{EndpointHistory, HistoryPart, ModelsHistory};
use crate::connect::Address;

/// Changes of one entry that are shown; the JSON has all.
const SHOWN: usize = 4;

pub(super) async fn model(context: &Context<'_>, arguments: &ModelsHistory) -> Result<(), Error> {
    let name = &arguments.name;
    if let Some(at) = arguments.part.at {
        let found = history::model_at(&context.registry, name, at).await;
        let found = context.known(found).await?;
        let document = found.ok_or_else(|| nothing_then("model", name, &at))?;
        return Ok(context.console.answer(&document, || model_at(&document))?);
    }
    let (version, part) = (arguments.version.as_deref(), part(&arguments.part));
    let found = history::of_model(&context.registry, name, version, part).await;
    let document = context.known(found).await?;
    Ok(context.console.answer(&document, || changes(&document))?)
}

/// `tier0 endpoints history`; gives the exit code.
pub(crate) async fn endpoint(
    arguments: &EndpointHistory,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let bus = Address::find(global)?.connect().await?;
    let registry = Registry::new(&bus).await?;
    let name = &arguments.name;
    if let Some(at) = arguments.part.at {
        let found = history::endpoint_at(&registry, name, at).await?;
        let document = found.ok_or_else(|| nothing_then("endpoint", name, &at))?;
        console.answer(&document, || endpoint_at(&document))?;
        return Ok(0);
    }
    let found = history::of_endpoint(&registry, name, part(&arguments.part)).await?;
    let Some(document) = found else {
        let known = registry.endpoints().await?;
        return Err(Error::Unknown { kind: "endpoint", name: name.clone(), known });
    };
    console.answer(&document, || changes(&document))?;
    Ok(0)
}

fn part(part: &HistoryPart) -> Part {
    Part { before: part.before, limit: usize::try_from(part.limit).unwrap_or(usize::MAX) }
}

fn nothing_then(kind: &'static str, name: &str, at: &Timestamp) -> Error {
    Error::NothingThen { kind, name: name.to_owned(), at: time(Some(at)) }
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

fn changes(document: &HistoryDocument) -> String {
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
    let what = match (entry.version, &entry.endpoint) {
        (Some(version), _) => format!("version {version} {}", entry.action),
        (None, Some(_)) => entry.action.clone(),
        (None, None) => format!("model {}", entry.action),
    };
    let mut line = format!(
        "{}  {}  {what} by {}{}",
        entry.revision,
        time(entry.at.as_ref()),
        entry.by,
        reason(&entry.reason)
    );
    // A record's first revision differs in everything; what it is says the rest.
    let changes = entry.changes.iter().take(if entry.action == "registered" { 0 } else { SHOWN });
    for FieldChangeView { field, before, after } in changes {
        line.push_str(&format!("\n      {field}: {} → {}", value(before), value(after)));
    }
    if entry.changes.len() > SHOWN && entry.action != "registered" {
        line.push_str(&format!("\n      … and {} more", entry.changes.len() - SHOWN));
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
