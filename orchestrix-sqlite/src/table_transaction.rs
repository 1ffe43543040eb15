//! The transaction that a projection writes its tables in.

use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::Sender;

use orchestrix::store::{EndTransaction, ReadModelError, StoreTransaction, TenantId};
use rusqlite::{Connection, ErrorCode, Params, Row, ffi};
use tokio::sync::oneshot;

use crate::connection::lock;
use crate::failure::Failure;
use crate::session::{Interrupt, Order, Outcome};

/// A transaction of a [`SqliteStore`](crate::SqliteStore), lent to a
/// [`TableProjection`](orchestrix::projection::TableProjection).
///
/// ```
/// use orchestrix::prelude::*;
/// use orchestrix_sqlite::{SqliteStore, SqliteTransaction, rusqlite};
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct Sold { book: String, copies: i64 }
///
/// struct Shelf;
///
/// #[projection(store = SqliteStore)]
/// impl Shelf {
///     #[create]
///     async fn create(tx: &mut SqliteTransaction) -> rusqlite::Result<()> {
///         let table = "CREATE TABLE IF NOT EXISTS shelf (book TEXT PRIMARY KEY, sold INTEGER NOT NULL)";
///         tx.execute(table, ()).await.map(drop)
///     }
///
///     #[clear]
///     async fn clear(tx: &mut SqliteTransaction) -> rusqlite::Result<()> {
///         tx.execute("DELETE FROM shelf", ()).await.map(drop)
///     }
///
///     #[apply]
///     async fn sold(event: &Sold, tx: &mut SqliteTransaction) -> rusqlite::Result<()> {
///         let sell = "INSERT INTO shelf (book, sold) VALUES (?1, ?2)
///                     ON CONFLICT (book) DO UPDATE SET sold = sold + excluded.sold";
///         tx.execute(sell, (event.book.clone(), event.copies)).await.map(drop)
///     }
/// }
///
/// #[module(tables(Shelf))]
/// struct Shop;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::in_memory().await?;
/// let app = Orchestrix::builder().isolated().store(store).module(Shop).start().await?;
/// # app.shutdown().await?;
/// # Ok(()) }
/// ```
///
/// The store has one thread that writes, and it works for this transaction until that ends: all other writes of all processes
/// wait meanwhile, so a projection that asks a slow service between its statements is slow for everybody. Reads go on, and
/// see nothing of it before its commit; in a store [in memory](crate::SqliteStore::in_memory) they wait too.
///
/// Each call goes to that thread and back, which takes some ten microseconds: several statements in one
/// [`run`](Self::run) save that. Dropping the transaction, or the future of a call, interrupts the statement.
///
/// The tables are the projection's own: those of this crate are in the same file, and are to be left alone. So is the
/// transaction: a `COMMIT` among the statements would break it, and is told as a failure of the store.
pub struct SqliteTransaction {
    subscription: String,
    orders: Option<Sender<Order>>,
    interrupt: Interrupt,
}

impl SqliteTransaction {
    pub(crate) fn new(subscription: String, orders: Sender<Order>, interrupt: Interrupt) -> Self {
        Self {
            subscription,
            orders: Some(orders),
            interrupt,
        }
    }

