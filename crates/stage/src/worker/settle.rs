//! One handoff, from its delivery to its settlement.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use artifacts::{ArtifactStore, Meter};
use bus::{DeadLetter, Delivery, MESSAGE_ID, Settlement};
use contracts::handoff::{Finished, Recipient, StageTimes};
use contracts::{Agent, RunId, ValidHandoff, encoding, failures, names, subjects, v1};
use futures::{FutureExt as _, StreamExt as _};
use process::VERSION;
use process::fault::{Moment, Point};
use process::spans::{self, MessageFacts};
use tracing::Instrument as _;

use super::WorkContext;
use super::outcome::{Outcome, SettleError};
use crate::events::{Progress, StartedEvent};
use crate::metrics::{self, InFlight};
use crate::stage::StageError;
use crate::{Disposition, StageContext, StageResult};

/// Work that is done sooner does not tell of its beginning and does not listen for the run's end: its outcome tells of
/// both, and what the broker does for it takes time that a handoff could have had.
const START_EVENT_DELAY: Duration = Duration::from_millis(25);
/// How long work that is broken off may take to leave things in order, such as a version that is half deployed.
const CLEANUP_TIMEOUT: Duration = Duration::from_secs(2);

/// When the stream is looked at after a message of the run was heard.
const STREAM_CHECK_DELAYS: [Duration; 3] =
    [Duration::ZERO, Duration::from_millis(50), Duration::from_millis(500)];

/// When and how long a stage worked.
struct Worked {
    started_at: SystemTime,
    elapsed: Duration,
    times: StageTimes,
    /// Which delivery it was, from 1.
    attempt: u32,
}

/// What the stage's work came to.
pub(super) enum WorkOutcome {
    /// Something follows: the next handoff, or the run's result.
    Done(Box<Outcome>),
    /// It may succeed later.
    Retry(v1::Failure),
    /// It cannot succeed: the message becomes a dead letter.
    Reject(v1::Failure),
    /// The run has ended or goes on elsewhere: no result is wanted.
    Unwanted,
}

/// What a stage gave: its own work, with the key that it is kept under, or that of a run before.
enum ProducedResult {
    Anew(StageResult, Option<String>),
    /// With the run that did it.
    Before(StageResult, String),
}

/// Why the work was broken off.
enum StopReason {
    Superseded,
    TimeOver { code: &'static str, message: String },
}

/// Works on a delivery and settles it. What cannot be settled is given back.
pub(super) async fn settle(work: Arc<WorkContext>, delivery: Delivery) {
    let message = MessageFacts {
        subject: &delivery.subject,
        id: delivery.header(MESSAGE_ID),
        bytes: delivery.payload.len(),
    };
    let stage = work.agent().as_str();
    let span = spans::processing(message, stage, delivery.attempt);
    process::continue_trace(&span, &delivery.headers);
    async {
        let _in_flight = InFlight::new(stage);
        if let Err(error) = work.handle(delivery).await {
            tracing::error!(
                error = failures::with_causes(&error),
                "not settled; the message is given back"
            );
        }
    }
    .instrument(span)
    .await;
}

impl WorkContext {
    async fn handle(&self, delivery: Delivery) -> Result<(), SettleError> {
        let stage = self.agent().as_str();
        let letter = DeadLetter::from_delivery(&delivery);
        let input = match read(self.agent(), &delivery) {
            Ok(input) => input,
            Err(failure) => {
                spans::failed(&failure.code, &failure.message);
                self.put_aside(&letter, None, *failure).await?;
                metrics::ended(stage, "rejected");
                delivery.settle(Settlement::Reject).await;
                return Ok(());
            }
        };
        let (run, epoch) = (input.run_id(), input.epoch());
        let superseded = self.is_superseded(run, epoch, delivery.stream_sequence).await?;
        let worked = if superseded {
            WorkOutcome::Unwanted
        } else {
            self.work_with_room(&input, &delivery).await
        };
        match worked {
            WorkOutcome::Done(outcome) => self.hand_on(delivery, &outcome).await?,
            WorkOutcome::Retry(failure) if delivery.is_last_attempt() => {
                let message =
                    format!("given up after {} deliveries: {}", delivery.attempt, failure.message);
                spans::failed(&failure.code, &message);
                self.put_aside(&letter, Some(&input), v1::Failure { message, ..failure }).await?;
                metrics::ended(stage, "failed");
                delivery.settle(Settlement::Reject).await;
            }
            WorkOutcome::Retry(failure) => self.retry(&input, delivery, failure).await,
            WorkOutcome::Reject(failure) => {
                spans::failed(&failure.code, &failure.message);
                self.put_aside(&letter, Some(&input), failure).await?;
                metrics::ended(stage, "rejected");
                delivery.settle(Settlement::Reject).await;
            }
            WorkOutcome::Unwanted => {
                tracing::info!("the run has gone on or has ended; its handoff is not worked on");
                metrics::ended(stage, "superseded");
                spans::ended("superseded");
                self.acknowledge(delivery, run).await;
            }
        }
        Ok(())
    }

