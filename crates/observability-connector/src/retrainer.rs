//! Retraining: from an open alert to a request with the rows that the endpoint was asked since, and to what became of it.
//!
//! ```text
//!   alert ─▶ labelled rows + inputs ─▶ artifact ─▶ examined ─┬▶ quarantined
//!                                                           └▶ (approval) ─▶ request ─▶ run ─▶ promoted, rejected or failed
//! ```

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use artifacts::ArtifactStore;
use bus::{Bus, Headers, KeyValue};
use bytes::Bytes;
use contracts::v1::stage_output::Output;
use contracts::v1::{
    Alert, AlertRecord, Handoff, HandoffStatus, Monitor, PredictionEvent, RetrainingAttempt,
    RetrainingState, ScopeReply, SegmentPerformance,
};
use contracts::{RunId, encoding, names, subjects, time};
use monitoring::feedback::LabelledRow;
use monitoring::performance::{self, RowSegments};
use monitoring::retraining::table::{self, RowWithEvent};
use monitoring::retraining::{self, Decision, quarantine};
use monitoring::settings::{Mode, Retraining};
use prost::Message as _;
use registry::Registry;
use statistics::drift::{self, TableSketch};
use statistics::reference::Reference;
use tabular::Table;

use crate::error::StoreError;
use crate::{joiner, locator, telemetry};

/// Media type of the rows.
const PARQUET: &str = "application/vnd.apache.parquet";
/// How long the intake may take to answer.
const INTAKE: Duration = Duration::from_secs(20);
/// The code of a run whose challenger was not better.
const NOT_BETTER: &str = "challenger_not_better";

/// Retrains endpoints.
pub(crate) struct Retrainer {
    bus: Bus,
    registry: Registry,
    artifacts: ArtifactStore,
    windows: KeyValue,
    settings: Retraining,
    /// Segments of an endpoint's version, with the labelled rows that they are of.
    segments: BTreeMap<(String, u32), (u64, Vec<SegmentPerformance>)>,
}

impl Retrainer {
    pub(crate) fn new(
        bus: Bus,
        registry: Registry,
        artifacts: ArtifactStore,
        windows: KeyValue,
        settings: Retraining,
    ) -> Self {
        Self { bus, registry, artifacts, windows, settings, segments: BTreeMap::new() }
    }

    /// Carries on what is under way, and begins what an open alert asks for.
    pub(crate) async fn step(
        &self,
        monitor: &Monitor,
        alerts: &[AlertRecord],
        reference: Option<&Reference>,
    ) -> Result<(), StoreError> {
        let record = self.registry.retraining(&monitor.endpoint).await?;
        for attempt in record.attempts.iter().filter(|attempt| retraining::is_open(attempt)) {
            self.carry_on(monitor, attempt).await?;
        }
        if self.settings.mode == Mode::Off {
            return Ok(());
        }
        let record = self.registry.retraining(&monitor.endpoint).await?;
        let now = SystemTime::now();
        match retraining::decide(&record, alerts, monitor.version, now, &self.settings) {
            Decision::Wait(why) => {
                tracing::debug!(endpoint = monitor.endpoint, why, "no retraining begins");
                Ok(())
            }
            Decision::Begin(alert) => self.begin(monitor, &alert, reference, now).await,
        }
    }

