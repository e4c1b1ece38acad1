//! NATS Object Store, in its own format, so that any client of it can read what is here.
//!
//! The client library's own `put` replaces an object of the same name and drops the chunks under readers, and two of
//! them at once leave chunks of the loser behind. Here the object's record is published only where there is none
//! (`Nats-Expected-Last-Subject-Sequence`), so that the first writer wins and the others remove their own chunks.

use async_nats::HeaderMap;
use async_nats::header::{NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_MESSAGE_TTL, NATS_ROLLUP};
use async_nats::jetstream::consumer::{DeliverPolicy, push};
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::object_store::{
    GetErrorKind, Object, ObjectInfo, ObjectOptions, ObjectStore,
};
use async_nats::jetstream::stream::{DirectGetErrorKind, RawMessageErrorKind, Stream};
use async_nats::jetstream::{self};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use bus::Bus;
use bus::backoff::Backoff;
use bytes::{Bytes, BytesMut};
use contracts::names;
use contracts::v1::ArtifactRef;
use futures::StreamExt as _;
use futures::stream;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::io::AsyncReadExt as _;

use crate::content::ContentParts;
use crate::listing::{Listed, RENEWED_AFTER, is_renewed};
use crate::reader::Parts;
use crate::store::{not_read, not_written};
use crate::{BackendError, Error};

/// Bytes of a chunk: half of what the smallest usual server accepts as a message.
const CHUNK: usize = 512 * 1024;
/// Chunks that may be on their way unconfirmed.
const IN_FLIGHT: usize = 8;
/// Chunks of an object that are asked for one by one: for so few the broker answers sooner than it makes a consumer.
const FEW: usize = 4;
/// A replica may know an object later than the one that confirmed it.
const MAX_READ_ATTEMPTS: u32 = 4;
const READ_RETRY_DELAY: Duration = Duration::from_millis(100);
/// Silence after which the chunks are counted: a chunk that is gone is never delivered, and nothing says so.
const SILENCE: Duration = Duration::from_secs(2);
/// Longest silence between two records of a list.
const LIST_SILENCE: Duration = Duration::from_secs(15);
/// How long the marker stays that takes the place of what was removed: the shortest time there is.
const MARKER_TTL: &str = "1s";
/// Chunks that wait to be removed, at most; more of them are left behind.
const MAX_LEFT: usize = 64;
/// How often, and how far apart, a reading is begun again that the broker refused.
const PASSING: (u64, Backoff) =
    (6, Backoff::new(Duration::from_millis(200), Duration::from_secs(3)));

pub(crate) struct NatsObjects {
    bucket: String,
    bus: Bus,
    context: jetstream::Context,
    stream: Stream<()>,
    store: ObjectStore,
    /// Subjects of chunks that no record names and that could not be removed yet, as by a broker without room.
    left: Mutex<Vec<String>>,
}

impl std::fmt::Debug for NatsObjects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NatsObjects").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

impl NatsObjects {
    pub(crate) async fn open(bucket: &str, bus: &Bus) -> Result<Self, Error> {
        if !contracts::is_name(bucket) {
            return Err(Error::Address {
                uri: format!("nats://{bucket}"),
                expected: "expected nats://BUCKET with a bucket of letters, digits, `-` and `_`",
            });
        }
        let failed = |source: async_nats::Error| Error::Open {
            store: format!("nats://{bucket}"),
            source: BackendError::Nats(source),
        };
        let context = bus.jetstream().clone();
        let store = context.get_object_store(bucket).await.map_err(|error| failed(error.into()))?;
        let stream = context
            .get_stream_no_info(names::store_stream(bucket))
            .await
            .map_err(|error| failed(error.into()))?;
        Ok(Self {
            bucket: bucket.to_owned(),
            bus: bus.clone(),
            context,
            stream,
            store,
            left: Mutex::default(),
        })
    }

