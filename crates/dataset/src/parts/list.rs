//! Which files are the parts of a table.

use std::path::{Component, Path, PathBuf};

use futures::TryStreamExt;
use percent_encoding::percent_decode_str;
use url::Url;

use super::MAX_PARTS;
use crate::source::OpenStore;
use crate::{Access, Error, Source};

/// Deepest directory of a part below the table's.
const MAX_DEPTH: usize = 16;
/// What Hive and Spark call a directory of rows without a value.
const HIVE_MISSING: &str = "__HIVE_DEFAULT_PARTITION__";

/// A file, and its name within the table.
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) source: Source,
}

/// The files at a path, if it is a directory or a pattern.
pub(super) fn files(path: &Path, access: Option<&Access>) -> Result<Option<Vec<Listed>>, Error> {
    if path.is_dir() {
        let mut found = Vec::new();
        walk(path, 0, &mut found, &path.display().to_string())?;
        return found
            .into_iter()
            .map(|file| listed(path, &file, access))
            .collect::<Result<_, _>>()
            .map(Some);
    }
    let text = path.to_string_lossy();
    if path.exists() || !text.contains(['*', '?', '[']) {
        return Ok(None);
    }
    let uri = text.clone().into_owned();
    let bad = |_| Error::BadLocation { uri: uri.clone(), reason: "its pattern is not understood" };
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let base = fixed(path);
    let mut found = Vec::new();
    for entry in glob::glob_with(&text, options).map_err(bad)? {
        let file = entry
            .map_err(|error| Error::Io { path: error.path().to_owned(), source: error.into() })?;
        if is_part(&file) {
            if file.is_dir() {
                walk(&file, 0, &mut found, &uri)?;
            } else {
                found.push(file);
            }
        }
        limited(found.len(), &uri)?;
    }
    if found.is_empty() {
        return Err(Error::NoParts { uri });
    }
    found.into_iter().map(|file| listed(&base, &file, access)).collect::<Result<_, _>>().map(Some)
}

/// The directories of a pattern that are no pattern themselves.
fn fixed(pattern: &Path) -> PathBuf {
    let is_fixed =
        |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    pattern.components().take_while(is_fixed).collect()
}

fn is_part(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    is_part_name(&name)
}

/// Names that begin with `_` or `.` are notes of the writer; `key=value` directories may have keys that do.
fn is_part_name(name: &str) -> bool {
    !name.starts_with('.')
        && (!name.starts_with('_') || name.contains('='))
        && !name.ends_with(".crc")
}

fn limited(count: usize, uri: &str) -> Result<(), Error> {
    if count > MAX_PARTS {
        return Err(Error::TooManyParts { uri: uri.to_owned(), limit: MAX_PARTS });
    }
    Ok(())
}

fn walk(directory: &Path, depth: usize, found: &mut Vec<PathBuf>, uri: &str) -> Result<(), Error> {
    let failed = |source| Error::Io { path: directory.to_owned(), source };
    if depth > MAX_DEPTH {
        return Err(Error::BadLocation {
            uri: uri.to_owned(),
            reason: "its directories are nested more than 16 deep",
        });
    }
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if !is_part(&path) {
            continue;
        }
        if path.is_dir() {
            walk(&path, depth + 1, found, uri)?;
        } else {
            found.push(path);
        }
        limited(found.len(), uri)?;
    }
    Ok(())
}

fn listed(base: &Path, file: &Path, access: Option<&Access>) -> Result<Listed, Error> {
    let within = file.strip_prefix(base).unwrap_or(file);
    let parts = within.components().map(|part| part.as_os_str().to_string_lossy());
    let name = parts.collect::<Vec<_>>().join("/");
    Ok(Listed { name, source: Source::open_file(file, access)? })
}

/// The objects below a prefix.
pub(super) async fn objects(url: &Url, access: &Access) -> Result<Vec<Listed>, Error> {
    of_store(&Source::store_of(url)?, url, access).await
}

/// The objects of a store below a path.
pub(super) async fn of_store(
    opened: &OpenStore,
    url: &Url,
    access: &Access,
) -> Result<Vec<Listed>, Error> {
    let uri = url.to_string();
    let failed = |source| Error::Store { uri: uri.clone(), source };
    let mut found = Vec::new();
    let mut objects = opened.store.list(Some(&opened.path));
    while let Some(meta) = objects.try_next().await.map_err(failed)? {
        let Some(within) = meta.location.prefix_match(&opened.path) else { continue };
        let names: Vec<String> = within.map(|part| part.as_ref().to_owned()).collect();
        if !names.iter().all(|name| is_part_name(name)) {
            continue;
        }
        let name = names.join("/");
        let source = Source::of_object(&opened.store, url, meta, access.limits());
        found.push(Listed { name, source });
        limited(found.len(), &uri)?;
    }
    Ok(found)
}

/// The columns that `key=value` directories say, in their order.
pub(super) fn keys(name: &str) -> Vec<(String, Option<String>)> {
    let Some((directories, _)) = name.rsplit_once('/') else { return Vec::new() };
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    directories
        .split('/')
        .filter_map(|directory| directory.split_once('='))
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, value)| (decoded(key), (value != HIVE_MISSING).then(|| decoded(value))))
        .collect()
}
