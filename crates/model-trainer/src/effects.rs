//! What predictions depend on: what happens to them where an input takes other values.
//!
//! Everything is measured on predictions alone, so that it holds for any model, ensembles included, and on the raw inputs,
//! so that features that are made of one input move together.
//!
//! - *Effect*: the mean absolute change of a prediction where the input takes the values of other rows.
//! - *Points*: partial dependence (Friedman, "Greedy Function Approximation", 2001).
//! - *Contribution*: the part of a margin that an input has (Shapley values; [`contributions`]).
//! - *Interaction*: H (Friedman and Popescu, "Predictive Learning via Rule Ensembles", 2008), on a grid of points.

mod contributions;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use contracts::learning::DIRECTIONS;
use contracts::stages;
use scoring::Model;
use tabular::association::pearson;
use tabular::{Column, Field, Table, TextColumn, parse};

use crate::Error;
use crate::rows::evenly;
use crate::segments::{GroupNames, MIN_ROWS, is_personal, segments};
use crate::training_tables::TrainingTables;

/// Most inputs that are looked at.
const MAX_INPUTS: usize = 8;
/// Most inputs whose pairs are looked at.
const MAX_PAIRED: usize = 3;
/// Most points of an input.
const MAX_POINTS: usize = 8;
/// Most points of each of two inputs.
const MAX_PAIR_POINTS: usize = 4;
/// Test rows that are changed, at most and at least.
const ROWS: (usize, usize) = (200, 20);
/// Trees that are walked through at most, so that a large model is looked at on fewer rows.
const MAX_WALKS: usize = 10_000_000;
/// Most bytes of a level.
const MAX_LEVEL: usize = 64;
/// Rows that are predicted of a large model.
pub(crate) const MAX_PREDICTIONS: usize = ROWS.1
    * (MAX_INPUTS * MAX_POINTS
        + MAX_PAIRED * (MAX_PAIRED - 1) / 2 * MAX_PAIR_POINTS * MAX_PAIR_POINTS);
/// An interaction is named from here on.
const NOTABLE: f64 = 0.1;
/// Inputs whose correlation is greater say much the same.
const CORRELATED: f64 = 0.8;
/// Changes against the direction that do not count, as a share of the whole range.
const RIPPLE: f64 = 0.05;

/// A value that an input may take.
struct Point {
    name: String,
    value: Value,
    /// Its share of the training rows.
    share: f64,
}

enum Value {
    Number(f64),
    Level(String),
}

/// An input with the values that it is given.
struct VariedInput {
    field: Field,
    points: Vec<Point>,
}

/// Predictions of the rows with an input at each of its points: point after point, each with all rows.
struct VariedPredictions {
    input: VariedInput,
    outputs: Vec<Vec<f64>>,
}

/// What a model's predictions depend on; nothing where it uses no input.
///
/// # Errors
/// Where rows cannot be changed or predicted.
pub(crate) fn measure(
    material: &TrainingTables,
    scope: &stages::Scope,
    model: &Model,
    importance: &BTreeMap<String, f64>,
) -> Result<Option<stages::Explanation>, Error> {
    let world = EffectContext::new(material, scope, model);
    let mut changed = Vec::new();
    for field in world.inputs(importance) {
        let mut points = points(material.train.column(&field.name), &field, MAX_POINTS);
        if is_personal(material, &field.name) {
            // What a model says of its values is told, and not the values.
            for (point, number) in points.iter_mut().zip(1..) {
                point.name = format!("value {number}");
            }
        }
        if points.len() < 2 {
            continue;
        }
        let outputs = points
            .iter()
            .map(|point| world.predicted(&[(&field, point)]))
            .collect::<Result<_, _>>()?;
        changed.push(VariedPredictions { input: VariedInput { field, points }, outputs });
    }
    if changed.is_empty() {
        return Ok(None);
    }
    let before = world.predicted(&[])?;
    let by_row: Vec<Vec<f64>> =
        changed.iter().map(|changed| world.changes(changed, &before)).collect();
    let all: Vec<usize> = (0..world.rows.rows()).collect();
    let mut order: Vec<usize> = (0..changed.len()).collect();
    let size = |place: &usize| by_row.get(*place).map_or(0.0, |changes| mean(changes, &all));
    order.sort_by(|left, right| size(right).total_cmp(&size(left)).then(left.cmp(right)));
    let ordered: Vec<(&VariedPredictions, &[f64])> = order
        .iter()
        .filter_map(|&place| Some((changed.get(place)?, by_row.get(place)?.as_slice())))
        .collect();
    let effects: Vec<stages::InputEffect> = ordered
        .iter()
        .map(|(changed, changes)| world.effect(changed, mean(changes, &all)))
        .collect();
    let interactions = world.interactions(&ordered)?;
    let segments = world.segments(scope, &ordered);
    let summary = summary(scope, &effects, &interactions, &correlated(material, &effects));
    let rows = world.rows.rows() as u64;
    let contributions::Contributions { inputs, rows: contribution_rows } =
        contributions::measure(material, model)?;
    Ok(Some(stages::Explanation {
        rows,
        effects,
        interactions,
        segments,
        summary,
        contributions: inputs,
        contribution_rows,
    }))
}

