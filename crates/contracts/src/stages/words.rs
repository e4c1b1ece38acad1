//! The words of `schema` as they travel.

use schema::{
    CleaningRules, ColumnRules, ColumnType, CsvDialect, Field, Finding, Format, MissingRule,
    MonotoneConstraint, MonotoneDirection, Operator, OutlierRule, OutlierTreatment, Predicate,
    ProblemType, Severity, SplitMethod, ValueRules,
};

use super::parse::{Parse, chosen, each, messages, optional};
use crate::{ContractError, FieldError, FieldPath, Validate as _, v1};

macro_rules! words {
    ($($wire:ident is $word:ident { $($variant:ident),* })*) => {$(
        impl From<v1::$wire> for Option<$word> {
            fn from(wire: v1::$wire) -> Self {
                match wire {
                    v1::$wire::Unspecified => None,
                    $(v1::$wire::$variant => Some($word::$variant),)*
                }
            }
        }

        impl From<$word> for v1::$wire {
            fn from(word: $word) -> Self {
                match word {
                    $($word::$variant => Self::$variant,)*
                }
            }
        }
    )*};
}

words! {
    AlertSeverity is Severity { Info, Warning, Critical }
    ColumnType is ColumnType { Integer, Number, Boolean, Text, Date, Timestamp }
    DataFormat is Format { Csv, Parquet, JsonLines, ArrowIpc }
    MissingRule is MissingRule { Keep, Mean, Median, Mode, Constant, Forward, Backward, Drop }
    MonotoneDirection is MonotoneDirection { Increasing, Decreasing }
    OutlierRule is OutlierRule { Keep, Iqr, ZScore, IsolationForest }
    OutlierTreatment is OutlierTreatment { Cap, Null, Drop }
    PredicateOperator is Operator {
        Equal, NotEqual, Greater, GreaterOrEqual, Less, LessOrEqual, In, NotIn, Between, Contains
    }
    ProblemType is ProblemType { Binary, Multiclass, Regression }
    SplitMethod is SplitMethod { Random, Stratified, Entity, Time }
}

/// The name of a comparison, as in canonical JSON and in the digests of cohorts.
#[must_use]
pub fn operator_name(operator: Operator) -> &'static str {
    v1::PredicateOperator::from(operator).as_str_name()
}

/// The number of a choice that may be left open.
pub(super) fn number<W: Into<i32> + Default + From<T>, T>(word: Option<T>) -> i32 {
    word.map_or_else(W::default, W::from).into()
}

