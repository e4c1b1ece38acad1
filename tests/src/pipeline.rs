//! A pipeline that is fast, and whose result is a matter of the seed alone.

/// Settings of the agents: trials end the search, never the clock, and there are few of them.
pub const FAST: [(&str, &str); 5] = [
    ("TIER0_MODEL_SELECTOR__SELECTION__FOLDS", "2"),
    ("TIER0_MODEL_SELECTOR__SELECTION__MAX_SECONDS", "60"),
    ("TIER0_MODEL_TRAINER__TRAINING__MAX_TRIALS", "2"),
    ("TIER0_MODEL_TRAINER__TRAINING__RACE", "1"),
    ("TIER0_MODEL_TRAINER__TRAINING__RESAMPLES", "50"),
];

/// A table with two classes in the column `left`, which a model can tell apart most of the time.
pub fn small_table(rows: u32) -> Vec<String> {
    let mut lines = vec!["age,visits,region,left".to_owned()];
    for row in 0..rows {
        let noise = row.wrapping_mul(2_654_435_761) >> 8;
        let (age, visits) = (20 + noise % 50, noise / 64 % 30);
        let region = ["north", "south", "east"][(noise / 4096 % 3) as usize];
        let leaves = visits + noise / 16384 % 20 < 22;
        lines.push(format!("{age},{visits},{region},{}", if leaves { "yes" } else { "no" }));
    }
    lines
}
