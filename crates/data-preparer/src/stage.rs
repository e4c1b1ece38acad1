//! The stage: loads the table, asks the domain, stores what came of it.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use artifacts::ArtifactStore;
use artifacts::media_type::{JSON, PARQUET};
use bytes::Bytes;
use contracts::failures::failure;
use contracts::messages::{Failure, Warning};
use contracts::stages::{ArtifactRef, PreparedData, QualityGate, RowAccount, RowRemoval, Scope};
use contracts::steps::Dependencies;
use contracts::{Agent, ValidHandoff};
use dataset::{Access, Location, Stated, TableSource};
use process::{Resources, StartError};
use serde::Serialize;
use stage::{Stage, StageContext, StageResult};
use statistics::QualityReport;
use tables::{LoadOptions, LoadedTable};
use tabular::parse::MissingMarkers;
use tabular::split::Split;

use crate::config::Config;
use crate::error::Error;
use crate::prepare::{Cleaning, Input, Prepared, Settings, prepare};

/// Findings that the reason of a failed run names.
const MAX_NAMED_FINDINGS: usize = 5;

/// State that all handoffs of the agent share.
#[derive(Debug)]
pub struct DataPreparer {
    config: Config,
    access: Access,
}

impl Stage for DataPreparer {
    const AGENT: Agent = Agent::DataPreparer;
    type Config = Config;
    type Error = Error;

    async fn new(config: Config, _resources: &Resources) -> Result<Self, StartError> {
        let access = config
            .data
            .access()
            .map_err(|error| StartError::new("the allow-list of data is not valid", error))?;
        Ok(Self { config, access })
    }

    async fn dependencies(
        &self,
        input: &ValidHandoff,
        cx: &StageContext,
    ) -> Result<Option<Dependencies>, Error> {
        let scope = input.scope()?;
        let source = self.open(scope, &cx.artifacts).await?;
        let sha256 = cx.blocking(move || source.fingerprint()).await??;
        Ok(Some(dependencies(scope, &sha256, as_of(input))))
    }

    async fn handle(&self, input: &ValidHandoff, cx: &StageContext) -> Result<StageResult, Error> {
        let scope = input.scope()?.clone();
        let source = self.open(&scope, &cx.artifacts).await?;
        let options = self.load_options(&scope);
        let settings = self.settings();
        let as_of = as_of(input);
        let progress = cx.clone();
        progress.progress(0.05, "reading the table");
        let worked = cx
            .blocking(move || -> Result<Preparation, Error> {
                let loaded = tables::load(&source, &options)?;
                progress.progress(0.5, "checking, splitting and cleaning");
                work(loaded, &scope, settings, as_of, options.markers)
            })
            .await??;
        cx.progress(0.8, "storing the splits");
        match worked {
            Preparation::Prepared(prepared) => {
                // Of the bytes that were read, which may be others than those that were looked at before.
                let known = dependencies(input.scope()?, &prepared.source_sha256, as_of);
                Ok(store(*prepared, cx).await?.depending_on(known))
            }
            Preparation::Rejected(report) => Err(rejected(&report, cx).await?),
        }
    }
}

/// What is prepared depends on the bytes of the table and, where its rows have times, on the day on which they are judged.
fn dependencies(scope: &Scope, source_sha256: &str, as_of: f64) -> Dependencies {
    const DAY: f64 = 86_400.0 * 1e6;
    let day = if scope.time_column.is_empty() { 0.0 } else { (as_of / DAY).floor() };
    Dependencies::new().on_message(&scope.of_the_data()).on(source_sha256).on(day.to_le_bytes())
}

/// The time of the handoff in microseconds since 1970, not that of this process: a repetition decides the same.
fn as_of(input: &ValidHandoff) -> f64 {
    input.timestamp().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1e6
}

impl DataPreparer {
    async fn open(
        &self,
        scope: &Scope,
        artifacts: &ArtifactStore,
    ) -> Result<Arc<dyn TableSource>, Error> {
        let location = Location::parse(&scope.data.uri)?;
        let stated = Stated { format: scope.data.format, csv: scope.data.csv.clone() };
        dataset::open(&location, &self.access, stated, |sha256, bytes| async move {
            Ok(artifacts.get(&artifacts.reference(&sha256, bytes, PARQUET)).await?)
        })
        .await
    }

    fn load_options(&self, scope: &Scope) -> LoadOptions {
        LoadOptions {
            markers: MissingMarkers::with(&scope.data.missing_markers),
            max_columns: self.config.max_columns,
            inclusion: scope.inclusion.clone(),
            exclusion: scope.exclusion.clone(),
            drop_duplicates: true,
            ..LoadOptions::default()
        }
    }

    fn settings(&self) -> Settings {
        Settings {
            min_score: self.config.min_score,
            max_association: self.config.max_association,
            cleaning: Cleaning { outliers: self.config.outliers, missing: self.config.missing },
        }
    }
}

/// What came of the computation.
enum Preparation {
    Prepared(Box<PreparedArtifacts>),
    Rejected(Box<QualityReport>),
}

