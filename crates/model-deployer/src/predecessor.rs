//! How a version stands beside the one whose place it takes, by what each measured on its own test split. Pure.

use contracts::messages::{ModelVersion, Warning};
use contracts::stages::TrainedModel;
use tabular::metrics::Metric;

/// Code of the warning.
const CODE: &str = "worse_than_previous";

/// A warning where the version is worse than the one before it beyond what chance explains: the better end of its 95 % interval is
/// worse than the worse end of the other's, in the metric of its first criterion, else R² for numbers and ROC AUC for classes.
///
/// It is a warning and no refusal, since the two were measured on different rows.
pub(crate) fn worse(
    mine: &ModelVersion,
    before: &ModelVersion,
    trained: &TrainedModel,
) -> Option<Warning> {
    let first = trained.criteria.first();
    let named = first.and_then(|result| Metric::by_name(&result.criterion.metric));
    let usual = if trained.classes.is_empty() { Metric::R2 } else { Metric::RocAuc };
    let metric = named.unwrap_or(usual);
    let (found, known) =
        (mine.test_metrics.get(metric.name())?, before.test_metrics.get(metric.name())?);
    let (best, worst) =
        if metric.greater_is_better() { (found.high, known.low) } else { (found.low, known.high) };
    metric.is_better(worst, best).then(|| Warning {
        code: CODE.to_owned(),
        message: format!(
            "version {} takes the place of version {}, which was better on its own test split: {metric} {:.4} instead of {:.4}; \
             `tier0 models compare {} {} {} --data FILE` sets them side by side on the same rows, and `tier0 endpoints rollback` \
             takes it back",
            mine.version, before.version, found.value, known.value, mine.model, before.version, mine.version
        ),
        ..Warning::default()
    })
}

#[cfg(test)]
mod tests {
    use contracts::stages::{Criterion, CriterionResult, MetricEstimate};

    use super::*;

    fn version(number: u32, metric: &str, (low, value, high): (f64, f64, f64)) -> ModelVersion {
        let estimate = MetricEstimate { value, low, high };
        ModelVersion {
            model: "churn".into(),
            version: number,
            test_metrics: [(metric.to_owned(), estimate)].into(),
            ..ModelVersion::default()
        }
    }

    fn trained(metric: &str) -> TrainedModel {
        let criterion = Criterion { metric: metric.into(), ..Criterion::default() };
        let result = CriterionResult { criterion, ..CriterionResult::default() };
        TrainedModel { criteria: vec![result], ..TrainedModel::default() }
    }

    #[test]
    fn what_chance_does_not_explain_is_said() {
        for (metric, before, mine, is_worse) in [
            ("r2", (0.7, 0.8, 0.9), (-2.5, -1.95, -1.2), true),
            ("r2", (0.7, 0.8, 0.9), (0.6, 0.7, 0.75), false),
            ("r2", (-2.5, -1.95, -1.2), (0.7, 0.8, 0.9), false),
            ("rmse", (1.0, 1.1, 1.2), (1.3, 1.4, 1.5), true),
            ("rmse", (1.3, 1.4, 1.5), (1.0, 1.1, 1.2), false),
        ] {
            let found =
                worse(&version(2, metric, mine), &version(1, metric, before), &trained(metric));
            assert_eq!(found.is_some(), is_worse, "{metric}: {mine:?} after {before:?}");
        }
        let other = worse(
            &version(2, "r2", (0.0, 0.0, 0.0)),
            &version(1, "f1", (1.0, 1.0, 1.0)),
            &trained("r2"),
        );
        assert!(other.is_none(), "nothing is compared with nothing");
    }
}
