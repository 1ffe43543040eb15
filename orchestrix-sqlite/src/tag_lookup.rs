//! Finding events by their tags, without going through the log.

use orchestrix::store::{EventQuery, QueryItem, Tag};
use rusqlite::Connection;

use crate::clause::{Clause, number, text};

const POSITIONS: &str = include_str!("sql/tagged_positions.sql");
const COUNT: &str = include_str!("sql/count_tagged.sql");
/// How far rows are counted to find out which of several tags is the rarest.
const COUNT_LIMIT: i64 = 1_000;

/// Which positions are looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range<'a> {
    /// Only this tenant's. Without one, a lookup goes through all rows of a tag, however far it has come.
    pub(crate) tenant: Option<&'a str>,
    /// Exclusive.
    pub(crate) after: i64,
    /// Inclusive.
    pub(crate) to: i64,
}

/// Whether all events that the query takes have tags, so that they can be looked up.
pub(crate) fn is_tagged(query: &EventQuery) -> bool {
    !query.items().is_empty() && query.items().iter().all(|item| !item.tags().is_empty())
}

/// The lowest positions of events that any item of a [tagged](is_tagged) query takes, sorted, at most `limit`.
pub(crate) fn positions(
    connection: &Connection,
    query: &EventQuery,
    range: Range<'_>,
    limit: usize,
) -> rusqlite::Result<Vec<i64>> {
    let mut found = Vec::new();
    for item in query.items() {
        item_positions(connection, item, range, limit, &mut found)?;
    }
    found.sort_unstable();
    found.dedup();
    found.truncate(limit);
    Ok(found)
}

/// The same for one item.
pub(crate) fn item_positions(
    connection: &Connection,
    item: &QueryItem,
    range: Range<'_>,
    limit: usize,
    found: &mut Vec<i64>,
) -> rusqlite::Result<()> {
    let Some(first) = rarest(connection, item.tags(), range)? else {
        return Ok(());
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut clause = Clause::new([
        text(first.as_str()),
        number(range.after),
        number(range.to),
        number(limit),
    ]);
    if let Some(tenant) = range.tenant {
        clause.and("tenant = ?", text(tenant));
    }
    clause.and_any_of("event_type", item.type_names());
    for other in item.tags().iter().filter(|tag| *tag != first) {
        clause.and(
            "EXISTS (SELECT 1 FROM event_tags WHERE tag = ? AND tenant = here.tenant AND position = here.position)",
            text(other.as_str()),
        );
    }
    let mut statement = clause.prepare(connection, POSITIONS)?;
    let mut rows = clause.query(&mut statement)?;
    while let Some(row) = rows.next()? {
        found.push(row.get(0)?);
    }
    Ok(())
}

/// The tag that the fewest events of the range have, as far as that is cheap to know: its rows are gone through, those of
/// the others are only looked up.
fn rarest<'a>(
    connection: &Connection,
    tags: &'a [Tag],
    range: Range<'_>,
) -> rusqlite::Result<Option<&'a Tag>> {
    if tags.len() < 2 {
        return Ok(tags.first());
    }
    let mut rarest = None;
    for tag in tags {
        let rows = count(connection, tag, range)?;
        if rarest.is_none_or(|(least, _)| rows < least) {
            rarest = Some((rows, tag));
        }
    }
    Ok(rarest.map(|(_, tag)| tag))
}

/// How many events have a tag, as far as it is counted. Over all tenants those in front of the range count, too: their
/// rows are not apart from the others.
fn count(connection: &Connection, tag: &Tag, range: Range<'_>) -> rusqlite::Result<i64> {
    let mut clause = Clause::new([text(tag.as_str()), number(COUNT_LIMIT)]);
    if let Some(tenant) = range.tenant {
        clause.and("tenant = ?", text(tenant));
        clause.and("position > ?", number(range.after));
    }
    let mut statement = clause.prepare(connection, COUNT)?;
    let mut rows = clause.query(&mut statement)?;
    rows.next()?.map_or(Ok(0), |row| row.get(0))
}
