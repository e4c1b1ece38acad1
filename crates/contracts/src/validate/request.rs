//! The request, and what a scope takes over from it.

use schema::Operator;

use super::checks;
use super::learning::LearningFields;
use super::rules;
use crate::stages::Parse;
use crate::v1::{
    Cause, Constraints, Criterion, CsvDialect, DataFormat, DeploymentStrategy, ExcludedColumn,
    Failure, Predicate, Priority, ProblemType, ScopeReply, ScopeRequest, SplitMethod,
};
use crate::{Agent, ContractError, FieldError, FieldPath, Validate};

pub(crate) const MAX_URI: usize = 2048;
const MAX_CRITERIA: usize = 32;
const MAX_PREDICATES: usize = 100;
const MAX_OPERANDS: usize = 1000;
const MAX_OPERAND: usize = 1024;
const MAX_LABELS: usize = 64;
pub(crate) const MAX_LABEL: usize = 256;
const MAX_CLASSES: usize = 1000;
const MAX_MARKERS: usize = 100;
const MAX_SKIP_LINES: u32 = 1_000_000;
pub(crate) const MAX_BUDGET_SECONDS: f64 = 7.0 * 86_400.0;

/// What the intake checks before a run is started.
impl Validate for ScopeRequest {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::optional_name(&at.field("request_id"), &self.request_id)?;
        self.validate_task(at)?;
        self.validate_columns(at)?;
        self.validate_choices(at)?;
        checks::each(&at.field("monotone_constraints"), &self.monotone_constraints)?;
        LearningFields::of_request(self).validate_at(at)?;

        checks::optional_name(&at.field("name"), &self.name)?;
        let budget = at.field("time_budget_seconds");
        checks::finite(&budget, self.time_budget_seconds)?;
        let holds = (0.0..=MAX_BUDGET_SECONDS).contains(&self.time_budget_seconds);
        checks::in_range(&budget, holds, "0 to 604800 seconds (7 days); 0 means the default")?;
        self.validate_plan(at)?;
        let criteria = at.field("criteria");
        checks::at_most(&criteria, self.criteria.len(), MAX_CRITERIA)?;
        checks::each(&criteria, &self.criteria)?;
        if let Some(constraints) = &self.constraints {
            constraints.validate_at(&at.field("constraints"))?;
        }
        checks::optional_choice::<DataFormat>(&at.field("data_format"), self.data_format)?;
        missing_markers(&at.field("missing_markers"), &self.missing_markers)?;
        if let Some(csv) = &self.csv {
            csv.validate_at(&at.field("csv"))?;
        }
        rules::data_checks(&at.field("checks"), self.checks.as_ref())?;
        rules::windows(&at.field("windows"), &self.windows)?;
        if let Some(cleaning) = &self.cleaning {
            cleaning.validate_at(&at.field("cleaning"))?;
        }
        checks::text(&at.field("requested_by"), &self.requested_by, MAX_LABEL)?;
        let labels = at.field("labels");
        checks::at_most(&labels, self.labels.len(), MAX_LABELS)?;
        for (key, value) in &self.labels {
            checks::non_blank(&labels.key(key), key, MAX_LABEL, "a label with a name")?;
            checks::text(&labels.key(key), value, MAX_LABEL)?;
        }
        Ok(())
    }
}

/// A least quality score, where there is one.
pub(crate) fn quality_score(at: &FieldPath<'_>, score: Option<f64>) -> Result<(), ContractError> {
    let Some(score) = score else { return Ok(()) };
    checks::in_range(at, (0.0..=1.0).contains(&score), "0 to 1")
}

/// A bounded number of texts that mean a missing value.
pub(crate) fn missing_markers(at: &FieldPath<'_>, markers: &[String]) -> Result<(), ContractError> {
    checks::at_most(at, markers.len(), MAX_MARKERS)?;
    for (index, marker) in markers.iter().enumerate() {
        checks::text(&at.index(index), marker, MAX_LABEL)?;
    }
    Ok(())
}

/// A dialect whose parts do not contradict one another.
pub(crate) fn dialect(
    at: &FieldPath<'_>,
    dialect: &schema::CsvDialect,
) -> Result<(), ContractError> {
    dialect.check().map_err(|error| {
        at.field(error.field).refuse(FieldError::Inconsistent { expected: error.expected })
    })?;
    let holds = dialect.skip_lines <= MAX_SKIP_LINES;
    checks::in_range(&at.field("skip_lines"), holds, "at most 1000000 lines")
}

impl Validate for CsvDialect {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        dialect(at, &<schema::CsvDialect as Parse<_>>::parse(self, at)?)
    }
}