/// Everything to be stored.
struct PreparedArtifacts {
    prepared: Prepared,
    files: Vec<(Split, Bytes, u64)>,
    rows: RowAccount,
    source_sha256: String,
    notes: Vec<String>,
}

fn work(
    loaded: LoadedTable,
    scope: &Scope,
    settings: Settings,
    as_of: f64,
    markers: MissingMarkers,
) -> Result<Preparation, Error> {
    let LoadedTable { table, row_numbers, rows_read, removed, source_sha256, shape } = loaded;
    let rows = RowAccount {
        read: rows_read,
        removed: removed
            .iter()
            .map(|removal| RowRemoval { reason: removal.reason.clone(), rows: removal.rows })
            .collect(),
        kept: table.rows() as u64,
    };
    // The last removal is that of duplicates.
    let duplicates = removed.last().map_or(0, |removal| removal.rows);
    let input = Input {
        table,
        row_numbers: &row_numbers,
        rows_read,
        duplicates,
        source_sha256: &source_sha256,
        as_of,
        markers,
    };
    let prepared = match prepare(input, scope, settings) {
        Ok(prepared) => prepared,
        Err(rejected) => return Ok(Preparation::Rejected(rejected.report)),
    };
    let mut files = Vec::with_capacity(prepared.splits.len());
    for (split, table) in &prepared.splits {
        let bytes = dataset::write_parquet(table)?;
        files.push((*split, Bytes::from(bytes), table.rows() as u64));
    }
    let notes = shape.notes;
    Ok(Preparation::Prepared(Box::new(PreparedArtifacts {
        prepared,
        files,
        rows,
        source_sha256,
        notes,
    })))
}

async fn store(ready: PreparedArtifacts, cx: &StageContext) -> Result<StageResult, Error> {
    let PreparedArtifacts { prepared, files, rows, source_sha256, notes } = ready;
    let Prepared { fields, excluded, profile, cleaning, classes, mut report, warnings, .. } =
        prepared;
    let mut output = PreparedData::default();
    for (split, bytes, rows) in files {
        let artifact = cx.artifacts.put(bytes, PARQUET, rows).await?;
        report.splits.insert(split.as_str().to_owned(), artifact.sha256.clone());
        match split {
            Split::Train => output.train = artifact,
            Split::Validation => output.validation = artifact,
            Split::Test => output.test = artifact,
            Split::HoldOut => output.hold_out = artifact,
        }
    }
    let output = PreparedData {
        columns: fields,
        excluded_columns: excluded,
        profile: store_json(&profile, cx).await?,
        quality_gate: gate(&report),
        quality_report: store_json(&report, cx).await?,
        cleaning_plan: store_json(&cleaning, cx).await?,
        rows,
        source_sha256,
        classes,
        ..output
    };
    let notes = notes.into_iter().map(|message| Warning {
        code: "source_note".to_owned(),
        message,
        agent: Agent::DataPreparer.as_str().to_owned(),
    });
    Ok(StageResult::success(output).with_warnings(warnings.into_iter().chain(notes).collect()))
}

async fn store_json<T: Serialize>(value: &T, cx: &StageContext) -> Result<ArtifactRef, Error> {
    let bytes = Bytes::from(serde_json::to_vec(value)?);
    Ok(cx.artifacts.put(bytes, JSON, 0).await?)
}

/// Stores the report of data that did not pass and words the reason.
async fn rejected(report: &QualityReport, cx: &StageContext) -> Result<Error, Error> {
    let stored = store_json(report, cx).await?;
    Ok(Error::Gate(Box::new(reason(report, &stored.uri))))
}

fn reason(report: &QualityReport, uri: &str) -> Failure {
    let blocking: Vec<_> = report.issues.iter().filter(|issue| issue.blocking).collect();
    let mut parts: Vec<String> =
        blocking.iter().take(MAX_NAMED_FINDINGS).map(|issue| issue.message.clone()).collect();
    let more = blocking.len().saturating_sub(MAX_NAMED_FINDINGS);
    if more > 0 {
        parts.push(format!("and {more} more"));
    }
    if report.score < report.threshold && blocking.is_empty() {
        parts.push(format!(
            "the quality score is {:.3}, and {:.2} is needed",
            report.score, report.threshold
        ));
        parts.extend(
            report.issues.iter().take(MAX_NAMED_FINDINGS).map(|issue| issue.message.clone()),
        );
    }
    let message =
        format!("the quality gate did not pass: {}; the whole report: {uri}", parts.join("; "));
    let subject = blocking.first().map(|issue| issue.column.clone()).unwrap_or_default();
    failure("quality_gate_failed", message)
        .about(subject)
        .suggesting(blocking.iter().map(|issue| issue.code.clone()))
}

fn gate(report: &QualityReport) -> QualityGate {
    QualityGate {
        passed: report.passed,
        score: report.score,
        threshold: report.threshold,
        dimensions: report.dimensions.clone(),
        issues: report.issues.clone(),
    }
}
