//! Texts that `dateutil.parser.parse` reads as a date or a time, with its defaults.
//!
//! ```text
//! text ─ lex ─▶ tokens ─ Parse ─▶ year, month, day, time, zone ─ on a day ─▶ is there such a moment?
//! ```
//!
//! What a text lacks is taken from a day: its year and month decide whether `31` or `29 Feb` is a date, and years of two digits are
//! those within fifty years of it.

mod lex;
mod order;

use order::Members;

use crate::digits::digit;

/// The day that texts are completed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Year, 1 to 9999.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: i64,
    /// Day of the month, from 1.
    pub day: i64,
}

impl Default for Day {
    /// The first of January 1970.
    fn default() -> Self {
        Self { year: 1970, month: 1, day: 1 }
    }
}

impl Day {
    /// The day of a time in microseconds since 1970, in UTC; at most the last of the year 9999, and at least the first of the year 1.
    #[must_use]
    pub fn of_time(microseconds: f64) -> Self {
        let days = (microseconds / MICROSECONDS_OF_DAY).floor().clamp(-719_162.0, 2_932_896.0);
        // By years that begin in March, so that a leap day is the last of its year, and by their eras of 400.
        let days = days as i64 + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Self { year: year_of_era + era * 400 + i64::from(month < 3), month, day }
    }
}

/// Why a text is none.
#[derive(Debug, PartialEq)]
enum Fault {
    /// It is no date.
    NoDate,
    /// Its number has more digits than a decimal of Python, which is an exception there.
    Decimal,
}

type Step<T> = Result<T, Fault>;

const MICROSECONDS_OF_DAY: f64 = 86_400.0 * 1e6;
/// Most digits of a whole number that Python's decimals divide.
const MAX_DIGITS: usize = 28;
/// Seconds that a difference of times may have.
const MAX_OFFSET: i64 = 999_999_999 * 86_400;
/// Whether `dateutil` reads a text.
///
/// # Errors
/// Where it ends with an exception of another kind than that the text is no date.
pub(crate) fn reads(text: &str, day: Day) -> Result<bool, String> {
    match Parse::new(text).moment(day) {
        Ok(is_moment) => Ok(is_moment),
        Err(Fault::NoDate) => Ok(false),
        Err(Fault::Decimal) => Err("[<class 'decimal.DivisionImpossible'>]".to_owned()),
    }
}

/// The parts of a moment, as they are found.
#[derive(Debug, Default)]
struct Parse {
    tokens: Vec<String>,
    ymd: Members,
    weekday: Option<i64>,
    hour: Option<i64>,
    minute: Option<i64>,
    second: Option<i64>,
    microsecond: Option<i64>,
    zone: Option<String>,
    offset: Option<i64>,
    has_half: bool,
}

impl Parse {
    fn new(text: &str) -> Self {
        if text.is_ascii() {
            return Self { tokens: lex::tokens(text), ..Self::default() };
        }
        let latin =
            |it: char| digit(it).and_then(|digit| char::from_digit(digit, 10)).unwrap_or(it);
        let text: String = text.chars().map(latin).collect();
        Self { tokens: lex::tokens(&text), ..Self::default() }
    }

    fn token(&self, place: usize) -> Step<&str> {
        self.tokens.get(place).map(String::as_str).ok_or(Fault::NoDate)
    }

    /// Whether there is a token, and which; the empty one is none.
    fn at(&self, place: usize) -> &str {
        self.tokens.get(place).map_or("", String::as_str)
    }

