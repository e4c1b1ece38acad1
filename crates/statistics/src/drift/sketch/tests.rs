use super::*;

fn levels(of: &ColumnSketch) -> (Vec<(String, u64)>, u64) {
    let ObservedColumn::Categorical(levels) = of.observed() else { panic!("not categorical") };
    (levels.counts.into_iter().collect(), levels.other)
}

#[test]
fn numbers_and_what_is_none_are_counted() {
    let mut sketch = ColumnSketch::numeric();
    for value in [1.0, f64::NAN, 3.0, f64::INFINITY, f64::NEG_INFINITY] {
        sketch.add_number(value);
    }
    sketch.add_text(Some("5"));
    sketch.add_text(Some("five"));
    sketch.add_text(None);
    assert_eq!(sketch.rows(), 8);
    let ObservedColumn::Numeric(numbers) = sketch.observed() else { panic!("not numeric") };
    assert_eq!((numbers.missing, numbers.not_finite), (2, 3));
    assert_eq!(numbers.distribution.rows(), 3.0);
    assert!((numbers.mean.unwrap() - 3.0).abs() < 1e-12);
    assert!((numbers.deviation.unwrap() - (8.0_f64 / 3.0).sqrt()).abs() < 1e-12);
}

#[test]
fn moments_of_merged_parts_are_those_of_the_whole() {
    let values: Vec<f64> = (0..3000).map(|row| 1e9 + f64::from(row * 7919 % 1009)).collect();
    let mut whole = ColumnSketch::numeric();
    values.iter().for_each(|value| whole.add_number(*value));
    let mut merged = ColumnSketch::numeric();
    for part in values.chunks(100) {
        let mut sketch = ColumnSketch::numeric();
        part.iter().for_each(|value| sketch.add_number(*value));
        merged.merge(&sketch).unwrap();
    }
    let of = |sketch: &ColumnSketch| match sketch.observed() {
        ObservedColumn::Numeric(numbers) => (numbers.mean.unwrap(), numbers.deviation.unwrap()),
        ObservedColumn::Categorical(_) => panic!("not numeric"),
    };
    let ((mean, deviation), (merged_mean, merged_deviation)) = (of(&whole), of(&merged));
    assert!((mean - merged_mean).abs() < 1e-5);
    assert!((deviation - merged_deviation).abs() < 1e-6 * deviation);
}

#[test]
fn seldom_levels_are_counted_together() {
    let mut sketch = ColumnSketch::categorical();
    for row in 0..20_000 {
        sketch.add_text(Some(&format!("seldom {row}")));
        sketch.add_text(Some(if row % 3 == 0 { "often" } else { "very often" }));
    }
    // What comes late is kept all the same.
    (0..5000).for_each(|_| sketch.add_text(Some("late")));
    let (counts, other) = levels(&sketch);
    assert_eq!(counts.len(), MAX_SKETCH_LEVELS);
    assert_eq!(counts.iter().map(|(_, rows)| rows).sum::<u64>() + other, 45_000);
    for (level, rows) in [("late", 5000), ("often", 6667), ("very often", 13_333)] {
        assert!(counts.contains(&(level.to_owned(), rows)), "{level}");
    }
}

#[test]
fn counts_of_few_levels_merge_in_any_order() {
    let mut sketches: Vec<ColumnSketch> = (0..10)
        .map(|part| {
            let mut sketch = ColumnSketch::categorical();
            (0..part * 10).for_each(|row| sketch.add_text(Some(["a", "b", "c"][row % 3])));
            sketch.add_text(None);
            sketch
        })
        .collect();
    let merged = |sketches: &[ColumnSketch]| {
        let mut whole = ColumnSketch::categorical();
        sketches.iter().for_each(|sketch| whole.merge(sketch).unwrap());
        whole
    };
    let forwards = merged(&sketches);
    sketches.reverse();
    assert_eq!(forwards, merged(&sketches));
}

#[test]
fn long_levels_keep_their_beginning_and_a_digest() {
    let long = "ä".repeat(5000);
    let other = format!("{long}b");
    let (one, another) = (shortened(&long), shortened(&other));
    assert!(one.len() <= MAX_LEVEL_BYTES && another.len() <= MAX_LEVEL_BYTES);
    assert_ne!(one, another);
    let mut sketch = ColumnSketch::categorical();
    (0..3).for_each(|_| sketch.add_text(Some(&long)));
    assert_eq!(levels(&sketch).0, [(one, 3)]);
}

#[test]
fn kinds_do_not_mix() {
    let mut numeric = ColumnSketch::numeric();
    let error = numeric.merge(&ColumnSketch::categorical()).unwrap_err();
    assert_eq!(error, Error::Kinds { kept: Kind::Numeric, added: Kind::Categorical });
    assert_eq!(
        error.to_string(),
        "a sketch of numeric values cannot take one of categorical values"
    );
}

#[test]
fn a_number_in_a_category_is_its_text() {
    let mut sketch = ColumnSketch::categorical();
    sketch.add_number(3.0);
    sketch.add_number(f64::NAN);
    assert_eq!(levels(&sketch).0, [("3".to_owned(), 1)]);
    assert_eq!(sketch.rows(), 2);
}
