//! Scenario 14: ten thousand versions by concurrent writers: none is lost, none is there twice, numbers have no gaps, the ledger has
//! each, and looking up stays quick.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use bus::{Bus, BusConfig, SetupOptions};
use contracts::{RunId, names};
use registry::search::{Order, Query};
use registry::{Error, ExpectedAlias, Registry};
use tier0_tests::NatsServer;
use tokio::task::JoinSet;

/// Versions, of which each writer registers its part.
const VERSIONS: u32 = 10_000;
const WRITERS: u32 = 8;
/// Every so many runs are registered by two writers, as by a redelivery beside the first.
const EVERY_TWICE: u32 = 20;
const LOOK_UPS: u32 = 500;
/// What a look-up may take on a machine that is busy with other tests; on an idle one it takes a hundredth.
const MAX_LOOK_UP_TIME: Duration = Duration::from_millis(250);
/// What a page and a search may cost beyond what is there without them.
const MAX_MEMORY_MIB: f64 = 64.0;

#[tokio::test(flavor = "multi_thread")]
async fn s14_registry_at_scale() {
    let server = NatsServer::start();
    let bus = connect(&server, "test").await;
    bus.setup(&SetupOptions::default()).await.unwrap();

    let begun = Instant::now();
    let told = register_all(&server).await;
    let seconds = begun.elapsed().as_secs_f64();

    nothing_is_lost(&bus, &told.versions).await;
    the_ledger_has_each_once(&bus, told.alias_moves).await;
    let registry = Registry::new(&bus).await.unwrap();
    let report = look_ups_are_quick(&registry).await;
    eprintln!("{VERSIONS} versions by {WRITERS} writers in {seconds:.1} s; {report}");
}

async fn connect(server: &NatsServer, name: &str) -> Bus {
    Bus::connect(&BusConfig::new(server.url()), name).await.unwrap()
}

/// What the writers were told.
struct WriteResults {
    /// The number of each run.
    versions: BTreeMap<String, u32>,
    alias_moves: u32,
}

async fn register_all(server: &NatsServer) -> WriteResults {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let bus = connect(server, &format!("writer-{writer}")).await;
        writers.spawn(async move {
            let registry = Registry::new(&bus).await.unwrap();
            let mut told = Vec::new();
            let (mut moves, mut turned_away) = (0, 0);
            for run in (0..VERSIONS).filter(|run| is_of(writer, *run)) {
                let id = RunId::new(format!("run-{run}")).unwrap();
                let version = registry.register(sample::version("churn", run), &id).await.unwrap();
                assert_eq!(version.run_id, id.as_str(), "it is told of its own version");
                if run % 100 == writer {
                    // A writer that saw where the alias was moves it; one that saw it too early is refused.
                    let model = registry.model("churn").await.unwrap().unwrap();
                    let seen = model.aliases.get("best").copied();
                    let expected = seen.map_or(ExpectedAlias::Nothing, ExpectedAlias::Version);
                    let by = format!("writer-{writer}");
                    let moved = registry
                        .set_alias("churn", "best", version.version, expected, &by, "its turn")
                        .await;
                    match moved {
                        Ok(_) if seen != Some(version.version) => moves += 1,
                        Ok(_) => {}
                        Err(Error::AliasMoved { .. }) => turned_away += 1,
                        Err(error) => panic!("{error}"),
                    }
                }
                told.push((id.to_string(), version.version));
            }
            bus.close(Duration::from_secs(1)).await;
            (told, moves, turned_away)
        });
    }
    let mut versions = BTreeMap::new();
    let mut alias_moves = 0;
    while let Some(writer) = writers.join_next().await {
        let (told, moves, _turned_away) = writer.unwrap();
        alias_moves += moves;
        for (run, version) in told {
            let before = versions.insert(run.clone(), version);
            assert!(before.is_none_or(|before| before == version), "{run} has two versions");
        }
    }
    WriteResults { versions, alias_moves }
}

