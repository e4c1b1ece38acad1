//! Who is let in, and how much may be on its way, before a message is read.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::StreamBody;
use hyper::body::Frame;
use model_server::testing::Serving;
use model_server::testing::inference::grpc_inference_service_client::GrpcInferenceServiceClient;
use model_server::testing::inference::{ServerLiveRequest, ServerMetadataRequest};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tower::{Service as _, ServiceExt as _};

use crate::grpc::typed;
use crate::support::Running;

const SOON: Duration = Duration::from_secs(5);

/// A call whose message announces 8 MiB, of which so many bytes come and no more.
struct Unfinished {
    _more: mpsc::Sender<Bytes>,
    answer: tokio::task::JoinHandle<Answer>,
}

type Answer = Result<Response<Body>, tonic::transport::Error>;

impl Unfinished {
    async fn begin(channel: &Channel, token: Option<&str>, bytes: usize) -> Self {
        let (more, parts) = mpsc::channel(64);
        let mut first = vec![0];
        first.extend((8_u32 << 20).to_be_bytes());
        first.resize(5 + bytes, 0);
        for part in first.chunks(16 << 10) {
            more.send(Bytes::copy_from_slice(part)).await.unwrap();
        }
        let frames = futures::stream::unfold(parts, |mut parts| async move {
            let part = parts.recv().await?;
            Some((Ok::<_, Status>(Frame::data(part)), parts))
        });
        let body = Body::new(StreamBody::new(frames));
        let mut request = Request::post("/inference.GRPCInferenceService/ModelInfer")
            .header("content-type", "application/grpc");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(body).unwrap();
        let mut channel = channel.clone();
        let answer = tokio::spawn(async move { channel.ready().await?.call(request).await });
        Self { _more: more, answer }
    }

    /// What it is answered though its message is not there.
    async fn code(self) -> Code {
        code_of(timeout(SOON, self.answer).await.expect("an answer before the body's end"))
    }
}

fn code_of(answer: Result<Answer, tokio::task::JoinError>) -> Code {
    let answer = answer.unwrap().unwrap();
    Status::from_header_map(answer.headers()).map_or(Code::Ok, |status| status.code())
}

async fn channel(running: &Running) -> Channel {
    Endpoint::from_shared(running.grpc.clone()).unwrap().connect().await.unwrap()
}

