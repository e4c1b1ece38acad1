//! `tier0 validate`: whether a table meets a suite of expectations.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dataset::Source;
use expectations::{Day, ExpectationResult, MissingTexts, Suite, SuiteResult};
use fleet::directory::write_atomically;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use terminal::{Console, Progress, table};
use validator::Options;

use crate::cli::Validate;
use crate::error::FAILED;

/// Rows between two signs of progress.
const SIGN_ROWS: u64 = 1 << 20;
/// Largest file with a suite, in bytes.
const MAX_SUITE: u64 = 64 << 20;
/// The expectation that compares with another table.
const ROWS_OF_OTHER: &str = "expect_table_row_count_to_equal_other_table";
/// The version of Great Expectations whose results these are, where the suite names none.
const FORM: &str = "1.24.1";

/// Why a table could not be validated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table could not be read.
    #[error("cannot read the rows of {}", .path.display())]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// Error of the reader of tables.
        #[source]
        source: dataset::Error,
    },
    /// Two files are given for the same table.
    #[error("--other names two files for the table `{name}`; give each table one")]
    TwiceNamed {
        /// Name of the table.
        name: String,
    },
    /// The suite cannot be used.
    #[error("the suite in {} cannot be used", .path.display())]
    Suite {
        /// Path of the file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<expectations::SuiteError>,
    },
    /// The file with the suite is too large.
    #[error("{} has {bytes} bytes; a suite has at most {MAX_SUITE}", .path.display())]
    TooLarge {
        /// Path of the file.
        path: PathBuf,
        /// Size of the file in bytes.
        bytes: u64,
    },
}

/// Runs `tier0 validate`: returns the exit code.
pub(crate) fn run(arguments: &Validate, console: &Console) -> Result<u8, crate::Error> {
    let progress = console.progress("looking at the rows");
    // Reading and checking is the only work of this process.
    tokio::task::block_in_place(|| match &arguments.suite {
        Some(suite) if !arguments.suggest => {
            let result = evaluated(arguments, suite, &progress)?;
            drop(progress);
            write(arguments.out.as_deref(), &result)?;
            console.answer(&result, || shown(&result))?;
            Ok(if result.success { 0 } else { FAILED })
        }
        _ => {
            let stem = arguments.data.file_stem().unwrap_or_default().to_string_lossy();
            let source = source(&arguments.data)?;
            let suite = validator::suggest(source, &stem, &missing(arguments), &signs(&progress))
                .map_err(|source| unreadable(&arguments.data, source))?;
            drop(progress);
            write(arguments.out.as_deref(), &suite)?;
            let count = suite.get("expectations").and_then(|it| it.as_array()).map_or(0, Vec::len);
            console.answer(&suite, || {
                format!("{count} expectations suggested; read them before you rely on them")
            })?;
            Ok(0)
        }
    })
}

fn evaluated(
    arguments: &Validate,
    path: &Path,
    progress: &Progress,
) -> Result<SuiteResult, crate::Error> {
    let suite = parsed(path, &text_of(path)?)?;
    let asset = arguments.data.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let version = suite.meta.get("great_expectations_version").and_then(|it| it.as_str());
    let mut others = BTreeMap::new();
    for (name, file) in &arguments.other {
        if others.contains_key(name) {
            return Err(Error::TwiceNamed { name: name.clone() }.into());
        }
        let rows = validator::count_rows(source(file)?).map_err(|error| unreadable(file, error))?;
        others.insert(name.clone(), rows);
    }
    let now = Timestamp::now();
    let options = Options {
        others,
        today: Day::of_time(now.as_microsecond() as f64),
        telling: arguments.result_format.clone(),
        show_personal: arguments.show_personal,
        missing: missing(arguments),
        batch: format!("pandas-{asset}"),
        meta: json!({
            "great_expectations_version": version.unwrap_or(FORM),
            "tier0_version": env!("CARGO_PKG_VERSION"),
            "batch_spec": {"path": arguments.data},
            "batch_markers": {"ge_load_time": now.strftime("%Y%m%dT%H%M%S.%6fZ").to_string()},
            "active_batch_definition": {
                "datasource_name": "pandas",
                "data_connector_name": "fluent",
                "data_asset_name": asset,
                "batch_identifiers": {"path": arguments.data},
            },
        }),
    };
    let source = source(&arguments.data)?;
    let result = validator::validate(source, &suite, &options, &signs(progress));
    Ok(result.map_err(|source| unreadable(&arguments.data, source))?)
}

