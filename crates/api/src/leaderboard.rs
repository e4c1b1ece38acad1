//! How a run's model was chosen: the candidates of the selection, and the trials of the search as a leaderboard.
//!
//! ```text
//! the last message of a run ─▶ Selection, TrainedModel ─┬▶ LeaderboardDocument (JSON)
//! the artifact that it names ─▶ SearchReport ───────────┘
//! ```
//!
//! Invariants:
//! - The documents are pure functions of the messages.
//! - What a message of an earlier build does not tell is `null`, never 0.

mod read;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use contracts::{RunId, failures, v1};
use reqwest::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tabular::metrics::Metric;

use crate::{Broker, Error, Query, models, runs};

pub use read::understood;
pub use read::{Error as ReadError, of_run, of_version};

/// How the model of a run was chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RunLeaderboard {
    /// Identity of the run.
    #[schemars(extend("examples" = ["run-0123456789abcdef0123"]))]
    pub run: String,
}

impl Query for RunLeaderboard {
    const ROUTE: &'static str = "/api/v1/runs/{run}/leaderboard";
    const OUTLIVES_THE_API: bool = true;
    type Answer = LeaderboardDocument;

    async fn read(&self, broker: &Broker) -> Result<LeaderboardDocument, Error> {
        let run = runs::id(&self.run)?;
        require(&run, of_run(&broker.bus, &run, broker.artifacts.as_ref()).await)
    }
}

/// How a version was chosen: its number, an alias, or `latest`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct VersionLeaderboard {
    /// Name of the model.
    #[schemars(extend("examples" = ["churn"]))]
    pub model: String,
    /// Version: a number, an alias or `latest`.
    #[schemars(extend("examples" = ["champion"]))]
    pub version: String,
}

impl Query for VersionLeaderboard {
    const ROUTE: &'static str = "/api/v1/models/{model}/versions/{version}/leaderboard";
    type Answer = LeaderboardDocument;

    async fn read(&self, broker: &Broker) -> Result<LeaderboardDocument, Error> {
        let (_, version) = models::find(&broker.registry, &self.model, &self.version).await?;
        let run = runs::id(&version.run_id)?;
        let digest = version.bundle.map(|bundle| bundle.sha256).unwrap_or_default();
        require(&run, of_version(&broker.bus, &run, &digest, broker.artifacts.as_ref()).await)
    }
}

/// The leaderboard that was read; a refusal where the stream does not have the run any more.
fn require(
    run: &RunId,
    read: Result<Option<LeaderboardDocument>, read::Error>,
) -> Result<LeaderboardDocument, Error> {
    let read = read.map_err(|error| Error::silent(failures::with_causes(&error)))?;
    let gone = || format!("the messages of run {run} are not kept any more");
    read.ok_or_else(|| Error::new(StatusCode::NOT_FOUND, "run_not_found", gone()))
}

/// How the model of a run was chosen, as far as it has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LeaderboardDocument {
    /// Identifier of the run.
    pub run_id: String,
    /// The search; none before it is done, and where its report is not kept any more.
    pub leaderboard: Option<Leaderboard>,
    /// The selection; none before it is done, and in a run that leaves it out.
    pub selection: Option<SelectionView>,
    /// Why there is no leaderboard, where a model was trained and there should be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// The trials of a search, the best first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Leaderboard {
    /// The metric that decided, such as `roc_auc`.
    pub metric: String,
    /// Whether greater scores are better.
    pub greater_is_better: bool,
    /// Number of the trial that won.
    pub best_trial: u32,
    /// Number of folds that each trial was scored on; 1 is a validation split.
    pub folds: Option<u32>,
    /// How many times the folds were drawn.
    pub repeats: Option<u32>,
    /// What ended the search: `time_budget`, `max_trials` or `exhausted`.
    pub ended_by: Option<String>,
    /// Seconds that the search was given.
    pub budget_seconds: Option<f64>,
    /// Seconds that it took.
    pub search_seconds: Option<f64>,
    /// Seconds of the last fits, after the search.
    pub refit_seconds: Option<f64>,
    /// The model that came of it.
    pub served: ServedView,
    /// One for each trial: ranked ones, then those that were pruned, then those that could not be fitted.
    pub entries: Vec<EntryView>,
    /// Members of the ensemble, the heaviest first; empty where one model alone is served.
    pub ensemble: Vec<MemberView>,
    /// Scores of the winning recipe by the number of rows that it learned from.
    pub learning_curve: Vec<PointView>,
}

