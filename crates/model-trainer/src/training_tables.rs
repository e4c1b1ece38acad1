//! From tables to examples: which rows are learned from together, with which weights, and how they are divided.

use contracts::stages;
use learners::{Examples, Fold, FoldPlan, Loss, Task, grouped_folds};
use scoring::FeatureEncoder;
use tabular::metrics::Metric;
use tabular::plan::Transform;
use tabular::{Column, FeaturePlan, Table, split};

use crate::Error;
use crate::streamed_splits::{StreamedRows, StreamedSplits};

/// What is trained on: the rows that were read of the splits, and what each is for.
#[derive(Debug, Clone)]
pub struct TrainingTables {
    /// How columns become features.
    pub plan: FeaturePlan,
    /// Training split, on which models are fitted.
    pub train: Table,
    /// To learn from and to decide by, together with the training split.
    pub validation: Table,
    /// To judge by, once.
    pub test: Table,
    /// For comparisons with other versions, later.
    pub hold_out: Table,
    /// How many fits judge a configuration.
    pub folds: FoldPlan,
    /// Places in training and validation, one after the other, that the search looks at; ascending.
    pub search: Vec<usize>,
    /// Places in training, validation and test, one after the other, that the refit learns from in memory; ascending.
    pub refit: Vec<usize>,
    /// What a refit may learn from besides; none where all rows are in memory.
    pub streamed: Option<StreamedSplits>,
    /// Rows that training and validation have.
    pub learn_rows: usize,
    /// Rows that the test split has.
    pub test_rows: usize,
}

impl TrainingTables {
    /// The rows of several splits, one after the other.
    ///
    /// # Errors
    /// Where a split does not have the plan's columns or the target's classes, or a weight is missing or negative.
    pub fn examples(
        &self,
        scope: &stages::Scope,
        task: Task,
        splits: &[&Table],
    ) -> Result<Examples, Error> {
        let mut all: Option<Examples> = None;
        for table in splits {
            let mut of =
                Examples::of_table(&self.plan, table, task.problem, &scope.target, &scope.classes)?;
            of.weights = weights(scope, table)?;
            all = Some(match all {
                Some(before) => before.followed_by(of),
                None => of,
            });
        }
        let mut all = all.ok_or(learners::Error::Empty)?;
        all.monotone = self.monotone(scope);
        if scope.balance_classes && task.problem.is_classification() {
            balance(&mut all, task.classes);
        }
        Ok(all)
    }

    /// Rows behind those of the refit that are in memory, so that both are `rows` many, for `threads` threads to read; none where
    /// there are no others.
    ///
    /// # Errors
    /// Where the weights of a split cannot be read, or one is missing or negative.
    pub fn streamed_rows(
        &self,
        scope: &stages::Scope,
        task: Task,
        in_memory: &Examples,
        rows: usize,
        threads: usize,
    ) -> Result<Option<StreamedRows>, Error> {
        let Some(streamed) = &self.streamed else { return Ok(None) };
        let balanced = scope.balance_classes && task.problem.is_classification();
        let factors =
            if balanced { Some(self.class_factors(scope, task, in_memory)?) } else { None };
        let encoder = FeatureEncoder::new(&self.plan)?;
        streamed.behind(encoder, scope, task, rows, factors.as_deref(), threads).map(Some)
    }

    /// What a row of each class counts in the refit's examples, over its own weight.
    fn class_factors(
        &self,
        scope: &stages::Scope,
        task: Task,
        in_memory: &Examples,
    ) -> Result<Vec<f64>, Error> {
        let mut own = Vec::new();
        for table in [&self.train, &self.validation, &self.test] {
            own.extend(weights(scope, table)?.unwrap_or_else(|| vec![1.0; table.rows()]));
        }
        let mut factors = vec![1.0; task.classes];
        let balanced = in_memory.weights.iter().flatten();
        for ((place, class), weight) in self.refit.iter().zip(&in_memory.target).zip(balanced) {
            let own = own.get(*place).copied().unwrap_or(1.0);
            if let Some(factor) = factors.get_mut(*class as usize)
                && own > 0.0
            {
                *factor = weight / own;
            }
        }
        Ok(factors)
    }

    /// The direction of each feature; empty where there is none.
    fn monotone(&self, scope: &stages::Scope) -> Vec<i8> {
        if scope.monotone_constraints.is_empty() {
            return Vec::new();
        }
        let direction = |transform: &Transform| {
            let Transform::Identity { input } = transform else { return 0 };
            let constraint = scope.monotone_constraints.iter().find(|of| of.column == *input);
            match constraint.map(|of| of.direction) {
                Some(stages::MonotoneDirection::Increasing) => 1,
                Some(stages::MonotoneDirection::Decreasing) => -1,
                None => 0,
            }
        };
        self.plan.features.iter().map(|feature| direction(&feature.transform)).collect()
    }

    /// The rows at these places of several splits, one after the other.
    ///
    /// # Errors
    /// As [`TrainingTables::examples`].
    pub fn examples_at(
        &self,
        scope: &stages::Scope,
        task: Task,
        splits: &[&Table],
        places: &[usize],
    ) -> Result<Examples, Error> {
        let all = self.examples(scope, task, splits)?;
        Ok(if places.len() < all.rows() { all.take(places) } else { all })
    }

