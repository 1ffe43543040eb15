//! The layer that gives commands their keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use orchestrix::app::DispatchError;
use orchestrix::middleware::{CommandCall, Idempotency};
use orchestrix::prelude::*;
use orchestrix::store::IdempotencyKey;

use super::trail::building;
use crate::app::Outcome;
use crate::app::counter::{Counting, count};
use crate::app::stored::events;

#[tokio::test]
async fn commands_with_one_key_are_one_request() -> Outcome {
    let asked = Arc::new(AtomicUsize::new(0));
    let asking = asked.clone();
    let store = MemoryStore::new();
    let app = building(store.clone(), Counting)
        .dispatch_layer(Idempotency::new(move |call: &CommandCall| {
            asking.fetch_add(1, SeqCst);
            let request = call.metadata().extra.get("request");
            request
                .map(|text| IdempotencyKey::new(text.as_str()))
                .transpose()
        }))
        .start()
        .await?;
    let from = |request: &str| app.dispatch(count("a", 2)).metadata("request", request);
    let first = from("7").await?;
    assert_eq!(from("7").await?, first);
    assert_ne!(from("8").await?, first);
    assert_eq!(app.dispatch(count("a", 1)).await?.version.get(), 3);
    assert_eq!(app.dispatch(count("a", 1)).await?.version.get(), 4);
    assert_eq!(asked.load(SeqCst), 5);
    // A command that has a key keeps it.
    let own = IdempotencyKey::new("8")?;
    assert_eq!(from("7").idempotency_key(own).await?.version.get(), 2);
    assert_eq!(asked.load(SeqCst), 5);
    match from("\u{0}").await {
        Err(DispatchError::InvalidKey { command, .. }) => assert_eq!(command, "Count"),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(events(&store, "counter-a").await.len(), 4);
    Ok(())
}

#[tokio::test]
async fn a_key_may_be_given_without_doubt() -> Outcome {
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(Idempotency::new(|call: &CommandCall| {
            IdempotencyKey::new(call.correlation_id().to_string()).ok()
        }))
        .start()
        .await?;
    let chain = orchestrix::message::MessageId::new().into();
    let first = app.dispatch(count("a", 2)).correlation(chain).await?;
    let again = app.dispatch(count("a", 2)).correlation(chain).await?;
    assert_eq!(again, first);
    Ok(())
}
