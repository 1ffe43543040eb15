//! Placing orders.

use orchestrix::prelude::*;
use ordering::domain::OrderError;
use ordering::shop::{PlaceOrderError, Placed};

use crate::binary::TestResult;
use crate::shop::{
    customer, line, new_shop, order_id, outstanding, place, place_half, report, settled,
};

#[tokio::test]
async fn a_second_time_changes_nothing() -> TestResult {
    let app = new_shop().await?;
    let order = place("1", "7", vec![line("A", 5, "UK"), line("A", 5, "UK")]);
    assert_eq!(app.dispatch(order.clone()).await?, Placed::Now);
    let once = report(&app).await?;
    assert_eq!(app.dispatch(order).await?, Placed::Before);
    settled(&app).await?;
    assert_eq!(report(&app).await?, once);
    assert_eq!(once.orders.placed, 1);
    assert_eq!(outstanding(&customer(&app, "7").await?, "A"), 10);
    Ok(app.shutdown().await?)
}

#[tokio::test]
async fn ten_times_at_once_is_once() -> TestResult {
    let app = new_shop().await?;
    let order = place("1", "7", vec![line("A", 5, "UK")]);
    let all = (0..10).map(|_| {
        let (app, order) = (app.clone(), order.clone());
        tokio::spawn(async move { app.dispatch(order).await })
    });
    let mut now = 0;
    for placed in all.collect::<Vec<_>>() {
        now += u32::from(placed.await?? == Placed::Now);
    }
    settled(&app).await?;
    assert_eq!(now, 1);
    assert_eq!(report(&app).await?.orders.placed, 1);
    assert_eq!(outstanding(&customer(&app, "7").await?, "A"), 5);
    Ok(app.shutdown().await?)
}

/// A number that is taken must not give another customer goods, or the same one other goods.
#[tokio::test]
async fn another_order_under_the_same_number_is_refused() -> TestResult {
    let app = new_shop().await?;
    app.dispatch(place("1", "7", vec![line("A", 5, "UK")]))
        .await?;
    for other in [
        place("1", "8", vec![line("A", 5, "UK")]),
        place("1", "7", vec![line("A", 6, "UK")]),
        place("1", "7", vec![line("A", 5, "UK"), line("B", 1, "UK")]),
    ] {
        let refused = app.dispatch(other).await;
        let Err(DispatchError::Rejected(PlaceOrderError::Order { order, source })) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(order, order_id("1"));
        assert_eq!(source.rejection(), Some(&OrderError::NumberTaken { order }));
    }
    settled(&app).await?;
    assert_eq!(outstanding(&customer(&app, "7").await?, "A"), 5);
    assert_eq!(outstanding(&customer(&app, "7").await?, "B"), 0);
    assert_eq!(outstanding(&customer(&app, "8").await?, "A"), 0);
    Ok(app.shutdown().await?)
}

#[tokio::test]
async fn an_order_of_nothing_is_refused() -> TestResult {
    let app = new_shop().await?;
    for (lines, expected) in [
        (vec![], "order 1 has no lines"),
        (
            vec![line("A", 1, "UK"), line("B", 0, "UK")],
            "order 1 asks for 0 of B: it must be at least one",
        ),
    ] {
        let refused = app.dispatch(place("1", "7", lines)).await;
        let Err(DispatchError::Rejected(PlaceOrderError::Order { source, .. })) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(source.to_string(), expected);
    }
    settled(&app).await?;
    assert_eq!(report(&app).await?, ordering::report::Report::default());
    Ok(app.shutdown().await?)
}

#[tokio::test]
async fn placing_that_was_cut_off_is_completed() -> TestResult {
    let app = new_shop().await?;
    let order = place("1", "7", vec![line("A", 5, "UK")]);
    app.dispatch(place_half(order.clone())).await?;
    settled(&app).await?;
    let completed = customer(&app, "7").await?;
    assert!(completed.orders.contains(&order_id("1")));
    assert_eq!(outstanding(&completed, "A"), 5);

    assert_eq!(app.dispatch(order).await?, Placed::Before);
    assert_eq!(customer(&app, "7").await?, completed);
    Ok(app.shutdown().await?)
}
