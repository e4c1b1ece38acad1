use contracts::v1::{MetricEstimate, ModelStage};
use registry::search::{Order, Query};
use registry::{ExpectedAlias, TagChange};
use tier0_tests::Broker;

use crate::models::{parts, run};

#[tokio::test]
async fn versions_are_found_by_what_is_known_of_them() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    for (model, count) in [("churn", 6), ("churn-eu", 3)] {
        for number in 1..=count {
            let mut version = parts('a');
            model.clone_into(&mut version.model);
            let value = f64::from(number) / 10.0;
            let metric = MetricEstimate { value, low: value - 0.05, high: value + 0.05 };
            version.test_metrics.insert("roc_auc".to_owned(), metric);
            registry.register(version, &run(&format!("{model}-{number}"))).await.unwrap();
        }
    }
    registry.transition("churn", 4, ModelStage::Staging, "ana", "").await.unwrap();
    registry.set_alias("churn", "best", 6, ExpectedAlias::Nothing, "ana", "").await.unwrap();
    let tags = TagChange { set: [("team".into(), "risk".into())].into(), remove: Vec::new() };
    registry.tag_version("churn-eu", 2, &tags, "ana", "").await.unwrap();

    let find = async |query: &str, order: &str| -> Vec<(String, u32)> {
        let query: Query = query.parse().unwrap();
        let found = registry.search(&query, &order.parse().unwrap(), None, 100).await.unwrap();
        assert_eq!(found.next, None);
        found.versions.into_iter().map(|version| (version.model, version.version)).collect()
    };
    let of = |model: &str, numbers: &[u32]| -> Vec<(String, u32)> {
        numbers.iter().map(|number| (model.to_owned(), *number)).collect()
    };
    assert_eq!(
        find("model = churn and metrics.roc_auc > 0.4", "model").await,
        of("churn", &[6, 5])
    );
    assert_eq!(find("stage = staging", "model").await, of("churn", &[4]));
    assert_eq!(find("alias = best", "model").await, of("churn", &[6]));
    assert_eq!(find("model = churn and alias = best", "model").await, of("churn", &[6]));
    assert!(find("model = churn and alias = worst", "model").await.is_empty());
    assert_eq!(find("tags.team = risk", "model").await, of("churn-eu", &[2]));
    assert_eq!(find("run = churn-eu-3", "model").await, of("churn-eu", &[3]));
    assert_eq!(find("model = churn and run = churn-2", "model").await, of("churn", &[2]));
    assert!(find("model = churn and run = churn-eu-2", "model").await.is_empty());
    assert_eq!(find("model = churn and version = 5", "model").await, of("churn", &[5]));
    let both = find("model = churn and version = 5 and stage = staging", "model").await;
    assert!(both.is_empty(), "every condition counts");
    let data = format!("data = {}", crate::digest('d'));
    assert_eq!(find(&data, "model").await.len(), 9);
    assert_eq!(
        find("model ~ churn-", "metrics.roc_auc").await,
        of("churn-eu", &[1, 2, 3]),
        "in the order of the metric"
    );

    let (query, order) = (Query::default(), "-metrics.roc_auc".parse::<Order>().unwrap());
    let mut after: Option<(String, u32)> = None;
    let mut seen = Vec::new();
    loop {
        let behind = after.as_ref().map(|(model, version)| (model.as_str(), *version));
        let page = registry.search(&query, &order, behind, 4).await.unwrap();
        assert!(page.versions.len() <= 4);
        seen.extend(page.versions.iter().map(|version| version.test_metrics["roc_auc"].value));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, [0.6, 0.5, 0.4, 0.3, 0.3, 0.2, 0.2, 0.1, 0.1]);
    let unknown = registry.search(&query, &order, Some(("churn", 99)), 4).await.unwrap_err();
    assert_eq!(unknown.code(), "version_not_found");
}
