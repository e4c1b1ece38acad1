#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use super::*;

#[test]
fn predictions_are_the_product_of_encoding_and_coefficients() {
    let encoding = LinearEncoding {
        features: vec![
            Encoding::Numeric { mean: 2.0, scale: 4.0, impute: 3.0, indicator: true },
            Encoding::OneHot { width: 3 },
            Encoding::Numeric { mean: 0.0, scale: 1.0, impute: 0.0, indicator: false },
        ],
    };
    assert_eq!(encoding.width(), 6);
    let coefficients: Vec<Vec<f64>> = (0..3)
        .map(|class| (0..6).map(|column| f64::from(class * 7 + column) / 10.0 - 0.6).collect())
        .collect();
    let model = LinearModel {
        encoding,
        coefficients,
        intercepts: vec![0.1, -0.2, 0.3],
        link: Link::Softmax,
    };
    model.check(&Limits::default()).unwrap();
    let rows =
        FeatureMatrix::new(3, 3, vec![1.0, 2.0, 0.5, f64::NAN, f64::NAN, f64::NAN, -3.0, 3.0, 1e3])
            .unwrap();
    let encoded = model.encoding.encode(&rows);
    assert_eq!(encoded.row(0), [-0.25, 0.0, 0.0, 0.0, 1.0, 0.5]);
    assert_eq!(encoded.row(1), [0.25, 1.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(encoded.row(2), [-1.25, 0.0, 0.0, 0.0, 0.0, 1e3], "a code outside is no code");
    for row in 0..3 {
        let mut expected: Vec<f64> = model
            .coefficients
            .iter()
            .zip(&model.intercepts)
            .map(|(row_of, intercept)| {
                intercept + row_of.iter().zip(encoded.row(row)).map(|(a, b)| a * b).sum::<f64>()
            })
            .collect();
        softmax(&mut expected);
        let mut found = [0.0; 3];
        model.predict_row(rows.row(row), &mut found);
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12));
        assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn links_say_how_many_outputs_there_are() {
    assert_eq!(Link::Logit.outputs(1), Some(2));
    assert_eq!(Link::Logit.outputs(2), None);
    assert_eq!(Link::Softmax.outputs(3), Some(3));
    assert_eq!(Link::Identity.outputs(1), Some(1));
}
