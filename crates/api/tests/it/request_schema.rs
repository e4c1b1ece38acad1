//! The committed schema of a request is what the messages of the contract give.
//!
//! After a change to them: `TIER0_REGENERATE=1 cargo test -p api --test it`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet};
use serde_json::{Map, Value, json};

const REQUEST: &str = "ScopeRequest";
const PACKAGE: &str = ".tier0.v1.";
/// A whole number as protobuf's JSON has it where it is a text.
const WHOLE: &str = "^-?[0-9]{1,18}$";
/// A number likewise.
const NUMBER: &str = "^-?[0-9]{1,15}(\\.[0-9]{1,15})?$";

/// Messages and enumerations by their full names, and comments by place.
struct Schema {
    messages: BTreeMap<String, (DescriptorProto, Comments)>,
    enumerations: BTreeMap<String, EnumDescriptorProto>,
}

/// The comment of a message, and those of its fields in their order.
type Comments = (String, Vec<String>);

fn read() -> Schema {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let files = std::fs::read_dir(root.join("tier0/v1")).unwrap();
    let files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    let set: FileDescriptorSet = protox::compile(&files, [&root]).unwrap();
    let mut schema = Schema { messages: BTreeMap::new(), enumerations: BTreeMap::new() };
    for file in set.file.into_iter().filter(|file| file.package() == "tier0.v1") {
        let info = file.source_code_info.unwrap_or_default();
        let comment = |path: &[i32]| -> String {
            let found = info.location.iter().find(|location| location.path == path);
            let text = found.map(|location| location.leading_comments().to_owned());
            let text = text.unwrap_or_default();
            text.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
        };
        for (place, message) in (0..).zip(file.message_type) {
            let fields = 0..i32::try_from(message.field.len()).unwrap();
            let of_fields = fields.map(|field| comment(&[4, place, 2, field])).collect();
            let comments = (comment(&[4, place]), of_fields);
            schema.messages.insert(format!("{PACKAGE}{}", message.name()), (message, comments));
        }
        for enumeration in file.enum_type {
            schema.enumerations.insert(format!("{PACKAGE}{}", enumeration.name()), enumeration);
        }
    }
    schema
}

impl Schema {
    /// What a value of a field is, without its label; notes which messages it is made of.
    fn value(&self, field: &FieldDescriptorProto, named: &mut BTreeSet<String>) -> Value {
        match field.r#type() {
            Type::String | Type::Bytes => json!({"type": "string"}),
            Type::Bool => json!({"type": "boolean"}),
            Type::Double | Type::Float => json!({"type": ["number", "string"], "pattern": NUMBER}),
            Type::Uint32 | Type::Fixed32 => json!({
                "type": ["integer", "string"], "pattern": "^[0-9]{1,9}$", "minimum": 0, "maximum": u32::MAX,
            }),
            Type::Uint64 | Type::Fixed64 => json!({
                "type": ["integer", "string"], "pattern": "^[0-9]{1,19}$", "minimum": 0, "maximum": u64::MAX,
            }),
            Type::Int32 | Type::Sint32 => json!({
                "type": ["integer", "string"], "pattern": "^-?[0-9]{1,9}$", "minimum": i32::MIN, "maximum": i32::MAX,
            }),
            Type::Int64 | Type::Sint64 => json!({
                "type": ["integer", "string"], "pattern": WHOLE, "minimum": i64::MIN, "maximum": i64::MAX,
            }),
            Type::Enum => {
                let values = &self.enumerations[field.type_name()].value;
                let names: Vec<&str> = values.iter().map(|value| value.name()).collect();
                let numbers = || values.iter().map(|value| value.number());
                json!({"anyOf": [
                    {"type": "string", "enum": names},
                    {"type": "integer", "minimum": numbers().min(), "maximum": numbers().max()},
                ]})
            }
            Type::Message => match field.type_name() {
                ".google.protobuf.Timestamp" => json!({"type": "string", "format": "date-time"}),
                ".google.protobuf.Duration" => {
                    json!({"type": "string", "pattern": "^-?[0-9]{1,11}(\\.[0-9]{1,9})?s$"})
                }
                name => {
                    let name = name.strip_prefix(PACKAGE).unwrap_or_else(|| panic!("{name}"));
                    named.insert(name.to_owned());
                    json!({"$ref": format!("#/components/schemas/{name}")})
                }
            },
            other => panic!("{other:?} is not expected in a request"),
        }
    }

    /// What a field is in JSON, where `null` is its default.
    fn field(
        &self,
        message: &DescriptorProto,
        field: &FieldDescriptorProto,
        named: &mut BTreeSet<String>,
    ) -> Value {
        let entry = message.nested_type.iter().find(|nested| {
            let is_map = nested.options.as_ref().is_some_and(|options| options.map_entry());
            is_map && field.type_name().ends_with(&format!(".{}", nested.name()))
        });
        if let Some(entry) = entry {
            let values = self.value(&entry.field[1], named);
            return json!({"type": ["object", "null"], "additionalProperties": values});
        }
        let value = self.value(field, named);
        if field.label() == Label::Repeated {
            return json!({"type": ["array", "null"], "items": value});
        }
        match value {
            Value::Object(mut of) if of.contains_key("type") => {
                let mut types = match of.remove("type") {
                    Some(Value::Array(types)) => types,
                    Some(single) => vec![single],
                    None => Vec::new(),
                };
                types.push("null".into());
                of.insert("type".to_owned(), types.into());
                of.into()
            }
            Value::Object(mut of) if of.contains_key("anyOf") => {
                if let Some(Value::Array(choices)) = of.get_mut("anyOf") {
                    choices.push(json!({"type": "null"}));
                }
                of.into()
            }
            reference => json!({"anyOf": [reference, {"type": "null"}]}),
        }
    }

    fn message(&self, name: &str, named: &mut BTreeSet<String>) -> Value {
        let (message, (about, comments)) = &self.messages[&format!("{PACKAGE}{name}")];
        let mut properties = Map::new();
        for (field, comment) in message.field.iter().zip(comments) {
            let mut value = self.field(message, field, named);
            if !comment.is_empty() {
                value["description"] = comment.as_str().into();
            }
            properties.insert(field.json_name().to_owned(), value);
        }
        json!({
            "type": "object",
            "description": about,
            "properties": properties,
            "additionalProperties": false,
        })
    }

    /// A message with all that it is made of, by name.
    fn closure(&self, name: &str) -> Map<String, Value> {
        let mut done = Map::new();
        let mut open = BTreeSet::from([name.to_owned()]);
        while let Some(name) = open.pop_first() {
            let mut named = BTreeSet::new();
            done.insert(name.clone(), self.message(&name, &mut named));
            open.extend(named.into_iter().filter(|name| !done.contains_key(name)));
        }
        done
    }
}

#[test]
fn the_schema_of_a_request_is_that_of_its_message() {
    let fresh = serde_json::to_string_pretty(&Value::Object(read().closure(REQUEST))).unwrap();
    let fresh = format!("{fresh}\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/submission/request.schema.json");
    if std::env::var_os("TIER0_REGENERATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "the schema of a request differs from the messages: run TIER0_REGENERATE=1 cargo test -p api --test it"
    );
}
