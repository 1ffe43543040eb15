//! A whole app over a store whose reads fail.

use std::sync::Arc;
use std::time::Duration;

use orchestrix::app::Config;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{EventStore as _, ReadStream, StreamId};
use orchestrix::testkit::faults::ReadFault::{Held, Short, Stale, Unavailable};
use orchestrix::testkit::faults::{FaultOdds, FaultStore, ReadCall};

use super::bank::{Bank, Pay, Total};

/// How long anything may take that takes moments on an idle machine.
const PATIENCE: Duration = Duration::from_secs(30);

async fn start() -> Result<(App, FaultStore, MemoryStore), BoxError> {
    start_with(Config::default()).await
}

async fn start_with(config: Config) -> Result<(App, FaultStore, MemoryStore), BoxError> {
    let memory = MemoryStore::new();
    let faulty = FaultStore::over(Arc::new(memory.clone()));
    let builder = Orchestrix::builder()
        .isolated()
        .store(memory.clone())
        .config(config)
        .module(Bank);
    let app = builder.events(Arc::new(faulty.clone())).start().await?;
    Ok((app, faulty, memory))
}

fn pay(account: &str, pence: u64) -> Pay {
    Pay {
        account: account.to_owned(),
        pence,
    }
}

async fn stored(memory: &MemoryStore, account: &str) -> Result<usize, BoxError> {
    let stream = ReadStream::forward(StreamId::new("account", account)?);
    Ok(memory.read_stream(stream).await?.len())
}

#[tokio::test]
async fn a_projection_survives_a_log_that_cannot_be_read_for_a_while() -> Result<(), BoxError> {
    let (app, faulty, _) = start().await?;
    // Some at once, then one now and then; pages that are cut, and pages that are old.
    faulty.next_reads(ReadCall::All, [Some(Unavailable); 3]);
    let odds = FaultOdds::none()
        .with(Unavailable, 100)
        .with(Short, 200)
        .with(Stale, 200);
    faulty.seeded_reads(ReadCall::All, 7, odds);
    let mut last = app.dispatch(pay("a", 1)).await?;
    for n in 1..60 {
        last = app.dispatch(pay(["a", "b"][n % 2], 1)).await?;
    }
    for account in ["a", "b"] {
        let view = app.view::<Total>(account).at_least(last.position);
        let total = tokio::time::timeout(PATIENCE, view).await??;
        assert_eq!(total, Some(Total { pence: 30 }), "{account}");
    }
    let counts = faulty.counts();
    assert!(counts.reads_unavailable >= 3, "{counts:?}");
    app.shutdown().await?;
    Ok(())
}

#[tokio::test]
async fn a_projection_goes_on_when_a_read_that_hung_comes_back() -> Result<(), BoxError> {
    let (app, faulty, _) = start().await?;
    faulty.always_reads(ReadCall::All, Held);
    let receipt = app.dispatch(pay("a", 5)).await?;
    faulty.read_gate().until_waiting(1).await;
    // Commands do not wait for it.
    app.dispatch(pay("a", 6)).await?;
    faulty.heal();
    faulty.read_gate().open();
    let view = app.view::<Total>("a").at_least(receipt.position);
    let total = tokio::time::timeout(PATIENCE, view).await??;
    assert!(total.is_some_and(|total| total.pence >= 5));
    app.shutdown().await?;
    Ok(())
}

#[tokio::test]
async fn a_dispatch_that_cannot_load_says_so_and_works_again() -> Result<(), BoxError> {
    let (app, faulty, memory) = start().await?;
    // A stream that this app has not seen, written to by another one.
    let other = Orchestrix::builder()
        .isolated()
        .store(memory.clone())
        .module(Bank);
    let other = other.start().await?;
    for _ in 0..3 {
        other.dispatch(pay("a", 1)).await?;
    }
    faulty.next_reads(ReadCall::Stream, [Some(Unavailable), Some(Unavailable)]);
    let mut refused = 0;
    let receipt = loop {
        match app.dispatch(pay("a", 1)).await {
            Ok(receipt) => break receipt,
            Err(error) => {
                assert!(error.is_transient(), "{error:?}");
                refused += 1;
            }
        }
    };
    assert_eq!((receipt.version.get(), stored(&memory, "a").await?), (4, 4));
    assert!((1..=2).contains(&refused), "{refused}");
    assert_eq!(faulty.counts().reads_unavailable, 2);
    app.shutdown().await?;
    other.shutdown().await?;
    Ok(())
}

#[tokio::test]
async fn a_dispatch_that_loaded_an_old_state_is_decided_again() -> Result<(), BoxError> {
    let (app, faulty, memory) = start().await?;
    let other = Orchestrix::builder()
        .isolated()
        .store(memory.clone())
        .module(Bank);
    let other = other.start().await?;
    for round in 1..=5 {
        other.dispatch(pay("a", 1)).await?;
        // The state that this app has is old, and what it reads instead is old, too.
        faulty.next_reads(ReadCall::Stream, [Some(Stale)]);
        let receipt = app.dispatch(pay("a", 1)).await?;
        assert_eq!(receipt.version.get(), 2 * round);
    }
    assert_eq!(stored(&memory, "a").await?, 10);
    assert!(faulty.counts().reads_stale > 0, "{:?}", faulty.counts());
    app.shutdown().await?;
    other.shutdown().await?;
    Ok(())
}

#[tokio::test]
async fn a_dispatch_whose_read_hangs_ends_in_time() -> Result<(), BoxError> {
    let mut config = Config::default();
    config.dispatch_timeout = Duration::from_millis(300);
    let (app, faulty, memory) = start_with(config).await?;
    let other = Orchestrix::builder()
        .isolated()
        .store(memory.clone())
        .module(Bank);
    let other = other.start().await?;
    other.dispatch(pay("a", 1)).await?;
    faulty.always_reads(ReadCall::Stream, Held);
    let error = tokio::time::timeout(PATIENCE, app.dispatch(pay("a", 1))).await?;
    let error = error.expect_err("nothing can be loaded");
    assert!(error.is_transient(), "{error:?}");
    faulty.heal();
    faulty.read_gate().open();
    assert_eq!(app.dispatch(pay("a", 1)).await?.version.get(), 2);
    app.shutdown().await?;
    other.shutdown().await?;
    Ok(())
}