/// The model with the rows that are changed.
struct EffectContext<'a> {
    material: &'a TrainingTables,
    model: &'a Model,
    rows: Table,
    /// Places of the rows in the test split.
    places: Vec<usize>,
    /// Which outputs of a row are looked at.
    outputs: Outputs,
}

#[derive(Clone, Copy, PartialEq)]
enum Outputs {
    /// The number, or the probability of the positive class: the last output.
    One,
    /// The probabilities of all classes.
    All,
}

impl<'a> EffectContext<'a> {
    fn new(material: &'a TrainingTables, scope: &stages::Scope, model: &'a Model) -> Self {
        let walks = trees(model) * MAX_PREDICTIONS / ROWS.1;
        let rows = (MAX_WALKS / walks.max(1)).clamp(ROWS.1, ROWS.0).min(material.test.rows());
        let places = evenly(material.test.rows(), rows);
        let outputs = match scope.problem_type {
            tabular::ProblemType::Multiclass => Outputs::All,
            _ => Outputs::One,
        };
        Self { material, model, rows: material.test.take(&places), places, outputs }
    }

    /// The inputs that the model makes most of.
    fn inputs(&self, importance: &BTreeMap<String, f64>) -> Vec<Field> {
        let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
        for feature in &self.material.plan.features {
            let inputs = feature.transform.inputs();
            let share = importance.get(&feature.name).copied().unwrap_or(0.0);
            for input in &inputs {
                *shares.entry(input).or_default() += share / inputs.len() as f64;
            }
        }
        let mut fields = self.material.plan.inputs();
        let share = |field: &Field| shares.get(field.name.as_str()).copied().unwrap_or(0.0);
        fields.retain(|field| share(field) > 0.0);
        fields.sort_by(|left, right| {
            share(right).total_cmp(&share(left)).then_with(|| left.name.cmp(&right.name))
        });
        fields.truncate(MAX_INPUTS);
        fields
    }

    /// The outputs that are looked at, row after row, where inputs have these values in all rows.
    fn predicted(&self, with: &[(&Field, &Point)]) -> Result<Vec<f64>, Error> {
        let mut table = self.rows.clone();
        for (field, point) in with {
            let rows = table.rows();
            let column = match &point.value {
                Value::Number(value) => Column::Number(vec![*value; rows]),
                Value::Level(level) => {
                    let all = std::iter::repeat_n(Some(level.as_str()), rows);
                    Column::Text(all.collect::<TextColumn>())
                }
            };
            table = table.with_column((*field).clone(), column)?;
        }
        let features = scoring::transform(&self.material.plan, &table)?;
        let predicted = self.model.predict(&features);
        Ok(match self.outputs {
            Outputs::All => predicted,
            Outputs::One => {
                let width = self.model.outputs().max(1);
                predicted.into_iter().skip(width - 1).step_by(width).collect()
            }
        })
    }

    fn width(&self) -> usize {
        if self.outputs == Outputs::All { self.model.outputs().max(1) } else { 1 }
    }

