//! What is tried next.

use super::{Candidate, SEARCHED, Search, Trial, ranked, sampler};
use crate::{Algorithm, Error, Parameters};

/// Of so many suggestions, the first goes to the best algorithm but one, the second to the best but two.
const ROUND: usize = 6;
/// How often a suggestion is drawn anew where it has been tried already.
const REDRAWS: u64 = 8;

/// The next `count` trials; fewer where there is nothing new to try.
pub(super) fn suggest(
    search: &Search<'_>,
    trials: &[Trial],
    count: usize,
) -> Result<Vec<Trial>, Error> {
    let ranking = competitive(ranking(search, trials), trials);
    let mut suggestions: Vec<Trial> = Vec::with_capacity(count);
    for number in trials.len()..trials.len() + count {
        if let Some(profile) = search.portfolio.get(number) {
            suggestions.push(trial(
                number,
                profile.algorithm,
                profile.name,
                profile.parameters.clone(),
            ));
            continue;
        }
        let Some(candidate) = turn(&ranking, number) else { break };
        let mut found = None;
        for redraw in 0..REDRAWS {
            let seed = search.seed.wrapping_add(redraw << 48);
            let parameters = sampler::sample(candidate, search.metric, trials, seed, number)?;
            let tried = |trial: &Trial| {
                trial.algorithm == candidate.algorithm && trial.parameters == parameters
            };
            if !trials.iter().chain(&suggestions).any(tried) {
                found = Some(parameters);
                break;
            }
        }
        match found {
            Some(parameters) => {
                suggestions.push(trial(number, candidate.algorithm, SEARCHED, parameters));
            }
            None => break,
        }
    }
    Ok(suggestions)
}

/// A candidate whose best loss is above the leader's by this factor has no turn.
const COMPETITIVE: f64 = 1.02;

/// The candidates that come near the best: an ensemble takes nothing of the others.
fn competitive<'a>(mut ranking: Vec<&'a Candidate>, trials: &[Trial]) -> Vec<&'a Candidate> {
    let least = |candidate: &Candidate| {
        trials
            .iter()
            .filter(|trial| trial.algorithm == candidate.algorithm && !trial.pruned)
            .filter_map(|trial| trial.loss)
            .min_by(f64::total_cmp)
    };
    let leader = ranking.iter().filter_map(|candidate| least(candidate)).min_by(f64::total_cmp);
    if let Some(leader) = leader {
        let near = |loss: f64| loss <= leader + (COMPETITIVE - 1.0) * leader.abs();
        ranking.retain(|candidate| least(candidate).is_some_and(near));
    }
    ranking
}

/// Whose turn a suggestion is: mostly the leader's, in every round once that of the next two.
fn turn<'a>(ranking: &[&'a Candidate], number: usize) -> Option<&'a Candidate> {
    let place = match number % ROUND {
        1 | 4 => 1,
        3 => 2,
        _ => 0,
    };
    ranking.get(place).or(ranking.first()).copied()
}

fn trial(number: usize, algorithm: Algorithm, profile: &str, parameters: Parameters) -> Trial {
    Trial {
        number,
        algorithm,
        profile: profile.to_owned(),
        parameters,
        score: None,
        fold_scores: Vec::new(),
        loss: None,
        first_loss: None,
        pruned: false,
        iterations: 0,
        cost: super::Cost::default(),
    }
}

/// Candidates that have something to search, the best first; those without a score come last.
fn ranking<'a>(search: &Search<'a>, trials: &[Trial]) -> Vec<&'a Candidate> {
    let best_of = |candidate: &Candidate| {
        trials
            .iter()
            .filter(|trial| trial.algorithm == candidate.algorithm && !trial.pruned)
            .map(|trial| ranked(search.metric, trial.score))
            .fold(f64::INFINITY, f64::min)
    };
    let mut ranked: Vec<(f64, &Candidate)> = search
        .candidates
        .iter()
        .filter(|candidate| !candidate.space.is_empty())
        .map(|candidate| (best_of(candidate), candidate))
        .collect();
    ranked.sort_by(|left, right| left.0.total_cmp(&right.0));
    ranked.into_iter().map(|(_, candidate)| candidate).collect()
}
