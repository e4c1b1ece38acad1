#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use proptest::prelude::*;

use super::*;

fn infer(values: &[&str]) -> ColumnType {
    let mut inference = TypeInference::default();
    for value in values {
        inference.observe(value);
    }
    inference.finish().0
}

#[test]
fn types_are_concluded_from_all_values() {
    assert_eq!(infer(&["1", "-2", "", "NA"]), ColumnType::Integer);
    assert_eq!(infer(&["1", "2.5", "1e3", " "]), ColumnType::Number);
    assert_eq!(infer(&["true", "False", "?"]), ColumnType::Boolean);
    assert_eq!(infer(&["yes", "no"]), ColumnType::Text);
    assert_eq!(infer(&["1", "true"]), ColumnType::Text);
    assert_eq!(infer(&["2024-05-01", "null"]), ColumnType::Date);
    assert_eq!(infer(&["2024-05-01", "2024-05-01 10:00:00"]), ColumnType::Timestamp);
    assert_eq!(infer(&["2024-05-01", "12"]), ColumnType::Text);
    assert_eq!(infer(&["", "?"]), ColumnType::Text);
    assert_eq!(infer(&["1"; 999].into_iter().chain(["x"]).collect::<Vec<_>>()), ColumnType::Text);
    assert_eq!(infer(&["00123", "00456"]), ColumnType::Text, "codes keep their zeros");
    assert_eq!(
        infer(&["9223372036854775807", "1"]),
        ColumnType::Text,
        "long identifiers keep their digits"
    );
    assert_eq!(infer(&["99999999999999999999"]), ColumnType::Text);
    for not_finite in ["inf", "-inf", "+Infinity", "INF", "1e999", "-1e999", "NAN"] {
        assert_eq!(infer(&[not_finite, "1"]), ColumnType::Integer, "{not_finite}");
        assert_eq!(infer(&["1.5", not_finite, ""]), ColumnType::Number, "{not_finite}");
        assert_eq!(infer(&[not_finite, "1", "ped"]), ColumnType::Text, "{not_finite}");
        assert_eq!(infer(&[not_finite, "true"]), ColumnType::Text, "{not_finite}");
        assert_eq!(infer(&[not_finite]), ColumnType::Text, "{not_finite}");
        assert_eq!(number(not_finite), None, "{not_finite}");
    }
    let mut inference = TypeInference::default();
    ["1", "inf", "NA"].into_iter().for_each(|text| inference.observe(text));
    let (_, nullable, counts) = inference.finish();
    assert!(nullable);
    assert_eq!((counts.missing, counts.not_finite), (2, 1));
    assert_eq!(infer(&["0", "0.5", "-0.25"]), ColumnType::Number);
}

#[test]
fn instants_are_read_in_utc() {
    assert_eq!(date("1970-01-02"), Some(DAY_MICROSECONDS));
    assert_eq!(date("1969-12-31"), Some(-DAY_MICROSECONDS));
    assert!(date("2024-02-29").is_some());
    for wrong in [
        "2023-02-29",
        "2024-13-01",
        "20240501",
        "2024-5-1",
        "2024-05-01T00:00:00",
        "01/05/2024",
        "",
    ] {
        assert_eq!(date(wrong), None, "{wrong}");
    }
    let noon = timestamp("2024-05-01T12:00:00Z").unwrap();
    for same in [
        "2024-05-01 12:00:00",
        "2024-05-01T14:00:00+02:00",
        "2024-05-01 12:00",
        "2024-05-01T12:00:00.000",
        "2024-05-01T06:30:00-0530",
        "2024-05-01 14:00:00+02",
        " 2024-05-01t12:00:00z ",
    ] {
        assert_eq!(timestamp(same), Some(noon), "{same}");
    }
    assert_eq!(timestamp("2024-05-01T12:00:00.25Z"), Some(noon + 250_000.0));
    for wrong in [
        "2024-05-01",
        "2024-05-01T25:00:00",
        "2024-05-01 12",
        "2024-05-01T12:00:00 UTC",
        "2024-05-01T12:00:00.",
    ] {
        assert_eq!(timestamp(wrong), None, "{wrong}");
    }
}

