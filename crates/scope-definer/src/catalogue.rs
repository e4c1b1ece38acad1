//! The operator's list of data sets, by which free text is understood.
//!
//! A TOML file with one `[[dataset]]` per data set. It is read again when it changes, so that an entry can be added
//! while the agent runs; a file that has become wrong is an error of the next request, never silently ignored.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use contracts::Validate as _;
use contracts::stages::{CleaningRules, CohortWindow, DataChecks, ProblemType, check_cleaning};
use dataset::{CsvDialect, DialectError};
use serde::Deserialize;

use crate::rules::{self, EntryChecks};

/// Greatest size of a catalogue file that is read, in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The data sets that free text can name.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The entries, in the order of the file.
    #[serde(default, rename = "dataset")]
    pub entries: Vec<Entry>,
}

/// A data set of the catalogue, with what a request for it may leave out.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Entry {
    /// Name of the data set, unique in the catalogue.
    pub name: String,
    /// Other names; a text that holds all words of one names this data set.
    pub aliases: Vec<String>,
    /// Description of the data set, in words.
    pub description: String,
    /// Location of the table: a path, `file://`, `s3://`, `gs://`, `az://`, `https://`, or `postgres://HOST/DATABASE?table=TABLE`.
    pub uri: String,
    /// The query that gives the table, where the URI is `postgres://HOST/DATABASE` and names no table.
    pub query: String,
    /// `csv`, `parquet` or `jsonl`; told from the file where empty.
    pub format: String,
    /// The column to be predicted.
    pub target: String,
    /// Class counted as positive, for a target of two classes; concluded from the target where
    /// empty.
    pub positive_class: String,
    /// `binary`, `multiclass` or `regression`; concluded from the target where empty.
    pub problem_type: String,
    /// Column that identifies the entity.
    pub entity_column: String,
    /// Column of the time that a row is about; may be empty.
    pub time_column: String,
    /// Columns whose values a text may name to choose the population, such as a brand or a region.
    pub population_columns: Vec<String>,
    /// Columns that are not used.
    pub exclude_columns: Vec<String>,
    /// Columns that are known only after the event that is predicted.
    pub known_after_event: Vec<String>,
    /// Name of the metric.
    pub metric: String,
    /// Metrics with thresholds that a model is judged by.
    pub criteria: Vec<EntryCriterion>,
    /// What is predicted how far ahead, in words.
    pub horizon: String,
    /// Texts that mean a missing value, besides the usual ones.
    pub missing_markers: Vec<String>,
    /// What is stated of the dialect of a CSV; the rest is told from the content.
    pub csv: EntryDialect,
    /// What the table has to meet beyond what every table has to.
    pub checks: EntryChecks,
    /// What is done to missing values and outliers.
    pub cleaning: CleaningRules,
    /// Times that rows of the population have to have before and behind them.
    pub windows: Vec<EntryWindow>,
}

/// The dialect of an entry's CSV; what is empty is told from the content.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EntryDialect {
    /// What separates values: one ASCII character, or `tab`.
    pub delimiter: String,
    /// What values are quoted with: one ASCII character, or `none`.
    pub quote: String,
    /// What separates whole from fraction in numbers: `.` or `,`.
    pub decimal: String,
    /// What groups the digits of numbers in threes.
    pub thousands: String,
    /// Whether no line holds the columns' names.
    pub no_header: bool,
    /// What a line begins with that is no row.
    pub comment: String,
    /// Lines before the header, or before the first row.
    pub skip_lines: u32,
    /// Encoding of the text.
    pub encoding: String,
    /// Part that stands first in dates of figures: `day`, `month` or `year`.
    pub date_order: String,
}

impl EntryDialect {
    /// The dialect.
    ///
    /// # Errors
    /// A part that is not understood.
    pub fn dialect(&self) -> Result<CsvDialect, DialectError> {
        let stated = CsvDialect::parse(&[
            ("delimiter", &self.delimiter),
            ("quote", &self.quote),
            ("decimal", &self.decimal),
            ("thousands", &self.thousands),
            ("comment", &self.comment),
            ("encoding", &self.encoding),
            ("date_order", &self.date_order),
        ])?;
        Ok(CsvDialect { no_header: self.no_header, skip_lines: self.skip_lines, ..stated })
    }
}

/// Time that rows of an entry's population have to have before and behind the moment that they are about.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EntryWindow {
    /// Column of the moment.
    pub index_column: String,
    /// Column of the time since when the row's entity is observed.
    pub start_column: String,
    /// Column of the time until when it is.
    pub end_column: String,
    /// Least days from the start to the moment.
    pub look_back_days: f64,
    /// Least days from the moment to the end.
    pub follow_up_days: f64,
}

impl EntryWindow {
    /// The window as it travels.
    #[must_use]
    pub fn message(&self) -> CohortWindow {
        CohortWindow {
            index_column: self.index_column.clone(),
            start_column: self.start_column.clone(),
            end_column: self.end_column.clone(),
            look_back_days: self.look_back_days,
            follow_up_days: self.follow_up_days,
        }
    }
}

