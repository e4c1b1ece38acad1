//! What is asked for: requests, scopes and what they are made of.

use super::*;

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
        csv: Some(csv_dialect()),
        query: text("SELECT * FROM churn"),
    }
}

pub(crate) fn csv_dialect() -> v1::CsvDialect {
    v1::CsvDialect {
        delimiter: text(";"),
        quote: text("'"),
        decimal: text(","),
        thousands: text("."),
        no_header: true,
        comment: text("#"),
        skip_lines: 3,
        encoding: text("windows-1252"),
        date_order: text("day"),
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
        drop_duplicates: true,
        allow_leakage: texts(&["brand"]),
        min_quality_score: Some(0.5),
        strict_criteria: true,
        missing_markers: texts(&["-", "unknown"]),
        data_format: v1::DataFormat::Csv.into(),
        csv: Some(csv_dialect()),
        checks: Some(data_checks()),
        cleaning: Some(cleaning_rules()),
        windows: vec![cohort_window()],
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
        drop_duplicates: true,
        allow_leakage: texts(&["brand"]),
        min_quality_score: Some(0.5),
        gate_on_baseline: true,
        checks: Some(data_checks()),
        cleaning: Some(cleaning_rules()),
        windows: vec![cohort_window()],
    }
}

/// Every field set, which no request may say: a suite is at a place or in the message.
pub(crate) fn complete_data_checks() -> v1::DataChecks {
    v1::DataChecks { suite: text("{\"expectations\": []}"), ..data_checks() }
}

pub(crate) fn data_checks() -> v1::DataChecks {
    v1::DataChecks {
        suite_uri: text("file:///data/suite.json"),
        suite: String::new(),
        rules: vec![
            v1::IntegrityRule {
                unique: texts(&["hcp_id", "month"]),
                ..named_rule("one_row_a_month")
            },
            v1::IntegrityRule { reference: Some(table_reference()), ..named_rule("known_brand") },
            v1::IntegrityRule {
                expression: text("total = calls * price"),
                tolerance: 0.01,
                ..named_rule("total")
            },
        ],
    }
}

fn named_rule(name: &str) -> v1::IntegrityRule {
    v1::IntegrityRule { name: text(name), warns: true, ..v1::IntegrityRule::default() }
}

/// Every field set, which no request may say: a rule is of one kind.
pub(crate) fn complete_rule() -> v1::IntegrityRule {
    v1::IntegrityRule {
        unique: texts(&["hcp_id"]),
        reference: Some(table_reference()),
        expression: text("calls >= 0"),
        tolerance: 0.5,
        ..named_rule("rule")
    }
}

pub(crate) fn table_reference() -> v1::TableReference {
    v1::TableReference {
        columns: texts(&["brand"]),
        uri: text("file:///data/brands.csv"),
        key: texts(&["name"]),
    }
}

pub(crate) fn value_rules() -> v1::ValueRules {
    v1::ValueRules {
        missing: v1::MissingRule::Constant.into(),
        constant: text("none"),
        missing_indicator: true,
        outliers: v1::OutlierRule::Iqr.into(),
        treatment: v1::OutlierTreatment::Null.into(),
        limit: 2.5,
    }
}

pub(crate) fn column_rules() -> v1::ColumnRules {
    v1::ColumnRules { column: text("calls"), rules: Some(value_rules()) }
}

pub(crate) fn cleaning_rules() -> v1::CleaningRules {
    v1::CleaningRules { all: Some(value_rules()), columns: vec![column_rules()] }
}

pub(crate) fn cohort_window() -> v1::CohortWindow {
    v1::CohortWindow {
        index_column: text("month"),
        start_column: text("enrolled"),
        end_column: text("observed_until"),
        look_back_days: 180.0,
        follow_up_days: 90.5,
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
