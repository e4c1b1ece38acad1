//! Random suites on random tables, and suggested suites, beside real Great Expectations.

use serde_json::Value;
use tier0_tests::{Python, program};

/// Suites of fifteen expectations each; a fifth of the tables has its suggested suite and SQL's LIKE tried besides.
const SUITES: &str = "210";
const SEED: &str = "1";
/// Kinds of expectations that are evaluated.
const KINDS: u64 = 58;

#[tokio::test]
async fn great_expectations_says_the_same_of_random_suites() {
    let modules = ["great_expectations", "pandas", "sqlalchemy"];
    let Some(python) = Python::of("expectations", &modules).await else { return };
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/expectations");
    let run = format!(
        "import sys, runpy; sys.path.insert(0, {scripts:?}); runpy.run_path({scripts:?} + '/compare.py', run_name='__main__')"
    );
    let tier0 = program("tier0");
    let environment = [("TIER0", tier0.to_str().unwrap())];
    let told = python.run_in(&run, &[SUITES, SEED], &environment).await;
    eprintln!("{}", told.stdout.trim());
    let told: Value = told.success().json();
    let count = |name: &str| told[name].as_u64().unwrap();
    assert_eq!(count("compared"), count("equal"));
    assert!(count("compared") > 3_000 && count("suggested") >= 40 && count("like") > 150, "{told}");
    assert_eq!(count("kinds"), KINDS, "{told}");
}
