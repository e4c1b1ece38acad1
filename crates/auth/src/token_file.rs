//! The file of tokens: one JSON object on each line, readable for its owner alone.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use contracts::failures;
use jiff::Timestamp;
use secret::SecretFileError;
use subtle::ConstantTimeEq as _;

use crate::token::{DIGEST_BYTES, digest_of, is_name};
use crate::{NewToken, Role, TokenRecord};

/// Most tokens of a file, those that are revoked or expired included.
pub const MAX_TOKENS: usize = 10_000;
/// Longest file, in bytes.
const MAX_FILE_BYTES: u64 = 8 << 20;
/// Least time between two looks at whether a file has changed.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// What is wrong with a file of tokens, or with a change of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFileError {
    /// The file cannot be read or written.
    #[error("cannot use the file of tokens {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// Others can read or change it, or it cannot be opened.
    #[error(transparent)]
    Secret(SecretFileError),
    /// A line is no token.
    #[error("line {line} of the file of tokens {} is none: {why}", .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// There are too many.
    #[error("the file of tokens {} has more than {MAX_TOKENS} tokens", .path.display())]
    TooMany {
        /// The file.
        path: PathBuf,
    },
    /// A name that is none.
    #[error(
        "`{name}` cannot be the name of a token; expected 1 to 64 letters, digits, `-`, `_`, `.` and `@`"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// A name that a valid token has.
    #[error("there is a valid token `{name}`; revoke it first, or take another name")]
    Taken {
        /// The name.
        name: String,
    },
    /// No valid token of this name.
    #[error("there is no valid token `{name}`")]
    Unknown {
        /// The name.
        name: String,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
}

/// A file of tokens, as commands change it.
#[derive(Debug, Clone)]
pub struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    /// The file at this path, which may not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its tokens in the order in which they were made; none where there is no file.
    ///
    /// # Errors
    /// Where it cannot be read, is open to others, or has a line that is no token.
    pub fn read(&self) -> Result<Vec<TokenRecord>, TokenFileError> {
        match read(&self.path) {
            Err(TokenFileError::File { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                Ok(Vec::new())
            }
            read => read,
        }
    }

    /// Makes a token and adds it to the file.
    ///
    /// # Errors
    /// Where the name is none or taken, or the file cannot be read or written.
    pub fn create(
        &self,
        name: &str,
        role: Role,
        now: Timestamp,
        expires: Option<Timestamp>,
    ) -> Result<NewToken, TokenFileError> {
        self.change(|tokens| {
            if tokens.iter().any(|token| token.name == name && token.is_valid(now)) {
                return Err(TokenFileError::Taken { name: name.to_owned() });
            }
            let new = NewToken::make(name, role, now, expires)?;
            tokens.push(new.record.clone());
            if tokens.len() > MAX_TOKENS {
                return Err(TokenFileError::TooMany { path: self.path.clone() });
            }
            Ok(new)
        })
    }

    /// Revokes the valid token of this name; processes that read the file refuse it within seconds.
    ///
    /// # Errors
    /// Where there is none, or the file cannot be read or written.
    pub fn revoke(&self, name: &str, now: Timestamp) -> Result<TokenRecord, TokenFileError> {
        self.change(|tokens| {
            let found = tokens.iter_mut().find(|token| token.name == name && token.is_valid(now));
            let token = found.ok_or_else(|| TokenFileError::Unknown { name: name.to_owned() })?;
            token.revoked = Some(now);
            Ok(token.clone())
        })
    }

    /// Reads, changes and writes the tokens; who does so at the same moment waits, by a lock of the directory.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Vec<TokenRecord>) -> Result<T, TokenFileError>,
    ) -> Result<T, TokenFileError> {
        let failed = |source| TokenFileError::File { path: self.path.clone(), source };
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let directory = parent.unwrap_or(Path::new("."));
        fs::create_dir_all(directory).map_err(failed)?;
        let lock = File::open(directory).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let mut tokens = self.read()?;
        let changed = change(&mut tokens)?;
        self.write(directory, &tokens)?;
        Ok(changed)
    }

    /// Writes a new file beside the old one, closed to others from its beginning, and puts it in its place.
    fn write(&self, directory: &Path, tokens: &[TokenRecord]) -> Result<(), TokenFileError> {
        let failed = |source| TokenFileError::File { path: self.path.clone(), source };
        let mut file = tempfile::NamedTempFile::new_in(directory).map_err(failed)?;
        for token in tokens {
            let line = serde_json::to_string(token).map_err(io::Error::from).map_err(failed)?;
            writeln!(file, "{line}").map_err(failed)?;
        }
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&self.path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

fn read(path: &Path) -> Result<Vec<TokenRecord>, TokenFileError> {
    let failed = |source| TokenFileError::File { path: path.to_owned(), source };
    let file = secret::file::open_closed(path).map_err(|error| match error {
        SecretFileError::Read { path, source } => TokenFileError::File { path, source },
        error => TokenFileError::Secret(error),
    })?;
    let mut text = String::new();
    file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(TokenFileError::TooMany { path: path.to_owned() });
    }
    let mut tokens = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong =
            |why: String| TokenFileError::Line { path: path.to_owned(), line: index + 1, why };
        let token: TokenRecord = serde_json::from_str(line).map_err(|error| {
            // What serde says may repeat a value; where it stands says enough.
            wrong(format!("it is no token in JSON (column {})", error.column()))
        })?;
        if !is_name(&token.name) {
            return Err(wrong(
                "`name`: expected 1 to 64 letters, digits, `-`, `_`, `.`, `@`".into(),
            ));
        }
        if token.digest().is_none() {
            return Err(wrong("`sha256`: expected 64 hexadecimal digits".into()));
        }
        tokens.push(token);
    }
    if tokens.len() > MAX_TOKENS {
        return Err(TokenFileError::TooMany { path: path.to_owned() });
    }
    Ok(tokens)
}

