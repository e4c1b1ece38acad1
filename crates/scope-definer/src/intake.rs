//! The intake: requests become runs, and callers hear of it.
//!
//! ```text
//! tier0.v1.request ─┬─ stream ─▶ consumer (one of all replicas) ─▶ check ─▶ first handoff, stored ─▶ ack
//!                   │                                                 └───▶ dead letter with the reason
//!                   └─ subscription (every replica) ─▶ Waiting                        │ outcome, to all replicas
//!                                                         └── answer ◀────────────────┘
//! ```
//!
//! The consumer alone decides; the subscription only knows where answers go. Every replica sees every request and
//! every outcome, so that equal requests have the same order everywhere, and each answers: a caller takes the first
//! answer, and hears of its run as long as one replica lives. One that hears nothing asks again with the same
//! `request_id`, and gets the same run.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use artifacts::ArtifactStore;
use bus::backoff::Backoff;
use bus::{
    Bus, DeadLetter, Delivery, Headers, Link, MESSAGE_ID, Message, Settlement, Subscriber, consume,
};
use bytes::Bytes;
use contracts::encoding::{self, Encoding};
use contracts::handoff::FirstHandoff;
use contracts::messages::{Failure, ScopeReply};
use contracts::stages::ScopeRequest;
use contracts::{
    Agent, ContractError, DeadLetterKind, RunId, ValidHandoff, Validate as _, failures, names,
    subjects,
};
use dataset::{Access, Location};
use futures::StreamExt;
use process::fault::{Moment, Point};
use process::spans::{self, MessageFacts};
use process::{CancellationToken, Resources, StartError, continue_trace, inject_trace};
use sha2::{Digest, Sha256};
use tracing::Instrument;

use crate::config::{Config, Defaults};
use crate::continued::{InitialState, continued};
use crate::criteria::check_thresholds;
use crate::error::of_dataset;
use crate::replies::{Caller, WaitingCallers, fingerprint};
use crate::telemetry;

/// How long the broker may take to know of a subscription.
const SUBSCRIBED: Duration = Duration::from_secs(10);
/// The code of a place that may not be read.
const NOT_ALLOWED: &str = "source_not_allowed";
const RETRIES: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));

/// Takes requests and answers callers until `shutdown`.
pub(crate) async fn run(
    config: &Config,
    access: &Access,
    resources: &Resources,
    subscriptions: Option<Subscriptions>,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    telemetry::begin();
    let bus = &resources.bus;
    let answering = tokio::spawn(answer(bus.clone(), subscriptions, shutdown.clone()));
    let max = config.intake.max_in_flight;
    let opened = bus.consumer_when_there(names::REQUESTS_STREAM, names::INTAKE_CONSUMER, max);
    let Some(mut deliveries) = shutdown.run_until_cancelled(opened).await else { return Ok(()) };
    let deadline = Duration::try_from_secs_f64(config.intake.run_deadline_hours * 3600.0);
    let intake = Arc::new(Intake {
        bus: bus.clone(),
        artifacts: resources.artifacts.clone(),
        deadline: deadline.unwrap_or(Duration::MAX),
        defaults: config.defaults.clone(),
        access: access.clone(),
    });
    let handle = |delivery: Delivery| {
        let intake = Arc::clone(&intake);
        let message = MessageFacts {
            subject: &delivery.subject,
            id: delivery.header(MESSAGE_ID),
            bytes: delivery.payload.len(),
        };
        let stage = Agent::ScopeDefiner.as_str();
        let span = spans::processing(message, stage, delivery.attempt);
        continue_trace(&span, &delivery.headers);
        async move { process(&intake, delivery).await }.instrument(span)
    };
    consume(&mut deliveries, shutdown.cancelled(), handle).await;
    // The answering task ends by the same token.
    let _ = answering.await;
    Ok(())
}

/// What a request needs to become a run.
struct Intake {
    bus: Bus,
    artifacts: ArtifactStore,
    /// How long a run may take.
    deadline: Duration,
    defaults: Defaults,
    /// The places that tables may be read from.
    access: Access,
}

