use tabular::{ColumnType, Table};

use super::*;

fn numbers(name: &str, values: Vec<f64>) -> (Field, Column) {
    (Field::new(name, ColumnType::Number), Column::Number(values))
}

fn texts(name: &str, values: &[&str]) -> (Field, Column) {
    let column = values.iter().map(|text| Some(*text).filter(|text| !text.is_empty())).collect();
    (Field::new(name, ColumnType::Text), Column::Text(column))
}

fn table(columns: Vec<(Field, Column)>) -> Table {
    let (fields, columns) = columns.into_iter().unzip();
    Table::new(fields, columns).unwrap()
}

fn sketch(table: &Table) -> TableSketch {
    let mut sketch = TableSketch::default();
    sketch.add_table(table);
    sketch
}

/// The one column's drift, exactly; that of sketches has the same verdict.
#[track_caller]
fn drift(reference: (Field, Column), current: (Field, Column)) -> ColumnDrift {
    let (reference, current) = (table(vec![reference]), table(vec![current]));
    let settings = Settings::default();
    let exact = compare_tables(&reference, &current, &settings);
    let sketched = compare(&sketch(&reference), &sketch(&current), &settings);
    assert_eq!(exact.verdict, sketched.verdict, "{exact:#?}\n{sketched:#?}");
    exact.columns.into_iter().next().expect("a column")
}

fn ramp(rows: usize, from: f64, to: f64) -> Vec<f64> {
    (0..rows).map(|row| from + (to - from) * row as f64 / rows as f64).collect()
}

#[test]
fn the_same_values_do_not_drift() {
    let column = || numbers("a", ramp(3000, 0.0, 1.0));
    let same = drift(column(), column());
    assert_eq!((same.verdict, same.effect, same.p_value), (Verdict::None, 0.0, 1.0));
    assert!(same.reasons.is_empty());
    let category = || texts("a", &["x", "y", "y", "z"].repeat(100));
    assert_eq!(drift(category(), category()).verdict, Verdict::None);
}

#[test]
fn a_moved_distribution_is_told_with_its_statistic() {
    let moved = drift(numbers("a", ramp(2000, 0.0, 1.0)), numbers("a", ramp(2000, 0.3, 1.3)));
    assert_eq!(moved.verdict, Verdict::Critical);
    assert!(moved.reasons.iter().any(|reason| reason.starts_with("the distribution moved: psi")));
    assert!(moved.adjusted_p_value < 1e-6);
    let outside = moved.tests.iter().find(|test| test.aspect == Aspect::OutOfRange).unwrap();
    assert_eq!(outside.verdict, Verdict::Critical);
}

#[test]
fn a_small_move_of_many_rows_is_no_drift() {
    let slight =
        drift(numbers("a", ramp(100_000, 0.0, 1.0)), numbers("a", ramp(100_000, 0.01, 1.01)));
    assert!(slight.statistics.kolmogorov_smirnov_p_value.unwrap() < 0.001);
    assert_eq!(slight.verdict, Verdict::None);
}

#[test]
fn missing_values_are_an_aspect_of_their_own() {
    let mut holes = ramp(1000, 0.0, 1.0);
    holes.iter_mut().step_by(5).for_each(|value| *value = f64::NAN);
    let found = drift(numbers("a", ramp(1000, 0.0, 1.0)), numbers("a", holes));
    assert_eq!(found.verdict, Verdict::Critical);
    assert_eq!(found.statistic, Some(Statistic::Share));
    assert_eq!(found.statistics.missing_current, Some(0.2));
    assert!(found.reasons[0].contains("20.00 % of the rows have no usable value, 0.00 %"));
    let none = drift(numbers("a", ramp(500, 0.0, 1.0)), numbers("a", vec![f64::NAN; 500]));
    assert_eq!((none.verdict, none.effect), (Verdict::Critical, 1.0));
    let never = drift(numbers("a", vec![f64::NAN; 500]), numbers("a", vec![f64::NAN; 500]));
    assert_eq!(never.verdict, Verdict::None);
}

