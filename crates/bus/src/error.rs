//! What can go wrong with the broker.

use std::path::PathBuf;

use crate::refusal::{PublishRefusal, refusal};

/// What went wrong with the broker.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration does not say how to connect.
    #[error("the broker's configuration is wrong: {}", .problems.join("; "))]
    Configuration {
        /// Problems that were found, each in words as `KEY: PROBLEM`.
        problems: Vec<String>,
    },
    /// A file with credentials (JWT and seed) could not be read.
    #[error("cannot read the credentials in {}", .path.display())]
    Credentials {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// A file with a password, a token or a key that cannot be read, or that others can read.
    #[error(transparent)]
    SecretFile(#[from] secret::SecretFileError),
    /// A file that holds no seed.
    #[error("{} holds no seed of a user's nkey; `tier0 security init` makes such files", .path.display())]
    NoSeed {
        /// Path of the file.
        path: PathBuf,
    },
    /// No connection within the time allowed.
    #[error(
        "no connection to the broker at {url} within {seconds} s; is nats-server running there?"
    )]
    Connect {
        /// URL of the broker, without credentials.
        url: String,
        /// How long it was tried.
        seconds: f64,
        /// The last attempt's error.
        #[source]
        source: Option<async_nats::ConnectError>,
    },
    /// The broker does not let this process in.
    #[error(
        "the broker at {url} refused this process: it has no key, password or token, or one that is not known there (any \
         longer); name the key of its identity with nats.nkey_file, TIER0__NATS__NKEY_FILE or --nkey-file"
    )]
    Refused {
        /// URL of the broker, without credentials.
        url: String,
        /// Error of the NATS client.
        #[source]
        source: async_nats::ConnectError,
    },
    /// The broker does not permit this process to do something.
    #[error(
        "the broker does not permit `{name}` to {operation} {subject}; use the key of an identity that may (docs/security.md, \
         --nkey-file), or write the permissions anew with `tier0 security render`"
    )]
    NotPermitted {
        /// What was tried: `publish` or `subscribe`.
        operation: &'static str,
        /// NATS subject.
        subject: String,
        /// Name of the connection, which is that of its identity.
        name: String,
    },
    /// The key is another identity's than the process has the name of.
    #[error(
        "the broker lets this key in, but not as `{name}`: it is the key of another identity; the file of a key has the name of \
         its identity (NAME.nk), by which the command line goes"
    )]
    OtherIdentity {
        /// Name of the connection.
        name: String,
    },
    /// The broker is too old.
    #[error(
        "nats-server {found} at {url} is too old; {required} or newer is needed (`make setup` brings one, \
         or take a release from https://github.com/nats-io/nats-server/releases)"
    )]
    ServerTooOld {
        /// URL of the broker, without credentials.
        url: String,
        /// Version that the broker says it has.
        found: String,
        /// Least version of nats-server that is accepted.
        required: &'static str,
    },
    /// The broker confirms what is not on its disk.
    #[error(
        "the broker whose monitoring port is {url} confirms before it writes to its disk, so that a power failure loses what was \
         confirmed; set `sync_interval: always` in the jetstream block of its configuration and start it again"
    )]
    NotDurable {
        /// URL of the broker's monitoring port, such as `http://127.0.0.1:8222`.
        url: String,
    },
    /// The broker's monitoring port does not tell how it stores.
    #[error("the monitoring port {url} does not tell whether the broker writes before it confirms")]
    Monitoring {
        /// URL of the broker's monitoring port, such as `http://127.0.0.1:8222`.
        url: String,
        /// Error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// A stream is not there.
    #[error("stream {stream} is not there; the set-up makes it")]
    StreamMissing {
        /// Name of the JetStream stream.
        stream: String,
        /// Error that the broker answered.
        #[source]
        source: async_nats::Error,
    },
    /// A consumer is not there.
    #[error("consumer {consumer} of stream {stream} is not there; the set-up makes it")]
    ConsumerMissing {
        /// Name of the JetStream stream.
        stream: String,
        /// Name of the durable consumer.
        consumer: String,
        /// Error that the broker answered.
        #[source]
        source: async_nats::Error,
    },
    /// A bucket is not there.
    #[error("bucket {bucket} is not there; the set-up makes it")]
    BucketMissing {
        /// Name of the key-value bucket.
        bucket: String,
        /// Error that the broker answered.
        #[source]
        source: async_nats::Error,
    },
    /// Something could not be set up.
    #[error("cannot set up {what}")]
    Setup {
        /// A stream, consumer or bucket.
        what: String,
        /// Error of the NATS client.
        #[source]
        source: async_nats::Error,
    },
    /// What is there contradicts what is needed and cannot be changed in place.
    #[error("{what} is there, but {found}; expected {expected}")]
    Contradiction {
        /// A stream, consumer or bucket.
        what: String,
        /// Setting that was found, in words.
        found: String,
        /// How it would be right.
        expected: String,
    },
    /// A message is too large.
    #[error("a message of {bytes} bytes for {subject} is too large; at most {limit} bytes")]
    TooLarge {
        /// NATS subject of the message.
        subject: String,
        /// Size of the payload in bytes.
        bytes: usize,
        /// Largest payload that the broker takes, in bytes.
        limit: usize,
    },
    /// The subject holds another message already.
    #[error(
        "{subject} already holds message {found:?} (sequence {sequence}), which is not {expected:?}"
    )]
    SubjectTaken {
        /// NATS subject of the message.
        subject: String,
        /// Sequence of the stored message.
        sequence: u64,
        /// Identity of the stored message.
        found: Option<String>,
        /// Identity of the message that was to be published.
        expected: String,
    },
    /// Another process was first to go on with a chain.
    #[error(
        "the last message of {chain} is {last}, not {expected}: another process went on with it"
    )]
    Superseded {
        /// The subjects of the chain.
        chain: String,
        /// Sequence of its last message.
        last: u64,
        /// Sequence of the message that was to be followed.
        expected: u64,
    },
    /// A name or message breaks the contract.
    #[error("a message breaks the contract")]
    Contract(#[from] contracts::ContractError),
    /// A publication failed or its outcome stayed unknown.
    #[error("message for {subject} was not confirmed within {seconds:.0} s")]
    Unconfirmed {
        /// NATS subject of the message.
        subject: String,
        /// How long it was tried.
        seconds: f64,
        /// The last attempt's error.
        #[source]
        source: async_nats::Error,
    },
    /// The broker has no room.
    #[error(
        "the broker's storage is full ({description}), so {what} was not stored; what waits goes on by itself once there is \
         room: free disk space, raise max_file_store in nats-server's configuration and reload it, or purge a stream that \
         can be spared"
    )]
    StorageFull {
        /// What was to be stored: a subject, a key, an artifact.
        what: String,
        /// What the broker says.
        description: String,
    },
    /// No stream keeps the subject.
    #[error("no stream keeps {subject}; the set-up makes it")]
    NoStream {
        /// NATS subject of the message.
        subject: String,
        /// Error that the broker answered.
        #[source]
        source: async_nats::Error,
    },
    /// A publication was refused.
    #[error("the broker refused a message for {subject}")]
    Publish {
        /// NATS subject of the message.
        subject: String,
        /// Error of the NATS client.
        #[source]
        source: async_nats::Error,
    },
    /// No subscriber answers on a subject.
    #[error("no subscriber answers on {subject}")]
    NoResponders {
        /// NATS subject of the message.
        subject: String,
    },
    /// An answer did not come in time.
    #[error("no answer on {subject} within {seconds:.1} s")]
    TimedOut {
        /// NATS subject of the message.
        subject: String,
        /// How long it was waited.
        seconds: f64,
    },
    /// A request or subscription failed.
    #[error("request or subscription on {subject} failed")]
    Request {
        /// NATS subject of the message.
        subject: String,
        /// Error of the NATS client.
        #[source]
        source: async_nats::Error,
    },
    /// The value was changed by another process in the meantime.
    #[error("{bucket}/{key} was changed by another process in the meantime")]
    Conflict {
        /// Name of the key-value bucket.
        bucket: String,
        /// Key of the record in its bucket.
        key: String,
    },
    /// Access to a bucket failed.
    #[error("access to {bucket}/{key} failed")]
    KeyValue {
        /// Name of the key-value bucket.
        bucket: String,
        /// Key of the record in its bucket.
        key: String,
        /// Error of the NATS client.
        #[source]
        source: async_nats::Error,
    },
    /// A delivery could not be settled; it will be delivered again.
    #[error("message {sequence} of {stream} could not be settled; it will be delivered again")]
    Settle {
        /// Name of the JetStream stream.
        stream: String,
        /// Sequence of the message in its stream, from 1.
        sequence: u64,
        /// Error of the NATS client.
        #[source]
        source: async_nats::Error,
    },
}

