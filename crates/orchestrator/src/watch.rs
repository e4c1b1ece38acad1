//! What the orchestrator does beside answering: it ends runs whose time is over, and warns of stages without a live agent.
//!
//! No handoff waits for it.

use std::time::{Duration, SystemTime};

use api::health::{QUEUES, STREAMS};
use bus::{Bus, ConsumerState};
use contracts::{Agent, Lane, failures, names};
use process::CancellationToken;
use runs::attention::{Attention, ConsumerStats};
use runs::control::Control;

use crate::config::WatchConfig;
use crate::http::SharedLedger;
use crate::telemetry;

/// Most runs that are ended at one look.
const MAX_ENDED_PER_POLL: usize = 100;

/// Looks again and again until `shutdown`.
pub(crate) async fn run(
    bus: Bus,
    shared: SharedLedger,
    config: WatchConfig,
    shutdown: CancellationToken,
) {
    let mut looks = tokio::time::interval(config.every());
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let control = Control::new(bus.clone());
    let mut attention = Attention::default();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = looks.tick() => {}
        }
        let look = async {
            expire(&control, &shared, config.deadline_grace()).await;
            attend(&bus, &shared, &mut attention, config.unattended()).await;
            measure(&bus).await;
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = look => {}
        }
    }
}

/// Ends runs whose deadline has passed. An agent that works on one ends it by itself, and knows more: it goes first.
async fn expire(control: &Control, shared: &SharedLedger, grace: Duration) {
    // What the ledger does not know yet may have ended.
    if !shared.is_current() {
        return;
    }
    let Some(before) = SystemTime::now().checked_sub(grace) else { return };
    for run in shared.read(|ledger| ledger.overdue(before, MAX_ENDED_PER_POLL)) {
        match control.expire(&run, grace, "orchestrator").await {
            Ok(true) => {
                telemetry::run_expired();
                tracing::warn!(run_id = %run, "the run's deadline had passed; it is ended");
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(
                run_id = %run,
                error = failures::with_causes(&error),
                "an overdue run could not be ended; it is tried again"
            ),
        }
    }
}

async fn attend(bus: &Bus, shared: &SharedLedger, attention: &mut Attention, after: Duration) {
    for agent in Agent::ALL {
        match look(bus, agent).await {
            Ok(look) => attention.observe(agent, look, SystemTime::now()),
            Err(error) => {
                tracing::debug!(%agent, %error, "a consumer cannot be looked at");
                attention.forget(agent);
            }
        }
    }
    let unattended = attention.unattended(after, SystemTime::now());
    for agent in Agent::ALL {
        let found = unattended.iter().any(|unattended| unattended.agent == agent.as_str());
        telemetry::unattended(agent.as_str(), found);
    }
    if let Some(new) = shared.set_unattended(unattended) {
        tracing::warn!(agents = new.join(", "), "stages have handoffs that no agent takes");
    }
}

/// Shows what streams keep, and what waits at the consumers that belong to no stage.
async fn measure(bus: &Bus) {
    for name in STREAMS {
        match bus.stream_state(name).await {
            Ok(state) => telemetry::stream(name, state),
            Err(error) => tracing::debug!(name, %error, "a stream cannot be looked at"),
        }
    }
    for (stream, durable) in QUEUES {
        if let Err(error) = consumer(bus, stream, durable).await {
            tracing::debug!(durable, %error, "a consumer cannot be looked at");
        }
    }
}

/// How far a consumer is, which is shown as well.
async fn consumer(bus: &Bus, stream: &str, durable: &str) -> Result<ConsumerState, bus::Error> {
    let state = bus.consumer_state(stream, durable).await?;
    telemetry::consumer(stream, durable, state);
    Ok(state)
}

async fn look(bus: &Bus, agent: Agent) -> Result<ConsumerStats, bus::Error> {
    let mut of_lanes = ConsumerStats::default();
    for lane in Lane::ALL {
        let handoffs = consumer(bus, names::STREAM, &names::consumer(agent, lane)).await?;
        of_lanes.pending += handoffs.pending;
        of_lanes.under_way += u64::try_from(handoffs.unsettled).unwrap_or(u64::MAX);
        of_lanes.pulls += handoffs.pulls;
    }
    let advisories =
        consumer(bus, names::ADVISORIES_STREAM, &names::advisory_consumer(agent)).await?;
    telemetry::replicas(agent.as_str(), advisories.pulls);
    Ok(ConsumerStats { replicas: advisories.pulls, ..of_lanes })
}
