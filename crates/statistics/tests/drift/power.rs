use statistics::drift::{Settings, TableSketch, Verdict, compare, compare_tables};

use crate::columns::{Planted, draw, name};

const REFERENCE_ROWS: usize = 20_000;
const WINDOWS: u64 = 60;

/// What is planted, in which column, and the rows from which on it is found in at least 95 % of the windows.
fn planted() -> Vec<(&'static str, usize, usize, Planted)> {
    let none = Planted::default();
    vec![
        ("mean moved by 0.5 deviations", 0, 500, Planted { shift: 0.5, ..none }),
        ("mean moved by 0.4 deviations", 0, 1000, Planted { shift: 0.4, ..none }),
        ("mean moved by 0.8 deviations", 0, 200, Planted { shift: 0.8, ..none }),
        ("1.5 times as wide", 1, 1000, Planted { width: 1.5, ..none }),
        ("2 times as wide", 1, 200, Planted { width: 2.0, ..none }),
        ("20 % more zeros", 2, 1000, Planted { zeros: 0.33, ..none }),
        ("10 % more missing", 3, 500, Planted { missing: 0.1, ..none }),
        ("20 % more missing", 3, 200, Planted { missing: 0.2, ..none }),
        ("5 % out of range", 4, 1000, Planted { outliers: 0.05, ..none }),
        ("20 % more of a level", 15, 1000, Planted { level: 0.45, ..none }),
        ("5 % of a new level", 16, 1000, Planted { unseen: 0.05, ..none }),
        ("10 % of a new level", 16, 200, Planted { unseen: 0.1, ..none }),
    ]
}

#[test]
fn planted_drifts_are_found() {
    let settings = Settings::default();
    let reference = draw(REFERENCE_ROWS, 9, Planted::default());
    let mut sketched = TableSketch::default();
    sketched.add_table(&reference);
    let mut seed = 9_000_000;
    for (what, column, rows, planted) in planted() {
        let (mut found, mut others) = (0, 0);
        for _ in 0..WINDOWS {
            seed += 1;
            let mut window = TableSketch::default();
            window.add_table(&draw(rows, seed, planted));
            let report = compare(&sketched, &window, &settings);
            let drifted: Vec<String> = report.drifted().map(|column| column.name.clone()).collect();
            found += u64::from(drifted.contains(&name(column)));
            others += drifted.iter().filter(|drifted| **drifted != name(column)).count();
        }
        println!("{what}: found in {found} of {WINDOWS} windows of {rows} rows, {others} others");
        assert!(found * 100 >= 95 * WINDOWS, "{what}: {found} of {WINDOWS}");
        assert!(others <= 1, "{what}: {others} other columns");
    }
}

/// The same drift has the same verdict, however many rows a window has.
#[test]
fn a_verdict_does_not_depend_on_the_number_of_rows() {
    let settings = Settings::default();
    let reference = draw(REFERENCE_ROWS, 10, Planted::default());
    let of = |rows: usize, shift: f64| {
        let window = draw(rows, 11 + rows as u64, Planted { shift, ..Planted::default() });
        let report = compare_tables(&reference, &window, &settings);
        report.columns.into_iter().find(|column| column.name == name(0)).unwrap()
    };
    for (shift, verdict) in
        [(0.1, Verdict::None), (0.4, Verdict::Warning), (0.8, Verdict::Critical)]
    {
        let effects: Vec<(Verdict, f64)> = [1000, 3000, 10_000, 60_000]
            .map(|rows| of(rows, shift))
            .map(|column| (column.verdict, column.effect))
            .to_vec();
        assert!(effects.iter().all(|(found, _)| *found == verdict), "{shift}: {effects:?}");
    }
}
