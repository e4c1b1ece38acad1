use super::*;

fn rows(text: &str) -> Result<Vec<bool>, String> {
    let condition = parse(text).map_err(|(position, reason)| format!("{position}: {reason}"))?;
    let table = [
        (Cell::Int(1), Cell::Text("x"), Cell::Bool(true)),
        (Cell::Int(5), Cell::Missing, Cell::Bool(false)),
        (Cell::Int(9), Cell::Text("z y"), Cell::Missing),
    ];
    table
        .into_iter()
        .map(|(n, s, b)| {
            condition.holds(&|name: &str| match name {
                "n" => n,
                "s" | "my s" => s,
                _ => b,
            })
        })
        .collect()
}

/// As `DataFrame.query` of pandas 3.1.1 answers.
#[test]
fn rows_are_those_of_pandas() {
    for (text, expected) in [
        ("n > 1", [false, true, true]),
        ("1 < n < 9", [false, true, false]),
        ("n == 1 or n == 9", [true, false, true]),
        ("(n > 1) & (n <= 5) | s == 'x'", [true, true, false]),
        ("s != \"x\"", [false, true, true]),
        ("s in ['x', 'q']", [true, false, false]),
        ("s not in ['x']", [false, true, true]),
        ("n == [1, 9]", [true, false, true]),
        ("`my s`.isnull()", [false, true, false]),
        ("s.notna() and not n == 1", [false, false, true]),
        ("~(n > 1)", [true, false, false]),
        ("b", [true, false, false]),
        ("n > -2.5e0", [true, true, true]),
        ("s == 5", [false, false, false]),
        ("col(\"n\") >= 5", [false, true, true]),
        ("col(\"s\").notNull()", [true, false, true]),
    ] {
        assert_eq!(rows(text), Ok(expected.to_vec()), "{text}");
    }
}

#[test]
fn what_cannot_be_compared_is_told() {
    let error = rows("s > 5").unwrap_err();
    assert_eq!(error, "'>' not supported between instances of 'str' and 'int'");
}

#[test]
fn what_is_no_condition_is_refused_with_its_place() {
    for (text, position) in [
        ("n >", 2),
        ("n > 'open", 4),
        ("n > @limit", 4),
        ("n", 0),
        ("5", 0),
        ("s in 'x'", 5),
        ("s.upper()", 2),
        ("(n > 1", 5),
        ("n > 1 n", 6),
        ("", 0),
    ] {
        match parse(text) {
            Err((found, _)) => assert_eq!(found, position, "{text}"),
            Ok(condition) => assert!(text == "n", "{text}: {condition:?}"),
        }
    }
    let deep = "(".repeat(5000) + "n > 1" + &")".repeat(5000);
    assert!(parse(&deep).is_err());
}
