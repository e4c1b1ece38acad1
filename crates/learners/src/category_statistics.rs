//! Target statistics of categories, without a look at the row's own target.
//!
//! A row that is learned from gets the statistics of the other parts of the training rows (as scikit-learn's
//! `TargetEncoder` cross-fits them); a row that is predicted gets those of all training rows.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use scoring::{CategoryEncoding, CategoryTable};
use tabular::{FeatureMatrix, ProblemType};

use crate::examples::class_of;
use crate::{Examples, Task};

/// Parts that the training rows are divided into.
const PARTS: usize = 8;
/// Most classes that have a statistic each; of more, only frequencies are told.
const MAX_CLASSES: usize = 6;
/// Categories with fewer codes than this stay as they are where both kinds are mixed.
pub(crate) const MIN_CODES: u32 = 3;

/// An encoding, and the training rows as it shows them to a learner.
pub(crate) struct CrossFitted {
    pub(crate) encoding: CategoryEncoding,
    pub(crate) train: FeatureMatrix,
    /// Number of codes of each encoded number, where it still is a category.
    pub(crate) categories: Vec<Option<u32>>,
    /// The constraint of each encoded number.
    pub(crate) monotone: Vec<i8>,
}

/// Sums of one code.
#[derive(Clone, Default)]
struct LevelSums {
    weight: f64,
    /// Weighted sums of the target, one for each statistic.
    targets: Vec<f64>,
}

/// Statistics per code of one feature, for all rows and for each part.
struct LevelStatistics {
    codes: usize,
    /// Code after code; the last is a missing value.
    all: Vec<LevelSums>,
    /// The same of each part.
    parts: Vec<Vec<LevelSums>>,
}

/// Replaces categories of at least `min_codes` codes by their statistics, drawn towards the mean by `smoothing` rows.
pub(crate) fn cross_fit(
    task: Task,
    examples: &Examples,
    smoothing: f64,
    min_codes: u32,
    seed: u64,
) -> CrossFitted {
    let responses = Responses::for_task(task);
    let rows = examples.rows();
    let mut part_of: Vec<usize> = (0..rows).map(|row| row % PARTS).collect();
    part_of.shuffle(&mut ChaCha8Rng::seed_from_u64(seed ^ 0x7a67_6574));
    let counted: Vec<Option<LevelStatistics>> = examples
        .categories
        .iter()
        .enumerate()
        .map(|(feature, codes)| {
            let codes = codes.filter(|codes| *codes >= min_codes)?;
            Some(count(examples, feature, codes as usize, &responses, &part_of))
        })
        .collect();
    let total = responses.total(examples);
    let encoding = CategoryEncoding {
        features: counted
            .iter()
            .map(|counted| counted.as_ref().map(|counted| table(counted, &total, smoothing)))
            .collect(),
    };
    let train = encode_parts(examples, &encoding, &counted, &total, smoothing, &part_of);
    let mut categories = Vec::with_capacity(encoding.width());
    let mut monotone = Vec::new();
    for (feature, (table, codes)) in encoding.features.iter().zip(&examples.categories).enumerate()
    {
        let direction = examples.monotone.get(feature).copied().unwrap_or(0);
        match table {
            None => {
                categories.push(*codes);
                monotone.push(direction);
            }
            Some(table) => {
                categories.extend(std::iter::repeat_n(None, table.width));
                monotone.extend(std::iter::repeat_n(0, table.width));
            }
        }
    }
    if examples.monotone.is_empty() {
        monotone.clear();
    }
    CrossFitted { encoding, train, categories, monotone }
}

/// What statistics are taken of: indicators of classes, or the number itself.
struct Responses {
    /// Number of statistics.
    count: usize,
    problem: ProblemType,
}

impl Responses {
    fn for_task(task: Task) -> Self {
        let count = match task.problem {
            ProblemType::Binary | ProblemType::Regression => 1,
            ProblemType::Multiclass if task.classes <= MAX_CLASSES => task.classes,
            ProblemType::Multiclass => 0,
        };
        Self { count, problem: task.problem }
    }

    fn add(&self, sums: &mut LevelSums, target: f64, weight: f64) {
        sums.weight += weight;
        sums.targets.resize(self.count, 0.0);
        for (place, sum) in sums.targets.iter_mut().enumerate() {
            *sum += weight
                * match self.problem {
                    ProblemType::Multiclass => f64::from(u8::from(class_of(target) == place)),
                    _ => target,
                };
        }
    }

    fn total(&self, examples: &Examples) -> LevelSums {
        let mut total = LevelSums::default();
        for (row, &target) in examples.target.iter().enumerate() {
            self.add(&mut total, target, examples.weight(row));
        }
        total.targets.resize(self.count, 0.0);
        total
    }
}

