//! Forms that are concluded from all values of a column, and how texts are read in them.

use super::*;
use crate::{DateOrder, DecimalSign, NumberForm};

fn concluded(values: &[&str]) -> (ColumnType, TextForm, Vec<String>) {
    let mut inference = TypeInference::default();
    values.iter().for_each(|value| inference.observe(value));
    let field = inference.field("x");
    (field.column_type, field.form, inference.remarks("x"))
}

fn numbers(unit: &str, decimal: DecimalSign) -> TextForm {
    TextForm::Number(NumberForm { unit: unit.to_owned(), decimal })
}

/// That all values are read as these, in the form that they make together.
#[track_caller]
fn check(values: &[&str], column_type: ColumnType, form: &TextForm, expected: &[f64]) {
    let (found, found_form, remarks) = concluded(values);
    assert_eq!((found, &found_form), (column_type, form), "{values:?}");
    assert!(form.is_plain() || remarks.iter().any(|remark| remark.contains("`x`")), "{remarks:?}");
    let field = Field::new("x", found).with_form(found_form);
    let read: Vec<f64> = values
        .iter()
        .map(|text| match read(text, &field, &MissingMarkers::default()) {
            Reading::Value(value) => value,
            Reading::Missing => f64::NAN,
            Reading::Misfit => panic!("{text}"),
        })
        .collect();
    let same = |(one, other): (&f64, &f64)| one == other || (one.is_nan() && other.is_nan());
    assert!(read.iter().zip(expected).all(same), "{values:?}: {read:?}");
}

#[test]
fn amounts_and_units_are_numbers() {
    use DecimalSign::{Comma, Point};
    let number = ColumnType::Number;
    check(&["$1,234.50", "-$5", "$0.5"], number, &numbers("$", Point), &[1234.5, -5.0, 0.5]);
    check(&["12.5%", "3 %", "NA"], number, &numbers("%", Point), &[12.5, 3.0, f64::NAN]);
    check(
        &["1,234", "12", "1,234,567.5"],
        number,
        &numbers("", Point),
        &[1234.0, 12.0, 1_234_567.5],
    );
    check(&["1.234,50", "0,5", "1.234"], number, &numbers("", Comma), &[1234.5, 0.5, 1234.0]);
    check(&["12.5 kg", "3kg"], number, &numbers("kg", Point), &[12.5, 3.0]);
    check(&["CHF 1'234.50", "CHF 7"], number, &numbers("CHF", Point), &[1234.5, 7.0]);
    check(&["1 234,5 €", "2,25 €"], number, &numbers("€", Comma), &[1234.5, 2.25]);
    check(&["(5.00)", "1,000.00", "7"], number, &numbers("", Point), &[-5.0, 1000.0, 7.0]);
    check(&["€1\u{a0}234.5", "€-2"], number, &numbers("€", Point), &[1234.5, -2.0]);
    check(&["12,34,567 ₹", "5 ₹"], number, &numbers("₹", Point), &[1_234_567.0, 5.0]);
    check(&["20 m2", "1.5 m2"], number, &numbers("m2", Point), &[20.0, 1.5]);
}

#[test]
fn what_is_no_number_in_every_row_stays_text() {
    for values in [
        &["$5", "€5"][..],
        &["12.5 kg", "3 lb"],
        &["1,234.5", "1,23"],
        &["1.5", "1.234,5"],
        &["12 kg", "heavy"],
        &["007 kg", "3 kg"],
        &["1.2.3", "1.2.4"],
        &["10+", "2"],
        &["12-34", "56-78"],
        &["9223372036854775807", "9223372036854775806"],
        &["12345678901234567", "$5"],
        &["A4", "A5"],
        &["", "NA"],
    ] {
        assert_eq!(concluded(values).0, ColumnType::Text, "{values:?}");
    }
    let mixed: Vec<&str> = ["$5"; 19].into_iter().chain(["€5"]).collect();
    let (found, _, remarks) = concluded(&mixed);
    assert_eq!(found, ColumnType::Text);
    assert!(remarks.iter().any(|remark| remark.contains("units")), "{remarks:?}");
    assert!(concluded(&["red", "5 green"]).2.is_empty());
}