    /// Whether the parts make a moment on a day that gives what is missing.
    fn moment(mut self, today: Day) -> Step<bool> {
        let mut place = 0;
        while place < self.tokens.len() {
            place = self.step(place, today)? + 1;
        }
        let (year, month, day) = self.ymd.resolved()?;
        let parts = [year, month, day, self.weekday, self.hour, self.minute, self.second];
        let has_zone = self.zone.is_some() || self.offset.is_some() || self.has_half;
        if parts.iter().all(Option::is_none) && self.microsecond.is_none() && !has_zone {
            return Ok(false);
        }
        let century = self.ymd.has_century();
        let year = year.map_or(today.year, |it| full_year(it, century, today));
        let month = month.unwrap_or(today.month);
        let in_range = |part: Option<i64>, end: i64| part.is_none_or(|it| (0..end).contains(&it));
        if !(1..=9999).contains(&year)
            || !(1..=12).contains(&month)
            || !in_range(self.hour, 24)
            || !in_range(self.minute, 60)
            || !in_range(self.second, 60)
            || !in_range(self.microsecond, 1_000_000)
            || self.offset.is_some_and(|offset| offset.abs() > MAX_OFFSET)
        {
            return Ok(false);
        }
        let last = days_of(year, month);
        let chosen = day.unwrap_or_else(|| today.day.min(last));
        if !(1..=last).contains(&chosen) {
            return Ok(false);
        }
        // The next such weekday has to lie before the end of all years.
        let to_weekday = match self.weekday {
            Some(weekday) if day.is_none_or(|day| day == 0) => {
                (weekday - weekday_of(year, month, chosen)).rem_euclid(7)
            }
            _ => 0,
        };
        Ok(year < 9999 || month < 12 || chosen + to_weekday <= last)
    }

    /// Takes the token at a place, and those that belong to it; gives the last place that was taken.
    fn step(&mut self, place: usize, today: Day) -> Step<usize> {
        let token = self.token(place)?.to_owned();
        if is_decimal(&token) {
            return self.number(place);
        }
        let lower = token.to_ascii_lowercase();
        // Python reads these as numbers, which are none of a date.
        if matches!(lower.as_str(), "nan" | "inf" | "infinity") {
            return Err(Fault::NoDate);
        }
        if let Some(weekday) = weekday(&lower) {
            self.weekday = Some(weekday);
            return Ok(place);
        }
        if let Some(month) = month(&lower) {
            return self.month(place, month, today);
        }
        if let Some(afternoon) = half(&lower) {
            let hour = self.hour.filter(|hour| (0..=12).contains(hour)).ok_or(Fault::NoDate)?;
            self.hour = Some(adjusted(hour, afternoon));
            self.has_half = true;
            return Ok(place);
        }
        if self.could_be_zone(&token, self.offset) {
            self.offset = (token == "z").then_some(0);
            let sign = self.at(place + 1).to_owned();
            let is_utc = matches!(lower.as_str(), "utc" | "gmt" | "z");
            self.zone = Some(token);
            // `GMT+3` says that three hours more than here are GMT.
            if matches!(sign.as_str(), "+" | "-") {
                if let Some(next) = self.tokens.get_mut(place + 1) {
                    *next = if sign == "+" { "-" } else { "+" }.to_owned();
                }
                self.offset = None;
                if is_utc {
                    self.zone = None;
                }
            }
            return Ok(place);
        }
        if self.hour.is_some() && matches!(token.as_str(), "+" | "-") {
            return self.offset(place, token == "-");
        }
        if is_jump(&lower) { Ok(place) } else { Err(Fault::NoDate) }
    }

    /// The name of a month, with a day and a year behind it.
    fn month(&mut self, place: usize, month: i64, today: Day) -> Step<usize> {
        self.ymd.push_month(month)?;
        let separator = self.at(place + 1).to_owned();
        if matches!(separator.as_str(), "-" | "/") {
            let next = self.token(place + 2)?.to_owned();
            self.ymd.push_text(&next, false)?;
            if self.at(place + 3) == separator {
                let third = self.token(place + 4)?.to_owned();
                self.ymd.push_text(&third, false)?;
                return Ok(place + 4);
            }
            return Ok(place + 2);
        }
        let is_of = self.at(place + 2).eq_ignore_ascii_case("of");
        if place + 4 < self.tokens.len() && separator == " " && self.at(place + 3) == " " && is_of {
            let year = self.at(place + 4).to_owned();
            // Raised digits are no number, and no text that could be passed over.
            if year.chars().all(char::is_numeric) {
                let year = full_year(whole(&year)?, false, today);
                self.ymd.push_text(&year.to_string(), true)?;
            }
            return Ok(place + 4);
        }
        Ok(place)
    }

