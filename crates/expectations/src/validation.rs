//! A suite over the rows of a table.

mod finish;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::{Check, Rule, Test};
use crate::condition::Condition;
use crate::dateutil::Day;
use crate::figures::{Figures, MAX_HELD, Needs};
use crate::frame::{Batch, Dtype};
use crate::kind::{
    ColumnTest, Expectation, Ignore, Kind, RowTest, Statistic, TableTest, ValueTest,
};
use crate::look::{Filter, Look, Seen, met};
use crate::result::ResultFormat;
use crate::suite::{Configuration, Suite};
use crate::telling::Telling;
use crate::unexpected::{Rows, Shape, Told, Unexpected};

/// Where an expectation's result comes from.
#[derive(Debug)]
enum Work {
    /// It is not evaluated at all.
    Unsupported(&'static str),
    /// It cannot be evaluated on this table.
    Failed(String),
    Check(usize),
    Column(usize, ColumnTest),
    Table(TableTest, Option<usize>),
    /// Whether the type of a column is one of those named, and what it is.
    Type(bool, String),
}

/// Which pass over the rows it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Pass {
    First,
    Second,
}

/// A suite over the rows of a table, as it goes.
#[derive(Debug)]
pub struct Validation {
    suite_name: String,
    parameters: serde_json::Map<String, serde_json::Value>,
    telling: Telling,
    today: Day,
    /// The columns of the table.
    table: Vec<String>,
    /// The columns that are read, with their types.
    columns: Vec<(String, Dtype)>,
    conditions: Vec<Matching>,
    figures: Vec<Figures>,
    checks: Vec<Check>,
    works: Vec<(Configuration, Work)>,
    /// Rows of other tables, by name.
    others: BTreeMap<String, u64>,
    rows: u64,
    room: usize,
    pass: Pass,
    /// Rows of the pass.
    passed: u64,
}

/// The rows that meet a condition.
#[derive(Debug)]
struct Matching {
    filter: Arc<Filter>,
    rows: u64,
    failed: Option<String>,
}

impl Validation {
    /// Before the first row. `table` has the names of all columns in order, `dtype` gives the types of those in [`Suite::columns`] and
    /// [`Telling::columns`] that there are; `today` completes texts that may be dates, as `dateutil` does.
    #[must_use]
    pub fn new(
        suite: &Suite,
        table: &[String],
        dtype: impl Fn(&str) -> Dtype,
        telling: impl Into<Telling>,
        today: Day,
    ) -> Self {
        let telling = telling.into();
        let mut wanted = suite.columns();
        wanted.extend(telling.columns(table));
        let columns = table
            .iter()
            .filter(|name| wanted.contains(&name.as_str()))
            .map(|name| (name.clone(), dtype(name)))
            .collect();
        drop(wanted);
        let mut validation = Self {
            suite_name: suite.name.clone(),
            parameters: suite.parameters.clone(),
            telling,
            today,
            table: table.to_vec(),
            columns,
            conditions: Vec::new(),
            figures: Vec::new(),
            checks: Vec::new(),
            works: Vec::new(),
            others: BTreeMap::new(),
            rows: 0,
            room: MAX_HELD,
            pass: Pass::First,
            passed: 0,
        };
        let mut known = BTreeMap::new();
        for (configuration, expectation) in by_column(suite) {
            let work = validation
                .planned(configuration, expectation, &mut known)
                .unwrap_or_else(Work::Failed);
            validation.works.push((configuration.clone(), work));
        }
        validation
    }

    /// The columns that are read, in the order in which batches have them.
    pub fn needed(&self) -> impl ExactSizeIterator<Item = (&str, Dtype)> {
        self.columns.iter().map(|(name, dtype)| (name.as_str(), *dtype))
    }

    /// Says how many rows other tables have, by the names that the suite gives them.
    pub fn compare_with(&mut self, others: BTreeMap<String, u64>) {
        self.others = others;
    }

    /// What looks at batches of this pass, on any thread, for [`Self::take`].
    #[must_use]
    pub fn look(&self) -> Look {
        let filters = self.conditions.iter().map(|matching| Arc::clone(&matching.filter)).collect();
        match self.pass {
            Pass::First => Look {
                filters,
                rules: self.checks.iter().map(|check| Arc::clone(&check.rule)).collect(),
                figures: self.figures.iter().map(|figures| figures.of).collect(),
            },
            Pass::Second => Look { filters, rules: Vec::new(), figures: Vec::new() },
        }
    }

