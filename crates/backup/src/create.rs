//! Making a backup of a fleet that goes on working.

use std::path::Path;
use std::time::{Duration, Instant};

use artifacts::ArtifactStore;
use bus::Bus;
use contracts::names;
use serde::Serialize;

use crate::files::{self, Hashed, failed, make_directory, sync_directory};
use crate::references::{self, Records};
use crate::wire::{self, Described};
use crate::{ConsumerEntry, Error, MANIFEST, Manifest, Reference, StreamEntry, artifact_files};

/// File with the digest of the manifest, as `sha256sum -c` reads it.
pub(crate) const MANIFEST_DIGEST: &str = "manifest.json.sha256";
/// Directory of the snapshots in a backup.
const STREAMS: &str = "streams";
/// How often registry and deployments are saved until nothing changed meanwhile.
const ATTEMPTS: u32 = 8;
const ATTEMPT_PAUSE: Duration = Duration::from_millis(500);

/// Requests come before what they become: one that was settled is a run that is saved after it.
const MESSAGES: [&str; 9] = [
    names::REQUESTS_STREAM,
    names::STREAM,
    names::PREDICTIONS_STREAM,
    names::FEEDBACK_STREAM,
    names::ALERTS_STREAM,
    names::DEAD_LETTERS_STREAM,
    names::ADVISORIES_STREAM,
    names::SEARCHES_STREAM,
    names::LINEAGE_STREAM,
];
/// What is made of messages comes behind them.
const DERIVED: [&str; 3] = [names::WINDOWS_BUCKET, names::MONITORS_BUCKET, names::STEPS_BUCKET];
/// The ledger and the buckets whose revisions it tells.
const RECORDS: [&str; 2] = [names::MODELS_BUCKET, names::DEPLOYMENTS_BUCKET];

/// How a backup is made.
#[derive(Debug, Clone, Copy)]
pub struct CreateOptions<'a> {
    /// The directory to be made; its parent is there.
    pub out: &'a Path,
    /// URI of the artifact store, as processes have it.
    pub store: &'a str,
    /// Whether artifacts are copied that are not in NATS.
    pub artifacts: bool,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Created {
    /// When the backup was begun, as RFC 3339: what the fleet had acknowledged by then is in it.
    pub created_at: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Number of streams and buckets.
    pub streams: u64,
    /// Number of their messages.
    pub messages: u64,
    /// Number of artifacts in the backup, or that were read and have their digest.
    pub artifacts: u64,
    /// Whether the artifacts are in the backup.
    pub artifacts_copied: bool,
    /// Number of artifacts that records name.
    pub referenced: u64,
    /// Size of the backup, in bytes.
    pub bytes: u64,
    /// SHA-256 of the manifest, which has the digests of all files.
    pub manifest_sha256: String,
    /// What is wrong with the fleet: artifacts that cannot be read, those that are named and missing, a broken ledger.
    pub problems: Vec<String>,
}

/// Makes a backup; `tell` hears what goes on. The fleet may go on working.
///
/// # Errors
/// [`Error::Exists`] where something has the name already, [`Error::File`] as on a full disk, and where broker, registry or store do
/// not give what is asked for. Then nothing of it is left.
pub async fn create(
    bus: &Bus,
    options: CreateOptions<'_>,
    tell: &dyn Fn(&str),
) -> Result<Created, Error> {
    let begun = Instant::now();
    let out = std::path::absolute(options.out).map_err(failed("find", options.out))?;
    if out.symlink_metadata().is_ok() {
        return Err(Error::Exists { path: out });
    }
    let parent = out.parent().unwrap_or(Path::new("/"));
    // Only its owner can read it, and it goes away where it is not finished.
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tier0-backup-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o700));
    }
    let unfinished = builder.tempdir_in(parent);
    let unfinished = unfinished.map_err(failed("create a directory in", parent))?;
    let work = unfinished.path();
    make_directory(&work.join(STREAMS))?;
    let mut manifest = Manifest::new(jiff::Timestamp::now().to_string());

    tell("positions of consumers");
    let positions = positions(bus).await?;
    let mut streams = Streams { bus, work, manifest: &mut manifest, tell };
    for stream in MESSAGES {
        streams.save(stream).await?;
    }
    for bucket in DERIVED {
        streams.save(&names::bucket_stream(bucket)).await?;
    }
    let records = streams.save_records().await?;
    for stream in
        [names::bucket_stream(names::SERVERS_BUCKET), names::store_stream(names::ARTIFACTS_STORE)]
    {
        streams.describe(&stream).await?;
    }
    for (stream, consumer) in positions {
        let entry = manifest.streams.iter_mut().find(|entry| entry.name == stream);
        if let Some(entry) = entry {
            entry.consumers.push(consumer);
        }
    }
    tell("artifacts");
    let store = ArtifactStore::open(options.store, bus).await?;
    manifest.artifacts = if options.artifacts || options.store.starts_with("nats://") {
        artifact_files::copy(&store, work, tell).await?
    } else {
        artifact_files::read(&store, &records.references).await?
    };
    manifest.references = records.references;
    manifest.ledger = records.ledger;
    manifest.seconds = begun.elapsed().as_secs_f64();
    let mut bytes = serde_json::to_vec_pretty(&manifest)?;
    bytes.push(b'\n');
    let written = files::write(&work.join(MANIFEST), &bytes)?;
    let line = format!("{}  {MANIFEST}\n", written.sha256);
    files::write(&work.join(MANIFEST_DIGEST), line.as_bytes())?;
    sync_directory(&work.join(STREAMS))?;
    sync_directory(work)?;
    let created = summary(&manifest, written.bytes, written.sha256, begun);
    std::fs::rename(work, &out).map_err(failed("give its name to", &out))?;
    // It has another name now, under which it stays.
    let _ = unfinished.keep();
    sync_directory(parent)?;
    Ok(created)
}

