//! The command line by the API and by the broker: the same answers, refusals and exit codes.

use std::convert::Infallible;

use contracts::{RunId, v1};
use serde_json::{Value, json};
use tier0_tests::{Finished, write_secret};

use super::{NAME, Watched, code};

impl Watched {
    /// Runs a command that knows the API as well.
    async fn by_api(&self, arguments: &[&str]) -> Finished {
        let api = ["--api-url", self.orchestrator.url()];
        self.tier0(&[arguments, api.as_slice()].concat()).await
    }
}

/// Two versions of a model, of which the second answers at the endpoint and the first did before.
async fn with_versions(environment: &[(&str, &str)]) -> Watched {
    let watched = Watched::start_with(environment).await;
    let mut deployed = Vec::new();
    for number in 1..=2 {
        let run = RunId::new(format!("run-{number}")).unwrap();
        let parts = sample::version(NAME, number);
        let version = watched.registry.register(parts, &run).await.unwrap();
        deployed.push(v1::DeployedVersion {
            model: version.model,
            version: version.version,
            bundle: version.bundle,
            run_id: version.run_id,
        });
    }
    let change = |record: &mut v1::DeploymentRecord| {
        record.previous = deployed.first().cloned();
        record.live = deployed.last().cloned();
        Ok::<_, Infallible>(())
    };
    watched.registry.change(NAME, "test", change).await.unwrap();
    watched
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_and_the_broker_answer_and_refuse_the_same() {
    let watched = with_versions(&[]).await;
    for (line, exit_code, error) in [
        ("models list", 0, ""),
        ("models show churn", 0, ""),
        ("models show churn 1", 0, ""),
        ("models show nobody", 2, "not_found"),
        ("models show churn best", 2, "alias_not_found"),
        ("models search stage=none --order -metrics.roc_auc --limit 1", 0, ""),
        ("models search colour=1", 2, "invalid_query"),
        ("models compare churn 1 latest", 0, ""),
        ("models compare churn 1 9", 2, "version_not_found"),
        ("models history churn --limit 1", 0, ""),
        ("models history churn --version 2", 0, ""),
        ("models history churn --at 2001-01-01T00:00:00+01:00", 2, "nothing_then"),
        ("models history nobody", 2, "not_found"),
        ("endpoints list", 0, ""),
        ("endpoints show churn", 0, ""),
        ("endpoints show nobody", 2, "not_found"),
        ("endpoints monitoring churn", 0, ""),
        ("endpoints history churn", 0, ""),
        ("endpoints history churn --at 2100-01-01T00:00:00Z", 0, ""),
        ("endpoints history nobody", 2, "not_found"),
        ("alerts list --state all", 0, ""),
        ("alerts list --endpoint a.b", 2, "not_found"),
        ("alerts show nobody", 2, "alert_not_found"),
        ("retraining list", 0, ""),
        ("retraining list churn", 0, ""),
        ("retraining show nobody", 2, "not_found"),
        ("runs list", 0, ""),
        ("runs list --search churn", 0, ""),
        ("dead-letters list", 0, ""),
        ("dead-letters show nobody", 2, "not_found"),
        ("runs list --before nobody", 2, "not_found"),
        ("runs show nobody", 2, "not_found"),
        // Changes that are refused.
        ("models promote churn 1", 2, "traffic_elsewhere"),
        ("models promote churn 9 --to staging", 2, "version_not_found"),
        ("models archive churn latest", 2, "version_answers"),
        ("models archive nobody 1", 2, "not_found"),
        ("models alias churn v1 2", 2, "invalid_alias"),
        ("models alias churn best 2 --expect 1", 2, "alias_moved"),
        ("models tag nobody team=risk", 2, "model_not_found"),
        ("endpoints promote churn", 2, "not_applicable"),
        ("endpoints split churn 1=60", 2, "not_applicable"),
        ("endpoints rollback nobody", 2, "not_found"),
        ("alerts ack nobody", 2, "alert_not_found"),
        ("retraining approve churn", 2, "nothing_proposed"),
        ("retraining decline churn r-1", 2, "retraining_not_found"),
        ("runs cancel nobody", 2, "run_not_found"),
        ("runs retry nobody", 2, "run_not_found"),
        ("dead-letters replay nobody", 2, "not_found"),
    ] {
        let command: Vec<&str> = line.split_whitespace().chain(["--json"]).collect();
        let by_broker = watched.tier0(&command).await;
        let by_api = watched.by_api(&command).await;
        assert_eq!((by_broker.code(), by_api.code()), (exit_code, exit_code), "{line}");
        assert_eq!(by_api.json(), by_broker.json(), "{line}");
        assert_eq!(code(&by_api.json()), error, "{line}");
        assert!(!by_api.stderr.contains("does not answer"), "{line}: {}", by_api.stderr);
    }
    let text = watched.by_api(&["endpoints", "list"]).await.success().stdout;
    assert_eq!(text, watched.tier0(&["endpoints", "list"]).await.success().stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_go_through_the_api_and_say_so() {
    let watched = with_versions(&[]).await;
    let tag = ["models", "tag", NAME, "team=risk", "--reason", "asked", "--json"];
    let tagged = watched.by_api(&tag).await.success().json();
    assert_eq!(tagged["tags"], json!({"team": "risk"}));
    let alias = ["models", "alias", NAME, "best", "latest", "--json"];
    let named = watched.by_api(&alias).await.success().json();
    assert_eq!(named["aliases"]["best"], json!(2));
    let (_, history) = watched.get(&format!("models/{NAME}/history?limit=2")).await;
    for entry in history["history"].as_array().unwrap() {
        assert!(entry["by"].as_str().unwrap().starts_with("unauthenticated/tier0-cli"), "{entry}");
    }
    let rollback = ["endpoints", "rollback", NAME, "--reason", "complaints", "--json"];
    let back = watched.by_api(&rollback).await.success().json();
    assert_eq!((&back["live"]["version"], &back["reason"]), (&json!(1), &json!("complaints")));
    assert!(
        back["updated_by"].as_str().unwrap().starts_with("unauthenticated/tier0-cli"),
        "{back}"
    );
    let (status, shown) = watched.get(&format!("endpoints/{NAME}")).await;
    assert_eq!((status, &shown), (200, &back));

    let path = format!("endpoints/{NAME}/split");
    let shares = json!([{"version": 1, "per_cent": 70.0}, {"version": 2, "per_cent": 30.0}]);
    let body = json!({"shares": shares, "reason": "a try", "by": "ana"});
    let (status, split) = watched.post(&path, &body).await;
    assert_eq!((status, &split["routing"]["shares"]), (200, &shares), "{split}");
    assert_eq!(split["updated_by"], "unauthenticated/ana");
    let (status, wrong) = watched.post(&path, &json!({"share": []})).await;
    assert_eq!((status, code(&wrong)), (400, "invalid_request"), "{wrong}");
    let (status, unknown) = watched.post("endpoints/nobody/rollback", &json!({})).await;
    assert_eq!((status, code(&unknown)), (404, "endpoint_not_found"), "{unknown}");
    assert_eq!(unknown["error"]["missing"]["known"], json!([NAME]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_is_down_is_replaced_by_the_broker() {
    let watched = with_versions(&[]).await;
    let nowhere = ["--json", "--api-url", "http://127.0.0.1:1"];
    let list = [&["models", "list"], nowhere.as_slice()].concat();
    let listed = watched.tier0(&list).await.success();
    assert_eq!(listed.json()["models"][0]["name"], NAME);
    assert!(listed.stderr.contains("the orchestrator does not answer"), "{}", listed.stderr);
    let note = [&["models", "note", NAME, "1", "by hand"], nowhere.as_slice()].concat();
    let noted = watched.tier0(&note).await.success();
    let by = noted.json()["notes"][0]["by"].as_str().unwrap().to_owned();
    assert!(by.starts_with("tier0-cli"), "{by}");
    assert!(noted.stderr.contains("the orchestrator does not answer"), "{}", noted.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_without_the_token_is_not_made_past_the_api() {
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    write_secret(&token, "s3cret\n");
    let token = token.to_str().unwrap();
    let watched = with_versions(&[("TIER0_ORCHESTRATOR__API__TOKEN_FILE", token)]).await;
    let tag = ["models", "tag", NAME, "team=risk", "--json"];
    let refused = watched.by_api(&tag).await;
    assert_eq!((refused.code(), code(&refused.json())), (2, "unauthorized"));
    let model = watched.registry.model(NAME).await.unwrap().unwrap();
    assert!(model.tags.is_empty(), "{:?}", model.tags);
    let listed: Value = watched.by_api(&["models", "list", "--json"]).await.success().json();
    assert_eq!(listed["models"][0]["name"], NAME, "a query is answered by the broker");
    let with_token = [tag.as_slice(), &["--api-token-file", token]].concat();
    let tagged = watched.by_api(&with_token).await.success().json();
    assert_eq!(tagged["tags"], json!({"team": "risk"}));
}
