//! Projections with tables of their own, from the beginning.

use super::App;
use crate::subscription::{ConsumeError, UnknownSubscription};

/// Why a projection was not reset. It is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResetProjectionError {
    /// The app has no such subscription.
    #[error(transparent)]
    Unknown(#[from] UnknownSubscription),
    /// It has no tables of its own.
    #[error(
        "subscription `{subscription}` has no tables of its own to empty: a projection of documents is built anew with \
         `rebuild`, and an event handler's effects cannot be undone"
    )]
    NoTables {
        /// Which.
        subscription: String,
    },
    /// Its tables could not be emptied, or the store failed.
    #[error("projection `{subscription}` was not reset")]
    Failed {
        /// Which.
        subscription: String,
        /// What went wrong.
        source: ConsumeError,
    },
}

impl App {
    /// Has a projection with [tables of its own](crate::projection::TableProjection) go through all events again: empties its
    /// tables, puts its checkpoint back to the beginning and forgets its dead letters, in one transaction. Readers see
    /// it all happen at once, and then the tables fill.
    ///
    /// Whichever node serves it begins again within half a second, or at once where that is this one; until then its
    /// status tells of what was. A subscription that has halted goes on once it is
    /// [resumed](App::resume_subscription). The time limit of its [`Delivery`](crate::subscription::Delivery) holds for each
    /// call of the projection.
    ///
    /// # Errors
    /// [`ResetProjectionError`].
    ///
    /// # Cancellation
    /// When the future is dropped, all of it was done or nothing.
    pub async fn reset_projection(&self, subscription: &str) -> Result<(), ResetProjectionError> {
        let handle = self.core.subscription(subscription)?;
        let Some(tables) = handle.tables() else {
            return Err(ResetProjectionError::NoTables {
                subscription: subscription.to_owned(),
            });
        };
        let reset = tables.reset(handle.timeout()).await;
        handle.control.ask();
        reset.map_err(|source| ResetProjectionError::Failed {
            subscription: subscription.to_owned(),
            source,
        })
    }
}
