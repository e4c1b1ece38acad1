//! Clients that do not read: the broker cuts them off. A stranger's has no effect; one of ours connects again and loses nothing.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use bus::SetupOptions;
use contracts::{RunId, subjects, v1};
use rustix::process::Signal;
use serde_json::json;
use tier0_tests::{NatsOptions, NatsServer, Stages, eventually, write_table};

use crate::runs::{connect, until_result};

const REQUESTS: usize = 60;
/// Bytes of each: together more than the broker and both ends of a connection hold.
const BYTES: usize = 600_000;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_read_is_cut_off_and_loses_nothing() {
    let lines = "max_pending: 8MB\nwrite_deadline: \"1s\"\n".to_owned();
    let nats = NatsServer::start_with(NatsOptions { lines, ..NatsOptions::default() });
    let bus = connect(nats.url()).await;
    let options = SetupOptions { ack_wait_seconds: 3.0, ..SetupOptions::default() };
    bus.setup(&options).await.unwrap();
    let mut stages =
        Stages::on(nats.url(), &[("TIER0_SCOPE_DEFINER__DATA__ALLOWED_ROOTS", "[\"/\"]")]).await;
    stages.run("scope-definer", 1);
    stages.until_ready().await;
    let definer = stages.of("scope-definer").next().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let table = directory.path().join("small.csv");
    write_table(
        &table,
        (0..40).fold(vec!["x,y".to_owned()], |mut lines, row| {
            lines.push(format!("{row},{}", row % 2));
            lines
        }),
    );
    let stranger = who_does_not_read(nats.url());

    definer.signal(Signal::STOP);
    for number in 0..REQUESTS {
        let request = json!({
            "requestId": format!("r{number}"), "dataUri": table, "target": "y",
            "until": "scope-definer",
        });
        // Blanks after a document belong to no value.
        let padded = format!("{request}{}", " ".repeat(BYTES));
        bus.client().publish(subjects::REQUEST, padded.into()).await.unwrap();
        bus.client().flush().await.unwrap();
    }
    eventually("the broker has cut both off", || async {
        (nats.varz().await["slow_consumers"].as_u64()? >= 2).then_some(())
    })
    .await;
    definer.signal(Signal::CONT);

    for number in 0..REQUESTS {
        let run = RunId::new(format!("r{number}")).unwrap();
        let result = until_result(&bus, run.as_str(), Duration::from_secs(60)).await;
        assert_eq!(result.status(), v1::HandoffStatus::Success, "{:?}", result.failure());
    }
    let results = crate::runs::count(&bus, subjects::ALL_RESULTS).await.unwrap();
    assert_eq!(results.len(), REQUESTS);
    assert!(results.values().all(|&count| count == 1), "{results:?}");
    let cut = stages.metric(definer, "tier0_bus_events_total{event=\"disconnected\"}").await;
    assert!(cut >= 1.0, "it was cut off {cut} times");
    drop(stranger);
}

/// A plain connection that subscribes and never reads again.
fn who_does_not_read(url: &str) -> TcpStream {
    let mut stream = TcpStream::connect(url.trim_start_matches("nats://")).unwrap();
    let mut greeting = [0; 4];
    stream.read_exact(&mut greeting).unwrap();
    assert_eq!(&greeting, b"INFO");
    let subscribe = format!("CONNECT {{\"verbose\":false}}\r\nSUB {} 1\r\n", subjects::REQUEST);
    stream.write_all(subscribe.as_bytes()).unwrap();
    stream
}
