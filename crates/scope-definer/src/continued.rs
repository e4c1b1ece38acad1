//! A run that begins in the middle, with the outputs of an earlier one.
//!
//! What the new request leaves open is taken from the earlier one. What it changes has to be decided at or after the stage
//! where it begins: a change that an earlier stage would have to make is refused, with the stage to begin at instead.

use contracts::messages::{Failure, StageOutput};
use contracts::stages::{Output, Scope, ScopeRequest};
use contracts::{Agent, RunId, ValidHandoff, failures};

use crate::config::Defaults;
use crate::{criteria, learning};

/// The request and the outputs that a run begins with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InitialState {
    pub(crate) request: ScopeRequest,
    pub(crate) outputs: Vec<StageOutput>,
}

/// What a run begins with that is to go on from `source`, a handoff or the result of an earlier run.
pub(crate) fn continued(
    request: &ScopeRequest,
    run_id: &RunId,
    from: Agent,
    source: &ValidHandoff,
    defaults: &Defaults,
) -> Result<InitialState, Box<Failure>> {
    let mut outputs: Vec<StageOutput> =
        source.outputs().iter().filter(|output| agent(output) < Some(from)).cloned().collect();
    let done = |agent: Agent| outputs.iter().any(|output| output.agent == agent.as_str());
    let mut before = Agent::ALL.into_iter().filter(|agent| *agent < from);
    if let Some(missing) = before.find(|agent| !agent.is_optional() && !done(*agent)) {
        let message = format!(
            "run {} has no output of {missing}, without which a run cannot begin at {from}",
            request.from_run
        );
        let possible = Agent::through(missing).into_iter().map(|agent| agent.to_string());
        let refusal = failures::failure("stage_not_reached", message);
        return Err(Box::new(refusal.about("from_agent").suggesting(possible)));
    }
    for output in &mut outputs {
        if output.reused_from.is_empty() {
            output.reused_from.clone_from(&request.from_run);
        }
    }
    let earlier = ScopeRequest::try_from(source.request().clone())
        .map_err(|error| Box::new(failures::of_contract(&error)))?;
    check_changes(request, from, &earlier)?;
    let merged = merged(request, &earlier);
    // The first output of a run is its scope.
    if let (Some(first), Ok(scope)) = (outputs.first_mut(), source.scope()) {
        let mut scope = scope.clone();
        change(&mut scope, request, run_id, defaults)?;
        first.output = Some(Output::from(scope).into());
    }
    Ok(InitialState { request: merged, outputs })
}

fn agent(output: &StageOutput) -> Option<Agent> {
    output.agent.parse().ok()
}

/// The last stage at which each of the options may still change that the request gives otherwise than the earlier one.
fn check_changes(
    request: &ScopeRequest,
    from: Agent,
    earlier: &ScopeRequest,
) -> Result<(), Box<Failure>> {
    let (none, now, then) = (ScopeRequest::default(), request, earlier);
    macro_rules! changed {
        ($($field:ident),*) => {
            [$((stringify!($field), now.$field != none.$field && now.$field != then.$field)),*]
        };
    }
    let of_scope = changed!(
        text,
        data_uri,
        target,
        positive_class,
        problem_type,
        exclude_columns,
        require_columns,
        entity_column,
        time_column,
        split_method,
        min_rows,
        inclusion,
        exclusion,
        weight_column,
        monotone_constraints,
        group_columns,
        drop_duplicates,
        allow_leakage,
        min_quality_score,
        missing_markers,
        data_format,
        csv,
        checks,
        cleaning,
        windows
    );
    let of_search = changed!(metric, loss, quantile, balance_classes);
    let of_training = changed!(max_trials, keep_judged_model, threshold);
    let until = |agent: Agent| move |(field, changed)| (field, changed, agent);
    let fixed = of_scope
        .into_iter()
        .map(until(Agent::ScopeDefiner))
        .chain(of_search.into_iter().map(until(Agent::ModelSelector)))
        .chain(of_training.into_iter().map(until(Agent::ModelTrainer)));
    for (field, changed, until) in fixed {
        if changed && from > until {
            let message = format!(
                "{field} is settled before {from}: to change it, begin at {until}{}",
                if until == Agent::ScopeDefiner { "" } else { " or earlier" }
            );
            let refusal = failures::failure("option_settled", message);
            return Err(Box::new(refusal.about(field).suggesting([until.to_string()])));
        }
    }
    Ok(())
}

