//! Making streams, consumers and buckets: the work of a job with the right to do it, not of an agent.
//!
//! Idempotent: what is there stays, with its messages; subjects that are missing are added; limits that an operator
//! has changed are kept; retention that contradicts is an error, because it cannot be changed in place.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::{self, DiscardPolicy, RetentionPolicy, StorageType};
use async_nats::jetstream::{ErrorCode, kv, object_store};
use contracts::{Agent, Lane, names, subjects};
use serde::{Deserialize, Serialize};

use crate::{Bus, Error};

const ADVISORY_SUBJECTS: &str = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.TIER0.*";

/// Room that headers need besides the payload.
const HEADER_ROOM: usize = 64 * 1024;
/// Fits are for the next delivery of the same handoff, not for later.
const SEARCH_AGE: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the set-up makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SetupOptions {
    /// Copies of every stream: 1, or 3 on a cluster.
    pub replicas: usize,
    /// Seconds without a sign of life after which a message is delivered again.
    pub ack_wait_seconds: f64,
    /// How often a message is delivered at most.
    pub max_deliver: u32,
    /// Most handoffs of an agent that are worked on at the same time, by all its replicas together and in each lane.
    pub max_ack_pending: u32,
    /// The same for some agents, by name.
    pub max_in_flight: BTreeMap<String, u32>,
    /// Days that handoffs, results and events are kept.
    pub history_days: u32,
    /// Days that finished work is kept for reuse.
    pub step_days: u32,
    /// Most bytes of records of finished work; the oldest go first.
    pub step_bytes: u64,
    /// Most bytes of lineage events; the oldest go first.
    pub lineage_bytes: u64,
    /// Days that prediction events are kept.
    pub prediction_days: u32,
    /// Most bytes of prediction events; the oldest go first.
    pub prediction_bytes: u64,
    /// Days that outcomes of predictions are kept.
    pub feedback_days: u32,
    /// Most bytes of alerts.
    pub alert_bytes: u64,
    /// Most bytes of fits of searches that go on; the oldest go first.
    pub search_bytes: u64,
}

impl Default for SetupOptions {
    fn default() -> Self {
        Self {
            replicas: 1,
            ack_wait_seconds: 30.0,
            max_deliver: 5,
            max_ack_pending: 1000,
            max_in_flight: BTreeMap::new(),
            history_days: 90,
            step_days: 30,
            step_bytes: 256 << 20,
            lineage_bytes: 256 << 20,
            prediction_days: 400,
            prediction_bytes: 2 << 30,
            feedback_days: 400,
            alert_bytes: 64 << 20,
            search_bytes: 512 << 20,
        }
    }
}

/// What the set-up found and did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SetupReport {
    /// Names of the streams, consumers (`STREAM/CONSUMER`), buckets and stores that were created.
    pub created: Vec<String>,
    /// Names of those whose configuration was changed.
    pub updated: Vec<String>,
    /// What was there already.
    pub unchanged: Vec<String>,
}

enum SetupOutcome {
    Created,
    Updated,
    Unchanged,
}

impl SetupReport {
    fn note(&mut self, what: &str, done: SetupOutcome) {
        let list = match done {
            SetupOutcome::Created => &mut self.created,
            SetupOutcome::Updated => &mut self.updated,
            SetupOutcome::Unchanged => &mut self.unchanged,
        };
        list.push(what.to_owned());
    }
}

impl Bus {
    /// Makes every stream, consumer, bucket and object store that is not there yet.
    pub async fn setup(&self, options: &SetupOptions) -> Result<SetupReport, Error> {
        let mut report = SetupReport::default();
        for config in streams(options) {
            let name = config.name.clone();
            report.note(&name, self.ensure_stream(config).await?);
        }
        for (stream, config) in consumers(options) {
            let name = format!("{stream}/{}", config.durable_name.clone().unwrap_or_default());
            report.note(&name, self.ensure_consumer(stream, config).await?);
        }
        for config in buckets(options) {
            let name = config.bucket.clone();
            report.note(&name, self.ensure_bucket(config).await?);
        }
        report.note(names::ARTIFACTS_STORE, self.ensure_object_store(options).await?);
        Ok(report)
    }