/// The model that came of a search.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServedView {
    /// Its algorithm; `ensemble` for a weighted mean of several models.
    pub algorithm: String,
    /// How its probabilities are calibrated: `none`, `platt`, `temperature` or `isotonic`; none for regression.
    pub calibration: Option<String>,
    /// From which probability of the positive class on a row is positive; none where it does not apply.
    pub threshold: Option<f64>,
    /// Rows that it learned from.
    pub trained_rows: Option<u64>,
    /// Rows that the model learned from whose metrics are told.
    pub judged_rows: Option<u64>,
    /// Whether it is the judged one's recipe fitted again on more rows.
    pub refitted: bool,
    /// Metrics of the test split within each segment.
    pub segments: Vec<SegmentView>,
    /// What its predictions depend on; none where it was not measured.
    pub explanation: Option<ExplanationView>,
}

/// What predictions depend on, in the unit of the prediction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExplanationView {
    /// All of it in words, with what to be careful about.
    pub summary: String,
    /// Test rows that were changed.
    pub rows: u64,
    /// The inputs that matter most, the greatest effect first.
    pub effects: Vec<EffectView>,
    /// Pairs of them, the strongest first.
    pub interactions: Vec<InteractionView>,
    /// The same within segments.
    pub segments: Vec<SegmentEffectsView>,
    /// What inputs contribute to the margins of held-out rows (Shapley values), the greatest mean first; empty of models of earlier
    /// builds, and of those that cannot be explained.
    #[serde(default)]
    pub contributions: Vec<ContributionView>,
    /// Held-out rows whose contributions were measured.
    #[serde(default)]
    pub contribution_rows: u64,
}

/// What an input contributes to margins: the log-odds of the positive class, the number, or a score per class.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContributionView {
    /// Name of the input column.
    pub input: String,
    /// The mean of the absolute contributions over rows, and over classes where there are several.
    pub mean_absolute: f64,
    /// Contributions by the input's value: of a number in order, or the most frequent levels, then rows without a value.
    pub cells: Vec<ContributionCellView>,
}

/// Contributions of rows whose values lie together; of several classes to the score of the first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContributionCellView {
    /// The value in the middle, or the level; none for rows without a value. Of personal data `value 1`, `value 2` and so on.
    pub value: Option<String>,
    /// Number of rows.
    pub rows: u64,
    /// The contribution below which a tenth of the rows lies.
    pub low: f64,
    /// Mean contribution.
    pub mean: f64,
    /// The contribution above which a tenth of the rows lies.
    pub high: f64,
}

/// What an input does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EffectView {
    /// Name of the input column.
    pub input: String,
    /// How much a prediction changes on average where it takes other values.
    pub effect: f64,
    /// `rises`, `falls` or `varies`; none for categories and for several classes.
    pub direction: Option<String>,
    /// Its values with the mean prediction.
    pub points: Vec<EffectPointView>,
}

/// A value of an input with the mean prediction for it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EffectPointView {
    /// Value of the input, as text.
    pub value: String,
    /// The mean prediction of the rows with it.
    pub output: f64,
}

/// How far two inputs act together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InteractionView {
    /// Name of the first input column.
    pub first: String,
    /// Name of the second input column.
    pub second: String,
    /// From 0 (their effects add up) to 1.
    pub strength: f64,
}

/// What inputs do within a segment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentEffectsView {
    /// The column that makes the segments.
    pub column: String,
    /// Its value; empty where it is missing.
    pub value: String,
    /// Rows that were changed.
    pub rows: u64,
    /// Effects, the greatest first.
    pub effects: Vec<EffectView>,
}

/// One trial of the search, with its rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TrialView")]
pub struct EntryView {
    /// Its place, from 1; none where it was pruned or has no score.
    pub rank: Option<u32>,
    /// Its number in the order of the search, from 0.
    pub trial: u32,
    /// Name of the algorithm.
    pub algorithm: String,
    /// Name of the portfolio's entry that its hyperparameters are of, or `search`.
    pub profile: Option<String>,
    /// Mean of its folds' scores.
    pub score: Option<f64>,
    /// Standard deviation of its folds' scores; none for a single one.
    pub score_std: Option<f64>,
    /// Score of each fold.
    pub fold_scores: Vec<f64>,
    /// Log loss on the rows left out of the fits.
    pub log_loss: Option<f64>,
    /// Trees, or steps of the solver.
    pub iterations: u32,
    /// Seconds of all its fits.
    pub fit_seconds: Option<f64>,
    /// Microseconds to predict one row.
    pub predict_microseconds: Option<f64>,
    /// Size of its models as text, in bytes.
    pub bytes: Option<u64>,
    /// Share in the ensemble, 0 to 1.
    pub weight: f64,
    /// Whether it was given up early.
    pub pruned: bool,
    /// Hyperparameters of the trial, by name.
    pub parameters: BTreeMap<String, f64>,
}

