//! How much a store takes: all of what is at a limit, nothing of what is above. For stores with the usual limits.

use super::opened::Opened;
use super::samples::{
    about, event, event_of_type, event_with, events, ids, ids_of, some, stream, tag,
};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::message::Metadata;
use crate::store::{
    Append, AppendError, EventData, EventQuery, ExpectedVersion, GlobalPosition, Limit, Limits,
    MAX_EVENT_TYPE_BYTES, Payload, QueryItem,
};

/// Payloads have at most so many bytes, JSON or binary.
pub async fn the_bytes_of_a_payload_are_limited(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let most = Limits::default().event_bytes;
    // With the quotes, text has as many bytes as are asked for.
    let json = |bytes: usize| Payload::of(&"x".repeat(bytes - 2));
    let binary = |bytes: usize| Payload::binary(vec![0xff; bytes]);
    let at = vec![event_with(json(most)?)?, event_with(binary(most))?];
    stored(&store, of(at)?).await?;
    for above in [json(most + 1)?, binary(most + 1)] {
        let append = of(vec![event()?, event_with(above)?])?;
        exceeds(&store, append, Limit::EventBytes, most + 1).await?;
    }
    Ok(())
}

/// Metadata has at most so many bytes: the actor, and the names and values of the extras.
pub async fn the_bytes_of_metadata_are_limited(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let most = Limits::default().metadata_bytes;
    let with_bytes = |bytes: usize| {
        let mut metadata = Metadata::default().with("name", "v".repeat(bytes - 4 - 10));
        metadata.actor = Some("a".repeat(10));
        of(vec![event()?.with_metadata(metadata)])
    };
    stored(&store, with_bytes(most)?).await?;
    exceeds(
        &store,
        with_bytes(most + 1)?,
        Limit::MetadataBytes,
        most + 1,
    )
    .await
}

/// An event has at most so many tags.
pub async fn the_tags_of_an_event_are_limited(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let most = Limits::default().event_tags;
    let with_tags = |count: usize| {
        let tags: Result<Vec<_>, _> = (0..count).map(|n| tag(&n.to_string())).collect();
        of(vec![event()?.with_tags(tags?)])
    };
    stored(&store, with_tags(most)?).await?;
    exceeds(&store, with_tags(most + 1)?, Limit::EventTags, most + 1).await
}

/// The JSON of a payload nests at most so deep, lists and objects alike; brackets within text do not count.
pub async fn the_depth_of_json_is_limited(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let most = Limits::default().json_depth;
    let lists = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let within_text = format!("\"{}\"", "[".repeat(2 * most));
    let mut at = Vec::new();
    for text in [lists(most), objects(most), within_text] {
        at.push(event_with(Payload::from_json_text(text)?)?);
    }
    stored(&store, of(at)?).await?;
    for text in [lists(most + 1), objects(most + 1)] {
        let append = of(vec![event_with(Payload::from_json_text(text)?)?])?;
        exceeds(&store, append, Limit::JsonDepth, most + 1).await?;
    }
    Ok(())
}

/// An append holds at most so many events, over all of its streams.
pub async fn the_events_of_an_append_are_limited(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let most = Limits::default().append_events;
    let over_two = |count: usize| {
        let append = some(&stream("1")?, count / 2)?;
        let rest = events(count - count / 2)?;
        Ok::<_, Violation>(append.and(stream("2")?, ExpectedVersion::Any, rest))
    };
    stored(&store, over_two(most)?).await?;
    exceeds(&store, over_two(most + 1)?, Limit::AppendEvents, most + 1).await
}

/// All payloads and metadata of an append together have at most so many bytes.
pub async fn the_bytes_of_an_append_are_limited(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (most, most_of_one) = (
        Limits::default().append_bytes,
        Limits::default().event_bytes,
    );
    let whole = most / most_of_one;
    let with_bytes = |last: usize| {
        let sizes = (1..whole)
            .map(|_| most_of_one)
            .chain([most_of_one - 4, last]);
        let events: Result<Vec<_>, _> = sizes
            .map(|size| event_with(Payload::binary(vec![7; size])))
            .collect();
        of(events?)
    };
    stored(&store, with_bytes(4)?).await?;
    exceeds(&store, with_bytes(5)?, Limit::AppendBytes, most + 1).await
}

