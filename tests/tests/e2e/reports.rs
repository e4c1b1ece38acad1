//! What the command line tells of a run and of a fleet, and of itself.

use serde_json::{Value, json};
use tier0_tests::{Fleet, eventually, run, tier0};
use tokio::process::Command;

/// `tier0 report` writes what the run, its search and its version say.
pub(crate) async fn a_run_is_one_page(fleet: &Fleet, id: &str) {
    let out = fleet.path("report.html");
    let arguments = ["report", id, "--out", out.to_str().unwrap(), "--json"];
    let written = fleet.tier0(arguments).await.success().json();
    let page = std::fs::read_to_string(&out).unwrap();
    assert_eq!((&written["bytes"], &written["left_out"]), (&json!(page.len()), &json!([])));
    let shown = fleet.tier0(["runs", "show", id, "--json"]).await.success().json();
    assert!(shown["verdicts"]["quality_gate"]["passed"].as_bool().unwrap(), "{shown:#}");
    let auc = shown["metrics"]["test"]["roc_auc"].as_f64().unwrap();
    let digest = shown["model"]["digest"].as_str().unwrap();
    for told in [
        id,
        digest,
        "ROC curve",
        "Would more rows help?",
        "Lift",
        "region = ",
        "## Calibration",
        "What each input contributes (SHAP)",
        "rows of the training split",
        "Contribution of visits by its value",
    ] {
        assert!(page.contains(told), "{told}");
    }
    let rounded = format!("{auc:.4}");
    assert!(page.contains(rounded.trim_end_matches('0')), "{auc}");
    for stage in shown["stages"].as_array().unwrap() {
        assert!(page.contains(stage["agent"].as_str().unwrap()), "{stage}");
    }
    assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("<link"));
    let unknown = fleet.tier0(["report", "no-such-run", "--json"]).await;
    assert_eq!((unknown.code(), &unknown.json()["error"]["code"]), (2, &json!("not_found")));
}

/// `tier0 doctor` finds nothing wrong with a fleet that works, and with `--production` what others could do to it.
pub(crate) async fn a_fleet_is_looked_through(fleet: &Fleet) {
    // A part that answers late on a busy machine is well a moment later.
    let document = eventually("the fleet is well", || async {
        let asked = fleet.tier0(["doctor", "--json"]).await;
        (asked.code() == 0).then(|| asked.json())
    })
    .await;
    let found = |document: &Value, name: &str| {
        let checks = document["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).cloned().unwrap_or_default()
    };
    assert_eq!(found(&document, "failed runs")["status"], "ok");
    assert!(
        found(&document, "time of runs")["found"]
            .as_str()
            .unwrap()
            .contains("model-trainer computing")
    );
    let strict = fleet.tier0(["doctor", "--production", "--json"]).await;
    let document = strict.json();
    assert_eq!((strict.code(), &document["status"]), (1, &json!("failed")), "{document:#}");
    for (name, status) in [
        ("who is let in at the broker", "ok"),
        ("who is let in at the API", "failed"),
        ("who is let in at the model server", "failed"),
        ("TLS to the broker", "ok"),
        ("model servers", "advised"),
        ("critical alerts", "ok"),
    ] {
        let check = found(&document, name);
        assert_eq!(check["status"], status, "{check:#}");
        assert_eq!(check["advice"].is_null(), status == "ok", "{check:#}");
    }
}

#[tokio::test]
async fn shells_and_man_read_the_definition() {
    let directory = tempfile::tempdir().unwrap();
    let script = tier0(["completions", "bash"]).await.success().stdout;
    let path = directory.path().join("tier0.bash");
    std::fs::write(&path, script).unwrap();
    // What bash offers behind `tier0 runs `.
    let ask = format!(
        "source '{}'; COMP_WORDS=(tier0 runs ''); COMP_CWORD=2; _tier0 tier0 '' runs; echo \"${{COMPREPLY[@]}}\"",
        path.display()
    );
    let offered = run(Command::new("bash").args(["-c", &ask])).await.success().stdout;
    for command in ["list", "show", "cancel", "retry", "watch"] {
        assert!(offered.split_whitespace().any(|word| word == command), "{offered}");
    }
    let pages = directory.path().join("man");
    let made = tier0(["man", "--out", pages.to_str().unwrap(), "--json"]).await.success().json();
    assert!(made["pages"].as_u64().unwrap() > 40, "{made}");
    let page = std::fs::read_to_string(pages.join("tier0-runs-show.1")).unwrap();
    assert!(page.contains(".TH") && page.contains("trials"), "{page}");
}

#[tokio::test]
async fn wrong_options_are_a_document_too() {
    let refused = tier0(["security", "rotate", "nobody", "--json"]).await;
    assert_eq!((refused.code(), &refused.json()["error"]["code"]), (2, &json!("usage")));
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains("nobody"));
    assert!(tier0(["security", "rotate", "nobody"]).await.stdout.is_empty());
}
