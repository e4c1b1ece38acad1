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
fn names_of_parts_are_those_of_json() {
    for part in DatePart::ALL {
        assert_eq!(serde_json::to_value(part).unwrap(), part.as_str());
    }
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
    let newer = FeaturePlan {
        version: 2,
        cleaning: cleaning(),
        features: vec![feature("a", identity("age"))],
    };
    assert!(matches!(newer.check(), Err(PlanError::Version { found: 2 })));
    assert!(matches!(FeaturePlan::from_json(b"{}"), Err(PlanError::Json(_))));
    let unknown = br#"{"version":1,"cleaning":{"columns":[]},"features":[],"run":"rm"}"#;
    assert!(matches!(FeaturePlan::from_json(unknown), Err(PlanError::Json(_))));
}

#[test]
fn parts_of_dates_are_in_utc() {
    let at = crate::parse::timestamp("2024-12-31T23:30:00Z").unwrap();
    let parts: Vec<f64> = DatePart::ALL.into_iter().map(|part| part.of(at)).collect();
    assert_eq!(&parts[..5], [2024.0, 12.0, 2.0, 31.0, 366.0]);
    assert!((parts[5] - (20_088.0 + 23.5 / 24.0)).abs() < 1e-9);
    assert!(DatePart::Year.of(f64::NAN).is_nan() && DatePart::Year.of(1e300).is_nan());
}
