#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use contracts::v1::stage_output::Output;
use contracts::v1::{
    ArtifactRef, Deployment, Failure, HandoffStatus, MetricEstimate, Plan, Scope, StageEventKind,
    StageOutput, TrainedModel, Warning,
};
use contracts::{Agent, names};
use pbjson_types::{Duration, Timestamp};
use proptest::prelude::*;

use super::*;

const START: i64 = 1_760_000_000;

fn at(second: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds: START + second, nanos: 0 })
}

fn run(name: &str) -> RunId {
    RunId::new(name).unwrap()
}

fn output(agent: Agent, seconds: i64) -> StageOutput {
    let output = match agent {
        Agent::ScopeDefiner => {
            Some(Output::Scope(Scope { name: "churn".into(), ..Scope::default() }))
        }
        Agent::ModelTrainer => Some(Output::TrainedModel(TrainedModel {
            bundle: Some(ArtifactRef { sha256: "ab".into(), ..ArtifactRef::default() }),
            algorithm: "gradient_boosting".into(),
            test_metrics: [(
                "roc_auc".to_owned(),
                MetricEstimate { value: 0.86, low: 0.84, high: 0.88 },
            )]
            .into(),
            ..TrainedModel::default()
        })),
        Agent::ModelDeployer => Some(Output::Deployment(Deployment {
            endpoint: "churn".into(),
            model: "churn".into(),
            version: 3,
            digest: "ab".into(),
            url: "http://127.0.0.1:1/v2/models/churn".into(),
            ..Deployment::default()
        })),
        _ => None,
    };
    StageOutput {
        agent: agent.to_string(),
        attempt: 1,
        elapsed: Some(Duration { seconds, nanos: 500_000_000 }),
        output,
        ..StageOutput::default()
    }
}

/// The handoff after the first `done` stages.
fn handoff(id: &RunId, done: usize) -> Handoff {
    let to = Agent::ALL.get(done).map_or(names::END, |agent| agent.as_str());
    let from = if done == 0 { names::INTAKE } else { Agent::ALL[done - 1].as_str() };
    Handoff {
        run_id: id.to_string(),
        from_agent: from.into(),
        to_agent: to.into(),
        timestamp: at(done as i64 * 2),
        status: HandoffStatus::Success as i32,
        plan: Some(Plan {
            agents: Agent::ALL.iter().map(ToString::to_string).collect(),
            deadline: None,
        }),
        outputs: Agent::ALL.iter().take(done).map(|agent| output(*agent, 1)).collect(),
        ..Handoff::default()
    }
}

fn event(id: &RunId, agent: Agent, kind: StageEventKind, attempt: u32, second: i64) -> Record {
    Record::Event(Box::new(StageEvent {
        run_id: id.to_string(),
        agent: agent.to_string(),
        kind: kind as i32,
        attempt,
        at: at(second),
        progress: 0.5,
        ..StageEvent::default()
    }))
}

/// A whole run, in the order in which a stream would hold it.
fn history(id: &RunId) -> Vec<Record> {
    let mut records = Vec::new();
    for (done, agent) in Agent::ALL.into_iter().enumerate() {
        records.push(Record::Handoff(Box::new(handoff(id, done))));
        records.push(event(id, agent, StageEventKind::Started, 1, done as i64 * 2));
        if agent == Agent::DataPreparer {
            records.push(event(id, agent, StageEventKind::Retrying, 1, done as i64 * 2));
            records.push(event(id, agent, StageEventKind::Started, 2, done as i64 * 2 + 1));
        }
    }
    records.push(Record::Result(Box::new(handoff(id, Agent::ALL.len()))));
    records
}

fn fold<'a>(records: impl IntoIterator<Item = (u64, &'a RunId, &'a Record)>) -> Ledger {
    let mut ledger = Ledger::new(100);
    for (sequence, id, record) in records {
        ledger.apply(sequence, id.clone(), record);
    }
    ledger
}

#[test]
fn a_run_has_the_trace_of_its_first_message_that_has_one() {
    let id = RunId::new("r1").unwrap();
    let traces = [(1, None), (2, Some(0xabc)), (3, Some(0xdef))];
    for order in [[0, 1, 2], [2, 1, 0]] {
        let mut ledger = Ledger::new(1);
        for (sequence, trace) in order.map(|place| traces[place]) {
            ledger.apply(sequence, id.clone(), &Record::Handoff(Box::new(handoff(&id, 0))));
            ledger.traced(sequence, &id, trace);
        }
        let trace = ledger.run(&id).unwrap().trace_id.unwrap();
        assert_eq!(trace, "00000000000000000000000000000abc");
    }
    let mut empty = Ledger::new(1);
    empty.traced(1, &id, Some(1));
    assert!(empty.is_empty());
}

