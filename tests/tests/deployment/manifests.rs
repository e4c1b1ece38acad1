//! The manifests of `deploy/kubernetes`, as an overlay makes them, and how to look into them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use crate::{deploy, succeed};

/// What can be applied.
pub(crate) const OVERLAYS: [&str; 3] = ["local", "staging", "production"];

/// All documents of one overlay.
#[derive(Debug, Clone)]
pub(crate) struct Manifests(pub(crate) Vec<Value>);

impl Manifests {
    /// What an overlay renders to.
    ///
    /// Says on standard error that the test is skipped, and answers `None`, where neither kustomize nor kubectl is there.
    pub(crate) fn of(overlay: &str) -> Option<Self> {
        Self::render(&deploy("kubernetes/overlays").join(overlay))
    }

    /// What a directory renders to; otherwise as [`of`](Self::of).
    pub(crate) fn render(directory: &Path) -> Option<Self> {
        let is_there = |name: &str| Command::new(name).arg("version").output().is_ok();
        let mut command = if is_there("kustomize") {
            let mut command = Command::new("kustomize");
            command.arg("build");
            command
        } else if is_there("kubectl") {
            let mut command = Command::new("kubectl");
            command.arg("kustomize");
            command
        } else {
            eprintln!(
                "skipped: neither kustomize nor kubectl is there to render deploy/kubernetes"
            );
            return None;
        };
        Some(Self(documents(&succeed(command.arg(directory)))))
    }

    pub(crate) fn kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter(move |document| document["kind"] == kind)
    }

    pub(crate) fn names(&self, kind: &str) -> BTreeSet<String> {
        self.kind(kind).map(|document| name(document).to_owned()).collect()
    }

    pub(crate) fn find(&self, kind: &str, named: &str) -> Option<&Value> {
        self.0.iter().find(|document| document["kind"] == kind && name(document) == named)
    }

    /// What makes pods: deployments and jobs.
    pub(crate) fn workloads(&self) -> impl Iterator<Item = &Value> {
        self.kind("Deployment").chain(self.kind("Job"))
    }

    /// The environment of a workload's container, as its pod will have it, of configuration alone.
    pub(crate) fn environment(&self, workload: &Value) -> BTreeMap<String, String> {
        let container = container(workload);
        let mut environment = BTreeMap::new();
        for from in list(&container["envFrom"]) {
            let Some(map) = from["configMapRef"]["name"].as_str() else { continue };
            let data = self.find("ConfigMap", map).and_then(|map| map["data"].as_object());
            for (key, value) in data.into_iter().flatten() {
                environment.insert(key.clone(), text(value));
            }
        }
        for variable in list(&container["env"]) {
            let field = variable["valueFrom"]["fieldRef"]["fieldPath"].as_str();
            let value = match field {
                Some("metadata.name") => "pod-0".to_owned(),
                Some("status.podIP") => "10.1.2.3".to_owned(),
                _ => text(&variable["value"]),
            };
            environment.insert(text(&variable["name"]), value);
        }
        environment
    }
}

/// The documents of a text in YAML.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    YamlLoader::load_from_str(text).unwrap().iter().map(json).collect()
}

fn json(node: &Yaml) -> Value {
    match node {
        Yaml::Hash(members) => members
            .iter()
            .map(|(key, value)| (key.as_str().unwrap().to_owned(), json(value)))
            .collect(),
        Yaml::Array(items) => items.iter().map(json).collect(),
        Yaml::Boolean(value) => (*value).into(),
        Yaml::Integer(value) => (*value).into(),
        Yaml::Real(_) => node.as_f64().unwrap().into(),
        Yaml::String(value) => value.as_str().into(),
        _ => Value::Null,
    }
}

pub(crate) fn name(document: &Value) -> &str {
    document["metadata"]["name"].as_str().unwrap_or_default()
}

/// The template of a workload's pods.
pub(crate) fn template(workload: &Value) -> &Value {
    &workload["spec"]["template"]
}

/// The specification of a workload's pods.
pub(crate) fn pod(workload: &Value) -> &Value {
    &template(workload)["spec"]
}

/// The one container of a workload's pods.
pub(crate) fn container(workload: &Value) -> &Value {
    &pod(workload)["containers"][0]
}

pub(crate) fn list(node: &Value) -> &[Value] {
    node.as_array().map(Vec::as_slice).unwrap_or_default()
}

pub(crate) fn text(node: &Value) -> String {
    node.as_str().map_or_else(|| node.to_string(), str::to_owned)
}

/// Whether a label selector takes these labels; nothing is taken by what is no selector.
pub(crate) fn selects(selector: &Value, labels: &Value) -> bool {
    let Some(selector) = selector.as_object() else { return false };
    let equal = selector.get("matchLabels").and_then(Value::as_object);
    let equal = equal.into_iter().flatten().all(|(key, value)| labels[key.as_str()] == *value);
    let expressions = selector.get("matchExpressions").unwrap_or(&Value::Null);
    equal
        && list(expressions).iter().all(|one| {
            assert_eq!(one["operator"], "In");
            list(&one["values"]).contains(&labels[one["key"].as_str().unwrap()])
        })
}
