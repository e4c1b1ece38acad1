//! Raw columns of every type, and a plan with every kind of feature of them.

use rand::Rng;
use rand::rngs::StdRng;
use tabular::cleaning::{Cap, ColumnCleaning, Impute};
use tabular::parse::MissingMarkers;
use tabular::plan::{DatePart, Feature, MISSING_LEVEL, TextMeasure, Transform};
use tabular::{CleaningPlan, Column, ColumnType, FeaturePlan, Field, Table};

use crate::ROWS;

const LEVELS: [&str; 5] = ["Basel", "Bern", "Chur", "Genf", "Zug"];

pub(crate) fn plan() -> FeaturePlan {
    let column = |name: &str, of| ColumnCleaning::new(name, of, &MissingMarkers::default());
    let feature = |name: String, transform| Feature { name, transform };
    let levels = |count: usize| LEVELS[..count].iter().map(|level| (*level).to_owned()).collect();
    let mut columns = vec![
        column("x", ColumnType::Number),
        column("y", ColumnType::Integer),
        column("count", ColumnType::Integer),
        column("flag", ColumnType::Boolean),
        column("maybe", ColumnType::Boolean),
        column("day", ColumnType::Date),
        column("at", ColumnType::Timestamp),
        column("city", ColumnType::Text),
        column("town", ColumnType::Text),
        column("unused", ColumnType::Text),
        column("since", ColumnType::Date),
        column("remark", ColumnType::Text),
        column("note", ColumnType::Text),
    ];
    columns[0].cap = Some(Cap { low: -2.0, high: 2.5 });
    columns[1].impute = Some(Impute::Number(7.0));
    columns[8].impute = Some(Impute::Text("Bern".into()));
    columns[12].impute = Some(Impute::Text("no note, 1 or 2".into()));
    let text = str::to_owned;
    let mut with_missing: Vec<String> = levels(2);
    with_missing.push(MISSING_LEVEL.into());
    let mut features = vec![
        feature(text("x"), Transform::Identity { input: text("x") }),
        feature(text("x_missing"), Transform::MissingIndicator { input: text("x") }),
        feature(text("y"), Transform::Identity { input: text("y") }),
        feature(text("count"), Transform::Identity { input: text("count") }),
        feature(text("flag"), Transform::Identity { input: text("flag") }),
        feature(text("maybe"), Transform::Identity { input: text("maybe") }),
        feature(
            text("city"),
            Transform::Category { input: text("city"), levels: levels(5), other: true },
        ),
        feature(text("city_missing"), Transform::MissingIndicator { input: text("city") }),
        feature(
            text("town"),
            Transform::Category { input: text("town"), levels: levels(3), other: false },
        ),
        feature(
            text("ratio"),
            Transform::Ratio { numerator: text("x"), denominator: text("count") },
        ),
        feature(text("product"), Transform::Product { left: text("x"), right: text("y") }),
        feature(text("difference"), Transform::Difference { left: text("y"), right: text("x") }),
        feature(
            text("sum"),
            Transform::Sum {
                inputs: vec![text("x"), text("count"), text("y")],
                weights: vec![1.0, -1.0, 0.25],
            },
        ),
        feature(
            text("city_or_none"),
            Transform::Category { input: text("city"), levels: with_missing, other: true },
        ),
        feature(text("age"), Transform::DaysBetween { from: text("since"), to: text("at") }),
        feature(
            text("city_frequency"),
            Transform::Frequency {
                input: text("city"),
                levels: levels(4),
                shares: vec![0.4, 0.3, 0.2, 0.05],
            },
        ),
        feature(
            text("x_of_city"),
            Transform::GroupMean {
                input: text("city"),
                of: text("x"),
                levels: levels(3),
                means: vec![0.5, -0.25, 1.5],
                overall: 0.125,
            },
        ),
        feature(
            text("x_in_town"),
            Transform::GroupDifference {
                input: text("x"),
                group: text("town"),
                levels: levels(2),
                means: vec![0.75, -1.0],
                overall: 0.25,
            },
        ),
        feature(text("remark_missing"), Transform::MissingIndicator { input: text("remark") }),
    ];
    for input in ["remark", "note"] {
        for measure in TextMeasure::ALL {
            let transform = Transform::TextMeasure { input: text(input), measure };
            features.push(feature(format!("{input}_{}", measure.as_str()), transform));
        }
        for word in ["rückruf", "4g", "st", "don", "ok\u{307}"] {
            let transform = Transform::HasWord { input: text(input), word: text(word) };
            features.push(feature(format!("{input}_{word}"), transform));
        }
    }
    for input in ["day", "at"] {
        for part in DatePart::ALL {
            let transform = Transform::DatePart { input: text(input), part };
            features.push(feature(format!("{input}_{}", part.as_str()), transform));
        }
    }
    FeaturePlan::new(CleaningPlan { columns }, features).unwrap()
}