fn view_after(id: &RunId, records: &[Record]) -> RunView {
    fold(records.iter().enumerate().map(|(at, record)| (at as u64 + 1, id, record)))
        .run(id)
        .unwrap()
}

#[test]
fn a_run_goes_from_queued_to_succeeded() {
    let id = run("r1");
    let history = history(&id);
    let queued = view_after(&id, &history[..1]);
    assert_eq!(queued.status, RunStatus::Queued);
    assert_eq!(queued.stages[0].status, StageStatus::Queued);
    let running = view_after(&id, &history[..2]);
    assert_eq!(
        (running.status, running.stages[0].status),
        (RunStatus::Running, StageStatus::Running)
    );
    assert_eq!(running.stages[1].status, StageStatus::Pending);
    let retrying = view_after(&id, &history[..5]);
    assert_eq!(retrying.stages[1].status, StageStatus::Retrying);
    let done = view_after(&id, &history);
    assert_eq!(done.status, RunStatus::Succeeded);
    assert_eq!(done.seconds, Some(2.0 * Agent::ALL.len() as f64));
    assert_eq!(done.stages.len(), Agent::ALL.len());
    assert!(
        done.stages
            .iter()
            .all(|stage| stage.status == StageStatus::Succeeded && stage.seconds == Some(1.5))
    );
    assert_eq!(done.stages[1].attempts, 2);
    assert_eq!(done.metrics["test"]["roc_auc"], 0.86);
    assert_eq!(done.model.as_ref().unwrap().version, Some(3));
    assert_eq!(done.model.unwrap().algorithm.as_deref(), Some("gradient_boosting"));
    assert_eq!(done.endpoint.unwrap().name, "churn");
    assert_eq!(done.created_at.as_deref(), Some("2025-10-09T08:53:20Z"));
}

#[test]
fn a_failure_names_its_stage_and_skips_the_rest() {
    let id = run("r2");
    let mut failed = handoff(&id, 1);
    failed.from_agent = Agent::DataPreparer.to_string();
    failed.to_agent = names::END.to_owned();
    failed.status = HandoffStatus::Failed as i32;
    failed.timestamp = at(5);
    failed.failure = Some(Failure {
        code: "empty_file".into(),
        message: "the file has no rows".into(),
        suggestions: vec!["another file".into()],
        agent: Agent::DataPreparer.to_string(),
        ..Failure::default()
    });
    let view = view_after(
        &id,
        &[
            Record::Handoff(Box::new(handoff(&id, 1))),
            event(&id, Agent::DataPreparer, StageEventKind::Started, 1, 3),
            Record::Result(Box::new(failed)),
        ],
    );
    assert_eq!(view.status, RunStatus::Failed);
    assert_eq!(view.failed_stage.as_deref(), Some("data-preparer"));
    assert_eq!(view.reason.as_deref(), Some("the file has no rows"));
    assert_eq!(view.suggestions, ["another file"]);
    let statuses: Vec<StageStatus> = view.stages.iter().map(|stage| stage.status).collect();
    assert_eq!(statuses[..3], [StageStatus::Succeeded, StageStatus::Failed, StageStatus::Skipped]);
    assert_eq!(view.stages[1].seconds, Some(2.0));
}

#[test]
fn a_cancelled_run_is_shown_as_that() {
    let id = run("r6");
    let mut result = handoff(&id, 2);
    result.to_agent = names::END.to_owned();
    result.status = HandoffStatus::Failed as i32;
    result.failure = Some(Failure {
        code: "cancelled".into(),
        message: "by request".into(),
        agent: Agent::FeatureAnalyzer.to_string(),
        ..Failure::default()
    });
    let view = view_after(
        &id,
        &[Record::Handoff(Box::new(handoff(&id, 2))), Record::Result(Box::new(result))],
    );
    assert_eq!(view.status, RunStatus::Cancelled);
    assert_eq!(view.code.as_deref(), Some("cancelled"));
    let stages: Vec<(StageStatus, u32)> =
        view.stages.iter().map(|stage| (stage.status, stage.attempts)).collect();
    assert_eq!(
        stages[1..4],
        [(StageStatus::Succeeded, 1), (StageStatus::Cancelled, 0), (StageStatus::Skipped, 0)]
    );
    assert_eq!("cancelled".parse::<RunStatus>(), Ok(RunStatus::Cancelled));
}

