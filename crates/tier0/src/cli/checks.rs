//! What a table has to meet, and what is done to its values: options of `tier0 submit` and `tier0 run`.

use clap::Args;
use contracts::stages::{MissingRule, OutlierRule, OutlierTreatment};
use contracts::v1::{CohortWindow, IntegrityRule, TableReference};

/// What the table has to meet, and what is done to its values.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Checks and cleaning")]
pub struct ChecksArgs {
    /// A suite of expectations that the rows have to meet, as Great Expectations writes it (JSON): a file, file://, s3://, gs:// or az://
    #[arg(long, value_name = "URI")]
    pub suite: Option<String>,
    /// Columns whose values together no other row has; may be given more than once
    #[arg(long, value_name = "COLUMN,COLUMN", value_parser = names)]
    pub unique: Vec<Names>,
    /// Columns whose values another table has, by the same names or by those behind #; may be given more than once
    #[arg(long, value_name = "COLUMN,COLUMN=URI#COLUMN,COLUMN", value_parser = reference)]
    pub references: Vec<TableReference>,
    /// What no row may contradict, in SQL, such as "total = price * quantity" or "ended >= started"; may be given more than once
    #[arg(long, value_name = "EXPRESSION", value_parser = expression)]
    pub rule: Vec<String>,
    /// Difference up to which numbers are equal in --rule
    #[arg(long, value_name = "NUMBER", requires = "rule", value_parser = number)]
    pub tolerance: Option<f64>,
    /// Rows that break --unique, --references or --rule warn instead of failing the run
    #[arg(long)]
    pub rules_warn: bool,
    /// What missing values become: keep, mean, median, mode, constant:VALUE, forward, backward or drop; of one column, or of all [default: as the data-preparer is configured, keep]
    #[arg(long, value_name = "[COLUMN=]RULE", value_parser = filling)]
    pub fill_missing: Vec<Filling>,
    /// Features that say which values were missing, of this column; `*` for all
    #[arg(long, value_name = "COLUMN")]
    pub missing_indicator: Vec<String>,
    /// Which numbers are outliers (keep, iqr, z-score or isolation-forest), what becomes of them (cap, null or drop), and from where on (1.5 interquartile ranges, 3 deviations, a share of 0.01 of the rows); of one column, or of all
    #[arg(long, value_name = "[COLUMN=]RULE[:TREATMENT[:LIMIT]]", value_parser = outliers)]
    pub outliers: Vec<Outliers>,
    /// Rows are left out of which the time of INDEX is fewer than DAYS behind that of START; may be given more than once
    #[arg(long, value_name = "INDEX:START:DAYS", value_parser = span)]
    pub look_back: Vec<Span>,
    /// Rows are left out of which the time of END is fewer than DAYS behind that of INDEX; may be given more than once
    #[arg(long, value_name = "INDEX:END:DAYS", value_parser = span)]
    pub follow_up: Vec<Span>,
}

/// Names of columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

/// What missing values become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling {
    /// The column; none for all.
    pub column: Option<String>,
    /// What they become.
    pub rule: MissingRule,
    /// The value, with a constant; else empty.
    pub constant: String,
}

/// Which numbers are outliers, and what becomes of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Outliers {
    /// The column; none for all.
    pub column: Option<String>,
    /// Which are.
    pub rule: OutlierRule,
    /// What becomes of them.
    pub treatment: Option<OutlierTreatment>,
    /// From where on; 0 for the usual.
    pub limit: f64,
}

/// Two columns of times, and the least days between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Column of the moment that a row is about.
    pub index: String,
    /// The other column.
    pub other: String,
    /// Least days.
    pub days: f64,
}

impl ChecksArgs {
    /// The rules, each with a name of its own.
    #[must_use]
    pub fn rules(&self) -> Vec<IntegrityRule> {
        let rule = |kind: &str, place: usize| IntegrityRule {
            name: format!("{kind}_{}", place + 1),
            warns: self.rules_warn,
            ..IntegrityRule::default()
        };
        let unique = self.unique.iter().enumerate().map(|(place, names)| IntegrityRule {
            unique: names.0.clone(),
            ..rule("unique", place)
        });
        let references = self.references.iter().enumerate().map(|(place, reference)| {
            let mut reference = reference.clone();
            reference.uri = crate::request::absolute(&reference.uri).unwrap_or(reference.uri);
            IntegrityRule { reference: Some(reference), ..rule("reference", place) }
        });
        let expressions = self.rule.iter().enumerate().map(|(place, text)| IntegrityRule {
            expression: text.clone(),
            tolerance: self.tolerance.unwrap_or_default(),
            ..rule("rule", place)
        });
        unique.chain(references).chain(expressions).collect()
    }

    /// The windows of the population.
    #[must_use]
    pub fn windows(&self) -> Vec<CohortWindow> {
        let look_back = self.look_back.iter().map(|span| CohortWindow {
            index_column: span.index.clone(),
            start_column: span.other.clone(),
            look_back_days: span.days,
            ..CohortWindow::default()
        });
        let follow_up = self.follow_up.iter().map(|span| CohortWindow {
            index_column: span.index.clone(),
            end_column: span.other.clone(),
            follow_up_days: span.days,
            ..CohortWindow::default()
        });
        look_back.chain(follow_up).collect()
    }
}

/// A text that is not of its form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub(super) struct ParseCheckError {
    expected: String,
}

fn expected(expected: impl Into<String>) -> ParseCheckError {
    ParseCheckError { expected: expected.into() }
}

fn list(text: &str) -> Option<Vec<String>> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    names.iter().all(|name| !name.is_empty()).then_some(names)
}

