//! What is shipped for Prometheus and Grafana: it is accepted, it names what there is, and its rules fire.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use async_nats::HeaderMap;
use contracts::{Agent, RunId, subjects};
use serde_json::{Value, json};
use tier0_tests::{Fleet, PrometheusServer, eventually};

use crate::records::Records;
use crate::s23_metrics::{documented, repository};

/// Runs promtool in deploy/prometheus.
fn promtool(program: &Path, arguments: &[&str]) {
    let ended = Command::new(program)
        .args(arguments)
        .current_dir(repository().join("deploy/prometheus"))
        .output()
        .unwrap();
    assert!(
        ended.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&ended.stdout).into_owned()
            + &String::from_utf8_lossy(&ended.stderr)
    );
}

#[test]
fn promtool_accepts_configurations_and_rules_and_their_tests_pass() {
    let Some(program) = PrometheusServer::program("promtool") else { return };
    promtool(&program, &["check", "config", "--syntax-only", "prometheus.yml", "embedded.yml"]);
    promtool(&program, &["check", "rules", "rules.yml"]);
    promtool(&program, &["test", "rules", "rules_test.yml"]);
}

/// The expressions of the shipped rules, by the alerts' names.
fn rules() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(repository().join("deploy/prometheus/rules.yml")).unwrap();
    let documents = yaml_rust2::YamlLoader::load_from_str(&text).unwrap();
    let groups = documents[0]["groups"].as_vec().unwrap();
    let rules = groups.iter().flat_map(|group| group["rules"].as_vec().unwrap());
    rules
        .map(|rule| {
            for annotation in ["summary", "description"] {
                assert!(rule["annotations"][annotation].as_str().is_some(), "{rule:?}");
            }
            let severity = rule["labels"]["severity"].as_str();
            assert!(matches!(severity, Some("warning" | "critical")), "{rule:?}");
            let text = |member: &str| rule[member].as_str().unwrap().to_owned();
            (text("alert"), text("expr"))
        })
        .collect()
}

/// The expressions of the shipped dashboards, by dashboard and panel, with variables as Grafana puts them in.
fn panels() -> Vec<(String, String)> {
    let mut expressions = Vec::new();
    let mut identities = BTreeSet::new();
    for entry in std::fs::read_dir(repository().join("deploy/grafana/dashboards")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let dashboard: Value = serde_json::from_str(&text).unwrap();
        assert!(
            identities.insert(dashboard["uid"].as_str().unwrap().to_owned()),
            "{dashboard:.60}"
        );
        for panel in dashboard["panels"].as_array().unwrap() {
            let name = format!("{}: {}", dashboard["title"], panel["title"]);
            for target in panel["targets"].as_array().unwrap() {
                let expression = target["expr"].as_str().unwrap().replace("$endpoint", ".*");
                assert!(!expression.contains('$'), "{name}: {expression}");
                expressions.push((name.clone(), expression));
            }
        }
    }
    assert_eq!(identities.len(), 4, "{identities:?}");
    expressions
}

#[test]
fn rules_and_dashboards_name_only_what_is_documented() {
    let table = documented();
    for (of, expression) in rules().into_iter().chain(panels()) {
        let mut named = 0;
        for word in
            expression.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        {
            if !(word.starts_with("tier0_") || word.starts_with("process_")) {
                named += usize::from(word == "up" || word == "ALERTS");
                continue;
            }
            let suffixes = ["_bucket", "_sum", "_count"];
            let histogram = suffixes.iter().find_map(|suffix| {
                table.get(word.strip_suffix(suffix)?).filter(|row| row.kind == "histogram")
            });
            let found = table.get(word).or(histogram);
            let Some(row) = found else {
                panic!("{of} names {word}, which docs/metrics.md does not have")
            };
            let is_rated = expression.contains("rate(") || expression.contains("increase(");
            assert!(row.kind == "gauge" || is_rated, "{of} shows the {} {word} as it is", row.kind);
            named += 1;
        }
        assert!(named > 0, "{of}: {expression}");
    }
}

#[test]
fn every_expression_of_a_dashboard_parses() {
    let Some(program) = PrometheusServer::program("promtool") else { return };
    let rules: Vec<Value> = panels()
        .into_iter()
        .enumerate()
        .map(|(number, (_, expression))| json!({"record": format!("panel:{number}"), "expr": expression}))
        .collect();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("panels.json");
    // JSON is YAML.
    let groups = json!({"groups": [{"name": "panels", "rules": rules}]});
    std::fs::write(&file, groups.to_string()).unwrap();
    promtool(&program, &["check", "rules", file.to_str().unwrap()]);
}

/// A real Prometheus finds every process by the file that `tier0 up` writes, and the shipped rule fires.
#[tokio::test(flavor = "multi_thread")]
async fn prometheus_scrapes_a_fleet_and_a_dead_letter_is_told() {
    if PrometheusServer::program("prometheus").is_none() {
        return;
    }
    let fleet = Fleet::up().await;
    let records = Records::open(&fleet).await;
    let rules = std::fs::read_to_string(repository().join("deploy/prometheus/rules.yml")).unwrap();
    let shipped =
        std::fs::read_to_string(repository().join("deploy/prometheus/embedded.yml")).unwrap();
    // As it is shipped, but quicker, and of this fleet.
    let configuration = shipped
        .replace(": 5s", ": 1s")
        .replace(".tier0/", &format!("{}/", fleet.directory().display()));
    assert_ne!(configuration, shipped);
    let files = [("rules.yml", rules.as_str())];
    let prometheus = PrometheusServer::start(&configuration, &files).await.unwrap();
    let processes: BTreeSet<&str> = fleet.processes().collect();
    eventually("every process is scraped", || async {
        let found = prometheus.ask("query", &[("query", "up == 1")]).await;
        let services: BTreeSet<&str> = found["result"]
            .as_array()?
            .iter()
            .filter_map(|series| series["metric"]["service"].as_str())
            .collect();
        (services == processes).then_some(())
    })
    .await;
    let letters = [("query", "tier0_stream_messages{stream=\"TIER0_DEAD_LETTERS\"}")];
    eventually("dead letters are measured", || async {
        let found = prometheus.ask("query", &letters).await;
        (found["result"][0]["value"][1] == json!("0")).then_some(())
    })
    .await;
    let firing = async || -> BTreeSet<String> {
        let alerts = prometheus.ask("alerts", &[]).await;
        let alerts = alerts["alerts"].as_array().unwrap().iter();
        alerts
            .filter(|alert| alert["state"] == json!("firing"))
            .map(|alert| alert["labels"]["alertname"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(!firing().await.contains("Tier0DeadLetters"));

    let run = RunId::new("garbage-1").unwrap();
    let subject = subjects::handoff(Agent::FeatureAnalyzer, &run, 0);
    records.bus.publish(&subject, HeaderMap::new(), "not a handoff".into()).await.unwrap();
    let alerts = eventually("the alert fires", || async {
        let alerts = firing().await;
        alerts.contains("Tier0DeadLetters").then_some(alerts)
    })
    .await;
    assert_eq!(alerts.len(), 1, "nothing else is wrong: {alerts:?}");
}
