//! What the listeners share: the versions, the bounds, and where answers are offered for publication.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use auth::{Authority, Surface};
use process::http::{BearerToken, Guard};
use tabular::sample::mixed;

use crate::answering::answered;
use crate::catalogue::{ModelCatalogue, ResolvedVersion};
use crate::config::Serving;
use crate::error::InferError;
use crate::events::{EventQueue, ServedPrediction};
use crate::explain::explain;
use crate::load::{Admission, BodyRoom, Load};
use crate::mirror::ShadowScorer;
use crate::predict::PredictionOutcome;
use crate::protocol::v2::{self, EncodedResponse};
use crate::protocol::{self, Answer, Input};

/// Name of the server in the protocols.
pub(crate) const NAME: &str = "tier0-model-server";
/// Extensions of the Open Inference Protocol that it has.
pub(crate) const EXTENSIONS: [&str; 2] = ["binary_tensor_data", "model_repository"];

/// The state of the data plane.
#[derive(Debug)]
pub struct Server {
    /// Endpoints with their loaded versions.
    pub model_catalogue: ModelCatalogue,
    /// Limits and timeouts of serving, as configured.
    pub(crate) serving: Serving,
    /// Who may ask over REST.
    pub(crate) rest_guard: Guard,
    /// Who may ask over gRPC.
    pub(crate) grpc_guard: Guard,
    /// Hosts beside those of loopback that callers without a token may name.
    pub(crate) hosts: Vec<String>,
    load: Load,
    event_queue: EventQueue,
    ready: AtomicBool,
    draining: AtomicBool,
    mirror: ShadowScorer,
    clock: Clock,
    /// For the chance by which requests are divided.
    drawn: AtomicU64,
}

/// The time since some moment, as breakers see it.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Clock {
    /// A clock that says what `now` says.
    pub fn new(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Time since 1970 in UTC.
    pub(crate) fn now(&self) -> Duration {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        let begun = Instant::now();
        Self::new(move || begun.elapsed())
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Clock")
    }
}

/// What a request says about itself, whatever its protocol.
#[derive(Debug)]
pub(crate) struct RequestContext {
    /// The version that answers it.
    pub(crate) resolved: ResolvedVersion,
    /// Bytes of its body.
    pub(crate) bytes: usize,
    /// When its last byte had come.
    pub(crate) begun: Instant,
    /// Its identity, where a header gives one.
    pub(crate) id: Option<String>,
    /// Its trace context, where it has one.
    pub(crate) traceparent: Option<String>,
    /// Whom its rows are about, where a header says so, one per row.
    pub(crate) entities: Vec<String>,
    /// When it has to be answered.
    pub(crate) until: Instant,
    /// The right to work on it; given back when the work ends.
    pub(crate) admission: Admission,
}

/// What a protocol makes of the work: the rows it read and the identity they came with.
#[derive(Debug)]
pub(crate) struct InferRequest<W> {
    /// Columns of the request, in its order.
    pub(crate) input: Input,
    /// Identity that the body gives.
    pub(crate) id: Option<String>,
    /// Whom the rows are about, where the body says so, one per row.
    pub(crate) entities: Vec<String>,
    /// What the writer of the answer needs to know of the request.
    pub(crate) wanted: W,
}

/// What is told of an answer beside its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResponseHeaders {
    /// Identity of the request.
    pub(crate) id: String,
    /// The version that answered.
    pub(crate) version: u32,
    /// The version in whose place it did.
    pub(crate) fallback_from: Option<u32>,
    /// Members of an ensemble that could not answer.
    pub(crate) silent: Vec<u32>,
    /// Columns of the request that the version does not take.
    pub(crate) ignored: usize,
}

impl ResponseHeaders {
    fn from_answer(answer: &Answer) -> Self {
        Self {
            id: answer.id.clone(),
            version: answer.version,
            fallback_from: answer.fallback_from,
            silent: answer.silent.clone(),
            ignored: answer.ignored,
        }
    }

    /// As headers: `x-model-version`, and `x-fallback-from`, `x-silent-members` and `x-ignored-columns` where there is something to say.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![("x-model-version", self.version.to_string())];
        headers.extend(self.fallback_from.map(|from| ("x-fallback-from", from.to_string())));
        if !self.silent.is_empty() {
            let silent: Vec<String> = self.silent.iter().map(u32::to_string).collect();
            headers.push(("x-silent-members", silent.join(", ")));
        }
        if self.ignored > 0 {
            headers.push(("x-ignored-columns", self.ignored.to_string()));
        }
        headers
    }
}

