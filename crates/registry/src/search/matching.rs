//! Whether a version meets a query.

use contracts::v1::{ModelVersion, RegisteredModel};

use super::parse::{Comparison, Condition, Field, Query};
use crate::stages::stage_name;

impl Query {
    pub(super) fn asks_for_aliases(&self) -> bool {
        self.conditions.iter().any(|condition| condition.field == Field::Alias)
    }

    /// The one value that a field has to have.
    pub(super) fn exactly(&self, field: &Field) -> Option<&str> {
        let is = |condition: &&Condition| {
            condition.field == *field && condition.comparison == Comparison::Is
        };
        self.conditions.iter().find(is).map(|condition| condition.value.as_str())
    }

    /// Whether a version meets every condition; `model` is its model's own record, which has the aliases.
    #[must_use]
    pub fn meets(&self, version: &ModelVersion, model: Option<&RegisteredModel>) -> bool {
        self.conditions.iter().all(|condition| condition.meets(version, model))
    }
}

impl Condition {
    fn meets(&self, version: &ModelVersion, model: Option<&RegisteredModel>) -> bool {
        match &self.field {
            Field::Model => self.text(Some(&version.model)),
            Field::Version => self.number(Some(f64::from(version.version))),
            Field::Stage => self.text(Some(stage_name(version.stage()))),
            Field::Alias => self.alias(version, model),
            Field::Run => self.text(Some(&version.run_id)),
            Field::Data => self.text(Some(&version.data_sha256)),
            Field::Digest => {
                self.text(version.bundle.as_ref().map(|bundle| bundle.sha256.as_str()))
            }
            Field::Algorithm => self.text(Some(&version.algorithm)),
            Field::Tag(key) => self.text(version.tags.get(key).map(String::as_str)),
            Field::Metric(name) => {
                self.number(version.test_metrics.get(name).map(|metric| metric.value))
            }
        }
    }

    /// A version can have several: one has to be it, or none where it is not to be.
    fn alias(&self, version: &ModelVersion, model: Option<&RegisteredModel>) -> bool {
        let aliases = model.into_iter().flat_map(|model| &model.aliases);
        let mut own = aliases.filter(|(_, named)| **named == version.version);
        match self.comparison {
            Comparison::IsNot => own.all(|(alias, _)| *alias != self.value),
            _ => own.any(|(alias, _)| self.text(Some(alias))),
        }
    }

    fn text(&self, found: Option<&str>) -> bool {
        match (self.comparison, found) {
            (Comparison::Is, Some(found)) => found == self.value,
            (Comparison::IsNot, found) => found != Some(self.value.as_str()),
            (Comparison::BeginsWith, Some(found)) => found.starts_with(&self.value),
            _ => false,
        }
    }

    #[allow(clippy::float_cmp, reason = "who asks for equality gets it")]
    fn number(&self, found: Option<f64>) -> bool {
        let Some(found) = found else { return self.comparison == Comparison::IsNot };
        match self.comparison {
            Comparison::Is => found == self.number,
            Comparison::IsNot => found != self.number,
            Comparison::Greater => found > self.number,
            Comparison::AtLeast => found >= self.number,
            Comparison::Less => found < self.number,
            Comparison::AtMost => found <= self.number,
            Comparison::BeginsWith => false,
        }
    }
}
