//! The files of the console, each with its compressed form and the tag by which a browser knows it.

use std::io::Write as _;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// A file as it is sent.
#[derive(Debug)]
pub(crate) struct Asset {
    /// Its path below the console's root.
    pub(crate) path: &'static str,
    /// Media type with its character set.
    pub(crate) content_type: &'static str,
    /// The file as it is.
    pub(crate) bytes: &'static [u8],
    /// The file in gzip.
    pub(crate) gzip: &'static [u8],
    /// Its entity tag, of its SHA-256; weak, because both forms have it.
    pub(crate) tag: &'static str,
}

macro_rules! files {
    ($($path:literal)*) => {
        /// Path and content of every file.
        const FILES: &[(&str, &[u8])] =
            &[$(($path, include_bytes!(concat!("../static/", $path)))),*];
    };
}

files! {
    "index.html"
    "icon.svg"
    "console.css"
    "vendor/preact.js"
    "vendor/hooks.js"
    "vendor/htm.js"
    "app.js"
    "api.js"
    "live.js"
    "parts.js"
    "plots.js"
    "stages.js"
    "format.js"
    "pages/runs.js"
    "pages/run.js"
    "pages/compare.js"
    "pages/contributions.js"
    "pages/submit.js"
    "pages/upload.js"
    "pages/models.js"
    "pages/version.js"
    "pages/lineage.js"
    "pages/endpoints.js"
    "pages/try.js"
    "pages/monitoring.js"
    "pages/fleet.js"
    "pages/reference.js"
}

/// Every file, compressed once, when the first one is asked for. They live as long as the program.
pub(crate) static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let asset = |&(path, bytes): &(&'static str, &'static [u8])| {
        let digest = hex::encode(Sha256::digest(bytes));
        Asset {
            path,
            content_type: content_type(path),
            bytes,
            gzip: compressed(bytes).leak(),
            tag: format!("W/\"{digest}\"").leak(),
        }
    };
    FILES.iter().map(asset).collect()
});

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to a vector cannot fail; were it to, an empty body would be seen by the test of sizes.
    match encoder.write_all(bytes) {
        Ok(()) => encoder.finish().unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
