//! Others who write while a projection has the writer for itself.

use std::time::Duration;

use orchestrix::error::BoxError;
use orchestrix::subscription::Delivery;

use super::shelf::{Outcome, PATIENCE, SHELF, checkpoint, hold, sell, shelf, shop};
use crate::fixture::Place;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_half_of_a_page_and_who_writes_waits_for_it() -> Outcome {
    let place = Place::new();
    let store = place.open().await;
    let gate = hold("The Watsons");
    let app = shop(store.clone(), Delivery::default()).await?;
    sell(&store, [("Emma", 1), ("The Watsons", 1), ("Emma", 1)]).await?;
    // The transaction is open: whoever writes waits, whoever reads sees nothing of it.
    let other = tokio::spawn({
        let store = store.clone();
        async move { sell(&store, [("Emma", 10)]).await }
    });
    gate.reached().await?;
    let begun = place.stranger().execute_batch("BEGIN IMMEDIATE");
    assert!(begun.is_err(), "its transaction is open");
    assert_eq!(shelf(&place)?.1, 0);
    assert_eq!(checkpoint(&place)?, 0);
    gate.open();
    let end = other.await??;
    app.caught_up(end, PATIENCE).await?;
    assert_eq!(shelf(&place)?.1, 4);
    Ok(app.shutdown().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_delivery_outlives_its_lease_and_is_committed_before_the_next_one() -> Outcome {
    let place = Place::new();
    let store = place.open().await;
    let gate = hold("Pride and Prejudice");
    let next = hold("Northanger Abbey");
    let books = [("Pride and Prejudice", 1), ("Northanger Abbey", 1)];
    let end = sell(&store, books).await?;
    let app = shop(store.clone(), Delivery::default()).await?;
    gate.reached().await?;
    let begun = place.stranger().execute_batch("BEGIN IMMEDIATE");
    assert!(begun.is_err(), "its transaction is open");
    // Leases are for a second here, and cannot be renewed meanwhile.
    let left = "SELECT expires_at - CAST(unixepoch('subsec') * 1000000 AS INTEGER) FROM leases WHERE name = ?1";
    let left = || -> Result<i64, BoxError> {
        Ok(place
            .stranger()
            .query_row(left, [SHELF], |row| row.get(0))?)
    };
    let lasts = Duration::from_micros(left()?.try_into().unwrap_or(0));
    tokio::time::sleep(lasts + Duration::from_millis(10)).await;
    assert!(left()? < 0, "the lease is over");
    // Its page goes no further: the second one has a transaction of its own.
    gate.open();
    next.reached().await?;
    assert_eq!(checkpoint(&place)?, 1, "the first one is committed");
    next.open();
    app.caught_up(end, PATIENCE).await?;
    assert_eq!(shelf(&place)?.1, 2);
    Ok(app.shutdown().await?)
}
