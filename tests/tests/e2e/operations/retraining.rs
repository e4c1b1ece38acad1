//! Retraining: shown, approved and declined.

use contracts::v1::{self, RetrainingState};
use serde_json::json;
use tokio::task::JoinSet;

use super::{NAME, Watched, code, now};

fn attempt(id: &str, state: RetrainingState) -> v1::RetrainingAttempt {
    let mut attempt = v1::RetrainingAttempt {
        request_id: id.to_owned(),
        cause: Some(v1::Cause {
            alert_id: "a-drift".to_owned(),
            endpoint: NAME.to_owned(),
            version: 3,
            run_id: "run-3".to_owned(),
            reason: "calls_3m has drifted".to_owned(),
            batch_sha256: "d".repeat(64),
        }),
        started_at: now(),
        issues: vec![v1::QualityIssue {
            code: "missing_values".to_owned(),
            column: "share".to_owned(),
            message: "12 % are missing".to_owned(),
            rows: 180,
            ..v1::QualityIssue::default()
        }],
        ..v1::RetrainingAttempt::default()
    };
    attempt.set_state(state);
    attempt
}

async fn with_attempts(attempts: &[(&str, RetrainingState)]) -> Watched {
    let watched = Watched::start().await;
    let change = |record: &mut v1::RetrainingRecord| {
        record.attempts = attempts.iter().map(|(id, state)| attempt(id, *state)).collect();
        true
    };
    watched.registry.monitors().change_retraining(NAME, change).await.unwrap();
    watched
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposed_retraining_is_approved_once() {
    use RetrainingState::{Proposed, Rejected};
    let watched = with_attempts(&[("t-1", Rejected), ("t-2", Proposed)]).await;
    let path = format!("endpoints/{NAME}/retraining");
    let (status, before) = watched.get(&path).await;
    assert_eq!((status, &before["attempts"][0]["request_id"]), (200, &json!("t-2")), "{before}");
    let listed = watched.tier0(&["retraining", "list", NAME, "--json"]).await.success().json();
    assert_eq!(listed["retraining"], json!([before]));
    let every = watched.tier0(&["retraining", "list", "--json"]).await.success().json();
    assert_eq!(every, listed);
    let text = watched.tier0(&["retraining", "show", NAME]).await.success().stdout;
    for part in ["proposed", "calls_3m has drifted", "a-drift", "missing_values in share"] {
        assert!(text.contains(part), "{part}: {text}");
    }

    let approve = ["retraining", "approve", NAME, "--note", "go on", "--json"];
    let approved = watched.tier0(&approve).await.success().json();
    assert_eq!((&approved["request_id"], &approved["state"]), (&json!("t-2"), &json!("requested")));
    let record = watched.registry.monitors().retraining(NAME).await.unwrap();
    let [first, second] = record.attempts.as_slice() else { panic!("{record:?}") };
    assert_eq!(first.state(), Rejected, "the other one is left alone");
    assert_eq!((second.state(), second.run_id.as_str()), (RetrainingState::Requested, ""));
    assert!(second.reason.starts_with("approved by tier0-cli"), "{}", second.reason);
    assert!(second.reason.ends_with(": go on") && second.ended_at.is_none());

    let again = watched.tier0(&approve).await;
    assert_eq!((again.code(), code(&again.json())), (2, "nothing_proposed"));
    let (status, late) =
        watched.post(&format!("{path}/decline"), &json!({"request_id": "t-2"})).await;
    assert_eq!((status, code(&late)), (409, "not_proposed"), "{late}");
    let (status, unknown) =
        watched.post(&format!("{path}/approve"), &json!({"request_id": "t-9"})).await;
    assert_eq!((status, code(&unknown)), (404, "retraining_not_found"), "{unknown}");
    let (status, nobody) = watched.post("endpoints/nobody/retraining/approve", &json!({})).await;
    assert_eq!((status, code(&nobody)), (404, "endpoint_not_found"), "{nobody}");
    assert_eq!(watched.registry.monitors().retraining("nobody").await.unwrap().attempts, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposed_retraining_is_declined_with_a_reason() {
    use RetrainingState::{Declined, Proposed};
    let watched = with_attempts(&[("t-1", Proposed), ("t-2", Proposed)]).await;
    let body = json!({"note": "the feed was broken", "by": "ana"});
    let path = format!("endpoints/{NAME}/retraining/decline");
    let (status, declined) = watched.post(&path, &body).await;
    assert_eq!((status, &declined["request_id"]), (200, &json!("t-2")), "the newest: {declined}");
    assert_eq!(declined["reason"], "declined by unauthenticated/ana: the feed was broken");
    let decline = ["retraining", "decline", NAME, "t-1", "--note", "too"];
    let text = watched.tier0(&decline).await.success().stdout;
    assert!(text.contains("t-1 of `churn` is declined"), "{text}");
    let record = watched.registry.monitors().retraining(NAME).await.unwrap();
    assert!(record.attempts.iter().all(|a| a.state() == Declined && a.ended_at.is_some()));
    let shown = watched.tier0(&["retraining", "show", NAME, "t-9", "--json"]).await;
    assert_eq!((shown.code(), code(&shown.json())), (2, "not_found"));
    let shown = watched.tier0(&["retraining", "show", "nobody"]).await;
    assert_eq!(shown.code(), 2, "{}", shown.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_answer_one_does() {
    let watched = with_attempts(&[("t-1", RetrainingState::Proposed)]).await;
    let mut answering = JoinSet::new();
    for number in 0..8 {
        let decision = if number % 2 == 0 { "approve" } else { "decline" };
        let api = watched.orchestrator.url();
        let url = format!("{api}/api/v1/endpoints/{NAME}/retraining/{decision}");
        answering.spawn(async move {
            reqwest::Client::new().post(url).send().await.unwrap().status().as_u16()
        });
    }
    let mut statuses = answering.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
}
