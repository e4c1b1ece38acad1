//! Whether a backup is as it was written, and whether everything that its records name is in it.

use std::fmt;
use std::path::Path;

use bus::Bus;
use serde::Serialize;

use crate::create::MANIFEST_DIGEST;
use crate::files::{digest, failed};
use crate::{Error, FileDigest, MANIFEST, Manifest, Reference, artifact_files, references};

/// A part of a backup that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Path of a file in the backup, or the record, the stream or the ledger.
    pub part: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.problem)
    }
}

fn problem(part: &str, problem: impl Into<String>) -> Problem {
    Problem { part: part.to_owned(), problem: problem.into() }
}

/// What a look at every file of a backup has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The backup's manifest.
    pub manifest: Manifest,
    /// Files that are missing or are not as they were written: such a backup cannot be restored.
    pub files: Vec<Problem>,
    /// What was wrong with the fleet when the backup was made: artifacts that records name and the store did not have, a broken ledger.
    pub records: Vec<Problem>,
}

/// Reads a backup's manifest, and every file once.
///
/// # Errors
/// [`Error::NoBackup`] and [`Error::Newer`] where its manifest cannot be used, [`Error::File`] where a file cannot be read.
pub fn check(backup: &Path) -> Result<Checked, Error> {
    let path = backup.join(MANIFEST);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error)
            if matches!(
                error.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            ) =>
        {
            let why = format!("there is no {MANIFEST}");
            return Err(Error::NoBackup { path: backup.to_owned(), why });
        }
        Err(error) => return Err(failed("read", &path)(error)),
    };
    let manifest = Manifest::parse(backup, &bytes)?;
    let mut problems = Vec::new();
    let said = std::fs::read_to_string(backup.join(MANIFEST_DIGEST)).unwrap_or_default();
    let said = said.split_whitespace().next().unwrap_or_default();
    let found = digest(&path)?.map(|file| file.sha256).unwrap_or_default();
    if said != found {
        problems.push(problem(MANIFEST, format!("its digest is not that of {MANIFEST_DIGEST}")));
    }
    for (name, expected) in &manifest.files {
        if !is_within(name) {
            problems.push(problem(name, "it is no path within a backup"));
            continue;
        }
        problems.extend(compare(name, expected, digest(&backup.join(name))?));
    }
    for entry in &manifest.streams {
        let file = entry.file.as_ref();
        if file.is_some_and(|file| !manifest.files.contains_key(file)) {
            problems.push(problem(&entry.name, "the manifest has no digest of its snapshot"));
        }
    }
    let artifacts = &manifest.artifacts;
    for (sha256, saved) in artifacts.files.iter().filter(|_| artifacts.copied) {
        let name = format!("{}/{sha256}", artifact_files::DIRECTORY);
        if !contracts::is_digest(sha256) {
            problems.push(problem(&name, "it is no digest"));
            continue;
        }
        let expected = FileDigest { bytes: saved.bytes, sha256: sha256.clone() };
        problems.extend(compare(&name, &expected, digest(&backup.join(&name))?));
    }
    let mut records = missing(&manifest, &manifest.references);
    if !manifest.ledger.whole {
        records.push(problem("the ledger", "it was broken when the backup was made"));
    }
    Ok(Checked { manifest, files: problems, records })
}

/// A path that leads nowhere else.
fn is_within(name: &str) -> bool {
    Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn compare(name: &str, expected: &FileDigest, found: Option<FileDigest>) -> Option<Problem> {
    let Some(found) = found else { return Some(problem(name, "it is missing")) };
    if found.bytes != expected.bytes {
        let said = format!("it has {} bytes, and had {}", found.bytes, expected.bytes);
        return Some(problem(name, said));
    }
    (found.sha256 != expected.sha256).then(|| problem(name, "its bytes have another digest"))
}

/// References whose artifacts the backup does not have, or has found damaged.
fn missing(manifest: &Manifest, references: &[Reference]) -> Vec<Problem> {
    let artifacts = &manifest.artifacts;
    references
        .iter()
        .filter(|reference| !artifacts.files.contains_key(&reference.sha256))
        .map(|reference| {
            let why = artifacts.damaged.get(&reference.sha256).cloned();
            let why = why.unwrap_or_else(|| "it was not in the store".to_owned());
            problem(&reference.record, format!("artifact {}: {why}", reference.sha256))
        })
        .collect()
}

/// Looks at the records of a broker that the streams of a backup were restored to: their ledger, and the artifacts that they name.
///
/// # Errors
/// Where the broker or the registry cannot be read.
pub async fn check_records(bus: &Bus, manifest: &Manifest) -> Result<Vec<Problem>, Error> {
    let found = references::read(bus).await?;
    let mut problems = missing(manifest, &found.references);
    if !found.ledger.whole {
        problems.push(problem("the ledger", "an entry is not as it was written"));
    }
    if found.ledger != manifest.ledger {
        let said = format!(
            "it has {} entries and the digest {}, and had {} and {}",
            found.ledger.entries,
            found.ledger.digest,
            manifest.ledger.entries,
            manifest.ledger.digest
        );
        problems.push(problem("the ledger", said));
    }
    Ok(problems)
}
