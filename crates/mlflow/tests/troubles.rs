//! What the client does where a server is slow, broken, or wants a secret.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use mlflow::{Client, Error, MlflowConfig};

/// A server that answers each request by `answer`, which is told how many came before.
async fn server(
    answer: impl Fn(u32, HeaderMap) -> (StatusCode, &'static str) + Clone + Send + Sync + 'static,
) -> (MlflowConfig, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let counted = count.clone();
    let handler = move |headers: HeaderMap| {
        let before = counted.fetch_add(1, Ordering::SeqCst);
        let answer = answer.clone();
        async move { answer(before, headers) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(handler);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (MlflowConfig { tracking_uri: Some(url.into()), ..MlflowConfig::default() }, count)
}

async fn open(config: &MlflowConfig) -> Client {
    Client::open(config).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_may_be_repeated_is_repeated_and_what_makes_something_is_not() {
    let busy = |before, _| match before {
        0 | 1 => (StatusCode::SERVICE_UNAVAILABLE, "later"),
        _ => (StatusCode::OK, r#"{"experiment": {"experiment_id": "7"}}"#),
    };
    let (config, count) = server(busy).await;
    let found = open(&config).await.experiment("x").await.unwrap().unwrap();
    assert_eq!((found.experiment_id.as_str(), count.load(Ordering::SeqCst)), ("7", 3));

    let (config, count) = server(|_, _| (StatusCode::BAD_GATEWAY, "no")).await;
    let client = open(&config).await;
    let failed = client.create_experiment("x", &[]).await.unwrap_err();
    assert!(matches!(failed, Error::Busy { status: 502, .. }), "{failed}");
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert!(client.experiment("x").await.unwrap_err().is_transient());
    assert_eq!(count.load(Ordering::SeqCst), 4, "and then it is given up");
}

#[tokio::test]
async fn a_refusal_is_told_with_its_code_and_is_no_reason_to_try_again() {
    let refuse = |_, _| {
        (
            StatusCode::BAD_REQUEST,
            r#"{"error_code": "INVALID_PARAMETER_VALUE", "message": "no such thing"}"#,
        )
    };
    let (config, count) = server(refuse).await;
    let refused = open(&config).await.run("r").await.unwrap_err();
    assert!(!refused.is_transient());
    assert_eq!(
        refused.to_string(),
        "MLflow refused runs/get with 400 INVALID_PARAMETER_VALUE: no such thing"
    );
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn nobody_is_waited_for_longer_than_is_configured() {
    // A client that connects waits in the listener's queue for ever.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let config = MlflowConfig {
        tracking_uri: Some(url.clone().into()),
        timeout_seconds: 0.2,
        probe_seconds: 0.2,
        ..MlflowConfig::default()
    };
    let start = Instant::now();
    let failed = mlflow::probe(&config).await.unwrap_err();
    assert!(failed.is_transient());
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let failed = open(&config).await.experiment("x").await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert!(!failed.to_string().contains(&url), "{failed}");
    assert!(mlflow::probe(&MlflowConfig::default()).await.is_ok(), "nobody is configured");
}

#[tokio::test]
async fn a_server_that_refuses_is_there_and_one_that_cannot_work_is_not() {
    let (config, _) = server(|_, _| (StatusCode::UNAUTHORIZED, "")).await;
    mlflow::probe(&config).await.unwrap();
    let (config, _) = server(|_, _| (StatusCode::SERVICE_UNAVAILABLE, "")).await;
    assert!(mlflow::probe(&config).await.unwrap_err().is_transient());
}

#[tokio::test]
async fn secrets_come_from_files_and_are_shown_nowhere() {
    let directory = tempfile::tempdir().unwrap();
    let secret = directory.path().join("secret");
    std::fs::write(&secret, "me:sesame\n").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let echo = |_, headers: HeaderMap| {
        let given = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
        match given.as_deref() {
            Some("Bearer me:sesame") => {
                (StatusCode::OK, r#"{"experiment": {"experiment_id": "1"}}"#)
            }
            Some("Basic bWU6c2VzYW1l") => {
                (StatusCode::OK, r#"{"experiment": {"experiment_id": "2"}}"#)
            }
            _ => (StatusCode::UNAUTHORIZED, "who are you?"),
        }
    };
    let (config, _) = server(echo).await;
    let nobody = open(&config).await.experiment("x").await.unwrap_err();
    assert!(nobody.is_transient(), "the right secret may come yet: {nobody}");
    let with_token = MlflowConfig { token_file: Some(secret.clone()), ..config.clone() };
    let client = open(&with_token).await;
    assert!(!format!("{client:?}").contains("sesame"));
    assert_eq!(client.experiment("x").await.unwrap().unwrap().experiment_id, "1");
    let with_password = MlflowConfig { basic_auth_file: Some(secret.clone()), ..config.clone() };
    let found = open(&with_password).await.experiment("x").await.unwrap().unwrap();
    assert_eq!(found.experiment_id, "2");
    std::fs::write(&secret, "a\u{1}b").unwrap();
    let unusable = Client::open(&with_token).await.unwrap_err();
    assert!(
        matches!(unusable, Error::Credentials { .. })
            && !format!("{unusable:?}").contains("a\u{1}b")
    );
    std::fs::write(&secret, " \n").unwrap();
    assert!(matches!(Client::open(&with_token).await, Err(Error::SecretFile(_))));
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o640)).unwrap();
    let open_to_others = Client::open(&with_token).await.unwrap_err();
    assert!(open_to_others.is_transient() && open_to_others.to_string().contains("chmod 600"));
}
