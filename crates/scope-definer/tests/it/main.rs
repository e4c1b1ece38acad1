//! The agent as a process of its own, against a real nats-server: requests in, answers, scopes and refusals out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use std::process::Command;
use std::time::{Duration, Instant};

use bus::{Bus, Headers};
use bytes::Bytes;
use contracts::encoding;
use contracts::handoff::ValidHandoff;
use contracts::stages::{MonotoneDirection, ProblemType};
use contracts::{Agent, RunId, names, subjects, v1};
use serde_json::{Value, json};
use tier0_tests::{Broker, NatsServer, Process};

const TIMEOUT: Duration = Duration::from_secs(30);

struct Running {
    _agents: Vec<Process>,
    bus: Bus,
    directory: tempfile::TempDir,
    _nats: NatsServer,
}

impl Running {
    async fn start(replicas: usize) -> Self {
        let Broker { nats, bus, .. } = Broker::start().await;
        let directory = tempfile::tempdir().unwrap();
        let rows = (0..600).map(|row| {
            let brand = if row % 2 == 0 { "Kisqali" } else { "Verzenio" };
            format!("{row},{brand},{},{}\n", row % 17, if row % 3 == 0 { "Yes" } else { "No" })
        });
        let table: String =
            std::iter::once("id,brand,visits,churned\n".to_owned()).chain(rows).collect();
        std::fs::write(directory.path().join("hcp.csv"), table).unwrap();
        let catalogue = format!(
            "[[dataset]]\nname = \"hcp_churn\"\naliases = [\"HCP\"]\nuri = {:?}\ntarget = \"churned\"\npopulation_columns = [\"brand\"]\n",
            directory.path().join("hcp.csv")
        );
        std::fs::write(directory.path().join("catalogue.toml"), catalogue).unwrap();
        let agents = (0..replicas)
            .map(|replica| start_agent(nats.url(), directory.path(), replica))
            .collect();
        let running = Self { _agents: agents, bus, directory, _nats: nats };
        for replica in 0..replicas {
            let ready = running.directory.path().join(format!("ready-{replica}.json"));
            until("the agent is ready", async || ready.exists().then_some(())).await;
        }
        running
    }

    async fn ask(&self, headers: Headers, payload: Vec<u8>) -> (Headers, Bytes) {
        let answer =
            self.bus.request(subjects::REQUEST, headers, payload.into(), TIMEOUT).await.unwrap();
        (answer.headers.unwrap_or_default(), answer.payload)
    }

    async fn ask_json(&self, request: &Value) -> Value {
        let (headers, answer) = self.ask(Headers::new(), request.to_string().into_bytes()).await;
        assert_eq!(headers.get(names::CONTENT_TYPE).unwrap().as_str(), names::JSON);
        serde_json::from_slice(&answer).unwrap()
    }

    async fn result(&self, run: &str) -> ValidHandoff {
        let subject = subjects::result(&RunId::new(run).unwrap(), 0);
        until("the run ends", async || {
            let (_, _, payload) = self.bus.last(&subject).await.unwrap()?;
            Some(encoding::decode_handoff(None, &payload).unwrap())
        })
        .await
    }

    async fn dead_letter(&self) -> v1::DeadLetter {
        let subject = subjects::dead_letter(Agent::ScopeDefiner, None);
        until("a dead letter is there", async || {
            let (_, _, payload) = self.bus.last(&subject).await.unwrap()?;
            Some(encoding::from_protobuf("DeadLetter", &payload).unwrap())
        })
        .await
    }

    fn uri(&self) -> String {
        self.directory.path().join("hcp.csv").display().to_string()
    }
}

fn start_agent(url: &str, directory: &std::path::Path, replica: usize) -> Process {
    Process::start(
        Command::new(env!("CARGO_BIN_EXE_scope-definer"))
            .env("TIER0__NATS__URL", url)
            .env("TIER0__READY_FILE", directory.join(format!("ready-{replica}.json")))
            .env("TIER0_SCOPE_DEFINER__CATALOGUE", directory.join("catalogue.toml"))
            .env("TIER0_SCOPE_DEFINER__DATA__ALLOWED_ROOTS", directory),
    )
}

