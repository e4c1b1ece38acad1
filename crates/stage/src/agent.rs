//! A stage as a process of its own, or inside another one.

use std::marker::PhantomData;
use std::process::ExitCode;

use process::{CancellationToken, Readiness, Resources, Service, StartError};

use crate::{Stage, worker};

/// Runs the process of an agent, from its command line to its exit code.
pub fn main<S: Stage>() -> ExitCode {
    process::main::<Agent<S>>()
}

/// Runs a stage inside a process that is framed by something else, such as a measurement, until `shutdown`: the same loop,
/// with the same settlement, as in the process of an agent.
///
/// # Errors
/// Where a consumer or a bucket is missing, or the background work of the stage fails.
pub async fn run_stage<S: Stage>(
    stage: S,
    resources: Resources,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    worker::run(Box::new(stage), Vec::new(), resources, Readiness::default(), shutdown).await
}

/// A stage as the frame takes it.
struct Agent<S>(PhantomData<S>);

impl<S: Stage> Service for Agent<S> {
    const NAME: &'static str = S::AGENT.as_str();
    type Config = S::Config;

    fn about() -> String {
        let name = Self::NAME;
        format!("The {name} of tier0: takes handoffs from the broker, does its stage, hands on")
    }

    async fn run(
        config: S::Config,
        resources: Resources,
        shutdown: CancellationToken,
        ready: Readiness,
    ) -> Result<(), StartError> {
        let configuration = serde_json::to_vec(&config)
            .map_err(|error| StartError::new("cannot encode the configuration", error))?;
        let stage = S::new(config, &resources).await?;
        worker::run(Box::new(stage), configuration, resources, ready, shutdown).await
    }
}
