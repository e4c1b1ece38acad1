//! What a process brings to the frame.

use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::{CheckConfig, Readiness, Resources, StartError};

/// A process: the model server, the orchestrator, and each agent through the crate `stage`.
pub trait Service: Sized + Send + Sync + 'static {
    /// Its name, as in configuration (`TIER0_<NAME>__…`) and binaries.
    const NAME: &'static str;
    /// What can be configured besides [`crate::CommonConfig`]; its keys stand beside the common ones.
    type Config: Default
        + Clone
        + Serialize
        + DeserializeOwned
        + Send
        + Sync
        + CheckConfig
        + 'static;

    /// One line of help.
    fn about() -> String;

    /// Runs until `shutdown`, then ends what is open. Calls [`Readiness::ready`] when it can serve.
    fn run(
        config: Self::Config,
        resources: Resources,
        shutdown: CancellationToken,
        ready: Readiness,
    ) -> impl Future<Output = Result<(), StartError>> + Send;
}
