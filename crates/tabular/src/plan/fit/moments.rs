//! Features of dates and instants: their parts, and the days between two of them.
//!
//! Where rows are split by time, the rows that a model will see lie beyond those that it learns from. A tree learns the time of
//! a training row by heart, and puts every later row where it put the last ones. So of a column that goes on with the time of
//! the rows for a few years only, what comes again is a feature, and the time itself is measured from the moment of the row.

use crate::association::with_target;
use crate::cleaning::sorted_quantile;
use crate::parse::DAY_MICROSECONDS;
use crate::plan::{DatePart, Feature, Transform};
use crate::target::Target;
use crate::{Column, Field};

use super::{Proposal, varied};

/// Periods that a column has to span for a part that comes again, where rows are split by time. With less than one, the day of the
/// year is the time itself; measured (docs/features.md), from 1.5 on it gains clearly where there is a season, and mostly costs
/// little where there is none.
const PERIODS: f64 = 1.5;
/// Days that a column has to span for its absolute time, where rows are split by time: three years. Then what comes again is told
/// by its own part, and time is left with what goes on; with less, it is taken for the season.
const GOING_ON: f64 = 3.0 * 365.25;
/// Most columns whose sines and cosines are features.
const MAX_CYCLIC_COLUMNS: usize = 100;
/// Most columns that are paired.
const PAIRED: usize = 24;
/// Most pairs that become features.
const MAX_PAIRS: usize = 10;
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
pub(super) struct MomentFeatures<'a> {
    /// The moment at which each row is to be predicted, where rows are split by it.
    now: Option<Moments<'a>>,
    columns: Vec<Moments<'a>>,
}

impl<'a> MomentFeatures<'a> {
    /// A calendar of the columns, of which one may be the moment that rows are split by.
    pub(super) fn new(columns: Vec<Moments<'a>>, prediction_point: Option<&str>) -> Self {
        let now = columns.iter().find(|column| Some(column.name) == prediction_point).copied();
        Self { now, columns }
    }

    /// The parts of a column; the reason where none is of use.
    pub(super) fn parts(&self, field: &Field, values: &[f64]) -> Result<Vec<Proposal>, String> {
        varied(values)?;
        let place = self.columns.iter().position(|column| column.name == field.name);
        let circles = place.is_none_or(|place| place < MAX_CYCLIC_COLUMNS);
        let span = self.now.map(|_| span_days(values));
        let parts: Vec<Proposal> = DatePart::ALL
            .into_iter()
            .filter(|part| part.circle().is_none() || circles)
            .filter(|part| span.is_none_or(|span| comes_again(*part, span)))
            .filter_map(|part| {
                let of: Vec<f64> = values.iter().map(|value| part.value_of(*value)).collect();
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

    /// Days between two columns: of all pairs those that go most with the target. Pairs with the moment that rows are split by
    /// come first.
    pub(super) fn pairs(&self, target: &Target) -> Vec<Proposal> {
        let step = target.values.len().div_ceil(ROWS).max(1);
        let thin = |values: &[f64]| -> Vec<f64> { values.iter().step_by(step).copied().collect() };
        let thinned = Target { values: thin(&target.values), ..target.clone() };
        let mut columns: Vec<Moments<'a>> = self.columns.iter().take(PAIRED).copied().collect();
        if let Some(now) =
            self.now.filter(|now| columns.iter().all(|column| column.name != now.name))
        {
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
                let of_row =
                    [from, to].iter().any(|of| self.now.is_some_and(|now| now.name == of.name));
                pairs.push((of_row, with_target(&Column::Number(days), &thinned), from, to));
            }
        }
        // Of equally strong ones the first stays first.
        pairs.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)));
        pairs.truncate(MAX_PAIRS);
        pairs.into_iter().map(|(_, _, from, to)| proposal(from, to)).collect()
    }
}

/// Whether a part of a column that spans so many days has values in training that later rows will have too.
fn comes_again(part: DatePart, span: f64) -> bool {
    span >= part.period_days().map_or(GOING_ON, |period| PERIODS * period)
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
