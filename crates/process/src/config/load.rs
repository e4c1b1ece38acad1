//! Defaults < files < environment of all < environment of this process < flags.
//!
//! Every value of every layer is tried by itself against the defaults, so that all problems are found at once, each
//! with where it was said.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::{Environment, File, Source as _};
use contracts::failures;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::leaves::{KeyKind, Leaf, RawValue, flatten, look_up, put};
use super::{CheckConfig, CommonConfig, Problem};

const ALL: &str = "TIER0";
const SEPARATOR: &str = "__";

/// Where configuration comes from.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// Name of the process, such as `model-trainer`.
    pub process: String,
    /// Files (TOML, JSON or YAML by their ending); a later one wins.
    pub files: Vec<PathBuf>,
    /// Variables of the environment, by name.
    pub environment: BTreeMap<String, String>,
    /// `--set` flags: key and value; a later one wins.
    pub flags: Vec<(String, String)>,
    /// Whether the files that the configuration names are opened, to see whether they can be used.
    pub opens_files: bool,
}

/// A configuration without problems.
#[derive(Debug, Clone)]
pub struct LoadedConfig<C> {
    /// What every process has.
    pub common: CommonConfig,
    /// What this process has besides.
    pub own: C,
}

impl<C: Serialize> LoadedConfig<C> {
    /// The whole as TOML, with secrets redacted.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let mut whole = tree_of(&self.common);
        if let (Value::Object(whole), Value::Object(own)) = (&mut whole, tree_of(&self.own)) {
            for (key, value) in own {
                whole.entry(key).or_insert(value);
            }
        }
        without_null(&mut whole);
        toml::to_string_pretty(&whole)
    }
}

/// Makes one configuration of all layers, or tells everything that is wrong.
pub fn load<C>(layers: &Layers) -> Result<LoadedConfig<C>, Vec<Problem>>
where
    C: Default + Serialize + DeserializeOwned + CheckConfig,
{
    let own = tree_of(&C::default());
    let (common, own, mut problems) = merge(layers, &own, &|tree| read::<C>(tree).map(drop));
    let own = whole::<C>(own, &mut problems);
    if let (Some(common), Some(own)) = (&common, &own) {
        problems.extend(own.problems_beside(common).into_iter().map(Problem::of_the_whole));
        if layers.opens_files {
            let of_files = common.file_problems().into_iter().chain(own.file_problems());
            problems.extend(of_files.map(Problem::of_the_whole));
        }
    }
    match (common, own) {
        (Some(common), Some(own)) if problems.is_empty() => Ok(LoadedConfig { common, own }),
        _ => Err(problems),
    }
}

/// A tree as a configuration, or serde's complaint.
fn read<T: DeserializeOwned>(tree: Value) -> Result<T, serde_json::Error> {
    serde_json::from_value(tree)
}

/// Whether a tree can be read as a configuration.
type Check<'a> = &'a dyn Fn(Value) -> Result<(), serde_json::Error>;

/// All layers over the defaults: the common part, the process's own part as a tree, and what is wrong. `own` are the defaults of
/// the own part and `check` reads it; compiled once for all processes.
fn merge(
    layers: &Layers,
    own: &Value,
    check: Check<'_>,
) -> (Option<CommonConfig>, Value, Vec<Problem>) {
    let mut problems = Vec::new();
    let common = tree_of(&CommonConfig::default());
    let known = union(&common, own);
    let mut leaves = Vec::new();
    for path in &layers.files {
        match file(path, &known) {
            Ok(found) => leaves.extend(found),
            Err(problem) => problems.push(problem),
        }
    }
    environment(layers, &known, &mut leaves, &mut problems);
    for (key, value) in &layers.flags {
        leaves.push(Leaf {
            path: key.split('.').map(str::to_owned).collect(),
            said: RawValue::Text(value.clone()),
            source: format!("--set {key}"),
            shared: false,
        });
    }
    let (mut merged_common, mut merged_own) = (common.clone(), own.clone());
    for leaf in &leaves {
        if let Err(problem) = check_key(leaf, &known) {
            problems.extend(problem);
            continue;
        }
        let mut failure = None;
        // A key of both is given to both.
        let reads_common = &|tree| read::<CommonConfig>(tree).map(drop);
        failure = failure.or(apply(&common, &mut merged_common, leaf, reads_common));
        failure = failure.or(apply(own, &mut merged_own, leaf, check));
        problems.extend(failure);
    }
    let common = whole::<CommonConfig>(merged_common, &mut problems);
    (common, merged_own, problems)
}

