//! The deployment records: one per endpoint, changed by compare-and-swap only.

use std::time::SystemTime;

use bus::{Change, Watch};
use contracts::v1::DeploymentRecord;
use contracts::{is_name, subjects, time};

use crate::records::{self, Revisioned};
use crate::{ChangeError, Error, Registry};

impl Registry {
    /// An endpoint's record, where there is one.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn record(
        &self,
        endpoint: &str,
    ) -> Result<Option<Revisioned<DeploymentRecord>>, Error> {
        check(endpoint)?;
        records::read(&self.deployments, endpoint).await
    }

    /// An endpoint's record as it was over time, the oldest that is still kept first.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn record_history(
        &self,
        endpoint: &str,
    ) -> Result<Vec<Revisioned<DeploymentRecord>>, Error> {
        check(endpoint)?;
        let entries = self.deployments.history(endpoint).await?;
        entries.iter().map(|entry| records::decode(self.deployments.bucket(), entry)).collect()
    }

    /// The names of the endpoints, sorted.
    ///
    /// # Errors
    /// [`Error::Bus`].
    pub async fn endpoints(&self) -> Result<Vec<String>, Error> {
        Ok(self.deployments.keys().await?)
    }

    /// Changes an endpoint's record, which is made where it is not there. `change` may be called several times, each time with the record as it is then, and decides by what it sees and says why in `reason`; time and author are set here. A change that changes nothing writes nothing.
    ///
    /// # Errors
    /// [`ChangeError::Refused`] with the change's own error, else [`ChangeError::Registry`].
    pub async fn change<E: std::error::Error + 'static>(
        &self,
        endpoint: &str,
        by: &str,
        mut change: impl FnMut(&mut DeploymentRecord) -> Result<(), E>,
    ) -> Result<Revisioned<DeploymentRecord>, ChangeError<E>> {
        check(endpoint)?;
        let changed = |found: Option<&DeploymentRecord>| changed(found, endpoint, by, &mut change);
        self.ledger.change(&self.deployments, endpoint, changed).await
    }

    /// Changes an endpoint's record as [`change`](Self::change) does, but only the one of this revision.
    ///
    /// # Errors
    /// [`Error::RecordMoved`] where the record is at another revision, else as [`change`](Self::change).
    pub async fn change_at<E: std::error::Error + 'static>(
        &self,
        endpoint: &str,
        expected: u64,
        by: &str,
        mut change: impl FnMut(&mut DeploymentRecord) -> Result<(), E>,
    ) -> Result<Revisioned<DeploymentRecord>, ChangeError<E>> {
        let moved = |found: Option<&Revisioned<DeploymentRecord>>| Error::RecordMoved {
            endpoint: endpoint.to_owned(),
            found: found.map_or(0, |found| found.revision),
            expected,
        };
        let found = self.record(endpoint).await?;
        let Some(found) = found.as_ref().filter(|found| found.revision == expected) else {
            return Err(moved(found.as_ref()).into());
        };
        let value =
            changed(Some(&found.value), endpoint, by, &mut change).map_err(ChangeError::Refused)?;
        if found.value == value {
            return Ok(found.clone());
        }
        let written = self.ledger.replace(&self.deployments, endpoint, Some(found), value).await?;
        match written {
            Some(written) => Ok(written),
            None => Err(moved(self.record(endpoint).await?.as_ref()).into()),
        }
    }

    /// The records as they are, and then every change.
    ///
    /// # Errors
    /// [`Error::Bus`].
    pub async fn watch_deployments(&self) -> Result<DeploymentWatch, Error> {
        Ok(DeploymentWatch {
            watch: self.deployments.watch(">").await?,
            bucket: self.deployments.bucket().to_owned(),
        })
    }
}

/// A record after a change, with its author and its time where anything differs.
fn changed<E>(
    found: Option<&DeploymentRecord>,
    endpoint: &str,
    by: &str,
    change: &mut impl FnMut(&mut DeploymentRecord) -> Result<(), E>,
) -> Result<DeploymentRecord, E> {
    let mut record = found.cloned().unwrap_or_else(|| DeploymentRecord {
        endpoint: endpoint.to_owned(),
        ..DeploymentRecord::default()
    });
    change(&mut record)?;
    if found != Some(&record) {
        endpoint.clone_into(&mut record.endpoint);
        record.updated_at = Some(time::timestamp(SystemTime::now()));
        by.clone_into(&mut record.updated_by);
    }
    Ok(record)
}

/// The bus's keys would take more than a name.
fn check(endpoint: &str) -> Result<(), Error> {
    if !is_name(endpoint) {
        subjects::prediction(endpoint)?;
    }
    Ok(())
}

/// A change of a deployment record.
#[derive(Debug)]
pub enum DeploymentChange {
    /// It was made or changed.
    Changed(Box<Revisioned<DeploymentRecord>>),
    /// The deployment record was removed.
    Removed {
        /// Name of the endpoint.
        endpoint: String,
    },
    /// It cannot be read; the endpoint stays as it was.
    Damaged {
        /// Name of the endpoint.
        endpoint: String,
        /// Error that caused this one.
        error: Error,
    },
}

/// Changes of the deployment records.
pub struct DeploymentWatch {
    watch: Watch,
    bucket: String,
}

impl DeploymentWatch {
    /// The next change; waits as long as there is none.
    pub async fn next(&mut self) -> DeploymentChange {
        match self.watch.next().await {
            Change::Put(entry) => match records::decode(&self.bucket, &entry) {
                Ok(record) => DeploymentChange::Changed(Box::new(record)),
                Err(error) => DeploymentChange::Damaged { endpoint: entry.key, error },
            },
            Change::Deleted { key, .. } => DeploymentChange::Removed { endpoint: key },
        }
    }

    /// Whether the records that were there at the beginning have all been given.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.watch.is_current()
    }
}
