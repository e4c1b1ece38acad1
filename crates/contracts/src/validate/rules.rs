//! What a table has to meet, what is done to its values, and the windows of its population.

use schema::{MissingRule, OutlierRule, ValueRules};

use super::checks;
use super::request::MAX_URI;
use crate::stages::Parse;
use crate::v1::{CleaningRules, CohortWindow, DataChecks, IntegrityRule, TableReference};
use crate::{ContractError, FieldError, FieldPath, Validate};

/// Largest suite that a message holds, in bytes; a larger one is given by its place.
const MAX_SUITE: usize = 256 * 1024;
/// Longest expression, in bytes.
const MAX_EXPRESSION: usize = 4096;
const MAX_RULES: usize = 200;
const MAX_KEY: usize = 16;
const MAX_WINDOWS: usize = 16;
const MAX_CONSTANT: usize = 1024;

/// What a table has to meet, where something is said.
pub(crate) fn data_checks(
    at: &FieldPath<'_>,
    message: Option<&DataChecks>,
) -> Result<(), ContractError> {
    message.map_or(Ok(()), |of| of.validate_at(at))
}

impl Validate for DataChecks {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::text(&at.field("suite_uri"), &self.suite_uri, MAX_URI)?;
        let suite = at.field("suite");
        checks::text(&suite, &self.suite, MAX_SUITE)?;
        let one = self.suite.is_empty() || self.suite_uri.is_empty();
        checks::consistent(&suite, one, || "a suite or suite_uri, not both".to_owned())?;
        let rules = at.field("rules");
        checks::at_most(&rules, self.rules.len(), MAX_RULES)?;
        checks::each(&rules, &self.rules)?;
        checks::unique(&rules, self.rules.iter().map(|rule| rule.name.as_str()))
    }
}

impl Validate for IntegrityRule {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::identifier(&at.field("name"), &self.name, "the name of a rule")?;
        let said = [!self.unique.is_empty(), self.reference.is_some(), !self.expression.is_empty()];
        let count = said.into_iter().filter(|said| *said).count();
        checks::consistent(&at.field("expression"), count == 1, || {
            "exactly one of unique, reference and expression".to_owned()
        })?;
        let unique = at.field("unique");
        checks::at_most(&unique, self.unique.len(), MAX_KEY)?;
        checks::column_list(&unique, &self.unique)?;
        if let Some(reference) = &self.reference {
            reference.validate_at(&at.field("reference"))?;
        }
        checks::text(&at.field("expression"), &self.expression, MAX_EXPRESSION)?;
        checks::not_negative(&at.field("tolerance"), self.tolerance)?;
        let holds = self.tolerance == 0.0 || !self.expression.is_empty();
        checks::consistent(&at.field("tolerance"), holds, || {
            "0 where there is no expression".to_owned()
        })
    }
}

impl Validate for TableReference {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        let columns = at.field("columns");
        checks::not_empty(&columns, &self.columns, "one column or more")?;
        checks::at_most(&columns, self.columns.len(), MAX_KEY)?;
        checks::column_list(&columns, &self.columns)?;
        checks::non_blank(&at.field("uri"), &self.uri, MAX_URI, "where the other table is")?;
        let key = at.field("key");
        checks::column_list(&key, &self.key)?;
        let holds = self.key.is_empty() || self.key.len() == self.columns.len();
        checks::consistent(&key, holds, || "as many columns as `columns` has, or none".to_owned())
    }
}

impl Validate for CleaningRules {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        let of = |message: &Option<crate::v1::ValueRules>, at: &FieldPath<'_>| {
            message.as_ref().map_or_else(|| Ok(ValueRules::default()), |of| Parse::parse(of, at))
        };
        let columns = self.columns.iter().enumerate().map(|(place, column)| {
            let at = at.field("columns");
            let at = at.index(place);
            let rules = of(&column.rules, &at.field("rules"))?;
            Ok(schema::ColumnRules { column: column.column.clone(), rules })
        });
        let columns = columns.collect::<Result<_, ContractError>>()?;
        cleaning(at, &schema::CleaningRules { all: of(&self.all, &at.field("all"))?, columns })
    }
}

/// Rules of cleaning that fit one another.
pub(crate) fn cleaning(
    at: &FieldPath<'_>,
    rules: &schema::CleaningRules,
) -> Result<(), ContractError> {
    value_rules(&at.field("all"), &rules.all)?;
    let columns = at.field("columns");
    checks::at_most(&columns, rules.columns.len(), checks::MAX_COLUMNS)?;
    for (place, of) in rules.columns.iter().enumerate() {
        let at = columns.index(place);
        checks::column(&at.field("column"), &of.column)?;
        let at = at.field("rules");
        value_rules(&at, &of.rules)?;
        let holds = of.rules.outliers != Some(OutlierRule::IsolationForest);
        checks::consistent(&at.field("outliers"), holds, || {
            "a rule of one column; OUTLIER_RULE_ISOLATION_FOREST is of all of them".to_owned()
        })?;
    }
    checks::unique(&columns, rules.columns.iter().map(|of| of.column.as_str()))
}

fn value_rules(at: &FieldPath<'_>, rules: &ValueRules) -> Result<(), ContractError> {
    let constant = at.field("constant");
    checks::text(&constant, &rules.constant, MAX_CONSTANT)?;
    if (rules.missing == Some(MissingRule::Constant)) == rules.constant.trim().is_empty() {
        let expected = "the value, with MISSING_RULE_CONSTANT; none with other rules";
        return Err(constant.refuse(FieldError::Missing { expected }));
    }
    let limit = at.field("limit");
    checks::not_negative(&limit, rules.limit)?;
    match rules.outliers {
        Some(OutlierRule::IsolationForest) => {
            checks::in_range(&limit, rules.limit < 0.5, "a share of the rows below 0.5")
        }
        Some(OutlierRule::Iqr | OutlierRule::ZScore) => Ok(()),
        Some(OutlierRule::Keep) | None => {
            let holds = rules.limit == 0.0 && rules.treatment.is_none();
            checks::consistent(&limit, holds, || {
                "no limit and no treatment where there is no rule for outliers".to_owned()
            })
        }
    }
}

/// A bounded number of windows.
pub(crate) fn windows(at: &FieldPath<'_>, windows: &[CohortWindow]) -> Result<(), ContractError> {
    checks::at_most(at, windows.len(), MAX_WINDOWS)?;
    checks::each(at, windows)
}

impl Validate for CohortWindow {
    fn validate_at(&self, at: &FieldPath<'_>) -> Result<(), ContractError> {
        checks::column(&at.field("index_column"), &self.index_column)?;
        checks::optional_column(&at.field("start_column"), &self.start_column)?;
        checks::optional_column(&at.field("end_column"), &self.end_column)?;
        let some = !self.start_column.is_empty() || !self.end_column.is_empty();
        checks::consistent(&at.field("start_column"), some, || {
            "a start_column, an end_column or both".to_owned()
        })?;
        for (field, days, column) in [
            ("look_back_days", self.look_back_days, &self.start_column),
            ("follow_up_days", self.follow_up_days, &self.end_column),
        ] {
            let at = at.field(field);
            checks::not_negative(&at, days)?;
            checks::consistent(&at, days == 0.0 || !column.is_empty(), || {
                "0 where its column is not named".to_owned()
            })?;
        }
        Ok(())
    }
}
