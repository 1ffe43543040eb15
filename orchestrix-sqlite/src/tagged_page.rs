//! Pages of what has certain tags: however long the log is, only events with these tags are gone through.

use std::sync::LazyLock;

use orchestrix::store::{Filter, Page, ReadError, RecordedEvent};
use rusqlite::Connection;

use crate::archive::in_archive;
use crate::failure::{DriverError, Failure};
use crate::read::{SCAN_WINDOW, position};
use crate::recorded::RowReader;
use crate::tag_lookup::{Range, positions};

const BY_POSITION: &str = include_str!("sql/event_by_position.sql");
static ARCHIVED_BY_POSITION: LazyLock<String> = LazyLock::new(|| in_archive(BY_POSITION));

/// The events up to the head that a filter with a [tagged](crate::tag_lookup::is_tagged) query takes. To be called inside
/// of a snapshot.
pub(crate) fn read(
    snapshot: &Connection,
    filter: &Filter,
    after: i64,
    head: i64,
    limit: usize,
) -> Result<Page, ReadError> {
    let mut range = Range {
        tenant: filter.tenant.as_ref().map(|tenant| tenant.as_str()),
        after,
        to: head,
    };
    let mut reader = RowReader::default();
    let mut events = Vec::new();
    let mut looked_at = 0;
    loop {
        let tagged = positions(snapshot, &filter.query, range, limit).map_err(Failure::from)?;
        let is_last = tagged.len() < limit;
        for place in tagged {
            let event = event_at(snapshot, place, &mut reader)?;
            range.after = place;
            looked_at += 1;
            if filter.matches(&event) {
                events.push(event);
            }
            if events.len() == limit {
                return Ok(page(events, place, head));
            }
        }
        if is_last {
            return Ok(page(events, head, head));
        }
        if looked_at >= SCAN_WINDOW {
            return Ok(page(events, range.after, head));
        }
    }
}

fn page(events: Vec<RecordedEvent>, scanned_to: i64, head: i64) -> Page {
    Page {
        events,
        scanned_to: position(scanned_to),
        at_head: scanned_to == head,
    }
}

fn event_at(
    snapshot: &Connection,
    position: i64,
    reader: &mut RowReader,
) -> Result<RecordedEvent, ReadError> {
    for sql in [BY_POSITION, &ARCHIVED_BY_POSITION] {
        let mut statement = snapshot.prepare_cached(sql).map_err(Failure::from)?;
        let mut rows = statement.query([position]).map_err(Failure::from)?;
        if let Some(row) = rows.next().map_err(Failure::from)? {
            return reader.read(row);
        }
    }
    Err(ReadError::Corrupt {
        place: format!("position {position}"),
        source: DriverError::TagWithoutEvent.into(),
    })
}
