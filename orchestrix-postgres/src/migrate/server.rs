//! What the server must be.

use sqlx::Row;
use sqlx::postgres::PgConnection;

use super::{SETTINGS, failed};
use crate::PostgresError;

/// The oldest major version.
pub(crate) const OLDEST_SERVER: i32 = 15;

pub(super) async fn check_server(connection: &mut PgConnection) -> Result<(), PostgresError> {
    let row = sqlx::query(include_str!("server_settings.sql"))
        .fetch_one(connection)
        .await
        .map_err(failed(SETTINGS))?;
    let failed = failed(SETTINGS);
    let version: i32 = row.try_get(0).map_err(&failed)?;
    let encoding: String = row.try_get(1).map_err(&failed)?;
    let durable: bool = row.try_get(2).map_err(&failed)?;
    check_version(version)?;
    if encoding != "UTF8" {
        return Err(PostgresError::Encoding { found: encoding });
    }
    if !durable {
        tracing::warn!(
            "the PostgreSQL server runs with fsync off: a power failure loses acknowledged events"
        );
    }
    Ok(())
}

/// Checks what the server says as its `server_version_num`: ten thousand times the major version, and the minor one.
fn check_version(number: i32) -> Result<(), PostgresError> {
    let found = number / 10_000;
    if found < OLDEST_SERVER {
        return Err(PostgresError::ServerTooOld {
            found,
            least: OLDEST_SERVER,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{OLDEST_SERVER, check_version};
    use crate::PostgresError;

    #[test]
    fn servers_are_told_apart_by_their_major_version() {
        for (number, major) in [(149_999, 14), (140_011, 14), (90_624, 9)] {
            let error = check_version(number).unwrap_err();
            assert!(
                matches!(error, PostgresError::ServerTooOld { found, least: OLDEST_SERVER } if found == major),
                "{error:?} for {number}"
            );
        }
        for number in [150_000, 150_013, 170_002, 180_000] {
            check_version(number).unwrap();
        }
    }
}
