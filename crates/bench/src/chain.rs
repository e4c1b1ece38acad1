//! The measured way: stages that do nothing, in the loop that every agent has, each with a connection of its own.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use artifacts::ArtifactStore;
use async_nats::jetstream::stream::Stream;
use bus::{Bus, Headers, MESSAGE_ID, Subscriber};
use bytes::Bytes;
use contracts::handoff::FirstHandoff;
use contracts::{Agent, RunId, ValidHandoff, encoding, names, subjects, v1, with_stage};
use futures::StreamExt as _;
use no_op::NoOp;
use process::{CancellationToken, CommonConfig, Resources, StartError};
use stage::run_stage;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::Error;
use crate::broker::Broker;
use crate::times::{self, EventRate};

/// Longest wait for a run of stages that do nothing.
pub(super) const RUN_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest wait for all handoffs of a throughput.
pub(super) const ROUND_TIMEOUT: Duration = Duration::from_secs(600);
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Stages that run until they are told to end.
struct Stages {
    tasks: JoinSet<Result<(), StartError>>,
    shutdown: CancellationToken,
}

impl Stages {
    fn new() -> Self {
        Self { tasks: JoinSet::new(), shutdown: CancellationToken::new() }
    }

    async fn start<const STAGE: usize>(&mut self, broker: &Broker) -> Result<(), Error> {
        let name = no_op::agent(STAGE).as_str();
        let bus = broker.connect(name).await?;
        let artifacts = ArtifactStore::open(&ArtifactStore::default_uri(), &bus)
            .await
            .map_err(|error| Error::Artifacts(Box::new(error)))?;
        let replica = format!("{name}-{}", self.tasks.len());
        let resources =
            Resources::in_process(bus, artifacts, name, &replica, CommonConfig::default());
        self.tasks.spawn(run_stage(NoOp::<STAGE>, resources, self.shutdown.clone()));
        Ok(())
    }

    async fn end(mut self) {
        self.shutdown.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a stage ended badly"),
                Err(error) => tracing::warn!(%error, "a stage broke off"),
            }
        }
    }
}

/// All stages, one replica each.
pub(super) struct Chain {
    bus: Bus,
    stream: Stream,
    results: Subscriber,
    stages: Stages,
}

impl Chain {
    pub(super) async fn start(broker: &Broker, bus: Bus) -> Result<Self, Error> {
        let results = bus.subscribe(subjects::ALL_RESULTS).await?;
        let stream = stream(&bus).await?;
        let mut stages = Stages::new();
        for agent in Agent::ALL {
            with_stage!(agent, STAGE => stages.start::<STAGE>(broker).await?);
        }
        Ok(Self { bus, stream, results, stages })
    }

    /// The time of each hop of a run, in milliseconds.
    pub(super) async fn run(&mut self, number: u32) -> Result<Vec<f64>, Error> {
        let (run, sequences) = self.through(&format!("hop-{number}")).await?;
        let mut at = Vec::new();
        for sequence in &sequences {
            at.push(times::stored_at(&self.stream, *sequence).await?);
        }
        if at.len() != Agent::ALL.len() + 1 {
            return Err(lost(format!("a handoff of run {run}"), RUN_TIMEOUT));
        }
        Ok(times::hops(&at))
    }

    /// Subject-free copies of what a run sends: the bytes of each handoff and of the result.
    pub(super) async fn messages(&mut self) -> Result<Vec<Bytes>, Error> {
        let (_, sequences) = self.through("pattern").await?;
        let mut messages = Vec::new();
        for sequence in sequences {
            let found = self.bus.message(names::STREAM, sequence).await?;
            messages.extend(found.map(|(_, _, payload)| payload));
        }
        Ok(messages)
    }

