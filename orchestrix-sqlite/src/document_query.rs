//! Documents that are found by their places in indexes.
//!
//! Each index that a query names is a table of its own in the statement, joined by the key of the document. SQLite, which
//! knows no numbers of rows, goes along the index that orders what is found, and looks for each document in the others.
//! That ends soon where many meet the conditions; where few do, it would go through all. So a few rows are counted
//! before.

mod statement;

use orchestrix::store::{Document, DocumentQuery, FoundDocument, IndexCondition, Payload};
use rusqlite::{Connection, params_from_iter};

use crate::failure::Failure;
use statement::Statement;

const COUNT_FEW: &str = include_str!("sql/count_few_indexed.sql");

/// So many documents are sooner sorted than found along another order.
const FEW: i64 = 1_000;

/// The documents that a query wants, in its order.
pub(crate) fn query(
    connection: &Connection,
    query: &DocumentQuery,
) -> Result<Vec<FoundDocument>, Failure> {
    let begin = few(connection, query)?;
    let Statement { sql, parameters } = Statement::find(query, begin);
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(parameters), |row| {
        Ok(FoundDocument {
            document: Document {
                key: row.get(0)?,
                body: Payload::from_stored_text(row.get(1)?),
            },
            value: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many documents meet the conditions.
pub(crate) fn count(
    connection: &Connection,
    collection: &str,
    tenant: &str,
    conditions: &[IndexCondition],
) -> Result<u64, Failure> {
    let Statement { sql, parameters } = Statement::count(collection, tenant, conditions);
    let mut statement = connection.prepare_cached(&sql)?;
    let count: i64 = statement.query_row(params_from_iter(parameters), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// The index, other than the one that orders, in which a condition leaves only few documents: the fewest.
fn few<'q>(connection: &Connection, query: &'q DocumentQuery) -> Result<Option<&'q str>, Failure> {
    let Some(order) = &query.order.index else {
        return Ok(None);
    };
    let mut fewest = None;
    for condition in &query.conditions {
        let (index, only) = (condition.index.as_str(), condition.range.only());
        let Some(place) = only.filter(|_| index != order) else {
            continue;
        };
        let mut count = connection.prepare_cached(COUNT_FEW)?;
        let parameters = (
            &query.collection,
            query.tenant.as_str(),
            index,
            place,
            FEW + 1,
        );
        let count: i64 = count.query_row(parameters, |row| row.get(0))?;
        if count <= fewest.map_or(FEW, |(fewest, _)| fewest) {
            fewest = Some((count, index));
        }
    }
    Ok(fewest.map(|(_, index)| index))
}

#[cfg(test)]
mod tests;
