//! The permissions of each identity.

use contracts::{Agent, Lane, names, subjects};

use crate::{Identity, Permissions};

/// What an identity may do.
///
/// ```
/// use contracts::Agent;
/// use identities::{Identity, permissions};
/// let trainer = permissions(Identity::Agent(Agent::ModelTrainer));
/// assert!(trainer.publish.contains("tier0.v1.handoff.model-deployer.>"));
/// assert!(!trainer.publish.contains("tier0.v1.handoff.model-trainer.>"));
/// ```
#[must_use]
pub fn permissions(identity: Identity) -> Permissions {
    let mut may = Permissions::default();
    may.subscribe(identity.inbox());
    match identity {
        Identity::Agent(agent) => {
            process(&mut may, identity);
            stage(&mut may, agent);
            tasks(&mut may, agent);
        }
        Identity::Orchestrator => {
            process(&mut may, identity);
            operate(&mut may);
            may.consume(names::STREAM, names::LINEAGE_CONSUMER);
            may.consume(names::STREAM, names::TRACKING_CONSUMER);
            // After what it consumes: the rest of the stream's consumers are denied.
            read_runs(&mut may);
            follow_what_names_artifacts(&mut may);
            may.subscribe(subjects::ALL_TROUBLE);
            may.publish(subjects::LINEAGE);
        }
        Identity::ModelServer => {
            process(&mut may, identity);
            open_registry(&mut may);
            may.read_bucket(names::DEPLOYMENTS_BUCKET);
            may.write_keys(names::SERVERS_BUCKET, "*.*");
            // What a version was deployed with stands in the handoff of its run.
            may.look_up(names::STREAM);
            may.publish(subjects::ALL_PREDICTIONS);
            may.subscribe(subjects::ALL_FEEDBACK);
        }
        Identity::SetUp => set_up(&mut may),
        Identity::Operator => {
            operate(&mut may);
            read_runs(&mut may);
            may.read_store(names::ARTIFACTS_STORE);
            follow_what_names_artifacts(&mut may);
            may.look_up(names::ALERTS_STREAM);
        }
        Identity::Backup => back_up(&mut may),
        Identity::Client => {
            may.publish(subjects::REQUEST);
            may.publish(subjects::ALL_FEEDBACK);
            // The result of a run whose id is known.
            may.publish(format!("$JS.API.DIRECT.GET.{}.{}", names::STREAM, ALL_ENDS));
        }
    }
    may
}

/// The results of all runs, subject by subject.
const ALL_ENDS: &str = "tier0.v1.result.end.*.*";

/// What every process does: it reads artifacts, and says what troubles it.
fn process(may: &mut Permissions, identity: Identity) {
    may.read_store(names::ARTIFACTS_STORE);
    may.publish(subjects::trouble(identity.as_str()));
}

/// The loop of every agent: its own consumers, the next link of each chain, finished work.
fn stage(may: &mut Permissions, agent: Agent) {
    for (stream, consumer) in names::agent_consumers(agent) {
        may.consume(stream, &consumer);
    }
    may.write_store(names::ARTIFACTS_STORE);
    may.look_up(names::STREAM);
    for subject in subjects::all_following(agent) {
        may.subscribe(subject);
    }
    for next in agent.successors() {
        hand_off(may, next);
    }
    may.publish(subjects::ALL_RESULTS);
    may.publish(subjects::events_in(agent));
    may.publish(subjects::dead_letters_of(agent));
    let own_steps = names::step_key(agent, "*");
    may.get_keys(names::STEPS_BUCKET, &own_steps);
    may.write_keys(names::STEPS_BUCKET, &own_steps);
}

fn hand_off(may: &mut Permissions, to: Agent) {
    for lane in Lane::ALL {
        may.publish(subjects::handoffs_to(to, lane));
    }
}

