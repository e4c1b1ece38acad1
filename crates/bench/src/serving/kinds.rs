//! `tier0-bench models`: a linear model, boosted trees and an ensemble served beside a bare HTTP handler, and the trees
//! evaluated beside LightGBM's own predictor, all in one run.
//!
//! What is compared takes turns. Of rates and CPU times the best turn is told, of quantiles the middle one, so that what
//! else the machine does for a while has little part in them.

use std::num::NonZeroU16;
use std::time::Duration;

use client::Client;
use client::v2::Metadata;
use lightgbm::{Output, Predictor, with_predictor};
use scoring::{FeatureMatrix, Limits, Model, ModelKind, ModelText};
use serde::Serialize;
use serde_json::Value;
use tabular::Table;
use terminal::{Console, table};
use tokio::time::{Instant, sleep};

use super::bare::BareServer;
use super::deployed::{Deployed, Running};
use super::load::{Load, Target};
use super::models::{BoostedTrees, Learning};
use super::{
    BATCH_CONNECTIONS, BATCH_ROWS, DISTINCT, RoundTotals, WARM_UP, io, middle, turn, turn_of,
};
use crate::Error;
use crate::cli::BenchModels;

const PATIENCE: Duration = Duration::from_secs(60);
/// CPU time of one turn of an evaluation.
const EVALUATION_SECONDS: f64 = 0.3;

#[derive(Debug, Serialize)]
struct Report {
    inputs: usize,
    trees: u32,
    connections: usize,
    /// A bare axum handler that parses and answers the same JSON, one row a request.
    bare_p50_ms: f64,
    bare_p99_ms: f64,
    bare_requests_per_s: f64,
    models: Vec<KindReport>,
    /// The boosted trees on one thread, features given: rows per second of CPU.
    evaluation: Vec<EvaluationReport>,
}

#[derive(Debug, Serialize)]
struct KindReport {
    kind: &'static str,
    p50_ms: f64,
    p99_ms: f64,
    requests_per_s: f64,
    ratio_to_bare_http: f64,
    cpu_ms_per_request: f64,
    /// 1,000 rows a request, two at a time, in JSON and as binary tensors.
    json_rows_per_s: f64,
    json_cpu_us_per_row: f64,
    binary_rows_per_s: f64,
    binary_cpu_us_per_row: f64,
    /// At a rate of requests, with prediction events and without.
    logging_on_p99_ms: f64,
    logging_off_p99_ms: f64,
    logging_p99_ratio: f64,
}

#[derive(Debug, Serialize)]
struct EvaluationReport {
    rows: usize,
    own_rows_per_s: f64,
    lightgbm_rows_per_s: f64,
    ratio: f64,
}

/// Runs `tier0-bench models`: returns the exit code.
pub(crate) async fn models(arguments: &BenchModels, console: &Console) -> Result<u8, Error> {
    let progress = console.progress("measuring kinds of models");
    let deployed = Deployed::start().await?;
    let report = measure(arguments, &deployed, &|what| progress.now(what)).await;
    deployed.stop().await?;
    drop(progress);
    let report = report?;
    console.answer(&report, || render(&report))?;
    Ok(0)
}

/// A kind while it is measured.
struct Kind {
    name: &'static str,
    silent: Target,
    recording: Target,
    json: Target,
    binary: Target,
    rounds: [RoundTotals; 5],
}

