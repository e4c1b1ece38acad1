#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use serde_json::Value;
use tabular::{Column, Field};

use super::*;

/// Most relative difference of a statistic, and of a p-value.
const STATISTIC: f64 = 1e-9;
const P_VALUE: f64 = 1e-6;

fn arguments(directory: &Path, reference: &str, current: &str) -> Drift {
    Drift {
        reference: directory.join(reference),
        current: directory.join(current),
        columns: Vec::new(),
        settings: None,
        method: DriftMethod::Auto,
        out: None,
        file: crate::cli::FileArgs::default(),
    }
}

fn compare(arguments: &Drift) -> Result<ComparisonDocument, Error> {
    document(arguments, &Stated::default(), &Console::new(true).progress("comparing"))
}

fn json(arguments: &Drift) -> Value {
    serde_json::to_value(compare(arguments).unwrap()).unwrap()
}

/// Everything that is expected is found at the same place.
fn holds(expected: &Value, found: &Value, path: &str) {
    match expected {
        Value::Object(entries) => {
            for (key, expected) in entries {
                holds(expected, &found[key], &format!("{path}.{key}"));
            }
        }
        Value::Array(entries) => {
            let found = found.as_array().unwrap_or_else(|| panic!("{path} is no list"));
            assert_eq!(entries.len(), found.len(), "{path}");
            for (entry, (expected, found)) in entries.iter().zip(found).enumerate() {
                holds(expected, found, &format!("{path}[{entry}]"));
            }
        }
        Value::Number(number) => {
            let expected = number.as_f64().unwrap();
            let found = found.as_f64().unwrap_or_else(|| panic!("{path}: {found} for {expected}"));
            let is_p =
                ["pvalue", "evidently.ks", "chisquare"].iter().any(|end| path.ends_with(end));
            // The least double that there is, for p-values that are hardly more.
            let tolerance = (expected.abs() * if is_p { P_VALUE } else { STATISTIC }).max(5e-324);
            // Where a distance is nothing but rounding, so may the other be.
            let both_zero = !is_p && expected.abs() < 1e-14 && found.abs() < 1e-14;
            assert!(
                (found - expected).abs() <= tolerance || both_zero,
                "{path}: {found} for {expected}"
            );
        }
        other => assert_eq!(other, found, "{path}"),
    }
}

/// Compares two tables and holds the values against those of Evidently and SciPy.
fn conforms(directory: &Path) {
    let expected = std::fs::read_to_string(directory.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let found = json(&arguments(directory, "reference.csv", "current.csv"));
    holds(&expected["rows"], &found["rows"], "rows");
    assert!(expected["columns"].as_object().unwrap().len() > 5);
    holds(&expected["columns"], &found["columns"], "columns");
}

#[test]
fn values_are_those_of_evidently_and_scipy() {
    for tables in ["edges", "equal"] {
        conforms(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drift").join(tables));
    }
}

/// Tables that may lie beside this repository (`../shared/conformance/drift`), and others that are named.
#[test]
fn values_are_those_of_the_recorded_answers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let recorded = root.join("../../../shared/conformance/drift");
    let mut tables: Vec<PathBuf> = recorded.is_dir().then_some(recorded).into_iter().collect();
    let named = std::env::var("TIER0_DRIFT_TABLES").unwrap_or_default();
    tables.extend(named.split(':').filter(|path| !path.is_empty()).map(PathBuf::from));
    if tables.is_empty() {
        println!("skipped: there is no ../shared/conformance/drift");
    }
    tables.iter().for_each(|tables| conforms(tables));
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        std::fs::write(self.0.path().join(name), text).unwrap();
        self
    }

    fn arguments(&self, reference: &str, current: &str) -> Drift {
        arguments(self.0.path(), reference, current)
    }

    fn error(&self, reference: &str, current: &str) -> String {
        let error = crate::Error::from(compare(&self.arguments(reference, current)).unwrap_err());
        assert_eq!(error.exit_code(), crate::error::USAGE);
        error.with_causes()
    }
}

