//! Retraining: from an open alert to a request with the labelled rows of the endpoint, and to the end of its run.
//!
//! ```text
//!   alert ─▶ labelled rows + inputs ─▶ artifact ─▶ examined ─┬▶ quarantined
//!                                                           └▶ (approval) ─▶ request ─▶ run ─▶ promoted, rejected or failed
//! ```
//!
//! A step of it is made at each check of an endpoint; the attempts are in one record, changed by compare-and-swap.

use std::time::{Duration, SystemTime};

use artifacts::{ArtifactStore, media_type};
use bus::{Bus, Headers};
use bytes::Bytes;
use contracts::messages::{
    Alert, AlertRecord, Handoff, Monitor, RetrainingAttempt, RetrainingState, ScopeReply,
};
use contracts::{RunId, encoding, names, subjects};
use monitoring::retraining::{self, Decision, Outcome, quarantine, table};
use monitoring::settings::{Mode, Retraining};
use prost::Message as _;
use registry::Monitors;
use statistics::drift::{self, TableSketch};
use statistics::reference::Reference;

use super::events::{events_of, with_events};
use crate::error::StoreError;
use crate::telemetry;
use crate::windows::WindowStore;

/// Longest wait for the reply of the intake.
const INTAKE_TIMEOUT: Duration = Duration::from_secs(20);

/// Begins, watches and ends the retrainings of endpoints.
pub(super) struct Retrainer {
    pub(super) bus: Bus,
    pub(super) monitors: Monitors,
    pub(super) artifacts: ArtifactStore,
    pub(super) windows: WindowStore,
    pub(super) settings: Retraining,
}

impl Retrainer {
    /// Carries on what is under way, and begins what an open alert asks for.
    pub(super) async fn step(
        &self,
        monitor: &Monitor,
        alerts: &[AlertRecord],
        reference: Option<&Reference>,
    ) -> Result<(), StoreError> {
        let record = self.monitors.retraining(&monitor.endpoint).await?;
        for attempt in record.attempts.iter().filter(|attempt| retraining::is_open(attempt)) {
            self.carry_on(monitor, attempt).await?;
        }
        if self.settings.mode == Mode::Off {
            return Ok(());
        }
        let record = self.monitors.retraining(&monitor.endpoint).await?;
        let now = SystemTime::now();
        match retraining::decide(&record, alerts, monitor.version, now, &self.settings) {
            Decision::Wait(why) => {
                tracing::debug!(endpoint = monitor.endpoint, why, "no retraining begins");
                Ok(())
            }
            Decision::Begin(alert) => self.begin(monitor, &alert, reference, now).await,
        }
    }

    /// Examines and stores the labelled rows, and notes the attempt, unless another replica has begun one.
    async fn begin(
        &self,
        monitor: &Monitor,
        alert: &Alert,
        reference: Option<&Reference>,
        now: SystemTime,
    ) -> Result<(), StoreError> {
        let endpoint = &monitor.endpoint;
        let Some(reference) = reference else { return Ok(()) };
        let labelled = self.windows.labelled(endpoint, monitor.version).await?;
        let (have, need) = (labelled.rows().len(), self.settings.min_rows);
        telemetry::retraining_rows(endpoint, have);
        if have < need {
            tracing::info!(
                endpoint,
                have,
                need,
                "retraining waits for labelled rows; tell outcomes with `tier0 feedback`"
            );
            return Ok(());
        }
        let events = events_of(&self.bus, labelled.rows()).await?;
        let rows = with_events(labelled.rows(), &events);
        let table = table::table(monitor, &rows)?;
        let mut sketch = TableSketch::default();
        sketch.add_table(&table);
        let report = drift::compare_with_times(
            &reference.inputs,
            &sketch,
            &drift::Settings::default(),
            |name| monitoring::is_time(monitor, name),
        );
        let issues = quarantine::examine(&table, monitor, &report, need);
        let (table, time_column) =
            table::with_times(&table, &rows)?.unwrap_or_else(|| (table, String::new()));
        let bytes = Bytes::from(dataset::write_parquet(&table)?);
        let rows = table.rows() as u64;
        let batch = self.artifacts.put(bytes, media_type::PARQUET, rows).await?;
        let mode = self.settings.mode;
        let mut attempt = retraining::attempt::begin(alert, monitor, batch, issues, mode, now);
        attempt.time_column = time_column;
        let mut is_ours = false;
        self.monitors
            .change_retraining(endpoint, |record| {
                is_ours = !record.attempts.iter().any(retraining::is_open)
                    && !record.attempts.iter().any(|one| one.request_id == attempt.request_id);
                if is_ours {
                    record.attempts.push(attempt.clone());
                }
                is_ours
            })
            .await?;
        if is_ours {
            let state = attempt.state();
            telemetry::retraining(endpoint, state);
            let (request, reason) = (&attempt.request_id, &attempt.reason);
            tracing::warn!(endpoint, request, reason, "retraining");
            if state == RetrainingState::Requested {
                self.carry_on(monitor, &attempt).await?;
            }
        }
        Ok(())
    }