    /// A zone as a distance from UTC: `+0300`, `-03:00`, `+3`, with a name in brackets.
    fn offset(&mut self, place: usize, is_behind: bool) -> Step<usize> {
        let digits = self.token(place + 1)?.to_owned();
        let mut place = place;
        let length = digits.chars().count();
        let (hours, minutes) = if length == 4 {
            (whole(part(&digits, 0, 2))?, whole(part(&digits, 2, 4))?)
        } else if self.at(place + 2) == ":" {
            let minutes = whole(self.token(place + 3)?)?;
            place += 2;
            (whole(&digits)?, minutes)
        } else if length <= 2 {
            (whole(&digits)?, 0)
        } else {
            return Err(Fault::NoDate);
        };
        let seconds = hours.saturating_mul(3600).saturating_add(minutes.saturating_mul(60));
        self.offset = Some(if is_behind { -seconds } else { seconds });
        let name = self.at(place + 4).to_owned();
        if place + 5 < self.tokens.len()
            && is_jump(&self.at(place + 2).to_ascii_lowercase())
            && self.at(place + 3) == "("
            && self.at(place + 5) == ")"
            && name.chars().count() >= 3
            && self.could_be_zone(&name, None)
        {
            self.zone = Some(name);
            place += 4;
        }
        Ok(place + 1)
    }

    fn could_be_zone(&self, token: &str, offset: Option<i64>) -> bool {
        self.hour.is_some()
            && self.zone.is_none()
            && offset.is_none()
            && token.chars().count() <= 5
            && (token == "z" || token.chars().all(|it| it.is_ascii_uppercase()))
    }

    /// A number, by its length and by what stands beside it.
    fn number(&mut self, place: usize) -> Step<usize> {
        let token = self.token(place)?.to_owned();
        let length = token.len();
        let has_next = place + 1 < self.tokens.len();
        let next = self.at(place + 1).to_owned();
        let lower = next.to_ascii_lowercase();
        let is_clock = next == ":" || unit(&lower).is_some();
        if self.ymd.len() == 3 && matches!(length, 2 | 4) && self.hour.is_none() && !is_clock {
            // 19990101T23[59]
            self.hour = Some(whole(part(&token, 0, 2))?);
            if length == 4 {
                self.minute = Some(whole(part(&token, 2, 4))?);
            }
            return Ok(place);
        }
        if length == 6 || (length > 6 && token.find('.') == Some(6)) {
            // YYMMDD or HHMMSS[.ss]
            if self.ymd.len() == 0 && !token.contains('.') {
                for from in [0, 2, 4] {
                    self.ymd.push_text(part(&token, from, from + 2), false)?;
                }
            } else {
                self.hour = Some(whole(part(&token, 0, 2))?);
                self.minute = Some(whole(part(&token, 2, 4))?);
                self.seconds(part(&token, 4, length))?;
            }
            return Ok(place);
        }
        if matches!(length, 8 | 12 | 14) {
            // YYYYMMDD[hhmm[ss]]
            self.ymd.push_text(part(&token, 0, 4), true)?;
            self.ymd.push_text(part(&token, 4, 6), false)?;
            self.ymd.push_text(part(&token, 6, 8), false)?;
            if length > 8 {
                self.hour = Some(whole(part(&token, 8, 10))?);
                self.minute = Some(whole(part(&token, 10, 12))?);
            }
            if length > 12 {
                self.second = Some(whole(part(&token, 12, 14))?);
            }
            return Ok(place);
        }
        if let Some((last, unit)) = self.unit_beside(place) {
            self.by_unit(&token, unit)?;
            return Ok(last);
        }
        if place + 2 < self.tokens.len() && next == ":" {
            return self.clock(place, &token);
        }
        if has_next && matches!(next.as_str(), "-" | "/" | ".") {
            return self.separated(place, &token, &next);
        }
        if !has_next || is_jump(&lower) {
            let after = half(&self.at(place + 2).to_ascii_lowercase());
            if let Some(afternoon) = after {
                // 12 am
                self.hour = Some(adjusted(truncated(&token)?, afternoon));
                return Ok(place + 2);
            }
            self.ymd.push_number(&token)?;
            return Ok(place + 1);
        }
        if let Some(afternoon) = half(&lower)
            && truncated(&token)? < 24
        {
            // 12am
            self.hour = Some(adjusted(truncated(&token)?, afternoon));
            return Ok(place + 1);
        }
        if !self.ymd.could_be_day(&token)? {
            return Err(Fault::NoDate);
        }
        self.ymd.push_number(&token)?;
        Ok(place)
    }

