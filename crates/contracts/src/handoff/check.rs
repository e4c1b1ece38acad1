//! The rules of a handoff.

use std::sync::Arc;

use super::{Recipient, Sender, ValidHandoff};
use crate::stages::{Output, Parse as _, field_name, producer};
use crate::validate::checks;
use crate::{
    Agent, ContractError, FieldError, FieldPath, RunId, Validate, check_schema_version, names, v1,
};
use v1::HandoffStatus;

const MAX_WARNINGS: usize = 1000;
const MAX_METADATA: usize = 64;
const ROOT: FieldPath<'static> = FieldPath::ROOT;

/// Checks a handoff. `checked` are its first outputs, where it follows from a handoff with the same request that has been checked.
pub(super) fn handoff(
    message: v1::Handoff,
    checked: Option<&[Arc<Output>]>,
) -> Result<ValidHandoff, ContractError> {
    check_schema_version(&message.schema_version)?;
    let run_id = RunId::new(message.run_id.as_str())?;
    let from = sender(&message.from_agent)?;
    let to = recipient(&message.to_agent)?;
    let id = names::handoff_id(&run_id, message.epoch, to.as_str());
    checks::consistent(&ROOT.field("handoff_id"), message.handoff_id == id, || id.clone())?;
    let status: HandoffStatus = checks::choice(&ROOT.field("status"), message.status)?;
    checks::required_time(&ROOT.field("timestamp"), message.timestamp.as_ref())?;
    checks::in_range(&ROOT.field("attempt"), message.attempt > 0, "1 or more")?;
    let failed = status == HandoffStatus::Failed;

    let plan = plan(message.plan.as_ref(), failed)?;
    match &message.request {
        Some(_) if checked.is_some() => {}
        Some(request) => request.validate_at(&ROOT.field("request"))?,
        // A message that could not be read fails its run, of which no more is known then.
        None if failed => {}
        None => {
            let expected = "the request that started the run";
            return Err(ROOT.field("request").refuse(FieldError::Missing { expected }));
        }
    }
    let stages = outputs(&message.outputs, checked.unwrap_or_default(), from)?;
    if failed {
        failure(&message, to)?;
    } else {
        route(&message, from, to, &plan)?;
    }
    notes(&message)?;
    Ok(ValidHandoff { message, run_id, from, to, status, plan, stages })
}

fn sender(name: &str) -> Result<Sender, ContractError> {
    match name {
        names::INTAKE => Ok(Sender::Intake),
        name => checks::agent(&ROOT.field("from_agent"), name).map(Sender::Agent),
    }
}

fn recipient(name: &str) -> Result<Recipient, ContractError> {
    match name {
        names::END => Ok(Recipient::End),
        name => checks::agent(&ROOT.field("to_agent"), name).map(Recipient::Agent),
    }
}

fn plan(plan: Option<&v1::Plan>, failed: bool) -> Result<Vec<Agent>, ContractError> {
    let place = ROOT.field("plan");
    let agents = place.field("agents");
    let Some(plan) = plan.filter(|plan| !plan.agents.is_empty()) else {
        let expected = "the stages of the run";
        return if failed {
            Ok(Vec::new())
        } else {
            Err(agents.refuse(FieldError::Missing { expected }))
        };
    };
    let mut stages: Vec<Agent> = Vec::with_capacity(plan.agents.len());
    for (index, name) in plan.agents.iter().enumerate() {
        let at = agents.index(index);
        let agent = checks::agent(&at, name)?;
        if let Some(before) = stages.last() {
            follows(&at, *before, agent)?;
        }
        stages.push(agent);
    }
    checks::optional_time(&place.field("deadline"), plan.deadline.as_ref())?;
    Ok(stages)
}

/// `agent` comes after `before`, and between them is nothing but what a run can do without.
fn follows(at: &FieldPath<'_>, before: Agent, agent: Agent) -> Result<(), ContractError> {
    let next = std::iter::successors(before.next(), |stage| {
        stage.is_optional().then(|| stage.next()).flatten()
    });
    let possible: Vec<Agent> = next.collect();
    checks::consistent(at, possible.contains(&agent), || {
        let names: Vec<&str> = possible.iter().map(|agent| agent.as_str()).collect();
        if names.is_empty() {
            format!("nothing after {before}, the last stage of the pipeline")
        } else {
            format!("{} after {before}", names.join(" or "))
        }
    })
}