impl ScopeRequest {
    fn validate_task(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::text(&at.field("text"), &self.text, checks::MAX_TEXT)?;
        checks::text(&at.field("data_uri"), &self.data_uri, MAX_URI)?;
        let blank = |text: &str| text.trim().is_empty();
        // A run that begins with another's outputs takes its task from that one's request.
        if blank(&self.data_uri) && blank(&self.text) && self.from_run.is_empty() {
            let expected = "a text for the catalogue, or data_uri with target";
            return Err(at.field("text").refuse(FieldError::Missing { expected }));
        }
        if !blank(&self.data_uri) && blank(&self.target) {
            let expected = "the column of data_uri that is to be predicted";
            return Err(at.field("target").refuse(FieldError::Missing { expected }));
        }
        checks::optional_column(&at.field("target"), &self.target)?;
        checks::text(&at.field("positive_class"), &self.positive_class, MAX_OPERAND)?;
        checks::text(&at.field("metric"), &self.metric, checks::MAX_IDENTIFIER)
    }

    /// Where the run begins and ends, and what it leaves out.
    fn validate_plan(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::optional_choice::<Priority>(&at.field("priority"), self.priority)?;
        let until = match self.until.as_str() {
            "" => None,
            until => Some(checks::agent(&at.field("until"), until)?),
        };
        checks::optional_name(&at.field("from_run"), &self.from_run)?;
        let place = at.field("from_agent");
        let from = match self.from_agent.as_str() {
            "" => None,
            from => Some(checks::agent(&place, from)?),
        };
        if from.is_some() == self.from_run.is_empty() {
            let expected = "both from_run and from_agent, or neither";
            return Err(place.refuse(FieldError::Missing { expected }));
        }
        if let (Some(from), Some(until)) = (from, until) {
            checks::consistent(&at.field("until"), until >= from, || {
                format!("{from} or a later stage, because the run begins there")
            })?;
        }
        let skip = at.field("skip");
        checks::at_most(&skip, self.skip.len(), Agent::ALL.len())?;
        checks::unique(&skip, self.skip.iter().map(String::as_str))?;
        for (index, name) in self.skip.iter().enumerate() {
            let at = skip.index(index);
            let agent = checks::agent(&at, name)?;
            let holds = agent.is_optional() && from != Some(agent) && until != Some(agent);
            checks::consistent(&at, holds, || {
                let optional = Agent::ALL.into_iter().filter(|agent| agent.is_optional());
                let names: Vec<&str> = optional.map(Agent::as_str).collect();
                format!(
                    "a stage that a run can do without ({}), and neither its first nor its last; `until` ends a run early",
                    names.join(", ")
                )
            })?;
        }
        Ok(())
    }

    /// The stages that the request asks for, in order.
    #[must_use]
    pub fn stages(&self) -> Vec<Agent> {
        let until = self.until.parse().unwrap_or(Agent::ObservabilityConnector);
        let from = self.from_agent.parse().unwrap_or(Agent::ScopeDefiner);
        let wanted = |agent: &Agent| {
            *agent >= from && !self.skip.iter().any(|skipped| skipped == agent.as_str())
        };
        Agent::through(until).into_iter().filter(wanted).collect()
    }

    fn validate_columns(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::column_list(&at.field("exclude_columns"), &self.exclude_columns)?;
        let leaking = at.field("allow_leakage");
        checks::column_list(&leaking, &self.allow_leakage)?;
        for (index, column) in self.allow_leakage.iter().enumerate() {
            let kept = !self.exclude_columns.contains(column) && *column != self.target;
            checks::consistent(&leaking.index(index), kept, || {
                "an input: neither the target nor a column that exclude_columns names".to_owned()
            })?;
        }
        quality_score(&at.field("min_quality_score"), self.min_quality_score)?;
        let required = at.field("require_columns");
        checks::column_list(&required, &self.require_columns)?;
        for (index, column) in self.require_columns.iter().enumerate() {
            checks::consistent(
                &required.index(index),
                !self.exclude_columns.contains(column),
                || "a column that exclude_columns does not name".to_owned(),
            )?;
        }
        let excluded = at.field("exclude_columns");
        for (index, column) in self.exclude_columns.iter().enumerate() {
            let holds = self.target.is_empty() || *column != self.target;
            checks::consistent(&excluded.index(index), holds, || {
                "a column that is not the target".to_owned()
            })?;
        }
        checks::optional_column(&at.field("entity_column"), &self.entity_column)?;
        checks::optional_column(&at.field("time_column"), &self.time_column)?;
        predicates(&at.field("inclusion"), &self.inclusion)?;
        predicates(&at.field("exclusion"), &self.exclusion)
    }

