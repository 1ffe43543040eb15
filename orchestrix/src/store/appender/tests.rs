//! What goes with appends, as it becomes old.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;

use super::{ATTEMPTS, Appender, BesideAppends};
use crate::error::BoxError;
use crate::store::{
    Append, AppendError, EventData, EventStore, ExpectedVersion, InlineWrite, MemoryStore, Payload,
    StreamId, StreamVersion,
};

/// Sees the progress of a stream where it is not, so many times.
struct Mistaken {
    times: u32,
    attached: AtomicU32,
}

#[async_trait]
impl BesideAppends for Mistaken {
    fn concerns(&self, append: &Append) -> bool {
        append.writes()[0].stream.category() == "counter"
    }

    async fn attach(&self, append: Append) -> Result<Append, AppendError> {
        let attached = self.attached.fetch_add(1, Ordering::Relaxed);
        let version = u64::from(attached < self.times);
        let inline = InlineWrite {
            read_model: "tally@1+inline".to_owned(),
            build: 0,
            stream: append.writes()[0].stream.clone(),
            from: StreamVersion::new(version),
            moves: true,
            indexes: Vec::new(),
            write: None,
        };
        Ok(append.with_inline(vec![inline]))
    }
}

/// Appends to a stream that is at version 1, with what is mistaken so many times; how often it was worked out, and what
/// came of it.
async fn append(times: u32, category: &str) -> Result<(u32, Result<u64, AppendError>), BoxError> {
    let store = MemoryStore::new();
    let stream = StreamId::new(category, "7")?;
    let event = || EventData::new("Counted", 1, Payload::binary(vec![1]));
    let first = Append::new(stream.clone(), ExpectedVersion::NoStream, vec![event()]);
    for appended in store.append(vec![first]).await {
        appended?;
    }
    let mistaken = Arc::new(Mistaken {
        times,
        attached: AtomicU32::new(0),
    });
    let appender = Appender::new(Arc::new(store)).with_beside(Some(mistaken.clone()));
    let event = event();
    let expected = ExpectedVersion::Exact(StreamVersion::FIRST);
    let append = || Append::new(stream.clone(), expected, vec![event.clone()]);
    let outcome = appender.append_surely(append).await;
    let version = outcome.map(|done| done.streams[0].last_version.get());
    Ok((mistaken.attached.load(Ordering::Relaxed), version))
}

#[tokio::test(start_paused = true)]
async fn what_has_become_old_is_worked_out_again() -> Result<(), BoxError> {
    for times in [0, 1, ATTEMPTS - 1] {
        let (attached, outcome) = append(times, "counter").await?;
        assert_eq!((attached, outcome?), (times + 1, 2));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_always_old_is_given_up() -> Result<(), BoxError> {
    let (attached, outcome) = append(u32::MAX, "counter").await?;
    assert_eq!(attached, ATTEMPTS);
    match outcome {
        Err(AppendError::ReadModelMoved { read_model, stream }) => {
            assert_eq!(read_model, "tally@1+inline");
            assert_eq!(stream.name(), "counter-7");
            Ok(())
        }
        other => Err(format!("it is not given up: {other:?}").into()),
    }
}

#[tokio::test]
async fn what_does_not_concern_it_goes_straight() -> Result<(), BoxError> {
    let (attached, outcome) = append(u32::MAX, "other").await?;
    assert_eq!((attached, outcome?), (0, 2));
    Ok(())
}
