//! The scope: the whole task, made explicit.

use schema::{
    CleaningRules, CsvDialect, Format, MonotoneConstraint, Predicate, ProblemType, SplitMethod,
};

use super::parse::{chosen, each, forms, messages, optional, required, specified};
use super::words::{cleaning, cleaning_message, dialect, dialect_message, number};
use crate::v1::{
    self, Cause, CohortWindow, Constraints, Criterion, DataChecks, DeploymentStrategy,
    ExcludedColumn, RolloutPlan, ThresholdObjective,
};
use crate::validate::learning::LearningFields;
use crate::validate::{checks, request, rules};
use crate::{ContractError, FieldPath, Validate};

/// Output of the scope-definer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scope {
    /// Identifier of the experiment: model name and run.
    pub experiment_id: String,
    /// Name of the model and of its endpoint.
    pub name: String,
    /// Problem type, as the request gave it or as it was concluded from the target.
    pub problem_type: ProblemType,
    /// What the problem type was concluded from, in words.
    pub problem_type_evidence: String,
    /// Where the data are.
    pub data: DataSource,
    /// The column to be predicted.
    pub target: String,
    /// The classes in the order of the outputs, the positive one last of two; empty for regression.
    pub classes: Vec<String>,
    /// The positive class of a binary problem; else empty.
    pub positive_class: String,
    /// Column that identifies the entity; may be empty.
    pub entity_column: String,
    /// Column of time; may be empty.
    pub time_column: String,
    /// Columns that must be there, each once.
    pub required_columns: Vec<String>,
    /// Columns that are not used, with the reason of each.
    pub excluded_columns: Vec<ExcludedColumn>,
    /// Rows that belong to the population.
    pub inclusion: Vec<Predicate>,
    /// Rows that do not.
    pub exclusion: Vec<Predicate>,
    /// SHA-256 of the cohort's definition, 64 hexadecimal digits.
    pub cohort_sha256: String,
    /// Fewest rows accepted, 1 or more.
    pub min_rows: u64,
    /// Name of the metric that is optimised and gated on.
    pub metric: String,
    /// Metrics with thresholds that the model is judged by.
    pub criteria: Vec<Criterion>,
    /// Name of the baseline to be beaten: `prior`.
    pub baseline: String,
    /// Least relative lift over the baseline, 0 or more.
    pub min_lift: f64,
    /// How rows are split; none where it was not said: stratified for classes, random for numbers.
    pub split_method: Option<SplitMethod>,
    /// Seconds of search, more than 0 and at most seven days.
    pub time_budget_seconds: f64,
    /// Seed of every random choice of the run.
    pub seed: u64,
    /// Limits on the model.
    pub constraints: Option<Constraints>,
    /// How the version is brought to traffic; none where it was not said: blue-green.
    pub strategy: Option<DeploymentStrategy>,
    /// Name of the catalogue entry that was used; empty for a structured request.
    pub catalogue_entry: String,
    /// What is predicted how far ahead, in words; may be empty.
    pub prediction_horizon: String,
    /// Rows seen when the target was looked at.
    pub rows_examined: u64,
    /// What the version's rollout has to meet, and how it goes.
    pub rollout: Option<RolloutPlan>,
    /// The alert that asked for the model; none where a person did.
    pub cause: Option<Cause>,
    /// Most trials of the search; 0 where time alone bounds it.
    pub max_trials: u32,
    /// Whether the model that was judged is served; else the same recipe is fitted again on more rows after the judgement.
    pub keep_judged_model: bool,
    /// Numeric column with the weight of each row, 0 or more; empty where every row counts once.
    pub weight_column: String,
    /// Numeric inputs that the prediction may only rise or only fall with, each once.
    pub monotone_constraints: Vec<MonotoneConstraint>,
    /// What a regression minimises ([`LOSSES`](crate::learning::LOSSES)); empty for the one that suits the metric.
    pub loss: String,
    /// The quantile that is predicted, between 0 and 1, with the loss `quantile`; else 0.
    pub quantile: f64,
    /// What the decision threshold of a binary problem is chosen for; none means F1.
    pub threshold: Option<ThresholdObjective>,
    /// Columns whose values make the segments that metrics are also reported for.
    pub group_columns: Vec<String>,
    /// Whether each class counts as much as any other in fits.
    pub balance_classes: bool,
    /// Whether a row that equals an earlier one in every column is left out; with an entity column it is in any case.
    pub drop_duplicates: bool,
    /// Columns that may tell the target all but alone.
    pub allow_leakage: Vec<String>,
    /// Least quality score that is trained on, 0 to 1; none for what the data-preparer is configured with.
    pub min_quality_score: Option<f64>,
    /// Whether the run fails where the model is not better than the baseline beyond chance; else that warns.
    pub gate_on_baseline: bool,
    /// What the table has to meet beyond what every table has to.
    pub checks: Option<DataChecks>,
    /// What is done to missing values and outliers.
    pub cleaning: CleaningRules,
    /// Times that rows of the population have to have before and behind them.
    pub windows: Vec<CohortWindow>,
}

