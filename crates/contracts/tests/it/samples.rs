//! One valid message of every kind, with every field set to something that is not its default.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use contracts::handoff::{Finished, FirstHandoff};
use contracts::v1::stage_output::Output;
use contracts::v1::{self, HandoffStatus};
use contracts::{Agent, RunId, ValidHandoff, time};

pub(crate) fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_000 + seconds * 1000 + 250)
}

pub(crate) fn wire(seconds: u64) -> Option<pbjson_types::Timestamp> {
    Some(time::timestamp(at(seconds)))
}

pub(crate) fn digest(digit: char) -> String {
    std::iter::repeat_n(digit, 64).collect()
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn texts(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| text(item)).collect()
}

fn numbers(items: &[(&str, f64)]) -> BTreeMap<String, f64> {
    items.iter().map(|(key, value)| (text(key), *value)).collect()
}

pub(crate) fn artifact(digit: char, rows: u64) -> v1::ArtifactRef {
    v1::ArtifactRef {
        uri: format!("nats://TIER0_ARTIFACTS/{}", digest(digit)),
        sha256: digest(digit),
        bytes: 4096,
        media_type: text("application/vnd.apache.parquet"),
        rows,
    }
}

pub(crate) fn failure() -> v1::Failure {
    v1::Failure {
        code: text("target_missing"),
        message: text("column `churned` is not there: the nearest is `churn`"),
        subject: text("churned"),
        suggestions: texts(&["churn"]),
        agent: text("data-preparer"),
        at: wire(9),
    }
}

pub(crate) fn criterion() -> v1::Criterion {
    v1::Criterion { metric: text("roc_auc"), threshold: 0.8, gate: true }
}

pub(crate) fn predicate() -> v1::Predicate {
    v1::Predicate {
        column: text("brand"),
        operator: v1::PredicateOperator::In.into(),
        values: texts(&["Kisqali", "Other"]),
    }
}

pub(crate) fn constraints() -> v1::Constraints {
    v1::Constraints {
        max_latency_ms: 50.5,
        max_model_bytes: 1 << 20,
        interpretable: true,
        max_memory_bytes: 1 << 32,
    }
}

pub(crate) fn monotone_constraint() -> v1::MonotoneConstraint {
    v1::MonotoneConstraint {
        column: text("calls"),
        direction: v1::MonotoneDirection::Decreasing.into(),
    }
}

/// Every field set, which no request may say: each metric takes its own alone.
pub(crate) fn threshold_objective() -> v1::ThresholdObjective {
    v1::ThresholdObjective {
        metric: text("cost"),
        beta: 2.0,
        false_positive_cost: 1.0,
        false_negative_cost: 12.5,
        k: 100,
    }
}

pub(crate) fn costs() -> v1::ThresholdObjective {
    v1::ThresholdObjective { beta: 0.0, k: 0, ..threshold_objective() }
}

pub(crate) fn excluded() -> v1::ExcludedColumn {
    v1::ExcludedColumn { column: text("hcp_id"), reason: text("identifier") }
}

pub(crate) fn source() -> v1::DataSource {
    v1::DataSource {
        uri: text("file:///data/churn.csv"),
        format: v1::DataFormat::Csv.into(),
        missing_markers: texts(&["NA", "?"]),
    }
}

pub(crate) fn request() -> v1::ScopeRequest {
    v1::ScopeRequest {
        request_id: text("req-1"),
        text: text("Train churn prediction model for Kisqali HCPs"),
        data_uri: text("file:///data/churn.csv"),
        target: text("churned"),
        positive_class: text("yes"),
        problem_type: v1::ProblemType::Binary.into(),
        metric: text("roc_auc"),
        time_budget_seconds: 30.0,
        name: text("churn"),
        strategy: v1::DeploymentStrategy::BlueGreen.into(),
        until: text("observability-connector"),
        seed: 42,
        criteria: vec![criterion()],
        exclude_columns: texts(&["hcp_id"]),
        require_columns: texts(&["brand"]),
        entity_column: text("hcp_id"),
        time_column: text("month"),
        split_method: v1::SplitMethod::Stratified.into(),
        min_rows: 500,
        inclusion: vec![predicate()],
        exclusion: vec![v1::Predicate {
            column: text("age"),
            operator: v1::PredicateOperator::Between.into(),
            values: texts(&["0", "17"]),
        }],
        constraints: Some(constraints()),
        requested_by: text("someone@example.org"),
        labels: BTreeMap::from([(text("team"), text("oncology"))]),
        no_cache: true,
        priority: v1::Priority::Normal.into(),
        skip: vec![text("model-selector")],
        from_run: text("run-0"),
        from_agent: text("scope-definer"),
        rollout: Some(rollout_plan()),
        cause: Some(cause()),
        max_trials: 24,
        keep_judged_model: true,
        weight_column: text("panel_weight"),
        monotone_constraints: vec![monotone_constraint()],
        loss: String::new(),
        quantile: 0.0,
        threshold: Some(costs()),
        group_columns: texts(&["brand"]),
        balance_classes: true,
    }
}

