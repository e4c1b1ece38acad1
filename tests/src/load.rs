//! Requests that do not stop while something is changed, and what they were answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Pause between two requests of a caller.
const REQUEST_INTERVAL: Duration = Duration::from_millis(2);

/// What one request was answered.
#[derive(Debug, Clone)]
pub struct LoadAnswer {
    /// When it was sent.
    pub sent: Instant,
    /// When its answer had come.
    pub answered: Instant,
    /// The HTTP status; 0 where there was no answer.
    pub status: u16,
    /// The version that answered.
    pub version: u32,
    /// The probability of the second class.
    pub probability: f64,
    /// The routing key it was sent with.
    pub key: String,
    /// The identity that it was answered with.
    pub request_id: String,
    /// The row that it was about.
    pub row: usize,
    /// The version that another one answered for.
    pub fallback_from: Option<u32>,
}

/// Callers of an endpoint.
#[derive(Debug)]
pub struct Load {
    stop: Arc<AtomicBool>,
    callers: JoinSet<Vec<LoadAnswer>>,
}

/// A row as a request: the columns of [`crate::pipeline::small_table`].
pub fn request_of(line: &str) -> Value {
    let mut cells = line.split(',');
    let mut next = || cells.next().unwrap_or_default();
    let (age, visits, region) = (next(), next(), next());
    let number = |text: &str| text.parse::<f64>().unwrap_or_default();
    json!({ "inputs": [
        { "name": "age", "datatype": "FP64", "shape": [1], "data": [number(age)] },
        { "name": "visits", "datatype": "FP64", "shape": [1], "data": [number(visits)] },
        { "name": "region", "datatype": "BYTES", "shape": [1], "data": [region] },
    ] })
}

/// Sends one request and reads its answer.
pub async fn ask(
    http: &reqwest::Client,
    url: &str,
    line: &str,
    key: &str,
    row: usize,
) -> LoadAnswer {
    let sent = Instant::now();
    let response = http
        .post(format!("{url}/infer"))
        .header("x-routing-key", key)
        .json(&request_of(line))
        .send()
        .await;
    let mut answered = LoadAnswer {
        sent,
        answered: sent,
        status: 0,
        version: 0,
        probability: f64::NAN,
        key: key.to_owned(),
        request_id: String::new(),
        row,
        fallback_from: None,
    };
    if let Ok(response) = response {
        answered.status = response.status().as_u16();
        let header = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        answered.request_id = header("x-request-id").unwrap_or_default();
        answered.fallback_from = header("x-fallback-from").and_then(|from| from.parse().ok());
        let body: Value = response.json().await.unwrap_or_default();
        answered.version = body["model_version"]
            .as_str()
            .and_then(|version| version.parse().ok())
            .unwrap_or_default();
        answered.probability = body["outputs"][2]["data"][0].as_f64().unwrap_or(f64::NAN);
    }
    answered.answered = Instant::now();
    answered
}

impl Load {
    /// Starts callers that ask the endpoint at these URLs (`…/v2/models/NAME`), in turn, about these rows, each request with a key of its own.
    pub fn start(urls: Vec<String>, rows: Vec<String>, callers: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let number = Arc::new(AtomicUsize::new(0));
        let mut set = JoinSet::new();
        for _ in 0..callers {
            let (stop, number, urls, rows) =
                (Arc::clone(&stop), Arc::clone(&number), urls.clone(), rows.clone());
            set.spawn(async move {
                let http = reqwest::Client::builder().no_proxy().build().unwrap_or_default();
                let mut answers = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let number = number.fetch_add(1, Ordering::Relaxed);
                    let (url, row) = (number % urls.len().max(1), number % rows.len().max(1));
                    if let (Some(url), Some(line)) = (urls.get(url), rows.get(row)) {
                        answers.push(ask(&http, url, line, &format!("key-{number}"), row).await);
                    }
                    tokio::time::sleep(REQUEST_INTERVAL).await;
                }
                answers
            });
        }
        Self { stop, callers: set }
    }

    /// Stops the callers: what they were answered, in the order in which it was sent.
    pub async fn stop(mut self) -> Vec<LoadAnswer> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Vec::new();
        while let Some(answers) = self.callers.join_next().await {
            all.extend(answers.unwrap_or_default());
        }
        all.sort_by_key(|answered| answered.sent);
        all
    }
}
