//! The statements that read the log.

use std::sync::Arc;

use orchestrix::message::MessageId;
use orchestrix::store::{
    Direction, EventQuery, Filter, GlobalPosition, MAX_PAGE, Page, ReadAll, ReadError, ReadStream,
    RecordedEvent, TenantId,
};
use rusqlite::Connection;

use crate::archive::in_archive;
use crate::clause::{Clause, number, text};
use crate::failure::Failure;
use crate::recorded::{RowReader, to_microseconds_up};
use crate::{tag_lookup, tagged_page};

const HEAD: &str = include_str!("sql/head.sql");
const STREAM_FORWARD: &str = include_str!("sql/read_stream_forward.sql");
const STREAM_BACKWARD: &str = include_str!("sql/read_stream_backward.sql");
const ALL: &str = include_str!("sql/read_all.sql");
const BY_ID: &str = include_str!("sql/event_by_id.sql");

/// How many positions one filtered read goes through at most. A reader that wants few of many events gets an emptier
/// page, instead of holding a snapshot and a connection for as long as the whole log takes.
pub(crate) const SCAN_WINDOW: i64 = 100_000;

/// The position of the last event.
pub(crate) fn head(connection: &Connection) -> Result<GlobalPosition, Failure> {
    last_position(connection).map(position)
}

/// Events of one stream.
pub(crate) fn read_stream(
    connection: &Connection,
    read: &ReadStream,
) -> Result<Vec<RecordedEvent>, ReadError> {
    let sql = match read.direction {
        Direction::Forward => STREAM_FORWARD,
        Direction::Backward => STREAM_BACKWARD,
    };
    let events = read_stream_by(connection, read, sql)?;
    // All of a stream is archived at once and nothing comes back, so what is not here now is there if it is anywhere.
    if events.is_empty() && read.with_archived {
        return read_stream_by(connection, read, &in_archive(sql));
    }
    Ok(events)
}

fn read_stream_by(
    connection: &Connection,
    read: &ReadStream,
    sql: &str,
) -> Result<Vec<RecordedEvent>, ReadError> {
    let (from, to) = (clamped(read.from.get()), clamped(read.to.get()));
    let limit = page_limit(read.limit);
    let mut statement = connection.prepare_cached(sql).map_err(Failure::from)?;
    let mut rows = statement
        .query((
            read.stream.name(),
            read.stream.tenant().as_str(),
            from,
            to,
            limit as i64,
        ))
        .map_err(Failure::from)?;
    let mut reader = RowReader::default();
    let mut events = Vec::new();
    while let Some(row) = rows.next().map_err(Failure::from)? {
        events.push(reader.read_of(row, read.stream.clone())?);
    }
    Ok(events)
}

/// The event with this id.
pub(crate) fn find_event(
    connection: &Connection,
    tenant: &TenantId,
    event_id: MessageId,
) -> Result<Option<RecordedEvent>, ReadError> {
    let id = event_id.as_uuid();
    let key = (id.as_bytes().as_slice(), tenant.as_str());
    // In this order, for events only move from the log to the archive.
    for sql in [BY_ID, &in_archive(BY_ID)] {
        let mut statement = connection.prepare_cached(sql).map_err(Failure::from)?;
        let mut rows = statement.query(key).map_err(Failure::from)?;
        if let Some(row) = rows.next().map_err(Failure::from)? {
            return RowReader::default().read(row).map(Some);
        }
    }
    Ok(None)
}

/// A page of the whole log.
pub(crate) fn read_all(connection: &Connection, read: &ReadAll) -> Result<Page, ReadError> {
    // All of one moment: an event that is archived meanwhile would be seen twice or not at all. Never nested, for a
    // connection is used by one read at a time; dropping it ends the snapshot.
    let snapshot = connection.unchecked_transaction().map_err(Failure::from)?;
    let head = last_position(&snapshot)?;
    let after = clamped(read.after.get());
    if after >= head {
        return Ok(Page {
            events: Vec::new(),
            scanned_to: read.after,
            at_head: true,
        });
    }
    let limit = page_limit(read.limit);
    if tag_lookup::is_tagged(&read.filter.query) {
        return tagged_page::read(&snapshot, &read.filter, after, head, limit);
    }
    let to = if read.filter == Filter::all() {
        head
    } else {
        head.min(after.saturating_add(SCAN_WINDOW))
    };
    let events = scan(&snapshot, &read.filter, after, to, limit)?;
    let scanned_to = match events.last() {
        Some(last) if events.len() == limit => last.position,
        _ => position(to),
    };
    Ok(Page {
        events,
        scanned_to,
        at_head: scanned_to == position(head),
    })
}

/// The first events of a range that the filter takes, archived or not.
fn scan(
    connection: &Connection,
    filter: &Filter,
    after: i64,
    to: i64,
    limit: usize,
) -> Result<Vec<RecordedEvent>, ReadError> {
    let types = types_of(&filter.query);
    let mut clause = Clause::new([number(after), number(to)]);
    clause.and_any_of("event_type", &filter.event_types);
    clause.and_any_of("category", &filter.categories);
    if let Some(tenant) = &filter.tenant {
        clause.and("tenant = ?", text(tenant.as_str()));
    }
    if let Some(since) = filter.since {
        clause.and("occurred_at >= ?", number(to_microseconds_up(since)));
    }
    if let Some(until) = filter.until {
        clause.and("occurred_at < ?", number(to_microseconds_up(until)));
    }
    // What no item of the query takes by its type need not be read; the rest of the query is left to `matches`.
    clause.and_any_of("event_type", &types);
    let mut events = Vec::new();
    collect(connection, ALL, &clause, filter, limit, &mut events)?;
    let of_log = events.len();
    let archived = in_archive(ALL);
    collect(
        connection,
        &archived,
        &clause,
        filter,
        of_log + limit,
        &mut events,
    )?;
    if events.len() > of_log {
        // The first of both together are among the first of each.
        events.sort_unstable_by_key(|event| event.position);
        events.truncate(limit);
    }
    Ok(events)
}

/// All types that a query takes, or none when an item takes any.
fn types_of(query: &EventQuery) -> Vec<Arc<str>> {
    let items = query.items();
    if items.iter().any(|item| item.type_names().is_empty()) {
        return Vec::new();
    }
    let types = items.iter().flat_map(|item| item.type_names());
    types.cloned().collect()
}

/// Adds what the filter takes, until there are `limit` events.
fn collect(
    connection: &Connection,
    sql: &str,
    clause: &Clause<'_>,
    filter: &Filter,
    limit: usize,
    events: &mut Vec<RecordedEvent>,
) -> Result<(), ReadError> {
    let takes_all = *filter == Filter::all();
    let mut statement = clause.prepare(connection, sql).map_err(Failure::from)?;
    let mut rows = clause.query(&mut statement).map_err(Failure::from)?;
    let mut reader = RowReader::default();
    while events.len() < limit
        && let Some(row) = rows.next().map_err(Failure::from)?
    {
        let event = reader.read(row)?;
        if takes_all || filter.matches(&event) {
            events.push(event);
        }
    }
    Ok(())
}

fn last_position(connection: &Connection) -> Result<i64, Failure> {
    let last: i64 = connection
        .prepare_cached(HEAD)?
        .query_row([], |row| row.get(0))?;
    Ok(last.max(0))
}

pub(crate) fn position(number: i64) -> GlobalPosition {
    GlobalPosition::new(number.unsigned_abs())
}

/// SQLite counts in signed 64 bits; nothing is stored beyond.
fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn page_limit(limit: usize) -> usize {
    limit.clamp(1, MAX_PAGE)
}
