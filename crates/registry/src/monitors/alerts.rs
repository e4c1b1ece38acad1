//! What is wrong with endpoints: one record for each endpoint, kind and subject.

use std::time::SystemTime;

use contracts::time;
use contracts::v1::{AlertKind, AlertRecord, AlertState};

use super::{Monitors, keys};
use crate::{Error, records};

impl Monitors {
    /// The records of alerts of an endpoint, or of all; those that were found last come first.
    ///
    /// # Errors
    /// [`Error::Bus`], [`Error::Damaged`].
    pub async fn alert_records(&self, endpoint: Option<&str>) -> Result<Vec<AlertRecord>, Error> {
        let keys = keys::alerts(endpoint);
        let found = records::read_all::<AlertRecord>(&self.bucket, &keys).await?;
        let mut records: Vec<AlertRecord> = found.into_iter().map(|found| found.value).collect();
        records.sort_by_key(|record| {
            std::cmp::Reverse(record.last_at.as_ref().and_then(time::system_time))
        });
        Ok(records)
    }

    /// The record of an alert, where there is one.
    ///
    /// # Errors
    /// As [`Monitors::alert_records`].
    pub async fn alert_record(
        &self,
        endpoint: &str,
        kind: AlertKind,
        subject: &str,
    ) -> Result<Option<AlertRecord>, Error> {
        let key = keys::alert(endpoint, kind, subject);
        Ok(records::read(&self.bucket, &key).await?.map(|found| found.value))
    }

    /// Changes the record of an alert by compare-and-swap; nothing is written where `change` gives nothing.
    ///
    /// # Errors
    /// [`Error::Contract`], [`Error::Bus`], [`Error::Damaged`], [`Error::Contended`].
    pub async fn change_alert(
        &self,
        endpoint: &str,
        kind: AlertKind,
        subject: &str,
        change: impl FnMut(Option<&AlertRecord>) -> Option<AlertRecord>,
    ) -> Result<Option<AlertRecord>, Error> {
        records::change(&self.bucket, &keys::alert(endpoint, kind, subject), change).await
    }

    /// Notes that a person knows of an alert.
    ///
    /// # Errors
    /// [`Error::UnknownAlert`], [`Error::AlertOver`], and as [`Monitors::change_alert`].
    pub async fn acknowledge_alert(
        &self,
        alert_id: &str,
        by: &str,
        note: &str,
        at: SystemTime,
    ) -> Result<AlertRecord, Error> {
        self.change_open(alert_id, |record| {
            record.set_state(AlertState::Acknowledged);
            record.acknowledged_at = Some(time::timestamp(at));
            by.clone_into(&mut record.acknowledged_by);
            if !note.is_empty() {
                note.clone_into(&mut record.note);
            }
        })
        .await
    }

    /// Notes that an alert is over because a person says so.
    ///
    /// # Errors
    /// As [`Monitors::acknowledge_alert`].
    pub async fn resolve_alert(
        &self,
        alert_id: &str,
        by: &str,
        note: &str,
        at: SystemTime,
    ) -> Result<AlertRecord, Error> {
        self.change_open(alert_id, |record| {
            record.set_state(AlertState::Resolved);
            record.resolved_at = Some(time::timestamp(at));
            by.clone_into(&mut record.resolved_by);
            if !note.is_empty() {
                note.clone_into(&mut record.note);
            }
        })
        .await
    }

    async fn change_open(
        &self,
        alert_id: &str,
        change: impl Fn(&mut AlertRecord),
    ) -> Result<AlertRecord, Error> {
        let is_it = |record: &AlertRecord| {
            record.alert.as_ref().is_some_and(|alert| alert.alert_id == alert_id)
        };
        let unknown = || Error::UnknownAlert { alert_id: alert_id.to_owned() };
        let all = self.alert_records(None).await?;
        let alert =
            all.into_iter().find(is_it).and_then(|record| record.alert).ok_or_else(unknown)?;
        let mut refused = None;
        let changed = self
            .change_alert(&alert.endpoint, alert.kind(), &alert.subject, |record| {
                // It may have been raised anew, or resolved, in the meantime.
                let Some(record) = record.filter(|record| is_it(record)) else {
                    refused = Some(unknown());
                    return None;
                };
                if record.state() == AlertState::Resolved {
                    refused = Some(Error::AlertOver { alert_id: alert_id.to_owned() });
                    return None;
                }
                refused = None;
                let mut changed = record.clone();
                change(&mut changed);
                Some(changed)
            })
            .await?;
        match (changed, refused) {
            (Some(record), _) => Ok(record),
            (None, refused) => Err(refused.unwrap_or_else(unknown)),
        }
    }
}
