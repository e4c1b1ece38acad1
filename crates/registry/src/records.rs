//! Typed records in a bucket, and the one loop that changes them.

use std::time::Duration;

use bus::backoff::Backoff;
use bus::{Entry, KeyValue};
use contracts::{Validate, encoding};

use crate::{ChangeError, Error};

/// Attempts at a compare-and-swap before it is given up. Of writers that collide one always wins, so that this many are enough for as many writers.
const ATTEMPTS: u64 = 100;
const PAUSE: Backoff = Backoff::new(Duration::from_millis(2), Duration::from_millis(200));

/// A record with the revision that a change has to name.
#[derive(Debug, Clone, PartialEq)]
pub struct Revised<T> {
    /// The record.
    pub value: T,
    /// Its revision in the bucket.
    pub revision: u64,
}

/// A message that is kept in a bucket.
pub(crate) trait Record: prost::Message + Default + Clone + PartialEq + Validate {
    const NAME: &'static str;
}

macro_rules! records {
    ($($type:ident),*) => {$(
        impl Record for contracts::v1::$type {
            const NAME: &'static str = stringify!($type);
        }
    )*};
}

records!(RegisteredModel, ModelVersion, DeploymentRecord, ServerReport, Monitor);

pub(crate) async fn read<T: Record>(
    bucket: &KeyValue,
    key: &str,
) -> Result<Option<Revised<T>>, Error> {
    bucket.get(key).await?.map(|entry| decode(bucket.bucket(), &entry)).transpose()
}

pub(crate) fn decode<T: Record>(bucket: &str, entry: &Entry) -> Result<Revised<T>, Error> {
    let checked = encoding::from_protobuf::<T>(T::NAME, &entry.value)
        .and_then(|value| value.validate().map(|()| value));
    match checked {
        Ok(value) => Ok(Revised { value, revision: entry.revision }),
        Err(source) => {
            Err(Error::Damaged { bucket: bucket.to_owned(), key: entry.key.clone(), source })
        }
    }
}

/// All records whose key `wanted` accepts, by key. One that is removed meanwhile is left out.
pub(crate) async fn read_all<T: Record>(
    bucket: &KeyValue,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Revised<T>>, Error> {
    let mut records = Vec::new();
    for key in bucket.keys().await? {
        if wanted(&key)
            && let Some(record) = read(bucket, &key).await?
        {
            records.push(record);
        }
    }
    Ok(records)
}

pub(crate) async fn put<T: Record>(bucket: &KeyValue, key: &str, value: &T) -> Result<u64, Error> {
    value.validate()?;
    Ok(bucket.put(key, encoding::encode_bounded(value)?).await?)
}

/// Creates a record, or gives the one that is there.
pub(crate) async fn create_or_read<T: Record>(
    bucket: &KeyValue,
    key: &str,
    value: T,
) -> Result<Revised<T>, Error> {
    value.validate()?;
    let bytes = encoding::encode_bounded(&value)?;
    for attempt in 1..=ATTEMPTS {
        match bucket.create(key, bytes.clone()).await {
            Ok(revision) => return Ok(Revised { value, revision }),
            Err(bus::Error::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(there) = read(bucket, key).await? {
            return Ok(there);
        }
        tokio::time::sleep(PAUSE.after(attempt)).await;
    }
    Err(contended(bucket, key))
}

/// Writes a record in the place of the one that was read, or the first where none was; `None` where another writer was quicker.
pub(crate) async fn replace<T: Record>(
    bucket: &KeyValue,
    key: &str,
    before: Option<&Revised<T>>,
    value: T,
) -> Result<Option<Revised<T>>, Error> {
    value.validate()?;
    let bytes = encoding::encode_bounded(&value)?;
    let written = match before {
        Some(before) => bucket.update(key, bytes, before.revision).await,
        None => bucket.create(key, bytes).await,
    };
    match written {
        Ok(revision) => Ok(Some(Revised { value, revision })),
        Err(bus::Error::Conflict { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Calls `attempt` until it gives something, which it does unless another writer was quicker.
pub(crate) async fn until_written<T, F>(
    bucket: &KeyValue,
    key: &str,
    mut attempt: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<Option<T>, Error>>,
{
    for number in 1..=ATTEMPTS {
        if let Some(done) = attempt().await? {
            return Ok(done);
        }
        tokio::time::sleep(PAUSE.after(number)).await;
    }
    Err(contended(bucket, key))
}

/// Changes a record by compare-and-swap: `change` sees the record as it is (or `None`) and gives the new one. The same record again means nothing is written.
pub(crate) async fn change<T: Record, E: std::error::Error + 'static>(
    bucket: &KeyValue,
    key: &str,
    mut change: impl FnMut(Option<&T>) -> Result<T, E>,
) -> Result<Revised<T>, ChangeError<E>> {
    for attempt in 1..=ATTEMPTS {
        let found = read::<T>(bucket, key).await?;
        let value =
            change(found.as_ref().map(|found| &found.value)).map_err(ChangeError::Refused)?;
        if let Some(revision) =
            found.as_ref().filter(|found| found.value == value).map(|found| found.revision)
        {
            return Ok(Revised { value, revision });
        }
        if let Some(written) = replace(bucket, key, found.as_ref(), value).await? {
            return Ok(written);
        }
        // Another writer was quicker: its record is looked at next.
        tokio::time::sleep(PAUSE.after(attempt)).await;
    }
    Err(contended(bucket, key).into())
}

fn contended(bucket: &KeyValue, key: &str) -> Error {
    Error::Contended { bucket: bucket.bucket().to_owned(), key: key.to_owned(), attempts: ATTEMPTS }
}
