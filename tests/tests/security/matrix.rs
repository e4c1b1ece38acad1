//! Every identity tries every subject.
//!
//! The rules below are written by hand, and know nothing of how permissions are made: subjects as texts, and who may use them.

use std::collections::{BTreeMap, BTreeSet};

use identities::Identity;

use crate::Secured;
use crate::session::Operation::{self, Publish, Subscribe};
use crate::session::Session;

const SCOPE: &str = "scope-definer";
const DATA: &str = "data-preparer";
const FEATURES: &str = "feature-analyzer";
const SELECTOR: &str = "model-selector";
const TRAINER: &str = "model-trainer";
const PREPARER: &str = "data-preparer";
const DEPLOYER: &str = "model-deployer";
const OBSERVABILITY: &str = "observability-connector";
const ORCHESTRATOR: &str = "orchestrator";
const SERVER: &str = "model-server";
const SET_UP: &str = "set-up";
const OPERATOR: &str = "operator";
const BACKUP: &str = "backup";
const CLIENT: &str = "client";

/// Names of identities.
type Names = &'static [&'static str];

const SERVICES: [&str; 2] = [ORCHESTRATOR, SERVER];
const NOBODY: [&str; 0] = [];
/// Who cancels runs, drives them anew and changes records in the name of people.
const OPERATES: [&str; 2] = [ORCHESTRATOR, OPERATOR];

/// The agents, and whose output each works on; the selector can be left out.
const FED_BY: [(&str, &[&str]); 7] = [
    (SCOPE, &[]),
    (DATA, &[SCOPE]),
    (FEATURES, &[DATA]),
    (SELECTOR, &[FEATURES]),
    (TRAINER, &[FEATURES, SELECTOR]),
    (DEPLOYER, &[TRAINER]),
    (OBSERVABILITY, &[DEPLOYER]),
];

const LANES: [(&str, &str); 3] =
    [("handoff", ""), ("handoff-high", "-high"), ("handoff-low", "-low")];

/// Streams: who looks up single messages, who follows them.
const STREAMS: [(&str, &[&str], &[&str]); 10] = [
    ("TIER0", &[OPERATOR], &OPERATES),
    ("TIER0_REQUESTS", &[], &[]),
    ("TIER0_DEAD_LETTERS", &OPERATES, &OPERATES),
    ("TIER0_PREDICTIONS", &[DEPLOYER, OBSERVABILITY], &[]),
    ("TIER0_FEEDBACK", &[], &OPERATES),
    ("TIER0_SEARCHES", &[], &[TRAINER]),
    ("TIER0_ALERTS", &[OPERATOR], &OPERATES),
    ("TIER0_LINEAGE", &[], &[]),
    ("TIER0_AUDIT", &[DEPLOYER, ORCHESTRATOR, OPERATOR], &[ORCHESTRATOR, OPERATOR, BACKUP]),
    ("TIER0_ADVISORIES", &[], &[]),
];

/// Durable consumers beside those of the agents' handoffs and advisories, and whose they are.
const CONSUMERS: [(&str, &str, &str); 7] = [
    ("TIER0_REQUESTS", "scope-definer-intake", SCOPE),
    ("TIER0", "orchestrator-lineage", ORCHESTRATOR),
    ("TIER0", "orchestrator-tracking", ORCHESTRATOR),
    ("TIER0_ALERTS", "observability-connector-webhooks", OBSERVABILITY),
    ("TIER0_ALERTS", "model-deployer-alerts", DEPLOYER),
    ("TIER0_FEEDBACK", "observability-connector-feedback", OBSERVABILITY),
    ("TIER0_PREDICTIONS", "observability-connector-predictions", OBSERVABILITY),
];