/// What some agents do beside their stage; the others may no more than their stage needs.
fn tasks(may: &mut Permissions, agent: Agent) {
    match agent {
        Agent::ScopeDefiner => intake(may),
        Agent::DataPreparer => may.publish(subjects::ALL_RUN_ALERTS),
        Agent::ModelSelector => {
            // Searches begin with what was found for similar tables.
            open_registry(may);
            may.read_bucket(names::MODELS_BUCKET);
        }
        Agent::ModelTrainer => share_searches(may),
        Agent::ModelDeployer => {
            open_registry(may);
            for bucket in [names::MODELS_BUCKET, names::DEPLOYMENTS_BUCKET, names::SERVERS_BUCKET] {
                may.read_bucket(bucket);
            }
            change_registry(may);
            may.consume(names::ALERTS_STREAM, names::ALERTS_CONSUMER);
            may.look_up(names::PREDICTIONS_STREAM);
        }
        Agent::ObservabilityConnector => {
            open_registry(may);
            for bucket in [names::DEPLOYMENTS_BUCKET, names::SERVERS_BUCKET, names::MONITORS_BUCKET]
            {
                may.read_bucket(bucket);
            }
            may.write_keys(names::MONITORS_BUCKET, ">");
            may.read_bucket(names::WINDOWS_BUCKET);
            may.write_keys(names::WINDOWS_BUCKET, ">");
            may.consume(names::PREDICTIONS_STREAM, names::PREDICTIONS_CONSUMER);
            may.consume(names::FEEDBACK_STREAM, names::FEEDBACK_CONSUMER);
            may.consume(names::ALERTS_STREAM, names::WEBHOOKS_CONSUMER);
            may.look_up(names::PREDICTIONS_STREAM);
            may.publish(subjects::ALL_ALERTS);
            // A retraining is a request.
            may.publish(subjects::REQUEST);
        }
        _ => {}
    }
}

/// Requests become runs, which may begin at any stage, and callers are answered.
fn intake(may: &mut Permissions) {
    may.consume(names::REQUESTS_STREAM, names::INTAKE_CONSUMER);
    may.subscribe(subjects::REQUEST);
    may.subscribe(subjects::ALL_ACCEPTED);
    may.publish(subjects::ALL_ACCEPTED);
    for agent in Agent::ALL {
        hand_off(may, agent);
    }
    // Only to the inboxes of those that may ask: a reply subject is whatever the caller says.
    let connector = Identity::Agent(Agent::ObservabilityConnector);
    for caller in [Identity::Operator, Identity::Orchestrator, connector] {
        may.publish(caller.inbox());
    }
    // Callers of other accounts, of which the broker knows which request is answered.
    may.publish("_R_.>");
}

/// Trainers work on one search together.
fn share_searches(may: &mut Permissions) {
    may.publish(subjects::SEARCH_OFFERS);
    may.subscribe(subjects::SEARCH_OFFERS);
    for subject in [subjects::ALL_TAKE_FIT, subjects::ALL_GIVEN_FITS] {
        may.publish(subject);
        may.subscribe(subject);
    }
    may.publish(subjects::ALL_FITS);
    may.follow(names::SEARCHES_STREAM);
    may.publish(Identity::Agent(Agent::ModelTrainer).inbox());
}

const REGISTRY: [&str; 4] = [
    names::MODELS_BUCKET,
    names::DEPLOYMENTS_BUCKET,
    names::SERVERS_BUCKET,
    names::MONITORS_BUCKET,
];

fn open_registry(may: &mut Permissions) {
    for bucket in REGISTRY {
        may.open_bucket(bucket);
    }
}

/// Models and deployment records, with the entry in the ledger that belongs to each change.
fn change_registry(may: &mut Permissions) {
    may.write_keys(names::MODELS_BUCKET, ">");
    may.write_keys(names::DEPLOYMENTS_BUCKET, ">");
    may.publish(subjects::ALL_MODEL_AUDITS);
    may.publish(subjects::ALL_ENDPOINT_AUDITS);
    // Whether the last change is in the ledger.
    may.look_up(names::AUDIT_STREAM);
}