    async fn ensure_stream(&self, wanted: stream::Config) -> Result<SetupOutcome, Error> {
        let name = wanted.name.clone();
        let failed =
            |source: async_nats::Error| Error::Setup { what: format!("stream {name}"), source };
        let found = match self.jetstream().get_stream(&name).await {
            Ok(stream) => stream.cached_info().config.clone(),
            Err(error) if is_missing(&error.kind()) => {
                self.jetstream()
                    .create_stream(wanted)
                    .await
                    .map_err(|error| failed(error.into()))?;
                return Ok(SetupOutcome::Created);
            }
            Err(error) => return Err(failed(error.into())),
        };
        if found.retention != wanted.retention {
            return Err(Error::Contradiction {
                what: format!("stream {name}"),
                found: format!("its retention is {:?}", found.retention),
                expected: format!("{:?}", wanted.retention),
            });
        }
        let mut merged = found.clone();
        for subject in wanted.subjects {
            if !merged.subjects.contains(&subject) {
                merged.subjects.push(subject);
            }
        }
        merged.num_replicas = wanted.num_replicas;
        merged.allow_direct = wanted.allow_direct;
        merged.no_ack = wanted.no_ack;
        if merged == found {
            return Ok(SetupOutcome::Unchanged);
        }
        self.jetstream().update_stream(merged).await.map_err(|error| failed(error.into()))?;
        Ok(SetupOutcome::Updated)
    }

    async fn ensure_consumer(
        &self,
        stream: &str,
        wanted: pull::Config,
    ) -> Result<SetupOutcome, Error> {
        let name = wanted.durable_name.clone().unwrap_or_default();
        let failed = |source: async_nats::Error| Error::Setup {
            what: format!("consumer {name} of stream {stream}"),
            source,
        };
        let handle = self
            .jetstream()
            .get_stream_no_info(stream)
            .await
            .map_err(|error| failed(error.into()))?;
        let found: Result<PullConsumer, _> = handle.get_consumer(&name).await;
        let mut wanted = wanted;
        let done = match &found {
            Ok(found) => {
                let config = &found.cached_info().config;
                // It cannot be changed, and one of a restored fleet begins where that had been.
                wanted.deliver_policy = config.deliver_policy;
                let same = config.filter_subject == wanted.filter_subject
                    && config.filter_subjects == wanted.filter_subjects
                    && config.ack_wait == wanted.ack_wait
                    && config.max_deliver == wanted.max_deliver
                    && config.max_ack_pending == wanted.max_ack_pending;
                if same {
                    return Ok(SetupOutcome::Unchanged);
                }
                SetupOutcome::Updated
            }
            // Whatever it was, creating says it better.
            Err(_) => SetupOutcome::Created,
        };
        handle.create_consumer(wanted).await.map_err(|error| failed(error.into()))?;
        Ok(done)
    }

    async fn ensure_bucket(&self, wanted: kv::Config) -> Result<SetupOutcome, Error> {
        let name = wanted.bucket.clone();
        let failed =
            |source: async_nats::Error| Error::Setup { what: format!("bucket {name}"), source };
        match self.jetstream().get_stream(names::bucket_stream(&name)).await {
            Ok(_) => Ok(SetupOutcome::Unchanged),
            Err(error) if is_missing(&error.kind()) => {
                self.jetstream()
                    .create_key_value(wanted)
                    .await
                    .map_err(|error| failed(error.into()))?;
                Ok(SetupOutcome::Created)
            }
            Err(error) => Err(failed(error.into())),
        }
    }

    async fn ensure_object_store(&self, options: &SetupOptions) -> Result<SetupOutcome, Error> {
        let name = names::ARTIFACTS_STORE;
        let failed = |source: async_nats::Error| Error::Setup {
            what: format!("object store {name}"),
            source,
        };
        match self.jetstream().get_stream(names::store_stream(name)).await {
            Ok(stream) => {
                let config = stream.cached_info().config.clone();
                if config.allow_message_ttl {
                    return Ok(SetupOutcome::Unchanged);
                }
                self.let_markers_expire(config).await.map_err(failed)?;
                Ok(SetupOutcome::Updated)
            }
            Err(error) if is_missing(&error.kind()) => {
                let config = object_store::Config {
                    bucket: name.to_owned(),
                    description: Some("artifacts by their SHA-256".to_owned()),
                    storage: StorageType::File,
                    num_replicas: options.replicas,
                    ..object_store::Config::default()
                };
                self.jetstream()
                    .create_object_store(config)
                    .await
                    .map_err(|error| failed(error.into()))?;
                let made = self.jetstream().get_stream(names::store_stream(name)).await;
                let made = made.map_err(|error| failed(error.into()))?;
                self.let_markers_expire(made.cached_info().config.clone()).await.map_err(failed)?;
                Ok(SetupOutcome::Created)
            }
            Err(error) => Err(failed(error.into())),
        }
    }

    /// What takes the place of removed objects goes away by itself: who writes objects may not purge the stream.
    async fn let_markers_expire(&self, found: stream::Config) -> Result<(), async_nats::Error> {
        let config = stream::Config { allow_message_ttl: true, ..found };
        self.jetstream().update_stream(config).await?;
        Ok(())
    }
}

