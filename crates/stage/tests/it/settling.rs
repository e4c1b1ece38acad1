use std::time::{Duration, SystemTime};

use bus::Headers;
use contracts::handoff::{Finished, Recipient, StageTimes};
use contracts::v1::{HandoffStatus, StageEventKind};
use contracts::{Agent, RunId, encoding, names, subjects, time, v1};
use prost::Message as _;

use crate::agent::{AGENT, Fleet, first, next_subject};

#[tokio::test]
async fn a_handoff_is_worked_on_once_and_handed_on() {
    let fleet = Fleet::start().await;
    let given = fleet.submit("r1", "sleep:40").await;
    let next = fleet.until_handoff(&next_subject("r1")).await;
    assert_eq!(
        (next.to(), next.status()),
        (Recipient::Agent(Agent::DataPreparer), HandoffStatus::Success)
    );
    assert!(next.as_message().output_validated);
    assert_eq!(next.request(), given.request());
    let output = &next.outputs()[0];
    assert_eq!((output.agent.as_str(), output.attempt), ("scope-definer", 1));
    assert!(time::seconds(output.elapsed.as_ref().unwrap()) >= 0.04);
    let lasted = |of: &Option<_>| time::seconds(of.as_ref().unwrap());
    assert!((0.0..60.0).contains(&lasted(&output.waited)), "{:?}", output.waited);
    assert!(lasted(&output.reading) + lasted(&output.writing) <= lasted(&output.elapsed));
    assert!(output.replica.starts_with("scope-definer-"), "{}", output.replica);
    assert_eq!(next.scope().unwrap().target, "y");
    assert_eq!(next.as_message().input_digest.len(), 64);
    fleet.until_settled().await;
    assert_eq!(fleet.effects(), ["r1 attempt 1"]);
    assert_eq!(fleet.kinds_of_events("r1").await, [StageEventKind::Started]);
}

#[tokio::test]
async fn the_last_stage_of_the_plan_gives_the_result() {
    let fleet = Fleet::start().await;
    fleet.submit_with("r1", "", |first| first.plan = vec![Agent::ScopeDefiner]).await;
    let result = fleet.until_result("r1").await;
    assert_eq!((result.to(), result.status()), (Recipient::End, HandoffStatus::Success));
    assert_eq!(result.outputs().len(), 1);
}

#[tokio::test]
async fn json_is_taken_as_well() {
    let fleet = Fleet::start().await;
    let given = first("r1", "", |_| {});
    let json = encoding::to_json("Handoff", given.as_message()).unwrap().to_string();
    fleet.publish(&given.subject(), json.into()).await;
    fleet.until_handoff(&next_subject("r1")).await;
}

#[tokio::test]
async fn an_error_that_may_pass_is_repeated() {
    let fleet = Fleet::start().await;
    fleet.submit("r1", "retry:1").await;
    let next = fleet.until_handoff(&next_subject("r1")).await;
    assert_eq!(next.attempt(), 2);
    fleet.until_settled().await;
    assert_eq!(fleet.effects(), ["r1 attempt 1", "r1 attempt 2"]);
    // The second attempt was done too soon to tell of its beginning.
    use StageEventKind::{Retrying, Started};
    assert_eq!(fleet.kinds_of_events("r1").await, [Started, Retrying]);
}

#[tokio::test]
async fn an_error_that_stays_ends_the_run_after_the_configured_deliveries() {
    let fleet = Fleet::start().await;
    let given = fleet.submit("r1", "retry:99").await;
    let result = fleet.until_result("r1").await;
    let failure = result.failure().unwrap();
    assert_eq!(
        (failure.code.as_str(), failure.agent.as_str()),
        ("attempts_exhausted", "scope-definer")
    );
    assert!(
        failure.message.contains("3 deliveries") && failure.message.contains("weather"),
        "{}",
        failure.message
    );
    let dead = fleet.until_dead("r1").await;
    assert_eq!(dead.payload, given.as_message().encode_to_vec());
    assert_eq!((dead.deliveries, dead.subject), (3, given.subject()));
    fleet.until_settled().await;
    assert_eq!(fleet.effects().len(), 3);
    assert_eq!(fleet.kinds_of_events("r1").await.last(), Some(&StageEventKind::DeadLettered));
}

