//! Streams that were archived, seen through an app.

use orchestrix::app::DispatchError;
use orchestrix::prelude::*;
use orchestrix::store::{ExpectedVersion, StreamId, StreamVersion};

use super::counter::{Counter, Counting, count};
use super::{Outcome, start};

#[tokio::test]
async fn an_archived_aggregate_is_loaded_only_when_asked_for_and_takes_no_more() -> Outcome {
    let app = start(MemoryStore::new(), Counting).await;
    app.dispatch(count("old", 5)).await?;
    let stream = StreamId::new("counter", "old")?;
    let archived = app
        .store()
        .archive_stream(&stream, ExpectedVersion::StreamExists)
        .await?;
    assert_eq!(archived, StreamVersion::new(1));

    let hidden = app.load::<Counter>("old").await?;
    assert_eq!(hidden.version, StreamVersion::NONE);
    let asked_for = app.load::<Counter>("old").with_archived().await?;
    assert_eq!(asked_for.state.map(|state| state.total), Some(5));

    let refused = app.dispatch(count("old", 1)).await;
    match refused {
        Err(error @ DispatchError::Archived { .. }) => {
            assert!(!error.is_transient() && !error.is_conflict());
            assert_eq!(
                error.to_string(),
                "stream counter-old was archived at version 1, and takes no more events"
            );
        }
        other => panic!("{other:?}"),
    }
    Ok(())
}

#[tokio::test]
async fn a_store_tells_of_its_health() -> Outcome {
    let app = start(MemoryStore::new(), Counting).await;
    let health = app.store_health().await;
    assert!(health.is_well() && health.round_trip.is_ok());
    assert_eq!(health.backend, "memory");
    Ok(())
}
