//! What a writer expects of a stream, and conflicts.

use super::opened::Opened;
use super::samples::{events, exact, ids, ids_of, some, stream, stream_of, versions};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{
    Append, AppendError, AppendedStream, ExpectedVersion, GlobalPosition, StreamId, StreamVersion,
};

/// `NoStream` is met by an absent stream; its first event is version 1.
pub async fn no_stream_is_met_by_an_absent_stream(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let append = Append::new(stream.clone(), ExpectedVersion::NoStream, events(1)?);
    let appended = store.append(append).await?;
    ensure_eq(
        "the stream's versions",
        appended.streams,
        vec![span(&stream, 1, 1)],
    )?;
    ensure(
        appended.position > GlobalPosition::START,
        "a position from 1",
        appended.position,
    )?;
    ensure(!appended.repeated, "a first outcome", "repeated: true")
}

/// `NoStream` conflicts with a stream that has events.
pub async fn no_stream_conflicts_with_an_existing_stream(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    store.append(some(&stream, 2)?).await?;
    conflicts(&store, &stream, ExpectedVersion::NoStream, 2).await
}

/// `StreamExists` is met by a stream that has events, at any version.
pub async fn stream_exists_is_met_by_an_existing_stream(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    store.append(some(&stream, 1)?).await?;
    for version in 2..5 {
        let append = Append::new(stream.clone(), ExpectedVersion::StreamExists, events(1)?);
        let appended = store.append(append).await?;
        ensure_eq(
            "the stream's versions",
            appended.streams,
            vec![span(&stream, version, version)],
        )?;
    }
    Ok(())
}

/// `StreamExists` conflicts with an absent stream.
pub async fn stream_exists_conflicts_with_an_absent_stream(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    store.append(some(&stream("other")?, 1)?).await?;
    conflicts(&store, &stream("1")?, ExpectedVersion::StreamExists, 0).await
}

/// `Exact` is met by the version it names; by an absent stream when it names none.
pub async fn exact_is_met_by_its_version(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    for (expected, count, last) in [(0, 1, 1), (1, 3, 4), (4, 1, 5)] {
        let append = Append::new(stream.clone(), exact(expected), events(count)?);
        let appended = store.append(append).await?;
        ensure_eq(
            "the stream's versions",
            appended.streams,
            vec![span(&stream, expected + 1, last)],
        )?;
    }
    Ok(())
}

/// `Exact` conflicts with every other version, lower or higher.
pub async fn exact_conflicts_with_other_versions(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (absent, existing) = (stream("absent")?, stream("existing")?);
    store.append(some(&existing, 3)?).await?;
    for version in [1, 2, i64::MAX as u64, u64::MAX] {
        conflicts(&store, &absent, exact(version), 0).await?;
    }
    for version in [0, 1, 2, 4, i64::MAX as u64, u64::MAX] {
        conflicts(&store, &existing, exact(version), 3).await?;
    }
    Ok(())
}

/// `Any` is met by an absent stream and by every version.
pub async fn any_is_always_met(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    for version in 1..5 {
        let appended = store.append(some(&stream, 1)?).await?;
        ensure_eq(
            "the stream's versions",
            appended.streams,
            vec![span(&stream, version, version)],
        )?;
    }
    Ok(())
}

/// A conflict names the stream with its tenant, what was expected and where the stream is, though others moved on.
pub async fn a_conflict_tells_stream_expected_and_actual(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (here, elsewhere) = (stream("1")?, stream_of("elsewhere", "1")?);
    store.append(some(&here, 2)?).await?;
    store.append(some(&elsewhere, 5)?).await?;
    conflicts(&store, &here, exact(1), 2).await?;
    conflicts(&store, &elsewhere, exact(2), 5).await?;
    conflicts(&store, &elsewhere, ExpectedVersion::NoStream, 5).await
}

/// A conflict leaves nothing behind: no event, no hole in the versions, and the ids stay free.
pub async fn a_conflict_stores_nothing(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let first = some(&stream, 2)?;
    store.append(first.clone()).await?;
    let late = events(2)?;
    store
        .refused(Append::new(stream.clone(), exact(1), late.clone()))
        .await?;
    ensure_eq("the log's events", ids(&store.log().await?), ids_of(&first))?;
    let appended = store
        .append(Append::new(stream.clone(), exact(2), late))
        .await?;
    ensure(!appended.repeated, "a first outcome", "repeated: true")?;
    ensure_eq(
        "the stream's versions",
        versions(&store.stream(&stream).await?),
        vec![1, 2, 3, 4],
    )
}

/// Where the events of one stream are told to be.
pub(super) fn span(stream: &StreamId, first: u64, last: u64) -> AppendedStream {
    AppendedStream {
        stream: stream.clone(),
        first_version: StreamVersion::new(first),
        last_version: StreamVersion::new(last),
    }
}

/// Appends with an expectation that must not be met.
async fn conflicts(
    store: &Opened,
    stream: &StreamId,
    expected: ExpectedVersion,
    actual: u64,
) -> Result<(), Violation> {
    let error = store
        .refused(Append::new(stream.clone(), expected, events(1)?))
        .await?;
    ensure_conflict(&error, stream, expected, actual)?;
    ensure_eq(
        "the stream's version",
        store.version(stream).await?,
        StreamVersion::new(actual),
    )
}

/// Checks what a conflict tells.
#[track_caller]
pub(super) fn ensure_conflict(
    error: &AppendError,
    stream: &StreamId,
    expected: ExpectedVersion,
    actual: u64,
) -> Result<(), Violation> {
    let told = match error {
        AppendError::Conflict {
            stream: s,
            expected: e,
            actual: a,
        } => s == stream && *e == expected && *a == StreamVersion::new(actual),
        _ => false,
    };
    let promise = format_args!("a conflict on {stream}: expected {expected}, actual {actual}");
    ensure(told, promise, error)
}
