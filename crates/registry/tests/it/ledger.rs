use std::convert::Infallible;
use std::time::{Duration, SystemTime};

use contracts::v1::{self, ModelStage, RecordAction};
use contracts::{names, time};
use registry::history::{HistorySubject, LedgerFilter};
use registry::{ExpectedAlias, Registry, TagChange};
use tier0_tests::{Broker, eventually};

use crate::bundle;
use crate::models::{parts, run};

fn held(version: u32) -> v1::DeployedVersion {
    v1::DeployedVersion {
        model: "churn".to_owned(),
        version,
        bundle: Some(bundle('a')),
        run_id: format!("run-{version}"),
    }
}

async fn live(broker: &Broker, version: u32, by: &str, why: &str) {
    broker
        .registry
        .change("front", by, |record| {
            record.live = Some(held(version));
            why.clone_into(&mut record.reason);
            Ok::<_, Infallible>(())
        })
        .await
        .unwrap();
}

async fn entries(broker: &Broker) -> u64 {
    let stream = broker.bus.jetstream().get_stream(names::AUDIT_STREAM).await.unwrap();
    stream.cached_info().state.messages
}

/// Every revision of a bucket's records and the entry of it, as far as the bucket keeps revisions.
async fn every_revision_has_one_entry(broker: &Broker) {
    for bucket in [names::MODELS_BUCKET, names::DEPLOYMENTS_BUCKET] {
        let stream = broker.bus.jetstream().get_stream(format!("KV_{bucket}")).await.unwrap();
        let state = stream.cached_info().state.clone();
        for revision in state.first_sequence..=state.last_sequence {
            let Ok(message) = stream.get_raw_message(revision).await else { continue };
            let is_claim = message.subject.contains(".run.");
            let audit = broker.bus.jetstream().get_stream(names::AUDIT_STREAM).await.unwrap();
            let filter = format!("tier0.v1.audit.*.*.*.{revision}");
            let found: Vec<(String, usize)> = futures::TryStreamExt::try_collect(
                audit.info_with_subjects(&filter).await.unwrap(),
            )
            .await
            .unwrap();
            let kind = if bucket == names::MODELS_BUCKET { ".model." } else { ".endpoint." };
            let own = found.iter().filter(|(subject, _)| subject.contains(&format!("audit{kind}")));
            let count: usize = own.map(|(_, count)| count).sum();
            assert_eq!(count, usize::from(!is_claim), "{bucket} {revision}: {found:?}");
        }
    }
}

fn now() -> pbjson_types::Timestamp {
    time::timestamp(SystemTime::now())
}

#[tokio::test]
async fn it_says_who_was_live_who_changed_it_and_why() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    let before = now();
    for version in [1, 2] {
        registry.register(parts('a'), &run(&format!("run-{version}"))).await.unwrap();
        registry.transition("churn", version, ModelStage::Staging, "dep", "loaded").await.unwrap();
    }
    registry.transition("churn", 1, ModelStage::Production, "dep/1", "checked").await.unwrap();
    live(&broker, 1, "dep/1", "first").await;
    let first = now();
    tokio::time::sleep(Duration::from_millis(5)).await;
    registry.transition("churn", 2, ModelStage::Production, "ana", "better").await.unwrap();
    live(&broker, 2, "ana", "better").await;
    registry
        .set_alias("churn", "best", 2, ExpectedAlias::Nothing, "ben", "asked for")
        .await
        .unwrap();
    let second = now();
    tokio::time::sleep(Duration::from_millis(5)).await;
    live(&broker, 1, "alert/7", "drift").await;

    assert!(registry.model_at("churn", &before).await.unwrap().is_none());
    assert!(registry.endpoint_at("front", &before).await.unwrap().is_none());
    let then = registry.model_at("churn", &first).await.unwrap().unwrap();
    assert_eq!(then.model.production_version, 1);
    assert_eq!((then.made_by.by.as_str(), then.made_by.reason.as_str()), ("dep/1", "checked"));
    let then = registry.model_at("churn", &second).await.unwrap().unwrap();
    assert_eq!(then.model.aliases["best"], 2);
    assert_eq!((then.made_by.by.as_str(), then.made_by.reason.as_str()), ("ana", "better"));
    assert_eq!(then.made_by.action(), RecordAction::Production);
    for (at, version, by, why) in
        [(first, 1, "dep/1", "first"), (second, 2, "ana", "better"), (now(), 1, "alert/7", "drift")]
    {
        let then = registry.endpoint_at("front", &at).await.unwrap().unwrap();
        let live = then.last.deployment.unwrap().live.unwrap();
        assert_eq!(live.version, version);
        assert_eq!((then.made_by.by.as_str(), then.made_by.reason.as_str()), (by, why));
    }
    let answered = registry.deployments_of("churn", 1).await.unwrap();
    let answered: Vec<(&str, &str)> =
        answered.iter().map(|entry| (entry.by.as_str(), entry.reason.as_str())).collect();
    assert_eq!(answered, [("dep/1", "first"), ("ana", "better"), ("alert/7", "drift")]);
    every_revision_has_one_entry(&broker).await;
}

