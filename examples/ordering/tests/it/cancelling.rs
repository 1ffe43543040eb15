//! Cancelling orders.

use orchestrix::prelude::*;
use ordering::domain::{
    CancelOrder, CancelReason, Decided, OrderError, RecordPurchase, RefusedReturn,
};
use ordering::read_models::{CurrentOrders, OrdersByCustomer};
use ordering::report::Report;
use ordering::shop::Placed;

use crate::binary::TestResult;
use crate::shop::{
    customer, customer_id, give_back, line, new_shop, order_id, outstanding, place, place_half,
    report, settled,
};

fn cancel(order: &str) -> CancelOrder {
    CancelOrder {
        order: order_id(order),
        reason: CancelReason::Requested,
    }
}

#[tokio::test]
async fn read_models_shrink_to_what_is_left() -> TestResult {
    let kept = || place("1", "7", vec![line("A", 5, "UK"), line("B", 1, "EIRE")]);
    let only_kept = new_shop().await?;
    only_kept.dispatch(kept()).await?;
    let expected = report(&only_kept).await?;
    only_kept.shutdown().await?;

    let app = new_shop().await?;
    app.dispatch(kept()).await?;
    app.dispatch(place(
        "2",
        "7",
        vec![line("A", 2, "UK"), line("C", 2, "Japan")],
    ))
    .await?;
    app.dispatch(place(
        "3",
        "8",
        vec![line("D", 9, "EIRE"), line("D", 1, "EIRE")],
    ))
    .await?;
    let all = report(&app).await?;
    assert_eq!((all.orders.placed, all.customers, all.skus), (3, 2, 4));
    app.dispatch(cancel("2")).await?;
    app.dispatch(cancel("3")).await?;
    assert_eq!(report(&app).await?, expected);
    settled(&app).await?;
    assert_eq!(report(&app).await?, expected);

    assert!(app.view::<CurrentOrders>(&order_id("1")).await?.is_some());
    assert!(app.view::<CurrentOrders>(&order_id("2")).await?.is_none());
    let orders = app.view::<OrdersByCustomer>(&customer_id("7")).await?;
    let orders = orders.ok_or("a document")?.orders;
    assert!(!orders[&order_id("1")].cancelled && orders[&order_id("2")].cancelled);

    app.dispatch(cancel("1")).await?;
    assert_eq!(report(&app).await?, Report::default());
    Ok(app.shutdown().await?)
}

#[tokio::test]
async fn nothing_of_a_cancelled_order_can_be_returned() -> TestResult {
    let app = new_shop().await?;
    app.dispatch(place("1", "7", vec![line("A", 5, "UK")]))
        .await?;
    app.dispatch(place("2", "7", vec![line("B", 5, "UK")]))
        .await?;
    app.dispatch(cancel("1")).await?;
    settled(&app).await?;
    app.dispatch(give_back("C1/1", "7", "A", 1)).await?;
    app.dispatch(give_back("C1/2", "7", "B", 5)).await?;
    let after = customer(&app, "7").await?;
    assert_eq!((outstanding(&after, "A"), outstanding(&after, "B")), (0, 0));
    let decided: Vec<_> = after.returns.values().copied().collect();
    assert_eq!(
        decided,
        [
            Decided::Refused(RefusedReturn::NothingOutstanding),
            Decided::Taken
        ]
    );
    Ok(app.shutdown().await?)
}

/// What was returned before its order was cancelled is not the customer's a second time.
#[tokio::test]
async fn a_return_before_the_cancellation_stays() -> TestResult {
    let app = new_shop().await?;
    app.dispatch(place("1", "7", vec![line("A", 5, "UK")]))
        .await?;
    app.dispatch(give_back("C1/1", "7", "A", 2)).await?;
    app.dispatch(cancel("1")).await?;
    settled(&app).await?;
    app.dispatch(give_back("C1/2", "7", "A", 1)).await?;
    let after = customer(&app, "7").await?;
    assert_eq!(outstanding(&after, "A"), -2);
    assert_eq!(
        after.returns.values().last(),
        Some(&Decided::Refused(RefusedReturn::NothingOutstanding))
    );
    assert_eq!(report(&app).await?.returns.units, 2);
    Ok(app.shutdown().await?)
}

#[tokio::test]
async fn twice_and_unknown_are_refused() -> TestResult {
    let app = new_shop().await?;
    app.dispatch(place("1", "7", vec![line("A", 5, "UK")]))
        .await?;
    app.dispatch(cancel("1")).await?;
    let again = app.dispatch(cancel("1")).await;
    let order = order_id("1");
    assert!(
        matches!(&again, Err(DispatchError::Rejected(refused)) if *refused == OrderError::AlreadyCancelled { order }),
        "{again:?}"
    );
    let unknown = app.dispatch(cancel("2")).await;
    assert!(
        matches!(unknown, Err(DispatchError::NotFound { .. })),
        "{unknown:?}"
    );
    settled(&app).await?;
    assert_eq!(outstanding(&customer(&app, "7").await?, "A"), 0);
    assert_eq!(report(&app).await?, Report::default());
    Ok(app.shutdown().await?)
}

/// The purchase that comes late, by whoever sends it, gives the customer nothing.
#[tokio::test]
async fn before_the_purchase_was_recorded() -> TestResult {
    let app = new_shop().await?;
    let order = place("1", "7", vec![line("A", 5, "UK")]);
    app.dispatch(place_half(order.clone())).await?;
    app.dispatch(cancel("1")).await?;
    settled(&app).await?;
    let cancelled = customer(&app, "7").await?;
    assert_eq!(outstanding(&cancelled, "A"), 0);
    assert!(cancelled.taken_back.contains(&order_id("1")));

    let late = RecordPurchase {
        customer: order.customer.clone(),
        order: order.order.clone(),
        items: order
            .lines
            .iter()
            .map(ordering::domain::OrderLine::item)
            .collect(),
    };
    assert!(app.dispatch(late).await?.events.is_empty());
    assert_eq!(app.dispatch(order).await?, Placed::Before);
    settled(&app).await?;
    assert_eq!(customer(&app, "7").await?, cancelled);
    assert_eq!(report(&app).await?, Report::default());
    Ok(app.shutdown().await?)
}

/// The same without the handler that may come first: the customer hears of the cancellation before the purchase.
#[tokio::test]
async fn taken_back_before_the_purchase_was_recorded() -> TestResult {
    let app = new_shop().await?;
    let order = place("1", "7", vec![line("A", 5, "UK")]);
    let items: Vec<_> = order
        .lines
        .iter()
        .map(ordering::domain::OrderLine::item)
        .collect();
    let take_back = ordering::domain::TakeBackPurchase {
        customer: order.customer.clone(),
        order: order.order.clone(),
        items: items.clone(),
    };
    assert_eq!(app.dispatch(take_back.clone()).await?.events.len(), 2);
    assert!(
        app.dispatch(take_back).await?.events.is_empty(),
        "once is enough"
    );
    let late = RecordPurchase {
        customer: order.customer,
        order: order.order,
        items,
    };
    assert!(app.dispatch(late).await?.events.is_empty());
    assert_eq!(outstanding(&customer(&app, "7").await?, "A"), 0);
    Ok(app.shutdown().await?)
}