/// Up to where each durable consumer has settled everything, by streams. A fleet of an earlier version may have fewer of them.
async fn positions(bus: &Bus) -> Result<Vec<(&'static str, ConsumerEntry)>, Error> {
    let mut positions = Vec::new();
    for (stream, name) in names::consumers() {
        if let Some((config, settled)) = wire::consumer(bus, stream, &name).await? {
            positions.push((stream, ConsumerEntry { name, settled, config }));
        }
    }
    Ok(positions)
}

/// Saves stream after stream.
struct Streams<'a> {
    bus: &'a Bus,
    work: &'a Path,
    manifest: &'a mut Manifest,
    tell: &'a dyn Fn(&str),
}

impl Streams<'_> {
    async fn save(&mut self, stream: &str) -> Result<u64, Error> {
        let name = format!("{STREAMS}/{stream}.snapshot");
        let path = self.work.join(&name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed("remove", &path)(error));
            }
            _ => {}
        }
        let mut file = Hashed::create(&path)?;
        let described = match wire::snapshot(self.bus, stream, &mut file).await {
            // A fleet of an earlier version may have fewer of them.
            Err(Error::NoStream { .. }) if stream != names::STREAM => {
                std::fs::remove_file(&path).map_err(failed("remove", &path))?;
                return Ok(0);
            }
            described => described?,
        };
        let written = file.finish()?;
        (self.tell)(&format!(
            "{stream}: {} messages, {} bytes",
            described.number("messages"),
            written.bytes
        ));
        let last = described.number("last_seq");
        self.manifest.files.insert(name.clone(), written);
        self.enter(stream, Some(name), described);
        Ok(last)
    }

    /// Keeps what a stream is, and not what it has.
    async fn describe(&mut self, stream: &str) -> Result<(), Error> {
        let described = wire::describe(self.bus, stream).await?;
        self.enter(stream, None, described);
        Ok(())
    }

    fn enter(&mut self, stream: &str, file: Option<String>, described: Described) {
        let is_empty = file.is_none();
        let number = |member| if is_empty { 0 } else { described.number(member) };
        let entry = StreamEntry {
            name: stream.to_owned(),
            messages: number("messages"),
            bytes: number("bytes"),
            first_sequence: number("first_seq"),
            last_sequence: number("last_seq"),
            file,
            config: described.config,
            state: described.state,
            consumers: Vec::new(),
        };
        self.manifest.streams.retain(|other| other.name != entry.name);
        self.manifest.streams.push(entry);
    }

    /// Saves the ledger, models and deployments, again and again until the ledger has not grown meanwhile: each change has its entry
    /// before the next one of its record, so that then all three are of one moment.
    async fn save_records(&mut self) -> Result<Records, Error> {
        for attempt in 1..=ATTEMPTS {
            let ledger = self.save(names::AUDIT_STREAM).await?;
            for bucket in RECORDS {
                self.save(&names::bucket_stream(bucket)).await?;
            }
            let records = references::read(self.bus).await?;
            if wire::describe(self.bus, names::AUDIT_STREAM).await?.number("last_seq") == ledger {
                return Ok(records);
            }
            tracing::debug!(attempt, "models or deployments changed; saving them again");
            tokio::time::sleep(ATTEMPT_PAUSE).await;
        }
        Err(Error::Changing { attempts: ATTEMPTS })
    }
}

fn summary(manifest: &Manifest, own: u64, sha256: String, begun: Instant) -> Created {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let Manifest { artifacts, references, ledger, .. } = manifest;
    let damaged = artifacts.damaged.values().cloned();
    let is_missing = |reference: &&Reference| {
        !artifacts.files.contains_key(&reference.sha256)
            && !artifacts.damaged.contains_key(&reference.sha256)
    };
    let missing = references.iter().filter(is_missing).map(|reference| {
        format!("artifact {} of {} is not in the store", reference.sha256, reference.record)
    });
    let broken =
        (!ledger.whole).then(|| "the ledger is broken: `tier0 audit verify` says where".to_owned());
    let copied: u64 = artifacts.files.values().map(|file| file.bytes).sum();
    let files: u64 = manifest.files.values().map(|file| file.bytes).sum();
    Created {
        created_at: manifest.created_at.clone(),
        seconds: begun.elapsed().as_secs_f64(),
        streams: count(manifest.streams.len()),
        messages: manifest.streams.iter().map(|stream| stream.messages).sum(),
        artifacts: count(artifacts.files.len()),
        artifacts_copied: artifacts.copied,
        referenced: count(references.len()),
        bytes: own + files + if artifacts.copied { copied } else { 0 },
        manifest_sha256: sha256,
        problems: damaged.chain(missing).chain(broken).collect(),
    }
}
