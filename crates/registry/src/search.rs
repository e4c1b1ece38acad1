//! Searching versions: a query of conditions, an order, and pages.
//!
//! ```text
//!   query     = condition { "and" condition }
//!   condition = field operator value
//!   field     = model | version | stage | alias | run | data | digest | algorithm | tags.KEY | metrics.NAME
//!   operator  = "=" | "!=" | "~" (begins with) | ">" | ">=" | "<" | "<="
//!   value     = word | number | "'" text "'" | '"' text '"'
//! ```

mod matching;
mod parse;

use std::cmp::Ordering;

use contracts::RunId;
use contracts::v1::{ModelVersion, RegisteredModel};

use crate::records::{self, Revisioned};
use crate::{Error, Registry};
pub use parse::{Comparison, Condition, Field, ParseQueryError, Query, QueryError};

/// What versions are put in order by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum OrderBy {
    /// Model by name, its latest version first.
    #[default]
    Model,
    /// When they were registered.
    Created,
    /// A metric of the test split; versions without it come last.
    Metric(String),
}

/// An order; equal ones are in the order of [`OrderBy::Model`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// Property that versions are sorted by.
    pub by: OrderBy,
    /// The greatest first; of [`OrderBy::Model`], the names from the end.
    pub descending: bool,
}

impl std::str::FromStr for Order {
    type Err = ParseOrderError;

    /// Reads `model`, `created` or `metrics.NAME`; a `-` before it turns the order round.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (descending, name) = match text.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, text),
        };
        let by = match name {
            "model" => OrderBy::Model,
            "created" => OrderBy::Created,
            name => match name.strip_prefix("metrics.") {
                Some(metric) if !metric.is_empty() => OrderBy::Metric(metric.to_owned()),
                _ => return Err(ParseOrderError),
            },
        };
        Ok(Self { by, descending })
    }
}

/// A text that names no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected model, created or metrics.NAME, with a `-` before it for the greatest first")]
pub struct ParseOrderError;

/// A part of what was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchPage {
    /// The versions in their order.
    pub versions: Vec<ModelVersion>,
    /// What `after` has to be for the part behind it: model and version; none where there is none.
    pub next: Option<(String, u32)>,
}

impl Registry {
    /// At most `limit` versions that meet a query, in an order, behind a version.
    ///
    /// A query for a run, or for a version by model and number or alias, reads those records alone; any other reads the versions of the model that it names, or all, one by one, and keeps as many as are asked for.
    ///
    /// # Errors
    /// [`Error::UnknownVersion`] where the version that it is to stand behind is not there, [`Error::Bus`], [`Error::Damaged`].
    pub async fn search(
        &self,
        query: &Query,
        order: &Order,
        after: Option<(&str, u32)>,
        limit: usize,
    ) -> Result<SearchPage, Error> {
        let behind = match after {
            None => None,
            Some((model, version)) => {
                let unknown = || Error::UnknownVersion { model: model.to_owned(), version };
                Some(self.version(model, version).await?.ok_or_else(unknown)?)
            }
        };
        let aliases =
            if query.asks_for_aliases() { Some(self.entries_by_name().await?) } else { None };
        let mut page = Page { order, behind, limit, kept: Vec::new() };
        let meets = |version: &ModelVersion| {
            let entry = aliases.as_ref().and_then(|entries| entries.get(&version.model));
            query.meets(version, entry)
        };
        for version in self.candidates(query, &aliases, &mut page, meets).await? {
            if meets(&version) {
                page.take(version);
            }
        }
        Ok(page.finish())
    }

    /// The few versions that a query can only mean; where it means more, they are read into the page here.
    async fn candidates(
        &self,
        query: &Query,
        entries: &Option<std::collections::BTreeMap<String, RegisteredModel>>,
        page: &mut Page<'_>,
        meets: impl Fn(&ModelVersion) -> bool,
    ) -> Result<Vec<ModelVersion>, Error> {
        let model = query.exactly(&Field::Model);
        if let (Some(model), Some(number)) = (model, query.exactly(&Field::Version)) {
            let Ok(number) = number.parse() else { return Ok(Vec::new()) };
            return Ok(self.version(model, number).await?.into_iter().collect());
        }
        if let (Some(model), Some(alias), Some(entries)) =
            (model, query.exactly(&Field::Alias), entries)
        {
            let named = entries.get(model).and_then(|entry| entry.aliases.get(alias)).copied();
            let Some(number) = named else { return Ok(Vec::new()) };
            return Ok(self.version(model, number).await?.into_iter().collect());
        }
        if let (Some(model), Some(run)) = (model, query.exactly(&Field::Run))
            && let Ok(run) = RunId::new(run)
        {
            return self.versions_of_run(model, &run).await;
        }
        let keys = match model {
            Some(model) if contracts::is_name(model) => format!("{model}.*"),
            Some(_) => return Ok(Vec::new()),
            None => "*.*".to_owned(),
        };
        records::scan(&self.models, &keys, |found: Revisioned<ModelVersion>| {
            if meets(&found.value) {
                page.take(found.value);
            }
        })
        .await?;
        Ok(Vec::new())
    }

    async fn entries_by_name(
        &self,
    ) -> Result<std::collections::BTreeMap<String, RegisteredModel>, Error> {
        let mut entries = std::collections::BTreeMap::new();
        records::scan(&self.models, "*", |found: Revisioned<RegisteredModel>| {
            entries.insert(found.value.model.clone(), found.value);
        })
        .await?;
        Ok(entries)
    }
}

/// A part that is being put together: at most twice as many as are asked for are kept.
struct Page<'a> {
    order: &'a Order,
    behind: Option<ModelVersion>,
    limit: usize,
    kept: Vec<ModelVersion>,
}

impl Page<'_> {
    fn take(&mut self, version: ModelVersion) {
        let is_behind = |behind: &ModelVersion| self.order.compare(behind, &version).is_lt();
        if !self.behind.as_ref().is_none_or(is_behind) {
            return;
        }
        self.kept.push(version);
        if self.kept.len() > self.limit.saturating_add(1).saturating_mul(2) {
            self.shorten();
        }
    }

    fn shorten(&mut self) {
        self.kept.sort_by(|a, b| self.order.compare(a, b));
        self.kept.truncate(self.limit.saturating_add(1));
    }

    fn finish(mut self) -> SearchPage {
        self.shorten();
        let more = self.kept.len() > self.limit;
        self.kept.truncate(self.limit);
        let next = self.kept.last().filter(|_| more);
        let next = next.map(|last| (last.model.clone(), last.version));
        SearchPage { versions: self.kept, next }
    }
}

impl Order {
    /// A total order: no two versions are equal in it.
    pub(crate) fn compare(&self, a: &ModelVersion, b: &ModelVersion) -> Ordering {
        let turned = |order: Ordering| if self.descending { order.reverse() } else { order };
        let first = match &self.by {
            OrderBy::Model => turned(a.model.cmp(&b.model)),
            OrderBy::Created => {
                let at = |version: &ModelVersion| {
                    version.created_at.as_ref().map(|at| (at.seconds, at.nanos))
                };
                turned(at(a).cmp(&at(b)))
            }
            OrderBy::Metric(name) => {
                let value = |version: &ModelVersion| {
                    version.test_metrics.get(name).map(|metric| metric.value)
                };
                match (value(a), value(b)) {
                    (Some(a), Some(b)) => turned(a.total_cmp(&b)),
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (None, None) => Ordering::Equal,
                }
            }
        };
        first.then_with(|| a.model.cmp(&b.model)).then_with(|| b.version.cmp(&a.version))
    }
}

#[cfg(test)]
mod tests;
