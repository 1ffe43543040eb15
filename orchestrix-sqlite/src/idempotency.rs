//! The outcomes of appends that had an idempotency key.

use orchestrix::store::{
    Appended, AppendedStream, GlobalPosition, IdempotencyKey, StreamId, StreamVersion, TenantId,
};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::columns::damaged;

const FIND: &str = "SELECT position, streams FROM idempotency_keys WHERE key = ?1 AND tenant = ?2";
const KEEP: &str = include_str!("sql/keep_idempotency_key.sql");

/// Tenant, name, first and last version.
type StreamText = (String, String, u64, u64);

/// The outcome of the tenant's append that had this key, if there was one.
pub(crate) fn first_outcome(
    connection: &Connection,
    key: &IdempotencyKey,
    tenant: &TenantId,
) -> rusqlite::Result<Option<Appended>> {
    connection
        .prepare_cached(FIND)?
        .query_row((key.as_str(), tenant.as_str()), appended)
        .optional()
}

/// Keeps the outcome of an append under its key.
pub(crate) fn keep(
    connection: &Connection,
    key: &IdempotencyKey,
    tenant: &TenantId,
    position: GlobalPosition,
    streams: &[AppendedStream],
) -> rusqlite::Result<()> {
    let streams: Vec<_> = streams
        .iter()
        .map(|at| {
            let versions = (at.first_version.get(), at.last_version.get());
            (
                at.stream.tenant().as_str(),
                at.stream.name(),
                versions.0,
                versions.1,
            )
        })
        .collect();
    let streams = serde_json::to_string(&streams)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let position = i64::try_from(position.get())
        .map_err(|beyond| rusqlite::Error::ToSqlConversionFailure(beyond.into()))?;
    connection
        .prepare_cached(KEEP)?
        .execute((key.as_str(), tenant.as_str(), position, streams))?;
    Ok(())
}

fn appended(row: &Row<'_>) -> rusqlite::Result<Appended> {
    let position: i64 = row.get(0)?;
    let streams = read_streams(row.get_ref(1)?.as_str()?).map_err(damaged(1, Type::Text))?;
    Ok(Appended {
        streams,
        position: GlobalPosition::new(position.unsigned_abs()),
        repeated: true,
    })
}

fn read_streams(text: &str) -> Result<Vec<AppendedStream>, orchestrix::error::BoxError> {
    let streams: Vec<StreamText> = serde_json::from_str(text)?;
    streams
        .into_iter()
        .map(|(tenant, name, first, last)| {
            Ok(AppendedStream {
                stream: name
                    .parse::<StreamId>()?
                    .with_tenant(TenantId::new(tenant)?),
                first_version: StreamVersion::new(first),
                last_version: StreamVersion::new(last),
            })
        })
        .collect()
}
