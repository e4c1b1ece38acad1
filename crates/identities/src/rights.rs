//! Permissions as they are gathered, operation by operation.

use std::collections::BTreeSet;

use contracts::names;

/// What an identity may do. Anything else is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Subjects that it may publish to; requests to JetStream are publications too.
    pub publish: BTreeSet<String>,
    /// Of these, what it may not publish to all the same.
    pub deny_publish: BTreeSet<String>,
    /// Subjects that it may subscribe to.
    pub subscribe: BTreeSet<String>,
}

const API: &str = "$JS.API";

impl Permissions {
    pub(crate) fn publish(&mut self, subject: impl Into<String>) {
        self.publish.insert(subject.into());
    }

    pub(crate) fn subscribe(&mut self, subject: impl Into<String>) {
        self.subscribe.insert(subject.into());
    }

    fn api(&mut self, request: String) {
        self.publish.insert(format!("{API}.{request}"));
    }

    fn deny_api(&mut self, request: String) {
        self.deny_publish.insert(format!("{API}.{request}"));
    }

    /// Take messages of a durable consumer, and settle them.
    pub(crate) fn consume(&mut self, stream: &str, consumer: &str) {
        self.consumer_state(stream, consumer);
        self.api(format!("CONSUMER.MSG.NEXT.{stream}.{consumer}"));
        self.publish(format!("$JS.ACK.{stream}.{consumer}.>"));
    }

    /// Look at single messages of a stream: by sequence, or the first or last of some subjects.
    pub(crate) fn look_up(&mut self, stream: &str) {
        self.api(format!("DIRECT.GET.{stream}"));
        self.api(format!("STREAM.MSG.GET.{stream}"));
    }

    /// See what a stream holds, and how it is configured.
    pub(crate) fn stream_state(&mut self, stream: &str) {
        self.api(format!("STREAM.INFO.{stream}"));
    }

    /// See how far a durable consumer is.
    pub(crate) fn consumer_state(&mut self, stream: &str, consumer: &str) {
        self.api(format!("CONSUMER.INFO.{stream}.{consumer}"));
    }

    /// Read a stream in order, by a consumer that goes away with its reader and has a name that the reader makes up. The durable
    /// consumers of the stream are left alone.
    pub(crate) fn follow(&mut self, stream: &str) {
        self.stream_state(stream);
        self.use_named_reader(stream);
        for (_, consumer) in names::consumers().filter(|(of, _)| *of == stream) {
            let next = format!("CONSUMER.MSG.NEXT.{stream}.{consumer}");
            self.deny_api(format!("CONSUMER.CREATE.{stream}.{consumer}"));
            self.deny_api(format!("CONSUMER.DELETE.{stream}.{consumer}"));
            if !self.publish.contains(&format!("{API}.{next}")) {
                self.deny_api(next);
            }
        }
    }

    /// Make, look at, read and remove a pull consumer that is named in the request.
    fn use_named_reader(&mut self, stream: &str) {
        // A reader that comes back to a broker that was away looks whether its consumer is still there.
        for verb in ["CREATE", "DELETE", "INFO", "MSG.NEXT"] {
            self.api(format!("CONSUMER.{verb}.{stream}.*"));
        }
    }

    /// Make, read and remove a push consumer that the broker names: one that goes away by itself, since the broker makes no other by
    /// this request. A reader that hears no heartbeat, as of a broker that was started anew, asks for another of the same `subjects`,
    /// by a name that it makes of the first one's.
    fn use_unnamed_reader(&mut self, stream: &str, subjects: &str) {
        self.api(format!("CONSUMER.CREATE.{stream}"));
        self.api(format!("CONSUMER.CREATE.{stream}.*.{subjects}"));
        self.api(format!("CONSUMER.DELETE.{stream}.*"));
        // Readers answer the broker's flow control.
        self.publish(format!("$JS.FC.{stream}.>"));
    }

    /// Open a key-value bucket.
    pub(crate) fn open_bucket(&mut self, bucket: &str) {
        self.stream_state(&names::bucket_stream(bucket));
    }

    /// Read values of a key-value bucket; `keys` is a filter.
    pub(crate) fn get_keys(&mut self, bucket: &str, keys: &str) {
        self.open_bucket(bucket);
        let stream = names::bucket_stream(bucket);
        self.api(format!("DIRECT.GET.{stream}.$KV.{bucket}.{keys}"));
    }

    /// Read a key-value bucket: values, histories, lists of keys, changes as they come.
    pub(crate) fn read_bucket(&mut self, bucket: &str) {
        self.get_keys(bucket, ">");
        let stream = names::bucket_stream(bucket);
        self.use_unnamed_reader(&stream, &format!("$KV.{bucket}.>"));
        self.use_named_reader(&stream);
    }

    /// Put, replace and remove values of a key-value bucket; `keys` is a filter.
    pub(crate) fn write_keys(&mut self, bucket: &str, keys: &str) {
        self.publish(format!("$KV.{bucket}.{keys}"));
    }

    /// Read objects.
    pub(crate) fn read_store(&mut self, store: &str) {
        let stream = names::store_stream(store);
        self.stream_state(&stream);
        self.api(format!("DIRECT.GET.{stream}.$O.{store}.M.*"));
        self.api(format!("STREAM.MSG.GET.{stream}"));
        self.use_unnamed_reader(&stream, &format!("$O.{store}.>"));
    }

    /// Write objects: their chunks, then their records.
    pub(crate) fn write_store(&mut self, store: &str) {
        self.publish(format!("$O.{store}.C.*"));
        self.publish(format!("$O.{store}.M.*"));
    }

    /// See what the account may store, and what it does.
    pub(crate) fn account_state(&mut self) {
        self.api("INFO".to_owned());
    }

    /// Make, change, empty and delete a stream.
    pub(crate) fn administer_stream(&mut self, stream: &str) {
        for verb in ["INFO", "CREATE", "UPDATE", "DELETE", "PURGE"] {
            self.api(format!("STREAM.{verb}.{stream}"));
        }
    }

    /// Read all of a stream at once, as the broker keeps it.
    pub(crate) fn save_stream(&mut self, stream: &str) {
        self.stream_state(stream);
        self.api(format!("STREAM.SNAPSHOT.{stream}"));
        // Each part that came is acknowledged.
        self.publish(format!("$JS.SNAPSHOT.ACK.{stream}.>"));
    }

    /// Make a stream of what was saved of it.
    pub(crate) fn restore_stream(&mut self, stream: &str) {
        self.api(format!("STREAM.RESTORE.{stream}"));
        self.publish(format!("$JS.SNAPSHOT.RESTORE.{stream}.*"));
    }

    /// Make, change and delete a durable consumer.
    pub(crate) fn administer_consumer(&mut self, stream: &str, consumer: &str) {
        self.consumer_state(stream, consumer);
        self.api(format!("CONSUMER.CREATE.{stream}.{consumer}"));
        self.api(format!("CONSUMER.CREATE.{stream}.{consumer}.>"));
        self.api(format!("CONSUMER.DELETE.{stream}.{consumer}"));
    }

    /// Remove single messages of a stream.
    pub(crate) fn remove_messages(&mut self, stream: &str) {
        self.stream_state(stream);
        self.api(format!("STREAM.MSG.DELETE.{stream}"));
    }
}