/// Why a request does not become a run.
#[derive(Debug, thiserror::Error)]
enum IntakeError {
    /// It is not to be; boxed, because it is large.
    #[error("{}", .0.message)]
    Refused(Box<Failure>),
    /// The broker did not do it.
    #[error(transparent)]
    Bus(#[from] bus::Error),
    /// The artifact store did not do it.
    #[error(transparent)]
    Artifacts(Box<artifacts::Error>),
}

impl IntakeError {
    fn is_transient(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Bus(error) => error.is_transient(),
            Self::Artifacts(error) => error.is_transient(),
        }
    }
}

impl From<ContractError> for IntakeError {
    fn from(error: ContractError) -> Self {
        failures::of_contract(&error).into()
    }
}

impl From<Box<Failure>> for IntakeError {
    fn from(failure: Box<Failure>) -> Self {
        Self::Refused(failure)
    }
}

impl From<Failure> for IntakeError {
    fn from(failure: Failure) -> Self {
        Self::Refused(Box::new(failure))
    }
}

/// What became of a request.
struct Outcome {
    reply: ScopeReply,
    /// Why it was put aside, where it was.
    refused: Option<Failure>,
}

/// Makes a run of a request, or puts the request aside. The answer goes out once the outcome is durable.
async fn process(intake: &Intake, delivery: Delivery) {
    let bus = &intake.bus;
    let outcome = match intake.accept(&delivery).await {
        Ok(outcome) => outcome,
        Err(IntakeError::Refused(failure)) => refusal(&delivery, *failure),
        Err(error) if delivery.is_last_attempt() || !error.is_transient() => {
            let failure =
                failures::failure(failures::REQUEST_NOT_STORED, failures::with_causes(&error));
            refusal(&delivery, failure)
        }
        Err(error) => {
            let wait = RETRIES.after(delivery.attempt);
            tracing::warn!(%error, attempt = delivery.attempt, "a request could not be handled; it comes again");
            return delivery.settle(Settlement::Retry(wait)).await;
        }
    };
    if let Some(reason) = &outcome.refused {
        spans::failed(&reason.code, &reason.message);
        tracing::info!(code = reason.code, reason = reason.message, "request refused");
        let letter =
            DeadLetter::from_delivery(&delivery).because(Agent::ScopeDefiner, reason.clone());
        let put_aside = || bus.dead_letter(letter.clone());
        if let Err(error) = bus.until_room(put_aside).await {
            // Not settled, so that it comes again; at last the advisory of the broker tells of it.
            tracing::error!(%error, "a refused request could not be put aside");
            let wait = RETRIES.after(delivery.attempt);
            return delivery.settle(Settlement::Retry(wait)).await;
        }
        let kind = DeadLetterKind::of_request(&reason.code);
        stage::dead_lettered(Agent::ScopeDefiner.as_str(), kind, &reason.code);
    } else {
        tracing::info!(run_id = outcome.reply.run_id, "run started");
    }
    let print = fingerprint(
        delivery.header(MESSAGE_ID),
        delivery.header(names::CONTENT_TYPE),
        &delivery.payload,
    );
    let told = bus
        .publish_core(&subjects::accepted(&print), Headers::new(), encoding::encode(&outcome.reply))
        .await;
    if let Err(error) = told {
        tracing::warn!(%error, "the caller can't be told");
    }
    let refused = outcome.refused.is_some();
    telemetry::settled(refused);
    pass(Moment::Before, Point::Ack, &outcome.reply.run_id);
    // Where that is not confirmed the request comes again, and its run is found to have been started.
    delivery.settle(if refused { Settlement::Reject } else { Settlement::Ack }).await;
    pass(Moment::After, Point::Ack, &outcome.reply.run_id);
}

/// Passes a point of the request's settlement, or ends the process there.
fn pass(moment: Moment, point: Point, run: &str) {
    process::fault::pass(moment, point, names::INTAKE, run);
}

