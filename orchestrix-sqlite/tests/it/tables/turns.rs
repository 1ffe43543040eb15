//! Others who write while a projection has the writer for itself.

use orchestrix::subscription::Delivery;

use super::shelf::{Outcome, PATIENCE, SHELF, checkpoint, hold, sell, shelf, shop, until};
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
    until("the page is under way", async || {
        place.stranger().execute_batch("BEGIN IMMEDIATE").is_err()
    })
    .await;
    assert_eq!(shelf(&place)?.1, 0);
    assert_eq!(checkpoint(&place)?, 0);
    gate.add_permits(1);
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
    until("the page is under way", async || {
        place.stranger().execute_batch("BEGIN IMMEDIATE").is_err()
    })
    .await;
    // Leases are for a second here, and cannot be renewed meanwhile.
    until("the lease is over", async || {
        let over = "SELECT expires_at < CAST(unixepoch('subsec') * 1000000 AS INTEGER) FROM leases WHERE name = ?1";
        let over = place.stranger().query_row(over, [SHELF], |row| row.get(0));
        over.unwrap_or(false)
    })
    .await;
    // Its page goes no further: the second one has a transaction of its own.
    gate.add_permits(1);
    until("the first one is committed", async || {
        checkpoint(&place).is_ok_and(|position| position == 1)
    })
    .await;
    next.add_permits(1);
    app.caught_up(end, PATIENCE).await?;
    assert_eq!(shelf(&place)?.1, 2);
    Ok(app.shutdown().await?)
}
