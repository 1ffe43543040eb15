//! How a stream is, for those who write to it.

use orchestrix::store::{StreamId, StreamVersion};
use rusqlite::Connection;

const IN_USE: &str = "SELECT max(version) FROM events WHERE stream = ?1 AND tenant = ?2";
const ARCHIVED: &str = "SELECT max(version) FROM archived_events WHERE stream = ?1 AND tenant = ?2";

/// Where a stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamState {
    /// It takes events; [`StreamVersion::NONE`] when it has none.
    InUse(StreamVersion),
    /// It was archived with this last version.
    Archived(StreamVersion),
}

impl StreamState {
    /// Looks into the archive only where the log has nothing of the stream: appends to streams that are there pay
    /// nothing for it.
    pub(crate) fn of(connection: &Connection, stream: &StreamId) -> rusqlite::Result<Self> {
        if let Some(version) = last_version(connection, IN_USE, stream)? {
            return Ok(Self::InUse(version));
        }
        let archived = last_version(connection, ARCHIVED, stream)?;
        Ok(archived.map_or(Self::InUse(StreamVersion::NONE), Self::Archived))
    }

    /// Its last version, archived or not.
    pub(crate) fn version(self) -> StreamVersion {
        match self {
            Self::InUse(version) | Self::Archived(version) => version,
        }
    }
}

fn last_version(
    connection: &Connection,
    sql: &str,
    stream: &StreamId,
) -> rusqlite::Result<Option<StreamVersion>> {
    let key = (stream.name(), stream.tenant().as_str());
    let version: Option<i64> = connection
        .prepare_cached(sql)?
        .query_row(key, |row| row.get(0))?;
    Ok(version.map(|number| StreamVersion::new(number.unsigned_abs())))
}
