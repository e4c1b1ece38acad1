//! The process: listeners, followers and publisher, started and ended together.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use process::http::{BearerToken, Bind, Guard, HTTP1, HTTP2, Listener};
use process::{
    CancellationToken, CheckConfig, CommonConfig, FileProblems, Readiness, Resources, Service,
    StartError,
};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::config::{Config, Serving};
use crate::deployments::{Addresses, Deployments, report};
use crate::events::{self, EventQueue, Publisher, Sampling};
use crate::server::Server;

/// Longest time that open requests may hold up the end of the process.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Requests under way on one gRPC connection.
const MAX_STREAMS: u32 = 256;
/// How often a gRPC peer is asked whether it lives, and how long it may take to say so.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// The model server as a process.
#[derive(Debug)]
pub struct ModelServer;

impl CheckConfig for Config {
    fn problems(&self) -> Vec<String> {
        self.serving.problems()
    }

    fn problems_beside(&self, common: &CommonConfig) -> Vec<String> {
        self.serving.unprotected(&common.http)
    }

    fn file_problems(&self) -> Vec<String> {
        let mut files = FileProblems::default();
        files.bearer_token("serving.token_file", self.serving.token_file.as_ref());
        files.listener_tls("serving.tls", &self.serving.tls);
        files.into_problems()
    }
}

impl Service for ModelServer {
    const NAME: &'static str = "model-server";
    type Config = Config;

    fn about() -> String {
        "Answers predictions: Open Inference Protocol v2 (REST and gRPC) and MLflow's /invocations"
            .to_owned()
    }

    async fn run(
        config: Config,
        resources: Resources,
        shutdown: CancellationToken,
        ready: Readiness,
    ) -> Result<(), StartError> {
        let serving = config.serving;
        crate::telemetry::describe();
        process::http::begin(crate::listener::LISTENER);
        process::http::begin(crate::grpc::LISTENER);
        let token = serving.token_file.as_deref().map(BearerToken::read).transpose()?;
        let (event_queue, publisher) = queue(&serving, &resources.replica);
        let server = Server::new(serving, None, event_queue);
        let server = Arc::new(server.known_to(token, &resources.authority));
        let serving = &server.serving;
        let listen = async |name, address: SocketAddr, guard: &Guard, protocols| {
            Listener::bind(Bind {
                name,
                listen: &address.to_string(),
                is_guarded: !guard.is_open(),
                token_key: "serving.token_file",
                tls: &serving.tls,
                tls_key: "serving.tls",
                protocols,
            })
            .await
        };
        let (name, address) = (crate::listener::LISTENER, serving.rest_listen);
        let rest = listen(name, address, &server.rest_guard, HTTP1).await?;
        let (name, address) = (crate::grpc::LISTENER, serving.grpc_listen);
        let grpc = listen(name, address, &server.grpc_guard, HTTP2).await?;
        let addresses = addresses(serving, &resources.replica, &rest, &grpc);
        let (rest_location, grpc_location) = (rest.location(), grpc.location());
        let changed = Arc::new(Notify::new());
        // What the listeners have answered is still published after they have ended.
        let listening = shutdown.child_token();
        let publishing = CancellationToken::new();

        let mut tasks: JoinSet<Result<(), StartError>> = JoinSet::new();
        let answering = leaving(Arc::clone(&server), listening.clone());
        tasks.spawn(serve_rest(rest, Arc::clone(&server), answering.clone()));
        tasks.spawn(serve_grpc(grpc, Arc::clone(&server), answering));
        let reporting = report(
            Arc::clone(&server),
            resources.bus.clone(),
            addresses.clone(),
            Arc::clone(&changed),
            listening.clone(),
        );
        tasks.spawn(async move {
            let failed = |error| StartError::new("the server cannot report", error);
            reporting.await.map_err(failed)
        });
        let outcomes =
            crate::feedback::follow(Arc::clone(&server), resources.bus.clone(), listening.clone());
        tasks.spawn(async move {
            let failed = |error| StartError::new("outcomes cannot be followed", error);
            outcomes.await.map_err(failed)
        });
        let following = Deployments::new(Arc::clone(&server), resources.clone(), changed);
        let until = listening.clone();
        tasks.spawn(following.run(until, move || {
            ready.address("rest", rest_location);
            ready.address("grpc", grpc_location);
            ready.ready()
        }));
        let published = publisher.map(|publisher| {
            tokio::spawn(publisher.run(resources.bus.clone(), publishing.clone()))
        });

        let outcome = first_end(&mut tasks).await;
        listening.cancel();
        let drained = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN_TIMEOUT, drained).await.is_err() {
            tracing::warn!("requests were still open at the end");
        }
        publishing.cancel();
        if let Some(published) = published
            && published.await.is_err()
        {
            tracing::warn!("the publisher of prediction events was given up");
        }
        outcome
    }
}

