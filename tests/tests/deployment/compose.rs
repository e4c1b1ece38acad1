//! `deploy/compose`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use contracts::Agent;
use tier0_tests::program;
use yaml_rust2::{Yaml, YamlLoader};

use crate::kubernetes::Made;
use crate::{deploy, processes};

/// The services, with what they take from anchors merged in.
fn services() -> BTreeMap<String, BTreeMap<String, Yaml>> {
    let text = std::fs::read_to_string(deploy("compose/compose.yaml")).unwrap();
    let documents = YamlLoader::load_from_str(&text).unwrap();
    let services = documents[0]["services"].as_hash().unwrap();
    services
        .iter()
        .map(|(name, service)| (name.as_str().unwrap().to_owned(), merged(service)))
        .collect()
}

/// A mapping in which `<<` is what it stands for; what is said beside it goes before.
fn merged(node: &Yaml) -> BTreeMap<String, Yaml> {
    let mut own = BTreeMap::new();
    let mut taken = BTreeMap::new();
    for (key, value) in node.as_hash().unwrap() {
        match key.as_str().unwrap() {
            "<<" => taken = merged(value),
            key => drop(own.insert(key.to_owned(), value.clone())),
        }
    }
    taken.extend(own);
    taken
}

fn texts(node: Option<&Yaml>) -> Vec<&str> {
    let list = node.and_then(Yaml::as_vec).map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|text| text.as_str().unwrap()).collect()
}

/// The names of the images that the services run.
fn images() -> BTreeSet<String> {
    let image = |service: &BTreeMap<String, Yaml>| {
        let image = service["image"].as_str().unwrap();
        image.strip_prefix("tier0/").unwrap().strip_suffix(":${TIER0_TAG:-dev}").unwrap().to_owned()
    };
    services().values().map(image).collect()
}

/// What puts tables, or splits of them, on disk.
const SPILLING: [&str; 6] = [
    "scope-definer",
    "data-preparer",
    "feature-analyzer",
    "model-selector",
    "model-trainer",
    "orchestrator",
];

#[test]
fn every_program_has_an_image() {
    let expected = processes().chain(["tier0", "nats-server"]).map(str::to_owned).collect();
    assert_eq!(images(), expected, "what the scripts build is what the services run");
}

#[test]
fn no_service_may_do_more_than_it_has_to() {
    let services = services();
    let names: BTreeSet<&str> = services.keys().map(String::as_str).collect();
    assert_eq!(names, processes().chain(["nats", "setup", "client"]).collect());
    for (name, service) in &services {
        let text = |key: &str| service.get(key).and_then(Yaml::as_str).map(str::to_owned);
        assert_eq!(text("user").as_deref(), Some("65532:65532"), "{name}");
        assert_eq!(service.get("read_only"), Some(&Yaml::Boolean(true)), "{name}");
        assert_eq!(texts(service.get("cap_drop")), ["ALL"], "{name}");
        assert_eq!(texts(service.get("security_opt")), ["no-new-privileges:true"], "{name}");
        assert!(text("mem_limit").is_some(), "{name} has a limit of memory");
        assert!(service.get("pids_limit").is_some(), "{name} has a limit of processes");
        for key in ["privileged", "network_mode", "pid", "cap_add", "devices", "container_name"] {
            assert!(!service.contains_key(key), "{name} has {key}");
        }
        for port in texts(service.get("ports")) {
            assert!(port.starts_with("127.0.0.1:"), "{name} publishes {port}");
        }
        for volume in texts(service.get("volumes")) {
            let spills = SPILLING.contains(&name.as_str()) && volume == "spill:/spill";
            let writes = volume == "nats:/data" || spills;
            assert!(writes || volume.ends_with(":ro"), "{name} writes to {volume}");
        }
        if !["setup", "client"].contains(&name.as_str()) {
            assert_eq!(text("restart").as_deref(), Some("unless-stopped"), "{name}");
            assert!(text("stop_grace_period").is_some(), "{name}");
        }
    }
}

/// Prometheus looks at every process, by the name of its service.
#[test]
fn every_process_is_scraped() {
    let text = std::fs::read_to_string(deploy("prometheus/prometheus.yml")).unwrap();
    let documents = YamlLoader::load_from_str(&text).unwrap();
    let names = &documents[0]["scrape_configs"][0]["dns_sd_configs"][0]["names"];
    assert_eq!(texts(Some(names)), processes().collect::<Vec<_>>());
}

