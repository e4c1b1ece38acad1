//! From a message of the stream to the events that it means.
//!
//! ```text
//! first handoff of an epoch   START the run, START the stage that it is for
//! handoff                     COMPLETE the stage before it, START the stage that it is for
//! result                      COMPLETE, FAIL or ABORT the stage, and the run
//! ```

use std::time::SystemTime;

use contracts::v1::{Handoff, HandoffStatus, ScopeRequest};
use contracts::{RunId, names};
use runs::ledger::Record;
use runs::recovery::CANCELLED;
use serde_json::{Value, json};
use uuid::Uuid;

use super::datasets::Datasets;
use super::event::{Dataset, EventType, Facets, Job, PRODUCER, Run, RunEvent, SCHEMA};
use super::facets;
use crate::outputs::Outputs;

/// Longest name that is made of a request's words.
const MAX_NAME_LENGTH: usize = 64;

/// Makes events in a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    namespace: String,
}

/// A message of a run.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// Identifier of the run.
    pub run: &'a RunId,
    /// Decoded content of the message.
    pub record: &'a Record,
    /// Whether it is the first of its epoch: then it settles nothing, whichever sender it names.
    pub begins: bool,
    /// When the broker stored it.
    pub stored_at: SystemTime,
}

/// What is said of a run or a stage at once.
struct EventFacts<'a> {
    link: Link<'a>,
    epoch: u32,
    at: String,
    /// The job of the run.
    job: String,
}

impl Mapping {
    /// Jobs and datasets in this namespace.
    #[must_use]
    pub fn new(namespace: impl Into<String>) -> Self {
        Self { namespace: namespace.into() }
    }

    /// The events that a message means, in their order.
    #[must_use]
    pub fn events(&self, link: Link<'_>) -> Vec<RunEvent> {
        match link.record {
            Record::Handoff(handoff) => self.handed_off(link, handoff),
            Record::Result(result) => self.ended(link, result),
            // An event does not say what was asked for, which names the job; what it says of times, the settlement says as well.
            Record::Event(_) => Vec::new(),
        }
    }

    fn handed_off(&self, link: Link<'_>, handoff: &Handoff) -> Vec<RunEvent> {
        let saying = EventFacts::new(link, handoff);
        let datasets = self.datasets(&saying, handoff);
        let (agent, from) = (handoff.to_agent.as_str(), handoff.from_agent.as_str());
        let before = if link.begins {
            self.of_run(&saying, EventType::Start, datasets.read(), Vec::new(), None)
        } else {
            self.completed(&saying, handoff, from)
        };
        let facets = [facets::tier0(saying.known(Some(agent), json!({})))];
        let start = self.of_stage(
            &saying,
            EventType::Start,
            agent,
            (datasets.read_by(agent), Vec::new()),
            facets,
        );
        vec![before, start]
    }

    fn completed(&self, saying: &EventFacts<'_>, handoff: &Handoff, agent: &str) -> RunEvent {
        let datasets = self.datasets(saying, handoff);
        let output = handoff.outputs.iter().rev().find(|output| output.agent == agent);
        let known = output.map_or_else(|| json!({}), facets::of_output);
        let facets = [facets::tier0(saying.known(Some(agent), known))];
        let data = (datasets.read_by(agent), datasets.written_by(agent));
        self.of_stage(saying, EventType::Complete, agent, data, facets)
    }

    fn ended(&self, link: Link<'_>, result: &Handoff) -> Vec<RunEvent> {
        let saying = EventFacts::new(link, result);
        let datasets = self.datasets(&saying, result);
        if result.status() != HandoffStatus::Failed {
            return vec![
                self.completed(&saying, result, &result.from_agent),
                self.of_run(
                    &saying,
                    EventType::Complete,
                    datasets.read(),
                    datasets.written(),
                    None,
                ),
            ];
        }
        let failure = result.failure.clone().unwrap_or_default();
        let kind = if failure.code == CANCELLED { EventType::Abort } else { EventType::Fail };
        let agent = if failure.agent.is_empty() { &result.from_agent } else { &failure.agent };
        let known = json!({"attempt": result.attempt, "code": failure.code});
        let facets =
            [facets::tier0(saying.known(Some(agent), known)), facets::error_message(&failure)];
        let stage =
            self.of_stage(&saying, kind, agent, (datasets.read_by(agent), Vec::new()), facets);
        let error = facets::error_message(&failure);
        let run = self.of_run(&saying, kind, datasets.read(), datasets.written(), Some(error));
        // The intake is no stage.
        let stage = (agent != names::INTAKE).then_some(stage);
        stage.into_iter().chain([run]).collect()
    }

