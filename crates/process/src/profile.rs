//! Where this process computes: stacks of its threads, taken 99 times a second of processor time, and written when it ends.
//!
//! The file has a line for each stack that was seen, with how often: `thread;outermost;…;innermost COUNT`, which is what flame graphs
//! are drawn from (`inferno-flamegraph`, `flamegraph.pl`, speedscope.app). A process that is killed writes none.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use pprof::{ProfilerGuard, ProfilerGuardBuilder};

use crate::StartError;

/// Samples for each second of processor time; not a round number, so that nothing periodic is hit or missed each time.
const FREQUENCY: i32 = 99;
/// Libraries in which no stack is taken: what unwinding itself takes locks in.
const LEFT_OUT: [&str; 4] = ["libc", "libgcc", "pthread", "vdso"];

/// A profile that is being taken.
pub(crate) struct Profile {
    guard: ProfilerGuard<'static>,
    file: PathBuf,
}

impl Profile {
    /// Begins; `file` is made now, so that a place that cannot be written is told now. What an earlier process wrote stays until this
    /// one ends.
    ///
    /// # Errors
    /// [`StartError::File`], and where the system gives no timer.
    pub(crate) fn start(file: &Path) -> Result<Self, StartError> {
        std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(file)
            .map_err(|source| StartError::File { path: file.to_owned(), source })?;
        let guard = ProfilerGuardBuilder::default().frequency(FREQUENCY).blocklist(&LEFT_OUT);
        let guard =
            guard.build().map_err(|error| StartError::new("a profile cannot be taken", error))?;
        tracing::info!(file = %file.display(), "a profile is taken, and written at the end");
        Ok(Self { guard, file: file.to_owned() })
    }

    /// Ends, and writes the file.
    pub(crate) fn end(self) {
        let report = match self.guard.report().build() {
            Ok(report) => report,
            Err(error) => return tracing::warn!(%error, "the profile could not be read"),
        };
        let stacks = report.data.iter().map(|(frames, count)| {
            let functions = frames.frames.iter().rev().flatten().map(ToString::to_string);
            let thread = std::iter::once(frames.thread_name.clone());
            (thread.chain(functions).collect::<Vec<_>>(), i64::try_from(*count).unwrap_or(0))
        });
        if let Err(error) = std::fs::write(&self.file, folded(stacks)) {
            tracing::warn!(%error, file = %self.file.display(), "the profile could not be written");
        }
    }
}

/// Stacks in the order of their names, those of the same name together.
fn folded(stacks: impl Iterator<Item = (Vec<String>, i64)>) -> String {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for (functions, count) in stacks {
        // A semicolon stands between functions alone.
        let names: Vec<String> = functions.iter().map(|name| name.replace(';', ":")).collect();
        *counts.entry(names.join(";")).or_default() += count;
    }
    let mut text = String::new();
    for (stack, count) in counts {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{stack} {count}");
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn equal_stacks_are_one_line() {
        let of =
            |names: &[&str], count| (names.iter().map(|&name| name.to_owned()).collect(), count);
        let stacks =
            [of(&["main", "f", "g[T; 2]"], 2), of(&["main"], 1), of(&["main", "f", "g[T; 2]"], 3)];
        assert_eq!(folded(stacks.into_iter()), "main 1\nmain;f;g[T: 2] 5\n");
        assert_eq!(folded(std::iter::empty()), "");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_refused_at_the_beginning() {
        let directory = tempfile::tempdir().unwrap();
        assert!(Profile::start(&directory.path().join("none/profile")).is_err());
    }
}
