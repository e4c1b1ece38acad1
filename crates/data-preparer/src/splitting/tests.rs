#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use tabular::{ColumnType, Field, ProblemType};

use super::*;

const ROWS: usize = 400;
const DAY: f64 = 86_400.0 * 1e6;

/// The day of each row, in an order that is not that of the table.
fn days() -> Vec<f64> {
    (0..ROWS).map(|row| (row * 7 % ROWS) as f64 * DAY).collect()
}

fn alternating(rows: usize) -> Target {
    Target {
        problem: ProblemType::Binary,
        classes: vec!["no".into(), "yes".into()],
        values: (0..rows).map(|row| f64::from(u8::from(row % 3 == 0))).collect(),
    }
}

fn assigned(
    times: Vec<f64>,
    entity: Option<Vec<f64>>,
    target: &Target,
    method: Option<SplitMethod>,
) -> Assigned {
    let rows = times.len();
    let mut fields = vec![Field::new("seen", ColumnType::Date)];
    let mut columns = vec![Column::Number(times)];
    let entity_column = if let Some(values) = entity {
        fields.push(Field::new("who", ColumnType::Integer));
        columns.push(Column::Number(values));
        "who"
    } else {
        ""
    };
    let table = Table::new(fields, columns).unwrap();
    let inputs: Vec<u64> = (0..rows as u64).collect();
    let wanted = SplitRequest { method, entity_column, time_column: "seen", seed: 3 };
    assign(&table, target, &inputs, &wanted).unwrap()
}

fn codes(of: &Assigned) -> Vec<&str> {
    of.notes.iter().map(|note| note.code.as_str()).collect()
}

#[test]
fn a_named_time_divides_where_nothing_else_is_asked() {
    // Four rows of each day.
    let times: Vec<f64> = (0..4 * ROWS).map(|row| days()[row % ROWS]).collect();
    let found = assigned(times.clone(), None, &alternating(4 * ROWS), None);
    assert_eq!((found.method, codes(&found)), (SplitMethod::Time, vec![BY_TIME]));
    let of = |split: Split| {
        let of_split = times.iter().zip(&found.splits).filter(move |(_, of)| **of == split);
        of_split.map(|(time, _)| *time)
    };
    let ends = |split: Split| {
        (of(split).fold(f64::INFINITY, f64::min), of(split).fold(f64::NEG_INFINITY, f64::max))
    };
    for pair in Split::ALL.windows(2) {
        assert!(ends(pair[0]).1 < ends(pair[1]).0, "{pair:?}");
    }
    let message = &found.notes[0].message;
    assert!(message.contains("1970-11-17") && message.contains("--split stratified"), "{message}");
    // What the scope says is not guessed against.
    let found = assigned(times, None, &alternating(4 * ROWS), Some(SplitMethod::Stratified));
    assert_eq!((found.method, codes(&found)), (SplitMethod::Stratified, vec![]));
}

#[test]
fn a_time_that_does_not_divide_is_told() {
    let told = |times: Vec<f64>, target: &Target, part: &str| {
        let found = assigned(times, None, target, None);
        assert_eq!((found.method, codes(&found)), (SplitMethod::Stratified, vec![NOT_BY_TIME]));
        assert!(found.notes[0].message.contains(part), "{}", found.notes[0].message);
    };
    let target = alternating(ROWS);
    let quarters = days().iter().map(|day| (day / DAY / 40.0).floor() * DAY).collect();
    told(quarters, &target, "10 different values");
    told(vec![0.0; ROWS], &target, "1 different values");
    let mut gap = days();
    gap[5] = f64::NAN;
    told(gap, &target, "1 rows have no time");
    let heap = days().iter().map(|day| day.min(300.0 * DAY)).collect::<Vec<f64>>();
    let heap = heap.iter().map(|day| if *day < 60.0 * DAY { *day } else { 60.0 * DAY }).collect();
    told(heap, &target, "rows instead of");
    // The last rows are of one class.
    let early = Target {
        values: days()
            .iter()
            .enumerate()
            .map(|(row, day)| f64::from(u8::from(row % 3 == 0 && *day < 300.0 * DAY)))
            .collect(),
        ..alternating(ROWS)
    };
    told(days(), &early, "no row of class `yes`");
}

#[test]
fn an_entity_that_repeats_goes_before_its_times() {
    let who = (0..ROWS).map(|row| (row / 4) as f64).collect();
    let found = assigned(days(), Some(who), &alternating(ROWS), None);
    assert_eq!((found.method, codes(&found)), (SplitMethod::Entity, vec![BY_ENTITY]));
    let once = (0..ROWS).map(|row| row as f64).collect();
    let found = assigned(days(), Some(once), &alternating(ROWS), None);
    assert_eq!((found.method, codes(&found)), (SplitMethod::Time, vec![BY_TIME]));
}