forms! {
    Scope {
        experiment_id, name, problem_type_evidence, target, classes, positive_class,
        entity_column, time_column, required_columns, excluded_columns, cohort_sha256, min_rows,
        metric, criteria, baseline, min_lift, time_budget_seconds, seed, constraints,
        catalogue_entry, prediction_horizon, rows_examined, rollout, cause, max_trials,
        keep_judged_model, weight_column, loss, quantile, threshold, group_columns,
        balance_classes, drop_duplicates, allow_leakage, min_quality_score, gate_on_baseline,
        checks, windows,
    }
    parse(message, at) {
        problem_type:
            chosen::<v1::ProblemType, _>(&at.field("problem_type"), message.problem_type)?,
        data: required(&at.field("data"), message.data.as_ref(), "where the data are")?,
        inclusion: each(&at.field("inclusion"), &message.inclusion)?,
        exclusion: each(&at.field("exclusion"), &message.exclusion)?,
        split_method:
            optional::<v1::SplitMethod, _>(&at.field("split_method"), message.split_method)?,
        strategy: specified(&at.field("strategy"), message.strategy)?,
        monotone_constraints:
            each(&at.field("monotone_constraints"), &message.monotone_constraints)?,
        cleaning: cleaning(&at.field("cleaning"), message.cleaning.as_ref())?,
    }
    back(scope) {
        problem_type: v1::ProblemType::from(scope.problem_type).into(),
        data: Some(scope.data.into()),
        inclusion: messages(scope.inclusion),
        exclusion: messages(scope.exclusion),
        split_method: number::<v1::SplitMethod, _>(scope.split_method),
        strategy: scope.strategy.unwrap_or_default().into(),
        monotone_constraints: messages(scope.monotone_constraints),
        cleaning: cleaning_message(scope.cleaning),
    }
}

impl Scope {
    /// The message without what names the run and its asker's wishes for later stages: what a table's preparation and its features depend on.
    #[must_use]
    pub fn of_the_data(&self) -> v1::Scope {
        self.to_message().of_the_data()
    }

    /// The message without what names the run and how the model is deployed: what a search for models depends on.
    #[must_use]
    pub fn of_the_search(&self) -> v1::Scope {
        self.to_message().of_the_search()
    }

    /// The outputs' order is negative, positive; a scope that says it otherwise would turn every probability round.
    fn validate_positive_class(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        let is_binary = self.problem_type == ProblemType::Binary;
        let holds = if is_binary {
            self.classes.last() == Some(&self.positive_class)
        } else {
            self.positive_class.is_empty()
        };
        checks::consistent(&at.field("positive_class"), holds, || {
            let expected = if is_binary {
                "the second of the two classes"
            } else {
                "none for a problem that is not binary"
            };
            expected.to_owned()
        })
    }
}

