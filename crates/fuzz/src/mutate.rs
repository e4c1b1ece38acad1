//! Changes inputs at random, the same way for the same seed: for the short run of the tests, which has no coverage to go by.

use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::LONGEST;

/// Numbers at which lengths, counts and offsets break.
const NUMBERS: [u64; 10] =
    [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, i64::MAX as u64, u64::MAX];
/// Texts at which readers of texts break.
const TEXTS: [&str; 16] = [
    "-1",
    "1e999",
    "NaN",
    "null",
    "[[[[",
    "{\"a\":",
    "\"",
    "\\",
    "..",
    "%2e%2e",
    "\0",
    "\u{feff}",
    "\r\n",
    ",,,,",
    "18446744073709551616",
    "é",
];
/// Most changes of one input.
const MOST_CHANGES: u32 = 6;

/// A source of changed inputs.
#[derive(Debug)]
pub struct Mutator {
    random: ChaCha8Rng,
}

impl Mutator {
    /// The one of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { random: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// One of the inputs, changed at a few places, perhaps with a part of another; at most [`LONGEST`] bytes.
    pub fn next(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = corpus.choose(&mut self.random).cloned().unwrap_or_default();
        for _ in 0..self.random.random_range(1..=MOST_CHANGES) {
            self.change(&mut input, corpus);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let at = self.random.random_range(0..=input.len());
        let length = self.random.random_range(1..=8_usize);
        let end = at.saturating_add(length).min(input.len());
        match self.random.random_range(0..7) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.random.random_range(0..8);
                }
            }
            1 => drop(input.splice(at..end, [])),
            2 => {
                let bytes: Vec<u8> = (0..length).map(|_| self.random.random()).collect();
                drop(input.splice(at..at, bytes));
            }
            3 => {
                let number = NUMBERS.choose(&mut self.random).copied().unwrap_or_default();
                let bytes = number.to_le_bytes().into_iter().take(length);
                drop(input.splice(at..end, bytes));
            }
            4 => {
                let text = TEXTS.choose(&mut self.random).copied().unwrap_or_default();
                drop(input.splice(at..end, text.bytes()));
            }
            5 => {
                // A part that is repeated.
                let from = self.random.random_range(0..=at);
                let part: Vec<u8> = input.iter().take(at).skip(from).copied().collect();
                drop(input.splice(at..at, part));
            }
            _ => {
                let other = corpus.choose(&mut self.random).map_or(&[][..], Vec::as_slice);
                let from = self.random.random_range(0..=other.len());
                let part: Vec<u8> = other.iter().skip(from).take(64).copied().collect();
                drop(input.splice(at..end, part));
            }
        }
    }
}
