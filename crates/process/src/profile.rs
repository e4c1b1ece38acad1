//! Where this process computes: stacks of its threads, taken 99 times a second of processor time, and written when it ends.
//!
//! ```text
//! stacks ─┬─ NAME.folded: a line for each, with how often it was seen: `thread;outermost;…;innermost COUNT`
//!         └─ NAME.svg: the flame graph of them, for a browser
//! ```
//!
//! The lines are what other tools read (speedscope.app, `flamegraph.pl`). A process that is killed writes neither.

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
    files: Files,
}

/// Where a profile goes.
#[derive(Debug, PartialEq, Eq)]
struct Files {
    stacks: PathBuf,
    graph: PathBuf,
}

impl Files {
    /// The named file and one beside it: a name that ends in `.svg` is that of the graph, any other that of the stacks.
    fn of(file: &Path) -> Self {
        let stacks = match file.extension() {
            Some(ending) if ending.eq_ignore_ascii_case("svg") => file.with_extension("folded"),
            _ => file.to_owned(),
        };
        let graph = if stacks == file { file.with_extension("svg") } else { file.to_owned() };
        Self { stacks, graph }
    }
}

impl Profile {
    /// Begins; the files are made now, so that a place that cannot be written is told now. What an earlier process wrote stays until
    /// this one ends.
    ///
    /// # Errors
    /// [`StartError::File`], and where the system gives no timer.
    pub(crate) fn start(file: &Path) -> Result<Self, StartError> {
        let files = Files::of(file);
        for path in [&files.stacks, &files.graph] {
            std::fs::OpenOptions::new()
                .append(true)
                .create(true)
                .open(path)
                .map_err(|source| StartError::File { path: path.clone(), source })?;
        }
        let guard = ProfilerGuardBuilder::default().frequency(FREQUENCY).blocklist(&LEFT_OUT);
        let guard =
            guard.build().map_err(|error| StartError::new("a profile cannot be taken", error))?;
        let (stacks, graph) = (files.stacks.display(), files.graph.display());
        tracing::info!(%stacks, %graph, "a profile is taken, and written at the end");
        Ok(Self { guard, files })
    }

    /// Ends, and writes the files.
    pub(crate) fn end(self) {
        let report = match self.guard.report().build() {
            Ok(report) => report,
            Err(error) => return tracing::warn!(%error, "the profile could not be read"),
        };
        let mut stacks = Stacks::new();
        for (frames, count) in &report.data {
            // A frame has the functions that the compiler made one of, the innermost first, as the frames are.
            let functions = frames.frames.iter().rev().flat_map(|frame| frame.iter().rev());
            let thread = std::iter::once(frames.thread_name.clone());
            let names = functions.map(ToString::to_string).take_while(|name| !is_profiler(name));
            let stack = thread.chain(names).collect();
            *stacks.entry(stack).or_default() += u64::try_from(*count).unwrap_or(0);
        }
        let Files { stacks: lines, graph } = &self.files;
        let title = graph.file_stem().map(|name| name.to_string_lossy()).unwrap_or_default();
        for (file, text) in [(graph, page::flames(&stacks, &title)), (lines, folded(&stacks))] {
            if let Err(error) = std::fs::write(file, text) {
                tracing::warn!(%error, file = %file.display(), "the profile could not be written");
            }
        }
    }
}

/// Whether a function is one by which a stack is taken: those stand at the end of every stack.
fn is_profiler(function: &str) -> bool {
    ["<pprof::", "pprof::", "backtrace::backtrace::"].iter().any(|of| function.starts_with(of))
}

/// How often each stack was seen: its thread, then its functions, the outermost first.
type Stacks = BTreeMap<Vec<String>, u64>;

/// A line for each stack.
fn folded(stacks: &Stacks) -> String {
    let mut text = String::new();
    for (functions, count) in stacks {
        // A semicolon stands between functions alone.
        let names: Vec<String> = functions.iter().map(|name| name.replace(';', ":")).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} {count}", names.join(";"));
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::*;

    #[test]
    fn a_stack_is_a_line() {
        let of = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let stacks = [(of(&["main", "f", "g[T; 2]"]), 5), (of(&["main"]), 1)].into();
        assert_eq!(folded(&stacks), "main 1\nmain;f;g[T: 2] 5\n");
        assert_eq!(folded(&Stacks::new()), "");
    }

    #[test]
    fn the_graph_stands_beside_the_stacks() {
        for (file, stacks, graph) in [
            ("p/trainer.folded", "p/trainer.folded", "p/trainer.svg"),
            ("p/trainer", "p/trainer", "p/trainer.svg"),
            ("p/trainer.svg", "p/trainer.folded", "p/trainer.svg"),
            ("p/trainer.SVG", "p/trainer.folded", "p/trainer.SVG"),
        ] {
            let expected = Files { stacks: stacks.into(), graph: graph.into() };
            assert_eq!(Files::of(Path::new(file)), expected);
        }
    }

    #[test]
    fn what_is_computed_is_in_both_files_by_its_callers() {
        let directory = tempfile::tempdir().unwrap();
        let profile = Profile::start(&directory.path().join("work.svg")).unwrap();
        let until = std::time::Instant::now() + std::time::Duration::from_millis(400);
        let mut sum = 0_u64;
        while std::time::Instant::now() < until {
            sum = computed(sum);
        }
        assert_ne!(std::hint::black_box(sum), 1);
        profile.end();
        let stacks = std::fs::read_to_string(directory.path().join("work.folded")).unwrap();
        let graph = std::fs::read_to_string(directory.path().join("work.svg")).unwrap();
        let line = stacks.lines().find(|line| line.contains("profile::tests::computed"));
        let line = line.unwrap_or_else(|| panic!("what was computed is not there:\n{stacks}"));
        assert!(!stacks.contains("pprof::"), "the profiler itself is in it:\n{stacks}");
        let place = |name: &str| line.find(name).unwrap_or_else(|| panic!("no {name} in {line}"));
        assert!(place("by_its_callers") < place("profile::tests::computed"), "{line}");
        assert!(graph.contains("profile::tests::computed") && graph.contains("<title>"), "{graph}");
    }

    #[inline(never)]
    fn computed(from: u64) -> u64 {
        (0..100_000_u64).fold(from, |sum, value| std::hint::black_box(sum ^ value.rotate_left(7)))
    }

    #[test]
    fn a_place_that_cannot_be_written_is_refused_at_the_beginning() {
        let directory = tempfile::tempdir().unwrap();
        assert!(Profile::start(&directory.path().join("none/profile")).is_err());
    }
}
