//! Checkpoints.

use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::store::{CheckpointError, GlobalPosition};
use sqlx::Row;
use sqlx::postgres::PgConnection;

use crate::database::Database;
use crate::row::{signed, unsigned};
use crate::schema::{Schema, Statement};

/// Loads and saves checkpoints.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    database: Arc<Database>,
    load: Statement,
    save: Statement,
}

impl Checkpoints {
    pub(crate) fn new(database: Arc<Database>, schema: &Schema) -> Self {
        Self {
            database,
            load: schema
                .statement("select position from {schema}.checkpoints where subscription = $1"),
            save: schema.statement(include_str!("checkpoint/save.sql")),
        }
    }

    pub(crate) async fn load(&self, subscription: &str) -> Result<GlobalPosition, CheckpointError> {
        let failed = failed(subscription);
        let mut connection = self
            .database
            .acquire()
            .await
            .map_err(|error| failed(error.into()))?;
        self.position(subscription, &mut connection)
            .await
            .map_err(|error| failed(error.into()))
    }

    async fn position(
        &self,
        subscription: &str,
        connection: &mut PgConnection,
    ) -> Result<GlobalPosition, sqlx::Error> {
        let row = self
            .load
            .query()
            .bind(subscription)
            .fetch_optional(connection)
            .await?;
        let position = row.map(|row| row.try_get(0)).transpose()?;
        Ok(position.map_or(GlobalPosition::START, |position| {
            GlobalPosition::new(unsigned(position))
        }))
    }

    pub(crate) async fn save(
        &self,
        subscription: &str,
        expected: GlobalPosition,
        position: GlobalPosition,
    ) -> Result<(), CheckpointError> {
        let failed = failed(subscription);
        let mut connection = self
            .database
            .acquire()
            .await
            .map_err(|error| failed(error.into()))?;
        let query = self
            .save
            .query()
            .bind(subscription)
            .bind(signed(expected.get()))
            .bind(signed(position.get()));
        let saved = query.fetch_optional(&mut *connection).await;
        match saved.map_err(|error| failed(error.into()))? {
            Some(_) => Ok(()),
            None => Err(self.moved(subscription, expected, &mut connection).await),
        }
    }

    /// The error for a checkpoint that was not where it was expected.
    pub(crate) async fn moved(
        &self,
        subscription: &str,
        expected: GlobalPosition,
        connection: &mut PgConnection,
    ) -> CheckpointError {
        match self.position(subscription, connection).await {
            Ok(actual) => CheckpointError::Moved {
                subscription: subscription.to_owned(),
                expected,
                actual,
            },
            Err(error) => failed(subscription)(error.into()),
        }
    }
}

fn failed(subscription: &str) -> impl Fn(BoxError) -> CheckpointError {
    move |source| CheckpointError::Failed {
        subscription: subscription.to_owned(),
        source,
    }
}
