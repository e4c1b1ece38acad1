//! The broker of an embedded fleet: finding nats-server, checking its version, configuring it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::Error;
use crate::directory::file;

/// Names the binary, before all other places.
pub const ENVIRONMENT: &str = "TIER0_NATS_SERVER";
/// Where `make setup` puts it, below the home directory.
const INSTALLED: &str = ".local/share/tier0/bin/nats-server";
/// The store, in the directory of the broker.
const STORE: &str = "jetstream";
const MINIMUM: (u64, u64, u64) = (2, 12, 7);

/// A nats-server that is new enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatsServer {
    /// Path of the program.
    pub program: PathBuf,
    /// Version that the program says it has.
    pub version: String,
}

impl NatsServer {
    /// Finds one: `$TIER0_NATS_SERVER`, what `make setup` installed, `PATH`; the first that is new enough. One that the
    /// environment names is taken or refused, never passed over.
    pub fn find() -> Result<Self, Error> {
        if let Some(named) = std::env::var_os(ENVIRONMENT).filter(|named| !named.is_empty()) {
            return Self::at(Path::new(&named));
        }
        let installed = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(INSTALLED));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path).map(|directory| directory.join("nats-server"));
        let mut refusal = None;
        for candidate in
            installed.into_iter().chain(on_path).filter(|candidate| candidate.is_file())
        {
            match Self::at(&candidate) {
                Ok(server) => return Ok(server),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        Err(refusal.unwrap_or(Error::NatsMissing))
    }

    /// The one at `program`, where it is new enough.
    pub fn at(program: &Path) -> Result<Self, Error> {
        let output = Command::new(program).arg("--version").output().map_err(|source| {
            Error::Start { name: "nats-server".to_owned(), program: program.to_owned(), source }
        })?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.trim().rsplit(['v', ' ']).next().unwrap_or_default().to_owned();
        if parse(&version).is_none_or(|found| found < MINIMUM) {
            return Err(Error::NatsTooOld { program: program.to_owned(), version });
        }
        Ok(Self { program: program.to_owned(), version })
    }
}

/// `2.12.7-RC.1` is (2, 12, 7).
fn parse(version: &str) -> Option<(u64, u64, u64)> {
    let mut parts = version.splitn(3, '.');
    let mut next = || {
        let part = parts.next()?;
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    Some((next()?, next()?, next()?))
}

/// What JetStream stored as of everyone, before there were identities, becomes that of the fleet's account.
///
/// # Errors
/// Where the directory cannot be renamed.
pub(crate) fn give_to_account(directory: &Path) -> Result<(), Error> {
    // The server makes a directory of its own within that of the store, and one for each account there.
    let accounts = directory.join(STORE).join("jetstream");
    let (before, after) = (accounts.join("$G"), accounts.join(identities::ACCOUNT));
    if before.is_dir() && !after.exists() {
        std::fs::rename(&before, &after).map_err(file("rename", &before))?;
    }
    Ok(())
}

/// Where the broker keeps a stream of the fleet, within its directory.
pub(crate) fn stream_directory(directory: &Path, stream: &str) -> PathBuf {
    directory.join(STORE).join("jetstream").join(identities::ACCOUNT).join("streams").join(stream)
}

/// The configuration's text. The server stores at most `most_bytes`, where that is said. `port` −1 lets the server choose a free one; `authorization` is the file that says who may do what, and
/// anyone may do anything without it.
#[must_use]
pub fn configuration(
    directory: &Path,
    port: i32,
    monitoring_port: i32,
    most_bytes: Option<u64>,
    authorization: Option<&Path>,
) -> String {
    let include =
        authorization.map_or_else(String::new, |file| format!("include {}\n", quoted(file)));
    let most = most_bytes.map_or_else(String::new, |bytes| format!("  max_file_store: {bytes}\n"));
    let path = |part: &str| quoted(&directory.join(part));
    format!(
        "# Written by tier0 at each start.\n\
         listen: \"127.0.0.1:{port}\"\n\
         http: \"127.0.0.1:{monitoring_port}\"\n\
         ports_file_dir: {ports}\n\
         max_payload: 8MB\n\
         jetstream {{\n  store_dir: {store}\n  sync_interval: always\n{most}}}\n{include}",
        ports = path(""),
        store = path(STORE),
    )
}

fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    format!("\"{}\"", text.trim_end_matches('/').replace('\\', "\\\\").replace('"', "\\\""))
}

/// Where a server listens, as it says itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ports {
    nats: Vec<String>,
    monitoring: Vec<String>,
}

impl Ports {
    /// What the server with this process id says; `None` as long as it says nothing.
    #[must_use]
    pub fn read(directory: &Path, pid: u32) -> Option<(String, String)> {
        let bytes = std::fs::read(directory.join(format!("nats-server_{pid}.ports"))).ok()?;
        let ports: Self = serde_json::from_slice(&bytes).ok()?;
        Some((ports.nats.into_iter().next()?, ports.monitoring.into_iter().next()?))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn server_that_says(version: &str, directory: &Path) -> PathBuf {
        let path = directory.join("nats-server");
        std::fs::write(&path, format!("#!/bin/sh\necho 'nats-server: v{version}'\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn an_old_server_is_refused_with_what_to_do() {
        let temporary = tempfile::tempdir().unwrap();
        let old = server_that_says("2.9.10", temporary.path());
        let error = NatsServer::at(&old).unwrap_err();
        assert!(matches!(error, Error::NatsTooOld { .. }));
        let text = error.to_string();
        assert!(
            text.contains("2.9.10") && text.contains("make setup") && text.contains("silently"),
            "{text}"
        );
    }

    #[test]
    fn a_new_server_is_taken() {
        let temporary = tempfile::tempdir().unwrap();
        let new = server_that_says("2.15.1", temporary.path());
        assert_eq!(NatsServer::at(&new).unwrap().version, "2.15.1");
    }

    #[test]
    fn versions_are_numbers() {
        assert_eq!(parse("2.12.7-RC.1"), Some((2, 12, 7)));
        assert_eq!(parse("2.12"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn what_was_stored_before_there_were_identities_is_the_fleets() {
        let temporary = tempfile::tempdir().unwrap();
        let accounts = temporary.path().join("jetstream/jetstream");
        give_to_account(temporary.path()).unwrap();
        std::fs::create_dir_all(accounts.join("$G/streams/TIER0")).unwrap();
        give_to_account(temporary.path()).unwrap();
        assert!(accounts.join("TIER0/streams/TIER0").is_dir() && !accounts.join("$G").exists());
        give_to_account(temporary.path()).unwrap();
    }

    #[test]
    fn paths_are_quoted() {
        let text = configuration(Path::new("/a \"b\"/nats"), -1, -1, Some(1 << 30), None);
        assert!(text.contains("max_file_store: 1073741824\n"), "{text}");
        assert!(text.contains(r#"store_dir: "/a \"b\"/nats/jetstream""#), "{text}");
        assert!(text.contains("sync_interval: always"));
    }
}