/// Buckets of records: who opens, who gets values, who lists and watches, who writes.
const BUCKETS: [(&str, Names, Names, Names, Names); 5] = [
    (
        "TIER0_MODELS",
        &[SELECTOR, DEPLOYER, OBSERVABILITY, SERVER, ORCHESTRATOR, OPERATOR, BACKUP],
        &[SELECTOR, DEPLOYER, ORCHESTRATOR, OPERATOR, BACKUP],
        &[SELECTOR, DEPLOYER, ORCHESTRATOR, OPERATOR, BACKUP],
        &[DEPLOYER, ORCHESTRATOR, OPERATOR],
    ),
    (
        "TIER0_DEPLOYMENTS",
        &[SELECTOR, DEPLOYER, OBSERVABILITY, SERVER, ORCHESTRATOR, OPERATOR, BACKUP],
        &[DEPLOYER, OBSERVABILITY, SERVER, ORCHESTRATOR, OPERATOR, BACKUP],
        &[DEPLOYER, OBSERVABILITY, SERVER, ORCHESTRATOR, OPERATOR, BACKUP],
        &[DEPLOYER, ORCHESTRATOR, OPERATOR],
    ),
    (
        "TIER0_SERVERS",
        &[SELECTOR, DEPLOYER, OBSERVABILITY, SERVER, ORCHESTRATOR, OPERATOR, BACKUP],
        &[DEPLOYER, OBSERVABILITY, ORCHESTRATOR, OPERATOR, BACKUP],
        &[DEPLOYER, OBSERVABILITY, ORCHESTRATOR, OPERATOR, BACKUP],
        &[SERVER],
    ),
    (
        "TIER0_MONITORS",
        &[SELECTOR, DEPLOYER, OBSERVABILITY, SERVER, ORCHESTRATOR, OPERATOR, BACKUP],
        &[OBSERVABILITY, ORCHESTRATOR, OPERATOR, BACKUP],
        &[OBSERVABILITY, ORCHESTRATOR, OPERATOR, BACKUP],
        &[OBSERVABILITY, ORCHESTRATOR, OPERATOR],
    ),
    (
        "TIER0_WINDOWS",
        &[OBSERVABILITY, ORCHESTRATOR, OPERATOR],
        &[OBSERVABILITY, ORCHESTRATOR, OPERATOR],
        &[OBSERVABILITY, ORCHESTRATOR, OPERATOR],
        &[OBSERVABILITY],
    ),
];

/// What may be asked of JetStream of which nobody has need.
const NEVER: [&str; 13] = [
    ">",
    "*",
    "tier0.>",
    "tier0.v1.>",
    "$JS.>",
    "$JS.API.>",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.LIST",
    "$JS.API.META.LEADER.STEPDOWN",
    "$JS.API.ACCOUNT.PURGE.$G",
    "$SYS.REQ.SERVER.PING",
    "$KV.>",
    "$O.>",
];

fn agents() -> Vec<&'static str> {
    FED_BY.iter().map(|(agent, _)| *agent).collect()
}

fn processes() -> Vec<&'static str> {
    joined(&agents(), &SERVICES)
}

/// Who reads artifacts.
fn readers() -> Vec<&'static str> {
    joined(&processes(), &[SET_UP, OPERATOR, BACKUP])
}

fn all() -> Vec<&'static str> {
    joined(&readers(), &[CLIENT])
}

/// The rules: who may do what where. What is said of a subject more than once adds up.
#[derive(Default)]
struct Rules {
    may: BTreeMap<(Operation, String), BTreeSet<&'static str>>,
}

