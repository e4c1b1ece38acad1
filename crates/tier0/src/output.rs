//! Files that commands write: never over one that they read.

use std::path::Path;

use crate::error::Error;

/// Refuses a file to be written that is one of those that are read: under whatever name, links included.
pub(crate) fn check(out: Option<&Path>, inputs: &[&Path]) -> Result<(), Error> {
    let Some(out) = out else { return Ok(()) };
    if inputs.iter().any(|input| is_same(out, input)) {
        return Err(Error::OutputIsInput { path: out.to_owned() });
    }
    Ok(())
}

/// Whether two paths lead to the same file. What is not there is no other file.
#[cfg(unix)]
fn is_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |path: &Path| std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
    place(one).is_some_and(|one| place(other) == Some(one))
}

/// Whether two paths lead to the same file. What is not there is no other file.
#[cfg(not(unix))]
fn is_same(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| path.canonicalize().ok();
    place(one).is_some_and(|one| place(other) == Some(one))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn no_name_of_an_input_is_written_to() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        for name in ["x.csv", "y.csv"] {
            std::fs::write(at(name), "a\n1\n").unwrap();
        }
        std::fs::hard_link(at("x.csv"), at("hard.csv")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(at("x.csv"), at("soft.csv")).unwrap();
        let detour = directory.path().join(".").join("x.csv");
        for same in [at("x.csv"), at("hard.csv"), at("soft.csv"), detour] {
            let error = check(Some(&same), &[&at("y.csv"), &at("x.csv")]).unwrap_err();
            assert!(matches!(&error, Error::OutputIsInput { path } if *path == same));
            assert_eq!(error.exit_code(), crate::error::USAGE);
        }
        assert!(check(Some(&at("z.csv")), &[&at("x.csv")]).is_ok());
        assert!(check(Some(&at("y.csv")), &[&at("x.csv")]).is_ok(), "another file may be replaced");
        assert!(check(None, &[&at("x.csv")]).is_ok());
    }
}
