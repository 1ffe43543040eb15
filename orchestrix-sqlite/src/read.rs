//! The statements that read the log.

use std::sync::Arc;

use orchestrix::store::{
    Direction, Filter, GlobalPosition, MAX_PAGE, Page, ReadAll, ReadError, ReadStream,
    RecordedEvent,
};
use rusqlite::{Connection, ToSql, params_from_iter};

use crate::failure::Failure;
use crate::recorded::RowReader;

const HEAD: &str = "SELECT max(position) FROM events";
const STREAM_FORWARD: &str = include_str!("sql/read_stream_forward.sql");
const STREAM_BACKWARD: &str = include_str!("sql/read_stream_backward.sql");
const ALL: &str = include_str!("sql/read_all.sql");

/// How many positions one filtered read goes through at most. A reader that wants few of many events gets an emptier
/// page, instead of holding a snapshot and a connection for as long as the whole log takes.
const SCAN_WINDOW: i64 = 100_000;

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

/// A page of the whole log.
pub(crate) fn read_all(connection: &Connection, read: &ReadAll) -> Result<Page, ReadError> {
    // What is at or below the head never changes, so head and page need no common snapshot: events that come in
    // between lie above the head and are left to the next page.
    let head = last_position(connection)?;
    let after = clamped(read.after.get());
    if after >= head {
        return Ok(Page {
            events: Vec::new(),
            scanned_to: read.after,
            at_head: true,
        });
    }
    let limit = page_limit(read.limit);
    let unfiltered = read.filter == Filter::all();
    let to = if unfiltered {
        head
    } else {
        head.min(after.saturating_add(SCAN_WINDOW))
    };
    let events = page(connection, &read.filter, after, to, limit)?;
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

fn page(
    connection: &Connection,
    filter: &Filter,
    after: i64,
    to: i64,
    limit: usize,
) -> Result<Vec<RecordedEvent>, ReadError> {
    let limit_parameter = limit as i64; // at most MAX_PAGE
    let mut parameters: Vec<&dyn ToSql> = vec![&after, &to, &limit_parameter];
    let mut conditions = String::new();
    for (column, names) in [
        ("event_type", &filter.event_types),
        ("category", &filter.categories),
    ] {
        if !names.is_empty() {
            any_of(column, names, &mut conditions, &mut parameters);
        }
    }
    let tenant = filter.tenant.as_ref().map(|tenant| tenant.as_str());
    if let Some(tenant) = &tenant {
        parameters.push(tenant);
        conditions.push_str(&format!(" AND tenant = ?{}", parameters.len()));
    }
    let sql = ALL.replace("{filter}", &conditions);
    let mut statement = connection.prepare_cached(&sql).map_err(Failure::from)?;
    let mut rows = statement
        .query(params_from_iter(parameters))
        .map_err(Failure::from)?;
    let mut reader = RowReader::default();
    let mut events = Vec::new();
    while let Some(row) = rows.next().map_err(Failure::from)? {
        events.push(reader.read(row)?);
    }
    Ok(events)
}

fn any_of<'a>(
    column: &str,
    names: &'a [Arc<str>],
    conditions: &mut String,
    parameters: &mut Vec<&'a dyn ToSql>,
) {
    conditions.push_str(&format!(" AND {column} IN ("));
    for (n, name) in names.iter().enumerate() {
        parameters.push(name);
        let comma = if n == 0 { "" } else { ", " };
        conditions.push_str(&format!("{comma}?{}", parameters.len()));
    }
    conditions.push(')');
}

fn last_position(connection: &Connection) -> Result<i64, Failure> {
    let last: Option<i64> = connection
        .prepare_cached(HEAD)?
        .query_row([], |row| row.get(0))?;
    Ok(last.unwrap_or(0).max(0))
}

fn position(number: i64) -> GlobalPosition {
    GlobalPosition::new(number.unsigned_abs())
}

/// SQLite counts in signed 64 bits; nothing is stored beyond.
fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn page_limit(limit: usize) -> usize {
    limit.clamp(1, MAX_PAGE)
}
