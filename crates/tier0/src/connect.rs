//! Finding the fleet: by its directory, or by its broker.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bus::{Bus, BusConfig, TlsConfig};
use client::{Client, FleetTls};
use fleet::{Directory, FleetFile, Keys};
use identities::Identity;
use registry::Registry;

use crate::Error;
use crate::cli::Global;

/// The directory where none is named.
pub const DEFAULT_DIRECTORY: &str = ".tier0";
/// How long the broker may take to answer.
const CONNECT_SECONDS: f64 = 5.0;

/// How to reach a fleet.
#[derive(Debug, Clone)]
pub struct Address {
    /// Address and credentials of the broker.
    pub bus: BusConfig,
    /// Who this command is to the broker, where that asks for a key.
    pub identity: Identity,
    /// The orchestrator's API, where it is known.
    pub api_url: Option<String>,
    /// The model server, where it is known.
    pub serving_url: Option<String>,
    /// File with the token of the orchestrator's API.
    pub api_token_file: Option<PathBuf>,
    /// File with the token of the model server.
    pub serving_token_file: Option<PathBuf>,
    /// TLS to both.
    pub tls: FleetTls,
    /// The embedded fleet, where it is one.
    pub embedded: Option<(Directory, FleetFile)>,
}

/// The directory that is meant.
#[must_use]
pub fn directory(global: &Global) -> PathBuf {
    global.dir.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_DIRECTORY))
}

impl Address {
    /// The address that the options name, for an operator. A broker that they name goes before a directory.
    pub fn find(global: &Global) -> Result<Self, Error> {
        Self::find_as(Identity::Operator, global)
    }

    /// The same, for a command that has to be another identity where no key is named.
    pub fn find_as(identity: Identity, global: &Global) -> Result<Self, Error> {
        if let Some(url) = &global.nats_url {
            return Ok(Self {
                bus: broker(global, url),
                identity: named_identity(global).unwrap_or(identity),
                api_url: global.api_url.clone(),
                serving_url: global.serving_url.clone(),
                api_token_file: global.api_token_file.clone(),
                serving_token_file: global.serving_token_file.clone(),
                tls: global.tls()?,
                embedded: None,
            });
        }
        Self::of_directory(&directory(global), identity, global)
    }

    /// The address of the fleet that runs in a directory, which has the identity's key.
    pub fn of_directory(root: &Path, identity: Identity, global: &Global) -> Result<Self, Error> {
        let directory = Directory::new(root)?;
        let fleet = match directory.read_fleet()? {
            // A supervisor that was killed leaves its record behind, but not its lock.
            Some(fleet) if directory.is_locked()? => fleet,
            _ => return Err(Error::NoFleet { dir: root.to_owned() }),
        };
        let mut bus = broker(global, &fleet.nats_url);
        let key = Keys::of(directory.root()).seed_file(identity);
        if !global.credentials.are_given() && key.exists() {
            bus.nkey_file = Some(key);
        }
        Ok(Self {
            bus,
            identity: named_identity(global).unwrap_or(identity),
            api_url: Some(global.api_url.clone().unwrap_or_else(|| fleet.api_url.clone())),
            serving_url: Some(
                global.serving_url.clone().unwrap_or_else(|| fleet.serving_url.clone()),
            ),
            api_token_file: global.api_token_file.clone(),
            serving_token_file: global.serving_token_file.clone(),
            tls: global.tls()?,
            embedded: Some((directory, fleet)),
        })
    }

    /// A connection to the broker.
    pub async fn connect(&self) -> Result<Bus, Error> {
        Bus::connect(&self.bus, self.identity.as_str()).await.map_err(|source| {
            match (&self.embedded, source) {
                (
                    _,
                    source @ (bus::Error::Refused { .. }
                    | bus::Error::Credentials { .. }
                    | bus::Error::SecretFile(_)
                    | bus::Error::NoSeed { .. }),
                ) => Error::NotLetIn { source },
                (Some((directory, _)), source) => {
                    Error::FleetSilent { dir: directory.root().to_owned(), source }
                }
                (None, source @ bus::Error::Connect { .. }) => Error::BrokerSilent { source },
                (None, source) => Error::Bus(source),
            }
        })
    }