    /// HH:MM[:SS[.ss]]
    fn clock(&mut self, place: usize, hours: &str) -> Step<usize> {
        self.hour = Some(truncated(hours)?);
        let minutes = self.token(place + 2)?.to_owned();
        if !is_decimal(&minutes) {
            return Err(Fault::NoDate);
        }
        self.minutes(&minutes)?;
        if place + 4 < self.tokens.len() && self.at(place + 3) == ":" {
            let seconds = self.token(place + 4)?.to_owned();
            self.seconds(&seconds)?;
            return Ok(place + 4);
        }
        Ok(place + 2)
    }

    /// 01-01[-01], 01-Jan[-01]
    fn separated(&mut self, place: usize, first: &str, separator: &str) -> Step<usize> {
        self.ymd.push_text(first, false)?;
        let second = self.at(place + 2).to_owned();
        let lower = second.to_ascii_lowercase();
        if place + 2 >= self.tokens.len() || is_jump(&lower) {
            return Ok(place + 1);
        }
        match month(&lower) {
            _ if is_digits(&second) => self.ymd.push_text(&second, false)?,
            Some(month) => self.ymd.push_month(month)?,
            None => return Err(Fault::NoDate),
        }
        if self.at(place + 3) != separator {
            return Ok(place + 2);
        }
        let third = self.token(place + 4)?.to_owned();
        match month(&third.to_ascii_lowercase()) {
            Some(month) => self.ymd.push_month(month)?,
            None => self.ymd.push_text(&third, false)?,
        }
        Ok(place + 4)
    }

    /// The unit of a number, hours to seconds from 0, and the last place that is taken: a unit behind it, or the one that follows the
    /// unit before it.
    fn unit_beside(&self, place: usize) -> Option<(usize, usize)> {
        let unit = |place: usize| unit(&self.at(place).to_ascii_lowercase());
        let before = |by: usize| place.checked_sub(by);
        if let Some(found) = unit(place + 1) {
            return Some((place + 1, found));
        }
        if let Some(found) = unit(place + 2).filter(|_| self.at(place + 1) == " ") {
            return Some((place + 2, found));
        }
        if let Some(found) = before(1).and_then(unit) {
            return Some((place, found + 1));
        }
        let is_last = place > 1 && place + 1 == self.tokens.len();
        let spaced = is_last && before(1).is_some_and(|place| self.at(place) == " ");
        let found = before(2).filter(|_| spaced).and_then(unit)?;
        Some((place, found + 1))
    }

    fn by_unit(&mut self, token: &str, unit: usize) -> Step<()> {
        match unit {
            0 => {
                self.hour = Some(truncated(token)?);
                if let Some(minute) = sixtieths(token)? {
                    self.minute = Some(minute);
                }
                Ok(())
            }
            1 => self.minutes(token),
            2 => self.seconds(token),
            _ => Ok(()),
        }
    }

    /// Minutes, whose fraction is seconds.
    fn minutes(&mut self, token: &str) -> Step<()> {
        self.minute = Some(truncated(token)?);
        self.second = sixtieths(token)?;
        Ok(())
    }

    /// Seconds, with six digits of their fraction.
    fn seconds(&mut self, token: &str) -> Step<()> {
        let (seconds, fraction) = token.split_once('.').unwrap_or((token, "0"));
        let fraction: String = fraction.chars().chain("000000".chars()).take(6).collect();
        self.second = Some(whole(seconds)?);
        self.microsecond = Some(whole(&fraction)?);
        Ok(())
    }
}

/// Digits, with a dot between them or without.
fn is_decimal(token: &str) -> bool {
    let (whole, fraction) = token.split_once('.').unwrap_or((token, "0"));
    is_digits(whole) && is_digits(fraction)
}

