//! Transactions in which projections write tables of their own.

use std::error::Error;
use std::time::Duration;

use super::{Backend, CheckpointMove, Fence, GlobalPosition, ReadModelError, TenantId};

/// A store that lends its transactions: what is written in one commits together with the checkpoint of the projection that
/// wrote it, and with its dead letters, or not at all.
///
/// It is what a [`TableProjection`](crate::projection::TableProjection) names as its store. Its checkpoints, leases and
/// dead letters are those of its other [ports](Backend::ports).
pub trait TransactionalStore: Backend {
    /// What a projection writes with.
    type Transaction: StoreTransaction;

    /// Begins a transaction.
    ///
    /// - One subscription has one transaction at a time: a second one waits for the first, or fails as unavailable.
    /// - Refused with [`CheckpointError::Moved`](super::CheckpointError::Moved),
    ///   [`Rebuilt`](super::CheckpointError::Rebuilt) or [`Fenced`](super::CheckpointError::Fenced), as early as the store
    ///   can tell, when the checkpoint is not at the [`place`](BeginTransaction::place) that is named. What it cannot tell
    ///   yet, it tells at the commit.
    /// - One that is dropped is rolled back. So is one that is still open after the [`limit`](BeginTransaction::limit),
    ///   whoever forgot it: it keeps nobody waiting for ever.
    ///
    /// # Errors
    /// [`ReadModelError`].
    fn begin(
        &self,
        begin: BeginTransaction,
    ) -> impl Future<Output = Result<Self::Transaction, ReadModelError>> + Send;
}

/// A transaction that is open. Dropping it rolls it back.
pub trait StoreTransaction: Send + 'static {
    /// What is written next is of this tenant, or of none: a store that keeps tenants apart by itself shows it only
    /// that one's rows from now on. A transaction begins with those of all tenants.
    ///
    /// # Errors
    /// [`ReadModelError`].
    fn enter(
        &mut self,
        tenant: Option<&TenantId>,
    ) -> impl Future<Output = Result<(), ReadModelError>> + Send;

    /// Whether an error of a statement, or one of its causes, says that the database failed or had others at work, and so
    /// nothing of what was to be written: it is tried again, and no event is at fault.
    fn is_transient(error: &(dyn Error + 'static)) -> bool;

    /// Commits what was written, and what becomes of the checkpoint: all of it or nothing.
    ///
    /// - Refused as [`move_checkpoint`](super::CheckpointStore::move_checkpoint): then nothing was written.
    ///
    /// # Errors
    /// [`ReadModelError`]. After [`ReadModelError::Unavailable`] it may have been done; where the checkpoint is tells.
    fn commit(self, end: EndTransaction)
    -> impl Future<Output = Result<(), ReadModelError>> + Send;

    /// Undoes what was written, and returns once that is so: a statement that is still under way is cut off.
    ///
    /// # Errors
    /// [`ReadModelError`] when the transaction was lost before, with the connection for instance. Nothing of it is left
    /// then either, and what failed within it may have failed for that reason.
    fn roll_back(self) -> impl Future<Output = Result<(), ReadModelError>> + Send;
}

/// A transaction to be begun.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BeginTransaction {
    /// The subscription of the projection.
    pub subscription: String,
    /// Where its checkpoint must be; none where that does not matter.
    pub place: Option<CheckpointPlace>,
    /// How long it may be open.
    pub limit: Duration,
}

impl BeginTransaction {
    /// For this subscription, wherever its checkpoint is.
    pub fn new(subscription: impl Into<String>, limit: Duration) -> Self {
        Self {
            subscription: subscription.into(),
            place: None,
            limit,
        }
    }

    /// Only with its checkpoint at this place.
    #[must_use]
    pub fn at(self, place: CheckpointPlace) -> Self {
        Self {
            place: Some(place),
            ..self
        }
    }
}

/// Where a checkpoint was when it was last looked at, and who may move it on.
#[derive(Debug, Clone)]
pub struct CheckpointPlace {
    /// The build of the read model that it is of; 0 where there was never another.
    pub build: u64,
    /// Its position.
    pub position: GlobalPosition,
    /// The lease that it is moved under; none where nobody else can do the same.
    pub fence: Option<Fence>,
}

/// What becomes of the checkpoint where a transaction is committed. A store does each of these.
#[derive(Debug, Clone)]
pub enum EndTransaction {
    /// It stays where it is.
    Stay,
    /// It moves, with the dead letters that come and go.
    Move(CheckpointMove),
    /// It goes back to the beginning with a new build, and its dead letters go: as
    /// [`drop_read_model`](super::RebuildStore::drop_read_model) does it.
    Reset,
}
