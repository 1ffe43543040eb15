//! What came of the request that a key names, asked for without sending it again.

use super::opened::Opened;
use super::repeats::ensure_repeats;
use super::samples::{HOSTILE_TEXTS, events, exact, keyed, some, stream, stream_of};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure_eq, present};
use crate::store::{Append, Appended, ExpectedVersion, IdempotencyKey, StreamId};

/// The outcome that a key was stored with is found: of each stream, and marked as repeated.
pub async fn the_outcome_of_a_key_is_found(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let (one, two) = (stream("1")?, stream_of("elsewhere", "2")?);
    store.append(some(&two, 4)?).await?;
    let append = some(&one, 2)?.and(two, exact(4), events(3)?);
    let first = store.append(keyed(append, "charge")?).await?;
    let found = present(find(&store, &one, "charge").await?, "the outcome of a key")?;
    ensure_repeats(found, &first)
}

/// The outcome stays the first one, though the key comes again and the stream moves on and is archived.
pub async fn the_outcome_of_a_key_after_later_appends_is_the_first(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    store.append(some(&stream, 2)?).await?;
    let first = store.append(keyed(some(&stream, 2)?, "charge")?).await?;
    store.append(keyed(some(&stream, 3)?, "charge")?).await?;
    store.append(keyed(some(&stream, 3)?, "refund")?).await?;
    store.append(some(&stream, 1)?).await?;
    let archived = store.events.archive_stream(&stream, ExpectedVersion::Any);
    archived.await?;
    let found = find(&store, &stream, "charge").await?;
    ensure_repeats(present(found, "the outcome of a key")?, &first)
}

/// A key that nothing was stored with has no outcome: one that never came, that of a refused append, and that of a repeat
/// by ids.
pub async fn a_key_without_a_stored_append_has_no_outcome(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let stored = some(&stream, 1)?;
    store.append(stored.clone()).await?;
    let refused = Append::new(stream.clone(), ExpectedVersion::NoStream, events(1)?);
    store.refused(keyed(refused, "refused")?).await?;
    store.append(keyed(stored, "repeated")?).await?;
    for key in ["unheard of", "refused", "repeated"] {
        ensure_eq("the outcome", find(&store, &stream, key).await?, None)?;
    }
    Ok(())
}

/// Outcomes are told apart by tenant and by every byte of the key.
pub async fn outcomes_are_found_by_tenant_and_key(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let streams = [stream_of("a", "1")?, stream_of("A", "1")?];
    let mut outcomes = Vec::new();
    for stream in &streams {
        for key in HOSTILE_TEXTS {
            outcomes.push(store.append(keyed(some(stream, 1)?, key)?).await?);
        }
    }
    let mut outcomes = outcomes.iter();
    for stream in &streams {
        for key in HOSTILE_TEXTS {
            let found = present(find(&store, stream, key).await?, "the outcome of a key")?;
            ensure_repeats(found, present(outcomes.next(), "a first outcome")?)?;
        }
    }
    let other = stream_of("b", "1")?;
    let found = find(&store, &other, HOSTILE_TEXTS[0]).await?;
    ensure_eq("the outcome of another tenant's key", found, None)
}

/// The outcome of a key of a stream's tenant.
async fn find(store: &Opened, stream: &StreamId, key: &str) -> Result<Option<Appended>, Violation> {
    let key = IdempotencyKey::new(key)?;
    Ok(store.events.outcome_of(stream.tenant(), &key).await?)
}
