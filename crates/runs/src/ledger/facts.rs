//! What a handoff says of its run, without what is large.

use std::collections::BTreeMap;

use contracts::Lane;
use contracts::v1::stage_output::Output;
use contracts::v1::{Handoff, HandoffStatus, TrainedModel};
use serde_json::{Map, Value};

use super::name::StageName;
use super::view::{EndpointView, TrainedModelView, WarningView};
use super::{Instant, instant, short};

/// Most warnings that are kept of a run, and most bytes of them.
const MAX_WARNINGS: usize = 200;
const MAX_WARNING_BYTES: usize = 16 * 1024;
/// Longest texts that are kept of a run.
const MAX_NAME_LENGTH: usize = 200;
const MAX_REQUEST_LENGTH: usize = 1000;
const MAX_REASON_LENGTH: usize = 4000;
const MAX_SUGGESTIONS: usize = 20;
const MAX_METRICS: usize = 100;

/// What is known of a run from its farthest handoff.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct RunFacts {
    pub(super) name: Box<str>,
    pub(super) text: Box<str>,
    pub(super) requested_by: Box<str>,
    pub(super) plan: Box<[StageName]>,
    pub(super) to_agent: StageName,
    pub(super) stages: Box<[StageFacts]>,
    pub(super) model: Option<Box<TrainedModelView>>,
    pub(super) metrics: Option<Box<[Metric]>>,
    pub(super) endpoint: Option<Box<EndpointView>>,
    pub(super) warnings: Box<[WarningView]>,
    pub(super) deadline: Option<Instant>,
    pub(super) lane: Lane,
    pub(super) ended: Option<Box<RunEnd>>,
}

/// A stage that has put out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct StageFacts {
    pub(super) agent: StageName,
    pub(super) seconds: Option<f64>,
    pub(super) attempt: u32,
    /// The run whose work it is, where it was not done anew.
    pub(super) reused_from: Option<Box<str>>,
}

/// A metric of the trained model.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Metric {
    name: Box<str>,
    /// Value, and both ends of its interval.
    test: Option<[f64; 3]>,
    validation: Option<f64>,
    baseline: Option<f64>,
}

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct RunEnd {
    pub(super) at: Option<Instant>,
    pub(super) failed: bool,
    pub(super) failed_stage: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) code: Option<String>,
    pub(super) suggestions: Vec<String>,
}

impl RunEnd {
    /// Whether it was cancelled.
    pub(super) fn is_cancelled(&self) -> bool {
        self.failed && self.code.as_deref() == Some(crate::recovery::CANCELLED)
    }
}

impl RunFacts {
    pub(super) fn from_handoff(handoff: &Handoff, last: bool) -> Self {
        let plan = handoff.plan.as_ref();
        let agents = plan.map(|plan| plan.agents.as_slice()).unwrap_or_default();
        let mut facts = Self {
            to_agent: StageName::parse(&handoff.to_agent),
            plan: agents.iter().map(|agent| StageName::parse(agent)).collect(),
            deadline: plan.and_then(|plan| plan.deadline.as_ref()).map(instant),
            warnings: warnings(handoff),
            stages: handoff
                .outputs
                .iter()
                .map(|output| StageFacts {
                    agent: StageName::parse(&output.agent),
                    seconds: output.elapsed.as_ref().map(contracts::time::seconds),
                    attempt: output.attempt,
                    reused_from: Some(short(&output.reused_from, 64))
                        .filter(|run| !run.is_empty())
                        .map(Into::into),
                })
                .collect(),
            ended: last.then(|| Box::new(run_end(handoff))),
            ..Self::default()
        };
        if let Some(request) = &handoff.request {
            facts.name = short(&request.name, MAX_NAME_LENGTH).into();
            facts.lane = request.priority().into();
            facts.text = short(&request.text, MAX_REQUEST_LENGTH).into();
            facts.requested_by = short(&request.requested_by, MAX_NAME_LENGTH).into();
        }
        handoff.outputs.iter().for_each(|output| facts.take_in(output.output.as_ref()));
        facts
    }

    /// A stage that has put out.
    pub(super) fn stage(&self, agent: &StageName) -> Option<&StageFacts> {
        self.stages.iter().find(|stage| stage.agent == *agent)
    }

