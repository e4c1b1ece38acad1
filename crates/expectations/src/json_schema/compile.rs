//! A schema into rules, checked by the meta-schema of its draft.

use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value};

use super::{Counted, Node, Refused, Rule, Slot, Type};
use crate::error::{Place, SuiteError};
use crate::json::{Json, Number};
use crate::pattern::Pattern;

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Draft {
    Four,
    Six,
    Seven,
    Of2019,
    Of2020,
}

type Read<T> = Result<T, Refused>;

pub(super) fn compile(place: &Place, json: &Value) -> Read<Vec<Node>> {
    let mut compiler = Compiler {
        place,
        draft: draft(json)?,
        root: json,
        nodes: Vec::new(),
        known: HashMap::new(),
        waiting: VecDeque::new(),
    };
    compiler.reserve(String::new(), json);
    while let Some((slot, at, json)) = compiler.waiting.pop_front() {
        let node = compiler.node(&At(&at), json)?;
        if let Some(found) = compiler.nodes.get_mut(slot) {
            *found = node;
        }
    }
    Ok(compiler.nodes)
}

fn draft(json: &Value) -> Read<Draft> {
    let named = json.get("$schema").and_then(Value::as_str).unwrap_or_default();
    Ok(match named.trim_end_matches('#') {
        "http://json-schema.org/draft-03/schema" => {
            return Err(Refused::Unsupported("draft 3 of JSON Schema is not evaluated"));
        }
        "http://json-schema.org/draft-04/schema" => Draft::Four,
        "http://json-schema.org/draft-06/schema" => Draft::Six,
        "http://json-schema.org/draft-07/schema" => Draft::Seven,
        "https://json-schema.org/draft/2019-09/schema" => Draft::Of2019,
        _ => Draft::Of2020,
    })
}

/// A place in the schema, as a JSON pointer.
struct At<'a>(&'a str);

impl At<'_> {
    fn key(&self, key: impl std::fmt::Display) -> String {
        let key = key.to_string().replace('~', "~0").replace('/', "~1");
        format!("{}/{key}", self.0)
    }
}

struct Compiler<'a> {
    place: &'a Place,
    draft: Draft,
    root: &'a Value,
    nodes: Vec<Node>,
    /// Schemas by their JSON pointers.
    known: HashMap<String, Slot>,
    waiting: VecDeque<(Slot, String, &'a Value)>,
}

impl<'a> Compiler<'a> {
    fn reserve(&mut self, at: String, json: &'a Value) -> Slot {
        if let Some(slot) = self.known.get(&at) {
            return *slot;
        }
        let slot = self.nodes.len();
        self.nodes.push(Node::Always(true));
        self.known.insert(at.clone(), slot);
        self.waiting.push_back((slot, at, json));
        slot
    }

    fn wrong(&self, at: &str, expected: &'static str) -> Refused {
        let place = self.place.clone();
        Refused::Wrong(SuiteError::JsonSchema { place, pointer: at.to_owned(), expected })
    }

    fn node(&mut self, at: &At<'_>, json: &'a Value) -> Read<Node> {
        let object = match json {
            Value::Object(object) => object,
            Value::Bool(valid) if self.draft > Draft::Four => return Ok(Node::Always(*valid)),
            // These two may be truth values in draft 4 as well.
            Value::Bool(valid)
                if at.0.ends_with("/additionalProperties")
                    || at.0.ends_with("/additionalItems") =>
            {
                return Ok(Node::Always(*valid));
            }
            _ if self.draft == Draft::Four => return Err(self.wrong(at.0, "an object")),
            _ => return Err(self.wrong(at.0, "an object, true or false")),
        };
        self.refuse(at, object)?;
        let mut rules = Vec::new();
        for (key, json) in object {
            if let Some(rule) = self.rule(at, object, key, json)? {
                rules.push(rule);
            }
        }
        // A reference stands alone up to draft 7.
        if self.draft <= Draft::Seven && object.contains_key("$ref") {
            rules.retain(|rule| matches!(rule, Rule::Reference(_)));
        }
        Ok(Node::Rules(rules))
    }

