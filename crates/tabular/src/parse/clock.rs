//! Times of day and durations, both as seconds.

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;
/// Longest text that is looked at.
const MAX_LENGTH: usize = 48;

/// A time of day such as `8:45`, `08:45:30.5` or `8:45 PM`, as seconds since midnight.
pub(super) fn time_of_day(text: &str) -> Option<f64> {
    let text = text.trim();
    let (seconds, rest) = leading(text.as_bytes()).filter(|_| text.len() <= MAX_LENGTH)?;
    rest.is_empty().then_some(seconds)
}

/// The time of day that a text begins with, as seconds since midnight, and what follows.
pub(super) fn leading(text: &[u8]) -> Option<(f64, &[u8])> {
    let (hour, rest) = figures(text, 2)?;
    let (minute, mut rest) = two(rest.strip_prefix(b":")?)?;
    let (mut second, mut fraction, mut parts) = (0.0, 0.0, 1.0);
    if let Some(after) = rest.strip_prefix(b":") {
        (second, rest) = two(after)?;
        if let Some(after) = rest.strip_prefix(b".") {
            let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return None;
            }
            (fraction, rest) = figures(after, digits)?;
            parts = 10_f64.powi(i32::try_from(digits).ok()?);
        }
    }
    let (half, rest) = half_of_the_day(rest);
    let hour = match half {
        None if hour < 24.0 => hour,
        Some(_) if !(1.0..=12.0).contains(&hour) => return None,
        Some(afternoon) => hour % 12.0 + if afternoon { 12.0 } else { 0.0 },
        None => return None,
    };
    // One division, so that the double is the nearest one.
    let whole = hour * HOUR + minute * MINUTE + second;
    (minute < 60.0 && second < 60.0).then_some(((whole * parts + fraction) / parts, rest))
}

/// `AM` or `PM`, with a blank before it or without: whether it is the afternoon.
fn half_of_the_day(text: &[u8]) -> (Option<bool>, &[u8]) {
    let rest = text.strip_prefix(b" ").unwrap_or(text);
    match rest {
        [b'A' | b'a', b'M' | b'm', rest @ ..] => (Some(false), rest),
        [b'P' | b'p', b'M' | b'm', rest @ ..] => (Some(true), rest),
        _ => (None, text),
    }
}

/// A duration such as `1h 30m`, `45 min`, `2 days 04:00:00` or `PT1H30M`, as seconds; its parts go from the greatest to
/// the least.
pub(super) fn duration(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.len() > MAX_LENGTH {
        return None;
    }
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest.trim_start()),
        None => (1.0, text),
    };
    let iso = text.strip_prefix('P');
    let (mut rest, mut in_time) = (iso.unwrap_or(text), iso.is_none());
    let (mut sum, mut least, mut parts) = (0.0, f64::INFINITY, 0);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T').filter(|_| iso.is_some() && !in_time) {
            (in_time, rest) = (true, after);
            continue;
        }
        let after_days = parts > 0 && least >= DAY && iso.is_none();
        if let Some(clock) = time_of_day(rest).filter(|_| after_days) {
            return Some(sign * (sum + clock));
        }
        let digits = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let (number, after) = rest.split_at_checked(digits)?;
        let number: f64 =
            number.parse().ok().filter(|_| number.as_bytes().first() != Some(&b'.'))?;
        let after = after.trim_start();
        let longest = if iso.is_some() { 1 } else { MAX_LENGTH };
        let letters = after.bytes().take(longest).take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at_checked(letters)?;
        let scale = if iso.is_some() { iso_seconds(unit, in_time)? } else { seconds_of(unit)? };
        if scale >= least {
            return None;
        }
        (sum, least, parts) = (sum + number * scale, scale, parts + 1);
        rest = after.trim_start().trim_start_matches(',').trim_start();
    }
    (parts > 0).then_some(sign * sum)
}

fn iso_seconds(unit: &str, in_time: bool) -> Option<f64> {
    match (unit, in_time) {
        ("W", false) => Some(7.0 * DAY),
        ("D", false) => Some(DAY),
        ("H", true) => Some(HOUR),
        ("M", true) => Some(MINUTE),
        ("S", true) => Some(1.0),
        _ => None,
    }
}

fn seconds_of(unit: &str) -> Option<f64> {
    let unit = unit.to_ascii_lowercase();
    Some(match unit.as_str() {
        "w" | "week" | "weeks" => 7.0 * DAY,
        "d" | "day" | "days" => DAY,
        "h" | "hr" | "hrs" | "hour" | "hours" => HOUR,
        "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "ms" => 1e-3,
        _ => return None,
    })
}

fn two(text: &[u8]) -> Option<(f64, &[u8])> {
    figures(text, 2).filter(|(_, rest)| text.len() - rest.len() == 2)
}

/// Up to `most` digits, one at least.
fn figures(text: &[u8], most: usize) -> Option<(f64, &[u8])> {
    let digits = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    let (figures, rest) = text.split_at_checked(digits).filter(|_| digits > 0)?;
    Some((figures.iter().fold(0.0, |sum, digit| sum * 10.0 + f64::from(digit - b'0')), rest))
}
