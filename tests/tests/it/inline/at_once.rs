//! What a document shows right after the command.

use orchestrix::aggregate::DispatchError;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::projection::FoldError;
use orchestrix::store::{GlobalPosition, IdempotencyKey, StreamVersion};

use super::counter::{
    Count, End, Look, Mix, Plain, TALLY, Tally, append_raw, count, documents, log, recount, sums,
    tally,
};
use super::{node, paused};
use crate::dcb::stores::{Opened, Stores, on_stores, shut_down};
use crate::torture::work::PATIENCE;

on_stores! {
    a_view_after_a_dispatch_needs_no_subscription_in_memory: in_memory(no_subscription);
    a_view_after_a_dispatch_needs_no_subscription_on_sqlite: on_sqlite(no_subscription);
    a_view_after_a_dispatch_needs_no_subscription_on_postgres: on_postgres(no_subscription);
    appends_go_on_from_what_was_folded_in_memory: in_memory(goes_on);
    appends_go_on_from_what_was_folded_on_sqlite: on_sqlite(goes_on);
    appends_go_on_from_what_was_folded_on_postgres: on_postgres(goes_on);
    what_cannot_be_folded_is_not_stored_in_memory: in_memory(not_folded);
    what_cannot_be_folded_is_not_stored_on_sqlite: on_sqlite(not_folded);
    what_cannot_be_folded_is_not_stored_on_postgres: on_postgres(not_folded);
}

async fn no_subscription(stores: Stores) -> Result<(), BoxError> {
    let app = node(&stores, 0).await?;
    paused(&app).await?;
    for n in 1..=5 {
        app.dispatch(count("a", 2)).await?;
        assert_eq!(app.view::<Tally>("a").await?, tally(n, 2 * n));
    }
    // A request that is repeated is folded once, as it is stored.
    for _ in 0..3 {
        let key = IdempotencyKey::new("request")?;
        app.dispatch(count("b", 1)).idempotency_key(key).await?;
    }
    assert_eq!(sums(&app).await?, [1, 10]);
    // An event that the projection does not want moves the progress all the same.
    let look = Look {
        counter: "a".to_owned(),
    };
    let looked = app.dispatch(look).await?;
    let progress = stores[1].ports().read_models;
    let of_stream = progress.stream_progress(TALLY, &[looked.stream]).await?;
    assert_eq!(of_stream, [looked.version]);
    // A document that ends is gone, and can come back.
    let end = End {
        counter: "a".to_owned(),
    };
    app.dispatch(end).await?;
    assert_eq!(app.view::<Tally>("a").await?, None);
    assert_eq!(sums(&app).await?, [1]);
    app.dispatch(count("a", 7)).await?;
    assert_eq!(app.view::<Tally>("a").await?, tally(1, 7));
    // The subscription has nothing to add.
    app.resume_subscription(TALLY)?;
    let log = log(&*stores[1]);
    app.caught_up(log.head().await?, PATIENCE).await?;
    assert_eq!(documents(&app).await?, recount(&*log).await?);
    assert_eq!(sums(&app).await?, [1, 7]);
    shut_down(vec![app]).await
}

async fn goes_on(stores: Stores) -> Result<(), BoxError> {
    // Before there is the projection.
    let builder = Orchestrix::builder().isolated();
    let plain = builder.store(Opened(stores[1].clone())).module(Plain);
    let plain = plain.start().await?;
    for _ in 0..3 {
        plain.dispatch(count("a", 1)).await?;
    }
    let log = log(&*stores[2]);
    let app = node(&stores, 0).await?;
    app.caught_up(log.head().await?, PATIENCE).await?;
    assert_eq!(app.view::<Tally>("a").await?, tally(3, 3));
    paused(&app).await?;
    app.dispatch(count("a", 10)).await?;
    assert_eq!(app.view::<Tally>("a").await?, tally(4, 13));
    // What comes by other roads is folded by the next append, or else by the subscription.
    append_raw(&*log, "a", &[5, 6]).await?;
    append_raw(&*log, "b", &[1]).await?;
    plain.dispatch(count("a", 100)).await?;
    assert_eq!(app.view::<Tally>("a").await?, tally(4, 13));
    app.dispatch(count("a", 1_000)).await?;
    assert_eq!(app.view::<Tally>("a").await?, tally(8, 1_124));
    append_raw(&*log, "a", &[7]).await?;
    // A stream that is far ahead is left to the subscription.
    append_raw(&*log, "far", &[1; 600]).await?;
    append_raw(&*log, "far", &[1; 600]).await?;
    app.dispatch(count("far", 1)).await?;
    assert_eq!(app.view::<Tally>("far").await?, None);
    app.resume_subscription(TALLY)?;
    app.caught_up(log.head().await?, PATIENCE).await?;
    assert_eq!(app.view::<Tally>("a").await?, tally(9, 1_131));
    assert_eq!(app.view::<Tally>("b").await?, tally(1, 1));
    assert_eq!(app.view::<Tally>("far").await?, tally(1_201, 1_201));
    paused(&app).await?;
    app.dispatch(count("far", 1)).await?;
    assert_eq!(app.view::<Tally>("far").await?, tally(1_202, 1_202));
    app.resume_subscription(TALLY)?;
    app.caught_up(log.head().await?, PATIENCE).await?;
    assert_eq!(documents(&app).await?, recount(&*log).await?);
    shut_down(vec![app, plain]).await
}

async fn not_folded(stores: Stores) -> Result<(), BoxError> {
    let app = node(&stores, 0).await?;
    let log = log(&*stores[1]);
    app.dispatch(count("a", 1)).await?;
    let head = log.head().await?;
    let mix = |with: &str| Mix {
        counter: "a".to_owned(),
        with: with.to_owned(),
    };
    match app.dispatch(mix("b")).await {
        Err(DispatchError::NotFolded {
            projection,
            stream,
            event_type,
            source,
        }) => {
            assert_eq!((projection.as_str(), event_type.as_str()), (TALLY, "Mixed"));
            assert_eq!(stream.name(), "counter-a");
            let expected = FoldError::ForeignKey {
                key: "b".to_owned(),
                stream,
            };
            assert_eq!(source.downcast_ref(), Some(&expected));
        }
        other => return Err(format!("it was to be refused: {other:?}").into()),
    }
    assert_eq!(log.head().await?, head, "nothing is stored");
    assert_eq!(app.view::<Tally>("a").await?, tally(1, 1));
    // The aggregate has not changed either.
    let mixed = app.dispatch(mix("a")).await?;
    assert_eq!(mixed.version, StreamVersion::new(2));
    assert_eq!(app.view::<Tally>("a").await?, tally(2, 1));
    let counted: Count = count("a", 1);
    let receipt = app.dispatch(counted).await?;
    assert!(receipt.position > GlobalPosition::START);
    assert_eq!(app.view::<Tally>("a").await?, tally(3, 2));
    shut_down(vec![app]).await
}