    /// Requests the run of an attempt, or ends the attempt where the run has ended.
    async fn carry_on(
        &self,
        monitor: &Monitor,
        attempt: &RetrainingAttempt,
    ) -> Result<(), StoreError> {
        if attempt.state() != RetrainingState::Requested {
            return Ok(());
        }
        if attempt.run_id.is_empty() {
            return self.request(monitor, attempt).await;
        }
        let Ok(run) = RunId::new(attempt.run_id.as_str()) else {
            let reason = "the run's identity is damaged".to_owned();
            return self.end(attempt, Outcome::failed(reason)).await;
        };
        let subject = subjects::results_of(&run);
        let Some((_, _, bytes)) = self.bus.last(&subject).await? else { return Ok(()) };
        let result = Handoff::decode(bytes).map_err(|_| {
            StoreError::Contract(contracts::ContractError::Subject { found: subject })
        })?;
        self.end(attempt, Outcome::from_result(result)).await
    }

    async fn request(
        &self,
        monitor: &Monitor,
        attempt: &RetrainingAttempt,
    ) -> Result<(), StoreError> {
        let batch = attempt.batch.clone().unwrap_or_default();
        let uri = format!("artifact:{}:{}", batch.sha256, batch.bytes);
        let request = retraining::attempt::request(attempt, monitor, uri, &self.settings);
        let mut headers = Headers::new();
        headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
        let bytes = encoding::encode_bounded(&request)?;
        let answer = self.bus.request(subjects::REQUEST, headers, bytes, INTAKE_TIMEOUT).await?;
        // The intake answers in JSON unless it was asked in protobuf.
        let reply = ScopeReply::decode(answer.payload.clone())
            .ok()
            .filter(|reply| reply.accepted || reply.error.is_some())
            .or_else(|| serde_json::from_slice(&answer.payload).ok());
        let Some(reply) = reply else {
            tracing::warn!(request = attempt.request_id, "the intake's answer cannot be read");
            return Ok(());
        };
        if !reply.accepted {
            let reason = reply.error.unwrap_or_default().message;
            return self.end(attempt, Outcome::failed(reason)).await;
        }
        tracing::info!(request = attempt.request_id, run = reply.run_id, "retraining run");
        self.change(attempt, |attempt| attempt.run_id.clone_from(&reply.run_id)).await
    }

    async fn end(&self, attempt: &RetrainingAttempt, outcome: Outcome) -> Result<(), StoreError> {
        let now = SystemTime::now();
        let cause = attempt.cause.as_ref();
        let endpoint = cause.map(|cause| cause.endpoint.as_str()).unwrap_or_default();
        telemetry::retraining(endpoint, outcome.state);
        tracing::warn!(
            endpoint,
            request = attempt.request_id,
            state = outcome.state.as_str_name(),
            reason = outcome.reason,
            "retraining ended"
        );
        self.change(attempt, |attempt| retraining::attempt::end(attempt, &outcome, now)).await
    }

    /// Changes an attempt that is still open.
    async fn change(
        &self,
        attempt: &RetrainingAttempt,
        change: impl Fn(&mut RetrainingAttempt),
    ) -> Result<(), StoreError> {
        let endpoint = attempt.cause.as_ref().map(|cause| cause.endpoint.as_str());
        self.monitors
            .change_retraining(endpoint.unwrap_or_default(), |record| {
                let open = record
                    .attempts
                    .iter_mut()
                    .find(|one| one.request_id == attempt.request_id && retraining::is_open(one));
                open.is_some_and(|open| {
                    change(open);
                    true
                })
            })
            .await?;
        Ok(())
    }
}
