//! Scenario 27: a crash before and after every settle point of every stage: no run lost, no effect twice.
//!
//! The programs are built with `fault-injection`: `TIER0_FAULT` has them killed, once at each point, and the fleet's
//! supervisor starts them again. Four runs at once share the faults, one point each, so that every message is
//! delivered less often than its limit; a calm run of the same seed gives each the digest that it has to come to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::PullConsumer;
use contracts::{Agent, Lane, RunId, ValidHandoff, names, subjects, v1};
use futures::TryStreamExt;
use serde_json::json;
use tier0_tests::{Fleet, FleetOptions, write_table};

use crate::records::{Outputs, Records};
use crate::replicas::small_table;

/// What is settled, in order.
const POINTS: [&str; 4] = ["write_artifact", "record_outcome", "publish", "ack"];
const MOMENTS: [&str; 2] = ["before", "after"];
/// The agents that write artifacts; the others' outputs are all in the handoff.
const WRITERS: [Agent; 3] = [Agent::DataPreparer, Agent::FeatureAnalyzer, Agent::ModelTrainer];
/// The agents that keep a record of their finished work; the others' work is not reused.
const RECORDERS: [Agent; 4] =
    [Agent::DataPreparer, Agent::FeatureAnalyzer, Agent::ModelSelector, Agent::ModelTrainer];
/// Rows of the table.
const ROWS: u32 = 600;
/// Longest time for all runs, on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(170);

/// A run whose every stage, or whose intake, is killed before and after one point.
struct Walk {
    point: &'static str,
    /// Where it is killed.
    places: Vec<&'static str>,
    run: RunId,
    model: String,
}

impl Walk {
    fn new(point: &'static str) -> Self {
        let places = Agent::ALL.map(Agent::as_str).to_vec();
        Self::named(format!("walk-{}", point.replace('_', "-")), point, places)
    }

    /// The intake, which publishes and acknowledges as well. It lives in the process of an agent, so these go alone: a crash for
    /// another run's sake could come between the acknowledgement of a request and the point after it.
    fn of_intake(point: &'static str) -> Self {
        Self::named(format!("walk-intake-{point}"), point, vec![names::INTAKE])
    }

    fn named(model: String, point: &'static str, places: Vec<&'static str>) -> Self {
        Self { point, places, run: RunId::new(model.as_str()).unwrap(), model }
    }

    /// The faults, as `TIER0_FAULT` has them, each with the name of its mark.
    fn faults(&self) -> Vec<(String, String)> {
        let Self { point, run, .. } = self;
        self.places
            .iter()
            .flat_map(|place| MOMENTS.map(|moment| (moment, *place)))
            .map(|(moment, place)| {
                (
                    format!("{moment}:{point}@{place}/{run}"),
                    format!("{moment}.{point}.{place}.{run}"),
                )
            })
            .collect()
    }