async fn measure(
    arguments: &BenchModels,
    deployed: &Deployed,
    tell: &dyn Fn(&str),
) -> Result<Report, Error> {
    tell("models are learned");
    let learning = Learning::new(deployed.directory())?;
    let boosting = learning.boosting(arguments.trees)?;
    let models = [
        ("linear", learning.linear()?),
        ("boosting", boosting.clone()),
        ("ensemble", learning.ensemble(arguments.trees)?),
    ];
    for (name, model) in &models {
        let version = learning.bundle(model.clone(), name)?;
        let version = deployed.version(name, 1, version).await?;
        deployed.change(name, |record| record.live = Some(version.clone())).await?;
    }
    if let Some(directory) = &arguments.write {
        write(&learning, boosting.clone(), directory)?;
    }
    let silent = deployed.serve("silent", false, PATIENCE).await?;
    let recording = deployed.serve("recording", true, PATIENCE).await?;
    let mut kinds = Vec::new();
    for (name, _) in &models {
        kinds.push(kind(name, &learning.inputs, &silent, &recording).await?);
    }
    let (bare, bare_target) = bare(&silent, &learning.inputs, "boosting").await?;

    let time = Duration::from_secs_f64(arguments.seconds);
    let full = Load { connections: usize::from(arguments.connections), time, rate: None };
    let batch = Load { connections: BATCH_CONNECTIONS, ..full };
    let paced = Load { rate: Some(arguments.rate), ..full };
    let mut floor = RoundTotals::default();
    let trees = learning.trees(&boosting);
    let mut evaluations = Vec::new();
    turn(&bare_target, Load { time: WARM_UP, ..full }).await?;
    for round in 1..=arguments.rounds {
        tell(&format!("turn {round} of {}", arguments.rounds));
        for kind in &mut kinds {
            let Kind { silent: one, recording: recorded, json, binary, rounds, .. } = kind;
            let [alone, in_json, in_binary, on, off] = rounds;
            if round == 1 {
                turn(one, Load { time: WARM_UP, ..full }).await?;
                turn(recorded, Load { time: WARM_UP, ..paced }).await?;
            }
            floor.take(&turn(&bare_target, full).await?, 0.0);
            turn_of(&silent.server, one, full, alone).await?;
            turn_of(&silent.server, json, batch, in_json).await?;
            turn_of(&silent.server, binary, batch, in_binary).await?;
            turn_of(&recording.server, recorded, paced, on).await?;
            turn_of(&silent.server, one, paced, off).await?;
        }
        evaluations.push(tokio::task::block_in_place(|| evaluate(&trees))?);
    }
    drop(bare);
    let bare_per_s = best(&floor.per_second);
    Ok(Report {
        inputs: learning.inputs.width(),
        trees: arguments.trees,
        connections: full.connections,
        bare_p50_ms: middle(&floor.p50),
        bare_p99_ms: middle(&floor.p99),
        bare_requests_per_s: bare_per_s,
        models: kinds.iter().map(|kind| kind.report(bare_per_s)).collect(),
        evaluation: best_evaluations(&evaluations),
    })
}

