//! What can go wrong, and what becomes of the run then.

use agent_runtime::{Classify, Disposition};
use contracts::failures;

/// Why a monitor was not registered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The handoff lacks what is needed.
    #[error("the handoff lacks what is needed")]
    Contract(#[from] contracts::ContractError),
    /// The registry failed.
    #[error("the registry failed")]
    Registry(#[from] registry::Error),
    /// The reference profile could not be fetched.
    #[error("the reference profile could not be fetched")]
    Artifact(#[from] artifacts::Error),
    /// The reference profile is not one.
    #[error("the reference profile {sha256} is not a profile")]
    Profile {
        /// Its digest.
        sha256: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl Classify for Error {
    fn disposition(&self) -> Disposition {
        let fail =
            |code: &str| Disposition::Fail(failures::failure(code, failures::with_causes(self)));
        match self {
            Self::Contract(_) => Disposition::Reject,
            Self::Registry(error) if error.is_transient() => Disposition::Retry,
            Self::Registry(_) => fail("registry_refused"),
            Self::Artifact(error) if error.is_transient() => Disposition::Retry,
            Self::Artifact(error) => fail(error.code()),
            // The message of a JSON error could hold a value of the profile.
            Self::Profile { .. } => {
                Disposition::Fail(failures::failure("profile_invalid", self.to_string()))
            }
        }
    }
}