/// The outputs in checked form: in the order of the pipeline, from its first stage on. The rules of its kind are those of the
/// last one alone; the intake's are all new.
fn outputs(
    outputs: &[v1::StageOutput],
    checked: &[Arc<Output>],
    from: Sender,
) -> Result<Vec<Arc<Output>>, ContractError> {
    let place = ROOT.field("outputs");
    checks::at_most(&place, outputs.len(), Agent::ALL.len())?;
    let mut stages = checked.to_vec();
    let mut before: Option<Agent> = None;
    for (index, output) in outputs.iter().enumerate() {
        let at = place.index(index);
        let agent = checks::agent(&at.field("agent"), &output.agent)?;
        match before {
            Some(before) => follows(&at.field("agent"), before, agent)?,
            None => checks::consistent(&at.field("agent"), agent.position() == 0, || {
                format!("{}, whose output stands here", Agent::ScopeDefiner)
            })?,
        }
        before = Some(agent);
        if index < checked.len() {
            continue;
        }
        checks::optional_name(&at.field("reused_from"), &output.reused_from)?;
        let Some(result) = &output.output else {
            let expected = "the stage's output";
            return Err(at.field("output").refuse(FieldError::Missing { expected }));
        };
        checks::consistent(&at.field(field_name(result)), producer(result) == agent, || {
            format!("the kind of output that {agent} puts out")
        })?;
        let parsed = Output::parse(result, &at.field(field_name(result)))?;
        if from == Sender::Intake || index + 1 == outputs.len() {
            parsed.validate_at(&at.field(field_name(result)))?;
        }
        stages.push(Arc::new(parsed));
        checks::identifier(&at.field("agent_version"), &output.agent_version, "a version")?;
        checks::identifier(&at.field("replica"), &output.replica, "a replica")?;
        checks::required_time(&at.field("started_at"), output.started_at.as_ref())?;
        let expected = "how long it took";
        if output.elapsed.is_none() {
            return Err(at.field("elapsed").refuse(FieldError::Missing { expected }));
        }
        for (field, lasted) in [
            ("elapsed", &output.elapsed),
            ("waited", &output.waited),
            ("reading", &output.reading),
            ("writing", &output.writing),
        ] {
            if let Some(lasted) = lasted {
                length_of_time(&at.field(field), lasted)?;
            }
        }
        checks::in_range(&at.field("attempt"), output.attempt > 0, "1 or more")?;
    }
    Ok(stages)
}

fn length_of_time(
    at: &FieldPath<'_>,
    lasted: &pbjson_types::Duration,
) -> Result<(), ContractError> {
    let holds = (0..=315_576_000_000).contains(&lasted.seconds)
        && (0..1_000_000_000).contains(&lasted.nanos);
    checks::in_range(at, holds, "a length of time of 0 or more")
}

/// A failure goes to the end and says why; it may come from any stage with the outputs so far.
fn failure(message: &v1::Handoff, to: Recipient) -> Result<(), ContractError> {
    checks::consistent(&ROOT.field("to_agent"), to == Recipient::End, || {
        format!("`{}`, because status is HANDOFF_STATUS_FAILED", names::END)
    })?;
    checks::required(&ROOT.field("failure"), message.failure.as_ref(), "why the run failed")?;
    digest(message, true)
}

/// Who sends to whom, and that the outputs are those of every stage before the recipient.
fn route(
    message: &v1::Handoff,
    from: Sender,
    to: Recipient,
    plan: &[Agent],
) -> Result<(), ContractError> {
    checks::consistent(&ROOT.field("failure"), message.failure.is_none(), || {
        "none, because status is not HANDOFF_STATUS_FAILED".to_owned()
    })?;
    let done = |agent: Agent| message.outputs.iter().any(|output| output.agent == agent.as_str());
    let last = message.outputs.last().and_then(v1::StageOutput::producer);
    let place = ROOT.field("outputs");
    let next = match from {
        Sender::Intake => {
            let first = plan.first().copied();
            match (last, first) {
                (Some(last), Some(first)) => follows(&place, last, first)?,
                (None, Some(first)) => checks::consistent(&place, first.position() == 0, || {
                    format!("those of the stages before `{first}`, with which the plan begins")
                })?,
                (_, None) => {}
            }
            first
        }
        Sender::Agent(agent) => {
            let position = plan.iter().position(|stage| *stage == agent);
            checks::consistent(&ROOT.field("from_agent"), position.is_some(), || {
                "a stage of the plan".to_owned()
            })?;
            checks::consistent(&place, last == Some(agent), || {
                format!("those of the stages up to `{agent}`, which sends it")
            })?;
            position.and_then(|position| plan.get(position + 1)).copied()
        }
    };
    let missing =
        plan.iter().find(|stage| last.is_some_and(|last| **stage <= last) && !done(**stage));
    checks::consistent(&place, missing.is_none(), || {
        format!("that of `{}`, a stage of the plan", missing.map_or("", |stage| stage.as_str()))
    })?;
    let expected = next.map_or(Recipient::End, Recipient::Agent);
    checks::consistent(&ROOT.field("to_agent"), to == expected, || {
        format!("`{expected}`, which follows `{from}` in the plan")
    })?;
    let by_agent = from != Sender::Intake;
    checks::consistent(
        &ROOT.field("output_validated"),
        message.output_validated == by_agent,
        || format!("{by_agent} from `{from}`"),
    )?;
    digest(message, !by_agent)
}

fn digest(message: &v1::Handoff, optional: bool) -> Result<(), ContractError> {
    if optional && message.input_digest.is_empty() {
        return Ok(());
    }
    checks::digest(&ROOT.field("input_digest"), &message.input_digest)
}

fn notes(message: &v1::Handoff) -> Result<(), ContractError> {
    let place = ROOT.field("warnings");
    checks::at_most(&place, message.warnings.len(), MAX_WARNINGS)?;
    for (index, warning) in message.warnings.iter().enumerate() {
        let at = place.index(index);
        checks::identifier(&at.field("code"), &warning.code, "an identifier")?;
        checks::non_blank(
            &at.field("message"),
            &warning.message,
            checks::MAX_TEXT,
            "what and where",
        )?;
        if warning.agent != names::INTAKE {
            checks::agent(&at.field("agent"), &warning.agent)?;
        }
    }
    let place = ROOT.field("metadata");
    checks::at_most(&place, message.metadata.len(), MAX_METADATA)?;
    for (key, value) in &message.metadata {
        checks::identifier(&place.key(key), key, "a label with a name")?;
        checks::text(&place.key(key), value, checks::MAX_TEXT)?;
    }
    Ok(())
}
