//! The identity of finished work: a digest of all that it depends on.

use prost::Message;
use sha2::{Digest as _, Sha256};

use crate::v1::stage_output::Output;
use crate::{Agent, v1};

/// What the work of a stage depends on, beside the agent's version and its configuration.
///
/// Two lists of the same parts stand for the same work: its output may stand for that of the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies {
    parts: Vec<Vec<u8>>,
}

impl Dependencies {
    /// Dependencies without an entry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// And on these bytes.
    #[must_use]
    pub fn on(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.parts.push(bytes.as_ref().to_vec());
        self
    }

    /// And on this message.
    #[must_use]
    pub fn on_message(self, message: &impl Message) -> Self {
        self.on(message.encode_to_vec())
    }

    /// SHA-256 over the parts in their order, each with its length before it, and what was said of the agent; hexadecimal.
    #[must_use]
    pub fn digest(&self, agent: Agent, version: &str, configuration: &[u8]) -> String {
        let mut hash = Sha256::new();
        let said = [agent.as_str().as_bytes(), version.as_bytes(), configuration];
        for part in said.into_iter().chain(self.parts.iter().map(Vec::as_slice)) {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part);
        }
        hex::encode(hash.finalize())
    }
}

impl v1::Scope {
    /// The scope without what names the run and its asker's wishes for later stages: what a table's preparation and its features depend on.
    #[must_use]
    pub fn of_the_data(&self) -> Self {
        Self {
            experiment_id: String::new(),
            name: String::new(),
            problem_type_evidence: String::new(),
            metric: String::new(),
            criteria: Vec::new(),
            baseline: String::new(),
            min_lift: 0.0,
            time_budget_seconds: 0.0,
            constraints: None,
            strategy: v1::DeploymentStrategy::Unspecified.into(),
            rollout: None,
            cause: None,
            catalogue_entry: String::new(),
            prediction_horizon: String::new(),
            rows_examined: 0,
            max_trials: 0,
            keep_judged_model: false,
            loss: String::new(),
            quantile: 0.0,
            threshold: None,
            balance_classes: false,
            gate_on_baseline: false,
            ..self.clone()
        }
    }

    /// The scope without what names the run and how the model is deployed: what a search for models depends on.
    #[must_use]
    pub fn of_the_search(&self) -> Self {
        Self {
            experiment_id: String::new(),
            strategy: v1::DeploymentStrategy::Unspecified.into(),
            rollout: None,
            cause: None,
            ..self.clone()
        }
    }
}

macro_rules! artifacts {
    ($($output:ident: $($field:ident),*;)*) => {
        impl v1::StageOutput {
            /// The artifacts that it refers to, by what they are.
            #[must_use]
            pub fn artifacts(&self) -> Vec<(&'static str, &v1::ArtifactRef)> {
                let all = match &self.output {
                    $(Some(Output::$output(of)) => vec![$((stringify!($field), &of.$field)),*],)*
                    _ => Vec::new(),
                };
                all.into_iter().filter_map(|(name, artifact)| Some((name, artifact.as_ref()?))).collect()
            }
        }
    };
}

// The outputs that refer to artifacts, and their fields. Finished work is taken up again while all of these are there.
artifacts! {
    PreparedData: train, validation, test, hold_out, profile, quality_report, cleaning_plan,
        validation_result;
    FeatureSet: plan;
    TrainedModel: bundle, check_rows, evaluation_rows, search_report, drift_reference;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let digest = |of: Dependencies| of.digest(Agent::ModelTrainer, "1", b"{}");
        let of = |a: &str, b: &str| digest(Dependencies::new().on(a).on(b));
        assert_eq!(of("a", "b"), of("a", "b"));
        assert_ne!(of("ab", ""), of("a", "b"));
        assert_ne!(of("a", "b"), of("b", "a"));
        let same = Dependencies::new().on("a");
        assert_ne!(
            same.digest(Agent::ModelTrainer, "1", b""),
            same.digest(Agent::ModelTrainer, "2", b"")
        );
    }
}
