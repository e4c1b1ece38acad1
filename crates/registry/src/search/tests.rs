#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use contracts::v1::{MetricEstimate, ModelStage};

use super::*;

fn version(model: &str, number: u32, auc: Option<f64>) -> ModelVersion {
    let metric = |value| MetricEstimate { value, ..MetricEstimate::default() };
    ModelVersion {
        model: model.to_owned(),
        version: number,
        stage: ModelStage::Staging.into(),
        run_id: format!("run-{number}"),
        algorithm: "gradient_boosting".to_owned(),
        test_metrics: auc.map(|value| ("roc_auc".to_owned(), metric(value))).into_iter().collect(),
        tags: [("team".to_owned(), "risk and fraud".to_owned())].into(),
        ..ModelVersion::default()
    }
}

#[test]
fn conditions_are_met() {
    let entry = RegisteredModel {
        model: "churn".to_owned(),
        aliases: [("best".to_owned(), 2), ("champion".to_owned(), 1)].into(),
        ..RegisteredModel::default()
    };
    let version = version("churn", 2, Some(0.85));
    for (query, met) in [
        ("", true),
        ("  ", true),
        ("model = churn", true),
        ("model=churn and version=2", true),
        ("model ~ chu AND version >= 2", true),
        ("model ~ other", false),
        ("version != 2", false),
        ("stage = staging", true),
        ("stage != staging", false),
        ("stage ~ sta", true),
        ("alias = best", true),
        ("alias = champion", false),
        ("alias ~ be", true),
        ("alias != best", false),
        ("alias != champion", true),
        ("metrics.roc_auc > 0.8", true),
        ("metrics.roc_auc>0.85", false),
        ("metrics.roc_auc >= 0.85 and metrics.roc_auc <= 0.85", true),
        ("metrics.roc_auc < 8.6e-1", true),
        ("metrics.log_loss < 1", false),
        ("metrics.log_loss != 1", true),
        ("tags.team = 'risk and fraud'", true),
        ("tags.team = \"risk and fraud\" and run = run-2", true),
        ("tags.team != risk", true),
        ("tags.owner = ana", false),
        ("tags.owner != ana", true),
        ("algorithm ~ gradient", true),
        ("digest ~ 00", false),
    ] {
        let parsed: Query = query.parse().unwrap_or_else(|error| panic!("{query}: {error}"));
        assert_eq!(parsed.meets(&version, Some(&entry)), met, "{query}");
    }
}

#[test]
fn what_is_wrong_is_pointed_at() {
    let long = "x".repeat(3000);
    let many = vec!["version > 1"; 21].join(" and ");
    for (query, at, problem) in [
        ("colour = red", 1, ParseQueryError::Field),
        ("tags. = red", 1, ParseQueryError::Field),
        ("model = churn and", 18, ParseQueryError::Field),
        ("model churn", 7, ParseQueryError::Operator),
        ("model => churn", 7, ParseQueryError::Operator),
        ("model =", 8, ParseQueryError::Value),
        ("model = 'churn", 9, ParseQueryError::Quotation),
        ("version > two", 11, ParseQueryError::Number),
        ("metrics.roc_auc > NaN", 19, ParseQueryError::Number),
        ("stage = live", 9, ParseQueryError::Stage),
        ("model = churn or version = 1", 15, ParseQueryError::And),
        ("tags.é = 'ü' or", 14, ParseQueryError::And),
        (long.as_str(), 1, ParseQueryError::TooLong),
        (many.as_str(), 321, ParseQueryError::TooLong),
    ] {
        let error = query.parse::<Query>().unwrap_err();
        assert_eq!(error, QueryError { at, problem }, "{query}");
    }
    let error = "model > churn".parse::<Query>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the query cannot be understood at character 7: expected =, != or ~: the field is a text"
    );
    assert_eq!(
        error.shown("model > churn"),
        "model > churn\n      ^ expected =, != or ~: the field is a text"
    );
    assert!(matches!(
        "version ~ 1".parse::<Query>().unwrap_err().problem,
        ParseQueryError::WrongOperator { .. }
    ));
}

#[test]
fn pages_follow_one_another_in_every_order() {
    let versions: Vec<ModelVersion> = (1..=25)
        .map(|number| {
            let auc = (number % 5 != 0).then_some(f64::from(number * 7 % 11) / 10.0);
            version(["a", "b"][number as usize % 2], number, auc)
        })
        .collect();
    for order in ["model", "-model", "created", "-created", "metrics.roc_auc", "-metrics.roc_auc"] {
        let order: Order = order.parse().unwrap();
        let mut expected = versions.clone();
        expected.sort_by(|a, b| order.compare(a, b));
        let mut found: Vec<ModelVersion> = Vec::new();
        loop {
            let behind = found.last().cloned();
            let mut page = Page { order: &order, behind, limit: 4, kept: Vec::new() };
            for version in &versions {
                page.take(version.clone());
                assert!(page.kept.len() <= 10, "it keeps what it needs");
            }
            let part = page.finish();
            found.extend(part.versions);
            match part.next {
                Some(next) => {
                    let last = found.last().unwrap();
                    assert_eq!(next, (last.model.clone(), last.version));
                }
                None => break,
            }
        }
        assert_eq!(found, expected, "{order:?}");
    }
    let by_metric: Order = "-metrics.roc_auc".parse().unwrap();
    let without = (&version("a", 1, None), &version("a", 2, Some(0.1)));
    assert!(by_metric.compare(without.0, without.1).is_gt(), "what has no metric comes last");
    for wrong in ["", "-", "version", "metrics.", "--model"] {
        assert!(wrong.parse::<Order>().is_err(), "{wrong}");
    }
}
