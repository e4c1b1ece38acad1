//! Artifacts as files of a backup, each of the name of its digest.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use artifacts::{ArtifactStore, media_type};
use contracts::v1::ArtifactRef;

use crate::files::{failed, make_directory, sync_directory};
use crate::{ArtifactFile, Artifacts, Error, Reference};

/// Directory of the artifacts in a backup.
pub(crate) const DIRECTORY: &str = "artifacts";
/// Time that an artifact gets to be written, however small, and bytes for which it gets another second.
const TIME: (u64, u64) = (60, 2 << 20);

/// Where an artifact is in a backup.
pub(crate) fn path(backup: &Path, sha256: &str) -> PathBuf {
    backup.join(DIRECTORY).join(sha256)
}

/// Copies every artifact of a store into a backup; each is checked against its digest on the way.
///
/// What goes away meanwhile was named by nothing, and is left out.
pub(crate) async fn copy(
    store: &ArtifactStore,
    backup: &Path,
    tell: &dyn Fn(&str),
) -> Result<Artifacts, Error> {
    let directory = backup.join(DIRECTORY);
    make_directory(&directory)?;
    let all = store.list().await?;
    let mut copied =
        Artifacts { store: store.uri().to_owned(), copied: true, ..Artifacts::default() };
    let count = all.len();
    for (number, listed) in all.into_iter().enumerate() {
        let artifact = store.reference(&listed.sha256, listed.bytes, &listed.media_type);
        match store.get_to_file(&artifact, &path(backup, &listed.sha256)).await {
            Ok(()) => {
                let file = ArtifactFile { bytes: listed.bytes, media_type: listed.media_type };
                copied.files.insert(listed.sha256, file);
            }
            Err(artifacts::Error::NotFound { .. }) => {
                tracing::debug!(sha256 = listed.sha256, "an artifact went away meanwhile");
            }
            Err(error) => note(&mut copied, &listed.sha256, error)?,
        }
        if (number + 1) % 100 == 0 {
            tell(&format!("{} of {count} artifacts", number + 1));
        }
    }
    sync_directory(&directory)?;
    Ok(copied)
}

/// Reads every artifact that a record names, and checks its digest.
pub(crate) async fn read(
    store: &ArtifactStore,
    references: &[Reference],
) -> Result<Artifacts, Error> {
    let mut read = Artifacts { store: store.uri().to_owned(), ..Artifacts::default() };
    for reference in references {
        let artifact = ArtifactRef {
            uri: reference.uri.clone(),
            ..store.reference(&reference.sha256, reference.bytes, media_type::UNKNOWN)
        };
        match drain(store, &artifact).await {
            Ok(()) => {
                let file = ArtifactFile { bytes: reference.bytes, media_type: artifact.media_type };
                read.files.insert(reference.sha256.clone(), file);
            }
            Err(error) => note(&mut read, &reference.sha256, error)?,
        }
    }
    Ok(read)
}

async fn drain(store: &ArtifactStore, artifact: &ArtifactRef) -> Result<(), artifacts::Error> {
    let mut reader = store.reader(artifact).await?;
    while reader.next().await?.is_some() {}
    Ok(())
}

/// One that is damaged does not keep the others from being saved; a store that does not answer does.
fn note(into: &mut Artifacts, sha256: &str, error: artifacts::Error) -> Result<(), Error> {
    if error.is_transient() {
        return Err(error.into());
    }
    into.damaged.insert(sha256.to_owned(), error.to_string());
    Ok(())
}

/// Writes the artifacts of a backup into a store; gives how many there are.
pub(crate) async fn restore(
    store: &ArtifactStore,
    backup: &Path,
    files: &BTreeMap<String, ArtifactFile>,
) -> Result<u64, Error> {
    let mut count = 0;
    for (sha256, saved) in files {
        let path = path(backup, sha256);
        let file = File::open(&path).map_err(failed("open", &path))?;
        let seconds = TIME.0 + saved.bytes / TIME.1;
        // A store without room would be waited for.
        let written = store.put_file(file, &saved.media_type, 0);
        let written = tokio::time::timeout(Duration::from_secs(seconds), written).await;
        let slow = |_| Error::Slow { sha256: sha256.clone(), seconds };
        let written = written.map_err(slow)??;
        if written.sha256 != *sha256 {
            let (sha256, found) = (sha256.clone(), written.sha256);
            return Err(artifacts::Error::DigestMismatch { sha256, found }.into());
        }
        count += 1;
    }
    Ok(count)
}