impl Server {
    /// A server that holds nothing yet.
    pub fn new(serving: Serving, token: Option<BearerToken>, event_queue: EventQueue) -> Self {
        Self::with_clock(serving, token, event_queue, Clock::default())
    }

    /// A server that holds nothing yet, with breakers that go by this clock.
    pub fn with_clock(
        serving: Serving,
        token: Option<BearerToken>,
        event_queue: EventQueue,
        clock: Clock,
    ) -> Self {
        // Processes begin at different numbers, so that their draws differ.
        let hosts = serving.allowed_hosts.iter().chain([&serving.advertised_host]).cloned();
        let hosts = hosts.filter(|host| !host.is_empty()).collect();
        let drawn = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0);
        Self {
            model_catalogue: ModelCatalogue::new(serving.breaker),
            load: Load::new(&serving),
            serving,
            rest_guard: Guard::of_token(Surface::Rest, token.clone()),
            grpc_guard: Guard::of_token(Surface::Grpc, token),
            hosts,
            event_queue,
            ready: AtomicBool::new(false),
            draining: AtomicBool::new(false),
            mirror: ShadowScorer::default(),
            clock,
            drawn: AtomicU64::new(drawn),
        }
    }

    /// The same server, for callers as well whom the authority knows, beside those who give the token.
    #[must_use]
    pub fn known_to(self, token: Option<BearerToken>, authority: &Arc<Authority>) -> Self {
        let guard = |surface| Guard::new(surface, token.clone(), Arc::clone(authority));
        Self { rest_guard: guard(Surface::Rest), grpc_guard: guard(Surface::Grpc), ..self }
    }

    /// The time as breakers see it.
    pub fn now(&self) -> Duration {
        self.clock.now()
    }

    /// The version that answers a request: the one that it names, or the one that the routing gives it.
    pub(crate) fn route(&self, resolved: ResolvedVersion, key: Option<&str>) -> ResolvedVersion {
        let chance = mixed(self.drawn.fetch_add(1, Ordering::Relaxed));
        resolved.routed(key, chance, self.now())
    }

    /// Says that the deployments there were at the start have been applied.
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// Whether requests can be answered.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
            && !self.is_draining()
            && self.model_catalogue.snapshot().is_ready()
    }

    /// Says that the process is about to end: it is ready no more, and each connection's next answer is its last.
    pub(crate) fn set_draining(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the process is about to end.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// When a request that comes now has to be answered: as configured, or earlier where its caller says so.
    pub(crate) fn deadline_for(&self, asked: Option<Duration>) -> Instant {
        let longest = Duration::from_secs(self.serving.request_seconds);
        Instant::now() + asked.map_or(longest, |asked| asked.min(longest))
    }

    /// Admits a request whose body has so many bytes, or turns it away.
    pub fn admit(&self, bytes: usize) -> Result<Admission, InferError> {
        let mut room = self.load.body_room();
        room.grow(bytes)?;
        self.load.admit(room)
    }

    /// Room for a body that comes bit by bit.
    pub(crate) fn body_room(&self) -> BodyRoom {
        self.load.body_room()
    }

    /// Admits a request whose body is there, or turns it away.
    pub(crate) fn admit_body(&self, room: BodyRoom) -> Result<Admission, InferError> {
        self.load.admit(room)
    }

    /// Does work that is long on a thread for it; given up at `until`.
    pub(crate) async fn apart<T: Send + 'static>(
        &self,
        until: Instant,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, InferError> {
        self.load.apart(until, work).await
    }

    /// Reads, predicts and writes: inline where that is short, else on a thread for it. Then counts, and offers the
    /// answer for publication if it was live traffic.
    pub(crate) async fn infer<W, T, R, E>(
        &self,
        request_context: RequestContext,
        read: R,
        write: E,
    ) -> Result<(T, ResponseHeaders), InferError>
    where
        T: Send + 'static,
        W: 'static,
        R: FnOnce(&ResolvedVersion) -> Result<InferRequest<W>, InferError> + Send + 'static,
        E: FnOnce(&Answer, &W) -> Result<T, InferError> + Send + 'static,
    {
        let RequestContext { resolved, bytes, begun, id, traceparent, entities, until, admission } =
            request_context;
        let most_rows = self.serving.max_rows;
        let clock = self.clock.clone();
        let latency_model = Arc::clone(&resolved.version);
        let work = move || {
            let identified = read(&resolved).and_then(|mut request| {
                let given = request.id.take().or(id);
                let id = given.unwrap_or_else(new_id);
                if request.entities.is_empty() {
                    request.entities = entities;
                }
                check_identities("the id", std::slice::from_ref(&id))?;
                check_identities("entity_ids", &request.entities)?;
                Ok((request, id))
            });
            let (infer_request, id) = identified.inspect_err(|_| resolved.abandon())?;
            let entities = infer_request.entities;
            let predicted =
                answered(&resolved, infer_request.input, id, most_rows, || clock.now())?;
            entities_fit(&entities, predicted.answer.rows)?;
            let written = write(&predicted.answer, &infer_request.wanted)?;
            drop(admission);
            Ok((written, predicted, resolved, entities))
        };
        let (written, predicted, resolved, entities) =
            self.load.work(&latency_model.latency_model, bytes, until, work).await?;
        let PredictionOutcome { answer, table, predictions } = predicted;
        let latency = begun.elapsed();
        let id = answer.id.clone();
        let place = &resolved.place;
        let by = place.versions.get(&answer.version).unwrap_or(&resolved.version);
        by.meters.answered(answer.rows, latency.as_secs_f64());
        let response_headers = ResponseHeaders::from_answer(&answer);
        if resolved.live {
            if let Some(counts) = place.counts.get(&answer.version) {
                counts.record_latency(latency);
                if place.is_observed
                    && let Some(predictions) = &predictions
                {
                    place.recent.remember(&id, counts, predictions.clone());
                }
            }
            if !place.router.shadows.is_empty()
                && let Some(predictions) = predictions
            {
                let clock = self.clock.clone();
                let now = move || clock.now();
                self.mirror.offer(resolved.clone(), id, table.clone(), predictions, now);
            }
            let digest = by.digest.clone();
            self.publish(ServedPrediction {
                table,
                answer,
                digest,
                at: SystemTime::now(),
                latency,
                traceparent,
                entities,
            });
        }
        Ok((written, response_headers))
    }

    /// Explains the rows of a request, on a thread for long work. No event is published: nothing is predicted.
    pub(crate) async fn explain(
        &self,
        request_context: RequestContext,
        read: impl FnOnce() -> Result<v2::Request, InferError> + Send + 'static,
    ) -> Result<(EncodedResponse, ResponseHeaders), InferError> {
        let RequestContext { resolved, id, until, admission, .. } = request_context;
        let most_rows = self.serving.max_explained_rows;
        let work = move || {
            let request = read()?;
            let id = request.id.or(id).unwrap_or_else(new_id);
            let (input, by) = (request.input, request.explain_by);
            let go_on = || Instant::now() < until;
            let explained = explain(&resolved, input, id, by, most_rows, go_on)?;
            let written = protocol::explain::write(&explained, &request.wanted)?;
            resolved.version.meters.explained(explained.explanations.rows);
            drop(admission);
            let version = resolved.version.number;
            let response_headers = ResponseHeaders {
                id: explained.id,
                version,
                fallback_from: None,
                silent: Vec::new(),
                ignored: explained.ignored,
            };
            Ok((written, response_headers))
        };
        self.load.apart(until, work).await?
    }

    fn publish(&self, served: ServedPrediction) {
        self.event_queue.offer(served);
    }

    /// Longest wait for a body.
    pub(crate) fn body_time(&self) -> Duration {
        Duration::from_secs(self.serving.body_seconds)
    }
}

/// An identity for a request that brings none: a UUID of version 7, whose random bits come from the thread's own generator. That
/// of the `uuid` crate asks the kernel for them, and all threads take turns at its clock.
fn new_id() -> String {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let milliseconds = u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX);
    let id = uuid::Builder::from_unix_timestamp_millis(milliseconds, &rand::random()).into_uuid();
    id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()).to_owned()
}

/// Longest identity of a request or an entity, in bytes.
const MAX_ID_LENGTH: usize = 128;

/// Identities end up in events, whose contract bounds them.
fn check_identities(name: &str, ids: &[String]) -> Result<(), InferError> {
    let fits = |id: &String| id.len() <= MAX_ID_LENGTH && !id.contains(char::is_control);
    if ids.iter().all(fits) {
        return Ok(());
    }
    Err(InferError::Malformed {
        problem: format!(
            "{name}: expected at most {MAX_ID_LENGTH} bytes without control characters"
        ),
    })
}

fn entities_fit(entities: &[String], rows: usize) -> Result<(), InferError> {
    if entities.is_empty() || entities.len() == rows {
        return Ok(());
    }
    let found = entities.len();
    Err(InferError::Malformed {
        problem: format!("{found} entity ids for {rows} rows: expected one per row, or none"),
    })
}
