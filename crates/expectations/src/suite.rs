//! Suites of expectations as JSON, of Great Expectations 1.x and 0.18.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::error::{Place, SuiteError, kind_of};
use crate::expectation::compile;
use crate::kind::{Expectation, Kind, ValueTest};

/// Most expectations of a suite.
pub const MAX_EXPECTATIONS: usize = 10_000;

/// An expectation as it was written, with defaults of numbers made explicit as Great Expectations does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Configuration {
    /// Type of the expectation, such as `expect_column_values_to_be_unique`.
    #[serde(rename = "type")]
    pub name: String,
    /// Its arguments.
    pub kwargs: Map<String, Json>,
    /// What its author noted.
    pub meta: Json,
    /// Identifier of the expectation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Json>,
    /// How bad a failure is: critical, warning or info.
    pub severity: String,
    /// Notes for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<Json>,
    /// Words for people instead of generated ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Json>,
}

/// Expectations on a table, checked and ready.
#[derive(Clone, Debug)]
pub struct Suite {
    /// Name of the suite.
    pub name: String,
    /// Values of parameters.
    pub parameters: Map<String, Json>,
    /// What is noted of the suite, such as the version that wrote it.
    pub meta: Json,
    pub(crate) expectations: Vec<(Configuration, Expectation)>,
}

impl Suite {
    /// Reads a suite.
    ///
    /// # Errors
    /// What is no suite, expectations that do not exist, arguments that they do not have or that are of another kind.
    pub fn parse(text: &[u8]) -> Result<Self, SuiteError> {
        let json: Json = serde_json::from_slice(text).map_err(SuiteError::NotJson)?;
        let form = |place: Place, expected, found: Option<&Json>| SuiteError::Form {
            place,
            expected,
            found: kind_of(found),
        };
        let suite = json
            .as_object()
            .ok_or_else(|| form(Place::default(), "an object with `expectations`", Some(&json)))?;
        let name = ["name", "expectation_suite_name"]
            .iter()
            .find_map(|key| suite.get(*key))
            .map_or(Ok(String::new()), |name| {
                name.as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| form(Place::of_key("name"), "a text", Some(name)))
            })?;
        let parameters = ["suite_parameters", "evaluation_parameters"]
            .iter()
            .find_map(|key| suite.get(*key).filter(|value| !value.is_null()))
            .map_or(Ok(Map::new()), |found| {
                found.as_object().cloned().ok_or_else(|| {
                    form(Place::of_key("suite_parameters"), "an object", Some(found))
                })
            })?;
        let written = suite.get("expectations");
        let listed = written
            .and_then(Json::as_array)
            .ok_or_else(|| form(Place::of_key("expectations"), "a list", written))?;
        if listed.len() > MAX_EXPECTATIONS {
            return Err(SuiteError::TooMany { found: listed.len(), limit: MAX_EXPECTATIONS });
        }
        let expectations = listed
            .iter()
            .enumerate()
            .map(|(index, json)| expectation(index + 1, json, &parameters))
            .collect::<Result<_, _>>()?;
        let meta = suite.get("meta").cloned().unwrap_or(Json::Null);
        Ok(Self { name, parameters, meta, expectations })
    }

    /// The columns whose values the suite looks at, each once.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.expectations.iter().flat_map(|(_, expectation)| expectation.columns()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether a result depends on the day on which it is made, as what `dateutil` reads does.
    #[must_use]
    pub fn depends_on_day(&self) -> bool {
        let mut kinds = self.expectations.iter().map(|(_, expectation)| &expectation.kind);
        kinds.any(|kind| matches!(kind, Kind::Values { test: ValueTest::AnyDate, .. }))
    }

    /// The number of expectations.
    #[must_use]
    pub fn len(&self) -> usize {
        self.expectations.len()
    }

    /// Whether there is no expectation.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expectations.is_empty()
    }
}

fn expectation(
    position: usize,
    json: &Json,
    parameters: &Map<String, Json>,
) -> Result<(Configuration, Expectation), SuiteError> {
    let place = Place { position, ..Place::default() };
    let form = |place: &Place, expected, found: Option<&Json>| SuiteError::Form {
        place: place.clone(),
        expected,
        found: kind_of(found),
    };
    let object = json
        .as_object()
        .ok_or_else(|| form(&place, "an object with `type` and `kwargs`", Some(json)))?;
    let written = object.get("type").or_else(|| object.get("expectation_type"));
    let name = written
        .and_then(Json::as_str)
        .ok_or_else(|| form(&place.key("type"), "the type of an expectation", written))?;
    let place = Place { expectation: name.to_owned(), ..place };
    let empty = Json::Object(Map::new());
    let kwargs = object.get("kwargs").unwrap_or(&empty);
    let kwargs =
        kwargs.as_object().ok_or_else(|| form(&place.key("kwargs"), "an object", Some(kwargs)))?;
    let kwargs = kwargs
        .iter()
        .map(|(key, value)| Ok((key.clone(), substituted(&place.key(key), value, parameters)?)))
        .collect::<Result<Map<String, Json>, SuiteError>>()?;
    let severity = match object.get("severity") {
        None | Some(Json::Null) => "critical",
        Some(found) => found
            .as_str()
            .filter(|severity| ["critical", "warning", "info"].contains(severity))
            .ok_or_else(|| {
                form(&place.key("severity"), "critical, warning or info", Some(found))
            })?,
    };
    let given = |key: &str| object.get(key).filter(|value| !value.is_null()).cloned();
    let (expectation, kwargs) = compile(&place, name, kwargs)?;
    let configuration = Configuration {
        name: name.to_owned(),
        kwargs,
        meta: given("meta").unwrap_or_else(|| Json::Object(Map::new())),
        id: given("id").or_else(|| given("ge_cloud_id")),
        severity: severity.to_owned(),
        notes: given("notes"),
        description: given("description"),
    };
    Ok((configuration, expectation))
}

/// A value in which parameters have been replaced.
fn substituted(
    place: &Place,
    value: &Json,
    parameters: &Map<String, Json>,
) -> Result<Json, SuiteError> {
    match value {
        Json::Object(object) => match object.get("$PARAMETER").and_then(Json::as_str) {
            Some(name) => parameters.get(name).cloned().ok_or_else(|| {
                SuiteError::MissingParameter { place: place.clone(), name: name.to_owned() }
            }),
            None => Ok(value.clone()),
        },
        Json::Array(values) => values
            .iter()
            .map(|value| substituted(place, value, parameters))
            .collect::<Result<_, _>>()
            .map(Json::Array),
        _ => Ok(value.clone()),
    }
}
