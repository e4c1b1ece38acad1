#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::io::Read as _;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use super::*;
use crate::content::ContentLimits;
use crate::{Location, ScanOptions, Stated, TableSource};

/// A server that answers each path as it says, one request a connection.
async fn server(answers: &'static [(&'static str, &'static str)]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let own = url.clone();
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(connection.read_u8().await.unwrap());
            }
            let request = String::from_utf8(request).unwrap();
            let path = request.split(' ').nth(1).unwrap();
            let answer = answers.iter().find(|(known, _)| *known == path);
            let answer = answer.map_or("HTTP/1.1 404 Not Found\r\n\r\n", |(_, answer)| answer);
            let answer = answer.replace("SELF", &own);
            connection.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    url
}

const TABLE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\na,b\n1,x\n2,y\n3,zzzzz\n";

async fn open(root: &str, uri: &str, limit: u64) -> Result<Arc<dyn TableSource>, Error> {
    let limits = ContentLimits { download_bytes: limit, ..ContentLimits::default() };
    let access = Access::new(&["http", "https"], &[root]).unwrap().limited(limits);
    let fetch = |_, _, _| async { panic!("no artifact") };
    crate::open(&Location::parse(uri).unwrap(), &access, Stated::default(), fetch).await
}

#[tokio::test]
async fn a_document_is_a_table_and_its_file_goes_with_it() {
    let url = server(&[
        ("/data/t.csv", TABLE),
        ("/data/old.csv", "HTTP/1.1 302 Found\r\nLocation: /data/t.csv\r\n\r\n"),
    ])
    .await;
    for name in ["t.csv", "old.csv"] {
        let uri = format!("{url}/data/{name}");
        let table = open(&format!("{url}/data"), &uri, 20).await.unwrap();
        assert_eq!(table.uri(), uri);
        let shape = table.schema(&ScanOptions::default()).unwrap();
        assert_eq!((shape.rows, shape.fields.len()), (3, 2));
        table.check_unchanged().unwrap();
    }
    let access = Access::new(&["http"], &[&url]).unwrap();
    let source = fetch(&Url::parse(&format!("{url}/data/t.csv")).unwrap(), &access).await.unwrap();
    let crate::Target::File(path) = source.target() else { panic!("a file") };
    let mut text = String::new();
    source.reader().unwrap().read_to_string(&mut text).unwrap();
    assert!(text.starts_with("a,b\n") && path.exists());
    drop(source);
    assert!(!path.exists());
}

#[tokio::test]
async fn nothing_is_fetched_from_elsewhere_and_nothing_without_end() {
    let url = server(&[
        ("/data/t.csv", TABLE),
        (
            "/data/out.csv",
            "HTTP/1.1 302 Found\r\nLocation: SELF/secret/t.csv?token=hunter2\r\n\r\n",
        ),
        ("/data/far.csv", "HTTP/1.1 301 Moved\r\nLocation: https://example.org/t.csv\r\n\r\n"),
        ("/data/loop.csv", "HTTP/1.1 302 Found\r\nLocation: /data/loop.csv\r\n\r\n"),
        ("/data/no.csv", "HTTP/1.1 403 Forbidden\r\n\r\n"),
        ("/data/later.csv", "HTTP/1.1 503 Busy\r\n\r\n"),
        ("/data/endless.csv", "HTTP/1.1 200 OK\r\n\r\na,b\n1,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"),
        ("/data/cut.csv", "HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\na,b\n1,x\n"),
    ])
    .await;
    let root = format!("{url}/data");
    let refused = |name: &'static str| {
        let (root, uri) = (root.clone(), format!("{url}/data/{name}"));
        async move { open(&root, &uri, 19).await.unwrap_err() }
    };
    for (name, code, is_transient) in [
        ("t.csv", "source_too_large", false),
        ("endless.csv", "source_too_large", false),
        ("out.csv", "source_not_allowed", false),
        ("far.csv", "source_not_allowed", false),
        ("loop.csv", "source_not_allowed", false),
        ("no.csv", "source_unreadable", false),
        ("later.csv", "source_unreadable", true),
        ("cut.csv", "source_unreadable", true),
        ("absent.csv", "source_not_found", false),
    ] {
        let error = refused(name).await;
        assert_eq!((error.code(), error.is_transient()), (code, is_transient), "{name}: {error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    let outside = open(&root, &format!("{url}/secret/t.csv"), 99).await.unwrap_err();
    assert!(matches!(outside, Error::OutsideRoots { .. }), "{outside}");
    let nobody = open("http://127.0.0.1:9", "http://127.0.0.1:9/t.csv", 99).await.unwrap_err();
    assert!(nobody.is_transient(), "{nobody}");
}