/// Every field set, which no request may say: a loss belongs to a regression.
pub(crate) fn complete_request() -> v1::ScopeRequest {
    v1::ScopeRequest { loss: text("quantile"), quantile: 0.9, ..request() }
}

/// Every field set, which no scope may say.
pub(crate) fn complete_scope() -> v1::Scope {
    v1::Scope { loss: text("quantile"), quantile: 0.9, ..scope() }
}

pub(crate) fn scope() -> v1::Scope {
    v1::Scope {
        experiment_id: text("churn-run-1"),
        name: text("churn"),
        problem_type: v1::ProblemType::Binary.into(),
        problem_type_evidence: text("2 classes in 20000 rows"),
        data: Some(source()),
        target: text("churned"),
        classes: texts(&["no", "yes"]),
        positive_class: text("yes"),
        entity_column: text("hcp_id"),
        time_column: text("month"),
        required_columns: texts(&["brand"]),
        excluded_columns: vec![excluded()],
        inclusion: vec![predicate()],
        exclusion: vec![predicate()],
        cohort_sha256: digest('c'),
        min_rows: 500,
        metric: text("roc_auc"),
        criteria: vec![criterion()],
        baseline: text("prior"),
        min_lift: 0.1,
        split_method: v1::SplitMethod::Stratified.into(),
        time_budget_seconds: 30.0,
        seed: 42,
        constraints: Some(constraints()),
        strategy: v1::DeploymentStrategy::BlueGreen.into(),
        catalogue_entry: text("churn"),
        prediction_horizon: text("3 months"),
        rows_examined: 20_000,
        rollout: Some(rollout_plan()),
        cause: Some(cause()),
        max_trials: 24,
        keep_judged_model: true,
        weight_column: text("panel_weight"),
        monotone_constraints: vec![monotone_constraint()],
        loss: String::new(),
        quantile: 0.0,
        threshold: Some(costs()),
        group_columns: texts(&["brand"]),
        balance_classes: true,
    }
}

pub(crate) fn columns() -> Vec<v1::ColumnSchema> {
    vec![
        v1::ColumnSchema {
            name: text("calls"),
            r#type: v1::ColumnType::Integer.into(),
            nullable: true,
        },
        v1::ColumnSchema {
            name: text("brand"),
            r#type: v1::ColumnType::Text.into(),
            nullable: true,
        },
    ]
}

pub(crate) fn quality_issue() -> v1::QualityIssue {
    v1::QualityIssue {
        code: text("missing_values"),
        blocking: false,
        column: text("calls"),
        message: text("120 values are missing"),
        rows: 120,
    }
}

pub(crate) fn quality_gate() -> v1::QualityGate {
    v1::QualityGate {
        passed: true,
        score: 0.97,
        threshold: 0.8,
        dimensions: numbers(&[("completeness", 0.99), ("validity", 1.0)]),
        issues: vec![quality_issue()],
    }
}

pub(crate) fn row_account() -> v1::RowAccount {
    v1::RowAccount {
        read: 20_000,
        removed: vec![v1::RowRemoval { reason: text("exclusion: age"), rows: 1000 }],
        kept: 19_000,
    }
}

pub(crate) fn prepared_data() -> v1::PreparedData {
    v1::PreparedData {
        train: Some(artifact('1', 11_400)),
        validation: Some(artifact('2', 3800)),
        test: Some(artifact('3', 2850)),
        hold_out: Some(artifact('4', 950)),
        columns: columns(),
        excluded_columns: vec![excluded()],
        profile: Some(artifact('5', 1)),
        quality_report: Some(artifact('6', 1)),
        quality_gate: Some(quality_gate()),
        cleaning_plan: Some(artifact('7', 1)),
        rows: Some(row_account()),
        source_sha256: digest('8'),
        classes: vec![
            v1::ClassCount { class: text("no"), rows: 15_000 },
            v1::ClassCount { class: text("yes"), rows: 4000 },
        ],
    }
}

