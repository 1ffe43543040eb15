//! What cannot be replayed, and what to write instead.

use orchestrix::app::ReplayError;
use orchestrix::prelude::*;
use orchestrix::store::RecordedEvent;
use orchestrix::subscription::Subscription;

use super::search::{Calls, INDEX, MAIL, Search};
use crate::app::Outcome;
use crate::app::deliveries::counted;

#[tokio::test(start_paused = true)]
async fn what_is_live_only_is_not_called() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    counted(&store, 1..=3).await?;
    let app = Orchestrix::builder()
        .isolated()
        .store(store)
        .module(Search(calls.clone()))
        .subscription(
            Subscription::new("live"),
            |_: RecordedEvent, _: EventContext| async {},
        )
        .start()
        .await?;
    crate::app::waiting::caught_up(&app).await;
    calls.forget();
    for name in [MAIL, "live"] {
        let refused = app.replay(name).await;
        let Err(error @ ReplayError::LiveOnly { .. }) = &refused else {
            panic!("it is live only: {refused:?}");
        };
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("`{name}` is live only")),
            "{text}"
        );
        assert!(
            text.contains("write `#[on(replay)]` and take `&ReplayContext`"),
            "{text}"
        );
    }
    assert!(calls.mails().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_projection_is_rebuilt_instead() -> Outcome {
    let app = super::search::searching(MemoryStore::new(), &Calls::default()).await?;
    let refused = app.replay("total@1").await;
    assert!(
        matches!(&refused, Err(ReplayError::RebuildInstead { subscription }) if subscription == "total@1"),
        "{refused:?}"
    );
    let unknown = app.replay("search.indexes").await;
    let Err(error @ ReplayError::Unknown(_)) = unknown else {
        panic!("there is none: {unknown:?}");
    };
    assert!(error.to_string().contains(INDEX), "{error}");
    Ok(())
}