#[test]
fn markers_are_compared_after_trimming() {
    let markers = MissingMarkers::default();
    for text in ["", "  ", " NA ", "?", "null", "NaN"] {
        assert!(markers.is_missing(text), "{text:?}");
    }
    assert!(!markers.is_missing("na"));
    assert!(!markers.is_missing("0"));
    let more = MissingMarkers::with(&["unknown"]);
    assert!(more.is_missing(" unknown ") && more.is_missing("?"));
    let only = MissingMarkers::only(&["-9"]);
    assert!(only.is_missing("-9") && only.is_missing("") && !only.is_missing("?"));
}

#[test]
fn values_are_written_so_that_they_are_read_back() {
    for (text, column_type) in [
        ("2024-05-01", ColumnType::Date),
        ("1066-10-14", ColumnType::Date),
        ("2024-05-01T12:00:00.25Z", ColumnType::Timestamp),
        ("true", ColumnType::Boolean),
        ("-7", ColumnType::Integer),
        ("0.1", ColumnType::Number),
    ] {
        let plain = TextForm::Plain;
        let read = value(text, column_type, &plain).unwrap();
        assert_eq!(value(&format(read, column_type), column_type, &plain), Some(read), "{text}");
    }
    assert_eq!(value("1.5", ColumnType::Integer, &TextForm::Plain), None);
    assert_eq!(value("3.0", ColumnType::Integer, &TextForm::Plain), Some(3.0));
}

proptest! {
    #[test]
    fn nothing_that_is_read_panics(text in "\\PC{0,40}") {
        let mut inference = TypeInference::default();
        inference.observe(&text);
        let _ = (number(&text), integer(&text), boolean(&text), date(&text), timestamp(&text));
        prop_assert_eq!(inference.finish().2.present() + inference.finish().2.missing, 1);
    }

    #[test]
    fn merging_parts_is_like_seeing_the_whole(values in prop::collection::vec("[0-9a-z.?-]{0,4}", 0..40), cut in 0_usize..40) {
        let cut = cut.min(values.len());
        let see = |values: &[String]| {
            let mut inference = TypeInference::default();
            values.iter().for_each(|value| inference.observe(value));
            inference
        };
        let mut merged = see(&values[..cut]);
        merged.merge(&see(&values[cut..]));
        let whole = see(&values);
        prop_assert_eq!(merged.finish().0, whole.finish().0);
        prop_assert_eq!(merged.finish().1, whole.finish().1);
    }

    #[test]
    fn dates_round_trip(days in -700_000_i32..2_900_000) {
        let micros = f64::from(days) * DAY_MICROSECONDS;
        let text = format(micros, ColumnType::Date);
        if !text.starts_with('-') {
            prop_assert_eq!(date(&text), Some(micros), "{}", text);
        }
    }
}

#[test]
fn the_markers_of_pandas_are_missing() {
    let markers = MissingMarkers::default();
    for marker in ["#N/A", "n/a", "<NA>", "-nan", "-NaN", "#NA", "nan", "1.#IND", "", " NA "] {
        assert!(markers.is_missing(marker), "{marker}");
        assert_eq!(infer(&["1", marker]), ColumnType::Integer, "{marker}");
    }
    for value in ["-", ".", "\\N", "na", "none", "0", "NAa"] {
        assert!(!markers.is_missing(value), "{value}");
    }
    let more = MissingMarkers::with(&["-999", "\\N"]);
    assert!(more.is_missing("-999") && more.is_missing("\\N") && more.is_missing("<NA>"));
    let json = serde_json::to_string(&more).unwrap();
    assert_eq!(serde_json::from_str::<MissingMarkers>(&json).unwrap(), more);
}

mod forms;
