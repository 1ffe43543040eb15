//! Keys that are not the key of a request that was stored.

use super::conditions::ensure_condition_conflict;
use super::expectations::ensure_conflict;
use super::opened::Opened;
use super::repeats::ensure_repeats;
use super::samples::{HOSTILE_TEXTS, about, events, keyed, some, stream, stream_of, tagged};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::store::{Append, ExpectedVersion, GlobalPosition, MAX_IDEMPOTENCY_KEY_BYTES};

/// Keys are compared within the tenant of the first write: another tenant's request may have the same.
pub async fn idempotency_keys_are_apart_by_tenant(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let streams = [stream("1")?, stream_of("a", "1")?, stream_of("A", "1")?];
    let mut outcomes = Vec::new();
    for stream in &streams {
        let outcome = store.append(keyed(some(stream, 1)?, "charge")?).await?;
        ensure(!outcome.repeated, "a first outcome", "repeated: true")?;
        outcomes.push(outcome);
    }
    for (stream, first) in streams.iter().zip(&outcomes) {
        ensure_repeats(
            store.append(keyed(some(stream, 1)?, "charge")?).await?,
            first,
        )?;
    }
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        3,
    )
}

/// Quotes, patterns, blanks and any script in a key: compared byte by byte.
pub async fn hostile_idempotency_keys_are_kept_apart(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let mut outcomes = Vec::new();
    for text in HOSTILE_TEXTS {
        let outcome = store.append(keyed(some(&stream, 1)?, text)?).await?;
        let expected = format!("a first outcome for key {text:?}");
        ensure(!outcome.repeated, expected, "repeated: true")?;
        outcomes.push(outcome);
    }
    for (text, first) in HOSTILE_TEXTS.iter().zip(&outcomes) {
        ensure_repeats(store.append(keyed(some(&stream, 1)?, text)?).await?, first)?;
    }
    Ok(())
}

/// The longest keys that are accepted are kept, and differ in their last character.
pub async fn the_longest_idempotency_keys_are_kept(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let long = "k".repeat(MAX_IDEMPOTENCY_KEY_BYTES - 1);
    for (count, last) in [(1, "1"), (2, "2")] {
        let key = format!("{long}{last}");
        let first = store.append(keyed(some(&stream, count)?, &key)?).await?;
        ensure(!first.repeated, "a first outcome", "repeated: true")?;
        ensure_repeats(store.append(keyed(some(&stream, 1)?, &key)?).await?, &first)?;
    }
    Ok(())
}

/// The key of a refused append is not taken by it, whatever it was refused for.
pub async fn the_key_of_a_refused_append_stays_free(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (stream, about_course) = (stream("1")?, about("course")?);
    let first = Append::new(
        stream.clone(),
        ExpectedVersion::Any,
        vec![tagged(&["course"])?],
    );
    let stored_at = store.append(first).await?.position;
    let conflicting = Append::new(stream.clone(), ExpectedVersion::NoStream, events(1)?);
    let error = store.refused(keyed(conflicting, "charge")?).await?;
    ensure_conflict(&error, &stream, ExpectedVersion::NoStream, 1)?;
    let late = some(&stream, 1)?.unless(about_course.clone(), GlobalPosition::START);
    let error = store.refused(keyed(late, "charge")?).await?;
    ensure_condition_conflict(&error, &about_course, GlobalPosition::START, &[stored_at])?;
    let empty = Append::new(stream.clone(), ExpectedVersion::Any, Vec::new());
    store.refused(keyed(empty, "charge")?).await?;
    let appended = store.append(keyed(some(&stream, 1)?, "charge")?).await?;
    ensure(!appended.repeated, "a first outcome", "repeated: true")?;
    ensure_eq(
        "the number of events in the log",
        store.log().await?.len(),
        2,
    )
}

/// A repeat that is known by the ids of its events keeps no key: the key was not stored with those events.
pub async fn the_key_of_a_repeat_by_ids_stays_free(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let append = some(&stream, 1)?;
    let first = store.append(append.clone()).await?;
    ensure_repeats(store.append(keyed(append, "charge")?).await?, &first)?;
    let appended = store.append(keyed(some(&stream, 1)?, "charge")?).await?;
    ensure(!appended.repeated, "a first outcome", "repeated: true")
}
