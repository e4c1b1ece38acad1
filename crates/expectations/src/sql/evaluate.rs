//! The value of an expression for a row.

use std::borrow::Cow;

use super::term::DAY;
use super::{Arithmetic, Comparison, Literal, Node, Term};

impl Literal {
    fn term(&self) -> Term<'_> {
        match self {
            Self::Null => Term::Null,
            Self::Bool(value) => Term::Bool(*value),
            Self::Number(value) => Term::Number(*value),
            Self::Text(text) => Term::Text(Cow::Borrowed(text)),
            Self::Time(value) => Term::Time(*value),
            Self::Span(value) => Term::Span(*value),
        }
    }
}

/// A truth value, none where it is unknown.
fn truth(term: Term<'_>) -> Result<Option<bool>, String> {
    match term {
        Term::Null => Ok(None),
        Term::Bool(value) => Ok(Some(value)),
        other => Err(format!("{} stands where a truth value is expected", other.kind())),
    }
}

fn of_truth(value: Option<bool>) -> Term<'static> {
    value.map_or(Term::Null, Term::Bool)
}

impl Node {
    /// The value for a row.
    pub(super) fn term<'a>(&'a self, row: &[Term<'a>], tolerance: f64) -> Result<Term<'a>, String> {
        match self {
            Self::Column(place) => Ok(row.get(*place).cloned().unwrap_or(Term::Null)),
            Self::Literal(literal) => Ok(literal.term()),
            Self::Negative(node) => match node.term(row, tolerance)? {
                Term::Null => Ok(Term::Null),
                Term::Number(number) => Ok(Term::Number(-number)),
                Term::Span(span) => Ok(Term::Span(-span)),
                other => Err(format!("`-` of {}", other.kind())),
            },
            Self::Arithmetic(left, operator, right) => {
                operator.of(left.term(row, tolerance)?, right.term(row, tolerance)?)
            }
            Self::Compare(left, comparison, right) => {
                let (left, right) = (left.term(row, tolerance)?, right.term(row, tolerance)?);
                Ok(of_truth(comparison.of(&left, &right, tolerance)?))
            }
            Self::In(node, list) => {
                let term = node.term(row, tolerance)?;
                let mut found = Some(false);
                for node in list {
                    match Comparison::Equal.of(&term, &node.term(row, tolerance)?, tolerance)? {
                        Some(true) => return Ok(Term::Bool(true)),
                        Some(false) => {}
                        None => found = None,
                    }
                }
                Ok(of_truth(found))
            }
            Self::Like(node, pattern) => match node.term(row, tolerance)? {
                Term::Null => Ok(Term::Null),
                Term::Text(text) => Ok(Term::Bool(pattern.is_in(&text)?)),
                other => Err(format!("{} is matched with a pattern", other.kind())),
            },
            Self::IsNull(node) => Ok(Term::Bool(node.term(row, tolerance)? == Term::Null)),
            Self::Is(node, value) => {
                Ok(Term::Bool(truth(node.term(row, tolerance)?)? == Some(*value)))
            }
            Self::Not(node) => Ok(of_truth(truth(node.term(row, tolerance)?)?.map(|holds| !holds))),
            Self::And(nodes) => all(nodes, row, tolerance, false),
            Self::Or(nodes) => all(nodes, row, tolerance, true),
            Self::Call(function, nodes) => {
                let terms = nodes.iter().map(|node| node.term(row, tolerance));
                function.call(terms.collect::<Result<_, _>>()?, tolerance)
            }
            Self::Case(cases, otherwise) => {
                for (condition, value) in cases {
                    if truth(condition.term(row, tolerance)?)? == Some(true) {
                        return value.term(row, tolerance);
                    }
                }
                otherwise.term(row, tolerance)
            }
        }
    }
}

/// `decides` of any decides; else unknown where any is unknown.
fn all<'a>(
    nodes: &'a [Node],
    row: &[Term<'a>],
    tolerance: f64,
    decides: bool,
) -> Result<Term<'a>, String> {
    let mut found = Some(!decides);
    for node in nodes {
        match truth(node.term(row, tolerance)?)? {
            Some(value) if value == decides => return Ok(Term::Bool(decides)),
            Some(_) => {}
            None => found = None,
        }
    }
    Ok(of_truth(found))
}

impl Comparison {
    fn of(self, left: &Term<'_>, right: &Term<'_>, tolerance: f64) -> Result<Option<bool>, String> {
        if *left == Term::Null || *right == Term::Null {
            return Ok(None);
        }
        let order = left.order(right, tolerance)?;
        Ok(Some(match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }))
    }
}

impl Arithmetic {
    fn of<'a>(self, left: Term<'a>, right: Term<'a>) -> Result<Term<'a>, String> {
        use Term::{Null, Number, Span, Text, Time};
        let misfit = |left: &Term<'_>, right: &Term<'_>| {
            Err(format!("`{self}` of {} and {}", left.kind(), right.kind()))
        };
        Ok(match (self, &left, &right) {
            (_, Null, _) | (_, _, Null) => Null,
            (Self::Add, Number(a), Number(b)) => Term::of_number(a + b),
            (Self::Subtract, Number(a), Number(b)) => Term::of_number(a - b),
            (Self::Multiply, Number(a), Number(b)) => Term::of_number(a * b),
            (Self::Divide | Self::Remainder, Number(_) | Span(_), Number(b)) if *b == 0.0 => Null,
            (Self::Divide, Number(a), Number(b)) => Term::of_number(a / b),
            (Self::Remainder, Number(a), Number(b)) => Term::of_number(a % b),
            (Self::Concatenate, Text(a), Text(b)) => Text(Cow::Owned(format!("{a}{b}"))),
            (Self::Add, Time(time), Span(span)) | (Self::Add, Span(span), Time(time)) => {
                Time(time + span)
            }
            (Self::Subtract, Time(time), Span(span)) => Time(time - span),
            // A bare number counts days.
            (Self::Add, Time(time), Number(days)) => Time(time + days * DAY),
            (Self::Subtract, Time(time), Number(days)) => Time(time - days * DAY),
            (Self::Add, Span(a), Span(b)) => Span(a + b),
            (Self::Subtract, Span(a), Span(b)) => Span(a - b),
            (Self::Multiply, Span(span), Number(times))
            | (Self::Multiply, Number(times), Span(span)) => Span(span * times),
            (Self::Divide, Span(span), Number(by)) => Span(span / by),
            (Self::Divide, Span(a), Span(b)) => Term::of_number(a / b),
            (Self::Subtract, Time(_) | Text(_), Time(_) | Text(_)) => {
                Span(left.time()? - right.time()?)
            }
            (Self::Add | Self::Subtract, Text(_), Span(span)) => {
                let sign = if self == Self::Add { 1.0 } else { -1.0 };
                Time(left.time()? + sign * span)
            }
            _ => return misfit(&left, &right),
        })
    }
}
