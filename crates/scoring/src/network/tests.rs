#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use tabular::FeatureMatrix;

use super::*;
use crate::{Calibration, Encoding, EnsembleModel, Member, Model, ModelKind};

fn number(place: usize) -> f64 {
    ((place * 7919 + 13) % 101) as f64 / 50.0 - 1.0
}

fn layer(inputs: usize, units: usize, seed: usize) -> NetworkLayer {
    NetworkLayer {
        weights: (0..inputs * units).map(|place| number(place + seed) as f32).collect(),
        biases: (0..units).map(|place| number(place + seed + 5)).collect(),
    }
}

fn network(margins: usize, link: NetworkLink) -> NetworkModel {
    let encoding = LinearEncoding {
        features: vec![
            Encoding::Piecewise { edges: vec![-1.0, 0.0, 0.5, 4.0], indicator: true },
            Encoding::OneHot { width: 3 },
            Encoding::Numeric { mean: 1.0, scale: 2.0, impute: 1.0, indicator: false },
        ],
    };
    let reference = (0..encoding.width()).map(|place| number(place + 40).abs()).collect();
    let layers = vec![layer(encoding.width(), 7, 1), layer(7, 5, 2), layer(5, margins, 3)];
    NetworkModel { encoding, reference, layers, link }
}

fn rows() -> FeatureMatrix {
    let values = (0..60).map(|place| match place % 9 {
        4 => f64::NAN,
        _ => (number(place) * 3.0).round(),
    });
    FeatureMatrix::new(20, 3, values.collect()).unwrap()
}

/// The margins by the definition: every layer a sum over all that goes in.
fn plain(model: &NetworkModel, columns: &[f64]) -> Vec<f64> {
    let mut units = columns.to_vec();
    for (place, layer) in model.layers.iter().enumerate() {
        units = (0..layer.units())
            .map(|unit| {
                let weight = |input: usize| f64::from(layer.weights[input * layer.units() + unit]);
                let products = units.iter().enumerate().map(|(input, value)| value * weight(input));
                let sum = products.sum::<f64>() + layer.biases[unit];
                if place + 1 < model.layers.len() { sum.max(0.0) } else { sum }
            })
            .collect();
    }
    units
}

#[test]
fn margins_are_what_the_layers_say_and_rows_are_alike_alone_and_together() {
    let links = [
        (1, NetworkLink::Logit),
        (3, NetworkLink::Softmax),
        (1, NetworkLink::Identity),
        (1, NetworkLink::Exponential),
    ];
    for (margins, link) in links {
        let model = network(margins, link);
        model.check(&Limits::default()).unwrap();
        let rows = rows();
        let encoded = model.encoding.encode(&rows);
        let served = Model::Network(model.clone());
        let all = served.predict(&rows);
        for row in 0..rows.rows {
            let expected = plain(&model, encoded.row(row));
            let mut found = vec![0.0; margins];
            model.margins_row(rows.row(row), &mut Room::default(), &mut found);
            assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{link:?}");
            let mut alone = vec![0.0; served.outputs()];
            served.predict_row(rows.row(row), &mut alone);
            let outputs = served.outputs();
            assert_eq!(alone, all[row * outputs..(row + 1) * outputs]);
            match link {
                NetworkLink::Identity => assert_eq!(alone, found),
                NetworkLink::Exponential => assert_eq!(alone[0], found[0].exp()),
                _ => assert!((alone.iter().sum::<f64>() - 1.0).abs() < 1e-12),
            }
        }
    }
}

#[test]
fn what_is_written_is_read_to_the_bit() {
    let model = Model::Network(network(3, NetworkLink::Softmax));
    let text = model.to_text().unwrap().unwrap();
    assert_eq!(text.kind, ModelKind::Network);
    let read = Model::parse(text.kind, &text.text, &Limits::default()).unwrap();
    assert_eq!(read.predict(&rows()), model.predict(&rows()));
    assert_eq!(read.to_text().unwrap().unwrap(), text);
}

