//! Bounds on time, connections and work, and the end of a server that has open connections.

use std::time::Duration;

use model_server::testing::Serving;
use model_server::testing::inference::grpc_inference_service_client::GrpcInferenceServiceClient;
use serde_json::{Value, json};
use tabular::ProblemType;
use tier0_tests::Broker;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::Code;

use crate::deployments::{Program, change, reported, stored};
use crate::grpc::typed;
use crate::support::{Running, endpoint, tensors};

const INFER: &str = "/v2/models/churn/infer";

async fn with(serving: Serving) -> Running {
    let running = Running::with(serving, None).await;
    running.server.model_catalogue.put("churn", endpoint(2, &[1], ProblemType::Binary));
    running
}

async fn connect(running: &Running) -> TcpStream {
    TcpStream::connect(running.url.trim_start_matches("http://")).await.unwrap()
}

/// Everything until the server closes the connection.
async fn rest_of(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let reading = stream.read_to_end(&mut text);
    // A reset is an end as well.
    let _ = tokio::time::timeout(Duration::from_secs(10), reading).await.expect("it is closed");
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn the_callers_own_deadline_holds() {
    let running = with(Serving::default()).await;
    let post = async |timeout: &str| {
        let url = format!("{}{INFER}", running.url);
        let request = running.http.post(url).header("X-Request-Timeout", timeout);
        let response = request.json(&json!({ "inputs": tensors() })).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    assert_eq!(post("5").await.0, 200);
    let (status, answer) = post("0").await;
    assert_eq!(status, 504, "{answer}");
    assert!(answer["error"].as_str().unwrap().contains("within its time"));
    for wrong in ["soon", "-1", "NaN", ""] {
        let (status, answer) = post(wrong).await;
        assert_eq!(status, 400, "{answer}");
        assert!(answer["error"].as_str().unwrap().contains("X-Request-Timeout"));
    }

    let mut client = GrpcInferenceServiceClient::connect(running.grpc.clone()).await.unwrap();
    // A time that is over ends the request in the client as well, before it is sent: what can be seen is what is read.
    let mut infer = async |timeout: &'static str| {
        let mut request = tonic::Request::new(typed());
        request.metadata_mut().insert("grpc-timeout", timeout.parse().unwrap());
        client.model_infer(request).await
    };
    assert!(infer("5S").await.is_ok());
    for wrong in ["soon", "5", "123456789S"] {
        let status = infer(wrong).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
        assert!(status.message().contains("grpc-timeout"), "{status:?}");
    }
}

#[tokio::test]
async fn a_request_is_told_apart_by_its_identity_and_trace() {
    let running = with(Serving::default()).await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (given, echoed) in [
        (format!("cc{}-what-comes-later", &trace[2..]), Some(trace)),
        (format!("ff{}", &trace[2..]), None),
        (format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)), None),
        (format!("00-0af7651916cd43dd8448eb211c80319c-{}-01", "0".repeat(16)), None),
    ] {
        let request = running.http.post(format!("{}{INFER}", running.url));
        let request = request.header("traceparent", &given).json(&json!({ "inputs": tensors() }));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let told = response.headers().get("traceparent").map(|value| value.to_str().unwrap());
        assert_eq!(told, echoed, "{given}");
    }
    for (body, status) in [(json!({ "inputs": tensors() }), 200), (json!({}), 400)] {
        let url = format!("{}{INFER}", running.url);
        let request = running.http.post(url).header("x-request-id", "abc");
        let response = request.header("traceparent", trace).json(&body).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["x-request-id"], "abc");
        assert_eq!(response.headers()["traceparent"], trace);
    }
    let mut client = GrpcInferenceServiceClient::connect(running.grpc.clone()).await.unwrap();
    let mut request = tonic::Request::new(typed());
    request.metadata_mut().insert("traceparent", trace.parse().unwrap());
    let response = client.model_infer(request).await.unwrap();
    assert_eq!(response.metadata().get("traceparent").unwrap(), trace);
    assert_eq!(response.metadata().get("x-request-id").unwrap(), "r1");
}

