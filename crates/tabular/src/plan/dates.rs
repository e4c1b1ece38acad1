//! Parts of dates and instants, in UTC, each by arithmetic that gives the same bits everywhere.

use serde::{Deserialize, Serialize};

use crate::parse;

/// Microseconds of an hour.
pub const HOUR_MICROSECONDS: f64 = parse::DAY_MICROSECONDS / 24.0;

/// Days of a week.
const WEEK: f64 = 7.0;
/// Days of a year, on the average of four.
const YEAR: f64 = 365.25;

/// Coefficients of `sin(π r / 2)` for `r` from 0 to 1, of `r`, `r³`, `r⁵` and so on: its Taylor series, which is exact to 4e-16
/// there. The sine of a platform's library is not the same on every platform; additions and multiplications are.
pub const QUARTER_SINE: [f64; 11] = [
    std::f64::consts::FRAC_PI_2,
    -0.645_964_097_506_246_3,
    0.079_692_626_246_167_05,
    -0.004_681_754_135_318_688,
    0.000_160_441_184_787_359_83,
    -3.598_843_235_212_085e-6,
    5.692_172_921_967_927e-8,
    -6.688_035_109_811_468e-10,
    6.066_935_731_106_195_6e-12,
    -4.377_065_467_313_742e-14,
    2.571_422_892_860_474e-16,
];

/// A part of a date or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatePart {
    /// Year, such as 2026.
    Year,
    /// Month, 1 to 12.
    Month,
    /// Monday 1 to Sunday 7.
    DayOfWeek,
    /// Day of the month, 1 to 31.
    DayOfMonth,
    /// Day of the year, 1 to 366.
    DayOfYear,
    /// Days since 1970-01-01, with the fraction of the day for instants.
    #[serde(rename = "days_since_1970")]
    DaysSince1970,
    /// From 0 to below 24, with minutes, seconds and microseconds as a fraction.
    HourOfDay,
    /// `sin(2π hour / 24)`, from -1 to 1.
    HourOfDaySin,
    /// `cos(2π hour / 24)`, from -1 to 1.
    HourOfDayCos,
    /// `sin(2π (day - 1) / 7)` of the day of the week, from -1 to 1.
    DayOfWeekSin,
    /// `cos(2π (day - 1) / 7)` of the day of the week, from -1 to 1.
    DayOfWeekCos,
    /// `sin(2π (day - 1) / 365.25)` of the day of the year, from -1 to 1.
    DayOfYearSin,
    /// `cos(2π (day - 1) / 365.25)` of the day of the year, from -1 to 1.
    DayOfYearCos,
}

/// What a part on a circle is a function of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CyclicPart {
    /// The part that goes around.
    pub of: DatePart,
    /// Whether it is the cosine; else the sine.
    pub cosine: bool,
}

impl DatePart {
    /// All parts, in the order of their names in a plan.
    pub const ALL: [Self; 13] = [
        Self::Year,
        Self::Month,
        Self::DayOfWeek,
        Self::DayOfMonth,
        Self::DayOfYear,
        Self::DaysSince1970,
        Self::HourOfDay,
        Self::HourOfDaySin,
        Self::HourOfDayCos,
        Self::DayOfWeekSin,
        Self::DayOfWeekCos,
        Self::DayOfYearSin,
        Self::DayOfYearCos,
    ];

