//! Figures of a column that are gathered as its rows pass, each once for all expectations that ask for it.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::distinct::Distinct;
use crate::frame::{Batch, Dtype};
use crate::kind::Interpolation;
use crate::numeric::{self, Moments};
use crate::value::{Cell, Value};

/// Numbers that are held in memory for exact quantiles and for sums with the rounding of NumPy, over all columns: 128 MiB.
pub const MAX_HELD: usize = 16 << 20;
/// Most distinct values of a column that are counted: 96 MiB, and as much again while the latest are merged.
pub const MAX_DISTINCT: usize = 6_000_000;
/// Most distinct values of a column that are kept themselves.
pub const MAX_KEPT: usize = 1_000_000;

/// A hash of what is a hash already.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Passed(u64);

impl Hasher for Passed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// Which figures are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Needs {
    pub(crate) extremes: bool,
    pub(crate) numbers: bool,
    pub(crate) counts: bool,
    pub(crate) kept: bool,
}

impl Needs {
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            extremes: self.extremes || other.extremes,
            numbers: self.numbers || other.numbers,
            counts: self.counts || other.counts,
            kept: self.kept || other.kept,
        }
    }
}

/// Which figures are asked for, of which rows of which column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) slot: usize,
    pub(crate) condition: Option<usize>,
    pub(crate) dtype: Dtype,
    pub(crate) needs: Needs,
}

/// Distinct values by their keys, and how often each is there.
type Kept = HashMap<u64, (Value, u64), BuildHasherDefault<Passed>>;

/// What the rows of a batch say of a column by themselves.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    rows: u64,
    present: u64,
    ends: Ends,
    whole: i128,
    numbers: Vec<f64>,
    /// In order.
    keys: Vec<u64>,
    kept: Kept,
}

/// The least and the greatest value.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    pub(crate) min: Option<Value>,
    pub(crate) max: Option<Value>,
}

impl Ends {
    fn extend(&mut self, cell: Cell<'_>) {
        let goes_beyond = |end: &Option<Value>, way: Ordering| {
            end.as_ref().is_none_or(|end| cell.order(end.cell()) == Some(way))
        };
        if goes_beyond(&self.min, Ordering::Less) {
            self.min = Some(cell.to_value());
        }
        if goes_beyond(&self.max, Ordering::Greater) {
            self.max = Some(cell.to_value());
        }
    }
}

impl Wanted {
    /// Goes over the rows of a batch that the mask has.
    pub(crate) fn gather(self, batch: &Batch, mask: Option<&[bool]>) -> Gathered {
        let mut gathered = Gathered::default();
        if let Some(values) = batch.columns.get(self.slot) {
            values.for_each(batch.rows, mask, |_, cell| gathered.take(self.needs, cell));
        }
        gathered.keys.sort_unstable();
        gathered
    }
}

impl Gathered {
    #[inline]
    fn take(&mut self, needs: Needs, cell: Cell<'_>) {
        self.rows += 1;
        if needs.numbers {
            self.numbers.push(cell.number().unwrap_or(f64::NAN));
            if let Cell::Int(value) = cell {
                self.whole += i128::from(value);
            }
        }
        if cell.is_missing() {
            return;
        }
        self.present += 1;
        if needs.extremes {
            self.ends.extend(cell);
        }
        if needs.counts {
            self.keys.push(cell.key());
        }
        if needs.kept {
            self.kept.entry(cell.key()).or_insert_with(|| (cell.to_value(), 0)).1 += 1;
        }
    }
}

/// Figures of a column over the rows that meet a condition.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) of: Wanted,
    pub(crate) rows: u64,
    pub(crate) present: u64,
    pub(crate) ends: Ends,
    whole: i128,
    held: Vec<f64>,
    /// Moments of what did not fit, and of all before it.
    spilled: Option<Moments>,
    sorted: bool,
    pub(crate) moments: Moments,
    pub(crate) keys: Distinct,
    kept: Kept,
    /// Why figures of distinct values are not known.
    pub(crate) crowded: Option<String>,
}

impl Figures {
    pub(crate) fn new(slot: usize, condition: Option<usize>, dtype: Dtype) -> Self {
        Self {
            of: Wanted { slot, condition, dtype, needs: Needs::default() },
            rows: 0,
            present: 0,
            ends: Ends::default(),
            whole: 0,
            held: Vec::new(),
            spilled: None,
            sorted: false,
            moments: Moments::default(),
            keys: Distinct::default(),
            kept: HashMap::default(),
            crowded: None,
        }
    }

