//! Appends on condition that nothing happened which matches a query.

use super::expectations::{ensure_conflict, span};
use super::opened::Opened;
use super::samples::{
    about, event, event_of_type, events, exact, ids, ids_of, some, stream, stream_of, tag, tagged,
};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{
    Append, AppendError, EventQuery, ExpectedVersion, GlobalPosition, StreamVersion, TenantId,
};

/// Where nothing matches, the append is stored as any other.
pub async fn a_condition_that_is_met_stores(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = with_courses(subject).await?;
    let before = store.log().await?;
    let stream = stream("new")?;
    let append = some(&stream, 2)?.unless(about("nothing")?, GlobalPosition::START);
    let appended = store.append(append.clone()).await?;
    ensure(!appended.repeated, "a first outcome", "repeated: true")?;
    let log = store.log().await?;
    ensure_eq(
        "the log's new events",
        &ids(&log)[before.len()..],
        &ids_of(&append)[..],
    )
}

/// A matching event behind the position refuses the append, which tells the query, the position and an event.
pub async fn a_matching_event_behind_the_position_refuses(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = with_courses(subject).await?;
    let query = about("course:c1")?;
    let matching = store.matching(&query).await?;
    for after in [GlobalPosition::START, matching[0]] {
        let append = some(&stream("new")?, 1)?.unless(query.clone(), after);
        let error = store.refused(append).await?;
        let behind: Vec<_> = matching.iter().copied().filter(|at| *at > after).collect();
        ensure_condition_conflict(&error, &query, after, &behind)?;
        ensure(error.is_conflict(), "an error that is a conflict", &error)?;
    }
    Ok(())
}

/// Matching events at the position or before it do not refuse: they were seen.
pub async fn a_matching_event_up_to_the_position_does_not_refuse(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = with_courses(subject).await?;
    let query = about("course:c1")?;
    let matching = store.matching(&query).await?;
    let last = matching[matching.len() - 1];
    for after in [last, store.events.head().await?] {
        let append = some(&stream("new")?, 1)?.unless(query.clone(), after);
        store.append(append).await?;
    }
    Ok(())
}

/// Another tenant's events do not refuse; those of the first write's tenant do.
pub async fn a_condition_sees_only_its_tenant(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let elsewhere = stream_of("elsewhere", "1")?;
    let about_course = Append::new(
        elsewhere.clone(),
        ExpectedVersion::Any,
        vec![tagged(&["c"])?],
    );
    let stored_at = store.append(about_course).await?.position;
    for (here, query) in [("a", about("c")?), ("b", EventQuery::all())] {
        let here = stream_of(here, "1")?;
        let append = some(&here, 1)?.unless(query.clone(), GlobalPosition::START);
        store.append(append).await?;
        let append = some(&elsewhere, 1)?.unless(query.clone(), GlobalPosition::START);
        let error = store.refused(append).await?;
        ensure_condition_conflict(&error, &query, GlobalPosition::START, &[stored_at])?;
    }
    // The tenant of the first write counts, not that of the second.
    let both = some(&stream_of("a", "1")?, 1)?
        .and(elsewhere, ExpectedVersion::Any, events(1)?)
        .unless(about("c")?, GlobalPosition::START);
    store.append(both).await.map(drop)
}

/// A refused append stores nothing over all of its streams, and changes nothing about the others of its call.
pub async fn a_refused_condition_stores_nothing(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = with_courses(subject).await?;
    let before = store.log().await?.len();
    let good = [some(&stream("2")?, 2)?, some(&stream("5")?, 1)?];
    let refused = some(&stream("3")?, 1)?
        .and(stream("4")?, ExpectedVersion::NoStream, events(2)?)
        .unless(about("course:c1")?, GlobalPosition::START);
    let calls = vec![good[0].clone(), refused.clone(), good[1].clone()];
    let outcomes = store.events.append(calls).await;
    let met: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    let what = format!("which of {outcomes:?} are acknowledged");
    ensure_eq(what, met, vec![true, false, true])?;
    let expected: Vec<_> = good.iter().flat_map(ids_of).collect();
    ensure_eq(
        "the log's new events",
        &ids(&store.log().await?)[before..],
        &expected[..],
    )?;
    // Its ids are free: with a condition that is met, it is stored.
    let again = refused.unless(about("nothing")?, GlobalPosition::START);
    let appended = store.append(again).await?;
    ensure(!appended.repeated, "a first outcome", "repeated: true")?;
    ensure_eq(
        "the streams' versions",
        appended.streams,
        vec![span(&stream("3")?, 1, 1), span(&stream("4")?, 1, 2)],
    )
}

/// A condition sees the events of earlier appends of its call.
pub async fn a_condition_sees_earlier_appends_of_its_call(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = with_courses(subject).await?;
    let (after, query) = (store.events.head().await?, about("new")?);
    let calls = (0..3)
        .map(|n| Ok(claims(&n.to_string(), "new")?.unless(query.clone(), after)))
        .collect::<Result<Vec<_>, Violation>>()?;
    let mut outcomes = store.events.append(calls).await.into_iter();
    let (Some(first), Some(second), Some(third)) =
        (outcomes.next(), outcomes.next(), outcomes.next())
    else {
        return Err(Violation::new("three outcomes", "fewer"));
    };
    let stored_at = first?.position;
    for refused in [second, third] {
        match refused {
            Err(error) => ensure_condition_conflict(&error, &query, after, &[stored_at])?,
            Ok(appended) => {
                return Err(Violation::new("a conflict", format_args!("{appended:?}")));
            }
        }
    }
    Ok(())
}

