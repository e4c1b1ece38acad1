//! The embedded fleet's catalogue: the data sets that a text may name.
//!
//! It is a file for people. An entry that is not there is appended, so that what a person wrote keeps its form; only an entry
//! that changes makes the file be written anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sample::{POSITIVE, TARGET};
use serde::{Deserialize, Serialize};

use crate::directory::write_atomically;

const KEY: &str = "dataset";
const HEAD: &str =
    "# Data sets that a request's text may name. Changes are seen at once; see docs/workflow.md.\n";

/// Why the catalogue could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be read or written.
    #[error("cannot use {}", .path.display())]
    File {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// It is no TOML.
    #[error("{} is not valid TOML", .path.display())]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// Error of the TOML parser, with line and column.
        #[source]
        source: toml::de::Error,
    },
    /// Its data sets are no tables.
    #[error("`{KEY}` in {} is not an array of tables", .path.display())]
    Form {
        /// Path of the file.
        path: PathBuf,
    },
    /// An entry cannot be written.
    #[error("the entry cannot be written as TOML")]
    Write(#[from] toml::ser::Error),
}

/// One data set of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// Name of the data set.
    pub name: String,
    /// What it is, in words.
    pub description: String,
    /// Other names that a text may use.
    pub aliases: Vec<String>,
    /// Where the table is.
    pub uri: String,
    /// Format of the table, as the catalogue spells it.
    pub format: String,
    /// The column to be predicted.
    pub target: String,
    /// Class counted as positive, for a target of two classes.
    pub positive_class: String,
    /// The type of problem.
    pub problem_type: String,
    /// Column that identifies the entity.
    pub entity_column: String,
    /// Columns whose values a text may name to choose rows.
    pub population_columns: Vec<String>,
    /// Columns that are not used.
    pub exclude_columns: Vec<String>,
    /// The metric to be optimised.
    pub metric: String,
    /// What is predicted how far ahead.
    pub horizon: String,
    /// What a model has to reach.
    pub criteria: Vec<Criterion>,
}

/// A threshold on a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Criterion {
    /// Name of the metric.
    pub metric: String,
    /// Value that is wanted.
    pub threshold: f64,
    /// Whether missing it fails a run; else it warns.
    pub gate: bool,
}

/// ROC AUC that a model of the sample has to reach: the best possible is 0.85 to 0.90.
const SAMPLE_GATE: f64 = 0.80;

/// The entry of the sample at `path`.
#[must_use]
pub fn hcp_churn(path: &Path) -> Dataset {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let parquet = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"));
    Dataset {
        name: "hcp-churn".to_owned(),
        description: "Health-care professionals prescribing oncology brands, and whether they stop (synthetic)".to_owned(),
        aliases: texts(&["HCP churn", "churn HCPs", "churn HCP", "churn prediction HCP", "churn prediction HCPs", "prescriber churn"]),
        uri: path.display().to_string(),
        format: if parquet { "parquet" } else { "csv" }.to_owned(),
        target: TARGET.to_owned(),
        positive_class: POSITIVE.to_owned(),
        problem_type: "binary".to_owned(),
        entity_column: "hcp_id".to_owned(),
        population_columns: texts(&["brand", "region", "specialty"]),
        exclude_columns: texts(&["npi"]),
        metric: "roc_auc".to_owned(),
        horizon: "stops prescribing the brand within six months of 2025-09-30".to_owned(),
        criteria: vec![Criterion {
            metric: "roc_auc".to_owned(),
            threshold: SAMPLE_GATE,
            gate: true,
        }],
    }
}

/// Puts an entry into the catalogue, in place of one of the same name.
pub fn put(path: &Path, entry: &Dataset) -> Result<(), Error> {
    let file = |source| Error::File { path: path.to_owned(), source };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => HEAD.to_owned(),
        Err(error) => return Err(file(error)),
    };
    let mut document: toml::Table =
        toml::from_str(&text).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let new = toml::Value::try_from(entry)?;
    let entries = document.entry(KEY).or_insert_with(|| toml::Value::Array(Vec::new()));
    let entries = entries.as_array_mut().ok_or_else(|| Error::Form { path: path.to_owned() })?;
    let same = |known: &&mut toml::Value| {
        known.get("name").and_then(toml::Value::as_str) == Some(&entry.name)
    };
    let text = match entries.iter_mut().find(same) {
        Some(known) if *known == new => return Ok(()),
        Some(known) => {
            *known = new;
            format!("{HEAD}\n{}", toml::to_string_pretty(&document)?)
        }
        None => {
            let only = BTreeMap::from([(KEY, [entry])]);
            format!("{}\n\n{}", text.trim_end(), toml::to_string_pretty(&only)?)
        }
    };
    write_atomically(path, text.as_bytes()).map_err(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use super::*;

    #[test]
    fn an_entry_is_added_and_what_was_there_keeps_its_form() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("catalogue.toml");
        std::fs::write(&path, "# mine\n[[dataset]]\nname = 'other' # kept\nuri = '/x.csv'\n")
            .unwrap();
        put(&path, &hcp_churn(Path::new("/d/hcp.csv"))).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# mine\n[[dataset]]\nname = 'other' # kept\n"), "{text}");
        let document: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(document["dataset"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn an_entry_is_replaced() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("catalogue.toml");
        put(&path, &hcp_churn(Path::new("/a.csv"))).unwrap();
        let first = std::fs::read_to_string(&path).unwrap();
        put(&path, &hcp_churn(Path::new("/a.csv"))).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
        put(&path, &hcp_churn(Path::new("/b.parquet"))).unwrap();
        let document: toml::Table =
            toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let entries = document["dataset"].as_array().unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0]["uri"].as_str(), Some("/b.parquet"));
        assert_eq!(entries[0]["format"].as_str(), Some("parquet"));
        assert_eq!(entries[0]["criteria"][0]["threshold"].as_float(), Some(0.8));
    }

    #[test]
    fn what_is_no_catalogue_is_left_alone() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("catalogue.toml");
        std::fs::write(&path, "dataset = 3").unwrap();
        assert!(matches!(put(&path, &hcp_churn(Path::new("/a.csv"))), Err(Error::Form { .. })));
        std::fs::write(&path, "dataset = [").unwrap();
        assert!(matches!(put(&path, &hcp_churn(Path::new("/a.csv"))), Err(Error::Read { .. })));
    }
}
