//! Taking handoffs, working on them, settling them, and ending in good order.

mod advisories;
mod lanes;
mod letter;
mod outcome;
mod room;
mod settle;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use bus::{ADVISORIES, KeyValue, advisory_consumer};
use contracts::{Lane, failures, names};
use process::{CancellationToken, Ready, Resources, StartError, retry_transient};
use tokio::task::{JoinError, JoinHandle, JoinSet};

use crate::Stage;
use crate::worker::lanes::Lanes;

/// How long work may take to notice that the time for draining is over.
const GRACE: Duration = Duration::from_millis(500);

/// What the work on every handoff shares.
struct Work<S> {
    stage: S,
    resources: Resources,
    /// Finished work, for reuse.
    steps: KeyValue,
    /// The stage's configuration as bytes, a part of what the work depends on.
    configuration: Vec<u8>,
    /// Cancelled when the time for draining is over.
    ending: CancellationToken,
}

/// Works until `shutdown`, then drains.
pub(crate) async fn run<S: Stage>(
    stage: S,
    configuration: &[u8],
    resources: Resources,
    ready: Ready,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    crate::metrics::begin(S::AGENT.as_str());
    let common = Arc::clone(&resources.common);
    let bus = &resources.bus;
    let consumer = async |stream: &'static str, durable: &str, in_flight: usize| {
        retry_transient(
            &common,
            || bus.consumer(stream, durable, in_flight),
            bus::Error::is_transient,
        )
        .await
    };
    let lane = async |lane: Lane, in_flight: usize| {
        consumer(names::STREAM, &names::consumer(S::AGENT, lane), in_flight).await
    };
    let in_flight = match common.stage.max_in_flight {
        0 => S::IN_FLIGHT,
        said => said,
    };
    let mut lanes = Lanes::new(
        lane(Lane::High, lanes::EXPRESS).await?,
        lane(Lane::Normal, in_flight).await?,
        lane(Lane::Low, lanes::SPARE).await?,
    );
    let advisories = consumer(ADVISORIES, &advisory_consumer(S::AGENT), 1).await?;
    let steps =
        retry_transient(&common, || bus.kv(names::STEPS_BUCKET), bus::Error::is_transient).await?;
    ready.needs_consumer(lanes.failures());
    let work = Arc::new(Work {
        stage,
        steps,
        configuration: configuration.to_vec(),
        ending: CancellationToken::new(),
        resources: resources.clone(),
    });
    let mut background = background(&work, shutdown.clone());
    let following =
        tokio::spawn(advisories::follow(Arc::clone(&work), advisories, shutdown.clone()));
    ready.ready()?;
    let mut tasks = JoinSet::new();
    let ended = take(&work, &mut lanes, &mut tasks, &mut background, &shutdown).await;
    ready.not_ready();
    shutdown.cancel();
    // Nothing more is taken.
    drop(lanes);
    drain(&work, &mut tasks, common.stage.drain()).await;
    let others = async {
        if !background.is_finished() && (&mut background).await.is_err() {
            tracing::warn!("the background work panicked while it ended");
        }
        let _ = following.await;
    };
    if tokio::time::timeout(GRACE * 4, others).await.is_err() {
        tracing::warn!("the background work did not end in time");
    }
    // What was dropped is being given back; the connection is closed after this.
    tokio::time::sleep(Duration::from_millis(50)).await;
    ended
}

fn background<S: Stage>(
    work: &Arc<Work<S>>,
    shutdown: CancellationToken,
) -> JoinHandle<Result<(), StartError>> {
    let work = Arc::clone(work);
    tokio::spawn(async move { work.stage.background(&work.resources, shutdown).await })
}

async fn take<S: Stage>(
    work: &Arc<Work<S>>,
    lanes: &mut Lanes,
    tasks: &mut JoinSet<()>,
    background: &mut JoinHandle<Result<(), StartError>>,
    shutdown: &CancellationToken,
) -> Result<(), StartError> {
    let mut in_background = true;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            delivery = lanes.next() => {
                tasks.spawn(settle::settle(Arc::clone(work), delivery));
            }
            Some(ended) = tasks.join_next(), if !tasks.is_empty() => report(ended),
            ended = &mut *background, if in_background => {
                in_background = false;
                match ended {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => return Err(error),
                    Err(error) => return Err(StartError::new("the background work broke off", error)),
                }
            }
        }
    }
}

/// Lets the work in hand end; what has not ended in time is given back.
async fn drain<S>(work: &Work<S>, tasks: &mut JoinSet<()>, limit: Duration) {
    if tasks.is_empty() {
        return;
    }
    tracing::info!(in_hand = tasks.len(), "draining");
    let all = async |tasks: &mut JoinSet<()>| {
        while let Some(ended) = tasks.join_next().await {
            report(ended);
        }
    };
    if tokio::time::timeout(limit, all(tasks)).await.is_ok() {
        return;
    }
    tracing::warn!(
        in_hand = tasks.len(),
        "the time for draining is over; giving back what is in hand"
    );
    work.ending.cancel();
    if tokio::time::timeout(GRACE, all(tasks)).await.is_err() {
        tasks.shutdown().await;
    }
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && !error.is_cancelled()
    {
        tracing::error!(
            error = failures::with_causes(&error),
            "the handling of a handoff broke off"
        );
    }
}
