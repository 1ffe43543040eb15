//! Wake-ups between processes, and what happens without them.

use std::time::{Duration, Instant};

use orchestrix::store::{EventStore, GlobalPosition, ReadAll};
use sqlx::postgres::PgListener;

use crate::fixture::{
    PATIENCE, TestDatabase, append_one, append_to, in_database, raw_append, until,
};

async fn somebody_listens(database: &TestDatabase) -> bool {
    sqlx::query_scalar(
        "select exists (select from pg_stat_activity where datname = current_database() and query like 'LISTEN%')",
    )
    .fetch_one(&mut database.session().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_second_process_is_woken() {
    in_database("a_second_process_is_woken", |database| async move {
        let (writer, reader) = (database.store().await, database.store().await);
        let mut changes = reader.changes();
        until("the reader listens", || somebody_listens(&database)).await;
        // The wake-up for what happened before it listened.
        changes.changed(PATIENCE).await;

        let position = append_one(&writer, "a").await;
        let start = Instant::now();
        changes.changed(PATIENCE * 2).await;
        assert!(start.elapsed() < PATIENCE, "not woken");
        assert_eq!(reader.head().await.unwrap(), position);
    })
    .await;
}

#[tokio::test]
async fn a_reader_listens_again_after_its_connection_was_lost() {
    in_database("a_reader_listens_again", |database| async move {
        let (writer, reader) = (database.store().await, database.store().await);
        let mut changes = reader.changes();
        until("the reader listens", || somebody_listens(&database)).await;
        changes.changed(PATIENCE).await;
        let lost: Vec<bool> = sqlx::query_scalar(
            "select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and query like 'LISTEN%'",
        )
        .fetch_all(&mut database.session().await)
        .await
        .unwrap();
        assert_eq!(lost, [true]);
        // Woken when it listens again, for it may have missed something.
        let start = Instant::now();
        changes.changed(PATIENCE * 2).await;
        append_one(&writer, "a").await;
        changes.changed(PATIENCE * 2).await;
        assert!(start.elapsed() < PATIENCE, "not woken");
    })
    .await;
}

#[tokio::test]
async fn events_that_nobody_was_told_of_are_found_by_looking() {
    in_database("events_that_nobody_was_told_of", |database| async move {
        let reader = database.store().await;
        let mut changes = reader.changes();
        let position = raw_append(&mut database.session().await, "silent").await;
        let start = Instant::now();
        loop {
            let page = reader
                .read_all(ReadAll::after(GlobalPosition::START))
                .await
                .unwrap();
            if page.scanned_to.get() >= position {
                assert_eq!(page.events.len(), 1);
                break;
            }
            assert!(start.elapsed() < PATIENCE);
            changes.changed(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn many_appends_are_told_of_in_few_notifications() {
    const APPENDS: usize = 300;
    in_database("many_appends_are_told_of", |database| async move {
        let store = database.store().await;
        let mut listener = PgListener::connect(&database.url).await.unwrap();
        listener.listen("orchestrix_orchestrix").await.unwrap();
        let start = Instant::now();
        for _ in 0..APPENDS / 30 {
            let batch = (0..30).map(|n| async move { (n, ()) });
            let mut appending = Vec::new();
            for one in batch {
                let store = store.clone();
                appending.push(tokio::spawn(async move {
                    let (n, ()) = one.await;
                    store
                        .append(vec![append_to(&n.to_string())])
                        .await
                        .remove(0)
                        .unwrap();
                }));
            }
            for append in appending {
                append.await.unwrap();
            }
        }
        let most = start.elapsed().as_millis() as usize / 5 + 2;
        let mut heard = 0;
        listener.recv().await.unwrap();
        heard += 1;
        while let Ok(notification) =
            tokio::time::timeout(Duration::from_millis(200), listener.recv()).await
        {
            notification.unwrap();
            heard += 1;
        }
        assert!(
            heard <= most,
            "{heard} notifications for {APPENDS} appends, at most {most} expected"
        );
    })
    .await;
}