    pub(crate) async fn put(
        &self,
        artifact: &ArtifactRef,
        parts: ContentParts,
    ) -> Result<(), Error> {
        let record_subject = self.record_subject(artifact);
        let Some(replaces) = self.vacant(artifact, &record_subject).await? else {
            return self.renew(artifact).await;
        };
        let nuid = uuid::Uuid::new_v4().simple().to_string();
        let chunks = chunk_subject(&self.bucket, &nuid);
        let count = match self.write_chunks(artifact, &chunks, parts).await {
            Ok(count) => count,
            Err(error) => {
                self.remove(&chunks).await;
                return Err(error);
            }
        };
        let record = self.record(artifact, nuid, count)?;
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, replaces.to_string());
        match self.publish(record_subject.clone(), headers, record.into()).await {
            Ok(()) => {
                self.bus.has_stored();
                self.remove_left().await;
                Ok(())
            }
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => {
                self.settle_conflict(artifact, &record_subject, &chunks).await
            }
            Err(error) => {
                let error = self.failed(artifact, error);
                if matches!(error, Error::Full { .. }) {
                    self.remove(&chunks).await;
                }
                // Else unknown: the record may have been stored, so the chunks stay.
                Err(error)
            }
        }
    }

    /// Has an object be as new, where it is old: its record is written anew, in the place of the same one.
    pub(crate) async fn renew(&self, artifact: &ArtifactRef) -> Result<(), Error> {
        let subject = self.record_subject(artifact);
        let found = self.stream.direct_get_last_for_subject(subject.as_str()).await;
        let found =
            found.map_err(|error| not_written(artifact, BackendError::Nats(error.into())))?;
        let age = SystemTime::now().duration_since(found.time.into()).unwrap_or_default();
        if age <= RENEWED_AFTER {
            return Ok(());
        }
        let mut headers = HeaderMap::new();
        headers.insert(NATS_ROLLUP, "sub");
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, found.sequence.to_string());
        match self.publish(subject, headers, found.payload).await {
            Ok(()) => Ok(()),
            // Another writer has just done so, or it is being removed: whether it is there is looked at again.
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => {
                match self.size_of(artifact).await? {
                    Some(_) => Ok(()),
                    None => Err(not_written(
                        artifact,
                        BackendError::Nats("it was removed at this moment".into()),
                    )),
                }
            }
            Err(error) => Err(self.failed(artifact, error)),
        }
    }

    /// The records of all objects.
    pub(crate) async fn list(&self) -> Result<Vec<Listed>, Error> {
        let failed = |source: async_nats::Error| Error::List {
            store: format!("nats://{}", self.bucket),
            source: BackendError::Nats(source),
        };
        let config = push::OrderedConfig {
            deliver_subject: self.bus.client().new_inbox(),
            deliver_policy: DeliverPolicy::LastPerSubject,
            filter_subject: format!("$O.{}.M.>", self.bucket),
            ..push::OrderedConfig::default()
        };
        let consumer =
            self.stream.create_consumer(config).await.map_err(|error| failed(error.into()))?;
        let mut pending = consumer.cached_info().num_pending;
        let mut messages = consumer.messages().await.map_err(|error| failed(error.into()))?;
        let mut all = Vec::new();
        while pending > 0 {
            let next = tokio::time::timeout(LIST_SILENCE, messages.next()).await;
            let next = next.map_err(|_elapsed| failed("the broker fell silent".into()))?;
            let next = next.ok_or_else(|| failed("the consumer ended".into()))?;
            let message = next.map_err(|error| failed(error.into()))?;
            let info = message.info().map_err(failed)?;
            pending = info.pending;
            let put_at = info.published.into();
            // What is no record, another program has written.
            let Ok(record) = serde_json::from_slice::<ObjectInfo>(&message.payload) else {
                continue;
            };
            if !record.deleted {
                all.push(Listed {
                    bytes: size(&record),
                    sha256: record.name,
                    media_type: record
                        .description
                        .unwrap_or_else(|| crate::media_type::UNKNOWN.to_owned()),
                    put_at,
                });
            }
        }
        Ok(all)
    }

    /// A publication that failed: for want of room, or otherwise.
    fn failed(&self, artifact: &ArtifactRef, error: PublishError) -> Error {
        match self.bus.out_of_room(&format!("artifact {}", artifact.sha256), &error) {
            Some(full) => Error::Full { sha256: artifact.sha256.clone(), source: Box::new(full) },
            None => not_written(artifact, BackendError::Nats(error.into())),
        }
    }

    /// The size of an object, where it is there.
    pub(crate) async fn size_of(&self, artifact: &ArtifactRef) -> Result<Option<u64>, Error> {
        let (_, record) = self.lookup(artifact, &self.record_subject(artifact)).await?;
        Ok(record.as_ref().map(size))
    }

    fn record_subject(&self, artifact: &ArtifactRef) -> String {
        format!("$O.{}.M.{}", self.bucket, URL_SAFE.encode(&artifact.sha256))
    }

    /// Another writer's record, or our own whose confirmation was lost. Only what the record does not name is removed.
    async fn settle_conflict(
        &self,
        artifact: &ArtifactRef,
        record_subject: &str,
        chunks: &str,
    ) -> Result<(), Error> {
        let (_, winner) = self.lookup(artifact, record_subject).await?;
        if winner.as_ref().is_none_or(|record| !chunks.ends_with(&record.nuid)) {
            self.remove(chunks).await;
        }
        match winner {
            Some(_) => Ok(()),
            None => Err(not_written(
                artifact,
                BackendError::Nats("another writer's object was removed at once".into()),
            )),
        }
    }

    /// The sequence that a new record has to follow; `None` where the object is there already.
    async fn vacant(&self, artifact: &ArtifactRef, subject: &str) -> Result<Option<u64>, Error> {
        match self.lookup(artifact, subject).await? {
            (_, Some(record)) if size(&record) == artifact.bytes => Ok(None),
            (_, Some(record)) => Err(Error::SizeMismatch {
                sha256: artifact.sha256.clone(),
                expected: artifact.bytes,
                found: size(&record),
            }),
            (sequence, None) => Ok(Some(sequence)),
        }
    }

    /// The record of an object, unless it was deleted, and the sequence of the last message there (0 for none).
    async fn lookup(
        &self,
        artifact: &ArtifactRef,
        subject: &str,
    ) -> Result<(u64, Option<ObjectInfo>), Error> {
        match self.stream.direct_get_last_for_subject(subject).await {
            Ok(message) => {
                let record: ObjectInfo = serde_json::from_slice(&message.payload)
                    .map_err(|error| not_written(artifact, std::io::Error::other(error)))?;
                Ok((message.sequence, Some(record).filter(|record| !record.deleted)))
            }
            Err(error) if error.kind() == DirectGetErrorKind::NotFound => Ok((0, None)),
            Err(error) => Err(not_written(artifact, BackendError::Nats(error.into()))),
        }
    }

    /// Sends the chunks in order, several unconfirmed at a time; gives their number.
    async fn write_chunks(
        &self,
        artifact: &ArtifactRef,
        subject: &str,
        mut parts: ContentParts,
    ) -> Result<usize, Error> {
        let failed = |error| self.failed(artifact, error);
        let mut unconfirmed = std::collections::VecDeque::with_capacity(IN_FLIGHT);
        let mut count = 0;
        while let Some(chunk) = parts.next(CHUNK).await.map_err(Error::Unread)? {
            let sent = self.context.publish(subject.to_owned(), chunk).await;
            unconfirmed.push_back(sent.map_err(failed)?);
            count += 1;
            if unconfirmed.len() >= IN_FLIGHT
                && let Some(oldest) = unconfirmed.pop_front()
            {
                oldest.await.map_err(failed)?;
            }
        }
        for confirmation in unconfirmed {
            confirmation.await.map_err(failed)?;
        }
        parts.check_size(artifact)?;
        Ok(count)
    }

    fn record(
        &self,
        artifact: &ArtifactRef,
        nuid: String,
        chunks: usize,
    ) -> Result<Vec<u8>, Error> {
        let failed = |error: std::io::Error| not_written(artifact, error);
        let digest = hex::decode(&artifact.sha256).unwrap_or_default();
        let record = ObjectInfo {
            name: artifact.sha256.clone(),
            description: Some(artifact.media_type.clone()),
            metadata: std::collections::HashMap::new(),
            headers: None,
            options: Some(ObjectOptions { link: None, max_chunk_size: Some(CHUNK) }),
            bucket: self.bucket.clone(),
            nuid,
            size: usize::try_from(artifact.bytes)
                .map_err(|error| failed(std::io::Error::other(error)))?,
            chunks,
            modified: None,
            digest: Some(format!("SHA-256={}", URL_SAFE.encode(digest))),
            deleted: false,
        };
        serde_json::to_vec(&record).map_err(|error| failed(std::io::Error::other(error)))
    }

    async fn publish(
        &self,
        subject: String,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<(), PublishError> {
        self.context.publish_with_headers(subject, headers, payload).await?.await.map(|_| ())
    }

    /// Chunks that no record names only take room, so that failing to remove them is no failure: it is tried again after the next
    /// object that found room.
    async fn remove(&self, chunks: &str) {
        if let Err(error) = self.replace(chunks, Bytes::new()).await {
            tracing::warn!(%error, chunks, "chunks of an unfinished artifact are left behind for now");
            let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
            if left.len() < MAX_LEFT {
                left.push(chunks.to_owned());
            }
        }
    }

    async fn remove_left(&self) {
        let left = std::mem::take(&mut *self.left.lock().unwrap_or_else(PoisonError::into_inner));
        for chunks in left {
            self.remove(&chunks).await;
        }
    }

    /// Puts one message in the place of all that a subject has; it goes away by itself. Purging would do, but who may purge this
    /// stream may empty it.
    async fn replace(&self, subject: &str, payload: Bytes) -> Result<(), PublishError> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_ROLLUP, "sub");
        headers.insert(NATS_MESSAGE_TTL, MARKER_TTL);
        self.publish(subject.to_owned(), headers, payload).await
    }

    /// Removes an object without leaving anything behind.
    pub(crate) async fn erase(&self, artifact: &ArtifactRef) -> Result<(), Error> {
        let subject = self.record_subject(artifact);
        let (_, record) = self.lookup(artifact, &subject).await?;
        let Some(record) = record else { return Ok(()) };
        let failed = |error: async_nats::Error| not_written(artifact, BackendError::Nats(error));
        let chunks = chunk_subject(&self.bucket, &record.nuid);
        let gone = ObjectInfo { chunks: 0, size: 0, deleted: true, ..record };
        let gone = serde_json::to_vec(&gone).map_err(|error| failed(error.into()))?;
        self.replace(&subject, gone.into()).await.map_err(|error| failed(error.into()))?;
        self.remove(&chunks).await;
        Ok(())
    }

    /// Removes an object that was not put again since `put_at`, and is not at this moment.
    pub(crate) async fn remove_old(
        &self,
        artifact: &ArtifactRef,
        put_at: SystemTime,
    ) -> Result<bool, Error> {
        let subject = self.record_subject(artifact);
        let failed = |error: async_nats::Error| not_written(artifact, BackendError::Nats(error));
        let found = match self.stream.direct_get_last_for_subject(subject.as_str()).await {
            Ok(found) => found,
            Err(error) if error.kind() == DirectGetErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed(error.into())),
        };
        let record: ObjectInfo =
            serde_json::from_slice(&found.payload).map_err(|error| failed(error.into()))?;
        if record.deleted || is_renewed(put_at, found.time.into()) {
            return Ok(false);
        }
        let chunks = chunk_subject(&self.bucket, &record.nuid);
        let gone = ObjectInfo { chunks: 0, size: 0, deleted: true, ..record };
        let gone = serde_json::to_vec(&gone).map_err(|error| failed(error.into()))?;
        let mut headers = HeaderMap::new();
        headers.insert(NATS_ROLLUP, "sub");
        headers.insert(NATS_MESSAGE_TTL, MARKER_TTL);
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, found.sequence.to_string());
        match self.publish(subject, headers, gone.into()).await {
            Ok(()) => {
                self.remove(&chunks).await;
                Ok(true)
            }
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => Ok(false),
            Err(error) => Err(failed(error.into())),
        }
    }

    /// The chunks of an object that has few, from the stream's leader. `None` where there are more, or where they do not all come: what
    /// is wrong then is found out by a consumer.
    async fn few_chunks(&self, artifact: &ArtifactRef) -> Option<Vec<Bytes>> {
        if artifact.bytes > (FEW * CHUNK) as u64 {
            return None;
        }
        let (_, record) = self.lookup(artifact, &self.record_subject(artifact)).await.ok()?;
        let record = record.filter(|record| {
            let is_linked = record.options.as_ref().is_some_and(|options| options.link.is_some());
            record.chunks <= FEW && size(record) == artifact.bytes && !is_linked
        })?;
        let subject = chunk_subject(&self.bucket, &record.nuid);
        let mut chunks = Vec::with_capacity(record.chunks);
        let mut from = 1;
        for _ in 0..record.chunks {
            let chunk = self.stream.get_first_raw_message_by_subject(&subject, from).await.ok()?;
            from = chunk.sequence.saturating_add(1);
            chunks.push(chunk.payload);
        }
        Some(chunks)
    }

    pub(crate) async fn parts(&self, artifact: &ArtifactRef) -> Result<Parts, Error> {
        if let Some(chunks) = self.few_chunks(artifact).await {
            return Ok(stream::iter(chunks).map(Ok).boxed());
        }
        let (mut attempt, mut failures) = (1, 0);
        let object = loop {
            match self.store.get(&artifact.sha256).await {
                Ok(object) => break object,
                Err(error) if error.kind() == GetErrorKind::NotFound => {
                    if attempt == MAX_READ_ATTEMPTS {
                        return Err(Error::NotFound {
                            sha256: artifact.sha256.clone(),
                            store: format!("nats://{}", self.bucket),
                        });
                    }
                    attempt += 1;
                    tokio::time::sleep(READ_RETRY_DELAY).await;
                }
                // A broker that has just been started may refuse for a moment what it will do.
                Err(error) if failures < PASSING.0 => {
                    failures += 1;
                    tracing::debug!(%error, failures, "an artifact cannot be read yet; trying again");
                    tokio::time::sleep(PASSING.1.after(failures)).await;
                }
                Err(error) => return Err(not_read(artifact, BackendError::Nats(error.into()))),
            }
        };
        let found = size(object.info());
        if found != artifact.bytes {
            let (sha256, expected) = (artifact.sha256.clone(), artifact.bytes);
            return Err(Error::SizeMismatch { sha256, expected, found });
        }
        let (stream, reference) = (self.stream.clone(), artifact.clone());
        let reading = Reading { object, stream, bucket: self.bucket.clone(), reference };
        let parts = stream::try_unfold(reading, |mut reading| async {
            let part = reading.next().await?;
            Ok(part.map(|part| (part, reading)))
        });
        Ok(parts.boxed())
    }
}

