#![allow(clippy::unwrap_used, reason = "a test")]

use std::borrow::Cow;

use super::*;

fn term(name: &str) -> Term<'static> {
    match name {
        "price" => Term::Number(2.5),
        "quantity" => Term::Number(4.0),
        "total" => Term::Number(10.004),
        "name" => Term::Text(Cow::Borrowed("Ada")),
        "started" => Term::Time(time("2024-05-01")),
        "ended" => Term::Text(Cow::Borrowed("2024-05-31T12:00:00")),
        "open" => Term::Bool(true),
        _ => Term::Null,
    }
}

fn time(text: &str) -> f64 {
    super::term::time_of(text).unwrap()
}

fn of(text: &str, tolerance: f64) -> Result<Option<bool>, String> {
    let expression = Expression::parse(text).unwrap().with_tolerance(tolerance);
    let row: Vec<_> = expression.columns().iter().map(|name| term(name)).collect();
    expression.holds(&row)
}

#[test]
fn expressions_hold_as_in_sql() {
    for (text, expected) in [
        ("price * quantity = 10", Some(true)),
        ("total = price * quantity", Some(false)),
        ("price + quantity * 2 = 10.5", Some(true)),
        ("-price < 0 and not quantity < 0", Some(true)),
        ("missing > 1", None),
        ("missing > 1 or price > 1", Some(true)),
        ("missing > 1 and price > 3", Some(false)),
        ("missing is null and price is not null", Some(true)),
        ("not (missing > 1)", None),
        ("price in (1, 2.5)", Some(true)),
        ("price not in (1, missing)", None),
        ("price between 2 and 3", Some(true)),
        ("price not between 2 and 3", Some(false)),
        ("name like 'A%' and name not like '_b%'", Some(true)),
        ("lower(name) || '!' = 'ada!'", Some(true)),
        ("length(name) = 3", Some(true)),
        ("ended >= started", Some(true)),
        ("ended - started <= interval '31' day", Some(true)),
        ("ended - started > 30.4", Some(true)),
        ("started + interval '1 week' = date '2024-05-08'", Some(true)),
        ("started < timestamp '2024-05-01 00:00:01'", Some(true)),
        ("price / 0 = 1", None),
        ("abs(total - price * quantity) <= 0.01", Some(true)),
        ("coalesce(missing, price) = 2.5", Some(true)),
        ("case when price > 2 then quantity else 0 end = 4", Some(true)),
        ("open", Some(true)),
        ("open is true and missing is not true", Some(true)),
        ("\"price\" = `price` and t.price = 2.5", Some(true)),
        ("greatest(price, quantity, missing) = 4", Some(true)),
        ("round(2.345, 2) = 2.35 or mod(7, 4) = 3", Some(true)),
        ("name = 'it''s'", Some(false)),
    ] {
        assert_eq!(of(text, 0.0), Ok(expected), "{text}");
    }
}

#[test]
fn numbers_are_equal_up_to_the_tolerance() {
    assert_eq!(of("total = price * quantity", 0.01), Ok(Some(true)));
    assert_eq!(of("total <= price * quantity", 0.01), Ok(Some(true)));
    assert_eq!(of("total > price * quantity", 0.01), Ok(Some(false)));
    assert_eq!(of("total = price * quantity", 0.001), Ok(Some(false)));
}

#[test]
fn kinds_that_do_not_fit_are_told_without_values() {
    for (text, expected) in [
        ("name > 1", "a text is compared with a number"),
        ("name + 1 = 2", "`+` of a text and a number"),
        ("price", "it is a number and no truth value"),
        ("ended > started and name > started", "a text that is no date such as 2024-05-01"),
    ] {
        assert_eq!(of(text, 0.0), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn what_is_no_expression_is_told_with_its_place() {
    for (text, position) in [
        ("", 0),
        ("price >", 6),
        ("price > 1 price", 10),
        ("(price > 1", 9),
        ("price # 1", 6),
        ("'open", 0),
        ("median(price) > 1", 0),
        ("price in 1", 9),
        ("select = 1", 0),
        ("date 'x' > started", 5),
    ] {
        let error = Expression::parse(text).unwrap_err();
        assert_eq!(error.position, position, "{text}: {error}");
    }
    let deep = format!("{}price > 1{}", "(".repeat(100), ")".repeat(100));
    assert!(Expression::parse(&deep).unwrap_err().reason.contains("deep"));
}

#[test]
fn columns_are_named_once() {
    let expression = Expression::parse("a > b or a < \"c d\"").unwrap();
    assert_eq!(expression.columns(), ["a", "b", "c d"]);
}