#[test]
fn new_categories_are_told_beyond_what_a_sample_leaves_out() {
    let known = texts("a", &["x", "y", "z", "z"].repeat(200));
    let new = texts("a", &["x", "y", "z", "z", "x", "y", "z", "z", "z", "new"].repeat(80));
    let found = drift(known, new);
    let unseen = found.tests.iter().find(|test| test.aspect == Aspect::Unseen).unwrap();
    assert_eq!((unseen.effect, unseen.verdict), (0.1, Verdict::Critical));
    // Every row has a category of its own: a new one is nothing new.
    let ids = |from: usize| -> (Field, Column) {
        let ids: Vec<String> = (from..from + 300).map(|id| format!("id {id}")).collect();
        texts("a", &ids.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(drift(ids(0), ids(300)).verdict, Verdict::None);
}

#[test]
fn few_values_are_not_judged() {
    let few = drift(numbers("a", ramp(20, 0.0, 1.0)), numbers("a", ramp(2000, 5.0, 6.0)));
    assert_eq!(few.verdict, Verdict::None);
    assert_eq!(
        few.reasons,
        [
            "20 values of the reference and 2000 current ones: at least 30 of each are needed to judge \
          the distribution"
        ]
    );
    let empty = drift(numbers("a", vec![]), numbers("a", ramp(2000, 5.0, 6.0)));
    assert!(empty.reasons.iter().any(|reason| reason.contains("no rows")));
}

#[test]
fn constants_are_borne() {
    let constant = |value: f64| numbers("a", vec![value; 200]);
    assert_eq!(drift(constant(3.0), constant(3.0)).verdict, Verdict::None);
    let moved = drift(constant(3.0), constant(4.0));
    assert_eq!(moved.verdict, Verdict::Critical);
    assert_eq!(moved.statistics.kolmogorov_smirnov, Some(1.0));
    assert_eq!(moved.statistics.wasserstein_normed, None);
    assert_eq!(drift(texts("a", &["x"; 200]), texts("a", &["x"; 200])).verdict, Verdict::None);
    assert_eq!(drift(texts("a", &["x"; 200]), texts("a", &["y"; 200])).verdict, Verdict::Critical);
}

#[test]
fn columns_of_one_side_and_of_other_kinds_are_named() {
    let reference =
        table(vec![numbers("a", vec![1.0]), numbers("b", vec![1.0]), texts("c", &["x"])]);
    let current = table(vec![numbers("c", vec![1.0]), numbers("a", vec![1.0]), texts("d", &["x"])]);
    let report = compare_tables(&reference, &current, &Settings::default());
    assert_eq!((report.only_reference, report.only_current), (vec!["b".into()], vec!["d".into()]));
    assert_eq!(report.other_kinds, ["c"]);
    assert_eq!(report.columns.len(), 1);
    let nothing = compare(&TableSketch::default(), &TableSketch::default(), &Settings::default());
    assert_eq!((nothing.share_drifted, nothing.verdict), (0.0, Verdict::None));
}

#[test]
fn a_report_is_read_back_from_json() {
    let reference = table(vec![numbers("a", ramp(500, 0.0, 1.0)), texts("b", &["x"; 500])]);
    let current = table(vec![numbers("a", vec![0.5; 500]), texts("b", &["y"; 500])]);
    let report = compare_tables(&reference, &current, &Settings::default());
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    assert_eq!(report.share_drifted, 1.0);
    assert_eq!(report.drifted().count(), 2);
}

#[test]
fn a_statistic_without_limits_decides_nothing() {
    let settings = Settings {
        psi: None,
        jensen_shannon: None,
        kolmogorov_smirnov: None,
        out_of_range: None,
        ..Settings::default()
    };
    let (reference, current) = (
        table(vec![numbers("a", ramp(500, 0.0, 1.0))]),
        table(vec![numbers("a", ramp(500, 5.0, 6.0))]),
    );
    let report = compare_tables(&reference, &current, &settings);
    assert_eq!(report.verdict, Verdict::None);
    assert_eq!(report.columns[0].statistics.kolmogorov_smirnov, Some(1.0));
}
