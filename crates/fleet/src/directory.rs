//! The directory of an embedded fleet.
//!
//! ```text
//! D/fleet.json      where the fleet answers; there only while it runs
//! D/prometheus-targets.json   where its processes show their metrics, for Prometheus; likewise
//! D/catalogue.toml  data sets that a text may name
//! D/data/           the sample, and what else the catalogue names
//! D/security/       the keys of the processes, and what each may do at the broker
//! D/nats/           the broker's store and configuration: what a restart finds again
//! D/logs/NAME.log   what each process said; NAME.log.1 and so on before that
//! D/ready/          what each process says once it is ready
//! D/run/            process ids, and the lock that only one supervisor holds
//! ```
//!
//! The files hold rows of the tables, and what is secret in a configuration: only their owner can read them.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Error;

/// Where the fleet answers; the content of `fleet.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetFile {
    /// URL of the broker.
    pub nats_url: String,
    /// Base URL of the orchestrator's API.
    pub api_url: String,
    /// Base URL of the model server.
    pub serving_url: String,
    /// Host and port of the model server's gRPC listener.
    pub grpc_url: String,
    /// Process ids by name; `tier0` is the supervisor.
    pub pids: BTreeMap<String, u32>,
}

/// The directory of an embedded fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    root: PathBuf,
}

/// Held as long as a supervisor is responsible for the directory.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Directory {
    /// The directory at `root`, which need not be there yet.
    pub fn new(root: &Path) -> Result<Self, Error> {
        let root = std::path::absolute(root).map_err(file("find", root))?;
        Ok(Self { root })
    }

    /// Makes what is not there yet. From then on this process, and those that it starts, make files for their user alone.
    pub fn create(&self) -> Result<(), Error> {
        #[cfg(unix)]
        rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
        for part in ["nats", "logs", "ready", "run", "data"] {
            let path = self.root.join(part);
            fs::create_dir_all(&path).map_err(file("create", &path))?;
            // One of an earlier version may be open to others.
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                fs::set_permissions(&path, fs::Permissions::from_mode(0o700))
                    .map_err(file("close to others", &path))?;
            }
        }
        Ok(())
    }

    /// Path of the directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Path of the scope-definer's catalogue.
    #[must_use]
    pub fn catalogue(&self) -> PathBuf {
        self.root.join("catalogue.toml")
    }

    /// Path of the directory that holds the sample, from which the fleet always reads.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// Path of the sample table.
    #[must_use]
    pub fn sample(&self) -> PathBuf {
        self.root.join("data/hcp_churn.csv")
    }

    /// Path of the directory that holds the broker's store and configuration.
    #[must_use]
    pub fn nats(&self) -> PathBuf {
        self.root.join("nats")
    }

    /// The directory of the logs.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// There where a restore was begun and not ended.
    #[must_use]
    pub fn unfinished_restore(&self) -> PathBuf {
        self.root.join("run/restore-unfinished")
    }

    /// The log of a process.
    #[must_use]
    pub fn log(&self, name: &str) -> PathBuf {
        self.logs().join(format!("{name}.log"))
    }

    /// What a process says once it is ready.
    #[must_use]
    pub fn ready(&self, name: &str) -> PathBuf {
        self.root.join("ready").join(format!("{name}.json"))
    }

    /// The process id of a process.
    #[must_use]
    pub fn pid(&self, name: &str) -> PathBuf {
        self.root.join("run").join(format!("{name}.pid"))
    }

    /// Why the supervisor could not start, for the process that waits for it.
    #[must_use]
    pub fn startup_error(&self) -> PathBuf {
        self.root.join("run/startup-error.txt")
    }

    /// Where processes show their metrics, for Prometheus.
    #[must_use]
    pub fn prometheus_targets(&self) -> PathBuf {
        self.root.join("prometheus-targets.json")
    }

    fn fleet_file(&self) -> PathBuf {
        self.root.join("fleet.json")
    }

    /// Takes the lock; `None` where another process holds it.
    pub fn try_lock(&self) -> Result<Option<Lock>, Error> {
        let path = self.root.join("run/lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(file("open", &path))?;
        match rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Lock { _file: lock })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(file("lock", &path)(error.into())),
        }
    }

    /// Whether a supervisor holds the lock.
    pub fn is_locked(&self) -> Result<bool, Error> {
        if !self.root.join("run/lock").exists() {
            return Ok(false);
        }
        Ok(self.try_lock()?.is_none())
    }

    /// Where the fleet answers, where one was started.
    pub fn read_fleet(&self) -> Result<Option<FleetFile>, Error> {
        let path = self.fleet_file();
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|source| Error::FleetFile { path, source }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file("read", &path)(error)),
        }
    }

    /// Says where the fleet answers.
    pub fn write_fleet(&self, fleet: &FleetFile) -> Result<(), Error> {
        let path = self.fleet_file();
        let mut bytes = serde_json::to_vec_pretty(fleet)
            .map_err(|source| Error::FleetFile { path: path.clone(), source })?;
        bytes.push(b'\n');
        write_atomically(&path, &bytes).map_err(file("write", &path))
    }

    /// Says where processes show their metrics, by their names, as Prometheus reads it (`file_sd_configs`).
    pub fn write_targets(&self, targets: &BTreeMap<String, String>) -> Result<(), Error> {
        let path = self.prometheus_targets();
        let groups: Vec<Value> = targets
            .iter()
            .map(|(name, url)| {
                let (scheme, address) = url.split_once("://").unwrap_or(("http", url));
                let labels = match scheme {
                    "http" => json!({"service": name}),
                    // Prometheus takes the scheme of a target from this label.
                    scheme => json!({"service": name, "__scheme__": scheme}),
                };
                json!({"targets": [address], "labels": labels})
            })
            .collect();
        write_atomically(&path, format!("{:#}\n", Value::Array(groups)).as_bytes())
            .map_err(file("write", &path))
    }

    /// Says that no fleet answers.
    pub fn remove_fleet(&self) -> Result<(), Error> {
        remove(&self.prometheus_targets())?;
        remove(&self.fleet_file())
    }

    /// The last lines of a process's log.
    #[must_use]
    pub fn log_tail(&self, name: &str, lines: usize) -> String {
        let bytes = fs::read(self.log(name)).unwrap_or_default();
        let tail = bytes.get(bytes.len().saturating_sub(16 * 1024)..).unwrap_or_default();
        let text = String::from_utf8_lossy(tail);
        let all: Vec<&str> = text.lines().collect();
        all.get(all.len().saturating_sub(lines)..).unwrap_or_default().join("\n")
    }
}