    /// Takes what was gathered of a batch; `room` is how many more numbers may be held.
    pub(crate) fn add(&mut self, gathered: Gathered, room: &mut usize) {
        self.rows += gathered.rows;
        self.present += gathered.present;
        self.whole += gathered.whole;
        for end in [gathered.ends.min, gathered.ends.max].into_iter().flatten() {
            self.ends.extend(end.cell());
        }
        let numbers = gathered.numbers;
        if self.spilled.is_none() && *room < numbers.len() {
            self.spilled = Some(Moments::of(&self.held));
            *room += self.held.len();
            self.held = Vec::new();
        }
        match &mut self.spilled {
            Some(moments) => *moments = moments.merged(Moments::of(&numbers)),
            None => {
                *room -= numbers.len();
                self.held.extend(numbers);
            }
        }
        if self.crowded.is_none() {
            self.count(&gathered.keys, gathered.kept);
        }
    }

    fn count(&mut self, keys: &[u64], kept: Kept) {
        for (key, (value, count)) in kept {
            self.kept.entry(key).or_insert((value, 0)).1 += count;
        }
        if !self.keys.extend(keys, MAX_DISTINCT) {
            self.give_up(MAX_DISTINCT);
        } else if self.kept.len() > MAX_KEPT {
            self.give_up(MAX_KEPT);
        }
    }

    /// Forgets the values of a column that has too many.
    fn give_up(&mut self, limit: usize) {
        self.crowded = Some(format!(
            "the column has more than {limit} distinct values, which are not counted"
        ));
        self.keys = Distinct::default();
        self.kept = HashMap::default();
    }

    /// Concludes the first pass.
    pub(crate) fn conclude(&mut self) {
        if self.crowded.is_none() && !self.keys.conclude(MAX_DISTINCT) {
            self.give_up(MAX_DISTINCT);
        }
        if self.of.needs.numbers {
            self.moments = self.spilled.unwrap_or_else(|| Moments::of(&self.held));
            self.held.retain(|value| !value.is_nan());
            self.held.shrink_to_fit();
        }
    }

    /// The sum: whole of whole numbers, and of true values.
    pub(crate) fn sum(&self) -> Value {
        match self.of.dtype {
            Dtype::Int64 => i64::try_from(self.whole)
                .map_or_else(|_| Value::Float(self.whole as f64), Value::Int),
            Dtype::Bool | Dtype::Object => Value::Int(self.moments.sum as i64),
            Dtype::Float64 | Dtype::Str => Value::Float(self.moments.sum),
        }
    }

    /// The mean; of whole numbers by their exact sum.
    pub(crate) fn mean(&self) -> Option<f64> {
        if self.of.dtype == Dtype::Int64 && self.present > 0 {
            return Some(self.whole as f64 / self.present as f64);
        }
        self.moments.mean()
    }

    /// The numbers in order.
    ///
    /// # Errors
    /// Where they did not fit into memory.
    pub(crate) fn sorted(&mut self) -> Result<&[f64], String> {
        if self.spilled.is_some() {
            return Err(format!(
                "quantiles are exact and hold the numbers of a column; the suite's columns have more than {MAX_HELD} in all"
            ));
        }
        if !self.sorted {
            self.held.sort_unstable_by(f64::total_cmp);
            self.sorted = true;
        }
        Ok(&self.held)
    }

    /// A quantile in the type of the column.
    ///
    /// # Errors
    /// Where the numbers did not fit into memory, and one between truth values, which NumPy does not subtract.
    pub(crate) fn quantile(
        &mut self,
        share: f64,
        interpolation: Interpolation,
    ) -> Result<Value, String> {
        let (dtype, sorted) = (self.of.dtype, self.sorted()?);
        let Some(value) = numeric::quantile(sorted, share, interpolation) else {
            return Ok(Value::Missing);
        };
        let is_one = matches!(
            interpolation,
            Interpolation::Nearest | Interpolation::Lower | Interpolation::Higher
        );
        if dtype == Dtype::Bool && !is_one {
            return Err("numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the \
                        logical_xor function instead."
                .to_owned());
        }
        Ok(match dtype {
            Dtype::Int64 if is_one => Value::Int(value as i64),
            Dtype::Bool | Dtype::Object if is_one => Value::Bool(value != 0.0),
            _ => Value::Float(value),
        })
    }

    /// The values that are most frequent, in order.
    pub(crate) fn most_common(&self) -> Vec<Value> {
        let most = self.kept.values().map(|(_, count)| *count).max().unwrap_or(0);
        let mut values: Vec<Value> = self
            .kept
            .values()
            .filter(|(_, count)| *count == most)
            .map(|(value, _)| value.clone())
            .collect();
        values.sort_by(|one, other| one.cell().order(other.cell()).unwrap_or(Ordering::Equal));
        values
    }

    /// How often each distinct value is there, by its key.
    pub(crate) fn kept_counts(&self) -> HashMap<u64, u64> {
        self.kept.iter().map(|(key, (_, count))| (*key, *count)).collect()
    }

    /// The distinct values, in order.
    pub(crate) fn distinct(&self) -> Vec<&Value> {
        let mut values: Vec<&Value> = self.kept.values().map(|(value, _)| value).collect();
        values.sort_by(|one, other| one.cell().order(other.cell()).unwrap_or(Ordering::Equal));
        values
    }
}