fn is_digits(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit())
}

/// The characters of an ASCII token in a range; none of another one.
fn part(token: &str, from: usize, to: usize) -> &str {
    token.get(from..to.min(token.len())).unwrap_or_default()
}

/// A whole number; one that has too many digits for any date is the greatest.
fn whole(digits: &str) -> Step<i64> {
    if is_digits(digits) { Ok(digits.parse().unwrap_or(i64::MAX)) } else { Err(Fault::NoDate) }
}

/// The whole part of a decimal number.
fn truncated(token: &str) -> Step<i64> {
    whole(token.split_once('.').map_or(token, |(whole, _)| whole))
}

/// The sixtieths in the fraction of a decimal number; none where it has no fraction.
fn sixtieths(token: &str) -> Step<Option<i64>> {
    let (whole, fraction) = token.split_once('.').unwrap_or((token, ""));
    if whole.trim_start_matches('0').len() > MAX_DIGITS {
        return Err(Fault::Decimal);
    }
    if fraction.bytes().all(|digit| digit == b'0') {
        return Ok(None);
    }
    let digits = part(fraction, 0, MAX_DIGITS);
    let scale = 10_u128.pow(u32::try_from(digits.len()).unwrap_or(0));
    let sixtieths = digits.parse::<u128>().map_err(|_| Fault::NoDate)? * 60 / scale;
    Ok(i64::try_from(sixtieths).ok())
}

/// A year of two digits is the one within fifty years of today.
fn full_year(year: i64, has_century: bool, today: Day) -> i64 {
    if year >= 100 || has_century {
        return year;
    }
    let full = year + today.year / 100 * 100;
    match full {
        _ if full >= today.year + 50 => full - 100,
        _ if full < today.year - 50 => full + 100,
        _ => full,
    }
}

fn adjusted(hour: i64, afternoon: bool) -> i64 {
    match (hour, afternoon) {
        (..12, true) => hour + 12,
        (12, false) => 0,
        _ => hour,
    }
}

/// The days of a month, 1 to 12.
fn days_of(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The day of the week, Monday being 0.
fn weekday_of(year: i64, month: i64, day: i64) -> i64 {
    // By years that begin in March, so that a leap day is the last of its year.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    (days + 2).rem_euclid(7)
}

fn named(names: &[&[&str]], word: &str) -> Option<usize> {
    names.iter().position(|names| names.contains(&word))
}

fn weekday(word: &str) -> Option<i64> {
    let names: [&[&str]; 7] = [
        &["mon", "monday"],
        &["tue", "tuesday"],
        &["wed", "wednesday"],
        &["thu", "thursday"],
        &["fri", "friday"],
        &["sat", "saturday"],
        &["sun", "sunday"],
    ];
    named(&names, word).and_then(|place| i64::try_from(place).ok())
}

fn month(word: &str) -> Option<i64> {
    let names: [&[&str]; 12] = [
        &["jan", "january"],
        &["feb", "february"],
        &["mar", "march"],
        &["apr", "april"],
        &["may"],
        &["jun", "june"],
        &["jul", "july"],
        &["aug", "august"],
        &["sep", "sept", "september"],
        &["oct", "october"],
        &["nov", "november"],
        &["dec", "december"],
    ];
    named(&names, word).and_then(|place| i64::try_from(place + 1).ok())
}

/// Hours, minutes and seconds, from 0.
fn unit(word: &str) -> Option<usize> {
    let names: [&[&str]; 3] =
        [&["h", "hour", "hours"], &["m", "minute", "minutes"], &["s", "second", "seconds"]];
    named(&names, word)
}

/// Whether the hour is after noon.
fn half(word: &str) -> Option<bool> {
    match word {
        "am" | "a" => Some(false),
        "pm" | "p" => Some(true),
        _ => None,
    }
}

/// What stands between the parts of a date and says nothing.
fn is_jump(word: &str) -> bool {
    let words = [
        " ", ".", ",", ";", "-", "/", "'", "at", "on", "and", "ad", "m", "t", "of", "st", "nd",
        "rd", "th",
    ];
    words.contains(&word)
}

#[cfg(test)]
mod tests;
