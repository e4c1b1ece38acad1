//! `GET /api/v1/openapi.json`: the API as an OpenAPI 3.1 document, made of the same tables as its routes.
//!
//! Paths, parameters and members of bodies are those of the queries and changes themselves. Answers are the documents that the
//! crate `api` describes, and stand here as objects.

use std::fmt;

use api::{Change, Query};
use axum::routing::get;
use axum::{Json, Router};
use serde::de::{Deserializer, Error as _, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Map, Value, json};

use super::requests::{Queries, Routes};
use super::{documented, session, streams};

/// The path of the document.
pub(super) const ROUTE: &str = "/api/v1/openapi.json";
/// Routes that are neither a query nor a change: path, method, identity, and what they do.
const OTHERS: &[(&str, &str, &str, &str)] = &[
    ("/api/v1/events", "get", "FollowRuns", "What becomes of runs, as server-sent events."),
    ("/api/v1/health", "get", "ShowHealth", "How the fleet is, part by part."),
    (ROUTE, "get", "ShowOpenApi", "This document."),
    (session::ME, "get", "ShowMe", "Who asks, its role and its rights."),
    (session::SESSION, "post", "OpenSession", "Keeps a token in a cookie of the browser."),
    (session::SESSION, "delete", "CloseSession", "Forgets the token of the browser."),
    (
        "/api/v1/endpoints/{endpoint}/feedback",
        "post",
        "TellOutcomes",
        "Outcomes of predictions, all of them or none.",
    ),
];

/// The route of the document.
pub fn openapi() -> Router {
    Router::new().route(ROUTE, get(|| async { Json(document()) }))
}

/// The whole API.
pub(super) fn document() -> Value {
    let described = streams::routes(documented(Description::default()));
    let mut paths = described.0;
    for (path, method, id, summary) in OTHERS {
        let operation = json!({
            "operationId": id,
            "summary": summary,
            "parameters": path_parameters(path),
            "responses": responses(),
        });
        insert(&mut paths, path, method, operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "tier0",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Runs, models, endpoints, monitoring and the health of a fleet.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "security": [{"bearer": []}, {}],
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Error": {
                "type": "object",
                "required": ["error", "type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string", "format": "uri"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "error": {
                        "type": "object",
                        "required": ["code", "message"],
                        "properties": {
                            "code": {"type": "string"},
                            "message": {"type": "string"},
                            "missing": {"type": "object"},
                            "refused": {"type": "object"},
                        },
                    },
                },
            }},
        },
    })
}

/// Operations by path and method, as tables of queries and changes are gone through.
#[derive(Debug, Default)]
pub(super) struct Description(Map<String, Value>);

impl Queries for Description {
    fn query<Q: Query + 'static>(mut self) -> Self {
        let of_path = path_fields(Q::ROUTE);
        let mut parameters = path_parameters(Q::ROUTE);
        let in_query = field_names::<Q>().iter().filter(|name| !of_path.contains(*name));
        parameters.extend(in_query.map(|name| json!({"name": name, "in": "query", "schema": {}})));
        let operation = json!({
            "operationId": type_name::<Q>(),
            "summary": format!("Expects {}.", Q::EXPECTED),
            "parameters": parameters,
            "responses": responses(),
        });
        insert(&mut self.0, Q::ROUTE, "get", operation);
        self
    }
}

impl Routes for Description {
    fn change<C: Change + 'static>(mut self) -> Self {
        let of_path = path_fields(C::ROUTE);
        let members = field_names::<C>().iter().filter(|name| !of_path.contains(*name));
        let mut properties: Map<String, Value> =
            members.map(|name| ((*name).to_owned(), json!({}))).collect();
        // A change without fields of its own takes its body as it is.
        let is_open = field_names::<C>().is_empty();
        properties.insert("by".to_owned(), json!({"type": "string"}));
        let schema = json!({
            "type": "object",
            "properties": properties,
            "additionalProperties": is_open,
        });
        let operation = json!({
            "operationId": type_name::<C>(),
            "parameters": path_parameters(C::ROUTE),
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": responses(),
        });
        insert(&mut self.0, C::ROUTE, "post", operation);
        self
    }
}

fn insert(paths: &mut Map<String, Value>, path: &str, method: &str, operation: Value) {
    let item = paths.entry(path).or_insert_with(|| json!({}));
    if let Value::Object(item) = item {
        item.insert(method.to_owned(), operation);
    }
}

/// The fields that a route names.
fn path_fields(route: &str) -> Vec<&str> {
    let segments = route.split('/');
    segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')).collect()
}

fn path_parameters(route: &str) -> Vec<Value> {
    let parameter =
        |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}});
    path_fields(route).into_iter().map(parameter).collect()
}

fn responses() -> Value {
    let error = json!({"schema": {"$ref": "#/components/schemas/Error"}});
    json!({
        "200": {"description": "The answer.", "content": {"application/json": {"schema": {"type": "object"}}}},
        "default": {"description": "Why there is none.", "content": {"application/problem+json": error}},
    })
}

/// The name of a type without its path.
fn type_name<T>() -> &'static str {
    std::any::type_name::<T>().rsplit("::").next().unwrap_or_default()
}

/// The fields of a struct, as its `Deserialize` asks for them; none of another type.
fn field_names<T: for<'de> Deserialize<'de>>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // It gives no value, and is not meant to.
    let _refused = T::deserialize(FieldNames(&mut names));
    names
}

/// Notes which fields are asked for, and gives nothing.
struct FieldNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for FieldNames<'_> {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(Self::Error::custom(NotRead))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        Err(Self::Error::custom(NotRead))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Why nothing was read: only names were wanted.
struct NotRead;

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("only the names of the fields were wanted")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// The routes that the sources of `api` state.
    fn stated(directory: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                stated(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            let parts = text.split("const ROUTE: &'static str =").skip(1);
            let routes =
                parts.filter_map(|part| part.trim_start().strip_prefix('"')?.split('"').next());
            found.extend(routes.map(str::to_owned));
        }
    }

    #[test]
    fn every_route_is_in_the_document() {
        let document = document();
        let paths = document["paths"].as_object().unwrap();
        let mut routes = BTreeSet::new();
        stated(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/src"), &mut routes);
        routes.extend(OTHERS.iter().map(|(path, ..)| (*path).to_owned()));
        let described: BTreeSet<String> = paths.keys().cloned().collect();
        assert_eq!(described, routes);
        let operations = paths.values().flat_map(|path| path.as_object().unwrap().values());
        let ids: Vec<&str> =
            operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    }

    #[test]
    fn parameters_and_bodies_are_those_of_the_structs() {
        let document = document();
        let names = |of: &Value| -> Vec<String> {
            let of = of["parameters"].as_array().unwrap().iter();
            of.map(|one| {
                format!("{}:{}", one["in"].as_str().unwrap(), one["name"].as_str().unwrap())
            })
            .collect()
        };
        let runs = &document["paths"]["/api/v1/runs"];
        assert_eq!(
            names(&runs["get"]),
            ["query:limit", "query:status", "query:before", "query:search"]
        );
        let body = &runs["post"]["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(body["additionalProperties"], true, "the request is taken as it is");
        let cancel = &document["paths"]["/api/v1/runs/{run}/cancel"]["post"];
        assert_eq!(names(cancel), ["path:run"]);
        let schema = &cancel["requestBody"]["content"]["application/json"]["schema"];
        let members: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(members, ["by", "reason"]);
    }
}