/// Tokens by digest.
type ByDigest = HashMap<[u8; DIGEST_BYTES], Arc<TokenRecord>>;

/// The tokens of a file, read again when it changes; a file that has become wrong leaves those that were read before.
#[derive(Debug)]
pub(crate) struct Tokens {
    path: PathBuf,
    tokens: RwLock<Arc<ByDigest>>,
    looked: Mutex<(Instant, Stamp)>,
}

/// By what a change of a file shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    inode: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let about = fs::metadata(path).ok()?;
        Some(Self { modified: about.modified().ok(), bytes: about.len(), inode: about.ino() })
    }
}

impl Tokens {
    /// Reads the file.
    pub(crate) fn open(path: &Path) -> Result<Self, TokenFileError> {
        let none = Stamp { modified: None, bytes: 0, inode: 0 };
        let stamp = Stamp::of(path).unwrap_or(none);
        let tokens = RwLock::new(Arc::new(by_digest(read(path)?)));
        Ok(Self { path: path.to_owned(), tokens, looked: Mutex::new((Instant::now(), stamp)) })
    }

    /// The token of this text, whether it is valid or not.
    pub(crate) fn find(&self, text: &str) -> Option<Arc<TokenRecord>> {
        self.look();
        let digest = digest_of(text);
        let tokens = Arc::clone(&self.tokens.read().unwrap_or_else(PoisonError::into_inner));
        let found = tokens.get(&digest)?;
        // The place in the table depends on the digest, of which a caller cannot choose bits; the comparison does not.
        let is_it: bool = found.digest()?.ct_eq(&digest).into();
        is_it.then(|| Arc::clone(found))
    }

    /// Reads the file again where it has changed.
    fn look(&self) {
        let Ok(mut looked) = self.looked.try_lock() else { return };
        let (at, stamp) = *looked;
        if at.elapsed() < LOOK_INTERVAL {
            return;
        }
        looked.0 = Instant::now();
        let Some(now) = Stamp::of(&self.path).filter(|now| *now != stamp) else { return };
        match read(&self.path) {
            Ok(tokens) => {
                *self.tokens.write().unwrap_or_else(PoisonError::into_inner) =
                    Arc::new(by_digest(tokens));
                looked.1 = now;
                tracing::info!(path = %self.path.display(), "the file of tokens was read again");
            }
            Err(error) => {
                looked.1 = now;
                tracing::error!(
                    error = failures::with_causes(&error),
                    "the file of tokens has changed and cannot be used; tokens that were read before stay"
                );
            }
        }
    }
}

