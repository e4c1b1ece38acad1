//! A table at its source: its format, and criteria of its rows.

use std::fmt;

/// A comparison of a column with values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predicate {
    /// Name of the column.
    pub column: String,
    /// Comparison of the column with the operands.
    pub operator: Operator,
    /// The operands, as text: one, two for `between`, one or more for `in` and `not in`.
    pub values: Vec<String>,
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.column, self.operator.symbol(), self.values.join(", "))
    }
}

/// Comparison of a predicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// The value is equal to the operand.
    Equal,
    /// The value differs from the operand.
    NotEqual,
    /// The value is greater than the operand.
    Greater,
    /// Greater than or equal.
    GreaterOrEqual,
    /// The value is less than the operand.
    Less,
    /// Less than or equal.
    LessOrEqual,
    /// One of the values.
    In,
    /// None of the values.
    NotIn,
    /// From the first to the second value, both included.
    Between,
    /// Contains the value as a substring.
    Contains,
}

impl Operator {
    /// As it is written: `==`, `not_in`.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::In => "in",
            Self::NotIn => "not_in",
            Self::Between => "between",
            Self::Contains => "contains",
        }
    }
}
