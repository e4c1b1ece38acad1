//! Runs of stages that do nothing: begun, waited for, and counted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use bus::{Bus, BusConfig, Headers};
use contracts::handoff::FirstHandoff;
use contracts::{Agent, RunId, ValidHandoff, encoding, names, subjects, v1};
use futures::TryStreamExt as _;
use tokio::time::{Instant, sleep};

/// How often progress is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

pub(crate) async fn connect(url: &str) -> Bus {
    Bus::connect(&BusConfig::new(url), "test").await.unwrap()
}

pub(crate) fn id(run: &str) -> RunId {
    RunId::new(run).unwrap()
}

/// The handoff that begins a run through all seven stages.
pub(crate) fn first(run: &str, script: &str) -> ValidHandoff {
    first_of(run, script, Agent::ALL.to_vec(), v1::Priority::Normal)
}

/// The handoff that begins a run through some stages.
pub(crate) fn first_of(
    run: &str,
    script: &str,
    plan: Vec<Agent>,
    priority: v1::Priority,
) -> ValidHandoff {
    let request = v1::ScopeRequest {
        data_uri: "/data/test.csv".to_owned(),
        target: "y".to_owned(),
        labels: BTreeMap::from([("script".to_owned(), script.to_owned())]),
        priority: priority.into(),
        // Every stage of every run is to be worked on.
        no_cache: true,
        ..v1::ScopeRequest::default()
    };
    let first = FirstHandoff {
        run_id: id(run),
        epoch: 0,
        plan,
        deadline: None,
        request,
        outputs: Vec::new(),
        at: SystemTime::now(),
    };
    first.build().unwrap()
}

/// Begins a run; what cannot be published now is published later, as the intake does it.
pub(crate) async fn begin(bus: &Bus, run: &str, script: &str) {
    publish(bus, &first(run, script)).await;
}

/// Publishes the handoff that begins a run.
pub(crate) async fn publish(bus: &Bus, handoff: &ValidHandoff) {
    let run = handoff.run_id();
    let bytes = encoding::encode(handoff.as_message());
    let deadline = Instant::now() + Duration::from_secs(120);
    while let Err(error) = bus.publish_once(&handoff.subject(), Headers::new(), bytes.clone()).await
    {
        assert!(error.is_transient() && Instant::now() < deadline, "{run}: {error}");
        sleep(POLL_INTERVAL).await;
    }
}

/// How a run has ended, if it has.
pub(crate) async fn result(bus: &Bus, run: &str) -> Option<ValidHandoff> {
    let (_, _, payload) = bus.last(&subjects::result(&id(run), 0)).await.ok()??;
    Some(encoding::decode_handoff(None, &payload).expect("a result in the stream is valid"))
}

/// A run's end, if there is one; a broker that cannot say, because a stream has no leader just now, is asked again.
async fn told_result(bus: &Bus, run: &str) -> Option<ValidHandoff> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match bus.last(&subjects::result(&id(run), 0)).await {
            Ok(found) => {
                let (_, _, payload) = found?;
                let result = encoding::decode_handoff(None, &payload);
                return Some(result.expect("a result in the stream is valid"));
            }
            Err(error) => assert!(Instant::now() < deadline, "{run}: {error}"),
        }
        sleep(POLL_INTERVAL).await;
    }
}

/// Waits for a run's end.
pub(crate) async fn until_result(bus: &Bus, run: &str, patience: Duration) -> ValidHandoff {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(result) = result(bus, run).await {
            return result;
        }
        assert!(Instant::now() < deadline, "{run} has not ended after {patience:?}");
        sleep(POLL_INTERVAL).await;
    }
}

/// How many messages the stream holds on each subject that matches.
pub(crate) async fn count(
    bus: &Bus,
    filter: &str,
) -> Result<BTreeMap<String, usize>, async_nats::Error> {
    let stream = bus.jetstream().get_stream(names::STREAM).await?;
    let found: Vec<(String, usize)> =
        stream.info_with_subjects(filter).await?.try_collect().await?;
    Ok(found.into_iter().collect())
}

/// Waits until so many runs have ended; what the broker does not answer meanwhile is asked again.
pub(crate) async fn until_ended(bus: &Bus, runs: usize, patience: Duration) {
    let deadline = Instant::now() + patience;
    loop {
        let ended = match count(bus, subjects::ALL_RESULTS).await {
            Ok(results) => results.len(),
            Err(_) => 0,
        };
        if ended >= runs {
            return;
        }
        assert!(Instant::now() < deadline, "{ended} of {runs} runs have ended after {patience:?}");
        sleep(POLL_INTERVAL).await;
    }
}

/// What became of runs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Runs that have ended well.
    pub(crate) succeeded: usize,
    /// Runs without a result, or with one that is not a success.
    pub(crate) lost: Vec<String>,
    /// Subjects of handoffs and results that hold more than one message, or none.
    pub(crate) uneven: Vec<String>,
    /// Dead letters.
    pub(crate) dead: u64,
}

/// Looks at every message of every run.
pub(crate) async fn tally(bus: &Bus, runs: &BTreeSet<String>) -> Tally {
    let counts = count(bus, "tier0.v1.>").await.unwrap();
    let (mut lost, mut uneven, mut succeeded) = (Vec::new(), Vec::new(), 0);
    for run in runs {
        let id = id(run);
        let handoffs = Agent::ALL.into_iter().map(|agent| subjects::handoff(agent, &id, 0));
        uneven.extend(
            handoffs
                .chain([subjects::result(&id, 0)])
                .filter(|subject| counts.get(subject) != Some(&1)),
        );
        match told_result(bus, run).await {
            Some(result) if result.status() == v1::HandoffStatus::Success => succeeded += 1,
            _ => lost.push(run.clone()),
        }
    }
    let letters = bus.jetstream().get_stream(names::DEAD_LETTERS_STREAM).await.unwrap();
    Tally { succeeded, lost, uneven, dead: letters.cached_info().state.messages }
}
