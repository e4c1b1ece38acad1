//! The console in a browser: every page on a live fleet, its accessibility, and what it loads.

use std::path::Path;

use fleet::Keys;
use identities::Identity;
use tier0_tests::{Fleet, FleetOptions, Python, installed, program, write_secret};

use crate::orchestrator::Orchestrator;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_goes_through_every_page() {
    let Some(python) = Python::with_browser().await else { return };
    let monitoring = [
        ("WINDOW__SLICE_SECONDS", "1"),
        ("WINDOW__SECONDS", "600"),
        ("WINDOW__MIN_ROWS", "500"),
        ("CHECK_SECONDS", "1"),
        ("PERFORMANCE__WINDOW_ROWS", "1500"),
        ("RETRAINING__MIN_ROWS", "1000"),
        ("RETRAINING__TIME_BUDGET_SECONDS", "3"),
        ("RETRAINING__MODE", "approve"),
    ];
    let key = |name: &str| format!("TIER0_OBSERVABILITY_CONNECTOR__MONITORING__{name}");
    let mut environment = monitoring.map(|(name, value)| (key(name), value.to_owned())).to_vec();
    let traces = "http://127.0.0.1:16686/trace/{trace_id}";
    environment.push(("TIER0_ORCHESTRATOR__TELEMETRY__TRACE_URL".to_owned(), traces.to_owned()));
    let fleet = Fleet::up_with(FleetOptions { environment, ..FleetOptions::default() }).await;
    let token = fleet.path("token");
    write_secret(&token, "s3cret\n");
    let token = token.to_str().unwrap();
    let key = Keys::of(fleet.directory()).seed_file(Identity::Orchestrator);
    let guarded = [
        ("TIER0_ORCHESTRATOR__API__TOKEN_FILE", token),
        ("TIER0__NATS__NKEY_FILE", key.to_str().unwrap()),
    ];
    let guarded = Orchestrator::start(&fleet.file().nats_url, &guarded).await;
    let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("console");
    let (tier0, axe) = (program("tier0"), axe());
    let arguments = [
        fleet.file().api_url.as_str(),
        guarded.url(),
        token,
        fleet.directory().to_str().unwrap(),
        tier0.to_str().unwrap(),
        shots.to_str().unwrap(),
        axe.as_str(),
    ];
    let gone = python.run(include_str!("console.py"), &arguments).await;
    assert!(gone.status.success(), "{}\n{}", gone.stdout, gone.stderr);
    eprintln!("screenshots are in {}: {}", shots.display(), gone.stdout);
}

/// Where `scripts/console-venv` puts axe-core.
fn axe() -> String {
    let found = std::fs::read_dir(installed("console-venv")).unwrap();
    let mut files = found.map(|entry| entry.unwrap().path());
    let axe = files.find(|path| path.to_str().is_some_and(|path| path.ends_with(".min.js")));
    axe.expect("scripts/console-venv brings axe-core").to_str().unwrap().to_owned()
}
