//! The handling of one handoff: look up, examine, decide.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use artifacts::media_type;
use contracts::messages::HandoffStatus;
use contracts::stages::ScopeRequest;
use contracts::{Agent, ValidHandoff};
use dataset::{Access, Location};
use process::{CancellationToken, Resources, StartError};
use stage::{Stage, StageContext, StageResult};
use tabular::parse::MissingMarkers;

use crate::Config;
use crate::catalogue::CatalogueFile;
use crate::define::{TableFindings, define};
use crate::error::Error;
use crate::intake;
use crate::learning;
use crate::task::Task;

/// State that all handoffs of the agent share.
#[derive(Debug)]
pub struct ScopeDefiner {
    config: Config,
    access: Access,
    catalogue: Arc<CatalogueFile>,
    /// Made before the process is ready, so that every caller who waits for that gets an answer.
    subscriptions: Mutex<Option<intake::Subscriptions>>,
}

impl Stage for ScopeDefiner {
    const AGENT: Agent = Agent::ScopeDefiner;
    /// A request whose store does not answer holds up no other one.
    const IN_FLIGHT: usize = 4;
    type Config = Config;
    type Error = Error;

    async fn new(config: Config, resources: &Resources) -> Result<Self, StartError> {
        let access = config
            .data
            .access()
            .map_err(|error| StartError::new("the places of tables are not understood", error))?;
        if config.data.allowed_roots.is_empty() {
            tracing::warn!("no place of files is allowed; set data.allowed_roots");
        }
        let catalogue = Arc::new(CatalogueFile::new(config.catalogue.clone()));
        if let Err(error) = catalogue.current() {
            // It may be put right while the agent runs; structured requests work without it.
            tracing::warn!(
                error = contracts::failures::with_causes(&error),
                "the catalogue can't be used yet"
            );
        }
        let subscriptions = match intake::Subscriptions::open(&resources.bus).await {
            Ok(subscriptions) => Some(subscriptions),
            Err(error) if error.is_transient() => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { config, access, catalogue, subscriptions: Mutex::new(subscriptions) })
    }

    async fn handle(&self, input: &ValidHandoff, cx: &StageContext) -> Result<StageResult, Error> {
        let request = ScopeRequest::try_from(input.request().clone())?;
        let needs_catalogue = request.data_uri.trim().is_empty();
        let catalogue = if needs_catalogue {
            let file = Arc::clone(&self.catalogue);
            cx.blocking(move || file.current()).await??
        } else {
            Arc::default()
        };
        let task = Task::new(&request, &catalogue)?;
        cx.progress(0.1, "looking at the target");
        let found = self.examine(&task, cx).await?;
        cx.progress(0.9, "deciding");
        let (scope, warnings) = define(&task, &found, cx.run_id.as_str(), &self.config.defaults)?;
        tracing::info!(name = scope.name, problem = scope.problem_type_evidence, "scope defined");
        let status =
            if warnings.is_empty() { HandoffStatus::Success } else { HandoffStatus::Partial };
        Ok(StageResult::new(scope, status).with_warnings(warnings))
    }

    async fn background(
        &self,
        resources: &Resources,
        shutdown: CancellationToken,
    ) -> Result<(), StartError> {
        let subscriptions =
            self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner).take();
        intake::run(&self.config, &self.access, resources, subscriptions, shutdown).await
    }
}

impl ScopeDefiner {
    async fn examine(&self, task: &Task<'_>, cx: &StageContext) -> Result<TableFindings, Error> {
        let location = Location::parse(task.uri())?;
        let artifacts = &cx.artifacts;
        let fetch = |sha256: String, bytes, file: PathBuf| async move {
            let table = artifacts.reference(&sha256, bytes, media_type::UNKNOWN);
            Ok::<_, Error>(artifacts.get_to_file(&table, &file).await?)
        };
        let source = dataset::open(&location, &self.access, task.stated(), fetch).await?;
        let markers = MissingMarkers::with(&task.missing_markers());
        let mut names: Vec<String> = vec![task.target().to_owned()];
        let options = learning::examined(task);
        let population = task.population_columns().iter().map(String::as_str);
        for column in population.chain(options.iter().map(|(_, column)| *column)) {
            if !names.iter().any(|known| known == column) {
                names.push(column.to_owned());
            }
        }
        let examined = cx.blocking(move || {
            let format = source.format()?;
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let examination = source.examine(&names, &markers)?;
            Ok::<_, dataset::Error>(TableFindings { format, examination })
        });
        examined.await?.map_err(|error| match error {
            dataset::Error::NoSuchColumn { column, nearest } if column != task.target() => {
                match options.iter().find(|(_, named)| *named == column) {
                    Some((option, _)) => learning::missing(option, &column, nearest).into(),
                    None => dataset::Error::NoSuchColumn { column, nearest }.into(),
                }
            }
            error => error.into(),
        })
    }
}
