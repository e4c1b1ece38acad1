//! Tables that tests read and write.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file of the data that may lie beside this repository (`../shared/data`).
/// Says on standard error that it is skipped, and answers `None`, where it is absent.
pub fn shared_data(name: &str) -> Option<PathBuf> {
    shared(&format!("data/{name}"))
}

/// What may lie beside this repository (`../shared`).
/// Says on standard error that it is skipped, and answers `None`, where it is absent.
///
/// # Panics
///
/// When the path of what is there cannot be told.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    if !path.exists() {
        eprintln!("skipped: {name} is not beside this repository");
        return None;
    }
    Some(path.canonicalize().expect("the path of a file that exists"))
}

/// Writes a file with a secret, as a token, that its owner alone can read.
pub fn write_secret(path: &Path, text: impl AsRef<[u8]>) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, "").unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Writes a table of text lines as they are.
///
/// # Panics
///
/// When it cannot be written.
pub fn write_table(path: &Path, lines: impl IntoIterator<Item = impl AsRef<str>>) {
    let mut text = String::new();
    for line in lines {
        text.push_str(line.as_ref());
        text.push('\n');
    }
    std::fs::write(path, text).expect("the table is written");
}

/// One column of a CSV file, as text.
///
/// # Panics
///
/// When the file cannot be read or has no such column.
pub fn column(path: &Path, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(path).expect("the table opens");
    let index = reader.headers().unwrap().iter().position(|header| header == name);
    let index = index.unwrap_or_else(|| panic!("{} has no column {name}", path.display()));
    reader.records().map(|record| record.unwrap()[index].to_owned()).collect()
}

/// What `tier0 predict --out` wrote.
#[derive(Debug)]
pub struct Predictions {
    /// The predicted label or value of each row.
    pub prediction: Vec<String>,
    /// The probability of each class, by class, a value per row.
    pub probabilities: BTreeMap<String, Vec<f64>>,
    /// The version that answered, for each row.
    pub model_version: Vec<String>,
}

/// Reads what `tier0 predict --out` wrote.
///
/// # Panics
///
/// When it is not of that form.
pub fn read_predictions(path: &Path) -> Predictions {
    let mut reader = csv::Reader::from_path(path).expect("the predictions open");
    let headers = reader.headers().unwrap().clone();
    let probabilities = headers
        .iter()
        .filter_map(|header| header.strip_prefix("probability_"))
        .map(|class| {
            let values = column(path, &format!("probability_{class}"));
            (
                class.to_owned(),
                values.iter().map(|value| value.parse().expect("a probability")).collect(),
            )
        })
        .collect();
    Predictions {
        prediction: column(path, "prediction"),
        probabilities,
        model_version: column(path, "model_version"),
    }
}