#[tokio::test]
async fn a_decision_ends_the_run_at_once() {
    let fleet = Fleet::start().await;
    fleet.submit("r1", "fail").await;
    let result = fleet.until_result("r1").await;
    let failure = result.failure().unwrap();
    assert_eq!(
        (failure.code.as_str(), &failure.suggestions[..]),
        ("unknown_data_set", &["churn".to_owned()][..])
    );
    assert_eq!(result.status(), HandoffStatus::Failed);
    fleet.until_settled().await;
    assert_eq!(fleet.effects().len(), 1);
    assert!(fleet.bus.last(&next_subject("r1")).await.unwrap().is_none());
}

#[tokio::test]
async fn what_breaks_the_contract_is_put_aside() {
    let fleet = Fleet::start().await;
    fleet.submit("r1", "reject").await;
    assert_eq!(fleet.until_result("r1").await.failure().unwrap().code, "rejected");
    assert_eq!(fleet.until_dead("r1").await.reason.unwrap().code, "rejected");
    // The stage's own output is held to the contract too, and the same output another time would be no better.
    fleet.submit("r2", "invalid").await;
    let failure = fleet.until_result("r2").await.failure().unwrap().clone();
    assert_eq!(failure.code, "output_invalid");
    assert!(failure.message.contains("metric"), "{}", failure.message);
    fleet.until_settled().await;
    assert_eq!(fleet.effects(), ["r1 attempt 1", "r2 attempt 1"]);
}

/// A handoff comes from the stage before; what the broker marks as found in a stream was published by no stage.
#[tokio::test]
async fn a_handoff_that_is_an_answer_of_the_broker_is_put_aside() {
    let fleet = Fleet::start().await;
    let found = first("found", "", |_| {});
    let mut headers = Headers::new();
    headers.insert(bus::FORWARDED_FROM, names::STREAM);
    let bytes = encoding::encode(found.as_message());
    fleet.bus.publish_once(&found.subject(), headers, bytes).await.unwrap();
    let dead = fleet.until_dead("found").await;
    assert_eq!(dead.reason.unwrap().code, "forwarded_message");
    assert_eq!(fleet.effects(), [""; 0]);
}

#[tokio::test]
async fn poison_is_put_aside_with_its_bytes_and_ends_the_run_of_its_subject() {
    let fleet = Fleet::start().await;
    let run = |name: &str| subjects::handoff(AGENT, &RunId::new(name).unwrap(), 0);
    let poison: &[u8] = &[0xff, 0x00, 0x17, 0x80];
    fleet.publish(&run("poison"), poison.to_vec().into()).await;
    let dead = fleet.until_dead("poison").await;
    assert_eq!((dead.payload.as_slice(), dead.deliveries), (poison, 1));
    assert_eq!(dead.reason.unwrap().code, "undecodable_message");
    assert_eq!(fleet.until_result("poison").await.failure().unwrap().code, "undecodable_message");

    let mut other = first("major", "", |_| {}).into_message();
    other.schema_version = "2.0".to_owned();
    fleet.publish(&run("major"), encoding::encode(&other)).await;
    let failure = fleet.until_result("major").await.failure().unwrap().clone();
    assert_eq!(
        (failure.code.as_str(), failure.subject.as_str()),
        ("schema_version", "schema_version")
    );
    assert_eq!(fleet.until_dead("major").await.payload, other.encode_to_vec());

    // A handoff on another agent's subject belongs to no agent.
    fleet.publish(&run("stranger"), encoding::encode(first("r9", "", |_| {}).as_message())).await;
    assert_eq!(fleet.until_result("stranger").await.failure().unwrap().code, "subject_mismatch");

    // And what names no run at all.
    fleet.publish("tier0.v1.handoff.scope-definer.no-epoch", "{}".into()).await;
    assert_eq!(fleet.until_dead("-").await.subject, "tier0.v1.handoff.scope-definer.no-epoch");

    // The agent goes on.
    fleet.submit("r1", "").await;
    fleet.until_handoff(&next_subject("r1")).await;
    fleet.until_settled().await;
    assert_eq!(fleet.effects(), ["r1 attempt 1"]);
}

