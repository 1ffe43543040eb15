//! Commands that are tried again.

use std::time::Duration;

use orchestrix::app::Builder;
use orchestrix::middleware::{RateLimit, Retry, TimeLimit};
use orchestrix::prelude::*;
use orchestrix::randomness::Randomness;
use orchestrix::subscription::RetryPolicy;
use orchestrix::testkit::faults::AppendFault::{Failed, NotSent, Unavailable};
use tokio::time::Instant;

use super::trail::{Trail, building};
use crate::app::Outcome;
use crate::app::counter::{Counting, count, limit};
use crate::app::stored::events;
use crate::app::test_store::TestStore;

const WAIT: Duration = Duration::from_secs(1);

/// Tries twice again, a second after each failure.
fn twice() -> Retry {
    Retry::new(RetryPolicy::fixed(2, WAIT).expect("a wait"))
}

fn retrying(store: &TestStore, trail: &Trail, retry: Retry) -> Builder {
    building(store.clone(), Counting)
        .dispatch_layer(retry)
        .dispatch_layer(trail.layer("the rest"))
}

fn runs(trail: &Trail) -> usize {
    trail.all().len() / 2
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_until_it_has_passed() -> Outcome {
    let (store, trail) = (TestStore::new(), Trail::default());
    let app = retrying(&store, &trail, twice()).start().await?;
    store.fail_next([Unavailable, Unavailable]);
    let began = Instant::now();
    assert_eq!(app.dispatch(count("a", 1)).await?.version.get(), 1);
    assert_eq!((runs(&trail), began.elapsed()), (3, 2 * WAIT));
    assert_eq!(events(&store, "counter-a").await.len(), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_last_error_is_told_when_the_retries_are_used_up() -> Outcome {
    let (store, trail) = (TestStore::new(), Trail::default());
    let app = retrying(&store, &trail, twice()).start().await?;
    store.fail_next([Unavailable; 3]);
    let error = app.dispatch(count("a", 1)).await.expect_err("it is away");
    assert!(
        matches!(error, DispatchError::Unavailable { .. }),
        "{error:?}"
    );
    assert_eq!(runs(&trail), 3);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_will_not_pass_is_not_tried_again() -> Outcome {
    let (store, trail) = (TestStore::new(), Trail::default());
    let app = retrying(&store, &trail, twice()).start().await?;
    app.dispatch(limit("a", 5)).await?;
    let rejected = app.dispatch(count("a", 9)).await;
    assert!(
        matches!(rejected, Err(DispatchError::Rejected(_))),
        "{rejected:?}"
    );
    store.fail_next([Failed]);
    let failed = app.dispatch(count("a", 1)).await;
    assert!(
        matches!(failed, Err(DispatchError::Store { .. })),
        "{failed:?}"
    );
    assert_eq!(runs(&trail), 3, "one each");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_done_is_tried_again_only_if_it_may_be_done_twice() -> Outcome {
    for (retry, expected) in [(twice(), 1), (twice().even_if_unknown(), 2)] {
        let (store, trail) = (TestStore::new(), Trail::default());
        let app = retrying(&store, &trail, retry).start().await?;
        // The appender itself sends an append again so often.
        store.fail_next([NotSent; 4]);
        let outcome = app.dispatch(count("a", 1)).await;
        assert_eq!(runs(&trail), expected, "{outcome:?}");
        match expected {
            1 => assert!(
                matches!(outcome, Err(DispatchError::Indeterminate { .. })),
                "{outcome:?}"
            ),
            _ => assert_eq!(outcome?.version.get(), 1),
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn each_attempt_has_its_time_and_all_have_the_dispatchs() -> Outcome {
    let (store, trail) = (TestStore::new(), Trail::default());
    let attempts = TimeLimit::new(3 * WAIT);
    let app = retrying(&store, &trail, twice().even_if_unknown())
        .dispatch_layer(attempts)
        .start()
        .await?;
    store.append_gate.close();
    let began = Instant::now();
    let error = app.dispatch(count("a", 1)).await.expect_err("it hangs");
    assert!(
        matches!(error, DispatchError::Timeout { limit, .. } if limit == 3 * WAIT),
        "{error:?}"
    );
    assert_eq!((runs(&trail), began.elapsed()), (3, 11 * WAIT));
    // The second wait would end when the time does: what is known is told at once.
    let began = Instant::now();
    let error = app.dispatch(count("a", 1)).timeout(8 * WAIT).await;
    assert!(
        matches!(error, Err(DispatchError::Timeout { limit, .. }) if limit == 3 * WAIT),
        "{error:?}"
    );
    assert_eq!((runs(&trail), began.elapsed()), (5, 7 * WAIT));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_says_itself_how_long_to_wait() -> Outcome {
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(twice())
        .dispatch_layer(RateLimit::new(1, 10 * WAIT)?)
        .start()
        .await?;
    app.dispatch(count("a", 1)).await?;
    let began = Instant::now();
    app.dispatch(count("a", 1)).await?;
    assert_eq!(began.elapsed(), 10 * WAIT);
    let refused = app.dispatch(count("a", 1)).timeout(5 * WAIT).await;
    assert!(
        matches!(refused, Err(DispatchError::RateLimited { .. })),
        "{refused:?}"
    );
    assert_eq!(began.elapsed(), 10 * WAIT, "it does not wait in vain");
    Ok(())
}

#[derive(Debug)]
struct Half;

impl Randomness for Half {
    fn fraction(&self) -> f64 {
        0.5
    }
}

#[tokio::test(start_paused = true)]
async fn waits_are_spread_by_the_apps_randomness() -> Outcome {
    let (store, trail) = (TestStore::new(), Trail::default());
    let retry = Retry::new(RetryPolicy::fixed(1, WAIT)?.with_jitter(0.5)?);
    let app = retrying(&store, &trail, retry)
        .randomness(Half)
        .start()
        .await?;
    store.fail_next([Unavailable]);
    let began = Instant::now();
    app.dispatch(count("a", 1)).await?;
    assert_eq!(began.elapsed(), WAIT.mul_f64(0.75));
    Ok(())
}
