//! What expectations ask, with their arguments read.

use crate::condition::Condition;
use crate::dates::Moment;
use crate::divergence::Divergence;
use crate::json_schema::Schema;
use crate::pattern::Pattern;
use crate::sql::Expression;
use crate::strptime::DateFormat;
use crate::value::{Value, ValueSet};

/// An end of a range.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bound {
    Number(f64),
    Date(Moment),
}

/// A range; an end that is not there is open.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) min: Option<Bound>,
    pub(crate) max: Option<Bound>,
    /// Whether the end itself is outside.
    pub(crate) strict_min: bool,
    pub(crate) strict_max: bool,
}

/// What is asked of each value of a column.
#[derive(Clone, Debug)]
pub(crate) enum ValueTest {
    NotNull,
    Null,
    Unique,
    Between(Bounds),
    /// Whether values have to be in the set, or must not.
    InSet(ValueSet, bool),
    /// Patterns, whether all have to be there and not just one, and whether none may.
    Patterns {
        patterns: Vec<Pattern>,
        all: bool,
        none: bool,
    },
    Length(Bounds),
    /// Whether values rise, and whether equal ones are out of order.
    Monotone {
        rising: bool,
        strictly: bool,
    },
    Json,
    JsonSchema(Schema),
    Date(DateFormat),
    /// What `dateutil` reads.
    AnyDate,
    Type(Vec<String>),
    ZScore {
        threshold: f64,
        double_sided: bool,
    },
    Outliers {
        quartiles: bool,
        multiplier: f64,
    },
}

/// Which rows are passed over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ignore {
    Never,
    /// Rows in which any value is missing.
    Any,
    /// Rows in which all values are missing.
    All,
}

/// What is asked of several values of a row.
#[derive(Clone, Debug)]
pub(crate) enum RowTest {
    Greater {
        or_equal: bool,
    },
    Equal,
    InPairs(Vec<(Value, Value)>),
    UniqueTogether,
    Sum(f64),
    AllEqual,
    AllDifferent,
    /// The expression does not hold: it is that of the rows that are not expected.
    Query(Box<Expression>),
}

/// A figure of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Statistic {
    Min,
    Max,
    Mean,
    Median,
    Deviation,
    Sum,
    UniqueCount,
    UniqueShare,
    PresentShare,
}

/// How a quantile between two values is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Interpolation {
    Nearest,
    Linear,
    Lower,
    Higher,
    Midpoint,
}

/// What is asked of a column as a whole.
#[derive(Clone, Debug)]
pub(crate) enum ColumnTest {
    Figure(Statistic, Bounds),
    Quantiles {
        /// The shares as they were written.
        written: serde_json::Value,
        shares: Vec<f64>,
        ranges: Vec<[Option<f64>; 2]>,
        interpolation: Interpolation,
    },
    MostCommon {
        set: ValueSet,
        ties: bool,
    },
    /// The set, and whether values outside it and values missing of it count.
    Distinct {
        set: ValueSet,
        unexpected: bool,
        missing: bool,
    },
    Divergence(Box<Divergence>),
}

/// What is asked of the table.
#[derive(Clone, Debug)]
pub(crate) enum TableTest {
    Rows(Bounds),
    RowsEqual(i64),
    /// As many rows as another table, by the name that the suite gives it.
    RowsOfOther(String),
    Columns(Bounds),
    ColumnsEqual(i64),
    Ordered(Option<Vec<String>>),
    Set {
        names: Vec<String>,
        exact: bool,
    },
    Exists {
        column: String,
        index: Option<i64>,
    },
    Type {
        column: String,
        names: Vec<String>,
        parsed: bool,
    },
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Values {
        column: String,
        test: ValueTest,
        mostly: f64,
    },
    Rows {
        columns: Vec<String>,
        test: RowTest,
        ignore: Ignore,
        pair: bool,
        mostly: f64,
    },
    Column {
        column: String,
        test: ColumnTest,
    },
    Table(TableTest),
    /// Known, and not evaluated, for this reason.
    Unsupported(&'static str),
}

/// An expectation whose arguments have been read.
#[derive(Clone, Debug)]
pub(crate) struct Expectation {
    pub(crate) kind: Kind,
    pub(crate) condition: Option<Condition>,
}

impl Expectation {
    /// The columns whose values are looked at.
    pub(crate) fn columns(&self) -> Vec<&str> {
        let mut names = self.condition.as_ref().map(Condition::columns).unwrap_or_default();
        match &self.kind {
            Kind::Values { column, .. }
            | Kind::Column { column, .. }
            | Kind::Table(TableTest::Type { column, .. }) => names.push(column),
            Kind::Rows { columns, .. } => names.extend(columns.iter().map(String::as_str)),
            Kind::Table(_) | Kind::Unsupported(_) => {}
        }
        names
    }
}
