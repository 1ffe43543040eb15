//! A log in partitions: what it holds, what it does, and which partitions are read.

use std::sync::Arc;

use async_trait::async_trait;
use orchestrix::error::{BoxError, chain};
use orchestrix::store::{
    Append, Backend, EventStore, ExpectedVersion, Filter, GlobalPosition, ReadAll, ReadStream,
    StreamId, TenantId,
};
use orchestrix::testkit::conformance::{BEHAVIOURS, Capabilities, StoreUnderTest};
use orchestrix_postgres::{Partitioning, PostgresError, PostgresOptions, PostgresStore};
use sqlx::{Connection, PgConnection};
use tokio::sync::OnceCell;

use crate::fixture::{
    TestDatabase, append_one, event, execute, in_database, raw_append, readable, stream, until,
    waiting_for_locks,
};

const EIGHT: Partitioning = Partitioning::ByTenant { partitions: 8 };

fn of_tenant(tenant: &str, key: &str) -> StreamId {
    stream(key).with_tenant(TenantId::new(tenant).unwrap())
}

async fn append(store: &PostgresStore, stream: StreamId) -> GlobalPosition {
    let append = Append::new(stream, ExpectedVersion::Any, vec![event(), event()]);
    store.append(vec![append]).await.remove(0).unwrap().position
}

async fn partition(database: &TestDatabase, partitions: u16) -> Result<(), PostgresError> {
    let owner = PostgresOptions::new(&database.url);
    PostgresStore::partition_events(&owner, Partitioning::ByTenant { partitions }).await
}

async fn answer<T>(session: &mut PgConnection, question: &'static str) -> T
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    sqlx::query_scalar(question)
        .fetch_one(session)
        .await
        .unwrap()
}

/// What the store holds, as it tells it.
async fn whole_log(store: &PostgresStore) -> String {
    let page = store.read_all(ReadAll::after(GlobalPosition::START)).await;
    format!("{:?}", page.unwrap().events)
}

