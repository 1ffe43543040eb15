//! Requests that come again, and are known by their keys.

use super::concurrency::{at_once, at_once_over};
use super::expectations::span;
use super::opened::Opened;
use super::repeats::ensure_repeats;
use super::samples::{events, exact, ids, ids_of, keyed, some, stream, stream_of};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq, present};
use crate::store::{Append, Appended, EventQuery, ExpectedVersion, GlobalPosition, StreamVersion};

/// The same key again gives the first outcome, marked as repeated, and stores nothing of what comes with it.
pub async fn a_key_again_gives_the_first_outcome(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let append = Append::new(stream.clone(), ExpectedVersion::NoStream, events(3)?);
    let first = store.append(keyed(append.clone(), "charge")?).await?;
    ensure(!first.repeated, "a first outcome", "repeated: true")?;
    for count in 1..4 {
        let again = keyed(some(&stream, count)?, "charge")?;
        ensure_repeats(store.append(again).await?, &first)?;
    }
    ensure_repeats(
        store.append(keyed(append.clone(), "charge")?).await?,
        &first,
    )?;
    ensure_eq(
        "the log's events",
        ids(&store.log().await?),
        ids_of(&append),
    )
}

/// The first outcome of a key is given though the stream and the log have moved on.
pub async fn a_key_after_later_appends_gives_the_first_outcome(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    store.append(some(&stream, 2)?).await?;
    let append = || {
        let append = Append::new(stream.clone(), exact(2), events(2)?);
        keyed(append, "charge")
    };
    let first = store.append(append()?).await?;
    store.append(keyed(some(&stream, 3)?, "refund")?).await?;
    store
        .append(some(&stream_of("elsewhere", "1")?, 1)?)
        .await?;
    ensure_repeats(store.append(append()?).await?, &first)?;
    ensure_eq(
        "the stream's version",
        store.version(&stream).await?,
        StreamVersion::new(7),
    )
}

/// A key is recognised whatever is expected, whatever must not have happened, and wherever the events were to go.
pub async fn a_key_is_recognised_whatever_comes_with_it(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (one, two) = (stream("1")?, stream("2")?);
    let append = some(&one, 2)?;
    let stored = append.writes()[0].events.clone();
    let first = store.append(keyed(append, "charge")?).await?;
    let others = [
        Append::new(one.clone(), ExpectedVersion::NoStream, events(1)?),
        Append::new(one.clone(), exact(9), events(1)?),
        Append::new(two.clone(), ExpectedVersion::StreamExists, events(1)?),
        some(&two, 1)?.unless(EventQuery::all(), GlobalPosition::START),
        // An id that is taken, in another stream: alone it would be a duplicate.
        Append::new(two.clone(), ExpectedVersion::Any, stored[..1].to_vec()),
    ];
    for other in others {
        ensure_repeats(store.append(keyed(other, "charge")?).await?, &first)?;
    }
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        2,
    )
}

/// The first outcome of a key over several streams tells the versions of each.
pub async fn a_key_over_streams_gives_the_first_outcome(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let streams = [stream("z")?, stream("a")?, stream_of("elsewhere", "z")?];
    store.append(some(&streams[1], 4)?).await?;
    let append = some(&streams[0], 2)?
        .and(streams[1].clone(), exact(4), events(3)?)
        .and(streams[2].clone(), ExpectedVersion::Any, events(1)?);
    let first = store.append(keyed(append, "charge")?).await?;
    store.append(some(&streams[0], 1)?).await?;
    let again = store
        .append(keyed(some(&streams[0], 1)?, "charge")?)
        .await?;
    ensure_repeats(again.clone(), &first)?;
    let expected = vec![
        span(&streams[0], 1, 2),
        span(&streams[1], 5, 7),
        span(&streams[2], 1, 1),
    ];
    ensure_eq("the streams' versions", again.streams, expected)?;
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        11,
    )
}

/// A key that stands earlier in the same call is known, too.
pub async fn a_key_within_one_call_gives_the_first_outcome(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let calls = vec![
        keyed(some(&stream("1")?, 2)?, "charge")?,
        some(&stream("2")?, 1)?,
        keyed(some(&stream("3")?, 5)?, "charge")?,
    ];
    let mut outcomes = store.events.append(calls).await.into_iter();
    let (Some(first), Some(between), Some(second)) =
        (outcomes.next(), outcomes.next(), outcomes.next())
    else {
        return Err(Violation::new("three outcomes", "fewer"));
    };
    let first = first?;
    ensure(!first.repeated, "a first outcome", "repeated: true")?;
    between?;
    ensure_repeats(second?, &first)?;
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        3,
    )
}

/// Of requests with one key sent at once, each with events of its own, one is stored, and everyone gets its outcome.
pub async fn a_key_at_once_stores_one_copy(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for round in 0..10 {
        let key = round.to_string();
        let appends: Result<Vec<_>, _> = (0..8)
            // Over several streams, so that no lock on a stream orders them.
            .map(|n| keyed(some(&stream(&format!("{round}-{}", n % 4))?, 2)?, &key))
            .collect();
        let outcomes = at_once(&store, appends?).await?;
        let outcomes: Result<Vec<Appended>, _> = outcomes.into_iter().collect();
        let (mut first, repeats): (Vec<_>, Vec<_>) = outcomes?
            .into_iter()
            .partition(|appended| !appended.repeated);
        ensure_eq("the number of first outcomes", first.len(), 1)?;
        let first = present(first.pop(), "a first outcome")?;
        for repeat in repeats {
            ensure_repeats(repeat, &first)?;
        }
    }
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        20,
    )
}

/// Requests are recognised by their keys after closing and opening.
pub async fn reopening_keeps_idempotency_keys(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let append = some(&stream("1")?, 2)?.and(stream("2")?, ExpectedVersion::Any, events(1)?);
    let first = store.append(keyed(append, "charge")?).await?;
    store.close().await?;
    let store = Opened::open(subject).await?;
    let again = keyed(some(&stream("1")?, 1)?, "charge")?;
    ensure_repeats(store.append(again).await?, &first)?;
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        3,
    )
}

/// A request that is sent to two that have the store open is stored once, and known to both.
pub async fn a_key_in_two_stores_one_copy(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (one, two) = (Opened::open(subject).await?, Opened::open(subject).await?);
    for round in 0..10 {
        let key = round.to_string();
        let appends: Result<Vec<_>, _> = (0..8)
            .map(|n| keyed(some(&stream(&format!("{round}-{n}"))?, 1)?, &key))
            .collect();
        let outcomes = at_once_over(&[&one, &two], appends?).await?;
        let outcomes: Result<Vec<Appended>, _> = outcomes.into_iter().collect();
        let fresh = outcomes?
            .iter()
            .filter(|appended| !appended.repeated)
            .count();
        ensure_eq("the number of first outcomes", fresh, 1)?;
    }
    ensure_eq(
        "the number of events in the log",
        two.log().await?.len(),
        10,
    )
}