#[tokio::test]
async fn a_redelivery_after_a_crash_finds_what_was_handed_on_and_repeats_nothing() {
    let mut fleet = Fleet::prepare().await;
    // What a process leaves that dies between publishing what follows and acknowledging its input.
    let given = fleet.submit("r1", "").await;
    let output = v1::Scope { name: "handed-on".to_owned(), ..scope() };
    let finished = Finished {
        output: v1::stage_output::Output::Scope(output).try_into().unwrap(),
        status: HandoffStatus::Success,
        warnings: Vec::new(),
        agent_version: "0.0.1".to_owned(),
        replica: "dead-one".to_owned(),
        started_at: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        elapsed: Duration::from_secs(3),
        times: StageTimes::default(),
        attempt: 1,
        reused_from: String::new(),
        input_digest: given.input_digest("0.0.1", b""),
    };
    let next = given.next(finished).unwrap();
    fleet.follow(&given, &next).await;

    fleet.start_agent(&[]);
    fleet.until_settled().await;
    assert!(fleet.effects().is_empty(), "{:?}", fleet.effects());
    let (_, _, published) = fleet.bus.last(&given.chain()).await.unwrap().unwrap();
    assert_eq!(published, encoding::encode(next.as_message()), "byte for byte what was handed on");
}

/// A worker that wakes up after another has gone on with its message changes nothing, whatever it comes to.
#[tokio::test]
async fn a_late_worker_is_refused() {
    let fleet = Fleet::start().await;
    let given = fleet.submit("r1", "").await;
    let next = fleet.until_handoff(&next_subject("r1")).await;
    let late = contracts::failures::failure("stage_timed_out", "it slept");
    let late = given.failed(late, 1, SystemTime::now()).unwrap();
    let (sequence, _, _) = fleet.bus.last(&given.subject()).await.unwrap().unwrap();
    let (chain, bytes) = (given.chain(), encoding::encode(late.as_message()));
    let link = bus::Link { chain: &chain, after: sequence };
    let refused = fleet.bus.publish_next(link, &late.subject(), Headers::new(), bytes).await;
    assert!(matches!(refused, Err(bus::Error::Superseded { .. })), "{refused:?}");
    assert!(fleet.bus.last(&late.subject()).await.unwrap().is_none());
    let (_, _, last) = fleet.bus.last(&chain).await.unwrap().unwrap();
    assert_eq!(last, encoding::encode(next.as_message()));
}

#[tokio::test]
async fn a_crash_in_the_work_is_repeated_by_the_next_process() {
    let mut fleet = Fleet::start().await;
    fleet.submit("r1", "die:1").await;
    fleet.until_ended(Duration::from_secs(10));
    fleet.start_agent(&[]);
    assert_eq!(fleet.until_handoff(&next_subject("r1")).await.attempt(), 2);
    assert_eq!(fleet.effects(), ["r1 attempt 1", "r1 attempt 2"]);
}

#[tokio::test]
async fn a_message_that_kills_every_process_becomes_a_dead_letter() {
    let mut fleet = Fleet::prepare().await;
    let given = fleet.submit("r1", "die:99").await;
    for _ in 0..3 {
        fleet.start_agent(&[]);
        fleet.until_ended(Duration::from_secs(15));
    }
    fleet.start_agent(&[]);
    let failure = fleet.until_result("r1").await.failure().unwrap().clone();
    assert_eq!(failure.code, "attempts_exhausted");
    assert_eq!(fleet.until_dead("r1").await.payload, given.as_message().encode_to_vec());
    assert_eq!(fleet.effects().len(), 3);
}

