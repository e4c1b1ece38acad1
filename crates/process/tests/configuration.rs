//! Scenario 25: one source; defaults < file < environment < flags; every invalid value reported at once.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use process::{CheckConfig, Layers, LoadedConfig, load};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Trainer {
    trials: u32,
    metric: String,
    seed: Option<u64>,
    label: Option<String>,
    data: Data,
    weights: BTreeMap<String, f64>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Data {
    allowed_roots: Vec<String>,
    limits: Vec<u32>,
}

impl Default for Trainer {
    fn default() -> Self {
        Self {
            trials: 10,
            metric: "roc_auc".to_owned(),
            seed: None,
            label: None,
            data: Data::default(),
            weights: BTreeMap::new(),
        }
    }
}

impl CheckConfig for Trainer {
    fn problems(&self) -> Vec<String> {
        if self.trials == 0 {
            vec!["trials: is 0; expected 1 or more".to_owned()]
        } else {
            Vec::new()
        }
    }
}

fn layers(files: &[PathBuf], environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Layers {
    let pair = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
    Layers {
        process: "model-trainer".to_owned(),
        files: files.to_vec(),
        environment: environment.iter().map(pair).collect(),
        flags: flags.iter().map(pair).collect(),
        opens_files: false,
    }
}

fn loaded(layers: &Layers) -> LoadedConfig<Trainer> {
    load(layers).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn s25_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tier0.toml");
    std::fs::write(&file, "trials = 20\nmetric = \"f1\"\nlabel = \"file\"\n[nats]\nurl = \"nats://file:1\"\n[weights]\na = 0.5\n")
        .unwrap();
    let yaml = directory.path().join("more.yaml");
    std::fs::write(&yaml, "stage:\n  max_in_flight: 3\n  drain_seconds: 5\n").unwrap();
    let files = [file.clone(), yaml];
    let keys = |loaded: &LoadedConfig<Trainer>| (loaded.own.trials, loaded.common.nats.url.clone());

    // Each layer lies over the one before it.
    assert_eq!(keys(&loaded(&layers(&[], &[], &[]))), (10, "nats://127.0.0.1:4222".to_owned()));
    assert_eq!(keys(&loaded(&layers(&files, &[], &[]))), (20, "nats://file:1".to_owned()));
    let all = ("TIER0__TRIALS", "30");
    let own = ("TIER0_MODEL_TRAINER__TRIALS", "40");
    let url = ("TIER0__NATS__URL", "nats://environment:1");
    assert_eq!(
        keys(&loaded(&layers(&files, &[all, url], &[]))),
        (30, "nats://environment:1".to_owned())
    );
    assert_eq!(keys(&loaded(&layers(&files, &[all, own, url], &[]))).0, 40);
    let flags = [("trials", "50"), ("nats.url", "nats://flag:1")];
    let whole = loaded(&layers(&files, &[all, own, url], &flags));
    assert_eq!(keys(&whole), (50, "nats://flag:1".to_owned()));
    // What no higher layer says comes from below.
    assert_eq!((whole.own.metric.as_str(), whole.common.stage.max_in_flight), ("f1", 3));
    assert!((whole.common.stage.drain_seconds - 5.0).abs() < f64::EPSILON);
    assert_eq!(whole.own.weights, BTreeMap::from([("a".to_owned(), 0.5)]));
    // What concerns another process, or another agent's name, is of no concern here.
    loaded(&layers(
        &[],
        &[("TIER0__CATALOGUE", "/c.toml"), ("TIER0_DATA_PREPARER__TRIALS", "x")],
        &[],
    ));

    // Every problem at once, each with its source.
    std::fs::write(&file, "trials = \"many\"\nunknown_here = 1\n[stage]\nmax_in_flight = 5000\n")
        .unwrap();
    let wrong = layers(
        &[file, directory.path().join("missing.toml")],
        &[
            ("TIER0_MODEL_TRAINER__SEED", "minus one"),
            ("TIER0__NATZ__URL", "nats://x"),
            ("TIER0__LOG__FORMAT", "xml"),
            ("TIER0__NATS__CONNECT_TIMEOUT_SECONDS", "soon"),
        ],
        &[("trails", "5"), ("http.listen", "everywhere"), ("nats", "x")],
    );
    let problems = load::<Trainer>(&wrong).unwrap_err();
    let text = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for part in [
        "trials: invalid type",
        "tier0.toml",
        "unknown_here: unknown key",
        "missing.toml",
        "seed: invalid type",
        "environment TIER0_MODEL_TRAINER__SEED",
        "natz.url: unknown key; did you mean nats",
        "log.format: unknown variant",
        "nats.connect_timeout_seconds: invalid type",
        "trails: unknown key; did you mean trials?",
        "--set trails",
        "http.listen: is \"everywhere\"",
        "nats: is a table",
        "stage.max_in_flight: is 5000",
    ] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
    assert!(
        !text.contains("minus one") && !text.contains("many"),
        "values stay out of messages:\n{text}"
    );
}

#[test]
fn text_becomes_what_the_key_needs() {
    let flags = [
        ("seed", "7"),
        ("label", "7"),
        ("data.allowed_roots", "/data, /more"),
        ("data.limits", "1,2,3"),
        ("weights.b", "2.5"),
        ("nats.token", "12345"),
        ("metric", "a=b"),
    ];
    let whole = loaded(&layers(&[], &[("TIER0__OTLP__ENDPOINT", "http://127.0.0.1:4317")], &flags));
    assert_eq!((whole.own.seed, whole.own.label.as_deref()), (Some(7), Some("7")));
    assert_eq!(whole.own.data.allowed_roots, ["/data", "/more"]);
    assert_eq!(whole.own.data.limits, [1, 2, 3]);
    assert_eq!(whole.own.weights["b"], 2.5);
    assert_eq!(whole.own.metric, "a=b");
    assert_eq!(whole.common.nats.token.as_ref().unwrap().expose(), "12345");
    assert_eq!(whole.common.otlp.endpoint, Some("http://127.0.0.1:4317".into()));
    let one = loaded(&layers(&[], &[], &[("data.allowed_roots", "/data")]));
    assert_eq!(one.own.data.allowed_roots, ["/data"]);
    let json = loaded(&layers(&[], &[], &[("data.allowed_roots", r#"["/a,b"]"#)]));
    assert_eq!(json.own.data.allowed_roots, ["/a,b"]);
}

#[test]
fn a_table_of_the_operators_keys_is_one_variable() {
    let roles = |text: &str| {
        let given = [("TIER0__HTTP__CERTIFICATE_ROLES", text)];
        load::<Trainer>(&layers(&[], &given, &[]))
    };
    for text in [
        r#"{"CN=ci,O=example": "viewer", "CN=ana": "admin"}"#,
        r#" { "CN=ci,O=example" = "viewer", "CN=ana" = "admin" } "#,
    ] {
        let loaded = roles(text).unwrap();
        let found = loaded.common.http.certificate_roles;
        assert_eq!(found["CN=ci,O=example"].as_str(), "viewer", "{text}");
        assert_eq!(found["CN=ana"].as_str(), "admin", "{text}");
    }
    let set = r#"{"ml-team": "ml_engineer"}"#;
    let flags = [("http.oidc.roles", set), ("http.oidc.issuer", "https://issuer.example")];
    let problems = load::<Trainer>(&layers(&[], &[], &flags)).unwrap_err();
    assert!(problems.iter().all(|problem| !problem.message.contains("roles:")), "{problems:?}");
    for (text, part) in [
        (r#"{"CN=ci": "owner"}"#, "unknown variant"),
        (r#"{"CN=ci": "viewer""#, "expected a table in JSON"),
        ("CN=ci=viewer", "expected a table in JSON"),
        ("{a = 1}\n[b]\nc = 1", "expected a table in JSON"),
    ] {
        let problems = roles(text).unwrap_err();
        let said = problems.iter().map(ToString::to_string).collect::<String>();
        assert!(said.contains("http.certificate_roles") && said.contains(part), "{said}");
    }
}

#[test]
fn every_file_that_cannot_be_used_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    std::fs::write(&token, "s3cret").unwrap();
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (token, gone) = (token.to_str().unwrap(), "/nowhere/file");
    let flags = [
        ("http.token_file", token),
        ("http.tokens_file", gone),
        ("http.tls.cert_file", gone),
        ("http.tls.key_file", gone),
        ("http.tls.client_ca_file", token),
        ("nats.nkey_file", gone),
        ("nats.tls.ca_file", gone),
        ("http.oidc.issuer", "https://issuer.example"),
        ("http.oidc.audience", "tier0"),
        ("http.oidc.roles", r#"{"a": "viewer"}"#),
        ("http.oidc.jwks_file", gone),
        ("ready_file", "/nowhere/ready"),
    ];
    let closed = layers(&[], &[], &flags);
    loaded(&closed);
    let problems = load::<Trainer>(&Layers { opens_files: true, ..closed }).unwrap_err();
    let said = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for key in flags.iter().map(|(key, _)| *key).filter(|key| key.contains("file")) {
        assert!(said.contains(&format!("{key}: ")), "{key} is missing in\n{said}");
    }
    assert!(said.contains("mode 0644") && said.contains("chmod 600"), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
}
