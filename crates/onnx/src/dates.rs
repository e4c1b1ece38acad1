//! Parts of dates: the arithmetic of the proleptic Gregorian calendar on whole numbers of days, as nodes.
//!
//! After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, eras have 400 years.

use tabular::parse::DAY_MICROSECONDS;
use tabular::plan::{CyclicPart, DatePart, HOUR_MICROSECONDS, QUARTER_SINE};

use crate::graph::{Graph, Name};
use crate::proto::DataType;

/// Greatest number that is looked at as microseconds.
const MAX_MICROSECONDS: f64 = 9e18;
/// The calendar's first and last microsecond, from the year -9999 on to 9999.
const CALENDAR: (i64, i64) = (-377_705_023_201_000_000, 253_402_207_200_999_999);
const DAY: i64 = 86_400_000_000;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;
const DAYS_OF_ERA: i64 = 146_097;

/// Values in their calendar.
struct Calendar<'a> {
    graph: &'a mut Graph,
}

/// A part of moments given in microseconds since 1970; NaN where missing or out of the calendar.
pub(crate) fn part(graph: &mut Graph, microseconds: &str, part: DatePart) -> Name {
    if part == DatePart::DaysSince1970 {
        let day = graph.number(DAY_MICROSECONDS);
        return graph.node("Div", &[microseconds, &day]);
    }
    if let Some(CyclicPart { of, cosine }) = part.circle() {
        let value = self::part(graph, microseconds, of);
        return around(graph, &value, of, cosine);
    }
    let Moment { whole, days, known } = moment(graph, microseconds);
    if part == DatePart::HourOfDay {
        let of_day = Calendar { graph }.remainder(&whole, DAY);
        let (of_day, hour) =
            (graph.cast(&of_day, DataType::Double), graph.number(HOUR_MICROSECONDS));
        let hours = graph.node("Div", &[&of_day, &hour]);
        let missing = graph.number(f64::NAN);
        return graph.choose(&known, &hours, &missing);
    }
    let mut calendar = Calendar { graph };
    let found = match part {
        DatePart::DayOfWeek => {
            let moved = calendar.add(&days, 3);
            let from_zero = calendar.remainder(&moved, 7);
            calendar.add(&from_zero, 1)
        }
        DatePart::Year => calendar.civil(&days).0,
        DatePart::Month => calendar.civil(&days).1,
        DatePart::DayOfMonth => calendar.civil(&days).2,
        DatePart::DayOfYear => calendar.day_of_year(&days),
        // The others have returned.
        _ => days,
    };
    let found = graph.cast(&found, DataType::Double);
    let missing = graph.number(f64::NAN);
    graph.choose(&known, &found, &missing)
}

/// A part on a circle: the sine or cosine of what [`DatePart::quarters`] makes of it, by the same additions and multiplications
/// as `tabular` has.
fn around(graph: &mut Graph, value: &str, of: DatePart, cosine: bool) -> Name {
    let (less, period) = of.quarters();
    let [less, period, one, four] = [less, period, 1.0, 4.0].map(|number| graph.number(number));
    let moved = graph.node("Sub", &[value, &less]);
    let times = graph.node("Mul", &[&moved, &four]);
    let quarters = graph.node("Div", &[&times, &period]);
    let whole = graph.node("Floor", &[&quarters]);
    let rest = graph.node("Sub", &[&quarters, &whole]);
    let is = |graph: &mut Graph, number: f64| {
        let number = graph.number(number);
        graph.node("Equal", &[&whole, &number])
    };
    let (first, third) = (is(graph, 1.0), is(graph, 3.0));
    let odd = graph.node("Or", &[&first, &third]);
    let two = graph.number(2.0);
    let late = graph.node("GreaterOrEqual", &[&whole, &two]);
    let (back, negative) = if cosine {
        (graph.node("Not", &[&odd]), graph.node("Xor", &[&odd, &late]))
    } else {
        (odd, late)
    };
    let mirrored = graph.node("Sub", &[&one, &rest]);
    let place = graph.choose(&back, &mirrored, &rest);
    let size = quarter_sine(graph, &place);
    let opposite = graph.node("Neg", &[&size]);
    graph.choose(&negative, &opposite, &size)
}

/// `sin(π r / 2)`.
fn quarter_sine(graph: &mut Graph, part: &str) -> Name {
    let square = graph.node("Mul", &[part, part]);
    let mut sum = graph.number(0.0);
    for coefficient in QUARTER_SINE.into_iter().rev() {
        let times = graph.node("Mul", &[&sum, &square]);
        let coefficient = graph.number(coefficient);
        sum = graph.node("Add", &[&times, &coefficient]);
    }
    graph.node("Mul", &[&sum, part])
}

/// A moment as whole microseconds and days since 1970, and whether it is in the calendar.
struct Moment {
    whole: Name,
    days: Name,
    known: Name,
}

