//! What is repeated, and what stays as it is.

use std::sync::{Arc, Mutex};

use orchestrix::prelude::*;
use orchestrix::store::{CheckpointStore, DeadLetterStore, GlobalPosition, RecordedEvent};
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy, StartFrom, Subscription};

use crate::app::Outcome;
use crate::app::counter::Total;
use crate::app::deliveries::{Calls, DELIVER, Post, TOTAL, counted, posting};
use crate::app::waiting::{caught_up, eventually, status};

/// A subscription beside it, which is to stay where it is.
const AUDIT: &str = "audit";

async fn app_with_audit(
    store: &MemoryStore,
    calls: &Calls,
    delivery: Delivery,
    audited: &Arc<Mutex<Vec<u64>>>,
) -> Result<App, orchestrix::app::StartError> {
    let audited = audited.clone();
    let audit = move |event: RecordedEvent, _: EventContext| {
        audited.lock().unwrap().push(event.position.get());
    };
    Orchestrix::builder()
        .isolated()
        .store(store.clone())
        .module(Post(calls.clone()))
        .delivery(DELIVER, delivery)
        .subscription(Subscription::new(AUDIT), audit)
        .start()
        .await
}

/// With nothing appended: an idle subscription goes on by itself.
#[tokio::test(start_paused = true)]
async fn everything_is_delivered_again_to_the_one_and_nothing_to_others() -> Outcome {
    let (store, calls, audited) = (MemoryStore::new(), Calls::default(), Arc::default());
    counted(&store, 1..=4).await?;
    let app = app_with_audit(&store, &calls, Delivery::default(), &audited).await?;
    caught_up(&app).await;
    app.reset_subscription(DELIVER).await?;
    assert_eq!(status(&app, DELIVER).resets, 1, "it is told at once");
    caught_up(&app).await;
    assert_eq!(calls.all(), [1, 2, 3, 4, 1, 2, 3, 4]);
    assert_eq!(*audited.lock().unwrap(), [1, 2, 3, 4]);
    let total = app.view::<Total>("c1").await?;
    assert_eq!(total.map(|total| total.events), Some(2));
    for name in [DELIVER, AUDIT, TOTAL] {
        assert_eq!(store.load_checkpoint(name).await?.get(), 4, "{name}");
        let resets = u64::from(name == DELIVER);
        assert_eq!(status(&app, name).resets, resets, "{name}");
    }
    // What it did since outlives the process.
    app.shutdown().await?;
    counted(&store, [5]).await?;
    let app = app_with_audit(&store, &calls, Delivery::default(), &audited).await?;
    caught_up(&app).await;
    assert_eq!(calls.all()[8..], [5]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn to_a_position_back_and_on() -> Outcome {
    let (store, calls, audited) = (MemoryStore::new(), Calls::default(), Arc::default());
    counted(&store, 1..=6).await?;
    let app = app_with_audit(&store, &calls, Delivery::default(), &audited).await?;
    caught_up(&app).await;
    let at = GlobalPosition::new;
    app.reset_subscription(AUDIT).to(at(4)).await?;
    caught_up(&app).await;
    assert_eq!(*audited.lock().unwrap(), [1, 2, 3, 4, 5, 6, 5, 6]);
    // On past what comes while it does nothing.
    app.pause_subscription(AUDIT)?;
    counted(&store, 7..=9).await?;
    app.reset_subscription(AUDIT).to(at(8)).await?;
    app.resume_subscription(AUDIT)?;
    caught_up(&app).await;
    assert_eq!(audited.lock().unwrap()[8..], [9]);
    assert_eq!(status(&app, AUDIT).resets, 2);
    Ok(())
}

/// As one that has never run it begins where its delivery says.
#[tokio::test(start_paused = true)]
async fn without_a_position_it_begins_as_at_first() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    counted(&store, 1..=5).await?;
    let mut delivery = Delivery::default();
    delivery.start = StartFrom::After(GlobalPosition::new(3));
    let app = posting(store, &calls, delivery).await?;
    caught_up(&app).await;
    app.reset_subscription(DELIVER).await?;
    caught_up(&app).await;
    assert_eq!(calls.all(), [4, 5, 4, 5]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn its_dead_letters_are_gone_and_their_streams_go_on() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::failing_at([2]));
    counted(&store, 1..=6).await?;
    let mut parking = Delivery::default();
    parking.retry = RetryPolicy::none();
    parking.on_error = ErrorPolicy::DeadLetter;
    let app = posting(store.clone(), &calls, parking).await?;
    caught_up(&app).await;
    assert_eq!(status(&app, DELIVER).dead_letters, 2, "2, and 5 behind it");
    calls.fail_at([]);
    app.reset_subscription(DELIVER).await?;
    caught_up(&app).await;
    assert_eq!(store.count_dead_letters(DELIVER).await?, 0);
    assert_eq!(status(&app, DELIVER).dead_letters, 0);
    assert_eq!(calls.all(), [1, 2, 3, 4, 6, 1, 2, 3, 4, 5, 6]);
    Ok(())
}

/// Lanes go back together, also what an earlier division of them had come to.
#[tokio::test(start_paused = true)]
async fn all_lanes_of_every_division_go_back() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    counted(&store, 1..=9).await?;
    let lanes = |lanes: u16| {
        let mut delivery = Delivery::default();
        delivery.lanes = lanes;
        delivery
    };
    let mut expected = 0;
    for (n, lanes) in [lanes(1), lanes(3), lanes(2)].into_iter().enumerate() {
        let app = posting(store.clone(), &calls, lanes).await?;
        caught_up(&app).await;
        if n == 0 {
            expected += 9;
        }
        assert_eq!(
            calls.all().len(),
            expected,
            "a division goes on after another"
        );
        app.reset_subscription(DELIVER).await?;
        assert_eq!(status(&app, DELIVER).resets, n as u64 + 1);
        expected += 9;
        eventually("all is delivered again", || calls.all().len() == expected).await;
        caught_up(&app).await;
        app.shutdown().await?;
    }
    let mut all = calls.all();
    all.sort_unstable();
    let four_times: Vec<u32> = (1..=9).flat_map(|by| [by; 4]).collect();
    assert_eq!(all, four_times);
    Ok(())
}
