//! A model as the directory that MLflow loads: flavours `onnx` and `python_function`, signature, requirements.

use bytes::Bytes;
use onnx::{ExportedModel, Kind, Tensor};
use serde_json::{Value, json};

/// The version of MLflow whose form is written.
const MLFLOW_VERSION: &str = "3.17.2";
/// What a Python needs to load the model, as it was tested.
const REQUIREMENTS: [&str; 5] = [
    "mlflow==3.17.2",
    "onnx==1.23.2",
    "onnxruntime==1.32.0",
    "numpy==2.4.6",
    // MLflow hands texts on as pandas holds them, and ONNX Runtime does not take those of pandas 3.
    "pandas==2.3.3",
];
/// The Python that it was tested with.
const PYTHON: &str = "3.11.7";
const ONNX_FILE: &str = "model.onnx";

/// What is said of a model in its directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelDescription {
    /// SHA-256 of the bundle, hexadecimal.
    pub digest: String,
    /// Id of MLflow's run.
    pub run_id: String,
    /// The directory's path among the artifacts of the run.
    pub artifact_path: String,
    /// When the run ended, such as `2024-05-01 10:00:00.000000`.
    pub created_at: String,
}

/// The files of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelDirectory {
    files: Vec<(&'static str, Bytes)>,
}

impl ModelDirectory {
    /// The directory of a model.
    #[must_use]
    pub fn new(model: &ExportedModel, about: &ModelDescription) -> Self {
        let lines = |lines: &[&str]| Bytes::from(format!("{}\n", lines.join("\n")));
        Self {
            files: vec![
                ("MLmodel", Bytes::from(mlmodel(model, about))),
                (ONNX_FILE, Bytes::from(model.bytes.clone())),
                ("requirements.txt", lines(&REQUIREMENTS)),
                ("conda.yaml", Bytes::from(conda())),
                ("python_env.yaml", Bytes::from(python_env())),
            ],
        }
    }

    /// The files of the directory, each as its name and its content.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, Bytes)> + '_ {
        self.files.iter().map(|(name, content)| (*name, content.clone()))
    }
}

/// JSON is YAML: texts are written as JSON, so that none is taken for anything else.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn mlmodel(model: &ExportedModel, about: &ModelDescription) -> String {
    let digest: String = about.digest.chars().filter(char::is_ascii_hexdigit).take(32).collect();
    let schema = |tensors: &[Tensor], required: bool| {
        let columns: Vec<Value> = tensors.iter().map(|tensor| column(tensor, required)).collect();
        quoted(&Value::from(columns).to_string())
    };
    format!(
        "artifact_path: {path}\n\
         flavors:\n\
         \x20 onnx:\n\
         \x20   code: null\n\
         \x20   data: {ONNX_FILE}\n\
         \x20   onnx_version: {onnx}\n\
         \x20   providers:\n\
         \x20   - CPUExecutionProvider\n\
         \x20 python_function:\n\
         \x20   data: {ONNX_FILE}\n\
         \x20   env:\n\
         \x20     conda: conda.yaml\n\
         \x20     virtualenv: python_env.yaml\n\
         \x20   loader_module: mlflow.onnx\n\
         \x20   python_version: {PYTHON}\n\
         metadata:\n\
         \x20 tier0_bundle_sha256: {bundle}\n\
         mlflow_version: {MLFLOW_VERSION}\n\
         model_size_bytes: {size}\n\
         model_uuid: {uuid}\n\
         run_id: {run}\n\
         signature:\n\
         \x20 inputs: {inputs}\n\
         \x20 outputs: {outputs}\n\
         \x20 params: null\n\
         utc_time_created: {created}\n",
        path = quoted(&about.artifact_path),
        onnx = quoted(version_of("onnx==")),
        bundle = quoted(&about.digest),
        size = model.bytes.len(),
        uuid = quoted(&digest),
        run = quoted(&about.run_id),
        inputs = schema(&model.inputs, true),
        outputs = schema(&model.outputs, true),
        created = quoted(&about.created_at),
    )
}

fn column(tensor: &Tensor, required: bool) -> Value {
    let kind = match tensor.kind {
        Kind::Double => "double",
        Kind::Long => "long",
        Kind::Boolean => "boolean",
        Kind::Text => "string",
    };
    json!({ "type": kind, "name": tensor.name, "required": required })
}

fn version_of(requirement: &str) -> &'static str {
    REQUIREMENTS.iter().find_map(|line| line.strip_prefix(requirement)).unwrap_or_default()
}

fn conda() -> String {
    let pip: String = REQUIREMENTS.iter().map(|line| format!("  - {line}\n")).collect();
    format!(
        "channels:\n- conda-forge\ndependencies:\n- python={PYTHON}\n- pip\n- pip:\n{pip}name: mlflow-env\n"
    )
}

fn python_env() -> String {
    format!("python: {}\ndependencies:\n- -r requirements.txt\n", quoted(PYTHON))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn directory() -> ModelDirectory {
        let tensor = |name: &str, kind| Tensor { name: name.into(), kind };
        let model = ExportedModel {
            bytes: vec![1, 2, 3],
            inputs: vec![tensor("a \"b\"", Kind::Text), tensor("x", Kind::Double)],
            outputs: vec![tensor("prediction", Kind::Text)],
        };
        let about = ModelDescription {
            digest: "ab".repeat(32),
            run_id: "r".into(),
            artifact_path: "model".into(),
            created_at: "2024-05-01 10:00:00.000000".into(),
        };
        ModelDirectory::new(&model, &about)
    }

    #[test]
    fn names_survive_the_quoting() {
        let directory = directory();
        let (_, mlmodel) = directory.files().next().unwrap();
        let text = String::from_utf8(mlmodel.to_vec()).unwrap();
        let inputs = text.lines().find_map(|line| line.strip_prefix("  inputs: ")).unwrap();
        let inner: String = serde_json::from_str(inputs).unwrap();
        let columns: Value = serde_json::from_str(&inner).unwrap();
        assert_eq!(
            columns,
            json!([
                { "type": "string", "name": "a \"b\"", "required": true },
                { "type": "double", "name": "x", "required": true },
            ])
        );
        assert!(text.contains("onnx_version: \"1.23.2\""), "{text}");
    }

    #[test]
    fn the_requirements_are_what_the_tests_install() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/mlflow-requirements.txt");
        let installed = std::fs::read_to_string(path).unwrap();
        for line in REQUIREMENTS {
            assert!(installed.lines().any(|installed| installed == line), "{line}");
        }
        assert!(REQUIREMENTS.contains(&format!("mlflow=={MLFLOW_VERSION}").as_str()));
    }
}
