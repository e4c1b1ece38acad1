//! The model card: Markdown with front matter as Hugging Face has it.

use std::fmt::Write as _;

use contracts::v1;
use scoring::Signature;
use serde_json::json;

/// Features that are named by importance.
const MOST_FEATURES: usize = 10;

/// Writes the card. It holds no time and no run, so that the same training gives the same card.
pub(crate) fn write(
    scope: &v1::Scope,
    trained: &v1::TrainedModel,
    signature: &Signature,
) -> String {
    let mut card = String::from("---\n");
    card.push_str(&front_matter(scope, trained, signature));
    card.push_str("---\n\n");
    // Writing to a String cannot fail.
    let _ = write!(
        card,
        "# {}\n\nPredicts `{}` ({}) with `{}`, trained on {} rows.\n\n",
        scope.name, scope.target, signature.problem_type, trained.algorithm, trained.trained_rows
    );
    if !scope.prediction_horizon.is_empty() {
        let _ = write!(card, "Horizon: {}.\n\n", scope.prediction_horizon);
    }
    if let (Some(threshold), Some(positive)) = (signature.threshold, &signature.positive_class) {
        let _ = write!(
            card,
            "A row is labelled `{positive}` from a probability of {threshold:.4} on.\n\n"
        );
    }
    card.push_str("## Metrics on the test split\n\n|metric|value|95 % interval|baseline|\n|---|---|---|---|\n");
    for (name, of) in sorted(&trained.test_metrics) {
        let baseline = trained
            .baseline_metrics
            .get(&name)
            .map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"));
        let _ =
            writeln!(card, "|{name}|{:.4}|{:.4} to {:.4}|{baseline}|", of.value, of.low, of.high);
    }
    card.push_str("\n## Hyperparameters\n\n|name|value|\n|---|---|\n");
    for (name, value) in sorted(&trained.parameters) {
        let _ = writeln!(card, "|{name}|{value}|");
    }
    card.push_str("\n## Features by importance\n\n|feature|share|\n|---|---|\n");
    let mut features: Vec<(&String, &f64)> = trained.feature_importance.iter().collect();
    features.sort_by(|left, right| right.1.total_cmp(left.1).then_with(|| left.0.cmp(right.0)));
    for (name, share) in features.into_iter().take(MOST_FEATURES) {
        let _ = writeln!(card, "|{}|{share:.4}|", cell(name));
    }
    card.push_str("\n## Inputs\n\n|column|type|\n|---|---|\n");
    for field in &signature.inputs {
        let _ = writeln!(card, "|{}|{}|", cell(&field.name), field.column_type);
    }
    card
}

fn front_matter(scope: &v1::Scope, trained: &v1::TrainedModel, signature: &Signature) -> String {
    let regression = signature.classes.is_empty();
    let task = if regression { "tabular-regression" } else { "tabular-classification" };
    let metrics: Vec<_> = sorted(&trained.test_metrics)
        .into_iter()
        .map(|(name, of)| json!({"type": name, "name": name, "value": of.value}))
        .collect();
    let index = json!([{
        "name": scope.name,
        "results": [{
            "task": {"type": task},
            "dataset": {"type": "tabular", "name": scope.name, "split": "test"},
            "metrics": metrics,
        }],
    }]);
    // JSON is YAML, so names need no further care.
    format!(
        "library_name: tier0\npipeline_tag: {task}\ntags: [\"tabular\", \"{}\"]\nmodel-index: {index}\n",
        trained.algorithm
    )
}

/// A name as the cell of a table.
fn cell(name: &str) -> String {
    name.replace('|', "\\|").replace(['\n', '\r'], " ")
}

/// The entries of a map by their names.
fn sorted<V>(
    map: &(impl IntoIterator<Item = (String, V)> + Clone),
) -> std::collections::BTreeMap<String, V> {
    map.clone().into_iter().collect()
}