/// Applies a leaf to a configuration that knows its key; tells what is wrong with it.
fn apply(defaults: &Value, merged: &mut Value, leaf: &Leaf, check: Check<'_>) -> Option<Problem> {
    if !matches!(look_up(defaults, &leaf.path), KeyKind::Value) || is_empty(defaults) {
        return None;
    }
    let mut why = None;
    for reading in leaf.said.readings() {
        let mut alone = defaults.clone();
        put(&mut alone, &leaf.path, reading.clone());
        match check(alone) {
            Ok(()) => {
                put(merged, &leaf.path, reading);
                return None;
            }
            // The first reading is as it was said; what is said of it serves best.
            Err(error) => why = why.or(Some(error.to_string())),
        }
    }
    let mut why = without_values(&why.unwrap_or_default());
    if is_open_table(defaults, &leaf.path) && leaf.said.is_no_table() {
        why.push_str("; expected a table in JSON, such as {\"KEY\": \"VALUE\"}");
    }
    Some(Problem { source: leaf.source.clone(), message: format!("{}: {why}", leaf.key()) })
}

/// Refuses a key that no process knows. `Err(None)`: it is another process's.
fn check_key(leaf: &Leaf, known: &Value) -> Result<(), Option<Problem>> {
    let problem = |message: String| Some(Problem { source: leaf.source.clone(), message });
    match look_up(known, &leaf.path) {
        KeyKind::Value => Ok(()),
        KeyKind::Table => {
            Err(problem(format!("{}: is a table; expected a key within it", leaf.key())))
        }
        KeyKind::Unknown(depth, names) => {
            let segment = leaf.path.get(depth).map(String::as_str).unwrap_or_default();
            let near = failures::nearest(segment, &names);
            // Another process may know it; only what looks like a slip of the pen is refused.
            if depth == 0 && leaf.shared && !names.iter().any(|name| is_slip(segment, name)) {
                return Err(None);
            }
            let hint = if near.is_empty() {
                String::new()
            } else {
                format!("; did you mean {}?", near.join(" or "))
            };
            Err(problem(format!("{}: unknown key{hint}", leaf.key())))
        }
    }
}

/// Whether one letter was mistaken, left out or added.
fn is_slip(written: &str, meant: &str) -> bool {
    let common = |a: &mut dyn Iterator<Item = (char, char)>| a.take_while(|(a, b)| a == b).count();
    let prefix = common(&mut written.chars().zip(meant.chars()));
    let suffix = common(&mut written.chars().rev().zip(meant.chars().rev()));
    let (short, long) = (written.chars().count(), meant.chars().count());
    short.abs_diff(long) <= 1 && prefix + suffix + 1 >= short.max(long)
}

fn whole<T: DeserializeOwned + CheckConfig>(tree: Value, problems: &mut Vec<Problem>) -> Option<T> {
    match read::<T>(tree) {
        Ok(config) => {
            problems.extend(config.problems().into_iter().map(Problem::of_the_whole));
            Some(config)
        }
        Err(error) => {
            let message = without_values(&error.to_string());
            problems.push(Problem { source: String::new(), message });
            None
        }
    }
}

fn file(path: &Path, known: &Value) -> Result<Vec<Leaf>, Problem> {
    let source = path.display().to_string();
    let read = File::from(path.to_owned()).required(true).collect();
    let table = read.map_err(|error| Problem {
        source: source.clone(),
        message: format!("cannot be read: {error}"),
    })?;
    let mut leaves = Vec::new();
    let table = table.into_iter().map(|(key, value)| (key, json(value))).collect();
    flatten(Value::Object(table), known, &mut Vec::new(), &source, &mut leaves);
    Ok(leaves)
}

