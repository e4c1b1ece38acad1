//! The records of an endpoint's alerts after a check, and sending what is new or worse.

use std::time::SystemTime;

use bus::{Bus, Headers, MESSAGE_ID};
use contracts::messages::{Alert, AlertRecord, AlertState};
use contracts::{encoding, subjects};
use monitoring::alerts::{RecordRules, alert_kind_name, record};
use registry::Monitors;

use super::CheckResult;
use crate::error::StoreError;
use crate::telemetry;

/// The records of alerts.
pub(super) struct Alerts {
    pub(super) bus: Bus,
    pub(super) monitors: Monitors,
    pub(super) rules: RecordRules,
}

impl Alerts {
    /// Brings the records of the endpoint's alerts up to what was found, and sends what is new or worse.
    pub(super) async fn update(
        &self,
        endpoint: &str,
        version: u32,
        found: &CheckResult,
    ) -> Result<Vec<AlertRecord>, StoreError> {
        let rules = self.rules;
        let now = SystemTime::now();
        for finding in &found.findings {
            let changed = self
                .monitors
                .change_alert(endpoint, finding.kind, &finding.subject, |before| {
                    Some(record::found(before, endpoint, version, finding, now, rules))
                })
                .await?;
            if let Some(record) = changed {
                self.send(&record).await?;
            }
        }
        let is_found = |alert: &Alert| {
            found
                .findings
                .iter()
                .any(|finding| finding.kind == alert.kind() && finding.subject == alert.subject)
        };
        let mut records = self.monitors.alert_records(Some(endpoint)).await?;
        for record in &mut records {
            let Some(alert) = record.alert.clone() else { continue };
            // What is of a version that answers no more is over at once.
            let is_of_another = alert.version != 0 && alert.version != version;
            let could_be_found = found.checked.contains(&alert.kind());
            if is_found(&alert) || !(could_be_found || is_of_another) {
                continue;
            }
            let rules =
                if is_of_another { RecordRules { clear_checks: 1, ..rules } } else { rules };
            let changed = self
                .monitors
                .change_alert(endpoint, alert.kind(), &alert.subject, |before| {
                    before.and_then(|before| record::cleared(before, now, rules))
                })
                .await?;
            if let Some(changed) = changed {
                if changed.state() == AlertState::Resolved {
                    tracing::info!(endpoint, alert = alert.alert_id, "an alert is over");
                }
                *record = changed;
            }
        }
        // What could not be sent before, such as by a replica that ended in between.
        for record in &records {
            self.send(record).await?;
        }
        Ok(records)
    }

    /// Publishes an alert that is new or worse, and notes that it was.
    async fn send(&self, record: &AlertRecord) -> Result<(), StoreError> {
        let Some(alert) = record::unsent(record) else { return Ok(()) };
        let severity = alert.severity();
        let subject = subjects::alert(&alert.endpoint)?;
        let mut headers = Headers::new();
        headers
            .insert(MESSAGE_ID, format!("{}.{}", alert.alert_id, severity.as_str_name()).as_str());
        let bytes = encoding::encode_bounded(alert)?;
        self.bus.publish(&subject, headers, bytes).await?;
        telemetry::raised(alert);
        tracing::warn!(
            endpoint = alert.endpoint,
            alert = alert.alert_id,
            kind = alert_kind_name(alert.kind()),
            severity = severity.as_str_name(),
            reason = alert.reason,
            "alert"
        );
        self.monitors
            .change_alert(&alert.endpoint, alert.kind(), &alert.subject, |before| {
                let mut record = before?.clone();
                record.set_sent(severity.max(record.sent()));
                Some(record)
            })
            .await?;
        Ok(())
    }
}
