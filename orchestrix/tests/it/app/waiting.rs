//! Waiting for conditions.

use std::future::Future;
use std::time::Duration;

use futures_util::FutureExt;
use orchestrix::app::App;
use orchestrix::error::chain;
use orchestrix::store::GlobalPosition;
use orchestrix::subscription::{SubscriptionState, SubscriptionStatus};

/// Long enough for every machine; a test that gets there fails.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// Polls a condition until it holds. On a paused clock the time between two looks passes at once.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let looking = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    if tokio::time::timeout(LONG, looking).await.is_err() {
        panic!("still not after {LONG:?}: {what}");
    }
}

/// Where a subscription is.
pub(crate) fn status(app: &App, subscription: &str) -> SubscriptionStatus {
    let all = app.subscriptions();
    let found = all.iter().find(|status| status.name == subscription);
    let Some(status) = found else {
        panic!("no subscription `{subscription}` in {all:?}");
    };
    status.clone()
}

/// Waits until a subscription says that this is so, and gives what it says.
pub(crate) async fn status_once(
    app: &App,
    subscription: &str,
    what: &str,
    is_so: impl Fn(&SubscriptionStatus) -> bool,
) -> SubscriptionStatus {
    let mut statuses = app
        .subscription_statuses(subscription)
        .expect("a subscription of the app");
    let once = statuses.wait_for(|status| is_so(status));
    match tokio::time::timeout(LONG, once).await {
        Ok(Ok(status)) => status.clone(),
        Ok(Err(_)) => panic!("the app ended before {what}"),
        Err(_) => panic!("still not after {LONG:?}: {what}"),
    }
}

/// Waits until a subscription has failed since its last success, and gives what it says.
pub(crate) async fn retrying(app: &App, subscription: &str) -> (SubscriptionStatus, String) {
    let status = status_once(app, subscription, "the subscription retries", |status| {
        matches!(status.state, SubscriptionState::Retrying { .. })
    });
    let status = status.await;
    match &status.state {
        SubscriptionState::Retrying { error, .. } => (status.clone(), chain(&**error)),
        other => panic!("it went on by itself: {other:?}"),
    }
}

/// Waits until all subscriptions have consumed all that is in the store.
pub(crate) async fn caught_up(app: &App) {
    let head = app
        .store()
        .head()
        .await
        .expect("the head of a memory store");
    app.caught_up(head, LONG)
        .await
        .expect("the subscriptions catch up");
}

/// Waits until a subscription has come to a position.
pub(crate) async fn reaches(app: &App, subscription: &str, position: GlobalPosition) {
    status_once(app, subscription, "the subscription gets there", |status| {
        status.position >= position
    })
    .await;
}

/// Lets a future go as far as it comes by itself, which must not be its end.
pub(crate) fn begin(future: &mut (impl Future + Unpin)) {
    // Many are begun in a row, so the runtime must not tell this one to leave room for others.
    let ended = tokio::task::unconstrained(future).now_or_never().is_some();
    assert!(!ended, "it ended at once");
}
