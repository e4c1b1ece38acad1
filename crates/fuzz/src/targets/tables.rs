//! Tables of every format that is read, as sources with small limits.

use bytes::Bytes;
use dataset::{ContentLimits, Error, Format, Location, ScanOptions, Source};
use tokio::runtime::Runtime;

thread_local! {
    static RUNTIME: Option<Runtime> = tokio::runtime::Builder::new_current_thread().build().ok();
}

/// Limits under which what is read fits the bound on memory.
const LIMITS: ContentLimits = ContentLimits {
    decoded_bytes: 16 << 20,
    decoded_ratio: 500,
    line_bytes: 1 << 20,
    page_bytes: 16 << 20,
    download_bytes: 1 << 20,
    rows: 100_000,
    cells: 1_000_000,
};
/// The location of an artifact, which is what bytes at hand are.
const ARTIFACT: &str =
    "artifact:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:0";

pub(super) fn csv(input: &[u8]) {
    read(Some(Format::Csv), input);
}

pub(super) fn json_lines(input: &[u8]) {
    read(Some(Format::JsonLines), input);
}

pub(super) fn parquet(input: &[u8]) {
    read(Some(Format::Parquet), input);
}

pub(super) fn arrow(input: &[u8]) {
    read(Some(Format::ArrowIpc), input);
}

/// Scans a table, examines its first column and reads it whole. A scan that succeeds says how many rows there are.
fn read(format: Option<Format>, input: &[u8]) {
    let Ok(location) = Location::parse(ARTIFACT) else { return };
    let bytes = Bytes::copy_from_slice(input);
    let opened = RUNTIME.with(|runtime| {
        let runtime = runtime.as_ref()?;
        runtime.block_on(Source::of_bytes(&location, bytes)).ok()
    });
    let Some(source) = opened.map(|source| source.limited(LIMITS)) else { return };
    let Ok(format) = dataset::format_of(&source, format) else { return };
    let options = ScanOptions { max_columns: 200, ..ScanOptions::default() };
    let scanned = dataset::scan(&source, format, &options);
    let told = |error: &Error| (error.code(), error.to_string().len(), error.is_transient());
    let shape = match scanned {
        Ok(shape) => shape,
        Err(error) => {
            let _ = told(&error);
            return;
        }
    };
    assert!(shape.rows <= LIMITS.rows, "more rows than are allowed");
    if let Some(first) = shape.fields.first() {
        let _ = dataset::examine(&source, format, &[&first.name], &options.markers);
    }
    let mut rows = 0;
    let read = dataset::read_batches(&source, &shape, &shape.fields, &options, 100, |table| {
        rows += table.rows() as u64;
        Ok(())
    });
    match read {
        Ok(()) => assert!(rows == shape.rows, "a scan counts other rows than are read"),
        Err(error) => drop(told(&error)),
    }
}
