//! Payloads as values of a column.

use orchestrix::store::Payload;
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// Binds a payload's bytes as they are: JSON as text, without looking through it again, and any other encoding as a blob.
#[derive(Debug)]
pub(crate) struct PayloadValue<'a>(pub(crate) &'a Payload);

impl ToSql for PayloadValue<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let bytes = self.0.as_bytes();
        Ok(ToSqlOutput::Borrowed(match self.0.is_binary() {
            true => ValueRef::Blob(bytes),
            false => ValueRef::Text(bytes),
        }))
    }
}