    /// Runs a function with the connection, on the thread that writes. For several statements at once, and for all that
    /// [`rusqlite`] can do.
    ///
    /// # Errors
    /// The function's; [`OperationInterrupted`](rusqlite::ErrorCode::OperationInterrupted) when the transaction has been
    /// lost before.
    ///
    /// # Panics
    /// When the function does.
    ///
    /// # Cancellation
    /// Interrupts a statement that is under way, which may end the transaction.
    pub async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> rusqlite::Result<T> {
        let (reply, answer) = oneshot::channel();
        let work = move |connection: &Connection| {
            if connection.is_autocommit() {
                let _gone = reply.send(Ok(Err(lost())));
                return;
            }
            // What it leaves behind is rolled back with the rest: the panic goes on in the caller.
            let done = catch_unwind(AssertUnwindSafe(|| work(connection)));
            let _gone = reply.send(done);
        };
        let guard = InterruptOnDrop(Some(&self.interrupt));
        let order = Order::Run(Box::new(work));
        let is_open = self
            .orders
            .as_ref()
            .is_some_and(|it| it.send(order).is_ok());
        let answer = match is_open {
            true => answer.await,
            false => return Err(lost()),
        };
        guard.disarm();
        match answer {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_dropped) => Err(lost()),
        }
    }

    /// Runs one statement, and says how many rows it changed.
    ///
    /// ```no_run
    /// # async fn example(tx: &mut orchestrix_sqlite::SqliteTransaction) -> orchestrix_sqlite::rusqlite::Result<()> {
    /// let sold = tx.execute("UPDATE shelf SET sold = sold + ?1 WHERE book = ?2", (3, "Emma".to_owned())).await?;
    /// # assert_eq!(sold, 1); Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`run`](Self::run).
    pub async fn execute(
        &mut self,
        sql: impl Into<String>,
        params: impl Params + Send + 'static,
    ) -> rusqlite::Result<usize> {
        let sql = sql.into();
        let work = move |connection: &Connection| connection.prepare_cached(&sql)?.execute(params);
        self.run(work).await
    }

    /// All rows of a query, each read by a function.
    ///
    /// ```no_run
    /// # async fn example(tx: &mut orchestrix_sqlite::SqliteTransaction) -> orchestrix_sqlite::rusqlite::Result<()> {
    /// let books: Vec<String> = tx.query("SELECT book FROM shelf WHERE sold > ?1", (10,), |row| row.get(0)).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// See [`run`](Self::run).
    pub async fn query<T: Send + 'static>(
        &mut self,
        sql: impl Into<String>,
        params: impl Params + Send + 'static,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> rusqlite::Result<Vec<T>> {
        let sql = sql.into();
        let work = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params, read)?;
            rows.collect()
        };
        self.run(work).await
    }

    /// Gives the order that ends it.
    async fn end(
        mut self,
        order: impl FnOnce(oneshot::Sender<Outcome>) -> Order,
    ) -> Result<(), ReadModelError> {
        let (reply, answer) = oneshot::channel();
        // Taken, so that dropping it interrupts nothing.
        let orders = self.orders.take();
        let is_open = orders.is_some_and(|orders| orders.send(order(reply)).is_ok());
        let outcome = match is_open {
            true => answer.await.unwrap_or_else(|_| Err(Failure::no_answer())),
            false => Err(Failure::transaction_lost()),
        };
        let subscription = std::mem::take(&mut self.subscription);
        outcome.unwrap_or_else(|failure| Err(failure.into_read_model(subscription)))
    }
}

impl StoreTransaction for SqliteTransaction {
    /// Does nothing: what is one tenant's here only statements say.
    async fn enter(&mut self, _: Option<&TenantId>) -> Result<(), ReadModelError> {
        Ok(())
    }

    /// No space, no memory, a disk that fails. An interruption is not: it may be the statement's own time limit.
    fn is_transient(error: &(dyn Error + 'static)) -> bool {
        let error = error.downcast_ref::<rusqlite::Error>();
        let code = error.and_then(rusqlite::Error::sqlite_error_code);
        matches!(
            code,
            Some(ErrorCode::DiskFull | ErrorCode::OutOfMemory | ErrorCode::SystemIoFailure)
        )
    }

    async fn commit(self, end: EndTransaction) -> Result<(), ReadModelError> {
        self.end(|reply| Order::Commit(end, reply)).await
    }

    async fn roll_back(self) -> Result<(), ReadModelError> {
        interrupt(&self.interrupt);
        self.end(Order::RollBack).await
    }
}

impl Drop for SqliteTransaction {
    fn drop(&mut self) {
        if self.orders.is_some() {
            interrupt(&self.interrupt);
        }
    }
}

impl fmt::Debug for SqliteTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteTransaction")
            .field("subscription", &self.subscription)
            .finish_non_exhaustive()
    }
}

/// Nobody waits for a statement any more.
struct InterruptOnDrop<'a>(Option<&'a Interrupt>);

impl InterruptOnDrop<'_> {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for InterruptOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(of) = self.0 {
            interrupt(of);
        }
    }
}

/// Under the lock, so that the connection is still lent.
fn interrupt(of: &Interrupt) {
    if let Some(handle) = &*lock(of) {
        handle.interrupt();
    }
}

fn lost() -> rusqlite::Error {
    let text = "the transaction has ended: it was open for too long, or a statement ended it";
    rusqlite::Error::SqliteFailure(
        ffi::Error::new(ffi::SQLITE_INTERRUPT),
        Some(text.to_owned()),
    )
}
