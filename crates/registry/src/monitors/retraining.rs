//! How endpoints are retrained: one record for each, with its latest attempts.

use contracts::v1::RetrainingRecord;

use super::{Monitors, keys};
use crate::{Error, records};

/// Most attempts that a record keeps.
const MAX_ATTEMPTS: usize = 50;

/// The record of an endpoint that was never retrained.
fn none(endpoint: &str) -> RetrainingRecord {
    RetrainingRecord { endpoint: endpoint.to_owned(), attempts: Vec::new() }
}

impl Monitors {
    /// How an endpoint is retrained; without attempts where it never was.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn retraining(&self, endpoint: &str) -> Result<RetrainingRecord, Error> {
        let found = records::read(&self.bucket, &keys::retraining(endpoint)).await?;
        Ok(found.map_or_else(|| none(endpoint), |found| found.value))
    }

    /// How every endpoint is retrained that ever was.
    ///
    /// # Errors
    /// As [`Monitors::retraining`].
    pub async fn retrainings(&self) -> Result<Vec<RetrainingRecord>, Error> {
        let found = records::read_all(&self.bucket, keys::ALL_RETRAININGS).await?;
        Ok(found.into_iter().map(|found| found.value).collect())
    }

    /// Changes how an endpoint is retrained, by compare-and-swap, and gives the record as it is then; nothing is written where
    /// `change` says no. The oldest attempts are removed where there are more than 50.
    ///
    /// # Errors
    /// [`Error::Contract`], [`Error::Bus`], [`Error::Damaged`], [`Error::Contended`].
    pub async fn change_retraining(
        &self,
        endpoint: &str,
        mut change: impl FnMut(&mut RetrainingRecord) -> bool,
    ) -> Result<RetrainingRecord, Error> {
        let mut unchanged = none(endpoint);
        let written = records::change(&self.bucket, &keys::retraining(endpoint), |before| {
            let mut value = before.cloned().unwrap_or_else(|| none(endpoint));
            if !change(&mut value) {
                unchanged = value;
                return None;
            }
            let surplus = value.attempts.len().saturating_sub(MAX_ATTEMPTS);
            value.attempts.drain(..surplus);
            Some(value)
        })
        .await?;
        Ok(written.unwrap_or(unchanged))
    }
}
