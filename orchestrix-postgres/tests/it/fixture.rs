//! A database for each test, and what tests say to it.

use std::time::{Duration, Instant};

use orchestrix::store::{
    Append, EventData, EventStore, ExpectedVersion, GlobalPosition, Payload, ReadAll, StreamId,
};
use orchestrix::testkit::proxy::Proxy;
use orchestrix_postgres::PostgresStore;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use test_servers::{postgres_url, require_or_skip};
use uuid::Uuid;

/// How long a condition may take that is bound to come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A database of the test's own, on the shared server.
#[derive(Debug, Clone)]
pub(crate) struct TestDatabase {
    pub(crate) name: String,
    pub(crate) url: String,
    server: String,
}

impl TestDatabase {
    pub(crate) async fn create(server: &str, test: &str) -> Self {
        Self::create_with("", server, test).await
    }

    async fn create_with(settings: &str, server: &str, test: &str) -> Self {
        let suffix = Uuid::now_v7().simple().to_string();
        let name = format!("{}_{}", &test[..test.len().min(50)], &suffix[24..]);
        let mut admin = PgConnection::connect(server).await.unwrap();
        execute(&mut admin, &format!("create database {name} {settings}")).await;
        Self {
            url: with_database_name(server, &name),
            name,
            server: server.to_owned(),
        }
    }

    /// A way to it that can be broken, and its URL.
    pub(crate) async fn behind_proxy(&self) -> (Proxy, String) {
        let (user, target) = self.url.rsplit_once('@').unwrap();
        let (server, database) = target.split_once('/').unwrap();
        let proxy = Proxy::start(server).await.unwrap();
        let url = format!("{user}@{}/{database}", proxy.address());
        (proxy, url)
    }

    pub(crate) async fn drop(self) {
        let mut admin = PgConnection::connect(&self.server).await.unwrap();
        execute(
            &mut admin,
            &format!("drop database if exists {} with (force)", self.name),
        )
        .await;
    }

    pub(crate) async fn store(&self) -> PostgresStore {
        PostgresStore::connect(&self.url).await.unwrap()
    }

    /// A session beside the store's.
    pub(crate) async fn session(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }
}

fn with_database_name(server: &str, name: &str) -> String {
    let (address, query) = server.split_once('?').unwrap_or((server, ""));
    let (authority, _database) = address.rsplit_once('/').unwrap();
    match query {
        "" => format!("{authority}/{name}"),
        query => format!("{authority}/{name}?{query}"),
    }
}

/// Runs a test in a database of its own, which goes away also when the test fails.
pub(crate) async fn in_database<F>(test: &str, body: impl FnOnce(TestDatabase) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    in_database_with("", test, body).await;
}

/// Like [`in_database`], in one that is created with these settings.
pub(crate) async fn in_database_with<F>(
    settings: &str,
    test: &str,
    body: impl FnOnce(TestDatabase) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let Some(server) = require_or_skip(test, postgres_url()) else {
        return;
    };
    let database = TestDatabase::create_with(settings, &server, test).await;
    let ended = tokio::spawn(body(database.clone())).await;
    database.drop().await;
    if let Err(failure) = ended {
        std::panic::resume_unwind(failure.into_panic());
    }
}

pub(crate) async fn execute(session: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(session)
        .await
        .unwrap();
}

pub(crate) fn event() -> EventData {
    EventData::new("Happened", 1, Payload::from_json_text("{}").unwrap())
}

pub(crate) fn stream(key: &str) -> StreamId {
    StreamId::new("thing", key).unwrap()
}

/// One event for a stream, whatever its version.
pub(crate) fn append_to(key: &str) -> Append {
    Append::new(stream(key), ExpectedVersion::Any, vec![event()])
}

pub(crate) async fn append_one(store: &PostgresStore, key: &str) -> GlobalPosition {
    let outcome = store.append(vec![append_to(key)]).await.remove(0);
    outcome.unwrap().position
}

/// Appends one event as the store does, in whatever transaction the session is in, and tells no reader of it.
pub(crate) async fn raw_append(session: &mut PgConnection, key: &str) -> u64 {
    let positions: Vec<i64> = sqlx::query_scalar(
        "select positions from orchestrix.append_batch(
             '{1}', '{-1}', '{1}', '{1}', '{1}', '{default}', array[$1], array[gen_random_uuid()], '{Happened}', '{1}',
             array[now()], '{\"{}\"}', '{\"{}\"}')",
    )
    .bind(format!("thing-{key}"))
    .fetch_one(session)
    .await
    .unwrap();
    positions[0] as u64
}

/// All positions that a reader gets who starts at the beginning and goes on to the head.
pub(crate) async fn readable(store: &PostgresStore) -> Vec<u64> {
    let mut after = GlobalPosition::START;
    let mut positions = Vec::new();
    loop {
        let page = store.read_all(ReadAll::after(after)).await.unwrap();
        positions.extend(page.events.iter().map(|event| event.position.get()));
        after = page.scanned_to;
        if page.at_head {
            return positions;
        }
    }
}

/// How many sessions wait for a lock.
pub(crate) async fn waiting_for_locks(database: &TestDatabase) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    .fetch_one(&mut database.session().await)
    .await
    .unwrap()
}

/// Tries again until the condition holds.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < PATIENCE, "waited too long until {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