#[test]
fn only_runs_that_go_on_are_overdue() {
    let due = |id: &RunId, done: usize, second: i64| {
        let mut handoff = handoff(id, done);
        handoff.plan.as_mut().unwrap().deadline = at(second);
        handoff
    };
    let (late, later, early, done) = (run("late"), run("later"), run("early"), run("done"));
    let records = [
        (&late, Record::Handoff(Box::new(due(&late, 1, 20)))),
        (&later, Record::Handoff(Box::new(due(&later, 1, 10)))),
        (&early, Record::Handoff(Box::new(due(&early, 1, 90)))),
        (&done, Record::Result(Box::new(due(&done, Agent::ALL.len(), 10)))),
    ];
    let ledger =
        fold(records.iter().enumerate().map(|(at, (id, record))| (at as u64 + 1, *id, record)));
    let now = |second: i64| contracts::time::system_time(&at(second).unwrap()).unwrap();
    assert_eq!(ledger.overdue(now(30), 10), [later.clone(), late]);
    assert_eq!(ledger.overdue(now(30), 1), [later]);
    assert!(ledger.overdue(now(10), 10).is_empty());
}

#[test]
fn warnings_and_partial_stages_are_kept() {
    let id = run("r3");
    let mut partial = handoff(&id, 2);
    partial.status = HandoffStatus::Partial as i32;
    partial.warnings = vec![Warning {
        code: "rare_class".into(),
        message: "few rows".into(),
        agent: "data-preparer".into(),
    }];
    let mut next = handoff(&id, 3);
    next.warnings.clone_from(&partial.warnings);
    let view =
        view_after(&id, &[Record::Handoff(Box::new(partial)), Record::Handoff(Box::new(next))]);
    assert_eq!(view.stages[1].status, StageStatus::Partial);
    assert_eq!(view.stages[2].status, StageStatus::Succeeded);
    assert_eq!(view.warnings.len(), 1);
}

#[test]
fn a_new_epoch_reopens_the_run() {
    let id = run("r4");
    let mut history = history(&id);
    let mut again = handoff(&id, 4);
    again.epoch = 1;
    history.push(Record::Handoff(Box::new(again)));
    let view = view_after(&id, &history);
    assert_eq!((view.status, view.epoch), (RunStatus::Running, 1));
    assert_eq!(view.stages[4].status, StageStatus::Queued);
}

#[test]
fn the_longest_silent_run_is_forgotten_first() {
    let mut ledger = Ledger::new(2);
    for (sequence, name) in [(1, "a"), (2, "b"), (3, "a"), (4, "c")] {
        let id = run(name);
        ledger.apply(sequence, id.clone(), &Record::Handoff(Box::new(handoff(&id, 0))));
    }
    assert_eq!(ledger.len(), 2);
    assert!(ledger.run(&run("a")).is_some() && ledger.run(&run("c")).is_some());
    assert!(ledger.run(&run("b")).is_none());
    assert_eq!(ledger.last_sequence(), 4);
}

#[test]
fn runs_that_have_ended_are_forgotten_before_those_that_go_on() {
    let mut ledger = Ledger::new(2);
    let (waiting, done, new) = (run("waiting"), run("done"), run("new"));
    ledger.apply(1, waiting.clone(), &Record::Handoff(Box::new(handoff(&waiting, 0))));
    for (sequence, record) in (2..).zip(history(&done)) {
        ledger.apply(sequence, done.clone(), &record);
    }
    ledger.apply(99, new.clone(), &Record::Handoff(Box::new(handoff(&new, 0))));
    assert!(ledger.run(&done).is_none());
    assert!(ledger.run(&waiting).is_some() && ledger.run(&new).is_some());
    assert_eq!(ledger.counts(), [(RunStatus::Queued, 2)].into());
}

#[test]
fn what_has_changed_is_told_in_the_order_in_which_it_did() {
    let mut ledger = Ledger::new(10);
    for (sequence, name, done) in [(1, "r1", 0), (2, "r2", 0), (3, "r1", 1), (4, "r3", 0)] {
        let id = run(name);
        let record = Record::Handoff(Box::new(handoff(&id, done)));
        ledger.apply(sequence, id, &record);
    }
    let changed = |after, limit| -> Vec<(u64, String)> {
        let found = ledger.changed_after(after, limit).into_iter();
        found.filter_map(|(sequence, view)| Some((sequence, view.run_id?))).collect()
    };
    let of = |sequence, name: &str| (sequence, name.to_owned());
    assert_eq!(changed(0, 10), [of(2, "r2"), of(3, "r1"), of(4, "r3")]);
    assert_eq!(changed(2, 1), [of(3, "r1")]);
    assert!(changed(4, 10).is_empty());
}