pub(crate) fn feature() -> v1::FeatureSummary {
    v1::FeatureSummary {
        name: text("brand"),
        sources: texts(&["brand"]),
        transform: text("category"),
        categorical: true,
        categories: 5,
        relevance: 0.4,
    }
}

pub(crate) fn rejected_feature() -> v1::RejectedFeature {
    v1::RejectedFeature { name: text("hcp_id"), reason: text("identifier") }
}

pub(crate) fn feature_set() -> v1::FeatureSet {
    v1::FeatureSet {
        plan: Some(artifact('9', 1)),
        features: vec![feature()],
        rejected: vec![rejected_feature()],
        validation_gain: 0.01,
    }
}

pub(crate) fn parameter_range() -> v1::ParameterRange {
    v1::ParameterRange {
        name: text("learning_rate"),
        low: 0.01,
        high: 0.3,
        log: true,
        integer: true,
        default: 0.1,
    }
}

pub(crate) fn candidate() -> v1::Candidate {
    v1::Candidate {
        algorithm: text("gradient_boosting"),
        score: 0.86,
        score_std: 0.01,
        fit_seconds: 0.4,
        search_space: vec![parameter_range()],
        rationale: text("best mean score"),
        fold_scores: vec![0.85, 0.87],
    }
}

pub(crate) fn rejected_algorithm() -> v1::RejectedAlgorithm {
    v1::RejectedAlgorithm { algorithm: text("elastic_net"), reason: text("regression only") }
}

pub(crate) fn selection() -> v1::Selection {
    v1::Selection {
        candidates: vec![candidate()],
        baseline_score: 0.5,
        metric: text("roc_auc"),
        sample_rows: 5000,
        folds: 2,
        rejected: vec![rejected_algorithm()],
        seconds: 2.5,
        warm_starts: vec![warm_start()],
    }
}

pub(crate) fn warm_start() -> v1::WarmStart {
    v1::WarmStart {
        algorithm: text("gradient_boosting"),
        parameters: numbers(&[("num_leaves", 12.0)]),
        model: text("churn-kisqali"),
        version: 3,
        similarity: 0.75,
    }
}

pub(crate) fn fit_task() -> v1::FitTask {
    v1::FitTask {
        trial: 4,
        fold: 2,
        algorithm: text("gradient_boosting"),
        parameters: numbers(&[("num_leaves", 12.0)]),
    }
}

pub(crate) fn fit_record() -> v1::FitRecord {
    v1::FitRecord {
        task: Some(fit_task()),
        model_kind: text("lightgbm"),
        model: text("tree"),
        iterations: 120,
        importance: vec![0.25, 0.75],
        outputs: vec![0.1, 0.9],
        score: Some(0.88),
        seconds: 1.5,
        predict_seconds: 0.01,
    }
}

pub(crate) fn search_offer() -> v1::SearchOffer {
    v1::SearchOffer {
        search: text("0a1b-trainer-1"),
        digest: "d".repeat(64),
        handoff: Some(handoff()),
    }
}

pub(crate) fn input_effect() -> v1::InputEffect {
    v1::InputEffect {
        input: text("calls"),
        effect: 0.12,
        direction: text("rises"),
        points: vec![effect_point()],
    }
}

pub(crate) fn effect_point() -> v1::EffectPoint {
    v1::EffectPoint { value: text("12"), output: 0.4 }
}

pub(crate) fn interaction() -> v1::Interaction {
    v1::Interaction { first: text("calls"), second: text("brand"), strength: 0.3 }
}

pub(crate) fn segment_effects() -> v1::SegmentEffects {
    v1::SegmentEffects {
        column: text("brand"),
        value: text("Kisqali"),
        rows: 90,
        effects: vec![input_effect()],
    }
}

pub(crate) fn explanation() -> v1::Explanation {
    v1::Explanation {
        rows: 200,
        effects: vec![input_effect()],
        interactions: vec![interaction()],
        segments: vec![segment_effects()],
        summary: text("What changes the probability most: calls."),
    }
}

pub(crate) fn estimate() -> v1::MetricEstimate {
    v1::MetricEstimate { value: 0.87, low: 0.85, high: 0.89 }
}

pub(crate) fn criterion_result() -> v1::CriterionResult {
    v1::CriterionResult { criterion: Some(criterion()), value: 0.87, met: true }
}

