//! What stops the head, for operators.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use orchestrix::store::GlobalPosition;
use orchestrix::telemetry;
use sqlx::Row;
use sqlx::postgres::PgRow;

/// Appends under way hold the head back for moments all the time; only what lasts longer is worth asking who it is.
const WORTH_A_REPORT: Duration = Duration::from_millis(100);

/// The head has stood still for at least a tenth of a second although there are events behind it: a transaction that
/// may have drawn a position before theirs is still open. Readers wait for it, for ever if need be; end it, and they go
/// on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeadStall {
    /// Since when, as far as this process knows.
    pub since: Instant,
    /// The first position that may still turn up.
    pub first_missing: GlobalPosition,
    /// Whose transactions are open.
    pub holders: Vec<Holder>,
}

/// Somebody who holds the fence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// The server's process, to be given to `pg_terminate_backend`; none for a prepared transaction.
    pub pid: Option<i32>,
    /// What the client calls itself.
    pub application_name: Option<String>,
    /// The name of a prepared transaction, to be given to `commit prepared` or `rollback prepared`.
    pub prepared_transaction: Option<String>,
}

impl Holder {
    pub(super) fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            pid: row.try_get(0)?,
            application_name: row.try_get(1)?,
            prepared_transaction: row.try_get(2)?,
        })
    }
}

/// Since when the head has been where it is although there is more.
#[derive(Debug, Default)]
pub(super) struct Watch(Mutex<Option<HeadStall>>);

impl Watch {
    /// Whatever happens under this lock leaves a whole value behind.
    fn lock(&self) -> MutexGuard<'_, Option<HeadStall>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn clear(&self) {
        *self.lock() = None;
    }

    pub(super) fn is_held_back(&self) -> bool {
        self.lock().is_some()
    }

    /// Takes note that the head is stopped here, and says whether it has been for so long that somebody should know.
    pub(super) fn is_worth_a_report(&self, first_missing: GlobalPosition) -> bool {
        let mut state = self.lock();
        match &*state {
            Some(stall) if stall.first_missing == first_missing => {
                stall.since.elapsed() >= WORTH_A_REPORT
            }
            _ => {
                *state = Some(HeadStall {
                    since: Instant::now(),
                    first_missing,
                    holders: Vec::new(),
                });
                false
            }
        }
    }

    pub(super) fn report(&self, first_missing: GlobalPosition, holders: Vec<Holder>) {
        if let Some(stall) = &mut *self.lock()
            && stall.first_missing == first_missing
        {
            if stall.holders.is_empty() {
                tracing::warn!(
                    { telemetry::FIRST_MISSING } = %first_missing,
                    { telemetry::HOLDERS } = ?holders,
                    "readers wait for an open transaction"
                );
            }
            stall.holders = holders;
        }
    }

    pub(super) fn stall(&self) -> Option<HeadStall> {
        self.lock()
            .clone()
            .filter(|stall| !stall.holders.is_empty())
    }
}
