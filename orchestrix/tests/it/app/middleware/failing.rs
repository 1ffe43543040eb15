//! Layers that fail, panic or never answer.

use std::error::Error;
use std::future::{IntoFuture, pending};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use orchestrix::middleware::{CommandCall, CommandReply, Next, around};
use orchestrix::prelude::*;
use tokio::time::Instant;

use super::trail::building;
use crate::app::Outcome;
use crate::app::counter::{Counting, count};
use crate::app::gate::Gate;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the book of records is full")]
struct BookFull;

#[tokio::test]
async fn an_error_of_its_own_is_the_source_of_the_dispatchs() -> Outcome {
    let full =
        around(|_: CommandCall, _: Next<CommandCall>| async { Err::<CommandReply, _>(BookFull) });
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(full)
        .start()
        .await?;
    let error = app.dispatch(count("a", 1)).await.expect_err("it is full");
    assert!(matches!(error, DispatchError::Middleware { .. }));
    assert_eq!(error.to_string(), "the middleware failed");
    let source = error.source().and_then(|source| source.downcast_ref());
    assert_eq!(source, Some(&BookFull));
    assert!(!error.is_transient() && error.is_unknown());
    Ok(())
}

#[tokio::test]
async fn a_panic_is_the_callers_and_the_app_goes_on() -> Outcome {
    let nervous = around(|call: CommandCall, next: Next<CommandCall>| async move {
        assert!(call.metadata().actor.is_some(), "nobody acts");
        next.run(call).await
    });
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(nervous)
        .start()
        .await?;
    let panicking = tokio::spawn(app.dispatch(count("a", 1)).into_future());
    assert!(panicking.await.expect_err("it panics").is_panic());
    let receipt = app.dispatch(count("a", 1)).actor("ada").await?;
    assert_eq!(receipt.version.get(), 1);
    app.shutdown().await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_that_never_answers_ends_with_the_dispatch() -> Outcome {
    let silent = around(|_: CommandCall, _: Next<CommandCall>| async {
        pending::<Result<CommandReply, BookFull>>().await
    });
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(silent)
        .start()
        .await?;
    let (began, limit) = (Instant::now(), Duration::from_secs(3));
    let error = app.dispatch(count("a", 1)).timeout(limit).await;
    assert!(
        matches!(error, Err(DispatchError::Timeout { command: "Count", limit: told }) if told == limit),
        "{error:?}"
    );
    assert_eq!(began.elapsed(), limit);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_what_is_within_the_layers() -> Outcome {
    let gate = Arc::new(Gate::default());
    gate.close();
    let gated = around({
        let gate = gate.clone();
        move |call: CommandCall, next: Next<CommandCall>| {
            let gate = gate.clone();
            async move {
                gate.pass().await;
                next.run(call).await
            }
        }
    });
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(gated)
        .start()
        .await?;
    let under_way = tokio::spawn(app.dispatch(count("a", 1)).into_future());
    gate.arrivals(1).await;
    let mut ending = Box::pin(app.shutdown());
    assert!(ending.as_mut().now_or_never().is_none());
    gate.open();
    assert_eq!(under_way.await??.version.get(), 1);
    ending.await?;
    Ok(())
}