/// Writes a file so that a reader sees the old or the new content, and that a crash leaves one of them. Who may read it is what the
/// process's umask leaves open.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let parent =
        path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut temporary = builder.tempfile_in(parent)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Removes a file that may not be there.
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file("remove", path)(error)),
        _ => Ok(()),
    }
}

pub(crate) fn file<'a>(
    what: &'static str,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> Error + use<'a> {
    move |source| Error::File { what, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn only_one_holds_the_lock() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Directory::new(temporary.path()).unwrap();
        assert!(!directory.is_locked().unwrap());
        directory.create().unwrap();
        let lock = directory.try_lock().unwrap();
        assert!(lock.is_some());
        assert!(directory.try_lock().unwrap().is_none());
        assert!(directory.is_locked().unwrap());
        drop(lock);
        assert!(!directory.is_locked().unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_what_a_fleet_has() {
        use std::os::unix::fs::PermissionsExt as _;
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("fleet");
        // As an earlier version, or a person, may have made it.
        fs::create_dir_all(root.join("nats")).unwrap();
        fs::set_permissions(root.join("nats"), fs::Permissions::from_mode(0o755)).unwrap();
        let directory = Directory::new(&root).unwrap();
        directory.create().unwrap();
        directory.write_targets(&BTreeMap::new()).unwrap();
        fs::write(directory.log("x"), "a").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for part in ["nats", "logs", "ready", "run", "data"] {
            assert_eq!(mode(&root.join(part)), 0o700, "{part}");
        }
        assert_eq!(mode(&directory.prometheus_targets()), 0o600);
        assert_eq!(mode(&directory.log("x")), 0o600);
    }

    #[test]
    fn the_fleet_file_is_replaced_whole() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Directory::new(temporary.path()).unwrap();
        assert_eq!(directory.read_fleet().unwrap(), None);
        let fleet = FleetFile {
            nats_url: "nats://127.0.0.1:1".into(),
            api_url: "http://127.0.0.1:2".into(),
            serving_url: "http://127.0.0.1:3".into(),
            grpc_url: "127.0.0.1:4".into(),
            pids: [("tier0".to_owned(), 5)].into(),
        };
        directory.write_fleet(&fleet).unwrap();
        assert_eq!(directory.read_fleet().unwrap(), Some(fleet));
        directory.remove_fleet().unwrap();
        directory.remove_fleet().unwrap();
        assert_eq!(directory.read_fleet().unwrap(), None);
    }

    #[test]
    fn a_tail_is_the_last_lines() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Directory::new(temporary.path()).unwrap();
        directory.create().unwrap();
        fs::write(directory.log("x"), "a\nb\nc\n").unwrap();
        assert_eq!(directory.log_tail("x", 2), "b\nc");
        assert_eq!(directory.log_tail("y", 2), "");
    }
}
