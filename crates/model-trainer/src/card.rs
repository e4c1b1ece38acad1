//! The model card: Markdown with front matter as Hugging Face has it.
//!
//! The front matter is what `huggingface_hub.ModelCard` reads: `model-index` with a result for each metric of the test split.
//! YAML 1.1 takes `1e-5` for a text and `1.0e-5` for a number, so numbers are written with a point and a signed exponent.
//!
//! The card holds no time and no run, so that the same training gives the same card.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use contracts::learning::threshold;
use contracts::stages;
use scoring::Signature;

use crate::evaluate::CalibrationPoint;

/// Features that are named by importance.
const MAX_FEATURES: usize = 10;
/// Columns left out that are named one by one.
const MAX_EXCLUDED: usize = 30;
/// Segments that are shown.
const MAX_SHOWN_SEGMENTS: usize = 100;

/// Writes the card of a model by what its training tells of it.
pub(crate) fn write(
    scope: &stages::Scope,
    model: &stages::TrainedModel,
    signature: &Signature,
    curve: &[CalibrationPoint],
) -> String {
    let mut card = front_matter(scope, model);
    // Writing to a String cannot fail.
    let _ = write!(
        card,
        "# {}\n\nPredicts {} with {}.\n\n{}\n",
        scope.name,
        question(scope, signature),
        made_of(model),
        rows(model)
    );
    section(&mut card, "Intended use", &intended_use(scope));
    section(&mut card, "Limits", &limits(scope, model));
    section(&mut card, "Metrics on the test split", &metrics(model));
    section(&mut card, "Segments of the test split", &segments(model));
    section(&mut card, "Decision threshold", &decision(scope, signature));
    section(&mut card, "Calibration", &calibration(model, curve));
    section(&mut card, "Ensemble", &ensemble(model));
    section(&mut card, "Training", &training(scope, model));
    let parameters = model.parameters.iter().map(|(name, value)| [cell(name), value.to_string()]);
    section(&mut card, "Hyperparameters", &table(["name", "value"], parameters));
    section(&mut card, "What predictions depend on", &explanation(model));
    section(&mut card, "What each input contributes (SHAP)", &contributions(model));
    section(&mut card, "Features by importance", &importance(model));
    let inputs = signature.inputs.iter();
    let inputs = inputs.map(|field| [cell(&field.name), field.column_type.to_string()]);
    section(&mut card, "Inputs", &table(["column", "type"], inputs));
    card
}

/// A section, where there is something to say.
fn section(card: &mut String, title: &str, text: &str) {
    if !text.is_empty() {
        let _ = write!(card, "\n## {title}\n\n{}\n", text.trim_end());
    }
}

