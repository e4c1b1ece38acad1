//! A whole fleet whose every listener speaks TLS, and programs that refuse to do without beyond loopback.

use std::ffi::OsString;
use std::path::Path;

use serde_json::Value;
use tier0_tests::{
    Certificates, Finished, Fleet, FleetOptions, Python, eventually, program, run, write_secret,
    write_table,
};
use tokio::process::Command;

use crate::replicas::small_table;

/// The client of Python, on a fleet by its addresses.
const IN_PYTHON: &str = r#"
import sys
import tier0

api, serving, ca, stranger, cert, key, table = sys.argv[1:8]
fleet = tier0.connect(api_url=api, serving_url=serving, ca_file=ca, client_certificate=(cert, key))
assert [run["status"] for run in fleet.runs()] == ["succeeded"], fleet.runs()
with open(table) as file:
    names = file.readline().strip().split(",")
    row = dict(zip(names, file.readline().strip().split(",")))
row.pop("left")
assert len(fleet.endpoint("encrypted").predict([row])) == 1
for given, hint in (
    ({"ca_file": stranger, "client_certificate": (cert, key)}, "ca_file"),
    ({"ca_file": ca}, "client_certificate"),
):
    try:
        tier0.connect(api_url=api, serving_url=serving, **given).runs()
    except tier0.FleetSilentError as error:
        assert hint in str(error), error
    else:
        raise AssertionError(given)
