//! Expressions in SQL over the columns of a row: what a business rule says.
//!
//! ```text
//! "total = price * quantity and ended >= date '2020-01-01'" ─ parse ─▶ Expression ─ holds(row) ─▶ true, false or unknown
//! ```
//!
//! Logic has three values, as SQL has it: what is compared with a missing value is unknown. Numbers are doubles, and a division by
//! zero is unknown.

mod evaluate;
mod function;
mod lex;
mod parse;
mod term;

use std::fmt;

use crate::pattern::Pattern;

pub(crate) use function::Function;
pub use term::Term;

/// Longest expression, in characters.
const MAX_LENGTH: usize = 16_384;
/// Deepest nesting.
const MAX_DEPTH: usize = 64;

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {reason}")]
pub struct ExpressionError {
    /// Characters before the fault.
    pub position: usize,
    /// What would be right.
    pub reason: String,
}

/// An expression that has been read.
#[derive(Clone, Debug)]
pub struct Expression {
    columns: Vec<String>,
    node: Node,
    tolerance: f64,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`ExpressionError`] with the place of the fault.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let (node, columns) = parse::parse(text)?;
        Ok(Self { columns, node, tolerance: 0.0 })
    }

    /// Takes numbers for equal that differ by no more than this, 0 or more.
    #[must_use]
    pub fn with_tolerance(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    /// The columns that it names, each once, in the order in which [`Self::holds`] asks for them.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Whether it holds for a row, whose values are in the order of [`Self::columns`]; none where that is unknown.
    ///
    /// # Errors
    /// Where values are of kinds that the expression cannot be evaluated on. The message names kinds, never values.
    pub fn holds(&self, row: &[Term<'_>]) -> Result<Option<bool>, String> {
        match self.node.term(row, self.tolerance)? {
            Term::Null => Ok(None),
            Term::Bool(holds) => Ok(Some(holds)),
            other => Err(format!("it is {} and no truth value", other.kind())),
        }
    }
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What is done to two terms.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Concatenate,
}

impl fmt::Display for Arithmetic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Concatenate => "||",
        })
    }
}

#[derive(Clone, Debug)]
enum Node {
    /// Place of a column.
    Column(usize),
    Literal(Literal),
    Negative(Box<Node>),
    Arithmetic(Box<Node>, Arithmetic, Box<Node>),
    Compare(Box<Node>, Comparison, Box<Node>),
    In(Box<Node>, Vec<Node>),
    Like(Box<Node>, Box<Pattern>),
    IsNull(Box<Node>),
    /// Whether it is this truth value, which is never unknown.
    Is(Box<Node>, bool),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Call(Function, Vec<Node>),
    /// Conditions with their values, and the value where none of them holds.
    Case(Vec<(Node, Node)>, Box<Node>),
}

#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// Microseconds since 1970.
    Time(f64),
    /// Microseconds.
    Span(f64),
}

#[cfg(test)]
mod tests;
