//! `tier0 report`: a run as one page that can be kept and sent.

use std::path::PathBuf;

use api::data::RunData;
use api::evaluation::VersionEvaluation;
use api::leaderboard::RunLeaderboard;
use api::runs::ShowRun;
use api::verdicts::RunVerdicts;
use fleet::directory::write_atomically;
use report::RunReport;
use serde::Serialize;
use terminal::Console;

use crate::Error;
use crate::access::Access;
use crate::cli::{Global, Report};
use crate::runs::history_or_none;

/// What was written.
#[derive(Serialize)]
struct ReportDocument {
    /// Identifier of the run.
    run_id: String,
    /// File with the page.
    out: PathBuf,
    /// Its size in bytes.
    bytes: usize,
    /// What could not be read and stands as missing in it, each with its reason.
    left_out: Vec<String>,
}

/// Runs `tier0 report`; gives the exit code.
pub(crate) async fn run(
    arguments: &Report,
    global: &Global,
    console: &Console,
) -> Result<u8, Error> {
    let access = Access::find(global, console)?;
    let id = || arguments.run_id.clone();
    let run = access.ask(&ShowRun { run: id() }).await?;
    let timeline = history_or_none(&access, &arguments.run_id).await?;
    let mut left_out = Vec::new();
    let mut noted = |what: &str, error: &Error| {
        left_out.push(format!("{what}: {}", error.with_causes()));
    };
    let verdicts = access.ask(&RunVerdicts { run: id() }).await;
    let verdicts = verdicts.map_err(|error| noted("decisions", &error)).ok();
    let data = access.ask(&RunData { run: id() }).await;
    let data = data.map_err(|error| noted("data", &error)).ok();
    let leaderboard = access.ask(&RunLeaderboard { run: id() }).await;
    let leaderboard = leaderboard.map_err(|error| noted("search", &error)).ok();
    let version = run.model.as_ref().and_then(|model| Some((model.name.clone(), model.version?)));
    let evaluation = match version {
        Some((model, version)) => {
            let query = VersionEvaluation { model, version: version.to_string() };
            access.ask(&query).await.map_err(|error| noted("evaluation", &error)).ok()
        }
        None => None,
    };
    let page = report::html(&RunReport {
        run: &run,
        timeline: &timeline,
        verdicts: verdicts.as_ref(),
        data: data.as_ref(),
        leaderboard: leaderboard.as_ref(),
        evaluation: evaluation.as_ref(),
    });
    let out = arguments.out.clone().unwrap_or_else(|| format!("{}.html", arguments.run_id).into());
    write_atomically(&out, page.as_bytes()).map_err(|source| Error::File {
        what: "write",
        path: out.clone(),
        source,
    })?;
    let document = ReportDocument { run_id: id(), out, bytes: page.len(), left_out };
    console.answer(&document, || {
        let mut text = format!(
            "the report of run {} is in {} ({} bytes)",
            document.run_id,
            document.out.display(),
            document.bytes
        );
        for missing in &document.left_out {
            text.push_str(&format!("\nleft out: {missing}"));
        }
        text
    })?;
    Ok(0)
}
