//! Conditions of an analysis, such as `error_rate <= 0.01 && p99_ratio <= 2`.
//!
//! ```text
//!   or    = and { "||" and }          compare = value [ ("<" | "<=" | ">" | ">=" | "==" | "!=") value ]
//!   and   = not { "&&" not }          value   = number | name | "(" or ")"
//!   not   = [ "!" ] compare
//! ```
//!
//! A name that was not measured makes what it stands in unknown; `false && unknown` is false and `true || unknown` true (Kleene's logic). Only a condition that is true is met.

use std::collections::BTreeMap;

/// Names that an analysis can measure.
const NAMES: [&str; 19] = [
    "requests",
    "error_rate",
    "p50_ms",
    "p99_ms",
    "p99_ratio",
    "prediction_psi",
    "labelled",
    "accuracy",
    "loss",
    "baseline_requests",
    "baseline_error_rate",
    "baseline_p50_ms",
    "baseline_p99_ms",
    "baseline_labelled",
    "baseline_accuracy",
    "baseline_loss",
    "disagreement_rate",
    "mean_difference",
    "max_difference",
];

/// Longest condition, in bytes.
const MAX_CONDITION_BYTES: usize = 1024;
/// Greatest depth of nested parentheses.
const MAX_DEPTH: usize = 32;

/// What is wrong with a condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the condition is wrong at character {at}: expected {expected}")]
pub struct ConditionError {
    /// The character, from 1.
    pub at: usize,
    /// What would be right.
    pub expected: String,
}

/// A condition that can be evaluated.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(f64),
    Name(String),
    Compare(Box<Node>, Comparison, Box<Node>),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// Where it is none, with the place and what would be right there.
    pub(crate) fn parse(text: &str) -> Result<Self, ConditionError> {
        if text.len() > MAX_CONDITION_BYTES {
            let expected = format!("at most {MAX_CONDITION_BYTES} characters");
            return Err(ConditionError { at: MAX_CONDITION_BYTES, expected });
        }
        let mut parser = Parser { text, at: 0, depth: 0 };
        let node = parser.or()?;
        parser.skip();
        if parser.at < text.len() {
            return Err(parser.expected("an operator, or the end"));
        }
        if matches!(node, Node::Number(_) | Node::Name(_)) {
            return Err(parser.expected("a comparison such as error_rate <= 0.01"));
        }
        Ok(Self(node))
    }

    /// Whether it holds; none where that depends on what was not measured.
    #[must_use]
    pub(crate) fn holds(&self, measured: &BTreeMap<String, f64>) -> Option<bool> {
        truth(&self.0, measured)
    }
}

