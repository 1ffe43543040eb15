//! The server as a second wall between tenants: what a role that owns nothing can reach.

use jiff::Timestamp;
use orchestrix::error::chain;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, Backend, CheckpointMove, DeadLetter, DocumentWrite, EventStore, ExpectedVersion,
    Filter, GlobalPosition, IdempotencyKey, Payload, ProgressMove, ReadAll, ReadModelCommit,
    ReadModelStore, ReadStream, ScheduleId, ScheduleStore, Scheduled, StreamId, StreamVersion, Tag,
    TenantId,
};
use orchestrix_postgres::{Partitioning, PostgresError, PostgresOptions, PostgresStore};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::fixture::{TestDatabase, event, execute, in_database, readable, stream, until};

/// The tables whose rows belong to tenants.
const TABLES: [&str; 10] = [
    "archived_events",
    "archived_streams",
    "dead_letters",
    "document_indexes",
    "documents",
    "event_tags",
    "events",
    "idempotency_keys",
    "schedules",
    "stream_progress",
];

fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

fn stream_of(name: &str, key: &str) -> StreamId {
    stream(key).with_tenant(tenant(name))
}

/// A role of this database's own, which owns nothing and can log in.
pub(crate) struct Role {
    pub(crate) name: String,
    url: String,
}

impl Role {
    async fn create(database: &TestDatabase) -> Self {
        let name = format!("{}_app", database.name);
        let mut session = database.session().await;
        execute(
            &mut session,
            &format!("create role {name} login password 'app'"),
        )
        .await;
        let (_, target) = database.url.rsplit_once('@').unwrap();
        Self {
            url: format!("postgres://{name}:app@{target}"),
            name,
        }
    }

    fn options(&self) -> PostgresOptions {
        PostgresOptions::new(&self.url).with_row_level_security()
    }

    pub(crate) async fn store(&self) -> PostgresStore {
        PostgresStore::connect_with(self.options()).await.unwrap()
    }

    async fn session(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }
}

/// Runs a test with a role, which goes away with the database's objects that it may use.
pub(crate) async fn as_role<F>(
    test: &'static str,
    body: impl FnOnce(TestDatabase, Role) -> F + Send + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    in_database(test, async move |database: TestDatabase| {
        let role = Role::create(&database).await;
        let name = role.name.clone();
        let ended = tokio::spawn(body(database.clone(), role)).await;
        let mut session = database.session().await;
        execute(
            &mut session,
            &format!(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = '{name}';
                 drop owned by {name}; drop role {name}"
            ),
        )
        .await;
        if let Err(failure) = ended {
            std::panic::resume_unwind(failure.into_panic());
        }
    })
    .await;
}

pub(crate) async fn secure(database: &TestDatabase, role: &Role) {
    let owner = PostgresOptions::new(&database.url);
    PostgresStore::enable_row_level_security(&owner)
        .await
        .unwrap();
    PostgresStore::grant_to(&owner, &role.name).await.unwrap();
}

