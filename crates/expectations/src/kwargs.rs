//! Arguments of an expectation, read by name and kind; what is not asked for is refused.

use serde_json::{Map, Value as Json};

use crate::condition::{self, Condition};
use crate::error::{Place, SuiteError, kind_of};
use crate::kind::{Bound, Bounds};
use crate::value::Value;

/// What every expectation may have and what decides nothing here.
const PASSED_OVER: [&str; 7] = [
    "batch_id",
    "result_format",
    "catch_exceptions",
    "include_config",
    "meta",
    "description",
    "windows",
];

/// Values that results leave out, because they are meant where nothing is said.
const DEFAULTS: [(&str, &str); 11] = [
    ("mostly", "1.0"),
    ("strict_min", "false"),
    ("strict_max", "false"),
    ("match_on", "\"any\""),
    ("method", "\"iqr\""),
    ("multiplier", "1.5"),
    ("ignore_row_if", "\"both_values_are_missing\""),
    ("ignore_row_if", "\"all_values_are_missing\""),
    ("exact_match", "true"),
    ("allow_relative_error", "false"),
    ("regex", "\"(?s).*\""),
];

pub(crate) struct Kwargs<'a> {
    place: &'a Place,
    /// As they are told in results: numbers that are taken as floating-point are written as such.
    map: Map<String, Json>,
    known: Vec<&'static str>,
}

impl<'a> Kwargs<'a> {
    pub(crate) fn new(place: &'a Place, mut map: Map<String, Json>) -> Self {
        map.retain(|_, value| !value.is_null());
        map.remove("batch_id");
        Self { place, map, known: Vec::new() }
    }

    pub(crate) fn place(&self, name: &str) -> Place {
        self.place.key(name)
    }

    /// That an argument is not what it has to be.
    pub(crate) fn fault(&self, name: &str, expected: &'static str) -> SuiteError {
        SuiteError::Form {
            place: self.place.key(name),
            expected,
            found: kind_of(self.map.get(name)),
        }
    }

    fn get(&mut self, name: &'static str) -> Option<&Json> {
        self.known.push(name);
        self.map.get(name)
    }

    /// The arguments as results have them.
    pub(crate) fn finish(mut self) -> Result<Map<String, Json>, SuiteError> {
        let unknown = self.map.keys().find(|key| {
            !self.known.contains(&key.as_str()) && !PASSED_OVER.contains(&key.as_str())
        });
        match unknown {
            Some(name) => Err(SuiteError::UnknownArgument {
                place: self.place.clone(),
                name: name.clone(),
                known: self.known,
            }),
            None => {
                self.map.retain(|key, value| {
                    let written = value.to_string();
                    !DEFAULTS.iter().any(|(name, text)| key == name && written == *text)
                });
                Ok(self.map)
            }
        }
    }

    pub(crate) fn json(&mut self, name: &'static str) -> Option<Json> {
        self.get(name).cloned()
    }

