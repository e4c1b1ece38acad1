use artifacts::{Error, media_type};

use crate::{Stores, content};

#[tokio::test]
async fn damage_on_disk_is_seen() {
    let stores = Stores::start().await;
    let store = stores.files().await;
    let artifact = store.put(content(100_000, 1), media_type::PARQUET, 0).await.unwrap();
    let path = stores.directory.path().join("store").join(&artifact.sha256);
    let mut bytes = std::fs::read(&path).unwrap();

    bytes[50_000] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let error = store.get(&artifact).await.unwrap_err();
    assert!(
        matches!(&error, Error::DigestMismatch { sha256, .. } if *sha256 == artifact.sha256),
        "{error}"
    );
    assert_eq!(error.code(), "artifact_damaged");

    bytes.truncate(50_000);
    std::fs::write(&path, &bytes).unwrap();
    let error = store.get(&artifact).await.unwrap_err();
    assert!(matches!(error, Error::SizeMismatch { found: 50_000, .. }), "{error}");
    let error = store.put(content(100_000, 1), media_type::PARQUET, 0).await.unwrap_err();
    assert!(matches!(error, Error::SizeMismatch { .. }), "a put does not hide it: {error}");
}

#[tokio::test]
async fn a_put_leaves_only_the_artifact() {
    let stores = Stores::start().await;
    let store = stores.files().await;
    let artifact = store.put(content(10, 2), media_type::JSON, 0).await.unwrap();
    let names: Vec<String> = std::fs::read_dir(stores.directory.path().join("store"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, [artifact.sha256]);
}