fn lines(rows: usize, line: impl Fn(usize) -> String) -> String {
    (0..rows).map(|row| line(row) + "\n").collect()
}

#[test]
fn what_cannot_be_compared_is_told_with_what_would_be_right() {
    let files = Files::new();
    files
        .write("a.csv", "age,plan\n1,x\n2,y\n")
        .write("b.csv", "Age,Plan\n1,x\n")
        .write("c.csv", "age,plan\nold,x\n")
        .write("empty.csv", "")
        .write("header.csv", "age,plan\n");
    let error = files.error("a.csv", "b.csv");
    assert!(error.contains("no column in common: the reference has `age`, `plan`"), "{error}");
    assert!(files.error("a.csv", "empty.csv").contains("no content"));
    assert!(files.error("header.csv", "a.csv").contains("no row"));
    assert!(files.error("a.csv", "none.csv").contains("there is no table at"));
    let asked = Drift { columns: vec!["agee".to_owned()], ..files.arguments("a.csv", "c.csv") };
    let error = compare(&asked).unwrap_err().to_string();
    assert!(error.ends_with("a.csv has no column `agee`; there is `age`"), "{error}");
    // What is not asked for does not matter.
    let asked = Drift { columns: vec!["plan".to_owned()], ..files.arguments("a.csv", "c.csv") };
    assert_eq!(compare(&asked).unwrap().columns.len(), 1);
}

#[test]
fn a_column_that_cannot_be_read_keeps_no_other_from_being_compared() {
    let files = Files::new();
    let table = |cell: &dyn Fn(usize) -> String| {
        format!("age,plan\n{}", lines(1000, |row| format!("{},{}", cell(row), ["x", "y"][row % 2])))
    };
    let number = |row: usize| (row % 50).to_string();
    files
        .write("a.csv", table(&number))
        .write("one.csv", table(&|row| if row == 7 { "error".to_owned() } else { number(row) }))
        .write("many.csv", table(&|row| if row % 2 == 0 { "?".to_owned() } else { number(row) }))
        .write("all.csv", table(&|_| "old".to_owned()))
        .write("dates.csv", table(&|_| "2026-01-31".to_owned()))
        .write("codes.csv", table(&|row| format!("{:03}", row % 50)))
        .write("truth.csv", table(&|row| if row % 2 == 0 { "True" } else { "False" }.to_owned()))
        .write("bits.csv", table(&|row| (1 - row % 2).to_string()));
    let drifted = |reference: &str, current: &str| {
        let found = json(&files.arguments(reference, current));
        assert!(found["columns"]["plan"]["verdict"] == "none", "{found}");
        (found["drifted"].clone(), found["changed"].clone(), found["read_as"].clone())
    };
    let none = serde_json::json!([]);
    let age = serde_json::json!(["age"]);
    let (found, changed, read_as) = drifted("a.csv", "one.csv");
    assert_eq!((found, changed), (none.clone(), serde_json::json!({})));
    assert_eq!(
        read_as["age"],
        serde_json::json!({"reference": "integer", "current": "text", "compared": "integer"})
    );
    assert_eq!(drifted("a.csv", "many.csv").0, age, "half of the values are gone");
    for current in ["all.csv", "dates.csv"] {
        let (found, changed, _) = drifted("a.csv", current);
        assert_eq!((found, changed["age"]["reference"].as_str()), (age.clone(), Some("integer")));
        let text = show::document(&compare(&files.arguments("a.csv", current)).unwrap());
        assert!(text.contains("age: has changed: integer in the reference"), "{text}");
    }
    assert_eq!(drifted("codes.csv", "a.csv").0, age, "codes that lost their zeros");
    for (reference, current) in [("truth.csv", "bits.csv"), ("bits.csv", "truth.csv")] {
        assert_eq!(drifted(reference, current).0, none, "1 and 0 are true and false");
    }
    assert_eq!(drifted("truth.csv", "a.csv").0, age, "most numbers are no truth values");
    let sketch = Drift { method: DriftMethod::Sketch, ..files.arguments("a.csv", "all.csv") };
    assert_eq!(json(&sketch)["drifted"], age);
}

