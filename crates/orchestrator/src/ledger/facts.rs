//! What a handoff says of its run, without what is large.

use std::collections::BTreeMap;

use contracts::v1::stage_output::Output;
use contracts::v1::{Handoff, HandoffStatus, TrainedModel};
use serde_json::{Map, Value};

use super::view::{EndpointView, ModelView, WarningView};
use super::{Instant, instant};

/// Most warnings that are kept of a run.
const MAX_WARNINGS: usize = 200;

/// What is known of a run from its farthest handoff.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) plan: Vec<String>,
    pub(super) to_agent: String,
    pub(super) stages: BTreeMap<String, StageFacts>,
    pub(super) model: Option<ModelView>,
    pub(super) metrics: BTreeMap<String, Value>,
    pub(super) endpoint: Option<EndpointView>,
    pub(super) warnings: Vec<WarningView>,
    pub(super) deadline: Option<Instant>,
    pub(super) ended: Option<Ended>,
}

/// A stage that has put out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct StageFacts {
    pub(super) seconds: Option<f64>,
    pub(super) attempt: u32,
}

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Ended {
    pub(super) at: Option<Instant>,
    pub(super) failed: bool,
    pub(super) failed_stage: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) code: Option<String>,
    pub(super) suggestions: Vec<String>,
}

impl Ended {
    /// Whether somebody ended it.
    pub(super) fn is_cancelled(&self) -> bool {
        self.failed && self.code.as_deref() == Some(crate::recovery::CANCELLED)
    }
}

impl Facts {
    pub(super) fn of(handoff: &Handoff, last: bool) -> Self {
        let mut facts = Self {
            to_agent: handoff.to_agent.clone(),
            plan: handoff.plan.as_ref().map(|plan| plan.agents.clone()).unwrap_or_default(),
            deadline: handoff.plan.as_ref().and_then(|plan| plan.deadline.as_ref()).map(instant),
            warnings: handoff
                .warnings
                .iter()
                .take(MAX_WARNINGS)
                .map(|warning| WarningView {
                    code: warning.code.clone(),
                    message: warning.message.clone(),
                    agent: warning.agent.clone(),
                })
                .collect(),
            ..Self::default()
        };
        if let Some(request) = &handoff.request {
            facts.name.clone_from(&request.name);
            facts.text.clone_from(&request.text);
        }
        for output in &handoff.outputs {
            let seconds = output.elapsed.as_ref().map(contracts::time::seconds);
            facts
                .stages
                .insert(output.agent.clone(), StageFacts { seconds, attempt: output.attempt });
            facts.take_in(output.output.as_ref());
        }
        if last {
            facts.ended = Some(ended(handoff));
        }
        facts
    }

    fn take_in(&mut self, output: Option<&Output>) {
        match output {
            Some(Output::Scope(scope)) => self.name.clone_from(&scope.name),
            Some(Output::TrainedModel(trained)) => {
                self.metrics = metrics(trained);
                self.model = Some(ModelView {
                    name: self.name.clone(),
                    version: None,
                    digest: trained
                        .bundle
                        .as_ref()
                        .map(|bundle| bundle.sha256.clone())
                        .unwrap_or_default(),
                    algorithm: Some(trained.algorithm.clone()),
                });
            }
            Some(Output::Deployment(deployment)) => {
                self.model = Some(ModelView {
                    name: deployment.model.clone(),
                    version: Some(deployment.version),
                    digest: deployment.digest.clone(),
                    algorithm: self.model.take().and_then(|model| model.algorithm),
                });
                self.endpoint = Some(EndpointView {
                    name: deployment.endpoint.clone(),
                    url: deployment.url.clone(),
                });
            }
            Some(
                Output::PreparedData(_)
                | Output::FeatureSet(_)
                | Output::Selection(_)
                | Output::Monitoring(_),
            )
            | None => {}
        }
    }
}

fn metrics(trained: &TrainedModel) -> BTreeMap<String, Value> {
    fn numbers<'a>(values: impl Iterator<Item = (&'a String, f64)>) -> Value {
        Value::Object(
            values.map(|(name, value)| (name.clone(), Value::from(value))).collect::<Map<_, _>>(),
        )
    }
    let intervals: Map<String, Value> = trained
        .test_metrics
        .iter()
        .map(|(name, estimate)| (name.clone(), Value::from(vec![estimate.low, estimate.high])))
        .collect();
    [
        (
            "test",
            numbers(trained.test_metrics.iter().map(|(name, estimate)| (name, estimate.value))),
        ),
        ("test_interval_95", Value::Object(intervals)),
        (
            "validation",
            numbers(trained.validation_metrics.iter().map(|(name, value)| (name, *value))),
        ),
        ("baseline", numbers(trained.baseline_metrics.iter().map(|(name, value)| (name, *value)))),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn ended(handoff: &Handoff) -> Ended {
    let failed = handoff.status() == HandoffStatus::Failed;
    let failure = handoff.failure.as_ref().filter(|_| failed);
    let stage = failure.map(|failure| failure.agent.as_str()).filter(|agent| !agent.is_empty());
    Ended {
        at: handoff.timestamp.as_ref().map(instant),
        failed,
        failed_stage: failed.then(|| stage.unwrap_or(&handoff.from_agent).to_owned()),
        reason: failure.map(|failure| failure.message.clone()),
        code: failure.map(|failure| failure.code.clone()),
        suggestions: failure.map(|failure| failure.suggestions.clone()).unwrap_or_default(),
    }
}
