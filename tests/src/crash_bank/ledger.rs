//! What accounts came to, in a table of the bank's own: a module for each store.

use orchestrix::prelude::*;
use orchestrix::store::RecordedEvent;
use orchestrix_postgres::{PostgresStore, PostgresTransaction, sqlx};
use orchestrix_sqlite::{SqliteStore, SqliteTransaction, rusqlite};

use super::{Deposited, Withdrawn};

/// The subscription of both.
pub const LEDGER: &str = "ledger@1";

/// In a SQLite file.
#[derive(Debug)]
pub struct SqliteLedger;

#[projection(name = "ledger", store = SqliteStore)]
impl SqliteLedger {
    #[create]
    async fn create(tx: &mut SqliteTransaction) -> rusqlite::Result<()> {
        let table = "CREATE TABLE IF NOT EXISTS ledger (
                         tenant TEXT NOT NULL, account TEXT NOT NULL, events INTEGER NOT NULL, pence INTEGER NOT NULL,
                         PRIMARY KEY (tenant, account))";
        tx.execute(table, ()).await.map(drop)
    }

    #[clear]
    async fn clear(tx: &mut SqliteTransaction) -> rusqlite::Result<()> {
        tx.execute("DELETE FROM ledger", ()).await.map(drop)
    }

    #[apply]
    async fn deposited(
        event: &Deposited,
        recorded: &RecordedEvent,
        tx: &mut SqliteTransaction,
    ) -> rusqlite::Result<()> {
        Self::add(&event.account, event.pence, recorded, tx).await
    }

    #[apply]
    async fn withdrawn(
        event: &Withdrawn,
        recorded: &RecordedEvent,
        tx: &mut SqliteTransaction,
    ) -> rusqlite::Result<()> {
        Self::add(&event.account, -event.pence, recorded, tx).await
    }

    async fn add(
        account: &str,
        pence: i64,
        recorded: &RecordedEvent,
        tx: &mut SqliteTransaction,
    ) -> rusqlite::Result<()> {
        let add = "INSERT INTO ledger VALUES (?1, ?2, 1, ?3)
                   ON CONFLICT (tenant, account) DO UPDATE SET events = events + 1, pence = pence + excluded.pence";
        let tenant = recorded.stream.tenant().to_string();
        tx.execute(add, (tenant, account.to_owned(), pence))
            .await
            .map(drop)
    }
}

/// In a PostgreSQL database.
#[derive(Debug)]
pub struct PostgresLedger;

#[projection(name = "ledger", store = PostgresStore)]
impl PostgresLedger {
    #[create]
    async fn create(tx: &mut PostgresTransaction) -> sqlx::Result<()> {
        let table = "create table if not exists ledger (
                         tenant text, account text, events bigint not null, pence bigint not null,
                         primary key (tenant, account))";
        sqlx::query(table).execute(&mut **tx).await.map(drop)
    }

    #[clear]
    async fn clear(tx: &mut PostgresTransaction) -> sqlx::Result<()> {
        let clear = sqlx::query("delete from ledger");
        clear.execute(&mut **tx).await.map(drop)
    }

    #[apply]
    async fn deposited(
        event: &Deposited,
        recorded: &RecordedEvent,
        tx: &mut PostgresTransaction,
    ) -> sqlx::Result<()> {
        Self::add(&event.account, event.pence, recorded, tx).await
    }

    #[apply]
    async fn withdrawn(
        event: &Withdrawn,
        recorded: &RecordedEvent,
        tx: &mut PostgresTransaction,
    ) -> sqlx::Result<()> {
        Self::add(&event.account, -event.pence, recorded, tx).await
    }

    async fn add(
        account: &str,
        pence: i64,
        recorded: &RecordedEvent,
        tx: &mut PostgresTransaction,
    ) -> sqlx::Result<()> {
        let add = "insert into ledger values ($1, $2, 1, $3)
                   on conflict (tenant, account) do update
                   set events = ledger.events + 1, pence = ledger.pence + excluded.pence";
        let add = sqlx::query(add)
            .bind(recorded.stream.tenant().as_str())
            .bind(account)
            .bind(pence);
        add.execute(&mut **tx).await.map(drop)
    }
}

#[module(name = "books", tables(SqliteLedger))]
#[derive(Debug)]
pub(super) struct SqliteBooks;

#[module(name = "books", tables(PostgresLedger))]
#[derive(Debug)]
pub(super) struct PostgresBooks;
