//! A fleet is saved, destroyed to the last file, and restored: the same models answer the same to the bit, and what was under way
//! goes on.

use std::path::Path;
use std::time::{Duration, Instant};

use contracts::{Agent, RunId, subjects, v1};
use rustix::process::Signal;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tier0_tests::{Finished, Fleet, eventually, tier0, write_table};

use crate::records::Records;
use crate::replicas::small_table;

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_that_was_destroyed_comes_back_from_its_backup() {
    let mut fleet = Fleet::up().await;
    let outside = tempfile::tempdir().unwrap();
    let backup = outside.path().join("backup");
    let table = outside.path().join("small.csv");
    write_table(&table, small_table(800));
    let records = Records::open(&fleet).await;
    let finished = ask(&fleet, "finished", &table).await;
    let result = eventually("the first run ends", || records.result(&finished)).await;
    assert_eq!(result.status(), v1::HandoffStatus::Success, "{:?}", result.failure());
    // One waits for the trainer, which does not work any more, and is given another try only after the restore.
    fleet.signal("model-trainer", Signal::STOP);
    let unfinished = ask(&fleet, "unfinished", &table).await;
    eventually("a run waits for the trainer", || {
        records.handed_to(Agent::ModelTrainer, &unfinished)
    })
    .await;
    let predicted = fleet.predict("finished", &table).await;
    let told = [
        document(&fleet, &["models", "show", "finished"]).await,
        document(&fleet, &["alerts", "list", "--state", "all"]).await,
        document(&fleet, &["audit", "verify"]).await,
    ];

    let begun = Instant::now();
    let made = fleet
        .tier0([
            Path::new("backup"),
            Path::new("create"),
            Path::new("--out"),
            backup.as_path(),
            Path::new("--json"),
        ])
        .await;
    let created = made.success().json();
    let saving = begun.elapsed();
    assert_eq!(created["problems"], json!([]), "{created:#}");
    fleet.signal("model-trainer", Signal::CONT);
    fleet.tier0(["down"]).await.success();
    for entry in std::fs::read_dir(fleet.directory()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
            .unwrap();
    }

    let verified = verify(&backup).await.success().json();
    assert_eq!((&verified["whole"], &verified["rehearsed"]), (&json!(true), &json!(true)));
    assert_eq!(verified["ledger_digest"], told[2]["digest"]);
    let begun = Instant::now();
    let restored = restore(&backup, fleet.directory(), &[]).await.success().json();
    let restoring = begun.elapsed();
    assert_eq!(restored["restored"]["artifacts"], created["artifacts"]);
    fleet.up_again().await;

    let records = Records::open(&fleet).await;
    eventually("the endpoint answers", || async {
        let url = format!("{}/v2/models/finished/ready", fleet.file().serving_url);
        reqwest::get(url).await.ok()?.status().is_success().then_some(())
    })
    .await;
    let recovered = begun.elapsed();
    let again = fleet.predict("finished", &table).await;
    assert_eq!(again.prediction, predicted.prediction);
    assert_eq!(again.probabilities, predicted.probabilities, "the same model, to the bit");
    assert_eq!(records.result(&finished).await, Some(result), "the finished run is as it was");
    // The unfinished run may have changed the ledger by now, but not what was in it.
    let shown = document(&fleet, &["models", "show", "finished"]).await;
    assert_eq!(shown["versions"], told[0]["versions"]);
    assert_eq!(document(&fleet, &["alerts", "list", "--state", "all"]).await, told[1]);
    let ended = eventually("the unfinished run ends", || records.result(&unfinished)).await;
    assert_eq!(ended.status(), v1::HandoffStatus::Success, "{:?}", ended.failure());
    for agent in Agent::ALL {
        let subject = subjects::handoff(agent, &unfinished, 0);
        assert_eq!(records.count(&subject).await, 1, "{agent}");
    }
    let ledger = document(&fleet, &["audit", "verify"]).await;
    assert_eq!(ledger["broken"], Value::Null);
    assert!(ledger["entries"].as_u64() > told[2]["entries"].as_u64(), "{ledger:#}");
    let runs = document(&fleet, &["runs", "list"]).await;
    let runs = runs["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2, "{runs:#?}");
    eprintln!(
        "{} bytes, {} messages, {} artifacts: saved in {saving:?}, restored in {restoring:?}, answers after {recovered:?}",
        created["bytes"], created["messages"], created["artifacts"]
    );

    // A fleet that runs, and one that has something, are left as they are.
    let refused = restore(&backup, fleet.directory(), &[]).await;
    assert_eq!(refused.code(), 2, "{}", refused.stderr);
    fleet.tier0(["down"]).await.success();
    let refused = restore(&backup, fleet.directory(), &[]).await;
    assert_eq!((refused.code(), &refused.json()["error"]["code"]), (2, &json!("fleet_not_empty")));
    what_is_replaced_is_saved_before(&backup, fleet.directory()).await;
    // One that was cut off is begun anew, and nothing starts on its half.
    let note = fleet.path("run/restore-unfinished");
    std::fs::write(&note, "").unwrap();
    let up = tier0(["up", "--detach", "--dir", fleet.directory().to_str().unwrap()]).await;
    assert_eq!(up.code(), 2, "{}", up.stderr);
    assert!(up.stderr.contains("cut off"), "{}", up.stderr);
    restore(&backup, fleet.directory(), &[]).await.success();
    assert!(!note.exists());
    fleet.up_again().await;
    let versions = Records::open(&fleet).await.registry.versions("unfinished").await.unwrap();
    assert!(versions.len() <= 1, "{versions:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn artifacts_of_runs_stay_and_logs_are_bounded() {
    let options = tier0_tests::FleetOptions {
        arguments: vec!["--log-bytes", "20000", "--log-files", "2"],
        ..tier0_tests::FleetOptions::default()
    };
    let fleet = Fleet::up_with(options).await;
    let table = fleet.path("small.csv");
    write_table(&table, small_table(800));
    let records = Records::open(&fleet).await;
    let run = ask(&fleet, "kept", &table).await;
    // While it works, nothing of it goes.
    let dry = document(&fleet, &["artifacts", "gc", "--older-than", "1"]).await;
    assert_eq!((&dry["removed"], &dry["collected"]), (&json!(false), &json!([])));
    let result = eventually("the run ends", || records.result(&run)).await;
    assert_eq!(result.status(), v1::HandoffStatus::Success, "{:?}", result.failure());
    let done = document(
        &fleet,
        &[
            "artifacts",
            "gc",
            "--older-than",
            "1",
            "--runs-within",
            "0",
            "--apply",
            "--between",
            "1s",
        ],
    )
    .await;
    assert_eq!(done["removed"], json!(true));
    assert!(done["kept"]["put_lately"]["artifacts"].as_u64() > Some(3), "{done:#}");
    fleet.predict("kept", &table).await;

    // A process that says much: what it says goes on in the same file, and two parts before it are kept.
    let log = fleet.path("logs/orchestrator.log");
    for round in 0..4 {
        let mut file = std::fs::OpenOptions::new().append(true).open(&log).unwrap();
        std::io::Write::write_all(&mut file, format!("round {round}\n").repeat(4000).as_bytes())
            .unwrap();
        eventually("the log is begun anew", || async {
            (std::fs::metadata(&log).unwrap().len() < 20_000).then_some(())
        })
        .await;
    }
    let parts: Vec<String> = std::fs::read_dir(fleet.path("logs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("orchestrator.log"))
        .collect();
    assert_eq!(parts.len(), 3, "{parts:?}");
    let before = std::fs::read_to_string(fleet.path("logs/orchestrator.log.1")).unwrap();
    assert!(before.ends_with("round 3\n"), "the newest part is the first");
}

async fn ask(fleet: &Fleet, run: &str, table: &Path) -> RunId {
    let request = json!({
        "requestId": run, "name": run, "dataUri": table, "target": "left", "positiveClass": "yes",
        "timeBudgetSeconds": 4, "seed": 26, "noCache": true,
    });
    let client = fleet.nats().await;
    client.publish(subjects::REQUEST, request.to_string().into()).await.unwrap();
    client.flush().await.unwrap();
    RunId::new(run).unwrap()
}

async fn document(fleet: &Fleet, arguments: &[&str]) -> Value {
    let arguments = arguments.iter().copied().chain(["--json"]);
    let answer = tokio::time::timeout(Duration::from_secs(60), fleet.tier0(arguments)).await;
    answer.expect("it answers").success().json()
}

/// Replaces the fleet of a directory: by its own backup, and by one that fails late. What it had comes back from what was saved.
async fn what_is_replaced_is_saved_before(backup: &Path, directory: &Path) {
    let saved = |backup: &Path| {
        let name = format!("{}.replaced-", backup.file_name().unwrap().to_str().unwrap());
        let entries = std::fs::read_dir(backup.parent().unwrap()).unwrap().flatten();
        let mut paths = entries.map(|entry| entry.path());
        paths.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&name))
    };
    let replaced = restore(backup, directory, &["--replace"]).await.success().json();
    assert_eq!((&replaced["safety_backup"], saved(backup)), (&Value::Null, None));
    let replaced = restore(backup, directory, &["--replace", "--keep"]).await.success().json();
    let kept = Path::new(replaced["safety_backup"].as_str().unwrap()).to_owned();
    assert_eq!(verify(&kept).await.success().json()["whole"], json!(true));
    // Its digests are right, and one of its archives is none.
    let broken = backup.with_file_name("broken");
    copy(backup, &broken);
    let (name, bytes) = ("streams/KV_TIER0_MODELS.snapshot", vec![7; 100_000]);
    std::fs::write(broken.join(name), &bytes).unwrap();
    let path = broken.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let digest = |bytes: &[u8]| hex::encode(Sha256::digest(bytes));
    manifest["files"][name] = json!({"bytes": bytes.len(), "sha256": digest(&bytes)});
    let text = serde_json::to_vec(&manifest).unwrap();
    let line = format!("{}  manifest.json\n", digest(&text));
    std::fs::write(&path, text).unwrap();
    std::fs::write(broken.join("manifest.json.sha256"), line).unwrap();
    let failed = restore(&broken, directory, &["--replace"]).await;
    assert_eq!(failed.code(), 1, "{}", failed.stderr);
    let saved = saved(&broken).expect("what was there is saved");
    let way = format!("tier0 backup restore {}", saved.display());
    assert!(failed.stderr.contains(&way), "{}", failed.stderr);
    let back = restore(&saved, directory, &["--replace"]).await.success().json();
    let streams = verify(&saved).await.success().json()["streams"].clone();
    assert_eq!(back["restored"]["streams"], streams);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() { copy(&path, &to) } else { std::fs::copy(path, to).map(drop).unwrap() }
    }
}

async fn verify(backup: &Path) -> Finished {
    tier0(["backup", "verify", backup.to_str().unwrap(), "--json"]).await
}

async fn restore(backup: &Path, directory: &Path, more: &[&str]) -> Finished {
    let directory = directory.to_str().unwrap();
    let arguments = ["backup", "restore", backup.to_str().unwrap(), "--dir", directory, "--json"];
    tier0(arguments.into_iter().chain(more.iter().copied())).await
}
