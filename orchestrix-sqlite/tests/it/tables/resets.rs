//! From the beginning, in one transaction.

use orchestrix::app::ResetError;

use super::shelf::{
    Outcome, PATIENCE, SHELF, checkpoint, cure, fail, parking, sell, shelf, shop, until,
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
    until("all is written again", async || {
        shelf(&place).is_ok_and(|found| found == (sold.clone(), 3))
    })
    .await;
    assert_eq!(checkpoint(&place)?, 3);
    // And a second time, while others are sold.
    app.reset_projection(SHELF).await?;
    let end = sell(&store, [("Emma", 5)]).await?;
    until("all is written again", async || {
        shelf(&place).is_ok_and(|(rows, sales)| sales == 4 && rows[0].1 == 9)
    })
    .await;
    app.caught_up(end, PATIENCE).await?;
    Ok(app.shutdown().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_projection_with_tables_can_be_reset() -> Outcome {
    let place = Place::new();
    let app = shop(place.open().await, parking()).await?;
    let error = app.reset_projection("ledger@1").await;
    assert!(matches!(error, Err(ResetError::Unknown(_))), "{error:?}");
    Ok(app.shutdown().await?)
}
