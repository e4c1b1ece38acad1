//! `tier0 models compare`: two versions side by side, and on the same rows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use api::models::CompareVersions;
use api::models::comparison::Comparison;
use api::models::view::{MetricView, VersionView};
use dataset::Stated;
use scoring::{Limits, Predictions, Scorer, Signature, bundle};
use serde::Serialize;
use tabular::metrics::{self, Outputs, PairedComparison};
use tabular::parse::ColumnReader;
use tabular::target;
use terminal::table;

use super::export::bundle_of;
use crate::access::Access;
use crate::cli::models::ModelsCompare;
use crate::predict;

/// From which probability on a row is positive, where a signature does not say.
const NEUTRAL: f64 = 0.5;

/// Why two versions could not be scored on the same rows.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read.
    #[error("cannot read the rows of {}", .path.display())]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// Error of the reader of tables.
        #[source]
        source: dataset::Error,
    },
    /// The versions answer other questions.
    #[error("the versions cannot be scored on the same outcomes: they differ in their {what}")]
    Question {
        /// What the two versions differ in.
        what: &'static str,
    },
    /// The outcomes do not fit.
    #[error("the outcomes cannot be used")]
    Outcomes(#[from] target::TargetError),
    /// A bundle that is not sound.
    #[error("the bundle of version {version} is not sound")]
    Bundle {
        /// Number of the version, from 1.
        version: u32,
        /// Error of the reader of bundles.
        #[source]
        source: bundle::BundleError,
    },
    /// A value that is not what a version takes.
    #[error("the rows are not what a version takes")]
    Input(#[source] Box<predict::Error>),
    /// Rows that a version cannot score.
    #[error("version {version} cannot score the rows")]
    Score {
        /// Number of the version, from 1.
        version: u32,
        /// Error of the scorer.
        #[source]
        source: scoring::ScoreError,
    },
    /// Predictions that cannot be measured.
    #[error("the predictions cannot be measured")]
    Metrics(#[from] metrics::MetricError),
}

#[derive(Debug, Serialize)]
struct CompareDocument {
    #[serde(flatten)]
    comparison: Comparison,
    /// Both on the same rows, where such were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    on_data: Option<DataComparison>,
}

#[derive(Debug, Serialize)]
struct DataComparison {
    data: PathBuf,
    target: String,
    rows: usize,
    resamples: u32,
    seed: u64,
    metrics: BTreeMap<&'static str, PairedComparison>,
}

pub(super) async fn run(
    access: &Access<'_>,
    arguments: &ModelsCompare,
) -> Result<(), crate::Error> {
    let ModelsCompare { name: model, first, second, .. } = arguments.clone();
    let comparison = access.ask(&CompareVersions { model, first, second }).await?;
    let (first, second) = (&comparison.first, &comparison.second);
    let on_data = match arguments.data.as_ref().zip(arguments.target.as_ref()) {
        None => None,
        Some((data, target)) => {
            let progress = access.console().progress("scoring both versions");
            let scorers = (scorer(access, first).await?, scorer(access, second).await?);
            let stated = arguments.file.stated().map_err(crate::Error::Dialect)?;
            let versions = (first.version, second.version);
            let test = Test { versions, scorers, arguments, stated };
            // Scoring is the only work of this process now.
            let metrics = tokio::task::block_in_place(|| test.run(data, target))?;
            drop(progress);
            Some(metrics)
        }
    };
    let document = CompareDocument { comparison, on_data };
    Ok(access.console().answer(&document, || shown(&document))?)
}

/// What evaluates a version, and what reads its inputs.
struct Version {
    scorer: Scorer,
    readers: Vec<ColumnReader>,
}

async fn scorer(access: &Access<'_>, version: &VersionView) -> Result<Version, crate::Error> {
    let bytes = bundle_of(access.bus().await?, version).await?;
    let number = version.version;
    let unsound = |source| Error::Bundle { version: number, source };
    let bundle = bundle::read(&bytes, &Limits::default()).map_err(unsound)?;
    let readers = bundle.plan.input_columns();
    let readers = readers
        .map(|column| ColumnReader { field: column.field(), markers: column.markers() })
        .collect();
    let scorer = Scorer::from_bundle(bundle);
    let scorer = scorer.map_err(|source| Error::Score { version: number, source })?;
    Ok(Version { scorer, readers })
}

struct Test<'a> {
    versions: (u32, u32),
    scorers: (Version, Version),
    arguments: &'a ModelsCompare,
    stated: Stated,
}

impl Test<'_> {
    fn run(&self, data: &Path, target: &str) -> Result<DataComparison, Error> {
        let unreadable = |source| Error::Read { path: data.to_owned(), source };
        // The inputs are read by each version's signature, as its server does; the outcomes as training reads them.
        let texts = dataset::read_texts(data, &self.stated).map_err(unreadable)?;
        let rows = dataset::concluded(&texts, &self.stated).map_err(unreadable)?;
        let (one, other) = (&self.scorers.0.scorer, &self.scorers.1.scorer);
        let signatures = (one.signature(), other.signature());
        if signatures.0.problem_type != signatures.1.problem_type {
            return Err(Error::Question { what: "type of problem" });
        }
        if signatures.0.classes != signatures.1.classes {
            return Err(Error::Question { what: "classes" });
        }
        let truth =
            target::encode_with(&rows, target, signatures.0.problem_type, &signatures.0.classes)?;
        let score = |of: &Version, version| {
            let typed = predict::typed(&texts, &of.readers, &self.stated.csv)
                .map_err(Box::new)
                .map_err(Error::Input)?;
            of.scorer.score(&typed).map_err(|source| Error::Score { version, source })
        };
        let first = score(&self.scorers.0, self.versions.0)?;
        let second = score(&self.scorers.1, self.versions.1)?;
        let positive = (first.probabilities_of(1), second.probabilities_of(1));
        let metrics = metrics::paired(
            &truth.values,
            outputs(&first, &positive.0, signatures.0),
            outputs(&second, &positive.1, signatures.1),
            self.arguments.seed,
            usize::try_from(self.arguments.resamples).unwrap_or(usize::MAX),
        )?;
        Ok(DataComparison {
            data: data.to_owned(),
            target: target.to_owned(),
            rows: rows.rows(),
            resamples: self.arguments.resamples,
            seed: self.arguments.seed,
            metrics,
        })
    }
}

