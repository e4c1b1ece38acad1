//! The alias `champion`: which version of each model is in production, also after a rollback or by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use mlflow::Mirror;
use registry::Registry;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use super::tracker::Error;

/// Has the alias follow the registry.
pub(super) struct Champions {
    mirror: Mirror,
    registry: Registry,
    every: Duration,
    /// The version in production of each model, as MLflow was last told; or looked for in vain.
    settled: BTreeMap<String, u32>,
}

impl Champions {
    pub(super) fn new(mirror: Mirror, registry: Registry, every: Duration) -> Self {
        Self { mirror, registry, every, settled: BTreeMap::new() }
    }

    /// Looks now and then, and whenever a version of a model was told.
    pub(super) async fn follow(mut self, mut told: mpsc::Receiver<String>) {
        let mut ticks = tokio::time::interval(self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                Some(model) = told.recv() => {
                    self.settled.remove(&model);
                }
            }
            match self.update_aliases().await {
                Ok(()) => failing = false,
                Err(error) => {
                    if !failing {
                        let error = contracts::failures::with_causes(&error);
                        tracing::warn!(
                            error,
                            "MLflow cannot be told which versions are in production; it is tried again"
                        );
                    }
                    failing = true;
                }
            }
        }
    }

    async fn update_aliases(&mut self) -> Result<(), Error> {
        for name in self.registry.endpoints().await? {
            let Some(model) = self.registry.model(&name).await? else { continue };
            let version = model.production_version;
            if self.settled.get(&name) == Some(&version) {
                continue;
            }
            if !self.mirror.point_champion(&name, version).await? {
                tracing::debug!(
                    model = name,
                    version,
                    "MLflow does not know the version in production yet"
                );
            }
            // Of one that is not there yet it is heard when it is.
            self.settled.insert(name, version);
        }
        Ok(())
    }
}
