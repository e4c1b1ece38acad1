//! Explains rows one by one, whatever the model.

use super::ExplainError;
use crate::ensemble::EnsembleModel;
use crate::linear::{logit, softmax};
use crate::network::NetworkPaths;
use crate::trees::{Paths, TreeLink};
use crate::{EncodedTrees, LinearModel, Link, Model, NetworkLink, NetworkModel, TreeModel};

/// Changes below this are infinitesimal: the slope of a link stands in for the quotient of two changes.
const INFINITESIMAL: f64 = 1e-9;
/// Points at which the way from the base of a softmax to its value is sampled.
const STEPS: usize = 32;

/// A model made ready to explain its rows.
pub(super) enum Explainer<'a> {
    Prior { margins: Vec<f64> },
    Linear { model: &'a LinearModel },
    Trees { model: &'a TreeModel, paths: Paths },
    Encoded { model: &'a EncodedTrees, paths: Paths, room: Vec<f64> },
    Network { model: &'a NetworkModel, paths: NetworkPaths },
    Ensemble { model: &'a EnsembleModel, members: Vec<MemberExplainer<'a>>, base: Vec<f64> },
}

/// A member of an ensemble.
pub(super) struct MemberExplainer<'a> {
    weight: f64,
    explainer: Explainer<'a>,
    link: LinkOf,
    /// Its margins before any feature is known.
    bases: Vec<f64>,
    contributions: Vec<f64>,
    margins: Vec<f64>,
}

/// From a member's margins to its outputs.
#[derive(Clone, Copy)]
enum LinkOf {
    Logit(f64),
    Softmax,
    Identity,
    Exponential,
}

impl LinkOf {
    fn model(model: &Model) -> Self {
        let of_link = |link| match link {
            Link::Logit => Self::Logit(1.0),
            Link::Softmax => Self::Softmax,
            Link::Identity => Self::Identity,
        };
        match model {
            Model::Linear(model) => of_link(model.link),
            Model::Prior(model) => match model.outputs.len() {
                1 => Self::Identity,
                2 => Self::Logit(1.0),
                _ => Self::Softmax,
            },
            Model::Network(model) => match model.link {
                NetworkLink::Logit => Self::Logit(1.0),
                NetworkLink::Softmax => Self::Softmax,
                NetworkLink::Identity => Self::Identity,
                NetworkLink::Exponential => Self::Exponential,
            },
            Model::Trees(_) | Model::EncodedTrees(_) | Model::Ensemble(_) => {
                match model.trees().map(TreeModel::link) {
                    Some(TreeLink::Sigmoid(steepness)) => Self::Logit(steepness),
                    Some(TreeLink::Softmax) => Self::Softmax,
                    Some(TreeLink::Exponential) => Self::Exponential,
                    Some(TreeLink::Identity) | None => Self::Identity,
                }
            }
        }
    }

    /// The outputs of margins.
    fn outputs(self, margins: &[f64]) -> Vec<f64> {
        match self {
            Self::Identity => margins.to_vec(),
            Self::Exponential => margins.iter().map(|margin| margin.exp()).collect(),
            Self::Logit(steepness) => {
                let mut out = vec![margins.first().copied().unwrap_or(0.0), 0.0];
                logit(steepness, &mut out);
                out
            }
            Self::Softmax => {
                let mut out = margins.to_vec();
                softmax(&mut out);
                out
            }
        }
    }
}

impl<'a> Explainer<'a> {
    /// Makes a model ready.
    ///
    /// # Errors
    /// When the model does not have what it takes.
    pub(super) fn new(model: &'a Model) -> Result<Self, ExplainError> {
        Ok(match model {
            Model::Prior(model) => {
                let margins = model.margins();
                if margins.iter().any(|margin| !margin.is_finite()) {
                    return Err(ExplainError::NotFinite);
                }
                Self::Prior { margins }
            }
            Model::Linear(model) => Self::Linear { model },
            Model::Trees(model) => {
                model.check_explainable()?;
                Self::Trees { model, paths: model.paths() }
            }
            Model::EncodedTrees(model) => {
                model.trees.check_explainable()?;
                let room = vec![0.0; model.encoding.width() * model.trees.margins()];
                Self::Encoded { model, paths: model.trees.paths(), room }
            }
            Model::Network(model) => Self::Network { model, paths: model.paths() },
            Model::Ensemble(model) => {
                let members: Vec<MemberExplainer<'_>> = model
                    .members()
                    .iter()
                    .map(|member| MemberExplainer::new(member.weight, &member.model))
                    .collect::<Result<_, _>>()?;
                let mut base = vec![0.0; model.outputs()];
                for member in &members {
                    for (base, own) in base.iter_mut().zip(member.link.outputs(&member.bases)) {
                        *base += member.weight * own;
                    }
                }
                Self::Ensemble { model, members, base }
            }
        })
    }

    /// The margins before any feature is known.
    pub(super) fn bases(&self) -> Vec<f64> {
        match self {
            Self::Prior { margins } => margins.clone(),
            Self::Linear { model } => model.intercepts.clone(),
            Self::Trees { model, .. } => model.bases(),
            Self::Encoded { model, .. } => model.trees.bases(),
            Self::Network { paths, .. } => paths.bases.clone(),
            Self::Ensemble { model, base, .. } => {
                let mut margins = vec![0.0; model.margins()];
                model.margins_of(base, &mut margins);
                margins
            }
        }
    }

    /// Explains one row: `contributions` holds a value per margin and feature, `margins` one per margin.
    pub(super) fn row(&mut self, row: &[f64], contributions: &mut [f64], margins: &mut [f64]) {
        match self {
            Self::Prior { margins: own } => margins.copy_from_slice(own),
            Self::Linear { model } => {
                model.contributions(row, contributions);
                model.margins_row(row, margins);
            }
            Self::Trees { model, paths } => {
                model.contributions(row, paths, contributions);
                model.margins_row(row, margins);
            }
            Self::Encoded { model, paths, room } => {
                let encoded = model.encoded(row);
                model.trees.contributions(&encoded, paths, room);
                model.trees.margins_row(&encoded, margins);
                let (from, to) = (encoded.len().max(1), row.len().max(1));
                for (from, to) in room.chunks_exact(from).zip(contributions.chunks_exact_mut(to)) {
                    model.encoding.sum(from, to);
                }
            }
            Self::Network { model, paths } => {
                model.contributions(row, paths, contributions, margins);
            }
            Self::Ensemble { model, members, base } => {
                ensemble_row(model, members, base, row, contributions, margins);
            }
        }
    }
}

impl<'a> MemberExplainer<'a> {
    fn new(weight: f64, model: &'a Model) -> Result<Self, ExplainError> {
        let explainer = Explainer::new(model)?;
        let margins = model.margins();
        Ok(Self {
            weight,
            link: LinkOf::model(model),
            bases: explainer.bases(),
            explainer,
            contributions: vec![0.0; margins.saturating_mul(model.width())],
            margins: vec![0.0; margins],
        })
    }
}

/// The rescale rule (Chen, Lundberg and Lee, "Explaining a Series of Models by Propagating Shapley Values", 2022): what a
/// feature adds to a member's margin is carried on to the mean's, in the proportion in which the output moved with it.
fn ensemble_row(
    model: &EnsembleModel,
    members: &mut [MemberExplainer<'_>],
    base: &[f64],
    row: &[f64],
    contributions: &mut [f64],
    margins: &mut [f64],
) {
    let width = row.len().max(1);
    let outputs = model.outputs();
    // Two classes have one margin, that of the second.
    let first = usize::from(outputs == 2);
    let mut mean = vec![0.0; outputs];
    contributions.fill(0.0);
    for member in members {
        member.explainer.row(row, &mut member.contributions, &mut member.margins);
        let found = member.link.outputs(&member.margins);
        for (mean, found) in mean.iter_mut().zip(&found) {
            *mean += member.weight * found;
        }
        for (place, out) in contributions.chunks_exact_mut(width).enumerate() {
            let slopes = slopes(member.link, &member.bases, &member.margins, first + place);
            for (slope, own) in slopes.iter().zip(member.contributions.chunks_exact(width)) {
                for (out, own) in out.iter_mut().zip(own) {
                    *out += member.weight * slope * own;
                }
            }
        }
    }
    let mut bases = vec![0.0; margins.len()];
    model.margins_of(base, &mut bases);
    model.margins_of(&mean, margins);
    let moved = mean.iter().zip(base).skip(first);
    for (((out, (to, from)), margin), base) in
        contributions.chunks_exact_mut(width).zip(moved).zip(margins.iter()).zip(&bases)
    {
        let change = to - from;
        // Where the mean did not move, contributions cancel each other out; the slope at that place carries them on.
        let slope = if change.abs() > INFINITESIMAL {
            (margin - base) / change
        } else {
            let mut beside = vec![0.0; bases.len()];
            let step = 1e-6;
            let shifted: Vec<f64> = mean.iter().map(|value| value + step).collect();
            model.margins_of(&shifted, &mut beside);
            beside.first().map_or(0.0, |beside| (beside - margins_first(model, &mean)) / step)
        };
        let sum: f64 = out.iter().sum();
        out.iter_mut().for_each(|value| *value *= slope);
        // What rounding and sampled slopes leave is shared in proportion, so that all adds up.
        let scaled = sum * slope;
        let wanted = margin - base;
        if scaled.abs() > INFINITESIMAL {
            out.iter_mut().for_each(|value| *value *= wanted / scaled);
        }
    }
}

fn margins_first(model: &EnsembleModel, mean: &[f64]) -> f64 {
    let mut margins = vec![0.0; model.margins()];
    model.margins_of(mean, &mut margins);
    margins.first().copied().unwrap_or(0.0)
}

/// How much output `output` moves with each margin on the way from the bases to the margins.
fn slopes(link: LinkOf, bases: &[f64], margins: &[f64], output: usize) -> Vec<f64> {
    match link {
        LinkOf::Identity => {
            (0..margins.len()).map(|place| f64::from(u8::from(place == output))).collect()
        }
        LinkOf::Logit(steepness) => {
            let slope = quotient(link, bases, margins, 1, |positive| {
                steepness * positive * (1.0 - positive)
            });
            vec![if output == 1 { slope } else { -slope }]
        }
        LinkOf::Exponential => vec![quotient(link, bases, margins, 0, |output| output)],
        LinkOf::Softmax => {
            // The gradient of the softmax, averaged along the straight way.
            let mut sums = vec![0.0; margins.len()];
            for step in 0..STEPS {
                let share = (step as f64 + 0.5) / STEPS as f64;
                let at: Vec<f64> = bases
                    .iter()
                    .zip(margins)
                    .map(|(from, to)| from + share * (to - from))
                    .collect();
                let outputs = link.outputs(&at);
                let own = outputs.get(output).copied().unwrap_or(0.0);
                for (place, (sum, other)) in sums.iter_mut().zip(&outputs).enumerate() {
                    let same = f64::from(u8::from(place == output));
                    *sum += own * (same - other) / STEPS as f64;
                }
            }
            sums
        }
    }
}

/// How much output `output` moved for what the only margin moved; where it did not move, the derivative at the output.
fn quotient(
    link: LinkOf,
    bases: &[f64],
    margins: &[f64],
    output: usize,
    derivative: impl Fn(f64) -> f64,
) -> f64 {
    let of = |margins: &[f64]| link.outputs(margins).get(output).copied().unwrap_or(0.0);
    let first = |margins: &[f64]| margins.first().copied().unwrap_or(0.0);
    let change = first(margins) - first(bases);
    if change.abs() > INFINITESIMAL {
        (of(margins) - of(bases)) / change
    } else {
        derivative(of(margins))
    }
}
