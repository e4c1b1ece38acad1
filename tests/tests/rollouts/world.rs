//! Callers of a watched endpoint, and what really happened to those whom they asked about.

use std::time::{Duration, SystemTime};

use bus::{Headers, MESSAGE_ID};
use contracts::v1::{AlertKind, AlertRecord, AlertState, Feedback, MonitorCounts};
use contracts::{encoding, names, subjects, time};
use monitoring::alerts::alert_kind_name;
use tier0_tests::eventually;
use tier0_tests::load::ask;

use crate::endpoint::{Endpoint, NAME};

/// A monitor that looks often and at little, so that a test need not wait for an hour's window.
pub(crate) const EAGER: [(&str, &str); 5] = [
    ("TIER0_OBSERVABILITY_CONNECTOR__MONITORING__WINDOW__SLICE_SECONDS", "1"),
    ("TIER0_OBSERVABILITY_CONNECTOR__MONITORING__WINDOW__SECONDS", "600"),
    ("TIER0_OBSERVABILITY_CONNECTOR__MONITORING__WINDOW__MIN_ROWS", "300"),
    ("TIER0_OBSERVABILITY_CONNECTOR__MONITORING__CHECK_SECONDS", "1"),
    ("TIER0_OBSERVABILITY_CONNECTOR__MONITORING__ALERTS__CLEAR_CHECKS", "2"),
];

/// No model is retrained.
pub(crate) const NO_RETRAINING: (&str, &str) =
    ("TIER0_OBSERVABILITY_CONNECTOR__MONITORING__RETRAINING__MODE", "off");

/// A case: what a caller asks about, and its outcome.
pub(crate) type Case = (String, String);

/// Cases that no version was trained on, changed by `change`.
pub(crate) fn cases(count: usize, change: impl Fn(&mut [f64; 2], &mut String)) -> Vec<Case> {
    let (rows, outcomes) = Endpoint::rows();
    rows.into_iter()
        .zip(outcomes)
        .take(count)
        .map(|(row, mut outcome)| {
            let mut cells = row.split(',');
            let mut number = || cells.next().and_then(|cell| cell.parse().ok()).unwrap_or(0.0);
            let mut numbers = [number(), number()];
            let region = row.rsplit(',').next().unwrap_or_default().to_owned();
            change(&mut numbers, &mut outcome);
            (format!("{},{},{region}", numbers[0], numbers[1]), outcome)
        })
        .collect()
}

impl Endpoint {
    /// Asks about each case once, and gives the identities of the answers. None fails.
    pub(crate) async fn ask_all(&self, cases: &[Case]) -> Vec<String> {
        let urls = self.urls().await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut ids = Vec::new();
        for (at, (row, _)) in cases.iter().enumerate() {
            let url = &urls[at % urls.len()];
            let answered = ask(&http, url, row, &format!("key-{at}"), at).await;
            assert_eq!(answered.status, 200);
            ids.push(answered.request_id);
        }
        ids
    }

    /// Tells the outcomes of answers.
    pub(crate) async fn tell(&self, ids: &[String], cases: &[Case]) {
        let subject = subjects::feedback(NAME).unwrap();
        for (id, (_, outcome)) in ids.iter().zip(cases) {
            let feedback = Feedback {
                feedback_id: format!("f-{id}"),
                endpoint: NAME.to_owned(),
                request_id: id.clone(),
                outcomes: vec![outcome.clone()],
                at: Some(time::timestamp(SystemTime::now())),
                ..Feedback::default()
            };
            let mut headers = Headers::new();
            headers.insert(MESSAGE_ID, feedback.feedback_id.as_str());
            self.bus.publish(&subject, headers, encoding::encode(&feedback)).await.unwrap();
        }
    }

    /// The alerts that are not over, as kind and subject.
    pub(crate) async fn open_alerts(&self) -> Vec<(String, String)> {
        let mut open: Vec<(String, String)> = self
            .alerts()
            .await
            .into_iter()
            .filter(|record| record.state() != AlertState::Resolved)
            .filter_map(|record| record.alert)
            .map(|alert| (alert_kind_name(alert.kind()), alert.subject))
            .collect();
        open.sort();
        open
    }

    /// All records of alerts.
    pub(crate) async fn alerts(&self) -> Vec<AlertRecord> {
        self.registry.monitors().alert_records(Some(NAME)).await.unwrap()
    }

    /// The record of an alert of this kind, once there is one.
    pub(crate) async fn alert(&self, kind: AlertKind) -> AlertRecord {
        eventually(&format!("an alert of kind {}", alert_kind_name(kind)), || async {
            let records = self.alerts().await;
            records
                .into_iter()
                .find(|record| record.alert.as_ref().is_some_and(|alert| alert.kind() == kind))
        })
        .await
    }

    /// What was counted, once so many answers were.
    pub(crate) async fn counted(&self, answers: u64) -> MonitorCounts {
        eventually(&format!("{answers} answers are counted"), || async {
            let counts = self.registry.monitors().counts(NAME).await.unwrap()?;
            (counts.answers >= answers).then_some(counts)
        })
        .await
    }

    /// Waits until the monitor has looked at the endpoint so many times more, whatever it found.
    pub(crate) async fn checks(&self, times: usize) {
        let bucket = self.bus.kv(names::WINDOWS_BUCKET).await.unwrap();
        let key = format!("{NAME}.checked");
        for _ in 0..times {
            let before = bucket.get(&key).await.unwrap().map(|entry| entry.revision);
            eventually("the monitor looks at the endpoint", || async {
                let now = bucket.get(&key).await.unwrap().map(|entry| entry.revision);
                (now != before).then_some(())
            })
            .await;
        }
        // What was begun has been done by the time of the next look, but for its last writes.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
