//! The connection.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{ConnectErrorKind, ConnectOptions, Event, ServerError, jetstream};
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::room::Room;
use crate::violation::Violation;
use crate::{BusConfig, Error, credentials, disk, durability};

/// The least version of nats-server: older ones ignore newer fields silently and let queue subscriptions
/// bypass subject denies.
pub const MINIMUM_SERVER: &str = "2.12.7";
const MINIMUM: (u64, u64, u64) = (2, 12, 7);

/// Commands that wait to be sent, and messages that wait to be taken from one subscription.
const QUEUE: usize = 1024;
/// Violations of permissions that wait to be heard of.
const VIOLATIONS: usize = 16;
/// How long the broker may take to answer an API request or a publication.
pub(crate) const API_TIMEOUT: Duration = Duration::from_secs(5);
const RETRY_BACKOFF: Backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(1));

/// A connection to the broker; cheap to clone.
#[derive(Clone)]
pub struct Bus {
    client: async_nats::Client,
    jetstream: jetstream::Context,
    inner: Arc<Inner>,
}

/// A connection that others hold.
pub(crate) struct WeakBus {
    client: async_nats::Client,
    jetstream: jetstream::Context,
    inner: Weak<Inner>,
}

impl WeakBus {
    /// The connection, where anyone still holds it.
    pub(crate) fn upgrade(&self) -> Option<Bus> {
        let (client, jetstream) = (self.client.clone(), self.jetstream.clone());
        Some(Bus { client, jetstream, inner: self.inner.upgrade()? })
    }
}

struct Inner {
    name: String,
    url: String,
    /// Counts connections; a change means that what was asked of the old one is lost.
    connections: watch::Receiver<u64>,
    /// What the broker did not permit, as it comes.
    violations: broadcast::Sender<Violation>,
    room: Room,
}

impl Bus {
    /// Connects, waits until connected and refuses a server older than [`MINIMUM_SERVER`], or, where its monitoring port is
    /// known, one that confirms before it writes to its disk.
    pub async fn connect(config: &BusConfig, client_name: &str) -> Result<Self, Error> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(Error::Configuration { problems });
        }
        let (sender, connections) = watch::channel(0);
        let (violations, _) = broadcast::channel(VIOLATIONS);
        let deadline = Instant::now() + config.connect_timeout();
        let mut failures = 0;
        let client = loop {
            let options = options(config, client_name, sender.clone(), violations.clone()).await?;
            let urls: Vec<&str> = config.urls().collect();
            let error = match tokio::time::timeout_at(deadline, options.connect(urls)).await {
                Ok(Ok(client)) => break client,
                Ok(Err(error)) => Some(error),
                Err(_elapsed) => None,
            };
            if let Some(error) = error {
                if matches!(
                    error.kind(),
                    ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation
                ) {
                    return Err(Error::Refused { url: config.shown_url(), source: error });
                }
                failures += 1;
                let wait = RETRY_BACKOFF.after(failures);
                if Instant::now() + wait < deadline {
                    tracing::debug!(%error, "no connection to the broker yet");
                    tokio::time::sleep(wait).await;
                    continue;
                }
                return Err(not_connected(config, Some(error)));
            }
            return Err(not_connected(config, None));
        };
        let found = client.server_info().version;
        if version(&found).is_none_or(|found| found < MINIMUM) {
            let found = if found.is_empty() { "of unknown version".to_owned() } else { found };
            return Err(Error::ServerTooOld {
                url: config.shown_url(),
                found,
                required: MINIMUM_SERVER,
            });
        }
        for url in config.monitoring_urls() {
            durability::check(url).await?;
        }
        let jetstream = jetstream::context::ContextBuilder::new()
            .timeout(API_TIMEOUT)
            .ack_timeout(API_TIMEOUT)
            .max_ack_inflight(QUEUE)
            .build(client.clone());
        let inner = Inner {
            name: client_name.to_owned(),
            url: config.shown_url(),
            connections,
            violations,
            room: Room::default(),
        };
        let bus = Self { client, jetstream, inner: Arc::new(inner) };
        let monitoring: Vec<String> = config.monitoring_urls().map(str::to_owned).collect();
        if !monitoring.is_empty() {
            disk::watch(&bus, monitoring);
        }
        Ok(bus)
    }

    /// The connection without holding it.
    pub(crate) fn downgrade(&self) -> WeakBus {
        let (client, jetstream) = (self.client.clone(), self.jetstream.clone());
        WeakBus { client, jetstream, inner: Arc::downgrade(&self.inner) }
    }

    /// The client itself, for what has no method here.
    pub fn client(&self) -> &async_nats::Client {
        &self.client
    }

    /// JetStream itself, for what has no method here.
    pub fn jetstream(&self) -> &jetstream::Context {
        &self.jetstream
    }

    /// The name this process gave itself.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Where the broker is, without credentials.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// Whether there is a connection now.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Sends what is waiting to be sent and closes the connection, within `limit`.
    pub async fn close(&self, limit: Duration) {
        let closing = async {
            if let Err(error) = self.client.flush().await {
                tracing::debug!(%error, "flush before closing failed");
            }
            if let Err(error) = self.client.drain().await {
                tracing::debug!(%error, "drain failed");
            }
        };
        if tokio::time::timeout(limit, closing).await.is_err() {
            tracing::debug!("the connection did not drain in time");
        }
    }

    /// What is known of the broker's room.
    pub(crate) fn room(&self) -> &Room {
        &self.inner.room
    }

    /// Hears of what the broker does not permit from now on.
    pub(crate) fn violations(&self) -> broadcast::Receiver<Violation> {
        self.inner.violations.subscribe()
    }

    /// Changes whenever the connection has been made anew.
    pub(crate) fn connections(&self) -> watch::Receiver<u64> {
        self.inner.connections.clone()
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus")
            .field("name", &self.inner.name)
            .field("url", &self.inner.url)
            .finish_non_exhaustive()
    }
}