/// The text of a suite in a file, which is understood.
///
/// # Errors
/// A file that is not there or too large, and what is no suite.
pub(crate) fn suite_text(path: &Path) -> Result<Vec<u8>, crate::Error> {
    let text = text_of(path)?;
    parsed(path, &text)?;
    Ok(text)
}

fn text_of(path: &Path) -> Result<Vec<u8>, crate::Error> {
    let unreadable = |source| crate::Error::File { what: "read", path: path.to_owned(), source };
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes > MAX_SUITE {
        return Err(Error::TooLarge { path: path.to_owned(), bytes }.into());
    }
    std::fs::read(path).map_err(unreadable)
}

fn parsed(path: &Path, text: &[u8]) -> Result<Suite, Error> {
    Suite::parse(text)
        .map_err(|error| Error::Suite { path: path.to_owned(), source: Box::new(error) })
}

fn source(path: &Path) -> Result<Source, Error> {
    Source::open_local(path).map_err(|source| unreadable(path, source))
}

fn unreadable(path: &Path, source: dataset::Error) -> Error {
    Error::Read { path: path.to_owned(), source }
}

fn missing(arguments: &Validate) -> MissingTexts {
    arguments.missing.as_ref().map_or_else(MissingTexts::default, |texts| MissingTexts::only(texts))
}

fn signs(progress: &Progress) -> impl Fn(u64) {
    let told = Cell::new(0);
    move |rows| {
        if rows / SIGN_ROWS != told.get() {
            told.set(rows / SIGN_ROWS);
            progress.now(&format!("{rows} rows"));
        }
    }
}

fn write<T: Serialize>(out: Option<&Path>, document: &T) -> Result<(), crate::Error> {
    let Some(out) = out else { return Ok(()) };
    let mut bytes = serde_json::to_vec_pretty(document).map_err(std::io::Error::from)?;
    bytes.push(b'\n');
    write_atomically(out, &bytes).map_err(|source| crate::Error::File {
        what: "write",
        path: out.to_owned(),
        source,
    })
}

/// The expectations that were not met first, without values of rows.
fn shown(result: &SuiteResult) -> String {
    let mut all: Vec<_> = result.results.iter().collect();
    all.sort_by_key(|result| result.success);
    let rows: Vec<Vec<String>> = all
        .into_iter()
        .map(|result| {
            let of = &result.expectation_config;
            let kwarg = |key: &str| {
                of.kwargs.get(key).map(|value| match value.as_str() {
                    Some(text) => text.to_owned(),
                    None => value.to_string(),
                })
            };
            let columns = kwarg("column")
                .or_else(|| kwarg("column_list"))
                .or_else(|| Some(format!("{}, {}", kwarg("column_A")?, kwarg("column_B")?)));
            let verdict = match (result.success, result.exception_info.raised_exception) {
                (true, _) => "met".to_owned(),
                (_, true) => "not evaluated".to_owned(),
                _ => format!("not met ({})", of.severity),
            };
            let found = match &result.exception_info.exception_message {
                Some(message) => message.lines().next().unwrap_or_default().to_owned(),
                None => {
                    let share = result.result.get("unexpected_percent").and_then(|it| it.as_f64());
                    share.map(|share| format!("{share:.2} % unexpected")).unwrap_or_default()
                }
            };
            vec![of.name.clone(), columns.unwrap_or_default(), verdict, found]
        })
        .collect();
    let statistics = &result.statistics;
    let withheld: BTreeSet<String> =
        result.results.iter().filter_map(|one| one.withheld()).collect();
    let withheld: Vec<String> = withheld.into_iter().map(|what| format!("\n{what}")).collect();
    let needs_other = |one: &ExpectationResult| {
        one.exception_info.raised_exception && one.expectation_config.name == ROWS_OF_OTHER
    };
    let advice = if result.results.iter().any(needs_other) {
        "\n--other NAME=FILE names a table that is compared with"
    } else {
        ""
    };
    format!(
        "{}\n\n{} of {} expectations met{}{advice}",
        table(&["expectation", "columns", "verdict", "found"], &rows),
        statistics.successful_expectations,
        statistics.evaluated_expectations,
        withheld.concat()
    )
}
