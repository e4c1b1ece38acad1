//! Which processes a fleet has, and how each is configured: by its environment, as in any other deployment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use contracts::Agent;
use identities::Identity;
use serde_json::Value;

use crate::directory::{Directory, file, write_atomically};
use crate::keys::AUTHORIZATION;
use crate::process::{Addresses, Launch, Spec};
use crate::supervisor::Options;
use crate::{BINARIES_ENVIRONMENT, Error, Keys, NatsServer, nats, room};

/// Name of the broker's program.
pub(crate) const NATS: &str = "nats-server";
/// The ledger and its API.
pub(crate) const ORCHESTRATOR: &str = "orchestrator";
/// Name of the model server's program.
pub(crate) const MODEL_SERVER: &str = "model-server";

/// How long an agent may finish what it works on.
const AGENT_STOP_TIMEOUT: Duration = Duration::from_secs(25);
const SERVICE_STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Where the broker answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Broker<'a> {
    /// Its clients.
    pub(crate) url: &'a str,
    /// Who asks how it is, for whom it has a port of its own.
    pub(crate) monitoring_url: &'a str,
}

/// How the broker is started; it takes `port`, or a free one, and keeps its ports after a restart.
pub(crate) fn broker(directory: &Arc<Directory>, server: &NatsServer, port: Option<u16>) -> Spec {
    let path = directory.nats();
    let ports = path.clone();
    // Relative to the configuration.
    let authorization = Path::new("..").join(AUTHORIZATION);
    Spec {
        name: NATS.to_owned(),
        program: server.program.clone(),
        grace: SERVICE_STOP_TIMEOUT,
        launch: Box::new(move |before| {
            let at = |kind: &str| {
                before.and_then(|before| before.get(kind)).and_then(|url| port_of(url))
            };
            let free = |port: Option<u16>| port.map_or(-1, i32::from);
            let text = nats::configuration(
                &path,
                free(at("nats").or(port)),
                free(at("monitoring")),
                Some(room::broker_limit(&path)?),
                Some(&authorization),
            );
            let configuration = path.join("nats.conf");
            write_atomically(&configuration, text.as_bytes())
                .map_err(file("write", &configuration))?;
            Ok(Launch { arguments: vec!["-c".into(), configuration.into()], ..Launch::default() })
        }),
        ready: Box::new(move |pid| {
            let (nats, monitoring) = nats::Ports::read(&ports, pid)?;
            Some([("nats".to_owned(), nats), ("monitoring".to_owned(), monitoring)].into())
        }),
    }
}

/// All processes but the broker: services first, agents after them.
pub(crate) fn services_and_agents(
    directory: &Arc<Directory>,
    binaries: &Path,
    broker: Broker<'_>,
    options: &Options,
) -> (Vec<Spec>, Vec<Spec>) {
    let mut services = vec![service(
        directory,
        binaries,
        broker,
        options,
        (Identity::Orchestrator, ORCHESTRATOR.to_owned()),
        vec![Listener {
            kinds: &["api"],
            key: "TIER0_ORCHESTRATOR__API__LISTEN",
            port: options.api_port,
        }],
    )];
    services.extend((1..=options.model_servers.max(1)).map(|number| {
        let is_first = number == 1;
        let name =
            if is_first { MODEL_SERVER.to_owned() } else { format!("{MODEL_SERVER}-{number}") };
        service(
            directory,
            binaries,
            broker,
            options,
            (Identity::ModelServer, name),
            vec![
                Listener {
                    kinds: &["rest", "serving"],
                    key: "TIER0_MODEL_SERVER__SERVING__REST_LISTEN",
                    port: options.serving_port.filter(|_| is_first),
                },
                Listener {
                    kinds: &["grpc"],
                    key: "TIER0_MODEL_SERVER__SERVING__GRPC_LISTEN",
                    port: options.grpc_port.filter(|_| is_first),
                },
            ],
        )
    }));
    let agents = Agent::ALL
        .into_iter()
        .flat_map(|agent| {
            let count = options.replicas.get(&agent).copied().unwrap_or(1).max(1);
            (1..=count).map(move |replica| {
                let name =
                    if count == 1 { agent.to_string() } else { format!("{agent}-{replica}") };
                (agent, name)
            })
        })
        .map(|(agent, name)| self::agent(directory, binaries, broker, options, agent, &name))
        .collect();
    (services, agents)
}

/// A listener of a service that keeps its address over restarts.
struct Listener {
    /// Names of its address in the ready file.
    kinds: &'static [&'static str],
    /// Variable that configures it.
    key: &'static str,
    /// The port asked for.
    port: Option<u16>,
}