fn truth(node: &Node, measured: &BTreeMap<String, f64>) -> Option<bool> {
    match node {
        Node::Number(number) => Some(*number != 0.0),
        Node::Name(name) => measured.get(name).map(|value| *value != 0.0),
        Node::Not(inner) => truth(inner, measured).map(|holds| !holds),
        Node::And(left, right) => match (truth(left, measured), truth(right, measured)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Node::Or(left, right) => match (truth(left, measured), truth(right, measured)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        Node::Compare(left, comparison, right) => {
            let (left, right) = (number(left, measured)?, number(right, measured)?);
            Some(match comparison {
                Comparison::Less => left < right,
                Comparison::LessOrEqual => left <= right,
                Comparison::Greater => left > right,
                Comparison::GreaterOrEqual => left >= right,
                Comparison::Equal => left.total_cmp(&right).is_eq(),
                Comparison::NotEqual => left.total_cmp(&right).is_ne(),
            })
        }
    }
}

fn number(node: &Node, measured: &BTreeMap<String, f64>) -> Option<f64> {
    match node {
        Node::Number(number) => Some(*number),
        Node::Name(name) => measured.get(name).copied(),
        other => truth(other, measured).map(|holds| f64::from(u8::from(holds))),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expected(&self, expected: &str) -> ConditionError {
        let before = self.text.get(..self.at).unwrap_or_default();
        ConditionError { at: before.chars().count() + 1, expected: expected.to_owned() }
    }

    fn or(&mut self) -> Result<Node, ConditionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.expected("less nesting"));
        }
        let mut left = self.and()?;
        while self.take("||") {
            left = Node::Or(Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Node, ConditionError> {
        let mut left = self.not()?;
        while self.take("&&") {
            left = Node::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Node, ConditionError> {
        self.skip();
        if self.rest().starts_with('!') && !self.rest().starts_with("!=") {
            self.at += 1;
            return Ok(Node::Not(Box::new(self.compare()?)));
        }
        self.compare()
    }

    fn compare(&mut self) -> Result<Node, ConditionError> {
        let left = self.value()?;
        // The longer operators first.
        let operators = [
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        for (token, comparison) in operators {
            if self.take(token) {
                return Ok(Node::Compare(Box::new(left), comparison, Box::new(self.value()?)));
            }
        }
        Ok(left)
    }

    fn value(&mut self) -> Result<Node, ConditionError> {
        if self.take("(") {
            let inner = self.or()?;
            if !self.take(")") {
                return Err(self.expected("a closing parenthesis"));
            }
            return Ok(inner);
        }
        self.skip();
        let of = |allowed: fn(char) -> bool, rest: &str| {
            rest.find(|c: char| !allowed(c)).unwrap_or(rest.len())
        };
        let name = of(|c| c.is_ascii_alphanumeric() || c == '_', self.rest());
        let is_number =
            self.rest().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
        if is_number {
            let signed = usize::from(self.rest().starts_with('-'));
            let unsigned = self.rest().get(signed..).unwrap_or_default();
            let mut before = ' ';
            let digits = unsigned.find(|c: char| {
                let of_exponent = matches!(c, '+' | '-') && matches!(before, 'e' | 'E');
                before = c;
                !(c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E') || of_exponent)
            });
            let length = signed + digits.unwrap_or(unsigned.len());
            let text = self.rest().get(..length).unwrap_or_default();
            let number: f64 = text.parse().map_err(|_| self.expected("a number"))?;
            self.at += length;
            return Ok(Node::Number(number));
        }
        let text = self.rest().get(..name).unwrap_or_default().to_owned();
        if !NAMES.contains(&text.as_str()) {
            return Err(self.expected(&format!("a number, or one of {}", NAMES.join(", "))));
        }
        self.at += name;
        Ok(Node::Name(text))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    fn holds(text: &str) -> Option<bool> {
        let measured = [("error_rate", 0.02), ("p99_ms", 12.0), ("requests", 100.0)]
            .map(|(n, v)| (n.to_owned(), v));
        Condition::parse(text).unwrap().holds(&BTreeMap::from(measured))
    }

    #[test]
    fn conditions_are_evaluated() {
        for (text, expected) in [
            ("error_rate <= 0.02", Some(true)),
            ("error_rate<0.02", Some(false)),
            ("error_rate > 1e-3 && p99_ms != 13", Some(true)),
            ("p99_ms == 12 || error_rate > 1", Some(true)),
            ("!(p99_ms > 5)", Some(false)),
            ("!(p99_ms > 5) || (requests >= 100 && -1 < error_rate)", Some(true)),
            ("p99_ratio <= 2", None),
            ("p99_ratio <= 2 || error_rate < 1", Some(true)),
            ("p99_ratio <= 2 && error_rate > 1", Some(false)),
        ] {
            assert_eq!(holds(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused_at_its_place() {
        for (text, at) in [
            ("", 1),
            ("error_rate", 11),
            ("eror_rate < 1", 1),
            ("error_rate <", 13),
            ("error_rate < 1 2", 16),
            ("(error_rate < 1", 16),
            ("error_rate < 1 && ", 19),
            ("error_rate < 1..2", 14),
        ] {
            assert_eq!(Condition::parse(text).unwrap_err().at, at, "{text}");
        }
        assert!(Condition::parse(&"(".repeat(1000)).is_err());
        assert!(Condition::parse(&"x".repeat(2000)).is_err());
    }
}
