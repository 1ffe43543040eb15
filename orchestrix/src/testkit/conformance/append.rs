//! Appending: order, atomicity, and many appends in one call.

use super::expectations::{ensure_conflict, span};
use super::opened::Opened;
use super::samples::{event, events, exact, ids, ids_of, some, stream, stream_of, versions};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq, present};
use crate::store::{Append, AppendError, ExpectedVersion, GlobalPosition, StreamVersion};

/// The events of an append stand in their stream in the order given.
pub async fn events_stand_in_the_order_given(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    // Ids made later sort later, so the reversed order is one that no index gives by chance.
    let reversed: Vec<_> = events(50)?.into_iter().rev().collect();
    let append = Append::new(stream.clone(), ExpectedVersion::NoStream, reversed);
    store.append(append.clone()).await?;
    let stored = store.stream(&stream).await?;
    ensure_eq("the stream's events", ids(&stored), ids_of(&append))?;
    ensure_eq(
        "their versions",
        versions(&stored),
        (1..=50).collect::<Vec<_>>(),
    )?;
    ensure_eq(
        "the log's events",
        ids(&store.log().await?),
        ids_of(&append),
    )
}

/// An append over several streams is stored whole, streams in the order of its writes, whoever's they are.
pub async fn an_append_over_streams_is_stored_whole(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let streams = [stream("z")?, stream("a")?, stream_of("elsewhere", "z")?];
    store.append(some(&streams[1], 3)?).await?;
    let append = Append::new(streams[0].clone(), ExpectedVersion::NoStream, events(2)?)
        .and(streams[1].clone(), exact(3), events(1)?)
        .and(streams[2].clone(), ExpectedVersion::Any, events(2)?);
    let appended = store.append(append.clone()).await?;
    let expected = vec![
        span(&streams[0], 1, 2),
        span(&streams[1], 4, 4),
        span(&streams[2], 1, 2),
    ];
    ensure_eq("the streams' versions", appended.streams, expected)?;
    let log = store.log().await?;
    ensure_eq("the log's events", &ids(&log)[3..], &ids_of(&append)[..])?;
    let last = present(log.last(), "a last event")?;
    ensure_eq(
        "the append's position, its last event's",
        appended.position,
        last.position,
    )
}

/// A conflict on the second stream of an append leaves nothing in the first.
pub async fn a_conflict_on_one_stream_stores_nothing(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (absent, existing) = (stream("absent")?, stream("existing")?);
    store.append(some(&existing, 2)?).await?;
    let append = Append::new(absent.clone(), ExpectedVersion::NoStream, events(2)?).and(
        existing.clone(),
        exact(1),
        events(1)?,
    );
    let error = store.refused(append).await?;
    ensure_conflict(&error, &existing, exact(1), 2)?;
    ensure_eq(
        "the first stream's version",
        store.version(&absent).await?,
        StreamVersion::NONE,
    )?;
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        2,
    )
}

/// A write with no events is refused, alone or beside others, and nothing is stored.
pub async fn a_write_without_events_is_refused(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (full, empty) = (stream("full")?, stream("empty")?);
    let alone = Append::new(empty.clone(), ExpectedVersion::Any, Vec::new());
    let beside = some(&full, 1)?.and(empty.clone(), ExpectedVersion::NoStream, Vec::new());
    for append in [alone, beside] {
        let error = store.refused(append).await?;
        let told =
            matches!(&error, AppendError::Empty { stream: Some(stream) } if *stream == empty);
        ensure(told, format_args!("Empty for {empty}"), &error)?;
    }
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        0,
    )
}

/// A stream that stands twice in one append is refused, and nothing is stored.
pub async fn a_stream_that_stands_twice_is_refused(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let twice = some(&stream, 1)?.and(stream.clone(), ExpectedVersion::Any, events(1)?);
    let error = store.refused(twice).await?;
    let told = matches!(&error, AppendError::StreamTwice { stream: told } if *told == stream);
    ensure(told, format_args!("StreamTwice for {stream}"), &error)?;
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        0,
    )
}

/// An id that stands twice in one append is refused, in one write or in two, and nothing is stored.
pub async fn an_id_that_stands_twice_is_refused(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (one, two) = (stream("1")?, stream("2")?);
    let event = event()?;
    let in_one = Append::new(
        one.clone(),
        ExpectedVersion::Any,
        vec![event.clone(), event.clone()],
    );
    let in_two = Append::new(one, ExpectedVersion::Any, vec![event.clone()]).and(
        two,
        ExpectedVersion::Any,
        vec![event.clone()],
    );
    for append in [in_one, in_two] {
        let error = store.refused(append).await?;
        let id = event.event_id;
        let told =
            matches!(&error, AppendError::DuplicateEvent { event_id, .. } if *event_id == id);
        ensure(told, format_args!("DuplicateEvent for {id}"), &error)?;
    }
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        0,
    )
}

/// A call without appends has no outcomes.
pub async fn no_appends_have_no_outcomes(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let outcomes = store.events.append(Vec::new()).await;
    ensure(outcomes.is_empty(), "no outcomes", &outcomes)?;
    store.append(some(&stream("1")?, 1)?).await?;
    let outcomes = store.events.append(Vec::new()).await;
    ensure(outcomes.is_empty(), "no outcomes", &outcomes)
}