/// The queue of prediction events with what publishes them, where they are wanted.
fn queue(serving: &Serving, replica: &str) -> (EventQueue, Option<Publisher>) {
    if !serving.events {
        return (EventQueue::none(), None);
    }
    let sampling = Sampling { share: serving.events_share };
    let (event_queue, publisher) = events::queue(replica, serving.max_waiting_events, sampling);
    (event_queue, Some(publisher))
}

/// Waits for the first part that ends: all do when the process is told to, and an error in one ends the others.
async fn first_end(tasks: &mut JoinSet<Result<(), StartError>>) -> Result<(), StartError> {
    match tasks.join_next().await {
        None => Ok(()),
        Some(Ok(ended)) => ended,
        Some(Err(error)) => Err(StartError::new("a part of the model server was given up", error)),
    }
}

fn addresses(serving: &Serving, replica: &str, rest: &Listener, grpc: &Listener) -> Addresses {
    let url = |listener: &Listener| {
        let (scheme, address) = (listener.scheme(), listener.address());
        if serving.advertised_host.is_empty() {
            format!("{scheme}://{address}")
        } else {
            format!("{scheme}://{}:{}", serving.advertised_host, address.port())
        }
    };
    Addresses { server: replica.to_owned(), rest_url: url(rest), grpc_url: url(grpc) }
}

/// Is cancelled some time after `shutdown`, in which requests are still taken: callers and balancers learn that this
/// server is ready no more, each connection's next answer is its last, and none is lost on its way.
fn leaving(server: Arc<Server>, shutdown: CancellationToken) -> CancellationToken {
    let answering = CancellationToken::new();
    let end = answering.clone();
    tokio::spawn(async move {
        shutdown.cancelled().await;
        server.set_draining();
        tokio::time::sleep(Duration::from_millis(server.serving.leave_milliseconds)).await;
        end.cancel();
    });
    answering
}

/// Answers REST until `shutdown`, then what has been asked by then.
pub async fn serve_rest(
    listener: Listener,
    server: Arc<Server>,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    let address = listener.address().to_string();
    let failed = |source| StartError::Listen { address, source };
    crate::listener::serve(listener, server, shutdown).await.map_err(failed)
}

/// Answers gRPC until `shutdown`, then what has been asked by then.
pub async fn serve_grpc(
    listener: Listener,
    server: Arc<Server>,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    let incoming = crate::grpc::incoming(listener, server.serving.max_connections);
    // The time covers the message as well: one that never comes whole ends its stream, and a peer that is gone its connection.
    tonic::transport::Server::builder()
        .timeout(Duration::from_secs(server.serving.request_seconds))
        .max_concurrent_streams(MAX_STREAMS)
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .http2_keepalive_timeout(Some(KEEP_ALIVE))
        .layer(crate::grpc::Admissions::new(Arc::clone(&server)))
        .add_service(crate::grpc::service(server))
        .serve_with_incoming_shutdown(incoming, shutdown.cancelled_owned())
        .await
        .map_err(|error| StartError::new("the gRPC listener failed", error))
}