    /// How much each row's prediction changes on average over the points. Of several classes what one gains the others
    /// lose, so half of all changes counts.
    fn changes(&self, changed: &VariedPredictions, before: &[f64]) -> Vec<f64> {
        let width = self.width();
        let scale = if width > 1 { 0.5 } else { 1.0 };
        let mut changes = vec![0.0; before.len() / width];
        for (point, outputs) in changed.input.points.iter().zip(&changed.outputs) {
            let rows = outputs.chunks_exact(width).zip(before.chunks_exact(width));
            for (change, (after, before)) in changes.iter_mut().zip(rows) {
                let moved: f64 = after.iter().zip(before).map(|(a, b)| (a - b).abs()).sum();
                *change += point.share * scale * moved;
            }
        }
        changes
    }

    fn effect(&self, changed: &VariedPredictions, effect: f64) -> stages::InputEffect {
        let width = self.width();
        let dependence: Vec<f64> = changed
            .outputs
            .iter()
            .map(|outputs| {
                let first: Vec<f64> = outputs.iter().step_by(width).copied().collect();
                first.iter().sum::<f64>() / first.len().max(1) as f64
            })
            .collect();
        let ordered =
            changed.input.points.iter().all(|point| matches!(point.value, Value::Number(_)));
        let direction =
            if ordered && width == 1 { direction(&dependence).to_owned() } else { String::new() };
        let points = changed.input.points.iter().zip(dependence);
        stages::InputEffect {
            input: changed.input.field.name.clone(),
            effect,
            direction,
            points: points
                .map(|(point, output)| stages::EffectPoint { value: point.name.clone(), output })
                .collect(),
        }
    }

    fn interactions(
        &self,
        ordered: &[(&VariedPredictions, &[f64])],
    ) -> Result<Vec<stages::Interaction>, Error> {
        let paired: Vec<VariedInput> = ordered
            .iter()
            .take(MAX_PAIRED)
            .map(|(changed, _)| {
                let field = changed.input.field.clone();
                let column = self.material.train.column(&field.name);
                VariedInput { points: points(column, &field, MAX_PAIR_POINTS), field }
            })
            .filter(|input| input.points.len() > 1)
            .collect();
        let mut found = Vec::new();
        for (place, first) in paired.iter().enumerate() {
            for second in paired.iter().skip(place + 1) {
                found.push(stages::Interaction {
                    first: first.field.name.clone(),
                    second: second.field.name.clone(),
                    strength: self.interaction(first, second)?,
                });
            }
        }
        found.sort_by(|left, right| right.strength.total_cmp(&left.strength));
        Ok(found)
    }

    /// H: the share of the variance of what two inputs do together that is not the sum of what each does.
    fn interaction(&self, first: &VariedInput, second: &VariedInput) -> Result<f64, Error> {
        let width = self.width();
        let mean_output = |outputs: &[f64]| -> Vec<f64> {
            let mut sums = vec![0.0; width];
            for row in outputs.chunks_exact(width) {
                sums.iter_mut().zip(row).for_each(|(sum, output)| *sum += output);
            }
            let rows = (outputs.len() / width).max(1) as f64;
            sums.into_iter().map(|sum| sum / rows).collect()
        };
        // The mean prediction at each pair of points.
        let mut joint: Vec<Vec<Vec<f64>>> = Vec::new();
        for one in &first.points {
            let mut of_first = Vec::new();
            for other in &second.points {
                let outputs = self.predicted(&[(&first.field, one), (&second.field, other)])?;
                of_first.push(mean_output(&outputs));
            }
            joint.push(of_first);
        }
        let shares = |input: &VariedInput| -> Vec<f64> {
            let all: f64 = input.points.iter().map(|point| point.share).sum();
            input.points.iter().map(|point| point.share / all).collect()
        };
        let (rows, columns) = (shares(first), shares(second));
        let (mut apart, mut whole) = (0.0, 0.0);
        for output in 0..width {
            let at = |row: usize, column: usize| {
                let cell = joint.get(row).and_then(|of| of.get(column));
                cell.and_then(|cell| cell.get(output)).copied().unwrap_or(0.0)
            };
            let row_mean = |row: usize| -> f64 {
                columns.iter().enumerate().map(|(column, share)| share * at(row, column)).sum()
            };
            let column_mean = |column: usize| -> f64 {
                rows.iter().enumerate().map(|(row, share)| share * at(row, column)).sum()
            };
            let overall: f64 =
                rows.iter().enumerate().map(|(row, share)| share * row_mean(row)).sum();
            for (row, row_share) in rows.iter().enumerate() {
                for (column, column_share) in columns.iter().enumerate() {
                    let share = row_share * column_share;
                    let together = at(row, column) - overall;
                    let sum = row_mean(row) + column_mean(column) - 2.0 * overall;
                    apart += share * (together - sum) * (together - sum);
                    whole += share * together * together;
                }
            }
        }
        let strength = if whole > 0.0 { (apart / whole).sqrt() } else { 0.0 };
        Ok(if strength.is_finite() { strength.clamp(0.0, 1.0) } else { 0.0 })
    }