impl Rules {
    fn say(&mut self, operation: Operation, subject: impl Into<String>, who: &[&'static str]) {
        self.may.entry((operation, subject.into())).or_default().extend(who);
    }

    fn publish(&mut self, subject: impl Into<String>, who: &[&'static str]) {
        self.say(Publish, subject, who);
    }

    fn subscribe(&mut self, subject: impl Into<String>, who: &[&'static str]) {
        self.say(Subscribe, subject, who);
    }
}

fn joined(one: &[&'static str], other: &[&'static str]) -> Vec<&'static str> {
    one.iter().chain(other).copied().collect()
}

fn messages(rules: &mut Rules) {
    for (agent, fed_by) in FED_BY {
        // Runs begin at any stage, and are driven anew at any.
        let hands_to = joined(&joined(fed_by, &[SCOPE]), &OPERATES);
        for (lane, _) in LANES {
            rules.publish(format!("tier0.v1.{lane}.{agent}.run-1.0"), &hands_to);
            // Whether the run has gone on without it.
            rules.subscribe(format!("tier0.v1.{lane}.{agent}.run-1.0"), fed_by);
            rules.subscribe(format!("tier0.v1.{lane}.{agent}.>"), &NOBODY);
            rules.subscribe(format!("tier0.v1.{lane}.>"), &NOBODY);
        }
        rules.publish(format!("tier0.v1.event.{agent}.run-1"), &[agent]);
        rules.publish(format!("tier0.v1.dead.{agent}.run-1"), &[agent]);
        rules.subscribe(format!("tier0.v1.dead.{agent}.run-1"), &NOBODY);
    }
    rules.publish("tier0.v1.result.end.run-1.0", &joined(&agents(), &OPERATES));
    rules.subscribe("tier0.v1.result.end.run-1.0", &agents());
    rules.subscribe("tier0.v1.result.>", &NOBODY);
    rules.subscribe("tier0.v1.event.>", &NOBODY);
    rules.subscribe("tier0.v1.dead.>", &NOBODY);
    rules.publish("tier0.v1.request", &[OPERATOR, ORCHESTRATOR, CLIENT, OBSERVABILITY]);
    rules.subscribe("tier0.v1.request", &[SCOPE]);
    rules.publish("tier0.v1.accepted.f", &[SCOPE]);
    rules.subscribe("tier0.v1.accepted.*", &[SCOPE]);
    for process in processes() {
        rules.publish(format!("tier0.v1.trouble.{process}"), &[process]);
    }
    rules.subscribe("tier0.v1.trouble.>", &[ORCHESTRATOR]);
    for subject in ["tier0.v1.search.offer", "tier0.v1.search.s.take"] {
        rules.publish(subject, &[TRAINER]);
        rules.subscribe(subject, &[TRAINER]);
    }
    rules.publish("tier0.v1.search.s.give.model-trainer-1.0.0.0.1", &[TRAINER]);
    rules.subscribe("tier0.v1.search.s.give.>", &[TRAINER]);
    rules.publish("tier0.v1.fit.d.0.0.0.1", &[TRAINER]);
    rules.subscribe("tier0.v1.fit.>", &NOBODY);
    rules.publish("tier0.v1.prediction.churn", &[SERVER]);
    rules.subscribe("tier0.v1.prediction.>", &NOBODY);
    rules.publish("tier0.v1.feedback.churn", &[CLIENT, OPERATOR, ORCHESTRATOR]);
    rules.subscribe("tier0.v1.feedback.>", &[SERVER]);
    rules.publish("tier0.v1.alert.churn", &[OBSERVABILITY]);
    rules.publish("tier0.v1.alert.run.churn", &[OBSERVABILITY, PREPARER]);
    rules.subscribe("tier0.v1.alert.>", &NOBODY);
    rules.publish("tier0.v1.lineage", &[ORCHESTRATOR]);
    rules.subscribe("tier0.v1.lineage", &NOBODY);
    let changes = joined(&[DEPLOYER], &OPERATES);
    for subject in [
        "tier0.v1.audit.model.churn.1.7",
        "tier0.v1.audit.model.churn.model.7",
        "tier0.v1.audit.endpoint.churn.record.7",
    ] {
        rules.publish(subject, &changes);
        rules.subscribe(subject, &NOBODY);
    }
    // Who removes artifacts says so.
    rules.publish("tier0.v1.audit.artifacts.store.collected.7", &OPERATES);
}

fn inboxes(rules: &mut Rules) {
    for who in all() {
        rules.subscribe(format!("_INBOX_{who}.a"), &[who]);
        rules.subscribe(format!("_INBOX_{who}.>"), &[who]);
        let answered = [OPERATOR, ORCHESTRATOR, OBSERVABILITY].contains(&who);
        rules.publish(format!("_INBOX_{who}.a"), if answered { &[SCOPE] } else { &[] });
    }
    // Clients are in another account, to which the broker takes answers.
    rules.publish("_R_.a.b", &[SCOPE]);
    rules.subscribe("_R_.>", &NOBODY);
    // A trainer gives another one work.
    rules.publish("_INBOX_model-trainer.a", &[TRAINER]);
    for inbox in ["_INBOX.a", "_INBOX.>", "_INBOX_*.>"] {
        rules.publish(inbox, &NOBODY);
        rules.subscribe(inbox, &NOBODY);
    }
}

fn streams(rules: &mut Rules) {
    rules.publish("$JS.API.INFO", &[SET_UP]);
    // Every process asks whether a run has gone on, and what a version was deployed with.
    for verb in ["DIRECT.GET", "STREAM.MSG.GET"] {
        rules.publish(format!("$JS.API.{verb}.TIER0"), &processes());
    }
    for (stream, looks_up, follows) in STREAMS {
        stream_administration(rules, stream);
        let sees = joined(follows, &OPERATES);
        rules.publish(format!("$JS.API.STREAM.INFO.{stream}"), &sees);
        rules.publish(format!("$JS.API.DIRECT.GET.{stream}"), looks_up);
        rules.publish(format!("$JS.API.STREAM.MSG.GET.{stream}"), looks_up);
        for verb in ["CREATE", "DELETE", "INFO", "MSG.NEXT"] {
            rules.publish(format!("$JS.API.CONSUMER.{verb}.{stream}.a-reader"), follows);
        }
        rules.publish(format!("$JS.API.CONSUMER.CREATE.{stream}"), &NOBODY);
        rules.publish(format!("$JS.API.CONSUMER.CREATE.{stream}.a-reader.tier0.v1.x"), &NOBODY);
        rules.publish(format!("$JS.FC.{stream}.a.1"), &NOBODY);
    }
    rules.publish("$JS.API.STREAM.MSG.DELETE.TIER0_DEAD_LETTERS", &OPERATES);
    // The result of a run whose id it knows.
    rules.publish("$JS.API.DIRECT.GET.TIER0.tier0.v1.result.end.run-1.0", &[CLIENT]);
    rules.publish("$JS.API.DIRECT.GET.TIER0.tier0.v1.handoff.model-trainer.run-1.0", &NOBODY);
    rules.publish("$JS.API.DIRECT.GET.TIER0.tier0.v1.*.*.run-1.0", &NOBODY);
}

fn stream_administration(rules: &mut Rules, stream: &str) {
    for verb in ["INFO", "CREATE", "UPDATE", "DELETE", "PURGE"] {
        rules.publish(format!("$JS.API.STREAM.{verb}.{stream}"), &[SET_UP]);
    }
    // Artifacts are saved and restored one by one.
    let (saves, restores): (&[&str], &[&str]) =
        if stream.starts_with("OBJ_") { (&[], &[]) } else { (&[BACKUP], &[SET_UP]) };
    rules.publish(format!("$JS.API.STREAM.SNAPSHOT.{stream}"), saves);
    rules.publish(format!("$JS.API.STREAM.INFO.{stream}"), saves);
    rules.publish(format!("$JS.SNAPSHOT.ACK.{stream}.n.1.1"), saves);
    rules.publish(format!("$JS.API.STREAM.RESTORE.{stream}"), restores);
    rules.publish(format!("$JS.SNAPSHOT.RESTORE.{stream}.n"), restores);
    for verb in ["STREAM.MSG.DELETE", "STREAM.LEADER.STEPDOWN", "CONSUMER.NAMES", "CONSUMER.LIST"] {
        rules.publish(format!("$JS.API.{verb}.{stream}"), &NOBODY);
    }
}

fn consumers(rules: &mut Rules) {
    let mut all: Vec<(&str, String, &'static str)> = CONSUMERS
        .into_iter()
        .map(|(stream, consumer, owner)| (stream, consumer.to_owned(), owner))
        .collect();
    for agent in agents() {
        all.extend(LANES.map(|(_, suffix)| ("TIER0", format!("{agent}{suffix}"), agent)));
        all.push(("TIER0_ADVISORIES", format!("{agent}-advisories"), agent));
    }
    for (stream, consumer, owner) in all {
        let of = format!("{stream}.{consumer}");
        let sees = joined(&[owner, SET_UP, BACKUP], &OPERATES);
        rules.publish(format!("$JS.API.CONSUMER.INFO.{of}"), &sees);
        rules.publish(format!("$JS.API.CONSUMER.MSG.NEXT.{of}"), &[owner]);
        rules.publish(format!("$JS.ACK.{of}.1.1.1.1.0"), &[owner]);
        rules.publish(format!("$JS.API.CONSUMER.CREATE.{of}"), &[SET_UP]);
        rules.publish(format!("$JS.API.CONSUMER.CREATE.{of}.tier0.v1.x"), &[SET_UP]);
        rules.publish(format!("$JS.API.CONSUMER.DELETE.{of}"), &[SET_UP]);
        for verb in ["DURABLE.CREATE", "PAUSE", "RESET", "UNPIN", "LEADER.STEPDOWN"] {
            rules.publish(format!("$JS.API.CONSUMER.{verb}.{of}"), &NOBODY);
        }
    }
}

fn records(rules: &mut Rules) {
    for (bucket, opens, gets, lists, writes) in BUCKETS {
        let stream = format!("KV_{bucket}");
        stream_administration(rules, &stream);
        rules.publish(format!("$JS.API.STREAM.INFO.{stream}"), opens);
        rules.publish(format!("$JS.API.DIRECT.GET.{stream}.$KV.{bucket}.a.b"), gets);
        rules.publish(format!("$JS.API.DIRECT.GET.{stream}"), &NOBODY);
        rules.publish(format!("$JS.API.STREAM.MSG.GET.{stream}"), &NOBODY);
        rules.publish(format!("$JS.API.CONSUMER.CREATE.{stream}"), lists);
        for filter in ["a", ">"] {
            let again = format!("$JS.API.CONSUMER.CREATE.{stream}.a-reader.$KV.{bucket}.{filter}");
            rules.publish(again, lists);
        }
        rules.publish(format!("$JS.API.CONSUMER.CREATE.{stream}.a-reader.$KV.X.a"), &NOBODY);
        for verb in ["CREATE", "DELETE", "INFO", "MSG.NEXT"] {
            rules.publish(format!("$JS.API.CONSUMER.{verb}.{stream}.a-reader"), lists);
        }
        rules.publish(format!("$JS.FC.{stream}.a.1"), lists);
        rules.publish(format!("$KV.{bucket}.a.b"), writes);
        rules.subscribe(format!("$KV.{bucket}.>"), &NOBODY);
    }
    let steps = "KV_TIER0_STEPS";
    stream_administration(rules, steps);
    rules.publish(format!("$JS.API.STREAM.INFO.{steps}"), &joined(&agents(), &OPERATES));
    rules.publish(format!("$JS.API.CONSUMER.CREATE.{steps}"), &NOBODY);
    rules.publish(format!("$JS.API.CONSUMER.CREATE.{steps}.a-reader"), &NOBODY);
    for agent in agents() {
        // Each agent takes up its own finished work alone.
        let key = format!("$KV.TIER0_STEPS.{agent}.d");
        rules.publish(format!("$JS.API.DIRECT.GET.{steps}.{key}"), &[agent]);
        rules.publish(key, &[agent]);
    }
}

fn artifacts(rules: &mut Rules) {
    let stream = "OBJ_TIER0_ARTIFACTS";
    stream_administration(rules, stream);
    for subject in ["$O.TIER0_ARTIFACTS.C.n", "$O.TIER0_ARTIFACTS.M.d"] {
        rules.publish(subject, &joined(&joined(&agents(), &OPERATES), &[SET_UP]));
        rules.subscribe(subject, &NOBODY);
    }
    for request in [
        format!("$JS.API.STREAM.INFO.{stream}"),
        format!("$JS.API.DIRECT.GET.{stream}.$O.TIER0_ARTIFACTS.M.d"),
        format!("$JS.API.STREAM.MSG.GET.{stream}"),
        format!("$JS.API.CONSUMER.CREATE.{stream}"),
        format!("$JS.API.CONSUMER.CREATE.{stream}.a-reader.$O.TIER0_ARTIFACTS.C.n"),
        format!("$JS.API.CONSUMER.DELETE.{stream}.a-reader"),
        format!("$JS.FC.{stream}.a.1"),
    ] {
        rules.publish(request, &readers());
    }
    rules.publish(format!("$JS.API.CONSUMER.CREATE.{stream}.a-reader"), &NOBODY);
}

fn rules() -> Rules {
    let mut rules = Rules::default();
    for subject in NEVER {
        rules.subscribe(subject, &NOBODY);
        rules.publish(subject, &NOBODY);
    }
    messages(&mut rules);
    inboxes(&mut rules);
    streams(&mut rules);
    consumers(&mut rules);
    records(&mut rules);
    artifacts(&mut rules);
    rules
}

#[tokio::test]
async fn every_identity_may_do_at_every_subject_what_the_rules_say() {
    let untold: Vec<_> = Identity::all()
        .into_iter()
        .map(Identity::as_str)
        .filter(|it| !all().contains(it))
        .collect();
    assert!(untold.is_empty(), "no rule is about {untold:?}: each agent has a row in FED_BY");
    let secured = Secured::start().await;
    let rules = rules();
    let tried: Vec<(Operation, &str)> =
        rules.may.keys().map(|(operation, subject)| (*operation, subject.as_str())).collect();
    let (mut allowed, mut refused, mut wrong) = (0, 0, Vec::new());
    // The set-up comes last: what it may do to streams is done.
    let mut order = all();
    order.sort_by_key(|name| *name == SET_UP);
    for name in order {
        let identity = name.parse().unwrap();
        let seed = secured.keys.seed_file(identity);
        let mut session = Session::open(secured.server.url(), Some(&seed)).unwrap();
        let was_refused = session.try_all(&tried);
        for ((of, who), was_refused) in rules.may.iter().zip(was_refused) {
            if was_refused {
                refused += 1
            } else {
                allowed += 1
            };
            if who.contains(name) == was_refused {
                let found = if was_refused { "is refused" } else { "is allowed" };
                wrong.push(format!("{name} {found}: {:?} {}", of.0, of.1));
            }
        }
    }
    println!(
        "{} identities, {} operations on subjects each: {allowed} allowed, {refused} refused, {} otherwise than the rules say",
        all().len(),
        tried.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
