//! Tags of events: kept as they are, compared byte by byte.

use super::opened::Opened;
use super::samples::{HOSTILE_TEXTS, about, event, some, stream, tag, tagged};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq, present};
use crate::store::{
    Append, EventData, ExpectedVersion, Filter, GlobalPosition, MAX_PAGE, MAX_TAG_BYTES,
    ReadStream, RecordedEvent, Tag, TenantId,
};

/// Tags come back sorted by their bytes, each once, from the stream, the log and the look-up by id.
pub async fn tags_come_back_sorted_and_once(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let events = vec![
        tagged(&["b", "a", "B", "a", "é", "aa", "-"])?,
        tagged(&[])?,
        tagged(&["course:c1"])?,
        tagged(&["z", "y", "x", "z"])?,
    ];
    come_back(subject, events).await
}

/// Quotes, separators, patterns and any script in a tag: stored verbatim, and found by a filter and by a condition
/// that name it, not by others.
pub async fn hostile_tags_are_kept_apart(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    // What lists of tags are written with, where they are kept in one column.
    let separators = [
        ",", "a,b", "{a}", "[\"a\"]", "a\"b", "a;b", "a|b", "a:b:c", ":",
    ];
    let texts: Vec<_> = HOSTILE_TEXTS.iter().copied().chain(separators).collect();
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let events: Result<Vec<_>, _> = texts.iter().map(|text| tagged(&[text])).collect();
    let written = Append::new(stream.clone(), ExpectedVersion::NoStream, events?);
    store.append(written).await?;
    for (event, text) in store.stream(&stream).await?.iter().zip(&texts) {
        ensure_eq("the tags", event.data.tags(), &[tag(text)?][..])?;
        let what = format!("the positions of events tagged {text:?}");
        let filter = Filter::all().tags([tag(text)?]);
        let found = store.log_of(filter, MAX_PAGE).await?;
        let found: Vec<_> = found.iter().map(|event| event.position).collect();
        ensure_eq(what, found, vec![event.position])?;
        let before = GlobalPosition::new(event.position.get() - 1);
        let append = || some(&stream, 1);
        store
            .append(append()?.unless(about(text)?, event.position))
            .await?;
        let seen = store
            .refused(append()?.unless(about(text)?, before))
            .await?;
        ensure(
            seen.is_conflict(),
            format_args!("a conflict about {text:?}"),
            &seen,
        )?;
    }
    Ok(())
}

/// As many tags as one event may have, each as long as one may be.
pub async fn the_most_and_longest_tags_are_kept(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let long = |n: usize| format!("{}{n:02}", "t".repeat(MAX_TAG_BYTES - 2));
    let tags: Result<Vec<_>, Violation> = (0..16).map(|n| tag(&long(n))).collect();
    let wide: Tag = tag(&"語".repeat(MAX_TAG_BYTES / 3))?;
    let events = vec![
        event()?.with_tags(tags?),
        event()?.with_tags([wide]),
        event()?,
    ];
    come_back(subject, events).await
}

/// Writes events and checks that they come back with their tags, whichever way they are read, and are found by each tag.
async fn come_back(subject: &dyn StoreUnderTest, events: Vec<EventData>) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let append = Append::new(stream.clone(), ExpectedVersion::NoStream, events.clone());
    store.append(append).await?;
    let mut backward = store
        .events
        .read_stream(ReadStream::backward(stream.clone()))
        .await?;
    backward.reverse();
    for stored in [store.stream(&stream).await?, backward, store.log().await?] {
        let tags: Vec<_> = stored
            .iter()
            .map(|event| event.data.tags().to_vec())
            .collect();
        let given: Vec<_> = events.iter().map(|event| event.tags().to_vec()).collect();
        ensure_eq("the tags of the events", tags, given)?;
    }
    for event in &events {
        let found = store
            .events
            .find_event(&TenantId::default(), event.event_id)
            .await?;
        let found = present(found, "the event by its id")?;
        ensure_eq("the tags", found.data.tags(), event.tags())?;
        for tag in event.tags() {
            let found = store
                .log_of(Filter::all().tags([tag.clone()]), MAX_PAGE)
                .await?;
            let found: Vec<_> = found.iter().map(RecordedEvent::event_id).collect();
            let having = events.iter().filter(|other| other.tags().contains(tag));
            let expected: Vec<_> = having.map(|event| event.event_id).collect();
            ensure_eq(format_args!("the events tagged {tag}"), found, expected)?;
        }
    }
    Ok(())
}
