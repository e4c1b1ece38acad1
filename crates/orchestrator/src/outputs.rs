//! What the stages of a run have put out so far.

use contracts::v1::stage_output::Output;
use contracts::v1::{
    Deployment, FeatureSet, Handoff, PreparedData, Scope, Selection, TrainedModel,
};

/// The outputs of a handoff that lineage and MLflow tell of.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outputs<'a> {
    pub(crate) scope: Option<&'a Scope>,
    pub(crate) prepared: Option<&'a PreparedData>,
    pub(crate) features: Option<&'a FeatureSet>,
    pub(crate) selection: Option<&'a Selection>,
    pub(crate) trained: Option<&'a TrainedModel>,
    pub(crate) deployment: Option<&'a Deployment>,
}

impl<'a> Outputs<'a> {
    pub(crate) fn from_handoff(handoff: &'a Handoff) -> Self {
        let mut outputs = Self::default();
        for output in handoff.outputs.iter().filter_map(|output| output.output.as_ref()) {
            match output {
                Output::Scope(scope) => outputs.scope = Some(scope),
                Output::PreparedData(prepared) => outputs.prepared = Some(prepared),
                Output::FeatureSet(features) => outputs.features = Some(features),
                Output::Selection(selection) => outputs.selection = Some(selection),
                Output::TrainedModel(trained) => outputs.trained = Some(trained),
                Output::Deployment(deployment) => outputs.deployment = Some(deployment),
                _ => {}
            }
        }
        outputs
    }
}
