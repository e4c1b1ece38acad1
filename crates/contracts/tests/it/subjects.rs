//! Subjects, names and identities.

use contracts::subjects::{self, Subject};
use contracts::{Agent, Lane, RunId, check_schema_version, names};
use proptest::prelude::*;

#[test]
fn subjects_are_as_agreed() {
    let run = RunId::new("run-1").unwrap();
    assert_eq!(
        subjects::handoff(Agent::ModelTrainer, &run, 2),
        "tier0.v1.handoff.model-trainer.run-1.2"
    );
    assert_eq!(subjects::result(&run, 0), "tier0.v1.result.end.run-1.0");
    assert_eq!(subjects::event(&run, Agent::DataPreparer), "tier0.v1.event.data-preparer.run-1");
    assert_eq!(subjects::dead_letter(Agent::DataPreparer, None), "tier0.v1.dead.data-preparer.-");
    assert_eq!(subjects::prediction("churn").unwrap(), "tier0.v1.prediction.churn");
    assert_eq!(subjects::feedback("churn").unwrap(), "tier0.v1.feedback.churn");
    assert_eq!(subjects::alert("churn").unwrap(), "tier0.v1.alert.churn");
    assert_eq!(subjects::run_alert("churn").unwrap(), "tier0.v1.alert.run.churn");
    assert!(subjects::prediction("churn.>").is_err());
    assert_eq!(names::step_key(Agent::DataPreparer, "00ff"), "data-preparer.00ff");
    assert_eq!(names::consumer(Agent::DataPreparer, Lane::Normal), "data-preparer");
    assert_eq!(names::consumer(Agent::DataPreparer, Lane::High), "data-preparer-high");
    assert_eq!(names::server_key("churn", "host.example:80"), "churn.host-example-80");
}

#[test]
fn other_subjects_are_refused() {
    for subject in [
        "",
        "tier0.v1",
        "tier0.v2.request",
        "tier0.v1.request.more",
        "tier0.v1.handoff.nobody.run.0",
        "tier0.v1.handoff.data-preparer.run",
        "tier0.v1.handoff.data-preparer.run.-1",
        "tier0.v1.handoff.data-preparer.run.01",
        "tier0.v1.handoff.data-preparer.run.0.0",
        "tier0.v1.result.end.*.0",
        "tier0.v1.result.run.0",
        "tier0.v1.handoff-urgent.data-preparer.run.0",
        "tier0.v1.prediction.>",
    ] {
        assert!(Subject::parse(subject).is_err(), "{subject}");
    }
}

#[test]
fn the_same_major_is_accepted_and_no_other() {
    for version in ["1.0", "1.1", "1.99"] {
        assert!(check_schema_version(version).is_ok(), "{version}");
    }
    for version in ["", "1", "0.9", "2.0", "1.x", "+1.0", "1.0.0", " 1.0", "10.0"] {
        assert!(check_schema_version(version).is_err(), "{version}");
    }
}

#[test]
fn run_ids_are_one_token() {
    let long = "x".repeat(65);
    for refused in ["", "-", "a.b", "a b", "*", ">", "ä", long.as_str()] {
        assert!(RunId::new(refused).is_err(), "{refused}");
    }
}

#[test]
fn agents_have_an_order() {
    assert_eq!(Agent::ScopeDefiner.next(), Some(Agent::DataPreparer));
    assert_eq!(Agent::ObservabilityConnector.next(), None);
    assert_eq!(Agent::through(Agent::FeatureAnalyzer).len(), 3);
    for agent in Agent::ALL {
        assert_eq!(agent.as_str().parse::<Agent>().unwrap(), agent);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_made_is_read(run in "[A-Za-z0-9_-]{0,63}[A-Za-z0-9_]", epoch: u32, agent in 0..7_usize) {
        let (run, agent) = (RunId::new(run).unwrap(), Agent::ALL[agent]);
        let read = |subject: String| Subject::parse(&subject).unwrap();
        for lane in Lane::ALL {
            prop_assert_eq!(
                read(subjects::handoff_in(lane, agent, &run, epoch)),
                Subject::Handoff { lane, agent, run: run.clone(), epoch }
            );
        }
        prop_assert_eq!(
            read(subjects::result(&run, epoch)),
            Subject::Result { run: run.clone(), epoch }
        );
        prop_assert_eq!(
            read(subjects::event(&run, agent)),
            Subject::Event { agent, run: run.clone() }
        );
        prop_assert_eq!(
            read(subjects::dead_letter(agent, Some(&run))),
            Subject::DeadLetter { agent, run: Some(run) }
        );
    }
}
