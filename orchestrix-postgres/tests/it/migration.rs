//! Schemas are made once, brought up to date, and left alone when they are from the future.

use std::time::Duration;

use orchestrix_postgres::{PostgresError, PostgresOptions, PostgresStore};
use sqlx::{Connection, PgConnection};

use crate::fixture::{append_one, execute, in_database, in_database_with, readable, until};

async fn applied(session: &mut PgConnection) -> Vec<i32> {
    sqlx::query_scalar("select number from orchestrix.migrations order by number")
        .fetch_all(session)
        .await
        .unwrap()
}

#[tokio::test]
async fn opening_again_changes_nothing_and_keeps_everything() {
    in_database("opening_again_changes_nothing", |database| async move {
        let position = append_one(&database.store().await, "a").await;
        let before = applied(&mut database.session().await).await;
        assert!(before.len() > 1);
        assert_eq!(readable(&database.store().await).await, [position.get()]);
        assert_eq!(applied(&mut database.session().await).await, before);
    })
    .await;
}

#[tokio::test]
async fn many_nodes_may_open_a_new_database_at_once() {
    in_database("many_nodes_may_open", |database| async move {
        let opening: Vec<_> = (0..8)
            .map(|_| tokio::spawn(PostgresStore::connect(database.url.clone())))
            .collect();
        for opened in opening {
            append_one(&opened.await.unwrap().unwrap(), "a").await;
        }
        let migrations = applied(&mut database.session().await).await;
        assert!(migrations.is_sorted_by(|a, b| a < b), "{migrations:?}");
    })
    .await;
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused() {
    in_database("a_schema_from_the_future", |database| async move {
        database.store().await;
        let mut session = database.session().await;
        let known = *applied(&mut session).await.last().unwrap();
        execute(
            &mut session,
            "insert into orchestrix.migrations values (4711, 'later')",
        )
        .await;
        let error = PostgresStore::connect(&database.url).await.unwrap_err();
        match &error {
            PostgresError::SchemaTooNew {
                schema,
                found: 4711,
                known: at,
            } => assert_eq!((schema.as_str(), *at), ("orchestrix", known)),
            other => panic!("{other:?}"),
        }
        assert!(
            error
                .to_string()
                .contains("run a version of the application"),
            "{error}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_sequence_that_hands_out_ranges_is_refused() {
    in_database("a_sequence_that_hands_out_ranges", |database| async move {
        database.store().await;
        let mut session = database.session().await;
        execute(
            &mut session,
            "alter sequence orchestrix.events_position_seq cache 20",
        )
        .await;
        let error = PostgresStore::connect(&database.url).await.unwrap_err();
        assert!(
            matches!(
                error,
                PostgresError::Sequence {
                    increment: 1,
                    cache: 20,
                    ..
                }
            ),
            "{error:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_failed_migration_leaves_nothing_behind_and_says_which_it_was() {
    in_database("a_failed_migration", |database| async move {
        let mut session = database.session().await;
        execute(
            &mut session,
            "create schema orchestrix; create table orchestrix.documents ()",
        )
        .await;
        let error = PostgresStore::connect(&database.url).await.unwrap_err();
        assert!(
            matches!(
                &error,
                PostgresError::Migration {
                    number: 3,
                    name: "0003_documents",
                    ..
                }
            ),
            "{error:?}"
        );
        let left: i64 =
            sqlx::query_scalar("select count(*) from pg_tables where schemaname = 'orchestrix'")
                .fetch_one(&mut session)
                .await
                .unwrap();
        assert_eq!(left, 1);
    })
    .await;
}

#[tokio::test]
async fn a_role_that_may_not_create_anything_can_use_what_is_there() {
    in_database("a_role_that_may_not_create", |database| async move {
        database.store().await;
        let mut session = database.session().await;
        let role = format!("role_of_{}", database.name);
        execute(
            &mut session,
            &format!(
                "create role {role} login password 'hunter2';
                 grant usage on schema orchestrix to {role};
                 grant select on orchestrix.migrations to {role};
                 grant select, insert on orchestrix.events, orchestrix.event_tags to {role};
                 grant select on orchestrix.archived_events, orchestrix.archived_streams to {role};
                 grant usage on sequence orchestrix.events_position_seq to {role};"
            ),
        )
        .await;
        let (_, address) = database.url.rsplit_once('@').unwrap();
        let store = PostgresStore::connect(format!("postgres://{role}:hunter2@{address}"))
            .await
            .unwrap();
        let position = append_one(&store, "a").await;
        assert_eq!(readable(&store).await, [position.get()]);
        drop(store);
        execute(
            &mut session,
            &format!("drop owned by {role}; drop role {role}"),
        )
        .await;
        session.close().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn stores_in_two_schemas_know_nothing_of_each_other() {
    in_database("stores_in_two_schemas", |database| async move {
        let open = |schema: &str| {
            PostgresStore::connect_with(PostgresOptions::new(&database.url).with_schema(schema))
        };
        let (one, two) = (open("one").await.unwrap(), open("_2").await.unwrap());
        append_one(&one, "a").await;
        append_one(&one, "a").await;
        append_one(&two, "a").await;
        assert_eq!(readable(&one).await, [1, 2]);
        assert_eq!(readable(&two).await, [1]);
    })
    .await;
}

#[tokio::test]
async fn schema_names_that_could_be_more_than_names_are_refused() {
    let too_long = "s".repeat(42);
    for name in [
        "",
        "Shop",
        "1st",
        "a-b",
        "a b",
        "a\"; drop schema public; --",
        "grün",
        "a\0",
        &too_long,
    ] {
        let options = PostgresOptions::new("postgres://nobody@127.0.0.1:1/none").with_schema(name);
        let error = PostgresStore::connect_with(options).await.unwrap_err();
        assert!(
            matches!(error, PostgresError::InvalidSchema { .. }),
            "{error:?} for {name:?}"
        );
    }
}

#[tokio::test]
async fn a_database_that_does_not_keep_text_as_utf8_is_refused() {
    in_database_with(
        "encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'",
        "a_database_that_does_not_keep",
        |database| async move {
            let error = PostgresStore::connect(&database.url).await.unwrap_err();
            let PostgresError::Encoding { found } = &error else {
                panic!("{error:?}");
            };
            assert_eq!(found, "SQL_ASCII");
            // Nothing was left behind in it.
            let made: bool = sqlx::query_scalar("select to_regnamespace('orchestrix') is not null")
                .fetch_one(&mut database.session().await)
                .await
                .unwrap();
            assert!(!made);
        },
    )
    .await;
}

#[tokio::test]
async fn migrations_may_take_longer_than_other_statements() {
    in_database("migrations_may_take_longer", |database| async move {
        let mut holder = database.session().await;
        let mut holder = holder.begin().await.unwrap();
        execute(
            &mut holder,
            "select pg_advisory_xact_lock(hashtextextended('orchestrix migrations orchestrix', 0))",
        )
        .await;
        let options = PostgresOptions::new(&database.url).with_statement_timeout(Duration::from_millis(200));
        let opening = tokio::spawn(PostgresStore::connect_with(options));
        until("it has waited for longer than that", || async {
            opening.is_finished()
                || sqlx::query_scalar(
                    "select exists (select from pg_stat_activity where datname = current_database()
                        and wait_event_type = 'Lock' and clock_timestamp() - query_start > interval '0.5 s')",
                )
                .fetch_one(&mut database.session().await)
                .await
                .unwrap()
        })
        .await;
        holder.commit().await.unwrap();
        append_one(&opening.await.unwrap().unwrap(), "a").await;
    })
    .await;
}
