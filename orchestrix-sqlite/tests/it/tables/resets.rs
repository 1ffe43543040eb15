//! From the beginning, in one transaction.

use orchestrix::app::ResetProjectionError;
use orchestrix::error::{BoxError, chain};
use orchestrix::prelude::*;
use orchestrix::store::RecordedEvent;
use orchestrix::subscription::{ConsumeError, SubscriptionState};
use orchestrix_sqlite::{SqliteStore, SqliteTransaction, rusqlite};

use super::shelf::{
    Outcome, PATIENCE, SHELF, Sold, checkpoint, cure, fail, parking, sell, shelf, shop, until,
    until_state,
};
use crate::fixture::Place;

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_goes_through_all_events_again() -> Outcome {
    let place = Place::new();
    let store = place.open().await;
    fail("Evelyn");
    let end = sell(&store, [("Emma", 1), ("Evelyn", 2), ("Emma", 3)]).await?;
    let app = shop(store.clone(), parking()).await?;
    app.caught_up(end, PATIENCE).await?;
    let letters = app.dead_letters(SHELF)?;
    assert_eq!(letters.count().await?, 1);
    // Somebody spoils the table.
    place
        .stranger()
        .execute("UPDATE shelf SET copies = 99", [])?;

    cure("Evelyn");
    app.reset_projection(SHELF).await?;
    assert_eq!(letters.count().await?, 0);
    let sold = vec![("Emma".to_owned(), 4), ("Evelyn".to_owned(), 2)];
    until(&app, "all is written again", async || {
        shelf(&place).is_ok_and(|found| found == (sold.clone(), 3))
    })
    .await?;
    assert_eq!(checkpoint(&place)?, 3);
    // And a second time, while others are sold.
    app.reset_projection(SHELF).await?;
    let end = sell(&store, [("Emma", 5)]).await?;
    until(&app, "all is written again", async || {
        shelf(&place).is_ok_and(|(rows, sales)| sales == 4 && rows[0].1 == 9)
    })
    .await?;
    app.caught_up(end, PATIENCE).await?;
    Ok(app.shutdown().await?)
}

/// Its tables can be made, and not be emptied.
struct Stubborn;

#[projection(store = SqliteStore)]
impl Stubborn {
    #[create]
    async fn create(tx: &mut SqliteTransaction) -> rusqlite::Result<()> {
        let table = "CREATE TABLE IF NOT EXISTS stubborn (position INTEGER PRIMARY KEY)";
        tx.execute(table, ()).await.map(drop)
    }

    #[clear]
    async fn clear(tx: &mut SqliteTransaction) -> Result<(), BoxError> {
        tx.execute("DELETE FROM stubborn", ()).await?;
        Err("it does not want to".into())
    }

    #[apply]
    async fn sold(
        _: &Sold,
        recorded: &RecordedEvent,
        tx: &mut SqliteTransaction,
    ) -> rusqlite::Result<()> {
        let position = recorded.position.get() as i64;
        let note = "INSERT INTO stubborn VALUES (?1)";
        tx.execute(note, (position,)).await.map(drop)
    }
}

/// Its table cannot be made.
struct Homeless;

#[projection(store = SqliteStore)]
impl Homeless {
    #[create]
    async fn create(tx: &mut SqliteTransaction) -> rusqlite::Result<()> {
        tx.execute("CREATE TABLE homeless", ()).await.map(drop)
    }

    #[clear]
    async fn clear(_: &mut SqliteTransaction) {}

    #[apply]
    async fn sold(_: &Sold, _: &mut SqliteTransaction) {}
}

/// A document beside them.
#[derive(Default, Serialize, Deserialize)]
struct Copies(i64);

#[projection(key = book)]
impl Copies {
    #[apply]
    fn sold(&mut self, event: &Sold) {
        self.0 += event.copies;
    }
}

#[module(projections(Copies), tables(Stubborn, Homeless))]
struct OtherShop;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_made_or_emptied_stays_as_it_is_and_is_told() -> Outcome {
    let place = Place::new();
    let store = place.open().await;
    let end = sell(&store, [("Emma", 1), ("Emma", 2)]).await?;
    let mut delivery = parking();
    delivery.on_error = orchestrix::subscription::ErrorPolicy::Stop;
    let app = Orchestrix::builder()
        .isolated()
        .store(store)
        .module(OtherShop)
        .delivery("homeless@1", delivery)
        .start()
        .await?;
    for name in ["stubborn@1", "copies@1"] {
        let mut status = app.subscription_statuses(name)?;
        let there = status.wait_for(|status| status.position >= end);
        tokio::time::timeout(PATIENCE, there).await??;
    }
    let halts = |state: &SubscriptionState| matches!(state, SubscriptionState::Halted { .. });
    let SubscriptionState::Halted { error } = until_state(&app, "homeless@1", halts).await? else {
        panic!("it went on");
    };
    assert!(
        matches!(&*error, ConsumeError::Tables { subscription, .. } if subscription == "homeless@1"),
        "{error:?}"
    );
    let described = app.describe().modules.remove(0).projections;
    let names: Vec<_> = described.iter().map(|part| &*part.name).collect();
    assert_eq!(names, ["copies", "stubborn", "homeless"]);

    let error = app.reset_projection("stubborn@1").await;
    let Err(ResetProjectionError::Failed { source, .. }) = &error else {
        panic!("{error:?}");
    };
    assert!(chain(source).contains("it does not want to"), "{source:?}");
    let count = "SELECT count(*) FROM stubborn";
    let count: i64 = place.stranger().query_row(count, [], |row| row.get(0))?;
    assert_eq!(count, 2);
    let error = app.reset_projection("copies@1").await;
    assert!(
        matches!(error, Err(ResetProjectionError::NoTables { .. })),
        "{error:?}"
    );
    let error = app.reset_projection("ledger@1").await;
    assert!(
        matches!(error, Err(ResetProjectionError::Unknown(_))),
        "{error:?}"
    );
    Ok(app.shutdown().await?)
}
