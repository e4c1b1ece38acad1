//! Places that tables may be read from, as options give them.

use std::path::Path;

use dataset::Access;

/// A place that is not allowed to be one.
#[derive(Debug, thiserror::Error)]
pub(super) enum ParsePlaceError {
    #[error("`{path}` can't be found: {source}")]
    NotThere { path: String, source: std::io::Error },
    #[error("its path is not UTF-8; give it another name")]
    NotUnicode,
    #[error(transparent)]
    NoRoot(#[from] dataset::Error),
}

/// A directory or a file of this machine, as it is found from anywhere, or a URI.
pub(super) fn data_root(text: &str) -> Result<String, ParsePlaceError> {
    let root = if text.contains("://") && !text.starts_with("file://") {
        text.to_owned()
    } else {
        let path = text.strip_prefix("file://").unwrap_or(text);
        let found = Path::new(path)
            .canonicalize()
            .map_err(|source| ParsePlaceError::NotThere { path: path.to_owned(), source })?;
        found.into_os_string().into_string().map_err(|_| ParsePlaceError::NotUnicode)?
    };
    Access::new::<&str, _>(&[], &[&root])?;
    Ok(root)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_place_is_found_from_anywhere_or_a_uri() {
        let here = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(data_root(".").unwrap(), here.to_str().unwrap());
        assert_eq!(data_root("s3://bucket/tables").unwrap(), "s3://bucket/tables");
        assert_eq!(data_root("postgres://db/sales").unwrap(), "postgres://db/sales");
        for wrong in ["no-such-directory", "ftp://h/x", "https://me:secret@h/x", "s3://"] {
            let error = data_root(wrong).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
