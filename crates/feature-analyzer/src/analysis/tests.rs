#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use tabular::{Column, ColumnType, Field, cleaning};

use super::*;

/// A number between 0 and 1 that looks random.
fn noise(row: usize, salt: u64) -> f64 {
    let mut mixed = (row as u64 * 16 + salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
}

/// Rows whose target depends on two columns together: classes on how far both are from their middles, numbers on their
/// ratio. No sum of the two tells it.
fn table(first: usize, rows: usize, problem: ProblemType) -> Table {
    let rows = first..first + rows;
    let spend = |row: usize| 10.0 + 90.0 * noise(row, 1);
    let visits = |row: usize| 1.0 + 9.0 * noise(row, 2);
    let target = |row: usize| {
        let together = (spend(row) - 55.0) * (visits(row) - 5.5) + 20.0 * noise(row, 3);
        match problem {
            ProblemType::Binary => f64::from(u8::from(together > 0.0)),
            ProblemType::Multiclass => {
                f64::from(u8::from(together > -25.0) + u8::from(together > 25.0))
            }
            ProblemType::Regression => spend(row) / visits(row) + 2.0 * noise(row, 3),
        }
    };
    let number = |of: &dyn Fn(usize) -> f64| Column::Number(rows.clone().map(of).collect());
    let of_target =
        if problem == ProblemType::Regression { ColumnType::Number } else { ColumnType::Integer };
    Table::new(
        vec![
            Field::new("spend", ColumnType::Number),
            Field::new("visits", ColumnType::Number),
            Field::new("noise", ColumnType::Number),
            Field::new("y", of_target),
        ],
        vec![number(&spend), number(&visits), number(&|row| noise(row, 4)), number(&target)],
    )
    .unwrap()
}

fn analysed(problem: ProblemType, options: &Features) -> Analysis {
    let splits = Splits { train: table(0, 3000, problem), validation: table(3000, 1000, problem) };
    let classes = match problem {
        ProblemType::Binary => vec!["0".to_owned(), "1".to_owned()],
        ProblemType::Multiclass => vec!["0".to_owned(), "1".to_owned(), "2".to_owned()],
        ProblemType::Regression => vec![],
    };
    let task =
        Task { target: "y".into(), problem, classes, excluded: vec![], prediction_point: None };
    let cleaning = CleaningPlan::fit(&splits.train.without(&["y"]), &cleaning::Options::default());
    let profile = statistics::profile(&splits.train);
    analyse(&splits, &task, (&cleaning, &profile), options).unwrap()
}

#[test]
fn what_helps_is_found_and_its_gain_is_told() {
    for problem in [ProblemType::Binary, ProblemType::Multiclass, ProblemType::Regression] {
        let analysis = analysed(problem, &Features::default());
        let names = analysis.plan.names();
        let wanted = |name: &&str| match problem {
            ProblemType::Regression => *name == "spend_per_visits",
            _ => *name == "spend_times_visits" || *name == "visits_times_spend",
        };
        assert!(names.iter().any(wanted), "{problem}: {names:?}");
        assert!(analysis.validation_gain > 0.005, "{problem}: {}", analysis.validation_gain);
        assert_eq!(analysis.plan.width(), analysis.summaries.len());
        assert!(analysis.plan.width() <= 9, "{names:?}");
        let reasons: Vec<&str> =
            analysis.rejected.iter().map(|rejected| rejected.reason.as_str()).collect();
        assert!(reasons.iter().any(|reason| reason.contains("gains less")), "{reasons:?}");
        assert!(analysis.summaries.iter().all(|summary| (0.0..=1.0).contains(&summary.relevance)));
    }
}

/// What all rows look like decides, not what the rows that are looked at do.
#[test]
fn the_profile_says_what_is_combined() {
    let problem = ProblemType::Regression;
    let splits = Splits { train: table(0, 3000, problem), validation: table(3000, 1000, problem) };
    let task = Task { problem, classes: vec![], ..binary(None) };
    let cleaning = CleaningPlan::fit(&splits.train.without(&["y"]), &cleaning::Options::default());
    let combined = |change: &dyn Fn(&mut statistics::ColumnProfile)| {
        let mut profile = statistics::profile(&splits.train);
        change(profile.columns.iter_mut().find(|column| column.name == "visits").unwrap());
        let analysis =
            analyse(&splits, &task, (&cleaning, &profile), &Features::default()).unwrap();
        let rejected = analysis.rejected.iter().map(|rejected| &rejected.name);
        let tried = analysis.plan.features.iter().map(|feature| &feature.name).chain(rejected);
        let of_both = |name: &&String| name.contains("visits") && name.contains("spend");
        tried.filter(of_both).cloned().collect::<Vec<String>>()
    };
    let per = |names: &[String], ending: &str| names.iter().any(|name| name.ends_with(ending));
    let known = combined(&|_| {});
    assert!(per(&known, "_per_visits") && per(&known, "_per_spend"), "{known:?}");
    let with_zeros = combined(&|visits| visits.numeric.as_mut().unwrap().zeros = visits.count / 10);
    assert!(!per(&with_zeros, "_per_visits") && per(&with_zeros, "_per_spend"), "{with_zeros:?}");
    let withheld = combined(&statistics::ColumnProfile::withhold_values);
    assert!(!per(&withheld, "_per_visits"), "{withheld:?}");
    let a_code = combined(&|visits| visits.distinct = 9);
    assert_eq!(a_code, Vec::<String>::new());
}

#[test]
fn nothing_is_constructed_unless_wanted() {
    let options = Features { max_constructed: 0, ..Features::default() };
    let analysis = analysed(ProblemType::Binary, &options);
    assert_eq!(analysis.plan.names(), ["spend", "visits", "noise"]);
    assert_eq!(analysis.validation_gain, 0.0);
}

#[test]
fn the_same_data_give_the_same_plan() {
    let plan = || analysed(ProblemType::Binary, &Features::default()).plan.to_json().unwrap();
    assert_eq!(plan(), plan());
}

/// Rows that are told by how far a price is from what is usual at their shop, of which there are sixty.
fn shops(first: usize, rows: usize) -> Table {
    let rows = first..first + rows;
    let shop = |row: usize| (noise(row, 1) * 60.0) as usize;
    let price = |row: usize| 100.0 * noise(shop(row), 2) + 20.0 * noise(row, 3);
    let told = |row: usize| f64::from(u8::from(noise(row, 3) + 0.2 * noise(row, 4) > 0.6));
    let names: Vec<String> = rows.clone().map(|row| format!("shop {}", shop(row))).collect();
    Table::new(
        vec![
            Field::new("shop", ColumnType::Text),
            Field::new("price", ColumnType::Number),
            Field::new("y", ColumnType::Integer),
        ],
        vec![
            Column::Text(names.iter().map(|name| Some(name.as_str())).collect()),
            Column::Number(rows.clone().map(price).collect()),
            Column::Number(rows.map(told).collect()),
        ],
    )
    .unwrap()
}

fn binary(prediction_point: Option<&str>) -> Task {
    Task {
        target: "y".into(),
        problem: ProblemType::Binary,
        classes: vec!["0".into(), "1".into()],
        excluded: vec![],
        prediction_point: prediction_point.map(str::to_owned),
    }
}

fn analyse_all(splits: &Splits, task: &Task) -> Analysis {
    let cleaning = CleaningPlan::fit(&splits.train.without(&["y"]), &cleaning::Options::default());
    let profile = statistics::profile(&splits.train);
    analyse(splits, task, (&cleaning, &profile), &Features::default()).unwrap()
}

#[test]
fn what_is_usual_in_a_group_is_found() {
    let splits = Splits { train: shops(0, 3000), validation: shops(3000, 1000) };
    let analysis = analyse_all(&splits, &binary(None));
    let names = analysis.plan.names();
    assert!(names.contains(&"price_less_mean_by_shop"), "{names:?}");
    assert!(analysis.validation_gain > 0.2, "{}", analysis.validation_gain);
    let summary = analysis.summaries.iter().find(|of| of.transform == "group_difference").unwrap();
    assert_eq!(summary.sources, ["price", "shop"]);
}

/// Rows in the order of time, with a number that counts the time and a moment that has hours.
fn in_time(first: usize, rows: usize) -> Table {
    let rows = first..first + rows;
    let hour = |row: usize| (noise(row, 1) * 24.0).floor();
    let moment = |row: usize| (row as f64 / 50.0).floor() * 24.0 + hour(row);
    let told =
        |row: usize| f64::from(u8::from(((hour(row) - 12.0).abs() < 4.0) != (noise(row, 2) < 0.1)));
    let number = |of: &dyn Fn(usize) -> f64| Column::Number(rows.clone().map(of).collect());
    Table::new(
        vec![
            Field::new("at", ColumnType::Timestamp),
            Field::new("week", ColumnType::Integer),
            Field::new("x", ColumnType::Number),
            Field::new("y", ColumnType::Integer),
        ],
        vec![
            number(&|row| moment(row) * 3_600e6),
            number(&|row| (row as f64 / 350.0).floor()),
            number(&|row| noise(row, 3)),
            number(&told),
        ],
    )
    .unwrap()
}

#[test]
fn of_the_time_that_rows_are_split_by_what_comes_again_is_a_feature() {
    let splits = Splits { train: in_time(0, 3000), validation: in_time(3000, 1000) };
    let analysis = analyse_all(&splits, &binary(Some("at")));
    let names = analysis.plan.names();
    assert!(names.contains(&"at_hour_of_day"), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("year") || name.contains("1970")), "{names:?}");
    // Of a number it is not known what comes again.
    let analysis = analyse_all(&splits, &binary(Some("week")));
    let rejected = analysis.rejected.iter().find(|rejected| rejected.name == "week").unwrap();
    assert_eq!(rejected.reason, "time that the rows are split by");
    assert!(analysis.plan.inputs().iter().all(|input| input.name != "week"));
}
