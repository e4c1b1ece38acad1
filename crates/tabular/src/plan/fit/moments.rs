//! Features of dates and instants: their parts, and the days between two of them.
//!
//! Where rows are split by time, the rows that a model will see lie beyond those that it learns from. A tree learns the time of
//! a training row by heart, and puts every later row where it put the last ones. So of a column that goes on with the time of
//! the rows, only what comes again is a feature, and the time itself is measured from the moment of the row.

use crate::association::with_target;
use crate::cleaning::sorted_quantile;
use crate::parse::DAY_MICROSECONDS;
use crate::plan::{DatePart, Feature, Transform};
use crate::target::Target;
use crate::{Column, Field};

use super::{Proposal, varied};

/// Periods that the training rows have to span for a part that comes again, where rows are split by time. Of two, each day of
/// the year was seen twice; of one, it names a single day.
const PERIODS: f64 = 2.0;
/// How many times the rows' own span a column's has to be for its absolute time to be a feature, where rows are split by time:
/// such values (a date of birth) will mostly lie within those of training still.
const SPANS: f64 = 3.0;
/// Most columns whose sines and cosines are features.
const CIRCLED: usize = 100;
/// Most columns that are paired.
const PAIRED: usize = 24;
/// Most pairs that become features.
const MOST_PAIRS: usize = 10;
/// Rows that pairs are compared on.
const ROWS: usize = 5_000;
/// Least share of rows that have both moments of a pair.
const PRESENT: f64 = 0.05;

/// A date or timestamp column after cleaning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments<'a> {
    pub(super) name: &'a str,
    pub(super) values: &'a [f64],
}

/// Proposes features of moments.
#[derive(Debug, Default)]
pub(super) struct Calendar<'a> {
    /// The moment at which each row is to be predicted, where rows are split by it, and the days that it spans.
    now: Option<(Moments<'a>, f64)>,
    columns: Vec<Moments<'a>>,
}

impl<'a> Calendar<'a> {
    /// A calendar of the columns, of which one may be the moment that rows are split by.
    pub(super) fn new(columns: Vec<Moments<'a>>, prediction_point: Option<&str>) -> Self {
        let now = columns.iter().find(|column| Some(column.name) == prediction_point);
        Self { now: now.map(|now| (*now, span_days(now.values))), columns }
    }

    /// The parts of a column; the reason where none is of use.
    pub(super) fn parts(&self, field: &Field, values: &[f64]) -> Result<Vec<Proposal>, String> {
        varied(values)?;
        let place = self.columns.iter().position(|column| column.name == field.name);
        let circles = place.is_none_or(|place| place < CIRCLED);
        let span = self.now.map(|_| span_days(values));
        let parts: Vec<Proposal> = DatePart::ALL
            .into_iter()
            .filter(|part| part.circle().is_none() || circles)
            .filter(|part| span.is_none_or(|span| self.comes_again(&field.name, *part, span)))
            .filter_map(|part| {
                let of: Vec<f64> = values.iter().map(|value| part.of(*value)).collect();
                let name = format!("{}_{}", field.name, part.as_str());
                let transform = Transform::DatePart { input: field.name.clone(), part };
                varied(&of).is_ok().then_some((Feature { name, transform }, Column::Number(of)))
            })
            .collect();
        match span {
            Some(span) if parts.is_empty() => Err(format!(
                "nothing of it comes again within the {span:.0} days that it spans, and rows are split by time"
            )),
            _ => Ok(parts),
        }
    }

    /// Whether a part of a column has values in training that later rows will have too.
    fn comes_again(&self, column: &str, part: DatePart, span: f64) -> bool {
        match (part.period_days(), self.now) {
            (Some(period), _) => span >= PERIODS * period,
            (None, Some((now, of_rows))) => column != now.name && span >= SPANS * of_rows,
            (None, None) => true,
        }
    }

    /// Days between two columns: of all pairs those that go most with the target. Pairs with the moment that rows are split by
    /// come first.
    pub(super) fn pairs(&self, target: &Target) -> Vec<Proposal> {
        let step = target.values.len().div_ceil(ROWS).max(1);
        let thin = |values: &[f64]| -> Vec<f64> { values.iter().step_by(step).copied().collect() };
        let thinned = Target { values: thin(&target.values), ..target.clone() };
        let mut columns: Vec<Moments<'a>> = self.columns.iter().take(PAIRED).copied().collect();
        let now = self.now.map(|(now, _)| now);
        if let Some(now) = now.filter(|now| columns.iter().all(|column| column.name != now.name)) {
            columns.push(now);
        }
        let mut pairs = Vec::new();
        for (place, first) in columns.iter().enumerate() {
            for second in columns.iter().skip(place + 1) {
                let (from, to) = in_order(*first, *second);
                let days = between(&thin(from.values), &thin(to.values));
                let present = days.iter().filter(|days| days.is_finite()).count();
                if varied(&days).is_err() || (present as f64) < PRESENT * days.len() as f64 {
                    continue;
                }
                let of_row = [from, to].iter().any(|of| now.is_some_and(|now| now.name == of.name));
                pairs.push((of_row, with_target(&Column::Number(days), &thinned), from, to));
            }
        }
        // Of equally strong ones the first stays first.
        pairs.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)));
        pairs.truncate(MOST_PAIRS);
        pairs.into_iter().map(|(_, _, from, to)| proposal(from, to)).collect()
    }
}

fn proposal(from: Moments<'_>, to: Moments<'_>) -> Proposal {
    let name = format!("days_from_{}_to_{}", from.name, to.name);
    let transform = Transform::DaysBetween { from: from.name.to_owned(), to: to.name.to_owned() };
    (Feature { name, transform }, Column::Number(between(from.values, to.values)))
}

fn between(from: &[f64], to: &[f64]) -> Vec<f64> {
    from.iter().zip(to).map(|(from, to)| (to - from) / DAY_MICROSECONDS).collect()
}

/// The one that is mostly earlier first.
fn in_order<'a>(first: Moments<'a>, second: Moments<'a>) -> (Moments<'a>, Moments<'a>) {
    let later = |(first, second): (&f64, &f64)| {
        if first < second {
            1_i64
        } else if first > second {
            -1
        } else {
            0
        }
    };
    let balance: i64 = first.values.iter().zip(second.values).map(later).sum();
    if balance >= 0 { (first, second) } else { (second, first) }
}

/// Days from the first to the last moment, leaving out one in a hundred at either end.
fn span_days(values: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    match (sorted_quantile(&sorted, 0.01), sorted_quantile(&sorted, 0.99)) {
        (Some(first), Some(last)) => (last - first) / DAY_MICROSECONDS,
        _ => 0.0,
    }
}
