//! Scenario 16: data that did not pass the gate are not trained on, even where the handoff is published by hand; cleaning and
//! features are fitted on the training split alone.

use std::collections::HashSet;
use std::path::PathBuf;

use bus::Headers;
use bytes::Bytes;
use contracts::v1::stage_output::Output;
use contracts::{Agent, RunId, ValidHandoff, encoding, v1};
use statistics::QualityReport;
use tier0_tests::{Fleet, eventually, write_table};

use crate::records::{Outputs, Records};
use crate::replicas::small_table;

const ROWS: u32 = 900;

#[tokio::test(flavor = "multi_thread")]
async fn s16_validation_to_training() {
    let fleet = Fleet::up().await;
    let records = Records::open(&fleet).await;
    let rows = keyed(|_, line| line.to_owned());
    let run = submitted(&fleet, "first", &rows).await;
    let handed = records.handed_to(Agent::ModelTrainer, &run).await.unwrap();

    other_splits_are_refused(&records, &handed).await;
    a_report_that_did_not_pass_is_refused(&records, &handed).await;
    what_is_not_learned_from_changes_nothing(&fleet, &records, &run, &rows).await;
}

/// The small table, each age with its row behind the point, and each line changed as it should be.
fn keyed(change: impl Fn(u32, &str) -> String) -> Vec<String> {
    let mut lines = small_table(ROWS).into_iter();
    let header = lines.next().unwrap();
    let rows = (0..).zip(lines).map(|(key, line)| {
        let (age, rest) = line.split_once(',').unwrap();
        change(key, &format!("{age}.{key:04},{rest}"))
    });
    [header].into_iter().chain(rows).collect()
}

async fn submitted(fleet: &Fleet, name: &str, lines: &[String]) -> RunId {
    let table: PathBuf = fleet.path(&format!("{name}.csv"));
    write_table(&table, lines);
    let arguments = [
        ["--data", table.to_str().unwrap()],
        ["--target", "left"],
        ["--time-budget", "2s"],
        ["--name", name],
    ];
    let run = fleet.submit(arguments.concat()).await.succeeded();
    RunId::new(run["run_id"].as_str().unwrap()).unwrap()
}

/// Hands prepared data to the trainer as another run, and gives the end of it.
async fn hand(
    records: &Records,
    like: &ValidHandoff,
    run: &str,
    change: impl FnOnce(&mut v1::PreparedData),
) -> ValidHandoff {
    let mut message = like.as_message().clone();
    message.run_id = run.to_owned();
    message.handoff_id = format!("{run}.0.{}", Agent::ModelTrainer);
    let data = message.outputs.iter_mut().find_map(|output| match &mut output.output {
        Some(Output::PreparedData(data)) => Some(data),
        _ => None,
    });
    change(data.unwrap());
    let handoff = ValidHandoff::try_from(message).unwrap();
    let bytes = encoding::encode(handoff.as_message());
    records.bus.publish_once(&handoff.subject(), Headers::new(), bytes).await.unwrap();
    let run = RunId::new(run).unwrap();
    eventually("the run ends", || records.result(&run)).await
}

fn refused(result: &ValidHandoff) {
    let failure = result.failure().expect("it is refused");
    assert_eq!(failure.code, "quality_gate_not_passed", "{failure:?}");
    assert!(result.trained_model().is_err());
}

/// The report permits the splits that it names by digest, and no others.
async fn other_splits_are_refused(records: &Records, handed: &ValidHandoff) {
    let result = hand(records, handed, "by-hand-1", |data| {
        let other = data.validation.as_ref().unwrap().sha256.clone();
        data.train.as_mut().unwrap().sha256 = other;
    })
    .await;
    refused(&result);
}

async fn a_report_that_did_not_pass_is_refused(records: &Records, handed: &ValidHandoff) {
    let reference = &handed.prepared_data().unwrap().quality_report;
    let report = records.artifacts.get(reference).await.unwrap();
    let mut report = QualityReport::parse(&report).unwrap();
    report.passed = false;
    report.splits.clear();
    let bytes = Bytes::from(serde_json::to_vec(&report).unwrap());
    let stored = records.artifacts.put(bytes, artifacts::media_type::JSON, 0).await.unwrap();
    let result =
        hand(records, handed, "by-hand-2", |data| data.quality_report = Some(stored)).await;
    refused(&result);
}

/// Other values in the rows of test and hold-out give the same cleaning plan and the same features, to the byte.
async fn what_is_not_learned_from_changes_nothing(
    fleet: &Fleet,
    records: &Records,
    run: &RunId,
    rows: &[String],
) {
    let before = Outputs::from_result(&records.result(run).await.unwrap());
    let mut learned: HashSet<u32> = HashSet::new();
    for split in [&before.data.train, &before.data.validation] {
        let bytes = records.artifacts.get(split.as_ref().unwrap()).await.unwrap();
        let table = dataset::read_parquet(bytes).unwrap();
        let ages = table.column("age").unwrap().numbers().unwrap();
        learned.extend(ages.iter().map(|age| (age.fract() * 10_000.0).round() as u32));
    }
    assert!((600..800).contains(&learned.len()), "{}", learned.len());
    let changed = keyed(|key, line| {
        let [age, visits, region, left]: [&str; 4] =
            line.split(',').collect::<Vec<_>>().try_into().unwrap();
        if learned.contains(&key) {
            line.to_owned()
        } else {
            // The class stays, which the division of the rows goes by.
            let age: f64 = age.parse().unwrap();
            format!("{:.4},{visits},{},{left}", 900.0 - age, region.to_uppercase())
        }
    });
    assert_ne!(changed, rows);
    let after = submitted(fleet, "second", &changed).await;
    let plan = async |run: &RunId| {
        let result = records.result(run).await.unwrap();
        let data = result.prepared_data().unwrap();
        let digest = |of: &v1::ArtifactRef| of.sha256.clone();
        (
            digest(&data.train),
            digest(&data.test),
            digest(&data.cleaning_plan),
            digest(&result.feature_set().unwrap().plan),
        )
    };
    let (one, other) = (plan(run).await, plan(&after).await);
    assert_eq!(one.0, other.0, "the training split is the same");
    assert_ne!(one.1, other.1, "the test split is not");
    assert_eq!((one.2, one.3), (other.2, other.3), "what was fitted is the same");
}
