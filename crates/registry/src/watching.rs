//! What the monitor knows of an endpoint: drift, performance, and how it is retrained.

use bytes::Bytes;
use contracts::names;
use contracts::v1::{Performance, RetrainingRecord};

use crate::{Error, Registry, records};

/// Most attempts that a record keeps.
const MOST_ATTEMPTS: usize = 50;

fn key(endpoint: &str, what: &str) -> String {
    format!("{}.{what}", names::token(endpoint))
}

/// The record of an endpoint that was never retrained.
fn none(endpoint: &str) -> RetrainingRecord {
    RetrainingRecord { endpoint: endpoint.to_owned(), attempts: Vec::new() }
}

impl Registry {
    /// How an endpoint's version predicts, where that was computed.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn performance(&self, endpoint: &str) -> Result<Option<Performance>, Error> {
        let found = records::read(&self.monitors, &key(endpoint, "performance")).await?;
        Ok(found.map(|found| found.value))
    }

    /// Puts how an endpoint's version predicts in the place of what was there.
    ///
    /// # Errors
    /// [`Error::Contract`], [`Error::Bus`].
    pub async fn put_performance(&self, performance: &Performance) -> Result<(), Error> {
        let key = key(&performance.endpoint, "performance");
        records::put(&self.monitors, &key, performance).await.map(|_| ())
    }

    /// The last drift report of an endpoint as JSON, where there is one.
    ///
    /// # Errors
    /// [`Error::Bus`].
    pub async fn drift(&self, endpoint: &str) -> Result<Option<Bytes>, Error> {
        let found = self.monitors.get(&key(endpoint, "drift")).await?;
        Ok(found.map(|found| found.value))
    }

    /// Puts a drift report, JSON, in the place of the one before.
    ///
    /// # Errors
    /// [`Error::Bus`].
    pub async fn put_drift(&self, endpoint: &str, report: Bytes) -> Result<(), Error> {
        self.monitors.put(&key(endpoint, "drift"), report).await?;
        Ok(())
    }

    /// How an endpoint is retrained; without attempts where it never was.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn retraining(&self, endpoint: &str) -> Result<RetrainingRecord, Error> {
        let found = records::read(&self.monitors, &key(endpoint, "retraining")).await?;
        Ok(found.map_or_else(|| none(endpoint), |found| found.value))
    }

    /// How every endpoint is retrained that ever was.
    ///
    /// # Errors
    /// As [`Registry::retraining`].
    pub async fn retrainings(&self) -> Result<Vec<RetrainingRecord>, Error> {
        let found = records::read_all(&self.monitors, "*.retraining").await?;
        Ok(found.into_iter().map(|found| found.value).collect())
    }

    /// Changes how an endpoint is retrained, by compare-and-swap; nothing is written where `change` says no. The oldest attempts are given up where there are too many.
    ///
    /// # Errors
    /// [`Error::Contract`], [`Error::Bus`], [`Error::Damaged`], [`Error::Contended`].
    pub async fn change_retraining(
        &self,
        endpoint: &str,
        mut change: impl FnMut(&mut RetrainingRecord) -> bool,
    ) -> Result<RetrainingRecord, Error> {
        let mut unchanged = none(endpoint);
        let written = records::change(&self.monitors, &key(endpoint, "retraining"), |before| {
            let mut value = before.cloned().unwrap_or_else(|| none(endpoint));
            if !change(&mut value) {
                unchanged = value;
                return None;
            }
            let surplus = value.attempts.len().saturating_sub(MOST_ATTEMPTS);
            value.attempts.drain(..surplus);
            Some(value)
        })
        .await?;
        Ok(written.unwrap_or(unchanged))
    }
}
