//! The making of a handoff: the first, the next, and the last one of a run that failed.

use std::time::{Duration, SystemTime};

use prost::Message as _;
use sha2::{Digest as _, Sha256};

use super::{Recipient, ValidHandoff, check};
use crate::stages::Output;
use crate::v1::{self, HandoffStatus};
use crate::{Agent, ContractError, RunId, SCHEMA_VERSION, names, time};

/// What the intake decides about a run.
#[derive(Debug, Clone)]
pub struct FirstHandoff {
    /// Identifier of the run.
    pub run_id: RunId,
    /// The epoch, from 0.
    pub epoch: u32,
    /// The stages, in order.
    pub plan: Vec<Agent>,
    /// When the run must have ended.
    pub deadline: Option<SystemTime>,
    /// Request that the run answers.
    pub request: v1::ScopeRequest,
    /// Outputs of the stages before the plan's first, for a run that starts later in the pipeline.
    pub outputs: Vec<v1::StageOutput>,
    /// When it is made.
    pub at: SystemTime,
}

impl FirstHandoff {
    /// The handoff to the plan's first stage.
    ///
    /// # Errors
    /// [`ContractError`] where the request or the plan breaks the contract.
    pub fn build(self) -> Result<ValidHandoff, ContractError> {
        let to = self.plan.first().map_or(names::END, |agent| agent.as_str());
        v1::Handoff {
            schema_version: SCHEMA_VERSION.to_owned(),
            handoff_id: names::handoff_id(&self.run_id, self.epoch, to),
            run_id: self.run_id.into_string(),
            from_agent: names::INTAKE.to_owned(),
            to_agent: to.to_owned(),
            timestamp: Some(time::timestamp(self.at)),
            status: HandoffStatus::Success.into(),
            epoch: self.epoch,
            attempt: 1,
            plan: Some(v1::Plan {
                agents: self.plan.iter().map(|agent| agent.as_str().to_owned()).collect(),
                deadline: self.deadline.map(time::timestamp),
            }),
            request: Some(self.request),
            outputs: self.outputs,
            ..v1::Handoff::default()
        }
        .try_into()
    }
}

/// A stage's finished work.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Output of the stage.
    pub output: Output,
    /// `Success`, or `Partial` where the output is usable with warnings.
    pub status: HandoffStatus,
    /// What a person should know of it.
    pub warnings: Vec<v1::Warning>,
    /// Version of the agent's program.
    pub agent_version: String,
    /// The replica that did it.
    pub replica: String,
    /// When the work began.
    pub started_at: SystemTime,
    /// How long it took.
    pub elapsed: Duration,
    /// Where the time went.
    pub times: StageTimes,
    /// Which delivery it was, from 1.
    pub attempt: u32,
    /// The run whose work it is, where it was not done anew; else empty.
    pub reused_from: String,
    /// [`ValidHandoff::input_digest`] of what it took in.
    pub input_digest: String,
}

/// Where the time of a stage went; what is left of its whole time was computing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StageTimes {
    /// From the end of the stage before to the beginning of this work.
    pub waited: Duration,
    /// Reading tables and artifacts.
    pub reading: Duration,
    /// Writing artifacts.
    pub writing: Duration,
}

impl ValidHandoff {
    /// The agent that this handoff is for.
    ///
    /// # Errors
    /// [`ContractError::Field`] where it has no recipient.
    fn recipient_agent(&self) -> Result<Agent, ContractError> {
        match self.to {
            Recipient::Agent(agent) => Ok(agent),
            Recipient::End => Err(crate::FieldPath::ROOT.field("to_agent").refuse(
                crate::FieldError::Inconsistent {
                    expected: "an agent, because only an agent makes the next handoff".to_owned(),
                },
            )),
        }
    }

    /// The handoff that follows when this one's recipient has finished, checked: to the next stage of the plan, or the run's result.
    ///
    /// # Errors
    /// [`ContractError`] where the output is not the recipient's or breaks the contract.
    pub fn next(&self, finished: Finished) -> Result<ValidHandoff, ContractError> {
        let agent = self.recipient_agent()?;
        let to = self.after(agent);
        let mut message = self.message.clone();
        message.schema_version = SCHEMA_VERSION.to_owned();
        message.handoff_id = names::handoff_id(&self.run_id, message.epoch, to.as_str());
        message.from_agent = agent.as_str().to_owned();
        message.to_agent = to.as_str().to_owned();
        let ended = finished.started_at.checked_add(finished.elapsed);
        message.timestamp = Some(time::timestamp(ended.unwrap_or(finished.started_at)));
        message.status = finished.status.into();
        message.attempt = finished.attempt;
        message.outputs.push(v1::StageOutput {
            agent: agent.as_str().to_owned(),
            agent_version: finished.agent_version,
            replica: finished.replica,
            started_at: Some(time::timestamp(finished.started_at)),
            elapsed: Some(time::duration(finished.elapsed)),
            waited: Some(time::duration(finished.times.waited)),
            reading: Some(time::duration(finished.times.reading)),
            writing: Some(time::duration(finished.times.writing)),
            attempt: finished.attempt,
            reused_from: finished.reused_from,
            output: Some(finished.output.into()),
        });
        message.warnings.extend(finished.warnings.into_iter().map(|warning| v1::Warning {
            agent: if warning.agent.is_empty() { agent.as_str().to_owned() } else { warning.agent },
            ..warning
        }));
        // Holds only if the check below accepts the message; it never leaves here else.
        message.output_validated = true;
        message.input_digest = finished.input_digest;
        message.failure = None;
        check::handoff(message, Some(&self.stages))
    }

