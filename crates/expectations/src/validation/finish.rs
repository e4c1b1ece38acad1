//! What a validation comes to.

use serde_json::{Map, Value as Json, json};

use super::{Validation, Work};
use crate::check::{Check, figure_within};
use crate::divergence;
use crate::figures::Figures;
use crate::kind::{Bound, Bounds, ColumnTest, Interpolation, Statistic, TableTest};
use crate::numeric;
use crate::result::{ExceptionInfo, ExpectationResult, ResultFormat, Statistics, SuiteResult};
use crate::unexpected::PARTIAL;
use crate::value::{Value, ValueSet};

/// Tolerance of quantiles at the ends of their ranges, relative.
const QUANTILE_TOLERANCE: f64 = 1e-4;
/// And absolute.
const ABSOLUTE_TOLERANCE: f64 = 1e-8;

type Told = (bool, Map<String, Json>);

/// Why there is no result.
enum Fault {
    /// Nothing evaluates it.
    Unsupported(String),
    /// What it is about could not be computed.
    Computing(String),
    /// What was computed could not be compared.
    Judging(String),
}

impl Validation {
    /// The result. `batch` is the identifier that every configuration gets, `meta` what is told of the validation as a whole.
    #[must_use]
    pub fn finish(mut self, batch: &str, meta: Json) -> SuiteResult {
        let works = std::mem::take(&mut self.works);
        let mut results: Vec<(u8, ExpectationResult)> = Vec::with_capacity(works.len());
        for (mut configuration, work) in works {
            configuration.kwargs.insert("batch_id".to_owned(), json!(batch));
            let told = self.told(&configuration.name, work);
            let (place, success, result, message) = match told {
                Ok((success, result)) => (2, success, result, None),
                Err(Fault::Unsupported(message)) => (0, false, Map::new(), Some(message)),
                Err(Fault::Computing(message)) => (1, false, Map::new(), Some(message)),
                Err(Fault::Judging(message)) => (2, false, Map::new(), Some(message)),
            };
            let exception_info = ExceptionInfo {
                raised_exception: message.is_some(),
                exception_traceback: None,
                exception_message: message,
            };
            let is_short = self.telling.format == ResultFormat::BooleanOnly;
            let result = if is_short { Map::new() } else { result };
            let expectation_config = configuration;
            let meta = Map::new();
            let told =
                ExpectationResult { success, expectation_config, result, meta, exception_info };
            results.push((place, told));
        }
        results.sort_by_key(|(place, _)| *place);
        let results: Vec<_> = results.into_iter().map(|(_, result)| result).collect();
        let statistics = Statistics::of(&results);
        SuiteResult {
            success: statistics.unsuccessful_expectations == 0,
            results,
            suite_name: self.suite_name,
            suite_parameters: self.parameters,
            statistics,
            meta,
            id: None,
        }
    }

    fn told(&mut self, name: &str, work: Work) -> Result<Told, Fault> {
        match work {
            Work::Unsupported(reason) => {
                Err(Fault::Unsupported(format!("{name} is not evaluated: {reason}")))
            }
            Work::Failed(message) => Err(Fault::Computing(message)),
            Work::Check(place) => match self.checks.get(place) {
                Some(check) => {
                    self.condition_failed(check.rule.condition)?;
                    match &check.failed {
                        Some(message) => Err(Fault::Computing(message.clone())),
                        None => Ok(self.check_told(check)),
                    }
                }
                None => Err(Fault::Computing("the check is lost".to_owned())),
            },
            Work::Column(place, test) => {
                let condition = self.figures.get(place).and_then(|figures| figures.of.condition);
                self.condition_failed(condition)?;
                let with_lists = self.telling.partial_unexpected_count > 0;
                match self.figures.get_mut(place) {
                    Some(figures) => column_told(figures, &test, with_lists),
                    None => Err(Fault::Computing("the figures are lost".to_owned())),
                }
            }
            Work::Table(TableTest::RowsOfOther(other), _) => self.rows_of_other(name, &other),
            Work::Table(test, condition) => {
                self.condition_failed(condition)?;
                Ok(self.table_told(&test, condition))
            }
            Work::Type(success, name) => Ok((success, observed(json!(name)))),
        }
    }

    fn condition_failed(&self, condition: Option<usize>) -> Result<(), Fault> {
        let matching = condition.and_then(|place| self.conditions.get(place));
        match matching.and_then(|matching| matching.failed.clone()) {
            Some(message) => Err(Fault::Computing(message)),
            None => Ok(()),
        }
    }