#[tokio::test]
async fn a_log_that_is_divided_goes_on_as_it_was() {
    in_database("a_log_that_is_divided_goes_on", |database| async move {
        let store = database.store().await;
        for n in 0..40 {
            append(&store, of_tenant(&format!("tenant{}", n % 10), "a")).await;
        }
        let before = whole_log(&store).await;
        partition(&database, 8).await.unwrap();

        // A store that was open meanwhile goes on.
        assert_eq!(whole_log(&store).await, before);
        let mut session = database.session().await;
        let used: i64 = answer(
            &mut session,
            "select count(distinct tableoid) from orchestrix.events",
        )
        .await;
        assert!(used >= 4, "{used} partitions are used by ten tenants");
        assert_eq!(append(&store, of_tenant("tenant3", "a")).await.get(), 82);
        let again = database.store().await;
        assert_eq!(append(&again, of_tenant("new", "a")).await.get(), 84);
        assert_eq!(readable(&again).await, (1..=84).collect::<Vec<_>>());
        let read = ReadStream::forward(of_tenant("tenant3", "a"));
        let versions: Vec<_> = again.read_stream(read).await.unwrap();
        let versions: Vec<_> = versions.iter().map(|event| event.version.get()).collect();
        assert_eq!(versions, (1..=10).collect::<Vec<_>>());
        assert!(again.health().await.settings.iter().any(|setting| {
            setting.name == "events_position_seq" && setting.holds
        }));

        // Done again it does nothing, and what is not so is refused.
        let table: i32 = answer(&mut session, "select 'orchestrix.events'::regclass::oid::int4").await;
        partition(&database, 8).await.unwrap();
        let same: i32 = answer(&mut session, "select 'orchestrix.events'::regclass::oid::int4").await;
        assert_eq!(same, table);
        for wanted in [4, 0, 1025] {
            let error = partition(&database, wanted).await.unwrap_err();
            assert!(
                matches!(&error, PostgresError::Partitions { wanted: w, found: 8, .. } if *w == wanted),
                "{error:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn an_empty_log_can_be_divided_too() {
    in_database("an_empty_log_can_be_divided_too", |database| async move {
        database.store().await;
        partition(&database, 2).await.unwrap();
        let store = database.store().await;
        assert_eq!(append_one(&store, "a").await.get(), 1);
        assert_eq!(readable(&store).await, [1]);
    })
    .await;
}

#[tokio::test]
async fn what_must_be_unique_stays_so() {
    in_database("what_must_be_unique_stays_so", |database| async move {
        database.store().await;
        let constraints = "select string_agg(conname || ' ' || pg_get_constraintdef(oid), E'\\n' order by conname)
                             from pg_constraint where conrelid = 'orchestrix.events'::regclass and contype in ('u', 'c')";
        let mut session = database.session().await;
        let before: String = answer(&mut session, constraints).await;
        partition(&database, 4).await.unwrap();
        let after: String = answer(&mut session, constraints).await;
        assert_eq!(after, before.replace(" NOT VALID", ""));
        for unique in [
            "events_event_id UNIQUE (tenant, event_id)",
            "events_stream_version UNIQUE (tenant, stream, version)",
        ] {
            assert!(after.contains(unique), "{after}");
        }
        let key: String = answer(
            &mut session,
            "select pg_get_constraintdef(oid) from pg_constraint
              where conrelid = 'orchestrix.events'::regclass and contype = 'p'",
        )
        .await;
        assert_eq!(key, "PRIMARY KEY (\"position\", tenant)");
    })
    .await;
}

#[tokio::test]
async fn what_was_added_to_the_table_is_kept_or_refused() {
    in_database("what_was_added_to_the_table", |database| async move {
        append_one(&database.store().await, "a").await;
        let mut session = database.session().await;
        let reader = format!("{}_r", database.name);
        execute(&mut session, &format!("create role {reader}")).await;
        execute(
            &mut session,
            &format!(
                "create index my_types on orchestrix.events (event_type);
                 grant select, insert on orchestrix.events to {reader};
                 create function f() returns trigger language plpgsql as 'begin return new; end';
                 create trigger mine before insert on orchestrix.events for each row execute function f();"
            ),
        )
        .await;
        let error = partition(&database, 2).await.unwrap_err();
        assert!(chain(&error).contains("triggers"), "{}", chain(&error));
        let kind: String = answer(
            &mut session,
            "select relkind::text from pg_class where oid = 'orchestrix.events'::regclass",
        )
        .await;
        assert_eq!(kind, "r");

        execute(&mut session, "drop trigger mine on orchestrix.events").await;
        partition(&database, 2).await.unwrap();
        let kept: bool = sqlx::query_scalar(
            "select has_table_privilege($1, 'orchestrix.events', 'select, insert')
                    and has_sequence_privilege($1, 'orchestrix.events_position_seq', 'usage')
                    and to_regclass('orchestrix.my_types') is not null",
        )
        .bind(&reader)
        .fetch_one(&mut session)
        .await
        .unwrap();
        execute(&mut session, &format!("drop owned by {reader}; drop role {reader}")).await;
        assert!(kept);
    })
    .await;
}

#[tokio::test]
async fn a_schema_that_is_not_up_to_date_is_refused() {
    in_database("a_schema_that_is_not_up_to_date", |database| async move {
        let error = partition(&database, 2).await.unwrap_err();
        assert!(
            matches!(error, PostgresError::SchemaOutdated { found: 0, .. }),
            "{error:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn writers_and_readers_wait_for_it_and_lose_nothing() {
    in_database("writers_and_readers_wait_for_it", |database| async move {
        let store = database.store().await;
        append_one(&store, "a").await;
        // Somebody is at work when it begins, and others come while it waits for him.
        let mut session = database.session().await;
        let mut open = session.begin().await.unwrap();
        raw_append(&mut open, "open").await;
        let dividing = tokio::spawn({
            let database = database.clone();
            async move { partition(&database, 4).await }
        });
        // A reader of the store may wait behind it already.
        until("it waits for who is at work", || async {
            waiting_for_locks(&database).await >= 1
        })
        .await;
        let appending: Vec<_> = (0..5)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move { append_one(&store, &format!("late {n}")).await })
            })
            .collect();
        until("the others wait for it", || async {
            waiting_for_locks(&database).await >= 3
        })
        .await;
        open.commit().await.unwrap();
        dividing.await.unwrap().unwrap();
        for appended in appending {
            appended.await.unwrap();
        }
        assert_eq!(readable(&store).await.len(), 7);
        assert_eq!(readable(&database.store().await).await.len(), 7);
        let kind: String = answer(
            &mut session,
            "select relkind::text from pg_class where oid = 'orchestrix.events'::regclass",
        )
        .await;
        assert_eq!(kind, "p");
    })
    .await;
}

#[tokio::test]
async fn of_one_tenant_one_partition_is_read() {
    in_database("of_one_tenant_one_partition_is_read", |database| async move {
        let store = database.store().await;
        append(&store, of_tenant("acme", "a")).await;
        partition(&database, 8).await.unwrap();
        let mut session = database.session().await;
        for condition in [
            "stream = 'thing-a' and version between 1 and 9",
            "event_id = gen_random_uuid()",
            "position > 0",
        ] {
            let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
                "explain (costs off) select * from orchestrix.events where tenant = 'acme' and {condition}"
            )))
            .fetch_all(&mut session)
            .await
            .unwrap();
            let plan = plan.join("\n");
            assert_eq!(plan.matches("on events_p").count(), 1, "{plan}");
        }
        let filter = Filter::default().tenant(TenantId::new("acme").unwrap());
        let read = ReadAll::after(GlobalPosition::START).filter(filter);
        assert_eq!(store.read_all(read).await.unwrap().events.len(), 2);
    })
    .await;
}

/// A database whose log is divided before a behaviour sees it.
struct Divided {
    database: TestDatabase,
    is_divided: OnceCell<()>,
}

#[async_trait]
impl StoreUnderTest for Divided {
    fn capabilities(&self) -> Capabilities {
        Capabilities::all()
    }

    async fn open(&self) -> Result<Arc<dyn Backend>, BoxError> {
        let store = PostgresStore::connect(&self.database.url).await?;
        let owner = PostgresOptions::new(&self.database.url).with_max_connections(1);
        self.is_divided
            .get_or_try_init(|| PostgresStore::partition_events(&owner, EIGHT))
            .await?;
        Ok(Arc::new(store))
    }
}

/// Runs the behaviours of some areas, each on a database of its own.
async fn conforms(test: &'static str, areas: &'static [&'static str]) {
    let mut checked = 0;
    for behaviour in BEHAVIOURS {
        if !areas.contains(&behaviour.area) {
            continue;
        }
        checked += 1;
        in_database(test, |database| async move {
            let subject = Divided {
                database,
                is_divided: OnceCell::new(),
            };
            if let Err(violation) = behaviour.check(&subject).await {
                panic!("{behaviour:?}: {violation}");
            }
            assert!(subject.is_divided.initialized());
        })
        .await;
    }
    assert!(checked >= areas.len(), "{checked} behaviours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_divided_log_appends_as_any_other() {
    conforms(
        "a_divided_log_appends",
        &["append", "expectations", "repeats"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_divided_log_reads_as_any_other() {
    conforms(
        "a_divided_log_reads",
        &["read_stream", "read_all", "filters", "tailing"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_divided_log_bears_many_writers_as_any_other() {
    conforms("a_divided_log_bears_many_writers", &["concurrency"]).await;
}