    /// The result of a run that failed while this handoff's recipient worked on it.
    ///
    /// # Errors
    /// [`ContractError`] where the failure breaks the contract.
    pub fn failed(
        &self,
        failure: v1::Failure,
        attempt: u32,
        at: SystemTime,
    ) -> Result<ValidHandoff, ContractError> {
        let agent = self.recipient_agent()?;
        let mut message = self.message.clone();
        as_failed(&mut message, &self.run_id, agent, failure, attempt, at);
        check::handoff(message, Some(&self.stages))
    }

    /// The same handoff in another epoch, which drives the run anew from this one's recipient on; `notes` are added to its labels.
    ///
    /// # Errors
    /// [`ContractError`] where it has no recipient, or a note breaks the contract.
    pub fn again(
        &self,
        epoch: u32,
        deadline: Option<SystemTime>,
        at: SystemTime,
        notes: impl IntoIterator<Item = (String, String)>,
    ) -> Result<ValidHandoff, ContractError> {
        let agent = self.recipient_agent()?;
        let mut message = self.message.clone();
        message.schema_version = SCHEMA_VERSION.to_owned();
        message.epoch = epoch;
        message.handoff_id = names::handoff_id(&self.run_id, epoch, agent.as_str());
        message.timestamp = Some(time::timestamp(at));
        if let Some(plan) = &mut message.plan {
            plan.deadline = deadline.map(time::timestamp);
        }
        message.metadata.extend(notes);
        check::handoff(message, Some(&self.stages))
    }

    /// The result of a run of which nothing but its identity could be read.
    ///
    /// # Errors
    /// [`ContractError`] where the failure breaks the contract.
    pub fn failed_unread(
        run_id: &RunId,
        epoch: u32,
        agent: Agent,
        failure: v1::Failure,
        attempt: u32,
        at: SystemTime,
    ) -> Result<ValidHandoff, ContractError> {
        let mut message =
            v1::Handoff { run_id: run_id.as_str().to_owned(), epoch, ..v1::Handoff::default() };
        as_failed(&mut message, run_id, agent, failure, attempt, at);
        message.try_into()
    }

    fn after(&self, agent: Agent) -> Recipient {
        let position = self.plan.iter().position(|stage| *stage == agent);
        position
            .and_then(|position| self.plan.get(position + 1))
            .map_or(Recipient::End, |next| Recipient::Agent(*next))
    }

    /// SHA-256 over what the recipient takes in: the request, the outputs so far (not who made them or when), the agent's version and its configuration.
    /// The same digest means the same work.
    #[must_use]
    pub fn input_digest(&self, agent_version: &str, configuration: &[u8]) -> String {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(bytes);
        };
        part(self.to.as_str().as_bytes());
        part(agent_version.as_bytes());
        part(configuration);
        let request = v1::ScopeRequest {
            // They name the run and its asker, and decide nothing.
            request_id: String::new(),
            requested_by: String::new(),
            labels: std::collections::BTreeMap::new(),
            no_cache: false,
            priority: v1::Priority::Unspecified.into(),
            from_run: String::new(),
            from_agent: String::new(),
            ..self.request().clone()
        };
        part(&request.encode_to_vec());
        for output in &self.message.outputs {
            let alone = v1::StageOutput { output: output.output.clone(), ..Default::default() };
            part(&alone.encode_to_vec());
        }
        hex::encode(hash.finalize())
    }
}

fn as_failed(
    message: &mut v1::Handoff,
    run_id: &RunId,
    agent: Agent,
    failure: v1::Failure,
    attempt: u32,
    at: SystemTime,
) {
    message.schema_version = SCHEMA_VERSION.to_owned();
    message.handoff_id = names::handoff_id(run_id, message.epoch, names::END);
    message.from_agent = agent.as_str().to_owned();
    message.to_agent = names::END.to_owned();
    message.timestamp = Some(time::timestamp(at));
    message.status = HandoffStatus::Failed.into();
    message.attempt = attempt.max(1);
    message.output_validated = false;
    message.input_digest = String::new();
    message.failure = Some(failure.by(agent, at));
}
