//! A disk that is full, and has room again: it is told, nothing is lost, and no person has to do anything.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tier0_tests::{Fleet, FleetOptions, tier0, write_table};

use crate::replicas::small_table;

/// Time in which the broker's state is known everywhere.
const SOON: Duration = Duration::from_secs(30);
/// Time in which runs have gone on, with the broker's new start.
const LATER: Duration = Duration::from_secs(120);

/// A small file system of its own, unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where this process may not mount.
    fn mount(at: &Path, megabytes: u32) -> Option<Self> {
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(at)
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process may not have ended.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Writes until nothing more is taken.
fn fill(disk: &Path) -> PathBuf {
    let path = disk.join("filler");
    let mut file = std::fs::File::create(&path).unwrap();
    for size in [1 << 20, 1 << 12] {
        while file.write_all(&vec![0; size]).and_then(|()| file.flush()).is_ok() {}
    }
    path
}

/// Asks until there is an answer, for so long at most.
async fn within<T>(time: Duration, what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(time, asking).await.unwrap_or_else(|_| panic!("after {time:?}: {what}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_got_over_when_there_is_room() {
    let directory = tempfile::Builder::new().prefix("tier0-test-").tempdir().unwrap();
    let place = directory.path().to_owned();
    let Some(_disk) = SmallDisk::mount(&place, 400) else {
        eprintln!("skipped: this process may not mount a file system");
        return;
    };
    let options = FleetOptions { directory: Some(directory), ..FleetOptions::default() };
    let fleet = Fleet::up_with(options).await;
    let tables = tempfile::tempdir().unwrap();
    let table = tables.path().join("small.csv");
    write_table(&table, small_table(600));
    let table = table.to_str().unwrap();
    let asked = |name: &'static str, budget: &'static str| {
        let arguments = ["submit", "--data", table, "--target", "left", "--positive", "yes"];
        let more = ["--name", name, "--time-budget", budget, "--no-cache", "--json"];
        arguments.into_iter().chain(more).map(str::to_owned).collect::<Vec<_>>()
    };

    let accepted = fleet.tier0(asked("under-way", "6s")).await.success().json();
    let run = accepted["run_id"].as_str().unwrap().to_owned();
    let state = async || -> Value { fleet.tier0(["runs", "show", &run, "--json"]).await.json() };
    within(SOON, "it is being worked on", async || {
        let stages = state().await;
        let begun = stages["stages"].as_array().is_some_and(|stages| stages.len() >= 3);
        begun.then_some(())
    })
    .await;
    let broker = fleet.file().pids["nats-server"];
    let filler = fill(&place);

    within(SOON, "the trainer says that the broker has no room", async || {
        let full = fleet.metrics("model-trainer").await.sum("tier0_bus_storage_full", &[]);
        (full > 0.5).then_some(())
    })
    .await;
    let health = fleet.tier0(["health", "--json"]).await;
    assert_ne!(health.code(), 0, "{}", health.stdout);
    assert!(health.stdout.contains("storage is full"), "{}", health.stdout);
    // It lasts for longer than a publication takes to be given up.
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(state().await["status"], "running");

    std::fs::remove_file(filler).unwrap();
    let ended = within(LATER, "the run goes on by itself", async || {
        // While the broker is started anew, there is an error in the place of the run.
        let run = state().await;
        let ended = run["status"].as_str().is_some_and(|status| status != "running");
        ended.then_some(run)
    })
    .await;
    assert_eq!(ended["status"], "succeeded", "{ended:#}");
    let attempts = |stage: &Value| stage["attempts"].as_u64().unwrap_or_default();
    let stages = ended["stages"].as_array().unwrap();
    // The broker's new start may give what is worked on to its process once more; waiting itself uses up no delivery.
    assert!(stages.iter().all(|stage| attempts(stage) <= 2), "{ended:#}");
    let again: Value =
        serde_json::from_slice(&std::fs::read(fleet.path("fleet.json")).unwrap()).unwrap();
    assert_ne!(again["pids"]["nats-server"], broker, "the supervisor has started it anew");
    let full = fleet.metrics("model-trainer").await.sum("tier0_bus_storage_full", &[]);
    assert!(full < 0.5, "{full}");
    let after = fleet.tier0(asked("after", "2s").into_iter().chain(["--wait".to_owned()])).await;
    assert_eq!(after.success().json()["status"], "succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_for_a_fleet_is_refused_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let Some(_disk) = SmallDisk::mount(directory.path(), 64) else {
        eprintln!("skipped: this process may not mount a file system");
        return;
    };
    let up = tier0(["up", "--json", "--detach", "--dir", directory.path().to_str().unwrap()]).await;
    assert_ne!(up.code(), 0);
    let message = up.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("128 MiB") && message.contains("MiB free"), "{message}");
}
