//! A wide table of any length, for measurements: numbers, texts, a date, missing cells and a target that the numbers tell in part.

use std::io::Write;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Name of the target.
pub const TARGET: &str = "outcome";
/// Its classes, the negative one first.
pub const CLASSES: [&str; 2] = ["no", "yes"];
/// Numbers, of which every third is whole.
const NUMBERS: usize = 23;
/// Different texts of each column of texts.
const TEXTS: [u32; 5] = [3, 12, 60, 300, 2000];
/// Share of the cells without a value.
const MISSING: f64 = 0.05;

/// Writes a table of 30 columns as CSV, about 200 bytes a row: 23 numbers, 5 texts, a date and the target.
///
/// The same rows and seed give the same bytes.
///
/// # Errors
/// When it can't be written.
pub fn write_wide(rows: u64, seed: u64, mut into: impl Write) -> std::io::Result<()> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let numbers = (0..NUMBERS).map(|column| format!("number_{column:02}"));
    let texts = (0..TEXTS.len()).map(|column| format!("text_{column}"));
    let names: Vec<String> = numbers.chain(texts).collect();
    writeln!(into, "{},day,{TARGET}", names.join(","))?;
    let mut line = Vec::with_capacity(512);
    for _ in 0..rows {
        line.clear();
        let mut score = 0.0;
        for column in 0..NUMBERS {
            let normal: f64 = StandardNormal.sample(&mut random);
            if column < 4 {
                score += normal;
            }
            if !random.random_bool(MISSING) {
                if column % 3 == 2 {
                    write!(line, "{:.0}", normal * 1000.0)?;
                } else {
                    write!(line, "{:.4}", 100.0 + 15.0 * normal)?;
                }
            }
            line.push(b',');
        }
        for levels in TEXTS {
            if !random.random_bool(MISSING) {
                // Products of two draws favour the first ones.
                let level = random.random::<f64>() * random.random::<f64>() * f64::from(levels);
                write!(line, "level {level:.0}")?;
            }
            line.push(b',');
        }
        let (month, day) = (random.random_range(1..=12), random.random_range(1..=28));
        let noise: f64 = StandardNormal.sample(&mut random);
        let [no, yes] = CLASSES;
        let class = if score + 2.0 * noise > 2.0 { yes } else { no };
        writeln!(line, "2024-{month:02}-{day:02},{class}")?;
        into.write_all(&line)?;
    }
    into.flush()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_table_has_its_columns_and_is_repeatable() {
        let written = |seed| {
            let mut bytes = Vec::new();
            write_wide(500, seed, &mut bytes).unwrap();
            String::from_utf8(bytes).unwrap()
        };
        let table = written(1);
        assert_eq!(table, written(1));
        assert_ne!(table, written(2));
        assert_eq!(table.lines().count(), 501);
        assert!(table.lines().all(|line| line.split(',').count() == 30));
        let positive = table.lines().filter(|line| line.ends_with(",yes")).count();
        assert!((100..200).contains(&positive), "{positive}");
    }
}
