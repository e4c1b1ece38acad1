#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use proptest::prelude::*;
use schema::ValueRules;

use super::*;
use crate::Field;

fn table(numbers: Vec<f64>, texts: &[Option<&str>]) -> Table {
    Table::new(
        vec![Field::new("n", ColumnType::Number), Field::new("t", ColumnType::Text)],
        vec![Column::Number(numbers), Column::Text(texts.iter().copied().collect())],
    )
    .unwrap()
}

fn options(all: ValueRules) -> Options {
    let rules = CleaningRules { all, ..CleaningRules::default() };
    Options { rules, ..Options::default() }
}

#[test]
fn every_rule_gives_its_value() {
    let train = table(
        vec![1.0, 1.0, 2.0, 3.0, 13.0, f64::NAN],
        &[Some("b"), Some("a"), Some("b"), None, None, None],
    );
    let fill = |missing| {
        let rules =
            ValueRules { missing: Some(missing), constant: "7".into(), ..ValueRules::default() };
        let plan = CleaningPlan::fit(&train, &options(rules));
        (plan.columns[0].impute.clone(), plan.columns[1].impute.clone())
    };
    let text = |text: &str| Some(Impute::Text(text.into()));
    for (rule, number, of_text) in [
        (MissingRule::Keep, None, None),
        (MissingRule::Mean, Some(4.0), text("b")),
        (MissingRule::Median, Some(2.0), text("b")),
        (MissingRule::Mode, Some(1.0), text("b")),
        (MissingRule::Constant, Some(7.0), text("7")),
        (MissingRule::Forward, Some(2.0), text("b")),
        (MissingRule::Drop, None, None),
    ] {
        assert_eq!(fill(rule), (number.map(Impute::Number), of_text), "{rule:?}");
    }
}

#[test]
fn outliers_are_capped_or_become_missing() {
    let values: Vec<f64> = (0..100).map(f64::from).chain([1000.0]).collect();
    let texts = vec![None; values.len()];
    let fitted = |outliers, treatment, limit| {
        let rules = ValueRules {
            outliers: Some(outliers),
            treatment: Some(treatment),
            missing: Some(MissingRule::Median),
            limit,
            ..ValueRules::default()
        };
        let mut options = options(rules);
        options.inliers.insert("n".into(), Cap { low: 0.0, high: 99.0 });
        CleaningPlan::fit(&table(values.clone(), &texts), &options).columns[0].clone()
    };
    let iqr = fitted(OutlierRule::Iqr, OutlierTreatment::Cap, 0.0);
    assert_eq!(iqr.cap, Some(Cap { low: -50.0, high: 150.0 }));
    assert_eq!(iqr.number(1000.0), 150.0);
    let z = fitted(OutlierRule::ZScore, OutlierTreatment::Null, 2.0);
    assert!(z.bounded(1000.0).is_nan() && z.number(1000.0) == 49.5, "{z:?}");
    let forest = fitted(OutlierRule::IsolationForest, OutlierTreatment::Cap, 0.0);
    assert_eq!(forest.number(1000.0), 99.0);
    assert_eq!(fitted(OutlierRule::Iqr, OutlierTreatment::Drop, 0.0).cap, None);
}

#[test]
fn by_default_only_markers_go() {
    let mut cleaned = table(vec![1.0, f64::NAN, 1e9], &[Some("a"), Some(" ? "), None]);
    let plan = CleaningPlan::fit(&cleaned, &Options::default());
    let report = plan.apply(&mut cleaned).unwrap();
    assert_eq!(cleaned, table(vec![1.0, f64::NAN, 1e9], &[Some("a"), None, None]));
    assert_eq!(report.columns[1].marked_missing, 1);
    assert_eq!(report.columns[0], ColumnReport { name: "n".into(), ..ColumnReport::default() });
}

#[test]
fn blanks_around_a_text_do_not_count() {
    let mut cleaned = table(vec![1.0, 2.0], &[Some(" a"), Some("a")]);
    let plan = CleaningPlan::fit(&cleaned, &Options::default());
    plan.apply(&mut cleaned).unwrap();
    assert_eq!(cleaned, table(vec![1.0, 2.0], &[Some("a"), Some("a")]));
    assert_eq!(plan.column("t").unwrap().text(Some(" a ")), Some("a"));
}

#[test]
fn typical_values_and_caps_come_from_the_fitted_table() {
    let train =
        table(vec![1.0, 2.0, 3.0, 4.0, 5.0], &[Some("b"), Some("a"), Some("b"), Some("a"), None]);
    let options = options(ValueRules {
        outliers: Some(OutlierRule::Iqr),
        missing: Some(MissingRule::Median),
        ..ValueRules::default()
    });
    let plan = CleaningPlan::fit(&train, &options);
    let mut other =
        table(vec![100.0, f64::NAN, -100.0, 3.0, 2.0], &[None, Some("c"), Some("?"), None, None]);
    let report = plan.apply(&mut other).unwrap();
    assert_eq!(
        other,
        table(
            vec![7.0, 3.0, -1.0, 3.0, 2.0],
            &[Some("a"), Some("c"), Some("a"), Some("a"), Some("a")]
        )
    );
    assert_eq!((report.columns[0].capped, report.columns[0].imputed), (2, 1));
    assert_eq!((report.columns[1].marked_missing, report.columns[1].imputed), (1, 4));
}

#[test]
fn unsound_plans_are_refused() {
    let mut data = table(vec![1.0], &[Some("a")]);
    let mut plan = CleaningPlan::fit(&data, &Options::default());
    plan.columns[0].cap = Some(Cap { low: 2.0, high: 1.0 });
    assert!(matches!(plan.apply(&mut data), Err(CleaningError::Misfit { .. })));
    plan.columns[0].cap = None;
    plan.columns[0].impute = Some(Impute::Text("x".into()));
    assert!(plan.check().is_err());
    plan.columns[0].impute = None;
    plan.columns[0].column_type = ColumnType::Text;
    assert!(matches!(plan.apply(&mut data), Err(CleaningError::Kind { .. })));
    let twice = CleaningPlan { columns: vec![plan.columns[0].clone(), plan.columns[0].clone()] };
    assert!(matches!(twice.check(), Err(CleaningError::DuplicateColumn { .. })));
}

proptest! {
    #[test]
    fn cleaning_twice_is_cleaning_once(
        numbers in prop::collection::vec(prop_oneof![Just(f64::NAN), -1e6..1e6], 1..50),
        seed in any::<u64>(),
    ) {
        let choices = [Some("a"), Some("?"), None, Some("b"), Some(" ")];
        let texts: Vec<_> = (0..numbers.len()).map(|i| choices[(seed as usize).wrapping_add(i * 7) % 5]).collect();
        let pick = |place: usize| (seed >> (place * 8)) as usize;
        let options = options(ValueRules {
            outliers: Some(OutlierRule::ALL[pick(0) % 3]),
            treatment: Some(OutlierTreatment::ALL[pick(1) % 3]),
            missing: Some(MissingRule::ALL[pick(2) % 6]),
            constant: "-3".into(),
            ..ValueRules::default()
        });
        let mut once = table(numbers, &texts);
        let plan = CleaningPlan::fit(&once, &options);
        plan.apply(&mut once).unwrap();
        let mut twice = once.clone();
        let report = plan.apply(&mut twice).unwrap();
        prop_assert_eq!(once, twice);
        prop_assert!(report.columns.iter().all(|column| column.capped == 0 && column.imputed == 0));
        let json = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(serde_json::from_str::<CleaningPlan>(&json).unwrap(), plan);
    }
}