fn service(
    directory: &Arc<Directory>,
    binaries: &Path,
    broker: Broker<'_>,
    options: &Options,
    (identity, name): (Identity, String),
    listeners: Vec<Listener>,
) -> Spec {
    let mut base = environment(directory, broker, options, identity, &name);
    // One that is started again takes up the name of the one before: a server under a new name would leave the old one's reports behind, and deployments wait for every server that reports until it is silent for some time.
    base.insert("TIER0__REPLICA".to_owned(), name.clone().into());
    spec(directory, binaries, identity.as_str(), &name, SERVICE_STOP_TIMEOUT, move |before| {
        let mut environment = base.clone();
        for listener in &listeners {
            let port = before
                .and_then(|before| address(before, listener.kinds))
                .and_then(|url| port_of(&url));
            let port = port.or(listener.port).unwrap_or(0);
            environment.insert(listener.key.to_owned(), format!("127.0.0.1:{port}").into());
        }
        environment
    })
}

fn agent(
    directory: &Arc<Directory>,
    binaries: &Path,
    broker: Broker<'_>,
    options: &Options,
    agent: Agent,
    name: &str,
) -> Spec {
    let mut environment = environment(directory, broker, options, Identity::Agent(agent), name);
    match agent {
        Agent::ScopeDefiner => {
            environment
                .insert("TIER0_SCOPE_DEFINER__CATALOGUE".to_owned(), directory.catalogue().into());
            environment.insert(
                "TIER0_SCOPE_DEFINER__DATA__ALLOWED_ROOTS".to_owned(),
                roots(directory, options).into(),
            );
        }
        Agent::DataPreparer => {
            environment.insert(
                "TIER0_DATA_PREPARER__DATA__ALLOWED_ROOTS".to_owned(),
                roots(directory, options).into(),
            );
        }
        _ => {}
    }
    spec(directory, binaries, agent.as_str(), name, AGENT_STOP_TIMEOUT, move |_| {
        environment.clone()
    })
}

/// Where tables may be read from, as the agents' setting has it: the fleet's own data, and what the options allow.
fn roots(directory: &Directory, options: &Options) -> String {
    let own = directory.data().display().to_string();
    let all: Vec<Value> =
        std::iter::once(own).chain(options.data_roots.iter().cloned()).map(Value::String).collect();
    Value::Array(all).to_string()
}

fn environment(
    directory: &Directory,
    broker: Broker<'_>,
    options: &Options,
    identity: Identity,
    name: &str,
) -> BTreeMap<String, OsString> {
    let key = Keys::of(directory.root()).seed_file(identity);
    let profile = options.profiles.as_ref().map(|into| into.join(format!("{name}.folded")));
    let profile = profile.map(|file| ("TIER0__PROFILE_FILE".to_owned(), file.into()));
    let common = [
        ("TIER0__NATS__URL".to_owned(), broker.url.into()),
        ("TIER0__NATS__MONITORING_URL".to_owned(), broker.monitoring_url.into()),
        ("TIER0__NATS__NKEY_FILE".to_owned(), key.into()),
        ("TIER0__READY_FILE".to_owned(), directory.ready(name).into()),
    ];
    common.into_iter().chain(profile).collect()
}

fn spec(
    directory: &Arc<Directory>,
    binaries: &Path,
    binary: &str,
    name: &str,
    grace: Duration,
    environment: impl Fn(Option<&Addresses>) -> BTreeMap<String, OsString> + Send + Sync + 'static,
) -> Spec {
    let ready = directory.ready(name);
    Spec {
        name: name.to_owned(),
        program: binaries.join(binary),
        grace,
        launch: Box::new(move |before| {
            Ok(Launch { environment: environment(before), ..Launch::default() })
        }),
        ready: Box::new(move |pid| read_ready(&ready, pid)),
    }
}

/// What a ready file of this process says; `None` as long as there is none, or where it is of another process.
pub(crate) fn read_ready(path: &Path, pid: u32) -> Option<Addresses> {
    let document: BTreeMap<String, Value> =
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    if document.get("pid").and_then(Value::as_u64) != Some(u64::from(pid)) {
        return None;
    }
    let texts =
        document.into_iter().filter_map(|(kind, value)| Some((kind, value.as_str()?.to_owned())));
    Some(texts.collect())
}

/// The first address of these kinds.
pub(crate) fn address(addresses: &Addresses, kinds: &[&str]) -> Option<String> {
    kinds.iter().find_map(|kind| addresses.get(*kind)).cloned()
}

/// A location of a ready file as a URL: `https://ADDRESS:PORT` as it is, and `http://` before `ADDRESS:PORT`.
pub(crate) fn url(location: &str) -> String {
    let scheme = if location.starts_with("https://") { "https" } else { "http" };
    format!("{scheme}://{}", host_and_port(location))
}

/// Host and port without a scheme.
pub(crate) fn host_and_port(address: &str) -> &str {
    address.rsplit_once("://").map_or(address, |(_, rest)| rest).trim_end_matches('/')
}

fn port_of(address: &str) -> Option<u16> {
    host_and_port(address).rsplit_once(':')?.1.parse().ok()
}

