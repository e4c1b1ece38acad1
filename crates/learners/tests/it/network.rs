//! What networks learn, and what they do with rows that are unlike those of the benchmark's tables.

use learners::{Algorithm, Examples, FittedModel, Loss, Parameters, Task, learner};
use tabular::FeatureMatrix;
use tabular::metrics::Metric;

use super::{data, measured, request, with};

fn network(task: Task, train: &Examples, parameters: &Parameters) -> FittedModel {
    learner(Algorithm::NeuralNetwork).fit(&request(task, train, parameters)).unwrap()
}

/// One number that says nothing, and targets from 0 to 1,000 of which most are small.
fn skewed() -> Examples {
    let target: Vec<f64> = (0..1_000).map(|row| f64::from(row).powi(2) / 1e3).collect();
    let values = (0..1_000).map(|row| f64::from(row % 2)).collect();
    Examples::new(FeatureMatrix::new(1_000, 1, values).unwrap(), vec![None], target)
}

#[test]
fn each_loss_predicts_its_own_location() {
    let train = skewed();
    let quick = with(&[("width", 16.0), ("dropout", 0.0)]);
    let close = |loss: Loss, expected: f64| {
        let task = Task::REGRESSION.with_loss(loss);
        let found = network(task, &train, &quick).model.predict(&train.features)[0];
        assert!((found - expected).abs() < 0.07 * expected, "{loss:?}: {found} for {expected}");
    };
    close(Loss::Squared, 333.0);
    close(Loss::Absolute, 250.0);
    close(Loss::Quantile { alpha: 0.9 }, 810.0);
    close(Loss::Poisson, 333.0);
    close(Loss::Tweedie { power: 1.5 }, 333.0);
    let huber = network(Task::REGRESSION.with_loss(Loss::Huber { delta: 50.0 }), &train, &quick);
    let found = huber.model.predict(&train.features)[0];
    assert!(found > 245.0 && found < 335.0, "between median and mean: {found}");
}

#[test]
fn the_unit_of_the_target_does_not_matter() {
    let train = data::amounts(600, 3);
    let mut thousandth = train.clone();
    thousandth.target.iter_mut().for_each(|target| *target /= 1_000.0);
    for log_link in [0.0, 1.0] {
        let parameters = with(&[("log_link", log_link), ("width", 16.0), ("epochs", 8.0)]);
        let predicted = |train: &Examples| {
            network(Task::REGRESSION, train, &parameters).model.predict(&train.features)
        };
        for (one, other) in predicted(&train).iter().zip(predicted(&thousandth)) {
            assert!((one - 1_000.0 * other).abs() <= 2e-2 * one.abs(), "{one} {other}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_one_another_network() {
    let train = data::binary(500, 2);
    let parameters = with(&[("epochs", 5.0)]);
    let text = |seed: u64| {
        let request = request(Task::BINARY, &train, &parameters);
        let fitted = learner(Algorithm::NeuralNetwork).fit(&learners::Fit { seed, ..request });
        fitted.unwrap().text.text
    };
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
}

#[test]
fn rows_without_weight_are_not_learned_from() {
    let good = data::binary(800, 1);
    let mut wrong = data::binary(800, 2);
    wrong.target.iter_mut().for_each(|class| *class = 1.0 - *class);
    let mut both = good.clone().followed_by(wrong);
    both.weights = Some((0..1_600).map(|row| f64::from(u8::from(row < 800))).collect());
    let model = network(Task::BINARY, &both, &Parameters::new());
    let reached = measured(Metric::RocAuc, Task::BINARY, &model, &data::binary(900, 8));
    assert!(reached > 0.8, "{reached}");
}

#[test]
fn features_that_say_nothing_or_are_missing_do_no_harm() {
    let nan = f64::NAN;
    let rows = 400;
    let mut generator = 1_u64;
    let mut values = Vec::new();
    let mut target = Vec::new();
    for row in 0..rows {
        generator = generator.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let x = (generator >> 33) as f64 / f64::from(1_u32 << 31);
        target.push(f64::from(u8::from(x > 0.5)));
        let huge = if row == 7 { 1e300 } else { x };
        let rare = if row % 100 == 0 { x } else { 0.0 };
        values.extend([huge, nan, 3.0, f64::from(row % 5), rare, nan]);
    }
    let categories = vec![None, None, None, Some(5), None, Some(3)];
    let features = FeatureMatrix::new(rows as usize, 6, values).unwrap();
    let train = Examples::new(features, categories, target);
    let model = network(Task::BINARY, &train, &Parameters::new());
    let reached = measured(Metric::RocAuc, Task::BINARY, &model, &train);
    assert!(reached > 0.95, "{reached}");
    assert!(model.importance[0] > 0.5, "{:?}", model.importance);
    // What training never had: a code beyond all others, nothing at all, and numbers beyond all others.
    let unseen = vec![nan, 2.0, nan, 9.0, nan, 7.0, -1e300, 1e300, 0.0, -1.0, 1e300, 1.0];
    let outputs = model.model.predict(&FeatureMatrix::new(2, 6, unseen).unwrap());
    assert!(outputs.iter().all(|output| (0.0..=1.0).contains(output)), "{outputs:?}");
}

#[test]
fn many_features_and_many_classes_are_learned_in_bounds() {
    let (rows, width, classes) = (60, 1_500, 40);
    let number = |place: usize| ((place * 2_654_435_761) % 1_009) as f64;
    let values = (0..rows * width).map(number).collect();
    let target = (0..rows).map(|row| (row % classes) as f64).collect();
    let features = FeatureMatrix::new(rows, width, values).unwrap();
    let train = Examples::new(features, vec![None; width], target);
    let model = network(Task::multiclass(classes), &train, &with(&[("epochs", 5.0)]));
    let outputs = model.model.predict(&train.features);
    assert_eq!(outputs.len(), rows * classes);
    assert!(outputs.chunks(classes).all(|row| (row.iter().sum::<f64>() - 1.0).abs() < 1e-9));
}

#[test]
fn growth_that_is_cut_short_still_gives_a_network() {
    let train = data::regression(500, 3);
    let parameters = Parameters::new();
    let request = request(Task::REGRESSION, &train, &parameters);
    let fitted = learner(Algorithm::NeuralNetwork)
        .fit(&learners::Fit { should_stop: &|| true, ..request })
        .unwrap();
    let predicted = fitted.model.predict(&train.features);
    assert!(predicted.iter().all(|value| value.is_finite()));
}
