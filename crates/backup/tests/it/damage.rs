use std::fs;
use std::path::Path;

use backup::Error;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{Saved, empty, filled, restore, save, streams};

fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// A manifest that says something else, with its right digest.
fn edit_manifest(backup: &Path, change: impl FnOnce(&mut Value)) {
    let path = backup.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    let bytes = serde_json::to_vec(&manifest).unwrap();
    fs::write(backup.join("manifest.json.sha256"), hex::encode(Sha256::digest(&bytes))).unwrap();
    fs::write(path, bytes).unwrap();
}

fn copy(saved: &Saved, name: &str) -> std::path::PathBuf {
    let to = saved.directory.path().join(name);
    for part in ["", "streams", "artifacts"] {
        fs::create_dir_all(to.join(part)).unwrap();
        for entry in fs::read_dir(saved.path().join(part)).unwrap() {
            let from = entry.unwrap().path();
            if from.is_file() {
                fs::copy(&from, to.join(part).join(from.file_name().unwrap())).unwrap();
            }
        }
    }
    to
}

#[tokio::test]
async fn what_is_damaged_is_named_and_never_restored() {
    let broker = filled().await;
    let saved = save(&broker).await;
    let (_nats, bus) = empty().await;
    let snapshot = "streams/TIER0.snapshot";
    let artifact = fs::read_dir(saved.path().join("artifacts")).unwrap().next().unwrap().unwrap();
    let artifact = format!("artifacts/{}", artifact.file_name().to_str().unwrap());
    type Damage = Box<dyn Fn(&Path)>;
    let flipped = |name: String| -> Damage {
        Box::new(move |backup| {
            edit(&backup.join(&name), |bytes| {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            });
        })
    };
    let cases: Vec<(&str, Damage, &str)> = vec![
        ("a flipped bit", flipped(snapshot.to_owned()), "another digest"),
        (
            "cut off",
            Box::new(move |backup| edit(&backup.join(snapshot), |bytes| bytes.truncate(100))),
            "has 100 bytes",
        ),
        (
            "a missing file",
            Box::new(move |backup| fs::remove_file(backup.join(snapshot)).unwrap()),
            "missing",
        ),
        ("a flipped bit of an artifact", flipped(artifact.clone()), "another digest"),
        (
            "a missing artifact",
            Box::new(move |backup| fs::remove_file(backup.join(&artifact)).unwrap()),
            "missing",
        ),
        (
            "a manifest that was changed",
            Box::new(|backup| edit(&backup.join("manifest.json"), |bytes| bytes.push(b' '))),
            "manifest.json",
        ),
        (
            "a path that leads elsewhere",
            Box::new(|backup| {
                edit_manifest(backup, |manifest| {
                    let file = manifest["files"]["streams/TIER0.snapshot"].clone();
                    manifest["files"]["../elsewhere"] = file;
                });
            }),
            "no path within a backup",
        ),
    ];
    for (number, (what, damage, said)) in cases.into_iter().enumerate() {
        let backup = copy(&saved, &format!("copy-{number}"));
        damage(&backup);
        let error = restore(&bus, &backup, true).await.unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{what}: {error}");
        assert_eq!(error.code(), "backup_damaged");
        assert!(error.to_string().contains(said), "{what}: {error}");
        assert_eq!(streams(&bus).await, [], "{what}");
    }
}

#[tokio::test]
async fn what_is_foreign_or_newer_is_refused() {
    let broker = filled().await;
    let saved = save(&broker).await;
    let (_nats, bus) = empty().await;
    let newer = copy(&saved, "newer");
    edit_manifest(&newer, |manifest| manifest["format"] = 2.into());
    let error = restore(&bus, &newer, false).await.unwrap_err();
    assert!(matches!(error, Error::Newer { found: 2, .. }), "{error}");
    let foreign = copy(&saved, "foreign");
    edit_manifest(&foreign, |manifest| manifest["kind"] = "nats-backup".into());
    for path in [foreign, saved.directory.path().to_owned(), saved.path().join("manifest.json")] {
        let error = restore(&bus, &path, false).await.unwrap_err();
        assert!(matches!(error, Error::NoBackup { .. }) && error.is_usage(), "{error}");
    }
}

#[tokio::test]
async fn a_snapshot_that_the_broker_does_not_take_leaves_nothing() {
    let broker = filled().await;
    let saved = save(&broker).await;
    let (_nats, bus) = empty().await;
    let backup = copy(&saved, "wrong");
    // The digests are right, and the archive of the last but one stream is none.
    let name = "streams/KV_TIER0_MODELS.snapshot";
    fs::write(backup.join(name), vec![7; 100_000]).unwrap();
    edit_manifest(&backup, |manifest| {
        let digest = hex::encode(Sha256::digest(vec![7; 100_000]));
        manifest["files"][name] = serde_json::json!({"bytes": 100_000, "sha256": digest});
    });
    let error = restore(&bus, &backup, false).await.unwrap_err();
    let is_of_models =
        matches!(&error, Error::Refused { stream, .. } if stream == "KV_TIER0_MODELS");
    assert!(is_of_models, "{error}");
    assert_eq!(streams(&bus).await, [], "the streams before it are gone again");
    restore(&bus, &saved.path(), false).await.unwrap();
}

#[tokio::test]
async fn a_backup_that_cannot_be_written_leaves_nothing() {
    let broker = filled().await;
    let directory = tempfile::tempdir().unwrap();
    let error = crate::create(&broker.bus, &directory.path().join("no/backup")).await.unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}
