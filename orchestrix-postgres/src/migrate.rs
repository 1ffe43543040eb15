//! Brings the schema to the shape that this version works with, and checks what it is told to work on.

mod server;

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{Acquire, Row};

use crate::PostgresError;
use crate::database::{Database, Purpose, within};
use crate::schema::Schema;
pub(crate) use server::OLDEST_SERVER;
use server::check_server;

/// How long all migrations together may take, and the wait for another process that is at it.
const LIMIT: Duration = Duration::from_secs(600);

/// What the database is asked for, as errors say it.
const SETTINGS: &str = "read its settings";
const MIGRATIONS_TABLE: &str = "read its migrations";
const PREPARE: &str = "prepare its schema";
const SEQUENCE: &str = "read its sequence of positions";

struct Migration {
    number: i32,
    name: &'static str,
    text: &'static str,
}

macro_rules! migrations {
    ($($number:literal $name:literal,)*) => {
        &[$(Migration {
            number: $number,
            name: $name,
            text: include_str!(concat!("migrate/migrations/", $name, ".sql")),
        }),*]
    };
}

/// Never changed once released; what changes comes as a new one.
const MIGRATIONS: &[Migration] = migrations![
    1 "0001_events",
    2 "0002_checkpoints",
    3 "0003_documents",
    4 "0004_fence_tag",
    5 "0005_enter_fence",
    6 "0006_expectation_met",
    7 "0007_append_batch",
    8 "0008_event_tags",
    9 "0009_binary_payloads",
    10 "0010_idempotency_keys",
    11 "0011_archive",
    12 "0012_first_match",
    13 "0013_append_batch_2",
    14 "0014_append_batch",
    15 "0015_archive_stream",
    16 "0016_dead_letters",
    17 "0017_leases",
    18 "0018_builds",
    19 "0019_document_indexes",
    20 "0021_schedules",
    21 "0022_reset_checkpoints",
    22 "0023_stream_progress",
];

/// The number of the last one.
pub(crate) fn known() -> i32 {
    MIGRATIONS.last().map_or(0, |migration| migration.number)
}

/// Checks the server, applies what is missing, checks the sequence of positions. Any number of processes may do this
/// at once. A schema that is up to date is only read, so a role that may not create anything can use it.
pub(crate) async fn migrate(database: &Database, schema: &Schema) -> Result<(), PostgresError> {
    let mut lease = database.lease(Purpose::Command).await?;
    let soon = database.answer_timeout();
    let connection = lease.unlimited();
    limited(soon, SETTINGS, check_server(connection)).await?;
    let applied = limited(soon, MIGRATIONS_TABLE, applied(connection, schema)).await?;
    if applied < known() {
        limited(LIMIT, PREPARE, apply_missing(connection, schema)).await?;
    }
    limited(soon, SEQUENCE, check_sequence(connection, schema)).await?;
    lease.answered();
    Ok(())
}

/// The number of the last migration that was applied.
pub(crate) async fn applied_to(database: &Database, schema: &Schema) -> Result<i32, PostgresError> {
    let mut lease = database.lease(Purpose::Command).await?;
    let limit = database.answer_timeout();
    let found = limited(limit, MIGRATIONS_TABLE, applied(lease.unlimited(), schema)).await?;
    lease.answered();
    Ok(found)
}

/// What is done on the connection, unless it takes longer than that.
async fn limited<T>(
    limit: Duration,
    doing: &'static str,
    done: impl Future<Output = Result<T, PostgresError>>,
) -> Result<T, PostgresError> {
    let answer = within(limit, async { Ok(done.await) }).await;
    answer.map_err(failed(doing))?
}

/// The number of the last migration that was applied, 0 for a schema that is not there.
async fn applied(connection: &mut PgConnection, schema: &Schema) -> Result<i32, PostgresError> {
    let failed = failed(MIGRATIONS_TABLE);
    let table = format!("\"{}\".migrations", schema.name());
    let present: bool = sqlx::query_scalar("select to_regclass($1) is not null")
        .bind(table)
        .fetch_one(&mut *connection)
        .await
        .map_err(&failed)?;
    if !present {
        return Ok(0);
    }
    let found: i32 = sqlx::query_scalar(
        schema
            .statement("select coalesce(max(number), 0) from {schema}.migrations")
            .safe(),
    )
    .fetch_one(connection)
    .await
    .map_err(&failed)?;
    if found > known() {
        return Err(PostgresError::SchemaTooNew {
            schema: schema.name().to_owned(),
            found,
            known: known(),
        });
    }
    Ok(found)
}

async fn apply_missing(
    connection: &mut PgConnection,
    schema: &Schema,
) -> Result<(), PostgresError> {
    let failed = failed(PREPARE);
    let mut transaction = connection.begin().await.map_err(&failed)?;
    // A migration of many events may well need longer than an append. The end of the transaction takes this back.
    sqlx::query("select set_config('statement_timeout', $1, true)")
        .bind(LIMIT.as_millis().to_string())
        .execute(&mut *transaction)
        .await
        .map_err(&failed)?;
    // Where row-level security is on, a migration is for the rows of all tenants.
    sqlx::query("select set_config('orchestrix.tenants', chr(31), true)")
        .execute(&mut *transaction)
        .await
        .map_err(&failed)?;
    // Others who start now wait here, and find nothing left to do.
    schema
        .statement(include_str!("migrate/lock.sql"))
        .query()
        .execute(&mut *transaction)
        .await
        .map_err(&failed)?;
    for text in [
        "create schema if not exists {schema}",
        include_str!("migrate/migrations_table.sql"),
    ] {
        sqlx::raw_sql(schema.statement(text).safe())
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
    }
    let last = applied(&mut transaction, schema).await?;
    for migration in MIGRATIONS
        .iter()
        .filter(|migration| migration.number > last)
    {
        let failed = |source: sqlx::Error| PostgresError::Migration {
            schema: schema.name().to_owned(),
            number: migration.number,
            name: migration.name,
            source: source.into(),
        };
        sqlx::raw_sql(schema.statement(migration.text).safe())
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        schema
            .statement("insert into {schema}.migrations (number, name) values ($1, $2)")
            .query()
            .bind(migration.number)
            .bind(migration.name)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    transaction.commit().await.map_err(&failed)
}

async fn check_sequence(
    connection: &mut PgConnection,
    schema: &Schema,
) -> Result<(), PostgresError> {
    let failed = failed(SEQUENCE);
    let row = schema
        .statement(include_str!("migrate/position_sequence.sql"))
        .query()
        .fetch_one(connection)
        .await
        .map_err(&failed)?;
    let increment: i64 = row.try_get(0).map_err(&failed)?;
    let cache: i64 = row.try_get(1).map_err(&failed)?;
    if (increment, cache) == (1, 1) {
        Ok(())
    } else {
        Err(PostgresError::Sequence {
            sequence: format!("{}.events_position_seq", schema.name()),
            increment,
            cache,
        })
    }
}

fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> PostgresError {
    move |source| PostgresError::Failed {
        doing,
        source: source.into(),
    }
}
