//! Restoring a backup into an empty fleet.

use std::path::Path;
use std::time::Instant;

use artifacts::ArtifactStore;
use bus::Bus;
use contracts::names;
use serde::Serialize;
use serde_json::Value;

use crate::wire::{self, Described};
use crate::{Checked, ConsumerEntry, Error, Manifest, StreamEntry, artifact_files, check};

/// How a backup is restored.
#[derive(Debug, Clone, Copy)]
pub struct RestoreOptions<'a> {
    /// The backup's directory.
    pub from: &'a Path,
    /// Whether what the fleet has is removed first.
    pub replace: bool,
    /// Whether artifacts are written into the store that the backup names.
    pub artifacts: bool,
    /// Copies of every stream, where not as they were.
    pub replicas: Option<u16>,
    /// Whether streams reserve no room, as for a broker that only looks at them.
    pub without_limits: bool,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Restored {
    /// When the backup was begun, as RFC 3339.
    pub created_at: String,
    /// Number of streams and buckets.
    pub streams: u64,
    /// Number of messages that the backup has of them.
    pub messages: u64,
    /// Number of durable consumers.
    pub consumers: u64,
    /// Number of artifacts that were written.
    pub artifacts: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// Restores a backup: streams, buckets, consumers, then artifacts. `tell` hears what goes on; `begin` is called once, before the
/// first thing is touched, with the streams and buckets whose messages are to be replaced, and may refuse.
///
/// # Errors
/// [`Error::Damaged`], [`Error::NotEmpty`] and [`Error::AtWork`] before anything is touched; where the broker or a file fails, and
/// then no stream is left, or [`Error::LeftBehind`] says which.
pub async fn restore<E: From<Error>>(
    bus: &Bus,
    options: RestoreOptions<'_>,
    tell: &dyn Fn(&str),
    begin: impl AsyncFnOnce(&[String]) -> Result<(), E>,
) -> Result<Restored, E> {
    let begun = Instant::now();
    tell("checking every digest");
    // What was missing in the fleet is missing in its backup, and no reason against the rest.
    let Checked { manifest, files, .. } = check(options.from)?;
    if !files.is_empty() {
        return Err(Error::Damaged { problems: files }.into());
    }
    let filled = look(bus, &manifest, options).await?;
    begin(&filled).await?;
    match write(bus, &manifest, options, tell).await {
        Ok((consumers, artifacts)) => Ok(Restored {
            created_at: manifest.created_at,
            streams: u64::try_from(manifest.streams.len()).unwrap_or(u64::MAX),
            messages: manifest.streams.iter().map(|entry| entry.messages).sum(),
            consumers,
            artifacts,
            seconds: begun.elapsed().as_secs_f64(),
        }),
        Err(error) => {
            tell("the restore failed: removing what it has made");
            let mut left = Vec::new();
            for entry in &manifest.streams {
                if let Err(error) = wire::remove(bus, &entry.name).await {
                    tracing::warn!(stream = entry.name, %error, "a stream is left behind");
                    left.push(entry.name.clone());
                }
            }
            let source = Box::new(error);
            Err(if left.is_empty() { *source } else { Error::LeftBehind { streams: left, source } }
                .into())
        }
    }
}

/// Whether the fleet may be restored into: no process works, and nothing is there that was not to be replaced. Gives the streams and
/// buckets that have messages.
async fn look(
    bus: &Bus,
    manifest: &Manifest,
    options: RestoreOptions<'_>,
) -> Result<Vec<String>, Error> {
    let mut filled = Vec::new();
    for entry in &manifest.streams {
        match wire::describe(bus, &entry.name).await {
            Ok(found) if found.number("messages") > 0 => filled.push(entry.name.clone()),
            Ok(_) | Err(Error::NoStream { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let mut consumers = Vec::new();
    for (stream, name) in names::consumers() {
        let waiting = bus.consumer_state(stream, &name).await;
        if waiting.is_ok_and(|state| state.pulls > 0) {
            consumers.push(format!("{stream}/{name}"));
        }
    }
    if !consumers.is_empty() {
        return Err(Error::AtWork { consumers });
    }
    if !filled.is_empty() && !options.replace {
        return Err(Error::NotEmpty { streams: filled });
    }
    // Whether the broker can keep so many copies shows before anything is removed: a stream that goes anyway is given them.
    let going = filled.first().and_then(|name| manifest.streams.iter().find(|of| of.name == *name));
    if let (Some(entry), Some(_)) = (going, options.replicas) {
        let found = wire::describe(bus, &entry.name).await?;
        wire::update(bus, &entry.name, &adapted(&found.config, options.replicas, false)).await?;
    }
    Ok(filled)
}

async fn write(
    bus: &Bus,
    manifest: &Manifest,
    options: RestoreOptions<'_>,
    tell: &dyn Fn(&str),
) -> Result<(u64, u64), Error> {
    for entry in &manifest.streams {
        wire::remove(bus, &entry.name).await?;
    }
    let replicas = if options.without_limits { Some(1) } else { options.replicas };
    let mut consumers = 0;
    for entry in &manifest.streams {
        let saved = Described {
            config: adapted(&entry.config, replicas, options.without_limits),
            state: entry.state.clone(),
        };
        match &entry.file {
            Some(file) => {
                wire::restore(bus, &entry.name, &saved, &options.from.join(file)).await?;
                let found = wire::describe(bus, &entry.name).await?;
                compare(entry, &found)?;
                tell(&format!("{}: {} messages", entry.name, found.number("messages")));
            }
            None => wire::make(bus, &entry.name, &saved.config).await?,
        }
        for consumer in &entry.consumers {
            make_consumer(bus, &entry.name, consumer, replicas).await?;
            consumers += 1;
        }
    }
    let mut count = 0;
    if options.artifacts && manifest.artifacts.copied {
        tell(&format!("{} artifacts", manifest.artifacts.files.len()));
        let store = ArtifactStore::open(&manifest.artifacts.store, bus).await?;
        count = artifact_files::restore(&store, options.from, &manifest.artifacts.files).await?;
    }
    Ok((consumers, count))
}

/// A stream's configuration for the broker at hand.
fn adapted(config: &Value, replicas: Option<u16>, without_limits: bool) -> Value {
    let mut config = config.clone();
    if let Value::Object(members) = &mut config {
        if let Some(replicas) = replicas {
            members.insert("num_replicas".to_owned(), replicas.into());
        }
        if without_limits {
            members.insert("max_bytes".to_owned(), (-1).into());
        }
    }
    config
}

fn compare(entry: &StreamEntry, found: &Described) -> Result<(), Error> {
    let mut pairs = vec![("last sequence", entry.last_sequence, found.number("last_seq"))];
    if !entry.expires() {
        pairs.push(("messages", entry.messages, found.number("messages")));
    }
    for (what, expected, found) in pairs {
        if expected != found {
            return Err(Error::Otherwise { stream: entry.name.clone(), what, expected, found });
        }
    }
    Ok(())
}

/// Makes a consumer that begins behind what had been settled.
async fn make_consumer(
    bus: &Bus,
    stream: &str,
    saved: &ConsumerEntry,
    replicas: Option<u16>,
) -> Result<(), Error> {
    let mut config = saved.config.clone();
    if let Value::Object(members) = &mut config {
        if saved.settled > 0 {
            members.insert("deliver_policy".to_owned(), "by_start_sequence".into());
            members.insert("opt_start_seq".to_owned(), saved.settled.saturating_add(1).into());
            members.remove("opt_start_time");
        }
        if let Some(replicas) = replicas {
            members.insert("num_replicas".to_owned(), replicas.into());
        }
    }
    wire::make_consumer(bus, stream, &saved.name, &config).await
}
