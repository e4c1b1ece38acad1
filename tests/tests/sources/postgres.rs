//! Tables and queries of a real PostgreSQL server.

use std::sync::Arc;
use std::time::Duration;

use dataset::{
    ContentLimits, DatabaseCredentials, Error, PostgresAddress, PostgresTable, ScanOptions,
    TableSource,
};
use tables::LoadOptions;
use tabular::{ColumnType, Table};
use tier0_tests::PostgresServer;

/// One column of each type that there is.
const TYPES: &str = "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN short AS varchar(10);
    CREATE TABLE \"All types\" (
        id bigint PRIMARY KEY, small smallint, whole integer, long bigint, part real, share double precision,
        price numeric(12, 2), total numeric, yes boolean, day date, at timestamp, moment timestamptz,
        label text, code varchar(9), fixed char(5), feeling mood, own short, key uuid, clock time, span interval,
        amount money, place inet, doc jsonb, list integer[], raw bytea, area box, \"two words\" text);
    INSERT INTO \"All types\" VALUES
      (2, 2, -7, 9007199254740993, 0.1, 0.1, 12.50, 3, true, '2024-05-31', '2024-05-31 10:00:00.5', '2024-05-31 10:00:00+02',
       E'tab\\tand \\\\ line\\nend', '007', 'ab', 'ok', 'x', 'b5e1f5fe-3a3c-4e41-9d3f-0d6a3e2c1f00', '08:45', '1 hour 30 minutes',
       1234.5, '10.0.0.1', '{}', '{1}', 'x', '((0,0),(1,1))', 'a'),
      (1, 1, 5, 1, 'NaN', 'Infinity', 0.05, 4, false, 'infinity', '0044-03-15 10:00:00 BC', NULL,
       '', '010', 'c', 'sad', 'y', '0e6a3e2c-1f00-4e41-9d3f-b5e1f5fe3a3c', '20:15:30', '2 days',
       -3, '10.0.0.2', '[]', '{}', 'y', '((0,0),(1,1))', 'b'),
      (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL);";

fn credentials(user: &str, password: &str) -> DatabaseCredentials {
    let variables = [("PGUSER", user.to_owned()), ("PGPASSWORD", password.to_owned())];
    DatabaseCredentials::of(|name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
    })
}

/// A table of the server, or a query.
fn table(uri: &str, query: &str, timeout: Duration) -> PostgresTable {
    let credentials = credentials(PostgresServer::USER, PostgresServer::PASSWORD);
    let address = PostgresAddress::parse(uri).unwrap();
    PostgresTable::open(address, query, credentials, ContentLimits::default(), timeout).unwrap()
}

const MINUTE: Duration = Duration::from_secs(60);

/// What a source gives, loaded off the async threads.
async fn loaded(source: PostgresTable) -> Result<(Table, Vec<String>), tables::Error> {
    let source: Arc<dyn TableSource> = Arc::new(source);
    let options = LoadOptions { drop_duplicates: false, ..LoadOptions::default() };
    let load = move || {
        let loaded = tables::load(&source, &options)?;
        Ok((loaded.table.whole()?, loaded.shape.notes))
    };
    tokio::task::spawn_blocking(load).await.unwrap()
}

