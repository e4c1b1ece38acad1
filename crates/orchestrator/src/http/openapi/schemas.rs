//! Schemas of what is asked for and of what is answered.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// Where schemas of types are in the document.
const COMPONENTS: &str = "/components/schemas";
/// Most characters of the name of who makes a change.
const MAX_ACTOR: usize = 64;

/// The schemas of types, as they are read and as they are written.
#[derive(Debug)]
pub(super) struct Schemas {
    read: SchemaGenerator,
    written: SchemaGenerator,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = || {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = COMPONENTS.into();
            settings.meta_schema = None;
            settings
        };
        Self {
            read: settings().for_deserialize().into_generator(),
            written: settings().for_serialize().into_generator(),
        }
    }
}

/// The fields of a query or a change.
#[derive(Debug)]
pub(super) struct Fields {
    /// What it is, in words.
    pub(super) about: String,
    schema: Map<String, Value>,
}

impl Schemas {
    /// The fields of what is read.
    pub(super) fn fields<T: JsonSchema>(&mut self) -> Fields {
        let mut schema = T::json_schema(&mut self.read);
        RecursiveTransform(plain).transform(&mut schema);
        let mut schema = match schema.to_value() {
            Value::Object(schema) => schema,
            _ => Map::new(),
        };
        let about = schema.remove("description");
        let about = about.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        Fields { about, schema }
    }

    /// Where the schema of what is read is.
    pub(super) fn read<T: JsonSchema>(&mut self) -> Value {
        self.read.subschema_for::<T>().to_value()
    }

    /// Where the schema of what is written is.
    pub(super) fn answer<T: JsonSchema>(&mut self) -> Value {
        self.written.subschema_for::<T>().to_value()
    }

    /// All that have a name.
    pub(super) fn into_components(mut self) -> Map<String, Value> {
        let mut components = self.read.take_definitions(true);
        components.extend(self.written.take_definitions(true));
        for schema in components.values_mut() {
            if let Ok(schema) = <&mut Schema>::try_from(schema) {
                RecursiveTransform(plain).transform(schema);
            }
        }
        components
    }
}

/// As generators of clients expect it: see [`choices`] and [`bounds`].
fn plain(schema: &mut Schema) {
    choices(schema);
    bounds(schema);
}

/// Names with a comment each become one list of names, and one comment.
fn choices(schema: &mut Schema) {
    let Some(Value::Array(one_of)) = schema.get("oneOf") else { return };
    let mut names = Vec::new();
    let mut about = Vec::new();
    for one in one_of {
        match (one.get("const"), one.get("enum")) {
            (Some(name), _) => {
                let said = one.get("description").and_then(Value::as_str).unwrap_or_default();
                about.push(format!("{name}: {said}"));
                names.push(name.clone());
            }
            (None, Some(Value::Array(of))) => names.extend(of.iter().cloned()),
            _ => return,
        }
    }
    let own = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let about = format!("{own} {}", about.join(" "));
    schema.remove("oneOf");
    schema.insert("type".to_owned(), "string".into());
    schema.insert("enum".to_owned(), names.into());
    schema.insert("description".to_owned(), about.trim().into());
}

/// Bounds in the place of formats that name a type of Rust.
fn bounds(schema: &mut Schema) {
    let format = schema.get("format").and_then(Value::as_str).map(str::to_owned);
    let greatest = match format.as_deref() {
        Some("uint8") => u64::from(u8::MAX),
        Some("uint16") => u64::from(u16::MAX),
        Some("uint32") => u64::from(u32::MAX),
        Some("uint" | "uint64") => u64::MAX,
        _ => return,
    };
    schema.remove("format");
    if schema.get("maximum").is_none() {
        schema.insert("maximum".to_owned(), greatest.into());
    }
}

impl Fields {
    /// The fields of a path of which nothing but the names is known.
    pub(super) fn of_path(route: &str) -> Vec<Value> {
        Self { about: String::new(), schema: Map::new() }.path_parameters(route)
    }

    fn properties(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.schema.get("properties").and_then(Value::as_object).into_iter().flatten()
    }

    fn is_required(&self, name: &str) -> bool {
        let required = self.schema.get("required").and_then(Value::as_array);
        required.into_iter().flatten().any(|of| of == name)
    }

    /// What the path and the query string have.
    pub(super) fn parameters(&self, route: &str) -> Vec<Value> {
        let mut parameters = self.path_parameters(route);
        let of_path = path_fields(route);
        let in_query = self.properties().filter(|(name, _)| !of_path.contains(&name.as_str()));
        parameters.extend(
            in_query.map(|(name, schema)| parameter("query", name, self.is_required(name), schema)),
        );
        parameters
    }

    /// What the path has.
    pub(super) fn path_parameters(&self, route: &str) -> Vec<Value> {
        let of = |name: &str| {
            let found = self.properties().find(|(field, _)| *field == name);
            let schema = found.map_or_else(|| json!({"type": "string"}), |(_, of)| of.clone());
            parameter("path", name, true, &schema)
        };
        path_fields(route).into_iter().map(of).collect()
    }

    /// What the body of a change has: its fields but those of the path, and who makes it.
    pub(super) fn body(&self, route: &str) -> Value {
        let of_path = path_fields(route);
        let is_of_body = |name: &str| !of_path.contains(&name);
        let members = self.properties().filter(|(name, _)| is_of_body(name));
        let mut properties: Map<String, Value> = members
            .map(|(name, schema)| {
                let mut schema = schema.clone();
                if let (true, Value::Object(schema)) = (self.is_required(name), &mut schema) {
                    schema.remove("default");
                }
                (name.clone(), schema)
            })
            .collect();
        properties.insert(
            "by".to_owned(),
            json!({
                "type": ["string", "null"],
                "maxLength": MAX_ACTOR,
                "pattern": "^[^\\u0000-\\u001F\\u007F-\\u009F]*$",
                "description": "Who makes the change, for the record: `unauthenticated/NAME`, where its caller shows nothing of who it is..",
                "examples": ["ana"],
            }),
        );
        let mut body = json!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        });
        let required = self.required_of_body(route);
        if !required.is_empty() {
            body["required"] = required.into();
        }
        body
    }

    /// Whether a change says nothing without a body.
    pub(super) fn needs_body(&self, route: &str) -> bool {
        !self.required_of_body(route).is_empty()
    }

    fn required_of_body(&self, route: &str) -> Vec<Value> {
        let of_path = path_fields(route);
        let names = self.properties().map(|(name, _)| name.as_str());
        let required = names.filter(|name| !of_path.contains(name) && self.is_required(name));
        required.map(Value::from).collect()
    }
}

/// A parameter: a text of a URL is never null, and has no default that it could be left to.
fn parameter(place: &str, name: &str, required: bool, schema: &Value) -> Value {
    let mut schema = schema.clone();
    let about = schema.get("description").cloned().unwrap_or_default();
    if let Value::Object(schema) = &mut schema {
        schema.remove("description");
        schema.remove("default");
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|one| one != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        if place == "path" {
            schema.entry("minLength").or_insert_with(|| 1.into());
        }
    }
    json!({
        "name": name,
        "in": place,
        "required": required,
        "description": about,
        "schema": schema,
    })
}

/// The fields that a route names.
pub(super) fn path_fields(route: &str) -> Vec<&str> {
    let segments = route.split('/');
    segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')).collect()
}
