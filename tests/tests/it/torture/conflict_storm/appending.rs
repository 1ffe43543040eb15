//! Through the store: whoever is too late is told so, and nothing else goes wrong.

use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::{
    Append, AppendError, EventData, EventStore, ExpectedVersion, Payload, StreamId, StreamVersion,
};
use tokio::task::JoinSet;

use super::{Stores, WRITERS, whole};
use crate::torture::work::{PATIENCE, within};

/// What one writer met with.
#[derive(Default)]
struct Met {
    won: Vec<(u64, MessageId)>,
    conflicts: usize,
    /// The most conflicts in a row.
    longest_streak: usize,
}

pub(super) async fn storm(stores: Stores, versions: usize) -> Result<(), BoxError> {
    let stream = StreamId::new("storm", "1")?;
    let mut writers = JoinSet::new();
    for n in 0..WRITERS {
        let store = stores[n % stores.len()].ports().events;
        writers.spawn(write(store, stream.clone(), versions as u64));
    }
    let all = async {
        let mut all = Met::default();
        while let Some(met) = writers.join_next().await {
            let met = met??;
            all.won.extend(met.won);
            all.conflicts += met.conflicts;
            all.longest_streak = all.longest_streak.max(met.longest_streak);
        }
        Ok::<_, BoxError>(all)
    };
    let Met {
        mut won,
        conflicts,
        longest_streak,
    } = within(PATIENCE * 5, "the storm is over", all).await??;
    eprintln!(
        "{} versions, {conflicts} conflicts, up to {longest_streak} in a row",
        won.len()
    );
    assert!(
        conflicts >= versions,
        "only {conflicts} conflicts: that was no storm"
    );

    // Each version was won once, by the event that stands there.
    won.sort_unstable();
    let events = whole(&*stores[0].ports().events, &stream).await?;
    let stored: Vec<_> = events
        .iter()
        .map(|event| (event.version.get(), event.event_id()))
        .collect();
    assert_eq!(stored, won);
    let dense = (1..=versions as u64).eq(stored.iter().map(|(version, _)| *version));
    assert!(dense, "{} versions, not 1 to {versions}", stored.len());
    for store in stores {
        store.close().await?;
    }
    Ok(())
}

/// Goes for the next version until the stream has come far enough.
async fn write(
    store: Arc<dyn EventStore>,
    stream: StreamId,
    versions: u64,
) -> Result<Met, BoxError> {
    let payload = Payload::from_json_text("{}")?;
    let mut met = Met::default();
    let mut at = StreamVersion::NONE;
    let mut streak = 0;
    while at.get() < versions {
        // Between a look at a stream and an append there is time for others, also where no call ever waits.
        tokio::task::yield_now().await;
        let event = EventData::new("Won", 1, payload.clone());
        let event_id = event.event_id;
        let exactly = ExpectedVersion::Exact(at);
        let append = Append::new(stream.clone(), exactly, vec![event]);
        match store.append(vec![append]).await.remove(0) {
            Ok(appended) => {
                at = at.next();
                assert_eq!(appended.streams[0].last_version, at);
                met.won.push((at.get(), event_id));
                streak = 0;
            }
            Err(AppendError::Conflict {
                stream: of,
                expected,
                actual,
            }) => {
                assert_eq!((&of, expected), (&stream, exactly));
                assert!(actual > at, "a conflict between {at} and {actual}");
                at = actual;
                met.conflicts += 1;
                streak += 1;
                met.longest_streak = met.longest_streak.max(streak);
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok(met)
}
