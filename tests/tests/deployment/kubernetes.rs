//! `deploy/kubernetes`: every overlay is rendered and held against schemas, rules, programs and a broker.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use contracts::Agent;
use serde_json::{Value, json};
use tempfile::TempDir;
use tier0_tests::{NatsOptions, NatsServer, Python, eventually, program, shared};

use crate::manifests::{Manifests, OVERLAYS, container, documents, list, name, text};
use crate::planted::CONTAINER;
use crate::rules::{Secrets, consumers, findings};
use crate::{deploy, make_secrets, repository, succeed};

/// Versions of Kubernetes that the manifests are for: the oldest and the newest.
const VERSIONS: [&str; 2] = ["1.31", "1.37"];

/// What `scripts/kubernetes secrets` makes.
pub(crate) struct Made {
    directory: TempDir,
    pub(crate) secrets: Secrets,
}

impl Made {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new(repository("scripts/kubernetes"));
        command.arg("secrets").arg(directory.path()).env("TIER0", program("tier0"));
        let secrets = documents(&succeed(&mut command))
            .iter()
            .map(|secret| {
                let data = secret["data"].as_object().unwrap();
                (name(secret).to_owned(), data.keys().cloned().collect())
            })
            .collect();
        Self { directory, secrets }
    }

    /// Where a file of a pod lies here.
    fn place(&self, path: &str) -> PathBuf {
        let directory = self.directory.path();
        match path.strip_prefix("/run/secrets/") {
            Some(file) => match file.split_once('/').unwrap() {
                ("key", file) => directory.join("security/keys").join(file),
                ("fleet", file) => directory.join(file),
                (token, _) => directory.join(format!("{token}-token")),
            },
            None if path == "/etc/tier0/catalogue.toml" => {
                deploy("kubernetes/base/config/catalogue.toml")
            }
            None => directory.to_owned(),
        }
    }

    /// Where a file of a container of the Compose file lies here: the same key, authority and tokens, by other names.
    pub(crate) fn of_compose(&self, path: &str) -> PathBuf {
        let directory = self.directory.path();
        match path.strip_prefix("/run/secrets/") {
            Some(key) if key.ends_with(".nk") => directory.join("security/keys").join(key),
            Some("nats-ca") => directory.join("nats-ca.pem"),
            Some(token) => directory.join(token),
            None if path == "/etc/tier0/catalogue.toml" => deploy("compose/catalogue.toml"),
            None => directory.to_owned(),
        }
    }
}

/// The overlays; none where they cannot be rendered here.
fn overlays() -> Vec<(&'static str, Manifests)> {
    OVERLAYS.iter().filter_map(|overlay| Some((*overlay, Manifests::of(overlay)?))).collect()
}

#[test]
fn every_overlay_keeps_the_rules() {
    let overlays = overlays();
    if overlays.is_empty() {
        return;
    }
    let made = Made::new();
    for (overlay, manifests) in overlays {
        assert_eq!(findings(&manifests, &made.secrets), [""; 0], "{overlay}");
        let scales = manifests.kind("ScaledObject").count();
        assert_eq!(scales, if overlay == "local" { 0 } else { Agent::ALL.len() }, "{overlay}");
    }
}

/// What a Python script finds in manifests by the schemas of their kinds.
async fn schema_findings(python: &Python, manifests: &[Value], schemas: Option<&Path>) -> Value {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("manifests.json");
    std::fs::write(&file, serde_json::to_vec(manifests).unwrap()).unwrap();
    let schemas = schemas.map_or("", |path| path.to_str().unwrap());
    let arguments = [&[file.to_str().unwrap(), schemas][..], &VERSIONS].concat();
    python.run(include_str!("validate.py"), &arguments).await.success().json()
}

