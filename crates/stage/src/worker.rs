//! Taking handoffs, working on them, settling them, and ending in good order.

mod advisories;
mod lanes;
mod outcome;
mod room;
mod settle;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use bus::{Handling, KeyValue};
use contracts::{Agent, Lane, RunId, names};
use futures::future::BoxFuture;
use process::fault::{Moment, Point};
use process::{CancellationToken, Readiness, Resources, StartError, retry_transient};
use tokio::task::JoinHandle;

use crate::stage::AnyStage;
use crate::worker::lanes::Lanes;

/// How long work may take to notice that the time for draining is over.
const CANCEL_TIMEOUT: Duration = Duration::from_millis(500);

/// What the work on every handoff shares.
struct WorkContext {
    stage: Box<dyn AnyStage>,
    resources: Resources,
    /// Finished work, for reuse.
    steps: KeyValue,
    /// The stage's configuration as bytes, a part of what the work depends on.
    configuration: Vec<u8>,
    /// Cancelled when the time for draining is over.
    ending: CancellationToken,
}

impl WorkContext {
    /// The agent whose stage this is.
    fn agent(&self) -> Agent {
        self.stage.agent()
    }

    /// Passes a point of the settlement, or ends the process there.
    fn pass(&self, moment: Moment, point: Point, run: &RunId) {
        process::fault::pass(moment, point, self.agent().as_str(), run.as_str());
    }
}

/// Works until `shutdown`, then drains. The future is boxed here, so that no program compiles the loop again.
pub(crate) fn run(
    stage: Box<dyn AnyStage>,
    configuration: Vec<u8>,
    resources: Resources,
    ready: Readiness,
    shutdown: CancellationToken,
) -> BoxFuture<'static, Result<(), StartError>> {
    Box::pin(work_until(stage, configuration, resources, ready, shutdown))
}

async fn work_until(
    stage: Box<dyn AnyStage>,
    configuration: Vec<u8>,
    resources: Resources,
    ready: Readiness,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    let agent = stage.agent();
    crate::metrics::begin(agent.as_str());
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
        consumer(names::STREAM, &names::consumer(agent, lane), in_flight).await
    };
    let in_flight = match common.stage.max_in_flight {
        0 => stage.in_flight(),
        said => said,
    };
    let mut lanes = Lanes::new(
        lane(Lane::High, lanes::EXPRESS).await?,
        lane(Lane::Normal, in_flight).await?,
        lane(Lane::Low, lanes::SPARE).await?,
    );
    let advisories =
        consumer(names::ADVISORIES_STREAM, &names::advisory_consumer(agent), 1).await?;
    let steps =
        retry_transient(&common, || bus.kv(names::STEPS_BUCKET), bus::Error::is_transient).await?;
    ready.needs_consumer(lanes.failures());
    let work = Arc::new(WorkContext {
        stage,
        steps,
        configuration,
        ending: CancellationToken::new(),
        resources: resources.clone(),
    });
    let mut background = background(&work, shutdown.clone());
    let following =
        tokio::spawn(advisories::follow(Arc::clone(&work), advisories, shutdown.clone()));
    ready.ready()?;
    let mut handling = Handling::default();
    let until = async {
        tokio::select! {
            () = shutdown.cancelled() => Ok(()),
            error = failure(&mut background) => Err(error),
        }
    };
    let settle = |delivery| settle::settle(Arc::clone(&work), delivery);
    let ended = handling.consume(&mut lanes, until, settle).await;
    ready.not_ready();
    shutdown.cancel();
    // Nothing more is taken.
    drop(lanes);
    drain(&work, &mut handling, common.stage.drain()).await;
    let others = async {
        if !background.is_finished() && (&mut background).await.is_err() {
            tracing::warn!("the background work panicked while it ended");
        }
        let _ = following.await;
    };
    if tokio::time::timeout(CANCEL_TIMEOUT * 4, others).await.is_err() {
        tracing::warn!("the background work did not end in time");
    }
    // What was dropped is being given back; the connection is closed after this.
    tokio::time::sleep(Duration::from_millis(50)).await;
    ended
}

fn background(
    work: &Arc<WorkContext>,
    shutdown: CancellationToken,
) -> JoinHandle<Result<(), StartError>> {
    let work = Arc::clone(work);
    tokio::spawn(async move { work.stage.background(&work.resources, shutdown).await })
}

/// Waits until the background work fails; work that ends well is not waited for.
async fn failure(background: &mut JoinHandle<Result<(), StartError>>) -> StartError {
    match background.await {
        Ok(Ok(())) => std::future::pending().await,
        Ok(Err(error)) => error,
        Err(error) => StartError::new("the background work broke off", error),
    }
}

/// Lets the work in hand end; what has not ended in time is given back.
async fn drain(work: &WorkContext, handling: &mut Handling, limit: Duration) {
    if handling.is_empty() {
        return;
    }
    tracing::info!(in_hand = handling.len(), "draining");
    if tokio::time::timeout(limit, handling.finish()).await.is_ok() {
        return;
    }
    tracing::warn!(
        in_hand = handling.len(),
        "the time for draining is over; giving back what is in hand"
    );
    work.ending.cancel();
    if tokio::time::timeout(CANCEL_TIMEOUT, handling.finish()).await.is_err() {
        handling.abort().await;
    }
}
