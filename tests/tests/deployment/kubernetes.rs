//! `deploy/kubernetes`: every overlay is rendered and held against schemas, rules, programs and a broker.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use contracts::Agent;
use serde_json::{Value, json};
use tempfile::TempDir;
use tier0_tests::{NatsOptions, NatsServer, Python, eventually, program, shared};

use crate::manifests::{Manifests, OVERLAYS, container, documents, list, name, text};
use crate::rules::{Secrets, consumers, findings};
use crate::{deploy, make_secrets, repository, succeed};

/// Versions of Kubernetes that the manifests are for: the oldest and the newest.
const VERSIONS: [&str; 2] = ["1.31", "1.37"];

/// What `scripts/kubernetes secrets` makes.
struct Made {
    directory: TempDir,
    secrets: Secrets,
}

impl Made {
    fn new() -> Self {
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

/// Changes a manifest, which the rules have to notice.
struct Planted {
    what: &'static str,
    kind: &'static str,
    named: &'static str,
    /// The member, as a pointer, and what it is made.
    change: (&'static str, Value),
    /// A part of the finding.
    finding: &'static str,
}

const CONTAINER: &str = "/spec/template/spec/containers/0";

#[test]
fn what_is_planted_is_found() {
    let Some(manifests) = Manifests::of("production") else { return };
    let made = Made::new();
    let planted = |what, kind, named, pointer, value, finding| Planted {
        what,
        kind,
        named,
        change: (pointer, value),
        finding,
    };
    let of = |part: &str| -> &'static str { format!("{CONTAINER}{part}").leak() };
    let trainer = "model-trainer";
    let all = [
        planted(
            "an agent is missing",
            "Deployment",
            trainer,
            "/metadata/name",
            json!("trainer"),
            "deployments are",
        ),
        planted(
            "another image",
            "Deployment",
            trainer,
            of("/image"),
            json!("tier0/model-selector:1"),
            "runs tier0/model-selector",
        ),
        planted(
            "no tag",
            "Deployment",
            trainer,
            of("/image"),
            json!("tier0/model-trainer"),
            "no tag",
        ),
        planted(
            "root",
            "Deployment",
            trainer,
            of("/securityContext/runAsNonRoot"),
            json!(false),
            "where true is expected",
        ),
        planted(
            "a capability",
            "Deployment",
            trainer,
            of("/securityContext/capabilities"),
            json!({"drop": []}),
            "where",
        ),
        planted(
            "a token",
            "ServiceAccount",
            trainer,
            "/automountServiceAccountToken",
            json!(true),
            "gives a token",
        ),
        planted(
            "no limit",
            "Deployment",
            trainer,
            of("/resources/limits"),
            json!({}),
            "no requests or limits",
        ),
        planted(
            "an unbounded directory",
            "Deployment",
            "data-preparer",
            "/spec/template/spec/volumes/0/emptyDir",
            json!({}),
            "no size limit",
        ),
        planted(
            "another route",
            "Deployment",
            trainer,
            of("/readinessProbe/httpGet/path"),
            json!("/ready"),
            "readinessProbe",
        ),
        planted(
            "no time to end",
            "Deployment",
            trainer,
            "/spec/template/spec/terminationGracePeriodSeconds",
            json!(10),
            "10 s to end",
        ),
        planted(
            "no spread",
            "Deployment",
            trainer,
            "/spec/template/spec/topologySpreadConstraints",
            json!([]),
            "is not spread",
        ),
        planted(
            "another port",
            "Deployment",
            trainer,
            of("/ports/0/containerPort"),
            json!(9091),
            "listens on",
        ),
        planted(
            "a port without a name",
            "Service",
            "model-server",
            "/spec/ports/0/targetPort",
            json!("http"),
            "no port http",
        ),
        planted(
            "a service without pods",
            "Service",
            "orchestrator",
            "/spec/selector",
            json!({"app.kubernetes.io/name": "api"}),
            "has no pods",
        ),
        planted(
            "nothing is scraped",
            "ServiceMonitor",
            "tier0",
            "/spec/endpoints/0/port",
            json!("http"),
            "scraped are",
        ),
        planted(
            "another's key",
            "Deployment",
            trainer,
            "/spec/template/spec/volumes/0/secret/secretName",
            json!("nkey-orchestrator"),
            "has the keys of",
        ),
        planted(
            "a secret that nothing makes",
            "ServiceMonitor",
            "tier0",
            "/spec/endpoints/0/authorization/credentials/key",
            json!("bearer"),
            "nothing makes the secret",
        ),
        planted(
            "a file that is not there",
            "Deployment",
            "orchestrator",
            of("/volumeMounts"),
            json!([]),
            "which is not there",
        ),
        planted(
            "open by default",
            "NetworkPolicy",
            "nothing",
            "/spec/podSelector",
            json!({"matchLabels": {"a": "b"}}),
            "open by default",
        ),
        planted(
            "anyone may come",
            "NetworkPolicy",
            "model-server",
            "/spec/ingress/0/from",
            json!([]),
            "lets anything pass",
        ),
        planted(
            "no broker",
            "NetworkPolicy",
            "to-broker",
            "/spec/podSelector",
            json!({"matchLabels": {"a": "b"}}),
            "does not reach port 4222",
        ),
        planted(
            "a closed listener",
            "NetworkPolicy",
            "orchestrator",
            "/spec/ingress",
            json!([]),
            "open are",
        ),
        planted(
            "a queue that nothing has",
            "ScaledObject",
            trainer,
            "/spec/triggers/0/metadata/consumer",
            json!("trainer"),
            "asked are",
        ),
        planted("no bound", "ScaledObject", trainer, "/spec/maxReplicaCount", json!(1), "replicas"),
        planted(
            "a number of its own",
            "Deployment",
            trainer,
            "/spec/replicas",
            json!(1),
            "number of its own",
        ),
        planted(
            "no budget",
            "PodDisruptionBudget",
            trainer,
            "/spec/maxUnavailable",
            json!(0),
            "disrupted by",
        ),
    ];
    for one in all {
        let mut changed = manifests.clone();
        let document = changed
            .0
            .iter_mut()
            .find(|document| document["kind"] == one.kind && name(document) == one.named);
        let (pointer, value) = one.change;
        let document = document.unwrap();
        match document.pointer_mut(pointer) {
            Some(member) => *member = value,
            None => {
                let (parent, key) = pointer.rsplit_once('/').unwrap();
                document.pointer_mut(parent).unwrap()[key] = value;
            }
        }
        let found = findings(&changed, &made.secrets);
        assert!(found.iter().any(|line| line.contains(one.finding)), "{}: {found:#?}", one.what);
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
                ("TIER0__NATS__URL", "nowhere"),
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