    pub(crate) fn optional_text(
        &mut self,
        name: &'static str,
    ) -> Result<Option<String>, SuiteError> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.fault(name, "a text")),
        }
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<String, SuiteError> {
        self.optional_text(name)?.ok_or_else(|| self.fault(name, "a text"))
    }

    pub(crate) fn optional_texts(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Vec<String>>, SuiteError> {
        let texts = match self.get(name) {
            None => return Ok(None),
            Some(Json::Array(values)) => {
                values.iter().map(|value| value.as_str().map(str::to_owned)).collect()
            }
            Some(_) => None,
        };
        texts.map(Some).ok_or_else(|| self.fault(name, "a list of texts"))
    }

    pub(crate) fn texts(&mut self, name: &'static str) -> Result<Vec<String>, SuiteError> {
        self.optional_texts(name)?.ok_or_else(|| self.fault(name, "a list of texts"))
    }

    pub(crate) fn truth(&mut self, name: &'static str) -> Result<bool, SuiteError> {
        match self.get(name) {
            None => Ok(false),
            Some(Json::Bool(value)) => Ok(*value),
            Some(_) => Err(self.fault(name, "true or false")),
        }
    }

    /// A number, which results have as a floating-point one.
    pub(crate) fn optional_number(
        &mut self,
        name: &'static str,
    ) -> Result<Option<f64>, SuiteError> {
        let number = match self.get(name) {
            None => return Ok(None),
            Some(Json::String(text)) => text.trim().parse().ok(),
            Some(value) => value.as_f64(),
        };
        let number = number.filter(|number| number.is_finite());
        let number = number.ok_or_else(|| self.fault(name, "a number"))?;
        self.map.insert(name.to_owned(), number.into());
        Ok(Some(number))
    }

    pub(crate) fn number(&mut self, name: &'static str) -> Result<f64, SuiteError> {
        self.optional_number(name)?.ok_or_else(|| self.fault(name, "a number"))
    }

    /// A whole number, which results have as it was written.
    pub(crate) fn optional_integer(
        &mut self,
        name: &'static str,
    ) -> Result<Option<i64>, SuiteError> {
        let number = match self.get(name) {
            None => return Ok(None),
            Some(Json::String(text)) => text.trim().parse().ok(),
            Some(value) => {
                let truncated = value.as_f64().filter(|number| number.abs() < 9e15);
                value.as_i64().or_else(|| truncated.map(|number| number as i64))
            }
        };
        let number = number.ok_or_else(|| self.fault(name, "a whole number"))?;
        self.map.insert(name.to_owned(), number.into());
        Ok(Some(number))
    }

    /// A list of values.
    pub(crate) fn values(&mut self, name: &'static str) -> Result<Vec<Value>, SuiteError> {
        let values = self.get(name).and_then(Json::as_array);
        let values = values.and_then(|values| values.iter().map(Value::of_json).collect());
        values.ok_or_else(|| self.fault(name, "a list of values"))
    }

    /// The share of rows that is enough, from 0 to 1.
    pub(crate) fn mostly(&mut self) -> Result<f64, SuiteError> {
        let Some(found) = self.get("mostly") else { return Ok(1.0) };
        let share = found.as_f64().filter(|share| (0.0..=1.0).contains(share));
        let share = share.ok_or_else(|| self.fault("mostly", "a number from 0 to 1"))?;
        self.map.insert("mostly".to_owned(), share.into());
        Ok(share)
    }

    /// `min_value`, `max_value` and whether they are excluded.
    pub(crate) fn bounds(&mut self) -> Result<Bounds, SuiteError> {
        Ok(Bounds {
            min: self.bound("min_value")?,
            max: self.bound("max_value")?,
            ..self.strictness()?
        })
    }

    /// As [`Self::bounds`], of whole numbers.
    pub(crate) fn whole_bounds(&mut self) -> Result<Bounds, SuiteError> {
        let min = self.optional_integer("min_value")?.map(|min| Bound::Number(min as f64));
        let max = self.optional_integer("max_value")?.map(|max| Bound::Number(max as f64));
        Ok(Bounds { min, max, ..self.strictness()? })
    }

    fn strictness(&mut self) -> Result<Bounds, SuiteError> {
        let strict_min = self.truth("strict_min")?;
        let strict_max = self.truth("strict_max")?;
        Ok(Bounds { strict_min, strict_max, ..Bounds::default() })
    }

    fn bound(&mut self, name: &'static str) -> Result<Option<Bound>, SuiteError> {
        let expected = "a number or a date such as 2024-05-01";
        match self.get(name) {
            Some(Json::String(text)) if text.trim().parse::<f64>().is_err() => {
                let bound = crate::dates::Moment::read(text).map(Bound::Date);
                bound.map(Some).ok_or_else(|| self.fault(name, expected))
            }
            _ => self.optional_number(name).map(|number| number.map(Bound::Number)).map_err(
                |error| match error {
                    SuiteError::Form { place, found, .. } => {
                        SuiteError::Form { place, expected, found }
                    }
                    other => other,
                },
            ),
        }
    }

    /// The condition of rows.
    pub(crate) fn condition(&mut self) -> Result<Option<Condition>, SuiteError> {
        let parser = self.optional_text("condition_parser")?;
        let place = self.place("row_condition");
        let (condition, json) = match self.get("row_condition").cloned() {
            None => return Ok(None),
            Some(Json::String(text)) if text.trim().is_empty() => return Ok(None),
            Some(Json::String(text)) => condition::of_text(&place, &text, parser.as_deref())?,
            Some(json @ Json::Object(_)) => Condition::of_json(&place, &json)?,
            Some(_) => return Err(self.fault("row_condition", "a text or an object")),
        };
        self.map.insert("row_condition".to_owned(), json);
        Ok(Some(condition))
    }

    /// One of some words.
    pub(crate) fn word(
        &mut self,
        name: &'static str,
        words: &[&'static str],
        expected: &'static str,
    ) -> Result<Option<&'static str>, SuiteError> {
        let Some(text) = self.optional_text(name)? else { return Ok(None) };
        let word = words.iter().find(|word| **word == text);
        word.copied().map(Some).ok_or_else(|| self.fault(name, expected))
    }
}
