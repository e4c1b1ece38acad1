//! How much results tell, as Great Expectations' `result_format` says it: a word, or an object.

use std::str::FromStr;

use serde_json::{Map, Value as Json};

use crate::result::ResultFormat;
use crate::unexpected::PARTIAL;

/// How much results tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Which entries results have.
    pub format: ResultFormat,
    /// Values and rows of the lists whose names begin with `partial_`, at most; 20 unless it is said.
    pub partial_unexpected_count: usize,
    /// Columns that tell which rows did not meet an expectation, in the place of their numbers.
    pub unexpected_index_column_names: Option<Vec<String>>,
    /// Whether the first such rows are told with all columns.
    pub include_unexpected_rows: bool,
    /// Whether COMPLETE tells the query that finds these rows.
    pub return_unexpected_index_query: bool,
    /// Whether values are left out, and rows told alone.
    pub exclude_unexpected_values: bool,
}

impl Default for Telling {
    fn default() -> Self {
        ResultFormat::default().into()
    }
}

impl From<ResultFormat> for Telling {
    fn from(format: ResultFormat) -> Self {
        Self {
            format,
            partial_unexpected_count: PARTIAL,
            unexpected_index_column_names: None,
            include_unexpected_rows: false,
            return_unexpected_index_query: true,
            exclude_unexpected_values: false,
        }
    }
}

/// What is no `result_format`.
#[derive(Debug, thiserror::Error)]
pub enum TellingError {
    /// It is no word and no object.
    #[error(
        "expected BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE, or an object such as {{\"result_format\": \"COMPLETE\", \"unexpected_index_column_names\": [\"id\"]}}"
    )]
    Form,
    /// An entry of the object has another form.
    #[error("`{key}` has to be {expected}")]
    Entry {
        /// Name of the entry.
        key: String,
        /// What it would have to be.
        expected: &'static str,
    },
    /// There is no such entry.
    #[error(
        "`{key}` is no entry of a result_format; there are result_format, partial_unexpected_count, unexpected_index_column_names, include_unexpected_rows, return_unexpected_index_query and exclude_unexpected_values"
    )]
    Unknown {
        /// Name of the entry.
        key: String,
    },
    /// Values are left out, and are to tell which rows.
    #[error(
        "exclude_unexpected_values and unexpected_index_column_names go against each other; give one of them"
    )]
    Both,
}

impl FromStr for Telling {
    type Err = TellingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.trim_start().starts_with('{') {
            let format: Result<ResultFormat, _> = text.parse();
            return format.map(Self::from).map_err(|_| TellingError::Form);
        }
        let object: Map<String, Json> =
            serde_json::from_str(text).map_err(|_| TellingError::Form)?;
        Self::of_object(&object)
    }
}

impl Telling {
    /// Reads an object of Great Expectations.
    ///
    /// # Errors
    /// Entries that there are not, or that have another form; those of Great Expectations' that are for other engines are refused.
    pub fn of_object(object: &Map<String, Json>) -> Result<Self, TellingError> {
        let entry = |key: &str, expected| TellingError::Entry { key: key.to_owned(), expected };
        let format = object.get("result_format").and_then(Json::as_str);
        let format: Option<ResultFormat> = format.and_then(|format| format.parse().ok());
        let format = format
            .ok_or_else(|| entry("result_format", "BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE"))?;
        let mut telling = Self::from(format);
        let truth = |key: &str, value: &Json| value.as_bool().ok_or(entry(key, "true or false"));
        for (key, value) in object {
            match key.as_str() {
                "result_format" => {}
                "partial_unexpected_count" => {
                    let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
                    telling.partial_unexpected_count =
                        count.ok_or_else(|| entry(key, "a whole number, 0 or more"))?;
                }
                "unexpected_index_column_names" => {
                    let names = value.as_array().and_then(|names| {
                        names.iter().map(|name| name.as_str().map(str::to_owned)).collect()
                    });
                    let names = names.ok_or_else(|| entry(key, "a list of names of columns"))?;
                    telling.unexpected_index_column_names = Some(names);
                }
                "include_unexpected_rows" => telling.include_unexpected_rows = truth(key, value)?,
                "return_unexpected_index_query" => {
                    telling.return_unexpected_index_query = truth(key, value)?;
                }
                "exclude_unexpected_values" => {
                    telling.exclude_unexpected_values = truth(key, value)?;
                }
                _ => return Err(TellingError::Unknown { key: key.clone() }),
            }
        }
        if telling.exclude_unexpected_values && !telling.index_columns().is_empty() {
            return Err(TellingError::Both);
        }
        Ok(telling)
    }

    /// The columns of a table that results tell of, beside those that a suite looks at.
    #[must_use]
    pub fn columns<'t>(&'t self, table: &'t [String]) -> Vec<&'t str> {
        if self.format == ResultFormat::BooleanOnly {
            return Vec::new();
        }
        if self.include_unexpected_rows {
            return table.iter().map(String::as_str).collect();
        }
        let wanted = if self.rows_are_told() { self.index_columns() } else { &[] };
        wanted.iter().map(String::as_str).filter(|name| table.iter().any(|it| it == name)).collect()
    }

    /// The columns that tell rows; none where their numbers do.
    pub(crate) fn index_columns(&self) -> &[String] {
        self.unexpected_index_column_names.as_deref().unwrap_or_default()
    }

    /// Whether results tell rows at all.
    pub(crate) fn rows_are_told(&self) -> bool {
        matches!(self.format, ResultFormat::Summary | ResultFormat::Complete)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn words_and_objects_are_read() {
        let of = |text: &str| text.parse::<Telling>();
        assert_eq!(of("complete").unwrap(), ResultFormat::Complete.into());
        let telling = of(
            r#"{"result_format": "SUMMARY", "unexpected_index_column_names": ["id"], "partial_unexpected_count": 3}"#,
        )
        .unwrap();
        assert_eq!(telling.format, ResultFormat::Summary);
        assert_eq!((telling.index_columns().len(), telling.partial_unexpected_count), (1, 3));
        let table = ["id", "x"].map(str::to_owned);
        assert_eq!(telling.columns(&table), ["id"]);
        let rows = of(r#"{"result_format": "BASIC", "include_unexpected_rows": true}"#).unwrap();
        assert_eq!(rows.columns(&table), ["id", "x"]);
    }

    #[test]
    fn what_is_none_is_refused_with_what_would_be_right() {
        for (text, part) in [
            ("LOUD", "BOOLEAN_ONLY"),
            ("{", "BOOLEAN_ONLY"),
            (r#"{"partial_unexpected_count": 3}"#, "`result_format`"),
            (r#"{"result_format": "BASIC", "partial_unexpected_count": -1}"#, "0 or more"),
            (r#"{"result_format": "BASIC", "unexpected_index_column_names": "id"}"#, "a list"),
            (r#"{"result_format": "BASIC", "include_unexpected_rows": 1}"#, "true or false"),
            (r#"{"result_format": "BASIC", "bogus": 1}"#, "`bogus` is no entry"),
            (
                r#"{"result_format": "COMPLETE", "exclude_unexpected_values": true, "unexpected_index_column_names": ["id"]}"#,
                "give one of them",
            ),
        ] {
            let error = text.parse::<Telling>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
