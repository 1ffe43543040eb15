//! Stores that fail, and apps that end.

use std::sync::Arc;
use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::testkit::faults::AppendFault::{
    self, AnswerLost, Failed, Held, NotSent, Unavailable,
};
use orchestrix::testkit::faults::{FaultStore, ReadCall, ReadFault};

use super::{FullyBooked, Outcome, Seats, about, append_one, defined, log, seat, start};

async fn start_on(store: &MemoryStore) -> (App, FaultStore) {
    let faulty = FaultStore::over(Arc::new(store.clone()));
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder.events(Arc::new(faulty.clone())).start().await;
    (app.expect("nothing is registered"), faulty)
}

async fn take(app: &App) -> Result<u32, DecisionError<FullyBooked>> {
    let decision = app.decide::<Seats>(about("c1"));
    let receipt = decision.with(|seats, _| seat(seats, "c1", 7)).await?;
    assert_eq!(receipt.events.len(), 1);
    Ok(receipt.attempts)
}

#[tokio::test(start_paused = true)]
async fn an_append_with_an_unknown_outcome_takes_effect_once() -> Outcome {
    let scripts: [&[AppendFault]; 4] = [
        &[AnswerLost],
        &[NotSent],
        &[AnswerLost, NotSent, AnswerLost],
        &[NotSent, Unavailable, AnswerLost],
    ];
    for script in scripts {
        let store = MemoryStore::new();
        let (app, faulty) = start_on(&store).await;
        append_one(&store, &defined("c1", 1));
        faulty.next(script.iter().copied().map(Some));
        // Its own event, stored by a send whose answer was lost, is no conflict.
        assert_eq!(take(&app).await?, 1, "{script:?}");
        assert_eq!(log(&store).await.len(), 2, "{script:?}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_stays_unknown_is_told_as_that() -> Outcome {
    let store = MemoryStore::new();
    let (app, faulty) = start_on(&store).await;
    append_one(&store, &defined("c1", 1));
    faulty.always(NotSent);
    let error = take(&app).await.expect_err("no answer ever comes");
    assert!(
        matches!(error, DecisionError::Indeterminate { .. }),
        "{error:?}"
    );
    assert!(error.is_transient());
    assert_eq!(faulty.counts().calls, 4);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_append_is_told() -> Outcome {
    let store = MemoryStore::new();
    let (app, faulty) = start_on(&store).await;
    append_one(&store, &defined("c1", 1));
    faulty.next([Some(Unavailable), Some(Failed)]);
    let error = take(&app).await.expect_err("it is away");
    assert!(
        matches!(error, DecisionError::Unavailable { .. }),
        "{error:?}"
    );
    assert!(error.is_transient());
    let error = take(&app).await.expect_err("it is broken");
    assert!(matches!(error, DecisionError::Store { .. }), "{error:?}");
    assert!(!error.is_transient());
    assert_eq!(take(&app).await?, 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_be_read_is_told() -> Outcome {
    let store = MemoryStore::new();
    let (app, faulty) = start_on(&store).await;
    append_one(&store, &defined("c1", 1));
    faulty.next_reads(
        ReadCall::All,
        [Some(ReadFault::Unavailable), Some(ReadFault::Failed)],
    );
    let error = take(&app).await.expect_err("it is away");
    assert!(
        matches!(error, DecisionError::Unavailable { .. }),
        "{error:?}"
    );
    let error = take(&app).await.expect_err("it is broken");
    assert!(
        matches!(error, DecisionError::ReadFailed { .. }),
        "{error:?}"
    );
    assert!(!error.is_transient());
    assert_eq!(take(&app).await?, 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_decision_ends_within_its_time() -> Outcome {
    let store = MemoryStore::new();
    let (app, faulty) = start_on(&store).await;
    append_one(&store, &defined("c1", 1));
    faulty.next([Some(Held)]);
    let limit = Duration::from_secs(3);
    let began = tokio::time::Instant::now();
    let decision = app.decide::<Seats>(about("c1")).timeout(limit);
    let error = decision
        .with(|seats, _| seat(seats, "c1", 7))
        .await
        .expect_err("its append is held");
    assert_eq!(began.elapsed(), limit);
    match &error {
        DecisionError::Timeout { model, limit: told } => {
            assert!(model.ends_with("Seats"), "{model}");
            assert_eq!(*told, limit);
        }
        other => panic!("{other:?}"),
    }
    assert!(error.is_transient());
    Ok(())
}

#[tokio::test]
async fn an_app_that_has_ended_decides_nothing() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    append_one(&store, &defined("c1", 1));
    app.shutdown().await?;
    let error = take(&app).await.expect_err("it has ended");
    assert!(matches!(error, DecisionError::ShuttingDown), "{error:?}");
    Ok(())
}
