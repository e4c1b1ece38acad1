//! The subjects on which messages travel, made and read in this one place.

use crate::names::END;
use crate::{Agent, ContractError, Lane, RunId, is_name};

/// Where a request is published.
pub const REQUEST: &str = "tier0.v1.request";
/// All handoffs, by lane.
pub const ALL_HANDOFFS: [&str; 3] =
    ["tier0.v1.handoff.>", "tier0.v1.handoff-high.>", "tier0.v1.handoff-low.>"];
/// Subjects of the results of all runs.
pub const ALL_RESULTS: &str = "tier0.v1.result.>";
/// Subjects of the stage events of all runs.
pub const ALL_EVENTS: &str = "tier0.v1.event.>";
/// Subjects of the dead letters of all agents.
pub const ALL_DEAD_LETTERS: &str = "tier0.v1.dead.>";
/// Subjects of the prediction events of all endpoints.
pub const ALL_PREDICTIONS: &str = "tier0.v1.prediction.>";
/// All outcomes of predictions.
pub const ALL_FEEDBACK: &str = "tier0.v1.feedback.>";
/// All parts of fits that searches keep.
pub const ALL_FITS: &str = "tier0.v1.fit.>";
/// Where searches that have fits to share are told; kept by no stream.
pub const SEARCH_OFFERS: &str = "tier0.v1.search.offer";
/// Subjects of all alerts.
pub const ALL_ALERTS: &str = "tier0.v1.alert.>";
/// Alerts about the data of runs.
pub const ALL_RUN_ALERTS: &str = "tier0.v1.alert.run.>";
/// OpenLineage events, as JSON.
pub const LINEAGE: &str = "tier0.v1.lineage";
/// All entries of the ledger of changes.
pub const ALL_AUDIT: &str = "tier0.v1.audit.>";

/// What became of requests, for the process that holds their reply subjects; no stream keeps it.
pub const ALL_ACCEPTED: &str = "tier0.v1.accepted.*";

/// What troubles processes now, such as a broker without room; told to who listens, kept by no stream.
pub const ALL_TROUBLE: &str = "tier0.v1.trouble.>";

const PREFIX: &str = "tier0.v1.";
/// Stands where the run could not be told; no run id is this.
pub(crate) const NO_RUN: &str = "-";

/// The handoff to `agent` in the normal lane.
#[must_use]
pub fn handoff(agent: Agent, run: &RunId, epoch: u32) -> String {
    handoff_in(Lane::Normal, agent, run, epoch)
}

/// The handoff to `agent`.
#[must_use]
pub fn handoff_in(lane: Lane, agent: Agent, run: &RunId, epoch: u32) -> String {
    format!("{PREFIX}{}.{agent}.{run}.{epoch}", lane.kind())
}

/// All handoffs to `agent` in a lane.
#[must_use]
pub fn handoffs_to(agent: Agent, lane: Lane) -> String {
    format!("{PREFIX}{}.{agent}.>", lane.kind())
}

/// The handoffs to `agent` of a run, in every epoch, whatever its lane.
#[must_use]
pub fn handoffs_of(agent: Agent, run: &RunId) -> String {
    format!("{PREFIX}*.{agent}.{run}.*")
}

/// What may follow a handoff to `agent` in a run's epoch, as the subjects of each recipient: the handoffs, in whichever lane, to the
/// agents after it, and the result.
#[must_use]
pub fn following(agent: Agent, run: &RunId, epoch: u32) -> Vec<String> {
    recipients_after(agent).map(|to| format!("{PREFIX}*.{to}.{run}.{epoch}")).collect()
}

/// The subjects of [`following`], of all runs.
#[must_use]
pub fn all_following(agent: Agent) -> Vec<String> {
    recipients_after(agent).map(|to| format!("{PREFIX}*.{to}.*.*")).collect()
}

fn recipients_after(agent: Agent) -> impl Iterator<Item = &'static str> {
    agent.successors().into_iter().map(Agent::as_str).chain([END])
}

/// The last handoff of a run: exactly one per run and epoch.
#[must_use]
pub fn result(run: &RunId, epoch: u32) -> String {
    format!("{PREFIX}result.{END}.{run}.{epoch}")
}

/// The results of a run, in every epoch.
#[must_use]
pub fn results_of(run: &RunId) -> String {
    format!("{PREFIX}result.{END}.{run}.*")
}

/// The chain of a run's epoch: every handoff and the result, and nothing else.
///
/// A message of it is published on the condition that the one it answers is still the last, so each has one successor.
#[must_use]
pub fn chain(run: &RunId, epoch: u32) -> String {
    format!("{PREFIX}*.*.{run}.{epoch}")
}

/// The chains of a run, in every epoch.
#[must_use]
pub fn chains(run: &RunId) -> String {
    format!("{PREFIX}*.*.{run}.*")
}

/// What happened in a stage of a run.
#[must_use]
pub fn event(run: &RunId, agent: Agent) -> String {
    format!("{PREFIX}event.{agent}.{run}")
}

