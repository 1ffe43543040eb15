//! Appends whose answer was lost.

use orchestrix::app::DispatchError;
use orchestrix::testkit::faults::AppendFault::{self, AnswerLost, Failed, NotSent, Unavailable};

use super::counter::{Counting, count, count_each};
use super::stored::events;
use super::test_store::TestStore;
use super::{Outcome, start};

#[tokio::test(start_paused = true)]
async fn what_was_stored_though_the_answer_was_lost_is_stored_once() -> Outcome {
    let cases: [&[AppendFault]; 6] = [
        &[AnswerLost],
        &[NotSent],
        &[AnswerLost, AnswerLost, AnswerLost],
        &[NotSent, AnswerLost, NotSent],
        &[NotSent, Unavailable],
        &[AnswerLost, Failed],
    ];
    for faults in cases {
        let store = TestStore::new();
        let app = start(store.clone(), Counting).await;
        app.dispatch(count("a", 1)).await?;
        store.fail_next(faults.iter().copied());
        let receipt = app.dispatch(count_each("a", &[2, 3])).await?;
        let stored = events(&store, "counter-a").await;
        let told: Vec<_> = receipt.events.iter().map(|event| event.event_id).collect();
        let kept: Vec<_> = stored[1..].iter().map(|event| event.event_id()).collect();
        assert_eq!(told, kept, "{faults:?}");
        assert_eq!(
            (receipt.version.get(), receipt.position.get()),
            (3, 3),
            "{faults:?}"
        );
        assert_eq!(store.append_calls(), 2 + faults.len(), "{faults:?}");
        assert_eq!(
            app.dispatch(count("a", 4)).await?.version.get(),
            4,
            "{faults:?}"
        );
    }
    Ok(())
}

/// An error that says "nothing was stored" is only about the last try.
#[tokio::test(start_paused = true)]
async fn after_a_lost_answer_no_later_failure_pretends_to_know() -> Outcome {
    let cases: [&[AppendFault]; 4] = [
        &[NotSent, NotSent, NotSent, NotSent],
        &[AnswerLost, AnswerLost, AnswerLost, AnswerLost],
        &[AnswerLost, Unavailable, Unavailable, Unavailable],
        &[AnswerLost, Failed, Unavailable, Failed],
    ];
    for faults in cases {
        let store = TestStore::new();
        let app = start(store.clone(), Counting).await;
        store.fail_next(faults.iter().copied());
        let error = app
            .dispatch(count("a", 1))
            .await
            .expect_err("no answer comes");
        assert!(
            matches!(error, DispatchError::Indeterminate { .. }),
            "{faults:?}: {error:?}"
        );
        assert!(error.is_transient());
        let stored = events(&store, "counter-a").await.len();
        assert_eq!(
            stored,
            usize::from(matches!(faults[0], AnswerLost)),
            "{faults:?}"
        );
        let next = app.dispatch(count("a", 1)).await?;
        assert_eq!(next.version.get() as usize, stored + 1, "{faults:?}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn another_writer_in_between_makes_it_a_conflict_that_is_decided_again() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    store.fail_next([NotSent]);
    store.rivals.next([false, true]);
    let receipt = app.dispatch(count("a", 1)).await?;
    assert_eq!(receipt.version.get(), 2);
    assert_eq!(events(&store, "counter-a").await.len(), 2);
    Ok(())
}