#[tokio::test]
async fn an_entry_says_what_was_before_and_after() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    registry.register(parts('a'), &run("run-1")).await.unwrap();
    registry.transition("churn", 1, ModelStage::Staging, "dep", "loaded").await.unwrap();
    let tags = TagChange { set: [("team".into(), "risk".into())].into(), remove: Vec::new() };
    registry.tag_version("churn", 1, &tags, "ana", "sorted").await.unwrap();
    registry.tag_version("churn", 1, &tags, "ana", "nothing new").await.unwrap();

    let page = registry.history(&HistorySubject::Version("churn", 1), None, 10).await.unwrap();
    assert_eq!(page.next, None);
    let actions: Vec<RecordAction> = page.entries.iter().map(v1::LedgerEntry::action).collect();
    assert_eq!(actions, [RecordAction::Tags, RecordAction::Stage, RecordAction::Registered]);
    let change = |entry: &v1::LedgerEntry| -> Vec<(String, String, String)> {
        let changes = entry.changes.iter();
        changes.map(|c| (c.field.clone(), c.before.clone(), c.after.clone())).collect()
    };
    let text = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(change(&page.entries[0]), [text("tags", "", "{\"team\":\"risk\"}")]);
    assert_eq!(
        change(&page.entries[1]),
        [text("stage", "\"MODEL_STAGE_NONE\"", "\"MODEL_STAGE_STAGING\"")]
    );
    assert_eq!(page.entries[1].before_revision, page.entries[2].revision);
    assert_eq!((page.entries[0].by.as_str(), page.entries[0].reason.as_str()), ("ana", "sorted"));
    assert_eq!(page.entries[2].by, "run/run-1");

    // Pages of the whole model: the model's own record was made first.
    let mut before = None;
    let mut seen = Vec::new();
    loop {
        let page = registry.history(&HistorySubject::Model("churn"), before, 3).await.unwrap();
        seen.extend(page.entries.iter().map(|entry| (entry.version, entry.action())));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(
        seen,
        [
            (1, RecordAction::Tags),
            (1, RecordAction::Stage),
            (1, RecordAction::Registered),
            (0, RecordAction::Registered)
        ]
    );
    assert!(
        registry
            .history(&HistorySubject::Model("other"), None, 3)
            .await
            .unwrap()
            .entries
            .is_empty()
    );
    assert!(
        registry.history(&HistorySubject::Model("a.>"), None, 3).await.unwrap().entries.is_empty()
    );
}

/// Writes a record as a process does that dies before it has told the ledger.
async fn changed_by_one_who_died(broker: &Broker, version: u32, by: &str, why: &str) -> u64 {
    let bucket = broker.bus.kv(names::DEPLOYMENTS_BUCKET).await.unwrap();
    let record = v1::DeploymentRecord {
        endpoint: "front".to_owned(),
        live: Some(held(version)),
        updated_at: Some(now()),
        updated_by: by.to_owned(),
        reason: why.to_owned(),
        ..v1::DeploymentRecord::default()
    };
    let found = bucket.get("front").await.unwrap().map_or(0, |entry| entry.revision);
    bucket.update("front", contracts::encoding::encode(&record), found).await.unwrap()
}

