//! Typed records in a bucket: reading, and writing by compare-and-swap.

use std::time::Duration;

use bus::backoff::Backoff;
use bus::{Entry, KeyValue};
use contracts::{Validate, encoding};

use crate::Error;

/// Attempts at a compare-and-swap before it is given up. Of writers that collide one always wins, so that this many are enough for as many writers.
pub(crate) const ATTEMPTS: u64 = 100;
pub(crate) const CONFLICT_BACKOFF: Backoff =
    Backoff::new(Duration::from_millis(2), Duration::from_millis(200));

/// A record with the revision that a change has to name.
#[derive(Debug, Clone, PartialEq)]
pub struct Revisioned<T> {
    /// The record, decoded and checked.
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

records!(
    RegisteredModel,
    ModelVersion,
    VersionClaim,
    DeploymentRecord,
    ServerReport,
    Monitor,
    AlertRecord,
    Performance,
    RetrainingRecord,
    LedgerEntry
);

pub(crate) async fn read<T: Record>(
    bucket: &KeyValue,
    key: &str,
) -> Result<Option<Revisioned<T>>, Error> {
    bucket.get(key).await?.map(|entry| decode(bucket.bucket(), &entry)).transpose()
}

pub(crate) fn decode<T: Record>(bucket: &str, entry: &Entry) -> Result<Revisioned<T>, Error> {
    let checked = encoding::from_protobuf::<T>(T::NAME, &entry.value)
        .and_then(|value| value.validate().map(|()| value));
    match checked {
        Ok(value) => Ok(Revisioned { value, revision: entry.revision }),
        Err(source) => {
            Err(Error::Damaged { bucket: bucket.to_owned(), key: entry.key.clone(), source })
        }
    }
}

/// Gives every record whose key matches, such as `churn.*`, in the order in which they were written.
pub(crate) async fn scan<T: Record>(
    bucket: &KeyValue,
    keys: &str,
    mut take: impl FnMut(Revisioned<T>),
) -> Result<(), Error> {
    let name = bucket.bucket();
    bucket
        .scan(keys, |entry| {
            take(decode(name, &entry)?);
            Ok::<_, Error>(())
        })
        .await
}

/// All records whose key matches, by key.
pub(crate) async fn read_all<T: Record>(
    bucket: &KeyValue,
    keys: &str,
) -> Result<Vec<Revisioned<T>>, Error> {
    let mut records = Vec::new();
    let name = bucket.bucket();
    bucket
        .scan(keys, |entry| {
            records.push((entry.key.clone(), decode(name, &entry)?));
            Ok::<_, Error>(())
        })
        .await?;
    records.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(records.into_iter().map(|(_, record)| record).collect())
}

pub(crate) async fn put<T: Record>(bucket: &KeyValue, key: &str, value: &T) -> Result<u64, Error> {
    value.validate()?;
    Ok(bucket.put(key, encoding::encode_bounded(value)?).await?)
}

/// Writes a record in the place of the one that was read, or the first where none was; `None` where another writer was quicker.
pub(crate) async fn replace<T: Record>(
    bucket: &KeyValue,
    key: &str,
    before: Option<&Revisioned<T>>,
    value: T,
) -> Result<Option<Revisioned<T>>, Error> {
    value.validate()?;
    let bytes = encoding::encode_bounded(&value)?;
    let written = match before {
        Some(before) => bucket.update(key, bytes, before.revision).await,
        None => bucket.create(key, bytes).await,
    };
    match written {
        Ok(revision) => Ok(Some(Revisioned { value, revision })),
        Err(bus::Error::Conflict { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Changes a record by compare-and-swap, and gives what was written; nothing where `change` gives nothing.
pub(crate) async fn change<T: Record>(
    bucket: &KeyValue,
    key: &str,
    mut change: impl FnMut(Option<&T>) -> Option<T>,
) -> Result<Option<T>, Error> {
    for number in 1..=ATTEMPTS {
        let before = read::<T>(bucket, key).await?;
        let Some(value) = change(before.as_ref().map(|before| &before.value)) else {
            return Ok(None);
        };
        if let Some(written) = replace(bucket, key, before.as_ref(), value).await? {
            return Ok(Some(written.value));
        }
        tokio::time::sleep(CONFLICT_BACKOFF.after(number)).await;
    }
    Err(contended(bucket, key))
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
        tokio::time::sleep(CONFLICT_BACKOFF.after(number)).await;
    }
    Err(contended(bucket, key))
}

pub(crate) fn contended(bucket: &KeyValue, key: &str) -> Error {
    Error::Contended { bucket: bucket.bucket().to_owned(), key: key.to_owned(), attempts: ATTEMPTS }
}