pub(crate) fn trained_model() -> v1::TrainedModel {
    v1::TrainedModel {
        bundle: Some(artifact('a', 1)),
        algorithm: text("gradient_boosting"),
        parameters: numbers(&[("learning_rate", 0.05), ("leaves", 31.0)]),
        threshold: 0.35,
        validation_metrics: numbers(&[("roc_auc", 0.88)]),
        test_metrics: BTreeMap::from([(text("roc_auc"), estimate())]),
        baseline_metrics: numbers(&[("roc_auc", 0.5)]),
        criteria: vec![criterion_result()],
        trials: 40,
        search_seconds: 29.5,
        check_rows: Some(artifact('b', 50)),
        evaluation_rows: Some(artifact('9', 500)),
        feature_importance: numbers(&[("brand", 0.25), ("calls", 0.75)]),
        signature_inputs: columns(),
        classes: texts(&["no", "yes"]),
        problem_type: v1::ProblemType::Binary.into(),
        search_report: Some(artifact('c', 1)),
        drift_reference: Some(artifact('e', 1)),
        ensemble: vec![ensemble_member()],
        calibration: text("platt"),
        trained_rows: 19_000,
        judged_rows: 15_200,
        refitted: true,
        segments: vec![segment_metrics()],
        explanation: Some(explanation()),
    }
}

pub(crate) fn ensemble_member() -> v1::EnsembleMember {
    v1::EnsembleMember { trial: 3, algorithm: text("gradient_boosting"), weight: 1.0, models: 5 }
}

pub(crate) fn learning_curve() -> Vec<v1::LearningCurvePoint> {
    let point = |rows, score| v1::LearningCurvePoint { rows, score, score_std: 0.01 };
    vec![point(3800, 0.82), point(7600, 0.85), point(15_200, 0.88)]
}

pub(crate) fn segment_metrics() -> v1::SegmentMetrics {
    v1::SegmentMetrics {
        column: text("brand"),
        value: text("Kisqali"),
        rows: 700,
        metrics: numbers(&[("recall", 0.7), ("roc_auc", 0.86)]),
    }
}

pub(crate) fn trial_record() -> v1::TrialRecord {
    v1::TrialRecord {
        number: 3,
        algorithm: text("gradient_boosting"),
        parameters: numbers(&[("learning_rate", 0.05), ("leaves", 31.0)]),
        score: Some(0.88),
        iterations: 120,
        score_std: 0.01,
        fit_seconds: 4.5,
        predict_microseconds: 12.5,
        bytes: 250_000,
        log_loss: Some(0.31),
        fold_scores: vec![0.87, 0.89],
        pruned: true,
        weight: 1.0,
        profile: text("search"),
    }
}

pub(crate) fn search_report() -> v1::SearchReport {
    v1::SearchReport {
        metric: text("roc_auc"),
        trials: vec![trial_record()],
        best: 3,
        folds: 5,
        repeats: 2,
        ended_by: text("time_budget"),
        budget_seconds: 30.0,
        search_seconds: 29.5,
        refit_seconds: 1.5,
        ensemble: vec![ensemble_member()],
        calibration: text("platt"),
        learning_curve: learning_curve(),
    }
}

pub(crate) fn deployment() -> v1::Deployment {
    v1::Deployment {
        endpoint: text("churn"),
        model: text("churn"),
        version: 2,
        digest: digest('a'),
        previous_version: 1,
        strategy: v1::DeploymentStrategy::BlueGreen.into(),
        url: text("http://127.0.0.1:8080/v2/models/churn"),
        record_revision: 7,
        checked_rows: 50,
        max_difference: 1e-12,
        servers: texts(&["server-1"]),
        stage: v1::ModelStage::Production.into(),
        verdicts: vec![verdict()],
        shares: vec![share(2, 7_000), share(3, 3_000)],
    }
}

pub(crate) fn rollout_plan() -> v1::RolloutPlan {
    use v1::rollout_step::Step;
    let step = |step| v1::RolloutStep { step: Some(step) };
    v1::RolloutPlan {
        steps: vec![
            step(Step::SetWeight(5)),
            step(Step::Pause(pause())),
            step(Step::Analysis(analysis())),
        ],
        weight: 30,
        min_requests: 100,
        max_error_rate: 0.01,
        abort_error_rate: 0.05,
        max_p99_ms: 150.0,
        max_p99_ratio: 2.0,
        max_prediction_psi: 0.25,
        max_seconds: 3600.0,
        on_silence: v1::Silence::Replay.into(),
        metric: text("brier"),
        significance: 0.05,
        ensemble: v1::EnsembleMethod::Mean.into(),
    }
}