#[tokio::test]
async fn beyond_its_connections_a_server_turns_away() {
    let running = with(Serving { max_connections: 2, ..Serving::default() }).await;
    let idle = [connect(&running).await, connect(&running).await];
    let (status, answer) = running.post(INFER, &json!({ "inputs": tensors() })).await;
    assert_eq!(status, 200, "what is idle makes room: {answer}");
    drop(idle);
    let mut held = [connect(&running).await, connect(&running).await];
    for stream in &mut held {
        let head = format!("POST {INFER} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let told = rest_of(connect(&running).await).await;
    assert!(told.starts_with("HTTP/1.1 503 "), "{told}");
    assert!(told.contains("retry-after: 1") && told.contains("{\"error\":"), "{told}");
    drop(held);
    tier0_tests::eventually("there is a place again", || async {
        let request = json!({ "inputs": tensors() });
        let url = format!("{}{INFER}", running.url);
        let sent = running.http.post(url).json(&request).send().await;
        sent.is_ok_and(|response| response.status() == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn slow_heads_and_bodies_end() {
    let serving = Serving { idle_seconds: 1, body_seconds: 1, ..Serving::default() };
    let running = with(serving).await;
    let mut head = connect(&running).await;
    head.write_all(b"POST /v2/models/churn/infer HTTP/1.1\r\nhost: localhost\r\n").await.unwrap();
    let idle = connect(&running).await;
    let mut body = connect(&running).await;
    let begun =
        "POST /v2/models/churn/infer HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{";
    body.write_all(begun.as_bytes()).await.unwrap();
    let mut late = String::new();
    let reading = async {
        let mut buffer = [0; 2048];
        let count = body.read(&mut buffer).await.unwrap();
        late.push_str(&String::from_utf8_lossy(&buffer[..count]));
    };
    tokio::time::timeout(Duration::from_secs(10), reading).await.expect("it is answered");
    assert!(late.starts_with("HTTP/1.1 408 ") && late.contains("{\"error\":"), "{late}");
    // Nothing, or 408: it is over either way.
    for stream in [head, idle] {
        let told = rest_of(stream).await;
        assert!(told.is_empty() || told.starts_with("HTTP/1.1 408 "), "{told}");
    }
}

/// Bodies without a length that dawdle hold no place that others need, and are answered when they are there.
#[tokio::test]
async fn slow_bodies_turn_nobody_away() {
    let serving = Serving { max_in_flight: 2, ..Serving::default() };
    let running = with(serving).await;
    let body = json!({ "inputs": tensors() }).to_string();
    let (first, rest) = body.split_at(body.len() / 2);
    let mut slow = Vec::new();
    for _ in 0..40 {
        let mut stream = connect(&running).await;
        let head = format!(
            "POST {INFER} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n{:x}\r\n{first}\r\n",
            first.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let (status, answer) = running.post(INFER, &json!({ "inputs": tensors() })).await;
    assert_eq!(status, 200, "{answer}");
    for mut stream in slow {
        let end = format!("{:x}\r\n{rest}\r\n0\r\n\r\n", rest.len());
        stream.write_all(end.as_bytes()).await.unwrap();
        let told = rest_of(stream).await;
        assert!(told.starts_with("HTTP/1.1 200 "), "{told}");
    }
}

/// Callers that come again and again until `time` is over, each with one request under way: answers by their status.
async fn asked(running: &Running, callers: usize, time: Duration) -> [usize; 2] {
    const ROWS: usize = 2_000;
    let mut inputs = tensors();
    for tensor in inputs.as_array_mut().unwrap() {
        let data = tensor["data"].as_array().unwrap().clone();
        tensor["data"] = data.iter().cycle().take(ROWS).cloned().collect();
        tensor["shape"] = json!([ROWS]);
    }
    let body = json!({ "inputs": inputs }).to_string();
    let until = tokio::time::Instant::now() + time;
    let caller = || async {
        let mut answers = [0, 0];
        while tokio::time::Instant::now() < until {
            let request = running.http.post(format!("{}{INFER}", running.url)).body(body.clone());
            let response = request.header("content-type", "application/json").send().await.unwrap();
            match response.status().as_u16() {
                200 => {
                    response.bytes().await.unwrap();
                    answers[0] += 1;
                }
                429 => {
                    assert_eq!(response.headers()["retry-after"], "1");
                    answers[1] += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                other => panic!("{other}: {}", response.text().await.unwrap()),
            }
        }
        answers
    };
    let answers = futures::future::join_all((0..callers).map(|_| caller())).await;
    answers.into_iter().fold([0, 0], |all, one| [all[0] + one[0], all[1] + one[1]])
}

/// Ten times the callers that there is room for: as many are answered as before, and the others are told to come later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beyond_its_capacity_a_server_answers_as_many_and_refuses_the_rest() {
    let serving = Serving { max_in_flight: 4, ..Serving::default() };
    let running = with(serving).await;
    let time = Duration::from_millis(700);
    let (mut most, mut beyond, mut refused) = (0, 0, 0);
    // By turns, and the best of each, so that what else the machine does has little part in it.
    for _ in 0..3 {
        let [answered, turned_away] = asked(&running, 4, time).await;
        assert_eq!(turned_away, 0, "there is room for four");
        most = most.max(answered);
        let [answered, turned_away] = asked(&running, 40, time).await;
        beyond = beyond.max(answered);
        refused += turned_away;
    }
    assert!(refused > 0, "forty are more than four");
    assert!(beyond * 2 > most, "{beyond} answers beyond capacity, {most} at it");
}

#[tokio::test]
async fn compressed_bodies_are_read_within_their_bounds() {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use tonic::codec::CompressionEncoding;

    let gzip = |text: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    let deflate = |text: &[u8]| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    let running = with(Serving { max_body_bytes: 100_000, ..Serving::default() }).await;
    let post = async |encoding: &str, body: Vec<u8>| {
        let request = running.http.post(format!("{}{INFER}", running.url));
        let request = request.header("content-encoding", encoding).body(body);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let text = json!({ "inputs": tensors() }).to_string();
    let plain = running.post(INFER, &json!({ "inputs": tensors() })).await.1;
    for (encoding, body) in [("gzip", gzip(text.as_bytes())), ("deflate", deflate(text.as_bytes()))]
    {
        let (status, answer) = post(encoding, body).await;
        assert_eq!((status, &answer["outputs"]), (200, &plain["outputs"]), "{encoding}");
    }
    let bomb = vec![b' '; 10 << 20];
    assert_eq!(post("gzip", gzip(&bomb)).await.0, 413);
    assert_eq!(post("deflate", deflate(&bomb)).await.0, 413);
    let (status, answer) = post("gzip", text.clone().into_bytes()).await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("Content-Encoding"), "{answer}");
    assert_eq!(post("br", text.clone().into_bytes()).await.0, 415);

    for encoding in [CompressionEncoding::Gzip, CompressionEncoding::Deflate] {
        let client = GrpcInferenceServiceClient::connect(running.grpc.clone()).await.unwrap();
        let mut client = client.send_compressed(encoding);
        assert!(client.model_infer(typed()).await.is_ok(), "{encoding:?}");
        let mut bomb = typed();
        bomb.id = " ".repeat(10 << 20);
        let status = client.model_infer(bomb).await.unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted, "{encoding:?}: {status:?}");
    }
}

/// Callers ask without a pause over connections that they keep, until they are told to close them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_lost_when_a_server_ends() {
    let broker = Broker::start().await;
    let mut program = Program::with(&broker.nats, &[]);
    let one = stored(&broker, 1).await;
    let revision = change(&broker, |record| record.live = Some(one.clone())).await;
    reported(&broker, revision).await;
    let url = program.url().await;
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let (url, http) = (format!("{url}{INFER}"), program.http.clone());
            tokio::spawn(async move {
                let mut answered = 0;
                loop {
                    let request = http.post(&url).json(&json!({ "inputs": tensors() }));
                    let response = request.send().await.unwrap_or_else(|error| {
                        panic!("a request was lost after {answered}: {error:?}")
                    });
                    assert_eq!(response.status(), 200);
                    let last = response.headers().get("connection").is_some();
                    assert!(response.json::<Value>().await.unwrap()["outputs"].is_array());
                    answered += 1;
                    // Who is told to close goes to another server.
                    if last {
                        return answered;
                    }
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let pid = i32::try_from(program.process.id()).unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    tier0_tests::eventually("it says that it is not ready", || async {
        let ready = program.http.get(format!("{url}/v2/health/ready")).send().await;
        ready.is_ok_and(|response| response.status() == 503).then_some(())
    })
    .await;
    for caller in callers {
        assert!(caller.await.unwrap() > 0);
    }
    let ended = tier0_tests::eventually("it ends", || {
        let ended = program.process.try_wait().unwrap();
        async move { ended }
    })
    .await;
    assert!(ended.success(), "{}", program.log());
}