    /// Its name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::DayOfWeek => "day_of_week",
            Self::DayOfMonth => "day_of_month",
            Self::DayOfYear => "day_of_year",
            Self::DaysSince1970 => "days_since_1970",
            Self::HourOfDay => "hour_of_day",
            Self::HourOfDaySin => "hour_of_day_sin",
            Self::HourOfDayCos => "hour_of_day_cos",
            Self::DayOfWeekSin => "day_of_week_sin",
            Self::DayOfWeekCos => "day_of_week_cos",
            Self::DayOfYearSin => "day_of_year_sin",
            Self::DayOfYearCos => "day_of_year_cos",
        }
    }

    /// What it is the sine or cosine of; none where it is neither.
    #[must_use]
    pub fn circle(self) -> Option<CyclicPart> {
        let circle = |of, cosine| Some(CyclicPart { of, cosine });
        match self {
            Self::HourOfDaySin => circle(Self::HourOfDay, false),
            Self::HourOfDayCos => circle(Self::HourOfDay, true),
            Self::DayOfWeekSin => circle(Self::DayOfWeek, false),
            Self::DayOfWeekCos => circle(Self::DayOfWeek, true),
            Self::DayOfYearSin => circle(Self::DayOfYear, false),
            Self::DayOfYearCos => circle(Self::DayOfYear, true),
            _ => None,
        }
    }

    /// Days after which it comes again, as the calendar has it on average; none where it never does.
    #[must_use]
    pub fn period_days(self) -> Option<f64> {
        match self {
            Self::Year | Self::DaysSince1970 => None,
            Self::HourOfDay | Self::HourOfDaySin | Self::HourOfDayCos => Some(1.0),
            Self::DayOfWeek | Self::DayOfWeekSin | Self::DayOfWeekCos => Some(WEEK),
            Self::DayOfMonth => Some(YEAR / 12.0),
            Self::Month | Self::DayOfYear | Self::DayOfYearSin | Self::DayOfYearCos => Some(YEAR),
        }
    }

    /// What is taken from the part, and what it is then divided by, to count quarters of its circle from 0 to below 4. The
    /// part is multiplied by 4 in between.
    #[must_use]
    pub fn quarters(self) -> (f64, f64) {
        match self {
            Self::HourOfDay => (0.0, 24.0),
            Self::DayOfWeek => (1.0, WEEK),
            _ => (1.0, YEAR),
        }
    }

    /// The part of a moment given in microseconds since 1970; NaN where missing or out of the calendar.
    #[must_use]
    pub fn value_of(self, microseconds: f64) -> f64 {
        if self == Self::DaysSince1970 {
            return microseconds / parse::DAY_MICROSECONDS;
        }
        if let Some(CyclicPart { of, cosine }) = self.circle() {
            let (less, period) = of.quarters();
            return around((of.value_of(microseconds) - less) * 4.0 / period, cosine);
        }
        let Some(time) = parse::civil(microseconds) else { return f64::NAN };
        match self {
            Self::Year => f64::from(time.year()),
            Self::Month => f64::from(time.month()),
            Self::DayOfWeek => f64::from(time.weekday().to_monday_one_offset()),
            Self::DayOfMonth => f64::from(time.day()),
            Self::DayOfYear => f64::from(time.date().day_of_year()),
            // The calendar reads whole microseconds, and so does the hour.
            _ => microseconds.round().rem_euclid(parse::DAY_MICROSECONDS) / HOUR_MICROSECONDS,
        }
    }
}

/// The sine or cosine after so many quarters of a circle, from 0 to below 4; NaN stays NaN.
fn around(quarters: f64, cosine: bool) -> f64 {
    let whole = quarters.floor();
    let rest = quarters - whole;
    let (odd, late) = (whole == 1.0 || whole == 3.0, whole >= 2.0);
    // The cosine is the sine a quarter ahead.
    let (back, negative) = if cosine { (!odd, odd != late) } else { (odd, late) };
    let size = quarter_sine(if back { 1.0 - rest } else { rest });
    if negative { -size } else { size }
}

/// `sin(π r / 2)`.
fn quarter_sine(part: f64) -> f64 {
    let square = part * part;
    QUARTER_SINE.iter().rev().fold(0.0, |sum, coefficient| sum * square + coefficient) * part
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_parts_are_those_of_json() {
        for part in DatePart::ALL {
            assert_eq!(serde_json::to_value(part).unwrap(), part.as_str());
        }
    }

    #[test]
    fn parts_of_dates_are_in_utc() {
        let at = parse::timestamp("2024-12-31T23:30:00Z").unwrap();
        let parts: Vec<f64> = DatePart::ALL.into_iter().map(|part| part.value_of(at)).collect();
        assert_eq!(&parts[..5], [2024.0, 12.0, 2.0, 31.0, 366.0]);
        assert!((parts[5] - (20_088.0 + 23.5 / 24.0)).abs() < 1e-9);
        assert_eq!(parts[6], 23.5);
        assert!(DatePart::ALL.into_iter().all(|part| part.value_of(f64::NAN).is_nan()));
        assert!(
            DatePart::Year.value_of(1e300).is_nan()
                && DatePart::HourOfDaySin.value_of(1e300).is_nan()
        );
        let before = parse::timestamp("1969-12-31T06:15:00Z").unwrap();
        assert_eq!(DatePart::HourOfDay.value_of(before), 6.25);
    }

    #[test]
    fn hours_that_mirror_each_other_have_the_same_sine_to_the_bit() {
        let at = |hour: f64, part: DatePart| part.value_of(hour * HOUR_MICROSECONDS);
        let sine = |hour| at(hour, DatePart::HourOfDaySin);
        assert_eq!(sine(3.0), sine(9.0));
        assert_eq!(sine(3.0), -sine(15.0));
        assert_eq!(sine(5.25), at(23.25, DatePart::HourOfDayCos));
        assert_eq!((sine(0.0), sine(12.0)), (0.0, 0.0));
    }

    proptest! {
        #[test]
        fn sines_are_sines(microseconds in -3e17_f64..2.5e17) {
            for part in DatePart::ALL {
                let Some(CyclicPart { of, cosine }) = part.circle() else { continue };
                let (less, period) = of.quarters();
                let angle = std::f64::consts::TAU * (of.value_of(microseconds) - less) / period;
                let expected = if cosine { angle.cos() } else { angle.sin() };
                prop_assert!((part.value_of(microseconds) - expected).abs() < 2e-15);
            }
        }
    }
}
