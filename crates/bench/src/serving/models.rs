//! The models whose serving is measured: a linear one, boosted trees, and an ensemble of five of those, learned on
//! generated churn data by the learners of the fleet and written as bundles.

use std::num::NonZeroU16;
use std::path::Path;

use learners::{Algorithm, Examples, Fit, FittedModel, Parameters, Task, learner};
use sample::drift::Drift;
use sample::{Format, POSITIVE, TARGET};
use scoring::bundle::{self, BundleParts};
use scoring::{Calibration, EnsembleModel, ModelText, Signature};
use tabular::cleaning::ColumnCleaning;
use tabular::parse::MissingMarkers;
use tabular::plan::{DatePart, Feature, Transform};
use tabular::{CleaningPlan, Column, ColumnType, FeaturePlan, ProblemType, Table};

use super::io;
use crate::Error;

const ROWS: u64 = 20_000;
const SEED: u64 = 42;
/// Distinct texts beyond which a column is no category.
const MAX_LEVELS: usize = 100;
/// Members of the ensemble.
const MEMBERS: u64 = 5;
/// Leaves of a tree.
const LEAVES: f64 = 31.0;
const CLASSES: [&str; 2] = ["No", POSITIVE];

fn failed<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> Error {
    move |error| io(what)(std::io::Error::other(error.to_string()))
}

/// What models are learned from.
pub(super) struct Learning {
    /// The inputs of every model, in their order.
    pub(super) inputs: Table,
    plan: FeaturePlan,
    examples: Examples,
}

/// The trees of boosting as they are evaluated.
pub(super) struct BoostedTrees {
    /// LightGBM's text.
    pub(super) text: String,
    /// Rows as the trees are given them.
    pub(super) rows: scoring::FeatureMatrix,
}

impl Learning {
    /// Draws the table and makes features of its columns; `directory` holds the table for a while.
    pub(super) fn new(directory: &Path) -> Result<Self, Error> {
        let sample =
            sample::churn(ROWS, SEED, Drift::default()).map_err(failed("draw the churn sample"))?;
        let file = directory.join("churn.csv");
        let bytes = sample.encode(Format::Csv).map_err(failed("write the churn sample"))?;
        std::fs::write(&file, bytes).map_err(io("write the churn sample"))?;
        let table = tokio::task::block_in_place(|| dataset::read_file(&file))?;
        let (mut cleaning, mut features, mut names) =
            (CleaningPlan::default(), Vec::new(), Vec::new());
        for (field, column) in table.iter() {
            let Some(transform) = transform(&field.name, column, field.column_type) else {
                continue;
            };
            if field.name == TARGET {
                continue;
            }
            let markers = MissingMarkers::default();
            cleaning.columns.push(ColumnCleaning::new(&field.name, field.column_type, &markers));
            features.push(Feature { name: field.name.clone(), transform });
            names.push(field.name.clone());
        }
        let plan =
            FeaturePlan::new(cleaning, features).map_err(failed("make a plan of features"))?;
        let classes = CLASSES.map(str::to_owned);
        let examples = Examples::of_table(&plan, &table, ProblemType::Binary, TARGET, &classes)
            .map_err(failed("make examples"))?;
        Ok(Self { inputs: table.select(&names)?, plan, examples })
    }

    fn fit(
        &self,
        algorithm: Algorithm,
        iterations: Option<u32>,
        seed: u64,
    ) -> Result<FittedModel, Error> {
        let mut parameters = Parameters::new();
        if algorithm == Algorithm::GradientBoosting {
            parameters.insert("num_leaves".to_owned(), LEAVES);
        }
        let request = Fit {
            task: Task::BINARY,
            train: &self.examples,
            streamed: None,
            validation: None,
            iterations,
            parameters: &parameters,
            seed,
            threads: NonZeroU16::MIN,
            should_stop: &|| false,
        };
        tokio::task::block_in_place(|| learner(algorithm).fit(&request))
            .map_err(failed("learn a model"))
    }

    /// A logistic regression.
    pub(super) fn linear(&self) -> Result<ModelText, Error> {
        Ok(self.fit(Algorithm::LogisticRegression, None, SEED)?.text)
    }

    /// So many boosted trees of 31 leaves.
    pub(super) fn boosting(&self, trees: u32) -> Result<ModelText, Error> {
        Ok(self.fit(Algorithm::GradientBoosting, Some(trees), SEED)?.text)
    }

    /// The mean of five boosted models of so many trees each.
    pub(super) fn ensemble(&self, trees: u32) -> Result<ModelText, Error> {
        let fitted = (0..MEMBERS)
            .map(|member| self.fit(Algorithm::GradientBoosting, Some(trees), SEED + member));
        let fitted = fitted.collect::<Result<Vec<FittedModel>, Error>>()?;
        let weight = 1.0 / MEMBERS as f64;
        let members: Vec<(f64, &str, &ModelText)> =
            fitted.iter().map(|of| (weight, "gradient_boosting", &of.text)).collect();
        EnsembleModel::write(&members, &Calibration::default()).map_err(failed("write an ensemble"))
    }

    /// What LightGBM's own predictor is compared on.
    pub(super) fn trees(&self, boosting: &ModelText) -> BoostedTrees {
        BoostedTrees { text: boosting.text.clone(), rows: self.examples.features.clone() }
    }

    /// The bundle of a model; `mark` tells bundles of one model apart.
    pub(super) fn bundle(&self, model: ModelText, mark: &str) -> Result<Vec<u8>, Error> {
        let parts = BundleParts {
            algorithm: model.kind.as_str().to_owned(),
            created_by: format!("tier0-bench {mark}"),
            model,
            plan: self.plan.clone(),
            signature: Signature {
                inputs: self.plan.inputs(),
                problem_type: ProblemType::Binary,
                positive_class: Some(POSITIVE.to_owned()),
                threshold: Some(0.5),
                classes: CLASSES.map(str::to_owned).to_vec(),
                target: TARGET.to_owned(),
            },
            profile: statistics::Profile::default(),
            metrics: serde_json::json!({}),
            model_card: "---\nlicense: apache-2.0\n---\n".to_owned(),
        };
        bundle::write(&parts).map_err(failed("write a bundle"))
    }
}

/// The feature of a column; none for texts that are a value of their own in most rows.
fn transform(name: &str, column: &Column, column_type: ColumnType) -> Option<Transform> {
    let input = name.to_owned();
    match column {
        Column::Text(texts) if texts.levels().len() > MAX_LEVELS => None,
        Column::Text(texts) => {
            let levels = texts.levels().iter().map(ToString::to_string).collect();
            Some(Transform::Category { input, levels, other: true })
        }
        Column::Number(_) if column_type.is_temporal() => {
            Some(Transform::DatePart { input, part: DatePart::Month })
        }
        Column::Number(_) => Some(Transform::Identity { input }),
    }
}