/// The query of a condition has at most so many items, and an item so many tags or types.
pub async fn the_items_of_a_condition_are_limited(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let most = Limits::default().query_items;
    let items = |count: usize| {
        let mut query = about("0")?;
        for n in 1..count {
            query = query.or(QueryItem::tagged([tag(&n.to_string())?]));
        }
        Ok::<_, Violation>(query)
    };
    let tags = |count: usize| {
        let tags: Result<Vec<_>, _> = (0..count).map(|n| tag(&n.to_string())).collect();
        Ok::<_, Violation>(EventQuery::tagged(tags?))
    };
    let types = |count: usize| {
        let names = (0..count).map(|n| format!("Type{n}"));
        EventQuery::of(QueryItem::default().event_types(names))
    };
    for query in [items(most)?, tags(most)?, types(most)] {
        let append = of(events(1)?)?.unless(query, GlobalPosition::START);
        stored(&store, append).await?;
    }
    for query in [items(most + 1)?, tags(most + 1)?, types(most + 1)] {
        let append = of(events(1)?)?.unless(query, GlobalPosition::START);
        exceeds(&store, append, Limit::QueryItems, most + 1).await?;
    }
    Ok(())
}

/// The name of an event's type is a name: not empty, not too long, without control characters.
pub async fn event_types_that_are_no_names_are_refused(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let longest = "x".repeat(MAX_EVENT_TYPE_BYTES);
    stored(&store, of(vec![event_of_type(&longest)?])?).await?;
    let too_long = format!("{longest}x");
    for name in ["", "a\0b", "a\nb", "\u{7f}", &too_long] {
        let before = store.log().await?.len();
        let append = of(vec![event()?, event_of_type(name)?])?;
        let stream = append.writes()[0].stream.clone();
        let error = store.refused(append).await?;
        let told =
            matches!(&error, AppendError::InvalidEventType { stream: told, .. } if *told == stream);
        ensure(told, format_args!("InvalidEventType for {stream}"), &error)?;
        ensure_eq(
            "the number of events in the log",
            store.log().await?.len(),
            before,
        )?;
    }
    Ok(())
}

/// What is above a limit is refused alone: the other appends of its call are stored.
pub async fn what_is_above_a_limit_harms_no_neighbour(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let limits = Limits::default();
    let tags: Result<Vec<_>, _> = (0..=limits.event_tags)
        .map(|n| tag(&n.to_string()))
        .collect();
    let above = [
        of(vec![event_with(Payload::binary(vec![
            0;
            limits.event_bytes
                + 1
        ]))?])?,
        of(events(limits.append_events + 1)?)?,
        of(vec![event()?.with_tags(tags?)])?,
        of(vec![event_of_type("")?])?,
    ];
    let mut calls = vec![some(&stream("good")?, 1)?];
    for append in above {
        calls.extend([append, some(&stream("good")?, 1)?]);
    }
    let good: Vec<_> = calls.iter().step_by(2).flat_map(ids_of).collect();
    let outcomes = store.events.append(calls).await;
    for (n, outcome) in outcomes.iter().enumerate() {
        let expected = format!("append {n} to be stored only where its number is even");
        ensure(outcome.is_ok() == (n % 2 == 0), expected, outcome)?;
    }
    ensure_eq("the log's events", ids(&store.log().await?), good)
}

/// An append of these events to the stream that these behaviours write to.
fn of(events: Vec<EventData>) -> Result<Append, Violation> {
    Ok(Append::new(stream("1")?, ExpectedVersion::Any, events))
}

/// Appends what must be stored, and read again as it is.
async fn stored(store: &Opened, append: Append) -> Result<(), Violation> {
    let before = store.log().await?.len();
    store.append(append.clone()).await?;
    let log = store.log().await?;
    ensure_eq(
        "the log's new events",
        &ids(&log)[before..],
        &ids_of(&append)[..],
    )?;
    let given = append.writes().iter().flat_map(|write| &write.events);
    for (stored, given) in log[before..].iter().zip(given) {
        // Not shown whole: they are large.
        let same = stored.data == *given;
        ensure(same, "the event as it was given", stored.position)?;
    }
    Ok(())
}

/// Appends what is above a limit, one more than it allows.
async fn exceeds(
    store: &Opened,
    append: Append,
    limit: Limit,
    found: usize,
) -> Result<(), Violation> {
    let before = store.log().await?.len();
    let error = store.refused(append).await?;
    let told = match &error {
        AppendError::LimitExceeded {
            limit: l,
            found: f,
            allowed: a,
            ..
        } => *l == limit && *f == found && *a == found - 1,
        _ => false,
    };
    let promise = format!("LimitExceeded for {limit}: {found} of {}", found - 1);
    ensure(told, promise, &error)?;
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        before,
    )
}
