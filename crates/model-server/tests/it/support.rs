//! Bundles, and a server that holds them.

use std::collections::BTreeMap;
use std::sync::Arc;

use model_server::testing::{
    Clock, Endpoint, EventQueue, LoadedVersion, Server, Serving, serve_grpc, serve_rest,
};
use process::{CancellationToken, ListenerTls};
use process::http::{BearerToken, Bind, HTTP1, HTTP2, Listener};
use scoring::bundle::{self, BundleParts};
use scoring::{Encoding, LinearEncoding, LinearModel, Link, Model, Signature};
use serde_json::{Value, json};
use tabular::cleaning::ColumnCleaning;
use tabular::parse::MissingMarkers;
use tabular::plan::{Feature, PLAN_VERSION, Transform};
use tabular::{CleaningPlan, ColumnType, FeaturePlan, Field, ProblemType};

pub(crate) const INPUTS: [(&str, ColumnType); 5] = [
    ("tenure", ColumnType::Integer),
    ("charges", ColumnType::Number),
    ("contract", ColumnType::Text),
    ("active", ColumnType::Boolean),
    ("joined", ColumnType::Date),
];

fn feature(name: &str, transform: Transform) -> Feature {
    Feature { name: name.to_owned(), transform }
}

/// Inputs that are read plainly and with the default markers of missing values.
pub(crate) fn plain(inputs: &[(&str, ColumnType)]) -> Vec<ColumnCleaning> {
    let plain = |(name, column_type): &(&str, ColumnType)| {
        ColumnCleaning::new(*name, *column_type, &MissingMarkers::default())
    };
    inputs.iter().map(plain).collect()
}

/// [`INPUTS`], read so.
pub(crate) fn plain_inputs() -> Vec<ColumnCleaning> {
    plain(&INPUTS)
}

/// The bytes of a linear model's bundle; `shift` moves its answers.
pub(crate) fn bundle(problem: ProblemType, shift: f64) -> Vec<u8> {
    bundle_of(problem, shift, plain_inputs())
}

/// As [`bundle`], of these inputs.
pub(crate) fn bundle_of(problem: ProblemType, shift: f64, inputs: Vec<ColumnCleaning>) -> Vec<u8> {
    let fields: Vec<Field> = inputs.iter().map(ColumnCleaning::field).collect();
    let identity = |input: &str| Transform::Identity { input: input.to_owned() };
    let plan = FeaturePlan {
        version: PLAN_VERSION,
        cleaning: CleaningPlan { columns: inputs },
        features: vec![
            feature("tenure", identity("tenure")),
            feature("charges", identity("charges")),
            feature(
                "contract",
                Transform::Category {
                    input: "contract".to_owned(),
                    levels: vec!["month".to_owned(), "year".to_owned()],
                    other: true,
                },
            ),
            feature("active", identity("active")),
        ],
    };
    let number = Encoding::Numeric { mean: 10.0, scale: 5.0, impute: 10.0, indicator: false };
    let is_regression = problem == ProblemType::Regression;
    let model = Model::Linear(LinearModel {
        encoding: LinearEncoding {
            features: vec![number.clone(), number.clone(), Encoding::OneHot { width: 3 }, number],
        },
        coefficients: vec![vec![-0.5, 0.25, 1.0, -1.0, 0.5, 0.125]],
        intercepts: vec![shift],
        link: if is_regression { Link::Identity } else { Link::Logit },
    });
    let classes = if is_regression { Vec::new() } else { vec!["No".to_owned(), "Yes".to_owned()] };
    let parts = BundleParts {
        algorithm: "logistic_regression".to_owned(),
        created_by: "test".to_owned(),
        model: model.to_text().unwrap().unwrap(),
        plan,
        signature: Signature {
            inputs: fields,
            problem_type: problem,
            positive_class: classes.get(1).cloned(),
            threshold: (!is_regression).then_some(0.4),
            classes,
            target: "churn".to_owned(),
        },
        profile: statistics::Profile::default(),
        metrics: json!({}),
        model_card: "---\nlicense: apache-2.0\n---\n".to_owned(),
    };
    bundle::write(&parts).unwrap()
}

pub(crate) fn version(endpoint: &str, number: u32, problem: ProblemType) -> Arc<LoadedVersion> {
    loaded(endpoint, number, &bundle(problem, f64::from(number)))
}

/// A version that these bytes make.
pub(crate) fn loaded(endpoint: &str, number: u32, bytes: &[u8]) -> Arc<LoadedVersion> {
    let digest = bundle::digest(bytes);
    let limits = scoring::Limits::default();
    Arc::new(LoadedVersion::read(endpoint, number, &digest, bytes, &limits).unwrap())
}