async fn until<T>(what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = check().await {
            return found;
        }
        assert!(begun.elapsed() < TIMEOUT, "{what}: not within {TIMEOUT:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_text_becomes_a_scope() {
    let running = Running::start(1).await;
    let request =
        json!({"text": "Train churn prediction model for Kisqali HCPs", "until": "scope-definer"});
    let answer = running.ask_json(&request).await;
    assert_eq!(
        (&answer["accepted"], &answer["stream"]),
        (&json!(true), &json!(names::REQUESTS_STREAM))
    );
    assert_eq!(answer["seq"], json!(1));
    let result = running.result(answer["run_id"].as_str().unwrap()).await;
    assert_eq!(result.status(), v1::HandoffStatus::Success, "{:?}", result.failure());
    let scope = result.scope().unwrap();
    assert_eq!((scope.name.as_str(), scope.positive_class.as_str()), ("hcp-churn-kisqali", "Yes"));
    assert_eq!(scope.inclusion[0].values, ["Kisqali"]);
    assert_eq!(scope.rows_examined, 600);
}

#[tokio::test]
async fn columns_of_options_are_looked_at_beside_the_target() {
    let running = Running::start(1).await;
    let request = json!({
        "data_uri": running.uri(), "target": "churned", "until": "scope-definer", "weightColumn": "visits",
        "groupColumns": ["brand"], "threshold": {"metric": "cost", "falsePositiveCost": 1, "falseNegativeCost": 10},
        "monotoneConstraints": [{"column": "id", "direction": "MONOTONE_DIRECTION_INCREASING"}], "maxTrials": 3,
    });
    let answer = running.ask_json(&request).await;
    let result = running.result(answer["run_id"].as_str().unwrap()).await;
    assert_eq!(result.status(), v1::HandoffStatus::Success, "{:?}", result.failure());
    let scope = result.scope().unwrap();
    assert_eq!((scope.weight_column.as_str(), scope.max_trials), ("visits", 3));
    assert_eq!(scope.excluded_columns[0].reason, "sample weight");
    assert_eq!(scope.monotone_constraints[0].direction, MonotoneDirection::Increasing);
    assert_eq!(scope.threshold.as_ref().unwrap().false_negative_cost, 10.0);

    let wrong = json!({"data_uri": running.uri(), "target": "churned", "loss": "hinge"});
    let answer = running.ask_json(&wrong).await;
    assert_eq!(answer["accepted"], json!(false));
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("`loss`") && message.contains("`hinge`"), "{message}");
    assert!(message.contains("squared, absolute, huber"), "{message}");
}

#[tokio::test]
async fn a_request_id_is_one_run_and_the_answer_has_the_encoding_of_the_request() {
    let running = Running::start(2).await;
    let request = v1::ScopeRequest {
        request_id: "mine".to_owned(),
        data_uri: running.uri(),
        target: "churned".to_owned(),
        until: "scope-definer".to_owned(),
        ..Default::default()
    };
    for _ in 0..3 {
        let mut headers = Headers::new();
        headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
        let (headers, answer) = running.ask(headers, encoding::encode(&request).to_vec()).await;
        assert_eq!(headers.get(names::CONTENT_TYPE).unwrap().as_str(), names::PROTOBUF);
        let answer: v1::ScopeReply = encoding::from_protobuf("ScopeReply", &answer).unwrap();
        assert_eq!((answer.accepted, answer.run_id.as_str()), (true, "mine"));
    }
    assert_eq!(running.result("mine").await.scope().unwrap().problem_type, ProblemType::Binary);
}

