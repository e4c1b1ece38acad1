//! As `dateutil` 4.0.0 answers on the last of November 2026.

use super::*;

const TODAY: Day = Day { year: 2026, month: 11, day: 30 };

#[test]
fn texts_are_read_as_by_dateutil() {
    for (text, expected) in [
        ("2024-01-05", Some(true)),
        ("2024-1-5", Some(true)),
        ("05/01/2024", Some(true)),
        ("13/13/2024", Some(false)),
        ("Jan 5 2024", Some(true)),
        ("5 January, 2024", Some(true)),
        ("Sep.20.2009", Some(true)),
        ("20090920", Some(true)),
        ("20090920T1010", Some(true)),
        ("20090920101059", Some(true)),
        ("990101", Some(true)),
        ("2024-02-30", Some(false)),
        ("29 Feb", Some(false)),
        ("31", Some(false)),
        ("30", Some(true)),
        ("Feb 29 2024", Some(true)),
        ("Feb of 2024", Some(true)),
        ("Jan of banana", Some(true)),
        ("Jan of ²", Some(false)),
        ("10:30", Some(true)),
        ("10:30:15.25", Some(true)),
        ("24:00", Some(false)),
        ("10:60", Some(false)),
        ("10h36m28.5s", Some(true)),
        ("10h", Some(true)),
        ("10 h 36", Some(true)),
        ("36 m 05 s", Some(true)),
        ("12 am", Some(true)),
        ("12am", Some(true)),
        ("13pm", Some(true)),
        ("13 pm", Some(true)),
        ("10:00 GMT+3", Some(true)),
        ("10:00 -0300 (BRST)", Some(true)),
        ("10:00 +03:00", Some(true)),
        ("10:00 EST", Some(true)),
        ("10:00 est", Some(false)),
        ("10:00+123456789012:00", Some(false)),
        ("Thursday", Some(true)),
        ("Thursday, Sep 25 2003", Some(true)),
        ("Fri 31 Dec 9999", Some(true)),
        ("Fri Dec 9999", Some(true)),
        ("Sat Dec 9999", Some(false)),
        ("Thu Sep 25 10:36:28 2003", Some(true)),
        ("2003-09-25T10:49:41.5-03:00", Some(true)),
        ("0099-01-01", Some(true)),
        ("99-01-01", Some(true)),
        ("01-99-01", Some(false)),
        ("01-01-99", Some(true)),
        ("1-2-3-4", Some(false)),
        ("", Some(false)),
        (",", Some(false)),
        ("x", Some(false)),
        ("a", Some(false)),
        ("m", Some(false)),
        ("T", Some(false)),
        ("5", Some(true)),
        ("0", Some(false)),
        ("100", Some(true)),
        ("1000", Some(true)),
        ("10000", Some(false)),
        ("2024", Some(true)),
        ("9999", Some(true)),
        ("12,5", Some(true)),
        ("12.5", Some(true)),
        ("1.5/2", Some(false)),
        ("3.7.2024", Some(true)),
        ("３１／１２／２０２４", Some(false)),
        ("٢٠٢٤", Some(true)),
        ("5²", Some(false)),
        ("2024-W01", Some(false)),
        ("2024-01-05 25:00", Some(false)),
        ("2024 2024", Some(false)),
        ("1st of May 2024", Some(true)),
        ("May 1st, 2024", Some(true)),
        ("4th July", Some(true)),
        ("11 of sept 07", Some(true)),
        ("2024-01-05T10", Some(true)),
        ("2024-01-05T1030", Some(true)),
        ("10:12345678901234567890123456789012", None),
        ("nan", Some(false)),
        ("inf", Some(false)),
        ("Jan", Some(true)),
        ("Mon Jan 5", Some(true)),
        ("00:00 pm", Some(true)),
        ("Jan/5/24", Some(true)),
        ("5-Jan-24", Some(true)),
        ("Jan-01-", Some(false)),
        ("24-Jan", Some(true)),
        ("32-Jan", Some(true)),
        ("2024年1月", Some(false)),
        ("2024-01-05\t10:00", Some(true)),
        ("2024\u{0}01", Some(false)),
        ("10 pm", Some(true)),
        ("pm 10", Some(false)),
        ("a.m.", Some(false)),
        ("10 a.m.", Some(true)),
        ("10:30 p.m.", Some(true)),
    ] {
        assert_eq!(reads(text, TODAY).ok(), expected, "{text}");
    }
}

#[test]
fn what_is_missing_is_of_the_day() {
    let on = |text: &str, year, month, day| reads(text, Day { year, month, day }) == Ok(true);
    assert!(on("29 Feb", 2024, 1, 1) && !on("29 Feb", 2025, 1, 1));
    assert!(on("31", 2025, 12, 1) && !on("31", 2025, 4, 1));
    // Without a day, that of the day is taken, or the last of a shorter month.
    assert!(on("Feb 2023", 2024, 3, 31));
    // The year 00 is 2000 up to 2050, and 2100, which has no leap day, after it.
    assert!(on("Feb 29 00", 2050, 1, 1) && !on("Feb 29 00", 2051, 1, 1));
}

#[test]
fn times_are_on_their_days() {
    let day = |microseconds: f64| {
        let Day { year, month, day } = Day::of_time(microseconds);
        (year, month, day)
    };
    let of_day = 86_400.0 * 1e6;
    assert_eq!(day(0.0), (1970, 1, 1));
    assert_eq!(day(-1.0), (1969, 12, 31));
    assert_eq!(day(11_016.0 * of_day), (2000, 2, 29));
    assert_eq!(day(20_787.5 * of_day), (2026, 11, 30));
    assert_eq!(day(f64::MAX), (9999, 12, 31));
    assert_eq!(day(f64::MIN), (1, 1, 1));
    assert_eq!(weekday_of(2026, 11, 30), 0);
    assert_eq!(weekday_of(2000, 2, 29), 1);
}
