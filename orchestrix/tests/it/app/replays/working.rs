//! What a replay calls, and what it leaves as it is.

use std::sync::{Arc, Mutex};

use orchestrix::prelude::*;
use orchestrix::store::{CheckpointStore, Filter, RecordedEvent};
use orchestrix::subscription::Subscription;
use orchestrix::tenant;

use super::search::{Calls, INDEX, MAIL, searching};
use crate::app::Outcome;
use crate::app::counter::{Counting, Total, count};
use crate::app::deliveries::counted;
use crate::app::waiting::{caught_up, status};

#[tokio::test(start_paused = true)]
async fn only_the_one_handler_is_called_and_no_checkpoint_moves() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    counted(&store, 1..=5).await?;
    let app = searching(store.clone(), &calls).await?;
    caught_up(&app).await;
    assert_eq!(calls.live(), [1, 2, 3, 4, 5]);
    assert_eq!(calls.mails(), [1, 2, 3, 4, 5]);
    calls.forget();
    let report = app.replay(INDEX).await?;
    assert_eq!((report.delivered, report.failures.len()), (5, 0));
    assert_eq!(report.last_position.map(|at| at.get()), Some(5));
    assert!(report.is_complete());
    assert_eq!(calls.replayed(), [1, 2, 3, 4, 5]);
    assert!(calls.mails().is_empty(), "it has effects");
    for name in [INDEX, MAIL] {
        assert_eq!(store.load_checkpoint(name).await?.get(), 5);
        assert_eq!(status(&app, name).position.get(), 5);
    }
    // It consumes what comes as before.
    counted(&store, [6]).await?;
    caught_up(&app).await;
    assert_eq!(calls.live(), [6]);
    Ok(())
}

/// A closure says by its context whether it may run again; so does a type of one's own.
#[tokio::test(start_paused = true)]
async fn a_subscription_of_ones_own_is_replayed_with_its_filter() -> Outcome {
    let store = MemoryStore::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noting = seen.clone();
    let acme = TenantId::new("acme")?;
    let app = Orchestrix::builder()
        .isolated()
        .store(store.clone())
        .module(Counting)
        .subscription(
            Subscription::new("audit").filter(Filter::all().tenant(acme.clone())),
            move |event: RecordedEvent, cx: ReplayContext| {
                let scope = tenant::current();
                let seen = noting.clone();
                async move {
                    assert_eq!(scope.as_ref(), Some(event.stream.tenant()));
                    let note = (event.position.get(), cx.is_replay());
                    seen.lock().unwrap().push(note);
                }
            },
        )
        .start()
        .await?;
    app.dispatch(count("a", 1)).await?;
    app.dispatch(count("a", 1)).tenant(acme.clone()).await?;
    caught_up(&app).await;
    let report = app.replay("audit").await?;
    assert_eq!(report.delivered, 1);
    assert_eq!(*seen.lock().unwrap(), [(2, false), (2, true)]);
    Ok(())
}

/// Read models can be asked in a replay.
#[tokio::test(start_paused = true)]
async fn views_are_there_in_a_replay() -> Outcome {
    struct Asking(Arc<Mutex<Vec<u32>>>);
    #[module(name = "asking", projections(Total))]
    impl Asking {
        #[on(replay)]
        async fn ask(
            &self,
            event: &crate::app::counter::Counted,
            cx: &ReplayContext,
        ) -> Result<(), orchestrix::app::ViewError> {
            let total = cx.view::<Total>(&event.counter).await?;
            let sum = total.map_or(0, |total| total.sum);
            if cx.is_replay() {
                assert_eq!(cx.stream().key(), event.counter);
                assert_eq!(cx.version(), StreamVersion::FIRST);
                self.0.lock().unwrap().push(sum);
            }
            Ok(())
        }
    }
    let (store, sums) = (MemoryStore::new(), Arc::default());
    counted(&store, [7]).await?;
    let app = crate::app::start(store, Asking(Arc::clone(&sums))).await;
    caught_up(&app).await;
    assert_eq!(app.replay("asking.ask").await?.delivered, 1);
    assert_eq!(*sums.lock().unwrap(), [7]);
    Ok(())
}