    async fn hand_on(&self, delivery: Delivery, outcome: &Outcome) -> Result<(), SettleError> {
        let published = self.publish(outcome, delivery.stream_sequence).await?;
        let kind = match outcome.handoff.status() {
            _ if !published => "superseded",
            v1::HandoffStatus::Success => "success",
            v1::HandoffStatus::Partial => "partial",
            v1::HandoffStatus::Failed | v1::HandoffStatus::Unspecified => "failed",
        };
        metrics::ended(self.agent().as_str(), kind);
        spans::ended(kind);
        match outcome.handoff.failure() {
            _ if !published => {}
            Some(failure) => {
                spans::failed(&failure.code, &failure.message);
                tracing::warn!(code = failure.code, reason = failure.message, "the run has failed")
            }
            None => tracing::info!(to = %outcome.handoff.to(), "handed on"),
        }
        self.acknowledge(delivery, outcome.handoff.run_id()).await;
        Ok(())
    }

    async fn retry(&self, input: &ValidHandoff, delivery: Delivery, failure: v1::Failure) {
        let wait = self.resources.common.stage.retries().after(delivery.attempt);
        tracing::warn!(
            code = failure.code,
            reason = failure.message,
            wait_ms = wait.as_millis(),
            "to be repeated"
        );
        metrics::retried(self.agent().as_str());
        spans::ended("retried");
        spans::failed(&failure.code, &failure.message);
        let attempt = u32::try_from(delivery.attempt).unwrap_or(u32::MAX);
        self.events(input.run_id(), input.epoch(), attempt).retrying(failure).await;
        delivery.settle(Settlement::Retry(wait)).await;
    }

    /// Settles a message of which nothing more is to come. Where that is not confirmed, its next delivery finds what follows from it,
    /// and repeats nothing.
    async fn acknowledge(&self, delivery: Delivery, run: &RunId) {
        self.pass(Moment::Before, Point::Ack, run);
        delivery.settle(Settlement::Ack).await;
        self.pass(Moment::After, Point::Ack, run);
    }