fn is_missing(kind: &GetStreamErrorKind) -> bool {
    matches!(kind, GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

fn streams(options: &SetupOptions) -> Vec<stream::Config> {
    let history = DAY * options.history_days;
    let base = |name: &str, description: &str, subjects: &[&str]| stream::Config {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        subjects: subjects.iter().map(|&subject| subject.to_owned()).collect(),
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        num_replicas: options.replicas,
        max_age: history,
        max_message_size: i32::try_from(contracts::MAX_PAYLOAD + HEADER_ROOM).unwrap_or(i32::MAX),
        duplicate_window: Duration::from_secs(120),
        allow_direct: true,
        ..stream::Config::default()
    };
    let steps = names::bucket_stream(names::STEPS_BUCKET);
    let step_subjects = format!("$KV.{}.>", names::STEPS_BUCKET);
    let mut handoffs = subjects::ALL_HANDOFFS.to_vec();
    handoffs.extend([subjects::ALL_RESULTS, subjects::ALL_EVENTS]);
    vec![
        base(names::STREAM, "handoffs, results and stage events", &handoffs),
        // It acknowledges nothing: the intake's answer is the only reply to a request.
        stream::Config {
            no_ack: true,
            // Whatever the server takes is kept, so that the intake can refuse what is too large with a reason.
            max_message_size: -1,
            ..base(names::REQUESTS_STREAM, "requests", &[subjects::REQUEST])
        },
        base(
            names::DEAD_LETTERS_STREAM,
            "messages that could not be handled",
            &[subjects::ALL_DEAD_LETTERS],
        ),
        stream::Config {
            max_age: DAY * options.prediction_days,
            max_bytes: i64::try_from(options.prediction_bytes).unwrap_or(i64::MAX),
            discard: DiscardPolicy::Old,
            ..base(names::PREDICTIONS_STREAM, "prediction events", &[subjects::ALL_PREDICTIONS])
        },
        stream::Config {
            max_age: DAY * options.feedback_days,
            max_bytes: i64::try_from(options.prediction_bytes).unwrap_or(i64::MAX),
            discard: DiscardPolicy::Old,
            ..base(names::FEEDBACK_STREAM, "outcomes of predictions", &[subjects::ALL_FEEDBACK])
        },
        stream::Config {
            max_age: SEARCH_AGE,
            max_bytes: i64::try_from(options.search_bytes).unwrap_or(i64::MAX),
            max_messages_per_subject: 1,
            discard: DiscardPolicy::Old,
            ..base(names::SEARCHES_STREAM, "fits of searches that go on", &[subjects::ALL_FITS])
        },
        stream::Config {
            max_bytes: i64::try_from(options.alert_bytes).unwrap_or(i64::MAX),
            discard: DiscardPolicy::Old,
            ..base(names::ALERTS_STREAM, "alerts", &[subjects::ALL_ALERTS])
        },
        // A bucket of which the oldest go where it is full; buckets made as such refuse what is new.
        stream::Config {
            max_age: DAY * options.step_days,
            max_bytes: i64::try_from(options.step_bytes).unwrap_or(i64::MAX),
            max_messages_per_subject: 1,
            discard: DiscardPolicy::Old,
            allow_rollup: true,
            deny_delete: true,
            ..base(&steps, "finished work, for reuse", &[step_subjects.as_str()])
        },
        stream::Config {
            max_bytes: i64::try_from(options.lineage_bytes).unwrap_or(i64::MAX),
            discard: DiscardPolicy::Old,
            ..base(names::LINEAGE_STREAM, "lineage events", &[subjects::LINEAGE])
        },
        // The ledger of changes is kept for ever, and nothing of it can be removed or replaced.
        stream::Config {
            max_age: Duration::ZERO,
            discard: DiscardPolicy::New,
            deny_delete: true,
            deny_purge: true,
            ..base(
                names::AUDIT_STREAM,
                "changes of registry and deployment records",
                &[subjects::ALL_AUDIT],
            )
        },
        stream::Config {
            max_age: DAY * 7,
            ..base(names::ADVISORIES_STREAM, "deliveries that were used up", &[ADVISORY_SUBJECTS])
        },
    ]
}

fn consumers(options: &SetupOptions) -> Vec<(&'static str, pull::Config)> {
    let consumer = |name: &str, filter: String| pull::Config {
        durable_name: Some(name.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: Duration::try_from_secs_f64(options.ack_wait_seconds)
            .unwrap_or(Duration::from_secs(30)),
        max_deliver: i64::from(options.max_deliver),
        max_ack_pending: i64::from(options.max_ack_pending),
        filter_subject: filter,
        num_replicas: options.replicas,
        ..pull::Config::default()
    };
    let mut consumers = Vec::new();
    for agent in Agent::ALL {
        let limit = options.max_in_flight.get(agent.as_str()).copied();
        for lane in Lane::ALL {
            let of_lane = pull::Config {
                max_ack_pending: i64::from(limit.unwrap_or(options.max_ack_pending)),
                ..consumer(&names::consumer(agent, lane), subjects::handoffs_to(agent, lane))
            };
            consumers.push((names::STREAM, of_lane));
        }
        let about = |lane| {
            let consumer = names::consumer(agent, lane);
            format!("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{}.{consumer}", names::STREAM)
        };
        let advisories = pull::Config {
            filter_subjects: Lane::ALL.map(about).to_vec(),
            ..consumer(&names::advisory_consumer(agent), String::new())
        };
        consumers.push((names::ADVISORIES_STREAM, advisories));
    }
    consumers.push((
        names::REQUESTS_STREAM,
        consumer(names::INTAKE_CONSUMER, subjects::REQUEST.to_owned()),
    ));
    // Lineage has to be told however long that takes.
    consumers.push((
        names::STREAM,
        pull::Config {
            max_deliver: -1,
            filter_subjects: subjects::ALL_HANDOFFS
                .into_iter()
                .chain([subjects::ALL_RESULTS])
                .map(str::to_owned)
                .collect(),
            ..consumer(names::LINEAGE_CONSUMER, String::new())
        },
    ));
    // Runs have to be tracked however long that takes.
    consumers.push((
        names::STREAM,
        pull::Config {
            max_deliver: -1,
            ..consumer(names::TRACKING_CONSUMER, subjects::ALL_RESULTS.to_owned())
        },
    ));
    consumers.push((
        names::ALERTS_STREAM,
        // The task that posts counts the attempts.
        pull::Config {
            max_deliver: -1,
            ..consumer(names::WEBHOOKS_CONSUMER, subjects::ALL_ALERTS.to_owned())
        },
    ));
    // Outcomes have to be joined however long that takes.
    consumers.push((
        names::FEEDBACK_STREAM,
        pull::Config {
            max_deliver: -1,
            ..consumer(names::FEEDBACK_CONSUMER, subjects::ALL_FEEDBACK.to_owned())
        },
    ));
    consumers.push((
        names::ALERTS_STREAM,
        consumer(names::ALERTS_CONSUMER, subjects::ALL_ALERTS.to_owned()),
    ));
    // Prediction events have to be counted however long that takes.
    consumers.push((
        names::PREDICTIONS_STREAM,
        pull::Config {
            max_deliver: -1,
            max_ack_pending: 10_000,
            ..consumer(names::PREDICTIONS_CONSUMER, subjects::ALL_PREDICTIONS.to_owned())
        },
    ));
    consumers
}

fn buckets(options: &SetupOptions) -> Vec<kv::Config> {
    let bucket = |name: &str, history: i64, max_age: Duration| kv::Config {
        bucket: name.to_owned(),
        history,
        max_age,
        storage: StorageType::File,
        num_replicas: options.replicas,
        max_value_size: i32::try_from(contracts::MAX_PAYLOAD + HEADER_ROOM).unwrap_or(i32::MAX),
        ..kv::Config::default()
    };
    vec![
        bucket(names::MODELS_BUCKET, 16, Duration::ZERO),
        bucket(names::DEPLOYMENTS_BUCKET, 64, Duration::ZERO),
        // Servers write their reports every few seconds; what a dead one wrote goes away by itself.
        bucket(names::SERVERS_BUCKET, 1, Duration::from_secs(60)),
        bucket(names::MONITORS_BUCKET, 16, Duration::ZERO),
        // They are needed for as long as there are predictions that outcomes may be joined with.
        bucket(names::WINDOWS_BUCKET, 1, DAY * options.prediction_days),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Permissions are made from the names in the contract.
    #[test]
    fn the_set_up_makes_what_the_contract_names() {
        let options = SetupOptions::default();
        let steps = names::bucket_stream(names::STEPS_BUCKET);
        let made: BTreeSet<String> =
            streams(&options).into_iter().map(|stream| stream.name).collect();
        let named: BTreeSet<String> =
            names::STREAMS.into_iter().map(str::to_owned).chain([steps]).collect();
        assert_eq!(made, named);
        let made: BTreeSet<(&str, String)> = consumers(&options)
            .into_iter()
            .map(|(stream, config)| (stream, config.durable_name.unwrap_or_default()))
            .collect();
        assert_eq!(made, names::consumers().collect());
        let mut made: Vec<String> =
            buckets(&options).into_iter().map(|bucket| bucket.bucket).collect();
        made.push(names::STEPS_BUCKET.to_owned());
        made.sort_unstable();
        let mut named = names::BUCKETS.to_vec();
        named.sort_unstable();
        assert_eq!(made, named);
    }
}
