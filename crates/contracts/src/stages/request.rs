//! The request, as the scope-definer reads it.

use std::collections::BTreeMap;

use schema::{
    CleaningRules, CsvDialect, Format, MonotoneConstraint, Predicate, ProblemType, SplitMethod,
};

use super::parse::{each, forms, messages, optional, specified};
use super::words::{cleaning, cleaning_message, dialect, dialect_message, number};
use crate::v1::{
    self, Cause, CohortWindow, Constraints, Criterion, DataChecks, DeploymentStrategy, Priority,
    RolloutPlan, ThresholdObjective,
};

/// A request for a model. What is empty, 0 or none takes its default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScopeRequest {
    /// Identity, for asking twice; the run's identifier where given.
    pub request_id: String,
    /// What is wanted, in words.
    pub text: String,
    /// URI or path of the table; empty for a request in words.
    pub data_uri: String,
    /// The column to be predicted.
    pub target: String,
    /// The class that counts as positive.
    pub positive_class: String,
    /// The problem type; none where the target's values say it.
    pub problem_type: Option<ProblemType>,
    /// Name of the metric to be optimised.
    pub metric: String,
    /// Seconds of search, 0 to seven days.
    pub time_budget_seconds: f64,
    /// Name of the model.
    pub name: String,
    /// How the version is brought to traffic.
    pub strategy: Option<DeploymentStrategy>,
    /// The last stage of the run.
    pub until: String,
    /// Seed of every random choice of the run.
    pub seed: u64,
    /// Metrics with thresholds that the model is judged by.
    pub criteria: Vec<Criterion>,
    /// Columns that are not used.
    pub exclude_columns: Vec<String>,
    /// Columns that must be there and are kept.
    pub require_columns: Vec<String>,
    /// Column that identifies the entity.
    pub entity_column: String,
    /// Column of the time that a row is about; may be empty.
    pub time_column: String,
    /// How rows are split.
    pub split_method: Option<SplitMethod>,
    /// Least number of rows that is accepted; 0 means the default of the problem type.
    pub min_rows: u64,
    /// Rows that belong to the population.
    pub inclusion: Vec<Predicate>,
    /// Rows that do not.
    pub exclusion: Vec<Predicate>,
    /// Limits on the model.
    pub constraints: Option<Constraints>,
    /// The person or program that asks.
    pub requested_by: String,
    /// Labels of the caller, by name; no stage reads them.
    pub labels: BTreeMap<String, String>,
    /// Whether finished work of other runs is left alone.
    pub no_cache: bool,
    /// The lane of the run; none means normal.
    pub priority: Option<Priority>,
    /// Stages that are left out.
    pub skip: Vec<String>,
    /// The run whose outputs this one begins with.
    pub from_run: String,
    /// The stage at which it begins then.
    pub from_agent: String,
    /// What the version's rollout has to meet, and how it goes.
    pub rollout: Option<RolloutPlan>,
    /// The alert that asks; none where a person does.
    pub cause: Option<Cause>,
    /// Most trials of the search.
    pub max_trials: u32,
    /// Whether the model that was judged is served.
    pub keep_judged_model: bool,
    /// Numeric column with the weight of each row.
    pub weight_column: String,
    /// Numeric inputs that the prediction may only rise or only fall with, each once.
    pub monotone_constraints: Vec<MonotoneConstraint>,
    /// What a regression minimises.
    pub loss: String,
    /// The quantile that is predicted, with the loss `quantile`.
    pub quantile: f64,
    /// What the decision threshold of a binary problem is chosen for.
    pub threshold: Option<ThresholdObjective>,
    /// Columns whose values make the segments that metrics are also reported for.
    pub group_columns: Vec<String>,
    /// Whether each class counts as much as any other in fits.
    pub balance_classes: bool,
    /// Whether a row that equals an earlier one in every column is left out.
    pub drop_duplicates: bool,
    /// Columns that may tell the target all but alone.
    pub allow_leakage: Vec<String>,
    /// Least quality score that is trained on, 0 to 1.
    pub min_quality_score: Option<f64>,
    /// Whether the default threshold of the metric gates.
    pub strict_criteria: bool,
    /// Texts that mean a missing value, besides the usual ones.
    pub missing_markers: Vec<String>,
    /// Format of the table; none where its content or its name says it.
    pub data_format: Option<Format>,
    /// What is stated of the dialect of a CSV.
    pub csv: CsvDialect,
    /// What the table has to meet beyond what every table has to.
    pub checks: Option<DataChecks>,
    /// What is done to missing values and outliers.
    pub cleaning: CleaningRules,
    /// Times that rows of the population have to have before and behind them.
    pub windows: Vec<CohortWindow>,
}

forms! {
    ScopeRequest {
        request_id, text, data_uri, target, positive_class, metric, time_budget_seconds, name,
        until, seed, criteria, exclude_columns, require_columns, entity_column, time_column,
        min_rows, constraints, requested_by, labels, no_cache, skip, from_run, from_agent,
        rollout, cause, max_trials, keep_judged_model, weight_column, loss, quantile, threshold,
        group_columns, balance_classes, drop_duplicates, allow_leakage, min_quality_score,
        strict_criteria,
        missing_markers, checks, windows,
    }
    parse(message, at) {
        problem_type:
            optional::<v1::ProblemType, _>(&at.field("problem_type"), message.problem_type)?,
        strategy: specified(&at.field("strategy"), message.strategy)?,
        split_method:
            optional::<v1::SplitMethod, _>(&at.field("split_method"), message.split_method)?,
        inclusion: each(&at.field("inclusion"), &message.inclusion)?,
        exclusion: each(&at.field("exclusion"), &message.exclusion)?,
        priority: specified(&at.field("priority"), message.priority)?,
        data_format: optional::<v1::DataFormat, _>(&at.field("data_format"), message.data_format)?,
        csv: dialect(&at.field("csv"), message.csv.as_ref())?,
        monotone_constraints:
            each(&at.field("monotone_constraints"), &message.monotone_constraints)?,
        cleaning: cleaning(&at.field("cleaning"), message.cleaning.as_ref())?,
    }
    back(request) {
        problem_type: number::<v1::ProblemType, _>(request.problem_type),
        strategy: request.strategy.unwrap_or_default().into(),
        split_method: number::<v1::SplitMethod, _>(request.split_method),
        inclusion: messages(request.inclusion),
        exclusion: messages(request.exclusion),
        priority: request.priority.unwrap_or_default().into(),
        data_format: number::<v1::DataFormat, _>(request.data_format),
        csv: dialect_message(request.csv),
        monotone_constraints: messages(request.monotone_constraints),
        cleaning: cleaning_message(request.cleaning),
    }
}
