//! What breaks the contract, and by which path and words it is refused.

use contracts::v1::stage_output::Output;
use contracts::v1::{self, HandoffStatus};
use contracts::{Agent, ContractError, ValidHandoff, Validate};

use crate::samples;

/// The refusal names `path` and says `words`.
#[track_caller]
fn expect(error: &ContractError, path: &str, words: &str) {
    let ContractError::Field { path: found, .. } = error else { panic!("{error:?}") };
    assert_eq!(found, path, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

#[track_caller]
fn request(path: &str, words: &str, change: impl FnOnce(&mut v1::ScopeRequest)) {
    let mut request = samples::request();
    change(&mut request);
    expect(&request.validate().unwrap_err(), path, words);
}

#[track_caller]
fn handoff(path: &str, words: &str, change: impl FnOnce(&mut v1::Handoff)) {
    changed(samples::result(), path, words, change);
}

#[track_caller]
fn changed(handoff: ValidHandoff, path: &str, words: &str, change: impl FnOnce(&mut v1::Handoff)) {
    let mut message = handoff.into_message();
    change(&mut message);
    expect(&ValidHandoff::try_from(message).unwrap_err(), path, words);
}

#[test]
fn requests() {
    assert!(samples::request().validate().is_ok());
    request("text", "is missing: expected a text for the catalogue", |r| {
        r.text.clear();
        r.data_uri.clear();
        r.from_run.clear();
        r.from_agent.clear();
    });
    request("from_agent", "both from_run and from_agent", |r| r.from_run.clear());
    request("from_agent", "one of scope-definer", |r| r.from_agent = "trainer".to_owned());
    request("until", "model-deployer or a later stage", |r| {
        r.from_agent = "model-deployer".to_owned();
        r.until = "model-trainer".to_owned();
    });
    request("skip[0]", "can do without (model-selector)", |r| {
        r.skip = vec!["data-preparer".to_owned()];
    });
    request("skip[1]", "repeats", |r| r.skip = vec!["model-selector".to_owned(); 2]);
    request("priority", "PRIORITY_HIGH", |r| r.priority = 9);
    request("target", "the column of data_uri", |r| r.target = " ".to_owned());
    request("request_id", "letters, digits", |r| r.request_id = "a.b".to_owned());
    request("name", "letters, digits", |r| r.name = "my model".to_owned());
    request("text", "at most 4096", |r| r.text = "x".repeat(4097));
    request("text", "control characters", |r| r.text = "a\u{0}b".to_owned());
    request("problem_type", "unknown value 9: expected one of PROBLEM_TYPE_BINARY", |r| {
        r.problem_type = 9;
    });
    request("strategy", "DEPLOYMENT_STRATEGY_BLUE_GREEN", |r| r.strategy = -1);
    request("split_method", "SPLIT_METHOD_RANDOM", |r| r.split_method = 77);
    request("positive_class", "PROBLEM_TYPE_BINARY", |r| {
        r.problem_type = v1::ProblemType::Multiclass.into();
    });
    request("entity_column", "to split by", |r| {
        r.split_method = v1::SplitMethod::Entity.into();
        r.entity_column.clear();
    });
    request("time_budget_seconds", "not a finite", |r| r.time_budget_seconds = f64::NAN);
    request("time_budget_seconds", "604800", |r| r.time_budget_seconds = -1.0);
    request("until", "model-trainer", |r| r.until = "trainer".to_owned());
    request("criteria[0].metric", "a metric", |r| r.criteria[0].metric.clear());
    request("criteria[0].threshold", "finite", |r| r.criteria[0].threshold = f64::INFINITY);
    request("criteria", "at most 32", |r| r.criteria = vec![samples::criterion(); 33]);
    request("exclude_columns[1]", "repeats", |r| {
        r.exclude_columns = vec!["a".to_owned(), "a".to_owned()];
    });
    request("exclude_columns[0]", "not the target", |r| r.exclude_columns = vec![r.target.clone()]);
    request("require_columns[0]", "exclude_columns", |r| {
        r.require_columns = r.exclude_columns.clone();
    });
    request("inclusion[0].operator", "not specified", |r| r.inclusion[0].operator = 0);
    request("inclusion[0].values", "one operand or more", |r| r.inclusion[0].values.clear());
    request("exclusion[0].values", "two operands", |r| r.exclusion[0].values.truncate(1));
    request("constraints.max_latency_ms", "0 or more", |r| {
        r.constraints.as_mut().unwrap().max_latency_ms = -1.0;
    });
    request("labels[\"\"]", "a label with a name", |r| {
        r.labels.insert(String::new(), "x".to_owned());
    });
}

#[test]
fn how_a_model_is_learned() {
    let regression = |r: &mut v1::ScopeRequest| {
        r.problem_type = v1::ProblemType::Regression.into();
        r.split_method = v1::SplitMethod::Random.into();
        r.positive_class.clear();
        r.threshold = None;
        r.balance_classes = false;
    };
    let mut quantile = samples::complete_request();
    regression(&mut quantile);
    assert!(quantile.validate().is_ok());
    request("loss", "unknown value `hinge`: expected one of squared, absolute, huber", |r| {
        regression(r);
        r.loss = "hinge".to_owned();
    });
    request("loss", "none for a classification", |r| r.loss = "huber".to_owned());
    request("quantile", "is 1: expected more than 0 and less than 1", |r| {
        regression(r);
        r.loss = "quantile".to_owned();
        r.quantile = 1.0;
    });
    request("quantile", "none unless loss is quantile", |r| r.quantile = 0.5);
    request("balance_classes", "no classes", |r| {
        regression(r);
        r.balance_classes = true;
    });
    request("threshold", "two classes", |r| {
        regression(r);
        r.threshold = Some(samples::costs());
    });
    request("weight_column", "not the target", |r| r.weight_column = r.target.clone());
    request("monotone_constraints[0].column", "not the target", |r| {
        r.monotone_constraints[0].column = r.target.clone();
    });
    request("monotone_constraints[0].column", "the weight column", |r| {
        r.monotone_constraints[0].column = r.weight_column.clone();
    });
    request("monotone_constraints[0].direction", "MONOTONE_DIRECTION_INCREASING", |r| {
        r.monotone_constraints[0].direction = 0;
    });
    request("monotone_constraints[1]", "repeats", |r| {
        r.monotone_constraints.push(samples::monotone_constraint());
    });
    request("group_columns[1]", "repeats", |r| r.group_columns = vec!["brand".to_owned(); 2]);
    request("group_columns[0]", "not the target", |r| r.group_columns = vec![r.target.clone()]);
}

#[test]
fn threshold_objectives() {
    let objective = |metric: &str| v1::ThresholdObjective {
        metric: metric.to_owned(),
        ..v1::ThresholdObjective::default()
    };
    let check = |path: &str, words: &str, objective: v1::ThresholdObjective| {
        request(&format!("threshold.{path}"), words, |r| r.threshold = Some(objective));
    };
    for metric in ["f1", "mcc", "accuracy"] {
        assert!(objective(metric).validate().is_ok());
    }
    check("metric", "such as f1", objective(""));
    check("metric", "unknown value `f2`: expected one of f1, f_beta, cost", objective("f2"));
    check("beta", "is 0: expected more than 0", objective("f_beta"));
    check(
        "beta",
        "none unless metric is f_beta",
        v1::ThresholdObjective { beta: 1.0, ..objective("f1") },
    );
    check(
        "false_positive_cost",
        "is -1: expected 0 or more",
        v1::ThresholdObjective { false_positive_cost: -1.0, ..objective("cost") },
    );
    check(
        "false_negative_cost",
        "none unless metric is cost",
        v1::ThresholdObjective { false_negative_cost: 1.0, ..objective("mcc") },
    );
    check("false_negative_cost", "more than 0", objective("cost"));
    check("k", "1 or more", objective("precision_at_k"));
    check(
        "k",
        "none unless metric is precision_at_k",
        v1::ThresholdObjective { k: 5, ..objective("f1") },
    );
}

#[test]
fn search_reports() {
    assert!(samples::search_report().validate().is_ok());
    let check = |path: &str, words: &str, change: fn(&mut v1::SearchReport)| {
        let mut report = samples::search_report();
        change(&mut report);
        expect(&report.validate().unwrap_err(), path, words);
    };
    check("best", "has a score", |r| r.best = 4);
    check("ended_by", "`tired`: expected one of time_budget", |r| r.ended_by = "tired".to_owned());
    check("refit_seconds", "0 or more", |r| r.refit_seconds = -1.0);
    check("ensemble", "add up to 1", |r| r.ensemble[0].weight = 0.5);
    check("ensemble[0].models", "1 or more", |r| r.ensemble[0].models = 0);
    check("ensemble[0].trial", "the number of a trial", |r| r.ensemble[0].trial = 7);
    check("calibration", "one of none, platt", |r| r.calibration = "beta".to_owned());
    check("learning_curve", "in the order", |r| r.learning_curve.reverse());
    check("learning_curve[1].score", "finite", |r| r.learning_curve[1].score = f64::NAN);
    check("trials[0].weight", "0 to 1", |r| r.trials[0].weight = 1.5);
    check("trials[0].log_loss", "0 or more", |r| r.trials[0].log_loss = Some(-0.1));
    check("trials[0].fold_scores[1]", "finite", |r| r.trials[0].fold_scores[1] = f64::NAN);
    // What builds before wrote.
    let old = v1::SearchReport {
        metric: "roc_auc".to_owned(),
        trials: vec![v1::TrialRecord {
            algorithm: "random_forest".to_owned(),
            score: Some(0.8),
            ..v1::TrialRecord::default()
        }],
        ..v1::SearchReport::default()
    };
    assert!(old.validate().is_ok());
}

#[test]
fn a_text_alone_and_a_table_alone_are_enough() {
    let text = v1::ScopeRequest { text: "churn".to_owned(), ..v1::ScopeRequest::default() };
    assert!(text.validate().is_ok());
    let table = v1::ScopeRequest {
        data_uri: "a.csv".to_owned(),
        target: "y".to_owned(),
        ..v1::ScopeRequest::default()
    };
    assert!(table.validate().is_ok());
}

#[test]
fn envelopes() {
    handoff("handoff_id", "run-1.3.end", |h| h.handoff_id = "other".to_owned());
    handoff("from_agent", "one of scope-definer", |h| h.from_agent = "nobody".to_owned());
    handoff("to_agent", "one of scope-definer", |h| h.to_agent = "nobody".to_owned());
    handoff("status", "HANDOFF_STATUS_SUCCESS", |h| h.status = 0);
    handoff("timestamp", "a time", |h| h.timestamp = None);
    handoff("timestamp", "years 1 to 9999", |h| h.timestamp.as_mut().unwrap().seconds = i64::MAX);
    handoff("attempt", "1 or more", |h| h.attempt = 0);
    handoff("plan.agents", "the stages", |h| h.plan = None);
    handoff("plan.agents[1]", "data-preparer after scope-definer", |h| {
        h.plan.as_mut().unwrap().agents.remove(1);
    });
    let behind = format!("plan.agents[{}]", Agent::ALL.len());
    handoff(&behind, "nothing after observability-connector", |h| {
        h.plan.as_mut().unwrap().agents.push("scope-definer".to_owned());
    });
    handoff("request", "the request", |h| h.request = None);
    handoff("request.criteria[0].threshold", "finite", |h| {
        h.request.as_mut().unwrap().criteria[0].threshold = f64::NAN;
    });
    handoff("to_agent", "`end`, which follows `observability-connector`", |h| {
        h.to_agent = "model-trainer".to_owned();
        h.handoff_id = "run-1.3.model-trainer".to_owned();
    });
    handoff("outputs", "those of the stages up to `observability-connector`", |h| {
        h.outputs.pop();
    });
    handoff("output_validated", "true from", |h| h.output_validated = false);
    handoff("input_digest", "SHA-256", |h| h.input_digest = "ABC".to_owned());
    handoff("failure", "none", |h| h.failure = Some(samples::failure()));
    handoff("failure", "why the run failed", |h| h.status = HandoffStatus::Failed.into());
    handoff("warnings[0].code", "an identifier", |h| {
        h.warnings = vec![v1::Warning { code: String::new(), ..samples::warning() }];
    });
}

#[test]
fn identities_and_versions() {
    let mut message = samples::result().into_message();
    message.schema_version = "2.0".to_owned();
    let error = ValidHandoff::try_from(message.clone()).unwrap_err();
    assert!(matches!(error, ContractError::SchemaVersion { .. }), "{error}");
    assert_eq!(error.code(), "schema_version");
    message.schema_version = "1.0".to_owned();
    message.run_id = "a b".to_owned();
    assert!(matches!(ValidHandoff::try_from(message), Err(ContractError::RunId { .. })));
}

/// Changes the output of an agent in the handoff that it sends, and expects the refusal at its path.
macro_rules! output {
    ($agent:ident, $variant:ident, $path:literal, $words:literal, |$out:ident| $change:expr) => {
        let path = format!("outputs[{}].{}", Agent::$agent.position(), $path);
        changed(samples::after(Agent::$agent), &path, $words, |message| {
            let Some(Output::$variant($out)) =
                message.outputs[Agent::$agent.position()].output.as_mut()
            else {
                panic!("the sample's output is of this kind")
            };
            $change;
        });
    };
}

#[test]
fn stage_outputs() {
    handoff("outputs[1].agent", "data-preparer after scope-definer", |h| {
        h.outputs[1].agent = "model-trainer".to_owned();
    });
    handoff("outputs[1].output", "is missing", |h| h.outputs[1].output = None);
    handoff("outputs[1].elapsed", "how long", |h| h.outputs[1].elapsed = None);
    handoff("outputs[2].prepared_data", "feature-analyzer puts out", |h| {
        h.outputs[2].output = h.outputs[1].output.clone();
    });
    output!(ScopeDefiner, Scope, "scope.classes", "two classes", |s| s.classes.push("x".into()));
    output!(ScopeDefiner, Scope, "scope.positive_class", "the second", |s| s.classes.reverse());
    output!(ScopeDefiner, Scope, "scope.data", "where the data are", |s| s.data = None);
    output!(ScopeDefiner, Scope, "scope.min_rows", "1 or more", |s| s.min_rows = 0);
    output!(DataPreparer, PreparedData, "prepared_data.train.sha256", "64 lower-case", |p| {
        p.train.as_mut().unwrap().sha256 = "F".repeat(64);
    });
    output!(DataPreparer, PreparedData, "prepared_data.test", "the table of this split", |p| {
        p.test = None;
    });
    output!(DataPreparer, PreparedData, "prepared_data.rows.kept", "19001, the rows", |p| {
        p.hold_out.as_mut().unwrap().rows += 1;
    });
    output!(DataPreparer, PreparedData, "prepared_data.rows.read", "20000, the rows", |p| {
        p.rows.as_mut().unwrap().read += 1;
    });
    output!(DataPreparer, PreparedData, "prepared_data.columns[1]", "repeats", |p| {
        p.columns[1].name = p.columns[0].name.clone();
    });
    output!(DataPreparer, PreparedData, "prepared_data.quality_gate.passed", "no blocking", |p| {
        p.quality_gate.as_mut().unwrap().issues[0].blocking = true;
    });
    output!(FeatureAnalyzer, FeatureSet, "feature_set.features[0].relevance", "0 to 1", |f| {
        f.features[0].relevance = 1.5;
    });
    output!(FeatureAnalyzer, FeatureSet, "feature_set.features[1].name", "repeats", |f| {
        f.features.push(f.features[0].clone());
    });
    output!(ModelSelector, Selection, "selection.candidates[0].score", "finite", |s| {
        s.candidates[0].score = f64::NAN;
    });
    output!(ModelSelector, Selection, "selection.candidates[0].search_space[0].low", "log", |s| {
        s.candidates[0].search_space[0].low = 0.0;
    });
    output!(ModelSelector, Selection, "selection.candidates[0].fold_scores", "2 folds", |s| {
        s.candidates[0].fold_scores.push(0.5);
    });
    output!(
        ModelTrainer,
        TrainedModel,
        "trained_model.test_metrics[\"roc_auc\"].high",
        "low",
        |t| {
            t.test_metrics.get_mut("roc_auc").unwrap().high = 0.0;
        }
    );
    output!(ModelTrainer, TrainedModel, "trained_model.feature_importance", "add up to 1", |t| {
        t.feature_importance.insert("third".into(), 0.5);
    });
    output!(ModelTrainer, TrainedModel, "trained_model.threshold", "0 to 1", |t| t.threshold = 2.0);
    output!(ModelTrainer, TrainedModel, "trained_model.trained_rows", "judged_rows or more", |t| {
        t.trained_rows = t.judged_rows - 1;
    });
    output!(ModelTrainer, TrainedModel, "trained_model.ensemble", "add up to 1", |t| {
        t.ensemble.push(t.ensemble[0].clone());
    });
    output!(ModelTrainer, TrainedModel, "trained_model.segments[0].rows", "1 or more", |t| {
        t.segments[0].rows = 0;
    });
    output!(ScopeDefiner, Scope, "scope.loss", "none for a classification", |s| {
        s.loss = "huber".to_owned();
    });
    output!(ModelSelector, Selection, "selection.seconds", "0 or more", |s| s.seconds = -1.0);
    output!(ModelDeployer, Deployment, "deployment.version", "1 or more", |d| d.version = 0);
    output!(ModelDeployer, Deployment, "deployment.url", "http", |d| d.url = "ftp://x".into());
    output!(ModelDeployer, Deployment, "deployment.servers", "one server", |d| d.servers.clear());
    output!(ObservabilityConnector, Monitoring, "monitoring.digest", "SHA-256", |m| {
        m.digest.clear();
    });
}

/// Changes the output of an agent in the result of the run.
macro_rules! earlier {
    ($agent:ident, $variant:ident, |$out:ident| $change:expr) => {{
        let mut message = samples::result().into_message();
        let output = message.outputs[Agent::$agent.position()].output.as_mut();
        let Some(Output::$variant($out)) = output else { panic!("the sample's output") };
        $change;
        ValidHandoff::try_from(message)
    }};
}

#[test]
fn what_an_earlier_output_lacks_is_refused_at_every_hop() {
    let refused = |found: Result<ValidHandoff, ContractError>, path: &str, words: &str| {
        expect(&found.unwrap_err(), path, words);
    };
    refused(
        earlier!(ScopeDefiner, Scope, |s| s.problem_type = 0),
        "outputs[0].scope.problem_type",
        "is not specified: expected one of PROBLEM_TYPE_BINARY",
    );
    refused(
        earlier!(ScopeDefiner, Scope, |s| s.inclusion[0].operator = 99),
        "outputs[0].scope.inclusion[0].operator",
        "unknown value 99",
    );
    refused(
        earlier!(DataPreparer, PreparedData, |p| p.columns[1].r#type = 0),
        "outputs[1].prepared_data.columns[1].type",
        "COLUMN_TYPE_INTEGER",
    );
    refused(
        earlier!(FeatureAnalyzer, FeatureSet, |f| f.plan = None),
        "outputs[2].feature_set.plan",
        "is missing: expected the feature plan",
    );
    refused(
        earlier!(ModelTrainer, TrainedModel, |t| t.criteria[0].criterion = None),
        "outputs[4].trained_model.criteria[0].criterion",
        "is missing: expected the criterion",
    );
    refused(
        earlier!(ModelDeployer, Deployment, |d| d.stage = 77),
        "outputs[5].deployment.stage",
        "unknown value 77",
    );
}

/// Its own agent and the one after it have held it to the rules.
#[test]
fn the_rules_of_an_earlier_output_are_not_checked_again() {
    assert!(earlier!(ScopeDefiner, Scope, |s| s.min_rows = 0).is_ok());
    let mut message = samples::to(Agent::DataPreparer).into_message();
    message.from_agent = "intake".to_owned();
    message.output_validated = false;
    message.plan.as_mut().unwrap().agents.remove(0);
    assert!(ValidHandoff::try_from(message.clone()).is_ok());
    let Some(Output::Scope(scope)) = message.outputs[0].output.as_mut() else { panic!() };
    scope.min_rows = 0;
    let error = ValidHandoff::try_from(message).unwrap_err();
    expect(&error, "outputs[0].scope.min_rows", "1 or more");
}

#[test]
fn records_and_events() {
    assert!(samples::deployment_record().validate().is_ok());
    assert!(samples::server_report().validate().is_ok());
    assert!(samples::model_version().validate().is_ok());
    assert!(samples::registered_model().validate().is_ok());
    assert!(samples::monitor().validate().is_ok());
    assert!(samples::prediction_event().validate().is_ok());
    assert!(samples::stage_event().validate().is_ok());
    assert!(samples::dead_letter().validate().is_ok());

    let mut event = samples::prediction_event();
    event.outputs[0].numbers.push(0.5);
    expect(&event.validate().unwrap_err(), "outputs[0]", "2 numbers or 2 texts");
    let mut event = samples::prediction_event();
    event.answers[0].rows = 2;
    event.answers[0].entity_ids.clear();
    expect(&event.validate().unwrap_err(), "answers", "2 rows in all");
    let mut event = samples::prediction_event();
    event.answers[0].entity_ids.push("another".to_owned());
    expect(&event.validate().unwrap_err(), "answers[0].entity_ids", "one per row");
    assert!(samples::alert_record().validate().is_ok());
    assert!(samples::retraining_record().validate().is_ok());
    assert!(samples::performance().validate().is_ok());
    let feedback = samples::feedback();
    expect(&feedback.validate().unwrap_err(), "request_id", "either this or `entity_id`");
    let of_an_entity = contracts::v1::Feedback { request_id: String::new(), ..feedback };
    expect(&of_an_entity.validate().unwrap_err(), "outcomes", "one outcome");
    let mut cause = samples::cause();
    cause.version = 0;
    expect(&cause.validate().unwrap_err(), "version", "1 or more");
    let mut event = samples::stage_event();
    event.failure = None;
    expect(&event.validate().unwrap_err(), "failure", "why");
    let mut record = samples::deployment_record();
    record.green.as_mut().unwrap().bundle.as_mut().unwrap().sha256.clear();
    expect(&record.validate().unwrap_err(), "green.bundle.sha256", "SHA-256");
    let mut model = samples::registered_model();
    model.aliases.insert("best".to_owned(), 9);
    expect(&model.validate().unwrap_err(), "aliases[\"best\"]", "latest_version");
    let mut claim = samples::version_claim();
    claim.earlier_versions.push(2);
    expect(&claim.validate().unwrap_err(), "earlier_versions", "less than first_version");
    let entry = samples::ledger_entry();
    expect(&entry.validate().unwrap_err(), "endpoint", "a model or an endpoint");
    let one = contracts::v1::LedgerEntry { endpoint: String::new(), ..entry };
    assert!(one.validate().is_ok());
    let collected = contracts::v1::RecordAction::Collected.into();
    let mut artifacts = contracts::v1::LedgerEntry { action: collected, ..one.clone() };
    expect(&artifacts.validate().unwrap_err(), "endpoint", "neither where artifacts");
    artifacts.model.clear();
    assert!(artifacts.validate().is_ok());
    let undone = contracts::v1::LedgerEntry { before_revision: one.revision, ..one };
    expect(&undone.validate().unwrap_err(), "before_revision", "less than revision");
    let reply = samples::scope_reply();
    expect(&reply.validate().unwrap_err(), "error", "accepted");
}

#[test]
fn refusals_hold_no_values() {
    let mut message = samples::after(Agent::ScopeDefiner).into_message();
    let Some(Output::Scope(scope)) = message.outputs[0].output.as_mut() else { panic!() };
    scope.classes = vec!["secret-a".into(), "secret-b".into(), "secret-c".into()];
    let error = ValidHandoff::try_from(message).unwrap_err();
    assert!(!contracts::failures::with_causes(&error).contains("secret"), "{error}");
}