#[test]
fn contributions_and_base_add_up_to_the_margin() {
    for (margins, link) in [
        (1, NetworkLink::Logit),
        (3, NetworkLink::Softmax),
        (1, NetworkLink::Identity),
        (1, NetworkLink::Exponential),
    ] {
        let network = network(margins, link);
        let single = Model::Network(network.clone());
        let member = |weight, seed: usize| {
            let mut model = network.clone();
            model.layers[0] = layer(model.encoding.width(), 7, seed);
            Member { weight, algorithm: "neural_network".into(), model: Model::Network(model) }
        };
        let members = vec![member(0.25, 8), member(0.75, 9)];
        let ensemble = Model::Ensemble(EnsembleModel::new(members, Calibration::None).unwrap());
        for (model, tolerance) in [(single, 1e-10), (ensemble, 1e-8)] {
            let explained = model.explain(&rows(), || true).unwrap();
            let mut moved = 0.0_f64;
            for (place, contributions) in explained.contributions.chunks(3).enumerate() {
                let sum: f64 = contributions.iter().sum();
                let wanted = explained.margins[place] - explained.bases[place % margins];
                let allowed = tolerance * wanted.abs().max(1.0);
                assert!((sum - wanted).abs() <= allowed, "{link:?} {place}: {sum} {wanted}");
                moved = moved.max(wanted.abs());
            }
            assert!(moved > 0.1, "{link:?}: nothing moves");
        }
    }
}

#[test]
fn a_row_at_the_reference_has_nothing_to_explain() {
    let mut model = network(1, NetworkLink::Identity);
    model.encoding.features.truncate(1);
    model.encoding.features.push(Encoding::OneHot { width: 4 });
    let row = [0.25, 2.0];
    let mut columns = vec![0.0; model.encoding.width()];
    model.encoding.encode_row(&row, &mut columns);
    model.reference = columns;
    model.check(&Limits::default()).unwrap();
    let matrix = FeatureMatrix::new(1, 2, row.to_vec()).unwrap();
    let explained = Model::Network(model).explain(&matrix, || true).unwrap();
    assert_eq!(explained.contributions, [0.0, 0.0]);
    assert!((explained.bases[0] - explained.margins[0]).abs() < 1e-12);
}

#[test]
fn networks_that_do_not_hold_together_are_refused() {
    let refused = |change: &dyn Fn(&mut NetworkModel)| {
        let mut model = network(1, NetworkLink::Logit);
        change(&mut model);
        model.check(&Limits::default()).unwrap_err()
    };
    let layers = |error: &ModelError, expected: usize| {
        assert!(matches!(error, ModelError::Layer { layer } if *layer == expected), "{error}");
    };
    layers(&refused(&|model| _ = model.layers[1].weights.pop()), 2);
    layers(&refused(&|model| model.layers[0].biases.clear()), 1);
    layers(&refused(&|model| _ = model.layers.remove(1)), 2);
    assert!(matches!(refused(&|model| model.layers.clear()), ModelError::Encoding));
    assert!(matches!(refused(&|model| _ = model.reference.pop()), ModelError::Encoding));
    assert!(matches!(refused(&|model| model.link = NetworkLink::Softmax), ModelError::Encoding));
    let infinite = refused(&|model| model.layers[2].weights[0] = f32::INFINITY);
    assert!(matches!(infinite, ModelError::NotFinite { .. }));
    let deep = refused(&|model| model.layers = vec![layer(1, 1, 0); MAX_LAYERS + 1]);
    assert!(matches!(deep, ModelError::TooLarge { what: "layers", .. }));
    let model = network(1, NetworkLink::Logit);
    let limits = Limits { weights: model.weights() - 1, ..Limits::default() };
    assert!(matches!(model.check(&limits), Err(ModelError::TooLarge { what: "weights", .. })));
    let text = Model::Network(model).to_text().unwrap().unwrap();
    let unknown = text.text.replacen("\"link\"", "\"other\":1,\"link\"", 1);
    assert!(matches!(
        Model::parse(ModelKind::Network, &unknown, &Limits::default()),
        Err(ModelError::Json(_))
    ));
}

#[test]
fn the_weights_of_all_members_count_together() {
    let single = Model::Network(network(1, NetworkLink::Logit)).to_text().unwrap().unwrap();
    let members = [(0.5, "neural_network", &single), (0.5, "neural_network", &single)];
    let text = EnsembleModel::write(&members, &Calibration::None).unwrap();
    let weights = network(1, NetworkLink::Logit).weights();
    let limits = |weights| Limits { weights, ..Limits::default() };
    EnsembleModel::parse(&text.text, &limits(2 * weights)).unwrap();
    let refused = EnsembleModel::parse(&text.text, &limits(2 * weights - 1)).unwrap_err();
    assert!(matches!(refused, ModelError::TooLarge { what: "weights", .. }), "{refused}");
}
