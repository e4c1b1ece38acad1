//! The demonstrations of the loop, as people run them.

use std::path::Path;

use tier0_tests::program;
use tokio::process::Command;

/// Runs a script of the repository on these programs; gives what it said.
async fn run(script: &str) -> String {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let target = program("tier0").parent().and_then(Path::parent).unwrap().to_owned();
    let output = Command::new(repository.join("scripts").join(script))
        .env("CARGO_TARGET_DIR", target)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} failed:\n{said}\n{failed}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drift_is_alerted_retrained_and_promoted() {
    let said = run("demo-drift").await;
    for step in ["no open alerts", "feature_drift", "is the champion"] {
        assert!(said.contains(step), "{step} is not in\n{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_model_is_rolled_back() {
    let said = run("demo-rollback").await;
    let alert = "alert/churn-performance_degradation";
    assert!(said.contains(alert), "{alert} is not in\n{said}");
    let shown = said.lines().find(|line| line.starts_with("churn     churn 1"));
    assert!(shown.is_some(), "version 1 is live again:\n{said}");
}