    async fn begin(
        &self,
        monitor: &Monitor,
        alert: &Alert,
        reference: Option<&Reference>,
        now: SystemTime,
    ) -> Result<(), StoreError> {
        let endpoint = &monitor.endpoint;
        let Some(reference) = reference else { return Ok(()) };
        let labelled = joiner::labelled(&self.windows, endpoint, monitor.version).await?;
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
        let events = self.events(labelled.rows()).await?;
        let rows: Vec<RowWithEvent<'_>> = with_events(labelled.rows(), &events);
        let table = table::table(monitor, &rows)?;
        let mut sketch = TableSketch::default();
        sketch.add_table(&table);
        let report = drift::compare(&reference.inputs, &sketch, &drift::Settings::default());
        let issues = quarantine::examine(&table, monitor, &report, need);
        let batch = self.store(&table).await?;
        let is_quarantined = issues.iter().any(|issue| issue.blocking);
        let state = match self.settings.mode {
            _ if is_quarantined => RetrainingState::Quarantined,
            Mode::Off | Mode::DryRun => RetrainingState::DryRun,
            Mode::Approve => RetrainingState::Proposed,
            Mode::Auto => RetrainingState::Requested,
        };
        let blocking: Vec<&str> = issues
            .iter()
            .filter(|issue| issue.blocking)
            .map(|issue| issue.message.as_str())
            .collect();
        let reason = match state {
            RetrainingState::Quarantined => {
                format!("the rows stay in quarantine: {}", blocking.join("; "))
            }
            RetrainingState::DryRun => "a dry run: nothing is requested".to_owned(),
            RetrainingState::Proposed => {
                format!("waits for `tier0 retraining approve {endpoint}`")
            }
            _ => format!("{} labelled rows passed the re-validation", table.rows()),
        };
        let at = Some(time::timestamp(now));
        let ends = matches!(state, RetrainingState::Quarantined | RetrainingState::DryRun);
        let attempt = RetrainingAttempt {
            request_id: retraining::request_id(alert, now),
            state: state.into(),
            cause: Some(retraining::cause(alert, monitor, &batch.sha256)),
            batch: Some(batch),
            started_at: at,
            ended_at: at.filter(|_| ends),
            reason: reason.clone(),
            issues,
            ..RetrainingAttempt::default()
        };
        let mut is_ours = false;
        self.registry
            .change_retraining(endpoint, |record| {
                // Another replica may have begun in the meantime.
                is_ours = !record.attempts.iter().any(retraining::is_open)
                    && !record.attempts.iter().any(|one| one.request_id == attempt.request_id);
                if is_ours {
                    record.attempts.push(attempt.clone());
                }
                is_ours
            })
            .await?;
        if is_ours {
            telemetry::retraining(endpoint, state);
            tracing::warn!(endpoint, request = attempt.request_id, reason, "retraining");
            if state == RetrainingState::Requested {
                self.carry_on(monitor, &attempt).await?;
            }
        }
        Ok(())
    }

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
            return self.end(attempt, RetrainingState::Failed, reason, 0).await;
        };
        let Some((_, _, bytes)) = self.bus.last(&subjects::results_of(&run)).await? else {
            return Ok(());
        };
        let result = Handoff::decode(bytes).map_err(|_| {
            StoreError::Contract(contracts::ContractError::Subject {
                found: subjects::results_of(&run),
            })
        })?;
        let deployed = result.outputs.iter().find_map(|output| match &output.output {
            Some(Output::Deployment(deployment)) => Some(deployment.version),
            _ => None,
        });
        let (state, reason) = if result.status() == HandoffStatus::Failed {
            let failure = result.failure.unwrap_or_default();
            let is_rejection = failure.code == NOT_BETTER;
            let state =
                if is_rejection { RetrainingState::Rejected } else { RetrainingState::Failed };
            (state, failure.message)
        } else {
            let version = deployed.unwrap_or_default();
            (RetrainingState::Promoted, format!("version {version} is the champion"))
        };
        self.end(attempt, state, reason, deployed.unwrap_or_default()).await
    }

    async fn request(
        &self,
        monitor: &Monitor,
        attempt: &RetrainingAttempt,
    ) -> Result<(), StoreError> {
        let batch = attempt.batch.clone().unwrap_or_default();
        let uri = format!("artifact:{}:{}", batch.sha256, batch.bytes);
        let request = retraining::request(attempt, monitor, uri, &self.settings);
        let mut headers = Headers::new();
        headers.insert(names::CONTENT_TYPE, names::PROTOBUF);
        let bytes = encoding::encode_bounded(&request)?;
        let answer = self.bus.request(subjects::REQUEST, headers, bytes, INTAKE).await?;
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
            return self.end(attempt, RetrainingState::Failed, reason, 0).await;
        }
        tracing::info!(request = attempt.request_id, run = reply.run_id, "retraining run");
        self.change(attempt, |attempt| attempt.run_id.clone_from(&reply.run_id)).await
    }

    async fn end(
        &self,
        attempt: &RetrainingAttempt,
        state: RetrainingState,
        reason: String,
        version: u32,
    ) -> Result<(), StoreError> {
        let now = SystemTime::now();
        let started = attempt.started_at.as_ref().and_then(time::system_time).unwrap_or(now);
        let seconds = now.duration_since(started).unwrap_or_default().as_secs_f64();
        let endpoint =
            attempt.cause.as_ref().map(|cause| cause.endpoint.clone()).unwrap_or_default();
        telemetry::retraining(&endpoint, state);
        tracing::warn!(
            endpoint,
            request = attempt.request_id,
            state = state.as_str_name(),
            reason,
            "retraining ended"
        );
        self.change(attempt, |attempt| {
            attempt.set_state(state);
            attempt.reason.clone_from(&reason);
            attempt.version = version;
            attempt.seconds = seconds;
            attempt.ended_at = Some(time::timestamp(now));
        })
        .await
    }

    /// Changes an attempt that is still open.
    async fn change(
        &self,
        attempt: &RetrainingAttempt,
        change: impl Fn(&mut RetrainingAttempt),
    ) -> Result<(), StoreError> {
        let endpoint = attempt.cause.as_ref().map(|cause| cause.endpoint.as_str());
        self.registry
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

    /// The events of rows, as far as they are still kept.
    async fn events(
        &self,
        rows: &[LabelledRow],
    ) -> Result<BTreeMap<u64, PredictionEvent>, StoreError> {
        let mut events = BTreeMap::new();
        for row in rows {
            if !events.contains_key(&row.sequence)
                && let Some(event) = locator::event(&self.bus, row.sequence).await?
            {
                events.insert(row.sequence, event);
            }
        }
        Ok(events)
    }

    async fn store(&self, table: &Table) -> Result<contracts::v1::ArtifactRef, StoreError> {
        let bytes = Bytes::from(dataset::write_parquet(table)?);
        Ok(self.artifacts.put(bytes, PARQUET, table.rows() as u64).await?)
    }

    /// The metrics by the values of the first `columns` texts of the signature; computed anew only where there are other rows.
    pub(crate) async fn segments(
        &mut self,
        monitor: &Monitor,
        rows: &[LabelledRow],
        columns: usize,
    ) -> Result<Vec<SegmentPerformance>, StoreError> {
        let key = (monitor.endpoint.clone(), monitor.version);
        let mark = rows.last().map_or(0, |row| row.sequence) ^ (rows.len() as u64) << 40;
        if let Some((known, segments)) = self.segments.get(&key)
            && *known == mark
        {
            return Ok(segments.clone());
        }
        let texts: Vec<&str> = monitor
            .signature_inputs
            .iter()
            .filter(|input| input.r#type() == contracts::v1::ColumnType::Text)
            .map(|input| input.name.as_str())
            .take(columns)
            .collect();
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let events = self.events(rows).await?;
        let segmented: Vec<RowSegments<'_>> = with_events(rows, &events)
            .into_iter()
            .map(|(row, event)| {
                let values = event
                    .inputs
                    .iter()
                    .filter(|column| texts.contains(&column.name.as_str()))
                    .filter_map(|column| {
                        Some((column.name.as_str(), table::text(column, row.row)?))
                    })
                    .collect();
                (row, values)
            })
            .collect();
        let segments = performance::segments(monitor, &segmented);
        self.segments.insert(key, (mark, segments.clone()));
        Ok(segments)
    }
}

fn with_events<'a>(
    rows: &'a [LabelledRow],
    events: &'a BTreeMap<u64, PredictionEvent>,
) -> Vec<RowWithEvent<'a>> {
    rows.iter().filter_map(|row| Some((row, events.get(&row.sequence)?))).collect()
}