    fn take_in(&mut self, output: Option<&Output>) {
        match output {
            Some(Output::Scope(scope)) => self.name = short(&scope.name, MAX_NAME_LENGTH).into(),
            Some(Output::TrainedModel(trained)) => {
                self.metrics = Some(metrics(trained));
                let bundle = trained.bundle.as_ref();
                self.model = Some(Box::new(TrainedModelView {
                    name: self.name.clone().into(),
                    version: None,
                    digest: bundle.map(|bundle| bundle.sha256.clone()).unwrap_or_default(),
                    algorithm: Some(trained.algorithm.clone()),
                }));
            }
            Some(Output::Deployment(deployment)) => {
                self.model = Some(Box::new(TrainedModelView {
                    name: deployment.model.clone(),
                    version: Some(deployment.version),
                    digest: deployment.digest.clone(),
                    algorithm: self.model.take().and_then(|model| model.algorithm),
                }));
                self.endpoint = Some(Box::new(EndpointView {
                    name: deployment.endpoint.clone(),
                    url: deployment.url.clone(),
                }));
            }
            // What else stages put out is no part of the view.
            _ => {}
        }
    }

    /// The metrics as they are shown: `test`, `test_interval_95`, `validation`, `baseline`.
    pub(super) fn shown_metrics(&self) -> BTreeMap<String, Value> {
        let Some(metrics) = &self.metrics else { return BTreeMap::new() };
        let of = |value: fn(&Metric) -> Option<Value>| {
            let values =
                metrics.iter().filter_map(|metric| Some((metric.name.to_string(), value(metric)?)));
            Value::Object(values.collect::<Map<_, _>>())
        };
        let shown = [
            ("test", of(|metric| metric.test.map(|[value, ..]| value.into()))),
            (
                "test_interval_95",
                of(|metric| metric.test.map(|[_, low, high]| vec![low, high].into())),
            ),
            ("validation", of(|metric| metric.validation.map(Value::from))),
            ("baseline", of(|metric| metric.baseline.map(Value::from))),
        ];
        shown.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn warnings(handoff: &Handoff) -> Box<[WarningView]> {
    let mut bytes = 0;
    handoff
        .warnings
        .iter()
        .take(MAX_WARNINGS)
        .take_while(|warning| {
            bytes += warning.code.len() + warning.message.len() + warning.agent.len();
            bytes <= MAX_WARNING_BYTES
        })
        .map(|warning| WarningView {
            code: warning.code.clone(),
            message: warning.message.clone(),
            agent: warning.agent.clone(),
        })
        .collect()
}

fn metrics(trained: &TrainedModel) -> Box<[Metric]> {
    let mut metrics: BTreeMap<&str, Metric> = BTreeMap::new();
    for (name, estimate) in &trained.test_metrics {
        let metric = metrics.entry(name).or_default();
        metric.test = Some([estimate.value, estimate.low, estimate.high]);
    }
    for (name, value) in &trained.validation_metrics {
        metrics.entry(name).or_default().validation = Some(*value);
    }
    for (name, value) in &trained.baseline_metrics {
        metrics.entry(name).or_default().baseline = Some(*value);
    }
    let named = metrics.into_iter().take(MAX_METRICS);
    named.map(|(name, metric)| Metric { name: short(name, 64).into(), ..metric }).collect()
}

fn run_end(handoff: &Handoff) -> RunEnd {
    let failed = handoff.status() == HandoffStatus::Failed;
    let failure = handoff.failure.as_ref().filter(|_| failed);
    let stage = failure.map(|failure| failure.agent.as_str()).filter(|agent| !agent.is_empty());
    let suggestions = failure.map(|failure| failure.suggestions.as_slice()).unwrap_or_default();
    RunEnd {
        at: handoff.timestamp.as_ref().map(instant),
        failed,
        failed_stage: failed.then(|| stage.unwrap_or(&handoff.from_agent).to_owned()),
        reason: failure.map(|failure| short(&failure.message, MAX_REASON_LENGTH).to_owned()),
        code: failure.map(|failure| failure.code.clone()),
        suggestions: suggestions
            .iter()
            .take(MAX_SUGGESTIONS)
            .map(|suggestion| short(suggestion, MAX_NAME_LENGTH).to_owned())
            .collect(),
    }
}
