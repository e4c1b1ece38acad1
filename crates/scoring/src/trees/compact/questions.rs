//! What the trees of a model ask of a row: the columns that its keys are computed in.

use std::collections::HashMap;

use super::super::{Missing, Node, ZERO};

/// Most columns of a model, and bytes of its tables of categories: beyond them, its trees are descended node by node.
const MAX_COLUMNS: usize = 4_096;
const MAX_TABLE_BYTES: usize = 4 << 20;

/// What is computed of a row before it goes through the trees. The first column is 0 in every row.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    numbers: Vec<Numbers>,
    categories: Vec<Categories>,
    count: usize,
}

/// The columns of a feature of numbers: one for each way in which its missing values count.
#[derive(Clone, Debug)]
struct Numbers {
    feature: usize,
    /// Whether zero is missing as well.
    zero: bool,
    /// The distinct thresholds, ascending.
    thresholds: Vec<f64>,
    /// What missing values are in each of the columns.
    missing: Vec<i32>,
    /// The first of them.
    first: usize,
}

/// The columns of a feature of categories: one for each set that is asked for.
#[derive(Clone, Debug)]
struct Categories {
    feature: usize,
    /// Codes that a set may have; any other value is in none.
    codes: usize,
    /// For each code, and for what is none, one key per set: 0 in the set, 1 outside.
    keys: Vec<u8>,
    /// Number of sets.
    sets: usize,
    /// The first column.
    first: usize,
}

impl Numbers {
    /// How many thresholds a number is above: at most a threshold's place exactly where it is at most that threshold.
    fn rank(&self, value: f64) -> i32 {
        self.thresholds.partition_point(|threshold| *threshold < value) as i32
    }
}

impl Categories {
    fn keys_of(&self, value: f64) -> &[u8] {
        // Truncation towards zero as in C; what C leaves undefined ends up outside of every set.
        let code = usize::try_from(value as i32).ok().filter(|_| !value.is_nan());
        let start = code.unwrap_or(self.codes).min(self.codes).saturating_mul(self.sets);
        self.keys.get(start..start.saturating_add(self.sets)).unwrap_or(&[])
    }
}

fn value_of(row: &[f64], feature: usize) -> f64 {
    row.get(feature).copied().unwrap_or(f64::NAN)
}

impl Columns {
    /// Number of columns.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Gives `put` the keys of a row by column, from 1 on and in their order.
    #[inline]
    pub(super) fn fill(&self, row: &[f64], mut put: impl FnMut(usize, i32)) {
        for of in &self.numbers {
            let value = value_of(row, of.feature);
            let is_missing = value.is_nan() | (of.zero & (-ZERO..=ZERO).contains(&value));
            let rank = of.rank(value);
            for (column, missing) in (of.first..).zip(&of.missing) {
                put(column, std::hint::select_unpredictable(is_missing, *missing, rank));
            }
        }
        for of in &self.categories {
            for (column, key) in (of.first..).zip(of.keys_of(value_of(row, of.feature))) {
                put(column, i32::from(*key));
            }
        }
    }
}

/// Which side missing values go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    /// That of zero, where NaN was not seen in training.
    OfZero,
}

impl Side {
    fn of(node: &Node) -> Self {
        match node.missing {
            Missing::None => Self::OfZero,
            Missing::Zero | Missing::NaN if node.default_left => Self::Left,
            Missing::Zero | Missing::NaN => Self::Right,
        }
    }
}