/// The earlier request with what the new one says.
fn merged(now: &ScopeRequest, then: &ScopeRequest) -> ScopeRequest {
    let none = ScopeRequest::default();
    let mut merged = then.clone();
    macro_rules! take {
        ($($field:ident),*) => {
            $(if now.$field != none.$field { merged.$field = now.$field.clone(); })*
        };
    }
    // A new table or text is a new task: the other way to name one does not stay.
    if now.data_uri != none.data_uri {
        merged.text.clear();
    } else if now.text != none.text {
        merged.data_uri.clear();
    }
    take!(
        text,
        data_uri,
        target,
        positive_class,
        problem_type,
        metric,
        time_budget_seconds,
        name,
        strategy,
        seed,
        criteria,
        exclude_columns,
        require_columns,
        entity_column,
        time_column,
        split_method,
        min_rows,
        inclusion,
        exclusion,
        constraints,
        rollout,
        requested_by,
        labels,
        max_trials,
        keep_judged_model,
        weight_column,
        monotone_constraints,
        threshold,
        group_columns,
        balance_classes,
        drop_duplicates,
        allow_leakage,
        min_quality_score,
        strict_criteria,
        missing_markers,
        data_format,
        csv,
        checks,
        cleaning,
        windows
    );
    // A quantile belongs to its loss.
    if now.loss != none.loss {
        merged.loss.clone_from(&now.loss);
        merged.quantile = now.quantile;
    }
    // These are of the run itself.
    ScopeRequest {
        request_id: now.request_id.clone(),
        until: now.until.clone(),
        no_cache: now.no_cache,
        priority: now.priority,
        skip: now.skip.clone(),
        from_run: now.from_run.clone(),
        from_agent: now.from_agent.clone(),
        cause: now.cause.clone(),
        ..merged
    }
}

/// Puts what the request changes into the scope that the later stages read.
fn change(
    scope: &mut Scope,
    request: &ScopeRequest,
    run_id: &RunId,
    defaults: &Defaults,
) -> Result<(), Box<Failure>> {
    let none = ScopeRequest::default();
    if !request.name.is_empty() {
        scope.name.clone_from(&request.name);
    }
    scope.experiment_id = format!("{}.{run_id}", scope.name);
    if request.time_budget_seconds > 0.0 {
        scope.time_budget_seconds = request.time_budget_seconds;
    }
    if request.strategy != none.strategy {
        scope.strategy = request.strategy;
    }
    if request.rollout.is_some() {
        scope.rollout.clone_from(&request.rollout);
    }
    scope.cause.clone_from(&request.cause);
    if request.seed != none.seed {
        scope.seed = request.seed;
    }
    if request.constraints.is_some() {
        scope.constraints = request.constraints;
    }
    if request.max_trials != none.max_trials {
        scope.max_trials = request.max_trials;
    }
    scope.keep_judged_model |= request.keep_judged_model;
    scope.balance_classes |= request.balance_classes;
    if !request.loss.is_empty() {
        scope.loss.clone_from(&request.loss);
        scope.quantile = request.quantile;
    }
    if request.threshold.is_some() {
        scope.threshold.clone_from(&request.threshold);
    }
    let problem = scope.problem_type;
    let refused = |refusal: crate::error::RequestError| {
        let failure = failures::failure(refusal.code, refusal.message);
        Box::new(failure.about(refusal.subject).suggesting(refusal.suggestions))
    };
    learning::check_problem(request, problem, None).map_err(refused)?;
    let new_metric = !request.metric.is_empty() && request.metric != scope.metric;
    if new_metric {
        scope.metric = criteria::metric(&request.metric, problem).map_err(refused)?;
    }
    if new_metric || !request.criteria.is_empty() || request.strict_criteria {
        let (asked, strict) =
            (request.criteria.clone(), request.strict_criteria || defaults.strict);
        scope.criteria =
            criteria::criteria(asked, &scope.metric, problem, strict, defaults).map_err(refused)?;
        scope.gate_on_baseline =
            defaults.gate_on_baseline && !scope.criteria.iter().any(|criterion| criterion.gate);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
