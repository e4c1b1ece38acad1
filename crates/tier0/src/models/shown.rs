//! The registry's documents as text for people.

use std::collections::BTreeMap;

use api::models::view::{
    ModelDocument, ModelsDocument, SearchDocument, VersionDocument, VersionView,
};
use terminal::{counted, or_none, table, time};

/// Characters of a digest that tell it from others.
const SHORT: usize = 12;

/// Text of `tier0 models list`.
pub(super) fn models(document: &ModelsDocument) -> String {
    let rows: Vec<Vec<String>> = document
        .models
        .iter()
        .map(|model| {
            let aliases = model.aliases.iter().map(|(alias, version)| format!("{alias}={version}"));
            vec![
                model.name.clone(),
                model.latest_version.to_string(),
                model.production_version.map_or_else(dash, |version| version.to_string()),
                joined(aliases),
                model.description.lines().next().unwrap_or_default().to_owned(),
            ]
        })
        .collect();
    let head = ["model", "latest", "production", "aliases", "description"];
    let mut text = or_none("no models", &head, &rows);
    if let Some(next) = &document.next {
        text.push_str(&format!("\nthere are more: --after {next}"));
    }
    text
}

/// Text of `tier0 models show NAME`.
pub(super) fn model(document: &ModelDocument) -> String {
    let model = &document.model;
    let mut lines =
        vec![format!("{}, {}", model.name, counted(model.latest_version.into(), "version"))];
    if !model.description.is_empty() {
        lines.push(model.description.clone());
    }
    if !model.tags.is_empty() {
        lines.push(format!("tags      {}", tags(&model.tags)));
    }
    lines.push(String::new());
    lines.push(versions(&document.versions, false));
    if let Some(next) = document.next {
        lines.push(format!("there are more: --before {next}"));
    }
    lines.join("\n")
}

/// Text of `tier0 models search`.
pub(super) fn found(document: &SearchDocument) -> String {
    if document.versions.is_empty() {
        return "no versions".to_owned();
    }
    let mut text = versions(&document.versions, true);
    if let Some(next) = &document.next {
        text.push_str(&format!("\nthere are more: --after {next}"));
    }
    text
}

fn versions(versions: &[VersionView], with_model: bool) -> String {
    let rows: Vec<Vec<String>> = versions
        .iter()
        .map(|version| {
            let metrics = version.intervals.iter().take(2);
            let metrics = metrics.map(|(name, of)| format!("{name} {:.4}", of.value));
            let mut row = vec![
                version.version.to_string(),
                version.stage.clone(),
                joined(version.aliases.iter().cloned()),
                version.algorithm.clone(),
                joined(metrics),
                version.run_id.clone(),
                version.digest.chars().take(SHORT).collect(),
                time(version.created_at.as_ref()),
            ];
            if with_model {
                row.insert(0, version.model.clone());
            }
            row
        })
        .collect();
    let mut head =
        vec!["version", "stage", "aliases", "algorithm", "metrics", "run", "digest", "registered"];
    if with_model {
        head.insert(0, "model");
    }
    table(&head, &rows)
}

/// `models show NAME VERSION`.
pub(super) fn version(document: &VersionDocument) -> String {
    let version = &document.version;
    let mut lines = vec![
        format!("{} version {}: {}", version.model, version.version, version.stage),
        format!("digest    {}", version.digest),
        format!("bundle    {} ({} bytes)", version.uri, version.bytes),
        format!("run       {}", version.run_id),
        format!("data      {}", version.data_sha256),
        format!(
            "made by   {}, registered {}",
            version.algorithm,
            time(version.created_at.as_ref())
        ),
    ];
    if let Some(parent) = version.parent_version {
        lines.push(format!("parent    version {parent}"));
    }
    if !version.aliases.is_empty() {
        lines.push(format!("aliases   {}", version.aliases.join(", ")));
    }
    if !version.tags.is_empty() {
        lines.push(format!("tags      {}", tags(&version.tags)));
    }
    if !version.description.is_empty() {
        lines.push(format!("about     {}", version.description));
    }
    for (name, of) in &version.intervals {
        lines.push(format!("test      {name} {:.4} [{:.4}, {:.4}]", of.value, of.low, of.high));
    }
    for note in &version.notes {
        lines.push(format!("note      {} {}: {}", time(note.at.as_ref()), note.by, note.text));
    }
    for step in &version.transitions {
        lines.push(format!(
            "stage     {} {} → {} by {}{}",
            time(step.at.as_ref()),
            step.from,
            step.to,
            step.by,
            reason(&step.reason)
        ));
    }
    for held in &document.endpoints {
        let role = match held.role {
            registry::Role::Live => "answers",
            registry::Role::Member => "takes part",
            registry::Role::Previous => "is kept for a rollback",
        };
        lines.push(format!("endpoint  {}: {role}", held.endpoint));
    }
    for change in &document.deployments {
        let began = if change.live { "began to answer" } else { "ceased to answer" };
        lines.push(format!(
            "traffic   {} {} {began}, by {}{}",
            time(change.at.as_ref()),
            change.endpoint,
            change.by,
            reason(&change.reason)
        ));
    }
    lines.join("\n")
}

/// Tags on one line.
pub(super) fn tags(tags: &BTreeMap<String, String>) -> String {
    if tags.is_empty() {
        return "no tags".to_owned();
    }
    tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
}

/// A reason in brackets, where there is one.
pub(super) fn reason(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(" ({reason})") }
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() { dash() } else { texts.join(", ") }
}

fn dash() -> String {
    "-".to_owned()
}
