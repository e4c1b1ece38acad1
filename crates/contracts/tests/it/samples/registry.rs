//! Models, versions and the entries of their ledger.

use super::*;

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