/// Leaves a row of each tenant in each table.
async fn fill(store: &PostgresStore) {
    for name in ["a", "b"] {
        let tag = Tag::new("colour:red").unwrap();
        let tagged = event().with_tags([tag]);
        let append = Append::new(
            stream_of(name, "live"),
            ExpectedVersion::NoStream,
            vec![tagged],
        )
        .and(
            stream_of(name, "old"),
            ExpectedVersion::NoStream,
            vec![event()],
        )
        .with_idempotency_key(IdempotencyKey::new("request").unwrap());
        store.append(vec![append]).await.remove(0).unwrap();
        store
            .archive_stream(&stream_of(name, "old"), ExpectedVersion::Any)
            .await
            .unwrap();
    }
    let write = |name| DocumentWrite {
        tenant: tenant(name),
        key: "document".to_owned(),
        body: Some(Payload::from_json_text("{}").unwrap()),
        index_values: vec![vec![1]],
    };
    let letter = |position, name| DeadLetter {
        subscription: "model".to_owned(),
        position: GlobalPosition::new(position),
        stream: stream_of(name, "live"),
        version: StreamVersion::FIRST,
        event_id: MessageId::new(),
        event_type: "Happened".to_owned(),
        attempts: 1,
        error: Some("out of paper".to_owned()),
        parked_at: Timestamp::UNIX_EPOCH,
        failed_at: None,
        request: None,
    };
    let moved = |name| ProgressMove {
        stream: stream_of(name, "live"),
        from: StreamVersion::NONE,
        to: StreamVersion::FIRST,
    };
    let mut checkpoint =
        CheckpointMove::new("model", GlobalPosition::START, GlobalPosition::new(4));
    checkpoint.parked = vec![letter(1, "a"), letter(3, "b")];
    let commit = ReadModelCommit {
        progress: vec![moved("a"), moved("b")],
        checkpoint,
        collection: "things".to_owned(),
        indexes: vec!["colour".to_owned()],
        writes: vec![write("a"), write("b")],
    };
    store.commit(commit).await.unwrap();
    for name in ["a", "b"] {
        let id = ScheduleId::new("reminder").unwrap();
        let body = Payload::from_json_text("{}").unwrap();
        let remind = Scheduled::new(
            tenant(name),
            id,
            Timestamp::UNIX_EPOCH,
            "command",
            "Remind",
            body,
        );
        store.schedule(remind).await.unwrap();
    }
}

