//! Who may do what.

use std::error::Error;

use orchestrix::error::BoxError;
use orchestrix::middleware::{Authorise, CommandCall, Verdict};
use orchestrix::prelude::*;

use super::trail::{Trail, building};
use crate::app::Outcome;
use crate::app::counter::{Count, Counted, Counter, Counting, Limit, count, limit};
use crate::app::waiting::{caught_up, retrying};

/// Only the boss sets limits, and only who is known does anything.
async fn judge(call: CommandCall) -> Result<Verdict, BoxError> {
    tokio::task::yield_now().await;
    match call.metadata().actor.as_deref() {
        None => Err("the register of people is closed".into()),
        Some("boss") => Ok(Verdict::Allow),
        Some(_) if call.command::<Limit>().is_some() => {
            Ok(Verdict::deny("limits are for the boss to set"))
        }
        Some(_) => Ok(Verdict::Allow),
    }
}

#[tokio::test]
async fn what_is_denied_is_not_done_and_its_caller_is_told_why() -> Outcome {
    let trail = Trail::default();
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(Authorise::new(judge))
        .dispatch_layer(trail.layer("the rest"))
        .start()
        .await?;
    let error = app.dispatch(limit("a", 5)).actor("ada").await;
    let error = error.expect_err("ada is not the boss");
    assert!(
        matches!(&error, DispatchError::Denied { command: "Limit", reason } if reason == "limits are for the boss to set"),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        "command `Limit` was denied: limits are for the boss to set"
    );
    assert!(!error.is_transient() && !error.is_unknown());
    assert_eq!((trail.all().len(), app.store().head().await?.get()), (0, 0));
    app.dispatch(count("a", 9)).actor("ada").await?;
    app.dispatch(limit("a", 5)).actor("boss").await?;
    Ok(())
}

#[tokio::test]
async fn nobody_is_let_through_when_the_question_fails() -> Outcome {
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(Authorise::new(judge))
        .start()
        .await?;
    let error = app.dispatch(count("a", 1)).await.expect_err("it is closed");
    assert!(matches!(error, DispatchError::Middleware { .. }));
    let source = error.source().map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("the register of people is closed"));
    assert_eq!(app.store().head().await?.get(), 0);
    Ok(())
}

/// Sets a limit on behalf of whoever counted.
struct Limiting;

#[module(name = "limiting", aggregates(Counter))]
impl Limiting {
    #[on]
    async fn set_a_limit(&self, event: &Counted, cx: &EventContext) -> Result<(), BoxError> {
        let counter = event.counter.clone();
        cx.dispatch(Limit { counter, limit: 9 }).await?;
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_handler_may_do_what_its_events_actor_may() -> Outcome {
    let app = building(MemoryStore::new(), Limiting)
        .dispatch_layer(Authorise::new(judge))
        .start()
        .await?;
    let by_boss = Count {
        counter: "a".to_owned(),
        by: 1,
    };
    app.dispatch(by_boss).actor("boss").await?;
    caught_up(&app).await;
    assert_eq!(app.load::<Counter>("a").await?.version.get(), 2);
    app.dispatch(count("b", 1)).actor("ada").await?;
    let (_, error) = retrying(&app, "limiting.set_a_limit").await;
    assert!(
        error.ends_with("command `Limit` was denied: limits are for the boss to set"),
        "{error}"
    );
    Ok(())
}