/// What happened in the stages of a run.
#[must_use]
pub fn events_of(run: &RunId) -> String {
    format!("{PREFIX}event.*.{run}")
}

/// What happened in a stage, of all runs.
#[must_use]
pub fn events_in(agent: Agent) -> String {
    format!("{PREFIX}event.{agent}.*")
}

/// All messages that `agent` put aside.
#[must_use]
pub fn dead_letters_of(agent: Agent) -> String {
    format!("{PREFIX}dead.{agent}.*")
}

/// A message that `agent` put aside; `run` where it could be told.
#[must_use]
pub fn dead_letter(agent: Agent, run: Option<&RunId>) -> String {
    format!("{PREFIX}dead.{agent}.{}", run.map_or(NO_RUN, RunId::as_str))
}

/// What became of the request with this fingerprint (hexadecimal).
#[must_use]
pub fn accepted(fingerprint: &str) -> String {
    format!("{PREFIX}accepted.{fingerprint}")
}

/// What troubles the process of this name now.
#[must_use]
pub fn trouble(process: &str) -> String {
    format!("{PREFIX}trouble.{}", crate::names::token(process))
}

/// Where fits of a search are asked for; `search` is a token.
#[must_use]
pub fn take_fit(search: &str) -> String {
    format!("{PREFIX}search.{search}.take")
}

/// Where fits of every search are asked for.
pub const ALL_TAKE_FIT: &str = "tier0.v1.search.*.take";
/// All that is given to searches.
pub const ALL_GIVEN_FITS: &str = "tier0.v1.search.*.give.>";

/// Where a trainer of this name gives a part of a fit of a search, as [`FitPart`] names it.
#[must_use]
pub fn give_fit(search: &str, trainer: &str, part: &FitPart) -> String {
    format!("{PREFIX}search.{search}.give.{}.{}", crate::names::token(trainer), part.tokens())
}

/// All that is given to a search.
#[must_use]
pub fn given_fits(search: &str) -> String {
    format!("{PREFIX}search.{search}.give.>")
}

/// Where a part of a fit is kept; `digest` is that of the search.
#[must_use]
pub fn kept_fit(digest: &str, part: &FitPart) -> String {
    format!("{PREFIX}fit.{digest}.{}", part.tokens())
}

/// All fits that are kept of a search.
#[must_use]
pub fn kept_fits(digest: &str) -> String {
    format!("{PREFIX}fit.{digest}.>")
}

/// A part of a fit: fits are larger than messages may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FitPart {
    /// Number of the trial.
    pub trial: u32,
    /// Number of the fold that was held out.
    pub fold: u32,
    /// Which part, from 0.
    pub part: u32,
    /// Number of parts of the fit.
    pub parts: u32,
}

impl FitPart {
    fn tokens(&self) -> String {
        let Self { trial, fold, part, parts } = self;
        format!("{trial}.{fold}.{part}.{parts}")
    }

    /// The part that the last tokens of a subject name; none where they name none.
    #[must_use]
    pub fn of_subject(subject: &str) -> Option<Self> {
        let mut tokens = subject.rsplitn(5, '.').map(str::parse::<u32>);
        let mut next = || tokens.next()?.ok();
        let (parts, part, fold, trial) = (next()?, next()?, next()?, next()?);
        (part < parts).then_some(Self { trial, fold, part, parts })
    }
}

/// What an endpoint answered.
///
/// # Errors
/// [`ContractError::Endpoint`] where the name is not one token of letters, digits, `-` and `_`.
pub fn prediction(endpoint: &str) -> Result<String, ContractError> {
    of_endpoint("prediction", endpoint)
}

/// Outcomes of what an endpoint answered.
///
/// # Errors
/// As [`prediction`].
pub fn feedback(endpoint: &str) -> Result<String, ContractError> {
    of_endpoint("feedback", endpoint)
}

/// What is wrong with an endpoint.
///
/// # Errors
/// As [`prediction`].
pub fn alert(endpoint: &str) -> Result<String, ContractError> {
    of_endpoint("alert", endpoint)
}

/// What is wrong with the data of a run whose model is called so. Agents that say so may publish here alone, so that their word
/// brings no version down.
///
/// # Errors
/// As [`prediction`].
pub fn run_alert(name: &str) -> Result<String, ContractError> {
    of_endpoint("alert.run", name)
}

fn of_endpoint(kind: &str, endpoint: &str) -> Result<String, ContractError> {
    if is_name(endpoint) {
        Ok(format!("{PREFIX}{kind}.{endpoint}"))
    } else {
        Err(ContractError::Endpoint { found: crate::error::excerpt(endpoint) })
    }
}

/// The ledger's entry of a revision of a version's record. Each entry has a subject of its own, so that the broker keeps it from being written twice.
#[must_use]
pub fn audit_of_version(model: &str, version: u32, revision: u64) -> String {
    format!("{PREFIX}audit.model.{model}.{version}.{revision}")
}

/// The ledger's entry of a revision of a model's own record.
#[must_use]
pub fn audit_of_model(model: &str, revision: u64) -> String {
    format!("{PREFIX}audit.model.{model}.model.{revision}")
}

