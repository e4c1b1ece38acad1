//! Secrets that are given to a fleet are shown nowhere: not in what it logs, measures, traces and answers, not in its configuration,
//! its files, its processes' arguments or what commands say.

use std::collections::BTreeMap;
use std::path::Path;

use tier0_tests::{Fleet, FleetOptions, OtlpReceiver, program, tier0, write_secret, write_table};

use crate::replicas::small_table;

/// A part of every secret that is planted, so that a piece of one is found as well.
const PLANTED: &str = "pl4nted";

/// Secrets by what they are.
fn secret(what: &str) -> String {
    format!("{PLANTED}-{what}-0123456789abcdef")
}

/// The environment of a fleet with a secret in every setting that takes one; files are made in `directory`.
fn environment(directory: &Path, otlp: &str) -> Vec<(String, String)> {
    let file = |what: &str, text: String| {
        let path = directory.join(format!("{what}.secret"));
        write_secret(&path, text);
        path.to_str().unwrap().to_owned()
    };
    let url = |what: &str, path: &str| {
        format!("http://me:{}@127.0.0.1:9/{path}?token={}", secret(what), secret(what))
    };
    let serving = file("serving", secret("serving-token"));
    let webhook = format!(
        r#"[{{"url": "http://127.0.0.1:9/{}?token={}", "secret_file": "{}"}}]"#,
        secret("webhook-path"),
        secret("webhook-token"),
        // 36 bytes in Base64, as webhooks are signed with.
        file("webhook", "whsec_cGw0bnRlZC13ZWJob29rLXNlY3JldC0wMTIzNDU2Nzg5".to_owned()),
    );
    [
        ("TIER0__OTLP__ENDPOINT", otlp.to_owned()),
        ("TIER0__OTLP__SAMPLE_RATIO", "1".to_owned()),
        ("TIER0__LOG__LEVEL", "debug".to_owned()),
        ("TIER0_ORCHESTRATOR__API__TOKEN_FILE", file("api", secret("api-token"))),
        ("TIER0_ORCHESTRATOR__API__SERVING_TOKEN_FILE", serving.clone()),
        ("TIER0_MODEL_SERVER__SERVING__TOKEN_FILE", serving.clone()),
        ("TIER0_MODEL_DEPLOYER__DEPLOY__TOKEN_FILE", serving),
        ("TIER0_ORCHESTRATOR__LINEAGE__SINK", "http".to_owned()),
        ("TIER0_ORCHESTRATOR__LINEAGE__URL", url("lineage", "api/v1/lineage")),
        ("TIER0_ORCHESTRATOR__LINEAGE__TOKEN_FILE", file("lineage", secret("lineage-token"))),
        ("TIER0_OBSERVABILITY_CONNECTOR__MONITORING__WEBHOOKS", webhook),
        ("AWS_ACCESS_KEY_ID", secret("aws-id")),
        ("AWS_SECRET_ACCESS_KEY", secret("aws-key")),
        ("AWS_ENDPOINT", "http://127.0.0.1:9".to_owned()),
        ("AWS_ALLOW_HTTP", "true".to_owned()),
        ("PGUSER", "me".to_owned()),
        ("PGPASSWORD", secret("postgres")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// What was found, by where.
#[derive(Default)]
struct Seen(BTreeMap<String, String>);

impl Seen {
    fn add(&mut self, place: impl Into<String>, text: impl Into<String>) {
        self.0.entry(place.into()).or_default().push_str(&text.into());
    }

    /// Every file of a directory but those that hold secrets.
    fn add_files(&mut self, directory: &Path) {
        for entry in std::fs::read_dir(directory).unwrap().flatten() {
            let path = entry.path();
            let name = path.display().to_string();
            if path.is_dir() {
                self.add_files(&path);
            } else if !name.ends_with(".nk") && !name.ends_with(".secret") {
                let bytes = std::fs::read(&path).unwrap_or_default();
                self.add(name, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_secrets_are_shown_nowhere() {
    let directory = tempfile::Builder::new().prefix("tier0-test-").tempdir().unwrap();
    let receiver = OtlpReceiver::start().await;
    let environment = environment(directory.path(), receiver.url());
    let fleet = Fleet::up_with(FleetOptions {
        environment: environment.clone(),
        arguments: vec!["--data-root", "s3://bucket", "--data-root", "postgres://127.0.0.1:9/db"],
        directory: Some(directory),
        ..FleetOptions::default()
    })
    .await;
    let mut seen = Seen::default();

    // Something that goes well, and what fails at each place that has a secret.
    let table = fleet.path("small.csv");
    write_table(&table, small_table(600));
    let good = ["--data", table.to_str().unwrap(), "--target", "left", "--positive", "yes"];
    let more = ["--name", "kept", "--time-budget", "2s", "--no-cache"];
    let run = fleet.submit(good.into_iter().chain(more)).await.succeeded();
    seen.add("submit", run.to_string());
    let api = fleet.path("api.secret");
    let serving = fleet.path("serving.secret");
    let tokens = [
        "--api-token-file",
        api.to_str().unwrap(),
        "--serving-token-file",
        serving.to_str().unwrap(),
    ];
    let wrong = fleet.path("wrong.secret");
    write_secret(&wrong, secret("wrong-token"));
    let wrong = wrong.to_str().unwrap();
    let table = table.to_str().unwrap();
    let nats = format!("nats://me:{}@{}", secret("broker"), &fleet.file().nats_url[7..]);
    let commands: &[&[&str]] = &[
        &["submit", "--data", "s3://bucket/t.csv", "--target", "y", "--wait", "--timeout", "15s"],
        &[
            "submit",
            "--data",
            "postgres://127.0.0.1:9/db?table=t",
            "--target",
            "y",
            "--wait",
            "--timeout",
            "5s",
        ],
        &["predict", "kept", "--data", table, "--serving-token-file", serving.to_str().unwrap()],
        &["predict", "kept", "--data", table, "--serving-token-file", wrong],
        &["models", "list", "--api-token-file", wrong],
        &["runs", "list", "--nats-url", &nats],
        &["health", tokens[0], tokens[1], tokens[2], tokens[3]],
        &["runs", "list", tokens[0], tokens[1]],
        &["endpoints", "list", tokens[0], tokens[1]],
        &["dead-letters", "list"],
    ];
    for command in commands {
        for json in [false, true] {
            let all = command.iter().copied().chain(json.then_some("--json")).chain(["-v"]);
            let finished = match command.contains(&"--nats-url") {
                true => tier0(all).await,
                false => fleet.tier0(all).await,
            };
            seen.add(command.join(" ").replace(&nats, "URL"), finished.stdout + &finished.stderr);
        }
    }

    // What the fleet answers, with the right token and with a wrong one.
    let http = reqwest::Client::new();
    let base = (&fleet.file().api_url, secret("api-token"));
    let server = (&fleet.file().serving_url, secret("serving-token"));
    let run = run["run_id"].as_str().unwrap().to_owned();
    for ((url, token), path) in [
        (&base, "/api/v1/health".to_owned()),
        (&base, "/api/v1/runs".to_owned()),
        (&base, format!("/api/v1/runs/{run}")),
        (&base, format!("/api/v1/runs/{run}/timeline")),
        (&base, "/api/v1/models".to_owned()),
        (&base, "/api/v1/endpoints".to_owned()),
        (&base, "/api/v1/dead-letters".to_owned()),
        (&base, "/api/v1/alerts".to_owned()),
        (&base, "/api/v1/nothing".to_owned()),
        (&server, "/v2".to_owned()),
        (&server, "/v2/models/kept".to_owned()),
        (&server, "/v2/models/nothing".to_owned()),
    ] {
        for given in [token.clone(), secret("wrong-token"), String::new()] {
            let asked = http.get(format!("{url}{path}")).bearer_auth(&given).send().await.unwrap();
            let headers = format!("{:?}", asked.headers());
            seen.add(path.clone(), headers + &asked.text().await.unwrap());
        }
    }
    for process in fleet.processes().map(str::to_owned).collect::<Vec<_>>() {
        let ready = std::fs::read(fleet.path("ready").join(format!("{process}.json"))).unwrap();
        let ready: serde_json::Value = serde_json::from_slice(&ready).unwrap();
        let http = ready["http"].as_str().unwrap();
        for path in ["metrics", "readyz", "healthz"] {
            let text = reqwest::get(format!("http://{http}/{path}")).await.unwrap();
            seen.add(format!("{process} /{path}"), text.text().await.unwrap());
        }
    }
    for (name, pid) in &fleet.file().pids {
        let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        assert!(!arguments.is_empty(), "{name}");
        seen.add(format!("{name}'s arguments"), String::from_utf8_lossy(&arguments).into_owned());
    }
    for name in ["orchestrator", "model-server", "model-deployer", "observability-connector"] {
        for option in ["--print-config", "--check-config"] {
            let printed = std::process::Command::new(program(name))
                .arg(option)
                .envs(environment.iter().map(|(name, value)| (name, value)))
                .output()
                .unwrap();
            let text = [printed.stdout, printed.stderr].concat();
            seen.add(format!("{name} {option}"), String::from_utf8_lossy(&text).into_owned());
        }
    }
    seen.add_files(fleet.directory());
    seen.add("spans", format!("{:?}", receiver.spans()));

    // The seeds of the broker's keys are secrets as well.
    let mut secrets = vec![PLANTED.to_owned(), "cGw0bnRlZC13ZWJob29r".to_owned()];
    for entry in std::fs::read_dir(fleet.path("security/keys")).unwrap().flatten() {
        secrets.push(std::fs::read_to_string(entry.path()).unwrap().trim().to_owned());
    }
    assert!(secrets.len() > 10 && seen.0.len() > 60, "{} places", seen.0.len());
    assert!(seen.0["orchestrator --print-config"].contains("127.0.0.1:9"), "it shows the rest");
    assert!(!receiver.spans().is_empty());
    let shown: Vec<String> = seen
        .0
        .iter()
        .filter_map(|(place, text)| {
            let found = secrets.iter().find(|secret| text.contains(secret.as_str()))?;
            let at = text.find(found.as_str())?;
            let from = text.floor_char_boundary(at.saturating_sub(160));
            Some(format!("{place}: …{}", &text[from..at + found.len()]))
        })
        .collect();
    assert!(shown.is_empty(), "secrets are shown:\n{}", shown.join("\n"));
}