    /// Sends a run through all stages; gives the sequences of its handoffs and its result.
    async fn through(&mut self, run: &str) -> Result<(RunId, Vec<u64>), Error> {
        let first = first(run)?;
        let run = first.run_id().clone();
        publish(&self.bus, &first).await?;
        let result = subjects::result(&run, 0);
        let arrives = async {
            while let Some(message) = self.results.next().await {
                if message.subject.as_str() == result {
                    return;
                }
            }
        };
        timeout(RUN_TIMEOUT, arrives)
            .await
            .map_err(|_| lost(format!("the result of run {run}"), RUN_TIMEOUT))?;
        let mut sequences = Vec::new();
        for agent in Agent::ALL {
            sequences.push(subjects::handoff(agent, &run, 0));
        }
        sequences.push(result);
        let mut found = Vec::new();
        for subject in sequences {
            found.push(self.until_stored(&subject).await?);
        }
        Ok((run, found))
    }

    /// A subscriber may hear of a message a moment before it is stored.
    async fn until_stored(&self, subject: &str) -> Result<u64, Error> {
        let looking = async {
            loop {
                if let Some((sequence, _, _)) = self.bus.last(subject).await? {
                    return Ok(sequence);
                }
                sleep(POLL_INTERVAL).await;
            }
        };
        timeout(RUN_TIMEOUT, looking)
            .await
            .unwrap_or_else(|_| Err(lost(subject.to_owned(), RUN_TIMEOUT)))
    }

    pub(super) async fn end(self) {
        self.stages.end().await;
    }
}

/// The rate at which replicas of one stage hand on what lies there for them.
pub(super) async fn throughput(
    broker: &Broker,
    bus: &Bus,
    replicas: u16,
    handoffs: u32,
) -> Result<EventRate, Error> {
    let mut stream = stream(bus).await?;
    for number in 0..handoffs {
        publish(bus, &first(&format!("rate-{replicas}-{number}"))?).await?;
    }
    let before = last_sequence(&mut stream).await?;
    let mut stages = Stages::new();
    for _ in 0..replicas {
        stages.start::<0>(broker).await?;
    }
    until_sequence(&mut stream, before + u64::from(handoffs)).await?;
    stages.end().await;
    times::of_the_last(&mut stream, handoffs).await
}

pub(super) async fn last_sequence(stream: &mut Stream) -> Result<u64, Error> {
    let info = stream.info().await.map_err(|error| Error::nats("describe a stream", error))?;
    Ok(info.state.last_sequence)
}

/// Waits until a stream has stored so much.
pub(super) async fn until_sequence(stream: &mut Stream, sequence: u64) -> Result<(), Error> {
    let storing = async {
        while last_sequence(stream).await? < sequence {
            sleep(POLL_INTERVAL).await;
        }
        Ok(())
    };
    timeout(ROUND_TIMEOUT, storing)
        .await
        .unwrap_or_else(|_| Err(lost(format!("message {sequence}"), ROUND_TIMEOUT)))
}

async fn stream(bus: &Bus) -> Result<Stream, Error> {
    bus.jetstream()
        .get_stream(names::STREAM)
        .await
        .map_err(|error| Error::nats("describe a stream", error))
}

pub(super) fn lost(what: String, waited: Duration) -> Error {
    Error::Lost { what, seconds: waited.as_secs() }
}

/// The handoff that begins a run.
fn first(run: &str) -> Result<ValidHandoff, Error> {
    let request = v1::ScopeRequest {
        data_uri: "/data/bench.csv".to_owned(),
        target: "y".to_owned(),
        labels: BTreeMap::from([("purpose".to_owned(), "bench".to_owned())]),
        ..v1::ScopeRequest::default()
    };
    let first = FirstHandoff {
        run_id: RunId::new(run)?,
        epoch: 0,
        plan: Agent::ALL.to_vec(),
        deadline: None,
        request,
        outputs: Vec::new(),
        at: SystemTime::now(),
    };
    Ok(first.build()?)
}

/// Publishes a handoff as the intake does.
async fn publish(bus: &Bus, handoff: &ValidHandoff) -> Result<(), Error> {
    let mut headers = Headers::new();
    headers.insert(MESSAGE_ID, handoff.handoff_id());
    headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
    let payload = encoding::encode_bounded(handoff.as_message())?;
    bus.publish_once(&handoff.subject(), headers, payload).await?;
    Ok(())
}