pub(crate) fn pause() -> v1::Pause {
    v1::Pause { seconds: 30.0 }
}

pub(crate) fn analysis() -> v1::Analysis {
    v1::Analysis {
        success_condition: text("error_rate <= 0.01"),
        failure_condition: text("error_rate > 0.05"),
        failure_limit: 1,
        inconclusive_limit: 2,
        interval_seconds: 10.0,
        count: 3,
    }
}

pub(crate) fn rollout_step() -> v1::RolloutStep {
    v1::RolloutStep { step: Some(v1::rollout_step::Step::SetWeight(25)) }
}

pub(crate) fn share(version: u32, weight: u32) -> v1::Share {
    v1::Share { version, weight, coefficient: 0.5 }
}

pub(crate) fn routing() -> v1::Routing {
    v1::Routing {
        mode: v1::RoutingMode::Sticky.into(),
        shares: vec![share(2, 7_000), share(3, 3_000)],
        shadows: vec![3],
        salt: text("run-1"),
        ensemble: v1::EnsembleMethod::Stacked.into(),
        intercept: -0.5,
        window: 4,
    }
}

pub(crate) fn verdict() -> v1::Verdict {
    v1::Verdict {
        at: wire(7),
        step: 2,
        result: v1::AnalysisResult::Successful.into(),
        reason: text("every gate is met"),
        evidence: numbers(&[("error_rate", 0.001), ("p99_ms", 2.5)]),
        version: 3,
    }
}

pub(crate) fn rollout() -> v1::Rollout {
    v1::Rollout {
        strategy: v1::DeploymentStrategy::Canary.into(),
        candidate: Some(deployed_version(3)),
        plan: Some(rollout_plan()),
        phase: v1::RolloutPhase::Progressing.into(),
        step: 2,
        started_at: wire(6),
        step_started_at: wire(7),
        measured_at: wire(8),
        message: text("waiting for requests"),
        verdicts: vec![verdict()],
        successes: 1,
        failures: 1,
        inconclusive: 1,
        p_value: 0.2,
    }
}

pub(crate) fn version_traffic() -> v1::VersionTraffic {
    v1::VersionTraffic {
        version: 3,
        requests: 100,
        errors: 1,
        fallbacks: 1,
        latency_counts: vec![0, 90, 9],
        prediction_counts: BTreeMap::from([(3, 9), (17, 90)]),
        labelled: 50,
        correct: 40,
        loss_sum: 8.5,
        loss_square_sum: 3.25,
        compared: 10,
        disagreed: 1,
        difference_sum: 0.5,
        difference_max: 0.25,
        breaker: v1::BreakerState::HalfOpen.into(),
    }
}

pub(crate) fn feedback() -> v1::Feedback {
    v1::Feedback {
        feedback_id: text("f-1"),
        endpoint: text("churn"),
        request_id: text("r-1"),
        outcomes: texts(&["yes", ""]),
        at: wire(9),
        entity_id: text("hcp-3"),
        observed_at: wire(8),
    }
}

pub(crate) fn alert() -> v1::Alert {
    v1::Alert {
        alert_id: text("a-1"),
        endpoint: text("churn"),
        version: 2,
        kind: v1::AlertKind::HighErrorRate.into(),
        severity: v1::AlertSeverity::Critical.into(),
        reason: text("7 per cent of the requests failed"),
        at: wire(9),
        raised_by: text("someone"),
        subject: text("error_rate"),
        value: 0.07,
        threshold: 0.05,
    }
}

pub(crate) fn alert_record() -> v1::AlertRecord {
    v1::AlertRecord {
        alert: Some(alert()),
        state: v1::AlertState::Resolved.into(),
        opened_at: wire(7),
        last_at: wire(9),
        occurrences: 3,
        acknowledged_at: wire(8),
        acknowledged_by: text("someone"),
        note: text("the load was unusual"),
        resolved_at: wire(10),
        resolved_by: text("observability-connector"),
        clear_checks: 3,
        sent: v1::AlertSeverity::Critical.into(),
    }
}

pub(crate) fn performance() -> v1::Performance {
    v1::Performance {
        endpoint: text("churn"),
        version: 2,
        at: wire(9),
        labelled: 500,
        metrics: BTreeMap::from([(text("roc_auc"), estimate())]),
        reference: BTreeMap::from([(text("roc_auc"), 0.88)]),
        estimated: BTreeMap::from([(text("accuracy"), estimate())]),
        estimated_rows: 1000,
        segments: vec![segment_performance()],
        first_at: wire(6),
        joined: 600,
        unmatched: 4,
        repeated_outcomes: 2,
    }
}

