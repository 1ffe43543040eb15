//! The port that every event store implements.

use async_trait::async_trait;

use super::{
    Append, AppendError, Appended, Changes, ExpectedVersion, GlobalPosition, IdempotencyKey, Page,
    ReadAll, ReadError, ReadStream, RecordedEvent, StreamId, StreamVersion, TenantId,
};
use crate::message::MessageId;

/// An append-only log of events in streams.
///
/// Implementations are held to the bullets below by [`testkit::conformance`](crate::testkit), which any store can
/// run.
///
/// ```
/// use orchestrix::store::{Append, EventData, EventStore, ExpectedVersion, MemoryStore, Payload, ReadStream, StreamId};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new();
/// let stream = StreamId::new("account", "7")?;
/// let opened = EventData::new("AccountOpened", 1, Payload::of(&serde_json::json!({ "owner": "Ada" }))?);
/// let outcome = store.append(vec![Append::new(stream.clone(), ExpectedVersion::NoStream, vec![opened])]).await;
/// assert!(outcome[0].is_ok());
/// assert_eq!(store.read_stream(ReadStream::forward(stream)).await?.len(), 1);
/// # Ok(()) }
/// ```
#[async_trait]
pub trait EventStore: Send + Sync + 'static {
    /// Stores many independent appends in one round trip, and gives one outcome for each, in their order.
    ///
    /// - Each append is atomic: all of its events over all of its streams, or none.
    /// - One refused append changes nothing about its neighbours; a later append of the same call sees the streams as
    ///   the earlier ones left them.
    /// - Versions in a stream are dense from 1; the events of an append stand in the order given, streams in the
    ///   order of the writes.
    /// - An expectation that is not met is a [`Conflict`](AppendError::Conflict) with stream, expected and actual.
    /// - When the ids of all events are stored already, in the same streams and the same order, the first outcome is
    ///   given again with `repeated: true`, whatever the expectation; when only some are, or elsewhere, it is
    ///   [`DuplicateEvent`](AppendError::DuplicateEvent). Ids are compared within the tenant.
    /// - When the append's [`IdempotencyKey`](super::IdempotencyKey) was stored with an append of the tenant before, that
    ///   one's outcome is given again with `repeated: true`, before anything else is compared. A refused append leaves its
    ///   key free.
    /// - When an event that matches the append's condition stands behind the condition's position, it is a
    ///   [`ConditionConflict`](AppendError::ConditionConflict); of several appends whose events match each other's
    ///   conditions, one wins, whatever is done at once. Conditions concern the tenant of the append's first write.
    /// - An append to an archived stream is [`Archived`](AppendError::Archived).
    /// - The append's [inline writes](Append::with_inline) are done in its transaction, once all else was accepted and only
    ///   where its events are stored now. Where a progress is not where it must be, or the builds that are named of a read
    ///   model are not all that there are, nothing is stored: [`ReadModelMoved`](AppendError::ReadModelMoved).
    /// - Appends that [`Append::check`] refuses are refused with its error.
    /// - Acknowledged means durable.
    ///
    /// # Cancellation
    /// When the future is dropped, each append is stored as a whole or not at all.
    async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>>;

    /// The events of one stream with `from <= version <= to`, in the direction asked for, at most `limit`.
    ///
    /// - An absent stream has no events; nor has an archived one, unless they are asked for.
    /// - Everything that was acknowledged before the call is seen.
    ///
    /// # Errors
    /// [`ReadError`].
    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError>;

    /// The matching events of the whole store behind a position, in the order of positions, at most `limit`.
    ///
    /// - Once a reader has got a page scanned to p, no event with a position up to p appears later.
    /// - Every acknowledged event appears, at the latest when all appends that began before it was acknowledged have
    ///   ended.
    /// - The versions of a stream come in their order.
    /// - The events of archived streams are among them.
    ///
    /// # Errors
    /// [`ReadError`].
    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError>;

    /// The event with this id, also where its stream was archived.
    ///
    /// # Errors
    /// [`ReadError`].
    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError>;

    /// The outcome of the tenant's append that had this key, if one was stored.
    ///
    /// - It is the one that [`append`](EventStore::append) gives for the key again, with `repeated: true`.
    /// - Every append that was acknowledged before the call is known.
    /// - A refused append, and a key of another tenant, has none.
    ///
    /// # Errors
    /// [`ReadError`].
    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError>;

    /// Takes a stream off the hot path, and gives its last version: its events are read by stream only when
    /// [asked for](ReadStream::with_archived), and it takes no more. The log keeps them.
    ///
    /// - Refused with [`Conflict`](AppendError::Conflict) where the stream is absent, or not as expected.
    /// - Archiving an archived stream changes nothing and succeeds.
    ///
    /// # Errors
    /// [`AppendError`].
    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError>;

    /// How far the store can be read now; [`GlobalPosition::START`] when it is empty.
    ///
    /// - At least the position of every append that was acknowledged before the call, once no earlier append is under
    ///   way.
    ///
    /// # Errors
    /// [`ReadError`].
    async fn head(&self) -> Result<GlobalPosition, ReadError>;

    /// Wake-ups when something may have been appended, by this process or another.
    fn changes(&self) -> Changes;
}
