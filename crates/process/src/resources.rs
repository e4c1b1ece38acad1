//! What a process has at hand.

use std::fmt;
use std::sync::Arc;

use artifacts::ArtifactStore;
use auth::Authority;
use bus::Bus;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::{CommonConfig, Cpu};

/// What a process has at hand; cheap to clone.
#[derive(Clone)]
pub struct Resources {
    /// Connection to the broker; clones share it.
    pub bus: Bus,
    /// Artifact store that the configuration names.
    pub artifacts: ArtifactStore,
    /// The process's name: an agent's or a service's.
    pub name: &'static str,
    /// This process among its like.
    pub replica: Arc<str>,
    /// Threads for CPU-bound work.
    pub cpu: Cpu,
    /// Configuration that all processes have in common, as it was loaded.
    pub common: Arc<CommonConfig>,
    /// What `/metrics` shows, for listeners of a service's own.
    pub metrics: PrometheusHandle,
    /// What the process knows of callers, for guards of a service's own listeners.
    pub authority: Arc<Authority>,
}

impl Resources {
    /// The resources of a stage that runs inside another process. Nothing is shown by its metrics: what is counted goes to the recorder of the
    /// process, where it has one.
    pub fn in_process(
        bus: Bus,
        artifacts: ArtifactStore,
        name: &'static str,
        replica: &str,
        common: CommonConfig,
    ) -> Self {
        Self {
            bus,
            artifacts,
            name,
            replica: replica.into(),
            cpu: Cpu::new(common.stage.cpu_tasks),
            common: Arc::new(common),
            metrics: PrometheusBuilder::new().build_recorder().handle(),
            authority: Arc::new(Authority::none()),
        }
    }
}

impl fmt::Debug for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resources")
            .field("name", &self.name)
            .field("replica", &self.replica)
            .finish_non_exhaustive()
    }
}
