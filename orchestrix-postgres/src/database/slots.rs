//! How many connections may be in use at once, and by whom.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::PostgresError;

/// What a connection is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Appends, and what is read on behalf of a caller who waits: streams, documents. As many as come, so they may use
    /// all connections but one.
    Command,
    /// The log, its head, checkpoints and what projections write. They go on with the connection left to them when
    /// commands have taken all others.
    Subscription,
}

/// Counts the connections in use. Beside the pool's own count, which knows of no purposes.
#[derive(Debug)]
pub(crate) struct Slots {
    all: Count,
    commands: Count,
}

#[derive(Debug)]
struct Count {
    most: u32,
    free: Arc<Semaphore>,
}

/// The right to one connection, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    _permits: (Option<OwnedSemaphorePermit>, OwnedSemaphorePermit),
}

impl Slots {
    /// Slots for so many connections. Who has but one shares it.
    pub(crate) fn new(connections: u32) -> Self {
        Self {
            all: Count::new(connections),
            commands: Count::new(connections.saturating_sub(1).max(1)),
        }
    }

    /// A slot, as soon as one is free.
    pub(crate) async fn take(&self, purpose: Purpose) -> Result<Slot, PostgresError> {
        // First the narrower count, so that no command that waits for others of its kind keeps a slot from
        // subscriptions.
        let command = match purpose {
            Purpose::Command => Some(self.commands.take().await?),
            Purpose::Subscription => None,
        };
        Ok(Slot {
            _permits: (command, self.all.take().await?),
        })
    }

    /// How many connections this purpose may use.
    pub(crate) fn open_to(&self, purpose: Purpose) -> u32 {
        match purpose {
            Purpose::Command => self.commands.most,
            Purpose::Subscription => self.all.most,
        }
    }

    /// Sends away all who wait, and who come later.
    pub(crate) fn close(&self) {
        self.all.free.close();
        self.commands.free.close();
    }
}

impl Count {
    fn new(most: u32) -> Self {
        Self {
            most,
            free: Arc::new(Semaphore::new(most as usize)),
        }
    }

    async fn take(&self) -> Result<OwnedSemaphorePermit, PostgresError> {
        let taken = self.free.clone().acquire_owned().await;
        taken.map_err(|_closed| PostgresError::Closed)
    }
}