impl Error {
    /// Whether the same call may succeed later without any change by a person.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::Unconfirmed { .. }
            | Self::NoResponders { .. }
            | Self::TimedOut { .. }
            | Self::Request { .. }
            | Self::Conflict { .. }
            | Self::KeyValue { .. }
            | Self::Settle { .. }
            | Self::StorageFull { .. }
            | Self::NoStream { .. }
            | Self::StreamMissing { .. }
            | Self::ConsumerMissing { .. }
            | Self::BucketMissing { .. } => true,
            // What the broker itself refuses for a reason in the message is refused another time as well.
            Self::Publish { source, .. } => refusal(source.as_ref()) != Some(PublishRefusal::Final),
            Self::Configuration { .. }
            | Self::Credentials { .. }
            | Self::SecretFile(_)
            | Self::NoSeed { .. }
            | Self::NotPermitted { .. }
            | Self::OtherIdentity { .. }
            | Self::Refused { .. }
            | Self::ServerTooOld { .. }
            | Self::NotDurable { .. }
            | Self::Monitoring { .. }
            | Self::Setup { .. }
            | Self::Contradiction { .. }
            | Self::TooLarge { .. }
            | Self::Contract(_)
            | Self::SubjectTaken { .. }
            | Self::Superseded { .. } => false,
        }
    }
}