/// A member of an ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemberView {
    /// Number of its trial.
    pub trial: u32,
    /// Name of the algorithm.
    pub algorithm: String,
    /// Its share in the prediction, 0 to 1.
    pub weight: f64,
    /// Number of its models, which are averaged.
    pub models: u32,
}

/// A point of a learning curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PointView {
    /// Rows that were learned from.
    pub rows: u64,
    /// Mean of the folds' scores.
    pub score: f64,
    /// Standard deviation of the folds' scores.
    pub score_std: f64,
}

/// Metrics within a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TrialSegmentView")]
pub struct SegmentView {
    /// The column that makes the segments.
    pub column: String,
    /// Its value, or range of values, in this one; empty where it is missing.
    pub value: String,
    /// Rows of the test split in it.
    pub rows: u64,
    /// The metrics that are defined there.
    pub metrics: BTreeMap<String, f64>,
}

/// The algorithms that were measured on a sample before the search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SelectionView {
    /// The metric of all scores.
    pub metric: String,
    /// The score of always answering the base rate.
    pub baseline_score: f64,
    /// Rows of the sample.
    pub sample_rows: u64,
    /// Number of folds.
    pub folds: u32,
    /// Seconds that it took.
    pub seconds: Option<f64>,
    /// The measured algorithms, the best first.
    pub candidates: Vec<CandidateView>,
    /// Algorithms that were not measured.
    pub rejected: Vec<RejectedView>,
}

/// Algorithm that the selection measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CandidateView {
    /// Name of the algorithm.
    pub algorithm: String,
    /// Mean of the folds' scores.
    pub score: f64,
    /// Standard deviation of the folds' scores.
    pub score_std: f64,
    /// Score of each fold.
    pub fold_scores: Vec<f64>,
    /// Seconds to fit one fold.
    pub fit_seconds: f64,
    /// Why it stands where it stands.
    pub rationale: String,
}

/// An algorithm left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RejectedView {
    /// Name of the algorithm that was not tried.
    pub algorithm: String,
    /// Reason in words, as the author of the change gave it; may be empty.
    pub reason: String,
}

impl Leaderboard {
    /// The leaderboard of a search, and the model that came of it.
    #[must_use]
    pub fn new(report: &v1::SearchReport, model: &v1::TrainedModel) -> Self {
        let greater = Metric::by_name(&report.metric).is_none_or(Metric::greater_is_better);
        let mut trials: Vec<&v1::TrialRecord> = report.trials.iter().collect();
        trials.sort_by(|a, b| order(a, b, greater));
        let entries = (1..).zip(trials).map(|(rank, trial)| EntryView::new(rank, trial)).collect();
        let member = |member: &v1::EnsembleMember| MemberView {
            trial: member.trial,
            algorithm: member.algorithm.clone(),
            weight: member.weight,
            models: member.models,
        };
        let point = |point: &v1::LearningCurvePoint| PointView {
            rows: point.rows,
            score: point.score,
            score_std: point.score_std,
        };
        Self {
            metric: report.metric.clone(),
            greater_is_better: greater,
            best_trial: report.best,
            folds: recorded(report.folds),
            repeats: recorded(report.repeats),
            ended_by: non_empty(&report.ended_by),
            budget_seconds: measured(report.budget_seconds),
            search_seconds: measured(report.search_seconds)
                .or_else(|| measured(model.search_seconds)),
            refit_seconds: measured(report.refit_seconds),
            served: model.into(),
            entries,
            ensemble: report.ensemble.iter().map(member).collect(),
            learning_curve: report.learning_curve.iter().map(point).collect(),
        }
    }
}

/// The ranked by their scores, then the pruned by theirs, then those without; the earlier first where all is equal.
fn order(a: &v1::TrialRecord, b: &v1::TrialRecord, greater: bool) -> Ordering {
    let class = |trial: &v1::TrialRecord| match (trial.score, trial.pruned) {
        (Some(_), false) => 0,
        (Some(_), true) => 1,
        (None, _) => 2,
    };
    let score = |trial: &v1::TrialRecord| trial.score.unwrap_or_default();
    let scores = score(a).total_cmp(&score(b));
    let scores = if greater { scores.reverse() } else { scores };
    class(a).cmp(&class(b)).then(scores).then(a.number.cmp(&b.number))
}