/// An object whose chunks are on their way.
struct Reading {
    object: Object,
    stream: Stream<()>,
    bucket: String,
    reference: ArtifactRef,
}

impl Reading {
    /// The next bytes, `None` at the end. Where no chunk comes for a while, those that the broker has are counted, again and again
    /// until one comes or one is gone.
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let mut part = BytesMut::with_capacity(CHUNK);
        loop {
            match tokio::time::timeout(SILENCE, self.object.read_buf(&mut part)).await {
                Ok(Ok(0)) => return Ok(None),
                Ok(Ok(_)) => return Ok(Some(part.freeze())),
                // The library checks the record's own digest; ours is checked by the reader too.
                Ok(Err(error)) if error.kind() == std::io::ErrorKind::InvalidData => {
                    return Err(Error::DigestMismatch {
                        sha256: self.reference.sha256.clone(),
                        found: "unknown".to_owned(),
                    });
                }
                Ok(Err(error)) => return Err(not_read(&self.reference, error)),
                Err(_) => {
                    check_chunks(
                        &self.stream,
                        &self.bucket,
                        self.object.info(),
                        &self.reference.sha256,
                    )
                    .await?
                }
            }
        }
    }
}

/// Asks the stream's leader for one chunk of an object after another. What it can't say for a passing reason is no proof of anything.
fn check_chunks(
    stream: &Stream<()>,
    bucket: &str,
    record: &ObjectInfo,
    sha256: &str,
) -> impl Future<Output = Result<(), Error>> + Send + use<> {
    let (stream, sha256) = (stream.clone(), sha256.to_owned());
    let (subject, expected) = (chunk_subject(bucket, &record.nuid), record.chunks);
    async move {
        let mut from = 1;
        for found in 0..expected {
            match stream.get_first_raw_message_by_subject(&subject, from).await {
                Ok(message) => from = message.sequence.saturating_add(1),
                Err(error) if is_gone(&error.kind()) => {
                    return Err(Error::Incomplete { sha256, found, expected });
                }
                Err(error) => {
                    tracing::debug!(%error, "the chunks of an artifact cannot be counted");
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Whether the broker says that there is no such message, or none that it can read.
fn is_gone(error: &RawMessageErrorKind) -> bool {
    match error {
        RawMessageErrorKind::NoMessageFound => true,
        RawMessageErrorKind::JetStream(said) => said.code() < 500,
        RawMessageErrorKind::InvalidSubject | RawMessageErrorKind::Other => false,
    }
}

/// Subject of the chunks of one writing of an object.
fn chunk_subject(bucket: &str, nuid: &str) -> String {
    format!("$O.{bucket}.C.{nuid}")
}

fn size(record: &ObjectInfo) -> u64 {
    u64::try_from(record.size).unwrap_or(u64::MAX)
}