    fn datasets<'a>(&'a self, saying: &'a EventFacts<'_>, handoff: &'a Handoff) -> Datasets<'a> {
        Datasets {
            namespace: &self.namespace,
            job: &saying.job,
            request_uri: handoff.request.as_ref().map_or("", |request| &request.data_uri),
            outputs: Outputs::from_handoff(handoff),
        }
    }

    fn of_run(
        &self,
        saying: &EventFacts<'_>,
        kind: EventType,
        inputs: Vec<Dataset>,
        outputs: Vec<Dataset>,
        error: Option<(String, Value)>,
    ) -> RunEvent {
        let mut facets = Facets::from([facets::tier0(saying.known(None, json!({})))]);
        facets.extend(error);
        RunEvent {
            event_type: kind,
            event_time: saying.at.clone(),
            run: Run { run_id: saying.run_id(None), facets },
            job: self.job(saying),
            inputs,
            outputs,
            producer: PRODUCER.to_owned(),
            schema_url: SCHEMA.to_owned(),
        }
    }

    fn of_stage(
        &self,
        saying: &EventFacts<'_>,
        kind: EventType,
        agent: &str,
        (inputs, outputs): (Vec<Dataset>, Vec<Dataset>),
        facets: impl IntoIterator<Item = (String, Value)>,
    ) -> RunEvent {
        let run = self.job(saying);
        let mut facets: Facets = facets.into_iter().collect();
        facets.extend([facets::parent(&saying.run_id(None), &run)]);
        RunEvent {
            event_type: kind,
            event_time: saying.at.clone(),
            run: Run { run_id: saying.run_id(Some(agent)), facets },
            job: Job {
                namespace: self.namespace.clone(),
                name: format!("{}.{agent}", run.name),
                facets: facets::job("STAGE", &format!("the stage {agent} of {}", run.name)),
            },
            inputs,
            outputs,
            producer: PRODUCER.to_owned(),
            schema_url: SCHEMA.to_owned(),
        }
    }

    fn job(&self, saying: &EventFacts<'_>) -> Job {
        let description = "from one request to a trained, deployed and watched model";
        Job {
            namespace: self.namespace.clone(),
            name: saying.job.clone(),
            facets: facets::job("PIPELINE", description),
        }
    }
}

impl<'a> EventFacts<'a> {
    fn new(link: Link<'a>, handoff: &Handoff) -> Self {
        let at = handoff.timestamp.as_ref().and_then(contracts::time::system_time);
        let at = jiff::Timestamp::try_from(at.unwrap_or(link.stored_at));
        Self {
            link,
            epoch: handoff.epoch,
            at: at.map(|at| at.to_string()).unwrap_or_default(),
            job: job_name(handoff.request.as_ref()),
        }
    }

    /// The UUID of this epoch of the run, or of one of its stages.
    fn run_id(&self, agent: Option<&str>) -> String {
        let stage = agent.map(|agent| format!("/{agent}")).unwrap_or_default();
        let name = format!("urn:tier0:run:{}/{}{stage}", self.link.run, self.epoch);
        Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
    }

    /// What the facet `tier0` says: the run, and what else is known.
    fn known(&self, agent: Option<&str>, more: Value) -> Value {
        let mut known =
            json!({"run_id": self.link.run.as_str(), "epoch": self.epoch, "agent": agent});
        if let (Value::Object(known), Value::Object(more)) = (&mut known, more) {
            known.extend(more);
        }
        known
    }
}

/// What a run's job is called: after what was asked for, which every message of the run says, and every repetition of the request.
fn job_name(request: Option<&ScopeRequest>) -> String {
    let Some(request) = request else { return "unread".to_owned() };
    if !request.name.is_empty() {
        return slug(&request.name);
    }
    if !request.text.is_empty() {
        return slug(&request.text);
    }
    let path = request.data_uri.split(['?', '#']).next().unwrap_or_default();
    let file = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    slug(&format!("{stem}-{}", request.target))
}

/// Lower-case letters, digits and single `-`.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if slug.len() >= MAX_NAME_LENGTH {
            break;
        }
        if c.is_ascii_alphanumeric() || c == '_' {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "unnamed".to_owned() } else { slug.to_owned() }
}