    /// The folds of the rows that the search looks at: none holds an entity, or a time, that another learns from.
    ///
    /// # Errors
    /// Where there are too few rows.
    pub fn folds(
        &self,
        scope: &stages::Scope,
        task: Task,
        searched: &Examples,
    ) -> Result<Vec<Fold>, Error> {
        let (plan, seed) = (self.folds, scope.seed);
        match scope.split_method {
            Some(stages::SplitMethod::Time) => {
                let train = self.search.partition_point(|place| *place < self.train.rows());
                Ok(vec![Fold {
                    train: (0..train).collect(),
                    held_out: (train..searched.rows()).collect(),
                }])
            }
            Some(stages::SplitMethod::Entity) => {
                Ok(grouped_folds(&self.searched_entities(scope)?, plan, seed)?)
            }
            // Rows whose entities repeat are split by them although that was not asked for: the splits have the column then.
            _ if self.train.column(&scope.entity_column).is_some() => {
                let grouped = grouped_folds(&self.searched_entities(scope)?, plan, seed);
                Ok(grouped.or_else(|_| plan.stratified(task, &searched.target, seed))?)
            }
            _ => Ok(plan.stratified(task, &searched.target, seed)?),
        }
    }

    /// Keys of the entities of the rows that the search looks at.
    fn searched_entities(&self, scope: &stages::Scope) -> Result<Vec<u64>, Error> {
        let keys = entity_keys(&self.train, &self.validation, &scope.entity_column)?;
        Ok(self.search.iter().filter_map(|&place| keys.get(place).copied()).collect())
    }
}

/// Keys of the entities of two tables, one after the other.
pub(crate) fn entity_keys(
    train: &Table,
    validation: &Table,
    entity: &str,
) -> Result<Vec<u64>, Error> {
    let column = |table: &Table| {
        table.column(entity).cloned().ok_or_else(|| Error::Column { column: entity.to_owned() })
    };
    let both = match (column(train)?, column(validation)?) {
        (Column::Number(mut first), Column::Number(second)) => {
            first.extend(second);
            Column::Number(first)
        }
        (first, second) => {
            let texts = |column: &Column| -> Vec<Option<String>> {
                match column {
                    Column::Text(text) => text.iter().map(|of| of.map(str::to_owned)).collect(),
                    Column::Number(values) => values
                        .iter()
                        .map(|value| (!value.is_nan()).then(|| value.to_string()))
                        .collect(),
                }
            };
            let all: Vec<Option<String>> =
                texts(&first).into_iter().chain(texts(&second)).collect();
            Column::Text(all.iter().map(Option::as_deref).collect())
        }
    };
    Ok(split::entity_keys(&both))
}

/// The weights of a table's rows; none where the scope has no weight column.
pub(crate) fn weights(scope: &stages::Scope, table: &Table) -> Result<Option<Vec<f64>>, Error> {
    if scope.weight_column.is_empty() {
        return Ok(None);
    }
    let column = scope.weight_column.as_str();
    let values = table.column(column).and_then(Column::numbers).ok_or_else(|| Error::Weights {
        column: column.to_owned(),
        what: "is not a column of numbers",
        rows: table.rows(),
    })?;
    let wrong = values.iter().filter(|value| !value.is_finite() || **value < 0.0).count();
    if wrong > 0 {
        let what = "is missing, negative or not finite";
        return Err(Error::Weights { column: column.to_owned(), what, rows: wrong });
    }
    Ok(Some(values.to_vec()))
}

/// Makes each class count as much as any other; the mean weight stays what it is.
fn balance(examples: &mut Examples, classes: usize) {
    let mut sums = vec![0.0; classes];
    let weight = |weights: &Option<Vec<f64>>, row: usize| {
        weights.as_ref().and_then(|weights| weights.get(row)).copied().unwrap_or(1.0)
    };
    for (row, class) in examples.target.iter().enumerate() {
        if let Some(sum) = sums.get_mut(*class as usize) {
            *sum += weight(&examples.weights, row);
        }
    }
    let total: f64 = sums.iter().sum();
    let present = sums.iter().filter(|sum| **sum > 0.0).count() as f64;
    let balanced = examples.target.iter().enumerate().map(|(row, class)| {
        let sum = sums.get(*class as usize).copied().unwrap_or(0.0);
        let own = weight(&examples.weights, row);
        if sum > 0.0 { own * total / (present * sum) } else { own }
    });
    examples.weights = Some(balanced.collect());
}

/// The task of a scope: its problem, its classes and what is minimised.
///
/// # Errors
/// Where the metric does not exist or does not fit the problem, or the loss is not known.
pub fn task(scope: &stages::Scope) -> Result<(Task, Metric), Error> {
    let problem = scope.problem_type;
    let metric = Metric::by_name(&scope.metric)
        .filter(|metric| metric.applies_to(problem))
        .ok_or_else(|| Error::Metric { metric: scope.metric.clone(), problem })?;
    /// Deviations of the target beyond which errors count as absolute ones.
    const HUBER_DELTA: f64 = 1.35;
    /// The power between a Poisson (1) and a gamma distribution (2).
    const TWEEDIE_POWER: f64 = 1.5;
    let loss = match scope.loss.as_str() {
        "" => Loss::of_metric(metric),
        "squared" => Loss::Squared,
        "absolute" => Loss::Absolute,
        "huber" => Loss::Huber { delta: HUBER_DELTA },
        "quantile" => Loss::Quantile { alpha: scope.quantile },
        "poisson" => Loss::Poisson,
        "tweedie" => Loss::Tweedie { power: TWEEDIE_POWER },
        other => return Err(Error::Loss { loss: other.to_owned() }),
    };
    Ok((Task::new(problem, scope.classes.len()).with_loss(loss), metric))
}
