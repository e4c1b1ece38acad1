//! `tier0 models`: the registry, asked and changed.

mod compare;
mod export;
pub(crate) mod history;
mod shown;

use api::leaderboard::VersionLeaderboard;
use api::models::{
    DescribeModel, DescribeVersion, ListModels, NoteVersion, SearchVersions, SetAlias, SetStage,
    ShowModel, ShowVersion, TagModel, TagVersion, VersionName,
};
use serde::Serialize;
use terminal::Console;

pub(crate) use compare::Error as CompareError;
pub(crate) use history::endpoint as endpoint_history;

use crate::Error;
use crate::access::Access;
use crate::cli::Global;
use crate::cli::models::{
    ModelsAlias, ModelsArchive, ModelsCommand, ModelsDescribe, ModelsList, ModelsNote,
    ModelsPromote, ModelsSearch, ModelsShow, ModelsTag,
};
use crate::leaderboard::ModelSelection;

/// `tier0 models`; gives the exit code.
pub(crate) async fn run(
    command: &ModelsCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let access = Access::find(global, console)?;
    match command {
        ModelsCommand::List(arguments) => list(&access, arguments).await?,
        ModelsCommand::Show(arguments) => show(&access, arguments).await?,
        ModelsCommand::Search(arguments) => search(&access, arguments).await?,
        ModelsCommand::Compare(arguments) => compare::run(&access, arguments).await?,
        ModelsCommand::Promote(arguments) => promote(&access, arguments).await?,
        ModelsCommand::Archive(arguments) => archive(&access, arguments).await?,
        ModelsCommand::Export(arguments) => export::run(&access, arguments).await?,
        ModelsCommand::Alias(arguments) => alias(&access, arguments).await?,
        ModelsCommand::Tag(arguments) => tag(&access, arguments).await?,
        ModelsCommand::Note(arguments) => note(&access, arguments).await?,
        ModelsCommand::Describe(arguments) => describe(&access, arguments).await?,
        ModelsCommand::History(arguments) => history::model(&access, arguments).await?,
    }
    Ok(0)
}

/// A document with how the model of a version was chosen.
#[derive(Serialize)]
struct WithLeaderboard<T> {
    #[serde(flatten)]
    document: T,
    /// The version that the leaderboard is of.
    leaderboard_version: Option<u32>,
    #[serde(flatten)]
    chosen: ModelSelection,
}

impl<T> WithLeaderboard<T> {
    fn shown(&self, text: &str, trials: bool) -> String {
        let chosen = self.chosen.shown(trials);
        match self.leaderboard_version {
            Some(version) if !chosen.is_empty() => {
                format!("{text}\n\nhow version {version} was chosen\n\n{chosen}")
            }
            _ => text.to_owned(),
        }
    }
}

async fn list(access: &Access<'_>, arguments: &ModelsList) -> Result<(), Error> {
    let ModelsList { prefix, limit, after } = arguments.clone();
    let query = ListModels { prefix, after, limit: Some(limit as usize) };
    let document = access.ask(&query).await?;
    Ok(access.console().answer(&document, || shown::models(&document))?)
}

async fn show(access: &Access<'_>, arguments: &ModelsShow) -> Result<(), Error> {
    let ModelsShow { name: model, version, limit, before, trials } = arguments.clone();
    let Some(version) = version else {
        let query = ShowModel { model, before, limit: Some(limit as usize) };
        let document = access.ask(&query).await?;
        let of = document.model.production_version.unwrap_or(document.model.latest_version);
        let document = WithLeaderboard::read(access, query.model, of, document).await?;
        let text = || document.shown(&shown::model(&document.document), trials);
        return Ok(access.console().answer(&document, text)?);
    };
    let query = ShowVersion { model, version };
    let document = access.ask(&query).await?;
    let of = document.version.version;
    let document = WithLeaderboard::read(access, query.model, of, document).await?;
    let text = || document.shown(&shown::version(&document.document), trials);
    Ok(access.console().answer(&document, text)?)
}

