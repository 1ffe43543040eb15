//! The rows of new events.

use std::borrow::Cow;

use orchestrix::message::Metadata;
use orchestrix::store::{AppendError, AppendedStream, EventData, GlobalPosition, StreamWrite};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::payload::PayloadValue;
use crate::recorded::to_microseconds;

const INSERT: &str = include_str!("sql/insert_event.sql");
const INSERT_TAG: &str =
    "INSERT INTO event_tags (tag, tenant, position, event_type) VALUES (?1, ?2, ?3, ?4)";

/// What is written as JSON of an event beside its payload.
#[derive(Debug)]
pub(crate) struct EventTexts {
    metadata: Cow<'static, str>,
    tags: Option<String>,
}

impl EventTexts {
    pub(crate) fn of(event: &EventData) -> Result<Self, AppendError> {
        let metadata = if event.metadata == Metadata::default() {
            Cow::Borrowed("{}")
        } else {
            serde_json::to_string(&event.metadata)
                .map_err(Failure::metadata)?
                .into()
        };
        let tags = match event.tags() {
            [] => None,
            tags => Some(serde_json::to_string(tags).map_err(Failure::metadata)?),
        };
        Ok(Self { metadata, tags })
    }
}

/// Inserts the events at their places, and gives the last one's position.
pub(crate) fn events(
    connection: &Connection,
    writes: &[StreamWrite],
    texts: &[EventTexts],
    places: &[AppendedStream],
) -> rusqlite::Result<GlobalPosition> {
    let mut insert = connection.prepare_cached(INSERT)?;
    let mut texts = texts.iter();
    for (write, place) in writes.iter().zip(places) {
        // These stay bound for all events of the stream.
        insert.raw_bind_parameter(1, write.stream.tenant().as_str())?;
        insert.raw_bind_parameter(2, write.stream.name())?;
        insert.raw_bind_parameter(3, write.stream.category())?;
        let versions = place.first_version.get()..;
        for ((event, texts), version) in write.events.iter().zip(&mut texts).zip(versions) {
            let version = i64::try_from(version)
                .map_err(|beyond| rusqlite::Error::ToSqlConversionFailure(beyond.into()))?;
            insert.raw_bind_parameter(4, version)?;
            insert.raw_bind_parameter(5, event.event_id.as_uuid().as_bytes().as_slice())?;
            insert.raw_bind_parameter(6, &*event.event_type)?;
            insert.raw_bind_parameter(7, event.schema_version)?;
            insert.raw_bind_parameter(8, to_microseconds(event.occurred_at))?;
            insert.raw_bind_parameter(9, &*texts.metadata)?;
            insert.raw_bind_parameter(10, PayloadValue(&event.payload))?;
            insert.raw_bind_parameter(11, texts.tags.as_deref())?;
            insert.raw_execute()?;
            if !event.tags().is_empty() {
                tags(connection, write.stream.tenant().as_str(), event)?;
            }
        }
    }
    // Row ids of this table count from 1.
    Ok(GlobalPosition::new(
        connection.last_insert_rowid().unsigned_abs(),
    ))
}

/// Of the event that was inserted last. The table has no row ids, so the event's stays the last one.
fn tags(connection: &Connection, tenant: &str, event: &EventData) -> rusqlite::Result<()> {
    let position = connection.last_insert_rowid();
    let mut insert = connection.prepare_cached(INSERT_TAG)?;
    for tag in event.tags() {
        insert.execute((tag.as_str(), tenant, position, &*event.event_type))?;
    }
    Ok(())
}