/// The error of a source's first look.
async fn refused(source: PostgresTable) -> Error {
    let scan = move || source.schema(&ScanOptions::default()).unwrap_err();
    tokio::task::spawn_blocking(scan).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_type_becomes_what_the_page_says() {
    let Some(server) = PostgresServer::start().await else { return };
    server.sql("postgres", TYPES);
    let uri = format!("{}?table=%22All%20types%22", server.uri("postgres"));
    let (table, notes) = loaded(table(&uri, "", MINUTE)).await.unwrap();
    use ColumnType::{Boolean, Date, Integer, Number, Text, Timestamp};
    for (name, column_type) in [
        ("id", Integer),
        ("small", Integer),
        ("whole", Integer),
        ("long", Text),
        ("part", Number),
        ("share", Number),
        ("price", Number),
        ("total", Integer),
        ("yes", Boolean),
        ("day", Date),
        ("at", Timestamp),
        ("moment", Timestamp),
        ("label", Text),
        ("code", Text),
        ("fixed", Text),
        ("feeling", Text),
        ("own", Text),
        ("key", Text),
        ("clock", Number),
        ("span", Number),
        ("amount", Number),
        ("place", Text),
        ("two words", Text),
    ] {
        let found = table.field(name).unwrap_or_else(|| panic!("{name}: {notes:?}"));
        assert_eq!(found.column_type, column_type, "{name}");
    }
    for name in ["doc", "list", "raw", "area"] {
        assert!(table.field(name).is_none());
        let told = notes.iter().any(|note| note.contains(&format!("`{name}`")));
        assert!(told, "{name}: {notes:?}");
    }
    // By the primary key, and not as they were written.
    let numbers = |name: &str| table.column(name).unwrap().numbers().unwrap().to_vec();
    assert_eq!(numbers("id"), [1.0, 2.0, 3.0]);
    let second = |name: &str| numbers(name)[1];
    assert_eq!(second("part"), f64::from(0.1_f32));
    assert_eq!((second("share"), second("price"), second("total")), (0.1, 12.5, 3.0));
    assert_eq!((second("yes"), second("clock"), second("span")), (1.0, 31_500.0, 5_400.0));
    assert_eq!(second("amount"), 1234.5);
    let day = 19_874.0 * 86_400e6;
    assert_eq!((second("day"), second("at")), (day, day + 36_000.5e6));
    assert_eq!(second("moment"), day + 28_800e6);
    for name in ["part", "share", "day", "at", "moment"] {
        assert!(numbers(name)[0].is_nan(), "{name} of the first row is missing");
    }
    let text =
        |name: &str, row| table.column(name).unwrap().text().unwrap().get(row).map(str::to_owned);
    assert_eq!(text("long", 1).as_deref(), Some("9007199254740993"));
    assert_eq!(text("label", 1).as_deref(), Some("tab\tand \\ line\nend"));
    assert_eq!(text("label", 0), None);
    assert_eq!(
        (text("code", 1).as_deref(), text("fixed", 1).as_deref()),
        (Some("007"), Some("ab"))
    );
    assert!(table.columns().iter().skip(1).all(|column| column.is_missing(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_a_table_and_changes_nothing() {
    let Some(server) = PostgresServer::start().await else { return };
    server.sql(
        "postgres",
        "CREATE TABLE t AS SELECT n, n % 3 AS k FROM generate_series(1, 50000) AS n",
    );
    let uri = server.uri("postgres");
    let query = "SELECT k, count(*) AS rows FROM t GROUP BY k ORDER BY k; ";
    let (grouped, _) = loaded(table(&uri, query, MINUTE)).await.unwrap();
    assert_eq!(grouped.column("rows").unwrap().numbers().unwrap(), [16_666.0, 16_667.0, 16_667.0]);
    for (query, code) in [
        ("INSERT INTO t VALUES (1, 1) RETURNING n", "source_query_invalid"),
        ("WITH gone AS (DELETE FROM t RETURNING n) SELECT n FROM gone", "source_query_invalid"),
        ("SELECT n FROM t; DROP TABLE t", "source_query_invalid"),
        ("SELECT 1 AS n) AS x) TO PROGRAM 'touch /tmp/x' --", "source_query_invalid"),
        ("SELECT setval('s', 3) AS n", "source_not_found"),
        ("SELECT n FROM absent", "source_not_found"),
        ("SELECT nn FROM t", "source_query_invalid"),
        ("SELECT n FROM t WHERE false", "source_empty"),
        ("SELECT n, k AS n FROM t", "source_duplicate_column"),
        ("SELECT n, random() AS r FROM t", "source_changed"),
    ] {
        let error = loaded(table(&uri, query, MINUTE)).await.unwrap_err();
        assert_eq!(error.code(), code, "{query}: {error}");
    }
    assert_eq!(server.sql("postgres", "SELECT count(*) FROM t"), "50000");
}

#[tokio::test(flavor = "multi_thread")]
async fn passes_see_one_snapshot_and_the_fingerprint_is_that_of_the_rows() {
    let Some(server) = PostgresServer::start().await else { return };
    server.sql("postgres", "CREATE TABLE t (n integer PRIMARY KEY, x text); INSERT INTO t SELECT n, 'a' FROM generate_series(1, 30000) AS n");
    let uri = format!("{}?table=public.t", server.uri("postgres"));
    let open = || table(&uri, "", MINUTE);
    let changing = open();
    let work = move || {
        let fingerprint = changing.fingerprint().unwrap();
        server.sql("postgres", "UPDATE t SET x = 'b' WHERE n = 7; DELETE FROM t WHERE n > 20000");
        let options = ScanOptions::default();
        let shape = changing.schema(&options).unwrap();
        assert_eq!((shape.rows, &shape.sha256), (30_000, &fingerprint));
        let (mut rows, mut most) = (0, 0);
        changing
            .batches(&shape, &shape.fields, &options, 1000, &mut |batch| {
                rows += batch.num_rows();
                most = most.max(batch.num_rows());
                Ok(())
            })
            .unwrap();
        assert!(rows == 30_000 && most < 10_000, "{rows} {most}");
        // Others see the change, each in its own way of looking.
        let later = changing_again(&server);
        assert_ne!(later.fingerprint().unwrap(), fingerprint);
        assert_eq!(later.schema(&options).unwrap().rows, 20_000);
        drop(changing);
        server
    };
    fn changing_again(server: &PostgresServer) -> PostgresTable {
        table(&format!("{}?table=t", server.uri("postgres")), "", MINUTE)
    }
    let server = tokio::task::spawn_blocking(work).await.unwrap();
    // The transactions have ended with their tables.
    tier0_tests::eventually("nobody is connected", || async {
        let open = server.sql(
            "postgres",
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tier0'",
        );
        (open == "0").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_told_and_no_password_with_it() {
    let Some(server) = PostgresServer::start().await else { return };
    server.sql("postgres", "CREATE TABLE t AS SELECT 1 AS n; CREATE ROLE guest LOGIN PASSWORD 'hunter2'; REVOKE ALL ON t FROM PUBLIC");
    let at = |database: &str| {
        PostgresAddress::parse(&format!("{}?table=t", server.uri(database))).unwrap()
    };
    let limits = ContentLimits::default;
    for (address, user, password, code) in [
        (at("postgres"), "guest", "hunter3", "source_not_allowed"),
        (at("postgres"), "guest", "hunter2", "source_not_allowed"),
        (at("nowhere"), "guest", "hunter2", "source_not_found"),
        (at("postgres"), "", "", "source_not_allowed"),
    ] {
        let source =
            PostgresTable::open(address, "", credentials(user, password), limits(), MINUTE);
        let error = refused(source.unwrap()).await;
        assert_eq!(
            (error.code(), error.is_transient()),
            (code, false),
            "{user} {password}: {error}"
        );
        assert!(!error.to_string().contains("hunter"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_is_transient_and_the_next_run_works() {
    let Some(server) = PostgresServer::start().await else { return };
    server.sql(
        "postgres",
        "CREATE TABLE t AS SELECT n, md5(n::text) AS x FROM generate_series(1, 200000) AS n",
    );
    let source = Arc::new(table(&format!("{}?table=t", server.uri("postgres")), "", MINUTE));
    let read = |mut at_first: Box<dyn FnMut() + Send>| {
        let source = Arc::clone(&source);
        tokio::task::spawn_blocking(move || {
            let options = ScanOptions::default();
            let shape = source.schema(&options)?;
            let mut rows = 0;
            source.batches(&shape, &shape.fields, &options, 1000, &mut |batch| {
                if rows == 0 {
                    at_first();
                }
                rows += batch.num_rows();
                Ok(())
            })?;
            Ok::<_, Error>(rows)
        })
    };
    let server = Arc::new(std::sync::Mutex::new(server));
    let own = Arc::clone(&server);
    let error = read(Box::new(move || own.lock().unwrap().kill())).await.unwrap().unwrap_err();
    assert!(error.is_transient() && error.code() == "source_unreadable", "{error}");
    let error = read(Box::new(|| {})).await.unwrap().unwrap_err();
    assert!(error.is_transient(), "{error}");
    let mut server = Arc::into_inner(server).unwrap().into_inner().unwrap();
    server.launch().await;
    assert_eq!(read(Box::new(|| {})).await.unwrap().unwrap(), 200_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_query_is_ended() {
    let Some(server) = PostgresServer::start().await else { return };
    let query = "SELECT pg_sleep(30)::text AS x";
    let begun = std::time::Instant::now();
    let error = refused(table(&server.uri("postgres"), query, Duration::from_secs(1))).await;
    assert_eq!(error.code(), "source_too_slow", "{error}");
    assert!(!error.is_transient() && begun.elapsed() < Duration::from_secs(20));
}
