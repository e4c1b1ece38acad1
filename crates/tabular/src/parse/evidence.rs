//! Which form the texts of a column have, concluded from all of them.
//!
//! Every text that is no plain value is held against each form. What is kept are counts, so that parts of a column can be
//! looked at apart and added up, in any order.

use schema::{DateOrder, DecimalSign, NumberForm, TextForm};

use super::dates::Parts;
use super::{KindCounts, clock, numbers};
use crate::ColumnType;

/// Share of the values from which on a form that the others do not have is worth a word.
const MOSTLY: f64 = 0.9;

/// How the texts of a column read in each form.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    dates: Dates,
    numbers: Numbers,
    times: u64,
    durations: u64,
}

#[derive(Clone, Debug, Default)]
struct Dates {
    /// Texts that have the shape of a date in some order.
    shaped: u64,
    /// Texts whose month has its name.
    named: u64,
    /// Texts that read in each order, as [`DateOrder::ALL`].
    fits: [u64; 3],
    /// Texts that are different dates in two orders.
    differ: u64,
    /// Texts that read in each order, but as no date of the calendar.
    special: [u64; 3],
    /// Texts with a time.
    times: u64,
}

#[derive(Clone, Debug, Default)]
struct Numbers {
    /// Texts that have the shape of a number.
    shaped: u64,
    point: u64,
    comma: u64,
    /// Texts that are different numbers by the two decimal signs.
    differ: u64,
    unit: Option<String>,
    units_differ: bool,
    /// Plain numbers with a point that may separate thousands, as `1.234`, and those without a point, as `1e3`.
    pointed: u64,
}

/// What the texts of a column are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Conclusion {
    pub(super) column_type: ColumnType,
    pub(super) form: TextForm,
    /// Values that read in the form and are missing: dates that the calendar does not have.
    pub(super) special: u64,
}

impl Evidence {
    /// Takes a text into account that is no plain value.
    pub(super) fn observe_text(&mut self, text: &str) {
        if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return;
        }
        if let Some(parts) = Parts::of(text) {
            self.dates.observe(&parts);
        }
        if let Some(spelled) = numbers::spelled(text) {
            self.numbers.observe(&spelled);
        }
        self.times += u64::from(clock::time_of_day(text).is_some());
        self.durations += u64::from(clock::duration(text).is_some());
    }

    /// Takes a plain number with a fraction or an exponent into account.
    pub(super) fn observe_number(&mut self, text: &str) {
        let bytes = text.trim().as_bytes();
        let is_point = bytes.len().checked_sub(4).and_then(|at| bytes.get(at)) == Some(&b'.');
        let is_alike = !bytes.contains(&b'.');
        self.numbers.pointed += u64::from(is_alike || (is_point && bytes.len() <= 8));
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.dates.merge(&other.dates);
        self.numbers.merge(&other.numbers);
        self.times += other.times;
        self.durations += other.durations;
    }

    /// The form that all texts have; none where they do not have one, or have two that differ.
    pub(super) fn conclude(
        &self,
        counts: &KindCounts,
        decimal: Option<DecimalSign>,
        date_order: Option<DateOrder>,
    ) -> Option<Conclusion> {
        let (texts, present) = (counts.text, counts.present());
        if texts == 0 {
            return None;
        }
        let numbers_beside = counts.integer + counts.number;
        let dates_beside = counts.date + counts.timestamp + counts.special;
        if texts + dates_beside == present {
            let found = self.dates.conclude(texts, counts, date_order);
            if found.is_some() {
                return found;
            }
        }
        let number = |form| {
            let column_type = ColumnType::Number;
            Some(Conclusion { column_type, form, special: 0 })
        };
        if texts + numbers_beside + counts.not_finite == present
            && let Some(form) = self.numbers.conclude(texts, counts, decimal)
        {
            return number(TextForm::Number(form));
        }
        match (texts == present, self.times == texts, self.durations == texts) {
            (true, true, _) => number(TextForm::TimeOfDay),
            (true, _, true) => number(TextForm::Duration),
            _ => None,
        }
    }

    /// Why a column that looks like values of a form is text, without a full stop; none where it does not look so.
    pub(super) fn unclear(&self, counts: &KindCounts) -> Option<&'static str> {
        let (texts, present) = (counts.text, counts.present());
        let dates_beside = counts.date + counts.timestamp + counts.special;
        let mostly = |of: u64| of as f64 >= MOSTLY * present as f64 && of > 0;
        if self.dates.shaped == texts && texts > 0 && self.dates.is_ambiguous(texts) {
            return Some(
                "its dates read alike with the day first and with the month first; state their order (--date-order day or month, csv.dateOrder in the request) or write them as 2024-05-31 to have them used",
            );
        }
        if mostly(self.dates.shaped + dates_beside) {
            return Some(
                "its dates are not all of one order, or not of the one that is stated, or other values are among them; write all as 2024-05-31 to have them used",
            );
        }
        let numbers_beside = counts.integer + counts.number;
        if self.numbers.shaped > 0 && mostly(self.numbers.shaped + numbers_beside) {
            return Some(
                "its numbers have different units or separators, or other values are among them; write all alike, or plain numbers, to have them used",
            );
        }
        if mostly(self.times) || mostly(self.durations) {
            return Some(
                "other values are among its times or durations; write all alike, or plain numbers, to have them used",
            );
        }
        None
    }
}