impl EntryView {
    fn new(rank: u32, trial: &v1::TrialRecord) -> Self {
        Self {
            rank: (trial.score.is_some() && !trial.pruned).then_some(rank),
            trial: trial.number,
            algorithm: trial.algorithm.clone(),
            profile: non_empty(&trial.profile),
            score: trial.score,
            score_std: (trial.fold_scores.len() > 1).then_some(trial.score_std),
            fold_scores: trial.fold_scores.clone(),
            log_loss: trial.log_loss,
            iterations: trial.iterations,
            fit_seconds: measured(trial.fit_seconds),
            predict_microseconds: measured(trial.predict_microseconds),
            bytes: (trial.bytes > 0).then_some(trial.bytes),
            weight: trial.weight,
            pruned: trial.pruned,
            parameters: trial.parameters.clone(),
        }
    }
}

impl From<&v1::TrainedModel> for ServedView {
    fn from(model: &v1::TrainedModel) -> Self {
        let segment = |segment: &v1::SegmentMetrics| SegmentView {
            column: segment.column.clone(),
            value: segment.value.clone(),
            rows: segment.rows,
            metrics: segment.metrics.clone(),
        };
        Self {
            algorithm: model.algorithm.clone(),
            calibration: non_empty(&model.calibration),
            threshold: measured(model.threshold),
            trained_rows: (model.trained_rows > 0).then_some(model.trained_rows),
            judged_rows: (model.judged_rows > 0).then_some(model.judged_rows),
            refitted: model.refitted,
            segments: model.segments.iter().map(segment).collect(),
            explanation: model.explanation.as_ref().map(ExplanationView::from),
        }
    }
}

impl From<&v1::Explanation> for ExplanationView {
    fn from(explanation: &v1::Explanation) -> Self {
        let interaction = |of: &v1::Interaction| InteractionView {
            first: of.first.clone(),
            second: of.second.clone(),
            strength: of.strength,
        };
        let segment = |of: &v1::SegmentEffects| SegmentEffectsView {
            column: of.column.clone(),
            value: of.value.clone(),
            rows: of.rows,
            effects: of.effects.iter().map(EffectView::from).collect(),
        };
        Self {
            summary: explanation.summary.clone(),
            rows: explanation.rows,
            effects: explanation.effects.iter().map(EffectView::from).collect(),
            interactions: explanation.interactions.iter().map(interaction).collect(),
            segments: explanation.segments.iter().map(segment).collect(),
            contributions: explanation.contributions.iter().map(ContributionView::from).collect(),
            contribution_rows: explanation.contribution_rows,
        }
    }
}

impl From<&v1::InputContribution> for ContributionView {
    fn from(of: &v1::InputContribution) -> Self {
        let cell = |cell: &v1::ContributionCell| ContributionCellView {
            value: non_empty(&cell.value),
            rows: cell.rows,
            low: cell.low,
            mean: cell.mean,
            high: cell.high,
        };
        Self {
            input: of.input.clone(),
            mean_absolute: of.mean_absolute,
            cells: of.cells.iter().map(cell).collect(),
        }
    }
}

impl From<&v1::InputEffect> for EffectView {
    fn from(effect: &v1::InputEffect) -> Self {
        let point =
            |of: &v1::EffectPoint| EffectPointView { value: of.value.clone(), output: of.output };
        Self {
            input: effect.input.clone(),
            effect: effect.effect,
            direction: non_empty(&effect.direction),
            points: effect.points.iter().map(point).collect(),
        }
    }
}

impl From<&v1::Selection> for SelectionView {
    fn from(selection: &v1::Selection) -> Self {
        let candidate = |candidate: &v1::Candidate| CandidateView {
            algorithm: candidate.algorithm.clone(),
            score: candidate.score,
            score_std: candidate.score_std,
            fold_scores: candidate.fold_scores.clone(),
            fit_seconds: candidate.fit_seconds,
            rationale: candidate.rationale.clone(),
        };
        let rejected = |rejected: &v1::RejectedAlgorithm| RejectedView {
            algorithm: rejected.algorithm.clone(),
            reason: rejected.reason.clone(),
        };
        Self {
            metric: selection.metric.clone(),
            baseline_score: selection.baseline_score,
            sample_rows: selection.sample_rows,
            folds: selection.folds,
            seconds: measured(selection.seconds),
            candidates: selection.candidates.iter().map(candidate).collect(),
            rejected: selection.rejected.iter().map(rejected).collect(),
        }
    }
}

/// A number that is 0 where it was not recorded.
fn measured(value: f64) -> Option<f64> {
    (value > 0.0).then_some(value)
}

fn recorded(value: u32) -> Option<u32> {
    (value > 0).then_some(value)
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
