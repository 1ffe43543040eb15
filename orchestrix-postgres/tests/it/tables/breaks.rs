//! Connections that break while a page is written.

use orchestrix_postgres::PostgresStore;

use super::shelf::{SHELF, checkpoint, parking, sell, shelf, shop};
use crate::fixture::{PATIENCE, in_database, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_at_any_byte_doubles_nothing_and_parks_nothing() {
    in_database("tables_breaks", async |database| {
        let (proxy, url) = database.behind_proxy().await;
        let behind = PostgresStore::connect(&url).await.unwrap();
        let store = database.store().await;
        let app = shop(behind, parking()).await;
        let mut sold = 0;
        for step in 0..24 {
            proxy.cut_after_bytes(200 + 97 * step);
            sell(&store, &[("Emma", 1), ("Emma", 1)]).await;
            sold += 2;
            until("all is written", async || {
                checkpoint(&database).await == sold
            })
            .await;
            proxy.heal();
        }
        assert_eq!(
            shelf(&database).await,
            (vec![("Emma".to_owned(), sold)], sold)
        );
        // No event was at fault.
        until("the connections are back", async || {
            app.dead_letters(SHELF)
                .unwrap()
                .count()
                .await
                .is_ok_and(|count| count == 0)
        })
        .await;
        app.shutdown().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_not_done_twice() {
    in_database("tables_lost_answer", async |database| {
        let (proxy, url) = database.behind_proxy().await;
        let behind = PostgresStore::connect(&url).await.unwrap();
        let store = database.store().await;
        let app = shop(behind, parking()).await;
        let end = sell(&store, &[("Emma", 1)]).await;
        app.caught_up(end, PATIENCE).await.unwrap();
        for _ in 0..5 {
            proxy.drop_response_to("commit", 1);
            let end = sell(&store, &[("Emma", 1)]).await;
            app.caught_up(end, PATIENCE).await.unwrap();
        }
        assert!(
            proxy.counts().dropped_responses >= 5,
            "{:?}",
            proxy.counts()
        );
        assert_eq!(shelf(&database).await, (vec![("Emma".to_owned(), 6)], 6));
        app.shutdown().await.unwrap();
    })
    .await;
}