impl Intake {
    async fn accept(&self, delivery: &Delivery) -> Result<Outcome, IntakeError> {
        let handoff = self.first_handoff(delivery).await?;
        spans::of_run(handoff.run_id().as_str());
        let payload = encoding::encode_bounded(handoff.as_message())?;
        let subject = handoff.subject();
        let id = Some(handoff.handoff_id());
        let message = MessageFacts { subject: &subject, id, bytes: payload.len() };
        self.begin(&handoff, &payload).instrument(spans::sending(message)).await?;
        let reply = ScopeReply {
            accepted: true,
            run_id: handoff.run_id().as_str().to_owned(),
            error: None,
            stream: delivery.stream().to_owned(),
            seq: delivery.stream_sequence,
        };
        Ok(Outcome { reply, refused: None })
    }

    /// Stores a run's first handoff.
    async fn begin(&self, handoff: &ValidHandoff, payload: &Bytes) -> Result<(), IntakeError> {
        let mut headers = Headers::new();
        headers.insert(MESSAGE_ID, handoff.handoff_id());
        headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
        inject_trace(&mut headers);
        pass(Moment::Before, Point::Publish, handoff.run_id().as_str());
        let chain = handoff.chain();
        let (subject, link) = (handoff.subject(), Link { chain: &chain, after: 0 });
        // A broker without room must not use up the deliveries of a request.
        let publish = || self.bus.publish_next(link, &subject, headers.clone(), payload.clone());
        self.bus.until_room(publish).await?;
        pass(Moment::After, Point::Publish, handoff.run_id().as_str());
        Ok(())
    }

    async fn first_handoff(&self, delivery: &Delivery) -> Result<ValidHandoff, IntakeError> {
        let content_type = delivery.header(names::CONTENT_TYPE);
        let request =
            ScopeRequest::try_from(encoding::decode_request(content_type, &delivery.payload)?)?;
        self.check_places(&request)?;
        check_thresholds(&request.criteria).map_err(|refused| refused.failure())?;
        let run_id = match request.request_id.as_str() {
            "" => derived_run_id(delivery.stream_sequence, delivery.published_at)?,
            asked => RunId::new(asked)?,
        };
        let InitialState { request, outputs } = match request.from_agent.parse() {
            Ok(from) => self.beginning(&request, &run_id, from).await?,
            // The contract has it that it is empty.
            Err(_) => InitialState { request, outputs: Vec::new() },
        };
        let request = request.to_message();
        request.validate()?;
        // The time of the request and not of this attempt: a repeated delivery makes the same handoff.
        let at = delivery.published_at;
        let first = FirstHandoff {
            run_id,
            epoch: 0,
            plan: request.stages(),
            deadline: at.checked_add(self.deadline),
            request,
            outputs,
            at,
        };
        Ok(first.build()?)
    }

    /// Refuses tables outside the places that may be read, so that no run is begun for nothing. Where links lead is checked
    /// when a table is opened, and what else may be wrong with a place then as well.
    fn check_places(&self, request: &ScopeRequest) -> Result<(), IntakeError> {
        let mut named = vec![request.data_uri.as_str()];
        if let Some(checks) = &request.checks {
            named.push(&checks.suite_uri);
            let references = checks.rules.iter().filter_map(|rule| rule.reference.as_ref());
            named.extend(references.map(|reference| reference.uri.as_str()));
        }
        for uri in named.into_iter().map(str::trim).filter(|uri| !uri.is_empty()) {
            let checked = Location::parse(uri).and_then(|location| self.access.check(&location));
            if let Err(error) = checked
                && error.code() == NOT_ALLOWED
            {
                return Err(of_dataset(&error).into());
            }
        }
        Ok(())
    }

