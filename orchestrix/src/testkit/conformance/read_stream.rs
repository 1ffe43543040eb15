//! Reading one stream.

use super::opened::Opened;
use super::samples::{ids, ids_of, some, stream, stream_of, versions};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq, present};
use crate::store::{Direction, MAX_PAGE, ReadStream, RecordedEvent, StreamId, StreamVersion};

/// An absent stream has no events, and reading it is no error.
pub async fn an_absent_stream_has_no_events(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let absent = stream("absent")?;
    for filled in [false, true] {
        if filled {
            store.append(some(&stream("other")?, 2)?).await?;
            store
                .append(some(&stream_of("elsewhere", "absent")?, 2)?)
                .await?;
        }
        for read in [
            ReadStream::forward(absent.clone()),
            ReadStream::backward(absent.clone()),
        ] {
            let events = store.events.read_stream(read).await?;
            ensure(events.is_empty(), "no events", &events)?;
        }
    }
    Ok(())
}

/// Forward, the oldest event comes first; each names its stream.
pub async fn forward_reads_the_oldest_first(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (store, stream) = with_five_events(subject).await?;
    let events = store
        .events
        .read_stream(ReadStream::forward(stream.clone()))
        .await?;
    ensure_eq("the versions", versions(&events), vec![1, 2, 3, 4, 5])?;
    ensure_streams(&events, &stream)
}

/// Backward, the newest event comes first.
pub async fn backward_reads_the_newest_first(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (store, stream) = with_five_events(subject).await?;
    let events = store
        .events
        .read_stream(ReadStream::backward(stream.clone()))
        .await?;
    ensure_eq("the versions", versions(&events), vec![5, 4, 3, 2, 1])?;
    ensure_streams(&events, &stream)
}

/// `from` and `to` are versions that are read, too.
pub async fn from_and_to_are_inclusive(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (store, stream) = with_five_events(subject).await?;
    let (two, three, four) = (
        StreamVersion::new(2),
        StreamVersion::new(3),
        StreamVersion::new(4),
    );
    let forward = ReadStream::forward(stream.clone());
    let backward = ReadStream::backward(stream);
    for (read, expected) in [
        (forward.clone().from(three), vec![3, 4, 5]),
        (forward.clone().to(two), vec![1, 2]),
        (forward.from(two).to(four), vec![2, 3, 4]),
        (backward.clone().from(three), vec![5, 4, 3]),
        (backward.clone().to(two), vec![2, 1]),
        (backward.from(two).to(four), vec![4, 3, 2]),
    ] {
        let asked = format!("the versions of {read:?}");
        ensure_eq(
            asked,
            versions(&store.events.read_stream(read).await?),
            expected,
        )?;
    }
    Ok(())
}

/// A limit takes the first events in the direction of reading.
pub async fn a_limit_takes_the_first_events(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (store, stream) = with_five_events(subject).await?;
    let forward = store
        .events
        .read_stream(ReadStream::forward(stream.clone()).limit(2))
        .await?;
    ensure_eq("the versions", versions(&forward), vec![1, 2])?;
    let backward = store
        .events
        .read_stream(ReadStream::backward(stream).limit(2))
        .await?;
    ensure_eq("the versions", versions(&backward), vec![5, 4])
}

/// Every combination of direction, bounds and limit over five events.
pub async fn direction_bounds_and_limit_combine(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (store, stream) = with_five_events(subject).await?;
    for (from, to) in (0..=6).flat_map(|from| (0..=6).map(move |to| (from, to))) {
        for limit in [1, 3, MAX_PAGE] {
            for direction in [Direction::Forward, Direction::Backward] {
                let mut expected: Vec<u64> = (1..=5).filter(|n| from <= *n && *n <= to).collect();
                let read = match direction {
                    Direction::Forward => ReadStream::forward(stream.clone()),
                    Direction::Backward => {
                        expected.reverse();
                        ReadStream::backward(stream.clone())
                    }
                };
                expected.truncate(limit);
                let read = read
                    .from(StreamVersion::new(from))
                    .to(StreamVersion::new(to))
                    .limit(limit);
                let asked = format!("the versions of {read:?}");
                ensure_eq(
                    asked,
                    versions(&store.events.read_stream(read).await?),
                    expected,
                )?;
            }
        }
    }
    Ok(())
}

/// Bounds beyond the end of the stream, however far, are no error.
pub async fn bounds_beyond_the_end_are_no_error(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (store, stream) = with_five_events(subject).await?;
    for far in [6, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX].map(StreamVersion::new) {
        for read in [
            ReadStream::forward(stream.clone()),
            ReadStream::backward(stream.clone()),
        ] {
            let up_to = store.events.read_stream(read.clone().to(far)).await?;
            ensure_eq(
                format_args!("the number of events up to {far}"),
                up_to.len(),
                5,
            )?;
            let from = store.events.read_stream(read.from(far)).await?;
            ensure_eq(
                format_args!("the number of events from {far}"),
                from.len(),
                0,
            )?;
        }
    }
    Ok(())
}

/// A stream of 2,500 events is read in pages, forward and backward.
pub async fn a_long_stream_is_read_in_pages(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("long")?;
    let mut written = Vec::new();
    for _ in 0..5 {
        let append = some(&stream, 500)?;
        written.extend(ids_of(&append));
        store.append(append).await?;
    }
    let forward = store.stream(&stream).await?;
    ensure_eq(
        "the versions forward",
        versions(&forward),
        (1..=2_500).collect::<Vec<_>>(),
    )?;
    ensure_eq("the events forward", ids(&forward), written)?;
    let mut backward: Vec<RecordedEvent> = Vec::new();
    let mut to = StreamVersion::new(2_500);
    while to > StreamVersion::NONE {
        let page = store
            .events
            .read_stream(ReadStream::backward(stream.clone()).to(to))
            .await?;
        let last = present(page.last(), format_args!("events up to version {to}"))?.version;
        ensure(last <= to, format_args!("versions up to {to}"), last)?;
        to = StreamVersion::new(last.get() - 1);
        backward.extend(page);
    }
    ensure_eq(
        "the versions backward",
        versions(&backward),
        (1..=2_500).rev().collect::<Vec<_>>(),
    )
}

/// A read sees everything that was acknowledged before it.
pub async fn a_read_sees_what_was_acknowledged(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    for version in 1..=40 {
        store.append(some(&stream, 1)?).await?;
        let newest = ReadStream::backward(stream.clone()).limit(1);
        let newest = store.events.read_stream(newest).await?;
        ensure_eq("the newest version", versions(&newest), vec![version])?;
        let all = store
            .events
            .read_stream(ReadStream::forward(stream.clone()))
            .await?;
        ensure_eq("the number of events", all.len() as u64, version)?;
    }
    Ok(())
}

/// Five events in one stream, among those of others.
async fn with_five_events(subject: &dyn StoreUnderTest) -> Result<(Opened, StreamId), Violation> {
    let store = Opened::open(subject).await?;
    let (five, others) = (stream("5")?, [stream("55")?, stream_of("elsewhere", "5")?]);
    for count in [2, 1, 2] {
        store.append(some(&others[0], 1)?).await?;
        store.append(some(&five, count)?).await?;
        store.append(some(&others[1], 2)?).await?;
    }
    Ok((store, five))
}

#[track_caller]
fn ensure_streams(events: &[RecordedEvent], stream: &StreamId) -> Result<(), Violation> {
    let strange = events.iter().find(|event| event.stream != *stream);
    ensure(
        strange.is_none(),
        format_args!("events of {stream} only"),
        strange,
    )
}
