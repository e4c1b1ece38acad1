//! Runs that stop early, begin in the middle of another, leave a stage out, or take work that was done before.

use contracts::v1::stage_output::Output;
use contracts::{Agent, RunId, ValidHandoff, v1};
use serde_json::{Value, json};
use tier0_tests::{Fleet, FleetOptions, write_table};

use crate::records::Records;
use crate::replicas::small_table;

/// Stages without dependencies: what they do is done anew each time.
const KEEPS_NOTHING: [Agent; 3] =
    [Agent::ScopeDefiner, Agent::ModelDeployer, Agent::ObservabilityConnector];
/// Stages whose work does not depend on the time budget.
const BEFORE_THE_SEARCH: [Agent; 2] = [Agent::DataPreparer, Agent::FeatureAnalyzer];

/// A fleet whose searches end by trials and not by the clock.
async fn fleet() -> Fleet {
    let settings = [
        ("TIER0_MODEL_SELECTOR__SELECTION__FOLDS", "2"),
        ("TIER0_MODEL_TRAINER__TRAINING__MAX_TRIALS", "2"),
        ("TIER0_MODEL_TRAINER__TRAINING__RESAMPLES", "50"),
    ];
    let environment = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let fleet = Fleet::up_with(FleetOptions { environment, ..FleetOptions::default() }).await;
    write_table(&fleet.path("small.csv"), small_table(600));
    fleet
}

async fn submit(fleet: &Fleet, more: &[&str]) -> Value {
    let table = fleet.path("small.csv");
    let mut all = vec!["--data", table.to_str().unwrap(), "--target", "left", "--name", "part"];
    all.extend(["--seed", "5"]);
    if !more.contains(&"--time-budget") {
        all.extend(["--time-budget", "60s"]);
    }
    all.extend(more);
    fleet.submit(all).await.succeeded()
}

fn id(run: &Value) -> RunId {
    RunId::new(run["run_id"].as_str().unwrap()).unwrap()
}

