//! Returning goods.

use ordering::domain::{Decided, RefusedReturn};

use crate::binary::TestResult;
use crate::shop::{customer, give_back, line, new_shop, outstanding, place, report};

#[tokio::test]
async fn what_may_be_returned_is_what_is_outstanding() -> TestResult {
    let app = new_shop().await?;
    app.dispatch(place(
        "1",
        "7",
        vec![line("A", 5, "UK"), line("A", 1, "UK")],
    ))
    .await?;
    for (id, customer, stock_code, quantity) in [
        ("C1/1", "7", "A", 7),
        ("C1/2", "7", "A", 6),
        ("C1/3", "7", "A", 1),
        ("C1/4", "7", "a", 1),
        ("C2/1", "8", "A", 1),
    ] {
        app.dispatch(give_back(id, customer, stock_code, quantity))
            .await?;
    }
    let nothing = Decided::Refused(RefusedReturn::NothingOutstanding);
    let decided: Vec<_> = customer(&app, "7").await?.returns.into_values().collect();
    let exceeds = Decided::Refused(RefusedReturn::ExceedsOutstanding);
    assert_eq!(decided, [exceeds, Decided::Taken, nothing, nothing]);
    let decided: Vec<_> = customer(&app, "8").await?.returns.into_values().collect();
    assert_eq!(decided, [nothing], "another one's goods");
    assert_eq!(report(&app).await?.returns.units, 6);
    Ok(app.shutdown().await?)
}

/// The same row of the same credit, sent again.
#[tokio::test]
async fn what_is_decided_stays_decided() -> TestResult {
    let app = new_shop().await?;
    app.dispatch(place("1", "7", vec![line("A", 5, "UK")]))
        .await?;
    let taken = give_back("C1/1", "7", "A", 2);
    let refused = give_back("C1/2", "7", "A", 4);
    for return_items in [&taken, &refused] {
        assert_eq!(app.dispatch(return_items.clone()).await?.events.len(), 1);
    }
    let (decided, counted) = (customer(&app, "7").await?, report(&app).await?);
    for return_items in [&taken, &refused] {
        assert!(app.dispatch(return_items.clone()).await?.events.is_empty());
    }
    assert_eq!(customer(&app, "7").await?, decided);
    assert_eq!(report(&app).await?, counted);

    // Enough is there now for what was refused, but not for that row.
    app.dispatch(place("2", "7", vec![line("A", 5, "UK")]))
        .await?;
    for return_items in [taken, refused] {
        assert!(app.dispatch(return_items).await?.events.is_empty());
    }
    let after = customer(&app, "7").await?;
    assert_eq!(after.returns, decided.returns);
    assert_eq!(outstanding(&after, "A"), 8);
    assert_eq!(report(&app).await?.returns, counted.returns);
    assert_eq!(
        app.dispatch(give_back("C2/1", "7", "A", 4))
            .await?
            .events
            .len(),
        1
    );
    assert_eq!(outstanding(&customer(&app, "7").await?, "A"), 4);
    Ok(app.shutdown().await?)
}
