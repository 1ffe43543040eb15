//! What each setting must be, and what for.

use orchestrix::store::StoreSetting;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::migrate::OLDEST_SERVER;

/// The settings as they are in a session.
#[derive(Debug, Clone)]
struct Found {
    server_version: String,
    server_version_num: i32,
    fsync: String,
    full_page_writes: String,
    synchronous_commit: String,
    transaction_isolation: String,
    transaction_read_only: String,
    sequence_increment: i64,
    sequence_cache: i64,
}

/// The settings in a row of `settings.sql`, with a verdict on each.
pub(super) fn read(row: &PgRow) -> Result<Vec<StoreSetting>, sqlx::Error> {
    let found = Found {
        server_version: row.try_get(0)?,
        server_version_num: row.try_get(1)?,
        fsync: row.try_get(2)?,
        full_page_writes: row.try_get(3)?,
        synchronous_commit: row.try_get(4)?,
        transaction_isolation: row.try_get(5)?,
        transaction_read_only: row.try_get(6)?,
        sequence_increment: row.try_get(7)?,
        sequence_cache: row.try_get(8)?,
    };
    Ok(found.verdicts())
}

impl Found {
    fn verdicts(self) -> Vec<StoreSetting> {
        vec![
            StoreSetting::new(
                "server_version",
                self.server_version,
                self.server_version_num / 10_000 >= OLDEST_SERVER,
                "the server knows all that the store asks of it",
            ),
            StoreSetting::new(
                "fsync",
                self.fsync.as_str(),
                self.fsync == "on",
                "what was acknowledged survives a power failure",
            ),
            StoreSetting::new(
                "full_page_writes",
                self.full_page_writes.as_str(),
                self.full_page_writes == "on",
                "pages that a power failure tears are repaired, unless the file system cannot tear them",
            ),
            // Appends turn it on for themselves. All other writes follow the setting.
            StoreSetting::new(
                "synchronous_commit",
                self.synchronous_commit.as_str(),
                self.synchronous_commit != "off",
                "checkpoints and documents that were acknowledged survive a crash of the server, as appends do anyway",
            ),
            StoreSetting::new(
                "transaction_isolation",
                self.transaction_isolation.as_str(),
                self.transaction_isolation == "read committed",
                "appends are decided on what is committed; in other transactions they are refused",
            ),
            StoreSetting::new(
                "transaction_read_only",
                self.transaction_read_only.as_str(),
                self.transaction_read_only == "off",
                "the server stores what it is given",
            ),
            StoreSetting::new(
                "events_position_seq",
                format!(
                    "increment {}, cache {}",
                    self.sequence_increment, self.sequence_cache
                ),
                (self.sequence_increment, self.sequence_cache) == (1, 1),
                "positions are in the order they are drawn in, so readers lose no event",
            ),
        ]
    }
}

#[cfg(test)]
mod tests;
