//! How a model is to be learned, as requests and scopes say it alike.

use schema::ProblemType;

use super::checks;
use crate::learning::{LOSSES, QUANTILE_LOSS, threshold};
use crate::stages::Scope;
use crate::v1::{MonotoneConstraint, MonotoneDirection, ScopeRequest, ThresholdObjective};
use crate::{ContractError, FieldError, FieldPath, Validate};

/// Most group columns, each of which makes segments of its own.
const MAX_GROUP_COLUMNS: usize = 32;

type ValidationResult = Result<(), ContractError>;

/// The fields that a request and a scope have in common; the problem type may still be unknown in a request.
pub(crate) struct LearningFields<'a> {
    problem: Option<ProblemType>,
    target: &'a str,
    weight_column: &'a str,
    monotone_columns: Vec<&'a str>,
    loss: &'a str,
    quantile: f64,
    threshold: Option<&'a ThresholdObjective>,
    group_columns: &'a [String],
    balance_classes: bool,
}

fn columns<C>(constraints: &[C], column: impl Fn(&C) -> &String) -> Vec<&str> {
    constraints.iter().map(|of| column(of).as_str()).collect()
}

impl<'a> LearningFields<'a> {
    pub(crate) fn of_request(request: &'a ScopeRequest) -> Self {
        Self {
            problem: request.problem_type().into(),
            target: &request.target,
            weight_column: &request.weight_column,
            monotone_columns: columns(&request.monotone_constraints, |of| &of.column),
            loss: &request.loss,
            quantile: request.quantile,
            threshold: request.threshold.as_ref(),
            group_columns: &request.group_columns,
            balance_classes: request.balance_classes,
        }
    }

    pub(crate) fn of_scope(scope: &'a Scope) -> Self {
        Self {
            problem: Some(scope.problem_type),
            target: &scope.target,
            weight_column: &scope.weight_column,
            monotone_columns: columns(&scope.monotone_constraints, |of| &of.column),
            loss: &scope.loss,
            quantile: scope.quantile,
            threshold: scope.threshold.as_ref(),
            group_columns: &scope.group_columns,
            balance_classes: scope.balance_classes,
        }
    }

    pub(crate) fn validate_at(&self, at: &FieldPath<'_>) -> ValidationResult {
        self.validate_columns(at)?;
        self.validate_loss(at)?;
        if let Some(threshold) = self.threshold {
            let at = at.field("threshold");
            self.fits(&at, ProblemType::Binary, "none unless the problem has two classes")?;
            threshold.validate_at(&at)?;
        }
        let balanced = !self.balance_classes || self.problem != Some(ProblemType::Regression);
        checks::consistent(&at.field("balance_classes"), balanced, || {
            "false for a regression, which has no classes".to_owned()
        })
    }

    fn validate_columns(&self, at: &FieldPath<'_>) -> ValidationResult {
        let other = |at: &FieldPath<'_>, column: &str| {
            checks::consistent(at, self.target.is_empty() || column != self.target, || {
                "a column that is not the target".to_owned()
            })
        };
        let weight = at.field("weight_column");
        checks::optional_column(&weight, self.weight_column)?;
        if !self.weight_column.is_empty() {
            other(&weight, self.weight_column)?;
        }
        let constraints = at.field("monotone_constraints");
        checks::at_most(&constraints, self.monotone_columns.len(), checks::MAX_COLUMNS)?;
        checks::unique(&constraints, self.monotone_columns.iter().copied())?;
        for (index, &column) in self.monotone_columns.iter().enumerate() {
            let at = constraints.index(index);
            let at = at.field("column");
            checks::column(&at, column)?;
            other(&at, column)?;
            checks::consistent(&at, column != self.weight_column, || {
                "an input, which the weight column is not".to_owned()
            })?;
        }
        let groups = at.field("group_columns");
        checks::at_most(&groups, self.group_columns.len(), MAX_GROUP_COLUMNS)?;
        checks::column_list(&groups, self.group_columns)?;
        for (index, column) in self.group_columns.iter().enumerate() {
            other(&groups.index(index), column)?;
        }
        Ok(())
    }

    fn validate_loss(&self, at: &FieldPath<'_>) -> ValidationResult {
        let loss = at.field("loss");
        if !self.loss.is_empty() {
            checks::one_of(&loss, self.loss, &LOSSES)?;
            self.fits(&loss, ProblemType::Regression, "none for a classification")?;
        }
        let quantile = at.field("quantile");
        checks::finite(&quantile, self.quantile)?;
        if self.loss == QUANTILE_LOSS {
            let holds = self.quantile > 0.0 && self.quantile < 1.0;
            checks::number(&quantile, self.quantile, holds, "more than 0 and less than 1")
        } else {
            checks::consistent(&quantile, self.quantile == 0.0, || {
                format!("none unless loss is {QUANTILE_LOSS}")
            })
        }
    }

    fn fits(&self, at: &FieldPath<'_>, problem: ProblemType, expected: &str) -> ValidationResult {
        let holds = self.problem.is_none_or(|own| own == problem);
        checks::consistent(at, holds, || expected.to_owned())
    }
}

impl Validate for MonotoneConstraint {
    fn validate_at(&self, at: &FieldPath<'_>) -> ValidationResult {
        checks::column(&at.field("column"), &self.column)?;
        checks::choice::<MonotoneDirection>(&at.field("direction"), self.direction).map(|_| ())
    }
}

impl Validate for ThresholdObjective {
    fn validate_at(&self, at: &FieldPath<'_>) -> ValidationResult {
        let metric = at.field("metric");
        if self.metric.is_empty() {
            let expected = "what the threshold is chosen for, such as f1";
            return Err(metric.refuse(FieldError::Missing { expected }));
        }
        checks::one_of(&metric, &self.metric, &threshold::ALL)?;

        let of = |name: &str| self.metric == name;
        let beta = at.field("beta");
        checks::finite(&beta, self.beta)?;
        if of(threshold::F_BETA) {
            checks::number(&beta, self.beta, self.beta > 0.0, "more than 0")?;
        } else {
            said_for(&beta, self.beta == 0.0, threshold::F_BETA)?;
        }
        let costs = [
            ("false_positive_cost", self.false_positive_cost),
            ("false_negative_cost", self.false_negative_cost),
        ];
        for (name, cost) in costs {
            let at = at.field(name);
            checks::finite(&at, cost)?;
            checks::number(&at, cost, cost >= 0.0, "0 or more")?;
            if !of(threshold::COST) {
                said_for(&at, cost == 0.0, threshold::COST)?;
            }
        }
        if of(threshold::COST) && self.false_positive_cost + self.false_negative_cost == 0.0 {
            let expected = "a cost more than 0 for at least one kind of mistake";
            return Err(at.field("false_negative_cost").refuse(FieldError::Missing { expected }));
        }
        let rows = at.field("k");
        if of(threshold::PRECISION_AT_K) {
            checks::in_range(&rows, self.k > 0, "1 or more")
        } else {
            said_for(&rows, self.k == 0, threshold::PRECISION_AT_K)
        }
    }
}

fn said_for(at: &FieldPath<'_>, unset: bool, metric: &str) -> ValidationResult {
    checks::consistent(at, unset, || format!("none unless metric is {metric}"))
}
