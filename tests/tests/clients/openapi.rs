//! The API as its OpenAPI document describes it: requests of every kind made from the document, and a client generated from it.

use std::path::Path;

use tempfile::TempDir;
use tier0_tests::{Fleet, Python, eventually};

/// Modules of the environment that has both.
const MODULES: [&str; 2] = ["schemathesis", "openapi_python_client"];
/// Seconds that requests are made for, about what is there and about whatever else.
const SECONDS: &str = "70";
/// Most requests of a kind for each operation.
const EXAMPLES: &str = "12";
/// Rows of the table that a model is made of.
const ROWS: u32 = 600;

/// A table whose target follows from its columns, but for a few rows.
fn table(directory: &Path) -> String {
    let path = directory.join("churn.csv");
    let mut text = "age,visits,plan,churn\n".to_owned();
    for row in 0..ROWS {
        let (age, visits) = (20 + row * 7 % 50, row * 13 % 11);
        let plan = if row % 3 == 0 { "gold" } else { "basic" };
        let leaves = (visits < 4) != (row % 17 == 0);
        text += &format!("{age},{visits},{plan},{}\n", if leaves { "Yes" } else { "No" });
    }
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_is_as_its_document_describes_it() {
    let Some(python) = Python::of("openapi", &MODULES).await else { return };
    let fleet = Fleet::up().await;
    let directory = tempfile::tempdir().unwrap();
    let table = table(directory.path());
    generated(&python, &fleet, &directory, &table).await;
    a_lost_update_is_refused(&fleet).await;
    a_key_outlives_the_orchestrator(&fleet, &table).await;
    described(&python, &fleet, &directory).await;
}

/// The client of `openapi-python-client`, unchanged, begins a run, follows it and reads what came of it.
async fn generated(python: &Python, fleet: &Fleet, directory: &TempDir, table: &str) {
    let client = directory.path().join("client");
    let arguments = [fleet.file().api_url.as_str(), client.to_str().unwrap(), table];
    let done = python.run(include_str!("generated_client.py"), &arguments).await;
    assert!(done.status.success(), "{}\n{}", done.stdout, done.stderr);
}

/// Two people who saw the same division of an endpoint's requests: the second change is refused with 412, and changes nothing.
async fn a_lost_update_is_refused(fleet: &Fleet) {
    let http = reqwest::Client::new();
    let url = format!("{}/api/v1/endpoints/churn", fleet.file().api_url);
    let read = || async { http.get(&url).send().await.unwrap() };
    let seen = read().await;
    let tag = seen.headers()["etag"].to_str().unwrap().to_owned();
    let split = |tag: String| {
        let body =
            serde_json::json!({"shares": [{"version": 1, "per_cent": 100}], "reason": "a test"});
        http.post(format!("{url}/split")).header("If-Match", tag).json(&body).send()
    };
    let first = split(tag.clone()).await.unwrap();
    assert_eq!(first.status(), 200, "{}", first.text().await.unwrap());
    let after = first.headers()["etag"].to_str().unwrap().to_owned();
    assert_ne!(tag.split('-').next(), after.split('-').next(), "the record has moved");
    let second = split(tag).await.unwrap();
    assert_eq!(second.status(), 412);
    let problem: serde_json::Value = second.json().await.unwrap();
    assert_eq!(problem["error"]["code"], "record_moved");
    let third = split(after).await.unwrap();
    assert_eq!(third.status(), 200, "{}", third.text().await.unwrap());
    let models = format!("{}/api/v1/models", fleet.file().api_url);
    let tag = http.get(&models).send().await.unwrap().headers()["etag"].clone();
    let again = http.get(&models).header("If-None-Match", tag).send().await.unwrap();
    assert_eq!((again.status().as_u16(), again.bytes().await.unwrap().len()), (304, 0));
}

/// A request under a key begins one run, whichever orchestrator it is sent to; another request under the key is refused.
async fn a_key_outlives_the_orchestrator(fleet: &Fleet, table: &str) {
    let http = reqwest::Client::new();
    let url = format!("{}/api/v1/runs", fleet.file().api_url);
    let submit = |seed: u32| {
        let body = serde_json::json!({"dataUri": table, "target": "churn", "until": "scope-definer", "seed": seed});
        http.post(&url).header("Idempotency-Key", "nightly-1").json(&body).send()
    };
    let run = |answer: serde_json::Value| answer["run_id"].as_str().unwrap().to_owned();
    let first = run(submit(1).await.unwrap().json().await.unwrap());
    assert_eq!(run(submit(1).await.unwrap().json().await.unwrap()), first);
    fleet.signal("orchestrator", rustix::process::Signal::KILL);
    let again = eventually("the orchestrator is back", || async {
        let answer = submit(1).await.ok().filter(|answer| answer.status().is_success())?;
        answer.json::<serde_json::Value>().await.ok()
    })
    .await;
    assert_eq!(run(again), first);
    let other = submit(2).await.unwrap();
    assert_eq!(other.status(), 422);
    let problem: serde_json::Value = other.json().await.unwrap();
    assert_eq!(problem["error"]["code"], "idempotency_key_reused");
}

/// schemathesis finds no answer that is not as described: about what is there, and about whatever it thinks of.
async fn described(python: &Python, fleet: &Fleet, directory: &TempDir) {
    let there = "[parameters]\n\"path.model\" = \"churn\"\n\"path.endpoint\" = \"churn\"\n\"path.version\" = \"1\"\n";
    let url = format!("{}/api/v1/openapi.json", fleet.file().api_url);
    for (seed, parameters) in [("1", there), ("2", "")] {
        let configuration = directory.path().join("schemathesis.toml");
        let text = format!("{parameters}{}", include_str!("schemathesis.toml"));
        std::fs::write(&configuration, text).unwrap();
        let mut command =
            tokio::process::Command::new(python.interpreter().with_file_name("schemathesis"));
        command
            .arg("--config-file")
            .arg(&configuration)
            .args(["run", &url, "--max-time", SECONDS, "--max-examples", EXAMPLES, "--seed", seed])
            .args(["--phases", "examples,coverage,fuzzing", "--workers", "1", "--no-shrink"])
            .args(["--continue-on-failure", "--request-timeout", "60"])
            .current_dir(directory.path());
        let done = tier0_tests::run(&mut command).await;
        assert!(done.status.success(), "seed {seed}\n{}\n{}", done.stdout, done.stderr);
    }
}