    fn check_told(&self, check: &Check) -> Told {
        let (elements, considered, count) =
            (check.elements, check.considered, check.unexpected.count);
        if check.is_query() {
            let mut result = observed(json!(count));
            let rows = check.unexpected.partial();
            result.insert("details".to_owned(), json!({"unexpected_rows": rows}));
            return (count == 0, result);
        }
        let success = considered == 0
            || (considered as f64 - count as f64) / considered as f64 >= check.mostly;
        let percent = |part: u64, of: u64| {
            if of == 0 { Json::Null } else { json!(part as f64 / of as f64 * 100.0) }
        };
        let mut result = Map::new();
        let mut tell = |key: &str, value: Json| result.insert(key.to_owned(), value);
        tell("element_count", json!(elements));
        tell("unexpected_count", json!(count));
        if check.is_about_missing() {
            tell("unexpected_percent", percent(count, elements));
        } else {
            tell("unexpected_percent", percent(count, considered));
            tell("missing_count", json!(elements - considered));
            tell("missing_percent", percent(elements - considered, elements));
            tell("unexpected_percent_total", percent(count, elements));
            tell("unexpected_percent_nonmissing", percent(count, considered));
        }
        check.unexpected.introduce(&mut result);
        if check.expects_missing() {
            // Great Expectations tells the rows, and not by which columns.
            result.remove("unexpected_index_column_names");
        }
        check.unexpected.describe(&mut result);
        (success, result)
    }

    fn table_told(&self, test: &TableTest, condition: Option<usize>) -> Told {
        let matching = condition.and_then(|place| self.conditions.get(place));
        let rows = matching.map_or(self.rows, |matching| matching.rows);
        let columns = self.table.len();
        match test {
            TableTest::Rows(bounds) => (counts_within(rows, bounds), observed(json!(rows))),
            TableTest::RowsEqual(expected) => {
                (i64::try_from(rows) == Ok(*expected), observed(json!(rows)))
            }
            TableTest::Columns(bounds) => {
                (counts_within(columns as u64, bounds), observed(json!(columns)))
            }
            TableTest::ColumnsEqual(expected) => {
                (i64::try_from(columns) == Ok(*expected), observed(json!(columns)))
            }
            TableTest::Exists { column, index } => {
                let success = match index {
                    // As in Great Expectations, 0 asks for no place.
                    None | Some(0) => self.table.contains(column),
                    Some(index) => {
                        // Counted from the end where it is negative.
                        let place = if *index < 0 { index + columns as i64 } else { *index };
                        let found = usize::try_from(place).ok().and_then(|it| self.table.get(it));
                        found == Some(column)
                    }
                };
                (success, Map::new())
            }
            TableTest::Ordered(expected) => self.ordered(expected.as_deref()),
            TableTest::Set { names, exact } => self.set(names, *exact),
            // These are told elsewhere.
            TableTest::Type { .. } | TableTest::RowsOfOther(_) => (false, Map::new()),
        }
    }

    /// Whether there are as many rows as in another table; both counts are of all rows.
    fn rows_of_other(&self, name: &str, other: &str) -> Result<Told, Fault> {
        let Some(rows) = self.others.get(other) else {
            return Err(Fault::Unsupported(format!(
                "{name} is not evaluated: no table `{other}` is given to compare with"
            )));
        };
        let value = json!({"self": self.rows, "other": rows});
        Ok((self.rows == *rows, observed(value)))
    }

    fn ordered(&self, expected: Option<&[String]>) -> Told {
        let mut result = observed(json!(self.table));
        let Some(expected) = expected.filter(|expected| *expected != self.table) else {
            return (true, result);
        };
        let mismatched: Vec<Json> = (0..expected.len().max(self.table.len()))
            .map(|place| (place, expected.get(place), self.table.get(place)))
            .filter(|(_, expected, found)| expected != found)
            .map(|(place, expected, found)| {
                json!({"Expected Column Position": place, "Expected": expected, "Found": found})
            })
            .collect();
        result.insert("details".to_owned(), json!({"mismatched": mismatched}));
        (false, result)
    }

    fn set(&self, expected: &[String], exact: bool) -> Told {
        let mut result = observed(json!(sorted(self.table.iter())));
        let only = |names: &[String], others: &[String]| {
            json!(sorted(names.iter().filter(|name| !others.contains(name))))
        };
        let (unexpected, missing) = (only(&self.table, expected), only(expected, &self.table));
        let is_empty = |list: &Json| list.as_array().is_none_or(Vec::is_empty);
        if is_empty(&unexpected) && is_empty(&missing) {
            return (true, result);
        }
        let success = !exact && is_empty(&missing);
        let lists = [("unexpected", unexpected), ("missing", missing)];
        let mismatched: Map<String, Json> = lists
            .into_iter()
            .filter(|(_, list)| !is_empty(list))
            .map(|(key, list)| (key.to_owned(), list))
            .collect();
        result.insert("details".to_owned(), json!({"mismatched": mismatched}));
        (success, result)
    }
}

fn observed(value: Json) -> Map<String, Json> {
    Map::from_iter([("observed_value".to_owned(), value)])
}

fn sorted<'n>(names: impl Iterator<Item = &'n String>) -> Vec<&'n String> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn counts_within(count: u64, bounds: &Bounds) -> bool {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    figure_within(&Value::Int(count), bounds).is_ok_and(|(within, _)| within)
}