/// Many appends of one call: each has its outcome, in their order.
pub async fn outcomes_stand_in_the_order_of_the_appends(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let count = 300;
    let streams: Result<Vec<_>, _> = (0..count).map(|n| stream(&n.to_string())).collect();
    let streams = streams?;
    let appends: Result<Vec<_>, _> = streams.iter().map(|stream| some(stream, 1)).collect();
    let mut position = GlobalPosition::START;
    let outcomes = store.events.append(appends?).await;
    ensure_eq("the number of outcomes", outcomes.len(), count)?;
    for (stream, outcome) in streams.iter().zip(outcomes) {
        let appended = outcome?;
        ensure_eq(
            "the outcome's streams",
            appended.streams,
            vec![span(stream, 1, 1)],
        )?;
        let expected = format_args!("a position behind {position}");
        ensure(appended.position > position, expected, appended.position)?;
        position = appended.position;
    }
    Ok(())
}

/// Refused appends of a call change nothing about the others, wherever they stand in it.
pub async fn a_refused_append_harms_no_neighbour(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (taken, good) = (
        stream("taken")?,
        [stream("1")?, stream("2")?, stream("3")?, stream("4")?],
    );
    let first = some(&taken, 1)?;
    store.append(first.clone()).await?;
    let stored = first.writes()[0].events[0].clone();
    let accepted = [
        some(&good[0], 2)?,
        some(&good[1], 1)?,
        some(&good[2], 3)?,
        some(&good[3], 1)?,
    ];
    let appends = vec![
        Append::new(taken.clone(), ExpectedVersion::NoStream, events(1)?),
        accepted[0].clone(),
        Append::new(taken.clone(), ExpectedVersion::Any, Vec::new()),
        accepted[1].clone(),
        Append::new(stream("5")?, ExpectedVersion::Any, vec![event()?, stored]),
        accepted[2].clone(),
        some(&good[0], 1)?.and(taken.clone(), exact(7), events(1)?),
        accepted[3].clone(),
    ];
    let outcomes = store.events.append(appends).await;
    let met: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    let expected = vec![false, true, false, true, false, true, false, true];
    ensure_eq(
        format_args!("which of {outcomes:?} are acknowledged"),
        met,
        expected,
    )?;
    let expected: Vec<_> = [first].iter().chain(&accepted).flat_map(ids_of).collect();
    ensure_eq("the log's events", ids(&store.log().await?), expected)
}

/// An append sees the streams as earlier appends of its call left them.
pub async fn a_later_append_sees_the_earlier_ones_of_its_call(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let appends = vec![
        Append::new(stream.clone(), ExpectedVersion::NoStream, events(2)?),
        Append::new(stream.clone(), ExpectedVersion::NoStream, events(1)?),
        Append::new(stream.clone(), exact(2), events(1)?),
        Append::new(stream.clone(), ExpectedVersion::StreamExists, events(2)?),
        Append::new(stream.clone(), exact(3), events(1)?),
    ];
    let outcomes: [_; 5] = store
        .events
        .append(appends)
        .await
        .try_into()
        .map_err(|outcomes| Violation::new("five outcomes", format_args!("{outcomes:?}")))?;
    let [first, again, second, third, stale] = outcomes;
    ensure_eq(
        "the first append's versions",
        first?.streams,
        vec![span(&stream, 1, 2)],
    )?;
    ensure_eq(
        "the third append's versions",
        second?.streams,
        vec![span(&stream, 3, 3)],
    )?;
    ensure_eq(
        "the fourth append's versions",
        third?.streams,
        vec![span(&stream, 4, 5)],
    )?;
    for (outcome, expected, actual) in [(again, ExpectedVersion::NoStream, 2), (stale, exact(3), 5)]
    {
        match outcome {
            Err(error) => ensure_conflict(&error, &stream, expected, actual)?,
            Ok(appended) => return Err(Violation::new("a conflict", format_args!("{appended:?}"))),
        }
    }
    Ok(())
}

/// Every append is behind all that were acknowledged before it.
pub async fn positions_increase_from_append_to_append(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut position = GlobalPosition::START;
    for n in 0..20 {
        let appended = store
            .append(some(&stream(&(n % 3).to_string())?, 1 + n % 4)?)
            .await?;
        let log = store.log().await?;
        let last = present(log.last(), "a last event")?;
        let expected = format_args!("a position behind {position}");
        ensure(appended.position > position, expected, appended.position)?;
        ensure_eq(
            "the last event's position",
            last.position,
            appended.position,
        )?;
        position = appended.position;
    }
    Ok(())
}

/// A thousand events in one append are stored whole and in order.
pub async fn a_thousand_events_in_one_append(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let append = some(&stream, 1_000)?;
    let appended = store.append(append.clone()).await?;
    ensure_eq(
        "the stream's versions",
        appended.streams,
        vec![span(&stream, 1, 1_000)],
    )?;
    let stored = store.stream(&stream).await?;
    ensure_eq("the stream's events", ids(&stored), ids_of(&append))
}
