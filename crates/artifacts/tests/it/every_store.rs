use artifacts::{ArtifactStore, Error, Limits, media_type};
use bytes::Bytes;
use contracts::Validate as _;

use crate::{Stores, content};

#[tokio::test]
async fn what_is_put_is_got() {
    let stores = Stores::start().await;
    for store in stores.both().await {
        for length in [0, 1, 512 * 1024, 512 * 1024 + 1, 5_000_000] {
            let bytes = content(length, 1);
            let artifact = store.put(bytes.clone(), media_type::PARQUET, 7).await.unwrap();
            artifact.validate().unwrap();
            assert_eq!(artifact.uri, format!("{}/{}", store.uri(), artifact.sha256));
            assert_eq!((artifact.bytes, artifact.rows), (u64::try_from(length).unwrap(), 7));
            assert_eq!(store.get(&artifact).await.unwrap(), bytes, "{length} in {}", store.uri());
        }
        let known = store.put(Bytes::from_static(b"abc"), media_type::JSON, 0).await.unwrap();
        assert_eq!(
            known.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}

#[tokio::test]
async fn the_same_bytes_are_the_same_artifact() {
    let stores = Stores::start().await;
    for store in stores.both().await {
        let bytes = content(700_000, 2);
        let first = store.put(bytes.clone(), media_type::JSON, 1).await.unwrap();
        let again = store.put(bytes.clone(), media_type::JSON, 1).await.unwrap();
        assert_eq!(first, again);
        assert_eq!(store.get(&again).await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn concurrent_writers_and_readers_of_one_artifact_agree() {
    let stores = Stores::start().await;
    for store in stores.both().await {
        let bytes = content(1_500_000, 3);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (store, bytes) = (store.clone(), bytes.clone());
            tasks.spawn(async move {
                let artifact = store.put(bytes.clone(), media_type::JSON, 0).await.unwrap();
                assert_eq!(store.get(&artifact).await.unwrap(), bytes);
                artifact
            });
        }
        let written = tasks.join_all().await;
        assert!(written.iter().all(|artifact| *artifact == written[0]));
    }
}

#[tokio::test]
async fn a_file_appears_only_whole() {
    let stores = Stores::start().await;
    for store in stores.both().await {
        let bytes = content(3_000_000, 4);
        let artifact = store.put(bytes.clone(), media_type::PARQUET, 0).await.unwrap();
        let target = tempfile::tempdir().unwrap();
        let path = target.path().join("table.parquet");
        store.get_to_file(&artifact, &path).await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), bytes);

        let mut wrong = artifact.clone();
        wrong.bytes -= 1;
        let missing = target.path().join("wrong.parquet");
        let error = store.get_to_file(&wrong, &missing).await.unwrap_err();
        assert!(matches!(error, Error::SizeMismatch { .. }), "{error}");
        assert_eq!(std::fs::read_dir(target.path()).unwrap().count(), 1, "nothing is left");
    }
}

#[tokio::test]
async fn a_reader_gives_parts() {
    let stores = Stores::start().await;
    for store in stores.both().await {
        let bytes = content(2_000_000, 5);
        let artifact = store.put(bytes.clone(), media_type::PARQUET, 0).await.unwrap();
        let mut reader = store.reader(&artifact).await.unwrap();
        let (mut read, mut largest) = (Vec::new(), 0);
        while let Some(part) = reader.next().await.unwrap() {
            largest = largest.max(part.len());
            read.extend_from_slice(&part);
        }
        assert_eq!(read, bytes);
        assert!(largest <= 1 << 20, "{largest} bytes at once");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let stores = Stores::start().await;
    let small = Limits { max_bytes: 10, ..Limits::default() };
    for store in stores.both_within(small).await {
        let error = store.put(content(11, 6), media_type::JSON, 0).await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { bytes: 11, limit: 10 }), "{error}");

        let artifact = store.put(content(10, 6), media_type::JSON, 0).await.unwrap();
        let mut missing = artifact.clone();
        missing.sha256 = "0".repeat(64);
        missing.uri = format!("{}/{}", store.uri(), missing.sha256);
        let error = store.get(&missing).await.unwrap_err();
        assert!(matches!(error, Error::NotFound { .. }), "{error}");
        assert!(!error.is_transient());

        let mut elsewhere = artifact.clone();
        elsewhere.uri = format!("http://169.254.169.254/{}", artifact.sha256);
        let error = store.get(&elsewhere).await.unwrap_err();
        assert!(matches!(error, Error::OtherStore { .. }), "{error}");

        let mut renamed = artifact.clone();
        renamed.sha256 = "1".repeat(64);
        let error = store.get(&renamed).await.unwrap_err();
        assert!(matches!(error, Error::OtherStore { .. }), "{error}");

        let mut large = artifact.clone();
        large.bytes = 1 << 40;
        let error = store.get(&large).await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");

        let mut malformed = artifact;
        malformed.sha256 = "../../etc/passwd".to_owned();
        let error = store.get(&malformed).await.unwrap_err();
        assert!(matches!(error, Error::Reference(_)), "{error}");
    }
}

#[tokio::test]
async fn addresses_that_are_none_are_refused() {
    let stores = Stores::start().await;
    for uri in ["", "artifacts", "http://host/dir", "nats://", "nats://a.b", "ftp://host/x"] {
        let error = ArtifactStore::open(uri, &stores.broker.bus).await.unwrap_err();
        assert!(matches!(error, Error::Address { .. }), "{uri}: {error}");
    }
    let error =
        ArtifactStore::open("s3://key:secret@bucket/x", &stores.broker.bus).await.unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
    let error = ArtifactStore::open("nats://NOT_THERE", &stores.broker.bus).await.unwrap_err();
    assert!(matches!(error, Error::Open { .. }), "{error}");
}

#[tokio::test]
async fn a_file_is_stored_as_its_bytes_are() {
    use std::io::Write as _;

    let stores = Stores::start().await;
    for store in stores.both().await {
        // The last is written in parts.
        for length in [0, 1, 512 * 1024 + 1, 20_000_000] {
            let bytes = content(length, 5);
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            let artifact = store.put_file(file, media_type::PARQUET, 7).await.unwrap();
            assert_eq!(store.get(&artifact).await.unwrap(), bytes, "{length} in {}", store.uri());
            let again = store.put(bytes, media_type::PARQUET, 7).await.unwrap();
            assert_eq!(artifact, again);
        }
    }
}