fn moment(graph: &mut Graph, microseconds: &str) -> Moment {
    let (size, greatest) = (graph.node("Abs", &[microseconds]), graph.number(MAX_MICROSECONDS));
    let is_moment = graph.node("LessOrEqual", &[&size, &greatest]);
    let zero = graph.number(0.0);
    let safe = graph.choose(&is_moment, microseconds, &zero);
    let rounded = graph.node("Round", &[&safe]);
    let whole = graph.cast(&rounded, DataType::Int64);
    let (first, last) = (graph.integer(CALENDAR.0), graph.integer(CALENDAR.1));
    let after = graph.node("GreaterOrEqual", &[&whole, &first]);
    let before = graph.node("LessOrEqual", &[&whole, &last]);
    let within = graph.node("And", &[&after, &before]);
    let known = graph.node("And", &[&is_moment, &within]);
    Moment { days: Calendar { graph }.floor(&whole, DAY), whole, known }
}

impl Calendar<'_> {
    fn add(&mut self, value: &str, more: i64) -> Name {
        let more = self.graph.integer(more);
        self.graph.node("Add", &[value, &more])
    }

    fn times(&mut self, value: &str, factor: i64) -> Name {
        let factor = self.graph.integer(factor);
        self.graph.node("Mul", &[value, &factor])
    }

    /// Never negative, for a positive divisor.
    fn remainder(&mut self, value: &str, divisor: i64) -> Name {
        let divisor = self.graph.integer(divisor);
        self.graph.node("Mod", &[value, &divisor])
    }

    /// Divided and rounded down; ONNX itself rounds towards zero.
    fn floor(&mut self, value: &str, divisor: i64) -> Name {
        let rest = self.remainder(value, divisor);
        let multiple = self.graph.node("Sub", &[value, &rest]);
        self.over(&multiple, divisor)
    }

    /// Divided, of what is not negative or a multiple.
    fn over(&mut self, value: &str, divisor: i64) -> Name {
        let divisor = self.graph.integer(divisor);
        self.graph.node("Div", &[value, &divisor])
    }

    fn sum(&mut self, a: &str, b: &str) -> Name {
        self.graph.node("Add", &[a, b])
    }

    fn difference(&mut self, a: &str, b: &str) -> Name {
        self.graph.node("Sub", &[a, b])
    }

    /// Year, month and day of the month.
    fn civil(&mut self, days: &str) -> (Name, Name, Name) {
        let from_march = self.add(days, EPOCH);
        let era = self.floor(&from_march, DAYS_OF_ERA);
        let day_of_era = self.remainder(&from_march, DAYS_OF_ERA);
        // Leap days of 4 years are taken away, of 100 added, of 400 taken away.
        let (fours, hundreds, four_hundreds) = (
            self.over(&day_of_era, 1_460),
            self.over(&day_of_era, 36_524),
            self.over(&day_of_era, 146_096),
        );
        let even = self.difference(&day_of_era, &fours);
        let even = self.sum(&even, &hundreds);
        let even = self.difference(&even, &four_hundreds);
        let year_of_era = self.over(&even, 365);
        let before = self.days_before(&year_of_era);
        let day_of_year = self.difference(&day_of_era, &before);
        let month_from_march = self.times(&day_of_year, 5);
        let month_from_march = self.add(&month_from_march, 2);
        let month_from_march = self.over(&month_from_march, 153);
        let first_of_month = self.times(&month_from_march, 153);
        let first_of_month = self.add(&first_of_month, 2);
        let first_of_month = self.over(&first_of_month, 5);
        let day = self.difference(&day_of_year, &first_of_month);
        let day = self.add(&day, 1);
        let (ahead, behind) = (self.add(&month_from_march, 3), self.add(&month_from_march, -9));
        let ten = self.graph.integer(10);
        let from_march_on = self.graph.node("Less", &[&month_from_march, &ten]);
        let month = self.graph.choose(&from_march_on, &ahead, &behind);
        let eras = self.times(&era, 400);
        let year = self.sum(&year_of_era, &eras);
        let next = self.add(&year, 1);
        let year = self.graph.choose(&from_march_on, &year, &next);
        (year, month, day)
    }

    /// Days of an era before a year of it.
    fn days_before(&mut self, year_of_era: &str) -> Name {
        let days = self.times(year_of_era, 365);
        let (fours, hundreds) = (self.over(year_of_era, 4), self.over(year_of_era, 100));
        let days = self.sum(&days, &fours);
        self.difference(&days, &hundreds)
    }

    /// From the first of January, which is the 307th day of the year that began in the March before.
    fn day_of_year(&mut self, days: &str) -> Name {
        let (year, _, _) = self.civil(days);
        let began = self.add(&year, -1);
        let era = self.floor(&began, 400);
        let year_of_era = self.remainder(&began, 400);
        let day_of_era = self.days_before(&year_of_era);
        let eras = self.times(&era, DAYS_OF_ERA);
        let january = self.sum(&day_of_era, &eras);
        let january = self.add(&january, 306 - EPOCH);
        let from_zero = self.difference(days, &january);
        self.add(&from_zero, 1)
    }
}
