//! The schema of a request, as the messages of the contract have it in JSON; `tests/it/request_schema.rs` generates it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

use super::SubmitRun;

/// The messages that a request is made of, by their names.
const MESSAGES: &str = include_str!("request.schema.json");
/// The one that it is.
const REQUEST: &str = "ScopeRequest";

impl JsonSchema for SubmitRun {
    fn schema_name() -> Cow<'static, str> {
        REQUEST.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        // A test reads it.
        let mut messages: Map<String, Value> = serde_json::from_str(MESSAGES).unwrap_or_default();
        let request = messages.remove(REQUEST).unwrap_or_default();
        generator.definitions_mut().extend(messages);
        Schema::try_from(request).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use super::*;

    #[test]
    fn the_messages_are_read() {
        let schema = SchemaGenerator::default().into_root_schema_for::<SubmitRun>();
        let properties = schema.get("properties").unwrap().as_object().unwrap();
        assert!(properties.contains_key("dataUri") && properties.len() > 40);
    }
}
