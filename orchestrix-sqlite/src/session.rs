//! The writer's end of a transaction that is lent out.
//!
//! The writer thread keeps its connection, and does what it is sent until the transaction ends. So whatever else the borrower
//! waits for, it waits for on its own thread; statements block no thread of the runtime; and one that takes too long can be
//! interrupted. It has the database to itself meanwhile: what it checks when it begins holds until it has ended.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use orchestrix::store::{
    BeginTransaction, CheckpointError, CheckpointPlace, EndTransaction, ReadModelError,
};
use rusqlite::{Connection, InterruptHandle};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::checkpoint::{self, MoveCheckpoint};
use crate::connection::lock;
use crate::failure::Failure;
use crate::lease;
use crate::rebuild::{self, RebuildCall};
use crate::transaction;

/// The longest that a transaction is lent for, should more be asked for: what is added to an instant must fit.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What becomes of a transaction, or of its beginning: refused, or failed.
pub(crate) type Outcome = Result<Result<(), ReadModelError>, Failure>;

/// Something to be done within a transaction.
pub(crate) enum Order {
    /// It tells its own caller what came of it, and does not panic.
    Run(Box<dyn FnOnce(&Connection) + Send>),
    Commit(EndTransaction, oneshot::Sender<Outcome>),
    RollBack(oneshot::Sender<Outcome>),
}

/// Cuts off the statement that is under way, as long as the connection is lent.
pub(crate) type Interrupt = Arc<Mutex<Option<InterruptHandle>>>;

/// A transaction to be lent.
pub(crate) struct Session {
    pub(crate) begin: BeginTransaction,
    pub(crate) begun: oneshot::Sender<Outcome>,
    pub(crate) orders: Receiver<Order>,
    pub(crate) interrupt: Interrupt,
    /// In the writer's queue.
    pub(crate) place: OwnedSemaphorePermit,
}

impl Session {
    /// Begins, does what is ordered, and ends, within the limit.
    pub(crate) fn serve(self, connection: &Connection) {
        let Self {
            begin,
            begun,
            orders,
            interrupt,
            place: _place,
        } = self;
        let deadline = Instant::now() + begin.limit.min(LONGEST);
        let outcome = open(connection, &begin);
        let is_open = matches!(outcome, Ok(Ok(())));
        *lock(&interrupt) = is_open.then(|| connection.get_interrupt_handle());
        let is_wanted = begun.send(outcome).is_ok();
        let last = match is_open && is_wanted {
            true => obey(&orders, connection, deadline),
            false => None,
        };
        // From here on an interruption would meet somebody else's statement.
        lock(&interrupt).take();
        if let Some(Order::Commit(end, reply)) = last {
            let outcome = commit(connection, &begin.subscription, end);
            transaction::roll_back(connection);
            // The borrower may have gone; what it asked for is done all the same.
            let _gone = reply.send(outcome);
        } else {
            transaction::roll_back(connection);
            if let Some(Order::RollBack(reply)) = last {
                let _gone = reply.send(Ok(Ok(())));
            }
        }
    }
}

/// Until the order that ends it; none where nobody gave it in time.
fn obey(orders: &Receiver<Order>, connection: &Connection, deadline: Instant) -> Option<Order> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match orders.recv_timeout(left) {
            Ok(Order::Run(work)) => work(connection),
            Ok(last) => return Some(last),
            Err(RecvTimeoutError::Timeout) => {
                tracing::warn!("a transaction was open for too long and is rolled back");
                return None;
            }
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
}

fn open(connection: &Connection, begin: &BeginTransaction) -> Outcome {
    transaction::begin(connection)?;
    match &begin.place {
        None => Ok(Ok(())),
        Some(place) => Ok(check(connection, &begin.subscription, place)?.map_err(Into::into)),
    }
}

/// Whether the checkpoint is at its place. Nobody else can write from now on, so neither checkpoint nor lease passes on.
fn check(
    connection: &Connection,
    subscription: &str,
    place: &CheckpointPlace,
) -> rusqlite::Result<Result<(), CheckpointError>> {
    let subscription = subscription.to_owned();
    if let Some(fence) = &place.fence
        && !lease::holds(connection, fence)?
    {
        return Ok(Err(CheckpointError::Fenced {
            subscription,
            lease: fence.lease.to_string(),
        }));
    }
    let actual = rebuild::build(connection, &subscription)?;
    if actual != place.build {
        return Ok(Err(CheckpointError::Rebuilt {
            subscription,
            expected: place.build,
            actual,
        }));
    }
    let actual = checkpoint::load(connection, &subscription)?;
    if actual != place.position {
        return Ok(Err(CheckpointError::Moved {
            subscription,
            expected: place.position,
            actual,
        }));
    }
    Ok(Ok(()))
}

fn commit(connection: &Connection, subscription: &str, end: EndTransaction) -> Outcome {
    if connection.is_autocommit() {
        return Err(Failure::transaction_lost());
    }
    let refused = match end {
        EndTransaction::Stay => Ok(()),
        EndTransaction::Move(moved) => {
            // The lease was held when the transaction began, and could not be passed on since: how long ago its time was
            // over does not matter.
            let fence = None;
            let moved = MoveCheckpoint(orchestrix::store::CheckpointMove { fence, ..moved });
            moved.apply(connection)?.map_err(Into::into)
        }
        EndTransaction::Reset => rebuild::Drop.apply(subscription, connection)?,
    };
    if refused.is_err() {
        return Ok(refused);
    }
    transaction::commit(connection).map_err(Failure::of_commit)?;
    Ok(Ok(()))
}