/// Asks until the condition holds.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("{what}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_the_token_is_refused_before_its_message_comes() {
    let running = Running::with(Serving::default(), Some("s3cret")).await;
    let channel = channel(&running).await;
    for token in [None, Some("wrong"), Some("s3cre")] {
        let call = Unfinished::begin(&channel, token, 32 << 10).await;
        assert_eq!(call.code().await, Code::Unauthenticated, "{token:?}");
    }
    // Every method asks for it but the probes.
    let mut client = GrpcInferenceServiceClient::new(channel.clone());
    client.server_live(ServerLiveRequest {}).await.unwrap();
    let refused = client.server_metadata(ServerMetadataRequest {}).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let refused = client.model_infer(typed()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let mut admitted = tonic::Request::new(ServerMetadataRequest {});
    admitted.metadata_mut().insert("authorization", "Bearer s3cret".parse().unwrap());
    client.server_metadata(admitted).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn unfinished_messages_have_places_and_bytes_of_their_own_and_no_more() {
    let serving = Serving { max_in_flight: 2, ..Serving::default() };
    let running = Running::with(serving, None).await;
    let channel = channel(&running).await;
    let mut held = Vec::new();
    let mut client = GrpcInferenceServiceClient::new(channel.clone());
    until("a third call is refused", async || {
        // The call that asks takes a place itself for a moment, and an unfinished one that comes then is the refused one.
        held.retain(|call: &Unfinished| !call.answer.is_finished());
        while held.len() < 2 {
            held.push(Unfinished::begin(&channel, None, 16).await);
        }
        let refused = client.server_metadata(ServerMetadataRequest {}).await;
        refused.is_err_and(|status| status.code() == Code::ResourceExhausted)
    })
    .await;
    client.server_live(ServerLiveRequest {}).await.expect("probes are answered");
    drop(held);
    let mut client = client.clone();
    until("places are given back", async || {
        client.server_metadata(ServerMetadataRequest {}).await.is_ok()
    })
    .await;

    let serving = Serving { max_bytes_in_flight: 256 << 10, ..Serving::default() };
    let running = Running::with(serving, None).await;
    let other = self::channel(&running).await;
    // The first one to come takes the room, and the other finds none.
    let mut one = Unfinished::begin(&other, None, 200 << 10).await;
    let mut second = Unfinished::begin(&other, None, 200 << 10).await;
    let refused = futures::future::select(&mut one.answer, &mut second.answer);
    let refused = timeout(SOON, refused).await.expect("one of two messages finds no room");
    assert_eq!(code_of(refused.factor_first().0), Code::ResourceExhausted);
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_shut_nobody_out_of_grpc_and_busy_ones_keep_their_places() {
    let serving = Serving { max_connections: 3, ..Serving::default() };
    let running = Running::with(serving, None).await;
    let address = running.grpc.trim_start_matches("http://").to_owned();
    let mut idle = Vec::new();
    for _ in 0..6 {
        idle.push(TcpStream::connect(&address).await.unwrap());
    }
    for _ in 0..4 {
        let mut client = GrpcInferenceServiceClient::new(channel(&running).await);
        client.server_live(ServerLiveRequest {}).await.expect("an idle connection makes room");
    }
    let mut busy = Vec::new();
    for _ in 0..3 {
        let channel = channel(&running).await;
        let call = Unfinished::begin(&channel, None, 16).await;
        // The call has come when the connection answers another one.
        GrpcInferenceServiceClient::new(channel.clone())
            .server_live(ServerLiveRequest {})
            .await
            .unwrap();
        busy.push((channel, call));
    }
    let endpoint = Endpoint::from_shared(running.grpc.clone()).unwrap();
    let more = async {
        let mut client = GrpcInferenceServiceClient::new(endpoint.connect().await.ok()?);
        client.server_live(ServerLiveRequest {}).await.ok()
    };
    let more = timeout(SOON, more).await.expect("it is closed at once");
    assert!(more.is_none(), "a fourth connection is turned away");
    drop(busy.pop());
    until("its place is free again", async || {
        let Ok(channel) = endpoint.connect().await else { return false };
        let mut client = GrpcInferenceServiceClient::new(channel);
        client.server_live(ServerLiveRequest {}).await.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_name_is_not_answered_without_a_token() {
    let serving =
        Serving { allowed_hosts: vec!["models.example".to_owned()], ..Serving::default() };
    let running = Running::with(serving.clone(), None).await;
    for path in ["/v2/health/live", "/v2", "/ping", "/v2/models/churn/infer"] {
        let foreign = running.http.post(format!("{}{path}", running.url));
        let answer = foreign.header("host", "page.example").send().await.unwrap();
        assert_eq!(answer.status(), 421, "{path}");
        assert!(answer.text().await.unwrap().contains("serving.allowed_hosts"));
    }
    // The last is how a container asks for the one beside it.
    for host in ["localhost", "127.0.0.1:8000", "[::1]", "models.example:80", "model-server:8080"] {
        let request = running.http.get(format!("{}/v2/health/live", running.url));
        let answer = request.header("host", host).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{host}");
    }
    for host in ["model-server.example", "10.0.0.1", ":8080", "[fe80::1]:8080"] {
        let request = running.http.get(format!("{}/v2/health/live", running.url));
        let answer = request.header("host", host).send().await.unwrap();
        assert_eq!(answer.status(), 421, "{host}");
    }
    let guarded = Running::with(serving, Some("s3cret")).await;
    let request = guarded.http.get(format!("{}/v2/health/live", guarded.url));
    let answer = request.header("host", "anything.example").send().await.unwrap();
    assert_eq!(answer.status(), 200, "with a token, any name");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_what_keeps_browsers_from_it() {
    let running = Running::churn().await;
    for path in ["/v2", "/ping", "/no/such/path", "/v2/models/churn"] {
        let answer = running.http.get(format!("{}{path}", running.url)).send().await.unwrap();
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.headers()[name], value, "{path}");
        }
    }
}
