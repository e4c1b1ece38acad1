#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use contracts::names;
use contracts::v1::{DeadLetter, HandoffStatus};

use super::history::MIN_RETRY_WINDOW;
use super::*;
use crate::ledger::RunStatus;

#[path = "../../../contracts/tests/it/samples.rs"]
#[allow(dead_code, reason = "shared with the tests of the contracts, which use more of it")]
mod samples;

use samples::{at, first, run_id, to};

/// That of the samples.
const EPOCH: u32 = 3;

fn order() -> Order<'static> {
    Order { by: "a person", at: at(10_000) }
}

fn history(handoffs: &[&ValidHandoff]) -> History {
    let mut history = History::new(run_id());
    for handoff in handoffs {
        take(&mut history, handoff);
    }
    history
}

fn take(history: &mut History, handoff: &ValidHandoff) {
    let sequence = 1 + history.last(handoff.epoch());
    history.take(sequence, &handoff.subject(), &encoding::encode(handoff.as_message()));
}

fn failed(handoff: &ValidHandoff, code: &str) -> ValidHandoff {
    handoff.failed(failures::failure(code, "a reason"), 2, at(5000)).unwrap()
}

fn letter(handoff: &ValidHandoff) -> DeadLetter {
    DeadLetter {
        id: "TIER0.7".into(),
        subject: handoff.subject(),
        payload: encoding::encode(handoff.as_message()).to_vec(),
        ..DeadLetter::default()
    }
}

#[test]
fn a_run_that_goes_on_is_ended_where_it_is() {
    let (start, farther) = (first(), to(Agent::ModelTrainer));
    let history = history(&[&start, &to(Agent::DataPreparer), &farther]);
    let End::Publish { result, at } = history.end(CANCELLED, "by request", order()).unwrap() else {
        panic!("it has not ended");
    };
    assert_eq!(at, Agent::ModelTrainer);
    assert_eq!(result.subject(), contracts::subjects::result(&run_id(), EPOCH));
    assert_eq!(result.status(), HandoffStatus::Failed);
    let failure = result.failure().unwrap();
    assert_eq!((failure.code.as_str(), failure.agent.as_str()), (CANCELLED, "model-trainer"));
    assert_eq!(result.outputs().len(), 4, "what was done is kept");
    assert_eq!(result.as_message().metadata.get("ended_by").unwrap(), "a person");
}

#[test]
fn a_run_that_has_ended_is_not_ended_again() {
    let handoff = to(Agent::ModelTrainer);
    let cancelled = history(&[&handoff, &failed(&handoff, CANCELLED)]);
    assert_eq!(
        cancelled.end(CANCELLED, "again", order()).unwrap(),
        End::Already { epoch: EPOCH, at: Some(Agent::ModelTrainer) }
    );
    assert!(matches!(
        cancelled.end(DEADLINE_EXCEEDED, "late", order()),
        Err(RecoveryError::Ended { status: RunStatus::Cancelled, .. })
    ));
    let failed = history(&[&handoff, &failed(&handoff, "criterion_missed")]);
    let refusal = failed.end(CANCELLED, "too late", order()).unwrap_err();
    assert_eq!(refusal.code(), "run_ended");
    assert!(refusal.to_string().ends_with("it is failed"), "{refusal}");
    let done = history(&[&handoff, &samples::result()]);
    assert!(matches!(
        done.end(CANCELLED, "too late", order()),
        Err(RecoveryError::Ended { status: RunStatus::Succeeded, .. })
    ));
    assert_eq!(
        History::new(run_id()).end(CANCELLED, "x", order()).unwrap_err().code(),
        "run_not_found"
    );
}

#[test]
fn a_run_whose_only_handoff_cannot_be_read_is_ended_too() {
    let mut history = History::new(run_id());
    let subject = contracts::subjects::handoff(Agent::ModelSelector, &run_id(), EPOCH);
    history.take(9, &subject, b"\xff");
    let End::Publish { result, at } = history.end(CANCELLED, "by request", order()).unwrap() else {
        panic!("it has not ended");
    };
    assert_eq!((at, result.outputs().len()), (Agent::ModelSelector, 0));
}

#[test]
fn a_retry_begins_where_the_run_ended_with_what_was_done_before() {
    let handoff = to(Agent::ModelTrainer);
    let history = history(&[&first(), &handoff, &failed(&handoff, "criterion_missed")]);
    let again = history.again(None, order()).unwrap();
    assert_eq!((again.to(), again.epoch()), (Recipient::Agent(Agent::ModelTrainer), EPOCH + 1));
    assert_eq!(again.outputs(), handoff.outputs());
    assert_eq!(again.request(), handoff.request());
    assert_eq!(again.plan(), handoff.plan());
    assert_eq!(again.handoff_id(), names::handoff_id(&run_id(), EPOCH + 1, "model-trainer"));
    let window = handoff.deadline().unwrap().duration_since(first().timestamp()).unwrap();
    assert_eq!(again.deadline(), Some(order().at + window.max(MIN_RETRY_WINDOW)));
    assert_eq!(again.as_message().metadata.get("retried_epoch").unwrap(), "3");
}

