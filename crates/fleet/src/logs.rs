//! Logs of a bounded size.
//!
//! ```text
//! NAME.log ─ larger than the limit ─▶ NAME.log.1 ─▶ NAME.log.2 … the oldest goes
//! ```
//!
//! Processes hold their log open and append to it, and outlive a supervisor that is killed. So the content is copied and the file
//! emptied in its place: each goes on writing at its beginning, and who follows by name or by file goes on reading. A line that is
//! written between the two is lost.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::Directory;

/// How large logs become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLimits {
    /// Bytes from which on a log is begun anew.
    pub bytes: u64,
    /// Earlier parts that are kept of each log; with none, what was in it is gone.
    pub kept: u16,
}

impl Default for LogLimits {
    fn default() -> Self {
        Self { bytes: 16 << 20, kept: 4 }
    }
}

/// The `number`th part before a log.
fn earlier(log: &Path, number: u16) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

/// Begins anew what has become too large; gives the logs that were.
pub(crate) fn rotate(directory: &Directory, limits: LogLimits) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory.logs()).into_iter().flatten().flatten();
    let logs = entries.map(|entry| entry.path()).filter(|path| {
        path.extension().is_some_and(|ending| ending == "log")
            && path.metadata().is_ok_and(|found| found.len() > limits.bytes)
    });
    logs.filter(|log| match begin_anew(log, limits.kept) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(log = %log.display(), %error, "a log cannot be begun anew");
            false
        }
    })
    .collect()
}

fn begin_anew(log: &Path, kept: u16) -> io::Result<()> {
    for number in (1..kept).rev() {
        match fs::rename(earlier(log, number), earlier(log, number + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let mut content = File::open(log)?;
    if kept > 0 {
        // What a full disk takes half of is no reason to keep the log as large as it is.
        let mut to = File::create(earlier(log, 1))?;
        let copied = io::copy(&mut content, &mut to);
        if let Err(error) = copied {
            tracing::warn!(log = %log.display(), %error, "an earlier part of a log is not whole");
        }
    }
    OpenOptions::new().write(true).open(log)?.set_len(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_process_goes_on_with_its_log_and_the_oldest_parts_go() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Directory::new(temporary.path()).unwrap();
        directory.create().unwrap();
        let limits = LogLimits { bytes: 10, kept: 2 };
        let path = directory.log("x");
        let mut log = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        for part in ["the first part\n", "the second part\n", "the third part\n"] {
            log.write_all(part.as_bytes()).unwrap();
            assert_eq!(rotate(&directory, limits), std::slice::from_ref(&path));
            assert_eq!(rotate(&directory, limits), Vec::<PathBuf>::new());
        }
        log.write_all(b"now\n").unwrap();
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        assert_eq!(read(&path), "now\n", "written at the beginning, without a hole");
        assert_eq!(read(&earlier(&path, 1)), "the third part\n");
        assert_eq!(read(&earlier(&path, 2)), "the second part\n");
        assert!(!earlier(&path, 3).exists());
        assert_eq!(
            rotate(&directory, LogLimits { bytes: 1, kept: 0 }),
            std::slice::from_ref(&path)
        );
        assert_eq!(read(&path), "");
        assert_eq!(read(&earlier(&path, 1)), "the third part\n");
    }
}
