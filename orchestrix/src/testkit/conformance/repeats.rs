//! Appending what was appended before: retries are safe, ids are unique.

use super::opened::Opened;
use super::samples::{event, events, exact, ids, ids_of, some, stream, stream_of, versions};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::message::MessageId;
use crate::store::{Append, AppendError, Appended, ExpectedVersion, StreamVersion};

/// The same ids again give the first outcome, marked as repeated, and store nothing.
pub async fn a_repeat_gives_the_first_outcome(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let append = Append::new(stream("1")?, ExpectedVersion::NoStream, events(3)?);
    let first = store.append(append.clone()).await?;
    for _ in 0..2 {
        ensure_repeats(store.append(append.clone()).await?, &first)?;
    }
    ensure_eq(
        "the log's events",
        ids(&store.log().await?),
        ids_of(&append),
    )
}

/// The first outcome is given though the stream and the log have moved on.
pub async fn a_repeat_after_later_appends_gives_the_first_outcome(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    store.append(some(&stream, 2)?).await?;
    let append = Append::new(stream.clone(), exact(2), events(2)?);
    let first = store.append(append.clone()).await?;
    store.append(some(&stream, 3)?).await?;
    store
        .append(some(&stream_of("elsewhere", "1")?, 1)?)
        .await?;
    ensure_repeats(store.append(append).await?, &first)?;
    ensure_eq(
        "the stream's versions",
        versions(&store.stream(&stream).await?),
        (1..=7).collect::<Vec<_>>(),
    )
}

/// A repeat is recognised whatever it expects of the stream.
pub async fn a_repeat_is_recognised_whatever_it_expects(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let events = events(2)?;
    let append = |expected| Append::new(stream.clone(), expected, events.clone());
    let first = store.append(append(ExpectedVersion::Any)).await?;
    let expectations = [
        ExpectedVersion::Any,
        ExpectedVersion::NoStream,
        ExpectedVersion::StreamExists,
        exact(0),
        exact(2),
        exact(9),
    ];
    for expected in expectations {
        ensure_repeats(store.append(append(expected)).await?, &first)?;
    }
    ensure_eq(
        "the stream's version",
        store.version(&stream).await?,
        StreamVersion::new(2),
    )
}

/// A repeated append over several streams gives the versions of each.
pub async fn a_repeat_over_streams_gives_the_first_outcome(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (one, two) = (stream("1")?, stream_of("elsewhere", "2")?);
    store.append(some(&two, 4)?).await?;
    let append = Append::new(one.clone(), ExpectedVersion::NoStream, events(2)?).and(
        two.clone(),
        exact(4),
        events(3)?,
    );
    let first = store.append(append.clone()).await?;
    store.append(some(&one, 1)?).await?;
    ensure_repeats(store.append(append).await?, &first)?;
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        10,
    )
}

/// A repeat of an append that stands earlier in the same call is one, too.
pub async fn a_repeat_within_one_call_gives_the_first_outcome(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let append = Append::new(stream("1")?, ExpectedVersion::NoStream, events(2)?);
    let calls = vec![append.clone(), some(&stream("2")?, 1)?, append.clone()];
    let mut outcomes = store.events.append(calls).await.into_iter();
    let (Some(first), Some(_), Some(second)) = (outcomes.next(), outcomes.next(), outcomes.next())
    else {
        return Err(Violation::new("three outcomes", "fewer"));
    };
    let first = first?;
    ensure(!first.repeated, "a first outcome", "repeated: true")?;
    ensure_repeats(second?, &first)?;
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        3,
    )
}