#[test]
fn runs_are_found_by_a_text_in_identity_name_or_request() {
    let mut ledger = Ledger::new(10);
    for (sequence, name, done) in [(1, "spring-7", 0), (2, "autumn-8", 1)] {
        let id = run(name);
        let record = Record::Handoff(Box::new(handoff(&id, done)));
        ledger.apply(sequence, id, &record);
    }
    let found = |search: &str| -> Vec<String> {
        let page = Page { search: search.to_owned(), limit: 10, ..Page::default() };
        ledger.page(&page).unwrap().into_iter().filter_map(|view| view.run_id).collect()
    };
    assert_eq!(found(" SPRING"), ["spring-7"]);
    assert_eq!(found("Churn"), ["autumn-8"], "the scope has named it");
    assert_eq!(found("").len(), 2);
    assert!(found("winter").is_empty());
}

#[test]
fn a_page_stands_behind_the_run_that_it_names() {
    let mut ledger = Ledger::new(10);
    for number in 0..5 {
        let id = run(&format!("r{number}"));
        let mut handoff = handoff(&id, 0);
        // Two runs of one second are told apart by their ids.
        handoff.timestamp = at(number / 2);
        let record = Record::Handoff(Box::new(handoff));
        ledger.apply(u64::try_from(number).unwrap() + 1, id, &record);
    }
    let page = |before: Option<&str>, limit| -> Option<Vec<String>> {
        let page = Page { before: before.map(run), limit, ..Page::default() };
        let found = ledger.page(&page)?;
        Some(found.into_iter().filter_map(|view| view.run_id).collect())
    };
    assert_eq!(page(None, 3).unwrap(), ["r4", "r2", "r3"]);
    assert_eq!(page(Some("r3"), 3).unwrap(), ["r0", "r1"]);
    assert!(page(Some("r1"), 3).unwrap().is_empty());
    assert_eq!(page(Some("unknown"), 3), None);
}

#[test]
fn what_is_kept_of_a_run_is_bounded() {
    let id = run("talkative");
    let mut failed = handoff(&id, 1);
    failed.status = HandoffStatus::Failed as i32;
    failed.request = Some(contracts::v1::ScopeRequest {
        text: "ä".repeat(100_000),
        ..contracts::v1::ScopeRequest::default()
    });
    failed.failure = Some(Failure { message: "x".repeat(500_000), ..Failure::default() });
    failed.warnings = vec![Warning { message: "y".repeat(10_000), ..Warning::default() }; 100];
    let view = view_after(&id, &[Record::Result(Box::new(failed))]);
    assert_eq!((view.text.len(), view.reason.unwrap().len()), (1000, 4000));
    assert_eq!(view.warnings.len(), 1);
}

#[test]
fn a_list_is_filtered_and_the_latest_comes_first() {
    let (old, new) = (run("old"), run("new"));
    let mut later = handoff(&new, 0);
    later.timestamp = at(100);
    let mut records: Vec<(RunId, Record)> =
        history(&old).into_iter().map(|record| (old.clone(), record)).collect();
    records.push((new.clone(), Record::Handoff(Box::new(later))));
    let ledger =
        fold(records.iter().enumerate().map(|(at, (id, record))| (at as u64 + 1, id, record)));
    let ids = |status| -> Vec<String> {
        ledger.runs(status, 10).into_iter().filter_map(|view| view.run_id).collect()
    };
    assert_eq!(ids(None), ["new", "old"]);
    assert_eq!(ids(Some(RunStatus::Succeeded)), ["old"]);
    assert_eq!(ledger.runs(None, 1).len(), 1);
    assert_eq!(ledger.counts()[&RunStatus::Queued], 1);
}

#[test]
fn a_view_survives_json() {
    let id = run("r5");
    let view = view_after(&id, &history(&id));
    let json = serde_json::to_string(&view).unwrap();
    assert_eq!(serde_json::from_str::<RunView>(&json).unwrap(), view);
}

proptest! {
    /// However often and in whatever order the records of a stream arrive, the ledger is the same.
    #[test]
    fn order_and_repetition_change_nothing(
        order in proptest::collection::vec(any::<proptest::sample::Index>(), 0..60),
        shuffled in Just((0..40_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let (a, b) = (run("a"), run("b"));
        let mut records: Vec<(u64, &RunId, Record)> = Vec::new();
        for (id, history) in [(&a, history(&a)), (&b, history(&b))] {
            for record in history {
                records.push((records.len() as u64 + 1, id, record));
            }
        }
        let straight = fold(records.iter().map(|(sequence, id, record)| (*sequence, *id, record)));
        let all = shuffled.iter().filter(|at| **at < records.len()).map(|at| &records[*at]);
        let repeated = order.iter().map(|index| index.get(&records));
        let mixed = fold(all.chain(repeated).map(|(sequence, id, record)| (*sequence, *id, record)));
        prop_assert_eq!(mixed, straight);
    }
}