    /// Refuses what is not evaluated.
    fn refuse(&self, at: &At<'_>, object: &Map<String, Value>) -> Read<()> {
        let is_root = at.0.is_empty();
        let id = if self.draft == Draft::Four { "id" } else { "$id" };
        let unsupported = [
            (
                "unevaluatedItems",
                self.draft >= Draft::Of2019,
                "`unevaluatedItems` of a JSON Schema",
            ),
            (
                "unevaluatedProperties",
                self.draft >= Draft::Of2019,
                "`unevaluatedProperties` of a JSON Schema",
            ),
            ("$recursiveRef", self.draft == Draft::Of2019, "`$recursiveRef` of a JSON Schema"),
            ("$dynamicRef", self.draft == Draft::Of2020, "`$dynamicRef` of a JSON Schema"),
            (id, !is_root, "an identifier within a JSON Schema"),
            ("$schema", !is_root, "another draft within a JSON Schema"),
        ];
        let found = unsupported
            .into_iter()
            .find(|(key, is_meant, _)| *is_meant && object.contains_key(*key));
        match found {
            Some((_, _, what)) => Err(Refused::Unsupported(what)),
            None => Ok(()),
        }
    }

    fn rule(
        &mut self,
        at: &At<'_>,
        object: &'a Map<String, Value>,
        key: &str,
        json: &'a Value,
    ) -> Read<Option<Rule>> {
        let inner = at.key(key);
        let draft = self.draft;
        let since = move |other: Draft| draft >= other;
        let is_exclusive = |key: &str| object.get(key) == Some(&Value::Bool(true));
        let inner = At(&inner);
        Ok(Some(match key {
            "$ref" => Rule::Reference(self.reference(&inner, json)?),
            "type" => Rule::Types(self.types(&inner, json)?),
            "enum" => {
                let values =
                    json.as_array().filter(|values| self.draft > Draft::Four || !values.is_empty());
                let values = values.ok_or_else(|| self.wrong(inner.0, "a list of values"))?;
                Rule::Values(values.iter().map(Json::of_suite).collect())
            }
            "const" if since(Draft::Six) => Rule::Values(vec![Json::of_suite(json)]),
            "minimum" | "maximum" => {
                let exclusive =
                    if key == "minimum" { "exclusiveMinimum" } else { "exclusiveMaximum" };
                let strict = self.draft == Draft::Four && is_exclusive(exclusive);
                let order = if key == "minimum" { Ordering::Greater } else { Ordering::Less };
                Rule::Limit { limit: self.number(&inner, json)?, order, strict }
            }
            "exclusiveMinimum" | "exclusiveMaximum" if self.draft == Draft::Four => {
                let other = if key == "exclusiveMinimum" { "minimum" } else { "maximum" };
                if !json.is_boolean() || !object.contains_key(other) {
                    return Err(self.wrong(inner.0, "true or false beside a minimum or maximum"));
                }
                return Ok(None);
            }
            "exclusiveMinimum" | "exclusiveMaximum" => {
                let order =
                    if key == "exclusiveMinimum" { Ordering::Greater } else { Ordering::Less };
                Rule::Limit { limit: self.number(&inner, json)?, order, strict: true }
            }
            "multipleOf" => {
                let of = self.number(&inner, json)?;
                if of.float() <= 0.0 {
                    return Err(self.wrong(inner.0, "a number greater than 0"));
                }
                Rule::MultipleOf(of)
            }
            "minLength" => self.size(&inner, json, Counted::Characters, Ordering::Greater)?,
            "maxLength" => self.size(&inner, json, Counted::Characters, Ordering::Less)?,
            "minItems" => self.size(&inner, json, Counted::Items, Ordering::Greater)?,
            "maxItems" => self.size(&inner, json, Counted::Items, Ordering::Less)?,
            "minProperties" => self.size(&inner, json, Counted::Properties, Ordering::Greater)?,
            "maxProperties" => self.size(&inner, json, Counted::Properties, Ordering::Less)?,
            "pattern" => Rule::Pattern(self.pattern(json.as_str(), &inner)?),
            "uniqueItems" => match json {
                Value::Bool(true) => Rule::Unique,
                Value::Bool(false) => return Ok(None),
                _ => return Err(self.wrong(inner.0, "true or false")),
            },
            "required" => Rule::Required(self.names(&inner, json)?),
            "properties" => Rule::Properties(self.schemas_by_name(&inner, json)?),
            "patternProperties" => {
                let all = self.schemas_by_name(&inner, json)?;
                let read = |(pattern, schema): (String, Slot)| {
                    Ok((self.pattern(Some(&pattern), &inner)?, schema))
                };
                Rule::PatternProperties(all.into_iter().map(read).collect::<Read<_>>()?)
            }
            "additionalProperties" => self.additional(&inner, object, json)?,
            "propertyNames" if since(Draft::Six) => {
                Rule::PropertyNames(self.reserve(inner.0.to_owned(), json))
            }
            "dependentRequired" if since(Draft::Of2019) => {
                let entries = self.entries(&inner, json)?;
                let read = |(name, json): (&String, &Value)| {
                    Ok((name.clone(), self.names(&At(&inner.key(name)), json)?))
                };
                Rule::DependentRequired(entries.iter().map(read).collect::<Read<_>>()?)
            }
            "dependentSchemas" if since(Draft::Of2019) => {
                Rule::DependentSchemas(self.schemas_by_name(&inner, json)?)
            }
            "dependencies" => return self.dependencies(&inner, json),
            // Where both are there, they are one rule.
            "prefixItems" if since(Draft::Of2020) && object.contains_key("items") => {
                return Ok(None);
            }
            "prefixItems" if since(Draft::Of2020) => {
                Rule::Items { first: self.schemas(&inner, json)?, rest: None }
            }
            "items" if since(Draft::Of2020) => {
                let before = object.get("prefixItems");
                let before = before
                    .map(|json| self.schemas(&At(&at.key("prefixItems")), json))
                    .transpose()?;
                let rest = Some(self.reserve(inner.0.to_owned(), json));
                Rule::Items { first: before.unwrap_or_default(), rest }
            }
            "items" if json.is_array() => {
                let first = self.schemas(&inner, json)?;
                let rest = object.get("additionalItems");
                let rest = rest.map(|json| self.reserve(at.key("additionalItems"), json));
                Rule::Items { first, rest }
            }
            "items" => {
                let rest = Some(self.reserve(inner.0.to_owned(), json));
                Rule::Items { first: Vec::new(), rest }
            }
            "contains" if since(Draft::Six) => {
                let limit = |key: &str| {
                    let json = object.get(key).filter(|_| since(Draft::Of2019));
                    json.map(|json| self.count(&At(&at.key(key)), json)).transpose()
                };
                let (least, most) = (limit("minContains")?, limit("maxContains")?);
                let schema = self.reserve(inner.0.to_owned(), json);
                Rule::Contains { schema, least: least.unwrap_or(Number::Whole(1)), most }
            }
            "minContains" | "maxContains" if since(Draft::Of2019) => {
                self.count(&inner, json)?;
                return Ok(None);
            }
            "allOf" => Rule::All(self.schemas(&inner, json)?),
            "anyOf" => Rule::Any(self.schemas(&inner, json)?),
            "oneOf" => Rule::One(self.schemas(&inner, json)?),
            "not" => Rule::Not(self.reserve(inner.0.to_owned(), json)),
            "if" if since(Draft::Seven) => {
                let condition = self.reserve(inner.0.to_owned(), json);
                let mut branch =
                    |key: &str| object.get(key).map(|json| self.reserve(at.key(key), json));
                let (then, otherwise) = (branch("then"), branch("else"));
                Rule::If { condition, then, otherwise }
            }
            _ => return self.without_rule(&inner, key, json).map(|()| None),
        }))
    }

