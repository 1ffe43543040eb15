//! States that are kept between commands.

use std::sync::atomic::Ordering::SeqCst;

use orchestrix::app::Config;
use orchestrix::prelude::*;

use super::Outcome;
use super::counter::{Counter, Counting, count};
use super::test_store::TestStore;

async fn app(store: &TestStore, cached: usize) -> Result<App, orchestrix::app::StartError> {
    let mut config = Config::new();
    config.cached_aggregates = cached;
    let builder = Orchestrix::builder().isolated().store(store.clone());
    builder.module(Counting).config(config).start().await
}

#[tokio::test]
async fn the_least_recently_used_state_goes_first() -> Outcome {
    let store = TestStore::new();
    let app = app(&store, 2).await?;
    let reads = || store.calls.read_stream.swap(0, SeqCst);
    for (counter, expected) in [
        ("a", 1),
        ("b", 1),
        ("a", 0),
        ("b", 0),
        ("a", 0),
        ("c", 1),
        ("a", 0),
        ("b", 1),
    ] {
        app.dispatch(count(counter, 1)).await?;
        assert_eq!(reads(), expected, "{counter}");
    }
    Ok(())
}

#[tokio::test]
async fn whatever_is_cached_the_state_is_the_fold_of_the_stream() -> Outcome {
    for cached in [0, 1, 3, 100] {
        let store = TestStore::new();
        let app = app(&store, cached).await?;
        let mut sums = [0; 5];
        for n in 0..200_u32 {
            let which = (n * n % 5) as usize;
            sums[which] += n;
            app.dispatch(count(&format!("c{which}"), n)).await?;
        }
        for (which, sum) in sums.into_iter().enumerate() {
            let loaded = app.load::<Counter>(&format!("c{which}")).await?;
            assert_eq!(
                loaded.state.map(|state| state.total),
                Some(sum),
                "{cached} cached"
            );
        }
    }
    Ok(())
}
