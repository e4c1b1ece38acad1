//! What the stages put out after the scope.

use super::*;

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
        validation_result: Some(artifact('0', 1)),
        split_method: v1::SplitMethod::Stratified.into(),
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

pub(crate) fn input_contribution() -> v1::InputContribution {
    v1::InputContribution {
        input: text("calls"),
        mean_absolute: 0.4,
        cells: vec![contribution_cell()],
    }
}

pub(crate) fn contribution_cell() -> v1::ContributionCell {
    v1::ContributionCell { value: text("12"), rows: 37, low: -0.3, mean: -0.1, high: 0.2 }
}

pub(crate) fn explanation() -> v1::Explanation {
    v1::Explanation {
        rows: 200,
        effects: vec![input_effect()],
        interactions: vec![interaction()],
        segments: vec![segment_effects()],
        summary: text("What changes the probability most: calls."),
        contributions: vec![input_contribution()],
        contribution_rows: 300,
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
    v1::EnsembleMember {
        trial: 3,
        algorithm: text("gradient_boosting"),
        weight: 1.0,
        models: 5,
        trained_rows: 950_000,
    }
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
