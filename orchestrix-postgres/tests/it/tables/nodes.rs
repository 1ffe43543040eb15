//! Several apps on one database.

use orchestrix::store::{
    BeginTransaction, CheckpointError, CheckpointMove, CheckpointPlace, EndTransaction,
    GlobalPosition, ReadModelError, StoreTransaction, TransactionalStore,
};

use super::shelf::{SHELF, parking, sell, shelf, shop};
use crate::fixture::{PATIENCE, execute, in_database, until};

#[tokio::test(flavor = "multi_thread")]
async fn two_apps_on_one_database_write_each_event_once() {
    in_database("tables_two_apps", async |database| {
        let (first, second) = (database.store().await, database.store().await);
        let apps = [
            shop(first.clone(), parking()).await,
            shop(second.clone(), parking()).await,
        ];
        let mut end = GlobalPosition::START;
        for round in 0..40 {
            let store = if round % 2 == 0 { &first } else { &second };
            end = sell(store, &[("Emma", 1), ("Sanditon", 2)]).await;
        }
        for app in &apps {
            app.caught_up(end, PATIENCE).await.unwrap();
        }
        let sold = vec![("Emma".to_owned(), 40), ("Sanditon".to_owned(), 80)];
        assert_eq!(shelf(&database).await, (sold, 80));
        // The other one goes on where this one stops.
        let [first_app, second_app] = apps;
        first_app.shutdown().await.unwrap();
        let end = sell(&second, &[("Emma", 1)]).await;
        second_app.caught_up(end, PATIENCE).await.unwrap();
        assert_eq!(shelf(&database).await.1, 81);
        second_app.shutdown().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_subscription_has_one_transaction_and_who_is_late_is_refused() {
    in_database("tables_late", async |database| {
        let store = database.store().await;
        let start = || {
            BeginTransaction::new(SHELF, PATIENCE).at(CheckpointPlace {
                build: 0,
                position: GlobalPosition::START,
                fence: None,
            })
        };
        let mut first = store.begin(start()).await.unwrap();
        sqlx::query("create table own (a int)")
            .execute(&mut *first)
            .await
            .unwrap();
        let second = tokio::spawn({
            let store = store.clone();
            async move { store.begin(start()).await.map(drop) }
        });
        let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted";
        let mut session = database.session().await;
        until("the second one waits", async || {
            let count = sqlx::query_scalar::<_, i64>(waiting);
            count.fetch_one(&mut database.session().await).await.unwrap() == 1
        })
        .await;
        let moved = CheckpointMove::new(SHELF, GlobalPosition::START, GlobalPosition::new(7));
        first.commit(EndTransaction::Move(moved)).await.unwrap();
        let refused = second.await.unwrap().expect_err("it is late");
        assert!(
            matches!(
                &refused,
                ReadModelError::Checkpoint(CheckpointError::Moved { actual, .. }) if actual.get() == 7
            ),
            "{refused:?}"
        );
        // What was moved meanwhile by one who takes no turn is told at the commit, and nothing stays.
        let place = CheckpointPlace {
            build: 0,
            position: GlobalPosition::new(7),
            fence: None,
        };
        let begin = BeginTransaction::new(SHELF, PATIENCE).at(place);
        let mut late = store.begin(begin).await.unwrap();
        sqlx::query("create table other (a int)")
            .execute(&mut *late)
            .await
            .unwrap();
        execute(&mut session, "update orchestrix.checkpoints set position = 8").await;
        let moved = CheckpointMove::new(SHELF, GlobalPosition::new(7), GlobalPosition::new(9));
        let refused = late.commit(EndTransaction::Move(moved)).await;
        assert!(
            matches!(
                &refused,
                Err(ReadModelError::Checkpoint(CheckpointError::Moved { .. }))
            ),
            "{refused:?}"
        );
        let tables = "select to_regclass('own') is not null, to_regclass('other') is null";
        let made: (bool, bool) = sqlx::query_as(tables)
            .fetch_one(&mut session)
            .await
            .unwrap();
        assert_eq!(made, (true, true));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_nobody_ends_is_ended_at_its_limit() {
    in_database("tables_forgotten", async |database| {
        let store = database.store().await;
        let begin = || BeginTransaction::new(SHELF, std::time::Duration::from_secs(1));
        let forgotten = store.begin(begin()).await.unwrap();
        // Waits for its turn until then.
        let next = store.begin(begin()).await.unwrap();
        next.roll_back().await.unwrap();
        let lost = forgotten.commit(EndTransaction::Stay).await;
        assert!(
            matches!(&lost, Err(ReadModelError::Unavailable { .. })),
            "{lost:?}"
        );
    })
    .await;
}