    /// Lets the stage work until it ends, the run ends or the time is over.
    pub(super) async fn work(&self, input: &ValidHandoff, delivery: &Delivery) -> WorkOutcome {
        let (run, epoch) = (input.run_id(), input.epoch());
        let attempt = u32::try_from(delivery.attempt).unwrap_or(u32::MAX);
        metrics::attempted(self.agent().as_str());
        let events = self.events(run, epoch, attempt);
        let mut beginning = StartedEvent::new(events.clone());
        let meter = Meter::default();
        let cx = StageContext {
            run_id: run.clone(),
            epoch,
            attempt,
            artifacts: self.artifacts(run).metered(meter.clone()),
            bus: self.resources.bus.clone(),
            replica: self.resources.replica.clone(),
            cpu: self.resources.cpu.clone(),
            cancellation: self.ending.child_token(),
            progress: Progress::new(events),
            meter: meter.clone(),
        };
        // Work that is broken off hears of it, wherever it goes on.
        let _cancel = cx.cancellation.clone().drop_guard();
        let (started_at, clock) = (SystemTime::now(), Instant::now());
        let mut handling = pin!(AssertUnwindSafe(self.produce(input, &cx)).catch_unwind());
        let first = tokio::select! {
            handled = &mut handling => Ok(handled),
            stopped = self.stopped(input, delivery.stream_sequence) => Err(stopped),
            never = beginning.announce_after(START_EVENT_DELAY) => match never {},
        };
        if !matches!(first, Ok(Ok(Ok(_)))) {
            beginning.announce().await;
        }
        let handled = match first {
            Ok(handled) => Ok(handled),
            Err(stopped) => {
                cx.cancellation.cancel();
                // Whatever it still gives is not wanted.
                let _ = tokio::time::timeout(CLEANUP_TIMEOUT, handling).await;
                Err(stopped)
            }
        };
        let elapsed = clock.elapsed();
        metrics::record_duration(self.agent().as_str(), elapsed);
        let failed = |failure| match self.failed(run, epoch, Some(input), failure, attempt) {
            Some(outcome) => WorkOutcome::Done(Box::new(outcome)),
            None => WorkOutcome::Unwanted,
        };
        match handled {
            Ok(Ok(Ok(given))) => {
                let times = StageTimes {
                    waited: started_at.duration_since(input.timestamp()).unwrap_or_default(),
                    reading: meter.read(),
                    writing: meter.written(),
                };
                let worked = Worked { started_at, elapsed, times, attempt };
                let (finished, key) = self.finished(input, given, worked);
                let warnings = finished.warnings.clone();
                match input.next(finished).and_then(Outcome::new) {
                    Ok(outcome) => {
                        if let Some(key) = key {
                            self.keep_step(&key, run, &outcome.handoff, warnings).await;
                        }
                        WorkOutcome::Done(Box::new(outcome))
                    }
                    // It would be the same another time.
                    Err(error) => failed(v1::Failure {
                        code: "output_invalid".to_owned(),
                        ..failures::of_contract(&error)
                    }),
                }
            }
            Ok(Ok(Err(StageError { disposition, message }))) => match disposition {
                Disposition::Retry => {
                    WorkOutcome::Retry(failures::failure(failures::ATTEMPTS_EXHAUSTED, message))
                }
                Disposition::Reject => WorkOutcome::Reject(failures::failure("rejected", message)),
                Disposition::Fail(failure) => failed(failure),
            },
            Ok(Err(panic)) => {
                let message =
                    format!("the stage panicked: {}", process::panic_message(panic.as_ref()));
                WorkOutcome::Retry(failures::failure("panicked", message))
            }
            Err(StopReason::Superseded) => WorkOutcome::Unwanted,
            Err(StopReason::TimeOver { code, message }) => failed(failures::failure(code, message)),
        }
    }

    /// The store, whose writings are points of the settlement.
    fn artifacts(&self, run: &RunId) -> ArtifactStore {
        let (agent, run) = (self.agent(), run.clone());
        let observer = artifacts::Observer::new(move |moment| {
            process::fault::pass(moment, Point::WriteArtifact, agent.as_str(), run.as_str());
        });
        self.resources.artifacts.clone().observed(observer)
    }

    /// The stage's work, or that of a run before which may stand for it.
    async fn produce(
        &self,
        input: &ValidHandoff,
        cx: &StageContext,
    ) -> Result<ProducedResult, StageError> {
        let key = self.step_key(input, cx).await?;
        if let Some(key) = &key
            && let Some((result, run)) = self.finished_step(key, input, cx).await
        {
            return Ok(ProducedResult::Before(result, run));
        }
        let result = self.stage.handle(input, cx).await?;
        let key = result.dependencies.as_ref().map(|known| self.key_of(known)).or(key);
        Ok(ProducedResult::Anew(result, key))
    }

