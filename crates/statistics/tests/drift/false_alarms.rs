use statistics::drift::{Report, Settings, TableSketch, Verdict, compare, compare_tables};

use crate::columns::{Planted, draw};

/// Rows of a window, and how many windows of them: a thousand in all.
const WINDOWS: [(usize, u64); 8] = [
    (200, 330),
    (500, 260),
    (1000, 200),
    (2000, 120),
    (5000, 60),
    (10_000, 20),
    (30_000, 6),
    (100_000, 4),
];
const REFERENCE_ROWS: usize = 20_000;

fn sketch(table: &tabular::Table) -> TableSketch {
    let mut sketch = TableSketch::default();
    sketch.add_table(table);
    sketch
}

/// How often a thousand windows are taken; once unless asked for.
fn rounds() -> u64 {
    std::env::var("TIER0_DRIFT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1)
}

fn told(rows: usize, report: &Report) {
    for column in report.drifted() {
        println!("{rows} rows, {}: {:?}", column.name, column.reasons);
    }
}

/// At most 1 % of a thousand windows of twenty columns without drift have a verdict in any column, by sketches and exactly.
#[test]
fn windows_without_drift_give_no_alarm() {
    let settings = Settings::default();
    let (mut all, mut alarms, mut exact_alarms) = (0_u64, 0_u64, 0_u64);
    let mut seed = 1_000_000;
    for round in 0..rounds() {
        for (rows, windows) in WINDOWS {
            // Another reference for each size, so that the peculiarities of one do not decide.
            let reference =
                draw(REFERENCE_ROWS, 77 + rows as u64 + 1_000_003 * round, Planted::default());
            let sketched = sketch(&reference);
            let (mut by_sketch, mut exactly) = (0, 0);
            for _ in 0..windows {
                seed += 1;
                let window = draw(rows, seed, Planted::default());
                let report = compare(&sketched, &sketch(&window), &settings);
                told(rows, &report);
                by_sketch += u64::from(report.verdict > Verdict::None);
                if rows <= 1000 {
                    let report = compare_tables(&reference, &window, &settings);
                    exactly += u64::from(report.verdict > Verdict::None);
                }
            }
            println!("{windows} windows of {rows} rows: {by_sketch} alarms, {exactly} exactly");
            all += windows;
            alarms += by_sketch;
            exact_alarms += exactly;
        }
    }
    println!("{alarms} alarms in {all} windows, {exact_alarms} exactly");
    assert!(alarms * 100 <= all, "{alarms} alarms in {all} windows");
    assert!(exact_alarms * 100 <= all, "{exact_alarms} alarms in {all} windows, exactly");
}

/// The same of a reference that is as small as the windows: a fifth of them, as each needs a reference of its own.
#[test]
fn small_references_give_no_alarm_either() {
    let settings = Settings::default();
    let mut alarms = 0_u64;
    for pair in 0..300 * rounds() {
        let rows = [200, 300, 1000][(pair % 3) as usize];
        let reference = draw(rows, 5_000_000 + 2 * pair, Planted::default());
        let window = draw(rows, 5_000_001 + 2 * pair, Planted::default());
        let report = compare_tables(&reference, &window, &settings);
        told(rows, &report);
        alarms += u64::from(report.verdict > Verdict::None);
    }
    println!("{alarms} alarms in {} pairs", 300 * rounds());
    assert!(alarms * 100 <= 300 * rounds(), "{alarms} alarms");
}
