//! Which algorithms race, and in which ranges.

use contracts::stages;
use learners::{
    Algorithm, Candidate, Examples, LOG_LINK_NAME, ParameterRange, Profile, Task,
    WITHOUT_SUMS_NAME, learner,
};

use crate::Error;

/// The best `count` candidates of a selection, and its best linear one.
pub(crate) fn candidates(
    selection: &stages::Selection,
    count: usize,
    task: Task,
    rows: usize,
) -> Result<Vec<Candidate>, Error> {
    let all = selection
        .candidates
        .iter()
        .map(|candidate| candidate_of(candidate, task, rows))
        .collect::<Result<Vec<_>, _>>()?;
    let (mut racing, rest) =
        all.split_at_checked(count).map_or((all.clone(), &[][..]), |(a, b)| (a.to_vec(), b));
    if !racing.iter().any(|candidate| candidate.algorithm.interpretable()) {
        racing.extend(rest.iter().find(|candidate| candidate.algorithm.interpretable()).cloned());
    }
    Ok(racing)
}

/// Every algorithm that fits the task and the scope's limits, in its own ranges.
pub(crate) fn unselected(scope: &stages::Scope, task: Task, rows: usize) -> Vec<Candidate> {
    let interpretable = scope.constraints.as_ref().is_some_and(|limits| limits.interpretable);
    Algorithm::ALL
        .into_iter()
        .filter(|algorithm| {
            *algorithm != Algorithm::Prior
                && learner(*algorithm).applies_to(task.problem)
                && (!interpretable || algorithm.interpretable())
        })
        .map(|algorithm| Candidate {
            algorithm,
            space: learner(algorithm).search_space(task, rows),
        })
        .collect()
}

fn candidate_of(
    candidate: &stages::Candidate,
    task: Task,
    rows: usize,
) -> Result<Candidate, Error> {
    let name = &candidate.algorithm;
    let algorithm = Algorithm::by_name(name)
        .ok_or_else(|| Error::Selection { what: "algorithm", name: name.clone() })?;
    let known = learner(algorithm).search_space(task, rows);
    let range = |range: &stages::ParameterRange| {
        let of = known.iter().find(|known| known.name == range.name);
        let of =
            of.ok_or_else(|| Error::Selection { what: "parameter", name: range.name.clone() })?;
        Ok(ParameterRange {
            name: of.name,
            low: range.low,
            high: range.high,
            log: range.log,
            integer: range.integer,
            default: range.default,
        })
    };
    let space = candidate.search_space.iter().map(range).collect::<Result<_, Error>>()?;
    Ok(Candidate { algorithm, space })
}

/// The profile's name of a configuration of an earlier model.
const WARM_START: &str = "warm-start";

/// The configurations of earlier models, as profiles.
pub(crate) fn warm_starts(
    selection: Option<&stages::Selection>,
    algorithms: &[Algorithm],
) -> Vec<Profile> {
    let starts = selection.map_or(&[][..], |selection| &selection.warm_starts);
    let profile = |start: &stages::WarmStart| {
        let algorithm = Algorithm::by_name(&start.algorithm)?;
        let parameters = start.parameters.clone();
        let permitted = algorithms.contains(&algorithm);
        permitted.then_some(Profile { name: WARM_START, algorithm, parameters })
    };
    starts.iter().filter_map(profile).collect()
}

/// The candidates without what examples do not suit: nothing below 0 has a logarithm, and without sums none are left out.
pub(crate) fn suited(
    mut candidates: Vec<Candidate>,
    examples: &Examples,
    task: Task,
) -> Vec<Candidate> {
    let unsuited = [
        (LOG_LINK_NAME, !examples.suits_log_link(task)),
        (WITHOUT_SUMS_NAME, examples.sums.is_empty()),
    ];
    let is_unsuited = |name: &str| unsuited.iter().any(|(of, unsuited)| *of == name && *unsuited);
    for candidate in &mut candidates {
        candidate.space.retain(|range| !is_unsuited(range.name));
    }
    candidates
}

/// The candidates that keep monotone constraints, where the scope has such and there are any.
pub(crate) fn race_of(scope: &stages::Scope, candidates: Vec<Candidate>) -> Vec<Candidate> {
    let (trees, others): (Vec<Candidate>, Vec<Candidate>) =
        candidates.into_iter().partition(|candidate| candidate.algorithm.keeps_monotone());
    let constrained = !scope.monotone_constraints.is_empty() && !trees.is_empty();
    if constrained { trees } else { [trees, others].concat() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]
    use super::*;

    fn selection(names: &[&str]) -> stages::Selection {
        let candidate = |name: &&str| stages::Candidate {
            algorithm: (*name).to_owned(),
            ..stages::Candidate::default()
        };
        stages::Selection {
            candidates: names.iter().map(candidate).collect(),
            ..stages::Selection::default()
        }
    }

    #[test]
    fn the_linear_model_always_races() {
        let racing = |names: &[&str], count| -> Vec<&'static str> {
            candidates(&selection(names), count, Task::BINARY, 100)
                .unwrap()
                .iter()
                .map(|of| of.algorithm.name())
                .collect()
        };
        let names = ["gradient_boosting", "random_forest", "logistic_regression"];
        assert_eq!(racing(&names, 1), ["gradient_boosting", "logistic_regression"]);
        assert_eq!(racing(&names, 2), names);
        assert_eq!(racing(&names, 9), names);
        assert_eq!(racing(&["logistic_regression", "random_forest"], 1), ["logistic_regression"]);
    }

    #[test]
    fn without_a_selection_all_that_fits_races() {
        let racing = |interpretable, problem| -> Vec<&'static str> {
            let constraints = Some(stages::Constraints { interpretable, ..Default::default() });
            let scope = stages::Scope { constraints, ..stages::Scope::default() };
            let all = unselected(&scope, Task::new(problem, 2), 100);
            all.iter().map(|of| of.algorithm.name()).collect()
        };
        let binary = tabular::ProblemType::Binary;
        assert!(racing(false, binary).contains(&"gradient_boosting"));
        assert_eq!(racing(true, binary), ["logistic_regression"]);
        assert!(!racing(false, tabular::ProblemType::Regression).contains(&"logistic_regression"));
    }

    #[test]
    fn monotone_constraints_leave_out_what_cannot_keep_them() {
        let constrained = stages::Scope {
            monotone_constraints: vec![stages::MonotoneConstraint {
                column: "x".to_owned(),
                direction: stages::MonotoneDirection::Decreasing,
            }],
            ..stages::Scope::default()
        };
        let racing = |scope: &stages::Scope| -> Vec<&'static str> {
            let all = race_of(scope, unselected(scope, Task::REGRESSION, 100));
            all.iter().map(|of| of.algorithm.name()).collect()
        };
        assert_eq!(racing(&constrained), ["extra_trees", "random_forest", "gradient_boosting"]);
        let free = racing(&stages::Scope::default());
        assert!(free.contains(&"neural_network") && free.contains(&"elastic_net"), "{free:?}");
    }

    #[test]
    fn what_is_not_known_is_named() {
        let error = candidates(&selection(&["perceptron"]), 2, Task::BINARY, 100).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the selection names algorithm `perceptron`, which this trainer does not know"
        );
        let mut unknown = selection(&["random_forest"]);
        for candidate in &mut unknown.candidates {
            candidate
                .search_space
                .push(stages::ParameterRange { name: "depth".to_owned(), ..Default::default() });
        }
        let error = candidates(&unknown, 2, Task::BINARY, 100).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the selection names parameter `depth`, which this trainer does not know"
        );
    }
}
