//! Asking every part at once, each for a bounded time.

use std::future::Future;
use std::time::{Duration, Instant};

use artifacts::ArtifactStore;
use bus::Bus;
use contracts::{failures, names};
use futures::FutureExt as _;
use futures::future::join_all;
use mlflow::MlflowConfig;
use outgoing::FleetTls;
use registry::Registry;

use super::{Component, HealthDocument, Status, queues, servers};

/// Asks the parts of a fleet.
#[derive(Debug, Clone)]
pub struct Prober {
    pub(super) bus: Bus,
    /// Where artifacts are, where that is known.
    artifacts: Option<ArtifactStore>,
    mlflow: MlflowConfig,
    pub(super) http: reqwest::Client,
    limit: Duration,
    /// Until when what has not reported yet counts as starting.
    starting_until: Option<Instant>,
}

/// What a probe found wrong.
pub(super) struct ProbeFinding {
    pub(super) status: Status,
    pub(super) detail: String,
    pub(super) advice: Option<String>,
}

impl ProbeFinding {
    pub(super) fn healthy(detail: impl Into<String>) -> Self {
        Self { status: Status::Healthy, detail: detail.into(), advice: None }
    }

    pub(super) fn wrong(status: Status, detail: impl Into<String>, advice: &str) -> Self {
        Self { status, detail: detail.into(), advice: Some(advice.to_owned()) }
    }
}

impl Prober {
    /// Asks through this connection; each part for at most `limit`, servers with this TLS.
    #[must_use]
    pub fn new(
        bus: Bus,
        artifacts: Option<ArtifactStore>,
        mlflow: MlflowConfig,
        limit: Duration,
        tls: &FleetTls,
    ) -> Self {
        // A client without settings of a system's trust cannot fail to be made.
        let http = outgoing::client_of_fleet(limit, tls).build().unwrap_or_default();
        Self { bus, artifacts, mlflow, http, limit, starting_until: None }
    }

    /// The same, of a fleet that is begun at this moment: what reports for the first time within this time is starting, and not ill.
    #[must_use]
    pub fn starting_for(self, time: Duration) -> Self {
        Self { starting_until: Some(Instant::now() + time), ..self }
    }

    /// Whether the fleet was begun a moment ago.
    pub(super) fn is_starting(&self) -> bool {
        self.starting_until.is_some_and(|until| Instant::now() < until)
    }

    /// Looks at everything once.
    pub async fn probe_all(&self) -> Vec<Component> {
        let streams = join_all(queues::STREAMS.map(|name| self.stream(name)));
        let queues = join_all(queues::QUEUES.map(|(stream, name)| self.queue(stream, name)));
        let agents = join_all(contracts::Agent::ALL.map(|agent| self.agent(agent)));
        let (broker, streams, queues, agents, store, registry, cache, servers, tracker) = tokio::join!(
            self.broker(),
            streams,
            queues,
            agents,
            self.store(),
            self.registry(),
            self.cache(),
            Box::pin(servers::probe_all(self)),
            self.tracker(),
        );
        let is_reached = broker.status != Status::Unhealthy;
        let of_the_broker = streams
            .into_iter()
            .chain(queues)
            .chain(agents)
            .chain([registry, cache])
            .chain(servers.by_registry);
        let of_the_broker = of_the_broker
            .map(|component| if is_reached { component } else { component.behind_the_broker() });
        // A store of its own needs no broker.
        let needs_broker =
            self.artifacts.as_ref().is_none_or(|store| store.uri().starts_with("nats://"));
        let store = if is_reached || !needs_broker { store } else { store.behind_the_broker() };
        std::iter::once(broker)
            .chain(of_the_broker)
            .chain([store])
            .chain(servers.asked)
            .chain(tracker)
            .collect()
    }

    /// Looks at everything once and says how the whole is, with a part that was looked at otherwise; each part has been so since now.
    pub async fn document(&self, other: Component) -> HealthDocument {
        let mut components = self.probe_all().await;
        components.push(other);
        let now = jiff::Timestamp::now().to_string();
        for component in &mut components {
            component.since.clone_from(&now);
        }
        HealthDocument::from_components(components, now)
    }

