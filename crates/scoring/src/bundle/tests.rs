#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use serde_json::json;
use tabular::cleaning::ColumnCleaning;
use tabular::parse::MissingMarkers;
use tabular::plan::Feature;
use tabular::{CleaningPlan, ColumnType, Field, ProblemType};
use tar::{Builder, EntryType, Header};

use super::*;
use crate::Scorer;

const TREES: &str = include_str!("../../tests/fixtures/binary.txt");

/// Six features, of which trees take all and a linear model as many as it has encodings.
pub(crate) fn parts() -> BundleParts {
    let names = ["a", "b", "c", "d", "e", "f"];
    let column =
        |name: &&str| ColumnCleaning::new(*name, ColumnType::Number, &MissingMarkers::default());
    let feature = |name: &&str| Feature {
        name: (*name).to_owned(),
        transform: Transform::Identity { input: (*name).to_owned() },
    };
    let cleaning = CleaningPlan { columns: names.iter().map(column).collect() };
    BundleParts {
        algorithm: "gradient_boosting".into(),
        created_by: "tier0 0.1.0".into(),
        model: ModelText { kind: ModelKind::Lightgbm, text: TREES.into() },
        plan: FeaturePlan::new(cleaning, names.iter().map(feature).collect()).unwrap(),
        signature: Signature {
            inputs: names.iter().map(|name| Field::new(*name, ColumnType::Number)).collect(),
            problem_type: ProblemType::Binary,
            classes: vec!["No".into(), "Yes".into()],
            positive_class: Some("Yes".into()),
            threshold: Some(0.4),
            target: "churn".into(),
        },
        profile: statistics::Profile::default(),
        metrics: json!({"test": {"roc_auc": 0.85}}),
        model_card: "---\nlicense: apache-2.0\n---\n# Churn\n".into(),
    }
}

fn standard(bytes: &[u8]) -> Result<Bundle, BundleError> {
    read(bytes, &Limits::default())
}

/// The files of a sound bundle, to be tampered with.
fn files() -> Files {
    archive::unpack(&write(&parts()).unwrap(), &Limits::default()).unwrap()
}

/// Packs files with a manifest that fits them.
fn resealed(mut files: Files) -> Vec<u8> {
    let mut manifest: Manifest = serde_json::from_slice(&files[MANIFEST]).unwrap();
    manifest.files = files
        .iter()
        .filter(|(name, _)| **name != MANIFEST)
        .map(|(name, bytes)| {
            ((*name).to_owned(), FileEntry { sha256: digest(bytes), bytes: bytes.len() as u64 })
        })
        .collect();
    files.insert(MANIFEST, serde_json::to_vec_pretty(&manifest).unwrap());
    archive::pack(&files).unwrap()
}

