//! A whole app over a store that fails.

use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{EventStore as _, ReadStream, StreamId};
use orchestrix::testkit::faults::AppendFault::{AnswerLost, NotSent, Twice, Unavailable};
use orchestrix::testkit::faults::FaultStore;

use super::bank::{Bank, Pay, Total};

#[tokio::test]
async fn commands_take_effect_once_whatever_happens_to_their_appends() -> Result<(), BoxError> {
    let memory = MemoryStore::new();
    let faulty = FaultStore::over(Arc::new(memory.clone()));
    faulty.drop_wake_ups();
    let builder = Orchestrix::builder()
        .isolated()
        .store(memory.clone())
        .module(Bank);
    let app = builder.events(Arc::new(faulty.clone())).start().await?;
    let scripts = [
        vec![Some(AnswerLost)],
        vec![Some(NotSent)],
        vec![Some(AnswerLost), Some(NotSent), Some(AnswerLost)],
        vec![Some(NotSent), Some(Unavailable), Some(Twice)],
        vec![Some(Twice)],
        vec![],
    ];
    let mut paid = 0;
    for (n, script) in (1..).zip(&scripts) {
        faulty.next(script.iter().copied());
        let pence = 10_u64.pow(n);
        paid += pence;
        let pay = Pay {
            account: "a".to_owned(),
            pence,
        };
        let receipt = app.dispatch(pay).await?;
        assert_eq!(receipt.version.get(), u64::from(n), "{script:?}");
        // The projection is never woken, and comes to it by looking.
        let total = app.view::<Total>("a").at_least(receipt.position).await?;
        assert_eq!(total, Some(Total { pence: paid }), "{script:?}");
    }
    let stream = StreamId::new("account", "a")?;
    let stored = memory.read_stream(ReadStream::forward(stream)).await?;
    assert_eq!(stored.len(), scripts.len());
    let counts = faulty.counts();
    assert_eq!(
        (counts.answers_lost, counts.not_sent, counts.twice),
        (3, 3, 2)
    );
    assert_eq!((counts.unavailable, counts.unrecognised), (1, 0));
    assert!(counts.deaf_listeners > 0);
    app.shutdown().await?;
    Ok(())
}

#[tokio::test]
async fn an_unavailable_store_is_told_to_the_caller() -> Result<(), BoxError> {
    let memory = MemoryStore::new();
    let faulty = FaultStore::over(Arc::new(memory.clone()));
    let builder = Orchestrix::builder().isolated().store(memory).module(Bank);
    let app = builder.events(Arc::new(faulty.clone())).start().await?;
    faulty.next([Some(Unavailable)]);
    let pay = || Pay {
        account: "a".to_owned(),
        pence: 5,
    };
    let error = app.dispatch(pay()).await.expect_err("nothing is stored");
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(app.dispatch(pay()).await?.version.get(), 1);
    app.shutdown().await?;
    Ok(())
}