#[tokio::test]
async fn a_run_that_has_ended_is_not_worked_on() {
    let mut fleet = Fleet::prepare().await;
    let given = fleet.submit("r1", "").await;
    let cancelled = contracts::failures::failure("cancelled", "cancelled by a person");
    let result = given.failed(cancelled, 1, SystemTime::now()).unwrap();
    fleet.follow(&given, &result).await;
    fleet.start_agent(&[]);
    fleet.until_settled().await;
    assert!(fleet.effects().is_empty());
    assert!(fleet.bus.last(&next_subject("r1")).await.unwrap().is_none());

    // And one that ends while it is worked on is left at once; the computation hears of it.
    let given = fleet.submit("r2", "compute:2000").await;
    fleet.until("tier0.v1.event.scope-definer.r2").await;
    let cancelled = contracts::failures::failure("cancelled", "cancelled by a person");
    let result = given.failed(cancelled, 1, SystemTime::now()).unwrap();
    fleet.follow(&given, &result).await;
    fleet.until_settled().await;
    while fleet.effects().len() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(fleet.effects(), ["r2 attempt 1", "cancelled"]);
    assert!(fleet.bus.last(&next_subject("r2")).await.unwrap().is_none());
}

#[tokio::test]
async fn the_deadline_of_the_run_ends_it() {
    let fleet = Fleet::start().await;
    let soon = SystemTime::now() + Duration::from_millis(800);
    fleet.submit_with("r1", "sleep:60000", |first| first.deadline = Some(soon)).await;
    assert_eq!(fleet.until_result("r1").await.failure().unwrap().code, "deadline_exceeded");
}

#[tokio::test]
async fn long_work_is_not_delivered_to_another_and_tells_of_its_progress() {
    let fleet = Fleet::start().await;
    // Three times the acknowledgement wait.
    fleet.submit("r1", "compute:150").await;
    assert_eq!(fleet.until_handoff(&next_subject("r1")).await.attempt(), 1);
    fleet.until_settled().await;
    assert_eq!(fleet.effects(), ["r1 attempt 1"]);
    let kinds = fleet.kinds_of_events("r1").await;
    assert!(
        kinds.iter().filter(|&&kind| kind == StageEventKind::Progress).count() >= 3,
        "{kinds:?}"
    );
}

#[tokio::test]
async fn the_trace_goes_on_in_the_next_handoff() {
    let fleet = Fleet::start().await;
    let given = first("r1", "", |_| {});
    let mut headers = Headers::new();
    headers.insert("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let bytes = encoding::encode(given.as_message());
    fleet.bus.publish_once(&given.subject(), headers, bytes).await.unwrap();
    let (headers, _) = fleet.until(&next_subject("r1")).await;
    let parent = bus::trace::extract(&headers).unwrap();
    assert_eq!(parent.trace_id, 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
    assert_ne!(parent.span_id, 0x00f0_67aa_0ba9_02b7, "a span of the agent's own");
}

#[tokio::test]
async fn work_goes_on_over_a_restart_of_the_broker() {
    let mut fleet = Fleet::start().await;
    fleet.submit("r1", "sleep:2500").await;
    fleet.until("tier0.v1.event.scope-definer.r1").await;
    fleet.server.restart_after(Duration::from_millis(700));
    let begun = std::time::Instant::now();
    while fleet.bus.last(&next_subject("r1")).await.ok().flatten().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", fleet.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let stream = fleet.bus.jetstream().get_stream(names::STREAM).await.unwrap();
    let handoffs = stream.info_with_subjects("tier0.v1.handoff.data-preparer.>").await.unwrap();
    assert_eq!(futures::StreamExt::count(handoffs).await, 1);
}

fn scope() -> v1::Scope {
    v1::Scope {
        experiment_id: "test".to_owned(),
        name: "test".to_owned(),
        problem_type: v1::ProblemType::Regression.into(),
        data: Some(v1::DataSource {
            uri: "/data/test.csv".to_owned(),
            ..v1::DataSource::default()
        }),
        target: "y".to_owned(),
        cohort_sha256: "0".repeat(64),
        min_rows: 1,
        metric: "rmse".to_owned(),
        baseline: "prior".to_owned(),
        time_budget_seconds: 1.0,
        ..v1::Scope::default()
    }
}
