//! Wake-ups only hint: the log is read.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use tokio::time::Instant;

use super::counter::{CountingWithTotals, Total, count};
use super::test_store::TestStore;
use super::waiting::{LONG, caught_up};
use super::{Outcome, start};

#[tokio::test(start_paused = true)]
async fn without_a_single_wake_up_everything_still_arrives() -> Outcome {
    let store = TestStore::new();
    store.silent.store(true, SeqCst);
    let app = start(store.clone(), CountingWithTotals).await;
    caught_up(&app).await;
    for n in 1..=5 {
        let receipt = app.dispatch(count("a", 1)).await?;
        let began = Instant::now();
        let total = app
            .view::<Total>("a")
            .at_least(receipt.position)
            .within(LONG)
            .await?;
        assert_eq!(total.map(|total| total.events), Some(n));
        assert!(
            began.elapsed() <= Duration::from_millis(600),
            "{:?}",
            began.elapsed()
        );
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn too_many_wake_ups_change_nothing() -> Outcome {
    let store = TestStore::new();
    store.silent.store(true, SeqCst);
    let app = start(store.clone(), CountingWithTotals).await;
    let receipt = app.dispatch(count("a", 1)).await?;
    for _ in 0..100 {
        store.signal.wake();
        tokio::task::yield_now().await;
    }
    let total = app.view::<Total>("a").at_least(receipt.position).await?;
    assert_eq!(total, Some(Total { sum: 1, events: 1 }));
    assert_eq!(store.calls.commit.load(SeqCst), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_wake_up_delivers_at_once() -> Outcome {
    let app = start(TestStore::new(), CountingWithTotals).await;
    caught_up(&app).await;
    let began = Instant::now();
    let receipt = app.dispatch(count("a", 1)).await?;
    app.view::<Total>("a").at_least(receipt.position).await?;
    assert_eq!(began.elapsed(), Duration::ZERO);
    Ok(())
}