    /// What a run begins with that goes on from an earlier one.
    async fn beginning(
        &self,
        request: &ScopeRequest,
        run_id: &RunId,
        from: Agent,
    ) -> Result<InitialState, IntakeError> {
        let earlier = RunId::new(request.from_run.as_str())?;
        let source = self.source(&earlier, from).await?.ok_or_else(|| {
            let message = format!("there is no run {earlier}, or nothing is kept of it any more");
            failures::failure("run_not_found", message).about("from_run")
        })?;
        let beginning = continued(request, run_id, from, &source, &self.defaults)?;
        for output in &beginning.outputs {
            for (name, artifact) in output.artifacts() {
                let holds = self.artifacts.holds(artifact).await;
                if !holds.map_err(|error| IntakeError::Artifacts(Box::new(error)))? {
                    let message = format!(
                        "the {name} that {} made in run {earlier} is no longer in the artifact store; begin at {} or earlier",
                        output.agent, output.agent
                    );
                    return Err(failures::failure("artifact_not_found", message)
                        .about("from_run")
                        .suggesting([output.agent.clone()])
                        .into());
                }
            }
        }
        Ok(beginning)
    }

    /// The last message of a run that has the outputs before a stage: its handoff to that stage, else its result, else what
    /// there is.
    async fn source(&self, run: &RunId, from: Agent) -> Result<Option<ValidHandoff>, bus::Error> {
        for subjects in
            [subjects::handoffs_of(from, run), subjects::results_of(run), subjects::chains(run)]
        {
            if let Some((_, headers, payload)) = self.bus.last(&subjects).await? {
                let content_type = headers.get(names::CONTENT_TYPE).map(|value| value.as_str());
                match encoding::decode_handoff(content_type, &payload) {
                    Ok(handoff) => return Ok(Some(handoff)),
                    Err(error) => tracing::warn!(%error, run_id = %run, "a handoff can't be read"),
                }
            }
        }
        Ok(None)
    }
}

fn refusal(delivery: &Delivery, failure: Failure) -> Outcome {
    let reply = ScopeReply {
        accepted: false,
        run_id: String::new(),
        error: Some(failure.clone()),
        stream: delivery.stream().to_owned(),
        seq: delivery.stream_sequence,
    };
    Outcome { reply, refused: Some(failure) }
}

/// The same for every delivery of one message, and different for every other message, even of a stream made anew.
fn derived_run_id(sequence: u64, published_at: SystemTime) -> Result<RunId, ContractError> {
    let since = published_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut hash = Sha256::new();
    hash.update(sequence.to_le_bytes());
    hash.update(since.as_nanos().to_le_bytes());
    let digest = hex::encode(hash.finalize());
    RunId::new(format!("run-{}", digest.get(..20).unwrap_or(&digest)))
}

/// Where callers and outcomes are heard of.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    requests: Subscriber,
    outcomes: Subscriber,
}

impl Subscriptions {
    /// Subscribes, and waits until the broker knows of it: the first request after this is answered.
    pub(crate) async fn open(bus: &Bus) -> Result<Self, bus::Error> {
        let requests = bus.subscribe(subjects::REQUEST).await?;
        let outcomes = bus.subscribe(subjects::ALL_ACCEPTED).await?;
        bus.ping(SUBSCRIBED).await?;
        Ok(Self { requests, outcomes })
    }
}

/// Remembers where answers go, and sends them.
async fn answer(bus: Bus, mut subscriptions: Option<Subscriptions>, shutdown: CancellationToken) {
    let mut failed = 0;
    while !shutdown.is_cancelled() {
        let opened = match subscriptions.take() {
            Some(subscriptions) => Ok(subscriptions),
            None => Subscriptions::open(&bus).await,
        };
        let error = match opened {
            Ok(subscriptions) => match answer_until_broken(&bus, subscriptions, &shutdown).await {
                Ok(()) => return,
                Err(error) => error,
            },
            Err(error) => error,
        };
        failed += 1;
        tracing::warn!(%error, failed, "callers can't be answered; trying again");
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(RETRIES.after(failed)) => {}
        }
    }
}

