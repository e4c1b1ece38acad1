//! What can go wrong, and what becomes of the run then.

use contracts::failures;
use contracts::messages::StageTransition;
use registry::ChangeError;
use stage::{Classify, Disposition};

/// Most characters of a refusal's message that are kept.
const MAX_MESSAGE: usize = 1000;

/// Why a deployment did not come about.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The handoff lacks what is needed.
    #[error("the handoff lacks what is needed")]
    Contract(#[from] contracts::ContractError),
    /// The registry refused, or could not be reached.
    #[error("the registry failed")]
    Registry(#[from] registry::Error),
    /// The check rows could not be fetched.
    #[error("the check rows could not be fetched")]
    Artifact(#[from] artifacts::Error),
    /// Another run is deploying to the same endpoint.
    #[error("endpoint {endpoint} is being deployed to by run {run}")]
    Busy {
        /// Name of the endpoint.
        endpoint: String,
        /// Id of the run that is deploying to the endpoint.
        run: String,
    },
    /// Servers that do not follow the switch.
    #[error("these servers have not switched yet: {servers}")]
    Lagging {
        /// Identities of the servers, separated by commas.
        servers: String,
    },
    /// The run is no longer wanted, or the process ends.
    #[error("the deployment was interrupted")]
    Interrupted,
    /// A decision against the version.
    #[error(transparent)]
    Refused(#[from] DeployError),
}

/// Why a version does not go live.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeployError {
    /// No server could take it.
    #[error("no model server is alive: start one, then submit again")]
    NoModelServer,
    /// A server could not load it.
    #[error("model server {server} could not load version {version}: {reason}")]
    GreenLoadFailed {
        /// Identity of the server.
        server: String,
        /// Number of the version, from 1.
        version: u32,
        /// Reason that the server gave, in words.
        reason: String,
    },
    /// A server did not load it in time.
    #[error("version {version} was not loaded in {seconds} s by: {servers}")]
    GreenLoadTimedOut {
        /// Number of the version, from 1.
        version: u32,
        /// Time that servers had to load the version, in seconds.
        seconds: u64,
        /// Identities of the servers, separated by commas.
        servers: String,
    },
    /// The check rows are not what the trainer should have left.
    #[error("the check rows cannot be used: {problem}")]
    CheckRows {
        /// What is wrong with them.
        problem: String,
    },
    /// A server did not answer the check.
    #[error("model server {server} did not answer the check: {problem}")]
    CheckFailed {
        /// Identity of the server.
        server: String,
        /// Reason in words, repeated in the message.
        problem: String,
    },
    /// A server predicts something else than the trainer.
    #[error("model server {server} predicts something else than the trainer: {problem}")]
    CheckMismatch {
        /// Identity of the server.
        server: String,
        /// Where, and by how much.
        problem: String,
    },
    /// It would refuse the requests that the live version answers.
    #[error(
        "version {version} {demands}: callers of version {live} would be refused from the switch on; bring it by a canary, which costs them nothing, or allow it with --allow-input-changes (rollout.allowInputChanges in a request) once they send what it needs"
    )]
    InputsDiffer {
        /// Number of the version, from 1.
        version: u32,
        /// Number of the version that answers.
        live: u32,
        /// What it asks of callers that the live one does not.
        demands: String,
    },
    /// Another deployment took its place while it was being checked.
    #[error("another deployment to endpoint {endpoint} took the place of version {version}")]
    Superseded {
        /// Name of the endpoint.
        endpoint: String,
        /// Number of the version, from 1.
        version: u32,
    },
    /// Its rollout went back.
    #[error("{reason}")]
    RolledBack {
        /// Whether it was judged; else a person or an alert ended it.
        was_failed: bool,
        /// Reason in words, repeated in the message.
        reason: String,
    },
    /// It is not better than the champion.
    #[error("{reason}")]
    NotBetter {
        /// Measured difference to the champion, in words.
        reason: String,
    },
    /// Champion and challengers could not be compared.
    #[error("champion and challengers cannot be compared: {problem}")]
    Contest {
        /// Reason in words, repeated in the message.
        problem: String,
    },
    /// The plan of the rollout is none.
    #[error("step {step} of the rollout cannot be used: {source}")]
    Plan {
        /// The step, from 0.
        step: usize,
        /// What is wrong with its condition.
        source: rollout::ConditionError,
    },
    /// An earlier attempt decided against it.
    #[error("{reason}")]
    Before {
        /// The code of that decision.
        code: String,
        /// Reason of that decision, in words.
        reason: String,
    },
}

