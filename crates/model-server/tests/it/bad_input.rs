//! Every kind of bad input against the real program, while a caller that does everything right is served.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Buf as _, BufMut as _, Bytes};
use model_server::testing::inference::InferTensorContents;
use model_server::testing::inference::grpc_inference_service_client::GrpcInferenceServiceClient;
use prost::Message as _;
use serde_json::{Value, json};
use tier0_tests::Broker;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Status};

use crate::deployments::{Program, change, reported, stored};
use crate::grpc::typed;
use crate::support::tensors;

const INFER: &str = "/v2/models/churn/infer";
/// Stands where values stand; no answer, log or metric may hold it.
const SECRET: &str = "s3cret";

/// A caller that does everything right, without a pause.
struct Good {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<()>,
}

impl Good {
    fn start(url: String, http: reqwest::Client) -> Self {
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (until, count) = (Arc::clone(&stop), Arc::clone(&answered));
        let task = tokio::spawn(async move {
            while !until.load(Ordering::Relaxed) {
                let request = http.post(format!("{url}{INFER}"));
                let response = request.json(&json!({ "inputs": tensors() })).send().await.unwrap();
                assert_eq!(response.status(), 200, "{:?}", response.text().await);
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { stop, answered, task }
    }

    async fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.unwrap();
        self.answered.load(Ordering::Relaxed)
    }
}

/// The tensors with one member of one of them replaced.
fn with(at: usize, member: &str, value: Value) -> String {
    let mut inputs = tensors();
    inputs[at][member] = value;
    json!({ "inputs": inputs }).to_string()
}

fn rest_cases() -> Vec<(&'static str, String, u16, &'static str)> {
    let mut missing = tensors();
    missing.as_array_mut().unwrap().remove(1);
    let mut extra = tensors();
    let mut column = extra[1].clone();
    column["name"] = json!("extra");
    extra.as_array_mut().unwrap().push(column);
    let empty: Vec<Value> = tensors()
        .as_array()
        .unwrap()
        .iter()
        .map(|tensor| json!({ "name": tensor["name"], "datatype": tensor["datatype"], "shape": [0], "data": [] }))
        .collect();
    let json = "application/json";
    let deep = format!("{{\"inputs\":{}", "[".repeat(200_000));
    let deep_parameter = format!(
        "{{\"parameters\":{{\"x\":{}1{}}},\"inputs\":[]}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let nan = with(0, "data", json!(["NAN", 1.0])).replace("\"NAN\"", "NaN");
    let infinity = with(0, "data", json!(["INF", 1.0])).replace("\"INF\"", "Infinity");
    let huge = with(0, "data", json!(["HUGE", 1.0])).replace("\"HUGE\"", "1e999");
    vec![
        (json, with(0, "shape", json!([2, 2])), 400, "has shape"),
        (json, with(0, "shape", json!([2_000_000_000])), 400, "has 2 values"),
        (json, with(0, "shape", json!([-2])), 400, "has shape"),
        (json, with(0, "shape", json!([])), 400, "has shape"),
        (json, with(0, "data", json!([SECRET, 1.0])), 400, "does not fit in row 0"),
        (json, with(2, "data", json!([7, SECRET])), 400, "does not fit in row 0"),
        (json, with(0, "data", json!([{ SECRET: 1 }, 1.0])), 400, "another form"),
        (json, with(0, "datatype", json!("FP16")), 400, "datatype that is not known"),
        (json, with(2, "datatype", json!("FP64")), 400, "has datatype FP64"),
        (json, with(1, "name", json!("tenures")), 400, "tenures is not an input"),
        (json, with(1, "name", json!("charges")), 400, "more than once"),
        (json, nan, 400, "NaN and Infinity are not JSON"),
        (json, infinity, 400, "not JSON"),
        (json, huge, 400, "not JSON"),
        (json, json!({ "inputs": missing }).to_string(), 400, "tenure is missing"),
        (json, json!({ "inputs": extra }).to_string(), 400, "extra is not an input"),
        (json, json!({ "inputs": empty }).to_string(), 400, "no row"),
        (json, json!({ "inputs": [] }).to_string(), 400, "is missing"),
        (json, deep, 400, "the body"),
        (json, deep_parameter, 400, "the body"),
        (json, String::new(), 400, "ends early"),
        (json, format!("{{\"inputs\": \"{SECRET}\"}}"), 400, "another form"),
        (json, format!("\u{0}{SECRET}"), 400, "not JSON"),
        ("text/html", "<p>".to_owned(), 415, "content type"),
        ("application/json; charset=latin1", "{}".to_owned(), 415, "content type"),
        ("multipart/form-data", "{}".to_owned(), 415, "content type"),
    ]
}

fn harmless(text: &str) {
    assert!(!text.contains(SECRET), "a value is repeated: {text}");
}

async fn rest(program: &Program, url: &str) {
    for (content_type, body, expected, told) in rest_cases() {
        for path in [INFER, "/v2/models/churn/explain"] {
            let request = program.http.post(format!("{url}{path}"));
            let response =
                request.header("content-type", content_type).body(body.clone()).send().await;
            let response = response.unwrap();
            let status = response.status().as_u16();
            assert_eq!(response.headers()["content-type"], "application/json");
            let answer: Value = response.json().await.unwrap();
            let error = answer["error"].as_str().unwrap();
            assert_eq!(status, expected, "{path}: {error}");
            assert!(error.contains(told), "`{error}` does not say `{told}`");
            harmless(error);
        }
    }
    for (path, expected) in [
        ("/v2/models/other/infer", 404),
        ("/v2/models/churn/versions/9/infer", 404),
        ("/v2/models/churn/versions/99999999999999999999/infer", 404),
        ("/v2/models/%00/infer", 404),
    ] {
        let request = program.http.post(format!("{url}{path}"));
        let response = request.json(&json!({ "inputs": tensors() })).send().await.unwrap();
        assert_eq!(response.status().as_u16(), expected, "{path}");
        assert!(response.json::<Value>().await.unwrap()["error"].is_string(), "{path}");
    }
    let path = format!("{url}/endpoints/churn/invocations");
    for (content_type, body, expected) in [
        (
            "application/json",
            format!("{{\"instances\": [[\"{SECRET}\", 1, \"a\", true, null]]}}"),
            400,
        ),
        ("application/json", "{\"instances\": [[1]]}".to_owned(), 400),
        ("application/json", "{\"instances\": []}".to_owned(), 400),
        ("application/json", "[".repeat(100_000), 400),
        ("text/csv", format!("tenure,{SECRET}x\n1,2,3\n"), 400),
        ("text/plain", "a".to_owned(), 415),
    ] {
        let request = program.http.post(&path).header("content-type", content_type).body(body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), expected);
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["error_code"], "BAD_REQUEST", "{answer}");
        // The name of a column may be told; what stands in a row may not.
        harmless(&answer["message"].as_str().unwrap().replace(&format!("{SECRET}x"), "x"));
    }
}

