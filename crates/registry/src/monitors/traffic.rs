//! What was counted of traffic: of all endpoints in one value, with the events that are in it, and of each endpoint to be shown.

use bytes::Bytes;
use contracts::encoding;
use contracts::v1::MonitorCounts;
use monitoring::traffic::TrafficCounts;

use super::{Monitors, json_error, keys};
use crate::{Error, records};

impl Monitors {
    /// The counts of all endpoints; empty before the first.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn traffic(&self) -> Result<TrafficCounts, Error> {
        Ok(self.read_traffic().await?.0)
    }

    /// Changes the counts of all endpoints by compare-and-swap, and gives them as they are then; nothing is written where
    /// `change` says no.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`], [`Error::Contended`].
    pub async fn change_traffic(
        &self,
        change: impl Fn(&mut TrafficCounts) -> bool,
    ) -> Result<TrafficCounts, Error> {
        records::until_written(&self.bucket, keys::TRAFFIC, || async {
            let (mut counts, revision) = self.read_traffic().await?;
            if !change(&mut counts) {
                return Ok(Some(counts));
            }
            let encoded = counts.encode().map_err(|source| json_error("TrafficCounts", source))?;
            let bytes = Bytes::from(encoded);
            let written = match revision {
                Some(revision) => self.bucket.update(keys::TRAFFIC, bytes, revision).await,
                None => self.bucket.create(keys::TRAFFIC, bytes).await,
            };
            match written {
                Ok(_) => Ok(Some(counts)),
                Err(bus::Error::Conflict { .. }) => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    async fn read_traffic(&self) -> Result<(TrafficCounts, Option<u64>), Error> {
        let Some(entry) = self.bucket.get(keys::TRAFFIC).await? else {
            return Ok((TrafficCounts::default(), None));
        };
        let counts = TrafficCounts::decode(&entry.value)
            .map_err(|source| self.damaged(keys::TRAFFIC, json_error("TrafficCounts", source)))?;
        Ok((counts, Some(entry.revision)))
    }

    /// The counts of an endpoint, as they were shown last; none before its first event.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn counts(&self, endpoint: &str) -> Result<Option<MonitorCounts>, Error> {
        let key = keys::counts(endpoint);
        let Some(entry) = self.bucket.get(&key).await? else { return Ok(None) };
        let counts = encoding::from_protobuf("MonitorCounts", &entry.value);
        counts.map(Some).map_err(|source| self.damaged(&key, source))
    }

    /// Shows the counts of an endpoint, unless there are later ones.
    ///
    /// # Errors
    /// [`Error::Bus`].
    pub async fn put_counts(&self, counts: &MonitorCounts) -> Result<(), Error> {
        let shown = match self.counts(&counts.endpoint).await {
            // They are made anew.
            Err(Error::Damaged { .. }) => None,
            shown => shown?,
        };
        if shown.is_none_or(|shown| shown.events <= counts.events) {
            self.bucket.put(&keys::counts(&counts.endpoint), encoding::encode(counts)).await?;
        }
        Ok(())
    }
}
