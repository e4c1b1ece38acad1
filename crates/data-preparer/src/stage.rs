//! The stage: loads the table, asks the domain, stores what came of it.

use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use artifacts::ArtifactStore;
use artifacts::media_type::{self, JSON, PARQUET};
use bytes::Bytes;
use contracts::failures::with_causes;
use contracts::messages::Warning;
use contracts::stages::{
    ArtifactRef, CohortWindow, DataSource, PreparedData, QualityGate, RowAccount, RowRemoval, Scope,
};
use contracts::steps::Dependencies;
use contracts::{Agent, ValidHandoff};
use dataset::{Access, Location, Stated, TableSource};
use expectations::Suite;
use process::{Resources, StartError};
use serde::Serialize;
use stage::{Stage, StageContext, StageResult};
use statistics::QualityReport;
use tables::{LoadOptions, LoadedTable, Window};
use tabular::parse::MissingMarkers;
use tabular::split::Split;

use crate::alert::{self, Run};
use crate::config::Config;
use crate::error::Error;
use crate::prepare::{Cleaning, Input, Prepared, RejectedData, Settings, Unprepared, prepare};
use crate::refusal::reason;
use crate::rules::TableChecks;
use crate::write::{SplitContent, SplitFile};
use crate::{documents, duplicates};

/// Findings that the handoff has at most.
const MAX_FINDINGS: usize = 200;
/// Time from which on the run's history says where it went.
const NOTED: Duration = Duration::from_secs(1);

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
        let checks = self.checks(scope, cx).await?;
        let as_of = as_of(input);
        let (sha256, others) = cx
            .blocking(move || Ok::<_, Error>((source.fingerprint()?, checks.fingerprints(as_of)?)))
            .await??;
        Ok(Some(dependencies(scope, &sha256, &others, as_of)))
    }

    async fn handle(&self, input: &ValidHandoff, cx: &StageContext) -> Result<StageResult, Error> {
        let scope = input.scope()?.clone();
        let source = self.open(&scope, &cx.artifacts).await?;
        let checks = self.checks(&scope, cx).await?;
        let options = self.load_options(&scope);
        let cleaning = Cleaning { outliers: self.config.outliers, missing: self.config.missing };
        let Config { min_score, max_association, told_association, .. } = self.config;
        let as_of = as_of(input);
        let progress = cx.clone();
        progress.progress(0.05, "reading the table");
        let begun = Instant::now();
        let (worked, others, read) = cx
            .blocking(move || -> Result<(Preparation, Vec<Bytes>, Duration), Error> {
                let others = checks.fingerprints(as_of)?;
                let reading = progress.reading();
                let loaded = tables::load(&source, &options)?;
                drop(reading);
                let read = begun.elapsed();
                progress.progress(0.5, "checking, splitting and cleaning");
                let settings = Settings {
                    min_score,
                    max_association,
                    told_association,
                    cleaning,
                    directory: &options.spill_directory,
                    threads: options.threads,
                };
                let context = WorkContext { scope: &scope, settings, as_of, checks: &checks };
                Ok((work(loaded, context, options.markers)?, others, read))
            })
            .await??;
        let prepared_in = begun.elapsed();
        cx.progress(0.8, "storing the splits");
        let run = Run { id: input.run_id(), name: &input.scope()?.name, at: input.timestamp() };
        match worked {
            Preparation::Prepared(prepared) => {
                let Prepared { report, validation, .. } = &prepared.prepared;
                alert::raise(&cx.bus, run, report, validation.as_ref()).await?;
                // Of the bytes that were read, which may be others than those that were looked at before.
                let known = dependencies(input.scope()?, &prepared.source_sha256, &others, as_of);
                let stored = store(*prepared, cx).await?.depending_on(known);
                note_times(cx, read, prepared_in, begun.elapsed());
                Ok(stored)
            }
            Preparation::Rejected(rejection) => {
                let RejectedData { report, validation } = &rejection;
                alert::raise(&cx.bus, run, report, validation.as_deref()).await?;
                Err(rejected(&rejection, cx).await?)
            }
        }
    }
}

/// Says in the run's history where the time went, where it was more than a moment.
fn note_times(cx: &StageContext, read: Duration, prepared: Duration, stored: Duration) {
    if stored >= NOTED {
        cx.note(&format!(
            "read in {:.1} s, judged and written in {:.1} s, stored in {:.1} s",
            read.as_secs_f64(),
            prepared.saturating_sub(read).as_secs_f64(),
            stored.saturating_sub(prepared).as_secs_f64()
        ));
    }
}