/// What comes back for bytes on a connection of their own, until it is closed or a while has passed.
async fn raw(address: &str, parts: impl IntoIterator<Item = Vec<u8>>) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    for part in parts {
        // A server that has answered already need not take the rest.
        if stream.write_all(&part).await.is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = tokio::time::timeout(Duration::from_secs(3), stream.read(&mut buffer)).await;
        match read {
            Ok(Ok(count)) if count > 0 => answer.extend_from_slice(&buffer[..count]),
            _ => return String::from_utf8_lossy(&answer).into_owned(),
        }
    }
}

async fn bytes(url: &str) {
    let address = url.trim_start_matches("http://");
    let head =
        |more: &str| format!("POST {INFER} HTTP/1.1\r\nhost: localhost\r\n{more}\r\n").into_bytes();
    let large = raw(address, [head("content-length: 104857600\r\n")]).await;
    assert!(large.starts_with("HTTP/1.1 413 ") && large.contains("{\"error\":"), "{large}");
    // 100 MB that do not say how much they are.
    let megabyte = [b"100000\r\n".as_slice(), &[b' '; 1 << 20], b"\r\n"].concat();
    let chunks = std::iter::once(head("transfer-encoding: chunked\r\n"))
        .chain(std::iter::repeat_n(megabyte, 100));
    let chunked = raw(address, chunks).await;
    assert!(chunked.is_empty() || chunked.starts_with("HTTP/1.1 413 "), "{chunked}");
    let slow = raw(address, [head("content-length: 100\r\n"), b"{".to_vec()]).await;
    assert!(slow.starts_with("HTTP/1.1 408 ") && slow.contains("{\"error\":"), "{slow}");
    for garbage in [b"\x00\xff\x17garbage\r\n\r\n".to_vec(), vec![b'a'; 1 << 20], head(": x\r\n")] {
        let answer = raw(address, [garbage]).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    let ended = raw(address, [head("content-length: 100\r\n")]).await;
    harmless(&ended);
}

/// Sends bytes as they are.
#[derive(Clone, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

async fn grpc(url: String) {
    let channel = tonic::transport::Endpoint::new(url.clone()).unwrap().connect().await.unwrap();
    let mut client = GrpcInferenceServiceClient::new(channel.clone());
    let texts = |texts: [&str; 2]| InferTensorContents {
        bytes_contents: texts.map(|text| text.as_bytes().to_vec()).to_vec(),
        ..InferTensorContents::default()
    };
    for (at, contents, code) in [
        (4, texts([SECRET, SECRET]), Code::InvalidArgument),
        (0, texts([SECRET, SECRET]), Code::InvalidArgument),
        (1, InferTensorContents::default(), Code::InvalidArgument),
    ] {
        let mut request = typed();
        request.inputs[at].contents = Some(contents);
        let status = client.model_infer(request).await.unwrap_err();
        assert_eq!(status.code(), code, "{}", status.message());
        harmless(status.message());
    }
    let mut empty = typed();
    empty.inputs.clear();
    assert_eq!(client.model_infer(empty).await.unwrap_err().code(), Code::InvalidArgument);
    let mut unknown = typed();
    unknown.model_name = "other".to_owned();
    assert_eq!(client.model_infer(unknown).await.unwrap_err().code(), Code::NotFound);
    let mut large = typed();
    large.raw_input_contents = vec![vec![b'x'; 100 << 20]];
    let status = client.model_infer(large).await.unwrap_err();
    assert!(
        matches!(status.code(), Code::OutOfRange | Code::ResourceExhausted),
        "{:?}: {}",
        status.code(),
        status.message()
    );

    // Bytes that are no message, a message that is cut, a method that is not there.
    let mut whole = tonic::client::Grpc::new(channel);
    let cut = typed().encode_to_vec();
    let cut = Bytes::from(cut[..cut.len() - 3].to_vec());
    let infer = "/inference.GRPCInferenceService/ModelInfer";
    for (path, body) in [
        (infer, Bytes::from_static(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")),
        (infer, cut),
        ("/inference.GRPCInferenceService/Nothing", Bytes::new()),
    ] {
        whole.ready().await.unwrap();
        let status = whole.unary(tonic::Request::new(body), path.parse().unwrap(), Raw).await;
        let status = status.unwrap_err();
        let expected = if path == infer { Code::Internal } else { Code::Unimplemented };
        assert_eq!(status.code(), expected, "{}", status.message());
    }
    let address = url.trim_start_matches("http://");
    raw(address, [b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n".to_vec()]).await;
    raw(address, [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), vec![0xff; 4096]]).await;
    // The connection that was right all along still is.
    assert!(client.model_infer(typed()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_is_refused_in_the_protocols_form_and_harms_nobody() {
    let broker = Broker::start().await;
    let settings = [
        ("TIER0_MODEL_SERVER__SERVING__BODY_SECONDS", "1"),
        ("TIER0_MODEL_SERVER__SERVING__IDLE_SECONDS", "2"),
    ];
    let mut program = Program::with(&broker.nats, &settings);
    let one = stored(&broker, 1).await;
    let revision = change(&broker, |record| record.live = Some(one.clone())).await;
    reported(&broker, revision).await;
    let url = program.url().await;
    let good = Good::start(url.clone(), program.http.clone());
    rest(&program, &url).await;
    bytes(&url).await;
    grpc(program.address("grpc").await).await;
    let answered = good.end().await;
    assert!(answered > 50, "the caller that did everything right was answered {answered} times");
    assert!(program.process.try_wait().unwrap().is_none(), "{}", program.log());
    let log = program.log();
    assert!(!log.contains("panicked"), "{log}");
    harmless(&log);
    let metrics = format!("{}/metrics", program.address("http").await);
    let metrics = program.http.get(metrics).send().await.unwrap().text().await.unwrap();
    harmless(&metrics);
    let errors = "tier0_inference_errors_total{endpoint=\"churn\",version=\"1\",kind=\"invalid\"}";
    assert!(metrics.contains(errors), "{metrics}");
}