pub(crate) fn endpoint(live: u32, others: &[u32], problem: ProblemType) -> Endpoint {
    let mut versions = BTreeMap::new();
    for number in std::iter::once(&live).chain(others) {
        versions.insert(*number, version("churn", *number, problem));
    }
    Endpoint { live: versions.get(&live).cloned(), versions, ..Endpoint::default() }
}

/// A server with its listeners.
pub(crate) struct Running {
    pub(crate) server: Arc<Server>,
    pub(crate) url: String,
    pub(crate) grpc: String,
    pub(crate) http: reqwest::Client,
    shutdown: CancellationToken,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Running {
    pub(crate) async fn with(serving: Serving, token: Option<&str>) -> Self {
        Self::with_clock(serving, token, Clock::default()).await
    }

    pub(crate) async fn with_clock(serving: Serving, token: Option<&str>, clock: Clock) -> Self {
        let (token, tls) = (token.and_then(BearerToken::new), serving.tls.clone());
        Self::of(Server::with_clock(serving, token, EventQueue::none(), clock), &tls).await
    }

    /// A server with its listeners, of this TLS.
    pub(crate) async fn of(server: Server, tls: &ListenerTls) -> Self {
        let server = Arc::new(server);
        let shutdown = CancellationToken::new();
        let bind = async |name, protocols| {
            let listen = "127.0.0.1:0";
            let (token_key, tls_key) = ("serving.token_file", "serving.tls");
            let to = Bind { name, listen, is_guarded: false, token_key, tls, tls_key, protocols };
            Listener::bind(to).await.unwrap()
        };
        let (rest, grpc) = (bind("rest", HTTP1).await, bind("grpc", HTTP2).await);
        let url = format!("{}://{}", rest.scheme(), rest.address());
        let grpc_url = format!("{}://{}", grpc.scheme(), grpc.address());
        tokio::spawn(serve_rest(rest, Arc::clone(&server), shutdown.clone()));
        tokio::spawn(serve_grpc(grpc, Arc::clone(&server), shutdown.clone()));
        server.set_ready();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { server, url, grpc: grpc_url, http, shutdown }
    }

    /// With the endpoint `churn`: version 2 live, version 1 beside it.
    pub(crate) async fn churn() -> Self {
        let running = Self::with(Serving::default(), None).await;
        running.server.model_catalogue.put("churn", endpoint(2, &[1], ProblemType::Binary));
        running
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let response = self.http.post(format!("{}{path}", self.url)).json(body).send().await;
        read(response.unwrap()).await
    }

    pub(crate) async fn post_text(
        &self,
        path: &str,
        content_type: &str,
        body: &str,
    ) -> (u16, Value) {
        let response = self
            .http
            .post(format!("{}{path}", self.url))
            .header("content-type", content_type)
            .body(body.to_owned())
            .send()
            .await;
        read(response.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let response = self.http.get(format!("{}{path}", self.url)).send().await;
        read(response.unwrap()).await
    }
}

pub(crate) async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// Two rows as tensors.
pub(crate) fn tensors() -> Value {
    json!([
        { "name": "charges", "datatype": "FP64", "shape": [2], "data": [20.5, null] },
        { "name": "tenure", "datatype": "INT64", "shape": [2, 1], "data": [[3], [40]] },
        { "name": "contract", "datatype": "BYTES", "shape": [2], "data": ["month", "unseen"] },
        { "name": "active", "datatype": "BOOL", "shape": [2], "data": [true, false] },
        { "name": "joined", "datatype": "BYTES", "shape": [2], "data": ["2024-05-01", null] },
    ])
}

/// The probability of `Yes` of those rows, by version.
pub(crate) fn expected(version: u32) -> [f64; 2] {
    let sigmoid = |margin: f64| 1.0 / (1.0 + (-margin).exp());
    let scaled = |value: f64| (value - 10.0) / 5.0;
    let margin = |tenure, charges, contract, active| {
        -0.5 * scaled(tenure) + 0.25 * scaled(charges) + contract + 0.125 * scaled(active)
    };
    let shift = f64::from(version);
    [sigmoid(margin(3.0, 20.5, 1.0, 1.0) + shift), sigmoid(margin(40.0, 10.0, 0.5, 0.0) + shift)]
}

pub(crate) fn close(found: &Value, expected: [f64; 2]) {
    let found: Vec<f64> = serde_json::from_value(found.clone()).unwrap();
    assert_eq!(found.len(), 2);
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }
}
