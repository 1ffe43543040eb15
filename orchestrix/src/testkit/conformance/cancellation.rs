//! Appends whose future is dropped half-way.

use super::opened::Opened;
use super::polling::poll_then_drop;
use super::samples::{events, exact, ids, ids_of, some, stream, versions};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{Append, ExpectedVersion, ReadStream};

/// A future is dropped after as many polls as this, and every number below.
const MOST_POLLS: usize = 50;

/// A dropped append is stored whole or not at all; repeating it finds out, and the stream has no hole.
pub async fn a_dropped_append_is_whole_or_absent(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let mut written = Vec::new();
    for polls in 1..=MOST_POLLS {
        let append = Append::new(stream.clone(), ExpectedVersion::Any, events(3)?);
        poll_then_drop(store.events.append(vec![append.clone()]), polls).await;
        let behind = ReadStream::backward(stream.clone()).limit(3);
        let newest: Vec<_> = store
            .events
            .read_stream(behind)
            .await?
            .into_iter()
            .rev()
            .collect();
        let there = ids(&newest)
            .iter()
            .filter(|id| ids_of(&append).contains(id))
            .count();
        ensure(
            there == 0 || there == 3,
            "none or all of three events",
            there,
        )?;
        // What a writer does that does not know: the same events again.
        let appended = store.append(append.clone()).await?;
        ensure(
            there == 0 || appended.repeated,
            "the outcome of the dropped append",
            &appended,
        )?;
        written.extend(ids_of(&append));
    }
    let stored = store.stream(&stream).await?;
    ensure_eq(
        "the stream's versions",
        versions(&stored),
        (1..=150).collect::<Vec<_>>(),
    )?;
    ensure_eq("the stream's events", ids(&stored), written.clone())?;
    let log = store.log_of_length(written.len()).await?;
    ensure_eq("the log's events", ids(&log), written)
}

/// The same over several streams and in a call with several appends: each is whole or absent by itself.
pub async fn a_dropped_call_leaves_whole_appends(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (one, two, three) = (stream("1")?, stream("2")?, stream("3")?);
    for polls in 1..=MOST_POLLS {
        let both = some(&one, 2)?.and(two.clone(), ExpectedVersion::Any, events(1)?);
        let call = vec![both, some(&three, 2)?];
        poll_then_drop(store.events.append(call.clone()), polls).await;
        let log = ids(&store.log().await?);
        for append in &call {
            let there = ids_of(append).iter().filter(|id| log.contains(id)).count();
            let whole = there == 0 || there == append.event_count();
            ensure(
                whole,
                format_args!("none or all of {} events", append.event_count()),
                there,
            )?;
        }
        // In a call of their own, so that what is under way has ended before the streams are compared.
        for append in call {
            store.append(append).await?;
        }
        for (stream, each) in [(&one, 2), (&two, 1), (&three, 2)] {
            let version = store.version(stream).await?.get();
            ensure_eq(
                format_args!("the version of {stream}"),
                version,
                polls as u64 * each,
            )?;
        }
    }
    store.log_of_length(MOST_POLLS * 5).await.map(drop)
}

/// A store whose callers give up again and again goes on working for others.
pub async fn a_store_survives_dropped_calls(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (dropped, kept) = (stream("dropped")?, stream("kept")?);
    for n in 0..MOST_POLLS {
        let polls = 1 + n % 5;
        poll_then_drop(store.events.append(vec![some(&dropped, 1)?]), polls).await;
        poll_then_drop(
            store
                .events
                .read_stream(ReadStream::forward(dropped.clone())),
            polls,
        )
        .await;
        poll_then_drop(store.events.head(), polls).await;
    }
    for version in 1..=20 {
        store
            .append(Append::new(kept.clone(), exact(version - 1), events(1)?))
            .await?;
        ensure_eq(
            "the stream's version",
            store.version(&kept).await?.get(),
            version,
        )?;
    }
    let stored = store.stream(&dropped).await?;
    let dense: Vec<u64> = (1..=stored.len() as u64).collect();
    ensure_eq(
        "the versions of the dropped appends",
        versions(&stored),
        dense,
    )?;
    store.log_of_length(20 + stored.len()).await.map(drop)
}
