#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::time::UNIX_EPOCH;

use contracts::v1::{Failure, StageOutput, Warning};
use proptest::prelude::*;

use super::*;

const RUN: &str = "r1";

fn run() -> RunId {
    RunId::new(RUN).unwrap()
}

/// A message of a stream: its sequence is its second as well.
struct Message {
    stream: &'static str,
    sequence: u64,
    subject: String,
    payload: Vec<u8>,
}

impl Message {
    fn stored(&self) -> StoredMessage<'_> {
        StoredMessage {
            stream: self.stream,
            sequence: self.sequence,
            at: UNIX_EPOCH + Duration::from_secs(1_760_000_000 + self.sequence),
            subject: &self.subject,
            payload: &self.payload,
        }
    }
}

fn message<M: prost::Message>(sequence: u64, subject: String, message: &M) -> Message {
    Message { stream: names::STREAM, sequence, subject, payload: message.encode_to_vec() }
}

/// The handoff after the first `done` stages.
fn handoff(sequence: u64, epoch: u32, done: usize) -> Message {
    let to = Agent::ALL[done];
    message(sequence, subjects::handoff(to, &run(), epoch), &after(epoch, done, to.as_str()))
}

fn after(epoch: u32, done: usize, to: &str) -> Handoff {
    let from = done.checked_sub(1).map_or(names::INTAKE, |before| Agent::ALL[before].as_str());
    Handoff {
        run_id: RUN.into(),
        epoch,
        from_agent: from.into(),
        to_agent: to.into(),
        status: HandoffStatus::Success.into(),
        outputs: Agent::ALL
            .iter()
            .take(done)
            .map(|agent| StageOutput {
                agent: agent.to_string(),
                replica: format!("{agent}-a"),
                attempt: 2,
                elapsed: Some(pbjson_types::Duration { seconds: 1, nanos: 500_000_000 }),
                ..StageOutput::default()
            })
            .collect(),
        warnings: vec![Warning { agent: Agent::ScopeDefiner.to_string(), ..Warning::default() }],
        ..Handoff::default()
    }
}

fn result(sequence: u64, epoch: u32, done: usize) -> Message {
    message(sequence, subjects::result(&run(), epoch), &after(epoch, done, names::END))
}

fn failed(sequence: u64, epoch: u32, code: &str, agent: Agent) -> Message {
    let mut failed = after(epoch, 1, names::END);
    failed.status = HandoffStatus::Failed.into();
    failed.attempt = 3;
    failed.failure = Some(Failure {
        code: code.into(),
        message: "why".into(),
        agent: agent.to_string(),
        ..Failure::default()
    });
    message(sequence, subjects::result(&run(), epoch), &failed)
}

fn event(sequence: u64, agent: Agent, kind: StageEventKind) -> Message {
    let event = StageEvent {
        agent: agent.to_string(),
        kind: kind.into(),
        attempt: 1,
        replica: "a".into(),
        failure: (kind == StageEventKind::Retrying)
            .then(|| Failure { code: "busy".into(), ..Failure::default() }),
        ..StageEvent::default()
    };
    message(sequence, subjects::event(&run(), agent), &event)
}

fn dead_letter(sequence: u64, agent: Agent, epoch: u32) -> Message {
    let letter = DeadLetter {
        id: "TIER0.2".into(),
        agent: agent.to_string(),
        subject: subjects::handoff(agent, &run(), epoch),
        deliveries: 5,
        reason: Some(Failure { code: "used_up".into(), ..Failure::default() }),
        ..DeadLetter::default()
    };
    let message = message(sequence, subjects::dead_letter(agent, Some(&run())), &letter);
    Message { stream: names::DEAD_LETTERS_STREAM, ..message }
}

fn read<'a>(messages: impl IntoIterator<Item = &'a Message>) -> Read {
    let mut timeline = Timeline::default();
    for message in messages {
        timeline.take(message.stored()).unwrap();
    }
    timeline.finish()
}

/// Sequence, what happened and to whom, a line each.
fn lines(read: &Read) -> Vec<String> {
    let line = |transition: &Transition| {
        format!(
            "{} {}.{} {}",
            transition.sequence,
            transition.epoch,
            transition.kind.as_str(),
            transition.agent
        )
    };
    read.transitions.iter().map(line).collect()
}

