//! The short run: every input of the corpora, and some thousands that are changed at random but the same at each run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fuzz::{ALL, LONGEST, Mutator, Target};

/// Longest time of one input.
const MOST_TIME: Duration = Duration::from_secs(10);

fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let mut files: Vec<PathBuf> = fs::read_dir(&directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{target:?} has no corpus");
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn what_outsiders_send_breaks_nothing() {
    for target in ALL {
        let corpus: Vec<Vec<u8>> = corpus(target).into_iter().map(|(_, bytes)| bytes).collect();
        let mut mutator = Mutator::new(1);
        let changed = (0..target.runs_in_tests).map(|_| mutator.next(&corpus));
        for (number, input) in corpus.iter().cloned().chain(changed).enumerate() {
            let begun = Instant::now();
            let ran = std::panic::catch_unwind(|| target.run(&input));
            assert!(ran.is_ok(), "{target:?}, input {number}: {}", shown(&input));
            assert!(begun.elapsed() < MOST_TIME, "{target:?}, input {number}: {}", shown(&input));
        }
    }
}

fn shown(input: &[u8]) -> String {
    String::from_utf8_lossy(input).escape_debug().take(400).collect()
}

/// The committed inputs are small, and no longer than what is fuzzed.
#[test]
fn corpora_are_small() {
    for target in ALL {
        for (path, bytes) in corpus(target) {
            assert!(bytes.len() <= LONGEST, "{}: {} bytes", path.display(), bytes.len());
        }
    }
}

/// The bound on memory holds: more than it is not given.
#[test]
fn memory_is_bounded() {
    let given = fuzz::memory::bounded(|| {
        let mut bytes: Vec<u8> = Vec::new();
        (bytes.try_reserve_exact(1 << 20).is_ok(), bytes.try_reserve_exact(1 << 30).is_ok())
    });
    assert_eq!(given, (true, false));
}
