//! Taking streams off the hot path.

use super::archive::{ensure_archived, with_archived};
use super::concurrency::at_once;
use super::expectations::ensure_conflict;
use super::opened::Opened;
use super::samples::{exact, ids, ids_of, some, stream, stream_of, versions};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq, present};
use crate::store::{ExpectedVersion, GlobalPosition, ReadStream, StreamVersion};

/// Archiving needs the stream to be as expected, and tells its last version.
pub async fn archiving_holds_to_its_expectation(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for (n, met) in [
        ExpectedVersion::Any,
        ExpectedVersion::StreamExists,
        exact(3),
    ]
    .into_iter()
    .enumerate()
    {
        let stream = stream(&n.to_string())?;
        store.append(some(&stream, 3)?).await?;
        for unmet in [ExpectedVersion::NoStream, exact(0), exact(2), exact(4)] {
            let refused = store.events.archive_stream(&stream, unmet).await;
            match refused {
                Err(error) => ensure_conflict(&error, &stream, unmet, 3)?,
                Ok(version) => return Err(Violation::new("a conflict", version)),
            }
        }
        ensure_eq(
            "the stream's version",
            store.version(&stream).await?,
            StreamVersion::new(3),
        )?;
        let archived_at = store.events.archive_stream(&stream, met).await?;
        ensure_eq("the last version", archived_at, StreamVersion::new(3))?;
    }
    Ok(())
}

/// An absent stream cannot be archived: it conflicts with every expectation, and can be written to afterwards.
pub async fn an_absent_stream_is_not_archived(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    for expected in [
        ExpectedVersion::Any,
        ExpectedVersion::NoStream,
        ExpectedVersion::StreamExists,
        exact(0),
        exact(1),
    ] {
        match store.events.archive_stream(&stream, expected).await {
            Err(error) => ensure_conflict(&error, &stream, expected, 0)?,
            Ok(version) => return Err(Violation::new("a conflict", version)),
        }
    }
    store.append(some(&stream, 1)?).await?;
    ensure_eq(
        "the stream's version",
        store.version(&stream).await?,
        StreamVersion::FIRST,
    )
}

/// Archiving a second time succeeds, tells the same version and changes nothing.
pub async fn archiving_twice_changes_nothing(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (store, stream) = with_archived(subject).await?;
    let log = store.log().await?;
    for expected in [
        ExpectedVersion::Any,
        ExpectedVersion::StreamExists,
        exact(5),
    ] {
        let version = store.events.archive_stream(&stream, expected).await?;
        ensure_eq("the last version", version, StreamVersion::new(5))?;
    }
    ensure_eq("the log", store.log().await?, log)?;
    let asked = ReadStream::forward(stream).with_archived();
    let found = store.events.read_stream(asked).await?;
    ensure_eq("its versions", versions(&found), vec![1, 2, 3, 4, 5])
}

/// Archiving concerns the stream of one tenant, not that of the same name in another.
pub async fn archived_streams_are_apart_by_tenant(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (here, elsewhere) = (stream("1")?, stream_of("elsewhere", "1")?);
    for stream in [&here, &elsewhere] {
        store.append(some(stream, 2)?).await?;
    }
    store.archive(&elsewhere).await?;
    store.append(some(&here, 1)?).await?;
    ensure_eq(
        "the stream's version",
        store.version(&here).await?,
        StreamVersion::new(3),
    )?;
    let error = store.refused(some(&elsewhere, 1)?).await?;
    ensure_archived(&error, &elsewhere, 2)
}

/// While others append, a stream is archived: it ends at the version told, with all that was acknowledged.
pub async fn an_archived_stream_ends_at_the_version_told(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for round in 0..10 {
        let stream = stream(&round.to_string())?;
        let first = some(&stream, 1)?;
        store.append(first.clone()).await?;
        let appends: Result<Vec<_>, _> = (0..8).map(|_| some(&stream, 2)).collect();
        let appends = appends?;
        let archiving = store.events.archive_stream(&stream, ExpectedVersion::Any);
        let (outcomes, archived) = tokio::join!(at_once(&store, appends.clone()), archiving);
        let (outcomes, last) = (outcomes?, archived?);
        let mut acknowledged = ids_of(&first);
        for (append, outcome) in appends.iter().zip(outcomes) {
            match outcome {
                Ok(_) => acknowledged.extend(ids_of(append)),
                Err(error) => ensure_archived(&error, &stream, last.get())?,
            }
        }
        let asked = ReadStream::forward(stream).with_archived();
        let stored = store.events.read_stream(asked).await?;
        let end = present(stored.last(), "a last event")?.version;
        ensure_eq("the version told", last, end)?;
        let mut found = ids(&stored);
        found.sort_unstable();
        acknowledged.sort_unstable();
        ensure_eq("the acknowledged events", found, acknowledged)?;
    }
    Ok(())
}

/// What is appended after archiving stands behind all that was stored before.
pub async fn positions_go_on_after_archiving(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut position = GlobalPosition::START;
    for n in 0..5 {
        let stream = stream(&n.to_string())?;
        let appended = store.append(some(&stream, 2)?).await?;
        let expected = format!("a position behind {position}");
        ensure(appended.position > position, expected, appended.position)?;
        position = appended.position;
        store.archive(&stream).await?;
        let head = store.events.head().await?;
        ensure(
            head >= position,
            format_args!("a head from {position}"),
            head,
        )?;
    }
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        10,
    )
}

/// A stream that was archived is so after closing and opening.
pub async fn reopening_keeps_archived_streams(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (store, stream) = with_archived(subject).await?;
    let log = store.log().await?;
    store.close().await?;
    let store = Opened::open(subject).await?;
    ensure_eq("the log", store.log().await?, log)?;
    let error = store.refused(some(&stream, 1)?).await?;
    ensure_archived(&error, &stream, 5)?;
    let found = store.stream(&stream).await?;
    ensure(found.is_empty(), "no events", &found)
}