/// What the API of the orchestrator does, and the command line where that is down.
fn operate(may: &mut Permissions) {
    for bucket in REGISTRY {
        may.read_bucket(bucket);
    }
    change_registry(may);
    may.follow(names::AUDIT_STREAM);
    may.write_keys(names::MONITORS_BUCKET, ">");
    may.publish(subjects::ALL_FEEDBACK);
    may.publish(subjects::REQUEST);
    // A dead letter that was taken up is removed.
    may.remove_messages(names::DEAD_LETTERS_STREAM);
    // Runs are cancelled, and driven anew.
    may.publish(subjects::ALL_RESULTS);
    for agent in Agent::ALL {
        hand_off(may, agent);
    }
    // Health, for which an artifact is written and removed, and tables that are sent to the API.
    may.write_store(names::ARTIFACTS_STORE);
    // Artifacts that nothing names are removed, and the ledger says so.
    may.publish(subjects::ALL_ARTIFACT_AUDITS);
    for stream in names::STREAMS {
        may.stream_state(stream);
    }
    may.stream_state(&names::bucket_stream(names::STEPS_BUCKET));
    for (stream, consumer) in names::consumers() {
        may.consumer_state(stream, &consumer);
    }
}

fn read_runs(may: &mut Permissions) {
    for stream in [names::STREAM, names::DEAD_LETTERS_STREAM] {
        may.follow(stream);
        may.look_up(stream);
    }
}

/// Besides records and runs, for what is still named before other artifacts are removed.
fn follow_what_names_artifacts(may: &mut Permissions) {
    may.follow(names::ALERTS_STREAM);
    may.follow(names::FEEDBACK_STREAM);
    may.read_bucket(names::WINDOWS_BUCKET);
}

/// The streams of a fleet, with those of its buckets.
fn streams_and_buckets() -> impl Iterator<Item = String> {
    let buckets = names::BUCKETS.map(names::bucket_stream);
    names::STREAMS.map(str::to_owned).into_iter().chain(buckets)
}

fn back_up(may: &mut Permissions) {
    for stream in streams_and_buckets() {
        may.save_stream(&stream);
    }
    for (stream, consumer) in names::consumers() {
        may.consumer_state(stream, &consumer);
    }
    // Artifacts are saved one by one, so that each has its digest.
    may.read_store(names::ARTIFACTS_STORE);
    // What records name, and whether their ledger is whole.
    for bucket in REGISTRY {
        may.read_bucket(bucket);
    }
    may.follow(names::AUDIT_STREAM);
}

fn set_up(may: &mut Permissions) {
    // Whether the broker knows what a bucket is to be.
    may.account_state();
    let store = names::store_stream(names::ARTIFACTS_STORE);
    for stream in streams_and_buckets().chain([store]) {
        may.administer_stream(&stream);
    }
    // What was saved is restored by who makes streams.
    for stream in streams_and_buckets() {
        may.restore_stream(&stream);
    }
    may.read_store(names::ARTIFACTS_STORE);
    may.write_store(names::ARTIFACTS_STORE);
    for (stream, consumer) in names::consumers() {
        may.administer_consumer(stream, &consumer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_permits_everything() {
        for identity in Identity::all() {
            let may = permissions(identity);
            for subject in may.publish.iter().chain(&may.subscribe) {
                let depth =
                    subject.split('.').take_while(|token| !["*", ">"].contains(token)).count();
                let inbox = subject.starts_with("_INBOX_") || subject == "_R_.>";
                assert!(depth >= 2 || (inbox && depth == 1), "{identity} may use {subject}");
            }
        }
    }

    #[test]
    fn a_stage_hands_on_to_those_that_may_follow_it() {
        let to = |agent, next: Agent| {
            permissions(Identity::Agent(agent))
                .publish
                .contains(&subjects::handoffs_to(next, Lane::High))
        };
        assert!(to(Agent::FeatureAnalyzer, Agent::ModelSelector));
        assert!(to(Agent::FeatureAnalyzer, Agent::ModelTrainer), "the selector can be left out");
        assert!(!to(Agent::FeatureAnalyzer, Agent::ModelDeployer));
        assert!(!to(Agent::ModelTrainer, Agent::ModelSelector));
        assert!(!to(Agent::ObservabilityConnector, Agent::ScopeDefiner));
    }

    #[test]
    fn who_follows_a_stream_leaves_the_consumers_of_others_alone() {
        let denied = permissions(Identity::Orchestrator).deny_publish;
        assert!(denied.contains("$JS.API.CONSUMER.MSG.NEXT.TIER0.model-trainer"));
        assert!(!denied.contains("$JS.API.CONSUMER.MSG.NEXT.TIER0.orchestrator-tracking"));
        assert!(denied.contains("$JS.API.CONSUMER.DELETE.TIER0.orchestrator-tracking"));
    }
}