impl Validate for Scope {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("experiment_id"), &self.experiment_id, "an experiment")?;
        checks::name(&at.field("name"), &self.name)?;
        self.data.validate_at(&at.field("data"))?;
        checks::column(&at.field("target"), &self.target)?;
        request::classes(&at.field("classes"), self.problem_type, &self.classes)?;
        self.validate_positive_class(at)?;
        LearningFields::of_scope(self).validate_at(at)?;
        checks::optional_column(&at.field("entity_column"), &self.entity_column)?;
        checks::optional_column(&at.field("time_column"), &self.time_column)?;
        checks::column_list(&at.field("required_columns"), &self.required_columns)?;
        checks::column_list(&at.field("allow_leakage"), &self.allow_leakage)?;
        request::quality_score(&at.field("min_quality_score"), self.min_quality_score)?;
        checks::each(&at.field("excluded_columns"), &self.excluded_columns)?;
        request::predicates(&at.field("inclusion"), &self.inclusion)?;
        request::predicates(&at.field("exclusion"), &self.exclusion)?;
        rules::data_checks(&at.field("checks"), self.checks.as_ref())?;
        rules::cleaning(&at.field("cleaning"), &self.cleaning)?;
        rules::windows(&at.field("windows"), &self.windows)?;
        checks::digest(&at.field("cohort_sha256"), &self.cohort_sha256)?;
        checks::in_range(&at.field("min_rows"), self.min_rows > 0, "1 or more")?;
        checks::identifier(&at.field("metric"), &self.metric, "a metric such as roc_auc")?;
        checks::each(&at.field("criteria"), &self.criteria)?;
        checks::identifier(&at.field("baseline"), &self.baseline, "a baseline such as prior")?;
        checks::not_negative(&at.field("min_lift"), self.min_lift)?;
        let budget = at.field("time_budget_seconds");
        checks::finite(&budget, self.time_budget_seconds)?;
        let holds = self.time_budget_seconds > 0.0
            && self.time_budget_seconds <= request::MAX_BUDGET_SECONDS;
        checks::in_range(&budget, holds, "more than 0 and at most 604800 seconds (7 days)")?;
        if let Some(constraints) = &self.constraints {
            constraints.validate_at(&at.field("constraints"))?;
        }
        if let Some(rollout) = &self.rollout {
            rollout.validate_at(&at.field("rollout"))?;
        }
        match &self.cause {
            Some(cause) => cause.validate_at(&at.field("cause")),
            None => Ok(()),
        }
    }
}

/// A table to be read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DataSource {
    /// Its URI or path.
    pub uri: String,
    /// Its format; none where its content or its name says it.
    pub format: Option<Format>,
    /// Texts that mean a missing value, besides the empty one.
    pub missing_markers: Vec<String>,
    /// What was stated of the dialect of a CSV; the rest is told from the content.
    pub csv: CsvDialect,
    /// The query that gives the table, where the URI is that of a database and names no table.
    pub query: String,
}

forms! {
    DataSource { uri, missing_markers, query }
    parse(message, at) {
        format: optional::<v1::DataFormat, _>(&at.field("format"), message.format)?,
        csv: dialect(&at.field("csv"), message.csv.as_ref())?,
    }
    back(source) {
        format: number::<v1::DataFormat, _>(source.format),
        csv: dialect_message(source.csv),
    }
}

impl Validate for DataSource {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::non_blank(
            &at.field("uri"),
            &self.uri,
            request::MAX_URI,
            "a URI or path of a table",
        )?;
        request::missing_markers(&at.field("missing_markers"), &self.missing_markers)?;
        checks::text(&at.field("query"), &self.query, checks::MAX_TEXT)?;
        request::dialect(&at.field("csv"), &self.csv)
    }
}