print("fine")
"#;

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The settings of a fleet whose listeners speak TLS, the API's with certificates of its callers.
fn settings(certificates: &Certificates) -> Vec<(String, String)> {
    let (cert, key) = (shown(&certificates.cert("server")), shown(&certificates.key("server")));
    let ca = shown(&certificates.cert("ca"));
    let mut settings = vec![
        ("TIER0_ORCHESTRATOR__API__TLS__CLIENT_CA_FILE", ca.clone()),
        ("TIER0_ORCHESTRATOR__API__SERVING_TLS__CA_FILE", ca.clone()),
        ("TIER0_MODEL_DEPLOYER__DEPLOY__TLS__CA_FILE", ca.clone()),
        ("TIER0_CA_FILE", ca),
    ];
    for (key_of_cert, key_of_key) in [
        ("TIER0__HTTP__TLS__CERT_FILE", "TIER0__HTTP__TLS__KEY_FILE"),
        ("TIER0_ORCHESTRATOR__API__TLS__CERT_FILE", "TIER0_ORCHESTRATOR__API__TLS__KEY_FILE"),
        (
            "TIER0_MODEL_SERVER__SERVING__TLS__CERT_FILE",
            "TIER0_MODEL_SERVER__SERVING__TLS__KEY_FILE",
        ),
    ] {
        settings.extend([(key_of_cert, cert.clone()), (key_of_key, key.clone())]);
    }
    settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Runs a command on the fleet that trusts this authority and shows the client's certificate.
async fn tier0(
    fleet: &Fleet,
    certificates: &Certificates,
    ca: &str,
    arguments: &[&str],
) -> Finished {
    let mut command = Command::new(program("tier0"));
    command.args(arguments).arg("--dir").arg(fleet.directory());
    command.arg("--ca-file").arg(certificates.cert(ca));
    command.arg("--cert-file").arg(certificates.cert("client"));
    command.arg("--key-file").arg(certificates.key("client"));
    run(&mut command).await
}

fn client(certificates: &Certificates) -> reqwest::Client {
    let read = |path| std::fs::read(path).unwrap();
    let authority = reqwest::Certificate::from_pem(&read(certificates.cert("ca"))).unwrap();
    let both = [read(certificates.cert("client")), read(certificates.key("client"))].concat();
    reqwest::Client::builder()
        .no_proxy()
        .tls_built_in_root_certs(false)
        .add_root_certificate(authority)
        .identity(reqwest::Identity::from_pem(&both).unwrap())
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_learns_and_answers_by_tls_alone() {
    let certificates = Certificates::new();
    let environment = settings(&certificates);
    let fleet = Fleet::up_with(FleetOptions { environment, ..FleetOptions::default() }).await;
    let (api, serving) = (fleet.file().api_url.clone(), fleet.file().serving_url.clone());
    assert!(api.starts_with("https://") && serving.starts_with("https://"), "{api} {serving}");

    let table = fleet.path("small.csv");
    write_table(&table, small_table(600));
    let table = shown(&table);
    let request = [
        "submit",
        "--data",
        &table,
        "--target",
        "left",
        "--positive",
        "yes",
        "--name",
        "encrypted",
        "--time-budget",
        "2s",
        "--wait",
        "--json",
    ];
    let run = tier0(&fleet, &certificates, "ca", &request).await.success().json();
    assert_eq!(run["status"], "succeeded", "{run:#}");
    let out = shown(&fleet.path("predictions.csv"));
    let predict = ["predict", "encrypted", "--data", &table, "--out", &out];
    tier0(&fleet, &certificates, "ca", &predict).await.success();
    assert_eq!(tier0_tests::read_predictions(Path::new(&out)).prediction.len(), 600);
    // By the API, which asks the model server in its turn.
    let listed = tier0(&fleet, &certificates, "ca", &["runs", "list", "--json"]).await.success();
    assert_eq!(listed.json()["runs"][0]["status"], "succeeded");
    tier0_tests::eventually("the fleet is healthy", || async {
        let health = tier0(&fleet, &certificates, "ca", &["health", "--json"]).await.json();
        (health["status"] == "healthy").then_some(())
    })
    .await;
    let doctor = ["doctor", "--production", "--json"];
    let doctor = tier0(&fleet, &certificates, "ca", &doctor).await.json();
    let spoken = |name: &str| {
        let checks = doctor["checks"].as_array().unwrap();
        checks.iter().any(|check| check["name"] == name && check["found"] == "spoken")
    };
    assert!(spoken("TLS to the API") && spoken("TLS to the model server"), "{doctor:#}");

    refusals_say_what_is_wrong(&fleet, &certificates).await;
    everything_else_answers(&fleet, &certificates).await;
    let Some(python) = Python::with(&["ssl"]).await else { return };
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/src");
    let files = [
        certificates.cert("ca"),
        certificates.cert("stranger"),
        certificates.cert("client"),
        certificates.key("client"),
    ];
    let files = files.map(|path| shown(&path));
    let mut arguments = vec![api.as_str(), &serving];
    arguments.extend(files.iter().map(String::as_str));
    arguments.push(&table);
    let done =
        python.run_in(IN_PYTHON, &arguments, &[("PYTHONPATH", source.to_str().unwrap())]).await;
    assert!(done.stdout.contains("fine"), "{}\n{}", done.stdout, done.stderr);
}

async fn refusals_say_what_is_wrong(fleet: &Fleet, certificates: &Certificates) {
    let list = ["runs", "list", "--json"];
    let stranger = tier0(fleet, certificates, "stranger", &list).await;
    let told = stranger.json();
    assert_eq!((stranger.code(), &told["error"]["code"]), (2, &Value::from("tls")), "{told}");
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains(&fleet.file().api_url) && message.contains("authority"), "{message}");
    // No certificate of the caller's own.
    let ca = shown(&certificates.cert("ca"));
    let nobody = fleet.tier0(["runs", "list", "--json", "--ca-file", &ca]).await;
    let told = nobody.json();
    assert_eq!((nobody.code(), &told["error"]["code"]), (2, &Value::from("tls")), "{told}");
    assert!(
        told["error"]["message"].as_str().unwrap().contains("asks for a certificate"),
        "{told}"
    );
    let plain = fleet.file().api_url.replacen("https://", "http://", 1);
    let told = reqwest::get(&plain).await.unwrap().text().await.unwrap();
    assert!(told.contains("https://"), "{told}");
    let by_http = fleet.tier0(["runs", "list", "--json", "--api-url", &plain]).await;
    let told = by_http.json();
    assert_eq!((by_http.code(), &told["error"]["code"]), (2, &Value::from("tls")), "{told}");
    assert!(told["error"]["message"].as_str().unwrap().contains("ask by https://"), "{told}");
}

/// The console, its stream of events, the probes and the metrics.
async fn everything_else_answers(fleet: &Fleet, certificates: &Certificates) {
    let client = client(certificates);
    let api = &fleet.file().api_url;
    let page = client.get(format!("{api}/console/")).send().await.unwrap();
    assert!(page.status().is_success() && page.text().await.unwrap().contains("<title>"));
    let mut events = client.get(format!("{api}/api/v1/events")).send().await.unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let first = tokio::time::timeout(std::time::Duration::from_secs(30), events.chunk()).await;
    assert!(first.unwrap().unwrap().is_some(), "the stream says something");

    let ready: Value =
        serde_json::from_slice(&std::fs::read(fleet.path("ready/model-trainer.json")).unwrap())
            .unwrap();
    let http = ready["http"].as_str().unwrap().to_owned();
    let metrics = client.get(format!("{http}/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("tier0_tls_certificate_expiry_timestamp_seconds"), "{metrics}");
    let targets = std::fs::read_to_string(fleet.path("prometheus-targets.json"));
    let targets = targets.unwrap_or_default();
    assert!(targets.contains("__scheme__"), "{targets}");
    // The health check of a container, and the probe.
    let environment = settings(certificates);
    let mut health = Command::new(program("model-trainer"));
    health.arg("health").envs(environment.iter().map(|(name, value)| (name, value)));
    health.env("TIER0__READY_FILE", fleet.path("ready/model-trainer.json"));
    run(&mut health).await.success();
    let ca: OsString = certificates.cert("ca").into();
    for (arguments, code) in [
        (vec![format!("{http}/readyz").into(), "--ca-file".into(), ca], 0),
        (
            vec![
                format!("{http}/readyz").into(),
                "--ca-file".into(),
                certificates.cert("stranger").into(),
            ],
            1,
        ),
        (vec![OsString::from(format!("{http}/readyz"))], 2),
    ] {
        let done = run(Command::new(program("probe")).args(&arguments)).await;
        assert_eq!(done.code(), code, "{arguments:?}: {}", done.stderr);
    }
    eventually("plain callers are counted", || async {
        let text = client.get(format!("{}/metrics", orchestrator(fleet))).send().await.ok()?;
        let text = text.text().await.ok()?;
        let counted = text.lines().any(|line| {
            line.contains("listener=\"api\",reason=\"tls_plaintext\"") && !line.ends_with(" 0")
        });
        counted.then_some(())
    })
    .await;
}

fn orchestrator(fleet: &Fleet) -> String {
    let ready = std::fs::read(fleet.path("ready/orchestrator.json")).unwrap();
    let ready: Value = serde_json::from_slice(&ready).unwrap();
    ready["http"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_loopback_no_program_does_without_tls_unless_it_is_told_to() {
    let directory = tempfile::tempdir().unwrap();
    let certificates = Certificates::new();
    certificates.certify("server", "ca", &["localhost"]);
    let token = directory.path().join("token");
    write_secret(&token, "s3cret");
    let token = shown(&token);
    for (name, listen, token_key, tls) in [
        ("model-trainer", "http.listen", "http.token_file", "http.tls"),
        ("orchestrator", "api.listen", "api.token_file", "api.tls"),
        ("model-server", "serving.rest_listen", "serving.token_file", "serving.tls"),
        ("model-server", "serving.grpc_listen", "serving.token_file", "serving.tls"),
    ] {
        let given = [format!("{listen}=0.0.0.0:0"), format!("{token_key}={token}")];
        let start = async |more: &[&str]| {
            let mut command = Command::new(program(name));
            for setting in &given {
                command.args(["--set", setting]);
            }
            run(command.args(more)).await
        };
        for more in [vec!["--check-config"], vec![]] {
            let refused = start(&more).await;
            assert_eq!(refused.code(), 2, "{name} {more:?}: {}", refused.stderr);
            let told = [
                format!("{listen}: is 0.0.0.0:0"),
                format!("{tls}.cert_file"),
                format!("{tls}.allow_plaintext"),
            ];
            for text in told {
                assert!(
                    refused.stderr.contains(&text),
                    "{name} should say {text}: {}",
                    refused.stderr
                );
            }
        }
        let allowed = format!("{tls}.allow_plaintext=true");
        start(&["--check-config", "--set", &allowed]).await.success();
        let files = |cert: &Path, key: &Path| {
            [format!("{tls}.cert_file={}", shown(cert)), format!("{tls}.key_file={}", shown(key))]
        };
        let [cert, key] = files(&certificates.cert("server"), &certificates.key("server"));
        start(&["--check-config", "--set", &cert, "--set", &key]).await.success();
        let [cert, key] = files(Path::new("none.pem"), Path::new("none.key"));
        let missing = start(&["--check-config", "--set", &cert, "--set", &key]).await;
        assert_eq!(missing.code(), 2, "{}", missing.stderr);
        assert!(missing.stderr.contains("none.pem"), "{}", missing.stderr);
    }
}
