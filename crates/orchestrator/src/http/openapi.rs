//! `GET /api/v1/openapi.json`: the API as an OpenAPI 3.1 document, made of the same tables as its routes.
//!
//! ```text
//! Query, Change ─ route, schema of its fields, schema of its Answer ─▶ Description ─▶ paths and components of the document
//! ```
//!
//! A route that has no description is no route: the queries and changes are one table, and a test compares the others. Schemas are
//! those of the types themselves, with their own comments.

mod operation;
mod others;
mod schemas;

use std::sync::OnceLock;

use api::{Change, Condition, Query};
use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use serde_json::{Map, Value, json};

use super::requests::{Queries, Routes, Tagged};
use super::{documented, streams};
use operation::Operation;
pub(super) use others::HEALTH;
use schemas::Schemas;

/// The path of the document.
const ROUTE: &str = "/api/v1/openapi.json";
/// What the document says of the API as a whole.
const ABOUT: &str = "Runs, models, endpoints, monitoring and the health of a fleet. Lists are read page by page: where there is \
    more, `next` is what `after` or `before` has to be. Documents have an ETag. Errors are problem details (RFC 9457).";

/// The route of the document.
pub fn openapi() -> Router {
    let answer = |asked: HeaderMap| async move {
        Tagged { asked: &asked, document: document(), revision: None }.answer()
    };
    Router::new().route(ROUTE, get(answer))
}

/// The whole API; made once.
pub(super) fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let description = streams::routes(documented(Description::default()));
        let Description { paths, schemas } = others::add(description);
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "tier0",
                "version": env!("CARGO_PKG_VERSION"),
                "description": ABOUT,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "paths": paths,
            "security": [{"bearer": []}, {}],
            "components": {
                "securitySchemes": {"bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of http.tokens_file, a JWT of the issuer of http.oidc, or the one token of api.token_file; nothing is asked for where none of them is set.",
                }},
                "schemas": schemas.into_components(),
            },
        })
    })
}

/// Operations by path and method, as tables of queries and changes are gone through.
#[derive(Debug, Default)]
struct Description {
    paths: Map<String, Value>,
    schemas: Schemas,
}

impl Description {
    fn insert(&mut self, operation: Operation) {
        let (path, method) = (operation.path, operation.method);
        let item = self.paths.entry(path).or_insert_with(|| json!({}));
        if let Value::Object(item) = item {
            item.insert(method.to_owned(), operation.into());
        }
    }
}

impl Queries for Description {
    fn query<Q: Query + 'static>(mut self) -> Self {
        let fields = self.schemas.fields::<Q>();
        let answer = self.schemas.answer::<Q::Answer>();
        let operation = Operation::new("get", Q::ROUTE, type_name::<Q>())
            .about(&fields.about)
            .parameters(fields.parameters(Q::ROUTE))
            .conditional()
            .answers(200, answer);
        self.insert(operation);
        self
    }
}

impl Routes for Description {
    fn change<C: Change + 'static>(mut self) -> Self {
        let fields = self.schemas.fields::<C>();
        let answer = self.schemas.answer::<C::Answer>();
        let operation = Operation::new("post", C::ROUTE, type_name::<C>())
            .about(&fields.about)
            .parameters(fields.path_parameters(C::ROUTE))
            .body(fields.body(C::ROUTE), fields.needs_body(C::ROUTE))
            .changes()
            .answers(200, answer);
        let operation = match C::CONDITION {
            Some(Condition::Revision) => operation.guarded(),
            Some(Condition::Key) => operation.keyed(),
            None => operation,
        };
        self.insert(operation);
        self
    }
}

/// The name of a type without its path.
fn type_name<T>() -> &'static str {
    std::any::type_name::<T>().rsplit("::").next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
