//! Streams, queues and who takes from them, as the broker tells of them.

use bus::ConsumerState;
use contracts::{Agent, Lane, failures, names};
use runs::attention::ConsumerStats;

use super::probes::{ProbeFinding, Prober};
use super::{Component, Status};

/// The streams of a fleet.
pub const STREAMS: [&str; 7] = [
    names::STREAM,
    names::REQUESTS_STREAM,
    names::DEAD_LETTERS_STREAM,
    names::PREDICTIONS_STREAM,
    names::FEEDBACK_STREAM,
    names::ALERTS_STREAM,
    names::AUDIT_STREAM,
];
/// The queues beside those of the stages, with their streams.
pub const QUEUES: [(&str, &str); 3] = [
    (names::REQUESTS_STREAM, names::INTAKE_CONSUMER),
    (names::PREDICTIONS_STREAM, names::PREDICTIONS_CONSUMER),
    (names::ALERTS_STREAM, names::ALERTS_CONSUMER),
];
/// Messages that may wait at a queue before it counts as behind.
const MAX_BACKLOG: u64 = 10_000;

impl Prober {
    pub(super) async fn stream(&self, name: &'static str) -> Component {
        self.timed("stream", name, async {
            match self.bus.stream_state(name).await {
                Ok(state) => {
                    let kept = format!("{} messages, {} bytes", state.messages, state.bytes);
                    let mut found = ProbeFinding::healthy(kept);
                    // Dead letters are no illness, but for a person to look at.
                    if name == names::DEAD_LETTERS_STREAM && state.messages > 0 {
                        found.advice = Some("see `tier0 dead-letters list`".to_owned());
                    }
                    found
                }
                Err(error) => ProbeFinding::wrong(
                    Status::Unhealthy,
                    failures::with_causes(&error),
                    "`tier0 setup` makes it where it is missing; in a cluster see that a majority runs",
                ),
            }
        })
        .await
    }

    /// A queue beside those of the stages: how much waits, and whether a consumer takes it.
    pub(super) async fn queue(&self, stream: &'static str, name: &'static str) -> Component {
        self.timed("queue", name, async {
            let state = match self.consumer(stream, name).await {
                Ok(state) => state,
                Err(found) => return found,
            };
            let (waiting, under_way) = (state.pending, state.unsettled);
            let lag = format!("{waiting} waiting, {under_way} under way");
            if waiting > MAX_BACKLOG {
                let advice = "start more replicas of the agent that takes from it";
                return ProbeFinding::wrong(Status::Degraded, lag, advice);
            }
            ProbeFinding::healthy(lag)
        })
        .await
    }

    /// An agent: what waits for it, and its living replicas.
    pub(super) async fn agent(&self, agent: Agent) -> Component {
        self.timed("agent", agent.as_str(), async {
            let mut look = ConsumerStats::default();
            for lane in Lane::ALL {
                match self.consumer(names::STREAM, &names::consumer(agent, lane)).await {
                    Ok(state) => {
                        look.pending += state.pending;
                        look.under_way += u64::try_from(state.unsettled).unwrap_or(u64::MAX);
                        look.pulls += state.pulls;
                    }
                    Err(found) => return found,
                }
            }
            match self.consumer(names::ADVISORIES_STREAM, &names::advisory_consumer(agent)).await {
                Ok(state) if state.pulls == 0 && self.is_starting() => ProbeFinding::wrong(
                    Status::Starting,
                    "no replica has reported yet",
                    "wait some seconds, and ask again",
                ),
                Ok(state) => finding_for(agent, ConsumerStats { replicas: state.pulls, ..look }),
                Err(found) => found,
            }
        })
        .await
    }

    async fn consumer(&self, stream: &str, name: &str) -> Result<ConsumerState, ProbeFinding> {
        self.bus.consumer_state(stream, name).await.map_err(|error| {
            let why = failures::with_causes(&error);
            ProbeFinding::wrong(
                Status::Unhealthy,
                format!("the consumer {name} of {stream}: {why}"),
                "`tier0 setup` makes it where it is missing",
            )
        })
    }
}

/// How an agent is that looks so.
fn finding_for(agent: Agent, look: ConsumerStats) -> ProbeFinding {
    let ConsumerStats { pending, under_way, replicas, .. } = look;
    let plural = if replicas == 1 { "replica" } else { "replicas" };
    let detail = format!("{replicas} {plural}, {pending} waiting, {under_way} under way");
    match (replicas, pending + under_way) {
        (0, 0) => ProbeFinding::wrong(
            Status::Degraded,
            detail,
            &format!("start a replica of {agent}, unless something starts one when work comes"),
        ),
        (0, _) => ProbeFinding::wrong(
            Status::Unhealthy,
            detail,
            &format!("start a replica of {agent}: its work waits, and is not lost"),
        ),
        _ if look.is_unattended() => ProbeFinding::wrong(
            Status::Unhealthy,
            detail,
            &format!("no replica of {agent} takes its handoffs: see its log, and start it again"),
        ),
        _ if pending > MAX_BACKLOG => ProbeFinding::wrong(
            Status::Degraded,
            detail,
            &format!("start more replicas of {agent}"),
        ),
        _ => ProbeFinding::healthy(detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_as_its_replicas_and_its_queue_are() {
        let look = |pending, under_way, pulls, replicas| ConsumerStats {
            pending,
            under_way,
            pulls,
            replicas,
        };
        for (look, expected) in [
            (look(0, 0, 1, 1), Status::Healthy),
            (look(5, 1, 0, 1), Status::Healthy),
            (look(0, 0, 0, 0), Status::Degraded),
            (look(1, 0, 0, 0), Status::Unhealthy),
            (look(0, 1, 0, 0), Status::Unhealthy),
            (look(1, 0, 0, 1), Status::Unhealthy),
            (look(MAX_BACKLOG + 1, 1, 0, 1), Status::Degraded),
        ] {
            let found = finding_for(Agent::ModelTrainer, look);
            assert_eq!(found.status, expected, "{look:?}");
            assert_eq!(found.advice.is_some(), expected != Status::Healthy, "{look:?}");
        }
    }
}
