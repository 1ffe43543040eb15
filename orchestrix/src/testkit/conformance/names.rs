//! Names that users choose: stored as they are, compared byte by byte.

use super::opened::Opened;
use super::samples::{HOSTILE_TEXTS, event_of_type, events, ids, some, stream};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{
    Append, ExpectedVersion, Filter, MAX_PAGE, MAX_STREAM_NAME_BYTES, MAX_TENANT_BYTES, NameError,
    StreamId, TenantId,
};

/// Quotes, patterns, comments, escapes and any script in a stream's key: stored verbatim, each a stream of its own.
pub async fn hostile_stream_keys_are_kept_apart(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let streams: Result<Vec<_>, _> = HOSTILE_TEXTS.iter().map(|text| stream(text)).collect();
    kept_apart(&Opened::open(subject).await?, &streams?).await
}

/// The same for categories, and each is what a filter finds.
pub async fn hostile_categories_are_kept_apart(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let categories = || HOSTILE_TEXTS.iter().filter(|text| !text.contains('-'));
    let streams: Result<Vec<_>, _> = categories().map(|text| StreamId::new(text, "1")).collect();
    let streams = streams?;
    kept_apart(&store, &streams).await?;
    for stream in &streams {
        let filter = Filter::all().categories([stream.category()]);
        let found = store.log_of(filter, MAX_PAGE).await?;
        let all_of_it = found.len() == 2 && found.iter().all(|event| event.stream == *stream);
        ensure(
            all_of_it,
            format_args!("the two events of category {:?}", stream.category()),
            &found,
        )?;
    }
    Ok(())
}

/// The same for tenants, and each is what a filter finds.
pub async fn hostile_tenants_are_kept_apart(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let mut streams = Vec::new();
    for text in HOSTILE_TEXTS {
        streams.push(stream("1")?.with_tenant(TenantId::new(*text)?));
    }
    kept_apart(&store, &streams).await?;
    for stream in &streams {
        let filter = Filter::all().tenant(stream.tenant().clone());
        let found = store.log_of(filter, MAX_PAGE).await?;
        let all_of_it = found.len() == 2 && found.iter().all(|event| event.stream == *stream);
        ensure(
            all_of_it,
            format_args!("the two events of {:?}", stream.tenant()),
            &found,
        )?;
    }
    Ok(())
}

/// The same for event types, and each is what a filter finds.
pub async fn hostile_event_types_are_kept_apart(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let events: Result<Vec<_>, _> = HOSTILE_TEXTS
        .iter()
        .map(|text| event_of_type(text))
        .collect();
    store
        .append(Append::new(
            stream.clone(),
            ExpectedVersion::NoStream,
            events?,
        ))
        .await?;
    let stored = store.stream(&stream).await?;
    let types: Vec<&str> = stored.iter().map(|event| event.event_type()).collect();
    ensure_eq("the event types", types, HOSTILE_TEXTS)?;
    for event in &stored {
        let filter = Filter::all().event_types([event.event_type()]);
        let found = store.log_of(filter, MAX_PAGE).await?;
        let what = format_args!("the events of type {:?}", event.event_type());
        ensure_eq(what, ids(&found), vec![event.event_id()])?;
    }
    let filter = Filter::all().event_types(HOSTILE_TEXTS.iter().copied());
    let found = store.log_of(filter, MAX_PAGE).await?;
    ensure_eq(
        "the events of all types together",
        ids(&found),
        ids(&stored),
    )
}

/// The longest names that are accepted are stored, and differ in their last character.
pub async fn the_longest_names_are_stored(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let tenant = "t".repeat(MAX_TENANT_BYTES - 1);
    let category = "c".repeat(MAX_STREAM_NAME_BYTES - 3);
    let mut streams = Vec::new();
    for (last_of_tenant, last_of_category, key) in [
        ("1", "1", "1"),
        ("1", "1", "2"),
        ("1", "2", "1"),
        ("2", "1", "1"),
    ] {
        let stream = StreamId::new(&format!("{category}{last_of_category}"), key)?;
        streams.push(stream.with_tenant(TenantId::new(format!("{tenant}{last_of_tenant}"))?));
    }
    // The most bytes are a third of the characters, in some scripts.
    streams.push(StreamId::new(
        "c",
        &"語".repeat((MAX_STREAM_NAME_BYTES - 2) / 3),
    )?);
    kept_apart(&Opened::open(subject).await?, &streams).await
}

/// No name holds a NUL. An event type, which anything can be written into, is stored whole or refused.
pub async fn nul_never_cuts_a_name(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let refused = |result: Result<StreamId, NameError>| {
        let told = matches!(
            result,
            Err(NameError::ControlCharacter {
                character: '\0',
                ..
            })
        );
        ensure(told, "ControlCharacter for NUL", &result)
    };
    refused(StreamId::new("thing", "a\0b"))?;
    refused(StreamId::new("thi\0ng", "a"))?;
    refused("thing-\0".parse())?;
    ensure(
        TenantId::new("a\0").is_err(),
        "a tenant with NUL to be refused",
        "accepted",
    )?;

    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    for event_type in ["a\0b", "\0", "a\0"] {
        let before = store.log().await?.len();
        let event = event_of_type(event_type)?;
        let append = Append::new(stream.clone(), ExpectedVersion::Any, vec![event]);
        let stored = usize::from(store.try_append(append).await?.is_ok());
        let log = store.log().await?;
        ensure_eq(
            "the number of events in the log",
            log.len(),
            before + stored,
        )?;
        let last = log
            .last()
            .filter(|_| stored == 1)
            .map(|event| event.event_type());
        ensure(
            last.is_none_or(|kept| kept == event_type),
            format_args!("{event_type:?}"),
            last,
        )?;
    }
    Ok(())
}

/// Writes to each stream as to an absent one, then again, and reads each one.
async fn kept_apart(store: &Opened, streams: &[StreamId]) -> Result<(), Violation> {
    for stream in streams {
        store
            .append(Append::new(
                stream.clone(),
                ExpectedVersion::NoStream,
                events(1)?,
            ))
            .await?;
    }
    for stream in streams {
        store.append(some(stream, 1)?).await?;
    }
    for stream in streams {
        let stored = store.stream(stream).await?;
        ensure_eq(
            format_args!("the number of events of {stream:?}"),
            stored.len(),
            2,
        )?;
        let strange = stored.iter().find(|event| event.stream != *stream);
        ensure(
            strange.is_none(),
            format_args!("events of {stream:?} only"),
            strange,
        )?;
    }
    let log = store.log().await?;
    let named: Vec<_> = log.iter().map(|event| &event.stream).collect();
    let expected: Vec<_> = streams.iter().chain(streams).collect();
    ensure_eq("the streams in the log", named, expected)
}