/// What is prepared depends on the bytes of the table, those of its suite and of the tables that rules refer to, and, where its rows
/// have times, on the day on which they are judged.
fn dependencies(scope: &Scope, source_sha256: &str, others: &[Bytes], as_of: f64) -> Dependencies {
    let day = if scope.time_column.is_empty() { 0.0 } else { day_of(as_of) };
    let of_table = Dependencies::new().on_message(&scope.of_the_data()).on(source_sha256);
    others.iter().fold(of_table.on(day.to_le_bytes()), |all, other| all.on(other))
}

/// Days since 1970.
fn day_of(as_of: f64) -> f64 {
    const DAY: f64 = 86_400.0 * 1e6;
    (as_of / DAY).floor()
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
        let DataSource { format, csv, query, .. } = scope.data.clone();
        let stated = Stated { format, csv, query };
        self.open_table(&scope.data.uri, stated, artifacts).await
    }

    async fn open_table(
        &self,
        uri: &str,
        stated: Stated,
        artifacts: &ArtifactStore,
    ) -> Result<Arc<dyn TableSource>, Error> {
        let location = Location::parse(uri)?;
        dataset::open(&location, &self.access, stated, |sha256, bytes, file| async move {
            let table = artifacts.reference(&sha256, bytes, media_type::UNKNOWN);
            Ok(artifacts.get_to_file(&table, &file).await?)
        })
        .await
    }

    /// The suite and the rules that the scope names, with the tables that rules refer to.
    async fn checks(&self, scope: &Scope, cx: &StageContext) -> Result<OpenedChecks, Error> {
        let Some(checks) = &scope.checks else { return Ok(OpenedChecks::default()) };
        let text = match (checks.suite.as_str(), checks.suite_uri.as_str()) {
            ("", "") => None,
            ("", uri) => Some(documents::read(uri, &self.access, cx).await?),
            (inline, _) => Some(Bytes::from(inline.to_owned())),
        };
        let suite = text.as_ref().map(|text| Suite::parse(text)).transpose().map_err(|error| {
            Error::Suite { uri: checks.suite_uri.clone(), reason: with_causes(&error) }
        })?;
        let mut references = Vec::new();
        for rule in &checks.rules {
            if let Some(reference) = &rule.reference {
                let table =
                    self.open_table(&reference.uri, Stated::default(), &cx.artifacts).await?;
                references.push((rule.name.clone(), table));
            }
        }
        let checks = TableChecks { suite, references, rules: checks.rules.clone() };
        Ok(OpenedChecks { checks, suite: text })
    }

    fn load_options(&self, scope: &Scope) -> LoadOptions {
        LoadOptions {
            markers: MissingMarkers::with(&scope.data.missing_markers),
            max_columns: self.config.max_columns,
            inclusion: scope.inclusion.clone(),
            exclusion: scope.exclusion.clone(),
            windows: scope.windows.iter().flat_map(windows).collect(),
            drop_duplicates: duplicates::are_dropped(scope),
            spill_directory: self.config.spill_directory(),
            ..LoadOptions::default()
        }
    }
}

/// The look-back and the follow-up of a window, as far as it has them.
fn windows(of: &CohortWindow) -> impl Iterator<Item = Window> {
    let window = |purpose, from: &str, to: &str, days| {
        let some = !from.is_empty() && !to.is_empty();
        some.then(|| Window { from: from.to_owned(), to: to.to_owned(), days, purpose })
    };
    let look_back = window("look-back", &of.start_column, &of.index_column, of.look_back_days);
    let follow_up = window("follow-up", &of.index_column, &of.end_column, of.follow_up_days);
    look_back.into_iter().chain(follow_up)
}

/// What the table has to meet, and the bytes that say it.
#[derive(Default)]
struct OpenedChecks {
    checks: TableChecks,
    suite: Option<Bytes>,
}

impl OpenedChecks {
    /// What changes when the suite or one of the other tables does, and with the day where the suite depends on it. Blocking.
    fn fingerprints(&self, as_of: f64) -> Result<Vec<Bytes>, Error> {
        let suite = self.suite.iter().map(|text| Ok(text.clone()));
        let is_of_day = self.checks.suite.as_ref().is_some_and(Suite::depends_on_day);
        let day = is_of_day.then(|| Ok(Bytes::copy_from_slice(&day_of(as_of).to_le_bytes())));
        let tables = self.checks.references.iter();
        let tables = tables.map(|(_, table)| Ok(table.fingerprint()?.into()));
        suite.chain(day).chain(tables).collect()
    }
}

/// What came of the computation.
enum Preparation {
    Prepared(Box<PreparedArtifacts>),
    Rejected(RejectedData),
}

