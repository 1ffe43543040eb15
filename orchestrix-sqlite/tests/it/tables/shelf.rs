//! A shop whose projection keeps a table, and what happens to it.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use orchestrix::app::Config;
use orchestrix::error::BoxError;
use orchestrix::module::{Module, Parts};
use orchestrix::prelude::*;
use orchestrix::projection::TableProjection;
use orchestrix::store::{
    Append, EventStore, ExpectedVersion, GlobalPosition, RecordedEvent, StreamId,
};
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy, SubscriptionState};
use orchestrix_sqlite::rusqlite::{self, Connection};
use orchestrix_sqlite::{SqliteStore, SqliteTransaction};
use tokio::sync::Semaphore;

use crate::fixture::Place;

pub(crate) type Outcome = Result<(), BoxError>;

/// How long a condition may take that is bound to come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const SHELF: &str = "shelf@1";

#[derive(Event, Serialize, Deserialize)]
pub(crate) struct Sold {
    pub(crate) book: String,
    pub(crate) copies: i64,
}

/// Books that cannot be sold now; names are of one test each.
static FAILING: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
/// Books whose sale waits until a permit comes.
static WAITING: LazyLock<Mutex<Gates>> = LazyLock::new(Mutex::default);

/// Each with its book.
type Gates = Vec<(String, Gate)>;

/// What the sale of a book waits at.
#[derive(Clone)]
pub(crate) struct Gate {
    came: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gate {
    /// Waits until a sale has come to it: its page is under way then.
    pub(crate) async fn reached(&self) -> Outcome {
        let came = tokio::time::timeout(PATIENCE, self.came.acquire()).await;
        came.map_err(|_| "no sale comes to the gate")??.forget();
        Ok(())
    }

    /// Lets one through.
    pub(crate) fn open(&self) {
        self.open.add_permits(1);
    }

    async fn pass(&self) -> Outcome {
        self.came.add_permits(1);
        self.open.acquire().await?.forget();
        Ok(())
    }
}

pub(crate) fn fail(book: &str) {
    failing().insert(book.to_owned());
}

pub(crate) fn cure(book: &str) {
    failing().remove(book);
}

fn failing() -> std::sync::MutexGuard<'static, HashSet<String>> {
    FAILING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The sale of a book waits at this, after it was written.
pub(crate) fn hold(book: &str) -> Gate {
    let gate = Gate {
        came: Arc::new(Semaphore::new(0)),
        open: Arc::new(Semaphore::new(0)),
    };
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.push((book.to_owned(), gate.clone()));
    gate
}

pub(crate) struct Shelf;

impl TableProjection for Shelf {
    const NAME: &'static str = "shelf";
    const VERSION: u32 = 1;
    type Event = Sold;
    type Store = SqliteStore;

    async fn create(tx: &mut SqliteTransaction) -> Result<(), BoxError> {
        let tables =
            "CREATE TABLE IF NOT EXISTS shelf (book TEXT PRIMARY KEY, copies INTEGER NOT NULL);
                      CREATE TABLE IF NOT EXISTS sales (position INTEGER PRIMARY KEY)";
        Ok(tx
            .run(|connection| connection.execute_batch(tables))
            .await?)
    }

    async fn clear(tx: &mut SqliteTransaction) -> Result<(), BoxError> {
        let tables = "DROP TABLE shelf; DROP TABLE sales";
        Ok(tx
            .run(|connection| connection.execute_batch(tables))
            .await?)
    }

    async fn apply(
        event: &Sold,
        recorded: &RecordedEvent,
        tx: &mut SqliteTransaction,
    ) -> Result<(), BoxError> {
        let sql = "INSERT INTO shelf (book, copies) VALUES (?1, ?2)
                   ON CONFLICT (book) DO UPDATE SET copies = copies + excluded.copies";
        tx.execute(sql, (event.book.clone(), event.copies)).await?;
        // A second time for one event would be told by the key.
        let position = recorded.position.get() as i64;
        tx.execute("INSERT INTO sales (position) VALUES (?1)", (position,))
            .await?;
        match event.book.as_str() {
            book if failing().contains(book) => Err("out of print".into()),
            "a panic" if failing().contains("any panic") => panic!("the shelf fell over"),
            "an endless one" => {
                let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
                tx.query(endless, (), |row| row.get::<_, i64>(0)).await?;
                Ok(())
            }
            "a big one" => {
                let big = "CREATE TABLE IF NOT EXISTS big AS SELECT zeroblob(4000000) AS content";
                tx.execute(big, ()).await?;
                Ok(())
            }
            "one that commits" => {
                tx.run(|connection| connection.execute_batch("COMMIT"))
                    .await?;
                Ok(())
            }
            book => {
                let gate = {
                    let waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
                    let found = waiting.iter().find(|(held, _)| held == book);
                    found.map(|(_, gate)| gate.clone())
                };
                if let Some(gate) = gate {
                    gate.pass().await?;
                }
                Ok(())
            }
        }
    }
}

#[derive(Debug)]
pub(crate) struct Shop;

impl Module for Shop {
    fn name(&self) -> &'static str {
        "shop"
    }

