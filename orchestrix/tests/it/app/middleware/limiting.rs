//! Rate limits and time limits around commands.

use std::time::Duration;

use orchestrix::middleware::{CommandCall, Next, RateLimit, RateLimitError, TimeLimit, around};
use orchestrix::prelude::*;
use tokio::time::{Instant, advance};

use super::trail::{Trail, building};
use crate::app::Outcome;
use crate::app::counter::{Counting, count};
use crate::app::test_store::TestStore;

const SECOND: Duration = Duration::from_secs(1);

async fn limited(limit: RateLimit) -> App {
    let builder = building(MemoryStore::new(), Counting).dispatch_layer(limit);
    builder.start().await.expect("the module is in order")
}

/// Dispatches so many; tells which passed, and how long the others shall wait.
async fn burst(app: &App, commands: usize) -> Vec<Option<Duration>> {
    let mut told = Vec::new();
    for _ in 0..commands {
        told.push(match app.dispatch(count("a", 1)).await {
            Ok(_) => None,
            Err(error) => {
                assert!(error.is_transient() && !error.is_unknown(), "{error:?}");
                Some(error.retry_after().expect("it is the rate limit's"))
            }
        });
    }
    told
}

#[tokio::test(start_paused = true)]
async fn too_many_commands_are_refused_and_told_when_to_come_again() -> Outcome {
    let app = limited(RateLimit::new(2, 10 * SECOND)?).await;
    assert_eq!(burst(&app, 3).await, [None, None, Some(5 * SECOND)]);
    advance(4 * SECOND).await;
    assert_eq!(
        burst(&app, 1).await,
        [Some(SECOND)],
        "refusals cost nothing"
    );
    advance(SECOND).await;
    assert_eq!(burst(&app, 2).await, [None, Some(5 * SECOND)]);
    advance(3_600 * SECOND).await;
    let after_a_rest = [None, None, Some(5 * SECOND)];
    assert_eq!(burst(&app, 3).await, after_a_rest, "it is never overfull");
    let error = app.dispatch(count("a", 1)).await.expect_err("too many");
    let DispatchError::RateLimited { command, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(*command, "Count");
    assert_eq!(
        error.to_string(),
        "too many commands: `Count` may come again in 5s"
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_burst_is_another_number_than_the_rate() -> Outcome {
    let app = limited(RateLimit::new(10, 10 * SECOND)?.with_burst(1)?).await;
    assert_eq!(burst(&app, 2).await, [None, Some(SECOND)]);
    let app = limited(RateLimit::new(1, SECOND)?.with_burst(3)?).await;
    assert_eq!(burst(&app, 4).await, [None, None, None, Some(SECOND)]);
    Ok(())
}

#[test]
fn a_rate_limit_that_is_none_cannot_be() {
    let (none, day) = (Duration::ZERO, Duration::from_secs(86_400));
    let nano = Duration::from_nanos(1);
    assert_eq!(
        RateLimit::new(0, SECOND).err(),
        Some(RateLimitError::NoCalls)
    );
    let burst = RateLimit::new(1, SECOND).and_then(|limit| limit.with_burst(0));
    assert_eq!(burst.err(), Some(RateLimitError::NoCalls));
    for period in [none, day + nano] {
        let error = RateLimit::new(1, period).err();
        assert_eq!(error, Some(RateLimitError::Period { period }));
    }
    let error = RateLimit::new(2, nano).expect_err("too many");
    let told = RateLimitError::TooMany {
        calls: 2,
        period: nano,
    };
    assert_eq!(error, told);
    assert_eq!(
        error.to_string(),
        "2 calls in 1ns are more than one in a nanosecond"
    );
    assert!(RateLimit::new(u32::MAX, day).is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_command_within_a_time_limit_knows_it_and_is_given_up() -> Outcome {
    let (store, trail) = (TestStore::new(), Trail::default());
    let telling = around({
        let trail = trail.clone();
        move |call: CommandCall, next: Next<CommandCall>| {
            trail.note(format!("{:?} left", call.time_left()));
            async move { next.run(call).await }
        }
    });
    let app = building(store.clone(), Counting)
        .dispatch_layer(TimeLimit::new(2 * SECOND))
        .dispatch_layer(telling)
        .start()
        .await?;
    assert_eq!(app.dispatch(count("a", 1)).await?.version.get(), 1);
    store.append_gate.close();
    let began = Instant::now();
    let error = app.dispatch(count("a", 1)).await.expect_err("it hangs");
    assert!(
        matches!(error, DispatchError::Timeout { command: "Count", limit } if limit == 2 * SECOND),
        "{error:?}"
    );
    assert!(error.is_transient() && error.is_unknown());
    assert_eq!(began.elapsed(), 2 * SECOND);
    let error = app.dispatch(count("a", 1)).timeout(SECOND).await;
    assert!(
        matches!(error, Err(DispatchError::Timeout { limit: SECOND, .. })),
        "the dispatch's own limit is nearer: {error:?}"
    );
    assert_eq!(trail.all(), ["2s left", "2s left", "1s left"]);
    Ok(())
}