    /// What a stage gave as the contract takes it, and the key under which it is to be kept.
    fn finished(
        &self,
        input: &ValidHandoff,
        given: ProducedResult,
        worked: Worked,
    ) -> (Finished, Option<String>) {
        let (result, reused_from, key) = match given {
            ProducedResult::Anew(result, key) => (result, String::new(), key),
            ProducedResult::Before(result, run) => (result, run, None),
        };
        let finished = Finished {
            output: result.output,
            status: result.status,
            warnings: result.warnings,
            agent_version: VERSION.to_owned(),
            replica: self.resources.replica.to_string(),
            started_at: worked.started_at,
            elapsed: worked.elapsed,
            times: worked.times,
            attempt: worked.attempt,
            reused_from,
            input_digest: input.input_digest(VERSION, &self.configuration),
        };
        (finished, key)
    }

    /// Waits until the run has gone on without this work, as after a cancellation.
    async fn until_superseded(&self, input: &ValidHandoff, sequence: u64) {
        let (run, epoch) = (input.run_id(), input.epoch());
        // What is done at once needs no ear; it was looked for just now.
        tokio::time::sleep(START_EVENT_DELAY).await;
        // Listening comes before looking once more, so that no message is missed between.
        let mut subscriptions = Vec::new();
        for subjects in subjects::following(self.agent(), run, epoch) {
            let Ok(subscription) = self.resources.bus.subscribe(&subjects).await else {
                // No event says so; the conditional publication of the outcome shows it.
                return std::future::pending().await;
            };
            subscriptions.push(subscription);
        }
        let mut following = futures::stream::select_all(subscriptions);
        loop {
            // What was heard may be refused by the stream, or not be stored yet: the stream decides.
            for wait in STREAM_CHECK_DELAYS {
                tokio::time::sleep(wait).await;
                if matches!(self.is_superseded(run, epoch, sequence).await, Ok(true)) {
                    return;
                }
            }
            if following.next().await.is_none() {
                return std::future::pending().await;
            }
        }
    }

    /// Waits for what ends the work before it is done.
    async fn stopped(&self, input: &ValidHandoff, sequence: u64) -> StopReason {
        let longest = self.resources.common.stage.longest_work();
        let left = input
            .deadline()
            .map(|deadline| deadline.duration_since(SystemTime::now()).unwrap_or_default());
        tokio::select! {
            () = self.until_superseded(input, sequence) => StopReason::Superseded,
            () = tokio::time::sleep(left.unwrap_or(Duration::MAX)), if left.is_some_and(|left| left <= longest) => {
                let message = "the run's deadline has passed".to_owned();
                StopReason::TimeOver { code: "deadline_exceeded", message }
            }
            () = tokio::time::sleep(longest) => {
                let message = format!("the stage took longer than the {} s that stage.max_seconds allows", longest.as_secs());
                StopReason::TimeOver { code: "stage_timed_out", message }
            }
        }
    }
}

/// Decodes and checks a handoff, and that it came on its own subject from who may publish there.
fn read(agent: Agent, delivery: &Delivery) -> Result<ValidHandoff, Box<v1::Failure>> {
    if let Some(stream) = delivery.header(bus::FORWARDED_FROM) {
        let message = format!(
            "the message was stored in {stream} and came here as the broker's answer to a request; expected a handoff from the stage before"
        );
        return Err(Box::new(failures::failure("forwarded_message", message)));
    }
    let input = encoding::decode_handoff(delivery.header(names::CONTENT_TYPE), &delivery.payload)
        .map_err(|error| Box::new(failures::of_contract(&error)))?;
    if input.to() != Recipient::Agent(agent) || input.subject() != delivery.subject {
        let message = format!(
            "the handoff {} came on {}; expected {}",
            input.handoff_id(),
            delivery.subject,
            input.subject()
        );
        return Err(Box::new(failures::failure("subject_mismatch", message)));
    }
    Ok(input)
}