#[tokio::test]
async fn the_next_change_completes_what_a_crash_left_out() {
    let broker = Broker::start().await;
    live(&broker, 1, "dep/1", "first").await;
    let lost = changed_by_one_who_died(&broker, 2, "dep/2", "second").await;
    assert_eq!(entries(&broker).await, 1, "the one that died wrote none");
    live(&broker, 3, "dep/3", "third").await;
    let page = broker.registry.history(&HistorySubject::Endpoint("front"), None, 10).await.unwrap();
    let told: Vec<(&str, &str)> =
        page.entries.iter().map(|entry| (entry.by.as_str(), entry.reason.as_str())).collect();
    assert_eq!(told, [("dep/3", "third"), ("dep/2", "second"), ("dep/1", "first")]);
    assert_eq!((page.entries[1].revision, page.entries[0].before_revision), (lost, lost));
    let version = page.entries[1].changes.iter().find(|c| c.field == "live.version").unwrap();
    assert_eq!((version.before.as_str(), version.after.as_str()), ("1", "2"));
    every_revision_has_one_entry(&broker).await;
}

#[tokio::test]
async fn a_repetition_that_changes_nothing_completes_it_too() {
    let broker = Broker::start().await;
    changed_by_one_who_died(&broker, 1, "dep/1", "first").await;
    live(&broker, 1, "dep/1", "first").await;
    assert_eq!(entries(&broker).await, 1);
    every_revision_has_one_entry(&broker).await;
}

