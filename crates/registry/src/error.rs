//! What can go wrong with the registry.

use contracts::v1::ModelStage;

use crate::holders::AnsweringEndpoint;
use crate::search::QueryError;
use crate::stages::{legal_from_text, stage_name};

/// Why the registry refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The broker refused, or could not be reached.
    #[error("the registry's store failed")]
    Bus(#[from] bus::Error),
    /// What was to be written breaks the contract.
    #[error("the record breaks the contract")]
    Contract(#[from] contracts::ContractError),
    /// What is stored cannot be read or breaks the contract.
    #[error("the record `{key}` in {bucket} is damaged")]
    Damaged {
        /// The bucket or stream.
        bucket: String,
        /// Key of the record in its bucket.
        key: String,
        /// Error of the contract, which names the field.
        #[source]
        source: contracts::ContractError,
    },
    /// The registry has no model of this name.
    #[error("there is no model `{model}`")]
    UnknownModel {
        /// Name of the registered model.
        model: String,
    },
    /// The model has no version of this number.
    #[error("model `{model}` has no version {version}")]
    UnknownVersion {
        /// Name of the registered model.
        model: String,
        /// Number of the version, from 1.
        version: u32,
    },
    /// No such alert, or another one in its place.
    #[error("there is no alert `{alert_id}`; `tier0 alerts list` names those that there are")]
    UnknownAlert {
        /// Identifier of the alert.
        alert_id: String,
    },
    /// The alert is over already.
    #[error("alert `{alert_id}` is resolved already")]
    AlertOver {
        /// Identifier of the alert.
        alert_id: String,
    },
    /// The model has no alias of this name.
    #[error("model `{model}` has no alias `{alias}`{}", known_text(.known))]
    UnknownAlias {
        /// Name of the registered model.
        model: String,
        /// Name of the alias.
        alias: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// A name that an alias cannot have.
    #[error("`{alias}` cannot be an alias; expected {expected}")]
    AliasName {
        /// Name of the alias that was asked for.
        alias: String,
        /// What would be right.
        expected: &'static str,
    },
    /// The alias names something else by now.
    #[error("alias `{alias}` of `{model}` names {}, not {}", version_text(*.found), version_text(*.expected))]
    AliasMoved {
        /// Name of the registered model.
        model: String,
        /// Name of the alias.
        alias: String,
        /// The version that it names; 0 for none.
        found: u32,
        /// The version that it was to name; 0 for none.
        expected: u32,
    },
    /// The deployment record has moved on since its author saw it.
    #[error(
        "the record of endpoint `{endpoint}` is at revision {found}, not {expected}; read it again"
    )]
    RecordMoved {
        /// Name of the endpoint.
        endpoint: String,
        /// Revision of the record; 0 where there is none.
        found: u64,
        /// The revision that it was to have.
        expected: u64,
    },
    /// A step that a version may not take.
    #[error(
        "version {version} of `{model}` cannot go from {from} to {to}: legal are {legal}",
        from = stage_name(*from),
        to = stage_name(*to),
        legal = legal_from_text(*from)
    )]
    IllegalTransition {
        /// Name of the registered model.
        model: String,
        /// Number of the version, from 1.
        version: u32,
        /// Registry stage of the version.
        from: ModelStage,
        /// Where it was to go.
        to: ModelStage,
    },
    /// A version that answers cannot be put away.
    #[error(
        "version {version} of `{model}` is held by {}: let another version answer there first",
        endpoints_text(.endpoints)
    )]
    Answers {
        /// Name of the registered model.
        model: String,
        /// Number of the version, from 1.
        version: u32,
        /// The endpoints at which it answers, is checked or takes part in the routing.
        endpoints: Vec<String>,
    },
    /// A version that is to be in production while another answers.
    #[error(
        "version {version} of `{model}` would be in production by name only: {}; a stage moves no traffic, \
         and the version that answers would be archived. Bring this one to the traffic with \
         `tier0 endpoints promote`, or change the registry alone with --registry-only",
        others_text(.others)
    )]
    TrafficElsewhere {
        /// Name of the registered model.
        model: String,
        /// Number of the version, from 1.
        version: u32,
        /// Endpoints at which versions of the model answer.
        others: Vec<AnsweringEndpoint>,
    },
    /// A search that cannot be understood.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Others changed the record every time.
    #[error("the record `{key}` in {bucket} was changed by others at each of {attempts} attempts")]
    Contended {
        /// Name of the key-value bucket.
        bucket: String,
        /// Key of the record in its bucket.
        key: String,
        /// How often it was tried.
        attempts: u64,
    },
}

impl Error {
    /// Whether the same call may succeed later without any change by a person.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Bus(_) | Self::Contended { .. })
    }

    /// Whether what was asked for is wrong, rather than something having failed.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        !matches!(self, Self::Bus(_) | Self::Contended { .. } | Self::Damaged { .. })
    }

    /// Stable identifier of the error in snake_case, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Bus(_) => "broker",
            Self::Contract(_) => "invalid_request",
            Self::Damaged { .. } => "damaged",
            Self::UnknownModel { .. } => "model_not_found",
            Self::UnknownVersion { .. } => "version_not_found",
            Self::UnknownAlert { .. } => "alert_not_found",
            Self::AlertOver { .. } => "alert_over",
            Self::UnknownAlias { .. } => "alias_not_found",
            Self::AliasName { .. } => "invalid_alias",
            Self::AliasMoved { .. } => "alias_moved",
            Self::RecordMoved { .. } => "record_moved",
            Self::IllegalTransition { .. } => "illegal_transition",
            Self::Answers { .. } => "version_answers",
            Self::TrafficElsewhere { .. } => "traffic_elsewhere",
            Self::Query(_) => "invalid_query",
            Self::Contended { .. } => "contended",
        }
    }
}

fn known_text(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; it has {}", known.join(", ")) }
}

fn version_text(version: u32) -> String {
    if version == 0 { "no version".to_owned() } else { format!("version {version}") }
}

fn others_text(others: &[AnsweringEndpoint]) -> String {
    let texts: Vec<String> = others
        .iter()
        .map(|other| format!("version {} answers at endpoint `{}`", other.version, other.endpoint))
        .collect();
    texts.join(", ")
}

fn endpoints_text(endpoints: &[String]) -> String {
    match endpoints {
        [one] => format!("endpoint `{one}`"),
        all => format!("endpoints {}", all.join(", ")),
    }
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError<E: std::error::Error + 'static> {
    /// The registry refused or failed.
    #[error(transparent)]
    Registry(#[from] Error),
    /// The change itself decided against it, seeing the record as it is.
    #[error("the change does not fit the record as it is")]
    Refused(#[source] E),
}
