//! Searches that several trainers work on, and that outlive the one which leads them.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use tier0_tests::{Fleet, FleetOptions, eventually, write_table};

use crate::replicas::small_table;

const ROWS: u32 = 3_000;
const TRIALS: &str = "40";

fn options(replicas: u32, share: &str) -> FleetOptions {
    let cores = if replicas == 1 { "2" } else { "1" };
    let variables = [("CORES", cores), ("SHARE", share)];
    let named = |(name, value): (&str, &str)| {
        (format!("TIER0_MODEL_TRAINER__TRAINING__{name}"), value.to_owned())
    };
    FleetOptions {
        replicas: vec![("model-trainer", replicas)],
        environment: variables.map(named).to_vec(),
        arguments: vec!["--ack-wait", "2s"],
        ..FleetOptions::default()
    }
}

async fn searched(fleet: &Fleet, seed: &str) -> Value {
    let table = fleet.path("table.csv");
    write_table(&table, small_table(ROWS));
    let arguments = [
        ["--data", table.to_str().unwrap()],
        ["--target", "left"],
        ["--trials", TRIALS],
        ["--time-budget", "20s"],
        ["--seed", seed],
        ["--name", seed],
    ];
    fleet.submit(arguments.concat()).await.succeeded()
}

fn digest(run: &Value) -> String {
    run["model"]["digest"].as_str().unwrap().to_owned()
}

/// What the trainer noted in the run's history: fits made by itself, by others, and before it began.
async fn noted(fleet: &Fleet, run: &Value) -> [u32; 3] {
    let lines = timeline(fleet, run["run_id"].as_str().unwrap()).await;
    let note = lines
        .iter()
        .filter(|line| line["kind"] == "noted")
        .filter_map(|line| line["message"].as_str())
        .find(|message| message.contains("fits"))
        .unwrap_or_else(|| panic!("no note of fits: {lines:#?}"));
    let mut counts = note.split(|c: char| !c.is_ascii_digit()).filter_map(|text| text.parse().ok());
    let _all: u32 = counts.next().unwrap();
    [(); 3].map(|()| counts.next().unwrap())
}

async fn timeline(fleet: &Fleet, run: &str) -> Vec<Value> {
    let shown = fleet.tier0(["runs", "show", run, "--json"]).await.success().json();
    shown["timeline"].as_array().cloned().unwrap_or_default()
}

/// Waits until a trainer works on a run.
async fn until_led(fleet: &Fleet, run: &str) {
    eventually("a trainer has begun", || async {
        let lines = timeline(fleet, run).await;
        let begun = |line: &&Value| line["kind"] == "started" && line["agent"] == "model-trainer";
        lines.iter().find(begun).map(|_| ())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trainers_share_a_search_and_one_that_dies_loses_little_of_it() {
    let alone = Fleet::up_with(options(1, "false")).await;
    let expected = [digest(&searched(&alone, "1").await), digest(&searched(&alone, "2").await)];
    assert_ne!(expected[0], expected[1]);
    drop(alone);

    let fleet = Fleet::up_with(options(2, "true")).await;
    let shared = searched(&fleet, "1").await;
    assert_eq!(digest(&shared), expected[0], "the model does not depend on who makes the fits");
    let [here, helpers, recalled] = noted(&fleet, &shared).await;
    eprintln!("{here} fits of the leader, {helpers} of its helper");
    assert!(
        here > 0 && helpers > (here + helpers) / 5 && recalled == 0,
        "{here} {helpers} {recalled}"
    );

    // Both are killed in the middle of a search.
    let running = searched(&fleet, "2");
    let killing = async {
        let run = eventually("the second run has begun", || async {
            let runs = fleet.tier0(["runs", "list", "--json"]).await.success().json();
            let run = runs["runs"].as_array()?.iter().find(|run| run["status"] == "running")?;
            run["run_id"].as_str().map(str::to_owned)
        })
        .await;
        until_led(&fleet, &run).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        for trainer in ["model-trainer-1", "model-trainer-2"] {
            fleet.signal(trainer, Signal::KILL);
        }
    };
    let (run, ()) = tokio::join!(running, killing);
    assert_eq!(digest(&run), expected[1], "the model does not depend on who dies");
    let [here, helpers, recalled] = noted(&fleet, &run).await;
    eprintln!("{here} fits of the second leader, {helpers} of its helper, {recalled} recalled");
    assert!(recalled > 5, "{here} {helpers} {recalled}");
    let trainer =
        run["stages"].as_array().unwrap().iter().find(|stage| stage["agent"] == "model-trainer");
    assert_eq!(trainer.unwrap()["attempts"], 2);
}