    /// Keywords that judge nothing on their own, which the meta-schema checks all the same.
    fn without_rule(&mut self, inner: &At<'_>, key: &str, json: &'a Value) -> Read<()> {
        let draft = self.draft;
        let since = move |other: Draft| draft >= other;
        match key {
            "then" | "else" if since(Draft::Seven) => {
                self.reserve(inner.0.to_owned(), json);
            }
            "additionalItems" if !since(Draft::Of2020) => {
                self.reserve(inner.0.to_owned(), json);
            }
            "contentSchema" if since(Draft::Of2019) => {
                self.reserve(inner.0.to_owned(), json);
            }
            "definitions" => drop(self.schemas_by_name(inner, json)?),
            "$defs" if since(Draft::Of2019) => drop(self.schemas_by_name(inner, json)?),
            "title" | "description" | "format" | "$schema" if !json.is_string() => {
                return Err(self.wrong(inner.0, "a text"));
            }
            "$comment" | "contentEncoding" | "contentMediaType"
                if since(Draft::Seven) && !json.is_string() =>
            {
                return Err(self.wrong(inner.0, "a text"));
            }
            "$id" if since(Draft::Six) && !json.is_string() => {
                return Err(self.wrong(inner.0, "a text"));
            }
            "readOnly" if since(Draft::Seven) && !json.is_boolean() => {
                return Err(self.wrong(inner.0, "true or false"));
            }
            "writeOnly" | "deprecated" if since(Draft::Of2019) && !json.is_boolean() => {
                return Err(self.wrong(inner.0, "true or false"));
            }
            "examples" if since(Draft::Six) && !json.is_array() => {
                return Err(self.wrong(inner.0, "a list"));
            }
            _ => {}
        }
        Ok(())
    }

