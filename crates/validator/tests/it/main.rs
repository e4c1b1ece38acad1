//! Suites over files.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says where it was not run"
)]

mod conformance;
mod figures;
mod files;
mod parts;
mod personal;
mod suites;
mod telling;

use std::path::Path;

use dataset::Source;
use expectations::{MissingTexts, ResultFormat, Suite, Telling};
use serde_json::{Value, json};
use validator::{Options, validate};

/// Evaluates a suite on a file of this content.
fn result_of(ending: &str, content: &str, suite: &Value, telling: impl Into<Telling>) -> Value {
    let file = tempfile::Builder::new().suffix(ending).tempfile().unwrap();
    std::fs::write(file.path(), content).unwrap();
    result_of_file(file.path(), suite, telling)
}

fn result_of_file(path: &Path, suite: &Value, telling: impl Into<Telling>) -> Value {
    with_options(path, suite, Options { telling: telling.into(), ..options() })
}

fn options() -> Options {
    Options {
        telling: Telling::default(),
        show_personal: false,
        missing: MissingTexts::default(),
        batch: "b".to_owned(),
        meta: json!({}),
        ..Options::default()
    }
}

fn with_options(path: &Path, suite: &Value, options: Options) -> Value {
    let suite = Suite::parse(suite.to_string().as_bytes()).unwrap();
    let source = Source::open_local(path).unwrap();
    serde_json::to_value(validate(source, &suite, &options, &|_| ()).unwrap()).unwrap()
}

/// The one result of an expectation on a CSV file, in COMPLETE.
fn one(content: &str, name: &str, kwargs: Value) -> Value {
    let suite = json!({"name": "s", "expectations": [{"type": name, "kwargs": kwargs}]});
    result_of(".csv", content, &suite, ResultFormat::Complete)["results"][0].clone()
}
