#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// Numbers from a seed, so that a failing case can be made again.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end
    }
}

const WIDTH: usize = 7;
/// Thresholds and values, so that both meet often.
const NUMBERS: [f64; 12] =
    [f64::NEG_INFINITY, -3.5, -1.0, -1e-36, -0.0, 0.0, 1e-36, 0.5, 1.0, 2.0, 40.0, f64::INFINITY];

fn list(values: &[String]) -> String {
    values.join(" ")
}

/// LightGBM's text of a tree that is grown at random, of at most so many leaves.
fn tree(draws: &mut Draws, index: usize, most_leaves: usize) -> String {
    let leaves = 1 + draws.below(most_leaves);
    // The place of each leaf: a node and its side.
    let mut places: Vec<Option<(usize, usize)>> = vec![None];
    let mut children = vec![[0_i64; 2]; leaves - 1];
    let (mut features, mut thresholds, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
    let (mut boundaries, mut words) = (vec!["0".to_owned()], Vec::new());
    for node in 0..leaves - 1 {
        // Now and then the last leaf is split again, which makes deep trees.
        let leaf = if draws.below(3) == 0 { places.len() - 1 } else { draws.below(places.len()) };
        if let Some((parent, side)) = places[leaf].replace((node, 0)) {
            children[parent][side] = node as i64;
        }
        places.push(Some((node, 1)));
        features.push(draws.below(WIDTH).to_string());
        if draws.below(4) == 0 {
            thresholds.push((boundaries.len() - 1).to_string());
            kinds.push("1".to_owned());
            words.extend((0..1 + draws.below(2)).map(|_| draws.below(1 << 31).to_string()));
            boundaries.push(words.len().to_string());
        } else {
            thresholds.push(NUMBERS[draws.below(NUMBERS.len())].to_string());
            kinds.push((draws.below(3) * 4 + draws.below(2) * 2).to_string());
        }
    }
    for (leaf, place) in places.iter().enumerate() {
        if let Some((parent, side)) = place {
            children[*parent][*side] = -(leaf as i64) - 1;
        }
    }
    let values: Vec<String> =
        (0..leaves).map(|_| format!("{}", draws.below(1_000_000) as f64 / 7e5 - 0.7)).collect();
    let mut text =
        format!("\nTree={index}\nnum_leaves={leaves}\nnum_cat={}\n", boundaries.len() - 1);
    if leaves > 1 {
        let side =
            |side: usize| list(&children.iter().map(|of| of[side].to_string()).collect::<Vec<_>>());
        let _ = writeln!(text, "split_feature={}", list(&features));
        let _ = writeln!(text, "threshold={}", list(&thresholds));
        let _ = writeln!(text, "decision_type={}", list(&kinds));
        let _ = writeln!(text, "left_child={}\nright_child={}", side(0), side(1));
        if boundaries.len() > 1 {
            let _ = writeln!(
                text,
                "cat_boundaries={}\ncat_threshold={}",
                list(&boundaries),
                list(&words)
            );
        }
    }
    let _ = writeln!(text, "leaf_value={}", list(&values));
    text
}

fn model(draws: &mut Draws, classes: usize, iterations: usize, most_leaves: usize) -> TreeModel {
    let objective = if classes > 1 {
        format!("multiclass num_class:{classes}")
    } else {
        "regression".to_owned()
    };
    let count = classes * iterations;
    let mut text = format!(
        "tree\nversion=v4\nnum_class={classes}\nnum_tree_per_iteration={classes}\nmax_feature_idx={}\nobjective={objective}\ntree_sizes={}\n",
        WIDTH - 1,
        list(&vec!["1".to_owned(); count]),
    );
    for index in 0..count {
        text.push_str(&tree(draws, index, most_leaves));
    }
    text.push_str("\nend of trees\n");
    TreeModel::parse(&text, &crate::Limits::default()).unwrap()
}

fn rows(draws: &mut Draws, count: usize) -> FeatureMatrix {
    let value = |_| match draws.below(4) {
        0 => f64::NAN,
        1 => NUMBERS[draws.below(NUMBERS.len())],
        _ => draws.below(70) as f64 - 3.0,
    };
    FeatureMatrix::new(count, WIDTH, (0..count * WIDTH).map(value).collect()).unwrap()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn rows_come_to_the_leaves_that_the_nodes_lead_to(
        seed in any::<u64>(),
        classes in prop::sample::select(vec![1_usize, 1, 3]),
        iterations in 1_usize..12,
        most_leaves in prop::sample::select(vec![1_usize, 2, 31, 32, 33, 90]),
        count in prop::sample::select(vec![1_usize, 7, 8, 16, 23, 24, 130, 300]),
    ) {
        let mut draws = Draws(seed);
        let model = model(&mut draws, classes, iterations, most_leaves);
        prop_assert!(model.compact.is_some());
        let by_node = TreeModel { compact: None, ..model.clone() };
        let asked = rows(&mut draws, count);
        let outputs = model.outputs();
        let (mut many, mut expected) = (vec![9.0; count * outputs], vec![9.0; count * outputs]);
        model.predict(&asked, &mut many);
        by_node.predict(&asked, &mut expected);
        prop_assert_eq!(bits(&many), bits(&expected), "side by side");
        let mut one = vec![9.0; outputs];
        for (row, expected) in asked.iter_rows().zip(expected.chunks_exact(outputs)) {
            model.predict_row(row, &mut one);
            prop_assert_eq!(bits(&one), bits(expected), "alone");
        }
    }
}

#[test]
fn a_model_that_asks_too_much_is_led_node_by_node() {
    let mut draws = Draws(1);
    // Each set is another, and each is a column.
    let model = model(&mut draws, 1, 800, 60);
    assert!(model.sets.len() > 4_096, "{}", model.sets.len());
    assert!(model.compact.is_none());
    let asked = rows(&mut draws, 40);
    let mut many = vec![0.0; 40];
    model.predict(&asked, &mut many);
    let mut one = [0.0];
    for (row, found) in asked.iter_rows().zip(many) {
        model.predict_row(row, &mut one);
        assert_eq!(one[0].to_bits(), found.to_bits());
        let sum = model.roots.iter().fold(0.0, |sum, root| sum + model.leaf(*root, row));
        assert_eq!(sum.to_bits(), found.to_bits());
    }
}
