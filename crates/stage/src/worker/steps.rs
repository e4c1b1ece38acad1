//! Finished work, kept under the digest of all that it depends on, so that it is not done again.
//!
//! The record is written before what follows from it is published: a process that dies between leaves work that the next
//! delivery takes up, and that other runs of the same step take up as well. A step that cannot be looked up or kept is done as
//! if there were no records; nothing but time depends on them.

use std::time::SystemTime;

use contracts::stages::Output;
use contracts::steps::Dependencies;
use contracts::{RunId, ValidHandoff, Validate as _, encoding, names, time, v1};

use process::VERSION;
use process::fault::{Moment, Point};

use super::WorkContext;
use super::outcome::SettleError;
use crate::stage::StageError;
use crate::{StageContext, StageResult, metrics};

/// Largest record: a step that puts out more is not kept.
const MAX_RECORD_BYTES: usize = contracts::MAX_PAYLOAD / 2;

impl WorkContext {
    /// The key of the step that a handoff asks for, where its work may stand for that of others.
    pub(super) async fn step_key(
        &self,
        input: &ValidHandoff,
        cx: &StageContext,
    ) -> Result<Option<String>, StageError> {
        Ok(self.stage.dependencies(input, cx).await?.map(|dependencies| self.key_of(&dependencies)))
    }

    /// The key of work that depends on these.
    pub(super) fn key_of(&self, dependencies: &Dependencies) -> String {
        names::step_key(
            self.agent(),
            &dependencies.digest(self.agent(), VERSION, &self.configuration),
        )
    }

    /// The work of a step and the run that did it, where there is some that this run may use and whose artifacts are all there.
    pub(super) async fn finished_step(
        &self,
        key: &str,
        input: &ValidHandoff,
        cx: &StageContext,
    ) -> Option<(StageResult, String)> {
        let found = match self.steps.get(key).await {
            Ok(found) => found?,
            Err(error) => {
                tracing::warn!(%error, "finished work cannot be looked up; the step is done anew");
                return None;
            }
        };
        let record: v1::StepRecord = match encoding::from_protobuf("StepRecord", &found.value) {
            Ok(record) => record,
            Err(error) => {
                tracing::warn!(%error, key, "a record of finished work cannot be read");
                return None;
            }
        };
        if let Err(error) = record.validate() {
            tracing::warn!(%error, key, "a record of finished work is not valid");
            return None;
        }
        // A delivery that is repeated takes up its own run's work in any case.
        let own = record.run_id == input.run_id().as_str() && record.epoch == input.epoch();
        if input.request().no_cache && !own {
            return None;
        }
        let output = record.output.as_ref()?;
        for (name, artifact) in output.artifacts() {
            match cx.artifacts.holds(artifact).await {
                Ok(true) => {}
                Ok(false) => {
                    tracing::info!(
                        key,
                        name,
                        "an artifact of finished work is gone; the step is done anew"
                    );
                    return None;
                }
                Err(error) => {
                    tracing::warn!(%error, name, "an artifact of finished work cannot be looked up");
                    return None;
                }
            }
        }
        metrics::reused(self.agent().as_str());
        tracing::info!(from = record.run_id, "the step was done before; its work is taken");
        let status = record.status();
        let result = StageResult::new(Output::try_from(record.output?.output?).ok()?, status);
        Some((result.with_warnings(record.warnings), record.run_id))
    }

    /// Keeps finished work. A broker that is away is waited for; one that refuses leaves the step without a record.
    pub(super) async fn keep_step(
        &self,
        key: &str,
        run: &RunId,
        outcome: &ValidHandoff,
        warnings: Vec<v1::Warning>,
    ) {
        let record = v1::StepRecord {
            output: outcome.outputs().last().cloned(),
            status: outcome.status().into(),
            warnings,
            run_id: run.to_string(),
            epoch: outcome.epoch(),
            at: Some(time::timestamp(SystemTime::now())),
        };
        let bytes = encoding::encode(&record);
        if bytes.len() > MAX_RECORD_BYTES {
            tracing::info!(
                bytes = bytes.len(),
                "the step's output is too large to be kept for reuse"
            );
            return;
        }
        self.pass(Moment::Before, Point::RecordOutcome, run);
        let kept: Result<u64, SettleError> =
            self.until_done("keeping finished work", || self.steps.put(key, bytes.clone())).await;
        if let Err(error) = kept {
            tracing::warn!(
                error = contracts::failures::with_causes(&error),
                "finished work was not kept for reuse"
            );
        }
        self.pass(Moment::After, Point::RecordOutcome, run);
    }
}
