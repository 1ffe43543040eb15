//! Going past several events of one page.

use orchestrix::prelude::*;
use orchestrix::store::GlobalPosition;
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy};
use serde_json::json;

use super::post::{Calls, DELIVER, Post, TOTAL};
use crate::app::Outcome;
use crate::app::counter::Total;
use crate::app::stored::{event, write};
use crate::app::waiting::{reaches, status};

fn skipping() -> Delivery {
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery.on_error = ErrorPolicy::Skip;
    delivery
}

/// The page is decoded before it is folded, so the later event is found first.
#[tokio::test(start_paused = true)]
async fn a_fold_that_fails_before_an_event_that_does_not_decode_is_gone_past_too() -> Outcome {
    let store = MemoryStore::new();
    let good = |by: u32| event("Counted", 1, json!({ "counter": "a", "by": by }));
    // The sum of the first two overflows, which panics.
    let bad = event("Counted", 1, json!({ "counter": "a", "by": "many" }));
    let page = vec![good(1), good(u32::MAX), good(3), bad, good(5)];
    write(&store, "counter-a", page).await?;
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let builder = builder
        .module(Post(Calls::default()))
        .delivery(DELIVER, skipping());
    let app = builder.delivery(TOTAL, skipping()).start().await?;
    reaches(&app, TOTAL, GlobalPosition::new(5)).await;
    let total = app.view::<Total>("a").await?;
    assert_eq!(
        total.map(|total| (total.sum, total.events)),
        Some((9, 3)),
        "1, 3 and 5"
    );
    assert_eq!(status(&app, TOTAL).skipped, 2);
    Ok(())
}
