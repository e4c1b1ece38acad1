//! Bundles that stay warm.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use model_server::testing::{Cache, LoadedBundle, SweepReport};
use scoring::bundle;
use tabular::ProblemType;
use tier0_tests::Broker;

use crate::deployments::{Program, change, reported, stored};

const HOUR: Duration = Duration::from_secs(3600);

fn loaded(shift: f64) -> LoadedBundle {
    let bytes = crate::support::bundle(ProblemType::Binary, shift);
    LoadedBundle::read(&bundle::digest(&bytes), &bytes, &scoring::Limits::default()).unwrap()
}

async fn get(cache: &Cache, name: &str) -> Arc<LoadedBundle> {
    cache.get(name, async || Ok::<_, Infallible>(loaded(1.0))).await.unwrap()
}

#[tokio::test]
async fn who_wants_a_bundle_while_it_is_loaded_waits_for_it() {
    let cache = Cache::new(u64::MAX, HOUR);
    let loads = AtomicUsize::new(0);
    let wanting = (0..20).map(|_| {
        cache.get("one", async || {
            loads.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<_, Infallible>(loaded(1.0))
        })
    });
    let bundles = futures::future::join_all(wanting).await;
    assert_eq!(loads.load(Ordering::Relaxed), 1);
    let first = bundles[0].as_ref().unwrap();
    assert!(bundles.iter().all(|bundle| Arc::ptr_eq(first, bundle.as_ref().unwrap())));
}

#[tokio::test]
async fn what_could_not_be_loaded_is_tried_again() {
    let cache = Cache::new(u64::MAX, HOUR);
    assert!(cache.get("one", async || Err::<LoadedBundle, _>("no")).await.is_err());
    get(&cache, "one").await;
}

#[tokio::test]
async fn bounds_hold_for_what_is_not_in_use() {
    let size = loaded(1.0).bytes;
    let cache = Cache::new(2 * size, HOUR);
    let begun = Instant::now();
    let held = get(&cache, "held").await;
    for name in ["a", "b", "c"] {
        drop(get(&cache, name).await);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    // The oldest of three goes, as there is room for two; the one in use does not count.
    let swept = cache.sweep_at(begun);
    assert_eq!(swept, SweepReport { in_use: size, warm: 2 * size, by_age: 0, by_bytes: 1 });
    let again = async |name: &str| {
        let missed = AtomicUsize::new(0);
        let load = async || {
            missed.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(loaded(1.0))
        };
        drop(cache.get(name, load).await);
        missed.load(Ordering::Relaxed) == 0
    };
    assert!(again("b").await && again("c").await && !again("a").await);

    let swept = cache.sweep_at(begun + 2 * HOUR);
    assert_eq!((swept.in_use, swept.warm, swept.by_age), (size, 0, 3));
    // Its time begins when its use ends.
    drop(held);
    assert_eq!(cache.sweep_at(begun + 2 * HOUR + HOUR / 2).warm, size);
    assert_eq!(cache.sweep_at(begun + 4 * HOUR).by_age, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_to_a_version_that_no_record_named_any_more_fetches_nothing() {
    let broker = Broker::start().await;
    let program = Program::with(&broker.nats, &[]);
    let metrics = async |name: &str| {
        let url = format!("{}/metrics", program.address("http").await);
        let text = program.http.get(url).send().await.unwrap().text().await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().parse::<f64>().unwrap()
    };
    let (one, two) = (stored(&broker, 1).await, stored(&broker, 2).await);
    for (version, live) in [(&one, 1), (&two, 2), (&one, 1)] {
        let revision = change(&broker, |record| {
            record.previous = None;
            record.live = Some(version.clone());
        })
        .await;
        assert_eq!(reported(&broker, revision).await.live_version, live);
    }
    assert_eq!(metrics("tier0_bundle_cache_misses_total ").await, 2.0);
    assert_eq!(metrics("tier0_bundle_cache_hits_total ").await, 1.0);
    assert!(metrics("tier0_bundle_cache_bytes{state=\"warm\"} ").await > 0.0);
}