/// The YAML between the dashes. JSON is YAML, so that names need no further care.
fn front_matter(scope: &stages::Scope, model: &stages::TrainedModel) -> String {
    let task = match scope.problem_type {
        stages::ProblemType::Regression => "tabular-regression",
        _ => "tabular-classification",
    };
    let members = model.ensemble.iter().map(|member| member.algorithm.as_str());
    let algorithms: BTreeSet<&str> = members.chain([model.algorithm.as_str()]).collect();
    let tags = ["tabular"].into_iter().chain(algorithms).map(quoted);
    let names = model.test_metrics.keys().map(|name| quoted(name));
    let results = model.test_metrics.iter().map(|(name, of)| {
        format!("{{\"type\": {0}, \"name\": {0}, \"value\": {1}}}", quoted(name), number(of.value))
    });
    let (name, results) = (quoted(&scope.name), listed(results));
    format!(
        "---\nlibrary_name: tier0\npipeline_tag: {task}\ntags: [{}]\nmetrics: [{}]\nmodel-index: \
         [{{\"name\": {name}, \"results\": [{{\"task\": {{\"type\": \"{task}\"}}, \
         \"dataset\": {{\"type\": \"tabular\", \"name\": {name}, \"split\": \"test\"}}, \
         \"metrics\": [{results}]}}]}}]\n---\n\n",
        listed(tags),
        listed(names)
    )
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A number that YAML 1.1 reads as one, whatever its size.
fn number(value: f64) -> String {
    let text = format!("{value:?}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    let point = if digits.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format!("{digits}{point}e{sign}{exponent}")
}

fn listed(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// The target in words: the number, or the class with all classes.
fn question(scope: &stages::Scope, signature: &Signature) -> String {
    let target = code(&scope.target);
    match scope.problem_type {
        stages::ProblemType::Regression => format!("the number {target}"),
        _ => {
            let classes = listed(signature.classes.iter().map(|class| code(class)));
            format!("the class of {target} ({classes})")
        }
    }
}

/// The model in words: its algorithm, or the size of its ensemble.
fn made_of(model: &stages::TrainedModel) -> String {
    let models: u64 = model.ensemble.iter().map(|member| u64::from(member.models)).sum();
    match model.ensemble.as_slice() {
        [] => code(&model.algorithm),
        members => format!("an ensemble of {models} models of {} recipes", members.len()),
    }
}

/// Which rows the served model learned from, and whose metrics are told.
fn rows(model: &stages::TrainedModel) -> String {
    let (trained, judged) = (model.trained_rows, model.judged_rows);
    let of =
        |rows: u64| if rows > 0 { format!("{rows} rows") } else { "the training rows".to_owned() };
    let differ = model.ensemble.iter().any(|member| member.trained_rows < trained);
    let fewer = if differ { ", some of its members from fewer" } else { "" };
    if model.refitted {
        format!(
            "It learned from {}{fewer}: the recipe of the judged model was fitted again after the judgement. Every metric below is \
             that of the judged model, which learned from {} and had not seen the test rows.",
            of(trained),
            of(judged)
        )
    } else {
        format!(
            "It learned from {} and is the judged model itself: every metric below is its own, on test rows that it had not seen.",
            of(if trained > 0 { trained } else { judged })
        )
    }
}

fn intended_use(scope: &stages::Scope) -> String {
    let mut lines = Vec::new();
    let population: Vec<String> = scope
        .inclusion
        .iter()
        .map(predicate)
        .chain(scope.exclusion.iter().map(|exclusion| format!("not ({})", predicate(exclusion))))
        .collect();
    lines.push(if population.is_empty() {
        "- For rows like those of the table that it was trained on, with the inputs below."
            .to_owned()
    } else {
        format!(
            "- For rows of the population that it was trained on ({}), with the inputs below.",
            population.join(" and ")
        )
    });
    if !scope.prediction_horizon.is_empty() {
        lines.push(format!("- Horizon: {}.", line(&scope.prediction_horizon)));
    }
    if !scope.entity_column.is_empty() {
        lines.push(format!("- One row is about one {}.", code(&scope.entity_column)));
    }
    if scope.problem_type == stages::ProblemType::Regression && scope.loss == "quantile" {
        lines.push(format!(
            "- It predicts the {} quantile: the target is below the prediction in that share of rows like these, not on average.",
            scope.quantile
        ));
    }
    lines.join("\n")
}

fn predicate(predicate: &stages::Predicate) -> String {
    use stages::Operator;
    let operator = match predicate.operator {
        Operator::Equal => "=",
        Operator::NotEqual => "≠",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => "≥",
        Operator::Less => "<",
        Operator::LessOrEqual => "≤",
        Operator::In => "in",
        Operator::NotIn => "not in",
        Operator::Between => "between",
        Operator::Contains => "contains",
    };
    let values = listed(predicate.values.iter().map(|value| code(value)));
    format!("{} {operator} {values}", code(&predicate.column))
}

fn limits(scope: &stages::Scope, model: &stages::TrainedModel) -> String {
    let mut lines = Vec::new();
    if let Some(of) = model.test_metrics.get(&scope.metric) {
        lines.push(format!(
            "- {} is known to lie between {:.4} and {:.4} with a confidence of 95 %, by the number of test rows.",
            code(&scope.metric),
            of.low,
            of.high
        ));
    }
    for result in model.criteria.iter().filter(|result| !result.met) {
        let criterion = &result.criterion;
        lines.push(format!(
            "- {} is {:.4} and misses its target of {}.",
            code(&criterion.metric),
            result.value,
            criterion.threshold
        ));
    }
    lines.extend(spread(scope, model));
    let named: Vec<String> = scope
        .excluded_columns
        .iter()
        .take(MAX_EXCLUDED)
        .map(|out| format!("{} ({})", code(&out.column), line(&out.reason)))
        .collect();
    if !named.is_empty() {
        let more = scope.excluded_columns.len() - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        lines.push(format!("- It does not use {}{more}.", named.join(", ")));
    }
    if scope.problem_type != stages::ProblemType::Regression {
        lines.push("- A class that is not named above is never predicted.".to_owned());
    }
    lines.join("\n")
}

/// Between which segments of a column the metric of the scope differs most.
fn spread(scope: &stages::Scope, model: &stages::TrainedModel) -> Vec<String> {
    let columns: BTreeSet<&str> = model.segments.iter().map(|of| of.column.as_str()).collect();
    let line = |column: &str| {
        let measured = model.segments.iter().filter(|of| of.column == column);
        let measured = measured.filter_map(|of| Some((of.metrics.get(&scope.metric)?, of)));
        let measured: Vec<(&f64, &stages::SegmentMetrics)> = measured.collect();
        let least = measured.iter().min_by(|a, b| a.0.total_cmp(b.0))?;
        let greatest = measured.iter().max_by(|a, b| a.0.total_cmp(b.0))?;
        let at = |of: &(&f64, &stages::SegmentMetrics)| {
            format!("{:.4} where it is {} ({} test rows)", of.0, value(&of.1.value), of.1.rows)
        };
        (least.1.value != greatest.1.value).then(|| {
            format!(
                "- {} differs with {}: {}, {}.",
                code(&scope.metric),
                code(column),
                at(least),
                at(greatest)
            )
        })
    };
    columns.into_iter().filter_map(line).collect()
}

fn metrics(model: &stages::TrainedModel) -> String {
    let rows = model.test_metrics.iter().map(|(name, of)| {
        let baseline = model.baseline_metrics.get(name);
        [
            cell(name),
            format!("{:.4}", of.value),
            format!("{:.4} to {:.4}", of.low, of.high),
            baseline.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}")),
        ]
    });
    table(["metric", "value", "95 % interval", "baseline"], rows)
}

fn segments(model: &stages::TrainedModel) -> String {
    if model.segments.is_empty() {
        return String::new();
    }
    let names: BTreeSet<&str> = model
        .segments
        .iter()
        .flat_map(|segment| segment.metrics.keys().map(String::as_str))
        .collect();
    let head: Vec<String> =
        ["column", "value", "rows"].into_iter().chain(names.iter().copied()).map(cell).collect();
    let mut text = format!("|{}|\n|{}\n", head.join("|"), "---|".repeat(head.len()));
    for segment in model.segments.iter().take(MAX_SHOWN_SEGMENTS) {
        let metrics = names.iter().map(|name| {
            segment.metrics.get(*name).map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"))
        });
        let row: Vec<String> =
            [cell(&segment.column), cell(&value(&segment.value)), segment.rows.to_string()]
                .into_iter()
                .chain(metrics)
                .collect();
        let _ = writeln!(text, "|{}|", row.join("|"));
    }
    let more = model.segments.len().saturating_sub(MAX_SHOWN_SEGMENTS);
    if more > 0 {
        let _ = write!(text, "\n{more} more segments are left out here.\n");
    }
    text
}

/// A segment's value as text.
fn value(value: &str) -> String {
    if value.is_empty() { "missing".to_owned() } else { code(value) }
}

/// From where on a row is positive, and what that was chosen for.
fn decision(scope: &stages::Scope, signature: &Signature) -> String {
    let (Some(at), Some(positive)) = (signature.threshold, &signature.positive_class) else {
        return String::new();
    };
    let chosen = scope.threshold.as_ref().map_or_else(
        || "the greatest F1".to_owned(),
        |objective| match objective.metric.as_str() {
            threshold::F_BETA => {
                format!(
                    "the greatest F-beta, recall counting {} times as much as precision",
                    objective.beta
                )
            }
            threshold::COST => format!(
                "the least cost, a false {} costing {} and a missed one {}",
                code(positive),
                objective.false_positive_cost,
                objective.false_negative_cost
            ),
            threshold::PRECISION_AT_K => {
                format!("the greatest precision among the {} most probable rows", objective.k)
            }
            threshold::MCC => "the greatest Matthews correlation".to_owned(),
            threshold::ACCURACY => "the greatest accuracy".to_owned(),
            _ => "the greatest F1".to_owned(),
        },
    );
    format!(
        "A row is labelled {} from a probability of {at:.4} on. The threshold was chosen for {chosen}, on rows that the model did not learn from.",
        code(positive)
    )
}

/// How its probabilities are made, and how often what was predicted came true on test rows.
fn calibration(model: &stages::TrainedModel, curve: &[CalibrationPoint]) -> String {
    let made = match model.calibration.as_str() {
        "platt" => {
            "A logistic function of the score (Platt) makes its probabilities, fitted on rows that the model did not learn from."
        }
        "temperature" => {
            "One temperature scales its scores before they become probabilities, fitted on rows that the model did not learn from."
        }
        "isotonic" => {
            "A rising step function (isotonic regression) makes its probabilities, fitted on rows that the model did not learn from."
        }
        "none" => "Its probabilities are those of the algorithm; no calibration was better.",
        _ => "",
    };
    let rows = curve.iter().map(|bin| {
        [format!("{:.4}", bin.predicted), format!("{:.4}", bin.observed), bin.rows.to_string()]
    });
    let table = table(["mean probability", "share that was positive", "test rows"], rows);
    let parts = [made.to_owned(), table].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n")
}

fn ensemble(model: &stages::TrainedModel) -> String {
    if model.ensemble.is_empty() {
        return String::new();
    }
    let rows = model.ensemble.iter().map(|member| {
        [
            member.trial.to_string(),
            cell(&member.algorithm),
            format!("{:.4}", member.weight),
            member.models.to_string(),
            if member.trained_rows > 0 {
                member.trained_rows.to_string()
            } else {
                "–".to_owned()
            },
        ]
    });
    let table = table(["trial", "algorithm", "weight", "models", "rows learned from"], rows);
    format!("The prediction is the weighted mean of its members'.\n\n{table}")
}

/// What the request said of how it is to learn.
fn training(scope: &stages::Scope, model: &stages::TrainedModel) -> String {
    let mut lines = vec![format!(
        "- Chosen by {} among {} trials, seed {}.",
        code(&scope.metric),
        model.trials,
        scope.seed
    )];
    if !scope.loss.is_empty() {
        lines.push(format!("- Loss: {}.", code(&scope.loss)));
    }
    if !scope.weight_column.is_empty() {
        lines.push(format!(
            "- Each row counts as much as its {} says, in fits and in metrics.",
            code(&scope.weight_column)
        ));
    }
    if scope.balance_classes {
        lines.push("- Each class counts as much as any other, however rare it is.".to_owned());
    }
    for constraint in &scope.monotone_constraints {
        let way = match constraint.direction {
            stages::MonotoneDirection::Decreasing => "falls",
            stages::MonotoneDirection::Increasing => "rises",
        };
        lines.push(format!("- The prediction only {way} with {}.", code(&constraint.column)));
    }
    lines.join("\n")
}

/// What predictions depend on, in words and numbers.
fn explanation(model: &stages::TrainedModel) -> String {
    let Some(explanation) = &model.explanation else { return String::new() };
    let effects = explanation.effects.iter().map(|of| {
        let points = of.points.iter().map(|point| format!("{}: {:.4}", point.value, point.output));
        [cell(&of.input), format!("{:.4}", of.effect), cell(&listed(points))]
    });
    let pairs = explanation
        .interactions
        .iter()
        .map(|pair| [cell(&pair.first), cell(&pair.second), format!("{:.2}", pair.strength)]);
    let segments = explanation.segments.iter().map(|segment| {
        let effects = segment.effects.iter().map(|of| format!("{}: {:.4}", of.input, of.effect));
        [cell(&segment.column), cell(&segment.value), cell(&listed(effects))]
    });
    let tables = [
        table(["input", "mean change", "mean prediction by value"], effects),
        table(["input", "with", "interaction"], pairs),
        table(["segment", "value", "mean change by input"], segments),
    ];
    let summary = line(&explanation.summary);
    let parts = [summary].into_iter().chain(tables).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n")
}

/// By how much each input moves the margins of held-out rows, and how that goes with its values.
///
/// Values of personal inputs come here without what they are ([`crate::effects`]).
fn contributions(model: &stages::TrainedModel) -> String {
    let Some(explanation) = &model.explanation else { return String::new() };
    let rows = explanation.contributions.iter().map(|of| {
        let cells = of.cells.iter().map(|cell| {
            let value = if cell.value.is_empty() { "missing" } else { &cell.value };
            format!("{value}: {:+.4}", cell.mean)
        });
        [cell(&of.input), format!("{:.4}", of.mean_absolute), cell(&listed(cells))]
    });
    let table = table(["input", "mean size", "mean contribution by value"], rows);
    if table.is_empty() {
        return table;
    }
    let (margin, sizes) = match model.problem_type {
        stages::ProblemType::Binary => ("the log-odds of the positive class", ""),
        stages::ProblemType::Multiclass => {
            ("the score of the first class", ", and the mean size is over all classes")
        }
        stages::ProblemType::Regression => ("the predicted number", ""),
    };
    format!(
        "Shapley values on {} rows that the model was not fitted on: by how much an input moves {margin} of a row away from that \
         of all rows together{sizes}.\n\n{table}",
        explanation.contribution_rows
    )
}

fn importance(model: &stages::TrainedModel) -> String {
    let mut features: Vec<(&String, &f64)> = model.feature_importance.iter().collect();
    features.sort_by(|left, right| right.1.total_cmp(left.1).then_with(|| left.0.cmp(right.0)));
    let rows = features.into_iter().take(MAX_FEATURES);
    table(["feature", "share"], rows.map(|(name, share)| [cell(name), format!("{share:.4}")]))
}

/// A table; nothing where it has no rows.
fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut text = String::new();
    for row in rows {
        let _ = writeln!(text, "|{}|", row.join("|"));
    }
    if text.is_empty() {
        return text;
    }
    format!("|{}|\n|{}\n{text}", head.join("|"), "---|".repeat(N))
}

/// A name as the cell of a table.
fn cell(name: &str) -> String {
    line(name).replace('|', "\\|")
}

/// A text on one line.
fn line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

/// A name or a value as it stands, with a fence that it does not contain.
fn code(text: &str) -> String {
    let text = line(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests;
