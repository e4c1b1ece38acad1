//! `tier0 models`: the registry, asked and changed through the broker.

mod compare;
mod export;
mod history;
mod shown;

use std::time::Duration;

use api::models::view::{ModelView, VersionView};
use api::models::{self, ModelsPage};
use bus::Bus;
use contracts::RunId;
use contracts::v1::ModelStage;
use registry::{Registry, TagChange};
use serde::Serialize;
use serde_json::json;
use terminal::Console;

pub(crate) use compare::Error as CompareError;
pub(crate) use history::endpoint as endpoint_history;

use crate::Error;
use crate::cli::Global;
use crate::cli::models::{
    ModelsAlias, ModelsArchive, ModelsCommand, ModelsDescribe, ModelsList, ModelsNote,
    ModelsPromote, ModelsSearch, ModelsShow, ModelsTag,
};
use crate::connect::Address;
use crate::leaderboard::Chosen;
use crate::runs::whoami;

/// What a command works with.
struct Context<'a> {
    bus: Bus,
    registry: Registry,
    console: &'a Console,
}

/// `tier0 models`; gives the exit code.
pub(crate) async fn run(
    command: &ModelsCommand,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let bus = Address::find(global)?.connect().await?;
    let registry = Registry::new(&bus).await?;
    let context = Context { bus, registry, console };
    match command {
        ModelsCommand::List(arguments) => context.list(arguments).await?,
        ModelsCommand::Show(arguments) => context.show(arguments).await?,
        ModelsCommand::Search(arguments) => context.search(arguments).await?,
        ModelsCommand::Compare(arguments) => compare::run(&context, arguments).await?,
        ModelsCommand::Promote(arguments) => context.promote(arguments).await?,
        ModelsCommand::Archive(arguments) => context.archive(arguments).await?,
        ModelsCommand::Export(arguments) => export::run(&context, arguments).await?,
        ModelsCommand::Alias(arguments) => context.alias(arguments).await?,
        ModelsCommand::Tag(arguments) => context.tag(arguments).await?,
        ModelsCommand::Note(arguments) => context.note(arguments).await?,
        ModelsCommand::Describe(arguments) => context.describe(arguments).await?,
        ModelsCommand::History(arguments) => history::model(&context, arguments).await?,
    }
    context.bus.close(Duration::from_secs(1)).await;
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
    chosen: Chosen,
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

impl Context<'_> {
    async fn list(&self, arguments: &ModelsList) -> Result<(), Error> {
        let limit = usize::try_from(arguments.limit).unwrap_or(usize::MAX);
        let page =
            ModelsPage { prefix: &arguments.prefix, after: arguments.after.as_deref(), limit };
        let document = models::list(&self.registry, page).await?;
        Ok(self.console.answer(&document, || shown::models(&document))?)
    }

    async fn show(&self, arguments: &ModelsShow) -> Result<(), Error> {
        let name = &arguments.name;
        let Some(which) = &arguments.version else {
            let shown = models::show(&self.registry, name, arguments.before, arguments.limit);
            let document = self.known(shown.await).await?;
            let of = document.model.production_version.unwrap_or(document.model.latest_version);
            let version = self.registry.version(name, of).await?.as_ref().map(VersionView::from);
            let document = WithLeaderboard {
                document,
                leaderboard_version: version.as_ref().map(|version| version.version),
                chosen: self.chosen(version.as_ref()).await,
            };
            return Ok(self.console.answer(&document, || {
                document.shown(&shown::model(&document.document), arguments.trials)
            })?);
        };
        let document = self.known(models::version(&self.registry, name, which).await).await?;
        let document = WithLeaderboard {
            leaderboard_version: Some(document.version.version),
            chosen: self.chosen(Some(&document.version)).await,
            document,
        };
        Ok(self.console.answer(&document, || {
            document.shown(&shown::version(&document.document), arguments.trials)
        })?)
    }

    /// How a version was chosen, as far as its run is kept.
    async fn chosen(&self, version: Option<&VersionView>) -> Chosen {
        let version = version.filter(|version| !version.digest.is_empty());
        let run = version.and_then(|version| RunId::new(version.run_id.as_str()).ok());
        match run.zip(version) {
            Some((run, version)) => Chosen::read(&self.bus, &run, Some(&version.digest)).await,
            None => Chosen::default(),
        }
    }

    async fn search(&self, arguments: &ModelsSearch) -> Result<(), Error> {
        let query = arguments.query.parse().map_err(|error: registry::search::QueryError| {
            Error::Query { shown: error.shown(&arguments.query), problem: error }
        })?;
        let after = arguments.after.as_ref().map(|(model, version)| (model.as_str(), *version));
        let limit = usize::try_from(arguments.limit).unwrap_or(usize::MAX);
        let found = models::search(&self.registry, &query, &arguments.order, after, limit);
        let document = found.await?;
        Ok(self.console.answer(&document, || shown::found(&document))?)
    }

    async fn promote(&self, arguments: &ModelsPromote) -> Result<(), Error> {
        let number = self.number(&arguments.name, &arguments.version).await?;
        let moved = self
            .registry
            .set_stage(
                &arguments.name,
                number,
                arguments.to,
                &whoami(),
                &arguments.reason,
                arguments.registry_only,
            )
            .await?;
        let elsewhere = if arguments.to == ModelStage::Production {
            self.registry.answering(&arguments.name).await?
        } else {
            Vec::new()
        };
        let elsewhere: Vec<_> =
            elsewhere.into_iter().filter(|other| other.version != number).collect();
        let warnings: Vec<String> = elsewhere
            .iter()
            .map(|other| {
                format!(
                    "endpoint `{}` still answers with version {}; `tier0 endpoints promote {}` brings this one to its traffic",
                    other.endpoint, other.version, other.endpoint
                )
            })
            .collect();
        warnings.iter().for_each(|warning| self.console.note(warning));
        let mut document = serde_json::to_value(VersionView::from(&moved)).unwrap_or_default();
        if let Some(members) = document.as_object_mut() {
            members.insert("warnings".to_owned(), json!(warnings));
        }
        let stage = registry::stage_name(moved.stage());
        Ok(self.console.answer(&document, || {
            format!("version {number} of {} is in stage {stage}", arguments.name)
        })?)
    }

    async fn archive(&self, arguments: &ModelsArchive) -> Result<(), Error> {
        let number = self.number(&arguments.name, &arguments.version).await?;
        let by = whoami();
        let moved = self.registry.archive(&arguments.name, number, &by, &arguments.reason).await?;
        Ok(self.console.answer(&VersionView::from(&moved), || {
            format!("version {number} of {} is archived; its bundle is kept", arguments.name)
        })?)
    }

    async fn alias(&self, arguments: &ModelsAlias) -> Result<(), Error> {
        let (name, alias, by) = (&arguments.name, &arguments.alias, whoami());
        let expected = models::expected(arguments.expect);
        let reason = &arguments.reason;
        let model = match &arguments.version {
            Some(version) => {
                let number = self.number(name, version).await?;
                self.registry.set_alias(name, alias, number, expected, &by, reason).await?
            }
            None => self.registry.remove_alias(name, alias, expected, &by, reason).await?,
        };
        let view = ModelView::from(&model);
        Ok(self.console.answer(&view, || match view.aliases.get(alias) {
            Some(version) => format!("{alias} of {name} names version {version}"),
            None => format!("{name} has no alias {alias} any more"),
        })?)
    }

    async fn tag(&self, arguments: &ModelsTag) -> Result<(), Error> {
        let (name, by) = (&arguments.name, whoami());
        let change = TagChange {
            set: arguments.set.iter().cloned().collect(),
            remove: arguments.remove.clone(),
        };
        let reason = &arguments.reason;
        match &arguments.version {
            Some(version) => {
                let number = self.number(name, version).await?;
                let changed = self.registry.tag_version(name, number, &change, &by, reason).await?;
                let view = VersionView::from(&changed);
                Ok(self.console.answer(&view, || shown::tags(&view.tags))?)
            }
            None => {
                let view =
                    ModelView::from(&self.registry.tag_model(name, &change, &by, reason).await?);
                Ok(self.console.answer(&view, || shown::tags(&view.tags))?)
            }
        }
    }

    async fn note(&self, arguments: &ModelsNote) -> Result<(), Error> {
        let number = self.number(&arguments.name, &arguments.version).await?;
        let changed =
            self.registry.note(&arguments.name, number, &arguments.text, &whoami()).await?;
        let view = VersionView::from(&changed);
        Ok(self.console.answer(&view, || {
            format!("version {number} of {} has {} notes", view.model, view.notes.len())
        })?)
    }

    async fn describe(&self, arguments: &ModelsDescribe) -> Result<(), Error> {
        let (name, text, by) = (&arguments.name, &arguments.text, whoami());
        match &arguments.version {
            Some(version) => {
                let number = self.number(name, version).await?;
                let changed = self.registry.describe_version(name, number, text, &by).await?;
                let done = || format!("version {number} of {name} is described");
                Ok(self.console.answer(&VersionView::from(&changed), done)?)
            }
            None => {
                let changed = self.registry.describe_model(name, text, &by).await?;
                Ok(self
                    .console
                    .answer(&ModelView::from(&changed), || format!("{name} is described"))?)
            }
        }
    }

    /// What was found, or the models that there are instead.
    async fn known<T>(&self, found: Result<T, registry::Error>) -> Result<T, Error> {
        match found {
            Err(registry::Error::UnknownModel { model }) => {
                let known = self.registry.models_after("", None, 10).await?;
                let known = known.into_iter().map(|model| model.model).collect();
                Err(Error::Unknown { kind: "model", name: model, known })
            }
            found => Ok(found?),
        }
    }

    /// The number of a version that is given by number, alias or `latest`.
    async fn number(&self, name: &str, which: &str) -> Result<u32, Error> {
        let found = self.registry.model(name).await?;
        let unknown = || registry::Error::UnknownModel { model: name.to_owned() };
        self.known(found.ok_or_else(unknown)).await?;
        Ok(self.registry.resolve(name, which).await?)
    }

    /// A version that is given by number, alias or `latest`.
    async fn version(&self, name: &str, which: &str) -> Result<VersionView, Error> {
        let (_, version) = self.known(models::find(&self.registry, name, which).await).await?;
        Ok(VersionView::from(&version))
    }
}