#[test]
fn dates_have_the_order_that_all_values_have() {
    let day = |text| date(text).unwrap();
    let (one, two) = (day("2024-05-31"), day("2024-02-01"));
    let of = |order| TextForm::Date(order);
    for (values, order) in [
        (["31/05/2024", "1/2/2024"], DateOrder::DayFirst),
        (["5/31/2024", "02/01/2024"], DateOrder::MonthFirst),
        (["31.5.2024", "1.2.2024"], DateOrder::DayFirst),
        (["31-May-2024", "01-Feb-2024"], DateOrder::DayFirst),
        (["31 May 2024", "1 february 2024"], DateOrder::DayFirst),
        (["May 31, 2024", "Feb 1, 2024"], DateOrder::MonthFirst),
        (["2024/05/31", "2024/2/1"], DateOrder::YearFirst),
        (["2024.05.31", "2024-2-1"], DateOrder::YearFirst),
    ] {
        check(&values, ColumnType::Date, &of(order), &[one, two]);
    }
    let at = one + 9.5 * 3600e6;
    for values in [["5/31/2024 9:30 AM", "02/01/2024"], ["5/31/2024 09:30:00", "2/1/2024 00:00"]] {
        check(&values, ColumnType::Timestamp, &of(DateOrder::MonthFirst), &[at, two]);
    }
    // Both orders read alike, or the plain spelling stands beside another.
    check(
        &["01/01/2024", "02/02/2024"],
        ColumnType::Date,
        &of(DateOrder::DayFirst),
        &[day("2024-01-01"), day("2024-02-02")],
    );
    check(&["31/05/2024", "2024-02-01"], ColumnType::Date, &of(DateOrder::DayFirst), &[one, two]);
}

#[test]
fn dates_that_may_be_read_in_two_orders_are_not_guessed() {
    let (found, _, remarks) = concluded(&["01/02/2024", "03/04/2024"]);
    assert_eq!(found, ColumnType::Text);
    assert!(remarks.iter().any(|remark| remark.contains("2024-05-31")), "{remarks:?}");
    let (found, _, remarks) = concluded(&["31/05/2024", "05/31/2024"]);
    assert_eq!((found, remarks.len()), (ColumnType::Text, 1));
    assert_eq!(concluded(&["31/05/24", "01/02/24"]).0, ColumnType::Text);
}

#[test]
fn dates_that_the_calendar_does_not_have_are_missing() {
    let good = ["2024-01-31", "2024-02-29", "2023-12-01"];
    for special in ["0000-00-00", "1900-01-00", "2024-02-30", "9999-12-31", "0000-00-00 00:00:00"] {
        let values: Vec<&str> = good.into_iter().chain([special]).collect();
        let expected: Vec<f64> =
            good.map(|text| date(text).unwrap()).into_iter().chain([f64::NAN]).collect();
        check(&values, ColumnType::Date, &TextForm::Plain, &expected);
        let remarks = concluded(&values).2;
        assert!(remarks.iter().any(|remark| remark.contains("1 dates that")), "{remarks:?}");
        assert_eq!(concluded(&[special, special]).0, ColumnType::Text, "{special}");
    }
    let first = ["31/01/2024", "29/02/2024", "30/02/2024"];
    let expected = [date("2024-01-31").unwrap(), date("2024-02-29").unwrap(), f64::NAN];
    check(&first, ColumnType::Date, &TextForm::Date(DateOrder::DayFirst), &expected);
    for year in ["0001-01-01", "1600-01-01", "2300-01-01", "9999-12-30"] {
        assert_eq!(concluded(&[year, "2024-01-31"]).0, ColumnType::Date);
    }
}

#[test]
fn an_instant_at_midnight_is_a_day() {
    let day = date("2024-05-31");
    let plain = |text| value(text, ColumnType::Date, &TextForm::Plain);
    for text in [
        "2024-05-31",
        "2024-05-31T00:00:00.000",
        "2024-05-31 00:00:00",
        "2024-05-31T00:00:00Z",
        "2024-05-31T00:00:00+02:00",
        "2024-05-31 00:00",
    ] {
        assert_eq!(plain(text), day, "{text}");
    }
    for text in ["2024-05-31T00:00:01", "2024-05-31 10:00", "31/05/2024", "2024-5-31"] {
        assert_eq!(plain(text), None, "{text}");
    }
    let first = TextForm::Date(DateOrder::DayFirst);
    for text in ["31/05/2024 00:00", "2024-05-31T00:00:00", "31/05/2024"] {
        assert_eq!(value(text, ColumnType::Date, &first), day, "{text}");
    }
}

#[test]
fn times_and_durations_are_seconds() {
    let number = ColumnType::Number;
    check(&["08:45", "23:59:30", "0:00"], number, &TextForm::TimeOfDay, &[31_500.0, 86_370.0, 0.0]);
    check(
        &["8:45 AM", "12:00 AM", "1:30 pm"],
        number,
        &TextForm::TimeOfDay,
        &[31_500.0, 0.0, 48_600.0],
    );
    check(&["1h 30m", "45m", "2d"], number, &TextForm::Duration, &[5400.0, 2700.0, 172_800.0]);
    check(&["PT1H30M", "P1DT2S"], number, &TextForm::Duration, &[5400.0, 86_402.0]);
    check(
        &["2 days 04:00:00", "1 day 00:00:01"],
        number,
        &TextForm::Duration,
        &[187_200.0, 86_401.0],
    );
    check(&["1.5 hours", "30 min"], number, &TextForm::Duration, &[5400.0, 1800.0]);
    for values in [&["25:00", "08:45"][..], &["30m 1h", "2h"], &["08:45", "noon"], &["P1M", "P2M"]]
    {
        assert_eq!(concluded(values).0, ColumnType::Text, "{values:?}");
    }
}