    /// Takes rows, in the order of the table.
    pub fn add(&mut self, batch: &Batch) {
        let seen = self.look().at(batch);
        self.take(batch, seen);
    }

    /// Takes rows, in the order of the table, with what [`Self::look`] has seen of them in this pass.
    pub fn take(&mut self, batch: &Batch, seen: Seen) {
        if self.pass == Pass::First {
            self.rows += batch.rows as u64;
            for (matching, mask) in self.conditions.iter_mut().zip(&seen.masks) {
                matching.rows += mask.met.iter().filter(|met| **met).count() as u64;
                if matching.failed.is_none() {
                    matching.failed.clone_from(&mask.failed);
                }
            }
            for (figures, gathered) in self.figures.iter_mut().zip(seen.figures) {
                figures.add(gathered, &mut self.room);
            }
            for (check, judgement) in self.checks.iter_mut().zip(seen.judgements) {
                check.first(batch, self.passed, judgement);
            }
        } else {
            for check in &mut self.checks {
                let figures = check.figures.and_then(|place| self.figures.get(place));
                let mask = met(&seen.masks, check.rule.condition);
                check.second(batch, mask, self.passed, figures);
            }
        }
        self.passed += batch.rows as u64;
    }

    /// Ends the first pass over the rows; whether there has to be a second one over the same rows.
    pub fn next_pass(&mut self) -> bool {
        if self.pass == Pass::Second {
            return false;
        }
        self.pass = Pass::Second;
        self.passed = 0;
        for figures in &mut self.figures {
            figures.conclude();
        }
        let lists = self.telling.format != ResultFormat::BooleanOnly;
        let mut again = false;
        for check in &mut self.checks {
            let figures = check.figures.and_then(|place| self.figures.get_mut(place));
            check.waits = check.concludes(figures, lists);
            again |= check.waits;
        }
        again
    }

    fn planned(
        &mut self,
        configuration: &Configuration,
        expectation: &Expectation,
        known: &mut BTreeMap<String, usize>,
    ) -> Result<Work, String> {
        if let Kind::Unsupported(reason) = &expectation.kind {
            return Ok(Work::Unsupported(reason));
        }
        let condition = match &expectation.condition {
            None => None,
            Some(condition) => Some(self.matching(configuration, condition, known)?),
        };
        match &expectation.kind {
            Kind::Unsupported(reason) => Ok(Work::Unsupported(reason)),
            Kind::Table(TableTest::Type { column, names, .. }) => {
                let (_, dtype) = self.slot(column)?;
                let is_one = names.iter().any(|name| is_named(dtype, name));
                Ok(Work::Type(is_one, dtype.name().to_owned()))
            }
            Kind::Table(test) => Ok(Work::Table(test.clone(), condition)),
            Kind::Values { column, test: ValueTest::Type(names), mostly } => {
                let (_, dtype) = self.slot(column)?;
                let whole = names.iter().any(|name| is_named(Dtype::Object, name));
                if dtype == Dtype::Object && !whole {
                    return self.check(column, ValueTest::Type(names.clone()), condition, *mostly);
                }
                let is_one = names.iter().any(|name| is_named(dtype, name));
                let told = if dtype == Dtype::Object { "object_" } else { dtype.name() };
                Ok(Work::Type(is_one, told.to_owned()))
            }
            Kind::Values { column, test, mostly } => {
                self.check(column, test.clone(), condition, *mostly)
            }
            Kind::Rows { columns, test, ignore, pair, mostly } => {
                let slots =
                    columns.iter().map(|name| self.slot(name)).collect::<Result<Vec<_>, _>>()?;
                let texts = slots.iter().filter(|(_, dtype)| *dtype == Dtype::Str).count();
                if matches!(test, RowTest::Greater { .. }) && texts == 1 {
                    return Err("Invalid comparison between dtype=str and ndarray".to_owned());
                }
                let shape = if *pair { Shape::Pair } else { Shape::Record(columns.clone()) };
                let shared = slots.iter().map(|(_, dtype)| shares_missing(*dtype)).collect();
                let slots = slots.into_iter().map(|(slot, _)| slot).collect();
                let of: Vec<&str> = columns.iter().map(String::as_str).collect();
                let rows = self.rows_told(&of)?;
                let unexpected = Unexpected::new(shape, shared, &self.telling, rows);
                let rule = Rule::new(slots, condition, *ignore, Test::Row(test.clone()));
                self.checks.push(Check::new(rule, *mostly, unexpected));
                Ok(Work::Check(self.checks.len() - 1))
            }
            Kind::Column { column, test } => {
                let (_, dtype) = self.slot(column)?;
                if let (Dtype::Str, Some(message)) = (dtype, no_figure_of_texts(test)) {
                    return Err(message.to_owned());
                }
                let figures = self.figures(column, condition, needs_of(test))?;
                Ok(Work::Column(figures, test.clone()))
            }
        }
    }