/// Whether a writer registers a run: one does, and of some a second one too.
fn is_of(writer: u32, run: u32) -> bool {
    let first = run % WRITERS;
    first == writer || (run.is_multiple_of(EVERY_TWICE) && (first + 1) % WRITERS == writer)
}

async fn nothing_is_lost(bus: &Bus, told: &BTreeMap<String, u32>) {
    assert_eq!(told.len(), VERSIONS as usize);
    let numbers: BTreeSet<u32> = told.values().copied().collect();
    assert!(numbers.iter().copied().eq(1..=VERSIONS), "every number once, without gaps");
    let registry = Registry::new(bus).await.unwrap();
    let stored = registry.versions("churn").await.unwrap();
    assert_eq!(stored.len(), VERSIONS as usize);
    for version in &stored {
        assert_eq!(told[&version.run_id], version.version, "{}", version.run_id);
        let bundle = &version.bundle.as_ref().unwrap().sha256;
        assert_eq!(
            format!("run-{}", u32::from_str_radix(&bundle[56..], 16).unwrap()),
            version.run_id
        );
    }
    assert_eq!(registry.model("churn").await.unwrap().unwrap().latest_version, VERSIONS);
}

/// One entry for each version, for the model itself, and for each move of the alias.
async fn the_ledger_has_each_once(bus: &Bus, alias_moves: u32) {
    let stream = bus.jetstream().get_stream(names::AUDIT_STREAM).await.unwrap();
    let state = &stream.cached_info().state;
    assert_eq!(state.messages, u64::from(VERSIONS + 1 + alias_moves));
    assert_eq!(state.subjects_count, state.messages, "each has a subject of its own");
}

async fn look_ups_are_quick(registry: &Registry) -> String {
    let place = |turn: u32| turn.wrapping_mul(2_654_435_761) % VERSIONS + 1;
    let (mut by_number, mut by_run, mut pages) = (Vec::new(), Vec::new(), Vec::new());
    let before = resident_mib();
    for turn in 0..LOOK_UPS {
        let begun = Instant::now();
        let version = registry.version("churn", place(turn)).await.unwrap().unwrap();
        by_number.push(begun.elapsed());
        let run = RunId::new(version.run_id.clone()).unwrap();
        let begun = Instant::now();
        let found = registry.versions_of_run("churn", &run).await.unwrap();
        by_run.push(begun.elapsed());
        assert_eq!(found, [version]);
        let begun = Instant::now();
        let page = registry.versions_before("churn", Some(place(turn)), 20).await.unwrap();
        pages.push(begun.elapsed());
        assert_eq!(page.len(), 20.min(place(turn) as usize - 1));
    }
    let mut searches = Vec::new();
    let query: Query = "model = churn and metrics.roc_auc >= 0.99".parse().unwrap();
    let order: Order = "-metrics.roc_auc".parse().unwrap();
    for _ in 0..5 {
        let begun = Instant::now();
        let found = registry.search(&query, &order, None, 20).await.unwrap();
        searches.push(begun.elapsed());
        assert_eq!(found.versions.len(), 20);
        assert_eq!(found.versions[0].test_metrics["roc_auc"].value, 0.999);
        assert!(found.next.is_some());
    }
    let grown = resident_mib() - before;
    assert!(grown < MAX_MEMORY_MIB, "looking up keeps {grown:.0} MiB");
    let report = format!(
        "by number {}, by run {}, page of 20 {}, search over all {}; memory {before:.0} MiB, {grown:.0} MiB more",
        times(&mut by_number),
        times(&mut by_run),
        times(&mut pages),
        times(&mut searches)
    );
    for (what, times) in [("by number", &by_number), ("by run", &by_run)] {
        let p99 = times[times.len() * 99 / 100];
        assert!(p99 < MAX_LOOK_UP_TIME, "a look-up {what} takes {p99:?}; {report}");
    }
    report
}

/// Sorts them; the median and the 99th percentile as text.
fn times(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    format!("p50 {:.2} ms, p99 {:.2} ms", at(50).as_secs_f64() * 1e3, at(99).as_secs_f64() * 1e3)
}

fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap() / 1024.0
}
