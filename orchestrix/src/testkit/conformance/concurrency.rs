//! Many writers at once.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::expectations::ensure_conflict;
use super::opened::Opened;
use super::repeats::ensure_repeats;
use super::samples::{events, exact, ids, ids_of, some, stream, versions};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq, present};
use crate::store::{Append, AppendError, Appended, ExpectedVersion};

/// Of sixteen writers that expect the same version at once, one wins and the others conflict with where it left the
/// stream.
pub async fn one_of_sixteen_writers_wins(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    for round in 0..10 {
        let appends: Result<Vec<_>, Violation> = (0..16)
            .map(|_| Ok(Append::new(stream.clone(), exact(round), events(1)?)))
            .collect();
        let outcomes = at_once(&store, appends?).await?;
        let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        ensure(winners == 1, "one winner", &outcomes)?;
        for error in outcomes.into_iter().filter_map(Result::err) {
            ensure_conflict(&error, &stream, exact(round), round + 1)?;
        }
    }
    let dense: Vec<u64> = (1..=10).collect();
    ensure_eq(
        "the stream's versions",
        versions(&store.stream(&stream).await?),
        dense,
    )?;
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        10,
    )
}

/// Of many writers that create a stream at once, one does.
pub async fn one_of_many_creators_wins(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    for round in 0..10 {
        let stream = stream(&round.to_string())?;
        let append = || {
            Ok(Append::new(
                stream.clone(),
                ExpectedVersion::NoStream,
                events(2)?,
            ))
        };
        let appends: Result<Vec<_>, Violation> = (0..8).map(|_| append()).collect();
        let outcomes = at_once(&store, appends?).await?;
        let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        ensure(winners == 1, "one winner", &outcomes)?;
        for error in outcomes.into_iter().filter_map(Result::err) {
            ensure_conflict(&error, &stream, ExpectedVersion::NoStream, 2)?;
        }
    }
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        20,
    )
}

/// Writers that expect nothing never fail each other, and leave no hole in the stream.
pub async fn writers_that_expect_nothing_leave_no_hole(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let (mut written, mut total) = (Vec::new(), 0);
    for _ in 0..10 {
        let appends: Result<Vec<_>, Violation> =
            (0..16).map(|n| some(&stream, 1 + n % 3)).collect();
        let appends = appends?;
        total += appends.iter().map(Append::event_count).sum::<usize>();
        for (append, outcome) in appends.iter().zip(at_once(&store, appends.clone()).await?) {
            let first = present(outcome?.streams.pop(), "a stream in the outcome")?.first_version;
            written.push((first.get(), ids_of(append)));
        }
    }
    // By the versions that the outcomes tell, the events must stand as they were given.
    written.sort_unstable_by_key(|(first, _)| *first);
    let stored = store.stream(&stream).await?;
    ensure_eq(
        "the stream's versions",
        versions(&stored),
        (1..=total as u64).collect::<Vec<_>>(),
    )?;
    let expected: Vec<_> = written.into_iter().flat_map(|(_, ids)| ids).collect();
    ensure_eq("the stream's events", ids(&stored), expected)
}

/// One append sent many times at once is stored once, and everyone gets the same outcome.
pub async fn repeats_at_once_store_one_copy(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut written = Vec::new();
    for round in 0..10 {
        let stream = stream(&round.to_string())?;
        let append = Append::new(stream, ExpectedVersion::NoStream, events(2)?);
        let outcomes = at_once(&store, vec![append.clone(); 8]).await?;
        let outcomes: Result<Vec<Appended>, _> = outcomes.into_iter().collect();
        let (mut first, repeats): (Vec<_>, Vec<_>) = outcomes?
            .into_iter()
            .partition(|appended| !appended.repeated);
        ensure_eq("the number of first outcomes", first.len(), 1)?;
        let first = present(first.pop(), "a first outcome")?;
        for repeat in repeats {
            ensure_repeats(repeat, &first)?;
        }
        written.extend(ids_of(&append));
    }
    ensure_eq("the log's events", ids(&store.log().await?), written)
}

/// Appends that take the same streams in different orders do not stop each other.
pub async fn appends_over_crossed_streams_do_not_stop_each_other(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let streams = [stream("1")?, stream("2")?, stream("3")?];
    for _ in 0..10 {
        let mut appends = Vec::new();
        for n in 0..12 {
            let [first, second] = [&streams[n % 3], &streams[(n + 1 + n % 2) % 3]];
            let append = some(first, 1)?.and(second.clone(), ExpectedVersion::Any, events(1)?);
            appends.push(append);
        }
        for outcome in at_once(&store, appends).await? {
            outcome?;
        }
    }
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        240,
    )?;
    for stream in streams {
        let stored = store.stream(&stream).await?;
        let dense: Vec<u64> = (1..=80).collect();
        ensure_eq(
            format_args!("the versions of {stream}"),
            versions(&stored),
            dense,
        )?;
    }
    Ok(())
}

/// Sends each append in a call of its own, all at once; the outcomes stand in their order.
pub(super) async fn at_once(
    store: &Opened,
    appends: Vec<Append>,
) -> Result<Vec<Result<Appended, AppendError>>, Violation> {
    at_once_over(&[store], appends).await
}

/// The same over several open stores in turn.
pub(super) async fn at_once_over(
    stores: &[&Opened],
    appends: Vec<Append>,
) -> Result<Vec<Result<Appended, AppendError>>, Violation> {
    let start = Arc::new(Barrier::new(appends.len()));
    let mut writers = JoinSet::new();
    for (n, append) in appends.into_iter().enumerate() {
        let (store, start) = (stores[n % stores.len()].clone(), start.clone());
        writers.spawn(async move {
            start.wait().await;
            (n, store.try_append(append).await)
        });
    }
    let mut outcomes = writers.join_all().await;
    outcomes.sort_unstable_by_key(|(n, _)| *n);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
