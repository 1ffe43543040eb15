//! A schema that the version before made, and processes of it that go on writing.

use orchestrix::store::{
    EventStore, ExpectedVersion, GlobalPosition, ReadAll, ReadStream, StreamVersion,
};

use crate::fixture::{
    TestDatabase, append_one, append_to, execute, in_database, raw_append, readable, stream,
};

/// The migrations of the version before.
const BEFORE: [&str; 7] = [
    include_str!("../../src/migrate/migrations/0001_events.sql"),
    include_str!("../../src/migrate/migrations/0002_checkpoints.sql"),
    include_str!("../../src/migrate/migrations/0003_documents.sql"),
    include_str!("../../src/migrate/migrations/0004_fence_tag.sql"),
    include_str!("../../src/migrate/migrations/0005_enter_fence.sql"),
    include_str!("../../src/migrate/migrations/0006_expectation_met.sql"),
    include_str!("../../src/migrate/migrations/0007_append_batch.sql"),
];

async fn as_before(database: &TestDatabase) {
    let mut session = database.session().await;
    let made = "create schema orchestrix;
                create table orchestrix.migrations (
                    number     integer     primary key,
                    name       text        not null,
                    applied_at timestamptz not null default now());
                insert into orchestrix.migrations (number, name) select n, 'before' from generate_series(1, 7) as n;";
    execute(&mut session, made).await;
    for migration in BEFORE {
        let migration = migration
            .replace("{schema}", "orchestrix")
            .replace("{schema_name}", "orchestrix");
        execute(&mut session, &migration).await;
    }
}

#[tokio::test]
async fn what_was_stored_before_is_read_and_written_to() {
    in_database("what_was_stored_before", |database| async move {
        as_before(&database).await;
        let mut old = database.session().await;
        for key in ["a", "a", "b"] {
            raw_append(&mut old, key).await;
        }
        let store = database.store().await;
        assert_eq!(readable(&store).await, [1, 2, 3]);
        assert_eq!(append_one(&store, "a").await, GlobalPosition::new(4));
        // The function of the version before still stores, and its events are read as all others.
        assert_eq!(raw_append(&mut old, "a").await, 5);
        let read = store
            .read_stream(ReadStream::forward(stream("a")))
            .await
            .unwrap();
        let versions: Vec<_> = read.iter().map(|event| event.version.get()).collect();
        assert_eq!(versions, [1, 2, 3, 4]);
        assert!(read.iter().all(|event| event.data.tags().is_empty()));
        let archived = store
            .archive_stream(&stream("a"), ExpectedVersion::Any)
            .await;
        assert_eq!(archived.unwrap(), StreamVersion::new(4));
        assert_eq!(readable(&store).await, [1, 2, 3, 4, 5]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_of_the_version_before_write_while_the_schema_is_migrated() {
    const WRITERS: usize = 3;
    const EVENTS: usize = 60;
    in_database("processes_of_the_version_before", |database| async move {
        as_before(&database).await;
        let writing: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let database = database.clone();
                tokio::spawn(async move {
                    let mut old = database.session().await;
                    for _ in 0..EVENTS {
                        raw_append(&mut old, &writer.to_string()).await;
                    }
                })
            })
            .collect();
        let store = database.store().await;
        let outcomes = store
            .append(
                (0..EVENTS)
                    .map(|n| append_to(&(n % WRITERS).to_string()))
                    .collect(),
            )
            .await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        for writer in writing {
            writer.await.unwrap();
        }
        let page = store
            .read_all(ReadAll::after(GlobalPosition::START))
            .await
            .unwrap();
        assert_eq!(page.events.len(), (WRITERS + 1) * EVENTS);
        for writer in 0..WRITERS {
            let stream = ReadStream::forward(stream(&writer.to_string()));
            let read = store.read_stream(stream).await.unwrap();
            let versions: Vec<_> = read.iter().map(|event| event.version.get()).collect();
            let expected = EVENTS + EVENTS / WRITERS;
            assert_eq!(versions, (1..=expected as u64).collect::<Vec<_>>());
        }
    })
    .await;
}
