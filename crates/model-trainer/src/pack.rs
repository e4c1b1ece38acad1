//! The bundle and the rows that it is checked with.

use std::time::Duration;

use contracts::stages;
use scoring::{
    Bundle, BundleParts, CheckRows, EvaluationRows, Limits, Scorer, Signature, bundle,
    rows_to_table, table_to_rows,
};
use serde_json::json;
use statistics::reference::{PREDICTION, PROBABILITY, Reference, is_watched};
use tabular::{Column, ColumnType, Field, Table, parse::MissingMarkers, target};

use crate::output::output;
use crate::rows::evenly;
use crate::train::TrainingOutcome;
use crate::training_tables::TrainingTables;
use crate::{Error, card};

/// Outputs that differ by more are other outputs.
const TOLERANCE: f64 = 1e-9;
/// Most rows of the hold-out split that versions are compared on.
const MAX_HOLD_OUT_ROWS: usize = 5000;
/// Most values of them.
const MAX_HOLD_OUT_VALUES: usize = 500_000;

/// What is stored of a trained model.
#[derive(Debug, Clone)]
pub struct PackedModel {
    /// The bundle as a tar archive.
    pub bundle: Vec<u8>,
    /// The rows for the deployer's check: [`CheckRows`] as JSON.
    pub check_rows: Vec<u8>,
    /// Number of check rows.
    pub rows: usize,
    /// Rows of the hold-out split for comparisons of versions: [`EvaluationRows`] as JSON.
    pub evaluation_rows: Vec<u8>,
    /// Number of evaluation rows.
    pub held: u64,
    /// What a caller gives and gets.
    pub signature: Signature,
    /// What live windows are compared with, encoded ([`Reference`]).
    pub drift_reference: Vec<u8>,
    /// What is told of the model, without its artifacts.
    pub output: stages::TrainedModel,
}

/// Packs a model, reads it back, and checks that it gives the trainer's own outputs within the request's limits.
///
/// # Errors
/// Where a part is not sound, the outputs differ, or a limit of the request is not kept.
pub fn pack(
    material: &TrainingTables,
    scope: &stages::Scope,
    trained: &TrainingOutcome,
    profile: statistics::Profile,
    check_rows: usize,
    clock: &dyn Fn() -> Duration,
) -> Result<PackedModel, Error> {
    let signature = signature(material, scope, trained);
    let output = output(scope, trained, &signature);
    let parts = BundleParts {
        algorithm: output.algorithm.clone(),
        created_by: format!("tier0 model-trainer {}", env!("CARGO_PKG_VERSION")),
        model: trained.served.text.clone(),
        plan: material.plan.clone(),
        signature: signature.clone(),
        profile,
        metrics: metrics(trained),
        model_card: card::write(scope, &output, &signature, &trained.evaluation.calibration_curve),
    };
    let bytes = bundle::write(&parts)?;
    let limits = scope.constraints.unwrap_or_default();
    let found = bytes.len() as u64;
    if limits.max_model_bytes > 0 && found > limits.max_model_bytes {
        return Err(Error::TooLarge { found, limit: limits.max_model_bytes });
    }
    let scorer = Scorer::from_bundle(read(&bytes)?)?;
    let rows = checked_rows(material, trained, &scorer, check_rows)?;
    let sample = rows_to_table(&rows.fields, &rows.rows, &MissingMarkers::default())?;
    latency(&scorer, &sample, limits.max_latency_ms, clock)?;
    let check_rows = serde_json::to_vec(&rows).map_err(Error::Json)?;
    let held = evaluation_rows(&material.hold_out, scope)?;
    let drift_reference = drift_reference(material, &scorer)?.encode();
    Ok(PackedModel {
        bundle: bytes,
        check_rows,
        rows: rows.rows.len(),
        evaluation_rows: serde_json::to_vec(&held).map_err(Error::Json)?,
        held: held.rows.len() as u64,
        signature,
        drift_reference,
        output,
    })
}

/// What live windows are compared with: the inputs of the training split, and what the model says of the hold-out, which it has not seen.
fn drift_reference(material: &TrainingTables, scorer: &Scorer) -> Result<Reference, Error> {
    let inputs: Vec<String> = scorer.inputs().into_iter().map(|input| input.name).collect();
    let mut reference = Reference::default();
    reference.inputs.add_table(&material.train.select(&inputs)?);
    let predictions = scorer.score(&material.hold_out.select(&inputs)?)?;
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    let field =
        |name: String, column_type| Field { nullable: false, ..Field::new(name, column_type) };
    if predictions.classes.is_empty() {
        fields.push(field(PREDICTION.to_owned(), ColumnType::Number));
        columns.push(Column::Number(predictions.values));
    } else {
        fields.push(field(PREDICTION.to_owned(), ColumnType::Text));
        let labels = predictions.labels.iter().map(|label| Some(label.as_str()));
        columns.push(Column::Text(labels.collect()));
        let classes = predictions.classes.len();
        for (at, class) in predictions.classes.iter().enumerate() {
            fields.push(field(format!("{PROBABILITY}{class}"), ColumnType::Number));
            let values = predictions.probabilities.iter().skip(at).step_by(classes);
            columns.push(Column::Number(values.copied().collect()));
        }
    }
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let watched: Vec<String> = names
        .iter()
        .filter(|name| is_watched(&names, name))
        .map(|name| (*name).to_owned())
        .collect();
    reference.outputs.add_table(&Table::new(fields, columns)?.select(&watched)?);
    Ok(reference)
}

