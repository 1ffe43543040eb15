//! The text of a query and its parameters.

use std::fmt::Write as _;
use std::ops::Bound;

use orchestrix::store::{DocumentQuery, IndexCondition, IndexRange};
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::clause::{number, text};

/// The collection, of the build that is read, and the tenant, which every table in a statement is asked for.
const COLLECTION: &str = "coalesce((SELECT subscription || '~' || build FROM checkpoints WHERE subscription = ?1 AND build > 0), ?1)";
const TENANT: &str = "?2";

/// A statement in the making: its parameters are numbered as they come.
pub(super) struct Statement<'a> {
    pub(super) sql: String,
    pub(super) parameters: Vec<ToSqlOutput<'a>>,
}

impl<'a> Statement<'a> {
    /// Finds documents, beginning with an index if one is named.
    pub(super) fn find(query: &'a DocumentQuery, begin: Option<&str>) -> Self {
        let mut statement = Self::of(&query.collection, query.tenant.as_str());
        let order = query.order.index.as_deref();
        let indexes = distinct(order, &query.conditions);
        let only = |name: &str| {
            let mut of_it = query.conditions.iter().filter(|c| c.index == name);
            of_it.any(|condition| condition.range.only().is_some())
        };
        // An index in which there is one place only is in the order of the keys.
        let by_key = indexes.iter().position(|name| only(name));
        let begin = match order {
            Some(_) => begin,
            None => by_key.and_then(|at| indexes.get(at).copied()),
        };
        let by_key = by_key.map_or("d.key".to_owned(), |at| format!("i{at}.key"));
        let (value, key) = match order {
            Some(_) => ("i0.value", "i0.key"),
            None => ("x''", by_key.as_str()),
        };
        statement.push(format_args!("SELECT {key}, d.body, {value}"));
        statement.from(&indexes, true, begin);
        statement.conditions(&indexes, &query.conditions);
        let (behind, direction) = match query.order.descending {
            false => (">", "ASC"),
            true => ("<", "DESC"),
        };
        match (&query.after, order) {
            (Some(after), Some(_)) => {
                let (at, name) = (
                    statement.blob(&after.value),
                    statement.parameter(text(&after.key)),
                );
                statement.and(&format!("({value}, {key}) {behind} ({at}, {name})"));
            }
            (Some(after), None) => {
                let name = statement.parameter(text(&after.key));
                statement.and(&format!("{key} {behind} {name}"));
            }
            (None, _) => {}
        }
        let by = match order {
            Some(_) => format!("{value} {direction}, {key} {direction}"),
            None => format!("{key} {direction}"),
        };
        let limit = number(i64::try_from(query.limit).unwrap_or(i64::MAX));
        let limit = statement.parameter(limit);
        statement.push(format_args!(" ORDER BY {by} LIMIT {limit}"));
        statement
    }

    /// Counts documents: those that have places in the indexes, or all.
    pub(super) fn count(
        collection: &'a str,
        tenant: &'a str,
        conditions: &'a [IndexCondition],
    ) -> Self {
        let mut statement = Self::of(collection, tenant);
        let indexes = distinct(None, conditions);
        statement.push(format_args!("SELECT count(*)"));
        statement.from(&indexes, indexes.is_empty(), None);
        statement.conditions(&indexes, conditions);
        statement
    }

    fn of(collection: &'a str, tenant: &'a str) -> Self {
        Self {
            sql: String::new(),
            parameters: vec![text(collection), text(tenant)],
        }
    }

    /// A table for each index, and one for the documents, all joined by their keys. Where it is said which comes first,
    /// the others follow one by one.
    fn from(&mut self, indexes: &[&'a str], with_documents: bool, begin: Option<&str>) {
        let mut tables: Vec<_> = (0..indexes.len())
            .map(|at| (format!("i{at}"), "document_indexes"))
            .collect();
        if with_documents {
            tables.push(("d".to_owned(), "documents"));
        }
        let first = begin.and_then(|begin| indexes.iter().position(|name| *name == begin));
        let join = if first.is_some() {
            " CROSS JOIN"
        } else {
            " JOIN"
        };
        let first = first.unwrap_or(0);
        let others = (0..tables.len()).filter(|at| *at != first);
        for (n, at) in std::iter::once(first).chain(others).enumerate() {
            let (alias, table) = &tables[at];
            let before = if n == 0 { " FROM" } else { join };
            self.push(format_args!("{before} {table} AS {alias}"));
        }
        for (at, (alias, _)) in tables.iter().enumerate() {
            let before = if at == 0 { "WHERE" } else { "AND" };
            self.push(format_args!(
                " {before} {alias}.collection = {COLLECTION} AND {alias}.tenant = {TENANT}"
            ));
            if let Some(name) = indexes.get(at) {
                let name = self.parameter(text(name));
                self.and(&format!("{alias}.name = {name}"));
            }
            if at > 0 {
                self.and(&format!("{alias}.key = i0.key"));
            }
        }
    }

    fn conditions(&mut self, indexes: &[&str], conditions: &'a [IndexCondition]) {
        for condition in conditions {
            let at = indexes.iter().position(|name| *name == condition.index);
            let value = format!("i{}.value", at.unwrap_or_default());
            match &condition.range {
                IndexRange::Between(from, to) => {
                    for (bound, inclusive, exclusive) in [(from, ">=", ">"), (to, "<=", "<")] {
                        let (bound, operator) = match bound {
                            Bound::Included(bound) => (bound, inclusive),
                            Bound::Excluded(bound) => (bound, exclusive),
                            Bound::Unbounded => continue,
                        };
                        let bound = self.blob(bound);
                        self.and(&format!("{value} {operator} {bound}"));
                    }
                }
                IndexRange::OneOf(places) => {
                    let places = self.list(places);
                    self.and(&format!("{value} IN ({places})"));
                }
                IndexRange::NoneOf(places) => {
                    let places = self.list(places);
                    self.and(&format!("{value} NOT IN ({places})"));
                }
            }
        }
    }

    fn list(&mut self, places: &'a [Vec<u8>]) -> String {
        let places: Vec<_> = places.iter().map(|place| self.blob(place)).collect();
        places.join(", ")
    }

    fn blob(&mut self, bytes: &'a [u8]) -> String {
        self.parameter(ToSqlOutput::Borrowed(ValueRef::Blob(bytes)))
    }

    fn parameter(&mut self, value: ToSqlOutput<'a>) -> String {
        self.parameters.push(value);
        format!("?{}", self.parameters.len())
    }

    fn and(&mut self, condition: &str) {
        self.push(format_args!(" AND {condition}"));
    }

    fn push(&mut self, more: std::fmt::Arguments<'_>) {
        // Writing to a text never fails.
        let _ = self.sql.write_fmt(more);
    }
}

/// The indexes that a query names, each once, the one that orders it first.
fn distinct<'a>(order: Option<&'a str>, conditions: &'a [IndexCondition]) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    let named = conditions.iter().map(|condition| condition.index.as_str());
    for name in order.into_iter().chain(named) {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}