#[test]
fn a_retry_may_begin_earlier_but_not_later() {
    let (earlier, handoff) = (to(Agent::FeatureAnalyzer), to(Agent::ModelTrainer));
    let history = history(&[&first(), &earlier, &handoff, &failed(&handoff, CANCELLED)]);
    let again = history.again(Some(Agent::FeatureAnalyzer), order()).unwrap();
    assert_eq!(again.to(), Recipient::Agent(Agent::FeatureAnalyzer));
    assert_eq!(again.outputs().len(), 2);
    let later = history.again(Some(Agent::ModelDeployer), order()).unwrap_err();
    assert_eq!(later.code(), "stage_not_reached");
    let gone = history.again(Some(Agent::ModelSelector), order()).unwrap_err();
    assert_eq!(gone.code(), "no_handoff");
    assert!(gone.to_string().contains("feature-analyzer"), "{gone}");
}

#[test]
fn a_second_retry_is_of_the_second_epoch() {
    let handoff = to(Agent::ModelTrainer);
    let mut history = history(&[&first(), &handoff, &failed(&handoff, "criterion_missed")]);
    let again = history.again(None, order()).unwrap();
    take(&mut history, &again);
    assert_eq!(history.again(None, order()).unwrap_err().code(), "run_not_ended");
    take(&mut history, &failed(&again, CANCELLED));
    let third = history.again(Some(Agent::ScopeDefiner), order()).unwrap();
    assert_eq!((third.epoch(), third.to()), (EPOCH + 2, Recipient::Agent(Agent::ScopeDefiner)));
    assert_eq!(history.again(None, order()).unwrap().epoch(), EPOCH + 2);
}

#[test]
fn a_handoff_that_cannot_be_read_is_passed_over() {
    let earlier = to(Agent::FeatureAnalyzer);
    let mut history = history(&[&first(), &earlier]);
    let subject = contracts::subjects::handoff(Agent::ModelSelector, &run_id(), EPOCH);
    history.take(9, &subject, b"\xff");
    let result = ValidHandoff::failed_unread(
        &run_id(),
        EPOCH,
        Agent::ModelSelector,
        failures::failure("undecodable_message", "what"),
        1,
        at(1),
    )
    .unwrap();
    take(&mut history, &result);
    let again = history.again(None, order()).unwrap();
    assert_eq!(again.to(), Recipient::Agent(Agent::FeatureAnalyzer));
}

#[test]
fn what_goes_on_or_has_succeeded_is_not_repeated() {
    let handoff = to(Agent::ModelTrainer);
    assert_eq!(history(&[&handoff]).again(None, order()).unwrap_err().code(), "run_not_ended");
    let done = history(&[&handoff, &samples::result()]);
    assert_eq!(done.again(None, order()).unwrap_err().code(), "run_succeeded");
}

#[test]
fn only_a_run_that_goes_on_has_a_deadline() {
    let handoff = to(Agent::ModelTrainer);
    assert_eq!(history(&[&handoff]).deadline(), handoff.deadline());
    assert!(handoff.deadline().is_some());
    assert_eq!(history(&[&handoff, &failed(&handoff, "x")]).deadline(), None);
}

#[test]
fn a_dead_letter_drives_its_run_anew() {
    let handoff = to(Agent::ModelSelector);
    let history = history(&[&first(), &handoff, &failed(&handoff, "attempts_exhausted")]);
    let again = history.replay(&letter(&handoff), order()).unwrap();
    assert_eq!((again.to(), again.epoch()), (Recipient::Agent(Agent::ModelSelector), EPOCH + 1));
    assert_eq!(again.as_message().metadata.get("dead_letter").unwrap(), "TIER0.7");
}

#[test]
fn dead_letters_that_cannot_be_repeated_say_why() {
    let handoff = to(Agent::ModelSelector);
    let truncated = DeadLetter { truncated: true, ..letter(&handoff) };
    assert_eq!(original(&truncated).unwrap_err().code(), "truncated");
    let garbage = DeadLetter { payload: b"\xff\xfe".to_vec(), ..letter(&handoff) };
    assert_eq!(original(&garbage).unwrap_err().code(), "unreadable");
    let stranger = DeadLetter { subject: "tier0.v1.prediction.x".into(), ..letter(&handoff) };
    assert_eq!(original(&stranger).unwrap_err().code(), "not_repeatable");
    let elsewhere = DeadLetter { subject: first().subject(), ..letter(&handoff) };
    assert_eq!(original(&elsewhere).unwrap_err().code(), "not_repeatable");
    let request =
        DeadLetter { subject: contracts::subjects::REQUEST.into(), ..DeadLetter::default() };
    assert_eq!(original(&request).unwrap(), OriginalMessage::Request);
}