pub(crate) fn segment_performance() -> v1::SegmentPerformance {
    v1::SegmentPerformance {
        column: text("brand"),
        value: text("Kisqali"),
        rows: 200,
        metrics: BTreeMap::from([(text("accuracy"), 0.75)]),
    }
}

pub(crate) fn cause() -> v1::Cause {
    v1::Cause {
        alert_id: text("a-1"),
        endpoint: text("churn"),
        version: 2,
        run_id: text("run-1"),
        reason: text("3 of 12 columns have drifted"),
        batch_sha256: digest('f'),
    }
}

pub(crate) fn retraining_attempt() -> v1::RetrainingAttempt {
    v1::RetrainingAttempt {
        request_id: text("retrain-1"),
        state: v1::RetrainingState::Promoted.into(),
        cause: Some(cause()),
        batch: Some(artifact('f', 1000)),
        started_at: wire(10),
        ended_at: wire(90),
        run_id: text("run-2"),
        reason: text("version 3 was significantly better on the hold-out"),
        version: 3,
        seconds: 80.5,
        issues: vec![quality_issue()],
    }
}

pub(crate) fn retraining_record() -> v1::RetrainingRecord {
    v1::RetrainingRecord { endpoint: text("churn"), attempts: vec![retraining_attempt()] }
}

pub(crate) fn monitoring() -> v1::Monitoring {
    v1::Monitoring {
        monitor: text("churn"),
        version: 2,
        digest: digest('a'),
        reference_profile: Some(artifact('5', 1)),
        watched_columns: texts(&["calls", "brand"]),
        predictions_subject: text("tier0.v1.prediction.churn"),
    }
}

pub(crate) fn output(agent: Agent) -> Output {
    match agent {
        Agent::ScopeDefiner => Output::Scope(scope()),
        Agent::DataPreparer => Output::PreparedData(prepared_data()),
        Agent::FeatureAnalyzer => Output::FeatureSet(feature_set()),
        Agent::ModelSelector => Output::Selection(selection()),
        Agent::ModelTrainer => Output::TrainedModel(trained_model()),
        Agent::ModelDeployer => Output::Deployment(deployment()),
        Agent::ObservabilityConnector => Output::Monitoring(monitoring()),
    }
}

pub(crate) fn warning() -> v1::Warning {
    v1::Warning {
        code: text("criterion_missed"),
        message: text("recall is 0.61 where 0.65 was wanted"),
        agent: text("model-trainer"),
    }
}

pub(crate) fn run_id() -> RunId {
    RunId::new("run-1").unwrap()
}

pub(crate) fn finished(agent: Agent) -> Finished {
    let started = 10 * u64::try_from(agent.position()).unwrap();
    Finished {
        output: output(agent).try_into().unwrap(),
        status: HandoffStatus::Success,
        warnings: Vec::new(),
        agent_version: text("0.1.0"),
        replica: text("host-1"),
        started_at: at(started),
        elapsed: Duration::from_millis(1500),
        attempt: 1,
        reused_from: text("run-0"),
        input_digest: digest('e'),
    }
}

pub(crate) fn first() -> ValidHandoff {
    FirstHandoff {
        run_id: run_id(),
        epoch: 3,
        plan: Agent::ALL.to_vec(),
        deadline: Some(at(3600)),
        request: request(),
        outputs: Vec::new(),
        at: at(0),
    }
    .build()
    .unwrap()
}

/// The handoff that `agent` receives after all before it have finished.
pub(crate) fn to(agent: Agent) -> ValidHandoff {
    Agent::ALL
        .into_iter()
        .filter(|before| *before < agent)
        .fold(first(), |handoff, before| handoff.next(finished(before)).unwrap())
}

/// The handoff that `agent` sends when it has finished.
pub(crate) fn after(agent: Agent) -> ValidHandoff {
    to(agent).next(finished(agent)).unwrap()
}

/// The last handoff of a run.
pub(crate) fn result() -> ValidHandoff {
    after(Agent::ObservabilityConnector)
}

/// A handoff with every field set: that of a failed run (`failure` stands in no other).
pub(crate) fn handoff() -> v1::Handoff {
    let mut message: v1::Handoff = result().into_message();
    message.status = HandoffStatus::Failed.into();
    message.failure = Some(failure());
    message.warnings = vec![warning()];
    message.metadata = BTreeMap::from([(text("team"), text("oncology"))]);
    message.output_validated = true;
    message
}

