//! The schema itself, read from `proto/`, and every message of it by name.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use prost_types::{DescriptorProto, EnumDescriptorProto};

/// The messages and enumerations of `tier0.v1`.
pub(crate) struct Schema {
    pub(crate) messages: Vec<DescriptorProto>,
    pub(crate) enumerations: Vec<EnumDescriptorProto>,
}

pub(crate) static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let mut files: Vec<PathBuf> = std::fs::read_dir(root.join("tier0/v1"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "proto"))
        .collect();
    files.sort();
    let set = protox::compile(&files, [&root]).unwrap();
    let ours: Vec<_> = set.file.into_iter().filter(|file| file.package() == "tier0.v1").collect();
    Schema {
        messages: ours.iter().flat_map(|file| file.message_type.clone()).collect(),
        enumerations: ours.into_iter().flat_map(|file| file.enum_type).collect(),
    }
});

/// Calls `$act!(name, sample)` for every message, so that each test covers all of them.
macro_rules! every_message {
    ($act:ident) => {{
        #[allow(unused_imports, reason = "a test may want the names alone")]
        use crate::samples::*;
        $act!(Alert, alert());
        $act!(AlertRecord, alert_record());
        $act!(Analysis, analysis());
        $act!(Answered, answered());
        $act!(ArtifactRef, artifact('1', 10));
        $act!(Candidate, candidate());
        $act!(Cause, cause());
        $act!(ClassCount, prepared_data().classes[1].clone());
        $act!(ColumnSchema, columns()[0].clone());
        $act!(Constraints, constraints());
        $act!(Criterion, criterion());
        $act!(CriterionResult, criterion_result());
        $act!(CsvDialect, csv_dialect());
        $act!(DataSource, source());
        $act!(DeadLetter, dead_letter());
        $act!(DeployedVersion, deployed_version(2));
        $act!(Deployment, deployment());
        $act!(DeploymentRecord, deployment_record());
        $act!(EffectPoint, effect_point());
        $act!(EnsembleMember, ensemble_member());
        $act!(EventColumn, event_column());
        $act!(ExcludedColumn, excluded());
        $act!(Explanation, explanation());
        $act!(Failure, failure());
        $act!(FeatureSet, feature_set());
        $act!(FeatureSummary, feature());
        $act!(FieldChange, field_change());
        $act!(Feedback, feedback());
        $act!(FitRecord, fit_record());
        $act!(FitTask, fit_task());
        $act!(Handoff, handoff());
        $act!(InputEffect, input_effect());
        $act!(Interaction, interaction());
        $act!(LedgerEntry, ledger_entry());
        $act!(LearningCurvePoint, learning_curve()[0]);
        $act!(LoadFailure, load_failure());
        $act!(MetricEstimate, estimate());
        $act!(ModelVersion, model_version());
        $act!(Monitor, monitor());
        $act!(MonitorCounts, monitor_counts());
        $act!(Monitoring, monitoring());
        $act!(MonotoneConstraint, monotone_constraint());
        $act!(Note, note());
        $act!(ParameterRange, parameter_range());
        $act!(Pause, pause());
        $act!(Performance, performance());
        $act!(Plan, handoff().plan.unwrap());
        $act!(Predicate, predicate());
        $act!(PredictionEvent, prediction_event());
        $act!(PreparedData, prepared_data());
        $act!(QualityGate, quality_gate());
        $act!(QualityIssue, contracts::v1::QualityIssue { blocking: true, ..quality_issue() });
        $act!(RecordChange, record_change());
        $act!(RegisteredModel, registered_model());
        $act!(RejectedAlgorithm, rejected_algorithm());
        $act!(RejectedFeature, rejected_feature());
        $act!(RetrainingAttempt, retraining_attempt());
        $act!(RetrainingRecord, retraining_record());
        $act!(Rollout, rollout());
        $act!(RolloutPlan, rollout_plan());
        $act!(RolloutStep, rollout_step());
        $act!(Routing, routing());
        $act!(RowAccount, row_account());
        $act!(RowRemoval, row_account().removed[0].clone());
        $act!(Scope, complete_scope());
        $act!(ScopeReply, scope_reply());
        $act!(ScopeRequest, complete_request());
        $act!(SearchOffer, search_offer());
        $act!(SearchReport, search_report());
        $act!(SegmentEffects, segment_effects());
        $act!(SegmentMetrics, segment_metrics());
        $act!(SegmentPerformance, segment_performance());
        $act!(Selection, selection());
        $act!(ServerReport, server_report());
        $act!(Share, share(2, 10_000));
        $act!(StageEvent, stage_event());
        $act!(StageOutput, handoff().outputs[0].clone());
        $act!(StageTransition, stage_transition());
        $act!(StepRecord, step_record());
        $act!(ThresholdObjective, threshold_objective());
        $act!(TrainedModel, trained_model());
        $act!(TrialRecord, trial_record());
        $act!(VersionClaim, version_claim());
        $act!(Verdict, verdict());
        $act!(VersionTraffic, version_traffic());
        $act!(WarmStart, warm_start());
        $act!(Warning, warning());
    }};
}
pub(crate) use every_message;