    /// Times a probe and gives it up after the limit.
    pub(super) async fn timed(
        &self,
        kind: &str,
        name: &str,
        probe: impl Future<Output = ProbeFinding>,
    ) -> Component {
        let begun = Instant::now();
        let found = tokio::time::timeout(self.limit, probe).await.unwrap_or_else(|_| {
            let detail = format!("no answer within {} s", self.limit.as_secs_f64());
            let advice = "see whether it runs and is not overloaded; its log says more";
            ProbeFinding::wrong(Status::Unhealthy, detail, advice)
        });
        let component = Component {
            response_ms: Some(begun.elapsed().as_secs_f64() * 1000.0),
            ..Component::new(kind, name, found.status, found.detail)
        };
        Component { advice: found.advice, ..component }
    }

    async fn broker(&self) -> Component {
        self.timed("broker", "nats-server", async {
            let url = self.bus.url();
            if let Err(error) = self.bus.ping(self.limit).await {
                let detail = format!("{url}: {}", failures::with_causes(&error));
                let advice = "start the broker again, or see what keeps it from being reached; work waits and goes on when it is back";
                return ProbeFinding::wrong(Status::Unhealthy, detail, advice);
            }
            let info = self.bus.client().server_info();
            if self.bus.storage_full().is_some() {
                let detail = format!("version {} at {url}: its storage is full", info.version);
                let advice = "make room: give JetStream more storage, or remove what is not needed; what waits is stored then";
                return ProbeFinding::wrong(Status::Degraded, detail, advice);
            }
            ProbeFinding::healthy(format!("version {} at {url}", info.version))
        })
        .await
    }

    async fn store(&self) -> Component {
        let Some(store) = &self.artifacts else {
            return Component::new("store", "artifacts", Status::Unknown, "not known where it is")
                .advise("ask the orchestrator, whose configuration names it")
                .optional();
        };
        self.timed("store", "artifacts", async {
            match store.probe().await {
                Ok(()) => {
                    ProbeFinding::healthy(format!("{}: written, read and removed", store.uri()))
                }
                Err(error) => ProbeFinding::wrong(
                    Status::Unhealthy,
                    format!("{}: {}", store.uri(), failures::with_causes(&error)),
                    "see that the store is there, that it may be written to, and that it has room",
                ),
            }
        })
        .await
    }

    async fn registry(&self) -> Component {
        self.timed("registry", "models and deployments", async {
            let probed = async { Registry::new(&self.bus).await?.probe().await };
            match probed.await {
                Ok(()) => ProbeFinding::healthy("written and read back by compare-and-swap"),
                Err(error) => ProbeFinding::wrong(
                    Status::Unhealthy,
                    failures::with_causes(&error),
                    "`tier0 setup` makes buckets that are missing; else see the broker's log",
                ),
            }
        })
        .await
    }

    /// Finished work that is kept for reuse.
    async fn cache(&self) -> Component {
        let stream = names::bucket_stream(names::STEPS_BUCKET);
        let component = self.timed("cache", "finished work", async {
            match self.bus.jetstream().get_stream(stream).await {
                Ok(stream) => {
                    let state = &stream.cached_info().state;
                    ProbeFinding::healthy(format!(
                        "{} steps, {} bytes",
                        state.messages, state.bytes
                    ))
                }
                Err(error) => ProbeFinding::wrong(
                    Status::Unhealthy,
                    error.to_string(),
                    "`tier0 setup` makes it; without it everything is done anew",
                ),
            }
        });
        component.await.optional()
    }

    async fn tracker(&self) -> Option<Component> {
        let uri = self.mlflow.tracking_uri.as_ref()?;
        let component = self.timed("tracker", "MLflow", async {
            match mlflow::probe(&self.mlflow).await {
                Ok(()) => ProbeFinding::healthy(uri.to_string()),
                Err(error) => ProbeFinding::wrong(
                    Status::Unhealthy,
                    failures::with_causes(&error),
                    "start it again; it is told of what it has missed then",
                ),
            }
        });
        component.map(|component| Some(component.optional())).await
    }
}
