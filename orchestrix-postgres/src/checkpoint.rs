//! Checkpoints.

use std::sync::Arc;

use orchestrix::store::{CheckpointError, CheckpointMove, GlobalPosition};
use sqlx::Row;

use crate::database::{Database, Lease, Purpose};
use crate::dead_letter::{DeadLetters, Writes};
use crate::error::Fault;
use crate::lease::{Leases, fence};
use crate::row::{signed, unsigned};
use crate::schema::{Schema, Statement};

/// What is asked for that concerns no single subscription.
const ALL: &str = "all";

/// Loads and saves checkpoints.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    database: Arc<Database>,
    load: Statement,
    lanes: Statement,
    save: Statement,
    all: Statement,
    resets: Statement,
    reset: Statement,
}

impl Checkpoints {
    pub(crate) fn new(database: Arc<Database>, schema: &Schema) -> Self {
        Self {
            database,
            load: schema.statement(
                "select position, build from {schema}.checkpoints where subscription = $1",
            ),
            lanes: schema.statement(include_str!("checkpoint/lanes.sql")),
            save: schema.statement(include_str!("checkpoint/save.sql")),
            all: schema.statement(
                "select subscription, position from {schema}.checkpoints where position > 0 order by subscription",
            ),
            resets: schema
                .statement("select build from {schema}.checkpoints where subscription = $1"),
            reset: schema.statement("select {schema}.reset_checkpoints($1, $2)"),
        }
    }

    pub(crate) async fn load(&self, subscription: &str) -> Result<GlobalPosition, CheckpointError> {
        let mut connection = self.connection(subscription).await?;
        let (position, _) = self
            .place(subscription, &mut connection)
            .await
            .map_err(failed(subscription))?;
        Ok(position)
    }

