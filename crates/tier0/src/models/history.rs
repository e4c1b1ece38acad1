//! `tier0 models history` and `tier0 endpoints history`: who changed what, when and why; and how it stood at a time.

use api::models::view::{
    EndpointAtDocument, EntryView, FieldChangeView, HistoryDocument, LiveView, ModelAtDocument,
};
use pbjson_types::Timestamp;
use registry::Registry;
use registry::history::{HistoryPage, Of};
use serde_json::Value;

use super::Context;
use super::shown::reason;
use crate::Error;
use crate::cli::Global;
use crate::cli::models::{EndpointHistory, HistoryPart, ModelsHistory};
use crate::connect::Address;
use crate::console::{Console, time};

/// Changes of one entry that are shown; the JSON has all.
const SHOWN: usize = 4;

pub(super) async fn model(context: &Context<'_>, arguments: &ModelsHistory) -> Result<(), Error> {
    let name = &arguments.name;
    context.model(name).await?;
    if let Some(at) = arguments.part.at {
        let found = context.registry.model_at(name, &at).await?;
        let found = found.ok_or_else(|| nothing_then("model", name, &at))?;
        let document = ModelAtDocument::new(&found, at);
        return Ok(context.console.answer(&document, || model_at(&document))?);
    }
    let of = match &arguments.version {
        Some(version) => Of::Version(name, context.number(name, version).await?),
        None => Of::Model(name),
    };
    let page = page(&context.registry, &of, &arguments.part).await?;
    let document = HistoryDocument::from(&page);
    Ok(context.console.answer(&document, || history(&document))?)
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
        let found = registry.endpoint_at(name, &at).await?;
        let found = found.ok_or_else(|| nothing_then("endpoint", name, &at))?;
        let document = EndpointAtDocument::new(&found, at);
        console.answer(&document, || endpoint_at(&document))?;
        return Ok(0);
    }
    let page = page(&registry, &Of::Endpoint(name), &arguments.part).await?;
    if page.entries.is_empty() && arguments.part.before.is_none() {
        let known = registry.endpoints().await?;
        return Err(Error::Unknown { kind: "endpoint", name: name.clone(), known });
    }
    let document = HistoryDocument::from(&page);
    console.answer(&document, || history(&document))?;
    Ok(0)
}

async fn page(registry: &Registry, of: &Of<'_>, part: &HistoryPart) -> Result<HistoryPage, Error> {
    let limit = usize::try_from(part.limit).unwrap_or(usize::MAX);
    Ok(registry.history(of, part.before, limit).await?)
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

fn history(document: &HistoryDocument) -> String {
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
