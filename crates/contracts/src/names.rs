//! The names of streams, consumers, buckets and stores, and the keys within them.

use sha2::{Digest as _, Sha256};

use crate::{Agent, Lane, RunId};

/// Stream of handoffs, results and stage events, kept by limits: the audit log.
pub const STREAM: &str = "TIER0";
/// Stream of requests; it acknowledges nothing, so that the intake's answer is the only reply.
pub const REQUESTS_STREAM: &str = "TIER0_REQUESTS";
/// Stream of dead letters.
pub const DEAD_LETTERS_STREAM: &str = "TIER0_DEAD_LETTERS";
/// Stream of prediction events, bounded by bytes and age.
pub const PREDICTIONS_STREAM: &str = "TIER0_PREDICTIONS";
/// Stream of outcomes of predictions, bounded by bytes and age.
pub const FEEDBACK_STREAM: &str = "TIER0_FEEDBACK";
/// Stream of the fits of searches that go on, bounded by bytes and age: what a trainer that dies leaves to the next one.
pub const SEARCHES_STREAM: &str = "TIER0_SEARCHES";
/// Stream of alerts, bounded by bytes and age.
pub const ALERTS_STREAM: &str = "TIER0_ALERTS";
/// Stream of lineage events, bounded by bytes and age; written only where lineage is to go to NATS.
pub const LINEAGE_STREAM: &str = "TIER0_LINEAGE";
/// Stream of the ledger: every change of a registry or deployment record, kept for ever.
pub const AUDIT_STREAM: &str = "TIER0_AUDIT";

/// Stream of the broker's advisories that a message was delivered as often as allowed.
pub const ADVISORIES_STREAM: &str = "TIER0_ADVISORIES";
/// Names of all streams, without those of buckets and stores.
pub const STREAMS: [&str; 10] = [
    STREAM,
    REQUESTS_STREAM,
    DEAD_LETTERS_STREAM,
    PREDICTIONS_STREAM,
    FEEDBACK_STREAM,
    SEARCHES_STREAM,
    ALERTS_STREAM,
    LINEAGE_STREAM,
    AUDIT_STREAM,
    ADVISORIES_STREAM,
];

/// Bucket of finished work, by [`step_key`]; bounded by bytes and age.
pub const STEPS_BUCKET: &str = "TIER0_STEPS";
/// Bucket of models and versions.
pub const MODELS_BUCKET: &str = "TIER0_MODELS";
/// Bucket of deployment records, by endpoint.
pub const DEPLOYMENTS_BUCKET: &str = "TIER0_DEPLOYMENTS";
/// Bucket of server reports, by [`server_key`]; entries expire.
pub const SERVERS_BUCKET: &str = "TIER0_SERVERS";
/// Bucket of monitors, by endpoint.
pub const MONITORS_BUCKET: &str = "TIER0_MONITORS";
/// Bucket of what monitors work with: sketches of windows, labelled rows, and which outcomes are known; entries expire.
pub const WINDOWS_BUCKET: &str = "TIER0_WINDOWS";
/// Names of all key-value buckets.
pub const BUCKETS: [&str; 6] = [
    STEPS_BUCKET,
    MODELS_BUCKET,
    DEPLOYMENTS_BUCKET,
    SERVERS_BUCKET,
    MONITORS_BUCKET,
    WINDOWS_BUCKET,
];

/// Object store of artifacts.
pub const ARTIFACTS_STORE: &str = "TIER0_ARTIFACTS";

/// Durable consumer of the requests.
pub const INTAKE_CONSUMER: &str = "scope-definer-intake";
/// Durable consumer of the prediction events.
pub const PREDICTIONS_CONSUMER: &str = "observability-connector-predictions";
/// Durable consumer of the outcomes of predictions.
pub const FEEDBACK_CONSUMER: &str = "observability-connector-feedback";
/// Durable consumer of the alerts that are sent to webhooks.
pub const WEBHOOKS_CONSUMER: &str = "observability-connector-webhooks";
/// Durable consumer of the alerts by which versions are rolled back.
pub const ALERTS_CONSUMER: &str = "model-deployer-alerts";
/// Durable consumer by which the orchestrator keeps how far lineage was told.
pub const LINEAGE_CONSUMER: &str = "orchestrator-lineage";
/// Durable consumer by which the orchestrator keeps which runs the tracker has.
pub const TRACKING_CONSUMER: &str = "orchestrator-tracking";