fn best(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

impl Kind {
    fn report(&self, bare_per_s: f64) -> KindReport {
        let [alone, in_json, in_binary, on, off] = &self.rounds;
        let rows = BATCH_ROWS as f64;
        let (on_p99, off_p99) = (middle(&on.p99), middle(&off.p99));
        KindReport {
            kind: self.name,
            p50_ms: middle(&alone.p50),
            p99_ms: middle(&alone.p99),
            requests_per_s: best(&alone.per_second),
            ratio_to_bare_http: best(&alone.per_second) / bare_per_s,
            cpu_ms_per_request: least(&alone.cpu_ms),
            json_rows_per_s: best(&in_json.per_second) * rows,
            json_cpu_us_per_row: least(&in_json.cpu_ms) * 1e3 / rows,
            binary_rows_per_s: best(&in_binary.per_second) * rows,
            binary_cpu_us_per_row: least(&in_binary.cpu_ms) * 1e3 / rows,
            logging_on_p99_ms: on_p99,
            logging_off_p99_ms: off_p99,
            logging_p99_ratio: on_p99 / off_p99,
        }
    }
}

/// What a server says of a model, once it is loaded.
async fn metadata(running: &Running, name: &str) -> Result<Metadata, Error> {
    let client = Client::new("model server", &running.server.url, None)?;
    let ready = format!("/v2/models/{name}/ready");
    let begun = Instant::now();
    while client.get::<Value>(&ready).await.is_err() {
        if begun.elapsed() > PATIENCE {
            let what = format!("the version of {name}");
            return Err(Error::Lost { what, seconds: PATIENCE.as_secs() });
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(client.get(&format!("/v2/models/{name}")).await?)
}

fn one_row(table: &Table, metadata: &Metadata) -> Result<Vec<Vec<u8>>, Error> {
    (0..DISTINCT).map(|row| super::requests::json(table, metadata, row..row + 1)).collect()
}

async fn kind(
    name: &'static str,
    table: &Table,
    silent: &Running,
    recording: &Running,
) -> Result<Kind, Error> {
    let described = metadata(silent, name).await?;
    metadata(recording, name).await?;
    let target = |running: &Running, headers: &[(&str, String)], bodies: &[Vec<u8>]| {
        let url = format!("{}/v2/models/{name}/infer", running.server.url);
        Target::new(&url, "application/json", headers, bodies).map_err(io("make requests"))
    };
    let rows = one_row(table, &described)?;
    let many = (0..4).map(|batch| {
        super::requests::json(table, &described, batch * BATCH_ROWS..(batch + 1) * BATCH_ROWS)
    });
    let many = many.collect::<Result<Vec<_>, Error>>()?;
    let (length, binary) = super::requests::binary(table, 0..BATCH_ROWS)?;
    let length = [("inference-header-content-length", length.to_string())];
    Ok(Kind {
        name,
        silent: target(silent, &[], &rows)?,
        recording: target(recording, &[], &rows)?,
        json: target(silent, &[], &many)?,
        binary: target(silent, &length, &[binary])?,
        rounds: Default::default(),
    })
}

async fn bare(silent: &Running, table: &Table, name: &str) -> Result<(BareServer, Target), Error> {
    let rows = one_row(table, &metadata(silent, name).await?)?;
    let client = Client::new("model server", &silent.server.url, None)?;
    let path = format!("/v2/models/{name}/infer");
    let first = rows.first().map(Vec::as_slice).unwrap_or_default();
    let request: Value =
        serde_json::from_slice(first).map_err(|error| io("read a request")(error.into()))?;
    let answer = client.post(&path, &request).await?;
    let bare = BareServer::start(answer).map_err(io("start a bare handler"))?;
    let url = format!("http://{}{path}", bare.address);
    let target = Target::new(&url, "application/json", &[], &rows).map_err(io("make requests"))?;
    Ok((bare, target))
}

/// CPU time of this thread, in seconds.
fn thread_seconds() -> Result<f64, Error> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").map_err(io("read /proc"))?;
    let nanoseconds = text.split_whitespace().next().and_then(|text| text.parse::<f64>().ok());
    Ok(nanoseconds.unwrap_or(f64::NAN) / 1e9)
}

/// Rows per second of CPU, of `work` on so many rows from a place on.
fn rate(
    rows: usize,
    of: usize,
    mut work: impl FnMut(usize) -> Result<(), Error>,
) -> Result<f64, Error> {
    let begun = thread_seconds()?;
    let (mut done, mut at) = (0_usize, 0_usize);
    loop {
        // Not asked after each row, which takes less than the question.
        for _ in 0..(1_000 / rows).max(1) {
            work(at)?;
            at = if at + 2 * rows <= of { at + rows } else { 0 };
            done += rows;
        }
        let used = thread_seconds()? - begun;
        if used.is_nan() || used > EVALUATION_SECONDS {
            return Ok(done as f64 / used);
        }
    }
}

/// Rows per second by us and by LightGBM, for each size of a batch; both gave the same bits.
fn evaluate(trees: &BoostedTrees) -> Result<Vec<(usize, f64, f64)>, Error> {
    let failed = |error: &dyn std::fmt::Display| {
        io("evaluate the trees")(std::io::Error::other(error.to_string()))
    };
    let model = Model::parse(ModelKind::Lightgbm, &trees.text, &Limits::default())
        .map_err(|error| failed(&error))?;
    let matrix = &trees.rows;
    let part = |at: usize, rows: usize| {
        matrix.values.get(at * matrix.width..(at + rows) * matrix.width).unwrap_or_default()
    };
    let compared = |theirs: &Predictor<'_>| -> Result<Vec<(usize, f64, f64)>, Error> {
        let expected = theirs.predict(&matrix.values).map_err(|error| failed(&error))?;
        let ours = model.predict(matrix);
        let same = ours.iter().skip(1).step_by(2).zip(&expected);
        if !same.into_iter().all(|(ours, theirs)| ours.to_bits() == theirs.to_bits()) {
            return Err(failed(&"the predictions differ from LightGBM's"));
        }
        let mut out = vec![0.0; model.outputs()];
        let mut rates = vec![(
            1,
            rate(1, matrix.rows, |at| {
                model.predict_row(std::hint::black_box(part(at, 1)), &mut out);
                Ok(())
            })?,
            rate(1, matrix.rows, |at| {
                let mut out = [0.0];
                theirs.predict_row(part(at, 1), &mut out).map_err(|error| failed(&error))
            })?,
        )];
        for rows in [100, 1_000, 10_000] {
            let own = rate(rows, matrix.rows, |at| {
                let values = part(at, rows).to_vec();
                let rows = FeatureMatrix { rows, width: matrix.width, values };
                std::hint::black_box(model.predict(&rows));
                Ok(())
            })?;
            let other = rate(rows, matrix.rows, |at| {
                theirs.predict(part(at, rows)).map(|_| ()).map_err(|error| failed(&error))
            })?;
            rates.push((rows, own, other));
        }
        Ok(rates)
    };
    with_predictor(&trees.text, Output::Transformed, NonZeroU16::MIN, compared)
        .map_err(|error| failed(&error))?
}

fn best_evaluations(rounds: &[Vec<(usize, f64, f64)>]) -> Vec<EvaluationReport> {
    let sizes =
        rounds.first().map(Vec::as_slice).unwrap_or_default().iter().map(|(rows, ..)| *rows);
    let of_size = |(place, rows): (usize, usize)| {
        let of = || rounds.iter().filter_map(move |round| round.get(place));
        let own = of().map(|(_, own, _)| *own).fold(0.0, f64::max);
        let other = of().map(|(_, _, other)| *other).fold(0.0, f64::max);
        EvaluationReport {
            rows,
            own_rows_per_s: own,
            lightgbm_rows_per_s: other,
            ratio: own / other,
        }
    };
    sizes.enumerate().map(of_size).collect()
}

/// Leaves the trees in ONNX and rows for them, for onnxruntime.
fn write(
    learning: &Learning,
    boosting: ModelText,
    directory: &std::path::Path,
) -> Result<(), Error> {
    let failed = |error: &dyn std::fmt::Display| {
        io("write the model in ONNX")(std::io::Error::other(error.to_string()))
    };
    let bytes = learning.bundle(boosting, "onnx")?;
    let bundle =
        scoring::bundle::read(&bytes, &Limits::default()).map_err(|error| failed(&error))?;
    let exported =
        onnx::export(&bundle, &scoring::bundle::digest(&bytes)).map_err(|error| failed(&error))?;
    std::fs::create_dir_all(directory).map_err(io("make the directory"))?;
    std::fs::write(directory.join("model.onnx"), exported.bytes).map_err(io("write the model"))?;
    let rows = scoring::table_to_rows(&learning.inputs, learning.inputs.fields())
        .map_err(|error| failed(&error))?;
    let names: Vec<&str> =
        learning.inputs.fields().iter().map(|field| field.name.as_str()).collect();
    let rows = rows.into_iter().take(10 * BATCH_ROWS).collect::<Vec<_>>();
    let text = serde_json::json!({ "columns": names, "data": rows }).to_string();
    std::fs::write(directory.join("rows.json"), text).map_err(io("write the rows"))
}

fn render(report: &Report) -> String {
    let mut rows = vec![vec![
        "bare handler".to_owned(),
        format!("{:.3} ms", report.bare_p50_ms),
        format!("{:.3} ms", report.bare_p99_ms),
        format!("{:.0}", report.bare_requests_per_s),
        "1.00".to_owned(),
        "-".to_owned(),
        "-".to_owned(),
        "-".to_owned(),
        "-".to_owned(),
    ]];
    for of in &report.models {
        rows.push(vec![
            of.kind.to_owned(),
            format!("{:.3} ms", of.p50_ms),
            format!("{:.3} ms", of.p99_ms),
            format!("{:.0}", of.requests_per_s),
            format!("{:.2}", of.ratio_to_bare_http),
            format!("{:.4} ms", of.cpu_ms_per_request),
            format!("{:.0}", of.json_rows_per_s),
            format!("{:.0}", of.binary_rows_per_s),
            format!("{:.2}", of.logging_p99_ratio),
        ]);
    }
    let heads = [
        "one row",
        "p50",
        "p99",
        "requests/s",
        "of bare",
        "CPU",
        "rows/s JSON",
        "rows/s binary",
        "p99 with events",
    ];
    let evaluation = report.evaluation.iter().map(|of| {
        vec![
            of.rows.to_string(),
            format!("{:.0}", of.own_rows_per_s),
            format!("{:.0}", of.lightgbm_rows_per_s),
            format!("{:.2}", of.ratio),
        ]
    });
    format!(
        "{}\n{} trees, {} inputs; rows per second of CPU:\n{}",
        table(&heads, &rows),
        report.trees,
        report.inputs,
        table(&["rows", "tier0", "LightGBM", "ratio"], &evaluation.collect::<Vec<_>>()),
    )
}