/// Where the fleet's binaries are; all of them are there.
pub(crate) fn binaries() -> Result<PathBuf, Error> {
    let directory = binaries_directory()?;
    let names = Agent::ALL.iter().map(|agent| agent.as_str()).chain([ORCHESTRATOR, MODEL_SERVER]);
    let missing: Vec<String> =
        names.filter(|name| !directory.join(name).is_file()).map(ToOwned::to_owned).collect();
    if missing.is_empty() {
        Ok(directory)
    } else {
        Err(Error::BinariesMissing { missing, directory })
    }
}

/// Where a program of the fleet is.
///
/// # Errors
/// [`Error::BinariesMissing`] where it is not there.
pub fn program(name: &str) -> Result<PathBuf, Error> {
    let directory = binaries_directory()?;
    let program = directory.join(name);
    if program.is_file() {
        Ok(program)
    } else {
        Err(Error::BinariesMissing { missing: vec![name.to_owned()], directory })
    }
}

/// The directory that is named, else the one of this program.
fn binaries_directory() -> Result<PathBuf, Error> {
    match std::env::var_os(BINARIES_ENVIRONMENT).filter(|named| !named.is_empty()) {
        Some(named) => Ok(PathBuf::from(named)),
        None => {
            let own = std::env::current_exe().map_err(file("find", Path::new("tier0")))?;
            Ok(own.parent().map(Path::to_owned).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use super::*;

    const BROKER: Broker<'_> = Broker { url: "nats://h:1", monitoring_url: "http://h:2" };

    #[test]
    fn a_ready_file_of_another_process_does_not_count() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("x.json");
        assert_eq!(read_ready(&path, 7), None);
        std::fs::write(&path, r#"{"pid": 7, "http": "127.0.0.1:80"}"#).unwrap();
        assert_eq!(read_ready(&path, 8), None);
        assert_eq!(read_ready(&path, 7).unwrap()["http"], "127.0.0.1:80");
    }

    #[test]
    fn a_restart_listens_where_it_did() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Arc::new(Directory::new(temporary.path()).unwrap());
        let options = Options { api_port: Some(81), ..Options::default() };
        let (services, agents) =
            services_and_agents(&directory, Path::new("/bin"), BROKER, &options);
        assert_eq!(agents.len(), Agent::ALL.len());
        let listen = |before: Option<&Addresses>| {
            (services[0].launch)(before).unwrap().environment["TIER0_ORCHESTRATOR__API__LISTEN"]
                .clone()
        };
        assert_eq!(listen(None), "127.0.0.1:81");
        assert_eq!(
            listen(Some(&[("api".to_owned(), "http://127.0.0.1:82".to_owned())].into())),
            "127.0.0.1:82"
        );
    }

    #[test]
    fn tables_are_read_from_the_fleets_data_and_what_is_allowed_alone() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Arc::new(Directory::new(temporary.path()).unwrap());
        let options = Options { data_roots: vec!["/here".to_owned()], ..Options::default() };
        let (_, agents) = services_and_agents(&directory, Path::new("/bin"), BROKER, &options);
        let own = directory.data();
        let mut readers = 0;
        for spec in agents {
            let environment = (spec.launch)(None).unwrap().environment;
            for (_, roots) in environment.iter().filter(|(key, _)| key.ends_with("ALLOWED_ROOTS")) {
                readers += 1;
                let roots: Vec<PathBuf> = serde_json::from_str(roots.to_str().unwrap()).unwrap();
                assert_eq!(roots, [own.clone(), PathBuf::from("/here")]);
            }
        }
        assert_eq!(readers, 2);
    }

    #[test]
    fn each_process_has_a_profile_of_its_own_where_profiles_are_asked_for() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Arc::new(Directory::new(temporary.path()).unwrap());
        let options = Options { profiles: Some("/profiles".into()), ..Options::default() };
        let (services, agents) =
            services_and_agents(&directory, Path::new("/bin"), BROKER, &options);
        for spec in services.iter().chain(&agents) {
            let environment = (spec.launch)(None).unwrap().environment;
            let expected = format!("/profiles/{}.folded", spec.name);
            assert_eq!(environment["TIER0__PROFILE_FILE"], *expected, "{}", spec.name);
        }
        let (services, _) =
            services_and_agents(&directory, Path::new("/bin"), BROKER, &Options::default());
        let environment = (services[0].launch)(None).unwrap().environment;
        assert!(!environment.contains_key("TIER0__PROFILE_FILE"));
    }

    #[test]
    fn replicas_have_names_of_their_own() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Arc::new(Directory::new(temporary.path()).unwrap());
        let options = Options { replicas: [(Agent::ModelTrainer, 2)].into(), ..Options::default() };
        let (_, agents) = services_and_agents(&directory, Path::new("/bin"), BROKER, &options);
        let names: Vec<&str> = agents.iter().map(|spec| spec.name.as_str()).collect();
        assert_eq!(names.len(), Agent::ALL.len() + 1);
        assert!(names.contains(&"model-trainer-1") && names.contains(&"model-trainer-2"));
    }
}
