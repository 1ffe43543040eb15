//! What the owner of the schema does to it, outside of every day: each in one transaction.

use std::time::Duration;

use sqlx::Acquire;
use sqlx::postgres::PgConnection;

use crate::database::{Database, Purpose, within};
use crate::migrate::{applied_to, known, migrate};
use crate::schema::Schema;
use crate::{PostgresError, PostgresOptions};

/// How long one of these may take. Moving a large log takes its time; a server that says nothing is given up some day.
const LIMIT: Duration = Duration::from_secs(24 * 3600);

/// A connection of a role that owns the schema.
#[derive(Debug)]
pub(crate) struct Owner {
    database: Database,
    schema: Schema,
}

impl Owner {
    /// Connects, and makes sure that the schema is up to date.
    pub(crate) async fn connect(options: &PostgresOptions) -> Result<Self, PostgresError> {
        let schema = Schema::new(options.schema())?;
        let database = Database::connect(options).await?;
        let owner = Self { database, schema };
        match owner.check_migrations().await {
            Ok(()) => Ok(owner),
            Err(error) => {
                owner.close().await;
                Err(error)
            }
        }
    }

    /// Connects, and brings the schema up to date.
    pub(crate) async fn connect_and_migrate(
        options: &PostgresOptions,
    ) -> Result<Self, PostgresError> {
        let schema = Schema::new(options.schema())?;
        let database = Database::connect(options).await?;
        if let Err(error) = migrate(&database, &schema).await {
            database.close().await;
            return Err(error);
        }
        Ok(Self { database, schema })
    }

    async fn check_migrations(&self) -> Result<(), PostgresError> {
        let found = applied_to(&self.database, &self.schema).await?;
        if found == known() {
            return Ok(());
        }
        Err(PostgresError::SchemaOutdated {
            schema: self.schema.name().to_owned(),
            found,
            known: known(),
        })
    }

    /// Runs SQL texts in one transaction, in which these settings hold, and which no migration of the schema runs
    /// beside. It waits for locks up to ten seconds: all writers wait behind it.
    pub(crate) async fn run(
        &self,
        doing: &'static str,
        settings: &[(&'static str, &str)],
        texts: &[&'static str],
    ) -> Result<(), PostgresError> {
        let mut lease = self.database.lease(Purpose::Command).await?;
        let done = within(LIMIT, self.transaction(lease.unlimited(), settings, texts)).await;
        done.map_err(|source| PostgresError::Failed {
            doing,
            source: source.into(),
        })?;
        lease.answered();
        Ok(())
    }

    async fn transaction(
        &self,
        connection: &mut PgConnection,
        settings: &[(&'static str, &str)],
        texts: &[&'static str],
    ) -> Result<(), sqlx::Error> {
        let mut transaction = connection.begin().await?;
        let limit = LIMIT.as_millis().to_string();
        // What moves a whole table reads it as a whole. The end of the transaction takes all of this back.
        let always = [
            ("statement_timeout", limit.as_str()),
            ("lock_timeout", "10s"),
            ("enable_seqscan", "on"),
        ];
        for (name, value) in always.iter().chain(settings) {
            sqlx::query("select set_config($1, $2, true)")
                .bind(name)
                .bind(value)
                .execute(&mut *transaction)
                .await?;
        }
        self.schema
            .statement(include_str!("migrate/lock.sql"))
            .query()
            .execute(&mut *transaction)
            .await?;
        for text in texts {
            sqlx::raw_sql(self.schema.statement(text).safe())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }

    /// Asks for one number.
    pub(crate) async fn number(
        &self,
        doing: &'static str,
        question: &'static str,
    ) -> Result<i64, PostgresError> {
        let mut lease = self.database.lease(Purpose::Command).await?;
        let row = lease
            .fetch_one(self.schema.statement(question).query())
            .await;
        row.and_then(|row| sqlx::Row::try_get(&row, 0))
            .map_err(|source| PostgresError::Failed {
                doing,
                source: source.into(),
            })
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(crate) async fn close(&self) {
        self.database.close().await;
    }
}