/// Some ids stored already and some not: refused with an id that is, and nothing is stored.
pub async fn a_partial_repeat_is_a_duplicate(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let old = event()?;
    store
        .append(Append::new(
            stream.clone(),
            ExpectedVersion::NoStream,
            vec![old.clone()],
        ))
        .await?;
    let batches = [
        vec![event()?, old.clone()],
        vec![old.clone(), event()?],
        vec![event()?, old.clone(), event()?],
    ];
    for batch in batches {
        let append = Append::new(stream.clone(), ExpectedVersion::Any, batch);
        ensure_duplicate(&store.refused(append).await?, &[old.event_id])?;
        ensure_eq(
            "the stream's version",
            store.version(&stream).await?,
            StreamVersion::FIRST,
        )?;
    }
    ensure_eq(
        "the log's events",
        ids(&store.log().await?),
        vec![old.event_id],
    )
}

/// The same ids in another order are not the same append.
pub async fn a_repeat_in_another_order_is_a_duplicate(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let mut events = events(3)?;
    store
        .append(Append::new(
            stream.clone(),
            ExpectedVersion::Any,
            events.clone(),
        ))
        .await?;
    let taken: Vec<_> = events.iter().map(|event| event.event_id).collect();
    events.swap(1, 2);
    let append = Append::new(stream.clone(), ExpectedVersion::Any, events);
    ensure_duplicate(&store.refused(append).await?, &taken)?;
    ensure_eq("the log's events", ids(&store.log().await?), taken)
}

/// An id that belongs to an event of another stream of the tenant is taken.
pub async fn an_id_of_another_stream_is_a_duplicate(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (one, two) = (stream("1")?, stream("2")?);
    let event = event()?;
    store
        .append(Append::new(one, ExpectedVersion::Any, vec![event.clone()]))
        .await?;
    for expected in [ExpectedVersion::Any, ExpectedVersion::NoStream] {
        let append = Append::new(two.clone(), expected, vec![event.clone()]);
        ensure_duplicate(&store.refused(append).await?, &[event.event_id])?;
    }
    ensure_eq(
        "the other stream's version",
        store.version(&two).await?,
        StreamVersion::NONE,
    )?;
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        1,
    )
}

/// Ids are compared within a tenant: another tenant's event may have the same.
pub async fn an_id_of_another_tenant_is_free(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (here, elsewhere) = (stream("1")?, stream_of("elsewhere", "1")?);
    let event = event()?;
    let append = |stream| Append::new(stream, ExpectedVersion::NoStream, vec![event.clone()]);
    let first = store.append(append(here.clone())).await?;
    let other = store.append(append(elsewhere.clone())).await?;
    ensure(!other.repeated, "a first outcome", "repeated: true")?;
    ensure(other.position > first.position, "a later position", &other)?;
    for stream in [here, elsewhere] {
        ensure_eq(
            "the stream's events",
            ids(&store.stream(&stream).await?),
            vec![event.event_id],
        )?;
    }
    Ok(())
}

/// The ids of a refused append are not taken by it.
pub async fn ids_of_a_refused_append_stay_free(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (one, two) = (stream("1")?, stream("2")?);
    store.append(some(&one, 1)?).await?;
    let events = events(2)?;
    store
        .refused(Append::new(one, ExpectedVersion::NoStream, events.clone()))
        .await?;
    let appended = store
        .append(Append::new(two.clone(), ExpectedVersion::NoStream, events))
        .await?;
    ensure(!appended.repeated, "a first outcome", "repeated: true")?;
    ensure_eq(
        "the stream's version",
        store.version(&two).await?,
        StreamVersion::new(2),
    )
}

/// Checks that an outcome is the first one again.
#[track_caller]
pub(super) fn ensure_repeats(outcome: Appended, first: &Appended) -> Result<(), Violation> {
    let expected = Appended {
        repeated: true,
        ..first.clone()
    };
    ensure_eq("the first outcome", outcome, expected)
}

/// Checks that an append was refused for one of these ids.
#[track_caller]
fn ensure_duplicate(error: &AppendError, taken: &[MessageId]) -> Result<(), Violation> {
    let told =
        matches!(error, AppendError::DuplicateEvent { event_id, .. } if taken.contains(event_id));
    ensure(
        told,
        format_args!("DuplicateEvent for one of {taken:?}"),
        error,
    )
}
