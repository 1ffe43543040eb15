//! Several apps on one file, and apps on the wrong store.

use orchestrix::app::StartError;
use orchestrix::prelude::*;
use orchestrix::registry::Problem;
use orchestrix::store::{
    BeginTransaction, CheckpointError, CheckpointPlace, EndTransaction, GlobalPosition,
    ReadModelError, StoreTransaction, TransactionalStore,
};
use orchestrix_sqlite::SqliteStore;

use super::shelf::{Outcome, PATIENCE, SHELF, Shop, parking, sell, shelf, shop};
use crate::fixture::Place;

#[tokio::test(flavor = "multi_thread")]
async fn two_apps_on_one_file_write_each_event_once() -> Outcome {
    let place = Place::new();
    let (first, second) = (place.open().await, place.open().await);
    let apps = [
        shop(first.clone(), parking()).await?,
        shop(second.clone(), parking()).await?,
    ];
    let mut end = GlobalPosition::START;
    for round in 0..40 {
        let store = if round % 2 == 0 { &first } else { &second };
        end = sell(store, [("Emma", 1), ("Sanditon", 2)]).await?;
    }
    for app in &apps {
        app.caught_up(end, PATIENCE).await?;
    }
    let sold = vec![("Emma".to_owned(), 40), ("Sanditon".to_owned(), 80)];
    assert_eq!(shelf(&place)?, (sold.clone(), 80));
    // The other one goes on where this one stops.
    let [first_app, second_app] = apps;
    first_app.shutdown().await?;
    let end = sell(&second, [("Emma", 1)]).await?;
    second_app.caught_up(end, PATIENCE).await?;
    assert_eq!(shelf(&place)?.1, 81);
    Ok(second_app.shutdown().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_overtaken_is_refused_before_it_writes() -> Outcome {
    let place = Place::new();
    let store = place.open().await;
    let end = sell(&store, [("Emma", 1), ("Emma", 2)]).await?;
    let app = shop(store.clone(), parking()).await?;
    app.caught_up(end, PATIENCE).await?;
    app.shutdown().await?;
    // The page of before is delivered again by one who knows of nothing.
    let store = place.open().await;
    let late = CheckpointPlace {
        build: 0,
        position: GlobalPosition::START,
        fence: None,
    };
    let begin = BeginTransaction::new(SHELF, PATIENCE).at(late);
    let refused = store.begin(begin).await.expect_err("it is late");
    assert!(
        matches!(
            &refused,
            ReadModelError::Checkpoint(CheckpointError::Moved { actual, .. }) if *actual == end
        ),
        "{refused:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_nobody_ends_is_rolled_back_at_its_limit() -> Outcome {
    let place = Place::new();
    let store = place.open().await;
    let begin = BeginTransaction::new(SHELF, std::time::Duration::from_millis(50));
    let mut tx = store.begin(begin).await?;
    tx.execute("CREATE TABLE orphan (a)", ()).await?;
    // Whoever writes next waits for that.
    sell(&store, [("Emma", 1)]).await?;
    let error = tx.execute("CREATE TABLE other (a)", ()).await;
    assert!(error.is_err(), "{error:?}");
    let error = tx.commit(EndTransaction::Stay).await;
    assert!(
        matches!(&error, Err(ReadModelError::Unavailable { .. })),
        "{error:?}"
    );
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name IN ('orphan', 'other')";
    let count: i64 = place.stranger().query_row(tables, [], |row| row.get(0))?;
    assert_eq!(count, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_store_is_a_problem_at_the_start() -> Outcome {
    let app = Orchestrix::builder()
        .isolated()
        .store(MemoryStore::new())
        .delivery(SHELF, parking())
        .module(Shop);
    let error = app.start().await.expect_err("it is another store");
    let StartError::Problems { problems } = &error else {
        panic!("{error:?}");
    };
    let [problem @ Problem::WrongStore { used, wanted, .. }] = &problems.0[..] else {
        panic!("{problems:?}");
    };
    assert_eq!(*used, "memory");
    assert_eq!(*wanted, std::any::type_name::<SqliteStore>());
    assert!(problem.to_string().contains(SHELF), "{problem}");
    Ok(())
}