#[test]
fn time_that_moves_on_is_no_drift_unless_the_settings_say_so() {
    let files = Files::new();
    let table = |month: usize| {
        let line = |row: usize| format!("2025-{month:02}-{:02},{}", row % 28 + 1, row % 7);
        format!("ordered,n\n{}", lines(1000, line))
    };
    let gone = lines(1000, |row| if row % 2 == 0 { ",1" } else { "2025-05-03,2" }.to_owned());
    files
        .write("may.csv", table(5))
        .write("june.csv", table(6))
        .write("gone.csv", format!("ordered,n\n{gone}"))
        .write("values.json", r#"{"columns": {"ordered": "values"}}"#)
        .write("nothing.json", r#"{"columns": {"ordered": "nothing"}}"#);
    for method in [DriftMethod::Exact, DriftMethod::Sketch] {
        let drifted = |current: &str, settings: Option<&str>| {
            let settings = settings.map(|name| files.0.path().join(name));
            let asked = Drift { method, settings, ..files.arguments("may.csv", current) };
            json(&asked)["drifted"].as_array().unwrap().contains(&Value::from("ordered"))
        };
        assert!(!drifted("june.csv", None));
        assert!(drifted("june.csv", Some("values.json")));
        assert!(drifted("gone.csv", None), "that it is missing is judged");
        assert!(!drifted("gone.csv", Some("nothing.json")));
    }
}

#[test]
fn settings_are_read_and_checked() {
    let files = Files::new();
    files
        .write("a.csv", format!("a\n{}", lines(500, |row| row.to_string())))
        .write("b.csv", format!("a\n{}", lines(500, |row| (row + 100).to_string())))
        .write("none.json", r#"{"psi": null, "jensen_shannon": null, "kolmogorov_smirnov": null, "out_of_range": null}"#)
        .write("wrong.json", r#"{"significance": 2}"#)
        .write("unknown.json", r#"{"alpha": 2}"#);
    let with = |settings: &str| Drift {
        settings: Some(files.0.path().join(settings)),
        ..files.arguments("a.csv", "b.csv")
    };
    assert_eq!(compare(&files.arguments("a.csv", "b.csv")).unwrap().verdict, Verdict::Critical);
    assert_eq!(compare(&with("none.json")).unwrap().verdict, Verdict::None);
    let told =
        |settings: &str| contracts::failures::with_causes(&compare(&with(settings)).unwrap_err());
    assert!(told("wrong.json").contains("`significance` is 2; expected a probability"));
    assert!(told("unknown.json").contains("unknown field `alpha`"));
}

#[test]
fn types_that_go_together_are_compared() {
    let files = Files::new();
    let day = |row: usize| format!("2026-01-{:02}", row % 28 + 1);
    files
        .write("a.csv", format!("n,b,d,m\n{}", lines(100, |row| format!("{row},true,{},", day(row)))))
        .write(
            "b.jsonl",
            lines(100, |row| {
                format!("{{\"n\": {row}.5, \"b\": \"{}\", \"d\": \"{}T10:00:00Z\", \"m\": 3, \"new\": 1}}",
                    if row == 0 { "maybe" } else { "true" }, day(row))
            }),
        );
    let found = json(&files.arguments("a.csv", "b.jsonl"));
    let kind = |column: &str| found["columns"][column]["kind"].as_str().unwrap().to_owned();
    assert_eq!(
        [kind("n"), kind("b"), kind("d"), kind("m")],
        ["numeric", "categorical", "numeric", "numeric"]
    );
    assert_eq!(found["columns"]["b"]["counts"]["keys"], serde_json::json!(["maybe", "true"]));
    // All values are missing on one side, and none on the other.
    assert_eq!(found["columns"]["m"]["verdict"], "critical");
    assert_eq!(found["columns"]["n"]["verdict"], "none");
    assert_eq!(found["only_current"], serde_json::json!(["new"]));
}

#[test]
fn codes_are_text_where_one_file_says_so() {
    let files = Files::new();
    let texts: Vec<String> = (0..100).map(|row| (100 + row % 3).to_string()).collect();
    let codes = Column::Text(texts.iter().map(|text| Some(text.as_str())).collect());
    let table = Table::new(vec![Field::new("code", ColumnType::Text)], vec![codes]).unwrap();
    files
        .write("a.parquet", dataset::write_parquet(&table).unwrap())
        .write("b.csv", format!("code\n{}", lines(100, |row| (100 + row % 3).to_string())));
    for (reference, current) in [("a.parquet", "b.csv"), ("b.csv", "a.parquet")] {
        let found = json(&files.arguments(reference, current));
        let code = &found["columns"]["code"];
        assert_eq!((&code["kind"], &code["verdict"]), (&"categorical".into(), &"none".into()));
        assert_eq!(code["counts"]["keys"], serde_json::json!(["100", "101", "102"]));
    }
}

#[test]
fn sketches_come_to_the_verdicts_of_exact_statistics() {
    let files = Files::new();
    let value =
        |row: usize, shift: f64| ((row as f64 * 0.618_033_988_7).fract() * 10.0 + shift).powi(2);
    let table = |shift: f64| {
        let line = |row: usize| {
            format!("{},{},{}", value(row, shift), value(row * 7, 0.0), ["x", "y", "z"][row % 3])
        };
        format!("moved,same,text\n{}", lines(20_000, line))
    };
    files.write("a.csv", table(0.0)).write("b.csv", table(1.5));
    let exact = json(&files.arguments("a.csv", "b.csv"));
    let sketch = json(&Drift { method: DriftMethod::Sketch, ..files.arguments("a.csv", "b.csv") });
    assert_eq!((&exact["method"], &sketch["method"]), (&"exact".into(), &"sketch".into()));
    for column in ["moved", "same", "text"] {
        assert_eq!(exact["columns"][column]["verdict"], sketch["columns"][column]["verdict"]);
        assert!(sketch["columns"][column]["statistics"]["rank_error"].as_f64().unwrap() < 0.025);
    }
    assert_eq!(exact["drifted"], serde_json::json!(["moved"]));
    let statistic =
        |of: &Value, path: &str| of["columns"]["moved"].pointer(path).unwrap().as_f64().unwrap();
    for (path, tolerance) in [
        ("/scipy/ks_2samp/statistic", 0.006),
        ("/scipy/wasserstein_distance", 0.5),
        ("/psi_quantile10/psi", 0.02),
        ("/std_reference", 1e-6),
    ] {
        let (exact, sketch) = (statistic(&exact, path), statistic(&sketch, path));
        assert!((exact - sketch).abs() <= tolerance, "{path}: {sketch} for {exact}");
    }
    // A sketch does not know what Evidently's bins of equal width hold.
    assert!(sketch["columns"]["moved"].get("evidently").is_none());
}

#[test]
fn people_see_what_drifted_first() {
    let files = Files::new();
    files
        .write("a.csv", format!("a,b\n{}", lines(300, |row| format!("{row},x"))))
        .write("b.csv", format!("a,b\n{}", lines(300, |row| format!("{row},y"))));
    let text = show::document(&compare(&files.arguments("a.csv", "b.csv")).unwrap());
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[1].starts_with("b       categorical  critical"), "{text}");
    assert!(text.contains("b: the distribution moved: psi"), "{text}");
    assert!(text.contains("drift in 1 of 2 columns; 300 rows against 300, exactly"), "{text}");
}
