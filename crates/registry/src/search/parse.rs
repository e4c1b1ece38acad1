//! The query's text.

use std::iter::Peekable;
use std::str::CharIndices;

/// Longest query, in bytes.
const MAX_QUERY_BYTES: usize = 2000;
/// Most conditions of a query.
const MAX_CONDITIONS: usize = 20;

/// What a condition looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// Name of the model.
    Model,
    /// Number of the version, from 1.
    Version,
    /// Registry stage of the version.
    Stage,
    /// An alias that names it.
    Alias,
    /// The run that made it.
    Run,
    /// SHA-256 of the source data.
    Data,
    /// SHA-256 of the bundle.
    Digest,
    /// Algorithm of the version.
    Algorithm,
    /// A tag of the version.
    Tag(String),
    /// A metric of the test split.
    Metric(String),
}

impl Field {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "model" => Self::Model,
            "version" => Self::Version,
            "stage" => Self::Stage,
            "alias" => Self::Alias,
            "run" => Self::Run,
            "data" => Self::Data,
            "digest" => Self::Digest,
            "algorithm" => Self::Algorithm,
            name => {
                if let Some(key) = name.strip_prefix("tags.").filter(|key| !key.is_empty()) {
                    Self::Tag(key.to_owned())
                } else {
                    let metric = name.strip_prefix("metrics.").filter(|name| !name.is_empty())?;
                    Self::Metric(metric.to_owned())
                }
            }
        })
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Version | Self::Metric(_))
    }
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`: the values are equal.
    Is,
    /// Not equal; also where there is nothing to compare.
    IsNot,
    /// `~`: the text begins with the value.
    BeginsWith,
    /// `>`: the value is greater.
    Greater,
    /// `>=`: the value is greater or equal.
    AtLeast,
    /// `<`: the value is less.
    Less,
    /// `<=`: the value is less or equal.
    AtMost,
}

impl Comparison {
    fn parse(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "=" => Self::Is,
            "!=" => Self::IsNot,
            "~" => Self::BeginsWith,
            ">" => Self::Greater,
            ">=" => Self::AtLeast,
            "<" => Self::Less,
            "<=" => Self::AtMost,
            _ => return None,
        })
    }

    fn is_for_numbers(self) -> bool {
        matches!(self, Self::Greater | Self::AtLeast | Self::Less | Self::AtMost)
    }
}

/// One condition of a query: field, comparison, value.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What it looks at.
    pub field: Field,
    /// Comparison of the field with the value.
    pub comparison: Comparison,
    /// What it is compared with.
    pub value: String,
    /// The value as a number, of fields that are numbers.
    pub(super) number: f64,
}

/// Conditions that all have to be met; none is met by everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Conditions, all of which a version has to meet.
    pub conditions: Vec<Condition>,
}

/// A query that cannot be understood, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the query cannot be understood at character {at}: {problem}")]
pub struct QueryError {
    /// The character, from 1.
    pub at: usize,
    /// What is wrong there.
    pub problem: ParseQueryError,
}

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseQueryError {
    /// The query is longer, or has more conditions, than is accepted.
    #[error(
        "it is longer than {MAX_QUERY_BYTES} bytes or has more than {MAX_CONDITIONS} conditions"
    )]
    TooLong,
    /// No field where one should be.
    #[error(
        "expected a field: model, version, stage, alias, run, data, digest, algorithm, tags.KEY or metrics.NAME"
    )]
    Field,
    /// No operator where one should be.
    #[error("expected an operator: =, !=, ~, >, >=, < or <=")]
    Operator,
    /// An operator that says nothing about the field.
    #[error("expected {expected}")]
    WrongOperator {
        /// The operators that do.
        expected: &'static str,
    },
    /// No value where one should be.
    #[error("expected a value")]
    Value,
    /// A quotation mark without its like.
    #[error("the quotation that begins here does not end")]
    Quotation,
    /// No number where one should be.
    #[error("expected a number")]
    Number,
    /// The value names no stage.
    #[error("expected a stage: none, staging, shadow, production or archived")]
    Stage,
    /// Something else between two conditions.
    #[error("expected `and` or the end")]
    And,
}

impl QueryError {
    /// The query with a mark under the place.
    #[must_use]
    pub fn shown(&self, query: &str) -> String {
        format!("{query}\n{}^ {}", " ".repeat(self.at.saturating_sub(1)), self.problem)
    }
}

impl std::str::FromStr for Query {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_QUERY_BYTES {
            return Err(QueryError { at: 1, problem: ParseQueryError::TooLong });
        }
        let mut reader = Reader { text, rest: text.char_indices().peekable() };
        let mut conditions = Vec::new();
        reader.skip_space();
        while reader.rest.peek().is_some() {
            if !conditions.is_empty() {
                reader.and()?;
            }
            if conditions.len() == MAX_CONDITIONS {
                return Err(reader.error(ParseQueryError::TooLong));
            }
            conditions.push(reader.condition()?);
            reader.skip_space();
        }
        Ok(Self { conditions })
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
}

impl Reader<'_> {
    fn place(&mut self) -> usize {
        self.rest.peek().map_or(self.text.len(), |(at, _)| *at)
    }

    fn error(&mut self, problem: ParseQueryError) -> QueryError {
        let place = self.place();
        self.error_at(place, problem)
    }

    fn error_at(&self, place: usize, problem: ParseQueryError) -> QueryError {
        let before = self.text.get(..place).unwrap_or(self.text);
        QueryError { at: before.chars().count() + 1, problem }
    }

    fn skip_space(&mut self) {
        while self.rest.next_if(|(_, c)| c.is_whitespace()).is_some() {}
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some((_, c)) = self.rest.next_if(|(_, c)| wanted(*c)) {
            taken.push(c);
        }
        taken
    }

    fn and(&mut self) -> Result<(), QueryError> {
        let place = self.place();
        let word = self.take_while(char::is_alphabetic);
        if !word.eq_ignore_ascii_case("and") {
            return Err(self.error_at(place, ParseQueryError::And));
        }
        self.skip_space();
        Ok(())
    }

    fn condition(&mut self) -> Result<Condition, QueryError> {
        let place = self.place();
        let name = self.take_while(|c| !c.is_whitespace() && !"=!~<>'\"".contains(c));
        let field = Field::parse(&name);
        let field = field.ok_or_else(|| self.error_at(place, ParseQueryError::Field))?;
        self.skip_space();
        let place = self.place();
        let symbol = self.take_while(|c| "=!~<>".contains(c));
        let comparison = Comparison::parse(&symbol);
        let comparison =
            comparison.ok_or_else(|| self.error_at(place, ParseQueryError::Operator))?;
        let expected = match (field.is_number(), comparison) {
            (true, Comparison::BeginsWith) => Some("=, !=, >, >=, < or <=: the field is a number"),
            (false, comparison) if comparison.is_for_numbers() => {
                Some("=, != or ~: the field is a text")
            }
            _ => None,
        };
        if let Some(expected) = expected {
            return Err(self.error_at(place, ParseQueryError::WrongOperator { expected }));
        }
        self.skip_space();
        let place = self.place();
        let value = self.value()?;
        let number = match field.is_number() {
            true => value.parse().ok().filter(|number: &f64| number.is_finite()),
            false => Some(0.0),
        };
        let number = number.ok_or_else(|| self.error_at(place, ParseQueryError::Number))?;
        let is_stage = field != Field::Stage
            || comparison == Comparison::BeginsWith
            || crate::stages::stage_of(&value).is_some();
        if !is_stage {
            return Err(self.error_at(place, ParseQueryError::Stage));
        }
        Ok(Condition { field, comparison, value, number })
    }

    fn value(&mut self) -> Result<String, QueryError> {
        let place = self.place();
        let Some((_, mark)) = self.rest.next_if(|(_, c)| matches!(c, '\'' | '"')) else {
            let word = self.take_while(|c| !c.is_whitespace() && !"=!~<>'\"".contains(c));
            return if word.is_empty() {
                Err(self.error_at(place, ParseQueryError::Value))
            } else {
                Ok(word)
            };
        };
        let text = self.take_while(|c| c != mark);
        match self.rest.next() {
            Some(_) => Ok(text),
            None => Err(self.error_at(place, ParseQueryError::Quotation)),
        }
    }
}
