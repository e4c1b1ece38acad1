//! Why a suite cannot be used.

use std::fmt;

/// Why a suite cannot be used. Messages name the expectation by its place in the suite, from 1, and its type.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SuiteError {
    /// The text is no JSON.
    #[error("the suite is not JSON")]
    NotJson(#[source] serde_json::Error),
    /// A part of the suite is not of the form that it has to have.
    #[error("{place}: expected {expected}, found {found}")]
    Form {
        /// Where in the suite.
        place: Place,
        /// What would be right.
        expected: &'static str,
        /// Kind of JSON value that stands there, or `nothing`.
        found: &'static str,
    },
    /// An expectation of a type that Great Expectations does not have either.
    #[error("{place}: there is no expectation `{name}`{}", suggestion(.nearest.as_ref()))]
    UnknownExpectation {
        /// Where in the suite.
        place: Place,
        /// Type as written.
        name: String,
        /// The nearest type that there is.
        nearest: Option<&'static str>,
    },
    /// An argument that the expectation does not have.
    #[error("{place}: it has no argument `{name}`; arguments are {}", .known.join(", "))]
    UnknownArgument {
        /// Where in the suite.
        place: Place,
        /// Name as written.
        name: String,
        /// The arguments that it has.
        known: Vec<&'static str>,
    },
    /// A pattern that is no regular expression.
    #[error("{place}: its regular expression cannot be read")]
    Pattern {
        /// Where in the suite.
        place: Place,
        /// What the reader of regular expressions says.
        #[source]
        source: Box<fancy_regex::Error>,
    },
    /// A format of dates that is not understood.
    #[error("{place}: the directive `%{directive}` of its format of dates is not known")]
    DateFormat {
        /// Where in the suite.
        place: Place,
        /// Letter after the percent sign.
        directive: String,
    },
    /// A JSON Schema that is none.
    #[error("{place}: at `#{pointer}`, expected {expected}")]
    JsonSchema {
        /// Where in the suite.
        place: Place,
        /// Where in the schema, as a JSON pointer.
        pointer: String,
        /// What would be right.
        expected: &'static str,
    },
    /// A condition of rows that is not understood.
    #[error("{place}: its row_condition cannot be read at character {position}: {reason}")]
    RowCondition {
        /// Where in the suite.
        place: Place,
        /// Characters before the fault.
        position: usize,
        /// What would be right.
        reason: &'static str,
    },
    /// A filter in SQL that is not understood.
    #[error("{place}: its SQL cannot be read at character {position}: {reason}")]
    Expression {
        /// Where in the suite.
        place: Place,
        /// Characters before the fault.
        position: usize,
        /// What would be right.
        reason: String,
    },
    /// A parameter that the suite does not define.
    #[error(
        "{place}: the suite has no value for its parameter `{name}`; give it in suite_parameters"
    )]
    MissingParameter {
        /// Where in the suite.
        place: Place,
        /// Name of the parameter, or the expression that is not evaluated.
        name: String,
    },
    /// Too many expectations.
    #[error("the suite has {found} expectations; at most {limit} are taken")]
    TooMany {
        /// Number of expectations.
        found: usize,
        /// Greatest accepted number.
        limit: usize,
    },
}

/// A place in a suite.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The expectation, from 1; 0 for the suite itself.
    pub position: usize,
    /// Type of the expectation, where it is known.
    pub expectation: String,
    /// Name of the argument or key, where it is one.
    pub key: Option<String>,
}

impl Place {
    pub(crate) fn of_key(key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..Self::default() }
    }

    pub(crate) fn key(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.position, self.expectation.as_str()) {
            (0, _) => formatter.write_str("the suite")?,
            (position, "") => write!(formatter, "expectation {position}")?,
            (position, expectation) => write!(formatter, "expectation {position} ({expectation})")?,
        }
        match &self.key {
            Some(key) => write!(formatter, ", `{key}`"),
            None => Ok(()),
        }
    }
}

fn suggestion(nearest: Option<&&'static str>) -> String {
    nearest.map(|name| format!("; `{name}` is the nearest")).unwrap_or_default()
}

/// The kind of a JSON value, in words.
pub(crate) fn kind_of(json: Option<&serde_json::Value>) -> &'static str {
    use serde_json::Value;
    match json {
        None => "nothing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "a boolean",
        Some(Value::Number(_)) => "a number",
        Some(Value::String(_)) => "a text",
        Some(Value::Array(_)) => "a list",
        Some(Value::Object(_)) => "an object",
    }
}