/// The runs whose work each output is; empty where it was done anew.
fn reused(result: &ValidHandoff) -> Vec<(&str, &str)> {
    result.outputs().iter().map(|of| (of.agent.as_str(), of.reused_from.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_was_done_before_is_not_done_again() {
    let fleet = fleet().await;
    let records = Records::open(&fleet).await;
    let first = submit(&fleet, &[]).await;
    let again = submit(&fleet, &[]).await;
    let earlier = id(&first).to_string();
    let result = records.result(&id(&again)).await.unwrap();
    let expected: Vec<(&str, &str)> = Agent::ALL
        .iter()
        .map(|agent| {
            let anew = KEEPS_NOTHING.contains(agent);
            (agent.as_str(), if anew { "" } else { earlier.as_str() })
        })
        .collect();
    assert_eq!(reused(&result), expected);
    assert_eq!(first["model"]["digest"], again["model"]["digest"]);
    assert_eq!((&first["model"]["version"], &again["model"]["version"]), (&json!(1), &json!(2)));

    // Another time budget changes the search and nothing before it.
    let longer = submit(&fleet, &["--time-budget", "90s"]).await;
    let result = records.result(&id(&longer)).await.unwrap();
    let anew: Vec<&str> =
        reused(&result).iter().filter(|of| of.1.is_empty()).map(|of| of.0).collect();
    let search = Agent::ALL.into_iter().filter(|agent| !BEFORE_THE_SEARCH.contains(agent));
    assert_eq!(anew, search.map(Agent::as_str).collect::<Vec<_>>());

    let cold = submit(&fleet, &["--no-cache"]).await;
    let result = records.result(&id(&cold)).await.unwrap();
    assert!(reused(&result).iter().all(|(_, from)| from.is_empty()), "{:?}", reused(&result));
    assert_eq!(first["model"]["digest"], cold["model"]["digest"], "the same, done anew");

    // Another table under the same name is another table.
    write_table(&fleet.path("small.csv"), small_table(700));
    let changed = submit(&fleet, &[]).await;
    let result = records.result(&id(&changed)).await.unwrap();
    assert!(reused(&result).iter().all(|(_, from)| from.is_empty()), "{:?}", reused(&result));
    assert_ne!(first["model"]["digest"], changed["model"]["digest"]);

    // Work whose artifacts are gone is done again.
    let bundle = result.trained_model().unwrap().bundle.clone();
    let store = records.bus.jetstream().get_object_store("TIER0_ARTIFACTS").await.unwrap();
    store.delete(&bundle.sha256).await.unwrap();
    let mended = submit(&fleet, &[]).await;
    assert_eq!(changed["model"]["digest"], mended["model"]["digest"]);
    let result = records.result(&id(&mended)).await.unwrap();
    let trainer = reused(&result)[Agent::ModelTrainer.position()];
    assert_eq!(trainer, ("model-trainer", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_begins_in_the_middle_of_another_and_leaves_out_what_it_can() {
    let fleet = fleet().await;
    let records = Records::open(&fleet).await;
    let short = submit(&fleet, &["--until", "feature-analyzer"]).await;
    assert_eq!(short["stages"].as_array().unwrap().len(), 3);
    assert!(short["model"].is_null() && short["endpoint"].is_null(), "{short:#}");
    let earlier = id(&short);

    let from = format!("{earlier}:model-trainer");
    let early = fleet.submit(["--from", &from, "--seed", "9"]).await.succeeded();
    let agents: Vec<&str> = early["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| stage["agent"].as_str().unwrap())
        .collect();
    let rest = Agent::ALL.into_iter().filter(|agent| *agent >= Agent::ModelTrainer);
    assert_eq!(agents, rest.map(Agent::as_str).collect::<Vec<_>>());
    let result = records.result(&id(&early)).await.unwrap();
    assert_eq!(
        reused(&result)[..3].iter().map(|of| of.1).collect::<Vec<_>>(),
        [earlier.as_str(); 3]
    );
    let Some(Output::Scope(scope)) = &result.outputs()[0].output else { panic!("a scope") };
    assert_eq!((scope.seed, scope.name.as_str()), (9, "part"), "what changes, and what stays");
    assert!(result.selection().is_err(), "the earlier run had none, and it is optional");

    let from = format!("{earlier}:feature-analyzer");
    let skipping = fleet
        .submit(["--from", &from, "--skip", "model-selector", "--priority", "high"])
        .await
        .succeeded();
    let result = records.result(&id(&skipping)).await.unwrap();
    assert_eq!(result.request().priority(), v1::Priority::High);
    assert!(result.selection().is_err());
    let lane = contracts::subjects::handoff_in(
        contracts::Lane::High,
        Agent::ModelTrainer,
        &id(&skipping),
        0,
    );
    assert_eq!(records.count(&lane).await, 1);

    // Three classes have no gate by themselves, which the scope-definer says; the run goes on.
    let table = fleet.path("classes.csv");
    write_table(&table, small_table(1200));
    let data = table.to_str().unwrap();
    let until = ["--until", "feature-analyzer"];
    let partial =
        fleet.submit(["--data", data, "--target", "region", until[0], until[1]]).await.succeeded();
    assert_eq!(partial["stages"][0]["status"], json!("partial"), "{partial:#}");
    assert_eq!(partial["stages"][2]["status"], json!("succeeded"));
    assert_eq!(partial["warnings"][0]["agent"], json!("scope-definer"));

    let refusals = [
        (vec!["--from", "nobody:model-trainer"], "run_not_found"),
        (vec!["--from", &from, "--target", "age"], "option_settled"),
    ];
    for (arguments, code) in refusals {
        let refused = fleet.submit(arguments).await;
        assert_eq!((refused.code, refused.text("code")), (2, code), "{:#}", refused.run);
    }
    let too_far = format!("{earlier}:model-deployer");
    let refused = fleet.submit(["--from", &too_far]).await;
    assert_eq!((refused.code, refused.text("code")), (2, "stage_not_reached"));
    let possible = &refused.run["suggestions"];
    assert_eq!(possible.as_array().unwrap().last().unwrap(), "model-trainer", "{possible}");
}
