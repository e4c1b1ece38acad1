//! Roles and rights.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a caller is let do; each role has the rights of those before it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CallerRole")]
pub enum Role {
    /// Reads runs, models, endpoints and monitoring.
    Viewer,
    /// Begins runs and ends its own, predicts, tells outcomes, describes models.
    DataScientist,
    /// Changes what answers, and answers alerts and retrainings.
    MlEngineer,
    /// Everything.
    Admin,
}

/// No role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no role `{0}`; expected viewer, data_scientist, ml_engineer or admin")]
pub struct ParseRoleError(String);

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Reading runs, models, endpoints, monitoring and dead letters.
    Read,
    /// Reading the metrics of a process.
    ReadMetrics,
    /// Beginning a run.
    SubmitRuns,
    /// Cancelling and retrying runs that the caller began.
    ChangeOwnRuns,
    /// Asking for predictions and explanations.
    Predict,
    /// Telling outcomes of predictions.
    TellOutcomes,
    /// Tags, notes and descriptions of models and versions.
    DescribeModels,
    /// Cancelling and retrying the runs of others.
    ChangeAnyRun,
    /// Stages and aliases of versions.
    ChangeModels,
    /// Promoting, splitting and rolling back what answers.
    ChangeEndpoints,
    /// Acknowledging and resolving alerts.
    AnswerAlerts,
    /// Approving and declining retrainings.
    AnswerRetrainings,
    /// Putting dead letters back to work.
    ReplayDeadLetters,
    /// What no other right is for.
    Administer,
}

impl Role {
    /// All roles, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::DataScientist, Self::MlEngineer, Self::Admin];

    /// Its name in files, commands and documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::DataScientist => "data_scientist",
            Self::MlEngineer => "ml_engineer",
            Self::Admin => "admin",
        }
    }

    /// Whether it has a right.
    #[must_use]
    pub fn has(self, right: Right) -> bool {
        self >= right.least_role()
    }

    /// Its rights.
    #[must_use]
    pub fn rights(self) -> Vec<Right> {
        Right::ALL.into_iter().filter(|right| self.has(*right)).collect()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = ParseRoleError;

    fn from_str(text: &str) -> Result<Self, ParseRoleError> {
        let named = Self::ALL.into_iter().find(|role| role.as_str() == text);
        named.ok_or_else(|| ParseRoleError(text.to_owned()))
    }
}

impl Right {
    /// All rights, those of the least role first.
    pub const ALL: [Self; 14] = [
        Self::Read,
        Self::ReadMetrics,
        Self::SubmitRuns,
        Self::ChangeOwnRuns,
        Self::Predict,
        Self::TellOutcomes,
        Self::DescribeModels,
        Self::ChangeAnyRun,
        Self::ChangeModels,
        Self::ChangeEndpoints,
        Self::AnswerAlerts,
        Self::AnswerRetrainings,
        Self::ReplayDeadLetters,
        Self::Administer,
    ];

    /// Its name in answers and documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadMetrics => "read_metrics",
            Self::SubmitRuns => "submit_runs",
            Self::ChangeOwnRuns => "change_own_runs",
            Self::Predict => "predict",
            Self::TellOutcomes => "tell_outcomes",
            Self::DescribeModels => "describe_models",
            Self::ChangeAnyRun => "change_any_run",
            Self::ChangeModels => "change_models",
            Self::ChangeEndpoints => "change_endpoints",
            Self::AnswerAlerts => "answer_alerts",
            Self::AnswerRetrainings => "answer_retrainings",
            Self::ReplayDeadLetters => "replay_dead_letters",
            Self::Administer => "administer",
        }
    }

    /// The least role that has it.
    #[must_use]
    pub const fn least_role(self) -> Role {
        match self {
            Self::Read | Self::ReadMetrics => Role::Viewer,
            Self::SubmitRuns
            | Self::ChangeOwnRuns
            | Self::Predict
            | Self::TellOutcomes
            | Self::DescribeModels => Role::DataScientist,
            Self::ChangeAnyRun
            | Self::ChangeModels
            | Self::ChangeEndpoints
            | Self::AnswerAlerts
            | Self::AnswerRetrainings
            | Self::ReplayDeadLetters => Role::MlEngineer,
            Self::Administer => Role::Admin,
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_the_rights_of_those_before_it() {
        let of = |role: Role| role.rights().iter().map(|right| right.as_str()).collect::<Vec<_>>();
        assert_eq!(of(Role::Viewer), ["read", "read_metrics"]);
        assert_eq!(of(Role::DataScientist).len(), 7);
        assert_eq!(of(Role::MlEngineer).len(), 13);
        assert_eq!(of(Role::Admin).len(), Right::ALL.len());
        assert!(!Role::DataScientist.has(Right::ChangeEndpoints));
        assert!(!Role::MlEngineer.has(Right::Administer));
    }

    #[test]
    fn roles_are_read_by_their_names_alone() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert!("Admin".parse::<Role>().is_err() && "root".parse::<Role>().is_err());
    }
}
