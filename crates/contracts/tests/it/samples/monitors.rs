//! Prediction events, outcomes, monitors, alerts and retrainings.

use super::*;

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
        run_id: text("run-1"),
        findings: vec![quality_issue()],
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
        time_column: text("predicted_at"),
    }
}

pub(crate) fn retraining_record() -> v1::RetrainingRecord {
    v1::RetrainingRecord { endpoint: text("churn"), attempts: vec![retraining_attempt()] }
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
