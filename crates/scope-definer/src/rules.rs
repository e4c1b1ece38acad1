//! What a table has to meet: rules of the catalogue, and rules held against the table's columns before a run begins.

use contracts::stages::{DataChecks, IntegrityRule, TableReference};
use contracts::{ContractError, Validate as _};
use expectations::{Expression, ExpressionError, Suite, SuiteError};
use serde::Deserialize;

use crate::error::RequestError;

/// What the table of an entry has to meet.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EntryChecks {
    /// Location of a suite of expectations.
    pub suite: String,
    /// Rules between columns, rows and tables.
    pub rules: Vec<EntryRule>,
}

/// A rule of an entry; it says one of `unique`, `reference` and `expression`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EntryRule {
    /// What findings call it.
    pub name: String,
    /// Whether rows that break it warn instead of failing the gate.
    pub warns: bool,
    /// Columns whose values together no other row has.
    pub unique: Vec<String>,
    /// Another table that has the values.
    pub reference: Option<EntryReference>,
    /// What no row may contradict, in SQL.
    pub expression: String,
    /// Difference up to which numbers are equal in the expression.
    pub tolerance: f64,
}

/// Values that another table has to have.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EntryReference {
    /// The columns of this table.
    pub columns: Vec<String>,
    /// Location of the other table.
    pub uri: String,
    /// Its columns, in the same order; the same names where empty.
    pub key: Vec<String>,
}

impl EntryChecks {
    /// The checks as they travel.
    #[must_use]
    pub fn message(&self) -> DataChecks {
        let rule = |of: &EntryRule| IntegrityRule {
            name: of.name.clone(),
            warns: of.warns,
            unique: of.unique.clone(),
            reference: of.reference.as_ref().map(|of| TableReference {
                columns: of.columns.clone(),
                uri: of.uri.clone(),
                key: of.key.clone(),
            }),
            expression: of.expression.clone(),
            tolerance: of.tolerance,
        };
        DataChecks {
            suite_uri: self.suite.clone(),
            suite: String::new(),
            rules: self.rules.iter().map(rule).collect(),
        }
    }
}

/// Checks that cannot be held against any table.
#[derive(Debug, thiserror::Error)]
pub enum ChecksError {
    /// A field breaks its rule.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// An expression that is not understood.
    #[error("the expression of the rule `{rule}` cannot be read {source}")]
    Expression {
        /// Name of the rule.
        rule: String,
        /// What is wrong with the expression, and where.
        source: ExpressionError,
    },
    /// A suite that is not understood.
    #[error("the suite of expectations cannot be used: {0}")]
    Suite(Box<SuiteError>),
}

/// Whether checks are understood, whatever the table.
///
/// # Errors
/// The first that is not.
pub fn check(checks: &DataChecks) -> Result<(), ChecksError> {
    checks.validate()?;
    for rule in checks.rules.iter().filter(|rule| !rule.expression.is_empty()) {
        Expression::parse(&rule.expression)
            .map_err(|source| ChecksError::Expression { rule: rule.name.clone(), source })?;
    }
    if !checks.suite.is_empty() {
        Suite::parse(checks.suite.as_bytes())
            .map_err(|error| ChecksError::Suite(Box::new(error)))?;
    }
    Ok(())
}

/// Whether checks are understood, and name columns that the table has.
pub(crate) fn check_against(checks: &DataChecks, header: &[String]) -> Result<(), RequestError> {
    check(checks).map_err(|error| {
        RequestError::new("checks_invalid", "checks", contracts::failures::with_causes(&error))
    })?;
    for rule in &checks.rules {
        let expression = Expression::parse(&rule.expression).ok();
        let of_reference = rule.reference.iter().flat_map(|of| &of.columns);
        let named = rule.unique.iter().chain(of_reference);
        for column in named.chain(expression.iter().flat_map(Expression::columns)) {
            if !header.contains(column) {
                let nearest = dataset::nearest(column, header.iter().map(String::as_str));
                return Err(crate::learning::missing("checks", column, nearest));
            }
        }
    }
    Ok(())
}
