//! Finding one event by its id.

use super::opened::Opened;
use super::samples::{event, ids, some, stream, stream_of, tagged};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure_eq};
use crate::message::MessageId;
use crate::store::{Append, ExpectedVersion, RecordedEvent, TenantId};

/// An event is found by its id, as the log has it, wherever it stands in its append.
pub async fn an_event_is_found_by_its_id(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let append = some(&stream("1")?, 3)?.and(
        stream("2")?,
        ExpectedVersion::Any,
        vec![event()?, tagged(&["a", "b"])?],
    );
    store.append(append).await?;
    store.append(some(&stream("1")?, 2)?).await?;
    let log = store.log().await?;
    ensure_eq("the number of events in the log", log.len(), 7)?;
    for event in log {
        let found = store.find(&TenantId::default(), event.event_id()).await?;
        ensure_eq("the event", found, Some(event))?;
    }
    Ok(())
}

/// An id that was never stored, or only in a refused append, finds nothing.
pub async fn an_unknown_id_finds_nothing(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    store.append(some(&stream, 2)?).await?;
    let refused = event()?;
    let append = Append::new(stream, ExpectedVersion::NoStream, vec![refused.clone()]);
    store.refused(append).await?;
    let unknown = [
        refused.event_id,
        MessageId::new(),
        MessageId::from_uuid(uuid::Uuid::nil()),
        MessageId::from_uuid(uuid::Uuid::max()),
    ];
    for id in unknown {
        let found = store.find(&TenantId::default(), id).await?;
        ensure_eq(format_args!("what is found by {id}"), found, None)?;
    }
    Ok(())
}

/// Another tenant's event is not found; where both have the id, each finds its own.
pub async fn an_event_is_found_in_its_tenant_only(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let streams = [stream("1")?, stream_of("a", "1")?, stream_of("A", "1")?];
    let (shared, own) = (event()?, event()?);
    store
        .append(Append::new(
            streams[0].clone(),
            ExpectedVersion::Any,
            vec![own.clone()],
        ))
        .await?;
    for stream in &streams[..2] {
        let append = Append::new(stream.clone(), ExpectedVersion::Any, vec![shared.clone()]);
        store.append(append).await?;
    }
    for (stream, ids) in [
        (&streams[0], vec![own.event_id, shared.event_id]),
        (&streams[1], vec![shared.event_id]),
        (&streams[2], vec![]),
    ] {
        for id in [own.event_id, shared.event_id] {
            let found = store.find(stream.tenant(), id).await?;
            let place = found.map(|event| (event.stream.clone(), event.event_id()));
            let expected = ids.contains(&id).then(|| (stream.clone(), id));
            ensure_eq(
                format_args!("what {} finds by {id}", stream.tenant()),
                place,
                expected,
            )?;
        }
    }
    Ok(())
}

/// An event is found though its stream was archived.
pub async fn an_event_of_an_archived_stream_is_found(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    store.append(some(&stream, 3)?).await?;
    let log = store.log().await?;
    store
        .events
        .archive_stream(&stream, ExpectedVersion::Any)
        .await?;
    for event in &log {
        let found = store.find(&TenantId::default(), event.event_id()).await?;
        ensure_eq("the event", found.as_ref(), Some(event))?;
    }
    ensure_eq("the log's events", ids(&store.log().await?), ids(&log))
}

impl Opened {
    pub(super) async fn find(
        &self,
        tenant: &TenantId,
        id: MessageId,
    ) -> Result<Option<RecordedEvent>, Violation> {
        Ok(self.events.find_event(tenant, id).await?)
    }
}
