//! The schema that the store's tables are in, and statements on them.

use std::sync::Arc;

use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::query::Query;

use crate::PostgresError;

/// The longest name: it leaves room for what is put before it in the name of the notification channel.
const MAX_NAME_BYTES: usize = 41;

/// The checked name of a schema: lower-case ASCII letters, digits and underscores, so it can stand in any SQL text.
#[derive(Debug, Clone)]
pub(crate) struct Schema(String);

impl Schema {
    pub(crate) fn new(name: &str) -> Result<Self, PostgresError> {
        let first = |c: u8| c.is_ascii_lowercase() || c == b'_';
        let well_formed = name.bytes().next().is_some_and(first)
            && name.bytes().all(|c| first(c) || c.is_ascii_digit())
            && name.len() <= MAX_NAME_BYTES;
        if well_formed {
            Ok(Self(name.to_owned()))
        } else {
            Err(PostgresError::InvalidSchema {
                name: name.to_owned(),
            })
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    /// A statement from the text of a `.sql` file, where `{schema}` stands for the quoted name and `{schema_name}` for
    /// the bare one.
    pub(crate) fn statement(&self, text: &str) -> Statement {
        let text = text
            .replace("{schema}", &format!("\"{}\"", self.0))
            .replace("{schema_name}", &self.0);
        Statement(text.into())
    }
}

/// SQL text for one schema.
#[derive(Debug, Clone)]
pub(crate) struct Statement(Arc<str>);

impl Statement {
    /// Prepared once for each connection.
    pub(crate) fn query(&self) -> Query<'static, Postgres, PgArguments> {
        sqlx::query(self.safe())
    }

    /// The text, which holds nothing but our own SQL and a checked name.
    pub(crate) fn safe(&self) -> AssertSqlSafe<Arc<str>> {
        AssertSqlSafe(self.0.clone())
    }
}
