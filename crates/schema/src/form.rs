//! How the texts of a column spell its values, where they are not the plain spelling of their type.

use serde::{Deserialize, Serialize};

/// How the texts of a column spell its values. It is concluded from all values of a column and stored with it, so that
/// serving reads a text as training did. The plain spelling of the type is read in every form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextForm {
    /// The plain spelling: `12.5`, `true`, `2024-05-31`, `2024-05-31T10:00:00Z`.
    #[default]
    Plain,
    /// Dates, with a time or without, whose parts stand in this order: `31/05/2024`, `5/31/2024`, `31-May-2024`.
    Date(DateOrder),
    /// Numbers with a unit, a currency or a percent sign, or with separators: `$1,234.50`, `12.5 kg`, `1.234,5`.
    Number(NumberForm),
    /// Times of day, `08:45` or `08:45:30`, as seconds since midnight.
    TimeOfDay,
    /// Durations, `1h 30m`, `45 min`, `2d`, as seconds.
    Duration,
}

impl TextForm {
    /// Whether it is the plain spelling.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

/// Order of the parts of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Day, month, year.
    DayFirst,
    /// Month, day, year.
    MonthFirst,
    /// Year, month, day.
    YearFirst,
}

impl DateOrder {
    /// All orders; the first that fits is taken where they do not differ.
    pub const ALL: [Self; 3] = [Self::DayFirst, Self::MonthFirst, Self::YearFirst];

    /// The order in words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::DayFirst => "day, month, year",
            Self::MonthFirst => "month, day, year",
            Self::YearFirst => "year, month, day",
        }
    }
}

/// How numbers are spelled.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberForm {
    /// The unit, the currency or the percent sign that numbers have; empty for none.
    pub unit: String,
    /// The sign between whole and fraction.
    pub decimal: DecimalSign,
}

/// The sign between the whole part of a number and its fraction. The other one may separate thousands, as may blanks and apostrophes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalSign {
    /// `1,234.5`
    Point,
    /// `1.234,5`
    Comma,
}
