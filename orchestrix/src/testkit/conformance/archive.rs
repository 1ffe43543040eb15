//! Streams that were taken off the hot path.

use super::conditions::ensure_condition_conflict;
use super::opened::Opened;
use super::repeats::ensure_repeats;
use super::samples::{about, events, exact, ids, keyed, some, stream, stream_of, tagged, versions};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{
    Append, AppendError, ExpectedVersion, Filter, GlobalPosition, MAX_PAGE, ReadStream,
    RecordedEvent, StreamId, StreamVersion, TenantId,
};

/// Read without asking for more, an archived stream has no events, in either direction and whatever the bounds.
pub async fn an_archived_stream_has_no_events(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (store, stream) = with_archived(subject).await?;
    for read in [
        ReadStream::forward(stream.clone()),
        ReadStream::backward(stream.clone()),
        ReadStream::forward(stream.clone()).from(StreamVersion::new(3)),
        ReadStream::backward(stream.clone()).to(StreamVersion::new(3)),
        ReadStream::backward(stream).limit(1),
    ] {
        let found = store.events.read_stream(read).await?;
        ensure(found.is_empty(), "no events", &found)?;
    }
    Ok(())
}

/// Asked for, the events of an archived stream are read as those of any stream; of another stream, asking changes
/// nothing.
pub async fn an_archived_stream_is_read_by_asking(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (store, archived) = with_archived(subject).await?;
    let (two, four) = (StreamVersion::new(2), StreamVersion::new(4));
    for stream in [archived, stream("kept")?] {
        let (forward, backward) = (
            ReadStream::forward(stream.clone()).with_archived(),
            ReadStream::backward(stream.clone()).with_archived(),
        );
        for (read, expected) in [
            (forward.clone(), vec![1, 2, 3, 4, 5]),
            (backward.clone(), vec![5, 4, 3, 2, 1]),
            (forward.clone().from(two).to(four), vec![2, 3, 4]),
            (backward.clone().from(two).to(four), vec![4, 3, 2]),
            (forward.limit(2), vec![1, 2]),
            (backward.limit(2), vec![5, 4]),
        ] {
            let what = format!("the versions of {read:?}");
            let found = store.events.read_stream(read).await?;
            ensure_eq(what, versions(&found), expected)?;
            let own = found.iter().all(|event| event.stream == stream);
            ensure(own, format_args!("events of {stream}"), &found)?;
        }
    }
    Ok(())
}

/// The log keeps the events of an archived stream where they were, as they were, also for filters.
pub async fn the_log_keeps_archived_events(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let tagged = Append::new(
        stream.clone(),
        ExpectedVersion::Any,
        vec![tagged(&["course"])?],
    );
    store.append(tagged).await?;
    store.append(some(&stream_of("a", "1")?, 2)?).await?;
    store.append(some(&stream, 3)?).await?;
    let (log, head) = (store.log().await?, store.events.head().await?);
    store.archive(&stream).await?;
    ensure_eq("the log", store.log().await?, log.clone())?;
    ensure_eq("the head", store.events.head().await?, head)?;
    for filter in [
        Filter::all().tenant(TenantId::default()),
        Filter::all().categories([stream.category()]),
        Filter::all().query(about("course")?),
    ] {
        let matching = log.iter().filter(|event| filter.matches(event)).cloned();
        let expected: Vec<RecordedEvent> = matching.collect();
        let found = store.log_of(filter, MAX_PAGE).await?;
        ensure_eq("the matching events", ids(&found), ids(&expected))?;
    }
    Ok(())
}

/// An archived stream takes no more events, whatever is expected of it, alone or beside others; the refusal tells its
/// last version.
pub async fn an_archived_stream_takes_no_more(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let (store, archived) = with_archived(subject).await?;
    let before = store.log().await?.len();
    for expected in [
        ExpectedVersion::Any,
        ExpectedVersion::NoStream,
        ExpectedVersion::StreamExists,
        exact(5),
        exact(0),
    ] {
        let alone = Append::new(archived.clone(), expected, events(1)?);
        let beside = some(&stream("new")?, 1)?.and(archived.clone(), expected, events(1)?);
        for append in [alone, beside] {
            let error = store.refused(append).await?;
            ensure_archived(&error, &archived, 5)?;
        }
    }
    let calls = vec![
        some(&stream("kept")?, 1)?,
        some(&archived, 1)?,
        some(&stream("other")?, 1)?,
    ];
    let outcomes = store.events.append(calls).await;
    let met: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    ensure_eq(
        "which appends are acknowledged",
        met,
        vec![true, false, true],
    )?;
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        before + 2,
    )
}

/// A condition sees the events of archived streams: that they are off the hot path does not undo them.
pub async fn a_condition_sees_archived_events(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream_of_course = stream("course")?;
    let about_course = Append::new(
        stream_of_course.clone(),
        ExpectedVersion::Any,
        vec![tagged(&["course"])?],
    );
    let stored_at = store.append(about_course).await?.position;
    store.archive(&stream_of_course).await?;
    let query = about("course")?;
    let late = some(&stream("1")?, 1)?.unless(query.clone(), GlobalPosition::START);
    let error = store.refused(late).await?;
    ensure_condition_conflict(&error, &query, GlobalPosition::START, &[stored_at])?;
    let seen = some(&stream("1")?, 1)?.unless(query, stored_at);
    store.append(seen).await.map(drop)
}

/// A request is known by its key though its stream was archived.
pub async fn a_key_outlives_archiving(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let first = store.append(keyed(some(&stream, 2)?, "charge")?).await?;
    store.archive(&stream).await?;
    let again = keyed(some(&stream, 1)?, "charge")?;
    ensure_repeats(store.append(again).await?, &first)
}

impl Opened {
    pub(super) async fn archive(&self, stream: &StreamId) -> Result<(), Violation> {
        let archived = self.events.archive_stream(stream, ExpectedVersion::Any);
        Ok(archived.await.map(drop)?)
    }
}

/// A store with five events in an archived stream, and five in another between them.
pub(super) async fn with_archived(
    subject: &dyn StoreUnderTest,
) -> Result<(Opened, StreamId), Violation> {
    let store = Opened::open(subject).await?;
    let (archived, kept) = (stream("archived")?, stream("kept")?);
    for _ in 0..5 {
        store.append(some(&archived, 1)?).await?;
        store.append(some(&kept, 1)?).await?;
    }
    store.archive(&archived).await?;
    Ok((store, archived))
}

/// Checks what the refusal of an append to an archived stream tells.
#[track_caller]
pub(super) fn ensure_archived(
    error: &AppendError,
    stream: &StreamId,
    last: u64,
) -> Result<(), Violation> {
    let told = match error {
        AppendError::Archived {
            stream: s,
            version: v,
        } => s == stream && v.get() == last,
        _ => false,
    };
    let promise = format_args!("{stream} to be archived at version {last}");
    ensure(told, promise, error)
}
