//! The bank's own table, read without the code that keeps it.

use std::path::Path;

use orchestrix::error::BoxError;
use rusqlite::{Connection, OptionalExtension as _};
use sqlx::{Connection as _, PgConnection};
use tests::crash_bank::{BankPlace, LEDGER};

use super::evidence::{Documents, Sums, ViewFound};

/// What it says, and how far its checkpoint says it is. A process that was killed early has made no table.
pub(super) async fn ledger(place: &BankPlace) -> Result<ViewFound, BoxError> {
    let (checkpoint, rows) = match place {
        BankPlace::Sqlite(file) => of_file(file)?,
        BankPlace::Postgres(url) => of_server(url).await?,
    };
    let documents = rows.into_iter().map(|(tenant, account, events, pence)| {
        let events = events.unsigned_abs();
        ((tenant, account), Sums { events, pence })
    });
    Ok(ViewFound {
        name: "ledger",
        checkpoint: checkpoint.unsigned_abs(),
        documents: documents.collect::<Documents>(),
    })
}

type Rows = Vec<(String, String, i64, i64)>;

fn of_file(file: &Path) -> Result<(i64, Rows), BoxError> {
    let connection = Connection::open(file)?;
    let at = "SELECT position FROM checkpoints WHERE subscription = ?1";
    let at = connection.query_row(at, [LEDGER], |row| row.get(0));
    let is_made = "SELECT 1 FROM sqlite_schema WHERE name = 'ledger'";
    let is_made = connection.query_row(is_made, [], |_| Ok(())).optional()?;
    let rows = match is_made {
        None => Rows::new(),
        Some(()) => connection
            .prepare("SELECT tenant, account, events, pence FROM ledger")?
            .query_map([], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?
            .collect::<rusqlite::Result<_>>()?,
    };
    Ok((at.optional()?.unwrap_or(0), rows))
}

async fn of_server(url: &str) -> Result<(i64, Rows), BoxError> {
    let mut connection = PgConnection::connect(url).await?;
    let at =
        "select coalesce(max(position), 0) from orchestrix.checkpoints where subscription = $1";
    let at = sqlx::query_scalar(at).bind(LEDGER);
    let at = at.fetch_one(&mut connection).await?;
    let is_made = sqlx::query_scalar("select to_regclass('ledger') is not null");
    let rows = match is_made.fetch_one(&mut connection).await? {
        false => Rows::new(),
        true => {
            let rows = sqlx::query_as("select tenant, account, events, pence from ledger");
            rows.fetch_all(&mut connection).await?
        }
    };
    connection.close().await?;
    Ok((at, rows))
}