/// The place of a value among the sums: its code, or the last for a missing one; none for a code out of range.
fn code_index(value: f64, codes: usize) -> Option<usize> {
    if value.is_nan() {
        Some(codes)
    } else if value >= 0.0 && value < codes as f64 {
        Some(class_of(value))
    } else {
        None
    }
}

fn count(
    examples: &Examples,
    feature: usize,
    codes: usize,
    responses: &Responses,
    part_of: &[usize],
) -> LevelStatistics {
    let empty = vec![LevelSums { weight: 0.0, targets: vec![0.0; responses.count] }; codes + 1];
    let mut counted = LevelStatistics { codes, all: empty.clone(), parts: vec![empty; PARTS] };
    for (row, (&target, &part)) in examples.target.iter().zip(part_of).enumerate() {
        let Some(place) = code_index(examples.features.get(row, feature), codes) else { continue };
        let weight = examples.weight(row);
        let own = counted.parts.get_mut(part).and_then(|part| part.get_mut(place));
        for sums in counted.all.get_mut(place).into_iter().chain(own) {
            responses.add(sums, target, weight);
        }
    }
    counted
}

/// The numbers of a code: smoothed means, and the logarithm of its share.
fn numbers(sums: &LevelSums, total: &LevelSums, smoothing: f64) -> impl Iterator<Item = f64> {
    let (weight, of_all) = (sums.weight.max(0.0), total.weight.max(f64::MIN_POSITIVE));
    let means: Vec<f64> = sums
        .targets
        .iter()
        .zip(&total.targets)
        .map(|(sum, all)| (sum + smoothing * (all / of_all)) / (weight + smoothing))
        .collect();
    means.into_iter().chain([(weight / of_all).max(0.0)])
}

/// What is known of a level without any row.
fn nothing(total: &LevelSums) -> LevelSums {
    LevelSums { weight: 0.0, targets: vec![0.0; total.targets.len()] }
}

fn table(counted: &LevelStatistics, total: &LevelSums, smoothing: f64) -> CategoryTable {
    let width = total.targets.len() + 1;
    let mut values = Vec::with_capacity((counted.codes + 2) * width);
    for sums in &counted.all {
        values.extend(numbers(sums, total, smoothing));
    }
    values.extend(numbers(&nothing(total), total, smoothing));
    CategoryTable { width, values }
}

/// The training rows with the statistics of the parts that each row is not in.
fn encode_parts(
    examples: &Examples,
    encoding: &CategoryEncoding,
    counted: &[Option<LevelStatistics>],
    total: &LevelSums,
    smoothing: f64,
    part_of: &[usize],
) -> FeatureMatrix {
    let width = encoding.width();
    let tables: Vec<CategoryEncoding> = (0..PARTS)
        .map(|part| CategoryEncoding {
            features: counted
                .iter()
                .map(|counted| {
                    let counted = counted.as_ref()?;
                    let others = counted.all.iter().enumerate().map(|(place, all)| {
                        let own = counted.parts.get(part).and_then(|part| part.get(place));
                        own.map_or_else(|| all.clone(), |own| without(all, own))
                    });
                    let others = LevelStatistics {
                        codes: counted.codes,
                        all: others.collect(),
                        parts: Vec::new(),
                    };
                    let mut table = table(&others, total, smoothing);
                    // Shares do not tell the target, and are those that a predicted row gets.
                    let of_all = numbers_of_shares(counted, total);
                    let width = table.width;
                    for (group, share) in table.values.chunks_exact_mut(width).zip(of_all) {
                        if let Some(last) = group.last_mut() {
                            *last = share;
                        }
                    }
                    Some(table)
                })
                .collect(),
        })
        .collect();
    let mut values = vec![f64::NAN; examples.rows().saturating_mul(width)];
    for ((row, out), part) in
        examples.features.iter_rows().zip(values.chunks_exact_mut(width.max(1))).zip(part_of)
    {
        if let Some(encoding) = tables.get(*part) {
            encoding.encode_row(row, out);
        }
    }
    FeatureMatrix { rows: examples.rows(), width, values }
}

fn numbers_of_shares(counted: &LevelStatistics, total: &LevelSums) -> Vec<f64> {
    let of_all = total.weight.max(f64::MIN_POSITIVE);
    counted.all.iter().map(|sums| (sums.weight / of_all).max(0.0)).collect()
}

fn without(all: &LevelSums, own: &LevelSums) -> LevelSums {
    LevelSums {
        weight: (all.weight - own.weight).max(0.0),
        targets: all.targets.iter().zip(&own.targets).map(|(all, own)| all - own).collect(),
    }
}