    /// The marks that its faults leave: of all but those of agents that never come to the point.
    fn marks(&self) -> BTreeSet<String> {
        let comes = |agent: &Agent| match self.point {
            "write_artifact" => WRITERS.contains(agent),
            "record_outcome" => RECORDERS.contains(agent),
            _ => true,
        };
        let silent: Vec<&str> =
            Agent::ALL.into_iter().filter(|agent| !comes(agent)).map(Agent::as_str).collect();
        self.faults()
            .into_iter()
            .map(|(_, mark)| mark)
            .filter(|mark| !silent.iter().any(|agent| mark.contains(&format!(".{agent}."))))
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s27_recovery() {
    let of_intake = ["publish", "ack"].map(Walk::of_intake);
    let of_agents = POINTS.map(Walk::new);
    let alone = of_intake.len();
    let walks: Vec<Walk> = of_intake.into_iter().chain(of_agents).collect();
    let marks = tempfile::tempdir().unwrap();
    let fleet = Fleet::up_with(options(&walks, marks.path())).await;
    let records = Records::open(&fleet).await;
    let table = fleet.path("small.csv");
    write_table(&table, small_table(ROWS));

    let mut digests = BTreeMap::new();
    for walk in &walks {
        ask(&fleet, &table, &calm(walk), &walk.model, Agent::ModelTrainer).await;
    }
    for walk in &walks {
        let result = until_result(&fleet, &records, &calm(walk)).await;
        assert_eq!(result.status(), v1::HandoffStatus::Success, "{:?}", result.failure());
        digests.insert(walk.run.clone(), bundle(&result));
    }
    assert!(marked(marks.path()).is_empty(), "the calm runs were not killed");

    let begun = Instant::now();
    for (number, walk) in walks.iter().enumerate() {
        ask(&fleet, &table, &walk.run, &walk.model, Agent::ObservabilityConnector).await;
        if number < alone {
            until_result(&fleet, &records, &walk.run).await;
            until_settled(&records).await;
        }
    }
    for walk in &walks {
        let result = until_result(&fleet, &records, &walk.run).await;
        assert_eq!(result.status(), v1::HandoffStatus::Success, "{:?}", result.failure());
        assert_eq!(bundle(&result), digests[&walk.run], "{}: the calm run's model", walk.run);
    }
    until_settled(&records).await;
    let expected: BTreeSet<String> = walks.iter().flat_map(Walk::marks).collect();
    assert_eq!(marked(marks.path()), expected, "every fault happened, and no other");
    eprintln!("{} crashes in {:.0} s", expected.len(), begun.elapsed().as_secs_f64());

    for walk in &walks {
        took_effect_once(&records, walk, &digests[&walk.run]).await;
    }
    let letters = records.dead_letters().await;
    assert!(letters.is_empty(), "{letters:?}");
}

/// A fleet that is killed as the walks say, and that does little but settle.
fn options(walks: &[Walk], marks: &Path) -> FleetOptions {
    let faults: Vec<String> = walks.iter().flat_map(Walk::faults).map(|(fault, _)| fault).collect();
    let settings = [
        ("TIER0_FAULT", faults.join(",")),
        ("TIER0_FAULT_DIR", marks.display().to_string()),
        // Trials end the search, never the clock: the same seed gives the same model.
        ("TIER0_MODEL_SELECTOR__SELECTION__FOLDS", "2".to_owned()),
        ("TIER0_MODEL_SELECTOR__SELECTION__MAX_SECONDS", "60".to_owned()),
        ("TIER0_MODEL_TRAINER__TRAINING__MAX_TRIALS", "2".to_owned()),
        ("TIER0_MODEL_TRAINER__TRAINING__RACE", "1".to_owned()),
        ("TIER0_MODEL_TRAINER__TRAINING__RESAMPLES", "50".to_owned()),
    ];
    FleetOptions {
        environment: settings.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        arguments: vec!["--ack-wait", "4s"],
        ..FleetOptions::default()
    }
}

fn calm(walk: &Walk) -> RunId {
    RunId::new(format!("calm-{}", walk.run)).unwrap()
}

/// Asks for a run without waiting for an answer, whose sender may be killed.
async fn ask(fleet: &Fleet, table: &Path, run: &RunId, model: &str, until: Agent) {
    let request = json!({
        "requestId": run.as_str(), "name": model, "dataUri": table, "target": "left",
        "positiveClass": "yes", "seed": 27, "timeBudgetSeconds": 300, "until": until.as_str(), "noCache": true,
    });
    let client = fleet.nats().await;
    client.publish(subjects::REQUEST, request.to_string().into()).await.unwrap();
    client.flush().await.unwrap();
}

/// Waits for a run's end, longer than other tests do.
async fn until_result(fleet: &Fleet, records: &Records, run: &RunId) -> ValidHandoff {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        if let Some(result) = records.result(run).await {
            return result;
        }
        assert!(
            Instant::now() < deadline,
            "{run} has not ended after {TIMEOUT:?}; the end of the scope-definer's log:\n{}",
            fleet.log("scope-definer")
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until no message is on its way or unsettled, twice, as one may be between its consumers.
async fn until_settled(records: &Records) {
    let deadline = Instant::now() + TIMEOUT;
    let mut calm = 0;
    while calm < 2 {
        let idle = idle(records).await;
        calm = if idle { calm + 1 } else { 0 };
        assert!(Instant::now() < deadline, "messages are still unsettled after {TIMEOUT:?}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

async fn idle(records: &Records) -> bool {
    let jetstream = records.bus.jetstream();
    let of_agent = |agent| Lane::ALL.map(|lane| (names::STREAM, names::consumer(agent, lane)));
    let intake = (names::REQUESTS_STREAM, names::INTAKE_CONSUMER.to_owned());
    for (stream, name) in Agent::ALL.into_iter().flat_map(of_agent).chain([intake]) {
        let consumer: PullConsumer =
            jetstream.get_consumer_from_stream(name, stream).await.unwrap();
        let info = consumer.cached_info();
        if info.num_ack_pending > 0 || info.num_pending > 0 {
            return false;
        }
    }
    true
}

/// The faults that have happened.
fn marked(directory: &Path) -> BTreeSet<String> {
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn bundle(result: &ValidHandoff) -> String {
    result.trained_model().unwrap().bundle.sha256.clone()
}

/// One handoff to each stage, one outcome of each, one result, one version, one switch of traffic.
async fn took_effect_once(records: &Records, walk: &Walk, digest: &str) {
    let Walk { run, model, .. } = walk;
    assert_eq!(records.count(&subjects::result(run, 0)).await, 1, "{run}");
    for agent in Agent::ALL {
        assert_eq!(records.count(&subjects::handoff(agent, run, 0)).await, 1, "{run} {agent}");
    }
    assert_eq!(
        records.count(&subjects::chain(run, 0)).await,
        Agent::ALL.len() + 1,
        "{run}: a handoff to each stage, one result"
    );

    let result = records.result(run).await.unwrap();
    let Outputs { deployment, .. } = Outputs::from_result(&result);
    let versions = records.registry.versions(model).await.unwrap();
    assert_eq!(versions.len(), 1, "{run}: {versions:?}");
    let version = &versions[0];
    assert_eq!((version.version, version.run_id.as_str()), (deployment.version, run.as_str()));
    assert_eq!(version.stage(), v1::ModelStage::Production, "{run}");
    assert_eq!(version.bundle.as_ref().unwrap().sha256, digest, "{run}");

    let bucket = records.bus.jetstream().get_key_value(names::DEPLOYMENTS_BUCKET).await.unwrap();
    let history: Vec<_> = bucket.history(model).await.unwrap().try_collect().await.unwrap();
    let lives: Vec<Option<v1::DeployedVersion>> = history
        .iter()
        .map(|entry| {
            let record: v1::DeploymentRecord =
                contracts::encoding::from_protobuf("DeploymentRecord", &entry.value).unwrap();
            record.live
        })
        .collect();
    let switches = lives.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert_eq!(switches, 1, "{run}: {lives:?}");
    let live = lives.last().cloned().flatten().expect("a version answers");
    assert_eq!((live.run_id.as_str(), live.version), (run.as_str(), deployment.version));
}
