//! The broker: what its image and the values of its chart configure it with, held against nats-server itself.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value};
use tier0_tests::NatsServer;

use crate::manifests::{documents, text};
use crate::{deploy, make_secrets};

/// Whether nats-server accepts a configuration, and what it says.
fn accepts(configuration: &Path) -> Result<(), String> {
    let mut command = Command::new(NatsServer::program());
    let output = command.args(["-t", "--config"]).arg(configuration).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(told) }
}

#[test]
fn the_broker_of_compose_accepts_its_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let (configuration, secrets) =
        (directory.path().join("etc/nats"), directory.path().join("run/secrets"));
    std::fs::create_dir_all(&configuration).unwrap();
    std::fs::create_dir_all(&secrets).unwrap();
    // Absolute paths are those of a container.
    let text = std::fs::read_to_string(deploy("images/nats.conf")).unwrap();
    let here = text.replace("\"/run/secrets/", &format!("\"{}/", secrets.display()));
    let file = configuration.join("nats.conf");
    std::fs::write(&file, here).unwrap();
    assert!(accepts(&file).is_err(), "without credentials, it does not start");
    make_secrets(directory.path(), &["nats"]);
    let made = [
        ("security/authorization.conf", "nats-authorization"),
        ("nats-certificate.pem", "nats-certificate"),
        ("nats-key.pem", "nats-key"),
    ];
    for (made, named) in made {
        assert!(accepts(&file).is_err(), "it does not start without {named}");
        std::fs::copy(directory.path().join(made), secrets.join(named)).unwrap();
    }
    accepts(&file).unwrap();
}

/// The values of `nats/values.yaml`, with those of a second file over them.
fn values(over: Option<&str>) -> Value {
    let read = |name: &str| {
        let text = std::fs::read_to_string(deploy("kubernetes/nats").join(name)).unwrap();
        documents(&text).remove(0)
    };
    let mut values = read("values.yaml");
    if let Some(over) = over {
        put_over(&mut values, read(over));
    }
    values
}

fn put_over(below: &mut Value, over: Value) {
    match (below, over) {
        (Value::Object(below), Value::Object(over)) => {
            for (key, value) in over {
                put_over(below.entry(key).or_insert(Value::Null), value);
            }
        }
        (below, over) => *below = over,
    }
}

/// What the chart makes of a `merge` block: `<< … >>` stands without quotes, a key that ends in `$include` includes.
fn rendered(block: &Map<String, Value>) -> String {
    block
        .iter()
        .map(|(key, value)| match value {
            Value::Object(block) => format!("\"{key}\": {{\n{}}}\n", rendered(block)),
            _ if key.ends_with("$include") => format!("include {};\n", text(value)),
            Value::String(raw) => {
                match raw.strip_prefix("<<").and_then(|raw| raw.strip_suffix(">>")) {
                    Some(raw) => format!("\"{key}\": {}\n", raw.trim()),
                    None => format!("\"{key}\": {value}\n"),
                }
            }
            _ => format!("\"{key}\": {value}\n"),
        })
        .collect()
}

#[test]
fn the_chart_makes_a_broker_of_three_that_writes_before_it_confirms() {
    let values = values(None);
    let is = |pointer: &str, expected: Value| {
        assert_eq!(values.pointer(pointer), Some(&expected), "{pointer}");
    };
    is("/config/cluster/enabled", true.into());
    is("/config/cluster/replicas", 3.into());
    is("/config/cluster/tls/enabled", true.into());
    is("/config/nats/tls/enabled", true.into());
    is("/config/nats/tls/secretName", "nats-server-tls".into());
    is("/tlsCA/secretName", "nats-ca".into());
    is("/config/jetstream/fileStore/enabled", true.into());
    is("/config/jetstream/merge/sync_interval", "always".into());
    is("/podDisruptionBudget/enabled", true.into());
    is("/podTemplate/patch/0/value/secret/secretName", "nats-authorization".into());
    // Names that pods and policies look for.
    is("/fullnameOverride", "nats".into());
    is("/config/monitor/port", 8222.into());
}

#[test]
fn the_broker_of_the_chart_accepts_what_is_merged_into_its_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let own = directory.path().join("nats-config");
    let mounted = directory.path().join("tier0");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::create_dir_all(&mounted).unwrap();
    make_secrets(directory.path(), &["nats"]);
    for values in [values(None), values(Some("values-local.yaml"))] {
        let mut block = values["config"]["merge"].as_object().unwrap().clone();
        let mut store = values["config"]["jetstream"]["merge"].as_object().unwrap().clone();
        store.insert("store_dir".to_owned(), directory.path().to_str().unwrap().into());
        block.insert("jetstream".to_owned(), store.into());
        let file = own.join("nats.conf");
        std::fs::write(&file, rendered(&block)).unwrap();
        let _ = std::fs::remove_file(mounted.join("authorization.conf"));
        assert!(accepts(&file).is_err(), "without permissions, it does not start");
        let permissions = directory.path().join("security/authorization.conf");
        std::fs::copy(permissions, mounted.join("authorization.conf")).unwrap();
        accepts(&file).unwrap();
    }
    assert_eq!(values(Some("values-local.yaml"))["config"]["cluster"]["enabled"], false);
}