fn not_connected(config: &BusConfig, source: Option<async_nats::ConnectError>) -> Error {
    Error::Connect { url: config.shown_url(), seconds: config.connect_timeout_seconds, source }
}

async fn options(
    config: &BusConfig,
    name: &str,
    connections: watch::Sender<u64>,
    violations: broadcast::Sender<Violation>,
) -> Result<ConnectOptions, Error> {
    let mut options = credentials::options(config)
        .await?
        .name(name)
        .custom_inbox_prefix(contracts::names::inbox_prefix(name))
        .connection_timeout(config.connect_timeout().min(Duration::from_secs(5)))
        .request_timeout(Some(API_TIMEOUT))
        .ping_interval(Duration::from_secs(20))
        .subscription_capacity(QUEUE)
        .client_capacity(QUEUE)
        .reconnect_delay_callback(|attempts| {
            Backoff::new(Duration::from_millis(50), Duration::from_secs(2)).after(attempts as u64)
        })
        .event_callback(move |event| {
            observe(&event, &connections, &violations);
            std::future::ready(())
        });
    if let Some(ca) = &config.tls.ca_file {
        options = options.add_root_certificates(ca.clone());
    }
    if let (Some(cert), Some(key)) = (&config.tls.cert_file, &config.tls.key_file) {
        options = options.add_client_certificate(cert.clone(), key.clone());
    }
    Ok(options.require_tls(config.tls.required))
}

/// Counts and tells what happens to the connection; `tier0_bus_events_total` has one series per kind.
fn observe(
    event: &Event,
    connections: &watch::Sender<u64>,
    violations: &broadcast::Sender<Violation>,
) {
    let kind = match event {
        Event::Connected => {
            connections.send_modify(|count| *count += 1);
            tracing::debug!("connected to the broker");
            "connected"
        }
        Event::Disconnected => {
            tracing::warn!("connection to the broker lost; connecting again");
            "disconnected"
        }
        Event::LameDuckMode => {
            tracing::warn!(
                "the broker is about to end; connecting to another or waiting for its return"
            );
            "lame_duck"
        }
        // What comes through the stream comes again, by its pull or its watch; a plain subscription has lost it.
        Event::SlowConsumer(subscription) => {
            tracing::warn!(
                subscription,
                "messages came faster than they were taken; some were dropped"
            );
            "slow_consumer"
        }
        // What is not permitted is told here only; a caller that waits for an answer is told by the violation.
        Event::ServerError(ServerError::Other(text))
            if let Some(violation) = Violation::parse(text) =>
        {
            violation.report();
            // It fails where no caller waits.
            let _ = violations.send(violation);
            "permission_violation"
        }
        Event::ServerError(error) => {
            tracing::error!(%error, "the broker reports an error");
            "server_error"
        }
        Event::ClientError(error) => {
            tracing::debug!(%error, "the connection reports an error");
            "client_error"
        }
        Event::Draining | Event::Closed => {
            tracing::debug!(%event, "broker event");
            return;
        }
    };
    metrics::counter!("tier0_bus_events_total", "event" => kind).increment(1);
}

/// `2.12.7-preview` is (2, 12, 7).
fn version(text: &str) -> Option<(u64, u64, u64)> {
    let mut parts = text.trim_start_matches('v').splitn(3, '.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?.parse().ok()?;
    let patch: String = parts.next()?.chars().take_while(char::is_ascii_digit).collect();
    Some((major, minor, patch.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(version("2.15.1"), Some((2, 15, 1)));
        assert_eq!(version("v2.12.7-RC.1"), Some((2, 12, 7)));
        assert_eq!(version(""), None);
        assert!(version("2.9.10").is_some_and(|found| found < MINIMUM));
        assert!(version("2.12.10").is_some_and(|found| found > MINIMUM));
    }
}