    /// The orchestrator's API, where it is known.
    pub fn api(&self) -> Result<Option<Client>, Error> {
        let token = self.api_token_file.as_deref();
        Ok(self
            .api_url
            .as_deref()
            .map(|url| Client::with_tls("orchestrator", url, token, &self.tls))
            .transpose()?)
    }

    /// The model server, where it is known.
    pub fn known_model_server(&self) -> Result<Option<Client>, Error> {
        self.serving_url.as_deref().map(|url| self.model_server_at(url)).transpose()
    }

    fn model_server_at(&self, url: &str) -> Result<Client, Error> {
        let token = self.serving_token_file.as_deref();
        Ok(Client::with_tls("model server", url, token, &self.tls)?)
    }

    /// The model server of an endpoint: the one that is named or embedded, else one that reports to the broker.
    pub async fn model_server(&self, endpoint: &str) -> Result<Client, Error> {
        if let Some(client) = self.known_model_server()? {
            return Ok(client);
        }
        let bus = self.connect().await?;
        let registry = Registry::new(&bus).await?;
        let reports = registry.servers(endpoint).await?;
        let report = reports
            .into_iter()
            .find(|report| report.live_version > 0)
            .ok_or(Error::NoModelServer)?;
        bus.close(Duration::from_secs(1)).await;
        self.model_server_at(&report.url)
    }
}

/// The identity after which the key file is named that the options name.
fn named_identity(global: &Global) -> Option<Identity> {
    Keys::identity_of(global.credentials.nkey_file.as_deref()?)
}

/// The broker at `url` with the credentials of the options.
#[must_use]
pub fn broker(global: &Global, url: &str) -> BusConfig {
    let given = &global.credentials;
    BusConfig {
        user: given.nats_user.clone(),
        password_file: given.nats_password_file.clone(),
        token_file: given.nats_token_file.clone(),
        nkey_file: given.nkey_file.clone(),
        credentials_file: given.nats_credentials_file.clone(),
        tls: TlsConfig {
            ca_file: given.nats_ca.clone(),
            cert_file: given.nats_cert.clone(),
            key_file: given.nats_key.clone(),
            // Who names an authority wants it to be asked.
            required: given.nats_ca.is_some() || given.nats_cert.is_some(),
        },
        connect_timeout_seconds: CONNECT_SECONDS,
        ..BusConfig::new(url)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn fleet() -> FleetFile {
        FleetFile {
            nats_url: "nats://127.0.0.1:1".into(),
            api_url: "http://127.0.0.1:2".into(),
            serving_url: "http://127.0.0.1:3".into(),
            grpc_url: "127.0.0.1:4".into(),
            pids: [].into(),
        }
    }

    #[test]
    fn a_record_without_a_supervisor_is_no_fleet() {
        let temporary = tempfile::tempdir().unwrap();
        let global = Global { dir: Some(temporary.path().to_owned()), ..Global::default() };
        assert!(matches!(Address::find(&global), Err(Error::NoFleet { .. })));
        let directory = Directory::new(temporary.path()).unwrap();
        directory.create().unwrap();
        directory.write_fleet(&fleet()).unwrap();
        assert!(matches!(Address::find(&global), Err(Error::NoFleet { .. })));
        let _lock = directory.try_lock().unwrap().unwrap();
        assert_eq!(Address::find(&global).unwrap().bus.url, "nats://127.0.0.1:1");
    }

    #[test]
    fn a_broker_goes_before_a_directory() {
        let global = Global {
            dir: Some("x".into()),
            nats_url: Some("nats://h:1".into()),
            serving_url: Some("http://s".into()),
            ..Global::default()
        };
        let address = Address::find(&global).unwrap();
        assert_eq!(
            (address.bus.url.as_str(), address.serving_url.as_deref()),
            ("nats://h:1", Some("http://s"))
        );
        assert!(address.embedded.is_none());
    }

    #[test]
    fn a_token_file_that_is_missing_is_named() {
        let token = Some(Path::new("no-such"));
        let error = Error::from(Client::new("x", "http://127.0.0.1:1", token).unwrap_err());
        assert!(error.with_causes().contains("no-such"), "{}", error.with_causes());
        assert_eq!((error.exit_code(), error.code()), (2, "token"));
    }
}
