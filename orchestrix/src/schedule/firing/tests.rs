//! What is done at a time besides commands.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;

use super::Handler;
use crate::app::Orchestrix;
use crate::schedule::FiringError;
use crate::store::{MemoryStore, Payload, ScheduleId, ScheduleStore, Scheduled, TenantId};

/// Each kind goes to its handler, with its content, and one that panics has failed.
#[tokio::test]
async fn other_kinds_have_handlers_of_their_own() -> Result<(), Box<dyn std::error::Error>> {
    let store = MemoryStore::new();
    for name in ["timer", "broken"] {
        let due = Scheduled::new(
            TenantId::default(),
            ScheduleId::new(name)?,
            Timestamp::UNIX_EPOCH,
            "saga",
            name,
            Payload::of(&7)?,
        );
        store.schedule(due).await?;
    }
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = told.clone();
    let handler: Handler = Arc::new(move |_, due| {
        let told = telling.clone();
        Box::pin(async move {
            assert_ne!(due.name, "broken", "it is broken");
            let body = due.payload.read::<u32>();
            let body = body.map_err(|error| FiringError::Failed {
                source: error.into(),
            })?;
            told.lock().unwrap().push((due.name, body));
            Ok(())
        })
    });
    let mut app = Orchestrix::builder().isolated().store(store);
    app.firing.push(("saga", handler));
    let app = app.start().await?;
    let mut statuses = app.schedule_statuses();
    let done = statuses.wait_for(|status| status.fired == 1 && status.failed == 1);
    let status = tokio::time::timeout(Duration::from_secs(60), done).await??;
    let failure = status.last_failure.as_ref().map(|failure| &*failure.error);
    assert!(
        matches!(failure, Some(FiringError::Failed { source }) if source.to_string().contains("it is broken"))
    );
    drop(status);
    assert_eq!(*told.lock().unwrap(), [("timer".to_owned(), 7)]);
    Ok(app.shutdown().await?)
}
