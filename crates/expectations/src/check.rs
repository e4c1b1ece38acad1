//! Checks of rows: each value of a column, or several values of a row.

use std::sync::Arc;

use serde::de::IgnoredAny;

use crate::dates::Moment;
use crate::dateutil::{self, Day};
use crate::distinct::Distinct;
use crate::figures::{Figures, MAX_DISTINCT};
use crate::frame::{Batch, Dtype};
use crate::json::{Json, MAX_DEPTH};
use crate::kind::{Bound, Bounds, Ignore, Interpolation, RowTest, ValueTest};
use crate::sql::Term;
use crate::unexpected::Unexpected;
use crate::value::{Cell, Value, row_key};

/// What is asked of the rows.
#[derive(Debug)]
pub(crate) enum Test {
    Value(ValueTest),
    Row(RowTest),
}

/// When a row can be judged.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Judged {
    /// By itself.
    AtOnce,
    /// By the row before it.
    InOrder,
    /// By all rows' keys, in a second pass over the same rows.
    ByKeys,
    /// By the figures of its column, in a second pass over the same rows.
    ByFigures,
}

/// What is asked of the rows, and of which: the part of a check that rows do not change, which threads share.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) slots: Vec<usize>,
    pub(crate) condition: Option<usize>,
    ignore: Ignore,
    test: Test,
    /// Whether differences are those of truth values, which have no sign.
    without_sign: bool,
    /// What a text that may be a date is completed with.
    today: Day,
}

/// A check of rows, as it goes.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) rule: Arc<Rule>,
    pub(crate) mostly: f64,
    /// Place of the figures that the test needs.
    pub(crate) figures: Option<usize>,
    /// Rows that meet the condition.
    pub(crate) elements: u64,
    /// Those of them that are looked at.
    pub(crate) considered: u64,
    pub(crate) unexpected: Unexpected,
    /// Whether the second pass tells what is not known yet.
    pub(crate) waits: bool,
    /// The exception that ended the check.
    pub(crate) failed: Option<String>,
    /// Keys of the values of rows.
    together: Distinct,
    before: Option<f64>,
    window: Window,
}

/// What the rows of a batch say of a rule by themselves.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// Rows that meet the condition.
    elements: u64,
    /// Those of them that are looked at.
    considered: u64,
    /// Those that do not meet the test, by their places in the batch.
    unexpected: Vec<usize>,
    /// Keys of the values of rows, in order, where equal rows are looked for.
    keys: Vec<u64>,
    /// The numbers of the rows, where each is compared with the one before it.
    numbers: Vec<(usize, f64)>,
    /// The exception that ended it.
    failed: Option<String>,
}

/// What values have to lie in, once it is known.
#[derive(Clone, Copy, Debug)]
enum Window {
    Unknown,
    /// Everything.
    All,
    /// Mean and deviation, for z-scores.
    Scores(f64, f64),
    /// Ends, included.
    Between(f64, f64),
    /// Middle and a distance that is not reached.
    Around(f64, f64),
}

impl Rule {
    pub(crate) fn new(
        slots: Vec<usize>,
        condition: Option<usize>,
        ignore: Ignore,
        test: Test,
    ) -> Self {
        Self { slots, condition, ignore, test, without_sign: false, today: Day::default() }
    }

    /// For columns of a type.
    pub(crate) fn of_type(mut self, dtype: Dtype) -> Self {
        self.without_sign = dtype == Dtype::Bool;
        self
    }

    /// On a day.
    pub(crate) fn on(mut self, today: Day) -> Self {
        self.today = today;
        self
    }

    fn judged(&self) -> Judged {
        match &self.test {
            Test::Value(ValueTest::Monotone { .. }) => Judged::InOrder,
            Test::Row(RowTest::UniqueTogether) => Judged::ByKeys,
            Test::Value(
                ValueTest::Unique | ValueTest::ZScore { .. } | ValueTest::Outliers { .. },
            ) => Judged::ByFigures,
            _ => Judged::AtOnce,
        }
    }

