//! Handoffs along a run.

use contracts::handoff::{Recipient, Sender};
use contracts::stages::{Deployment, Output, Scope, ScopeRequest};
use contracts::v1::{self, HandoffStatus};
use contracts::{Agent, ContractError, ValidHandoff, failures};

use crate::samples;

#[test]
fn a_run_goes_through_every_stage_to_its_result() {
    let mut handoff = samples::first();
    assert_eq!(handoff.from(), Sender::Intake);
    for agent in Agent::ALL {
        assert_eq!(handoff.to(), Recipient::Agent(agent));
        assert_eq!(handoff.handoff_id(), format!("run-1.3.{agent}"));
        assert_eq!(handoff.subject(), format!("tier0.v1.handoff.{agent}.run-1.3"));
        assert_eq!(handoff.as_message().output_validated, agent != Agent::ScopeDefiner);
        handoff = handoff.next(samples::finished(agent)).unwrap();
        assert_eq!(handoff.from(), Sender::Agent(agent));
    }
    assert_eq!(handoff.to(), Recipient::End);
    assert_eq!(handoff.status(), HandoffStatus::Success);
    assert_eq!(handoff.subject(), "tier0.v1.result.end.run-1.3");
    assert_eq!(handoff.scope().unwrap().name, "churn");
    assert_eq!(handoff.prepared_data().unwrap().classes.len(), 2);
    assert_eq!(handoff.feature_set().unwrap().features.len(), 1);
    assert_eq!(handoff.selection().unwrap().folds, 2);
    assert_eq!(handoff.trained_model().unwrap().trials, 40);
    assert_eq!(handoff.deployment().unwrap().version, 2);
    assert_eq!(handoff.monitoring().unwrap().monitor, "churn");
}

/// Checked form and message say the same, so that digests and what is handed on are those of what was received.
#[test]
fn an_output_turns_back_into_its_message() {
    for agent in Agent::ALL {
        let message = samples::after(agent).outputs().last().unwrap().output.clone().unwrap();
        let output = Output::try_from(message.clone()).unwrap();
        assert_eq!(output.producer(), agent);
        assert_eq!(v1::stage_output::Output::from(output), message);
    }
    let scope = samples::complete_scope();
    assert_eq!(Scope::try_from(scope.clone()).unwrap().to_message(), scope);
    let open = v1::Scope {
        split_method: 0,
        strategy: 0,
        data: Some(v1::DataSource { format: 0, ..samples::source() }),
        rollout: None,
        threshold: None,
        ..scope
    };
    assert_eq!(Scope::try_from(open.clone()).unwrap().to_message(), open);
    for request in [samples::complete_request(), v1::ScopeRequest::default()] {
        assert_eq!(ScopeRequest::try_from(request.clone()).unwrap().to_message(), request);
    }
    let open = v1::Deployment { strategy: 0, stage: 0, ..samples::deployment() };
    assert_eq!(Deployment::try_from(open.clone()).unwrap().to_message(), open);
}

#[test]
fn a_plan_may_end_early_and_start_late() {
    let early = contracts::handoff::FirstHandoff {
        run_id: samples::run_id(),
        epoch: 0,
        plan: Agent::through(Agent::DataPreparer),
        deadline: None,
        request: samples::request(),
        outputs: Vec::new(),
        at: samples::at(0),
    };
    let ended = early
        .build()
        .unwrap()
        .next(samples::finished(Agent::ScopeDefiner))
        .unwrap()
        .next(samples::finished(Agent::DataPreparer))
        .unwrap();
    assert_eq!(ended.to(), Recipient::End);
    assert!(matches!(
        ended.trained_model(),
        Err(ContractError::MissingOutput { agent: Agent::ModelTrainer })
    ));

    let late = contracts::handoff::FirstHandoff {
        run_id: samples::run_id(),
        epoch: 1,
        plan: Agent::ALL.to_vec().split_off(2),
        deadline: None,
        request: samples::request(),
        outputs: ended.outputs().to_vec(),
        at: samples::at(9),
    };
    let resumed = late.build().unwrap();
    assert_eq!(resumed.to(), Recipient::Agent(Agent::FeatureAnalyzer));
    assert!(resumed.next(samples::finished(Agent::FeatureAnalyzer)).is_ok());
}

#[test]
fn a_failure_ends_the_run_with_its_reason() {
    let failure = failures::failure("target_missing", "column `y` is not there").about("y");
    let failed = samples::to(Agent::DataPreparer).failed(failure, 2, samples::at(5)).unwrap();
    assert_eq!(failed.to(), Recipient::End);
    assert_eq!(failed.status(), HandoffStatus::Failed);
    assert_eq!(failed.failure().unwrap().agent, "data-preparer");
    assert_eq!(failed.outputs().len(), 1, "what was done is kept");

    let unread = ValidHandoff::failed_unread(
        &samples::run_id(),
        4,
        Agent::ModelTrainer,
        failures::failure("undecodable_message", "not a Handoff in protobuf"),
        5,
        samples::at(6),
    )
    .unwrap();
    assert_eq!(unread.subject(), "tier0.v1.result.end.run-1.4");
    assert!(unread.plan().is_empty());
    assert_eq!(unread.request(), &v1::ScopeRequest::default());
}

#[test]
fn an_ended_run_has_no_next_stage() {
    assert!(samples::result().next(samples::finished(Agent::ScopeDefiner)).is_err());
}

#[test]
fn an_output_of_another_stage_is_refused() {
    let error = samples::first().next(samples::finished(Agent::ModelTrainer)).unwrap_err();
    assert!(error.to_string().starts_with("field `outputs[0].trained_model`"), "{error}");
}