    fn segments(
        &self,
        scope: &stages::Scope,
        ordered: &[(&VariedPredictions, &[f64])],
    ) -> Vec<stages::SegmentEffects> {
        let mut all = Vec::new();
        for name in &scope.group_columns {
            let Some(column) = self.material.test.column(name) else { continue };
            let names = GroupNames::of(self.material, name);
            for (value, rows) in segments(&column.take(&self.places)) {
                if rows.len() < MIN_ROWS {
                    continue;
                }
                let effect =
                    |(changed, changes): &(&VariedPredictions, &[f64])| stages::InputEffect {
                        input: changed.input.field.name.clone(),
                        effect: mean(changes, &rows),
                        ..stages::InputEffect::default()
                    };
                let mut effects: Vec<stages::InputEffect> = ordered.iter().map(effect).collect();
                effects.sort_by(|left, right| right.effect.total_cmp(&left.effect));
                let (column, value, rows) = (name.clone(), names.told(value), rows.len() as u64);
                all.push(stages::SegmentEffects { column, value, rows, effects });
            }
        }
        all
    }
}

/// Trees of a model, all members together.
fn trees(model: &Model) -> usize {
    match model {
        Model::Ensemble(ensemble) => {
            ensemble.members().iter().map(|member| trees(&member.model)).sum()
        }
        other => other.trees().map_or(1, scoring::TreeModel::trees),
    }
}

fn mean(values: &[f64], rows: &[usize]) -> f64 {
    let sum: f64 = rows.iter().filter_map(|&row| values.get(row)).sum();
    sum / rows.len().max(1) as f64
}

/// The values that an input is given, with their shares: quantiles of a number, the most frequent levels of a text.
fn points(column: Option<&Column>, field: &Field, most: usize) -> Vec<Point> {
    match column {
        Some(Column::Number(values)) => {
            let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
            sorted.sort_by(f64::total_cmp);
            let mut distinct = sorted.clone();
            distinct.dedup();
            let point = |value: f64, share: f64| Point {
                name: parse::format(value, field.column_type),
                value: Value::Number(value),
                share,
            };
            if distinct.len() <= most {
                let count = |value: f64| sorted.iter().filter(|other| **other == value).count();
                let share = |value: f64| count(value) as f64 / sorted.len() as f64;
                return distinct.iter().map(|&value| point(value, share(value))).collect();
            }
            let at = |place: usize| {
                sorted.get((2 * place + 1) * sorted.len() / (2 * most)).copied().unwrap_or(0.0)
            };
            // A value that several quantiles fall on has the share of all of them.
            let mut points: Vec<Point> = Vec::with_capacity(most);
            for value in (0..most).map(at) {
                match points.last_mut() {
                    Some(Point { value: Value::Number(last), share, .. }) if *last == value => {
                        *share += 1.0 / most as f64;
                    }
                    _ => points.push(point(value, 1.0 / most as f64)),
                }
            }
            points
        }
        Some(Column::Text(text)) => {
            let (counts, _) = text.counts();
            let mut levels: Vec<(&String, u64)> = text.levels().iter().zip(counts).collect();
            levels.retain(|(level, count)| *count > 0 && level.len() <= MAX_LEVEL);
            levels.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(right.0)));
            levels.truncate(most);
            let all: u64 = levels.iter().map(|(_, count)| count).sum();
            let point = |(level, count): (&String, u64)| Point {
                name: level.clone(),
                value: Value::Level(level.clone()),
                share: count as f64 / all.max(1) as f64,
            };
            levels.into_iter().map(point).collect()
        }
        None => Vec::new(),
    }
}