fn column_told(figures: &mut Figures, test: &ColumnTest, with_lists: bool) -> Result<Told, Fault> {
    if let Some(reason) = figures.crowded.clone().filter(|_| needs_distinct(test)) {
        return Err(Fault::Computing(reason));
    }
    match test {
        ColumnTest::Figure(statistic, bounds) => {
            let value = figure(figures, *statistic).map_err(Fault::Computing)?;
            let Some(value) = value.filter(|value| *value != Value::Missing) else {
                return Ok((false, observed(Json::Null)));
            };
            let (success, value) = figure_within(&value, bounds).map_err(Fault::Judging)?;
            Ok((success, observed(value.to_json())))
        }
        ColumnTest::Quantiles { written, shares, ranges, interpolation } => {
            quantiles_told(figures, (written, shares), ranges, *interpolation)
        }
        ColumnTest::MostCommon { set, ties } => {
            let common = figures.most_common();
            let inside = common.iter().filter(|value| set.contains(value.cell())).count();
            let success = if *ties { inside > 0 } else { common.len() == 1 && inside == 1 };
            Ok((success, observed(common.iter().map(Value::to_json).collect())))
        }
        ColumnTest::Distinct { set, unexpected, missing } => {
            Ok(distinct_told(figures, set, (*unexpected, *missing), with_lists))
        }
        ColumnTest::Divergence(of) => divergence::told(figures, of).map_err(Fault::Judging),
    }
}

fn needs_distinct(test: &ColumnTest) -> bool {
    match test {
        ColumnTest::Figure(statistic, _) => {
            matches!(statistic, Statistic::UniqueCount | Statistic::UniqueShare)
        }
        ColumnTest::Quantiles { .. } => false,
        ColumnTest::Divergence(of) => of.is_of_values(),
        ColumnTest::MostCommon { .. } | ColumnTest::Distinct { .. } => true,
    }
}

fn figure(figures: &mut Figures, statistic: Statistic) -> Result<Option<Value>, String> {
    let share = |part: usize, of: u64| {
        if of == 0 { Value::Int(0) } else { Value::Float(part as f64 / of as f64) }
    };
    Ok(match statistic {
        Statistic::Min => figures.ends.min.clone(),
        Statistic::Max => figures.ends.max.clone(),
        Statistic::Mean => figures.mean().map(Value::Float),
        Statistic::Median => numeric::median(figures.sorted()?).map(Value::Float),
        Statistic::Deviation => figures.moments.deviation().map(Value::Float),
        Statistic::Sum => Some(figures.sum()),
        Statistic::UniqueCount => i64::try_from(figures.keys.len()).ok().map(Value::Int),
        Statistic::UniqueShare => Some(share(figures.keys.len(), figures.present)),
        Statistic::PresentShare => {
            Some(share(usize::try_from(figures.present).unwrap_or(usize::MAX), figures.rows))
        }
    })
}

fn quantiles_told(
    figures: &mut Figures,
    (written, shares): (&Json, &[f64]),
    ranges: &[[Option<f64>; 2]],
    interpolation: Interpolation,
) -> Result<Told, Fault> {
    let mut values = Vec::with_capacity(shares.len());
    for share in shares {
        values.push(figures.quantile(*share, interpolation).map_err(Fault::Computing)?);
    }
    let details: Vec<bool> = values
        .iter()
        .zip(ranges)
        .map(|(value, [min, max])| {
            let Some(number) = value.cell().number() else { return false };
            let near = |end: &Option<f64>| {
                end.is_some_and(|end| {
                    (number - end).abs() <= ABSOLUTE_TOLERANCE + QUANTILE_TOLERANCE * end.abs()
                })
            };
            let bound = |end: &Option<f64>| end.map(Bound::Number);
            let bounds = Bounds { min: bound(min), max: bound(max), ..Bounds::default() };
            near(min) || near(max) || figure_within(value, &bounds).is_ok_and(|(within, _)| within)
        })
        .collect();
    let values: Vec<Json> = values.iter().map(Value::to_json).collect();
    let mut result = observed(json!({"quantiles": written, "values": values}));
    result.insert("details".to_owned(), json!({"success_details": details}));
    Ok((details.iter().all(|met| *met), result))
}

/// Values that are not expected and values that are missing, as far as either is asked for; their lists besides their counts.
fn distinct_told(
    figures: &Figures,
    expected: &ValueSet,
    (unexpected, missing): (bool, bool),
    with_lists: bool,
) -> Told {
    let found = ValueSet::new(figures.distinct().into_iter().cloned().collect());
    let only = |values: &ValueSet, others: &ValueSet| -> Vec<Json> {
        let apart = values.iter().filter(|value| !others.contains(value.cell()));
        apart.map(Value::to_json).collect()
    };
    let mut result = observed(Json::Null);
    let mut success = true;
    let mut tell = |kind: &str, values: Vec<Json>| {
        success &= values.is_empty();
        result.insert(format!("{kind}_count"), json!(values.len()));
        if with_lists {
            let list: Vec<Json> = values.into_iter().take(PARTIAL).collect();
            result.insert(format!("partial_{kind}_list"), json!(list));
        }
    };
    if unexpected {
        tell("unexpected", only(&found, expected));
    }
    if missing {
        tell("missing", only(expected, &found));
    }
    (success, result)
}
