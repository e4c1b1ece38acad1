use std::time::{Duration, Instant};

use artifacts::{Error, media_type};
use contracts::names::ARTIFACTS_STORE;
use tokio::io::AsyncReadExt as _;

use crate::{Stores, content};

async fn messages(stores: &Stores) -> u64 {
    let stream = stores.broker.bus.jetstream().get_stream(format!("OBJ_{ARTIFACTS_STORE}")).await;
    stream.unwrap().cached_info().state.messages
}

#[tokio::test]
async fn any_client_of_object_store_reads_it() {
    let stores = Stores::start().await;
    let bytes = content(1_200_000, 1);
    let artifact = stores.nats().put(bytes.clone(), media_type::PARQUET, 0).await.unwrap();
    let bucket = stores.broker.bus.jetstream().get_object_store(ARTIFACTS_STORE).await.unwrap();
    let mut object = bucket.get(&artifact.sha256).await.unwrap();
    assert_eq!(object.info().chunks, 3);
    let mut read = Vec::new();
    object.read_to_end(&mut read).await.unwrap();
    assert_eq!(read, bytes);
}

#[tokio::test]
async fn losing_writers_leave_no_chunks() {
    let stores = Stores::start().await;
    let store = stores.nats();
    let bytes = content(1_200_000, 2);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (store, bytes) = (store.clone(), bytes.clone());
        tasks.spawn(async move { store.put(bytes, media_type::PARQUET, 0).await.unwrap() });
    }
    tasks.join_all().await;
    // What takes the place of the losers' chunks goes away after a second.
    tier0_tests::eventually("there are three chunks and the record", || async {
        (messages(&stores).await == 4).then_some(())
    })
    .await;
    store.put(bytes, media_type::PARQUET, 0).await.unwrap();
    assert_eq!(messages(&stores).await, 4, "a repetition writes nothing");
}

#[tokio::test]
async fn a_deleted_artifact_can_be_put_again() {
    let stores = Stores::start().await;
    let store = stores.nats();
    let bytes = content(10_000, 3);
    let artifact = store.put(bytes.clone(), media_type::JSON, 0).await.unwrap();
    let bucket = stores.broker.bus.jetstream().get_object_store(ARTIFACTS_STORE).await.unwrap();
    bucket.delete(&artifact.sha256).await.unwrap();
    assert!(matches!(store.get(&artifact).await, Err(Error::NotFound { .. })));
    store.put(bytes.clone(), media_type::JSON, 0).await.unwrap();
    assert_eq!(store.get(&artifact).await.unwrap(), bytes);
}

#[tokio::test]
async fn another_object_under_the_digest_is_seen() {
    let stores = Stores::start().await;
    let store = stores.nats();
    let artifact = store.put(content(10_000, 4), media_type::JSON, 0).await.unwrap();
    let bucket = stores.broker.bus.jetstream().get_object_store(ARTIFACTS_STORE).await.unwrap();
    let other = content(10_000, 5);
    bucket.put(artifact.sha256.as_str(), &mut other.as_ref()).await.unwrap();
    let error = store.get(&artifact).await.unwrap_err();
    assert!(matches!(error, Error::DigestMismatch { .. }), "{error}");
}

/// All chunks are gone, or one in the middle is: that is damage, said in seconds, and no reason to try again.
#[tokio::test]
async fn missing_chunks_are_damage_that_is_said_soon() {
    let stores = Stores::start().await;
    let store = stores.nats();
    let artifact = store.put(content(1_200_000, 6), media_type::JSON, 0).await.unwrap();
    let other = store.put(content(1_200_000, 7), media_type::JSON, 0).await.unwrap();
    let stream =
        stores.broker.bus.jetstream().get_stream(format!("OBJ_{ARTIFACTS_STORE}")).await.unwrap();
    // The three chunks of the second artifact follow the first one's chunks and record.
    stream.delete_message(6).await.unwrap();
    let start = Instant::now();
    let error = store.get(&other).await.unwrap_err();
    // What is delivered has an end, and another digest.
    assert!(matches!(error, Error::DigestMismatch { .. } | Error::Incomplete { .. }), "{error}");
    assert_eq!((error.is_transient(), error.code()), (false, "artifact_damaged"));
    stream.purge().filter(format!("$O.{ARTIFACTS_STORE}.C.>")).await.unwrap();
    let error = store.get(&artifact).await.unwrap_err();
    assert!(matches!(error, Error::Incomplete { found: 0, expected: 3, .. }), "{error}");
    assert!(!error.is_transient());
    assert_eq!(error.code(), "artifact_damaged");
    // Far below the 30 s that an artifact's reading may take.
    assert!(start.elapsed() < Duration::from_secs(15));
}