fn environment(
    layers: &Layers,
    known: &Value,
    leaves: &mut Vec<Leaf>,
    problems: &mut Vec<Problem>,
) {
    let own = format!("{ALL}_{}", layers.process.to_uppercase().replace('-', "_"));
    for (prefix, shared) in [(ALL, true), (own.as_str(), false)] {
        let given =
            layers.environment.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let source = Environment::with_prefix(prefix)
            .prefix_separator(SEPARATOR)
            .separator(SEPARATOR)
            .source(Some(given));
        let found = match source.collect() {
            Ok(found) => found,
            Err(error) => {
                let source = format!("environment {prefix}{SEPARATOR}*");
                problems.push(Problem { source, message: error.to_string() });
                continue;
            }
        };
        let found: BTreeMap<String, String> = found
            .into_iter()
            .filter_map(|(key, value)| Some((key, value.into_string().ok()?)))
            .collect();
        for (key, value) in found {
            let path: Vec<String> = key.split('.').map(str::to_owned).collect();
            let name = format!("{prefix}{SEPARATOR}{}", path.join(SEPARATOR).to_uppercase());
            if shared && matches!(look_up(known, &path), KeyKind::Unknown(0, _)) {
                tracing::debug!(
                    variable = name,
                    "a variable for all processes concerns nothing of this one"
                );
            }
            leaves.push(Leaf {
                path,
                said: RawValue::Text(value),
                source: format!("environment {name}"),
                shared,
            });
        }
    }
}

fn tree_of<T: Serialize>(value: &T) -> Value {
    match serde_json::to_value(value) {
        Ok(tree @ Value::Object(_)) => tree,
        _ => Value::Object(serde_json::Map::new()),
    }
}

/// Whether a key has a table whose keys are the operator's.
fn is_open_table(defaults: &Value, path: &[String]) -> bool {
    path.iter().try_fold(defaults, |at, segment| at.get(segment)).is_some_and(is_empty)
}

fn is_empty(tree: &Value) -> bool {
    tree.as_object().is_some_and(serde_json::Map::is_empty)
}

fn union(first: &Value, second: &Value) -> Value {
    match (first, second) {
        (Value::Object(first), Value::Object(second)) => {
            let mut both = first.clone();
            for (key, value) in second {
                let merged =
                    both.get(key).map_or_else(|| value.clone(), |there| union(there, value));
                both.insert(key.clone(), merged);
            }
            Value::Object(both)
        }
        _ => first.clone(),
    }
}

fn json(value: config::Value) -> Value {
    use config::ValueKind as Kind;
    match value.kind {
        Kind::Nil => Value::Null,
        Kind::Boolean(value) => value.into(),
        Kind::I64(value) => value.into(),
        Kind::U64(value) => value.into(),
        Kind::I128(value) => {
            i64::try_from(value).map_or_else(|_| value.to_string().into(), Value::from)
        }
        Kind::U128(value) => {
            u64::try_from(value).map_or_else(|_| value.to_string().into(), Value::from)
        }
        Kind::Float(value) => value.into(),
        Kind::String(value) => value.into(),
        Kind::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, json(value))).collect())
        }
        Kind::Array(values) => values.into_iter().map(json).collect(),
    }
}

/// TOML has no null: what is not set is left out.
fn without_null(value: &mut Value) {
    match value {
        Value::Object(table) => {
            table.retain(|_, value| !value.is_null());
            table.values_mut().for_each(without_null);
        }
        Value::Array(values) => values.iter_mut().for_each(without_null),
        _ => {}
    }
}

/// serde's complaint without the value, which may be a secret: `invalid type: string "…", expected u64`.
fn without_values(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut parts = message.split('"');
    out.push_str(parts.next().unwrap_or_default());
    let rest: Vec<&str> = parts.collect();
    match rest.split_last() {
        Some((last, quoted)) if !quoted.is_empty() => {
            out.push_str("\"…\"");
            out.push_str(last);
        }
        _ => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_is_a_slip_and_two_are_another_word() {
        for written in ["natz", "nat", "natss", "nasts"] {
            assert!(is_slip(written, "nats"), "{written}");
        }
        for written in ["data", "", "na", "catalogue", "stan"] {
            assert!(!is_slip(written, "nats"), "{written}");
        }
    }
}