    fn validate_choices(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        let problem: ProblemType =
            checks::optional_choice(&at.field("problem_type"), self.problem_type)?;
        checks::consistent(
            &at.field("positive_class"),
            self.positive_class.is_empty()
                || matches!(problem, ProblemType::Unspecified | ProblemType::Binary),
            || "none unless problem_type is PROBLEM_TYPE_BINARY".to_owned(),
        )?;
        checks::optional_choice::<DeploymentStrategy>(&at.field("strategy"), self.strategy)?;
        if let Some(rollout) = &self.rollout {
            rollout.validate_at(&at.field("rollout"))?;
        }
        if let Some(cause) = &self.cause {
            cause.validate_at(&at.field("cause"))?;
        }
        let split = at.field("split_method");
        // A text's catalogue entry may supply the columns; a structured request has to name them.
        let structured = !self.data_uri.is_empty();
        match checks::optional_choice(&split, self.split_method)? {
            SplitMethod::Entity if structured && self.entity_column.is_empty() => {
                let expected = "the column that identifies the entity to split by";
                Err(at.field("entity_column").refuse(FieldError::Missing { expected }))
            }
            SplitMethod::Time if structured && self.time_column.is_empty() => {
                let expected = "the column of the time to split by";
                Err(at.field("time_column").refuse(FieldError::Missing { expected }))
            }
            SplitMethod::Stratified if problem == ProblemType::Regression => {
                Err(split.refuse(FieldError::Inconsistent {
                    expected: "SPLIT_METHOD_RANDOM, ENTITY or TIME for a regression".to_owned(),
                }))
            }
            _ => Ok(()),
        }
    }
}

/// A bounded number of criteria of rows.
pub(crate) fn predicates<P: Validate>(
    at: &FieldPath<'_>,
    predicates: &[P],
) -> Result<(), ContractError> {
    checks::at_most(at, predicates.len(), MAX_PREDICATES)?;
    checks::each(at, predicates)
}

impl Validate for Predicate {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        schema::Predicate::parse(self, at)?.validate_at(at)
    }
}

impl Validate for schema::Predicate {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::column(&at.field("column"), &self.column)?;
        let values = at.field("values");
        checks::at_most(&values, self.values.len(), MAX_OPERANDS)?;
        let found = self.values.len();
        let (holds, expected) = match self.operator {
            Operator::Between => (found == 2, "two operands for `between`"),
            Operator::In | Operator::NotIn => {
                (found >= 1, "one operand or more for `in` and `not in`")
            }
            _ => (found == 1, "one operand"),
        };
        if !holds {
            return Err(values.refuse(FieldError::Count { found, expected }));
        }
        for (index, value) in self.values.iter().enumerate() {
            checks::text(&values.index(index), value, MAX_OPERAND)?;
        }
        Ok(())
    }
}

impl Validate for Criterion {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("metric"), &self.metric, "a metric such as roc_auc")?;
        checks::finite(&at.field("threshold"), self.threshold)
    }
}

impl Validate for Constraints {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::not_negative(&at.field("max_latency_ms"), self.max_latency_ms)
    }
}

impl Validate for ExcludedColumn {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::column(&at.field("column"), &self.column)?;
        checks::non_blank(&at.field("reason"), &self.reason, checks::MAX_TEXT, "a reason")
    }
}

/// Two classes, three or more, or none, as the problem type says; each once.
pub(crate) fn classes(
    at: &FieldPath<'_>,
    problem: schema::ProblemType,
    classes: &[String],
) -> Result<(), ContractError> {
    checks::at_most(at, classes.len(), MAX_CLASSES)?;
    let found = classes.len();
    let (holds, expected) = match problem {
        schema::ProblemType::Binary => (found == 2, "two classes for a binary problem"),
        schema::ProblemType::Multiclass => {
            (found >= 3, "three classes or more for a multiclass problem")
        }
        schema::ProblemType::Regression => (found == 0, "no classes for a regression"),
    };
    if !holds {
        return Err(at.refuse(FieldError::Count { found, expected }));
    }
    for (index, class) in classes.iter().enumerate() {
        checks::non_blank(&at.index(index), class, MAX_OPERAND, "a class")?;
    }
    checks::unique(at, classes.iter().map(String::as_str))
}

impl Validate for Failure {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("code"), &self.code, "an identifier such as target_missing")?;
        if self.message.trim().is_empty() {
            let expected = "what was wrong and what would be right";
            return Err(at.field("message").refuse(FieldError::Missing { expected }));
        }
        checks::optional_time(&at.field("at"), self.at.as_ref())
    }
}

impl Validate for ScopeReply {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        let run = at.field("run_id");
        if self.accepted {
            checks::name(&run, &self.run_id)?;
            return checks::consistent(&at.field("error"), self.error.is_none(), || {
                "none where the request is accepted".to_owned()
            });
        }
        checks::consistent(&run, self.run_id.is_empty(), || {
            "none where the request is refused".to_owned()
        })?;
        checks::required(&at.field("error"), self.error.as_ref(), "why it is refused").map(|_| ())
    }
}

impl Validate for Cause {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("alert_id"), &self.alert_id, "the alert's identity")?;
        checks::name(&at.field("endpoint"), &self.endpoint)?;
        checks::in_range(&at.field("version"), self.version > 0, "1 or more")?;
        checks::name(&at.field("run_id"), &self.run_id)?;
        checks::non_blank(&at.field("reason"), &self.reason, checks::MAX_TEXT, "what was found")?;
        if !self.batch_sha256.is_empty() {
            checks::digest(&at.field("batch_sha256"), &self.batch_sha256)?;
        }
        Ok(())
    }
}