#[test]
fn the_same_input_has_the_same_digest() {
    let handoff = samples::to(Agent::ModelTrainer);
    let digest = handoff.input_digest("0.1.0", b"{}");
    assert_eq!(digest, handoff.input_digest("0.1.0", b"{}"));
    assert_ne!(digest, handoff.input_digest("0.1.1", b"{}"), "another version");
    assert_ne!(digest, handoff.input_digest("0.1.0", b"{\"a\":1}"), "another configuration");
    assert_ne!(digest, samples::to(Agent::ModelSelector).input_digest("0.1.0", b"{}"));

    let mut message = handoff.into_message();
    message.outputs[1].replica = "another-host".to_owned();
    message.outputs[1].attempt = 3;
    message.request.as_mut().unwrap().requested_by = "someone else".to_owned();
    let same = ValidHandoff::try_from(message.clone()).unwrap();
    assert_eq!(digest, same.input_digest("0.1.0", b"{}"), "who did it decides nothing");
    message.request.as_mut().unwrap().seed = 43;
    let other = ValidHandoff::try_from(message).unwrap();
    assert_ne!(digest, other.input_digest("0.1.0", b"{}"));
}

#[test]
fn a_later_minor_version_is_read_and_our_own_is_written() {
    let mut message = samples::to(Agent::DataPreparer).into_message();
    message.schema_version = "1.7".to_owned();
    let handoff = ValidHandoff::try_from(message).unwrap();
    let next = handoff.next(samples::finished(Agent::DataPreparer)).unwrap();
    assert_eq!(next.as_message().schema_version, contracts::SCHEMA_VERSION);
}

#[test]
fn a_handoff_drives_its_run_anew_in_another_epoch() {
    let handoff = samples::to(Agent::ModelTrainer);
    let note = ("retried_by".to_owned(), "a person".to_owned());
    let again =
        handoff.again(handoff.epoch() + 1, Some(samples::at(9000)), samples::at(5000), [note]);
    let again = again.unwrap();
    assert_eq!(again.epoch(), handoff.epoch() + 1);
    assert_eq!((again.to(), again.outputs()), (handoff.to(), handoff.outputs()));
    assert_eq!(again.deadline(), Some(samples::at(9000)));
    assert_eq!(again.timestamp(), samples::at(5000));
    assert_ne!(again.subject(), handoff.subject());
    assert_eq!(again.as_message().metadata.get("retried_by").unwrap(), "a person");
    assert!(samples::result().again(9, None, samples::at(1), []).is_err(), "it is for nobody");
}

#[test]
fn a_run_may_leave_out_what_it_can_do_without() {
    let plan: Vec<Agent> =
        Agent::ALL.into_iter().filter(|agent| *agent != Agent::ModelSelector).collect();
    let first = contracts::handoff::FirstHandoff {
        run_id: samples::run_id(),
        epoch: 0,
        plan: plan.clone(),
        deadline: None,
        request: samples::request(),
        outputs: Vec::new(),
        at: samples::at(0),
    };
    let result = plan.iter().fold(first.clone().build().unwrap(), |handoff, agent| {
        assert_eq!(handoff.to(), Recipient::Agent(*agent));
        handoff.next(samples::finished(*agent)).unwrap()
    });
    assert_eq!(result.to(), Recipient::End);
    assert!(result.selection().is_err() && result.trained_model().is_ok());

    let without = |missing: Agent| contracts::handoff::FirstHandoff {
        plan: Agent::ALL.into_iter().filter(|agent| *agent != missing).collect(),
        ..first.clone()
    };
    for missing in Agent::ALL.into_iter().filter(|agent| !agent.is_optional()) {
        let ends_early = missing == Agent::ObservabilityConnector;
        assert_eq!(without(missing).build().is_ok(), ends_early, "{missing}");
    }
}

#[test]
fn a_run_begins_with_another_ones_outputs_or_not_at_all() {
    let outputs = samples::to(Agent::ModelTrainer).outputs().to_vec();
    let first = |from: Agent, outputs: &[v1::StageOutput]| contracts::handoff::FirstHandoff {
        run_id: samples::run_id(),
        epoch: 0,
        plan: Agent::ALL.into_iter().filter(|agent| *agent >= from).collect(),
        deadline: None,
        request: samples::request(),
        outputs: outputs.to_vec(),
        at: samples::at(0),
    };
    assert!(first(Agent::ModelTrainer, &outputs).build().is_ok());
    assert!(first(Agent::ModelTrainer, &outputs[..3]).build().is_ok(), "a selection is optional");
    for (from, given) in
        [(Agent::ModelTrainer, 2), (Agent::ModelSelector, 4), (Agent::DataPreparer, 0)]
    {
        let error = first(from, &outputs[..given]).build().unwrap_err().to_string();
        assert!(error.contains("outputs"), "{error}");
    }
}

#[test]
fn a_run_keeps_to_its_lane() {
    let mut request = samples::request();
    request.priority = v1::Priority::High.into();
    let first = contracts::handoff::FirstHandoff {
        run_id: samples::run_id(),
        epoch: 0,
        plan: Agent::ALL.to_vec(),
        deadline: None,
        request,
        outputs: Vec::new(),
        at: samples::at(0),
    };
    let first = first.build().unwrap();
    assert_eq!(first.subject(), "tier0.v1.handoff-high.scope-definer.run-1.0");
    let next = first.next(samples::finished(Agent::ScopeDefiner)).unwrap();
    assert_eq!(next.subject(), "tier0.v1.handoff-high.data-preparer.run-1.0");
    assert_eq!(first.chain(), "tier0.v1.*.*.run-1.0");
}
