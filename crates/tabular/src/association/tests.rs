#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use proptest::prelude::*;

use super::*;

fn groups_of(values: &[usize]) -> Vec<Option<usize>> {
    values.iter().copied().map(Some).collect()
}

#[test]
fn perfect_and_absent_associations() {
    let a: Vec<f64> = (0..200).map(f64::from).collect();
    let twice: Vec<f64> = a.iter().map(|a| 3.0 - 2.0 * a).collect();
    assert!((pearson(&a, &twice).unwrap() + 1.0).abs() < 1e-12);
    assert_eq!(pearson(&a, &[5.0; 200]), None);
    let event: Vec<f64> = a.iter().map(|a| f64::from(u8::from(*a >= 100.0))).collect();
    assert_eq!(separation(&a, &event), Some(1.0));
    assert_eq!(separation(&a, &[1.0; 200]), None);
    let halves: Vec<usize> = (0..200).map(|row| row / 100).collect();
    assert_eq!(correlation_ratio(&groups_of(&halves), &event), Some(1.0));
    assert!((cramers_v(&groups_of(&halves), &groups_of(&halves)).unwrap() - 1.0).abs() < 1e-9);
    let alternating: Vec<usize> = (0..200).map(|row| row % 2).collect();
    assert_eq!(cramers_v(&groups_of(&halves), &groups_of(&alternating)), Some(0.0));
}

#[test]
fn a_middle_that_differs_is_seen() {
    // The AUC is one half here: only the bins show it.
    let values: Vec<f64> = (0..1000).map(f64::from).collect();
    let event: Vec<f64> =
        values.iter().map(|v| f64::from(u8::from((300.0..700.0).contains(v)))).collect();
    assert!(separation(&values, &event).unwrap() < 0.01);
    let target = Target { problem: ProblemType::Binary, classes: vec![], values: event };
    assert!(with_target(&Column::Number(values), &target) > 0.9);
}

#[test]
fn many_levels_do_not_look_associated_by_chance() {
    let levels: Vec<String> = (0..1000).map(|row| format!("l{}", (row * 7919) % 400)).collect();
    let text = Column::Text(levels.iter().map(|level| Some(level.as_str())).collect());
    let values = (0..1000).map(|row| f64::from(u8::from(row * 31 % 97 < 40))).collect();
    let target = Target { problem: ProblemType::Binary, classes: vec![], values };
    assert!(with_target(&text, &target) < 0.35);
}

proptest! {
    #[test]
    fn associations_lie_between_zero_and_one(
        values in prop::collection::vec(prop_oneof![Just(f64::NAN), -1e3..1e3], 2..100), seed in any::<u32>(),
    ) {
        let class = |row: usize| f64::from((seed.rotate_left((row % 32) as u32)) % 3);
        for problem in [ProblemType::Binary, ProblemType::Multiclass, ProblemType::Regression] {
            let truth: Vec<f64> = (0..values.len())
                .map(|row| if problem == ProblemType::Binary { class(row).min(1.0) } else { class(row) })
                .collect();
            let target = Target { problem, classes: vec![], values: truth };
            let texts: Vec<Option<String>> = values.iter().map(|v| (!v.is_nan()).then(|| format!("{}", v.round() % 5.0))).collect();
            for column in [Column::Number(values.clone()), Column::Text(texts.iter().map(Option::as_deref).collect())] {
                let measured = with_target(&column, &target);
                prop_assert!((0.0..=1.0).contains(&measured), "{measured}");
            }
        }
    }
}

#[test]
fn tau_asks_how_well_the_group_tells_the_class_and_not_the_reverse() {
    let some =
        |values: &[usize]| -> Vec<Option<usize>> { values.iter().map(|of| Some(*of)).collect() };
    let classes = some(&[0, 0, 1, 1, 2, 2, 3, 3].repeat(20));
    // Two classes share a group: the class tells the group, the group does not tell the class.
    let shared = some(&[0, 0, 0, 0, 1, 1, 1, 1].repeat(20));
    let tau = goodman_kruskal_tau(&shared, &classes).unwrap();
    assert!((0.3..0.4).contains(&tau), "{tau}");
    assert!(goodman_kruskal_tau(&classes, &shared).unwrap() > 0.999);
    assert!(goodman_kruskal_tau(&classes, &classes).unwrap() > 0.999);
    // Groups of a few rows are not associated by chance.
    let chance: Vec<usize> = (0..160).map(|row| (row * 7919) % 53).collect();
    let tau = goodman_kruskal_tau(&some(&chance), &classes).unwrap();
    assert!(tau < 0.15, "{tau}");
}