/// The ledger's entry of a revision of a deployment record.
#[must_use]
pub fn audit_of_endpoint(endpoint: &str, revision: u64) -> String {
    format!("{PREFIX}audit.endpoint.{endpoint}.record.{revision}")
}

/// The ledger's entries of a model and its versions.
#[must_use]
pub fn audits_of_model(model: &str) -> String {
    format!("{PREFIX}audit.model.{model}.>")
}

/// The ledger's entries of a model's own record: who was in production, and the aliases.
#[must_use]
pub fn audits_of_model_record(model: &str) -> String {
    format!("{PREFIX}audit.model.{model}.model.*")
}

/// The ledger's entries of one version.
#[must_use]
pub fn audits_of_version(model: &str, version: u32) -> String {
    format!("{PREFIX}audit.model.{model}.{version}.*")
}

/// The ledger's entries of an endpoint.
#[must_use]
pub fn audits_of_endpoint(endpoint: &str) -> String {
    format!("{PREFIX}audit.endpoint.{endpoint}.>")
}

/// Subject of the ledger's entry about removed artifacts that has this number.
#[must_use]
pub fn audit_of_artifacts(number: u64) -> String {
    format!("{PREFIX}audit.artifacts.store.collected.{number}")
}

/// All entries of the ledger about models and their versions.
pub const ALL_MODEL_AUDITS: &str = "tier0.v1.audit.model.>";

/// All entries of the ledger about removed artifacts.
pub const ALL_ARTIFACT_AUDITS: &str = "tier0.v1.audit.artifacts.>";

/// The ledger's entries of all endpoints.
pub const ALL_ENDPOINT_AUDITS: &str = "tier0.v1.audit.endpoint.>";

/// A NATS subject, parsed into its kind and its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Subject of requests.
    Request,
    /// Subject of a handoff.
    Handoff {
        /// Lane that the handoff takes.
        lane: Lane,
        /// The agent that it is for.
        agent: Agent,
        /// Identifier of the run.
        run: RunId,
        /// Epoch of the run, from 0.
        epoch: u32,
    },
    /// Subject of a run's result.
    Result {
        /// Identifier of the run.
        run: RunId,
        /// Epoch of the run, from 0.
        epoch: u32,
    },
    /// Subject of a stage event.
    Event {
        /// Agent that publishes on the subject.
        agent: Agent,
        /// Identifier of the run.
        run: RunId,
    },
    /// Subject of a dead letter.
    DeadLetter {
        /// The agent that put it aside.
        agent: Agent,
        /// The run, where it could be told.
        run: Option<RunId>,
    },
    /// Subject of an endpoint's prediction events.
    Prediction {
        /// Name of the endpoint.
        endpoint: String,
    },
}

impl Subject {
    /// Reads a subject that this module's functions made.
    ///
    /// # Errors
    /// [`ContractError::Subject`] for any other.
    pub fn parse(subject: &str) -> Result<Self, ContractError> {
        Self::read(subject)
            .ok_or_else(|| ContractError::Subject { found: crate::error::excerpt(subject) })
    }

    fn read(subject: &str) -> Option<Self> {
        let mut tokens = subject.strip_prefix(PREFIX)?.split('.');
        let kind = tokens.next()?;
        let read = match kind {
            "request" => Self::Request,
            "result" => {
                (tokens.next()? == END).then_some(())?;
                Self::Result { run: tokens.next()?.parse().ok()?, epoch: epoch(tokens.next()?)? }
            }
            "event" => Self::Event {
                agent: tokens.next()?.parse().ok()?,
                run: tokens.next()?.parse().ok()?,
            },
            "dead" => Self::DeadLetter {
                agent: tokens.next()?.parse().ok()?,
                run: match tokens.next()? {
                    NO_RUN => None,
                    run => Some(run.parse().ok()?),
                },
            },
            "prediction" => {
                let endpoint = tokens.next()?;
                Self::Prediction { endpoint: is_name(endpoint).then(|| endpoint.to_owned())? }
            }
            kind => Self::Handoff {
                lane: Lane::ALL.into_iter().find(|lane| lane.kind() == kind)?,
                agent: tokens.next()?.parse().ok()?,
                run: tokens.next()?.parse().ok()?,
                epoch: epoch(tokens.next()?)?,
            },
        };
        tokens.next().is_none().then_some(read)
    }

    /// The run that the subject names.
    #[must_use]
    pub fn run(&self) -> Option<&RunId> {
        match self {
            Self::Request | Self::Prediction { .. } => None,
            Self::Handoff { run, .. } | Self::Result { run, .. } | Self::Event { run, .. } => {
                Some(run)
            }
            Self::DeadLetter { run, .. } => run.as_ref(),
        }
    }
}

/// Only the form that is written: no sign, no leading zero.
fn epoch(token: &str) -> Option<u32> {
    let epoch: u32 = token.parse().ok()?;
    (epoch.to_string() == token).then_some(epoch)
}
