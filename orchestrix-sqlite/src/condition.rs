//! Whether the condition of an append holds.
//!
//! It is looked at inside of the one write transaction: what it does not see was not committed before, and will be
//! decided after this append.

use orchestrix::store::{AppendCondition, AppendError, GlobalPosition, QueryItem};
use rusqlite::Connection;

use crate::archive::in_archive;
use crate::clause::{Clause, number, text};
use crate::tag_lookup::{Range, item_positions};

const FIRST_UNTAGGED: &str = include_str!("sql/first_untagged.sql");

/// The conflict, if an event of the tenant that matches stands behind the condition's position.
pub(crate) fn conflict(
    connection: &Connection,
    condition: &AppendCondition,
    tenant: &str,
) -> rusqlite::Result<Option<AppendError>> {
    let after = i64::try_from(condition.after.get()).unwrap_or(i64::MAX);
    let everything = QueryItem::default();
    let items = match condition.query.items() {
        [] => std::slice::from_ref(&everything),
        items => items,
    };
    let mut found = Vec::new();
    for item in items {
        if item.tags().is_empty() {
            found.extend(first_untagged(connection, item, tenant, after)?);
        } else {
            let behind = Range {
                tenant: Some(tenant),
                after,
                to: i64::MAX,
            };
            item_positions(connection, item, behind, 1, &mut found)?;
        }
    }
    Ok(found
        .into_iter()
        .min()
        .map(|first| AppendError::ConditionConflict {
            query: condition.query.clone(),
            after: condition.after,
            found: GlobalPosition::new(first.unsigned_abs()),
        }))
}

/// Goes through all that stands behind the position: cheap where the decision was made on a recent state.
fn first_untagged(
    connection: &Connection,
    item: &QueryItem,
    tenant: &str,
    after: i64,
) -> rusqlite::Result<Option<i64>> {
    let mut clause = Clause::new([number(after), text(tenant)]);
    clause.and_any_of("event_type", item.type_names());
    let mut first = None;
    for sql in [FIRST_UNTAGGED, &in_archive(FIRST_UNTAGGED)] {
        let mut statement = clause.prepare(connection, sql)?;
        let mut rows = clause.query(&mut statement)?;
        if let Some(row) = rows.next()? {
            let position: i64 = row.get(0)?;
            first = Some(first.map_or(position, |first: i64| first.min(position)));
        }
    }
    Ok(first)
}
