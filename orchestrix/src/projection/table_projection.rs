//! Projections that write tables of their own.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use super::ProjectionInfo;
use super::table_fold::TableFold;
use crate::error::BoxError;
use crate::message::Event;
use crate::store::{Backend, Filter, Ports, RecordedEvent, TransactionalStore};
use crate::subscription::{ConsumeError, Subscriber};

/// The transaction that a projection writes in.
pub type TransactionOf<P> = <<P as TableProjection>::Store as TransactionalStore>::Transaction;

/// A projection that writes tables of its own, in the database that the events are in.
///
/// What it writes for the events of a page commits in one transaction with its checkpoint, and its dead letters: each
/// event has its effect exactly once, whatever crashes. When an event fails, what was written for it is undone, those
/// before it on the page are committed, and its [`Delivery`](crate::subscription::Delivery) decides what becomes of it; the
/// [time limit](crate::subscription::Delivery::timeout) of a delivery holds for each event. Of all the nodes, one at a time
/// serves it.
///
/// `#[projection(store = ..)]` on an impl block writes this, from `async fn` methods. By hand it is, for a store `S`:
///
/// ```
/// use orchestrix::error::BoxError;
/// use orchestrix::prelude::*;
/// use orchestrix::projection::TableProjection;
/// use orchestrix::store::{RecordedEvent, TransactionalStore};
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct Sold { book: String, pence: i64 }
///
/// /// What the transaction of a store can do, here: run a statement.
/// trait Execute: Send {
///     fn execute(&mut self, sql: &str) -> impl Future<Output = Result<(), BoxError>> + Send;
/// }
///
/// struct Shelf<S>(std::marker::PhantomData<fn() -> S>);
///
/// impl<S: TransactionalStore<Transaction: Execute>> TableProjection for Shelf<S> {
///     const NAME: &'static str = "shelf";
///     const VERSION: u32 = 1;
///     type Event = Sold;
///     type Store = S;
///
///     async fn create(tx: &mut S::Transaction) -> Result<(), BoxError> {
///         tx.execute("CREATE TABLE IF NOT EXISTS shelf (book TEXT PRIMARY KEY, sold INTEGER NOT NULL)").await
///     }
///
///     async fn clear(tx: &mut S::Transaction) -> Result<(), BoxError> {
///         tx.execute("DELETE FROM shelf").await
///     }
///
///     async fn apply(_: &Sold, _: &RecordedEvent, tx: &mut S::Transaction) -> Result<(), BoxError> {
///         tx.execute("UPDATE shelf SET sold = sold + 1").await
///     }
/// }
/// ```
///
/// # Versions
///
/// A new [`VERSION`](Self::VERSION) is another subscription: it begins with the first event, beside the old one, whose
/// checkpoint stays. What the two do about each other's tables is theirs to say: a table's name may hold the version, and
/// `create` of the new one may drop those of the old one. To go through all events again with the same version, have it
/// [reset](crate::app::App::reset_projection).
///
/// # What it must not do
///
/// Ask the app, or the store in other ways than by its transaction, while it has it: on some stores all others who write
/// wait for its end. Nor end the transaction itself. Nor swallow the failure of a statement, on PostgreSQL, without a
/// savepoint: the transaction is good for nothing then.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a projection with tables of its own",
    label = "not a projection with tables",
    note = "put `#[projection(store = ..)]` on an `impl {Self}` block with `#[create]`, `#[clear]` and `#[apply]` methods"
)]
pub trait TableProjection: Send + Sync + 'static {
    /// Its name, unique in an app.
    const NAME: &'static str;

    /// The version of its tables' meaning.
    const VERSION: u32;

    /// All events that concern it.
    type Event: Event;

    /// The store whose transactions it writes in. An app that runs on another one does not start.
    type Store: TransactionalStore;

    /// Makes its tables where they are not there yet. Called by the node that serves it, before its first event, in a
    /// transaction that moves no checkpoint; so by each node once or more.
    ///
    /// # Errors
    /// What keeps it from working: it is tried again as an event that fails.
    fn create(tx: &mut TransactionOf<Self>) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Empties its tables, which are there, or drops them: it is to begin again with the first event. Afterwards
    /// [`create`](Self::create) is called, in the same transaction.
    ///
    /// # Errors
    /// What keeps it from being reset.
    fn clear(tx: &mut TransactionOf<Self>) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Writes what an event means. It may be called again for the same event, where what it wrote was rolled back.
    ///
    /// # Errors
    /// Why it cannot be consumed. What the database says of itself (a connection that broke, a deadlock, a full disk) is
    /// best given back as it is, or as the source of another error: it is tried again then, and no event counts as failed.
    fn apply(
        event: &Self::Event,
        recorded: &RecordedEvent,
        tx: &mut TransactionOf<Self>,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// Such a projection with its type erased, before there is a store.
pub(crate) trait ErasedTables: Send + Sync {
    fn info(&self) -> ProjectionInfo;
    /// With the store that it is for, if this is one.
    fn on(&self, backend: Arc<dyn Backend>, ports: &Ports) -> Result<Box<dyn Tables>, WrongStore>;
}

/// The app runs on another store than a projection was written for.
#[derive(Debug)]
pub(crate) struct WrongStore {
    pub(crate) wanted: &'static str,
}

/// Such a projection with its store.
#[async_trait]
pub(crate) trait Tables: Send + Sync {
    fn info(&self) -> ProjectionInfo;
    fn filter(&self) -> Filter;
    /// The ports of the store that it writes to, whichever the app replaced: its checkpoint is there.
    fn ports(&self) -> &Ports;
    fn subscriber(&self, timeout: Duration, stop: watch::Receiver<bool>) -> Box<dyn Subscriber>;
    /// Begins again with the first event.
    async fn reset(&self, timeout: Duration) -> Result<(), ConsumeError>;
}

pub(crate) struct Unbound<P>(PhantomData<fn() -> P>);

impl<P: TableProjection> Unbound<P> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P: TableProjection> ErasedTables for Unbound<P> {
    fn info(&self) -> ProjectionInfo {
        info::<P>()
    }

    fn on(&self, backend: Arc<dyn Backend>, ports: &Ports) -> Result<Box<dyn Tables>, WrongStore> {
        let backend: Arc<dyn Any + Send + Sync> = backend;
        match backend.downcast::<P::Store>() {
            Ok(store) => Ok(Box::new(Bound::<P> {
                store,
                ports: ports.clone(),
            })),
            Err(_) => Err(WrongStore {
                wanted: std::any::type_name::<P::Store>(),
            }),
        }
    }
}

struct Bound<P: TableProjection> {
    store: Arc<P::Store>,
    ports: Ports,
}

impl<P: TableProjection> Bound<P> {
    fn fold(&self, timeout: Duration, stop: watch::Receiver<bool>) -> TableFold<P> {
        let subscription = info::<P>().subscription;
        TableFold::new(self.store.clone(), &self.ports, subscription, timeout, stop)
    }
}

#[async_trait]
impl<P: TableProjection> Tables for Bound<P> {
    fn info(&self) -> ProjectionInfo {
        info::<P>()
    }

    fn filter(&self) -> Filter {
        filter::<P>()
    }

    fn ports(&self) -> &Ports {
        &self.ports
    }

    fn subscriber(&self, timeout: Duration, stop: watch::Receiver<bool>) -> Box<dyn Subscriber> {
        Box::new(self.fold(timeout, stop))
    }

    async fn reset(&self, timeout: Duration) -> Result<(), ConsumeError> {
        let (_, stop) = watch::channel(false);
        self.fold(timeout, stop).reset().await
    }
}

fn info<P: TableProjection>() -> ProjectionInfo {
    ProjectionInfo {
        name: P::NAME,
        version: P::VERSION,
        subscription: format!("{}@{}", P::NAME, P::VERSION),
        rust_type: std::any::type_name::<P>(),
        events: P::Event::types(),
        indexes: Vec::new(),
        inline: None,
    }
}

/// The events that it wants.
pub(super) fn filter<P: TableProjection>() -> Filter {
    Filter::all().event_types(P::Event::types().iter().map(|known| known.stored_name()))
}

/// A failure that is no event's.
pub(super) fn of_tables(subscription: &str, source: BoxError) -> ConsumeError {
    ConsumeError::Tables {
        subscription: subscription.to_owned(),
        source,
    }
}