fn by_digest(tokens: Vec<TokenRecord>) -> ByDigest {
    let keyed = |token: TokenRecord| Some((token.digest()?, Arc::new(token)));
    tokens.into_iter().filter_map(keyed).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn tokens_are_made_listed_and_revoked() {
        let directory = tempfile::tempdir().unwrap();
        let file = TokenFile::new(directory.path().join("secrets/tokens"));
        assert!(file.read().unwrap().is_empty());
        let ci = file.create("ci", Role::MlEngineer, at(1), Some(at(100))).unwrap();
        let ana = file.create("ana", Role::Viewer, at(2), None).unwrap();
        let mode = fs::metadata(file.path()).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let text = fs::read_to_string(file.path()).unwrap();
        assert!(!text.contains(&ci.text) && !text.contains(&ana.text));
        assert_eq!(file.read().unwrap(), [ci.record.clone(), ana.record]);
        assert!(matches!(
            file.create("ci", Role::Viewer, at(3), None),
            Err(TokenFileError::Taken { .. })
        ));
        assert_eq!(file.revoke("ci", at(4)).unwrap().revoked, Some(at(4)));
        assert!(matches!(file.revoke("ci", at(5)), Err(TokenFileError::Unknown { .. })));
        file.create("ci", Role::Viewer, at(6), None).unwrap();
        assert_eq!(file.read().unwrap().len(), 3);
    }

    #[test]
    fn changes_at_the_same_moment_are_all_kept() {
        const COMMANDS: usize = 16;
        let directory = tempfile::tempdir().unwrap();
        let file = TokenFile::new(directory.path().join("tokens"));
        let together = std::sync::Barrier::new(COMMANDS);
        std::thread::scope(|scope| {
            for number in 0..COMMANDS {
                let (file, together) = (&file, &together);
                scope.spawn(move || {
                    together.wait();
                    file.create(&format!("t{number}"), Role::Viewer, at(1), None).unwrap();
                });
            }
        });
        assert_eq!(file.read().unwrap().len(), COMMANDS);
    }

    #[test]
    fn a_file_that_others_can_read_or_that_is_wrong_is_refused_without_its_content() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tokens");
        let file = TokenFile::new(&path);
        file.create("ci", Role::Admin, at(1), None).unwrap();
        for mode in [0o640, 0o604, 0o660] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(
                matches!(
                    file.read(),
                    Err(TokenFileError::Secret(SecretFileError::OpenToOthers { .. }))
                ),
                "{mode:o}"
            );
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for wrong in [r#"{"name": "hunter2"}"#, "hunter2", r#"{"name":"a","role":"hunter2"}"#] {
            fs::write(&path, format!("\n{wrong}\n")).unwrap();
            let error = file.read().unwrap_err().to_string();
            assert!(error.contains("line 2") && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn tokens_are_found_by_their_text_and_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let file = TokenFile::new(directory.path().join("tokens"));
        let ci = file.create("ci", Role::Viewer, at(1), None).unwrap();
        let tokens = Tokens::open(file.path()).unwrap();
        assert_eq!(tokens.find(&ci.text).unwrap().name, "ci");
        assert!(tokens.find("tier0_").is_none() && tokens.find("").is_none());
        assert!(tokens.find(&ci.record.sha256).is_none(), "the digest is no token");
        let later = file.create("late", Role::Viewer, at(2), None).unwrap();
        assert!(tokens.find(&later.text).is_none(), "looked at a moment ago");
        tokens.looked.lock().unwrap().0 -= LOOK_INTERVAL;
        assert_eq!(tokens.find(&later.text).unwrap().name, "late");
        // A file that has become wrong leaves what was read.
        fs::write(file.path(), "wrong").unwrap();
        tokens.looked.lock().unwrap().0 -= LOOK_INTERVAL;
        assert!(tokens.find(&ci.text).is_some());
    }
}
