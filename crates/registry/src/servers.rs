//! What model servers say of the endpoints that they hold.

use std::time::{Duration, SystemTime};

use bus::{Change, Watch};
use contracts::v1::ServerReport;
use contracts::{names, time};

use crate::{Error, Registry, records};

/// A report that is older than this is of a server that is gone.
pub const STALE_AFTER: Duration = Duration::from_secs(15);

impl Registry {
    /// Puts a server's report; its time is set here.
    ///
    /// # Errors
    /// [`Error::Contract`], [`Error::Bus`].
    pub async fn report(&self, report: &ServerReport) -> Result<(), Error> {
        let report =
            ServerReport { at: Some(time::timestamp(SystemTime::now())), ..report.clone() };
        let key = names::server_key(&report.endpoint, &report.server);
        records::put(&self.servers, &key, &report).await.map(|_| ())
    }

    /// Removes a server's report, when it leaves.
    ///
    /// # Errors
    /// [`Error::Bus`].
    pub async fn withdraw(&self, endpoint: &str, server: &str) -> Result<(), Error> {
        Ok(self.servers.delete(&names::server_key(endpoint, server)).await?)
    }

    /// The reports on an endpoint of the servers that are alive now, by server.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn servers(&self, endpoint: &str) -> Result<Vec<ServerReport>, Error> {
        let now = SystemTime::now();
        let reports = self.server_reports(endpoint).await?;
        Ok(reports.into_iter().filter(|report| is_fresh(report, now)).collect())
    }

    /// The reports as they are, and then every change.
    ///
    /// # Errors
    /// [`Error::Bus`].
    pub async fn watch_servers(&self) -> Result<ServerWatch, Error> {
        let bucket = self.servers.bucket().to_owned();
        Ok(ServerWatch { watch: self.servers.watch(">").await?, bucket })
    }

    /// The reports on an endpoint, stale ones included, by server.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn server_reports(&self, endpoint: &str) -> Result<Vec<ServerReport>, Error> {
        let keys = format!("{}.*", names::token(endpoint));
        let found = records::read_all::<ServerReport>(&self.servers, &keys).await?;
        Ok(found.into_iter().map(|found| found.value).collect())
    }

    /// The reports of all servers on all endpoints, stale ones included.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn all_server_reports(&self) -> Result<Vec<ServerReport>, Error> {
        let found = records::read_all::<ServerReport>(&self.servers, ">").await?;
        Ok(found.into_iter().map(|found| found.value).collect())
    }
}

/// What has become of a server's report.
#[derive(Debug)]
pub enum ServerChange {
    /// The server has written this report.
    Reported(Box<ServerReport>),
    /// It was taken away, or has expired; its key.
    Gone(String),
    /// It cannot be read; its key.
    Damaged(String),
}

/// Changes of the reports.
pub struct ServerWatch {
    watch: Watch,
    bucket: String,
}

impl ServerWatch {
    /// The next change; waits as long as there is none.
    pub async fn next(&mut self) -> ServerChange {
        match self.watch.next().await {
            Change::Put(entry) => match records::decode::<ServerReport>(&self.bucket, &entry) {
                Ok(report) => ServerChange::Reported(Box::new(report.value)),
                Err(_) => ServerChange::Damaged(entry.key),
            },
            Change::Deleted { key, .. } => ServerChange::Gone(key),
        }
    }
}

/// Whether a report is of a server that is alive; one from the future is, clocks differ.
#[must_use]
pub fn is_fresh(report: &ServerReport, now: SystemTime) -> bool {
    report
        .at
        .as_ref()
        .and_then(time::system_time)
        .is_some_and(|at| now.duration_since(at).is_ok_and(|age| age <= STALE_AFTER) || at > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_fresh_for_fifteen_seconds() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let report = ServerReport { at: Some(time::timestamp(at)), ..ServerReport::default() };
        for (later, fresh) in [(0, true), (15, true), (16, false)] {
            assert_eq!(is_fresh(&report, at + Duration::from_secs(later)), fresh, "{later} s");
        }
        assert!(is_fresh(&report, at - Duration::from_secs(60)), "clocks differ");
        assert!(!is_fresh(&ServerReport::default(), at), "no time");
    }
}