pub(crate) fn stage_event() -> v1::StageEvent {
    v1::StageEvent {
        run_id: text("run-1"),
        epoch: 3,
        agent: text("model-trainer"),
        kind: v1::StageEventKind::Retrying.into(),
        attempt: 2,
        at: wire(5),
        replica: text("host-1"),
        failure: Some(failure()),
        progress: 0.5,
        detail: text("trial 20 of 40"),
    }
}

pub(crate) fn step_record() -> v1::StepRecord {
    v1::StepRecord {
        output: to(Agent::FeatureAnalyzer).outputs().last().cloned(),
        status: HandoffStatus::Partial.into(),
        warnings: vec![warning()],
        run_id: text("run-1"),
        epoch: 3,
        at: wire(6),
    }
}

pub(crate) fn dead_letter() -> v1::DeadLetter {
    v1::DeadLetter {
        id: text("TIER0:17"),
        agent: text("data-preparer"),
        subject: text("tier0.v1.handoff.data-preparer.run-1.3"),
        payload: pbjson_bytes(&[0, 1, 254, 255]),
        headers: BTreeMap::from([(text("Nats-Msg-Id"), text("run-1.3.data-preparer"))]),
        reason: Some(failure()),
        deliveries: 5,
        at: wire(6),
        truncated: true,
        run_id: text("run-1"),
    }
}

fn pbjson_bytes<T: From<Vec<u8>>>(bytes: &[u8]) -> T {
    bytes.to_vec().into()
}

pub(crate) fn deployed_version(version: u32) -> v1::DeployedVersion {
    v1::DeployedVersion {
        model: text("churn"),
        version,
        bundle: Some(artifact('a', 1)),
        run_id: text("run-1"),
    }
}

pub(crate) fn deployment_record() -> v1::DeploymentRecord {
    v1::DeploymentRecord {
        endpoint: text("churn"),
        live: Some(deployed_version(2)),
        green: Some(deployed_version(3)),
        previous: Some(deployed_version(1)),
        updated_at: wire(7),
        updated_by: text("model-deployer run-1"),
        members: vec![deployed_version(3)],
        routing: Some(routing()),
        rollout: Some(rollout()),
        reason: text("the canary takes 30 per cent"),
    }
}

pub(crate) fn load_failure() -> v1::LoadFailure {
    v1::LoadFailure { version: 3, reason: text("the bundle is damaged") }
}

pub(crate) fn server_report() -> v1::ServerReport {
    v1::ServerReport {
        server: text("server-1"),
        endpoint: text("churn"),
        url: text("http://127.0.0.1:8080"),
        live_version: 2,
        ready_versions: vec![1, 2],
        failures: vec![load_failure()],
        record_revision: 7,
        at: wire(8),
        grpc_url: text("http://127.0.0.1:8081"),
        traffic: vec![version_traffic()],
        window: 4,
    }
}

pub(crate) fn stage_transition() -> v1::StageTransition {
    v1::StageTransition {
        from: v1::ModelStage::Staging.into(),
        to: v1::ModelStage::Production.into(),
        at: wire(9),
        by: text("model-deployer"),
        reason: text("checked off-traffic"),
        code: text("check_mismatch"),
    }
}

pub(crate) fn model_version() -> v1::ModelVersion {
    v1::ModelVersion {
        model: text("churn"),
        version: 2,
        bundle: Some(artifact('a', 1)),
        stage: v1::ModelStage::Production.into(),
        run_id: text("run-1"),
        data_sha256: digest('8'),
        parent_version: 1,
        algorithm: text("gradient_boosting"),
        test_metrics: BTreeMap::from([(text("roc_auc"), estimate())]),
        created_at: wire(9),
        transitions: vec![stage_transition()],
        signature_inputs: columns(),
        problem_type: v1::ProblemType::Binary.into(),
        classes: texts(&["no", "yes"]),
        description: text("with the new columns"),
        tags: BTreeMap::from([(text("team"), text("risk"))]),
        notes: vec![note()],
        change: Some(record_change()),
    }
}

pub(crate) fn note() -> v1::Note {
    v1::Note { text: text("reviewed"), at: wire(10), by: text("ana") }
}

pub(crate) fn record_change() -> v1::RecordChange {
    v1::RecordChange {
        action: v1::RecordAction::Stage.into(),
        at: wire(9),
        by: text("model-deployer"),
        reason: text("checked off-traffic"),
    }
}

