//! Which rows repeat an earlier one, by digests of their values.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::Float64Type;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use twox_hash::XxHash3_128;

/// Before a value that is there, and in place of one that is missing.
const PRESENT: u8 = 1;
const MISSING: u8 = 0;

/// A digest of 128 bits (XXH3) of each of these rows, over all columns in their physical forms.
///
/// Equal rows have equal digests. That two of 10 million different ones have the same has a probability below 1e-24.
pub(crate) fn digests(columns: &[ArrayRef], rows: &[usize]) -> Vec<u128> {
    enum Values<'a> {
        Numbers(&'a arrow::array::Float64Array),
        Texts(&'a arrow::array::StringArray),
    }
    let values: Vec<Values<'_>> = columns
        .iter()
        .filter_map(|column| {
            let numbers = column.as_primitive_opt::<Float64Type>().map(Values::Numbers);
            numbers.or_else(|| column.as_string_opt::<i32>().map(Values::Texts))
        })
        .collect();
    let mut bytes = Vec::new();
    let mut digest = |row: &usize| {
        bytes.clear();
        for column in &values {
            match column {
                Values::Numbers(numbers) if numbers.is_valid(*row) => {
                    bytes.push(PRESENT);
                    bytes.extend_from_slice(&numbers.value(*row).to_bits().to_le_bytes());
                }
                Values::Texts(texts) if texts.is_valid(*row) => {
                    let text = texts.value(*row).as_bytes();
                    bytes.push(PRESENT);
                    bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
                    bytes.extend_from_slice(text);
                }
                _ => bytes.push(MISSING),
            }
        }
        XxHash3_128::oneshot(&bytes)
    };
    rows.iter().map(&mut digest).collect()
}

/// The rows that were seen, by their digests: 16 bytes a row and about 8 for finding it.
#[derive(Debug, Default)]
pub(crate) struct SeenRows {
    digests: Vec<u128>,
    places: HashTable<u32>,
}

impl SeenRows {
    /// Whether no row of this digest was seen before; it is from now on.
    pub(crate) fn is_first(&mut self, digest: u128) -> bool {
        let place = u32::try_from(self.digests.len()).unwrap_or(u32::MAX);
        let digests = &self.digests;
        let of = |place: &u32| {
            usize::try_from(*place).ok().and_then(|place| digests.get(place)).copied()
        };
        let hash = |place: &u32| half(of(place).unwrap_or_default());
        match self.places.entry(half(digest), |place| of(place) == Some(digest), hash) {
            Entry::Occupied(_) => false,
            Entry::Vacant(vacant) => {
                vacant.insert(place);
                self.digests.push(digest);
                true
            }
        }
    }
}

/// Half of a digest is as good as a hash of it.
fn half(digest: u128) -> u64 {
    digest as u64
}