/// Rows of all kinds: missing, capped, infinite, unseen, with blanks around them, of far times.
pub(crate) fn table(rng: &mut StdRng) -> Table {
    let plan = plan();
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for cleaning in &plan.cleaning.columns {
        let nullable = !matches!(cleaning.name.as_str(), "count" | "flag");
        fields.push(Field { nullable, ..Field::new(&cleaning.name, cleaning.column_type) });
        columns.push(match cleaning.column_type {
            ColumnType::Text if matches!(cleaning.name.as_str(), "remark" | "note") => {
                let texts: Vec<String> = (0..ROWS).map(|_| some_remark(rng)).collect();
                Column::Text(texts.iter().map(|text| Some(text.as_str())).collect())
            }
            ColumnType::Text => {
                let texts: Vec<Option<&str>> = (0..ROWS).map(|_| some_text(rng)).collect();
                Column::Text(texts.into_iter().collect())
            }
            column_type => {
                let missing = if nullable { 0.15 } else { 0.0 };
                let mut one = || {
                    if rng.random_bool(missing) { f64::NAN } else { some_number(rng, column_type) }
                };
                Column::Number((0..ROWS).map(|_| one()).collect())
            }
        });
    }
    Table::new(fields, columns).unwrap()
}

fn some_text(rng: &mut StdRng) -> Option<&'static str> {
    const TEXTS: [&str; 12] = [
        "Basel", "Bern", "Chur", "Genf", "Zug", " Bern", "Zug  ", "Uri", "zug", "NA", "\t",
        "Ba sel",
    ];
    rng.random_bool(0.9).then(|| TEXTS[rng.random_range(0..TEXTS.len())])
}

/// Remarks: empty and blank ones, markers, words in any case and between any separators, and some longer than is counted.
fn some_remark(rng: &mut StdRng) -> String {
    const PARTS: [&str; 24] = [
        "Rückruf",
        "RÜCKRUF",
        "rückrufe",
        "4G",
        "4g5",
        "st",
        "ST.",
        "\u{fb06}",
        "don't",
        "DON",
        "ok\u{307}",
        "OK\u{307}",
        "漢字",
        "😀",
        "12",
        "a1b2",
        "…",
        "NA",
        "\u{3000}",
        "\u{a0}",
        "\t",
        "\n",
        "İ",
        "-",
    ];
    const BETWEEN: [&str; 8] = [" ", " ", "\n", "\u{a0}", "-", "", ", ", "\u{2003}"];
    const WHOLE: [&str; 6] = ["", " ", "\t\n", "NA", "\u{a0}NA\t", " null "];
    if rng.random_bool(0.1) {
        return WHOLE[rng.random_range(0..WHOLE.len())].to_owned();
    }
    let parts = if rng.random_bool(0.05) { 300 } else { rng.random_range(1..20) };
    let mut remark = String::new();
    for _ in 0..parts {
        remark.push_str(PARTS[rng.random_range(0..PARTS.len())]);
        remark.push_str(BETWEEN[rng.random_range(0..BETWEEN.len())]);
    }
    remark
}

fn some_number(rng: &mut StdRng, column_type: ColumnType) -> f64 {
    match column_type {
        ColumnType::Boolean => f64::from(u8::from(rng.random_bool(0.5))),
        ColumnType::Integer => f64::from(rng.random_range(-3..20)),
        ColumnType::Date => f64::from(rng.random_range(-800_000..2_900_000)) * 86_400e6,
        ColumnType::Timestamp => match rng.random_range(0..10) {
            // Beside what any calendar has, and a microsecond before midnight.
            0 => 1e18,
            1 => f64::from(rng.random_range(0..30_000)) * 86_400e6 - 1.0,
            _ => rng.random_range(-62e15_f64..253e15).round(),
        },
        ColumnType::Number | ColumnType::Text => match rng.random_range(0..20) {
            0 => f64::INFINITY,
            1 => 0.0,
            _ => rng.random_range(-4.0..4.0),
        },
    }
}
