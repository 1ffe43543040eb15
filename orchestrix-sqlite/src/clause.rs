//! The part of a statement that depends on what is asked for.

use std::sync::Arc;

use rusqlite::types::ToSqlOutput;
use rusqlite::{CachedStatement, Connection, Rows, ToSql, params_from_iter};

/// Where statements take further conditions.
const PLACE: &str = "{more}";

/// The parameters of a statement, and further conditions on what it finds.
#[derive(Debug)]
pub(crate) struct Clause<'a> {
    sql: String,
    parameters: Vec<ToSqlOutput<'a>>,
}

impl<'a> Clause<'a> {
    /// No condition yet; these are the parameters that the statement itself names.
    pub(crate) fn new<const N: usize>(parameters: [ToSqlOutput<'a>; N]) -> Self {
        Self {
            sql: String::new(),
            parameters: parameters.into(),
        }
    }

    /// One more condition; the first `?` in it stands for the value.
    pub(crate) fn and(&mut self, condition: &str, value: impl Into<ToSqlOutput<'a>>) {
        self.parameters.push(value.into());
        let place = format!("?{}", self.parameters.len());
        self.sql.push_str(" AND ");
        self.sql.push_str(&condition.replacen('?', &place, 1));
    }

    /// The column has one of these values; any value will do where there is none.
    pub(crate) fn and_any_of(&mut self, column: &str, values: &'a [Arc<str>]) {
        for (n, value) in values.iter().enumerate() {
            self.parameters.push(text(value));
            let before = match n {
                0 => format!(" AND {column} IN ("),
                _ => ", ".to_owned(),
            };
            self.sql
                .push_str(&format!("{before}?{}", self.parameters.len()));
        }
        if !values.is_empty() {
            self.sql.push(')');
        }
    }

    /// The statement with these conditions in it.
    pub(crate) fn prepare<'c>(
        &self,
        connection: &'c Connection,
        statement: &str,
    ) -> rusqlite::Result<CachedStatement<'c>> {
        connection.prepare_cached(&statement.replace(PLACE, &self.sql))
    }

    /// Runs what [`prepare`](Self::prepare) made.
    pub(crate) fn query<'s>(
        &self,
        statement: &'s mut CachedStatement<'_>,
    ) -> rusqlite::Result<Rows<'s>> {
        statement.query(params_from_iter(
            self.parameters.iter().map(|value| value as &dyn ToSql),
        ))
    }
}

/// A text as a parameter.
pub(crate) fn text(text: &str) -> ToSqlOutput<'_> {
    ToSqlOutput::from(text)
}

/// A number as a parameter.
pub(crate) fn number(number: i64) -> ToSqlOutput<'static> {
    ToSqlOutput::from(number)
}