impl Parse<v1::ColumnSchema> for Field {
    fn parse(message: &v1::ColumnSchema, at: &FieldPath<'_>) -> Result<Self, ContractError> {
        let column_type = chosen::<v1::ColumnType, _>(&at.field("type"), message.r#type)?;
        Ok(Self { nullable: message.nullable, ..Self::new(&message.name, column_type) })
    }
}

impl From<Field> for v1::ColumnSchema {
    fn from(field: Field) -> Self {
        let column_type = v1::ColumnType::from(field.column_type);
        Self { name: field.name, r#type: column_type.into(), nullable: field.nullable }
    }
}

impl Parse<v1::Predicate> for Predicate {
    fn parse(message: &v1::Predicate, at: &FieldPath<'_>) -> Result<Self, ContractError> {
        let operator = chosen::<v1::PredicateOperator, _>(&at.field("operator"), message.operator)?;
        let (column, values) = (message.column.clone(), message.values.clone());
        Ok(Self { column, operator, values })
    }
}

impl From<Predicate> for v1::Predicate {
    fn from(predicate: Predicate) -> Self {
        let Predicate { column, operator, values } = predicate;
        Self { column, operator: v1::PredicateOperator::from(operator).into(), values }
    }
}

impl Parse<v1::CsvDialect> for CsvDialect {
    fn parse(message: &v1::CsvDialect, at: &FieldPath<'_>) -> Result<Self, ContractError> {
        let words = [
            ("delimiter", message.delimiter.as_str()),
            ("quote", &message.quote),
            ("decimal", &message.decimal),
            ("thousands", &message.thousands),
            ("comment", &message.comment),
            ("encoding", &message.encoding),
            ("date_order", &message.date_order),
        ];
        let stated = Self::parse(&words).map_err(|error| {
            at.field(error.field).refuse(FieldError::Inconsistent { expected: error.expected })
        })?;
        let (no_header, skip_lines) = (message.no_header, message.skip_lines);
        Ok(Self { no_header, skip_lines, ..stated })
    }
}

impl From<CsvDialect> for v1::CsvDialect {
    fn from(dialect: CsvDialect) -> Self {
        let mut message = Self {
            no_header: dialect.no_header,
            skip_lines: dialect.skip_lines,
            ..Self::default()
        };
        for (field, word) in dialect.words() {
            match field {
                "delimiter" => message.delimiter = word,
                "quote" => message.quote = word,
                "decimal" => message.decimal = word,
                "thousands" => message.thousands = word,
                "comment" => message.comment = word,
                "date_order" => message.date_order = word,
                _ => message.encoding = word,
            }
        }
        message
    }
}

/// A dialect of which nothing may be stated.
pub(super) fn dialect(
    at: &FieldPath<'_>,
    message: Option<&v1::CsvDialect>,
) -> Result<CsvDialect, ContractError> {
    message.map_or_else(|| Ok(CsvDialect::default()), |stated| Parse::parse(stated, at))
}

/// The message of a dialect; none where nothing is stated.
pub(super) fn dialect_message(dialect: CsvDialect) -> Option<v1::CsvDialect> {
    (!dialect.is_open()).then(|| dialect.into())
}

impl Parse<v1::MonotoneConstraint> for MonotoneConstraint {
    fn parse(message: &v1::MonotoneConstraint, at: &FieldPath<'_>) -> Result<Self, ContractError> {
        let direction =
            chosen::<v1::MonotoneDirection, _>(&at.field("direction"), message.direction)?;
        Ok(Self { column: message.column.clone(), direction })
    }
}

impl From<MonotoneConstraint> for v1::MonotoneConstraint {
    fn from(constraint: MonotoneConstraint) -> Self {
        let direction = v1::MonotoneDirection::from(constraint.direction);
        Self { column: constraint.column, direction: direction.into() }
    }
}

impl Parse<v1::ValueRules> for ValueRules {
    fn parse(message: &v1::ValueRules, at: &FieldPath<'_>) -> Result<Self, ContractError> {
        Ok(Self {
            missing: optional::<v1::MissingRule, _>(&at.field("missing"), message.missing)?,
            constant: message.constant.clone(),
            missing_indicator: message.missing_indicator,
            outliers: optional::<v1::OutlierRule, _>(&at.field("outliers"), message.outliers)?,
            treatment: optional::<v1::OutlierTreatment, _>(
                &at.field("treatment"),
                message.treatment,
            )?,
            limit: message.limit,
        })
    }
}

impl From<ValueRules> for v1::ValueRules {
    fn from(rules: ValueRules) -> Self {
        Self {
            missing: number::<v1::MissingRule, _>(rules.missing),
            constant: rules.constant,
            missing_indicator: rules.missing_indicator,
            outliers: number::<v1::OutlierRule, _>(rules.outliers),
            treatment: number::<v1::OutlierTreatment, _>(rules.treatment),
            limit: rules.limit,
        }
    }
}

/// Rules of which nothing may be said.
fn value_rules(
    at: &FieldPath<'_>,
    message: Option<&v1::ValueRules>,
) -> Result<ValueRules, ContractError> {
    message.map_or_else(|| Ok(ValueRules::default()), |said| Parse::parse(said, at))
}

/// The message of rules; none where nothing is said.
fn value_rules_message(rules: ValueRules) -> Option<v1::ValueRules> {
    (rules != ValueRules::default()).then(|| rules.into())
}

impl Parse<v1::ColumnRules> for ColumnRules {
    fn parse(message: &v1::ColumnRules, at: &FieldPath<'_>) -> Result<Self, ContractError> {
        let rules = value_rules(&at.field("rules"), message.rules.as_ref())?;
        Ok(Self { column: message.column.clone(), rules })
    }
}

impl From<ColumnRules> for v1::ColumnRules {
    fn from(of: ColumnRules) -> Self {
        Self { column: of.column, rules: value_rules_message(of.rules) }
    }
}

/// Cleaning of which nothing may be said.
pub(super) fn cleaning(
    at: &FieldPath<'_>,
    message: Option<&v1::CleaningRules>,
) -> Result<CleaningRules, ContractError> {
    let Some(message) = message else { return Ok(CleaningRules::default()) };
    Ok(CleaningRules {
        all: value_rules(&at.field("all"), message.all.as_ref())?,
        columns: each(&at.field("columns"), &message.columns)?,
    })
}

/// The message of cleaning; none where nothing is said.
pub(super) fn cleaning_message(rules: CleaningRules) -> Option<v1::CleaningRules> {
    (!rules.is_open()).then(|| rules.into())
}

/// Checks rules of cleaning as the contract of a request does.
///
/// # Errors
/// The first rule that is not allowed, by its field.
pub fn check_cleaning(rules: &CleaningRules) -> Result<(), ContractError> {
    v1::CleaningRules::from(rules.clone()).validate()
}

impl From<CleaningRules> for v1::CleaningRules {
    fn from(rules: CleaningRules) -> Self {
        Self { all: value_rules_message(rules.all), columns: messages(rules.columns) }
    }
}

impl Parse<v1::QualityIssue> for Finding {
    fn parse(message: &v1::QualityIssue, _: &FieldPath<'_>) -> Result<Self, ContractError> {
        Ok(Self {
            code: message.code.clone(),
            blocking: message.blocking,
            column: message.column.clone(),
            message: message.message.clone(),
            rows: message.rows,
        })
    }
}

impl From<Finding> for v1::QualityIssue {
    fn from(finding: Finding) -> Self {
        let Finding { code, blocking, column, message, rows } = finding;
        Self { code, blocking, column, message, rows }
    }
}

macro_rules! of_records {
    ($($record:ident),*) => {$(
        impl v1::$record {
            /// The problem type; none where it was not recorded.
            #[must_use]
            pub fn problem(&self) -> Option<ProblemType> {
                self.problem_type().into()
            }

            /// Inputs that a caller gives, in order.
            ///
            /// # Errors
            /// [`ContractError::Field`] where the type of one is not specified.
            pub fn inputs(&self) -> Result<Vec<Field>, ContractError> {
                each(&FieldPath::ROOT.field("signature_inputs"), &self.signature_inputs)
            }
        }
    )*};
}

of_records!(ModelVersion, Monitor);
