#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use scoring::{Encoding, LinearEncoding, LinearModel, Link, Manifest, Model, ModelKind, Signature};
use tabular::cleaning::ColumnCleaning;
use tabular::parse::MissingMarkers;
use tabular::plan::{Feature, Transform};
use tabular::{CleaningPlan, ColumnType, FeaturePlan, Field, ProblemType};

use super::*;
use crate::proto::ModelProto;

fn bundle(column: &str, nullable: bool) -> Bundle {
    let cleaning = CleaningPlan {
        columns: vec![ColumnCleaning::new(column, ColumnType::Integer, &MissingMarkers::default())],
    };
    let feature =
        Feature { name: "x".into(), transform: Transform::Identity { input: column.into() } };
    let encoding = Encoding::Numeric { mean: 1.0, scale: 2.0, impute: 0.0, indicator: true };
    Bundle {
        manifest: Manifest {
            format_version: 1,
            model_kind: ModelKind::Linear,
            algorithm: "logistic_regression".into(),
            created_by: "test".into(),
            files: std::collections::BTreeMap::new(),
        },
        plan: FeaturePlan::new(cleaning, vec![feature]).unwrap(),
        model: Model::Linear(LinearModel {
            encoding: LinearEncoding { features: vec![encoding] },
            coefficients: vec![vec![0.5, -0.25]],
            intercepts: vec![0.1],
            link: Link::Logit,
        }),
        signature: Signature {
            inputs: vec![Field { nullable, ..Field::new(column, ColumnType::Integer) }],
            problem_type: ProblemType::Binary,
            classes: vec!["no".into(), "yes".into()],
            positive_class: Some("yes".into()),
            threshold: Some(0.4),
            target: "y".into(),
        },
        profile: statistics::Profile::default(),
        metrics: serde_json::json!({}),
        model_card: String::new(),
    }
}

#[test]
fn the_same_bundle_gives_the_same_bytes() {
    let exported = export(&bundle("age", true), "ab").unwrap();
    assert_eq!(exported, export(&bundle("age", true), "ab").unwrap());
    let model = ModelProto::decode(exported.bytes.as_slice()).unwrap();
    assert_eq!((model.ir_version, model.opset_import.len()), (9, 2));
    assert_eq!(model.metadata_props[0].value, "ab");
    let names: Vec<&str> = exported.outputs.iter().map(|output| output.name.as_str()).collect();
    assert_eq!(names, ["prediction", "probability_no", "probability_yes"]);
    let graph = model.graph.unwrap();
    assert_eq!(graph.output.len(), 3);
    // Every value is made once, and before it is used.
    let mut made: Vec<String> = graph.input.iter().map(|input| input.name.clone()).collect();
    made.extend(graph.initializer.iter().map(|constant| constant.name.clone()));
    for node in &graph.node {
        for input in &node.input {
            assert!(made.contains(input), "{input} of {}", node.name);
        }
        for output in &node.output {
            assert!(!made.contains(output), "{output} of {}", node.name);
            made.push(output.clone());
        }
    }
}

#[test]
fn whole_numbers_that_are_never_missing_are_given_as_such() {
    let kind = |nullable| export(&bundle("age", nullable), "").unwrap().inputs[0].kind;
    assert_eq!((kind(false), kind(true)), (Kind::Long, Kind::Double));
}

#[test]
fn a_column_named_like_an_output_is_refused() {
    let refused = export(&bundle("probability_yes", true), "").unwrap_err();
    assert!(matches!(&refused, Error::Name { column } if column == "probability_yes"), "{refused}");
}

#[test]
fn what_has_no_exact_form_is_refused() {
    let trees = |decision: u8| {
        let text = format!(
            "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\nobjective=binary sigmoid:1\n\
             tree_sizes=1\n\nTree=0\nnum_leaves=2\nnum_cat=1\nsplit_feature=0\nthreshold=0\ndecision_type={decision}\n\
             left_child=-1\nright_child=-2\nleaf_value=1 2\ncat_boundaries=0 1\ncat_threshold=1\nis_linear=0\n\nend of trees\n"
        );
        Bundle {
            model: Model::parse(ModelKind::Lightgbm, &text, &scoring::Limits::default()).unwrap(),
            ..bundle("age", true)
        }
    };
    // By threshold, missing as NaN; the same with zero as missing; by category.
    assert!(export(&trees(8), "").is_ok());
    for decision in [4, 1] {
        let refused = export(&trees(decision), "").unwrap_err();
        assert!(matches!(refused, Error::Unsupported { .. }), "{decision}: {refused}");
    }
}
