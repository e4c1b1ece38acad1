//! What is to be done, gathered from a request and, for free text, from the catalogue's entry.

use contracts::stages::{
    CleaningRules, CohortWindow, Criterion, DataChecks, Predicate, ProblemType, ScopeRequest,
};

use crate::catalogue::{Catalogue, Entry, EntryWindow};
use crate::error::RequestError;
use crate::text::{self, Hint, ParsedRequest};

/// A request and what the catalogue adds to it. What the request says wins over the entry.
#[derive(Debug, Clone)]
pub(crate) struct Task<'a> {
    pub(crate) request: &'a ScopeRequest,
    pub(crate) understood: Option<ParsedRequest<'a>>,
}

impl<'a> Task<'a> {
    /// Takes a structured request as it is, and looks a free text up in the catalogue.
    pub(crate) fn new(
        request: &'a ScopeRequest,
        catalogue: &'a Catalogue,
    ) -> Result<Self, RequestError> {
        let structured = !request.data_uri.trim().is_empty();
        let understood =
            if structured { None } else { Some(text::understand(&request.text, catalogue)?) };
        Ok(Self { request, understood })
    }

    fn entry(&self) -> Option<&'a Entry> {
        self.understood.as_ref().map(|understood| understood.entry)
    }

    fn request_or_entry(&self, said: &'a str, entry: impl Fn(&'a Entry) -> &'a str) -> &'a str {
        if said.trim().is_empty() {
            self.entry().map(entry).unwrap_or_default().trim()
        } else {
            said.trim()
        }
    }

    pub(crate) fn uri(&self) -> &'a str {
        self.request_or_entry(&self.request.data_uri, |entry| &entry.uri)
    }

    pub(crate) fn format(&self) -> Option<dataset::Format> {
        self.request.data_format.or_else(|| self.entry().and_then(Entry::data_format))
    }

    /// What is stated of the dialect of a CSV: by the request as a whole, else by the entry.
    pub(crate) fn csv(&self) -> dataset::CsvDialect {
        if !self.request.csv.is_open() {
            return self.request.csv.clone();
        }
        let entry = self.entry().and_then(|entry| entry.csv.dialect().ok());
        entry.unwrap_or_default()
    }

    /// What is stated of the file.
    pub(crate) fn stated(&self) -> dataset::Stated {
        dataset::Stated { format: self.format(), csv: self.csv(), query: self.query().to_owned() }
    }

    /// The query of the entry; a request has none, so that only the operator chooses what a database is asked.
    pub(crate) fn query(&self) -> &'a str {
        self.entry().map(|entry| entry.query.trim()).unwrap_or_default()
    }

    pub(crate) fn target(&self) -> &'a str {
        self.request_or_entry(&self.request.target, |entry| &entry.target)
    }

    /// Whether the target is the one that the entry describes.
    fn entry_target(&self) -> Option<&'a Entry> {
        self.entry().filter(|entry| entry.target.trim() == self.target())
    }

    pub(crate) fn positive_class(&self) -> &'a str {
        match self.request.positive_class.trim() {
            "" => self.entry_target().map(|entry| entry.positive_class.trim()).unwrap_or_default(),
            said => said,
        }
    }

    pub(crate) fn problem_type(&self) -> Option<ProblemType> {
        self.request.problem_type.or_else(|| self.entry_target().and_then(Entry::problem_type))
    }

    pub(crate) fn hint(&self) -> Option<Hint> {
        self.understood.as_ref().and_then(|understood| understood.hint)
    }

    pub(crate) fn metric(&self) -> &'a str {
        match self.request.metric.trim() {
            "" => self.entry_target().map(|entry| entry.metric.trim()).unwrap_or_default(),
            said => said,
        }
    }

    pub(crate) fn criteria(&self) -> Vec<Criterion> {
        if !self.request.criteria.is_empty() {
            return self.request.criteria.clone();
        }
        let entry = self.entry_target().map(|entry| entry.criteria.as_slice()).unwrap_or_default();
        let criterion = |of: &crate::catalogue::EntryCriterion| Criterion {
            metric: of.metric.clone(),
            threshold: of.threshold,
            gate: of.gate,
        };
        entry.iter().map(criterion).collect()
    }

    pub(crate) fn entity_column(&self) -> &'a str {
        self.request_or_entry(&self.request.entity_column, |entry| &entry.entity_column)
    }

    pub(crate) fn time_column(&self) -> &'a str {
        self.request_or_entry(&self.request.time_column, |entry| &entry.time_column)
    }

    pub(crate) fn excluded(&self) -> Vec<String> {
        let entry = self.entry().map(|entry| entry.exclude_columns.clone()).unwrap_or_default();
        let required = &self.request.require_columns;
        let entry = entry.into_iter().filter(|column| !required.contains(column));
        self.request.exclude_columns.iter().cloned().chain(entry).collect()
    }

    pub(crate) fn after_event(&self) -> Vec<String> {
        self.entry_target().map(|entry| entry.known_after_event.clone()).unwrap_or_default()
    }

    pub(crate) fn missing_markers(&self) -> Vec<String> {
        let entry = self.entry().map(|entry| entry.missing_markers.clone()).unwrap_or_default();
        let asked = self.request.missing_markers.iter().filter(|asked| !entry.contains(asked));
        entry.iter().chain(asked).cloned().collect()
    }

    /// What the table has to meet: by the request as a whole, else by the entry.
    pub(crate) fn checks(&self) -> Option<DataChecks> {
        let said = self.request.checks.clone().filter(|said| *said != DataChecks::default());
        said.or_else(|| self.entry().and_then(Entry::data_checks))
    }

    /// What is done to missing values and outliers: by the request as a whole, else by the entry.
    pub(crate) fn cleaning(&self) -> CleaningRules {
        if !self.request.cleaning.is_open() {
            return self.request.cleaning.clone();
        }
        self.entry().map(|entry| entry.cleaning.clone()).unwrap_or_default()
    }

    /// Times that rows have to have before and behind them: those of the request, else those of the entry.
    pub(crate) fn windows(&self) -> Vec<CohortWindow> {
        if !self.request.windows.is_empty() {
            return self.request.windows.clone();
        }
        let entry = self.entry().map(|entry| entry.windows.as_slice()).unwrap_or_default();
        entry.iter().map(EntryWindow::message).collect()
    }

    /// Columns whose values may explain words of the text; none where every word is explained.
    pub(crate) fn population_columns(&self) -> &'a [String] {
        match &self.understood {
            Some(understood) if !understood.unexplained.is_empty() => {
                &understood.entry.population_columns
            }
            _ => &[],
        }
    }

    pub(crate) fn horizon(&self) -> &'a str {
        self.entry_target().map(|entry| entry.horizon.trim()).unwrap_or_default()
    }

    pub(crate) fn entry_name(&self) -> &'a str {
        self.entry().map(|entry| entry.name.as_str()).unwrap_or_default()
    }

    /// Columns that have to be there: asked for, and those that the cohort, the split, the weights and the target need.
    pub(crate) fn required(&self, inclusion: &[Predicate]) -> Vec<String> {
        let mut required: Vec<String> = vec![self.target().to_owned()];
        let cohort = inclusion
            .iter()
            .chain(&self.request.exclusion)
            .map(|predicate| predicate.column.as_str());
        let others = self.request.require_columns.iter().map(String::as_str);
        let roles = [self.entity_column(), self.time_column(), &self.request.weight_column];
        for column in others.chain(cohort).chain(roles) {
            if !column.is_empty() && !required.iter().any(|known| known == column) {
                required.push(column.to_owned());
            }
        }
        required
    }
}
