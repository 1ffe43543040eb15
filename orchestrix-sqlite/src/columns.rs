//! Numbers and times in columns, and what does not fit one.

use jiff::Timestamp;
use orchestrix::error::BoxError;
use rusqlite::types::Type;

/// A time of so many microseconds since 1970.
pub(crate) fn time(microseconds: i64, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_nanosecond(i128::from(microseconds) * 1_000)
        .map_err(damaged(column, Type::Integer))
}

/// What a column holds cannot be.
pub(crate) fn damaged<E: Into<BoxError>>(
    column: usize,
    kind: Type,
) -> impl Fn(E) -> rusqlite::Error {
    move |error| rusqlite::Error::FromSqlConversionFailure(column, kind, error.into())
}

/// As a number of SQLite; positions, versions and limits never come near its end.
pub(crate) fn bounded(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
