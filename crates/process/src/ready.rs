//! Saying that the process is ready: to `/readyz` and in the ready file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bus::Bus;

use crate::StartError;

/// Consecutive failures to take messages after which a process is no longer ready.
const MAX_CONSECUTIVE_FAILURES: u64 = 3;

/// Whether the process can do its work; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    ready: AtomicBool,
    file: Option<PathBuf>,
    addresses: Mutex<BTreeMap<String, String>>,
    bus: Mutex<Option<Bus>>,
    failures: Mutex<Option<Arc<AtomicU64>>>,
}

impl Readiness {
    /// Not ready yet; `file` is written once ready.
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        Self { inner: Arc::new(Inner { file, ..Inner::default() }) }
    }

    /// Notes where a listener can be reached, for the ready file: `http`, `grpc`, `api`, …
    pub fn address(&self, name: &str, address: impl Into<String>) {
        let mut addresses = self.inner.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        addresses.insert(name.to_owned(), address.into());
    }

    /// From now on the process is ready; writes the ready file where one is configured.
    pub fn ready(&self) -> Result<(), StartError> {
        if let Some(path) = &self.inner.file {
            self.write(path).map_err(|source| StartError::File { path: path.clone(), source })?;
        }
        self.inner.ready.store(true, Ordering::Release);
        tracing::info!("ready");
        Ok(())
    }

    /// From now on the process is not ready; takes the ready file away.
    pub fn not_ready(&self) {
        self.inner.ready.store(false, Ordering::Release);
        if let Some(path) = &self.inner.file
            && let Err(error) = std::fs::remove_file(path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::debug!(%error, "the ready file could not be removed");
        }
    }

    /// Readiness needs a connection, once there is one.
    pub(crate) fn needs(&self, bus: Bus) {
        *self.inner.bus.lock().unwrap_or_else(PoisonError::into_inner) = Some(bus);
    }

    /// From now on readiness needs a consumer whose count of consecutive `failures` is below 3.
    pub fn needs_consumer(&self, failures: Arc<AtomicU64>) {
        *self.inner.failures.lock().unwrap_or_else(PoisonError::into_inner) = Some(failures);
    }

    /// Why the process is not ready; none where it is.
    pub(crate) fn reason(&self) -> Option<&'static str> {
        if !self.inner.ready.load(Ordering::Acquire) {
            return Some("starting or ending");
        }
        let bus = self.inner.bus.lock().unwrap_or_else(PoisonError::into_inner);
        if bus.as_ref().is_some_and(|bus| !bus.is_connected()) {
            return Some("no connection to the broker");
        }
        let failures = self.inner.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures
            .as_ref()
            .is_some_and(|failures| failures.load(Ordering::Relaxed) >= MAX_CONSECUTIVE_FAILURES)
        {
            return Some("no messages can be taken from the consumer");
        }
        // An agent can finish nothing then. A service goes on, and says it: see `warning`.
        failures.as_ref().and_then(|_| storage_full(bus.as_ref()))
    }

    /// What is wrong although the process is ready.
    pub(crate) fn warning(&self) -> Option<&'static str> {
        storage_full(self.inner.bus.lock().unwrap_or_else(PoisonError::into_inner).as_ref())
    }

    /// Written beside its place and moved there, so that no reader sees half of it.
    fn write(&self, path: &Path) -> std::io::Result<()> {
        let addresses = self.inner.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let mut document = serde_json::Map::new();
        document.insert("pid".to_owned(), std::process::id().into());
        for (name, address) in addresses.iter() {
            document.insert(name.clone(), address.as_str().into());
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let beside = path.with_extension(format!("{}.tmp", std::process::id()));
        std::fs::write(&beside, serde_json::Value::Object(document).to_string())?;
        std::fs::rename(&beside, path)
    }
}

fn storage_full(bus: Option<&Bus>) -> Option<&'static str> {
    bus.and_then(Bus::storage_full).map(|_| "the broker's storage is full")
}