impl DeployError {
    /// Stable code in snake_case, for programs.
    pub fn code(&self) -> &str {
        match self {
            Self::NoModelServer => "no_model_server",
            Self::GreenLoadFailed { .. } => "green_load_failed",
            Self::GreenLoadTimedOut { .. } => "green_load_timed_out",
            Self::CheckRows { .. } => "check_rows_invalid",
            Self::CheckFailed { .. } => "check_failed",
            Self::CheckMismatch { .. } => "check_mismatch",
            Self::InputsDiffer { .. } => "inputs_differ",
            Self::Superseded { .. } => "superseded",
            Self::RolledBack { was_failed: true, .. } => "rollout_failed",
            Self::RolledBack { .. } => "rollout_aborted",
            Self::NotBetter { .. } => "challenger_not_better",
            Self::Contest { .. } => "comparison_failed",
            Self::Plan { .. } => "rollout_plan_invalid",
            Self::Before { code, .. } => code,
        }
    }

    /// The message as the registry keeps it beside the code, of at most 1000 characters.
    pub fn message(&self) -> String {
        self.to_string().chars().take(MAX_MESSAGE).collect()
    }

    /// As the registry kept it with the step by which the version was archived.
    pub fn from_record(step: &StageTransition) -> Self {
        let (code, reason) = if step.code.is_empty() {
            // Earlier builds kept both in one text; a person who archives a version gives no code.
            step.reason.split_once(": ").unwrap_or(("version_archived", &step.reason))
        } else {
            (step.code.as_str(), step.reason.as_str())
        };
        Self::Before { code: code.to_owned(), reason: reason.to_owned() }
    }
}

impl<E: std::error::Error> From<ChangeError<E>> for Error
where
    Self: From<E>,
{
    fn from(error: ChangeError<E>) -> Self {
        match error {
            ChangeError::Registry(error) => Self::Registry(error),
            ChangeError::Refused(error) => error.into(),
        }
    }
}

impl Classify for Error {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Contract(_) => Disposition::Reject,
            Self::Registry(error) if error.is_transient() => Disposition::Retry,
            Self::Registry(error) => fail("registry_refused", error),
            Self::Artifact(error) if error.is_transient() => Disposition::Retry,
            Self::Artifact(error) => fail(error.code(), error),
            Self::Busy { .. } | Self::Lagging { .. } | Self::Interrupted => Disposition::Retry,
            Self::Refused(refusal) => fail(refusal.code(), refusal),
        }
    }
}

fn fail(code: &str, error: &dyn std::error::Error) -> Disposition {
    Disposition::Fail(failures::failure(code, failures::with_causes(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_refusal_keeps_its_code() {
        let refusal = DeployError::CheckMismatch {
            server: "a".to_owned(),
            problem: "row 3 differs by 0.1".to_owned(),
        };
        let step = |code: &str, reason: &str| StageTransition {
            code: code.to_owned(),
            reason: reason.to_owned(),
            ..StageTransition::default()
        };
        let kept = step(refusal.code(), &refusal.message());
        let by_an_earlier_build = step("", &format!("{}: {refusal}", refusal.code()));
        for recorded in [kept, by_an_earlier_build] {
            let again = DeployError::from_record(&recorded);
            assert_eq!(again.code(), "check_mismatch");
            assert_eq!(again.to_string(), refusal.to_string());
        }
        let by_hand = DeployError::from_record(&step("", "put away by hand"));
        assert_eq!(by_hand.code(), "version_archived");
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let refusal = DeployError::CheckRows { problem: "é".repeat(2000) };
        assert_eq!(refusal.message().chars().count(), MAX_MESSAGE);
    }

    #[test]
    fn decisions_end_the_run_and_waits_do_not() {
        let refused = Error::from(DeployError::NoModelServer).disposition();
        assert!(matches!(refused, Disposition::Fail(failure) if failure.code == "no_model_server"));
        assert_eq!(Error::Interrupted.disposition(), Disposition::Retry);
    }
}