    fn check(
        &mut self,
        column: &str,
        test: ValueTest,
        condition: Option<usize>,
        mostly: f64,
    ) -> Result<Work, String> {
        let (slot, dtype) = self.slot(column)?;
        if let (Dtype::Str, ValueTest::Monotone { .. }) = (dtype, &test) {
            return Err("operation 'sub' not supported for dtype 'str' with dtype 'str'".to_owned());
        }
        if let ValueTest::Between(bounds) = &test {
            use crate::kind::Bound::Number;
            if matches!((&bounds.min, &bounds.max), (Some(Number(min)), Some(Number(max))) if min > max)
            {
                return Err("min_value cannot be greater than max_value".to_owned());
            }
        }
        let needs = match &test {
            ValueTest::Unique => Some(Needs { counts: true, ..Needs::default() }),
            ValueTest::ZScore { .. } | ValueTest::Outliers { .. } => {
                Some(Needs { numbers: true, ..Needs::default() })
            }
            _ => None,
        };
        let is_about_missing = matches!(test, ValueTest::Null | ValueTest::NotNull);
        let ignore = if is_about_missing { Ignore::Never } else { Ignore::Any };
        let rows = self.rows_told(&[column])?;
        let shared = vec![shares_missing(dtype)];
        let unexpected = Unexpected::new(Shape::Value, shared, &self.telling, rows);
        let rule = Rule::new(vec![slot], condition, ignore, Test::Value(test));
        let rule = rule.of_type(dtype).on(self.today);
        let mut check = Check::new(rule, mostly, unexpected);
        if let Some(needs) = needs {
            check.figures = Some(self.figures(column, condition, needs)?);
        }
        self.checks.push(check);
        Ok(Work::Check(self.checks.len() - 1))
    }

    /// The columns that results tell of rows of an expectation on these columns.
    fn rows_told(&self, columns: &[&str]) -> Result<Rows, String> {
        let told = |name: &str| -> Result<Told, String> {
            let missing = |_| {
                format!(
                    "Error: The unexpected_index_column \"{name}\" does not exist in Dataframe. Please check your configuration and try again."
                )
            };
            Ok((name.to_owned(), self.slot(name).map_err(missing)?.0))
        };
        let telling = &self.telling;
        if telling.format == ResultFormat::BooleanOnly {
            return Ok(Rows::default());
        }
        let names = telling.index_columns();
        let index = if telling.rows_are_told() && !names.is_empty() {
            columns.iter().copied().chain(names.iter().map(String::as_str)).map(told).collect()
        } else {
            Ok(Vec::new())
        };
        let all: &[String] = if telling.include_unexpected_rows { &self.table } else { &[] };
        let all = all.iter().map(|name| told(name)).collect::<Result<_, _>>()?;
        Ok(Rows { index: index?, all })
    }

    /// The place of a column among those that are read.
    fn slot(&self, name: &str) -> Result<(usize, Dtype), String> {
        let mut columns = self.columns.iter().enumerate();
        let found = columns.find(|(_, (column, _))| column == name);
        found
            .map(|(slot, (_, dtype))| (slot, *dtype))
            .ok_or_else(|| format!("Error: The column \"{name}\" in BatchData does not exist."))
    }

    fn figures(
        &mut self,
        column: &str,
        condition: Option<usize>,
        needs: Needs,
    ) -> Result<usize, String> {
        let (slot, dtype) = self.slot(column)?;
        let is_one = |it: &Figures| it.of.slot == slot && it.of.condition == condition;
        let found = self.figures.iter().position(is_one);
        let place = found.unwrap_or(self.figures.len());
        if found.is_none() {
            self.figures.push(Figures::new(slot, condition, dtype));
        }
        if let Some(figures) = self.figures.get_mut(place) {
            figures.of.needs = figures.of.needs.and(needs);
        }
        Ok(place)
    }

