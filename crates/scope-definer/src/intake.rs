//! The intake: requests become runs, and callers hear of it.
//!
//! ```text
//! tier0.v1.request ─┬─ stream ─▶ consumer (one of all replicas) ─▶ check ─▶ first handoff, stored ─▶ ack
//!                   │                                                 └───▶ dead letter with the reason
//!                   └─ queue subscription (one of all replicas) ─▶ Waiting            │ outcome, to all replicas
//!                                                                     └── answer ◀────┘
//! ```
//!
//! The consumer alone decides; the subscription only knows where answers go. A request whose receiver dies before the
//! answer is still processed: its caller times out, asks again with the same `request_id`, and gets the same run.

use std::time::{Duration, Instant, SystemTime};

#[cfg(feature = "fault-injection")]
use agent_runtime::fault::{Moment, Point};
use agent_runtime::{CancellationToken, Resources, StartError, continue_trace, inject_trace};
use bus::backoff::Backoff;
use bus::{Bus, Delivery, Headers, MESSAGE_ID, Message, Subscriber};
use bytes::Bytes;
use contracts::encoding::{self, Encoding};
use contracts::handoff::FirstHandoff;
use contracts::{Agent, ContractError, RunId, failures, names, subjects, time, v1};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use crate::config::IntakeConfig;
use crate::replies::{Caller, Waiting, fingerprint};

/// Queue group of the subscriptions that remember reply subjects.
const QUEUE: &str = "scope-definer";
/// How long the broker may take to know of a subscription.
const SUBSCRIBED: Duration = Duration::from_secs(10);
const RETRIES: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));

/// Takes requests and answers callers until `shutdown`.
pub(crate) async fn run(
    config: &IntakeConfig,
    resources: &Resources,
    subscriptions: Option<Subscriptions>,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    let bus = &resources.bus;
    let answering = tokio::spawn(answer(bus.clone(), subscriptions, shutdown.clone()));
    let mut failed = 0;
    let mut deliveries = loop {
        match bus
            .consumer(names::REQUESTS_STREAM, names::INTAKE_CONSUMER, config.max_in_flight)
            .await
        {
            Ok(deliveries) => break deliveries,
            Err(error) if error.is_transient() => {
                failed += 1;
                tracing::warn!(%error, failed, "the requests can't be taken yet");
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    () = tokio::time::sleep(RETRIES.after(failed)) => {}
                }
            }
            Err(error) => return Err(error.into()),
        }
    };
    let deadline =
        Duration::try_from_secs_f64(config.run_deadline_hours * 3600.0).unwrap_or(Duration::MAX);
    let mut tasks = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            delivery = deliveries.next() => {
                let bus = bus.clone();
                let span = tracing::info_span!("request", sequence = delivery.stream_sequence);
                continue_trace(&span, &delivery.headers);
                tasks.spawn(async move { process(&bus, delivery, deadline).await }.instrument(span));
            }
            Some(_ended) = tasks.join_next(), if !tasks.is_empty() => {}
        }
    }
    while tasks.join_next().await.is_some() {}
    // The answering task ends by the same token.
    let _ = answering.await;
    Ok(())
}

/// What became of a request.
struct Outcome {
    reply: v1::ScopeReply,
    /// Why it was put aside, where it was.
    refused: Option<v1::Failure>,
}