    fn register(self: Arc<Self>, parts: &mut Parts) {
        parts.tables::<Shelf>();
    }
}

/// An app on a store, with its own way to deliver.
pub(crate) async fn shop(store: SqliteStore, delivery: Delivery) -> Result<App, BoxError> {
    let mut config = Config::default();
    config.lease_duration = Duration::from_secs(1);
    let app = Orchestrix::builder()
        .isolated()
        .store(store)
        .module(Shop)
        .delivery(SHELF, delivery)
        .config(config);
    Ok(app.start().await?)
}

/// Dead letters at once.
pub(crate) fn parking() -> Delivery {
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery.on_error = ErrorPolicy::DeadLetter;
    delivery
}

/// Sells copies of books, each in a stream of its own; says where the log ends.
pub(crate) async fn sell(
    store: &SqliteStore,
    books: impl IntoIterator<Item = (&str, i64)>,
) -> Result<GlobalPosition, BoxError> {
    let mut appends = Vec::new();
    for (book, copies) in books {
        let sold = Sold {
            book: book.to_owned(),
            copies,
        };
        let data =
            orchestrix::store::EventData::new("Sold", 1, orchestrix::store::Payload::of(&sold)?);
        let stream = StreamId::new("book", book)?;
        appends.push(Append::new(stream, ExpectedVersion::Any, vec![data]));
    }
    let mut end = GlobalPosition::START;
    for outcome in store.append(appends).await {
        end = outcome?.position;
    }
    Ok(end)
}

/// What the table says, by book, and how many events it was written for.
pub(crate) fn shelf(place: &Place) -> rusqlite::Result<(Vec<(String, i64)>, i64)> {
    let connection = Connection::open(&place.path)?;
    connection.busy_timeout(PATIENCE)?;
    let mut rows = connection.prepare("SELECT book, copies FROM shelf ORDER BY book")?;
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows = rows.collect::<rusqlite::Result<_>>()?;
    let sales = connection.query_row("SELECT count(*) FROM sales", [], |row| row.get(0))?;
    Ok((rows, sales))
}

/// How far the projection's checkpoint has come.
pub(crate) fn checkpoint(place: &Place) -> rusqlite::Result<i64> {
    let connection = Connection::open(&place.path)?;
    connection.busy_timeout(PATIENCE)?;
    let sql = "SELECT coalesce(max(position), 0) FROM checkpoints WHERE subscription = ?1";
    connection.query_row(sql, [SHELF], |row| row.get(0))
}

/// Waits for a condition that is bound to come, and comes with a change of the projection's status at the latest.
pub(crate) async fn until(app: &App, what: &str, condition: impl AsyncFn() -> bool) -> Outcome {
    let mut status = app.subscription_statuses(SHELF)?;
    let waited = tokio::time::timeout(PATIENCE, async {
        loop {
            status.mark_unchanged();
            if condition().await {
                return Ok(());
            }
            status.changed().await?;
        }
    });
    waited.await.map_err(|_| format!("never: {what}"))?
}

/// Waits until the subscription's state is bound to be this.
pub(crate) async fn until_state(
    app: &App,
    subscription: &str,
    wanted: impl Fn(&SubscriptionState) -> bool,
) -> Result<SubscriptionState, BoxError> {
    let mut status = app.subscription_statuses(subscription)?;
    let came = status.wait_for(|status| wanted(&status.state));
    let came = tokio::time::timeout(PATIENCE, came).await;
    let came = came.map_err(|_| format!("{subscription} never comes to that state"))?;
    Ok(came?.state.clone())
}
