//! Brings the schema to the shape that this version works with, and checks what it is told to work on.

use sqlx::postgres::PgConnection;
use sqlx::{Acquire, Row};

use crate::PostgresError;
use crate::database::Database;
use crate::schema::Schema;

/// The oldest major version of the server.
const OLDEST_SERVER: i32 = 15;

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
];

/// The number of the last one.
fn known() -> i32 {
    MIGRATIONS.last().map_or(0, |migration| migration.number)
}

/// Checks the server, applies what is missing, checks the sequence of positions. Any number of processes may do this
/// at once. A schema that is up to date is only read, so a role that may not create anything can use it.
pub(crate) async fn migrate(database: &Database, schema: &Schema) -> Result<(), PostgresError> {
    let mut connection = database.acquire().await?;
    check_server(&mut connection).await?;
    if applied(&mut connection, schema).await? < known() {
        apply_missing(&mut connection, schema).await?;
    }
    check_sequence(&mut connection, schema).await
}

async fn check_server(connection: &mut PgConnection) -> Result<(), PostgresError> {
    let row = sqlx::query(include_str!("migrate/server_settings.sql"))
        .fetch_one(connection)
        .await
        .map_err(failed("read its settings"))?;
    let failed = failed("read its settings");
    let version: i32 = row.try_get(0).map_err(&failed)?;
    let encoding: String = row.try_get(1).map_err(&failed)?;
    let durable: bool = row.try_get(2).map_err(&failed)?;
    if version / 10_000 < OLDEST_SERVER {
        return Err(PostgresError::ServerTooOld {
            found: version / 10_000,
            least: OLDEST_SERVER,
        });
    }
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

/// The number of the last migration that was applied, 0 for a schema that is not there.
async fn applied(connection: &mut PgConnection, schema: &Schema) -> Result<i32, PostgresError> {
    let failed = failed("read its migrations");
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
    let failed = failed("prepare its schema");
    let mut transaction = connection.begin().await.map_err(&failed)?;
    // Others who start now wait here, and find nothing left to do.
    schema
        .statement("select pg_advisory_xact_lock(hashtextextended('orchestrix migrations {schema_name}', 0))")
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
    let failed = failed("read its sequence of positions");
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