/// A condition does not see the append's own events, nor those of later appends of its call.
pub async fn a_condition_does_not_see_later_appends_of_its_call(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = with_courses(subject).await?;
    let after = store.events.head().await?;
    let first = claims("1", "new")?.unless(about("new")?, after);
    let calls = vec![first, claims("2", "new")?, claims("3", "new")?];
    for outcome in store.events.append(calls).await {
        outcome?;
    }
    ensure_eq(
        "the number of events with the tag",
        store.matching(&about("new")?).await?.len(),
        3,
    )
}

/// Expected versions and condition must both be met; the version is told first.
pub async fn conditions_and_expectations_combine(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = with_courses(subject).await?;
    let (stream, query) = (stream("1")?, about("course:c1")?);
    let (start, head) = (GlobalPosition::START, store.events.head().await?);
    let version = store.version(&stream).await?.get();
    let append = |expected, after| {
        let append = Append::new(stream.clone(), exact(expected), events(1)?);
        Ok::<_, Violation>(append.unless(query.clone(), after))
    };
    for after in [start, head] {
        let error = store.refused(append(version + 1, after)?).await?;
        ensure_conflict(&error, &stream, exact(version + 1), version)?;
    }
    let matching = store.matching(&query).await?;
    let error = store.refused(append(version, start)?).await?;
    ensure_condition_conflict(&error, &query, start, &matching)?;
    store.append(append(version, head)?).await.map(drop)
}

/// One condition holds for all streams of an append: they are stored together, or not at all.
pub async fn a_condition_covers_all_streams_of_an_append(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = with_courses(subject).await?;
    let streams = [stream("z")?, stream("a")?];
    let after = store.events.head().await?;
    let append = || {
        let write = Append::new(streams[0].clone(), ExpectedVersion::Any, vec![event()?]);
        let write = write.and(
            streams[1].clone(),
            ExpectedVersion::Any,
            vec![tagged(&["x"])?],
        );
        Ok::<_, Violation>(write.unless(about("x")?, after))
    };
    let stored_at = store.append(append()?).await?.position;
    let error = store.refused(append()?).await?;
    ensure_condition_conflict(&error, &about("x")?, after, &[stored_at])?;
    for stream in &streams {
        ensure_eq(
            format!("the version of {stream}"),
            store.version(stream).await?,
            StreamVersion::FIRST,
        )?;
    }
    Ok(())
}

impl Opened {
    /// The positions of the default tenant's events that match.
    pub(super) async fn matching(
        &self,
        query: &EventQuery,
    ) -> Result<Vec<GlobalPosition>, Violation> {
        let log = self.log().await?;
        let own = log
            .iter()
            .filter(|event| *event.stream.tenant() == TenantId::default());
        let matching = own.filter(|event| query.matches(&event.data));
        Ok(matching.map(|event| event.position).collect())
    }
}

/// An append of one event with this tag to a stream of its own.
pub(super) fn claims(key: &str, tag: &str) -> Result<Append, Violation> {
    let event = tagged(&[tag])?;
    Ok(Append::new(stream(key)?, ExpectedVersion::Any, vec![event]))
}

/// Events about two courses and two students, of several types, and one about nothing.
pub(super) async fn with_courses(subject: &dyn StoreUnderTest) -> Result<Opened, Violation> {
    let store = Opened::open(subject).await?;
    let events = [
        ("Defined", vec!["course:c1"]),
        ("Defined", vec!["course:c2"]),
        ("Subscribed", vec!["course:c1", "student:s1"]),
        ("Untagged", vec![]),
        ("Subscribed", vec!["course:c2", "student:s2"]),
        ("Renamed", vec!["course:c1"]),
        ("Subscribed", vec!["course:c10", "student:s1"]),
    ];
    for (n, (event_type, tags)) in events.into_iter().enumerate() {
        let tags: Result<Vec<_>, _> = tags.into_iter().map(tag).collect();
        let event = event_of_type(event_type)?.with_tags(tags?);
        let stream = stream(&(n % 3).to_string())?;
        let append = Append::new(stream, ExpectedVersion::Any, vec![event]);
        store.append(append).await?;
    }
    Ok(store)
}

/// Checks what a conflict with a condition tells: one of these events.
#[track_caller]
pub(super) fn ensure_condition_conflict(
    error: &AppendError,
    query: &EventQuery,
    after: GlobalPosition,
    behind: &[GlobalPosition],
) -> Result<(), Violation> {
    let told = match error {
        AppendError::ConditionConflict {
            query: q,
            after: a,
            found,
        } => q == query && *a == after && behind.contains(found),
        _ => false,
    };
    let promise = format_args!("a conflict with {query} after {after}, at one of {behind:?}");
    ensure(told, promise, error)
}