    /// Judges the rows of a batch that the mask has, as far as they can be judged without others.
    pub(crate) fn judge(&self, batch: &Batch, mask: Option<&[bool]>) -> Judgement {
        // The loop over the rows is made for each of the frequent tests by itself.
        match &self.test {
            Test::Value(ValueTest::NotNull) => {
                self.judge_each(batch, mask, |cells| Ok(!first(cells).is_missing()))
            }
            Test::Value(ValueTest::Between(bounds)) => {
                self.judge_each(batch, mask, |cells| is_between(first(cells), bounds))
            }
            Test::Value(ValueTest::InSet(set, wanted)) => {
                self.judge_each(batch, mask, |cells| Ok(set.contains(first(cells)) == *wanted))
            }
            _ => match self.judged() {
                Judged::AtOnce => self.judge_each(batch, mask, |cells| self.meets(cells)),
                later => self.put_off(batch, mask, later),
            },
        }
    }

    fn judge_each(
        &self,
        batch: &Batch,
        mask: Option<&[bool]>,
        meets: impl Fn(&[Cell<'_>]) -> Result<bool, String>,
    ) -> Judgement {
        let mut judgement = Judgement::default();
        judgement.failed = self.each(batch, mask, |row, cells| {
            judgement.elements += 1;
            if !self.is_passed_over(cells) {
                judgement.considered += 1;
                if !meets(cells)? {
                    judgement.unexpected.push(row);
                }
            }
            Ok(())
        });
        judgement
    }

    /// Keeps what rows are judged by, when others are known.
    fn put_off(&self, batch: &Batch, mask: Option<&[bool]>, judged: Judged) -> Judgement {
        let mut judgement = Judgement::default();
        judgement.failed = self.each(batch, mask, |row, cells| {
            judgement.elements += 1;
            if !self.is_passed_over(cells) {
                judgement.considered += 1;
                match judged {
                    Judged::InOrder => judgement.numbers.push((row, number(cells))),
                    Judged::ByKeys => judgement.keys.push(row_key(cells)),
                    Judged::AtOnce | Judged::ByFigures => {}
                }
            }
            Ok(())
        });
        judgement.keys.sort_unstable();
        judgement
    }

    /// Calls back with the rows that the mask has, until that fails; why it did.
    fn each(
        &self,
        batch: &Batch,
        mask: Option<&[bool]>,
        mut take: impl FnMut(usize, &[Cell<'_>]) -> Result<(), String>,
    ) -> Option<String> {
        let columns: Vec<_> =
            self.slots.iter().filter_map(|slot| batch.columns.get(*slot)).collect();
        let mut failed = None;
        if let [column] = columns.as_slice() {
            column.for_each(batch.rows, mask, |row, cell| {
                if failed.is_none() {
                    failed = take(row, &[cell]).err();
                }
            });
            return failed;
        }
        let mut cells = vec![Cell::Missing; columns.len()];
        for row in 0..batch.rows {
            if mask.is_some_and(|mask| mask.get(row) != Some(&true)) {
                continue;
            }
            for (cell, column) in cells.iter_mut().zip(&columns) {
                *cell = column.cell(row);
            }
            if let Err(why) = take(row, &cells) {
                return Some(why);
            }
        }
        None
    }

    /// The values of a row.
    fn cells<'b>(&self, batch: &'b Batch, row: usize) -> Vec<Cell<'b>> {
        let columns = self.slots.iter().filter_map(|slot| batch.columns.get(*slot));
        columns.map(|column| column.cell(row)).collect()
    }

    fn is_passed_over(&self, cells: &[Cell<'_>]) -> bool {
        match self.ignore {
            Ignore::Never => false,
            Ignore::Any => cells.iter().any(|cell| cell.is_missing()),
            Ignore::All => cells.iter().all(|cell| cell.is_missing()),
        }
    }

    fn meets(&self, cells: &[Cell<'_>]) -> Result<bool, String> {
        let cell = first(cells);
        match &self.test {
            Test::Row(test) => row_meets(test, cells),
            Test::Value(ValueTest::AnyDate) => match cell {
                Cell::Text(text) => dateutil::reads(text, self.today),
                _ => Err(no_text("expect_column_values_to_be_dateutil_parseable")),
            },
            Test::Value(test) => value_meets(test, cell),
        }
    }

    /// Whether a number goes on from the one before it as it has to.
    fn goes_on(&self, before: f64, number: f64) -> bool {
        let Test::Value(ValueTest::Monotone { rising, strictly }) = &self.test else { return true };
        let rise = number - before;
        let rise = if self.without_sign { rise.abs() } else { rise };
        match (rising, strictly) {
            (true, false) => rise >= 0.0,
            (true, true) => rise > 0.0,
            (false, false) => rise <= 0.0,
            (false, true) => rise < 0.0,
        }
    }
}

fn first<'c>(cells: &[Cell<'c>]) -> Cell<'c> {
    cells.first().copied().unwrap_or(Cell::Missing)
}

/// The number of a row's first value.
fn number(cells: &[Cell<'_>]) -> f64 {
    first(cells).number().unwrap_or(f64::NAN)
}

impl Check {
    pub(crate) fn new(rule: Rule, mostly: f64, unexpected: Unexpected) -> Self {
        Self {
            rule: Arc::new(rule),
            mostly,
            figures: None,
            elements: 0,
            considered: 0,
            unexpected,
            waits: false,
            failed: None,
            together: Distinct::default(),
            before: None,
            window: Window::Unknown,
        }
    }

    /// Whether the rows are those of a query, which results tell in another form.
    pub(crate) fn is_query(&self) -> bool {
        matches!(self.rule.test, Test::Row(RowTest::Query(_)))
    }

    /// Whether missing values are looked at, being what the test is about.
    pub(crate) fn is_about_missing(&self) -> bool {
        matches!(self.rule.test, Test::Value(ValueTest::Null | ValueTest::NotNull))
    }

    /// Whether values are expected to be missing.
    pub(crate) fn expects_missing(&self) -> bool {
        matches!(self.rule.test, Test::Value(ValueTest::Null))
    }

    /// Takes what the rule says of a batch in the first pass.
    pub(crate) fn first(&mut self, batch: &Batch, begins: u64, judgement: Judgement) {
        if self.failed.is_some() {
            return;
        }
        self.elements += judgement.elements;
        self.considered += judgement.considered;
        for row in judgement.unexpected {
            self.unexpected.add((batch, begins), row, &self.rule.cells(batch, row));
        }
        for (row, number) in judgement.numbers {
            let before = self.before.replace(number);
            if before.is_some_and(|before| !self.rule.goes_on(before, number)) {
                self.unexpected.add((batch, begins), row, &self.rule.cells(batch, row));
            }
        }
        let fits = self.together.extend(&judgement.keys, MAX_DISTINCT);
        self.failed = judgement.failed.or_else(|| (!fits).then(too_many_rows));
    }

    /// Takes rows in the second pass.
    pub(crate) fn second(
        &mut self,
        batch: &Batch,
        mask: Option<&[bool]>,
        begins: u64,
        figures: Option<&Figures>,
    ) {
        if !self.waits {
            return;
        }
        let rule = Arc::clone(&self.rule);
        self.failed = rule.each(batch, mask, |row, cells| {
            if !rule.is_passed_over(cells) && !self.meets_afterwards(cells, figures) {
                self.unexpected.add((batch, begins), row, cells);
            }
            Ok(())
        });
    }

    /// Whether the second pass can tell anything that is not known yet.
    pub(crate) fn concludes(&mut self, figures: Option<&mut Figures>, lists: bool) -> bool {
        let is_judged = matches!(self.rule.judged(), Judged::AtOnce | Judged::InOrder);
        if self.failed.is_some() || is_judged {
            return false;
        }
        let unexpected = match (&self.rule.test, figures) {
            (Test::Row(_), _) => {
                if !self.together.conclude(MAX_DISTINCT) {
                    self.failed = Some(too_many_rows());
                    return false;
                }
                self.together.repeated_rows()
            }
            (Test::Value(ValueTest::Unique), Some(figures)) => {
                if let Some(reason) = &figures.crowded {
                    self.failed = Some(reason.clone());
                    return false;
                }
                figures.keys.repeated_rows()
            }
            (Test::Value(test), Some(figures)) => {
                match window(test, figures) {
                    Ok(window) => self.window = window,
                    Err(message) => {
                        self.failed = Some(message);
                        return false;
                    }
                }
                return !matches!(self.window, Window::All) && self.considered > 0;
            }
            (Test::Value(_), None) => return false,
        };
        if unexpected > 0 && lists {
            return true;
        }
        self.unexpected.count = unexpected;
        false
    }

    fn meets_afterwards(&self, cells: &[Cell<'_>], figures: Option<&Figures>) -> bool {
        let cell = first(cells);
        match (&self.rule.test, self.window) {
            (Test::Row(_), _) => self.together.is_single(row_key(cells)),
            (Test::Value(ValueTest::Unique), _) => {
                figures.is_some_and(|figures| figures.keys.is_single(cell.key()))
            }
            (Test::Value(test), window) => {
                let number = number(cells);
                match window {
                    Window::Unknown | Window::All => true,
                    Window::Between(low, high) => number >= low && number <= high,
                    Window::Around(middle, 0.0) => number == middle,
                    Window::Around(middle, distance) => (number - middle).abs() < distance,
                    Window::Scores(mean, deviation) => {
                        let score = (number - mean) / deviation;
                        let ValueTest::ZScore { threshold, double_sided } = test else {
                            return true;
                        };
                        let is_under = if *double_sided {
                            score.abs() < threshold.abs()
                        } else {
                            score < *threshold
                        };
                        is_under || score.is_nan()
                    }
                }
            }
        }
    }
}

fn too_many_rows() -> String {
    format!("there are more than {MAX_DISTINCT} distinct rows, which are not counted")
}

fn window(test: &ValueTest, figures: &mut Figures) -> Result<Window, String> {
    if figures.of.dtype == Dtype::Str {
        return Err(match test {
            ValueTest::ZScore { .. } => {
                "Cannot perform reduction 'mean' with string dtype".to_owned()
            }
            _ => "unsupported operand type(s) for -: 'str' and 'str'".to_owned(),
        });
    }
    let finite = |number: Option<f64>| number.filter(|number| number.is_finite());
    match test {
        ValueTest::ZScore { .. } => Ok(match (figures.mean(), figures.moments.deviation()) {
            (Some(mean), Some(deviation)) if deviation != 0.0 => Window::Scores(mean, deviation),
            _ => Window::All,
        }),
        ValueTest::Outliers { quartiles: true, multiplier } => {
            let mut quartile = |share| {
                figures.quantile(share, Interpolation::Linear).map(|value| value.cell().number())
            };
            let (first, third) = (finite(quartile(0.25)?), finite(quartile(0.75)?));
            Ok(first.zip(third).map_or(Window::All, |(first, third)| {
                let distance = multiplier * (third - first);
                Window::Between(first - distance, third + distance)
            }))
        }
        ValueTest::Outliers { multiplier, .. } => {
            let (mean, deviation) = (finite(figures.mean()), finite(figures.moments.deviation()));
            Ok(mean.zip(deviation).map_or(Window::All, |(mean, deviation)| {
                Window::Around(mean, (multiplier * deviation).max(0.0))
            }))
        }
        _ => Ok(Window::All),
    }
}

fn value_meets(test: &ValueTest, cell: Cell<'_>) -> Result<bool, String> {
    match test {
        ValueTest::NotNull => Ok(!cell.is_missing()),
        ValueTest::Null => Ok(cell.is_missing()),
        ValueTest::Between(bounds) => is_between(cell, bounds),
        ValueTest::InSet(set, wanted) => Ok(set.contains(cell) == *wanted),
        ValueTest::Patterns { patterns, all, none } => {
            let mut text = String::new();
            let text = text_of(cell, &mut text);
            let mut found = *all;
            for pattern in patterns {
                found = pattern.is_in(text)?;
                if found != *all {
                    break;
                }
            }
            Ok(found != *none)
        }
        ValueTest::Length(bounds) => {
            let mut text = String::new();
            within(text_of(cell, &mut text).chars().count() as f64, bounds)
        }
        ValueTest::Json => Ok(match cell {
            Cell::Text(text) => is_json(text),
            _ => false,
        }),
        ValueTest::JsonSchema(schema) => match cell {
            Cell::Text(text) => match Json::read(text) {
                Some(value) => schema.holds(&value),
                None => Err("a value is no JSON, so that it has no JSON Schema".to_owned()),
            },
            _ => Err("the JSON object must be str, bytes or bytearray".to_owned()),
        },
        ValueTest::Date(format) => match cell {
            Cell::Text(text) => Ok(format.reads(text)),
            _ => Err(no_text("expect_column_values_to_match_strftime_format")),
        },
        // Of a column of truth values: Python calls them whole numbers as well.
        ValueTest::Type(names) => {
            Ok(names.iter().any(|name| matches!(name.as_str(), "bool" | "int" | "long")))
        }
        ValueTest::Unique
        | ValueTest::AnyDate
        | ValueTest::Monotone { .. }
        | ValueTest::ZScore { .. }
        | ValueTest::Outliers { .. } => Ok(true),
    }
}

fn is_between(cell: Cell<'_>, bounds: &Bounds) -> Result<bool, String> {
    match cell.number() {
        Some(number) => within(number, bounds),
        None => {
            Err("Column values, min_value, and max_value must either be None or of the same type."
                .to_owned())
        }
    }
}

fn no_text(expectation: &str) -> String {
    format!(
        "Values passed to {expectation} must be of type string.\nIf you want to validate a column of dates or timestamps, please \
         call the expectation before converting from string format."
    )
}

/// Whether Python's `json.loads` reads a text. What RFC 8259 reads is read, unless it is nested too deeply.
fn is_json(text: &str) -> bool {
    let opened = text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    let is_plain = opened <= MAX_DEPTH && serde_json::from_str::<IgnoredAny>(text).is_ok();
    is_plain || Json::read(text).is_some()
}

fn text_of<'t>(cell: Cell<'t>, into: &'t mut String) -> &'t str {
    match cell {
        Cell::Text(text) => text,
        other => {
            other.write_text(into);
            into
        }
    }
}

fn within(number: f64, bounds: &Bounds) -> Result<bool, String> {
    let end = |bound: &Option<Bound>| match bound {
        None => Ok(None),
        Some(Bound::Number(number)) => Ok(Some(*number)),
        Some(Bound::Date(_)) => {
            Err("'<=' not supported between instances of 'datetime.date' and 'float'".to_owned())
        }
    };
    let above = end(&bounds.min)?
        .is_none_or(|min| if bounds.strict_min { number > min } else { number >= min });
    let below = end(&bounds.max)?
        .is_none_or(|max| if bounds.strict_max { number < max } else { number <= max });
    Ok(above && below)
}

/// Whether a figure is within a range, and the figure as it is told then: a text is a date where a bound is one.
pub(crate) fn figure_within(value: &Value, bounds: &Bounds) -> Result<(bool, Value), String> {
    let ends = [&bounds.min, &bounds.max];
    let dates: Vec<&Moment> = ends
        .into_iter()
        .filter_map(|bound| match bound {
            Some(Bound::Date(moment)) => Some(moment),
            _ => None,
        })
        .collect();
    match value {
        Value::Text(text) if !dates.is_empty() => {
            let found =
                Moment::read(text).ok_or("Unknown string format, where a date was expected")?;
            let has_time = dates.iter().any(|date| date.has_time());
            let as_compared =
                |moment: &Moment| if has_time { moment.with_time() } else { moment.day() };
            let found = as_compared(&found);
            let mut holds = true;
            for (bound, strict, is_min) in
                [(&bounds.min, bounds.strict_min, true), (&bounds.max, bounds.strict_max, false)]
            {
                match bound {
                    None => {}
                    Some(Bound::Date(date)) => {
                        let date = as_compared(date);
                        let apart = if is_min { found > date } else { found < date };
                        holds &= apart || (!strict && found == date);
                    }
                    Some(Bound::Number(_)) => {
                        return Err(
                            "'>=' not supported between instances of 'datetime.date' and 'float'"
                                .to_owned(),
                        );
                    }
                }
            }
            Ok((holds, Value::Text(found.text())))
        }
        Value::Text(_) => match (&bounds.min, &bounds.max) {
            (None, None) => Ok((true, value.clone())),
            (min, _) => {
                let strict = if min.is_some() { bounds.strict_min } else { bounds.strict_max };
                let sign = if min.is_some() { '>' } else { '<' };
                let equal = if strict { "" } else { "=" };
                Err(format!("'{sign}{equal}' not supported between instances of 'str' and 'float'"))
            }
        },
        other => {
            if !dates.is_empty() {
                return Err(
                    "Could not parse the figure of a column of numbers into a date".to_owned()
                );
            }
            let number = other.cell().number().unwrap_or(f64::NAN);
            Ok((within(number, bounds)?, value.clone()))
        }
    }
}

fn row_meets(test: &RowTest, cells: &[Cell<'_>]) -> Result<bool, String> {
    match (test, cells) {
        (RowTest::Greater { or_equal }, [a, b]) => {
            use crate::condition::Operator::{Greater, GreaterOrEqual};
            if *or_equal { GreaterOrEqual } else { Greater }.holds(*a, *b)
        }
        (RowTest::Equal, [a, b]) => Ok(a.equals(*b)),
        (RowTest::InPairs(pairs), [a, b]) => {
            let is = |value: &Value, cell: &Cell<'_>| {
                value.cell().equals(*cell) || (cell.is_missing() && *value == Value::Missing)
            };
            Ok(pairs.iter().any(|(one, other)| is(one, a) && is(other, b)))
        }
        // The sum of a row that lacks a value is missing, that of texts is a text, and no such sum equals a number.
        (RowTest::Sum(_), cells) if cells.iter().any(|cell| cell.is_missing()) => Ok(false),
        (RowTest::Sum(total), cells) => {
            let numbers: Vec<f64> = cells.iter().filter_map(|cell| cell.number()).collect();
            match numbers.len() {
                0 => Ok(false),
                count if count < cells.len() => {
                    Err("unsupported operand type(s) for +: a text and a number".to_owned())
                }
                _ => Ok(numbers.into_iter().fold(0.0, |sum, number| sum + number) == *total),
            }
        }
        (RowTest::Query(expression), cells) => {
            let row: Vec<Term<'_>> = cells.iter().map(|cell| Term::of_cell(*cell)).collect();
            Ok(expression.holds(&row)? != Some(true))
        }
        (RowTest::AllEqual, [first, rest @ ..]) => Ok(rest
            .iter()
            .all(|cell| cell.equals(*first) || (cell.is_missing() && first.is_missing()))),
        (RowTest::AllDifferent, cells) => Ok(cells.iter().enumerate().all(|(place, cell)| {
            cells
                .iter()
                .take(place)
                .all(|other| !(cell.equals(*other) || cell.is_missing() && other.is_missing()))
        })),
        _ => Ok(true),
    }
}