impl Dates {
    fn observe(&mut self, parts: &Parts<'_>) {
        let read = DateOrder::ALL.map(|order| parts.read(order));
        if read.iter().all(Option::is_none) {
            return;
        }
        self.shaped += 1;
        self.named += u64::from(parts.is_named());
        for ((found, fits), special) in read.iter().zip(&mut self.fits).zip(&mut self.special) {
            *fits += u64::from(found.is_some());
            *special += u64::from(found.is_some_and(|found| found.value.is_none()));
        }
        let [day, month, _] = &read;
        self.differ += u64::from(match (day, month) {
            (Some(day), Some(month)) => day.value != month.value,
            _ => false,
        });
        self.times += u64::from(read.iter().flatten().any(|found| found.has_time));
    }

    fn merge(&mut self, other: &Self) {
        self.shaped += other.shaped;
        self.named += other.named;
        for (own, other) in self.fits.iter_mut().zip(other.fits) {
            *own += other;
        }
        for (own, other) in self.special.iter_mut().zip(other.special) {
            *own += other;
        }
        self.differ += other.differ;
        self.times += other.times;
    }

    /// Whether the day and the month may be the other way round.
    fn is_ambiguous(&self, texts: u64) -> bool {
        let [day, month, _] = self.fits;
        day == texts && month == texts && self.differ > 0
    }

    /// A stated order is not held against texts whose month has its name.
    fn conclude(
        &self,
        texts: u64,
        counts: &KindCounts,
        stated: Option<DateOrder>,
    ) -> Option<Conclusion> {
        let stated = stated.filter(|_| self.named < texts);
        if stated.is_none() && self.is_ambiguous(texts) {
            return None;
        }
        let fitting = DateOrder::ALL.into_iter().zip(self.fits).zip(self.special);
        let mut fitting = fitting.filter(|((order, _), _)| stated.is_none_or(|of| of == *order));
        let ((order, _), special) = fitting.find(|((_, fits), _)| *fits == texts)?;
        let special = special + counts.special;
        let real = counts.present() - special;
        let has_times = self.times + counts.timestamp > 0;
        (real > special).then_some(Conclusion {
            column_type: if has_times { ColumnType::Timestamp } else { ColumnType::Date },
            form: TextForm::Date(order),
            special,
        })
    }
}

impl Numbers {
    fn observe(&mut self, spelled: &numbers::SpelledNumber<'_>) {
        self.shaped += 1;
        self.point += u64::from(spelled.point.is_some());
        self.comma += u64::from(spelled.comma.is_some());
        self.differ += u64::from(match (spelled.point, spelled.comma) {
            (Some(point), Some(comma)) => point != comma,
            _ => false,
        });
        self.take_unit(spelled.unit);
    }

    fn take_unit(&mut self, unit: &str) {
        match &self.unit {
            _ if unit.is_empty() => {}
            None => self.unit = Some(unit.to_owned()),
            Some(known) => self.units_differ |= known != unit,
        }
    }

    fn merge(&mut self, other: &Self) {
        self.shaped += other.shaped;
        self.point += other.point;
        self.comma += other.comma;
        self.differ += other.differ;
        self.pointed += other.pointed;
        self.units_differ |= other.units_differ;
        if let Some(unit) = &other.unit {
            self.take_unit(unit);
        }
    }

    /// A point is the decimal sign where all texts read so; `1,234` counts thousands then.
    fn conclude(
        &self,
        texts: u64,
        counts: &KindCounts,
        stated: Option<DecimalSign>,
    ) -> Option<NumberForm> {
        let open = |sign| stated.is_none_or(|stated| stated == sign);
        if self.units_differ {
            return None;
        }
        let decimal = if self.point == texts && open(DecimalSign::Point) {
            DecimalSign::Point
        } else if self.comma == texts && self.pointed == counts.number && open(DecimalSign::Comma) {
            DecimalSign::Comma
        } else {
            return None;
        };
        Some(NumberForm { unit: self.unit.clone().unwrap_or_default(), decimal })
    }

    /// Whether `1,234` may be 1234 or 1.234, with nothing that says which.
    fn is_ambiguous(&self, texts: u64) -> bool {
        self.point == texts && self.comma == texts && self.differ > 0
    }
}

/// What was concluded of a column's texts, in words without its name and without a full stop.
pub(super) fn words(evidence: &Evidence, counts: &KindCounts, found: &Conclusion) -> Vec<String> {
    let mut words = Vec::new();
    match &found.form {
        TextForm::Plain => {}
        TextForm::Date(order) => {
            words.push(format!("its texts are read as dates of the order {}", order.title()));
        }
        TextForm::Number(NumberForm { unit, decimal }) => {
            let unit = if unit.is_empty() { String::new() } else { format!(" in `{unit}`") };
            let sign = match decimal {
                DecimalSign::Point => "",
                DecimalSign::Comma => " with a decimal comma",
            };
            let doubt = if evidence.numbers.is_ambiguous(counts.text) {
                "; commas are taken to separate thousands, and nothing in the column says so"
            } else {
                ""
            };
            words.push(format!("its texts are read as numbers{unit}{sign}{doubt}"));
        }
        TextForm::TimeOfDay => {
            words.push("its texts are read as times of day, in seconds since midnight".to_owned());
        }
        TextForm::Duration => {
            words.push("its texts are read as durations, in seconds".to_owned());
        }
    }
    if found.special > 0 {
        words.push(format!(
            "{} dates that the calendar does not have, or that stand for none (9999-12-31), are taken as missing",
            found.special
        ));
    }
    words
}