fn outputs<'a>(
    predictions: &'a Predictions,
    positive: &'a [f64],
    signature: &Signature,
) -> Outputs<'a> {
    match predictions.classes.len() {
        0 => Outputs::Regression { values: &predictions.values },
        2 => Outputs::Binary { positive, threshold: signature.threshold.unwrap_or(NEUTRAL) },
        classes => Outputs::Multiclass { probabilities: &predictions.probabilities, classes },
    }
}

fn shown(document: &CompareDocument) -> String {
    let of = &document.comparison;
    let row = |name: &str, first: &str, second: &str| {
        vec![name.to_owned(), first.to_owned(), second.to_owned()]
    };
    let heads = (format!("version {}", of.first.version), format!("version {}", of.second.version));
    let short = |digest: &str| -> String { digest.chars().take(12).collect() };
    let mut rows = vec![
        row("stage", &of.first.stage, &of.second.stage),
        row("algorithm", &of.first.algorithm, &of.second.algorithm),
        row("run", &of.first.run_id, &of.second.run_id),
        row("data", &short(&of.first.data_sha256), &short(&of.second.data_sha256)),
        row("bundle", &short(&of.first.digest), &short(&of.second.digest)),
    ];
    for (name, pair) in &of.metrics {
        let value = |metric: Option<MetricView>| {
            metric.map_or_else(
                || "-".to_owned(),
                |of| format!("{:.4} [{:.4}, {:.4}]", of.value, of.low, of.high),
            )
        };
        rows.push(row(&format!("test {name}"), &value(pair.first), &value(pair.second)));
    }
    let mut lines = vec![table(&["", &heads.0, &heads.1], &rows)];
    if !of.same_data {
        lines.push("The data differ, so the test splits are other rows.".to_owned());
    }
    let signature = &of.signature;
    for input in &signature.added {
        lines.push(format!("input     + {} ({})", input.name, input.column_type));
    }
    for input in &signature.removed {
        lines.push(format!("input     - {} ({})", input.name, input.column_type));
    }
    for (before, after) in &signature.changed {
        lines.push(format!(
            "input     {}: {} → {}",
            before.name, before.column_type, after.column_type
        ));
    }
    if signature.classes_differ {
        lines.push("The classes, or their order, differ.".to_owned());
    }
    if let Some(on) = &document.on_data {
        let rows: Vec<Vec<String>> = on
            .metrics
            .iter()
            .map(|(name, of)| {
                vec![
                    (*name).to_owned(),
                    format!("{:.4}", of.first),
                    format!("{:.4}", of.second),
                    format!("{:+.4} [{:+.4}, {:+.4}]", of.difference, of.low, of.high),
                    format!("{:.4}", of.p_value),
                ]
            })
            .collect();
        lines.push(format!("\n{} rows of {}:", on.rows, on.data.display()));
        lines.push(table(&["metric", &heads.0, &heads.1, "difference", "p"], &rows));
    }
    lines.join("\n")
}
