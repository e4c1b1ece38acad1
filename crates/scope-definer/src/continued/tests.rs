#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::time::{Duration, SystemTime};

use contracts::handoff::{Finished, FirstHandoff};
use contracts::messages::HandoffStatus;
use contracts::stages::{Criterion, DataSource, DeploymentStrategy, ProblemType};

use super::*;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

/// The handoff to the data-preparer of a run `old`.
fn source() -> ValidHandoff {
    let request = ScopeRequest {
        data_uri: "/data/a.csv".to_owned(),
        target: "left".to_owned(),
        seed: 1,
        time_budget_seconds: 30.0,
        name: "churn".to_owned(),
        ..ScopeRequest::default()
    };
    let first = FirstHandoff {
        run_id: RunId::new("old").unwrap(),
        epoch: 0,
        plan: Agent::ALL.to_vec(),
        deadline: None,
        request: request.to_message(),
        outputs: Vec::new(),
        at: at(0),
    };
    let scope = Scope {
        experiment_id: "churn.old".to_owned(),
        name: "churn".to_owned(),
        problem_type: ProblemType::Regression,
        data: DataSource { uri: "/data/a.csv".to_owned(), ..DataSource::default() },
        target: "left".to_owned(),
        cohort_sha256: "0".repeat(64),
        min_rows: 1,
        metric: "rmse".to_owned(),
        criteria: vec![Criterion { metric: "r2".to_owned(), threshold: 0.6, gate: false }],
        baseline: "prior".to_owned(),
        time_budget_seconds: 30.0,
        seed: 1,
        ..Scope::default()
    };
    let finished = Finished {
        output: scope.into(),
        status: HandoffStatus::Success,
        warnings: Vec::new(),
        agent_version: "1".to_owned(),
        replica: "host".to_owned(),
        started_at: at(1),
        elapsed: Duration::from_secs(1),
        times: contracts::handoff::StageTimes::default(),
        attempt: 1,
        reused_from: String::new(),
        input_digest: "a".repeat(64),
    };
    first.build().unwrap().next(finished).unwrap()
}

fn go_on(
    from: Agent,
    change: impl FnOnce(&mut ScopeRequest),
) -> Result<InitialState, Box<Failure>> {
    let mut request = ScopeRequest {
        from_run: "old".to_owned(),
        from_agent: from.to_string(),
        ..ScopeRequest::default()
    };
    change(&mut request);
    continued(&request, &RunId::new("new").unwrap(), from, &source(), &Defaults::default())
}

fn scope(output: &StageOutput) -> Scope {
    match Output::try_from(output.output.clone().unwrap()) {
        Ok(Output::Scope(scope)) => scope,
        other => unreachable!("a scope, not {other:?}"),
    }
}

#[test]
fn what_is_left_open_is_taken_over() {
    let beginning = go_on(Agent::DataPreparer, |_| {}).unwrap();
    assert_eq!(beginning.request.data_uri, "/data/a.csv");
    assert_eq!((beginning.request.seed, beginning.request.target.as_str()), (1, "left"));
    let [output] = beginning.outputs.as_slice() else { unreachable!("one output") };
    assert_eq!(output.reused_from, "old");
    assert_eq!(scope(output).experiment_id, "churn.new");
}

#[test]
fn what_changes_reaches_the_later_stages() {
    let beginning = go_on(Agent::DataPreparer, |request| {
        request.seed = 7;
        request.time_budget_seconds = 5.0;
        request.name = "other".to_owned();
        request.metric = "mae".to_owned();
        request.strategy = DeploymentStrategy::BlueGreen.into();
        request.until = "model-trainer".to_owned();
    });
    let beginning = beginning.unwrap();
    assert_eq!((beginning.request.seed, beginning.request.until.as_str()), (7, "model-trainer"));
    let scope = scope(&beginning.outputs[0]);
    assert_eq!((scope.seed, scope.time_budget_seconds), (7, 5.0));
    assert_eq!((scope.name.as_str(), scope.experiment_id.as_str()), ("other", "other.new"));
    assert_eq!(
        (scope.metric.as_str(), scope.strategy),
        ("mae", Some(DeploymentStrategy::BlueGreen))
    );
}

#[test]
fn what_is_settled_before_is_refused_with_the_stage_that_settles_it() {
    let table = go_on(Agent::DataPreparer, |request| {
        request.data_uri = "/data/b.csv".to_owned();
        request.target = "left".to_owned();
    });
    let refusal = table.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.subject.as_str()), ("option_settled", "data_uri"));
    assert_eq!(refusal.suggestions, ["scope-definer"]);
    let metric = go_on(Agent::DataPreparer, |request| request.metric = "roc_auc".to_owned());
    assert_eq!(metric.unwrap_err().code, "metric_not_applicable");
    // The same again is no change; and from the beginning everything may change.
    assert!(go_on(Agent::DataPreparer, |request| request.target = "left".to_owned()).is_ok());
    let anew = go_on(Agent::ScopeDefiner, |request| {
        request.text = "churn".to_owned();
        request.target = "gone".to_owned();
    });
    let anew = anew.unwrap();
    assert!(anew.outputs.is_empty() && anew.request.data_uri.is_empty());
}

#[test]
fn a_stage_that_was_not_reached_is_named_with_those_that_were() {
    let refusal = go_on(Agent::ModelTrainer, |_| {}).unwrap_err();
    assert_eq!(
        (refusal.code.as_str(), refusal.subject.as_str()),
        ("stage_not_reached", "from_agent")
    );
    assert_eq!(refusal.suggestions, ["scope-definer", "data-preparer"]);
}

#[test]
fn how_the_model_is_learned_may_change_until_it_is() {
    let beginning = go_on(Agent::DataPreparer, |request| {
        request.loss = "quantile".to_owned();
        request.quantile = 0.8;
        request.max_trials = 9;
        request.keep_judged_model = true;
    });
    let beginning = beginning.unwrap();
    let scope = scope(&beginning.outputs[0]);
    assert_eq!((scope.loss.as_str(), scope.quantile), ("quantile", 0.8));
    assert_eq!((scope.max_trials, scope.keep_judged_model), (9, true));
    assert_eq!((beginning.request.quantile, beginning.request.max_trials), (0.8, 9));
    let refused = |change: fn(&mut ScopeRequest)| {
        let refusal = go_on(Agent::DataPreparer, change).unwrap_err();
        (refusal.code, refusal.subject)
    };
    let settled = |field: &str| ("option_settled".to_owned(), field.to_owned());
    assert_eq!(refused(|r| r.weight_column = "w".to_owned()), settled("weight_column"));
    assert_eq!(refused(|r| r.group_columns = vec!["g".to_owned()]), settled("group_columns"));
    let (code, _) = refused(|r| r.balance_classes = true);
    assert_eq!(code, "balance_not_applicable");
}