/// Whether values rise, fall, or do both.
fn direction(values: &[f64]) -> &'static str {
    let [rises, falls, varies] = DIRECTIONS;
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let ripple = RIPPLE * (high - low);
    let steps = || values.iter().zip(values.iter().skip(1)).map(|(one, next)| next - one);
    if high <= low {
        varies
    } else if steps().all(|step| step >= -ripple) {
        rises
    } else if steps().all(|step| step <= ripple) {
        falls
    } else {
        varies
    }
}

/// Pairs of numbers among the inputs that say much the same.
fn correlated(material: &TrainingTables, effects: &[stages::InputEffect]) -> Vec<(String, String)> {
    let numbers: Vec<(&str, &[f64])> = effects
        .iter()
        .filter_map(|of| Some((of.input.as_str(), material.train.column(&of.input)?.numbers()?)))
        .collect();
    let mut pairs = Vec::new();
    for (place, (first, one)) in numbers.iter().enumerate() {
        for (second, other) in numbers.iter().skip(place + 1) {
            if pearson(one, other).is_some_and(|correlation| correlation.abs() >= CORRELATED) {
                pairs.push(((*first).to_owned(), (*second).to_owned()));
            }
        }
    }
    pairs
}

/// All of it in words.
fn summary(
    scope: &stages::Scope,
    effects: &[stages::InputEffect],
    interactions: &[stages::Interaction],
    correlated: &[(String, String)],
) -> String {
    /// Inputs and pairs that are named.
    const NAMED: usize = 3;
    let what = match scope.problem_type {
        tabular::ProblemType::Binary => {
            format!("the probability that {} is {}", scope.target, scope.positive_class)
        }
        tabular::ProblemType::Multiclass => format!("the class of {}", scope.target),
        tabular::ProblemType::Regression => format!("the predicted {}", scope.target),
    };
    let mut text = String::new();
    let named: Vec<String> = effects
        .iter()
        .take(NAMED)
        .map(|of| format!("{} (by {} on average)", of.input, rounded(of.effect)))
        .collect();
    // Writing to a String cannot fail.
    let _ = write!(text, "What changes {what} most: {}.", named.join(", "));
    for of in effects.iter().take(NAMED) {
        let by_output = |one: &&stages::EffectPoint, other: &&stages::EffectPoint| {
            one.output.total_cmp(&other.output)
        };
        let ends = (of.points.iter().min_by(by_output), of.points.iter().max_by(by_output));
        let (Some(low), Some(high)) = ends else { continue };
        if scope.problem_type == tabular::ProblemType::Multiclass {
            continue;
        }
        let goes = match of.direction.as_str() {
            "rises" => format!("It rises with {}", of.input),
            "falls" => format!("It falls with {}", of.input),
            _ => format!("By {}", of.input),
        };
        let _ = write!(
            text,
            " {goes}: on average {} at {}, {} at {}.",
            rounded(low.output),
            low.value,
            rounded(high.output),
            high.value
        );
    }
    for pair in interactions.iter().filter(|pair| pair.strength >= NOTABLE).take(NAMED) {
        let _ = write!(
            text,
            " {} and {} act together (interaction {:.2}): what one does depends on the other.",
            pair.first, pair.second, pair.strength
        );
    }
    text.push_str(
        " Be careful: this is what the model does on rows like the test rows, not what causes what; an input is changed alone, \
         whatever the others are, so some combinations may be ones that no row has.",
    );
    for (first, second) in correlated.iter().take(NAMED) {
        let _ = write!(text, " {first} and {second} go together, so they share what they tell.");
    }
    text
}

/// Three digits that count.
fn rounded(value: f64) -> String {
    let digits = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    let decimals = (2.0 - digits).clamp(0.0, 6.0);
    format!("{value:.*}", decimals as usize)
}

#[cfg(test)]
mod tests;
