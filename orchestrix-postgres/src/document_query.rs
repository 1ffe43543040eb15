//! The text of a query on documents by their places in indexes, and its parameters.
//!
//! Each index that a query names is a table of its own in the statement, joined by the key of the document: the server
//! picks the one to begin with.

use std::fmt::Write as _;
use std::ops::Bound;

use orchestrix::store::{DocumentQuery, IndexCondition, IndexRange};

/// The collection, of the build that is read, and the tenant, which every table in a statement is asked for.
const COLLECTION: &str = "(select {schema}.current_collection($1))";
const TENANT: &str = "$2";

/// What stands for a `$n`.
#[derive(Debug)]
pub(crate) enum Parameter<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
    List(Vec<&'a [u8]>),
    Number(u64),
}

/// A statement in the making: its parameters are numbered as they come.
#[derive(Debug)]
pub(crate) struct QueryText<'a> {
    pub(crate) sql: String,
    pub(crate) parameters: Vec<Parameter<'a>>,
}

impl<'a> QueryText<'a> {
    /// Finds documents: key, body, and place in the order.
    pub(crate) fn find(query: &'a DocumentQuery) -> Self {
        let mut text = Self::of(&query.collection, query.tenant.as_str());
        let order = query.order.index.as_deref();
        let indexes = distinct(order, &query.conditions);
        let is_only = |name: &str| {
            let mut of_it = query.conditions.iter().filter(|c| c.index == name);
            of_it.any(|condition| condition.range.only().is_some())
        };
        // An index in which there is one place only is in the order of the keys.
        let by_key = match indexes.iter().position(|name| is_only(name)) {
            Some(at) => format!("i{at}.key"),
            None => "d.key".to_owned(),
        };
        let (value, key) = match order {
            Some(_) => ("i0.value", "i0.key"),
            None => ("''::bytea", by_key.as_str()),
        };
        text.push(format_args!("select {key}, d.body::text, {value}"));
        text.from(&indexes, true);
        text.conditions(&indexes, &query.conditions);
        let (behind, direction) = match query.order.descending {
            false => (">", "asc"),
            true => ("<", "desc"),
        };
        match (&query.after, order) {
            (Some(after), Some(_)) => {
                let at = text.parameter(Parameter::Bytes(&after.value));
                let name = text.parameter(Parameter::Text(&after.key));
                // The first alone finds the place also where policies keep the second from the index.
                text.and(&format!("{value} {behind}= {at}"));
                text.and(&format!("({value}, {key}) {behind} ({at}, {name})"));
            }
            (Some(after), None) => {
                let name = text.parameter(Parameter::Text(&after.key));
                text.and(&format!("{key} {behind} {name}"));
            }
            (None, _) => {}
        }
        let by = match order {
            Some(_) => format!("{value} {direction}, {key} {direction}"),
            None => format!("{key} {direction}"),
        };
        let limit = text.parameter(Parameter::Number(query.limit as u64));
        text.push(format_args!(" order by {by} limit {limit}"));
        text
    }

    /// Counts documents: those that have places in the indexes, or all.
    pub(crate) fn count(
        collection: &'a str,
        tenant: &'a str,
        conditions: &'a [IndexCondition],
    ) -> Self {
        let mut text = Self::of(collection, tenant);
        let indexes = distinct(None, conditions);
        text.push(format_args!("select count(*)"));
        text.from(&indexes, indexes.is_empty());
        text.conditions(&indexes, conditions);
        text
    }

    fn of(collection: &'a str, tenant: &'a str) -> Self {
        Self {
            sql: String::new(),
            parameters: vec![Parameter::Text(collection), Parameter::Text(tenant)],
        }
    }

    /// A table for each index, and one for the documents, all joined by their keys.
    fn from(&mut self, indexes: &[&'a str], with_documents: bool) {
        let mut tables: Vec<_> = (0..indexes.len())
            .map(|at| (format!("i{at}"), "document_indexes"))
            .collect();
        if with_documents {
            tables.push(("d".to_owned(), "documents"));
        }
        for (at, (alias, table)) in tables.iter().enumerate() {
            let before = if at == 0 { " from" } else { "," };
            self.push(format_args!("{before} {{schema}}.{table} as {alias}"));
        }
        for (at, (alias, _)) in tables.iter().enumerate() {
            let before = if at == 0 { "where" } else { "and" };
            self.push(format_args!(
                " {before} {alias}.collection = {COLLECTION} and {alias}.tenant = {TENANT}"
            ));
            if let Some(name) = indexes.get(at) {
                let name = self.parameter(Parameter::Text(name));
                self.and(&format!("{alias}.name = {name}"));
            }
            if at > 0 {
                let (first, _) = &tables[0];
                self.and(&format!("{alias}.key = {first}.key"));
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
                        let bound = self.parameter(Parameter::Bytes(bound));
                        self.and(&format!("{value} {operator} {bound}"));
                    }
                }
                IndexRange::OneOf(places) => match condition.range.only() {
                    Some(only) => {
                        let only = self.parameter(Parameter::Bytes(only));
                        self.and(&format!("{value} = {only}"));
                    }
                    None => {
                        let places = self.list(places);
                        self.and(&format!("{value} = any ({places}::bytea[])"));
                    }
                },
                IndexRange::NoneOf(places) => {
                    let places = self.list(places);
                    self.and(&format!("{value} <> all ({places}::bytea[])"));
                }
            }
        }
    }

    fn list(&mut self, places: &'a [Vec<u8>]) -> String {
        let places = places.iter().map(Vec::as_slice).collect();
        self.parameter(Parameter::List(places))
    }

    fn parameter(&mut self, value: Parameter<'a>) -> String {
        self.parameters.push(value);
        format!("${}", self.parameters.len())
    }

    fn and(&mut self, condition: &str) {
        self.push(format_args!(" and {condition}"));
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
