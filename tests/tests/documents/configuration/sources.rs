//! The structs of configurations as the sources have them: names, types and comments of their fields.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use toml::Table;

use crate::files;

/// A field of a struct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// Its name.
    pub(super) name: String,
    /// Its comment, as one line.
    pub(super) about: String,
    /// Its type.
    pub(super) kind: String,
}

/// Structs and enumerations by crate and name.
#[derive(Debug, Default)]
pub(super) struct Sources {
    structures: BTreeMap<(String, String), Vec<Field>>,
    choices: BTreeMap<(String, String), Vec<String>>,
    /// By crate, the rows of tables that macros make fields of, with what each is.
    rows: BTreeMap<String, Vec<(String, String)>>,
}

/// What a macro calls the fields that it makes of the rows of a table.
const OF_ROWS: &str = "$field";

impl Sources {
    /// All below the directory of the crates.
    pub(super) fn read(crates: &Path) -> Self {
        let mut sources = Self::default();
        for path in files(crates, ".rs") {
            let Ok(below) = path.strip_prefix(crates) else { continue };
            let mut parts = below.iter().filter_map(|part| part.to_str());
            let (Some(owner), Some("src")) = (parts.next(), parts.next()) else { continue };
            let text = fs::read_to_string(&path).unwrap();
            sources.take(owner, text.split("#[cfg(test)]").next().unwrap_or_default());
        }
        for ((owner, _), fields) in &mut sources.structures {
            let Some(place) = fields.iter().position(|field| field.name == OF_ROWS) else {
                continue;
            };
            let made = fields.remove(place);
            let rows = sources.rows.get(owner).into_iter().flatten();
            let of_rows = rows.map(|(name, about)| Field {
                name: name.clone(),
                about: about.clone(),
                kind: made.kind.clone(),
            });
            let of_rows: Vec<Field> = of_rows.collect();
            fields.splice(place..place, of_rows);
        }
        sources
    }

    fn take(&mut self, owner: &str, text: &str) {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        self.rows.entry(owner.to_owned()).or_default().extend(rows(&lines));
        for (at, line) in lines.iter().enumerate() {
            let body = || lines[at + 1..].iter().take_while(|line| **line != "}").copied();
            let declared = |word: &str| {
                let public = ["pub ", "pub(crate) ", "pub(super) ", ""];
                let rest =
                    public.iter().find_map(|it| line.strip_prefix(it)?.strip_prefix(word))?;
                Some(rest.strip_suffix(" {")?.to_owned())
            };
            let own = |name: String| (owner.to_owned(), name);
            if let Some(name) = declared("struct ") {
                self.structures.insert(own(name), fields(body()));
            } else if let Some(name) = declared("enum ") {
                let is_simple =
                    |line: &&str| line.ends_with(',') && !line.contains(['(', '{', '"']);
                let names = body().filter(is_simple).map(|name| snake(name.trim_end_matches(',')));
                let above = lines.get(at.saturating_sub(4)..at).unwrap_or_default();
                let is_kebab = above.iter().any(|line| line.contains("kebab-case"));
                let named = |name: String| if is_kebab { name.replace('_', "-") } else { name };
                self.choices.insert(own(name), names.map(named).collect());
            }
        }
    }

    /// Whether a crate has a struct of this name.
    pub(super) fn has(&self, owner: &str, name: &str) -> bool {
        self.structures.contains_key(&(owner.to_owned(), name.to_owned()))
    }

    /// The struct of this name: of the crate itself, else of the one whose struct has every key of the table.
    pub(super) fn structure(
        &self,
        owner: &str,
        name: &str,
        keys: &Table,
    ) -> Option<(&str, &[Field])> {
        let fits =
            |fields: &[Field]| keys.keys().all(|key| fields.iter().any(|field| field.name == *key));
        let named = self
            .structures
            .iter()
            .filter(|((_, of), fields)| of == name && !fields.is_empty() && fits(fields));
        let mut named: Vec<_> = named.collect();
        named.sort_by_key(|((of, _), _)| of != owner);
        named.first().map(|((of, _), fields)| (of.as_str(), fields.as_slice()))
    }

    /// A type in words.
    pub(super) fn in_words(&self, owner: &str, kind: &str) -> String {
        let within = |before: &str| kind.strip_prefix(before).and_then(|it| it.strip_suffix('>'));
        if let Some(inner) = within("Vec<") {
            return format!("list of {}", self.in_words(owner, inner));
        }
        match kind {
            "String" => "text".to_owned(),
            "bool" => "boolean".to_owned(),
            "f64" => "number".to_owned(),
            "usize" | "u8" | "u16" | "u32" | "u64" => "whole number".to_owned(),
            "PathBuf" => "path".to_owned(),
            "SocketAddr" => "address and port".to_owned(),
            "Secret" => "secret text".to_owned(),
            "SecretUrl" => "URL".to_owned(),
            kind if kind.contains("Map<") => "table".to_owned(),
            kind => {
                let mut named: Vec<_> =
                    self.choices.iter().filter(|((_, name), _)| name == kind).collect();
                named.sort_by_key(|((of, _), _)| of != owner);
                let choices = named.first().map(|(_, choices)| choices.as_slice());
                match choices {
                    Some(choices) if !choices.is_empty() => {
                        let quoted: Vec<String> =
                            choices.iter().map(|choice| format!("`{choice}`")).collect();
                        quoted.join(", ")
                    }
                    _ => format!("`{kind}`"),
                }
            }
        }
    }
}

fn fields<'a>(body: impl Iterator<Item = &'a str>) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut about = Vec::new();
    for line in body {
        if let Some(text) = line.strip_prefix("///") {
            about.push(text.trim());
        } else if !line.starts_with("#[") {
            let declared = line.strip_suffix(',').and_then(|line| line.split_once(": "));
            if let Some((name, kind)) = declared {
                let name = name.rsplit(' ').next().unwrap_or(name).to_owned();
                fields.push(Field { name, about: about.join(" "), kind: kind.to_owned() });
            }
            about.clear();
        }
    }
    fields
}

/// The rows of a table that have more than a type and a comment: `NAME: TYPE, "ABOUT" => …`, in one line or two.
fn rows(lines: &[&str]) -> Vec<(String, String)> {
    let row = |(at, line): (usize, &&str)| {
        let (declared, rest) = line.split_once(", \"")?;
        let (name, _) = declared.split_once(": ")?;
        let is_name = name.chars().all(|it| it.is_ascii_lowercase() || it == '_');
        let about = match rest.split_once("\" => ") {
            Some((about, _)) => about,
            None if lines.get(at + 1)?.starts_with("=> ") => rest.strip_suffix('"')?,
            None => return None,
        };
        is_name.then(|| (name.to_owned(), about.to_owned()))
    };
    lines.iter().enumerate().filter_map(row).collect()
}

/// The name of a variant as configurations have it.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}