fn read(bytes: &[u8]) -> Result<Bundle, Error> {
    Ok(bundle::read(bytes, &Limits::default())?)
}

fn signature(
    material: &TrainingTables,
    scope: &stages::Scope,
    trained: &TrainingOutcome,
) -> Signature {
    Signature {
        inputs: material.plan.inputs(),
        problem_type: scope.problem_type,
        classes: scope.classes.clone(),
        positive_class: Some(scope.positive_class.clone()).filter(|class| !class.is_empty()),
        threshold: trained.evaluation.threshold,
        target: scope.target.clone(),
    }
}

fn metrics(trained: &TrainingOutcome) -> serde_json::Value {
    let evaluation = &trained.evaluation;
    json!({
        "threshold": evaluation.threshold,
        "validation": evaluation.validation,
        "test": evaluation.test,
        "baseline": evaluation.baseline.metrics,
        "calibration_curve": evaluation.calibration_curve,
        "parameters": trained.heaviest().map(|trial| &trial.parameters),
        "feature_importance": trained.importance,
    })
}

/// Rows of the hold-out split as a caller would send them, evenly over it, with their outcomes. All columns are there: a version that they are compared with may use others than this one.
fn evaluation_rows(hold_out: &Table, scope: &stages::Scope) -> Result<EvaluationRows, Error> {
    let is_input = |field: &&Field| field.name != scope.target;
    let fields: Vec<Field> = hold_out.fields().iter().filter(is_input).cloned().collect();
    let most = MAX_HOLD_OUT_ROWS.min(MAX_HOLD_OUT_VALUES / fields.len().max(1));
    let table = hold_out.take(&evenly(hold_out.rows(), most));
    let target = target::encode_with(&table, &scope.target, scope.problem_type, &scope.classes)?;
    Ok(EvaluationRows {
        rows: table_to_rows(&table, &fields)?,
        fields,
        classes: scope.classes.clone(),
        outcomes: target.values,
    })
}

/// Validation rows as a caller would send them, with the trainer's own outputs, once both ways gave the same.
fn checked_rows(
    material: &TrainingTables,
    trained: &TrainingOutcome,
    scorer: &Scorer,
    count: usize,
) -> Result<CheckRows, Error> {
    let fields = scorer.inputs();
    // Evenly over the split, so that rows of all kinds are among them.
    let table = material.validation.take(&evenly(material.validation.rows(), count));
    let features = scoring::transform(&material.plan, &table)?;
    let model = &trained.served.model;
    let own: Vec<Vec<f64>> = model
        .predict(&features)
        .chunks_exact(model.outputs().max(1))
        .map(<[f64]>::to_vec)
        .collect();
    let rows = table_to_rows(&table, &fields)?;
    let served = scorer.score(&rows_to_table(&fields, &rows, &MissingMarkers::default())?)?;
    let difference = own
        .iter()
        .enumerate()
        .flat_map(|(row, own)| own.iter().zip(served.outputs(row)))
        .map(|(own, served)| (own - served).abs())
        .fold(0.0, f64::max);
    if own.len() != served.rows || difference > TOLERANCE {
        return Err(Error::Skew { difference });
    }
    Ok(CheckRows { fields, rows, outputs: own })
}

/// Checks the time of one row, where the request limits it: the least of several rounds, so that other work on the
/// machine does not count.
fn latency(
    scorer: &Scorer,
    rows: &Table,
    limit: f64,
    clock: &dyn Fn() -> Duration,
) -> Result<(), Error> {
    const ROUNDS: usize = 5;
    if limit <= 0.0 || rows.rows() == 0 {
        return Ok(());
    }
    let mut found = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = clock();
        for row in 0..rows.rows() {
            scorer.score(&rows.take(&[row]))?;
        }
        let seconds = clock().saturating_sub(start).as_secs_f64();
        found = found.min(seconds * 1e3 / rows.rows() as f64);
    }
    if found > limit { Err(Error::TooSlow { found, limit }) } else { Ok(()) }
}