#[test]
fn services_that_are_scaled_publish_nothing() {
    let services = services();
    for agent in Agent::ALL.map(Agent::as_str) {
        assert_eq!(texts(services[agent].get("ports")), [""; 0], "{agent}");
        assert_eq!(texts(services[agent].get("networks")), ["fleet"], "{agent}");
    }
}

/// Each process is who it is to the broker by a key of its own, which no other is given.
#[test]
fn each_process_has_its_own_key() {
    let services = services();
    for name in processes() {
        let key = format!("{name}.nk");
        let environment = merged(&services[name]["environment"]);
        let file = environment["TIER0__NATS__NKEY_FILE"].as_str().unwrap();
        assert_eq!(file, format!("/run/secrets/{key}"));
        for (other, service) in &services {
            let given = texts(service.get("secrets")).contains(&key.as_str());
            assert_eq!(given, other == name, "{other} and {key}");
        }
    }
}

/// Nothing is said to the broker in the clear, and who speaks with it knows whom to believe.
#[test]
fn the_broker_is_spoken_with_in_tls() {
    let services = services();
    for (name, service) in services.iter().filter(|(name, _)| *name != "nats") {
        let environment = merged(&service["environment"]);
        let (url, ca) = if processes().any(|process| process == name) {
            assert_eq!(environment["TIER0__NATS__TLS__REQUIRED"].as_str(), Some("true"), "{name}");
            ("TIER0__NATS__URL", "TIER0__NATS__TLS__CA_FILE")
        } else {
            ("TIER0_NATS_URL", "TIER0_NATS_CA")
        };
        assert_eq!(environment[url].as_str(), Some("tls://nats:4222"), "{name}");
        assert_eq!(environment[ca].as_str(), Some("/run/secrets/nats-ca"), "{name}");
        let secrets = texts(service.get("secrets"));
        assert!(secrets.contains(&"nats-ca"), "{name}");
        assert!(!secrets.contains(&"nats-key"), "{name} has the broker's key");
    }
    let broker = texts(services["nats"].get("secrets"));
    assert_eq!(broker, ["nats-authorization", "nats-certificate", "nats-key"]);
}

/// Refusing to listen beyond loopback without a token, unknown keys and wrong values are all found by `--check-config`.
#[test]
fn each_program_accepts_its_configuration() {
    let services = services();
    let made = Made::new();
    for name in processes() {
        let environment = merged(&services[name]["environment"]);
        let secrets = texts(services[name].get("secrets"));
        let mut command = Command::new(program(name));
        command.env_clear().arg("--check-config");
        for (key, value) in &environment {
            let value = value.as_str().unwrap();
            if let Some(secret) = value.strip_prefix("/run/secrets/") {
                assert!(secrets.contains(&secret), "{name} is not given the secret {secret}");
            }
            // What lies in the container is not here.
            let here = value.starts_with('/').then(|| made.of_compose(value));
            command.env(key, here.unwrap_or_else(|| value.into()));
        }
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {told}");
    }
}

/// The catalogue names the table that `scripts/fleet up` makes, with the columns that it has.
#[test]
fn the_catalogue_names_the_sample() {
    let sample =
        Command::new(program("tier0")).args(["sample", "churn", "--rows", "1"]).output().unwrap();
    let text = String::from_utf8(sample.stdout).unwrap();
    let columns: BTreeSet<&str> = text.lines().next().unwrap().split(',').collect();
    let catalogue = std::fs::read_to_string(deploy("compose/catalogue.toml")).unwrap();
    let value = |key: &str| {
        let start = format!("{key} = ");
        let line = catalogue.lines().find_map(|line| line.strip_prefix(&start));
        line.unwrap_or_else(|| panic!("{key} is missing")).trim_matches(['[', ']']).to_owned()
    };
    assert_eq!(value("uri"), "\"/data/hcp_churn.csv\"");
    for key in ["target", "entity_column", "population_columns", "exclude_columns"] {
        for column in value(key).split(", ") {
            assert!(columns.contains(column.trim_matches('"')), "{key}: {column}");
        }
    }
}