    /// The schema that a JSON pointer leads to.
    fn reference(&mut self, at: &At<'_>, json: &Value) -> Read<Slot> {
        let text = json.as_str().ok_or_else(|| self.wrong(at.0, "a text"))?;
        let pointer = text.strip_prefix('#').filter(|it| it.is_empty() || it.starts_with('/'));
        let Some(pointer) = pointer.filter(|pointer| !pointer.contains('%')) else {
            return Err(Refused::Unsupported(
                "a `$ref` that is no JSON pointer within its JSON Schema, such as `#/$defs/name`",
            ));
        };
        let found = self.root.pointer(pointer);
        let found =
            found.ok_or_else(|| self.wrong(at.0, "a JSON pointer to a place in the schema"))?;
        Ok(self.reserve(pointer.to_owned(), found))
    }

    fn types(&self, at: &At<'_>, json: &Value) -> Read<Vec<Type>> {
        let expected =
            "array, boolean, integer, null, number, object, string, or a list of them, each once";
        let written = match json {
            Value::Array(names) => names.as_slice(),
            one => std::slice::from_ref(one),
        };
        let repeated = written
            .iter()
            .enumerate()
            .any(|(place, name)| written.iter().take(place).any(|it| it == name));
        let one = |name: &Value| {
            Some(match name.as_str()? {
                "array" => Type::Array,
                "boolean" => Type::Boolean,
                "integer" => Type::Integer { whole_floats: self.draft > Draft::Four },
                "null" => Type::Null,
                "number" => Type::Number,
                "object" => Type::Object,
                "string" => Type::String,
                _ => return None,
            })
        };
        let types: Option<Vec<Type>> = written.iter().map(one).collect();
        types
            .filter(|types| !types.is_empty() && !repeated)
            .ok_or_else(|| self.wrong(at.0, expected))
    }

    fn number(&self, at: &At<'_>, json: &Value) -> Read<Number> {
        match Json::of_suite(json) {
            Json::Number(number) => Ok(number),
            _ => Err(self.wrong(at.0, "a number")),
        }
    }

    /// A whole number, 0 or more.
    fn count(&self, at: &At<'_>, json: &Value) -> Read<Number> {
        let whole = Type::Integer { whole_floats: self.draft > Draft::Four };
        let number = self
            .number(at, json)
            .ok()
            .filter(|number| number.float() >= 0.0 && whole.is_of(&Json::Number(*number)));
        number.ok_or_else(|| self.wrong(at.0, "a whole number, 0 or more"))
    }

