//! Tables that are sent, against a real store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use std::convert::Infallible;

use bytes::Bytes;
use dataset::Format;
use futures::{StreamExt as _, stream};
use tier0_tests::Broker;
use upload::{Error, MAX_AT_A_TIME, MAX_TARGETS, UploadedTable, Uploads};

const LIMIT: u64 = 1 << 20;

/// Sends bytes in parts that end anywhere.
async fn send(
    uploads: &Uploads,
    bytes: &[u8],
    format: Option<Format>,
) -> Result<UploadedTable, Error> {
    let parts: Vec<Result<Bytes, Infallible>> =
        bytes.chunks(7).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
    uploads.take(stream::iter(parts), format).await
}

/// People, of whom one column is personal by its values and one by its name, and an outcome.
fn people(rows: u32) -> String {
    let mut text = "person,contact,Phone,age,spent,plan,joined,churned\n".to_owned();
    for row in 0..rows {
        let plan = ["basic", "gold", "silver"][row as usize % 3];
        let age = if row % 10 == 0 { String::new() } else { (20 + row % 50).to_string() };
        let churned = if row % 4 == 0 { "Yes" } else { "No" };
        text += &format!(
            "p{row},person{row}@example.org,55{row:06},{age},{}.5,{plan},2024-01-{:02},{churned}\n",
            row % 97,
            1 + row % 28
        );
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_previewed_and_stored_under_its_digest() {
    let broker = Broker::start().await;
    let uploads = Uploads::new(broker.artifacts.clone(), LIMIT);
    let text = people(400);
    let sent = send(&uploads, text.as_bytes(), None).await.unwrap();
    assert_eq!(sent.uri, format!("artifact:{}:{}", sent.sha256, text.len()));
    assert_eq!((sent.rows, sent.data_format.as_str()), (400, "DATA_FORMAT_CSV"));
    let stored = broker.artifacts.reference(&sent.sha256, sent.bytes, "text/csv");
    assert_eq!(broker.artifacts.get(&stored).await.unwrap(), text.as_bytes());
    let column = |name: &str| sent.columns.iter().find(|column| column.name == name).unwrap();
    assert_eq!((column("age").column_type.as_str(), column("age").missing), ("integer", 40));
    assert_eq!(column("plan").examples.len(), 3);
    for personal in ["contact", "Phone"] {
        assert!(column(personal).personal.is_some() && column(personal).examples.is_empty());
    }
    let answer = told(&sent);
    assert!(!answer.contains("example.org") && !answer.contains("55000001"), "{answer}");
    let targets: Vec<&str> = sent.targets.iter().map(|choice| choice.column.as_str()).collect();
    assert_eq!(targets[0], "churned");
    assert_eq!(sent.targets[0].problem_type, "binary");
    assert!(targets.len() <= MAX_TARGETS);
    for other in ["person", "contact", "Phone", "joined"] {
        assert!(!targets.contains(&other), "{targets:?}");
    }
    // The same bytes are the same artifact.
    assert_eq!(send(&uploads, text.as_bytes(), None).await.unwrap(), sent);
    let lines: String =
        (0..50).map(|row| format!("{{\"a\": {row}, \"y\": {}}}\n", row % 2)).collect();
    let sent = send(&uploads, lines.as_bytes(), None).await.unwrap();
    assert_eq!(
        (sent.data_format.as_str(), sent.targets[0].column.as_str()),
        ("DATA_FORMAT_JSON_LINES", "y")
    );
}

/// What is told of columns, as it is sent.
fn told(of: &UploadedTable) -> String {
    format!("{of:?}")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_table_is_refused_and_nothing_stays() {
    let broker = Broker::start().await;
    let uploads = Uploads::new(broker.artifacts.clone(), LIMIT);
    let large = people(20_000);
    let wide = (0..2001).map(|column| format!("c{column}")).collect::<Vec<_>>().join(",");
    for (bytes, format, code) in [
        (b"".as_slice(), None, "source_empty"),
        (b"a,b\n".as_slice(), Some(Format::Csv), "source_empty"),
        (b"a,b\n1,2\n1,2,3\n".as_slice(), Some(Format::Csv), "source_ragged_row"),
        (b"a,a\n1,2\n".as_slice(), Some(Format::Csv), "source_duplicate_column"),
        (b"words\nand\nwords\n".as_slice(), None, "source_format_unknown"),
        (b"PAR1 and no more".as_slice(), None, "source_malformed"),
        (b"PK\x03\x04 a spreadsheet".as_slice(), None, "source_format_unknown"),
        (b"\x1f\x8b\x08 cut off".as_slice(), Some(Format::Csv), "source_damaged"),
        (format!("{wide}\n{wide}\n").as_bytes(), None, "source_too_many_columns"),
        (large.as_bytes(), None, "source_too_large"),
    ] {
        let refused = send(&uploads, bytes, format).await.expect_err(code);
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
        assert_eq!(refused.code(), code, "{shown}: {refused}");
        assert!(refused.is_about_the_file(), "{shown}: {refused}");
        assert!(!refused.to_string().contains(".tier0-upload"), "{shown}: {refused}");
    }
    assert!(broker.artifacts.list().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_is_nothing_and_only_some_are_taken_at_a_time() {
    let broker = Broker::start().await;
    let uploads = Uploads::new(broker.artifacts.clone(), LIMIT);
    let cut = stream::iter([
        Ok(Bytes::from_static(b"a,y\n1,0\n2,1\n")),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ]);
    let refused = uploads.take(cut, None).await.unwrap_err();
    assert_eq!((refused.code(), refused.is_about_the_file()), ("upload_incomplete", false));
    let never = || stream::pending::<Result<Bytes, Infallible>>().boxed();
    let held: Vec<_> = (0..MAX_AT_A_TIME)
        .map(|_| {
            let uploads = uploads.clone();
            tokio::spawn(async move { uploads.take(never(), None).await })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(
        send(&uploads, b"a,y\n1,0\n2,1\n", None).await.unwrap_err().code(),
        "too_many_uploads"
    );
    for one in held {
        one.abort();
        assert!(one.await.unwrap_err().is_cancelled());
    }
    send(&uploads, b"a,y\n1,0\n2,1\n", None).await.unwrap();
    assert_eq!(broker.artifacts.list().await.unwrap().len(), 1);
}
