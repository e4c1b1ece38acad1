//! Artifacts that nothing names any more are counted, or removed, again and again.
//!
//! No run waits for it, and what is removed was named by nothing at two looks; the crate [`retention`] has the rules.

use std::time::{Duration, SystemTime};

use artifacts::ArtifactStore;
use bus::Bus;
use contracts::failures;
use process::CancellationToken;
use retention::{Error, Plan, Removal};

use crate::config::{RetentionConfig, RetentionMode};
use crate::telemetry;

/// Longest time from the start to the first look: long enough that a process that is started again and again does not look each time.
const FIRST_LOOK: Duration = Duration::from_secs(5 * 60);
/// Time between the two looks before something is removed.
const BETWEEN: Duration = Duration::from_secs(30);

/// Looks again and again until `shutdown`, where it is not switched off.
pub(crate) async fn run(
    bus: Bus,
    store: ArtifactStore,
    config: RetentionConfig,
    shutdown: CancellationToken,
) {
    if config.mode == RetentionMode::Off {
        return;
    }
    let mut wait = FIRST_LOOK.min(config.every());
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = config.every();
        let found = tokio::select! {
            () = shutdown.cancelled() => return,
            found = look(&bus, &store, &config, BETWEEN) => found,
        };
        tell(config.mode, found);
    }
}

/// What nothing names, which is removed where the configuration says so: then the artifacts that were removed.
async fn look(
    bus: &Bus,
    store: &ArtifactStore,
    config: &RetentionConfig,
    between: Duration,
) -> Result<Plan, Error> {
    let policy = config.policy();
    let plan = retention::plan(bus, store, policy, SystemTime::now()).await?;
    if config.mode != RetentionMode::Remove || plan.collected.is_empty() {
        return Ok(plan);
    }
    let removal = Removal { by: "orchestrator", between };
    retention::apply(bus, store, policy, &plan, removal).await
}

fn tell(mode: RetentionMode, found: Result<Plan, Error>) {
    match found {
        Ok(plan) => {
            let (artifacts, bytes) = (plan.collected.len(), plan.bytes);
            match mode {
                RetentionMode::Remove => {
                    telemetry::artifacts_removed(artifacts, bytes);
                    tracing::info!(artifacts, bytes, "artifacts that nothing named were removed");
                }
                RetentionMode::Off | RetentionMode::Report => {
                    telemetry::artifacts_unnamed(artifacts, bytes);
                    tracing::info!(artifacts, bytes, "artifacts that nothing names were counted");
                }
            }
        }
        Err(Error::UnderWay) => {
            telemetry::artifacts_not_collected("under_way");
            tracing::info!("another collection removes artifacts; the next look is the next one");
        }
        Err(error) => {
            telemetry::artifacts_not_collected("failed");
            tracing::warn!(
                error = failures::with_causes(&error),
                "artifacts could not be collected; it is tried again at the next look"
            );
        }
    }
}

#[cfg(test)]
mod tests;