#[tokio::test]
async fn the_recorder_completes_it_where_nobody_comes_again() {
    let broker = Broker::start().await;
    changed_by_one_who_died(&broker, 1, "dep/1", "first").await;
    // Two recorders, as two orchestrators have.
    let recorders: Vec<_> = (0..2)
        .map(|_| {
            let bus = broker.bus.clone();
            tokio::spawn(async move { Registry::new(&bus).await.unwrap().record_changes().await })
        })
        .collect();
    eventually("the entry is there", || async { (entries(&broker).await == 1).then_some(()) })
        .await;
    // A removal past the registry has an entry, without an author.
    let bucket = broker.bus.kv(names::DEPLOYMENTS_BUCKET).await.unwrap();
    bucket.delete("front").await.unwrap();
    eventually("the removal is there", || async { (entries(&broker).await == 2).then_some(()) })
        .await;
    let page = broker.registry.history(&HistorySubject::Endpoint("front"), None, 10).await.unwrap();
    assert_eq!(page.entries[0].action(), RecordAction::Removed);
    let then = broker.registry.endpoint_at("front", &now()).await.unwrap().unwrap();
    assert_eq!(then.last.deployment, None, "nobody is live");
    recorders.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn nothing_of_the_ledger_can_be_removed() {
    let broker = Broker::start().await;
    live(&broker, 1, "dep/1", "first").await;
    let stream = broker.bus.jetstream().get_stream(names::AUDIT_STREAM).await.unwrap();
    assert!(stream.delete_message(1).await.is_err());
    assert!(stream.purge().await.is_err());
    assert_eq!(entries(&broker).await, 1);
}

#[tokio::test]
async fn many_writers_of_one_record_leave_one_entry_each() {
    let broker = Broker::start().await;
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 1..=8_u32 {
        let registry = broker.registry.clone();
        tasks.spawn(async move {
            for turn in 0..5_u32 {
                let why = format!("{writer}.{turn}");
                registry
                    .change("front", "x", |record| {
                        record.live = Some(held(writer));
                        record.reason.clone_from(&why);
                        Ok::<_, Infallible>(())
                    })
                    .await
                    .unwrap();
            }
        });
    }
    tasks.join_all().await;
    let page =
        broker.registry.history(&HistorySubject::Endpoint("front"), None, 100).await.unwrap();
    let record = broker.registry.record("front").await.unwrap().unwrap();
    let mut revisions: Vec<u64> = page.entries.iter().map(|entry| entry.revision).collect();
    assert_eq!(revisions[0], record.revision);
    revisions.sort_unstable();
    revisions.dedup();
    assert_eq!(revisions, (1..=record.revision).collect::<Vec<_>>(), "none is lost, none is twice");
    every_revision_has_one_entry(&broker).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_was_tampered_with_names_the_entry() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    for (version, why) in [(1, "first"), (2, "second"), (3, "third")] {
        live(&broker, version, "ops", why).await;
    }
    let whole = registry.check_ledger().await.unwrap();
    assert_eq!((whole.broken.clone(), whole.without_digest), (None, 0));
    assert_eq!((whole.entries, whole.records), (3, 1));
    assert_eq!(registry.check_ledger().await.unwrap(), whole);

    // The stream is made anew, as the owner of the broker's disk may: with the entries as they are, with one changed, left out, put in,
    // or without its digests.
    let stream = broker.bus.jetstream().get_stream(names::AUDIT_STREAM).await.unwrap();
    let config = stream.cached_info().config.clone();
    let mut stored = Vec::new();
    for sequence in 1..=3 {
        stored.push(stream.get_raw_message(sequence).await.unwrap());
    }
    type Change = fn(usize, &mut bus::Headers, &mut Vec<u8>) -> bool;
    type Case<'a> = (&'a str, Change, Option<(usize, &'a str)>);
    let cases: [Case<'_>; 6] = [
        ("as it was", |_, _, _| true, None),
        (
            "changed",
            |number, _, entry| {
                if number == 1 {
                    let at = entry.windows(6).position(|part| part == b"second").unwrap();
                    entry[at..at + 6].copy_from_slice(b"SECOND");
                }
                true
            },
            Some((1, "not that of its digest")),
        ),
        ("left out", |number, _, _| number != 1, Some((2, "is not there"))),
        (
            "without its digest",
            |number, headers, _| {
                if number == 2 {
                    *headers = bus::Headers::new();
                }
                true
            },
            Some((2, "no digest")),
        ),
        (
            "written anew",
            |number, headers, entry| {
                *headers = bus::Headers::new();
                if number == 2 {
                    let at = entry.windows(5).position(|part| part == b"third").unwrap();
                    entry[at..at + 5].copy_from_slice(b"other");
                }
                true
            },
            None,
        ),
        (
            "of an earlier build",
            |number, headers, _| {
                if number == 0 {
                    *headers = bus::Headers::new();
                }
                true
            },
            None,
        ),
    ];
    for (what, change, expected) in cases {
        broker.bus.jetstream().delete_stream(names::AUDIT_STREAM).await.unwrap();
        broker.bus.jetstream().create_stream(config.clone()).await.unwrap();
        for (number, message) in stored.iter().enumerate() {
            let (mut headers, mut entry) = (message.headers.clone(), message.payload.to_vec());
            if change(number, &mut headers, &mut entry) {
                broker.bus.publish(&message.subject, headers, entry.into()).await.unwrap();
            }
        }
        let found = registry.check_ledger().await.unwrap();
        let broken = found.broken.as_ref().map(|entry| (entry.subject.as_str(), entry.problem));
        let expected = expected.map(|(number, why)| (stored[number].subject.as_str(), why));
        match (broken, expected) {
            (None, None) => {}
            (Some((subject, problem)), Some((expected, why))) => {
                assert_eq!(subject, expected, "{what}");
                assert!(problem.contains(why), "{what}: {problem}");
            }
            other => panic!("{what}: {other:?}"),
        }
        if what == "written anew" {
            assert_eq!(found.without_digest, 3);
            assert_ne!(found.digest, whole.digest, "what was written down tells");
        }
    }
}

#[tokio::test]
async fn a_page_of_a_long_ledger_costs_its_own_entries() {
    const ENTRIES: u64 = 4000;
    let broker = Broker::start().await;
    let registry = &broker.registry;
    // Two actors in turn, and one who made the first change alone.
    let entry = |revision: u64| v1::LedgerEntry {
        bucket: names::DEPLOYMENTS_BUCKET.to_owned(),
        revision,
        before_revision: revision - 1,
        endpoint: "front".to_owned(),
        action: RecordAction::Deployment.into(),
        at: Some(now()),
        by: match revision {
            1 => "eva".to_owned(),
            _ => ["ana", "ben"][usize::from(revision.is_multiple_of(2))].to_owned(),
        },
        ..v1::LedgerEntry::default()
    };
    let revisions: Vec<u64> = (1..=ENTRIES).collect();
    for some in revisions.chunks(200) {
        // In the order of the revisions; that they are stored is waited for afterwards.
        for revision in some {
            let subject = contracts::subjects::audit_of_endpoint("front", *revision);
            let payload = contracts::encoding::encode(&entry(*revision));
            broker.bus.publish_core(&subject, bus::Headers::new(), payload).await.unwrap();
        }
        let last = some.last().copied().unwrap();
        eventually("they are stored", || async { (entries(&broker).await == last).then_some(()) })
            .await;
    }
    let statistics = broker.bus.jetstream().client().statistics();
    let received = || statistics.in_messages.load(std::sync::atomic::Ordering::Relaxed);
    // What the broker says of a reader besides the entries: that it is made, at its end, and is gone.
    const BESIDE: u64 = 12;
    let read = async |filter: &LedgerFilter, limit: usize, most: u64| {
        let before = received();
        let page = registry.ledger_page(filter, limit).await.unwrap();
        let cost = received() - before;
        assert!(cost <= most + BESIDE, "{cost} messages for {limit} entries of {filter:?}");
        page
    };
    let revisions_of = |page: &registry::history::HistoryPage| -> Vec<u64> {
        page.entries.iter().map(|entry| entry.revision).collect()
    };
    let mut filter = LedgerFilter::default();
    let last = read(&filter, 100, 101).await;
    assert_eq!(revisions_of(&last), (ENTRIES - 99..=ENTRIES).rev().collect::<Vec<_>>());
    filter.before = last.next;
    let middle = read(&filter, 100, 101).await;
    assert_eq!(revisions_of(&middle), (ENTRIES - 199..=ENTRIES - 100).rev().collect::<Vec<_>>());
    filter.before = Some(1500);
    assert_eq!(revisions_of(&read(&filter, 1, 2).await), [1499]);
    filter.before = Some(4);
    let first = read(&filter, 100, 3).await;
    assert_eq!((revisions_of(&first), first.next), (vec![3, 2, 1], None));
    // One of two entries is Ana's: some parts that grow are read.
    let ana = LedgerFilter { by: Some("ana".to_owned()), ..LedgerFilter::default() };
    let page = read(&ana, 10, 11 + 22 + 44).await;
    assert_eq!(page.entries.len(), 10);
    assert!(page.entries.iter().all(|entry| entry.by == "ana" && entry.revision > ENTRIES - 40));
    // Who is seldom is found all the same, by the whole ledger, once.
    let eva = LedgerFilter { by: Some("eva".to_owned()), ..LedgerFilter::default() };
    let page = read(&eva, 10, ENTRIES + 10 * BESIDE).await;
    assert_eq!((revisions_of(&page), page.next), (vec![1], None));
    // Nothing is that late: the newest entries tell.
    let hour = Duration::from_secs(3600);
    let tomorrow = time::timestamp(SystemTime::now() + 25 * hour);
    let later = LedgerFilter { since: Some(tomorrow), ..LedgerFilter::default() };
    assert_eq!(read(&later, 100, 101).await.entries, []);
}

#[tokio::test]
async fn the_whole_ledger_is_read_page_by_page_by_time_and_actor() {
    let broker = Broker::start().await;
    let registry = &broker.registry;
    for version in 1..=5 {
        live(&broker, version, if version % 2 == 0 { "ana" } else { "ben" }, "why").await;
    }
    registry.register(parts('a'), &run("run-1")).await.unwrap();
    let all = registry.ledger_page(&LedgerFilter::default(), 100).await.unwrap();
    assert_eq!(all.entries.len() as u64, entries(&broker).await);
    assert_eq!(all.next, None);
    // The same, two at a time: no entry is left out and none comes twice.
    let mut filter = LedgerFilter::default();
    let mut seen = Vec::new();
    loop {
        let page = registry.ledger_page(&filter, 2).await.unwrap();
        assert!(page.entries.len() <= 2);
        seen.extend(page.entries);
        filter.before = page.next;
        if filter.before.is_none() {
            break;
        }
    }
    assert_eq!(seen, all.entries);
    let of = |by: &str| LedgerFilter { by: Some(by.to_owned()), ..LedgerFilter::default() };
    let ana = registry.ledger_page(&of("ana"), 100).await.unwrap().entries;
    assert!(ana.len() == 2 && ana.iter().all(|entry| entry.by == "ana"), "{ana:?}");
    assert_eq!(registry.ledger_page(&of("token/none"), 100).await.unwrap().entries, []);
    let at = |at: SystemTime| LedgerFilter { since: Some(time::timestamp(at)), ..of("ben") };
    let hour = Duration::from_secs(3600);
    let since = |at| async move { registry.ledger_page(&at, 100).await.unwrap().entries.len() };
    assert_eq!(since(at(SystemTime::now() - hour)).await, 3);
    assert_eq!(since(at(SystemTime::now() + hour)).await, 0);
}