#[test]
fn what_is_written_is_read() {
    let bytes = write(&parts()).unwrap();
    assert_eq!(bytes, write(&parts()).unwrap(), "the same parts give the same bytes");
    let bundle = standard(&bytes).unwrap();
    assert_eq!((bundle.plan.clone(), bundle.signature.clone()), (parts().plan, parts().signature));
    assert_eq!(bundle.metrics, parts().metrics);
    assert_eq!(bundle.model_card, parts().model_card);
    assert_eq!(bundle.manifest.files.len(), 6);
    assert_eq!(digest(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    Scorer::new(&bundle).unwrap();
}

#[test]
fn truncated_bundles_are_refused() {
    let bytes = write(&parts()).unwrap();
    for cut in (0..bytes.len()).step_by(101).chain([bytes.len() - 1]) {
        assert!(standard(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    let longer = [bytes.as_slice(), &[0; 512]].concat();
    assert!(matches!(standard(&longer), Err(BundleError::NotCanonical)));
}

#[test]
fn altered_bytes_are_noticed() {
    let bytes = write(&parts()).unwrap();
    let sound = standard(&bytes).unwrap().manifest;
    for place in (0..bytes.len()).step_by(53) {
        let mut altered = bytes.clone();
        altered[place] ^= 1;
        // The manifest says which algorithm and program; all else is named by digests in it.
        if let Ok(bundle) = standard(&altered) {
            assert_ne!(bundle.manifest, sound, "byte {place}");
            assert_eq!(bundle.manifest.files, sound.files, "byte {place}");
        }
    }
}

#[test]
fn files_that_do_not_match_their_digest_are_refused() {
    let mut tampered = files();
    tampered.insert(MODEL_CARD, b"# Other\n".to_vec());
    assert!(matches!(
        standard(&archive::pack(&tampered).unwrap()),
        Err(BundleError::Digest { name }) if name == MODEL_CARD
    ));
    let mut missing = files();
    missing.remove(PROFILE);
    assert!(matches!(
        standard(&archive::pack(&missing).unwrap()),
        Err(BundleError::Missing { name: PROFILE })
    ));
    let mut without_manifest = files();
    without_manifest.remove(MANIFEST);
    assert!(matches!(
        standard(&archive::pack(&without_manifest).unwrap()),
        Err(BundleError::Missing { .. })
    ));
}

/// An archive of a sound bundle and one entry more.
fn with_entry(kind: EntryType, name: &[u8], content: &[u8]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    let mut append = |kind, name: &[u8], content: &[u8]| {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        if kind == EntryType::Symlink || kind == EntryType::Link {
            header.set_link_name("/etc/passwd").unwrap();
        }
        // Names are written as they are; the safe ways of the library would refuse these.
        header.as_ustar_mut().unwrap().name[..name.len()].copy_from_slice(name);
        header.set_cksum();
        builder.append(&header, content).unwrap();
    };
    for (name, content) in files() {
        append(EntryType::Regular, name.as_bytes(), &content);
    }
    append(kind, name, content);
    builder.into_inner().unwrap()
}

#[test]
fn links_paths_and_other_files_are_refused() {
    for (kind, name) in [
        (EntryType::Symlink, "model.json"),
        (EntryType::Link, "model.json"),
        (EntryType::Directory, "model.json"),
        (EntryType::Fifo, "model.json"),
        (EntryType::GNULongName, "model.json"),
        (EntryType::XHeader, "model.json"),
        (EntryType::GNUSparse, "model.json"),
        (EntryType::Regular, "../model.json"),
        (EntryType::Regular, "/etc/passwd"),
        (EntryType::Regular, "./plan.json"),
        (EntryType::Regular, "sub/plan.json"),
        (EntryType::Regular, "code.py"),
        (EntryType::Regular, ""),
    ] {
        let error = standard(&with_entry(kind, name.as_bytes(), b"x")).unwrap_err();
        assert!(
            matches!(error, BundleError::Entry { position: 8 } | BundleError::Archive(_)),
            "{kind:?} {name}: {error:?}"
        );
    }
    assert!(matches!(
        standard(&with_entry(EntryType::Regular, b"plan.json", b"{}")),
        Err(BundleError::Repeated { name: PLAN })
    ));
    assert!(matches!(
        standard(&with_entry(EntryType::Regular, b"model.json", b"{}")),
        Err(BundleError::Misfit { .. })
    ));
}

#[test]
fn sizes_are_bounded_before_they_are_believed() {
    let bytes = write(&parts()).unwrap();
    assert!(matches!(
        read(&bytes, &Limits { bytes: 1000, ..Limits::default() }),
        Err(BundleError::TooLarge { limit: 1000, .. })
    ));
    let mut header = Header::new_ustar();
    header.set_path("plan.json").unwrap();
    header.set_entry_type(EntryType::Regular);
    header.set_size(1 << 40);
    header.set_cksum();
    let claims = [header.as_bytes().as_slice(), &[0; 1024]].concat();
    assert!(matches!(standard(&claims), Err(BundleError::Archive(_))));
}

#[test]
fn models_that_do_not_hold_together_are_refused() {
    let tampered = |from: &str, to: &str| {
        let mut files = files();
        let text = String::from_utf8(files["model.txt"].clone()).unwrap();
        assert!(text.contains(from));
        files.insert("model.txt", text.replacen(from, to, 1).into_bytes());
        standard(&resealed(files)).unwrap_err()
    };
    let left = TREES.lines().find(|line| line.starts_with("left_child=")).unwrap();
    let cyclic = left.replacen("left_child=2", "left_child=0", 1);
    assert_ne!(left, cyclic);
    assert!(matches!(tampered(left, &cyclic), BundleError::Model(ModelError::Trees(_))));
    let out_of_range = tampered("split_feature=0", "split_feature=77");
    assert!(matches!(out_of_range, BundleError::Model(ModelError::Trees(_))));
    let narrower = tampered("max_feature_idx=5", "max_feature_idx=6");
    assert!(matches!(narrower, BundleError::Misfit { .. }), "{narrower:?}");
}

#[test]
fn parts_that_do_not_fit_are_not_written() {
    let three = BundleParts {
        signature: Signature {
            problem_type: ProblemType::Multiclass,
            classes: vec!["a".into(), "b".into(), "c".into()],
            positive_class: None,
            threshold: None,
            ..parts().signature
        },
        ..parts()
    };
    assert!(matches!(write(&three), Err(BundleError::Misfit { .. })));
    let mut fewer = parts();
    fewer.signature.inputs.pop();
    assert!(matches!(write(&fewer), Err(BundleError::Misfit { .. })));
    let mut wrong = parts();
    wrong.signature.positive_class = Some("No".into());
    assert!(matches!(write(&wrong), Err(BundleError::Signature(SignatureError::PositiveClass))));
    let mut nan = parts();
    nan.model = ModelText { kind: ModelKind::Linear, text: "{\"intercepts\":[NaN]}".into() };
    assert!(matches!(write(&nan), Err(BundleError::Model(ModelError::Json(_)))));
    let mut features = parts();
    features.plan.features.pop();
    assert!(matches!(write(&features), Err(BundleError::Misfit { .. })));
}

#[test]
fn newer_formats_are_refused() {
    let mut newer = files();
    let text = String::from_utf8(newer[MANIFEST].clone()).unwrap();
    newer.insert(
        MANIFEST,
        text.replace("\"format_version\": 1", "\"format_version\": 2").into_bytes(),
    );
    assert!(matches!(
        standard(&archive::pack(&newer).unwrap()),
        Err(BundleError::Version { found: 2 })
    ));
}