/// What the computation is done with.
struct WorkContext<'a> {
    scope: &'a Scope,
    settings: Settings<'a>,
    as_of: f64,
    checks: &'a OpenedChecks,
}

/// Everything to be stored.
struct PreparedArtifacts {
    prepared: Prepared,
    rows: RowAccount,
    source_sha256: String,
    notes: Vec<String>,
}

fn work(
    loaded: LoadedTable,
    context: WorkContext<'_>,
    markers: MissingMarkers,
) -> Result<Preparation, Error> {
    let WorkContext { scope, settings, as_of, checks } = context;
    let LoadedTable { table, row_numbers, rows_read, removed, source_sha256, shape } = loaded;
    let mut rows = RowAccount {
        read: rows_read,
        removed: removed
            .iter()
            .map(|removal| RowRemoval { reason: removal.reason.clone(), rows: removal.rows })
            .collect(),
        kept: table.rows() as u64,
    };
    // The last removal is that of duplicates, where they are dropped.
    let last = removed.last().filter(|_| duplicates::are_dropped(scope));
    let duplicates = last.map_or(0, |removal| removal.rows);
    let input = Input {
        table: &table,
        row_numbers: &row_numbers,
        rows_read,
        duplicates,
        removed: &rows.removed,
        source_sha256: &source_sha256,
        as_of,
        markers,
        checks: &checks.checks,
    };
    let prepared = match prepare(&input, scope, settings) {
        Ok(prepared) => prepared,
        Err(Unprepared::Rejected(rejected)) => return Ok(Preparation::Rejected(rejected)),
        Err(Unprepared::Failed(error)) => return Err(error),
    };
    rows.kept -= prepared.dropped.iter().map(|of| of.rows).sum::<u64>();
    rows.removed.extend(prepared.dropped.iter().cloned());
    let notes = shape.notes;
    Ok(Preparation::Prepared(Box::new(PreparedArtifacts { prepared, rows, source_sha256, notes })))
}

async fn store(ready: PreparedArtifacts, cx: &StageContext) -> Result<StageResult, Error> {
    let PreparedArtifacts { prepared, rows, source_sha256, notes } = ready;
    let Prepared {
        splits,
        fields,
        excluded,
        profile,
        cleaning,
        classes,
        mut report,
        warnings,
        validation,
        split_method,
        dropped: _,
    } = prepared;
    let mut output = PreparedData::default();
    for SplitFile { split, content, rows } in splits {
        let artifact = match content {
            SplitContent::Memory(bytes) => cx.artifacts.put(bytes.into(), PARQUET, rows).await?,
            SplitContent::File(file) => cx.artifacts.put_file(file, PARQUET, rows).await?,
        };
        report.splits.insert(split.as_str().to_owned(), artifact.sha256.clone());
        match split {
            Split::Train => output.train = artifact,
            Split::Validation => output.validation = artifact,
            Split::Test => output.test = artifact,
            Split::HoldOut => output.hold_out = artifact,
        }
    }
    let profile = store_json(&profile, cx).await?;
    let cleaning_plan = store_json(&cleaning, cx).await?;
    for (name, document) in [("profile", &profile), ("cleaning_plan", &cleaning_plan)] {
        report.documents.insert(name.to_owned(), document.sha256.clone());
    }
    let validation_result = match &validation {
        Some(result) => Some(store_json(result, cx).await?),
        None => None,
    };
    let output = PreparedData {
        columns: fields,
        excluded_columns: excluded,
        profile,
        validation_result,
        quality_gate: gate(&report),
        quality_report: store_json(&report, cx).await?,
        cleaning_plan,
        rows,
        source_sha256,
        classes,
        split_method: Some(split_method),
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

/// Stores the report of data that did not pass, and the result of their suite, and words the reason.
async fn rejected(rejection: &RejectedData, cx: &StageContext) -> Result<Error, Error> {
    let RejectedData { report, validation } = rejection;
    let stored = store_json(report, cx).await?;
    let mut failure = reason(report, &stored.uri);
    if let Some(result) = validation {
        let stored = store_json(result, cx).await?;
        failure.message.push_str(&format!("; the result of the suite: {}", stored.uri));
    }
    Ok(Error::Gate(Box::new(failure)))
}

/// The verdict with the first findings, those that block before the others; the report has all.
fn gate(report: &QualityReport) -> QualityGate {
    let blocking = report.issues.iter().filter(|issue| issue.blocking);
    let noted = report.issues.iter().filter(|issue| !issue.blocking);
    QualityGate {
        passed: report.passed,
        score: report.score,
        threshold: report.threshold,
        dimensions: report.dimensions.clone(),
        issues: blocking.chain(noted).take(MAX_FINDINGS).cloned().collect(),
    }
}