    /// The checkpoints of a subscription's lanes.
    pub(crate) async fn lanes(
        &self,
        subscription: &str,
    ) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        let mut connection = self.connection(subscription).await?;
        let rows = connection.fetch_all(self.lanes.query().bind(subscription));
        let rows = rows.await.map_err(failed(subscription))?;
        let lanes = rows.iter().map(|row| {
            let position = unsigned(row.try_get(1)?);
            Ok((row.try_get(0)?, GlobalPosition::new(position)))
        });
        lanes
            .collect::<Result<_, _>>()
            .map_err(failed(subscription))
    }

    /// All checkpoints.
    pub(crate) async fn all(&self) -> Result<Vec<(String, GlobalPosition)>, CheckpointError> {
        let mut connection = self.connection(ALL).await?;
        let rows = connection.fetch_all(self.all.query()).await;
        let rows = rows.map_err(failed(ALL))?;
        let all = rows.iter().map(|row| {
            let position = unsigned(row.try_get(1)?);
            Ok((row.try_get(0)?, GlobalPosition::new(position)))
        });
        all.collect::<Result<_, _>>().map_err(failed(ALL))
    }

    /// How often a subscription was reset: that is where read models have their builds.
    pub(crate) async fn resets(&self, subscription: &str) -> Result<u64, CheckpointError> {
        let mut connection = self.connection(subscription).await?;
        let row = connection.fetch_optional(self.resets.query().bind(subscription));
        let row = row.await.map_err(failed(subscription))?;
        let resets = row.map(|row| row.try_get::<i64, _>(0)).transpose();
        Ok(unsigned(resets.map_err(failed(subscription))?.unwrap_or(0)))
    }

    /// Sets a subscription back, or on. Its dead letters are of all tenants, so it is done for everything.
    pub(crate) async fn reset(
        &self,
        subscription: &str,
        position: GlobalPosition,
        dead_letters: &DeadLetters,
    ) -> Result<u64, CheckpointError> {
        let mut connection = dead_letters.connection(subscription).await?;
        let query = self.reset.query().bind(subscription);
        let row = connection
            .fetch_one(query.bind(signed(position.get())))
            .await;
        let resets = row.and_then(|row| row.try_get::<i64, _>(0));
        Ok(unsigned(resets.map_err(failed(subscription))?))
    }

    async fn connection(&self, subscription: &str) -> Result<Lease, CheckpointError> {
        let leased = self.database.lease(Purpose::Subscription).await;
        leased.map_err(|error| CheckpointError::Unavailable {
            subscription: subscription.to_owned(),
            source: error.into(),
        })
    }

    /// The position and the build.
    pub(crate) async fn place(
        &self,
        subscription: &str,
        connection: &mut Lease,
    ) -> Result<(GlobalPosition, u64), sqlx::Error> {
        let query = self.load.query().bind(subscription);
        let row = connection.fetch_optional(query).await?;
        let Some(row) = row else {
            return Ok((GlobalPosition::START, 0));
        };
        let position = GlobalPosition::new(unsigned(row.try_get(0)?));
        Ok((position, unsigned(row.try_get(1)?)))
    }

    pub(crate) async fn move_to(
        &self,
        moved: &CheckpointMove,
        dead_letters: &DeadLetters,
        leases: &Leases,
    ) -> Result<(), CheckpointError> {
        match self.try_move(moved, dead_letters, leases).await {
            // The row of the whole came to be meanwhile, with the first move of another lane: no reason not to move.
            Err(CheckpointError::Moved {
                expected, actual, ..
            }) if moved.lane.is_some() && actual == expected => {
                self.try_move(moved, dead_letters, leases).await
            }
            tried => tried,
        }
    }

    async fn try_move(
        &self,
        moved: &CheckpointMove,
        dead_letters: &DeadLetters,
        leases: &Leases,
    ) -> Result<(), CheckpointError> {
        let subscription = &moved.subscription;
        let mut connection = match is_alone(moved) {
            true => self.connection(subscription).await?,
            false => dead_letters.connection(subscription).await?,
        };
        self.move_on(moved, dead_letters, leases, &mut connection)
            .await
    }

    /// Moves it on a connection, which may be in a transaction.
    pub(crate) async fn move_on(
        &self,
        moved: &CheckpointMove,
        dead_letters: &DeadLetters,
        leases: &Leases,
        connection: &mut Lease,
    ) -> Result<(), CheckpointError> {
        let done = match is_alone(moved) {
            true => {
                let (lease, token) = fence(moved.fence.as_ref());
                let query = self
                    .save
                    .query()
                    .bind(moved.checkpoint())
                    .bind(signed(moved.expected.get()))
                    .bind(signed(moved.position.get()))
                    .bind(lease)
                    .bind(token)
                    .bind(signed(moved.build))
                    .bind(&moved.subscription);
                let saved = connection.fetch_optional(query).await;
                saved.map(|row| row.is_some())
            }
            false => {
                dead_letters
                    .move_with(connection, moved, Writes::default())
                    .await
            }
        };
        match done.map_err(failed(&moved.subscription))? {
            true => Ok(()),
            false => Err(self.refused(moved, dead_letters, leases, connection).await),
        }
    }

    /// The error for what was refused: a lease that does not hold, else a checkpoint that was not where it was expected, else
    /// a dead letter that was not there.
    pub(crate) async fn refused(
        &self,
        moved: &CheckpointMove,
        dead_letters: &DeadLetters,
        leases: &Leases,
        connection: &mut Lease,
    ) -> CheckpointError {
        if let Some(fence) = &moved.fence {
            match leases.holds(connection, fence).await {
                Ok(true) => {}
                Ok(false) => {
                    return CheckpointError::Fenced {
                        subscription: moved.subscription.clone(),
                        lease: fence.lease.to_string(),
                    };
                }
                Err(error) => return failed(&moved.subscription)(error),
            }
        }
        let error = self.moved(moved, connection).await;
        if matches!(&error, CheckpointError::Rebuilt { .. }) {
            return error;
        }
        if !matches!(&error, CheckpointError::Moved { actual, .. } if *actual == moved.expected) {
            return error;
        }
        match dead_letters.missing(connection, moved).await {
            Ok(Some(position)) => CheckpointError::NotParked {
                subscription: moved.subscription.clone(),
                position,
            },
            // It was elsewhere then, and is back: whoever moves it now looks again.
            Ok(None) => error,
            Err(unknown) => unknown,
        }
    }

    /// The error for a checkpoint that was not where it was expected.
    async fn moved(&self, moved: &CheckpointMove, connection: &mut Lease) -> CheckpointError {
        let subscription = &moved.subscription;
        let found = async {
            let (actual, build) = self.place(&moved.checkpoint(), connection).await?;
            match moved.lane {
                None => Ok((actual, build)),
                Some(_) => {
                    let (_, build) = self.place(subscription, connection).await?;
                    Ok((actual, build))
                }
            }
        };
        match found.await {
            Ok((_, build)) if build != moved.build => CheckpointError::Rebuilt {
                subscription: subscription.clone(),
                expected: moved.build,
                actual: build,
            },
            Ok((actual, _)) => CheckpointError::Moved {
                subscription: subscription.clone(),
                expected: moved.expected,
                actual,
            },
            Err(error) => failed(subscription)(error),
        }
    }
}

/// Whether it comes without dead letters.
pub(crate) fn is_alone(moved: &CheckpointMove) -> bool {
    moved.parked.is_empty() && moved.settled.is_empty()
}

pub(crate) fn failed(subscription: &str) -> impl Fn(sqlx::Error) -> CheckpointError {
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
