//! How far the log can be read so that nothing turns up behind a reader: one tracker for all readers of a store.
//!
//! A position that cannot be seen although a higher one can is either dead, for its transaction was rolled back, or
//! still to come. Which of the two, the fence tells: whoever draws positions holds a lock from before the first to the
//! end of the transaction, and the lock's key says above which position they all lie (`enter_fence.sql`).
//!
//! 1. Read the highest visible position m. Every position up to m has been drawn, by a transaction that held the fence.
//! 2. Then read the fence. Such a transaction has ended, or it is seen there, with a floor below its positions.
//! 3. So up to the lowest floor, or up to m where that is lower, all transactions have ended. What they stored is seen
//!    by every read that begins now; what is missing is dead.
//!
//! The order of 1 and 2 is what makes it right. No clock, no transaction id and no time-out take part in it.

mod looks;
mod stall;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use orchestrix::store::{GlobalPosition, ReadError};
use sqlx::Row;
use tokio::sync::Notify;

use crate::database::{Database, Lease, Purpose, Scope};
use crate::read::{failed, unavailable};
use crate::row::{signed, unsigned};
use crate::schema::{Schema, Statement};
use looks::Looks;
use stall::Watch;
pub use stall::{HeadStall, Holder};

/// The tracker.
#[derive(Debug)]
pub(crate) struct Head {
    database: Arc<Database>,
    visible: Statement,
    fence_floor: Statement,
    fence_holders: Statement,
    /// Everything up to here can be read; only grows.
    known: AtomicU64,
    looks: Looks,
    watch: Watch,
    /// Told when an advance was held back.
    held_back: Notify,
}

impl Head {
    pub(crate) fn new(database: Arc<Database>, schema: &Schema) -> Self {
        Self {
            database,
            visible: schema.statement(include_str!("head/visible.sql")),
            fence_floor: schema.statement(include_str!("head/fence_floor.sql")),
            fence_holders: schema.statement(include_str!("head/fence_holders.sql")),
            known: AtomicU64::new(0),
            looks: Looks::default(),
            watch: Watch::default(),
            held_back: Notify::new(),
        }
    }

    /// Where it was when it was last looked for.
    pub(crate) fn known(&self) -> GlobalPosition {
        GlobalPosition::new(self.known.load(Ordering::Acquire))
    }

    /// Where it is now. Callers who come while somebody looks share the next look, and its failure.
    pub(crate) async fn advance(&self) -> Result<GlobalPosition, ReadError> {
        self.looks.share(self.look()).await?;
        Ok(self.known())
    }

    async fn look(&self) -> Result<(), ReadError> {
        let mut connection = self
            .database
            .lease_for(Purpose::Subscription, Scope::Everything)
            .await
            .map_err(unavailable)?;
        let mut head = self.known.load(Ordering::Acquire);
        // Where a floor lets it go on, the positions behind the floor may have no gap either.
        for is_last_look in [false, true] {
            let (highest, gapless_to) = self.visible_after(head, &mut connection).await?;
            head = head.max(gapless_to);
            if head >= highest {
                break;
            }
            let floor = self.floor(&mut connection).await?;
            let end = floor.map_or(highest, |floor| floor.min(highest));
            let is_stopped = end <= head || is_last_look;
            head = head.max(end);
            if head >= highest {
                break;
            }
            if is_stopped {
                self.known.fetch_max(head, Ordering::AcqRel);
                return self.hold_back(head, &mut connection).await;
            }
        }
        self.known.fetch_max(head, Ordering::AcqRel);
        self.watch.clear();
        Ok(())
    }

    async fn visible_after(
        &self,
        head: u64,
        connection: &mut Lease,
    ) -> Result<(u64, u64), ReadError> {
        let query = self.visible.query().bind(signed(head));
        let row = connection.fetch_one(query).await.map_err(failed)?;
        let highest = row.try_get(0).map_err(failed)?;
        let gapless_to = row.try_get(1).map_err(failed)?;
        Ok((unsigned(highest), unsigned(gapless_to)))
    }

    async fn floor(&self, connection: &mut Lease) -> Result<Option<u64>, ReadError> {
        let query = self.fence_floor.query();
        let row = connection.fetch_one(query).await.map_err(failed)?;
        let floor: Option<i64> = row.try_get(0).map_err(failed)?;
        Ok(floor.map(unsigned))
    }

    /// Keeps account of what stops the head, and has it looked at again soon.
    async fn hold_back(&self, head: u64, connection: &mut Lease) -> Result<(), ReadError> {
        let first_missing = GlobalPosition::new(head + 1);
        if self.watch.is_worth_a_report(first_missing) {
            let query = self.fence_holders.query().bind(signed(first_missing.get()));
            let rows = connection.fetch_all(query).await.map_err(failed)?;
            let holders: Result<Vec<_>, _> = rows.iter().map(Holder::of).collect();
            self.watch.report(first_missing, holders.map_err(failed)?);
        }
        self.held_back.notify_one();
        Ok(())
    }

    /// What has stopped the head for longer than appends take.
    pub(crate) fn stall(&self) -> Option<HeadStall> {
        self.watch.stall()
    }

    pub(crate) fn is_held_back(&self) -> bool {
        self.watch.is_held_back()
    }

    /// Waits until an advance was held back.
    pub(crate) async fn until_held_back(&self) {
        self.held_back.notified().await;
    }
}