/// A success criterion of an entry.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryCriterion {
    /// Name of the metric.
    pub metric: String,
    /// The value to be reached.
    pub threshold: f64,
    /// Whether missing it fails the run.
    #[serde(default)]
    pub gate: bool,
}

/// Why a catalogue can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file could not be read.
    #[error("the catalogue {} can't be read", path.display())]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// Too large a file.
    #[error("the catalogue {} has {bytes} bytes; at most {MAX_BYTES} are read", path.display())]
    TooLarge {
        /// Path of the file.
        path: PathBuf,
        /// Size of the file in bytes.
        bytes: u64,
    },
    /// The file is not TOML of the catalogue's form.
    #[error("the catalogue {} is not understood", path.display())]
    Form {
        /// Path of the file.
        path: PathBuf,
        /// Error of the TOML parser, with line and column.
        source: Box<toml::de::Error>,
    },
    /// An entry of the catalogue is not usable.
    #[error("the catalogue's entry `{entry}` {problem}")]
    Entry {
        /// Its name, or its place.
        entry: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl Catalogue {
    /// Reads a catalogue's text.
    ///
    /// # Errors
    /// Unknown keys, entries without name, URI or target, names given twice.
    pub fn parse(text: &str, path: &Path) -> Result<Self, CatalogueError> {
        let catalogue: Self = toml::from_str(text).map_err(|source| CatalogueError::Form {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let mut names = std::collections::BTreeSet::new();
        for (index, entry) in catalogue.entries.iter().enumerate() {
            let place = if entry.name.is_empty() {
                format!("number {}", index + 1)
            } else {
                entry.name.clone()
            };
            if let Some(problem) = entry.problem() {
                return Err(CatalogueError::Entry { entry: place, problem });
            }
            if !names.insert(entry.name.to_lowercase()) {
                return Err(CatalogueError::Entry {
                    entry: place,
                    problem: "stands twice".to_owned(),
                });
            }
        }
        Ok(catalogue)
    }

    /// The names of the entries.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.name.clone()).collect()
    }
}

impl Entry {
    fn problem(&self) -> Option<String> {
        for (key, value) in [("name", &self.name), ("uri", &self.uri), ("target", &self.target)] {
            if value.trim().is_empty() {
                return Some(format!("has no `{key}`"));
            }
        }
        if !self.format.is_empty() && self.data_format().is_none() {
            let names = dataset::Format::ALL.map(dataset::Format::name).join(", ");
            return Some(format!("has the format `{}`; expected one of {names}", self.format));
        }
        let is_database = self.uri.trim().starts_with("postgres");
        if !self.query.trim().is_empty() && !is_database {
            return Some("has a `query`, and its `uri` is no database".to_owned());
        }
        if let Err(error) = self.csv.dialect() {
            return Some(format!("states a dialect that is not understood: {error}"));
        }
        if let Some(Err(error)) = self.data_checks().map(|checks| rules::check(&checks)) {
            return Some(format!("has checks that are not understood: {error}"));
        }
        if let Err(error) = check_cleaning(&self.cleaning) {
            return Some(format!("has a cleaning that is not understood: {error}"));
        }
        for window in &self.windows {
            if let Err(error) = window.message().validate() {
                return Some(format!("has a window that is not understood: {error}"));
            }
        }
        if !self.problem_type.is_empty() && self.problem_type().is_none() {
            return Some(format!(
                "has the problem type `{}`; expected binary, multiclass or regression",
                self.problem_type
            ));
        }
        None
    }

    /// What the table has to meet; none where nothing is said.
    #[must_use]
    pub fn data_checks(&self) -> Option<DataChecks> {
        (self.checks != EntryChecks::default()).then(|| self.checks.message())
    }

    /// The format that it says.
    #[must_use]
    pub fn data_format(&self) -> Option<dataset::Format> {
        dataset::Format::by_name(&self.format)
    }

    /// The problem type that it says.
    #[must_use]
    pub fn problem_type(&self) -> Option<ProblemType> {
        match self.problem_type.to_lowercase().as_str() {
            "binary" => Some(ProblemType::Binary),
            "multiclass" => Some(ProblemType::Multiclass),
            "regression" => Some(ProblemType::Regression),
            _ => None,
        }
    }
}

/// A catalogue in a file, read again when the file has changed.
#[derive(Debug)]
pub struct CatalogueFile {
    path: Option<PathBuf>,
    last: Mutex<Option<(SystemTime, u64, Arc<Catalogue>)>>,
}

impl CatalogueFile {
    /// A file, or none, which is an empty catalogue.
    #[must_use]
    pub fn new(path: Option<PathBuf>) -> Self {
        Self { path, last: Mutex::new(None) }
    }

    /// The catalogue as it stands now. Blocking.
    ///
    /// # Errors
    /// When the file is not there or not understood.
    pub fn current(&self) -> Result<Arc<Catalogue>, CatalogueError> {
        let Some(path) = &self.path else { return Ok(Arc::default()) };
        let failed = |source| CatalogueError::Read { path: path.clone(), source };
        let metadata = std::fs::metadata(path).map_err(failed)?;
        let modified = metadata.modified().map_err(failed)?;
        let size = metadata.len();
        if size > MAX_BYTES {
            return Err(CatalogueError::TooLarge { path: path.clone(), bytes: size });
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, bytes, catalogue)) = last.as_ref()
            && *at == modified
            && *bytes == size
        {
            return Ok(Arc::clone(catalogue));
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let catalogue = Arc::new(Catalogue::parse(&text, path)?);
        *last = Some((modified, size, Arc::clone(&catalogue)));
        Ok(catalogue)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    const TEXT: &str = r#"
        [[dataset]]
        name = "hcp_churn"
        aliases = ["HCP churn"]
        uri = "/data/hcp.csv"
        target = "churned"
        population_columns = ["brand"]
        criteria = [{ metric = "roc_auc", threshold = 0.8, gate = true }]
    "#;

    fn problem(text: &str) -> String {
        contracts::failures::with_causes(&Catalogue::parse(text, Path::new("c.toml")).unwrap_err())
    }

    #[test]
    fn entries_are_read() {
        let catalogue = Catalogue::parse(TEXT, Path::new("c.toml")).unwrap();
        assert_eq!(catalogue.names(), ["hcp_churn"]);
        assert!(
            catalogue
                .entries
                .iter()
                .all(|entry| entry.criteria.iter().all(|criterion| criterion.gate))
        );
        assert!(Catalogue::parse("", Path::new("c.toml")).unwrap().entries.is_empty());
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(problem(&TEXT.replace("target =", "traget =")).contains("traget"));
        assert!(problem(&format!("{TEXT}{TEXT}")).contains("twice"));
        assert!(problem("[[dataset]]\nname = \"x\"\nuri = \"/x\"").contains("`target`"));
        assert!(
            problem(&TEXT.replace("target = \"churned\"", "target = \"y\"\nformat = \"xls\""))
                .contains("xls")
        );
        let with = |more: &str| format!("{TEXT}\n{more}");
        assert!(
            problem(&with("[dataset.checks]\nrules = [{ name = \"r\", expression = \"a >\" }]"))
                .contains("at character")
        );
        assert!(
            problem(&with("[dataset.checks]\nrules = [{ name = \"r\" }]"))
                .contains("exactly one of")
        );
        assert!(
            problem(&with("[dataset.cleaning]\nall = { missing = \"guess\" }")).contains("guess")
        );
        assert!(
            problem(&with("[dataset.cleaning]\nall = { missing = \"constant\" }"))
                .contains("constant")
        );
        assert!(
            problem(&with("[[dataset.windows]]\nindex_column = \"at\"")).contains("start_column")
        );
        let dialect = |csv: &str| TEXT.replace("criteria =", &format!("csv = {csv}\ncriteria ="));
        assert!(problem(&dialect("{ delimiter = \"::\" }")).contains("delimiter"));
        let read = Catalogue::parse(
            &dialect("{ delimiter = \";\", skip_lines = 2 }"),
            Path::new("c.toml"),
        );
        assert_eq!(read.unwrap().entries[0].csv.dialect().unwrap().delimiter, Some(b';'));
    }

    #[test]
    fn checks_cleaning_and_windows_are_read() {
        let text = format!(
            "{TEXT}\n[dataset.checks]\nsuite = \"/data/suite.json\"\n\
             rules = [{{ name = \"total\", expression = \"total = price * quantity\", tolerance = 0.01, warns = true }}, \
             {{ name = \"brand\", reference = {{ columns = [\"brand\"], uri = \"/data/brands.csv\" }} }}]\n\
             [dataset.cleaning]\nall = {{ missing = \"median\", outliers = \"z_score\" }}\n\
             columns = [{{ column = \"age\", missing = \"mode\" }}]\n\
             [[dataset.windows]]\nindex_column = \"at\"\nstart_column = \"since\"\nlook_back_days = 180"
        );
        let catalogue = Catalogue::parse(&text, Path::new("c.toml")).unwrap();
        let entry = &catalogue.entries[0];
        let checks = entry.data_checks().unwrap();
        assert_eq!((checks.rules.len(), checks.suite_uri.as_str()), (2, "/data/suite.json"));
        assert_eq!(entry.cleaning.columns[0].column, "age");
        assert_eq!(entry.windows[0].look_back_days, 180.0);
    }

    #[test]
    fn a_changed_file_is_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("catalogue.toml");
        let file = CatalogueFile::new(Some(path.clone()));
        assert!(matches!(file.current(), Err(CatalogueError::Read { .. })));
        std::fs::write(&path, TEXT).unwrap();
        assert_eq!(file.current().unwrap().entries.len(), 1);
        let second = TEXT.replace("hcp_churn", "other");
        std::fs::write(&path, format!("{TEXT}{second}")).unwrap();
        assert_eq!(file.current().unwrap().entries.len(), 2);
        std::fs::write(&path, "dataset = 1").unwrap();
        assert!(file.current().is_err());
        assert!(CatalogueFile::new(None).current().unwrap().entries.is_empty());
    }
}
