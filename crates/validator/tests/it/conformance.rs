//! The recorded results of Great Expectations 1.24.1 on pandas, where the shared directory is there.

use std::path::{Path, PathBuf};

use expectations::ResultFormat;
use serde_json::{Map, Value};

use crate::result_of_file;

fn shared() -> PathBuf {
    std::env::var_os("TIER0_TEST_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    )
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The table of the recording: the training rows of the telco data with `TotalCharges` once more, as a number.
fn table(rows: &str) -> String {
    let mut lines = rows.lines();
    let header = lines.next().unwrap();
    let place = header.split(',').position(|name| name == "TotalCharges").unwrap();
    let mut table = format!("{header},TotalCharges_num\n");
    for line in lines {
        let charges = line.split(',').nth(place).unwrap().trim();
        table.push_str(&format!("{line},{charges}\n"));
    }
    table
}

/// Everything but the identifier of the rows, which differs by nature.
fn comparable(result: &Value) -> Value {
    let mut result = result.clone();
    let kwargs = result["expectation_config"]["kwargs"].as_object_mut().unwrap();
    kwargs.remove("batch_id");
    result
}

#[test]
fn results_are_those_that_were_recorded() {
    let recorded = shared().join("conformance/gx");
    let rows = shared().join("data/telco/train.csv");
    let (Ok(rows), true) = (std::fs::read_to_string(&rows), recorded.exists()) else {
        eprintln!(
            "skipped: {} is not there (TIER0_TEST_SHARED names its directory)",
            recorded.display()
        );
        return;
    };
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), table(&rows)).unwrap();
    let suite = read(&recorded.join("suite.json"));
    let mut compared = 0;
    for (name, format) in [
        ("boolean", ResultFormat::BooleanOnly),
        ("basic", ResultFormat::Basic),
        ("summary", ResultFormat::Summary),
        ("complete", ResultFormat::Complete),
    ] {
        let expected = read(&recorded.join(format!("result-{name}.json")));
        let found = result_of_file(file.path(), &suite, format);
        let keys = |document: &Value| -> Vec<String> {
            document.as_object().map(Map::keys).unwrap().cloned().collect()
        };
        assert_eq!(keys(&expected), keys(&found), "{name}");
        for key in ["success", "suite_name", "suite_parameters", "statistics", "id"] {
            assert_eq!(expected[key], found[key], "{name}: {key}");
        }
        let (expected, found) = (&expected["results"], &found["results"]);
        assert_eq!(expected.as_array().unwrap().len(), found.as_array().unwrap().len());
        for (expected, found) in expected.as_array().unwrap().iter().zip(found.as_array().unwrap())
        {
            assert_eq!(comparable(expected), comparable(found), "{name}");
            compared += 1;
        }
    }
    eprintln!("{compared} results compared, all equal");
    assert_eq!(compared, 4 * 38);
}
