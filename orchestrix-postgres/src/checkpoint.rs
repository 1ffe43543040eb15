//! Checkpoints.

use std::sync::Arc;

use orchestrix::store::{CheckpointError, GlobalPosition};
use sqlx::Row;

use crate::database::{Database, Lease, Purpose};
use crate::error::Fault;
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
        let mut connection = self.connection(subscription).await?;
        self.position(subscription, &mut connection)
            .await
            .map_err(failed(subscription))
    }

    async fn connection(&self, subscription: &str) -> Result<Lease, CheckpointError> {
        let leased = self.database.lease(Purpose::Subscription).await;
        leased.map_err(|error| CheckpointError::Unavailable {
            subscription: subscription.to_owned(),
            source: error.into(),
        })
    }

    async fn position(
        &self,
        subscription: &str,
        connection: &mut Lease,
    ) -> Result<GlobalPosition, sqlx::Error> {
        let query = self.load.query().bind(subscription);
        let row = connection.fetch_optional(query).await?;
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
        let mut connection = self.connection(subscription).await?;
        let query = self
            .save
            .query()
            .bind(subscription)
            .bind(signed(expected.get()))
            .bind(signed(position.get()));
        let saved = connection.fetch_optional(query).await;
        match saved.map_err(failed(subscription))? {
            Some(_) => Ok(()),
            None => Err(self.moved(subscription, expected, &mut connection).await),
        }
    }

    /// The error for a checkpoint that was not where it was expected.
    pub(crate) async fn moved(
        &self,
        subscription: &str,
        expected: GlobalPosition,
        connection: &mut Lease,
    ) -> CheckpointError {
        match self.position(subscription, connection).await {
            Ok(actual) => CheckpointError::Moved {
                subscription: subscription.to_owned(),
                expected,
                actual,
            },
            Err(error) => failed(subscription)(error),
        }
    }
}

fn failed(subscription: &str) -> impl Fn(sqlx::Error) -> CheckpointError {
    move |error| {
        let subscription = subscription.to_owned();
        let is_transient = Fault::of(&error).is_transient();
        let source = error.into();
        if is_transient {
            CheckpointError::Unavailable {
                subscription,
                source,
            }
        } else {
            CheckpointError::Failed {
                subscription,
                source,
            }
        }
    }
}