    fn matching(
        &mut self,
        configuration: &Configuration,
        condition: &Condition,
        known: &mut BTreeMap<String, usize>,
    ) -> Result<usize, String> {
        let missing = condition.columns().into_iter().find(|name| self.slot(name).is_err());
        if let Some(name) = missing {
            return Err(format!("name '{name}' is not defined"));
        }
        let text = configuration.kwargs.get("row_condition").map(ToString::to_string);
        let place = *known.entry(text.unwrap_or_default()).or_insert(self.conditions.len());
        if place == self.conditions.len() {
            let filter = Arc::new(Filter::new(condition, &self.columns));
            self.conditions.push(Matching { filter, rows: 0, failed: None });
        }
        Ok(place)
    }
}

/// The expectations in the order of their results: those that name no column where the first of them stands, and all of a column
/// where the column is first named.
fn by_column(suite: &Suite) -> Vec<(&Configuration, &Expectation)> {
    let mut groups: Vec<(&str, Vec<(&Configuration, &Expectation)>)> = Vec::new();
    for (configuration, expectation) in &suite.expectations {
        let column = configuration.kwargs.get("column").and_then(|column| column.as_str());
        let column = column.unwrap_or_default();
        let one = (configuration, expectation);
        match groups.iter_mut().find(|(name, _)| *name == column) {
            Some((_, group)) => group.push(one),
            None => groups.push((column, vec![one])),
        }
    }
    groups.into_iter().flat_map(|(_, group)| group).collect()
}

/// Whether missing values of a column are one object in pandas.
fn shares_missing(dtype: Dtype) -> bool {
    matches!(dtype, Dtype::Str | Dtype::Object)
}

/// Whether NumPy, pandas or Python call a type so.
fn is_named(dtype: Dtype, name: &str) -> bool {
    match dtype {
        Dtype::Int64 => ["int64", "int", "int_", "intp", "long", "i8", "<i8", "l"].contains(&name),
        Dtype::Float64 => ["float64", "float", "double", "f8", "<f8", "d"].contains(&name),
        Dtype::Bool => ["bool", "bool_", "?"].contains(&name),
        Dtype::Object => ["object", "object_", "O"].contains(&name),
        Dtype::Str => name == "str",
    }
}

/// What pandas says where a figure is asked of texts that they do not have.
fn no_figure_of_texts(test: &ColumnTest) -> Option<&'static str> {
    match test {
        ColumnTest::Figure(Statistic::Mean, _) => {
            Some("Cannot perform reduction 'mean' with string dtype")
        }
        ColumnTest::Figure(Statistic::Median, _) => {
            Some("Cannot perform reduction 'median' with string dtype")
        }
        ColumnTest::Figure(Statistic::Deviation, _) => {
            Some("Cannot perform reduction 'std' with string dtype")
        }
        ColumnTest::Figure(Statistic::Sum, _) => {
            Some("'>=' not supported between instances of 'str' and 'float'")
        }
        ColumnTest::Quantiles { .. } => Some("could not convert a text to a number"),
        ColumnTest::Divergence(of) if !of.is_of_values() => {
            Some("'<' not supported between instances of 'str' and 'int'")
        }
        _ => None,
    }
}

fn needs_of(test: &ColumnTest) -> Needs {
    let none = Needs::default();
    match test {
        ColumnTest::Figure(statistic, _) => match statistic {
            Statistic::Min | Statistic::Max => Needs { extremes: true, ..none },
            Statistic::Mean | Statistic::Median | Statistic::Deviation | Statistic::Sum => {
                Needs { numbers: true, ..none }
            }
            Statistic::UniqueCount | Statistic::UniqueShare => Needs { counts: true, ..none },
            Statistic::PresentShare => none,
        },
        ColumnTest::Quantiles { .. } => Needs { numbers: true, ..none },
        ColumnTest::Divergence(of) if !of.is_of_values() => Needs { numbers: true, ..none },
        ColumnTest::Divergence(_) => Needs { kept: true, ..none },
        ColumnTest::MostCommon { .. } | ColumnTest::Distinct { .. } => Needs { kept: true, ..none },
    }
}