/// Of which tenants the session sees rows in a table.
async fn seen(session: &mut PgConnection, table: &str) -> Vec<String> {
    let question = format!("select distinct tenant from orchestrix.{table} order by 1");
    sqlx::query_scalar(AssertSqlSafe(question))
        .fetch_all(session)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_store_of_a_role_that_owns_nothing_works() {
    as_role("a_store_of_a_role_that_owns", async |database, role| {
        secure(&database, &role).await;
        let store = role.store().await;
        fill(&store).await;
        assert_eq!(readable(&store).await, [1, 2, 3, 4]);
        for name in ["a", "b"] {
            let filter = Filter::all().tenant(tenant(name));
            let read = ReadAll::after(GlobalPosition::START).filter(filter);
            let page = store.read_all(read).await.unwrap();
            assert_eq!(page.events.len(), 2);
            let live = ReadStream::forward(stream_of(name, "live"));
            let live = store.read_stream(live).await.unwrap();
            assert_eq!(live.len(), 1);
            let found = store.find_event(&tenant(name), live[0].event_id()).await;
            assert_eq!(found.unwrap(), Some(live[0].clone()));
            let old = ReadStream::forward(stream_of(name, "old")).with_archived();
            assert_eq!(store.read_stream(old).await.unwrap().len(), 1);
            let documents = store.scan("things", &tenant(name), None, 9).await;
            assert_eq!(documents.unwrap().len(), 1);
        }
        // An append over tenants is for both of them.
        let both = Append::new(stream_of("a", "x"), ExpectedVersion::Any, vec![event()]).and(
            stream_of("b", "x"),
            ExpectedVersion::Any,
            vec![event()],
        );
        store.append(vec![both]).await.remove(0).unwrap();
        assert_eq!(readable(&store).await.len(), 6);
        assert!(store.health().await.round_trip.is_ok());
        store.close().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn without_the_setting_no_row_of_any_table_is_seen() {
    as_role("without_the_setting_no_row", async |database, role| {
        secure(&database, &role).await;
        fill(&role.store().await).await;
        let mut sessions = [role.session().await, role.session().await];
        // One in which it was never set, and one in which it was reset.
        execute(
            &mut sessions[1],
            "begin; select set_config('orchestrix.tenants', 'a', true); commit",
        )
        .await;
        let reset: String = sqlx::query_scalar("select current_setting('orchestrix.tenants')")
            .fetch_one(&mut sessions[1])
            .await
            .unwrap();
        assert_eq!(reset, "");
        for session in &mut sessions {
            for table in TABLES {
                assert_eq!(seen(session, table).await, [""; 0], "{table}");
            }
        }
        // The tables are those that there are.
        let there: Vec<String> = sqlx::query_scalar(
            "select table_name::text from information_schema.columns
              where table_schema = 'orchestrix' and column_name = 'tenant' order by 1",
        )
        .fetch_all(&mut database.session().await)
        .await
        .unwrap();
        assert_eq!(there, TABLES);
    })
    .await;
}

#[tokio::test]
async fn a_tenants_transaction_reaches_no_other_tenants_rows() {
    as_role("a_tenants_transaction_reaches", async |database, role| {
        secure(&database, &role).await;
        fill(&role.store().await).await;
        let mut session = role.session().await;
        for table in TABLES {
            let mut open = session.begin().await.unwrap();
            execute(
                &mut open,
                "select set_config('orchestrix.tenants', 'a', true)",
            )
            .await;
            assert_eq!(seen(&mut open, table).await, ["a"], "{table}");
            open.rollback().await.unwrap();
        }
        let event_of = |tenant: &str| {
            format!(
                "insert into orchestrix.events (tenant, stream, version, event_id, event_type, schema_version, occurred_at,
                                                metadata, payload)
                 values ('{tenant}', 'thing-raw', 1, gen_random_uuid(), 'Happened', 1, now(), '{{}}', '{{}}')"
            )
        };
        for (statement, is_allowed) in [
            (event_of("a"), true),
            (event_of("b"), false),
            ("insert into orchestrix.documents values ('things', 'b', 'mine', '{}')".to_owned(), false),
            ("insert into orchestrix.idempotency_keys values ('b', 'mine', 1, '{}')".to_owned(), false),
            ("insert into orchestrix.event_tags values ('b', 'mine', 1, 'Happened')".to_owned(), false),
            (
                "insert into orchestrix.schedules
                 values ('b', 'mine', now(), now(), 'command', 'Remind', '{}', null, '{}', 0)"
                    .to_owned(),
                false,
            ),
            ("insert into orchestrix.archived_streams values ('b', 'mine', 1)".to_owned(), false),
            ("update orchestrix.documents set tenant = 'b'".to_owned(), false),
            ("update orchestrix.dead_letters set tenant = 'b'".to_owned(), false),
        ] {
            let mut open = session.begin().await.unwrap();
            execute(&mut open, "select set_config('orchestrix.tenants', 'a', true)").await;
            let done = sqlx::raw_sql(AssertSqlSafe(statement.as_str())).execute(&mut *open).await;
            match done {
                Ok(_) => assert!(is_allowed, "{statement}"),
                Err(error) => {
                    assert!(!is_allowed, "{statement}: {}", chain(&error));
                    assert!(chain(&error).contains("row-level security"), "{}", chain(&error));
                }
            }
            open.rollback().await.unwrap();
        }
        // What is changed where nothing is seen changes nothing.
        let mut open = session.begin().await.unwrap();
        execute(&mut open, "select set_config('orchestrix.tenants', 'a', true)").await;
        let deleted = sqlx::query("delete from orchestrix.documents where tenant = 'b'")
            .execute(&mut *open)
            .await
            .unwrap();
        assert_eq!(deleted.rows_affected(), 0);
    })
    .await;
}

#[tokio::test]
async fn the_setting_ends_with_the_call() {
    as_role("the_setting_ends_with_the_call", async |database, role| {
        secure(&database, &role).await;
        let one = role.options().with_max_connections(1);
        let store = PostgresStore::connect_with(one).await.unwrap();
        fill(&store).await;
        // Calls that end well, that are refused, and that nobody waits for any more; all on one connection.
        let refused = Append::new(
            stream_of("a", "live"),
            ExpectedVersion::NoStream,
            vec![event()],
        );
        assert!(store.append(vec![refused]).await.remove(0).is_err());
        for n in 0..20 {
            let reading = store.read_stream(ReadStream::forward(stream_of("a", "live")));
            let limit = std::time::Duration::from_micros(100 * n);
            let _ = tokio::time::timeout(limit, reading).await;
        }
        until("no transaction of ours is left open", || async {
            let open: i64 = sqlx::query_scalar(
                "select count(*) from pg_stat_activity where usename = $1 and state like 'idle in transaction%'",
            )
            .bind(&role.name)
            .fetch_one(&mut database.session().await)
            .await
            .unwrap();
            open == 0
        })
        .await;
        let page = store.read_all(ReadAll::after(GlobalPosition::START)).await;
        assert_eq!(page.unwrap().events.len(), 4);
        let other = ReadStream::forward(stream_of("b", "live"));
        assert_eq!(store.read_stream(other).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_would_only_seem_protected_is_refused() {
    as_role("what_would_only_seem_protected", async |database, role| {
        database.store().await;
        let owner = PostgresOptions::new(&database.url);
        PostgresStore::grant_to(&owner, &role.name).await.unwrap();

        // The role of tests is a superuser.
        let error = PostgresStore::connect_with(owner.clone().with_row_level_security())
            .await
            .unwrap_err();
        assert!(
            matches!(error, PostgresError::RowSecurityBypassed { .. }),
            "{error:?}"
        );
        let missing = async || match PostgresStore::connect_with(role.options()).await {
            Err(PostgresError::RowSecurityMissing { tables }) => tables,
            other => panic!("{other:?}"),
        };
        assert_eq!(missing().await, TABLES);
        PostgresStore::enable_row_level_security(&owner).await.unwrap();
        PostgresStore::enable_row_level_security(&owner).await.unwrap();
        role.store().await;

        let mut session = database.session().await;
        for (weaken, table) in [
            ("alter table orchestrix.events no force row level security", "events"),
            ("alter table orchestrix.event_tags disable row level security", "event_tags"),
            ("drop policy orchestrix_tenants on orchestrix.documents", "documents"),
            (
                "create policy more on orchestrix.idempotency_keys using (true)",
                "idempotency_keys",
            ),
            (
                "alter policy orchestrix_tenants on orchestrix.archived_events using (true)",
                "archived_events",
            ),
        ] {
            execute(&mut session, weaken).await;
            assert_eq!(missing().await, [table], "{weaken}");
            execute(
                &mut session,
                "drop policy if exists more on orchestrix.idempotency_keys",
            )
            .await;
            PostgresStore::enable_row_level_security(&owner).await.unwrap();
            role.store().await;
        }
        execute(&mut session, &format!("alter role {} bypassrls", role.name)).await;
        let error = PostgresStore::connect_with(role.options()).await.unwrap_err();
        assert!(
            matches!(&error, PostgresError::RowSecurityBypassed { role: found } if *found == role.name),
            "{error:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_divided_log_keeps_tenants_apart_too() {
    as_role("a_divided_log_keeps_tenants_apart", async |database, role| {
        secure(&database, &role).await;
        fill(&role.store().await).await;
        let owner = PostgresOptions::new(&database.url);
        PostgresStore::partition_events(&owner, Partitioning::ByTenant { partitions: 3 })
            .await
            .unwrap();
        let store = role.store().await;
        assert_eq!(readable(&store).await, [1, 2, 3, 4]);
        let append = Append::new(stream_of("a", "x"), ExpectedVersion::Any, vec![event()]);
        store.append(vec![append]).await.remove(0).unwrap();
        let mut session = role.session().await;
        assert_eq!(seen(&mut session, "events").await, [""; 0]);
        // Nor may it go past the policies of the whole table by the partitions.
        let direct = sqlx::query("select from orchestrix.events_p0")
            .execute(&mut session)
            .await
            .unwrap_err();
        assert!(chain(&direct).contains("permission denied"), "{direct:?}");
        let open: i64 = sqlx::query_scalar(
            "select count(*) from pg_class
              where relname like 'events_p_' and relkind = 'r' and not (relrowsecurity and relforcerowsecurity)",
        )
        .fetch_one(&mut database.session().await)
        .await
        .unwrap();
        assert_eq!(open, 0);
    })
    .await;
}