/// What is asked, by feature in the order they were met.
#[derive(Default)]
pub(super) struct Questions<'a> {
    numbers: Vec<NumberQuestions>,
    number_places: HashMap<(u32, bool), usize>,
    sets: Vec<(u32, Vec<&'a [u32]>)>,
    feature_places: HashMap<u32, usize>,
    set_places: HashMap<(u32, &'a [u32]), usize>,
}

struct NumberQuestions {
    feature: u32,
    zero: bool,
    thresholds: Vec<f64>,
    sides: Vec<Side>,
}

fn is_zero_missing(node: &Node) -> bool {
    node.missing == Missing::Zero
}

impl<'a> Questions<'a> {
    /// Takes up what a node asks; `set` gives the words of its category set.
    pub(super) fn add(&mut self, node: &Node, set: &impl Fn(u32) -> &'a [u32]) {
        let feature = node.feature;
        if !node.categorical {
            let zero = is_zero_missing(node);
            let next = self.numbers.len();
            let place = *self.number_places.entry((feature, zero)).or_insert(next);
            if place == next {
                let (thresholds, sides) = (Vec::new(), Vec::new());
                self.numbers.push(NumberQuestions { feature, zero, thresholds, sides });
            }
            let Some(of) = self.numbers.get_mut(place) else { return };
            of.thresholds.push(node.threshold);
            let side = Side::of(node);
            if !of.sides.contains(&side) {
                of.sides.push(side);
            }
            return;
        }
        let next = self.sets.len();
        let place = *self.feature_places.entry(feature).or_insert(next);
        if place == next {
            self.sets.push((feature, Vec::new()));
        }
        let Some((_, sets)) = self.sets.get_mut(place) else { return };
        let words = set(node.set);
        let next = sets.len();
        if *self.set_places.entry((feature, words)).or_insert(next) == next {
            sets.push(words);
        }
    }

    /// The columns; none where there are more than are worth computing.
    pub(super) fn columns(&self) -> Option<Columns> {
        let mut count = 1_usize;
        let mut numbers = Vec::with_capacity(self.numbers.len());
        for of in &self.numbers {
            let mut thresholds = of.thresholds.clone();
            thresholds.sort_by(f64::total_cmp);
            thresholds.dedup();
            let feature = usize::try_from(of.feature).ok()?;
            let first = count;
            count = count.checked_add(of.sides.len())?;
            let mut of_feature =
                Numbers { feature, zero: of.zero, thresholds, missing: Vec::new(), first };
            let missing = of.sides.iter().map(|side| match side {
                Side::Left => -1,
                Side::Right => i32::MAX,
                Side::OfZero => of_feature.rank(0.0),
            });
            of_feature.missing = missing.collect();
            numbers.push(of_feature);
        }
        let (mut categories, mut bytes) = (Vec::with_capacity(self.sets.len()), 0_usize);
        for (feature, sets) in &self.sets {
            let words = sets.iter().map(|set| set.len()).max().unwrap_or(0);
            let codes = words.checked_mul(32)?;
            bytes = bytes.checked_add(codes.checked_add(1)?.checked_mul(sets.len())?)?;
            let first = count;
            count = count.checked_add(sets.len())?;
            if bytes > MAX_TABLE_BYTES || count > MAX_COLUMNS {
                return None;
            }
            let outside = |code: usize| {
                let is_in = move |set: &&[u32]| {
                    set.get(code / 32).is_some_and(|word| word >> (code % 32) & 1 == 1)
                };
                sets.iter().map(move |set| u8::from(!is_in(set)))
            };
            // The last group is for what is no code of any set: no set has so many words.
            let keys = (0..=codes).flat_map(outside).collect();
            let feature = usize::try_from(*feature).ok()?;
            categories.push(Categories { feature, codes, keys, sets: sets.len(), first });
        }
        (count <= MAX_COLUMNS).then_some(Columns { numbers, categories, count })
    }

    /// Column and threshold of a node that was taken up.
    pub(super) fn place(
        &self,
        columns: &Columns,
        node: &Node,
        set: &impl Fn(u32) -> &'a [u32],
    ) -> Option<(u32, i32)> {
        let (column, threshold) = if node.categorical {
            let of = columns.categories.get(*self.feature_places.get(&node.feature)?)?;
            (of.first + self.set_places.get(&(node.feature, set(node.set)))?, 0)
        } else {
            let place = *self.number_places.get(&(node.feature, is_zero_missing(node)))?;
            let (asked, of) = (self.numbers.get(place)?, columns.numbers.get(place)?);
            let side = asked.sides.iter().position(|side| *side == Side::of(node))?;
            (of.first + side, of.rank(node.threshold))
        };
        Some((u32::try_from(column).ok()?, threshold))
    }
}