impl<T> WithLeaderboard<T> {
    /// A document with how a version was chosen, as far as its run is kept; without a version that is not there.
    async fn read(
        access: &Access<'_>,
        model: String,
        version: u32,
        document: T,
    ) -> Result<Self, Error> {
        let query = VersionLeaderboard { model, version: version.to_string() };
        let (leaderboard_version, chosen) = match access.ask(&query).await {
            Err(error) if error.code() == "version_not_found" => (None, ModelSelection::default()),
            read => (Some(version), read.into()),
        };
        Ok(Self { document, leaderboard_version, chosen })
    }
}

async fn search(access: &Access<'_>, arguments: &ModelsSearch) -> Result<(), Error> {
    let ModelsSearch { query, order, limit, after } = arguments.clone();
    let query = SearchVersions { query, order, after, limit: Some(limit as usize) };
    let document = access.ask(&query).await?;
    Ok(access.console().answer(&document, || shown::found(&document))?)
}

async fn promote(access: &Access<'_>, arguments: &ModelsPromote) -> Result<(), Error> {
    let ModelsPromote { name: model, version, to, reason, registry_only } = arguments.clone();
    let stage = registry::stage_name(to).to_owned();
    let moved = access.change(&SetStage { model, version, stage, reason, registry_only }).await?;
    moved.warnings.iter().for_each(|warning| access.console().note(warning));
    let version = &moved.version;
    Ok(access.console().answer(&moved, || {
        format!("version {} of {} is in stage {}", version.version, version.model, version.stage)
    })?)
}

async fn archive(access: &Access<'_>, arguments: &ModelsArchive) -> Result<(), Error> {
    let ModelsArchive { name: model, version, reason } = arguments.clone();
    let (stage, registry_only) = ("archived".to_owned(), false);
    let change = SetStage { model, version, stage, reason, registry_only };
    let version = access.change(&change).await?.version;
    Ok(access.console().answer(&version, || {
        format!("version {} of {} is archived; its bundle is kept", version.version, version.model)
    })?)
}

async fn alias(access: &Access<'_>, arguments: &ModelsAlias) -> Result<(), Error> {
    let ModelsAlias { name: model, alias, version, expect: expected, reason, .. } =
        arguments.clone();
    let version = version.map(VersionName::Text);
    let change = SetAlias { model, alias, version, expected, reason };
    let (view, alias) = (access.change(&change).await?, &change.alias);
    Ok(access.console().answer(&view, || match view.aliases.get(alias) {
        Some(version) => format!("{alias} of {} names version {version}", view.name),
        None => format!("{} has no alias {alias} any more", view.name),
    })?)
}

async fn tag(access: &Access<'_>, arguments: &ModelsTag) -> Result<(), Error> {
    let ModelsTag { name: model, set, version, remove, reason } = arguments.clone();
    let set = set.into_iter().collect();
    match version {
        Some(version) => {
            let view = access.change(&TagVersion { model, version, set, remove, reason }).await?;
            Ok(access.console().answer(&view, || shown::tags(&view.tags))?)
        }
        None => {
            let view = access.change(&TagModel { model, set, remove, reason }).await?;
            Ok(access.console().answer(&view, || shown::tags(&view.tags))?)
        }
    }
}

async fn note(access: &Access<'_>, arguments: &ModelsNote) -> Result<(), Error> {
    let ModelsNote { name: model, version, text } = arguments.clone();
    let view = access.change(&NoteVersion { model, version, text }).await?;
    Ok(access.console().answer(&view, || {
        format!("version {} of {} has {} notes", view.version, view.model, view.notes.len())
    })?)
}

async fn describe(access: &Access<'_>, arguments: &ModelsDescribe) -> Result<(), Error> {
    let ModelsDescribe { name: model, text, version } = arguments.clone();
    match version {
        Some(version) => {
            let view = access.change(&DescribeVersion { model, version, text }).await?;
            let done = || format!("version {} of {} is described", view.version, view.model);
            Ok(access.console().answer(&view, done)?)
        }
        None => {
            let view = access.change(&DescribeModel { model, text }).await?;
            Ok(access.console().answer(&view, || format!("{} is described", view.name))?)
        }
    }
}