    fn size(&self, at: &At<'_>, json: &Value, of: Counted, order: Ordering) -> Read<Rule> {
        Ok(Rule::Size { of, limit: self.count(at, json)?, order })
    }

    fn pattern(&self, text: Option<&str>, at: &At<'_>) -> Read<Pattern> {
        let text = text.ok_or_else(|| self.wrong(at.0, "a text"))?;
        Pattern::python(self.place, text).map_err(Refused::Wrong)
    }

    /// Texts, each once.
    fn names(&self, at: &At<'_>, json: &Value) -> Read<Vec<String>> {
        let names: Option<Vec<String>> = json
            .as_array()
            .and_then(|names| names.iter().map(|name| name.as_str().map(str::to_owned)).collect());
        let is_unique = |names: &Vec<String>| {
            let mut sorted: Vec<&String> = names.iter().collect();
            sorted.sort_unstable();
            sorted.windows(2).all(|pair| pair.first() != pair.last())
        };
        names
            .filter(is_unique)
            .filter(|names| self.draft > Draft::Four || !names.is_empty())
            .ok_or_else(|| self.wrong(at.0, "a list of texts, each once"))
    }

    fn entries(&self, at: &At<'_>, json: &'a Value) -> Read<&'a Map<String, Value>> {
        json.as_object().ok_or_else(|| self.wrong(at.0, "an object"))
    }

    fn schemas_by_name(&mut self, at: &At<'_>, json: &'a Value) -> Read<Vec<(String, Slot)>> {
        let entries = self.entries(at, json)?;
        let read =
            |(name, json): (&String, &'a Value)| (name.clone(), self.reserve(at.key(name), json));
        Ok(entries.iter().map(read).collect())
    }

    fn schemas(&mut self, at: &At<'_>, json: &'a Value) -> Read<Vec<Slot>> {
        let list = json.as_array().filter(|list| !list.is_empty());
        let list = list.ok_or_else(|| self.wrong(at.0, "a list of at least one schema"))?;
        let read = |(place, json): (usize, &'a Value)| self.reserve(at.key(place), json);
        Ok(list.iter().enumerate().map(read).collect())
    }

    fn additional(
        &mut self,
        at: &At<'_>,
        object: &Map<String, Value>,
        json: &'a Value,
    ) -> Read<Rule> {
        let keys = |key: &str| {
            let entries = object.get(key).and_then(Value::as_object);
            entries.into_iter().flat_map(Map::keys)
        };
        let mut names: Vec<String> = keys("properties").cloned().collect();
        names.sort_unstable();
        let patterns = keys("patternProperties")
            .map(|pattern| self.pattern(Some(pattern), at))
            .collect::<Read<_>>()?;
        let schema = self.reserve(at.0.to_owned(), json);
        Ok(Rule::AdditionalProperties { names, patterns, schema })
    }

    /// What a property asks for besides, up to draft 7: other properties, or that the object is valid.
    fn dependencies(&mut self, at: &At<'_>, json: &'a Value) -> Read<Option<Rule>> {
        let (mut required, mut schemas) = (Vec::new(), Vec::new());
        for (name, json) in self.entries(at, json)? {
            if json.is_array() {
                required.push((name.clone(), self.names(&At(&at.key(name)), json)?));
            } else {
                schemas.push((name.clone(), self.reserve(at.key(name), json)));
            }
        }
        if self.draft > Draft::Seven {
            return Ok(None);
        }
        if schemas.is_empty() {
            return Ok(Some(Rule::DependentRequired(required)));
        }
        if required.is_empty() {
            return Ok(Some(Rule::DependentSchemas(schemas)));
        }
        let both = [Rule::DependentRequired(required), Rule::DependentSchemas(schemas)];
        let places = both.map(|rule| self.made(Node::Rules(vec![rule])));
        Ok(Some(Rule::All(places.to_vec())))
    }

    /// A schema that is written nowhere.
    fn made(&mut self, node: Node) -> Slot {
        self.nodes.push(node);
        self.nodes.len() - 1
    }
}
