//! What a restore replaces, saved before anything of it is touched, and removed when the restore has succeeded.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use backup::{CreateOptions, Restored};
use bus::{Bus, BusConfig};
use identities::Identity;
use jiff::Timestamp;

use crate::Error;
use crate::cli::BackupRestore;
use crate::connect::Address;

const CLOSING: Duration = Duration::from_secs(1);

/// A backup of what is replaced.
#[derive(Debug)]
pub(crate) struct SafetyBackup {
    /// Whether it is made.
    is_wanted: bool,
    /// Whether it stays where the restore succeeds.
    stays: bool,
    /// Where it is made; beside the backup that is restored where none is named.
    place: Option<PathBuf>,
    /// The store of the artifacts.
    store: String,
    /// Where it was made.
    made: OnceLock<PathBuf>,
}

impl SafetyBackup {
    /// As the arguments ask for it; nothing is made yet.
    pub(crate) fn new(arguments: &BackupRestore) -> Self {
        Self {
            is_wanted: !arguments.no_safety_backup,
            stays: arguments.keep,
            place: arguments.safety_backup.clone(),
            store: arguments.artifact_store.trim_end_matches('/').to_owned(),
            made: OnceLock::new(),
        }
    }

    /// Saves a fleet that has messages in the streams `filled`, and checks what was saved; `reader` connects to read it.
    ///
    /// # Errors
    /// [`Error::NotSaved`]; then nothing of the fleet was touched.
    pub(crate) async fn save(
        &self,
        filled: &[String],
        restored: &Path,
        reader: impl AsyncFnOnce() -> Result<Bus, Error>,
        tell: &dyn Fn(&str),
    ) -> Result<(), Error> {
        if filled.is_empty() || !self.is_wanted {
            return Ok(());
        }
        let out = self.place.clone().unwrap_or_else(|| beside(restored, Timestamp::now()));
        tell(&format!("saving what is there in {}", out.display()));
        let saved = async {
            let bus = reader().await?;
            let options = CreateOptions { out: &out, store: &self.store, artifacts: false };
            let created = backup::create(&bus, options, &|_| {}).await;
            bus.close(CLOSING).await;
            for problem in created?.problems {
                tell(&format!("warning: {problem}"));
            }
            let problems = backup::check(&out)?.files;
            if problems.is_empty() {
                return Ok(());
            }
            Err(Error::from(backup::Error::Damaged { problems }))
        };
        saved.await.map_err(|source: Error| Error::NotSaved { source: Box::new(source) })?;
        // It is made once.
        let _ = self.made.set(out);
        Ok(())
    }

    /// What came of the restore. A failure says how what was there before comes back; after a success it is removed, unless it is
    /// to stay.
    pub(crate) fn settled(
        &self,
        outcome: Result<Restored, Error>,
        place: &str,
    ) -> Result<Restored, Error> {
        let Some(made) = self.made.get() else { return outcome };
        match outcome {
            Ok(restored) => {
                if !self.stays
                    && let Err(error) = std::fs::remove_dir_all(made)
                {
                    tracing::warn!(%error, path = %made.display(), "the safety backup is left");
                }
                Ok(restored)
            }
            Err(source) => Err(Error::Replaced {
                saved: made.clone(),
                place: place.to_owned(),
                source: Box::new(source),
            }),
        }
    }

    /// Where it is, where it stays.
    pub(crate) fn kept(&self) -> Option<&Path> {
        self.made.get().map(PathBuf::as_path).filter(|_| self.stays)
    }
}

/// How a broker is read whose streams are replaced with the key of `set-up`: with the key of `backup` beside that one, where there
/// is one.
pub(crate) fn reader_of(address: &Address) -> BusConfig {
    let mut config = address.bus.clone();
    let beside =
        config.nkey_file.as_ref().map(|key| key.with_file_name(format!("{}.nk", Identity::Backup)));
    if let Some(key) = beside.filter(|key| key.exists()) {
        config.nkey_file = Some(key);
    }
    config
}

/// A place beside a backup that is named after it and the time.
fn beside(backup: &Path, now: Timestamp) -> PathBuf {
    let name = backup.file_name().map_or_else(|| "backup".into(), std::ffi::OsStr::to_string_lossy);
    backup.with_file_name(format!("{name}.replaced-{}", now.strftime("%Y%m%dT%H%M%SZ")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn it_lies_beside_the_backup_that_is_restored() {
        let now = "2026-11-25T12:00:00Z".parse().unwrap();
        for (backup, expected) in [
            ("/b/today", "/b/today.replaced-20261125T120000Z"),
            ("today/", "today.replaced-20261125T120000Z"),
        ] {
            assert_eq!(beside(Path::new(backup), now), Path::new(expected));
        }
    }
}
