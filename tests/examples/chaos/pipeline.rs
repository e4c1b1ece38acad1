//! The runs: what is asked for, and what came of it.

use std::path::{Path, PathBuf};

use async_nats::Client;
use contracts::{Agent, RunId, ValidHandoff, subjects, v1};
use serde_json::{Value, json};
use tier0_tests::pipeline::small_table;
use tier0_tests::write_table;

/// Endpoints that the runs share, so that deployments meet.
const ENDPOINTS: [&str; 3] = ["chaos-a", "chaos-b", "chaos-c"];
/// Seeds of the requests to each endpoint.
const SEEDS: [u64; 2] = [11, 23];
/// Rows of the table.
const ROWS: u32 = 600;

/// One kind of request; the same kind always has the same outputs.
#[derive(Debug, Clone)]
pub(crate) struct Kind {
    /// The endpoint, which is also the model's name.
    pub(crate) endpoint: &'static str,
    /// The seed of its training.
    pub(crate) seed: u64,
}

impl Kind {
    /// All kinds of runs.
    pub(crate) fn all() -> Vec<Self> {
        let of = |endpoint| SEEDS.map(|seed| Self { endpoint, seed });
        ENDPOINTS.into_iter().flat_map(of).collect()
    }

    /// Its request, under the id of a run.
    fn request(&self, manner: RequestOptions, run: &RunId, table: &Path, until: Agent) -> Value {
        json!({
            "requestId": run.as_str(), "name": self.endpoint, "dataUri": table, "target": "left",
            "positiveClass": "yes", "seed": self.seed, "timeBudgetSeconds": 300, "until": until.as_str(),
            "noCache": !manner.may_reuse,
            "priority": if manner.is_urgent { "PRIORITY_HIGH" } else { "PRIORITY_NORMAL" },
        })
    }
}

/// How a run is asked for; it makes no difference to its outputs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RequestOptions {
    /// Whether work that was done before may stand for its own.
    pub(crate) may_reuse: bool,
    /// Whether it goes before others, in a lane of its own.
    pub(crate) is_urgent: bool,
}

impl RequestOptions {
    /// That of one of many: a quarter may reuse, a fifth is urgent, and where the count begins is a matter of the seed.
    pub(crate) fn draw(seed: u64, number: usize) -> Self {
        let number = seed.wrapping_add(number as u64);
        Self { may_reuse: number % 4 == 3, is_urgent: number % 5 == 4 }
    }
}

/// Asks for runs as any client of NATS does, without waiting for an answer, whose sender may be killed.
pub(crate) struct RequestPublisher {
    client: Client,
    table: PathBuf,
}

impl RequestPublisher {
    /// Writes the table that all runs are about.
    pub(crate) fn new(client: Client, table: PathBuf) -> Self {
        write_table(&table, small_table(ROWS));
        Self { client, table }
    }

    /// Publishes a request; one that is not taken in has to be published again.
    pub(crate) async fn ask(&self, kind: &Kind, manner: RequestOptions, run: &RunId, until: Agent) {
        let request = kind.request(manner, run, &self.table, until).to_string();
        if let Err(error) = self.client.publish(subjects::REQUEST, request.into()).await {
            eprintln!("{run} could not be asked for yet: {error}");
        }
    }
}

/// What came of a run.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Why it failed, where it did.
    pub(crate) failure: Option<String>,
    /// The agent that has each artifact in its output, with its digest: all that the stages up to the trainer made, but for how long it took.
    pub(crate) digests: Vec<(String, String)>,
    /// Digest of the bundle.
    pub(crate) bundle: String,
    /// The version that it says it has put before traffic.
    pub(crate) version: u32,
}

impl Outcome {
    /// Of a run's result.
    pub(crate) fn from_result(result: &ValidHandoff) -> Self {
        let mut digests = Vec::new();
        for output in result.outputs() {
            let document = serde_json::to_value(output).expect("an output can be written as JSON");
            gather(&output.agent, &document, &mut digests);
        }
        let made = |agent: &str| {
            agent != Agent::ModelDeployer.as_str()
                && agent != Agent::ObservabilityConnector.as_str()
        };
        digests.retain(|(agent, _)| made(agent));
        digests.sort_unstable();
        let bundle = result.trained_model().ok().map(|trained| &trained.bundle);
        Self {
            failure: (result.status() != v1::HandoffStatus::Success).then(|| {
                let failure = result.failure().cloned().unwrap_or_default();
                format!("{} ({}): {}", failure.code, failure.agent, failure.message)
            }),
            digests,
            bundle: bundle.map(|bundle| bundle.sha256.clone()).unwrap_or_default(),
            version: result.deployment().map(|deployment| deployment.version).unwrap_or_default(),
        }
    }
}

/// What holds how long things took, which no two runs have in common.
const TIMED: &str = "searchReport";

/// Every digest of an artifact in a document, but of what is timed.
fn gather(agent: &str, document: &Value, digests: &mut Vec<(String, String)>) {
    match document {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    _ if name == TIMED => {}
                    Some(digest) if name == "sha256" => {
                        digests.push((agent.to_owned(), digest.to_owned()));
                    }
                    _ => gather(agent, member, digests),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(agent, item, digests)),
        _ => {}
    }
}