#[tokio::test]
async fn every_manifest_has_the_form_of_its_kind() {
    let Some(python) =
        Python::of("deployment", &["kubernetes_validate", "jsonschema", "yaml"]).await
    else {
        return;
    };
    let schemas = shared("schemas");
    let overlays = overlays();
    for (overlay, manifests) in &overlays {
        let found = schema_findings(&python, &manifests.0, schemas.as_deref()).await;
        assert_eq!(found["findings"], json!([]), "{overlay}");
        assert!(schemas.is_none() || found["unchecked"] == json!([]), "{overlay}: {found}");
    }
    let Some((_, manifests)) = overlays.into_iter().find(|(overlay, _)| *overlay == "production")
    else {
        return;
    };
    let planted = |kind: &str, pointer: &str, key: &str, value: Value| {
        let mut document = manifests.kind(kind).next().unwrap().clone();
        document.pointer_mut(pointer).unwrap()[key] = value;
        document
    };
    let mut wrong = vec![
        (planted("Service", "", "kind", json!("Servce")), "has no such kind"),
        (planted("Deployment", CONTAINER, "readynessProbe", json!({})), "readynessProbe"),
        (planted("NetworkPolicy", "/spec", "policyTypes", json!("Ingress")), "policyTypes"),
    ];
    if schemas.is_some() {
        wrong.extend([
            (planted("ScaledObject", "/spec", "maxReplicas", json!(3)), "maxReplicas"),
            (planted("ServiceMonitor", "/spec/endpoints/0", "intervall", json!("3s")), "intervall"),
            (
                planted("PrometheusRule", "/spec/groups/0/rules/0", "severity", json!("x")),
                "severity",
            ),
        ]);
    }
    for (document, expected) in wrong {
        let found = schema_findings(&python, &[document], schemas.as_deref()).await;
        let lines: Vec<String> = list(&found["findings"]).iter().map(text).collect();
        assert!(lines.iter().any(|line| line.contains(expected)), "{expected}: {lines:?}");
    }
}

/// Runs a program with the environment of its container, where every file is one that the scripts make.
fn check_config(
    made: &Made,
    own: &str,
    environment: &BTreeMap<String, String>,
) -> Result<(), String> {
    let mut command = Command::new(program(own));
    command.env_clear().arg("--check-config");
    for (key, value) in environment {
        let is_path = value.starts_with('/');
        command.env(key, if is_path { made.place(value).into_os_string() } else { value.into() });
    }
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(told) }
}

#[test]
fn each_program_accepts_the_configuration_of_its_container() {
    let overlays = overlays();
    if overlays.is_empty() {
        return;
    }
    let made = Made::new();
    for (overlay, manifests) in overlays {
        for deployment in manifests.kind("Deployment") {
            let own = name(deployment);
            let environment = manifests.environment(deployment);
            assert_eq!(environment["TIER0__NATS__TLS__REQUIRED"], "true", "{overlay}: {own}");
            check_config(&made, own, &environment)
                .unwrap_or_else(|told| panic!("{overlay}: {own}: {told}"));
            for (key, value) in [
                ("TIER0__HTTP__LISTN", "0.0.0.0:9090"),
                ("TIER0__HTTP__LISTEN", "nowhere"),
                ("TIER0__NATS__TLS__REQUIRED", "perhaps"),
            ] {
                let mut planted = environment.clone();
                planted.insert(key.to_owned(), value.to_owned());
                assert!(check_config(&made, own, &planted).is_err(), "{own} accepts {key}={value}");
            }
        }
    }
}

/// The durable consumers of an account, as KEDA asks the broker for them.
async fn consumers_of(server: &NatsServer, account: &str) -> BTreeSet<(String, String)> {
    let url = format!("{}/jsz?acc={account}&consumers=true&config=true", server.monitoring_url());
    let told: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let mut found = BTreeSet::new();
    for stream in
        list(&told["account_details"]).iter().flat_map(|account| list(&account["stream_detail"]))
    {
        for consumer in list(&stream["consumer_detail"]) {
            found.insert((text(&stream["name"]), text(&consumer["name"])));
        }
    }
    found
}