#[tokio::test]
async fn equal_requests_without_an_id_are_runs_of_their_own() {
    let running = Running::start(2).await;
    let request = json!({"data_uri": running.uri(), "target": "churned", "until": "scope-definer"});
    let mut runs = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let answer = running.ask_json(&request).await;
        runs.insert(answer["run_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(runs.len(), 200);
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_put_aside() {
    let running = Running::start(1).await;
    let large = format!("{{\"text\": \"{}\"}}", "x".repeat(2 * 1024 * 1024));
    for (payload, code) in [
        (br#"{"text": "x", "targt": "y"}"#.to_vec(), "unknown_field"),
        (b"{ not json".to_vec(), "undecodable_message"),
        (b"\xff\xff\xff".to_vec(), "undecodable_message"),
        (br#"{"target": "y"}"#.to_vec(), "invalid_field"),
        (large.into_bytes(), "message_too_large"),
    ] {
        let json = payload.first() == Some(&b'{');
        let (_, answer) = running.ask(Headers::new(), payload).await;
        let found = if json {
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            assert_eq!(answer["accepted"], json!(false));
            answer["error"]["code"].as_str().unwrap().to_owned()
        } else {
            let answer: v1::ScopeReply = encoding::from_protobuf("ScopeReply", &answer).unwrap();
            answer.error.unwrap().code
        };
        assert_eq!(found, code);
        let letter = running.dead_letter().await;
        assert_eq!(letter.reason.unwrap().code, code);
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_fulfilled_fails_with_what_would_help() {
    let running = Running::start(1).await;
    std::fs::write(running.directory.path().join("empty.csv"), "").unwrap();
    std::fs::write(running.directory.path().join("bare.csv"), "a,b\n").unwrap();
    std::fs::write(running.directory.path().join("one.csv"), "a,b\n1,2\n").unwrap();
    let file = |name: &str| running.directory.path().join(name).display().to_string();
    let table = |uri: String, target: &str| json!({"data_uri": uri, "target": target});
    let with = |option: &str, value: Value| {
        let mut request = table(running.uri(), "churned");
        request[option] = value;
        request
    };
    for (request, code, suggestion) in [
        (json!({"text": "predict HPC churn"}), "unknown_data_set", "hcp_churn"),
        (json!({"text": "churn of HCPs in Atlantis"}), "ambiguous_request", "hcp_churn"),
        (table(running.uri(), "chruned"), "target_missing", "churned"),
        (table(file("none.csv"), "y"), "source_not_found", ""),
        (table(file("empty.csv"), "y"), "source_empty", ""),
        (table(file("bare.csv"), "b"), "source_empty", ""),
        (table(file("one.csv"), "b"), "target_constant", ""),
        (with("weight_column", json!("visit")), "column_missing", "visits"),
        (with("weight_column", json!("brand")), "column_type", ""),
        (
            with("monotone_constraints", json!([{"column": "visists", "direction": 1}])),
            "column_missing",
            "visits",
        ),
        (with("group_columns", json!(["brands"])), "column_missing", "brand"),
        (with("loss", json!("huber")), "loss_not_applicable", ""),
    ] {
        let answer = running.ask_json(&request).await;
        let result = running.result(answer["run_id"].as_str().unwrap()).await;
        let failure = result.failure().unwrap();
        assert_eq!(
            (failure.code.as_str(), failure.agent.as_str()),
            (code, "scope-definer"),
            "{}",
            failure.message
        );
        let first = failure.suggestions.first().map(String::as_str).unwrap_or_default();
        assert_eq!(first, suggestion, "{}", failure.message);
    }
}

/// What may not be read is refused by the answer: no run is begun for it.
#[tokio::test]
async fn places_that_may_not_be_read_are_refused_before_a_run_is_begun() {
    let running = Running::start(1).await;
    let rule = json!({"name": "known", "reference": {"columns": ["visits"], "uri": "/etc/passwd"}});
    for request in [
        json!({"data_uri": "/etc/passwd", "target": "y"}),
        json!({"data_uri": "http://127.0.0.1/x.csv", "target": "y"}),
        json!({"data_uri": "ftp://example.org/x.csv", "target": "y"}),
        json!({"data_uri": running.uri(), "target": "churned", "checks": {"suite_uri": "/etc/passwd"}}),
        json!({"data_uri": running.uri(), "target": "churned", "checks": {"rules": [rule]}}),
    ] {
        let answer = running.ask_json(&request).await;
        assert_eq!(answer["error"]["code"], "source_not_allowed", "{request}: {answer}");
        assert!(answer["run_id"].as_str().unwrap_or_default().is_empty(), "{answer}");
    }
}

#[tokio::test]
async fn rows_without_a_label_are_left_out_and_whole_floats_are_classes() {
    let running = Running::start(1).await;
    let path = running.directory.path().join("grades.csv");
    let mut csv = "x,grade,price\n".to_owned();
    for row in 0..300 {
        let grade = if row % 10 == 9 { String::new() } else { format!("{}.0", row % 3) };
        let price = if row % 10 == 8 { String::new() } else { format!("${row}.50") };
        csv += &format!("{row},{grade},{price}\n");
    }
    std::fs::write(&path, csv).unwrap();
    for (target, problem, operator) in [
        ("grade", v1::ProblemType::Multiclass, v1::PredicateOperator::In),
        ("price", v1::ProblemType::Regression, v1::PredicateOperator::GreaterOrEqual),
    ] {
        let request = json!({"dataUri": path.display().to_string(), "target": target, "until": "scope-definer"});
        let answer = running.ask_json(&request).await;
        let result = running.result(answer["run_id"].as_str().unwrap()).await;
        let scope = result.scope().unwrap();
        assert_eq!(v1::ProblemType::from(scope.problem_type), problem);
        assert_eq!(scope.inclusion.len(), 1);
        assert_eq!(scope.inclusion[0].column, target);
        assert_eq!(v1::PredicateOperator::from(scope.inclusion[0].operator), operator);
        let text = format!("{:?}", result.warnings());
        assert!(text.contains("target_missing_rows") && text.contains("30 of 300"), "{text}");
    }
}
