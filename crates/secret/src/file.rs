//! Files that hold a secret.
//!
//! A file that others than the process's user can read or change is refused, as ssh refuses such keys. A file of root that the
//! process's group may read is taken as well: so Kubernetes mounts secrets. PostgreSQL takes keys of these two kinds.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::Secret;

/// Longest secret of most kinds, in bytes: tokens, passwords and keys.
pub const MAX_SECRET_BYTES: u64 = 64 << 10;

/// Why a file cannot be used as a secret; its text holds nothing of the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretFileError {
    /// The file cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: io::Error,
    },
    /// Others can read or change it.
    #[error(
        "the secret in {} can be read or changed by others (mode {mode:04o}); close it with `chmod 600 {}`, and renew the secret \
         if others may have read it", .path.display(), .path.display()
    )]
    OpenToOthers {
        /// Path of the file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It holds nothing but blanks.
    #[error("{} is empty; expected a secret", .path.display())]
    Empty {
        /// Path of the file.
        path: PathBuf,
    },
    /// It is longer than a secret of its kind.
    #[error("{} has more than {most} bytes, which is the most that a secret of its kind has", .path.display())]
    TooLong {
        /// Path of the file.
        path: PathBuf,
        /// Most bytes.
        most: u64,
    },
}

/// The secret of a file, without the blanks around it, of at most `most` bytes. Blocking.
///
/// # Errors
/// [`SecretFileError`]: it cannot be read, is open to others, is empty or is too long.
pub fn read(path: &Path, most: u64) -> Result<Secret, SecretFileError> {
    let failed = |source| SecretFileError::Read { path: path.to_owned(), source };
    let mut file = open_closed(path)?;
    let mut text = String::new();
    file.by_ref().take(most + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > most {
        return Err(SecretFileError::TooLong { path: path.to_owned(), most });
    }
    match text.trim() {
        "" => Err(SecretFileError::Empty { path: path.to_owned() }),
        text => Ok(Secret::new(text)),
    }
}

/// Opens a file that is closed to others than the process's user.
///
/// # Errors
/// [`SecretFileError::Read`] and [`SecretFileError::OpenToOthers`].
pub fn open_closed(path: &Path) -> Result<File, SecretFileError> {
    let failed = |source| SecretFileError::Read { path: path.to_owned(), source };
    // What was opened is looked at, and not what stands under the path a moment later.
    let file = File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if about.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    // A pipe, as a shell's `<(…)` gives it, is read by its user once.
    if about.is_file() && !is_closed(&about) {
        let mode = about.mode() & 0o777;
        return Err(SecretFileError::OpenToOthers { path: path.to_owned(), mode });
    }
    Ok(file)
}

fn is_closed(about: &Metadata) -> bool {
    let user = rustix::process::geteuid().as_raw();
    let open = open_bits(about.uid(), user);
    about.mode() & open == 0
}

/// The permission bits by which a file of this owner is open to others than this user.
const fn open_bits(owner: u32, user: u32) -> u32 {
    const ROOT: u32 = 0;
    if owner == ROOT && user != ROOT { 0o037 } else { 0o077 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_secret_is_its_users_or_of_root_and_its_group() {
        const USER: u32 = 65532;
        let is_closed = |mode: u32, owner, user| mode & open_bits(owner, user) == 0;
        assert!(is_closed(0o600, USER, USER) && is_closed(0o400, 0, 0));
        assert!(!is_closed(0o640, USER, USER) && !is_closed(0o604, USER, USER));
        assert!(is_closed(0o440, 0, USER), "a secret of Kubernetes");
        assert!(!is_closed(0o444, 0, USER) && !is_closed(0o460, 0, USER));
        assert!(!is_closed(0o440, 0, 0), "root needs no group");
        assert!(!is_closed(0o440, 1000, USER), "of another user");
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_without_what_it_holds() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        let set = |text: &[u8], mode| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        };
        assert!(matches!(read(&path, 8), Err(SecretFileError::Read { .. })));
        assert!(matches!(read(directory.path(), 8), Err(SecretFileError::Read { .. })));
        for mode in [0o644, 0o640, 0o620, 0o604, 0o610, 0o666] {
            set(b"s3cret", mode);
            let error = read(&path, 8).unwrap_err();
            let said = error.to_string();
            assert!(matches!(error, SecretFileError::OpenToOthers { mode: m, .. } if m == mode));
            assert!(said.contains(&format!("{mode:04o}")) && said.contains("chmod 600 "), "{said}");
            assert!(said.contains(path.to_str().unwrap()) && !said.contains("s3cret"), "{said}");
        }
        set(b"s3cret\n", 0o600);
        assert_eq!(read(&path, 8).unwrap().expose(), "s3cret");
        assert!(matches!(read(&path, 6), Err(SecretFileError::TooLong { most: 6, .. })));
        for nothing in [b"".as_slice(), b" \n\t"] {
            set(nothing, 0o400);
            assert!(matches!(read(&path, 8), Err(SecretFileError::Empty { .. })));
        }
        set(&[0xff, 0xfe], 0o600);
        assert!(matches!(read(&path, 8), Err(SecretFileError::Read { .. })), "no text");
    }
}
