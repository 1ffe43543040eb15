//! Reads that page by themselves.

use futures_util::TryStreamExt as _;

use super::opened::Opened;
use super::samples::{HAPPENED, event_of_type, ids, some, stream, versions};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure_eq};
use crate::store::{
    Append, EventStoreExt as _, ExpectedVersion, Filter, GlobalPosition, ReadAll, ReadStream,
    RecordedEvent, StreamId, StreamVersion,
};

const EVENTS: u64 = 25;

/// The log is streamed whole and in order, whatever the size of its pages, from any position, and through a filter.
pub async fn the_log_is_streamed_in_pages(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (store, _) = with_streams(subject).await?;
    let log = store.log().await?;
    let middle = log[log.len() / 2].position;
    for page_size in [1, 7, 25, 50, 1_000] {
        for after in [GlobalPosition::START, middle, log[log.len() - 1].position] {
            for filter in [
                Filter::all(),
                Filter::all().event_types(["Rare"]),
                Filter::all().event_types(["Never"]),
            ] {
                let matching = log.iter().filter(|event| event.position > after);
                let expected: Vec<_> = matching
                    .filter(|event| filter.matches(event))
                    .cloned()
                    .collect();
                let what = format!("the events of {filter:?} after {after} by {page_size}");
                let read = ReadAll::after(after).filter(filter).limit(page_size);
                let found: Vec<RecordedEvent> = store.events.stream_all(read).try_collect().await?;
                ensure_eq(what, ids(&found), ids(&expected))?;
            }
        }
    }
    Ok(())
}

/// A stream is streamed in both directions within its bounds, whatever the size of the pages.
pub async fn a_stream_is_streamed_in_pages(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (store, stream) = with_streams(subject).await?;
    let bounds = [
        (1, EVENTS),
        (1, 3 * EVENTS),
        (3, 20),
        (7, 7),
        (20, 3),
        (EVENTS, EVENTS),
    ];
    for page_size in [1, 4, 5, 25, 1_000] {
        for (from, to) in bounds {
            let within = |read: ReadStream| {
                let read = read
                    .from(StreamVersion::new(from))
                    .to(StreamVersion::new(to));
                store.events.stream_events(read.limit(page_size))
            };
            let mut expected: Vec<u64> = (from..=to.min(EVENTS)).collect();
            let what = format!("the versions {from} to {to} by {page_size}");
            let forward: Vec<_> = within(ReadStream::forward(stream.clone()))
                .try_collect()
                .await?;
            ensure_eq(&what, versions(&forward), expected.clone())?;
            expected.reverse();
            let backward: Vec<_> = within(ReadStream::backward(stream.clone()))
                .try_collect()
                .await?;
            ensure_eq(&what, versions(&backward), expected)?;
        }
    }
    Ok(())
}

/// A stream of [`EVENTS`] events, with others among them in the log, rare ones too.
async fn with_streams(subject: &dyn StoreUnderTest) -> Result<(Opened, StreamId), Violation> {
    let store = Opened::open(subject).await?;
    let (long, other) = (stream("long")?, stream("other")?);
    for n in 0..EVENTS {
        store.append(some(&long, 1)?).await?;
        let name = if n % 10 == 0 { "Rare" } else { HAPPENED };
        let event = event_of_type(name)?;
        store
            .append(Append::new(
                other.clone(),
                ExpectedVersion::Any,
                vec![event],
            ))
            .await?;
    }
    Ok((store, long))
}
