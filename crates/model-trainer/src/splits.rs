//! The files of the splits, of which a run reads the rows that it works with and streams the others.

use contracts::stages;
use dataset::HeldFile;
use learners::{FoldPlan, Task};
use tabular::FeaturePlan;
use tabular::plan::Transform;
use tabular::target::encode_with;

use crate::Error;
use crate::rows::{Choice, MAX_HELD_ROWS, choose, evenly, within_memory};
use crate::streamed_splits::StreamedSplits;
use crate::training_tables::{TrainingTables, entity_keys, task};

/// The splits of a table, as Parquet.
#[derive(Debug, Clone)]
pub struct Splits {
    /// Training split, on which models are fitted.
    pub train: HeldFile,
    /// To learn from and to decide by, together with the training split.
    pub validation: HeldFile,
    /// To judge by, once.
    pub test: HeldFile,
    /// For comparisons with other versions, later.
    pub hold_out: HeldFile,
}

impl Splits {
    /// Reads the rows that the scope's time budget and limit of memory have work for; the others stay where they are, to be streamed.
    ///
    /// # Errors
    /// Where a split cannot be read or does not have the target, a target is not possible, memory is too small, or no feature is left.
    pub fn read(&self, plan: FeaturePlan, scope: &stages::Scope) -> Result<TrainingTables, Error> {
        let plan = of_scope(plan, scope)?;
        let (task, _) = task(scope)?;
        let mut learn = self.target(&self.train, scope, task)?;
        let train_rows = learn.len();
        learn.extend(self.target(&self.validation, scope, task)?);
        let learn_rows = learn.len();
        check_targets(scope, task, &learn)?;
        let test = self.target(&self.test, scope, task)?;
        let width = plan.features.len();
        let folds = FoldPlan::for_budget(task, learn_rows, width, scope.time_budget_seconds);
        let folds = within_memory(folds, scope, learn_rows, width)?;
        let entities = if folds.rows < learn_rows { self.entities(scope)? } else { None };
        let Choice { search, judged, refit, target } =
            choose(folds, task, learn, &test, entities.as_deref(), scope.seed);
        // What the search or the refit looks at is read once, for both.
        let learned = union(&search, refit.iter().copied().take_while(|row| *row < learn_rows));
        let (of_train, of_validation) =
            learned.split_at(learned.partition_point(|row| *row < train_rows));
        let of_validation: Vec<usize> = of_validation.iter().map(|row| row - train_rows).collect();
        let held = dataset::parquet_size(self.hold_out.clone())?.rows;
        let held = evenly(usize::try_from(held).unwrap_or(usize::MAX), MAX_HELD_ROWS);
        let read = |file: &HeldFile, rows: &[usize]| dataset::read_parquet_rows(file.clone(), rows);
        // Rows of the test split follow those that were read before them.
        let place = |row: usize| match row.checked_sub(learn_rows) {
            Some(row) => learned.len() + row,
            None => learned.partition_point(|of| *of < row),
        };
        let streamed = (refit.len() < target.len()).then(|| StreamedSplits {
            splits: self.clone(),
            target,
            train_rows,
            learn_rows,
            judged: judged.clone(),
            in_memory: refit.clone(),
        });
        Ok(TrainingTables {
            train: read(&self.train, of_train)?,
            validation: read(&self.validation, &of_validation)?,
            test: read(&self.test, &judged)?,
            hold_out: read(&self.hold_out, &held)?,
            plan,
            folds,
            search: search.into_iter().map(place).collect(),
            refit: refit.into_iter().map(place).collect(),
            streamed,
            learn_rows,
            test_rows: test.len(),
        })
    }

    fn target(
        &self,
        file: &HeldFile,
        scope: &stages::Scope,
        task: Task,
    ) -> Result<Vec<f64>, Error> {
        let column = dataset::read_parquet_column(file.clone(), &scope.target)?;
        let target = encode_with(&column, &scope.target, task.problem, &scope.classes);
        Ok(target.map_err(learners::Error::from)?.values)
    }

    /// Keys of the entities of training and validation, where rows of an entity stay together.
    fn entities(&self, scope: &stages::Scope) -> Result<Option<Vec<u64>>, Error> {
        if scope.entity_column.is_empty() || scope.split_method == Some(stages::SplitMethod::Time) {
            return Ok(None);
        }
        let column =
            |file: &HeldFile| dataset::read_parquet_column(file.clone(), &scope.entity_column);
        let (train, validation) = (column(&self.train)?, column(&self.validation)?);
        if train.column(&scope.entity_column).is_none() {
            return Ok(None);
        }
        entity_keys(&train, &validation, &scope.entity_column).map(Some)
    }
}

/// Ascending places, each once.
fn union(first: &[usize], second: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut all: Vec<usize> = first.iter().copied().chain(second).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The plan without features that would get around a monotone constraint of the scope.
fn of_scope(mut plan: FeaturePlan, scope: &stages::Scope) -> Result<FeaturePlan, Error> {
    let constrained = |column: &&str| {
        scope.monotone_constraints.iter().any(|constraint| constraint.column == *column)
    };
    plan.features.retain(|feature| {
        matches!(feature.transform, Transform::Identity { .. } | Transform::MissingIndicator { .. })
            || !feature.transform.inputs().iter().any(constrained)
    });
    plan.check()?;
    Ok(plan)
}

/// Refuses targets below 0 for losses of counts and amounts.
fn check_targets(scope: &stages::Scope, task: Task, learn: &[f64]) -> Result<(), Error> {
    if task.problem != stages::ProblemType::Regression || !task.loss.needs_positive() {
        return Ok(());
    }
    match learn.iter().filter(|value| **value < 0.0).count() {
        0 => Ok(()),
        rows => Err(Error::NegativeTarget { rows, loss: scope.loss.clone() }),
    }
}
