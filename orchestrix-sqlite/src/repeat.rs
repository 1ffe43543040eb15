//! Recognising an append that was stored before, by the ids of its events.

use orchestrix::message::MessageId;
use orchestrix::store::{
    AppendError, Appended, AppendedStream, GlobalPosition, StreamVersion, StreamWrite,
};
use rusqlite::{Connection, OptionalExtension};

/// Also in the archive: this is asked only where an append was refused.
const BY_ID: &str = include_str!("sql/place_of_event.sql");

/// The outcome of the append that stored these very events; nothing if none of them is stored, and
/// [`AppendError::DuplicateEvent`] if only some are, or elsewhere.
pub(crate) fn first_outcome(
    connection: &Connection,
    writes: &[StreamWrite],
) -> rusqlite::Result<Result<Option<Appended>, AppendError>> {
    let mut by_id = connection.prepare_cached(BY_ID)?;
    let mut streams = Vec::with_capacity(writes.len());
    let mut position = 0;
    let mut any_fresh = false;
    let mut known = None;
    for write in writes {
        let mut first = None;
        for (n, event) in (0_i64..).zip(&write.events) {
            let id = event.event_id.as_uuid();
            let key = (id.as_bytes().as_slice(), write.stream.tenant().as_str());
            let stored = by_id
                .query_row(key, |row| {
                    let here = row.get_ref(1)?.as_bytes()? == write.stream.name().as_bytes();
                    Ok((row.get::<_, i64>(0)?, here, row.get::<_, i64>(2)?))
                })
                .optional()?;
            if let Some((stored_at, here, version)) = stored {
                // The version of the write's first event, if this one stands in its row.
                let first = *first.get_or_insert(version.saturating_sub(n));
                if !here || version.saturating_sub(n) != first {
                    return Ok(Err(taken(write, event.event_id)));
                }
                position = position.max(stored_at);
                known = Some((write, event.event_id));
            } else {
                any_fresh = true;
            }
            if let (true, Some((write, event_id))) = (any_fresh, known) {
                return Ok(Err(taken(write, event_id)));
            }
        }
        if let Some(first) = first {
            let first_version = StreamVersion::new(first.unsigned_abs());
            streams.push(AppendedStream {
                stream: write.stream.clone(),
                first_version,
                last_version: first_version.plus(write.events.len() as u64 - 1),
            });
        }
    }
    Ok(Ok(known.is_some().then_some(Appended {
        streams,
        position: GlobalPosition::new(position.unsigned_abs()),
        repeated: true,
    })))
}

fn taken(write: &StreamWrite, event_id: MessageId) -> AppendError {
    AppendError::DuplicateEvent {
        stream: write.stream.clone(),
        event_id,
    }
}