/// Makes a run of a request, or puts the request aside. The answer goes out once the outcome is durable.
async fn process(bus: &Bus, delivery: Delivery, deadline: Duration) {
    let outcome = match accept(bus, &delivery, deadline).await {
        Ok(outcome) => outcome,
        Err(error) if delivery.is_last_attempt() || !error.is_transient() => {
            let failure = failures::failure("request_not_stored", failures::with_causes(&error));
            refusal(&delivery, failure)
        }
        Err(error) => {
            let wait = RETRIES.after(delivery.attempt);
            tracing::warn!(%error, attempt = delivery.attempt, "a request could not be handled; it comes again");
            settled(delivery.retry(wait).await);
            return;
        }
    };
    if let Some(reason) = &outcome.refused {
        tracing::info!(code = reason.code, reason = reason.message, "request refused");
        if let Err(error) = bus.dead_letter(dead_letter(&delivery, reason.clone())).await {
            // Not settled, so that it comes again; at last the advisory of the broker tells of it.
            tracing::error!(%error, "a refused request could not be put aside");
            let wait = RETRIES.after(delivery.attempt);
            settled(delivery.retry(wait).await);
            return;
        }
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
    #[cfg(feature = "fault-injection")]
    pass(Moment::Before, Point::Ack, &outcome.reply.run_id);
    settled(if refused { delivery.reject().await } else { delivery.ack().await });
    #[cfg(feature = "fault-injection")]
    pass(Moment::After, Point::Ack, &outcome.reply.run_id);
}

/// Passes a point of the request's settlement, or ends the process there.
#[cfg(feature = "fault-injection")]
fn pass(moment: Moment, point: Point, run: &str) {
    agent_runtime::fault::pass(moment, point, names::INTAKE, run);
}

fn settled(result: Result<(), bus::Error>) {
    if let Err(error) = result {
        // It comes again, and its run is found to have been started.
        tracing::warn!(%error, "a request could not be settled");
    }
}

async fn accept(bus: &Bus, delivery: &Delivery, deadline: Duration) -> Result<Outcome, bus::Error> {
    let handoff = match first_handoff(delivery, deadline) {
        Ok(handoff) => handoff,
        Err(error) => return Ok(refusal(delivery, failures::of_contract(&error))),
    };
    let payload = match encoding::encode_bounded(handoff.as_message()) {
        Ok(payload) => payload,
        Err(error) => return Ok(refusal(delivery, failures::of_contract(&error))),
    };
    let mut headers = Headers::new();
    headers.insert(MESSAGE_ID, handoff.handoff_id());
    headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
    inject_trace(&mut headers);
    #[cfg(feature = "fault-injection")]
    pass(Moment::Before, Point::Publish, handoff.run_id().as_str());
    bus.publish_once(&handoff.subject(), headers, payload).await?;
    #[cfg(feature = "fault-injection")]
    pass(Moment::After, Point::Publish, handoff.run_id().as_str());
    let reply = v1::ScopeReply {
        accepted: true,
        run_id: handoff.run_id().as_str().to_owned(),
        error: None,
        stream: delivery.stream().to_owned(),
        seq: delivery.stream_sequence,
    };
    Ok(Outcome { reply, refused: None })
}

fn refusal(delivery: &Delivery, failure: v1::Failure) -> Outcome {
    let reply = v1::ScopeReply {
        accepted: false,
        run_id: String::new(),
        error: Some(failure.clone()),
        stream: delivery.stream().to_owned(),
        seq: delivery.stream_sequence,
    };
    Outcome { reply, refused: Some(failure) }
}

fn first_handoff(
    delivery: &Delivery,
    deadline: Duration,
) -> Result<contracts::ValidHandoff, ContractError> {
    let request =
        encoding::decode_request(delivery.header(names::CONTENT_TYPE), &delivery.payload)?;
    let plan = match request.until.as_str() {
        "" => Agent::ALL.to_vec(),
        until => Agent::through(until.parse()?),
    };
    let run_id = match request.request_id.as_str() {
        "" => derived_run_id(delivery.stream_sequence, delivery.published_at)?,
        asked => RunId::new(asked)?,
    };
    // The time of the request and not of this attempt: a repeated delivery makes the same handoff.
    let at = delivery.published_at;
    FirstHandoff {
        run_id,
        epoch: 0,
        plan,
        deadline: at.checked_add(deadline),
        request,
        outputs: Vec::new(),
        at,
    }
    .build()
}

/// The same for every delivery of one message, and different for every other message, even of a stream made anew.
fn derived_run_id(sequence: u64, published_at: SystemTime) -> Result<RunId, ContractError> {
    let since = published_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut hash = Sha256::new();
    hash.update(sequence.to_le_bytes());
    hash.update(since.as_nanos().to_le_bytes());
    let digest = crate::define::hexadecimal(&hash.finalize());
    RunId::new(format!("run-{}", digest.get(..20).unwrap_or(&digest)))
}

fn dead_letter(delivery: &Delivery, reason: v1::Failure) -> v1::DeadLetter {
    let headers = delivery.headers.iter().map(|(name, values)| {
        let values: Vec<&str> = values.iter().map(|value| value.as_str()).collect();
        (name.to_string(), values.join(", "))
    });
    v1::DeadLetter {
        id: format!("{}.{}", delivery.stream(), delivery.stream_sequence),
        agent: Agent::ScopeDefiner.as_str().to_owned(),
        subject: delivery.subject.clone(),
        payload: delivery.payload.to_vec(),
        headers: headers.collect(),
        reason: Some(reason),
        deliveries: u32::try_from(delivery.attempt).unwrap_or(u32::MAX),
        at: Some(time::timestamp(SystemTime::now())),
        truncated: false,
        run_id: String::new(),
    }
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
        let requests = bus.subscribe(subjects::REQUEST, Some(QUEUE)).await?;
        let outcomes = bus.subscribe(subjects::ALL_ACCEPTED, None).await?;
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
    let mut waiting = Waiting::default();
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
                    && let Err(error) = tell(bus, &caller, &outcome.payload).await
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
    let encoding = Encoding::of(content_type, &request.payload).unwrap_or(Encoding::Json);
    let caller = request.reply.as_ref().map(|reply| Caller { reply: reply.to_string(), encoding });
    (print, caller)
}

async fn tell(bus: &Bus, caller: &Caller, reply: &Bytes) -> Result<(), bus::Error> {
    let mut headers = Headers::new();
    headers.insert(names::CONTENT_TYPE, caller.encoding.content_type());
    let body = match caller.encoding {
        Encoding::Protobuf => reply.clone(),
        Encoding::Json => match encoding::from_protobuf::<v1::ScopeReply>("ScopeReply", reply) {
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
fn as_json(reply: &v1::ScopeReply) -> String {
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
        let reply = v1::ScopeReply {
            accepted: true,
            run_id: "run-1".to_owned(),
            error: None,
            stream: names::REQUESTS_STREAM.to_owned(),
            seq: 7,
        };
        let json = as_json(&reply);
        assert_eq!(json, r#"{"accepted":true,"run_id":"run-1","seq":7,"stream":"TIER0_REQUESTS"}"#);
        assert_eq!(
            encoding::from_json::<v1::ScopeReply>("ScopeReply", json.as_bytes()).unwrap(),
            reply
        );
        let error = failures::failure("unknown_field", "no such field").about("targt");
        let refused =
            v1::ScopeReply { accepted: false, run_id: String::new(), error: Some(error), ..reply };
        let read =
            encoding::from_json::<v1::ScopeReply>("ScopeReply", as_json(&refused).as_bytes())
                .unwrap();
        assert_eq!(read, refused);
    }
}