fn names(text: &str) -> Result<Names, ParseCheckError> {
    list(text).map(Names).ok_or_else(|| expected("columns with commas between them"))
}

/// Reads `brand=brands.csv` or `brand,land=s3://b/brands.parquet#name,country`.
fn reference(text: &str) -> Result<TableReference, ParseCheckError> {
    let fault = || expected("COLUMN=URI or COLUMN=URI#COLUMN, such as brand=brands.csv#name");
    let (columns, table) = text.split_once('=').ok_or_else(fault)?;
    let columns = list(columns).ok_or_else(fault)?;
    let (uri, key) = match table.rsplit_once('#') {
        Some((uri, key)) => (uri, list(key).ok_or_else(fault)?),
        None => (table, Vec::new()),
    };
    if uri.is_empty() || !(key.is_empty() || key.len() == columns.len()) {
        return Err(fault());
    }
    Ok(TableReference { columns, uri: uri.to_owned(), key })
}

fn expression(text: &str) -> Result<String, expectations::ExpressionError> {
    expectations::Expression::parse(text).map(|_| text.to_owned())
}

fn number(text: &str) -> Result<f64, ParseCheckError> {
    let number = text.parse().ok().filter(|number: &f64| *number >= 0.0 && number.is_finite());
    number.ok_or_else(|| expected("a number of 0 or more"))
}

/// The column before a rule, where one is named, and the rule.
fn of_column<'t, T>(
    text: &'t str,
    read: impl Fn(&'t str) -> Option<T>,
) -> Option<(Option<String>, T)> {
    if let Some(rule) = read(text) {
        return Some((None, rule));
    }
    // A column's name may have the sign in it.
    let (column, rule) = text.rsplit_once('=')?;
    (!column.is_empty()).then_some(())?;
    Some((Some(column.to_owned()), read(rule)?))
}

fn filling(text: &str) -> Result<Filling, ParseCheckError> {
    let read = |rule: &str| {
        let (name, constant) = rule.split_once(':').unwrap_or((rule, ""));
        let rule = MissingRule::by_name(name)?;
        ((rule == MissingRule::Constant) != constant.is_empty())
            .then(|| (rule, constant.to_owned()))
    };
    let names = || MissingRule::ALL.iter().map(|rule| rule.as_str()).collect::<Vec<_>>().join(", ");
    let (column, (rule, constant)) = of_column(text, read).ok_or_else(|| {
        expected(format!(
            "RULE or COLUMN=RULE with one of {}; constant has a value, such as constant:0",
            names()
        ))
    })?;
    Ok(Filling { column, rule, constant })
}

fn outliers(text: &str) -> Result<Outliers, ParseCheckError> {
    let read = |rule: &str| {
        let mut parts = rule.split(':');
        let rule = OutlierRule::by_name(parts.next()?)?;
        let treatment = match parts.next() {
            Some(name) => Some(OutlierTreatment::by_name(name)?),
            None => None,
        };
        let limit = match parts.next() {
            Some(limit) => limit.parse().ok().filter(|limit: &f64| *limit > 0.0)?,
            None => 0.0,
        };
        parts.next().is_none().then_some((rule, treatment, limit))
    };
    let (column, (rule, treatment, limit)) = of_column(text, read).ok_or_else(|| {
        expected("RULE[:TREATMENT[:LIMIT]] or COLUMN=RULE…, such as iqr, z-score:null:4 or age=iqr:cap:3")
    })?;
    Ok(Outliers { column, rule, treatment, limit })
}

fn span(text: &str) -> Result<Span, ParseCheckError> {
    let fault = || expected("two columns and days, such as visit:enrolled:180");
    let (columns, days) = text.rsplit_once(':').ok_or_else(fault)?;
    let (index, other) = columns.split_once(':').ok_or_else(fault)?;
    let days = number(days).map_err(|_| fault())?;
    if index.is_empty() || other.is_empty() {
        return Err(fault());
    }
    Ok(Span { index: index.to_owned(), other: other.to_owned(), days })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn rules_of_values_are_read() {
        let median = filling("median").unwrap();
        assert_eq!((median.column, median.rule), (None, MissingRule::Median));
        let constant = filling("a=b=constant:x=1").unwrap_err();
        assert!(constant.to_string().contains("constant:0"));
        let constant = filling("age=constant:0").unwrap();
        assert_eq!((constant.column.as_deref(), constant.constant.as_str()), (Some("age"), "0"));
        for wrong in ["guess", "constant", "median:3", "=median", ""] {
            assert!(filling(wrong).is_err(), "{wrong}");
        }
        let null = outliers("price=z-score:null:4").unwrap();
        assert_eq!((null.rule, null.limit), (OutlierRule::ZScore, 4.0));
        assert_eq!(outliers("isolation-forest").unwrap().treatment, None);
        for wrong in ["iqr:2", "iqr:cap:-1", "iqr:cap:1:2", "guess"] {
            assert!(outliers(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rules_between_columns_are_read() {
        let of = reference("brand,land=s3://b/x.csv#name,country").unwrap();
        assert_eq!((of.uri.as_str(), of.key.len()), ("s3://b/x.csv", 2));
        for wrong in ["brand", "brand=", "a,b=x.csv#a", "=x.csv"] {
            assert!(reference(wrong).is_err(), "{wrong}");
        }
        assert!(expression("a >").is_err() && names("a,,b").is_err());
        assert_eq!(span("visit:enrolled:180").unwrap().days, 180.0);
        assert!(span("visit:180").is_err());
    }
}
