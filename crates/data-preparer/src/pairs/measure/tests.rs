#![allow(clippy::unwrap_used, reason = "a test")]

use tabular::ColumnType;

use super::*;

/// Looks random, from 0 to 1.
fn noise(row: usize, salt: u64) -> f64 {
    let mut mixed = (row as u64 * 64 + salt + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
}

fn numbers(rows: usize, of: impl Fn(usize) -> f64) -> Column {
    Column::Number((0..rows).map(of).collect())
}

fn texts(rows: usize, of: impl Fn(usize) -> String) -> Column {
    let texts: Vec<String> = (0..rows).map(of).collect();
    Column::Text(texts.iter().map(|text| Some(text.as_str())).collect())
}

fn flag(row: usize, salt: u64) -> bool {
    noise(row, salt) < 0.5
}

fn number(truth: bool) -> f64 {
    f64::from(u8::from(truth))
}

/// How well each of two columns, and both, tell a target.
fn told(a: &Column, b: &Column, problem: ProblemType, of: impl Fn(usize) -> f64) -> (f64, f64) {
    let values: Vec<f64> = (0..a.len()).map(of).collect();
    let count = values.iter().fold(0.0_f64, |most, value| most.max(*value)) as usize + 1;
    let classes = if problem == ProblemType::Regression { 0 } else { count };
    let target =
        Target { problem, classes: (0..classes).map(|of| of.to_string()).collect(), values };
    let judge = Judge::new(&target, 0.99);
    let field = |name: &str, column: &Column| {
        let kind = if column.text().is_some() { ColumnType::Text } else { ColumnType::Number };
        Field::new(name, kind)
    };
    let fields = [field("a", a), field("b", b)];
    let [of_a, of_b] = &fields;
    let (a, b) = (judge.sampled(of_a, a), judge.sampled(of_b, b));
    let together = judge.together(&a, &b);
    assert!((together - judge.together(&b, &a)).abs() < 1e-9, "the order does not matter");
    (a.alone.max(b.alone), together)
}

#[test]
fn two_flags_and_their_exclusive_or() {
    let of = |salt| numbers(600, move |row| number(flag(row, salt)));
    let target = |row| number(flag(row, 1) != flag(row, 2));
    let (alone, together) = told(&of(1), &of(2), ProblemType::Binary, target);
    assert!(alone < 0.2 && together > 0.999, "{alone} {together}");
    let words = |salt| texts(600, move |row| if flag(row, salt) { "on" } else { "off" }.to_owned());
    let (_, together) = told(&words(1), &words(2), ProblemType::Binary, target);
    assert!(together > 0.999, "{together}");
    // One row in fifty is another: a strong interaction with noise.
    let noisy = |row| if noise(row, 3) < 0.02 { 1.0 - target(row) } else { target(row) };
    let (_, together) = told(&of(1), &of(2), ProblemType::Binary, noisy);
    assert!((0.9..0.98).contains(&together), "{together}");
}

#[test]
fn what_is_derived_of_two_numbers() {
    let of = |salt| numbers(500, move |row| 100.0 * noise(row, salt) - 50.0);
    let value = |row, salt| 100.0 * noise(row, salt) - 50.0;
    let greater = |row| number(value(row, 1) > value(row, 2));
    let (alone, together) = told(&of(1), &of(2), ProblemType::Binary, greater);
    assert!(alone < 0.85 && together > 0.99, "{alone} {together}");
    let same_sign = |row| number(value(row, 1) * value(row, 2) > 0.0);
    assert!(told(&of(1), &of(2), ProblemType::Binary, same_sign).1 > 0.99);
    let near = |row| number((value(row, 1) - value(row, 2)).abs() < 20.0);
    assert!(told(&of(1), &of(2), ProblemType::Binary, near).1 > 0.99);
    let total = |row| value(row, 1) + value(row, 2);
    let (alone, together) = told(&of(1), &of(2), ProblemType::Regression, total);
    assert!(alone < 0.8 && together > 0.999, "{alone} {together}");
    let noisy = |row| number(value(row, 1) + 8.0 * noise(row, 3) > value(row, 2) + 4.0);
    assert!(told(&of(1), &of(2), ProblemType::Binary, noisy).1 < 0.98);
}

#[test]
fn texts_that_are_equal() {
    let of = |salt| texts(900, move |row| format!("room {}", (noise(row, salt) * 3.0) as usize));
    let target = |row| number((noise(row, 1) * 3.0) as usize == (noise(row, 2) * 3.0) as usize);
    assert!(told(&of(1), &of(2), ProblemType::Binary, target).1 > 0.999);
    // Of many levels as well.
    let code = |row: usize, salt| {
        let other = (noise(row, salt) * 200.0) as usize;
        if flag(row, 9) { row % 200 } else { other }
    };
    let of = |salt| texts(900, move |row| format!("k{}", code(row, salt)));
    let target = |row| number(code(row, 1) == code(row, 2));
    assert!(told(&of(1), &of(2), ProblemType::Binary, target).1 > 0.999);
}

#[test]
fn several_classes() {
    let of = |salt| numbers(900, move |row| (noise(row, salt) * 3.0).floor());
    let class = |row| ((noise(row, 1) * 3.0).floor() + (noise(row, 2) * 3.0).floor()) % 3.0;
    let (alone, together) = told(&of(1), &of(2), ProblemType::Multiclass, class);
    assert!(alone < 0.1 && together > 0.999, "{alone} {together}");
}

#[test]
fn many_cells_tell_nothing_by_chance() {
    for (a, b) in [(1, 2), (3, 4), (5, 6)] {
        let levels =
            |salt| texts(300, move |row| format!("v{}", (noise(row, salt) * 19.0) as usize));
        let chance = |row| number(flag(row, 7));
        let (alone, together) = told(&levels(a), &levels(b), ProblemType::Binary, chance);
        assert!(alone < 0.3 && together < 0.3, "{alone} {together}");
        let class = |row| (noise(row, 8) * 4.0).floor();
        assert!(told(&levels(a), &levels(b), ProblemType::Multiclass, class).1 < 0.2);
        let amounts = |salt| numbers(300, move |row| noise(row, salt));
        assert!(told(&amounts(a), &amounts(b), ProblemType::Binary, chance).1 < 0.5);
    }
}
