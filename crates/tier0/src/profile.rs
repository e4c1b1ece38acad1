//! `tier0 profile`: what a table looks like.

use std::path::PathBuf;
use std::sync::Arc;

use dataset::{Access, AccessConfig, Location, Stated, TableSource};
use fleet::directory::write_atomically;
use profiler::TableReport;
use tables::LoadOptions;
use tabular::parse::MissingMarkers;
use terminal::{Console, table};

use crate::cli::Profile;

/// Why a table could not be looked at.
#[derive(Debug, thiserror::Error)]
#[error("cannot profile {}", .path.display())]
pub struct Error {
    /// Path of the table.
    path: PathBuf,
    /// What reading it met.
    #[source]
    source: tables::Error,
}

/// Runs `tier0 profile`: returns the exit code.
pub(crate) async fn run(arguments: &Profile, console: &Console) -> Result<u8, crate::Error> {
    let progress = console.progress("looking at the table");
    let failed = |source: tables::Error| Error { path: arguments.data.clone(), source };
    let stated = Stated {
        format: arguments.file.format,
        csv: arguments.file.csv().map_err(crate::Error::Dialect)?,
        query: String::new(),
    };
    let path = std::path::absolute(&arguments.data).map_err(|source| crate::Error::File {
        what: "find",
        path: arguments.data.clone(),
        source,
    })?;
    let source = open(&path.display().to_string(), stated).await.map_err(|e| failed(e.into()))?;
    let options = LoadOptions {
        markers: MissingMarkers::with(&arguments.missing_marker),
        ..LoadOptions::default()
    };
    // Reading and counting is the only work of this process.
    let report = tokio::task::block_in_place(|| profiler::profile(&source, &options));
    let report = report.map_err(failed)?;
    drop(progress);
    if let Some(out) = &arguments.out {
        let is_page = out.extension().is_some_and(|end| end.eq_ignore_ascii_case("html"));
        let bytes = if is_page {
            profiler::html::page(&report).into_bytes()
        } else {
            let mut bytes = serde_json::to_vec_pretty(&report).map_err(std::io::Error::from)?;
            bytes.push(b'\n');
            bytes
        };
        write_atomically(out, &bytes).map_err(|source| crate::Error::File {
            what: "write",
            path: out.clone(),
            source,
        })?;
    }
    console.answer(&report, || shown(&report))?;
    Ok(0)
}

/// Opens a table of this machine, wherever it is: its user may read it.
async fn open(path: &str, stated: Stated) -> Result<Arc<dyn TableSource>, dataset::Error> {
    let limits = AccessConfig::default().access()?.limits().of_any_size();
    let access = Access::new(&["file"], &["/"])?.limited(limits);
    let location = Location::parse(path)?;
    let none = |_: String, _: u64, _: PathBuf| async {
        Err(dataset::Error::BadLocation {
            uri: String::new(),
            reason: "artifacts are in the store of a fleet",
        })
    };
    dataset::open(&location, &access, stated, none).await
}

fn shown(report: &TableReport) -> String {
    let rows: Vec<Vec<String>> = report
        .columns
        .iter()
        .map(|column| {
            let figure = |of: Option<f64>| of.map(|of| format!("{of:.4}")).unwrap_or_default();
            let moments = column.numbers.as_ref().filter(|_| column.range.is_none());
            let note = match (&column.personal, &column.range) {
                (Some(_), _) => "personal data".to_owned(),
                (None, Some((first, last))) => format!("{first} to {last}"),
                (None, None) => String::new(),
            };
            vec![
                column.name.clone(),
                column.column_type.to_string(),
                column.missing.to_string(),
                column.distinct.to_string(),
                figure(moments.map(|of| of.mean)),
                figure(moments.map(|of| of.std)),
                note,
            ]
        })
        .collect();
    format!(
        "{}\n\n{} rows, {} of them repeated; {} cells are missing",
        table(&["column", "type", "missing", "distinct", "mean", "deviation", ""], &rows),
        report.rows,
        report.repeated_rows,
        report.missing_cells
    )
}