pub(crate) fn registered_model() -> v1::RegisteredModel {
    v1::RegisteredModel {
        model: text("churn"),
        latest_version: 2,
        production_version: 2,
        description: text("who leaves"),
        tags: BTreeMap::from([(text("team"), text("risk"))]),
        aliases: BTreeMap::from([(text("champion"), 2), (text("best"), 1)]),
        change: Some(record_change()),
        created_at: wire(8),
    }
}

pub(crate) fn version_claim() -> v1::VersionClaim {
    v1::VersionClaim {
        model: text("churn"),
        run_id: text("run-1"),
        first_version: 2,
        earlier_versions: vec![1],
    }
}

pub(crate) fn field_change() -> v1::FieldChange {
    v1::FieldChange { field: text("aliases.best"), before: text("1"), after: text("2") }
}

pub(crate) fn ledger_entry() -> v1::LedgerEntry {
    v1::LedgerEntry {
        bucket: text("TIER0_MODELS"),
        revision: 12,
        before_revision: 11,
        model: text("churn"),
        version: 2,
        endpoint: text("churn"),
        action: v1::RecordAction::Stage.into(),
        at: wire(9),
        by: text("model-deployer"),
        reason: text("checked off-traffic"),
        changes: vec![field_change()],
        deployment: Some(deployment_record()),
        registered_model: Some(registered_model()),
    }
}

pub(crate) fn monitor() -> v1::Monitor {
    v1::Monitor {
        endpoint: text("churn"),
        model: text("churn"),
        version: 2,
        digest: digest('a'),
        reference_profile: Some(artifact('5', 1)),
        run_id: text("run-1"),
        registered_at: wire(10),
        data_sha256: digest('8'),
        drift_reference: Some(artifact('e', 1)),
        problem_type: v1::ProblemType::Binary.into(),
        classes: texts(&["no", "yes"]),
        positive_class: text("yes"),
        target: text("churned"),
        metric: text("roc_auc"),
        test_metrics: BTreeMap::from([(text("roc_auc"), estimate())]),
        threshold: 0.5,
        signature_inputs: columns(),
    }
}

pub(crate) fn event_column() -> v1::EventColumn {
    v1::EventColumn {
        name: text("brand"),
        numbers: vec![0.25, 0.75],
        texts: texts(&["Kisqali", ""]),
        missing: vec![1],
    }
}

pub(crate) fn prediction_event() -> v1::PredictionEvent {
    v1::PredictionEvent {
        event_id: text("server-1.1"),
        endpoint: text("churn"),
        version: 2,
        digest: digest('a'),
        inputs: vec![v1::EventColumn { numbers: Vec::new(), ..event_column() }],
        outputs: vec![v1::EventColumn {
            name: text("probability_yes"),
            numbers: vec![0.25, 0.75],
            texts: Vec::new(),
            missing: Vec::new(),
        }],
        rows: 2,
        server: text("server-1"),
        answers: vec![v1::Answered { rows: 1, ..answered() }, answered_late()],
    }
}

pub(crate) fn answered() -> v1::Answered {
    v1::Answered {
        request_id: text("req-9"),
        at: wire(11),
        latency_ms: 1.25,
        rows: 1,
        first_row: 7,
        entity_ids: texts(&["hcp-3"]),
        traceparent: text("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    }
}

fn answered_late() -> v1::Answered {
    v1::Answered {
        request_id: text("req-10"),
        first_row: 0,
        entity_ids: Vec::new(),
        traceparent: String::new(),
        ..answered()
    }
}

pub(crate) fn monitor_counts() -> v1::MonitorCounts {
    v1::MonitorCounts {
        endpoint: text("churn"),
        events: 3,
        rows: 6,
        rows_by_version: BTreeMap::from([(1, 2), (2, 4)]),
        rows_by_prediction: BTreeMap::from([(text("no"), 5), (text("yes"), 1)]),
        missing_by_column: BTreeMap::from([(text("calls"), 2)]),
        unseen_by_column: BTreeMap::from([(text("brand"), 1)]),
        last_sequence: 99,
        latency_ms_sum: 3.75,
        answers: 5,
    }
}

pub(crate) fn scope_reply() -> v1::ScopeReply {
    v1::ScopeReply {
        accepted: true,
        run_id: text("run-1"),
        error: Some(failure()),
        stream: text("TIER0_REQUESTS"),
        seq: 12,
    }
}
