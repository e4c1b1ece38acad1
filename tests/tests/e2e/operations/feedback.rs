//! Outcomes of predictions, told by REST and by file.

use std::path::PathBuf;
use std::time::Duration;

use bus::{MESSAGE_ID, Scan};
use contracts::{encoding, names, subjects, v1};
use serde_json::json;
use tempfile::TempDir;
use tier0_tests::{write_secret, write_table};

use super::{NAME, Watched, answered, code};

/// What is stored of outcomes: each message with its identity for the broker.
async fn stored(watched: &Watched) -> Vec<(String, v1::Feedback)> {
    let mut stored = Vec::new();
    let take = |message: bus::StoredMessage| {
        let id = message.headers.get(MESSAGE_ID).unwrap().as_str().to_owned();
        assert_eq!(message.subject, subjects::feedback(NAME).unwrap());
        stored.push((id, encoding::from_protobuf("Feedback", &message.payload).unwrap()));
        Ok::<_, bus::Error>(())
    };
    let stream = names::FEEDBACK_STREAM;
    watched.bus.scan(stream, subjects::ALL_FEEDBACK, Scan::All, take).await.unwrap();
    stored
}

fn file(directory: &TempDir, name: &str, lines: &[&str]) -> String {
    let path: PathBuf = directory.path().join(name);
    write_table(&path, lines);
    path.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn outcomes_by_rest_are_all_taken_or_none() {
    let watched = Watched::start().await;
    let path = format!("endpoints/{NAME}/feedback");
    let good = json!({"request_id": "r1", "outcomes": ["Yes", null, "No"]});
    let wrong = json!({"feedback": [good, {"entity_id": "H1"}]});
    let (status, answer) = watched.post(&path, &wrong).await;
    assert_eq!((status, code(&answer)), (400, "invalid_request"), "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().starts_with("feedback[1]: "), "{answer}");
    let (status, answer) = watched.post("endpoints/nobody/feedback", &good).await;
    assert_eq!((status, code(&answer)), (404, "endpoint_not_found"), "{answer}");
    let large = json!({"entity_id": "H1", "outcome": "x".repeat(9 << 20)});
    let (status, answer) = watched.post(&path, &large).await;
    assert_eq!((status, code(&answer)), (413, "too_large"), "{answer}");
    let url = format!("{}/api/v1/{path}", watched.orchestrator.url());
    let foreign = reqwest::Client::new().post(&url).header("origin", "http://example.org");
    let (status, answer) = answered(foreign.json(&good)).await;
    assert_eq!((status, code(&answer)), (403, "foreign_origin"), "{answer}");
    assert!(stored(&watched).await.is_empty(), "nothing was taken");

    let observed = "2026-11-25T12:00:00Z";
    let both =
        json!({"feedback": [good, {"entity_id": "H1", "outcome": 1, "observed_at": observed}]});
    let (status, answer) = watched.post(&path, &both).await;
    assert_eq!((status, &answer["published"], &answer["duplicates"]), (202, &json!(2), &json!(0)));
    let (status, again) = watched.post(&path, &both).await;
    assert_eq!((status, &again["published"], &again["duplicates"]), (202, &json!(0), &json!(2)));
    assert_eq!(again["feedback_ids"], answer["feedback_ids"], "the same is told again");

    let mut stored = stored(&watched).await;
    stored.sort_by_key(|(_, feedback)| feedback.entity_id.clone());
    let [(first_id, of_request), (second_id, of_entity)] = stored.as_slice() else {
        panic!("{stored:?}");
    };
    assert_eq!(answer["feedback_ids"], json!([first_id, second_id]));
    assert_eq!((&of_request.feedback_id, &of_entity.feedback_id), (first_id, second_id));
    assert_eq!((of_request.request_id.as_str(), of_request.outcomes.len()), ("r1", 3));
    assert_eq!(of_request.outcomes, ["Yes", "", "No"]);
    assert_eq!((of_entity.entity_id.as_str(), of_entity.outcomes[0].as_str()), ("H1", "1"));
    assert_eq!(of_entity.observed_at.unwrap().seconds, 1_795_608_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn outcomes_need_the_token_where_there_is_one() {
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    write_secret(&token, "s3cret");
    let token = token.display().to_string();
    let environment = [("TIER0_ORCHESTRATOR__API__TOKEN_FILE", token.as_str())];
    let watched = Watched::start_with(&environment).await;
    let url = format!("{}/api/v1/endpoints/{NAME}/feedback", watched.orchestrator.url());
    let post = |token: &str| {
        let request = reqwest::Client::new().post(&url).bearer_auth(token);
        answered(request.json(&json!({"entity_id": "H1", "outcome": "Yes"})))
    };
    let (status, answer) = post("guess").await;
    assert_eq!((status, code(&answer)), (401, "unauthorized"), "{answer}");
    assert!(stored(&watched).await.is_empty());
    assert_eq!(post("s3cret").await.0, 202);
    assert_eq!(stored(&watched).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_outcomes_is_told_once() {
    let watched = Watched::start().await;
    let directory = tempfile::tempdir().unwrap();
    let by_request = file(
        &directory,
        "requests.csv",
        &["request_id,row,churned", "r1,1,No", "r2,0,Yes", "r1,0,Yes", "r3,0,"],
    );
    let tell = ["feedback", NAME, "--data", &by_request, "--outcome-column", "churned", "--json"];
    let first = watched.tier0(&tell).await.success().json();
    let expected = json!({"endpoint": NAME, "rows": 4, "rows_without_outcome": 1, "messages": 2,
                          "published": 2, "duplicates": 0, "seconds": first["seconds"]});
    assert_eq!(first, expected);
    let again = watched.tier0(&tell).await.success().json();
    assert_eq!((&again["published"], &again["duplicates"]), (&json!(0), &json!(2)), "{again}");
    let mut told: Vec<_> = stored(&watched).await.into_iter().map(|(_, of)| of).collect();
    told.sort_by_key(|of| of.request_id.clone());
    let told: Vec<_> =
        told.iter().map(|of| (of.request_id.as_str(), of.outcomes.clone())).collect();
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(told, [("r1", texts(&["Yes", "No"])), ("r2", texts(&["Yes"]))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn outcomes_of_many_entities_are_all_stored_through_a_broker_that_restarts() {
    const ENTITIES: usize = 10_000;
    let mut watched = Watched::start().await;
    let directory = tempfile::tempdir().unwrap();
    let rows: Vec<String> = std::iter::once("hcp_id,outcome".to_owned())
        .chain((0..ENTITIES).map(|n| format!("H{n},{}", n % 2)))
        .collect();
    let lines: Vec<&str> = rows.iter().map(String::as_str).collect();
    let data = file(&directory, "entities.csv", &lines);
    let url = watched.nats.url().to_owned();
    let telling = tokio::spawn(async move {
        let tell = ["feedback", NAME, "--data", &data, "--entity-column", "hcp_id", "--json"];
        tier0_tests::tier0(tell.into_iter().chain(["--nats-url", &url])).await
    });
    // In the middle of it, as far as can be told: some are stored, and not all.
    let stored_now = async |watched: &Watched| {
        let stream = watched.bus.jetstream().get_stream(names::FEEDBACK_STREAM).await;
        stream.map_or(0, |stream| stream.cached_info().state.messages as usize)
    };
    let begun = tier0_tests::eventually("some outcomes are stored", || async {
        Some(stored_now(&watched).await).filter(|stored| *stored > 100)
    });
    let before = begun.await;
    watched.nats.kill();
    tokio::time::sleep(Duration::from_millis(300)).await;
    watched.nats.start_again();
    let told = telling.await.unwrap().success().json();
    assert!(before < ENTITIES, "the broker was killed too late to show anything");
    let count = |name: &str| told[name].as_u64().unwrap() as usize;
    assert_eq!(count("published") + count("duplicates"), ENTITIES, "{told}");
    let mut entities: Vec<String> =
        stored(&watched).await.into_iter().map(|(_, of)| of.entity_id).collect();
    assert_eq!(entities.len(), ENTITIES, "each is stored once");
    entities.sort();
    entities.dedup();
    assert_eq!(entities.len(), ENTITIES);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_is_said_with_its_exit_code() {
    let watched = Watched::start().await;
    let directory = tempfile::tempdir().unwrap();
    let good = file(&directory, "good.csv", &["entity_id,outcome", "H1,Yes"]);
    let wrong = file(&directory, "wrong.csv", &["entity_id,outcome", "H1,Yes", ",No"]);
    let refused = watched.tier0(&["feedback", NAME, "--data", &wrong, "--json"]).await;
    let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
    assert_eq!(refused.code(), 2, "{message}");
    assert!(message.contains("column `entity_id`, row 2"), "{message}");
    let unknown = watched.tier0(&["feedback", "nobody", "--data", &good, "--json"]).await;
    assert_eq!((unknown.code(), code(&unknown.json())), (2, "not_found"));
    let missing = watched.tier0(&["feedback", NAME, "--data", "no-such.csv"]).await;
    assert_eq!(missing.code(), 2, "{}", missing.stderr);
    assert!(stored(&watched).await.is_empty());
    let nowhere = ["feedback", NAME, "--data", &good, "--nats-url", "nats://127.0.0.1:1"];
    assert_eq!(tier0_tests::tier0(nowhere).await.code(), 3);
}