#[test]
fn a_form_reads_the_plain_number_too() {
    for form in [
        numbers("$", DecimalSign::Point),
        numbers("", DecimalSign::Comma),
        TextForm::TimeOfDay,
        TextForm::Duration,
    ] {
        assert_eq!(value("12.5", ColumnType::Number, &form), Some(12.5), "{form:?}");
        let json = serde_json::to_string(&form).unwrap();
        assert_eq!(serde_json::from_str::<TextForm>(&json).unwrap(), form);
    }
    let dollars = numbers("$", DecimalSign::Point);
    assert_eq!(value("€5", ColumnType::Number, &dollars), None);
    assert_eq!(value("$5", ColumnType::Number, &TextForm::Plain), None);
}

#[test]
fn a_marker_that_is_a_number_means_all_its_spellings() {
    let markers = MissingMarkers::with(&["-999", "unknown"]);
    let field = Field::new("x", ColumnType::Number);
    for text in ["-999", " -999.0 ", "-9.99e2", "unknown", ""] {
        assert_eq!(read(text, &field, &markers), Reading::Missing, "{text}");
    }
    assert_eq!(read("999", &field, &markers), Reading::Value(999.0));
    let json = serde_json::to_string(&markers).unwrap();
    assert_eq!(serde_json::from_str::<MissingMarkers>(&json).unwrap(), markers);
}

#[test]
fn columns_are_read_by_their_field_alone() {
    let texts: crate::TextColumn = ["1", "2.5", "true", "", "NA"].into_iter().map(Some).collect();
    let reader = |column_type| ColumnReader {
        field: Field::new("x", column_type),
        markers: MissingMarkers::default(),
    };
    let read = reader(ColumnType::Integer).column(&texts).unwrap();
    let numbers = read.numbers().unwrap();
    assert_eq!((numbers[0], numbers[1], numbers[2]), (1.0, 2.5, 1.0));
    assert!(numbers[3].is_nan() && numbers[4].is_nan());
    let misfit = reader(ColumnType::Boolean).column(&texts).unwrap_err();
    assert_eq!((misfit.row, misfit.expected), (1, "true or false"));
    let text = reader(ColumnType::Text).column(&texts).unwrap();
    assert_eq!(text.text().unwrap().get(2), Some("true"));
    assert_eq!(text.missing(), 2);
}

#[test]
fn identities_do_not_depend_on_how_a_file_writes_them() {
    for (text, expected) in [
        (" 7.0", "7"),
        ("7", "7"),
        ("007", "007"),
        ("1234567890123456789", "1234567890123456789"),
        ("True", "true"),
        ("c-1 ", "c-1"),
        ("NA", ""),
        ("2024-05-01", "2024-05-01"),
    ] {
        assert_eq!(identity(text), expected);
    }
}

proptest! {
    #[test]
    fn parts_of_a_column_say_the_same_as_the_whole(
        values in prop::collection::vec("([$€]?[0-9]{1,4}([.,/-][0-9]{1,4}){0,2}( ?(kg|m|h|%))?)|[0-9]{2}:[0-9]{2}", 0..20),
        cut in 0_usize..20,
    ) {
        let see = |values: &[String]| {
            let mut inference = TypeInference::default();
            values.iter().for_each(|value| inference.observe(value));
            inference
        };
        let cut = cut.min(values.len());
        let mut merged = see(&values[..cut]);
        merged.merge(&see(&values[cut..]));
        let whole = see(&values);
        prop_assert_eq!(merged.field("x"), whole.field("x"));
        prop_assert_eq!(merged.remarks("x"), whole.remarks("x"));
        // Every value of a column that is no text reads in the form that was concluded.
        let field = whole.field("x");
        if field.column_type != ColumnType::Text {
            for value in &values {
                prop_assert_ne!(read(value, &field, &MissingMarkers::default()), Reading::Misfit, "{:?} {}", field, value);
            }
        }
    }

    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,30}|[0-9:./ ,hmd$%TP-]{0,20}") {
        for (column_type, form) in [
            (ColumnType::Number, numbers("$", DecimalSign::Comma)),
            (ColumnType::Number, TextForm::Duration),
            (ColumnType::Number, TextForm::TimeOfDay),
            (ColumnType::Timestamp, TextForm::Date(DateOrder::MonthFirst)),
            (ColumnType::Date, TextForm::Date(DateOrder::DayFirst)),
        ] {
            let field = Field::new("x", column_type).with_form(form);
            let _ = (read(&text, &field, &MissingMarkers::default()), identity(&text));
        }
    }
}