/// Durable consumers that are shared by the replicas of one process each, beside those of handoffs and advisories, with their streams.
pub const TASK_CONSUMERS: [(&str, &str); 7] = [
    (REQUESTS_STREAM, INTAKE_CONSUMER),
    (STREAM, LINEAGE_CONSUMER),
    (STREAM, TRACKING_CONSUMER),
    (ALERTS_STREAM, WEBHOOKS_CONSUMER),
    (ALERTS_STREAM, ALERTS_CONSUMER),
    (FEEDBACK_STREAM, FEEDBACK_CONSUMER),
    (PREDICTIONS_STREAM, PREDICTIONS_CONSUMER),
];

/// Sender of a run's first handoff.
pub const INTAKE: &str = "intake";
/// Recipient of a run's last handoff.
pub const END: &str = "end";

/// Header with the media type of the body.
pub const CONTENT_TYPE: &str = "Content-Type";
/// Media type of canonical proto JSON.
pub const JSON: &str = "application/json";
/// Media type of protobuf.
pub const PROTOBUF: &str = "application/x-protobuf";

/// The durable pull consumer of an agent's handoffs in a lane, shared by its replicas: the agent's name, with the priority
/// behind it where that is not the normal one.
#[must_use]
pub fn consumer(agent: Agent, lane: Lane) -> String {
    match lane {
        Lane::Normal => agent.as_str().to_owned(),
        Lane::Low | Lane::High => format!("{agent}-{lane}"),
    }
}

/// The durable consumer of the advisories about an agent's messages.
#[must_use]
pub fn advisory_consumer(agent: Agent) -> String {
    format!("{agent}-advisories")
}

/// The durable consumers of an agent's handoffs and of the advisories about them, with their streams.
pub fn agent_consumers(agent: Agent) -> impl Iterator<Item = (&'static str, String)> {
    let lanes = Lane::ALL.into_iter().map(move |lane| (STREAM, consumer(agent, lane)));
    lanes.chain([(ADVISORIES_STREAM, advisory_consumer(agent))])
}

/// All durable consumers, with their streams.
pub fn consumers() -> impl Iterator<Item = (&'static str, String)> {
    let tasks = TASK_CONSUMERS.into_iter().map(|(stream, name)| (stream, name.to_owned()));
    Agent::ALL.into_iter().flat_map(agent_consumers).chain(tasks)
}

/// The stream that holds a key-value bucket.
#[must_use]
pub fn bucket_stream(bucket: &str) -> String {
    format!("KV_{bucket}")
}

/// The stream that holds an object store.
#[must_use]
pub fn store_stream(store: &str) -> String {
    format!("OBJ_{store}")
}

/// Identity of a handoff: the same for every repetition.
#[must_use]
pub fn handoff_id(run: &RunId, epoch: u32, to: &str) -> String {
    format!("{run}.{epoch}.{to}")
}

/// Key of a stage's finished work: its agent and the digest of all that the work depends on.
#[must_use]
pub fn step_key(agent: Agent, digest: &str) -> String {
    format!("{agent}.{digest}")
}

/// Key of a server's report on an endpoint. Characters that a key cannot have become `-`.
#[must_use]
pub fn server_key(endpoint: &str, server: &str) -> String {
    format!("{}.{}", token(endpoint), token(server))
}

/// What the subjects of a client's inbox begin with; `name` is that of its identity, or of the client itself.
#[must_use]
pub fn inbox_prefix(name: &str) -> String {
    format!("_INBOX_{}", token(name))
}

/// Longest part of a [`distinct_token`] that is of its text.
const MAX_TEXT_LENGTH: usize = 48;

/// `text` as one token of a key, which differs where texts differ: the beginning of its [`token`], and of its digest.
#[must_use]
pub fn distinct_token(text: &str) -> String {
    let digest = hex::encode(Sha256::digest(text.as_bytes()));
    let kept: String = token(text).chars().take(MAX_TEXT_LENGTH).collect();
    format!("{kept}-{}", digest.get(..8).unwrap_or_default())
}

/// `text` as one token of a subject or key: every character that is not a letter, digit, `-` or `_` becomes `-`.
#[must_use]
pub fn token(text: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    if text.is_empty() { "-".to_owned() } else { text.chars().map(kept).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_alike_have_tokens_of_their_own() {
        assert!(distinct_token("a b").starts_with("a-b-"));
        assert_ne!(distinct_token("a b"), distinct_token("a-b"));
        assert!(distinct_token("").starts_with("--"));
        assert!(distinct_token(&"long ".repeat(100)).len() < 60);
    }
}