async fn answer_until_broken(
    bus: &Bus,
    subscriptions: Subscriptions,
    shutdown: &CancellationToken,
) -> Result<(), bus::Error> {
    let Subscriptions { mut requests, mut outcomes } = subscriptions;
    let mut waiting = WaitingCallers::default();
    loop {
        tokio::select! {
            // A request is taken before outcomes: it was sent before its own outcome was, over the same connection.
            biased;
            () = shutdown.cancelled() => return Ok(()),
            Some(request) = requests.next() => {
                let (print, caller) = arrived(&request);
                waiting.arrived(print, caller, Instant::now());
            }
            Some(outcome) = outcomes.next() => {
                let print = outcome.subject.as_str().rsplit('.').next().unwrap_or_default();
                if let Some(caller) = waiting.outcome(print, Instant::now())
                    && let Err(error) = send_reply(bus, &caller, &outcome.payload).await
                {
                    tracing::warn!(%error, "a caller can't be answered");
                }
            }
            else => {
                return Err(bus::Error::NoResponders { subject: subjects::REQUEST.to_owned() });
            }
        }
    }
}

fn arrived(request: &Message) -> (String, Option<Caller>) {
    let header = |name| {
        request.headers.as_ref().and_then(|headers| headers.get(name)).map(|value| value.as_str())
    };
    let content_type = header(names::CONTENT_TYPE);
    let print = fingerprint(header(MESSAGE_ID), content_type, &request.payload);
    let encoding = Encoding::detect(content_type, &request.payload).unwrap_or(Encoding::Json);
    let caller = request.reply.as_ref().map(|reply| Caller { reply: reply.to_string(), encoding });
    (print, caller)
}

async fn send_reply(bus: &Bus, caller: &Caller, reply: &Bytes) -> Result<(), bus::Error> {
    let mut headers = Headers::new();
    headers.insert(names::CONTENT_TYPE, caller.encoding.content_type());
    let body = match caller.encoding {
        Encoding::Protobuf => reply.clone(),
        Encoding::Json => match encoding::from_protobuf::<ScopeReply>("ScopeReply", reply) {
            Ok(reply) => as_json(&reply).into(),
            Err(error) => {
                tracing::warn!(%error, "an outcome can't be read");
                return Ok(());
            }
        },
    };
    bus.publish_core(&caller.reply, headers, body).await
}

/// The reply as JSON with the schema's own field names, and a sequence that is a number, as in a JetStream
/// acknowledgement: a client's `js.publish` takes it for one. Readers of proto JSON take it as well.
fn as_json(reply: &ScopeReply) -> String {
    let mut object = serde_json::Map::new();
    object.insert("accepted".to_owned(), reply.accepted.into());
    if reply.accepted {
        object.insert("run_id".to_owned(), reply.run_id.clone().into());
    }
    if let Some(error) = &reply.error {
        let error = serde_json::json!({
            "code": error.code,
            "message": error.message,
            "subject": error.subject,
            "suggestions": error.suggestions,
        });
        object.insert("error".to_owned(), error);
    }
    object.insert("stream".to_owned(), reply.stream.clone().into());
    object.insert("seq".to_owned(), reply.seq.into());
    serde_json::Value::Object(object).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_run_id_is_of_the_message() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let id = derived_run_id(7, at).unwrap();
        assert_eq!(id, derived_run_id(7, at).unwrap());
        assert_ne!(id, derived_run_id(8, at).unwrap());
        assert_ne!(id, derived_run_id(7, at + Duration::from_nanos(1)).unwrap());
    }

    #[test]
    fn an_answer_reads_as_an_acknowledgement_and_as_a_reply() {
        let reply = ScopeReply {
            accepted: true,
            run_id: "run-1".to_owned(),
            error: None,
            stream: names::REQUESTS_STREAM.to_owned(),
            seq: 7,
        };
        let json = as_json(&reply);
        assert_eq!(json, r#"{"accepted":true,"run_id":"run-1","seq":7,"stream":"TIER0_REQUESTS"}"#);
        assert_eq!(
            encoding::from_json::<ScopeReply>("ScopeReply", json.as_bytes()).unwrap(),
            reply
        );
        let error = failures::failure("unknown_field", "no such field").about("targt");
        let refused =
            ScopeReply { accepted: false, run_id: String::new(), error: Some(error), ..reply };
        let read =
            encoding::from_json::<ScopeReply>("ScopeReply", as_json(&refused).as_bytes()).unwrap();
        assert_eq!(read, refused);
    }
}