#[test]
fn every_message_of_the_chain_settles_the_one_before_it() {
    let read = read(&[
        handoff(1, 0, 0),
        event(2, Agent::ScopeDefiner, StageEventKind::Started),
        event(3, Agent::ScopeDefiner, StageEventKind::Progress),
        event(4, Agent::ScopeDefiner, StageEventKind::Retrying),
        handoff(5, 0, 1),
        result(6, 0, 2),
    ]);
    assert_eq!(
        lines(&read),
        [
            "1 0.accepted intake",
            "1 0.handed_off scope-definer",
            "2 0.started scope-definer",
            "4 0.retrying scope-definer",
            "5 0.settled scope-definer",
            "5 0.handed_off data-preparer",
            "6 0.settled data-preparer",
            "6 0.ended data-preparer",
        ]
    );
    let settled = &read.transitions[4];
    assert_eq!(settled.at, "2025-10-09T08:53:25Z");
    assert_eq!((settled.attempt, settled.replica.as_deref()), (Some(2), Some("scope-definer-a")));
    assert_eq!((settled.seconds, settled.warnings), (Some(1.5), 1));
    assert_eq!(read.transitions[3].code.as_deref(), Some("busy"));
    assert_eq!((read.transitions[6].warnings, read.transitions[7].seconds), (0, Some(5.0)));
}

#[test]
fn a_failed_run_that_is_driven_anew_settles_nothing_by_that() {
    let read = read(&[
        handoff(1, 0, 0),
        handoff(2, 0, 1),
        dead_letter(3, Agent::DataPreparer, 0),
        failed(4, 0, "used_up", Agent::DataPreparer),
        // It names the scope-definer as its sender, whose output it carries.
        handoff(5, 1, 1),
        failed(6, 1, "cancelled", Agent::DataPreparer),
    ]);
    assert_eq!(
        lines(&read)[4..],
        [
            "3 0.dead_lettered data-preparer",
            "4 0.ended data-preparer",
            "5 1.driven_anew intake",
            "5 1.handed_off data-preparer",
            "6 1.cancelled data-preparer",
        ]
    );
    let [letter, end] = [&read.transitions[4], &read.transitions[5]];
    assert_eq!((letter.dead_letter.as_deref(), letter.attempt), (Some("TIER0.2"), Some(5)));
    assert_eq!(letter.stream, names::DEAD_LETTERS_STREAM);
    assert_eq!((end.code.as_deref(), end.attempt), (Some("used_up"), Some(3)));
    assert_eq!(end.message.as_deref(), Some("why"));
}

#[test]
fn work_that_was_taken_over_is_told_as_that() {
    let mut taken = after(0, 1, Agent::DataPreparer.as_str());
    taken.outputs[0].reused_from = "r0".into();
    let subject = subjects::handoff(Agent::DataPreparer, &run(), 0);
    let read = read(&[handoff(1, 0, 0), message(2, subject, &taken)]);
    assert_eq!(lines(&read)[2], "2 0.reused scope-definer");
    assert_eq!(read.transitions[2].reused_from.as_deref(), Some("r0"));
}

#[test]
fn the_latest_transitions_are_kept() {
    let retries = u64::try_from(MAX_TRANSITIONS).unwrap() + 10;
    let first = handoff(1, 0, 0);
    let events: Vec<Message> = (2..retries + 2)
        .map(|sequence| event(sequence, Agent::ScopeDefiner, StageEventKind::Retrying))
        .collect();
    let read = read([&first].into_iter().chain(&events));
    assert_eq!((read.transitions.len(), read.omitted), (MAX_TRANSITIONS, 11));
    assert_eq!(read.transitions.last().unwrap().sequence, retries + 1);
}

#[test]
fn what_cannot_be_read_is_told() {
    let garbage = Message {
        stream: names::STREAM,
        sequence: 1,
        subject: subjects::handoff(Agent::ScopeDefiner, &run(), 0),
        payload: b"\xff\xfe".to_vec(),
    };
    assert!(Timeline::default().take(garbage.stored()).is_err());
}

proptest! {
    #[test]
    fn the_order_of_arrival_and_repetitions_change_nothing(
        order in Just((0..7_usize).chain(0..7).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let messages = [
            handoff(1, 0, 0),
            event(2, Agent::ScopeDefiner, StageEventKind::Started),
            handoff(3, 0, 1),
            dead_letter(4, Agent::DataPreparer, 0),
            failed(5, 0, "used_up", Agent::DataPreparer),
            handoff(6, 1, 1),
            result(7, 1, 2),
        ];
        prop_assert_eq!(read(order.iter().map(|at| &messages[*at])), read(&messages));
    }
}