/// The job's own command line makes what the replicas follow, with its own key over TLS.
#[tokio::test]
async fn the_job_makes_the_queues_that_replicas_follow() {
    let Some(manifests) = Manifests::of("production") else { return };
    let made = Made::new();
    let secrets = made.directory.path();
    make_secrets(&secrets.join("here"), &["localhost"]);
    let authorization = secrets.join("security/authorization.conf");
    let certificates = secrets.join("here");
    let lines = format!(
        "tls {{ cert_file: \"{0}/nats-certificate.pem\", key_file: \"{0}/nats-key.pem\" }}\n{1}",
        certificates.display(),
        std::fs::read_to_string(authorization).unwrap()
    );
    let server = NatsServer::start_with(NatsOptions { lines, ..NatsOptions::default() });
    let port = server.url().rsplit(':').next().unwrap();

    let job = manifests.find("Job", "set-up").unwrap();
    let mut command = Command::new(program("tier0"));
    command.env_clear().current_dir(secrets);
    for argument in list(&container(job)["args"]).iter().map(text) {
        // One server is here, of three there.
        command.arg(match argument.as_str() {
            "3" => "1".to_owned(),
            urls if urls.starts_with("http") => server.monitoring_url().to_owned(),
            _ => argument,
        });
    }
    for (key, value) in manifests.environment(job) {
        match key.as_str() {
            "TIER0_NATS_URL" => command.env(key, format!("tls://localhost:{port}")),
            "TIER0_NATS_CA" => command.env(key, certificates.join("nats-ca.pem")),
            _ => command.env(key, made.place(&value)),
        };
    }
    succeed(&mut command);
    let found = eventually("the consumers are told", || async {
        let found = consumers_of(&server, identities::ACCOUNT).await;
        (!found.is_empty()).then_some(found)
    })
    .await;
    for scaled in manifests.kind("ScaledObject") {
        for trigger in list(&scaled["spec"]["triggers"]) {
            let about = &trigger["metadata"];
            let asked = (text(&about["stream"]), text(&about["consumer"]));
            assert!(found.contains(&asked), "{}: the broker has no {asked:?}", name(scaled));
        }
    }
    for agent in Agent::ALL {
        assert!(found.is_superset(&consumers(agent)), "{agent}");
    }
    assert!(!found.contains(&("TIER0".to_owned(), "trainer".to_owned())));
}

/// An overlay of one's own that reads tables from an object store: those who read them have credentials and a way out, no other.
#[test]
fn tables_may_be_in_an_object_store() {
    let directory = tempfile::tempdir().unwrap();
    // Kustomize takes relative paths alone.
    let here = directory.path().canonicalize().unwrap();
    let up = "../".repeat(here.components().count() - 1);
    let kubernetes = deploy("kubernetes").canonicalize().unwrap();
    let relative = format!("{up}{}", kubernetes.strip_prefix("/").unwrap().display());
    let text = format!(
        "kind: Kustomization\nresources: [{relative}/overlays/production]\n\
         components: [{relative}/components/object-store]\n"
    );
    std::fs::write(here.join("kustomization.yaml"), text).unwrap();
    let Some(manifests) = Manifests::render(&here) else { return };
    let readers: Vec<&str> = manifests
        .kind("Deployment")
        .filter(|one| {
            let from = list(&container(one)["envFrom"]);
            from.iter().any(|from| from["secretRef"]["name"] == "object-store")
        })
        .map(name)
        .collect();
    assert_eq!(readers, ["data-preparer", "scope-definer"]);
    let policy = &manifests.find("NetworkPolicy", "object-store").unwrap()["spec"];
    assert_eq!(
        policy["podSelector"]["matchExpressions"][0]["values"],
        json!(["scope-definer", "data-preparer"])
    );
    let closed = &policy["egress"][0]["to"][0]["ipBlock"]["except"];
    assert!(list(closed).contains(&json!("169.254.0.0/16")), "{closed}");
}

/// The rules of the Prometheus operator are those that are tested as rules; `TIER0_REGENERATE=1` writes them anew.
#[test]
fn the_operators_rules_are_prometheus_rules() {
    let file = deploy("kubernetes/components/monitoring/prometheus-rule.yaml");
    let rules = std::fs::read_to_string(deploy("prometheus/rules.yml")).unwrap();
    let groups = &rules[rules.find("groups:").unwrap()..];
    let indented: String = groups
        .lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") })
        .collect();
    let expected = format!(
        "# The rules of deploy/prometheus/rules.yml; a test holds them equal.\n\
         apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: tier0\nspec:\n{indented}"
    );
    if std::env::var_os("TIER0_REGENERATE").is_some() {
        std::fs::write(&file, &expected).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), expected);
}

/// A file of its own, as kustomize reads nothing outside of its directory.
#[test]
fn the_catalogue_is_that_of_compose() {
    let read = |name: &str| std::fs::read_to_string(deploy(name)).unwrap();
    assert_eq!(read("kubernetes/base/config/catalogue.toml"), read("compose/catalogue.toml"));
}
