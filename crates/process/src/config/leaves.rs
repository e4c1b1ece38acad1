//! Configuration as leaves: `path → value`, each with where it was said.

use serde_json::{Map, Value};

/// One value of one layer.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    /// The key, segment by segment.
    pub(super) path: Vec<String>,
    /// Value of the key in this layer.
    pub(super) said: RawValue,
    /// Where it was said.
    pub(super) source: String,
    /// Whether it may be meant for another process, as what stands in the environment for all of them.
    pub(super) shared: bool,
}

/// A value as it was said.
#[derive(Debug, Clone)]
pub(super) enum RawValue {
    /// With a type, as in a file.
    Typed(Value),
    /// As text, as in the environment and in flags; its type is what the key needs.
    Text(String),
}

impl RawValue {
    /// What may be meant, the likeliest first.
    pub(super) fn readings(&self) -> Vec<Value> {
        match self {
            Self::Typed(value) => vec![value.clone()],
            Self::Text(text) => {
                let parsed = |text: &str| serde_json::from_str(text.trim()).ok();
                let mut readings: Vec<Value> = table(text).into_iter().collect();
                readings.push(Value::String(text.clone()));
                readings.extend(parsed(text));
                let parts: Vec<&str> =
                    text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
                readings.push(parts.iter().map(|&part| Value::String(part.to_owned())).collect());
                if let Some(values) =
                    parts.iter().map(|part| parsed(part)).collect::<Option<Vec<Value>>>()
                {
                    readings.push(Value::Array(values));
                }
                readings
            }
        }
    }
}

/// The table that a text is, in JSON or as TOML has it on one line.
fn table(text: &str) -> Option<Value> {
    let text = text.trim();
    if !text.starts_with('{') {
        return None;
    }
    let in_json = serde_json::from_str(text).ok();
    in_json.or_else(|| {
        let mut whole: toml::Table = toml::from_str(&format!("table = {text}")).ok()?;
        let found = whole.remove("table")?;
        if whole.is_empty() { serde_json::to_value(found).ok() } else { None }
    })
}

impl RawValue {
    /// Whether it is a text that is no table.
    pub(super) fn is_no_table(&self) -> bool {
        matches!(self, Self::Text(text) if table(text).is_none())
    }
}

impl Leaf {
    pub(super) fn key(&self) -> String {
        self.path.join(".")
    }
}

/// Takes a table apart as far as the defaults have tables there; a table where they have an open one stays whole.
pub(super) fn flatten(
    value: Value,
    defaults: &Value,
    path: &mut Vec<String>,
    source: &str,
    leaves: &mut Vec<Leaf>,
) {
    match (value, defaults) {
        (Value::Object(table), Value::Object(known)) if !known.is_empty() => {
            for (key, value) in table {
                let below = known.get(&key).unwrap_or(&Value::Null);
                path.push(key);
                flatten(value, below, path, source, leaves);
                path.pop();
            }
        }
        (value, _) => leaves.push(Leaf {
            path: path.clone(),
            said: RawValue::Typed(value),
            source: source.to_owned(),
            shared: false,
        }),
    }
}

/// What a key is in the defaults.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// A value, or a place within an open table.
    Value,
    /// A table that needs a further segment.
    Table,
    /// Nothing: the segment at this depth is unknown; known are these.
    Unknown(usize, Vec<String>),
}

/// Looks a key up in the defaults. Null and an empty table are open: anything may stand there.
pub(super) fn look_up(defaults: &Value, path: &[String]) -> KeyKind {
    let mut at = defaults;
    for (depth, segment) in path.iter().enumerate() {
        match at {
            Value::Object(table) if !table.is_empty() => match table.get(segment) {
                Some(below) => at = below,
                None => return KeyKind::Unknown(depth, table.keys().cloned().collect()),
            },
            Value::Object(_) | Value::Null => return KeyKind::Value,
            _ => return KeyKind::Unknown(depth, Vec::new()),
        }
    }
    match at {
        Value::Object(table) if !table.is_empty() => KeyKind::Table,
        _ => KeyKind::Value,
    }
}

/// Puts a value at a path, making tables on the way.
pub(super) fn put(tree: &mut Value, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *tree = value;
        return;
    };
    if !tree.is_object() {
        *tree = Value::Object(Map::new());
    }
    if let Value::Object(table) = tree {
        put(table.entry(first.clone()).or_insert(Value::Null), rest, value);
    }
}
