//! The floor: the same messages with the bare client. Pull one, publish the next and wait for its acknowledgement,
//! acknowledge and wait for the confirmation; nothing is recorded, looked up or checked.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::{
    self,
    consumer::{AckPolicy, PullConsumer, pull},
    stream::{Config, StorageType, Stream},
};
use bus::{Bus, MESSAGE_ID};
use bytes::Bytes;
use contracts::names;
use futures::StreamExt as _;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::Error;
use crate::broker::Broker;
use crate::chain::{RUN_TIMEOUT, last_sequence, lost, until_sequence};
use crate::times::{self, EventRate};

const STREAM: &str = "FLOOR";

/// Loops that take, publish and acknowledge; they end with it.
pub(super) struct BareLoops {
    client: async_nats::Client,
    stream: Stream,
    messages: Vec<Bytes>,
    ends: async_nats::Subscriber,
    loops: JoinSet<()>,
}

fn subject(stage: usize, run: &str) -> String {
    format!("floor.{stage}.{run}")
}

fn headers(id: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(MESSAGE_ID, id);
    headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
    headers
}

/// As the stream of the handoffs, with a consumer for each place.
async fn create_stream(client: &async_nats::Client, stages: usize) -> Result<Stream, Error> {
    let stream = jetstream::new(client.clone())
        .get_or_create_stream(Config {
            name: STREAM.to_owned(),
            subjects: vec!["floor.>".to_owned()],
            storage: StorageType::File,
            duplicate_window: Duration::from_secs(120),
            allow_direct: true,
            ..Config::default()
        })
        .await
        .map_err(|error| Error::nats("make a stream", error))?;
    for stage in 0..stages {
        stream
            .create_consumer(pull::Config {
                durable_name: Some(format!("stage-{stage}")),
                filter_subject: subject(stage, ">"),
                ack_policy: AckPolicy::Explicit,
                max_deliver: 5,
                ..pull::Config::default()
            })
            .await
            .map_err(|error| Error::nats("make a consumer", error))?;
    }
    Ok(stream)
}

impl BareLoops {
    /// One loop for each message but the last, which has no consumer.
    pub(super) async fn start(broker: &Broker, messages: Vec<Bytes>) -> Result<Self, Error> {
        let client = broker.bare().await?;
        let stages = messages.len().saturating_sub(1);
        let stream = create_stream(&client, stages).await?;
        let ends = client
            .subscribe(subject(stages, ">"))
            .await
            .map_err(|error| Error::nats("take a subscription", error))?;
        let mut loops = JoinSet::new();
        for (stage, next) in messages.iter().skip(1).enumerate() {
            loops.spawn(forward(consumer(broker, stage).await?, stage, next.clone()));
        }
        Ok(Self { client, stream, messages, ends, loops })
    }

    /// The time of each hop of a run, in milliseconds.
    pub(super) async fn run(&mut self, number: u32) -> Result<Vec<f64>, Error> {
        let run = format!("hop-{number}");
        let before = last_sequence(&mut self.stream).await?;
        let first = self.messages.first().cloned().unwrap_or_default();
        let subject = subject(0, &run);
        let context = jetstream::new(self.client.clone());
        context
            .publish_with_headers(subject.clone(), headers(&subject), first)
            .await
            .map_err(|error| Error::nats("take a message", error))?
            .await
            .map_err(|error| Error::nats("store a message", error))?;
        timeout(RUN_TIMEOUT, self.ends.next())
            .await
            .map_err(|_| lost(format!("the end of run {run}"), RUN_TIMEOUT))?;
        let after = before + self.messages.len() as u64;
        until_sequence(&mut self.stream, after).await?;
        let mut at = Vec::new();
        for sequence in before + 1..=after {
            at.push(times::stored_at(&self.stream, sequence).await?);
        }
        Ok(times::hops(&at))
    }

    pub(super) async fn end(mut self) {
        self.loops.shutdown().await;
    }
}

/// A consumer on a connection of its own, as a replica has it.
async fn consumer(
    broker: &Broker,
    stage: usize,
) -> Result<(jetstream::Context, PullConsumer), Error> {
    let context = jetstream::new(broker.bare().await?);
    let consumer = context
        .get_consumer_from_stream(format!("stage-{stage}"), STREAM)
        .await
        .map_err(|error| Error::nats("give a consumer", error))?;
    Ok((context, consumer))
}

/// Takes, publishes, acknowledges; one at a time, for ever.
async fn forward(
    (context, consumer): (jetstream::Context, PullConsumer),
    stage: usize,
    next: Bytes,
) {
    loop {
        if let Err(error) = forward_one(&context, &consumer, stage, &next).await {
            tracing::warn!(%error, "the bare client failed; it goes on");
        }
    }
}

async fn forward_one(
    context: &jetstream::Context,
    consumer: &PullConsumer,
    stage: usize,
    next: &Bytes,
) -> Result<(), async_nats::Error> {
    let mut pulled =
        consumer.batch().max_messages(1).expires(Duration::from_secs(30)).messages().await?;
    while let Some(message) = pulled.next().await {
        let message = message?;
        let run = message.subject.rsplit('.').next().unwrap_or_default();
        let subject = subject(stage + 1, run);
        context
            .publish_with_headers(subject.clone(), headers(&subject), next.clone())
            .await?
            .await?;
        message.double_ack().await?;
    }
    Ok(())
}

/// The rate at which loops of one place hand on what lies there for them.
pub(super) async fn throughput(
    broker: &Broker,
    bus: &Bus,
    replicas: u16,
    handoffs: u32,
) -> Result<EventRate, Error> {
    let client = broker.bare().await?;
    let mut stream = create_stream(&client, 1).await?;
    let context = jetstream::new(client);
    let message = |place: u8| async move {
        let subject = match place {
            0 => "tier0.v1.handoff.scope-definer.pattern.0",
            _ => "tier0.v1.handoff.data-preparer.pattern.0",
        };
        let found = bus.last(subject).await?;
        found.map(|(_, _, payload)| payload).ok_or_else(|| lost(subject.to_owned(), Duration::ZERO))
    };
    let (first, next) = (message(0).await?, message(1).await?);
    for number in 0..handoffs {
        let subject = subject(0, &format!("rate-{replicas}-{number}"));
        context
            .publish_with_headers(subject.clone(), headers(&subject), first.clone())
            .await
            .map_err(|error| Error::nats("take a message", error))?
            .await
            .map_err(|error| Error::nats("store a message", error))?;
    }
    let before = last_sequence(&mut stream).await?;
    let mut loops = JoinSet::new();
    for _ in 0..replicas {
        loops.spawn(forward(consumer(broker, 0).await?, 0, next.clone()));
    }
    until_sequence(&mut stream, before + u64::from(handoffs)).await?;
    loops.shutdown().await;
    times::of_the_last(&mut stream, handoffs).await
}
