#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use super::*;
use crate::parse::MissingMarkers;

fn cleaning() -> CleaningPlan {
    let column = |name: &str, of| ColumnCleaning::new(name, of, &MissingMarkers::default());
    CleaningPlan {
        columns: vec![
            column("age", ColumnType::Integer),
            column("city", ColumnType::Text),
            column("joined", ColumnType::Date),
            column("unused", ColumnType::Number),
        ],
    }
}

fn feature(name: &str, transform: Transform) -> Feature {
    Feature { name: name.into(), transform }
}

fn identity(input: &str) -> Transform {
    Transform::Identity { input: input.into() }
}

fn category(levels: &[&str]) -> Transform {
    let levels = levels.iter().map(|level| (*level).to_owned()).collect();
    Transform::Category { input: "city".into(), levels, other: true }
}

#[test]
fn plans_are_json_that_people_can_read() {
    let plan = FeaturePlan::new(
        cleaning(),
        vec![
            feature("age", identity("age")),
            feature("city", category(&["Basel", "Bern"])),
            feature(
                "joined_month",
                Transform::DatePart { input: "joined".into(), part: DatePart::Month },
            ),
        ],
    )
    .unwrap();
    let json = plan.to_json().unwrap();
    assert_eq!(FeaturePlan::from_json(&json).unwrap(), plan);
    let text = String::from_utf8(json).unwrap();
    assert!(
        text.contains(r#""kind": "category""#) && text.contains(r#""part": "month""#),
        "{text}"
    );
    assert_eq!(
        plan.inputs().iter().map(|field| field.name.as_str()).collect::<Vec<_>>(),
        ["age", "city", "joined"]
    );
    assert_eq!(plan.categories(), [None, Some(3), None]);
    assert_eq!(plan.features[2].transform.label(), "date_month");
}

#[test]
fn unsound_plans_are_refused() {
    let plan = |features| FeaturePlan::new(cleaning(), features);
    assert!(matches!(plan(vec![]), Err(PlanError::Empty)));
    assert!(matches!(
        plan(vec![feature("a", identity("age")), feature("a", identity("age"))]),
        Err(PlanError::DuplicateFeature { .. })
    ));
    assert!(matches!(
        plan(vec![feature("a", identity("nowhere"))]),
        Err(PlanError::UnknownColumn { .. })
    ));
    assert!(matches!(plan(vec![feature("a", identity("city"))]), Err(PlanError::Type { .. })));
    assert!(matches!(
        plan(vec![feature("a", category(&["x", "x"]))]),
        Err(PlanError::Levels { .. })
    ));
    assert!(matches!(plan(vec![feature("a", category(&[]))]), Err(PlanError::Levels { .. })));
    let group = |levels: &[&str], means: &[f64], input: &str| Transform::GroupDifference {
        input: input.into(),
        group: "city".into(),
        levels: levels.iter().map(|level| (*level).to_owned()).collect(),
        means: means.to_vec(),
        overall: 1.0,
    };
    assert!(plan(vec![feature("a", group(&["x"], &[1.0], "age"))]).is_ok());
    for (levels, means) in [(&["x", "y"][..], &[1.0][..]), (&["x"], &[f64::NAN])] {
        let refused = plan(vec![feature("a", group(levels, means, "age"))]);
        assert!(matches!(refused, Err(PlanError::Numbers { .. })), "{refused:?}");
    }
    assert!(matches!(
        plan(vec![feature("a", group(&["x"], &[1.0], "city"))]),
        Err(PlanError::Type { .. })
    ));
    let word = Transform::HasWord { input: "city".into(), word: "Bern".into() };
    assert!(matches!(plan(vec![feature("a", word)]), Err(PlanError::Word { .. })));
    let days = Transform::DaysBetween { from: "joined".into(), to: "age".into() };
    assert!(matches!(plan(vec![feature("a", days)]), Err(PlanError::Type { .. })));
    let sum = |inputs: &[&str], weights: &[f64]| Transform::Sum {
        inputs: inputs.iter().map(|input| (*input).to_owned()).collect(),
        weights: weights.to_vec(),
    };
    assert!(plan(vec![feature("a", sum(&["age", "unused"], &[1.0, -1.0]))]).is_ok());
    for (inputs, weights) in [
        (&["age"][..], &[1.0][..]),
        (&["age", "age"], &[1.0, 1.0]),
        (&["age", "unused"], &[1.0]),
        (&["age", "unused"], &[1.0, 0.0]),
        (&["age", "unused"], &[1.0, f64::INFINITY]),
    ] {
        let refused = plan(vec![feature("a", sum(inputs, weights))]);
        assert!(matches!(refused, Err(PlanError::Sum { .. })), "{refused:?}");
    }
    assert!(matches!(
        plan(vec![feature("a", sum(&["age", "city"], &[1.0, 1.0]))]),
        Err(PlanError::Type { .. })
    ));
    let of_version = |version| FeaturePlan {
        version,
        cleaning: cleaning(),
        features: vec![feature("a", identity("age"))],
    };
    assert!(of_version(1).check().is_ok() && of_version(PLAN_VERSION).check().is_ok());
    for other in [0, PLAN_VERSION + 1] {
        let refused = of_version(other).check();
        assert!(matches!(refused, Err(PlanError::Version { found }) if found == other));
    }
    assert!(matches!(FeaturePlan::from_json(b"{}"), Err(PlanError::Json(_))));
    let unknown = br#"{"version":1,"cleaning":{"columns":[]},"features":[],"run":"rm"}"#;
    assert!(matches!(FeaturePlan::from_json(unknown), Err(PlanError::Json(_))));
}
