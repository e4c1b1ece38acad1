//! The broker of a fleet without its other processes: for a restore, and for a look at a backup.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bus::BusConfig;
use identities::Identity;
use tokio::time::Instant;

use crate::directory::{Directory, Lock, file, remove, write_atomically};
use crate::process::Process;
use crate::supervisor::wait_for;
use crate::{Error, Keys, NatsServer, leftover, nats, room, specs};

/// A broker that runs alone in the directory of a fleet, which no supervisor can take meanwhile.
pub struct BrokerAlone {
    directory: Arc<Directory>,
    process: Process,
    url: String,
    _lock: Lock,
}

impl BrokerAlone {
    /// Starts the broker of the directory at `root`, which is made where it is not there, with its keys.
    ///
    /// # Errors
    /// [`Error::AlreadyRunning`] where a fleet runs there, and where the broker cannot be started.
    pub async fn start(root: &Path, timeout: Duration) -> Result<Self, Error> {
        let directory = Arc::new(Directory::new(root)?);
        let server = NatsServer::find()?;
        directory.create()?;
        let lock = directory
            .try_lock()?
            .ok_or_else(|| Error::AlreadyRunning { dir: directory.root().to_owned() })?;
        leftover::stop(&directory, &lock).await?;
        directory.remove_fleet()?;
        let free = room::free(directory.root())?;
        if free < room::LEAST {
            let dir = directory.root().to_owned();
            return Err(Error::TooLittleRoom { dir, free, needed: room::LEAST });
        }
        Keys::of(directory.root()).complete()?;
        nats::give_to_account(&directory.nats())?;
        let process =
            Process::start(specs::broker(&directory, &server, None), Arc::clone(&directory));
        let waited = wait_for(&directory, &[&process], Instant::now() + timeout, timeout).await;
        if let Err(error) = waited {
            process.stop().await;
            return Err(error);
        }
        let ready = process.state().ready;
        let url = ready.and_then(|found| specs::address(&found, &["nats"])).unwrap_or_default();
        Ok(Self { directory, process, url, _lock: lock })
    }

    /// How an identity reaches it.
    #[must_use]
    pub fn config(&self, identity: Identity) -> BusConfig {
        BusConfig {
            nkey_file: Some(Keys::of(self.directory.root()).seed_file(identity)),
            ..BusConfig::new(self.url.clone())
        }
    }

    /// Notes that what is in the broker is half of something, until [`is_whole`](Self::is_whole): no fleet starts on it.
    ///
    /// # Errors
    /// Where the note cannot be written.
    pub fn is_half(&self) -> Result<(), Error> {
        let path = self.directory.unfinished_restore();
        write_atomically(&path, b"").map_err(file("write", &path))
    }

    /// Takes that back.
    ///
    /// # Errors
    /// Where the note cannot be removed.
    pub fn is_whole(&self) -> Result<(), Error> {
        remove(&self.directory.unfinished_restore())
    }

    /// Stops it.
    pub async fn stop(self) {
        self.process.stop().await;
    }
}
