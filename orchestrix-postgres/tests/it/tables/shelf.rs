//! A shop whose projection keeps a table, and what happens to it.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use orchestrix::app::Config;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, EventData, EventStore, ExpectedVersion, GlobalPosition, Payload, RecordedEvent,
    StreamId, TenantId,
};
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy, SubscriptionState};
use orchestrix_postgres::{PostgresStore, PostgresTransaction};
use sqlx::PgConnection;

use crate::fixture::{PATIENCE, TestDatabase};

pub(crate) const SHELF: &str = "shelf@1";

#[derive(Event, Serialize, Deserialize)]
pub(crate) struct Sold {
    pub(crate) book: String,
    pub(crate) copies: i64,
}

#[derive(Event, Serialize, Deserialize)]
pub(crate) struct Returned {
    pub(crate) book: String,
}

/// Books that cannot be sold now; names are of one test each.
static FAILING: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

pub(crate) fn fail(book: &str) {
    failing().insert(book.to_owned());
}

pub(crate) fn cure(book: &str) {
    failing().remove(book);
}

fn failing() -> MutexGuard<'static, HashSet<String>> {
    FAILING.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) struct Shelf;

#[projection(store = PostgresStore)]
impl Shelf {
    #[create]
    async fn create(tx: &mut PostgresTransaction) -> sqlx::Result<()> {
        let tables = "create table if not exists shelf (
                          tenant text, book text, copies bigint not null, primary key (tenant, book));
                      create table if not exists sales (position bigint primary key)";
        sqlx::raw_sql(tables).execute(&mut **tx).await.map(drop)
    }

    #[clear]
    async fn clear(tx: &mut PostgresTransaction) -> sqlx::Result<()> {
        let tables = "delete from shelf; delete from sales";
        sqlx::raw_sql(tables).execute(&mut **tx).await.map(drop)
    }

    #[apply]
    async fn sold(
        event: &Sold,
        recorded: &RecordedEvent,
        tx: &mut PostgresTransaction,
    ) -> Result<(), BoxError> {
        let sell = "insert into shelf values ($1, $2, $3)
                    on conflict (tenant, book) do update set copies = shelf.copies + excluded.copies";
        sqlx::query(sell)
            .bind(recorded.stream.tenant().as_str())
            .bind(&event.book)
            .bind(event.copies)
            .execute(&mut **tx)
            .await?;
        // A second time for one event would be told by the key.
        sqlx::query("insert into sales values ($1)")
            .bind(recorded.position.get() as i64)
            .execute(&mut **tx)
            .await?;
        if event.book == "an endless one" {
            sqlx::query("select pg_sleep(600)")
                .execute(&mut **tx)
                .await?;
        }
        if event.book == "one for two" && failing().contains("any deadlock") {
            let deadlock = "do $$ begin raise exception 'deadlock' using errcode = '40P01'; end $$";
            sqlx::raw_sql(deadlock).execute(&mut **tx).await?;
        }
        if event.book == "one that is there" {
            let twice = sqlx::query("insert into sales values ($1)");
            let twice = twice.bind(recorded.position.get() as i64);
            twice.execute(&mut **tx).await?;
        }
        match failing().contains(&event.book) {
            true => Err("out of print".into()),
            false => Ok(()),
        }
    }

    #[apply]
    async fn returned(event: &Returned, tx: &mut PostgresTransaction) -> sqlx::Result<()> {
        let take_back = "update shelf set copies = copies - 1 where book = $1";
        let taken = sqlx::query(take_back).bind(&event.book).execute(&mut **tx);
        taken.await.map(drop)
    }
}

#[module(tables(Shelf))]
#[derive(Debug)]
pub(crate) struct Shop;

/// An app on a store, with its own way to deliver.
pub(crate) async fn shop(store: PostgresStore, delivery: Delivery) -> App {
    let mut config = Config::default();
    config.lease_duration = Duration::from_secs(1);
    Orchestrix::builder()
        .isolated()
        .store(store)
        .module(Shop)
        .delivery(SHELF, delivery)
        .config(config)
        .start()
        .await
        .unwrap()
}

/// Dead letters at once.
pub(crate) fn parking() -> Delivery {
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery.on_error = ErrorPolicy::DeadLetter;
    delivery
}

/// Sells copies of books, each in a stream of its own; says where the log ends.
pub(crate) async fn sell(store: &PostgresStore, books: &[(&str, i64)]) -> GlobalPosition {
    sell_for(store, TenantId::default(), books).await
}

pub(crate) async fn sell_for(
    store: &PostgresStore,
    tenant: TenantId,
    books: &[(&str, i64)],
) -> GlobalPosition {
    let mut end = GlobalPosition::START;
    for (book, copies) in books {
        let sold = Sold {
            book: (*book).to_owned(),
            copies: *copies,
        };
        let data = EventData::new("Sold", 1, Payload::of(&sold).unwrap());
        end = append(store, tenant.clone(), book, data).await;
    }
    end
}

pub(crate) async fn take_back(store: &PostgresStore, book: &str) -> GlobalPosition {
    let returned = Returned {
        book: book.to_owned(),
    };
    let data = EventData::new("Returned", 1, Payload::of(&returned).unwrap());
    append(store, TenantId::default(), book, data).await
}

async fn append(
    store: &PostgresStore,
    tenant: TenantId,
    book: &str,
    data: EventData,
) -> GlobalPosition {
    let stream = StreamId::new("book", book).unwrap().with_tenant(tenant);
    let append = Append::new(stream, ExpectedVersion::Any, vec![data]);
    let outcome = store.append(vec![append]).await.remove(0);
    outcome.unwrap().position
}

/// What the table says, by book, and how many events it was written for.
pub(crate) async fn shelf(database: &TestDatabase) -> (Vec<(String, i64)>, i64) {
    let mut session = database.session().await;
    read(&mut session).await
}

pub(crate) async fn read(session: &mut PgConnection) -> (Vec<(String, i64)>, i64) {
    let rows = sqlx::query_as("select book, copies from shelf order by book collate \"C\"");
    let rows = rows.fetch_all(&mut *session).await.unwrap();
    let sales = sqlx::query_scalar("select count(*) from sales");
    (rows, sales.fetch_one(&mut *session).await.unwrap())
}

/// How far the projection's checkpoint has come.
pub(crate) async fn checkpoint(database: &TestDatabase) -> i64 {
    let sql =
        "select coalesce(max(position), 0) from orchestrix.checkpoints where subscription = $1";
    let found = sqlx::query_scalar(sql).bind(SHELF);
    found
        .fetch_one(&mut database.session().await)
        .await
        .unwrap()
}

/// Waits for a condition that is bound to come, and comes with a change of the projection's status at the latest.
pub(crate) async fn until_told<F: Future<Output = bool>>(
    app: &App,
    what: &str,
    mut condition: impl FnMut() -> F,
) {
    let mut status = app.subscription_statuses(SHELF).unwrap();
    let waited = tokio::time::timeout(PATIENCE, async {
        loop {
            status.mark_unchanged();
            if condition().await {
                return;
            }
            status.changed().await.unwrap();
        }
    });
    waited.await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// Waits until the projection is in such a state.
pub(crate) async fn until_state(
    app: &App,
    wanted: impl Fn(&SubscriptionState) -> bool,
) -> SubscriptionState {
    let mut status = app.subscription_statuses(SHELF).unwrap();
    let came = status.wait_for(|status| wanted(&status.state));
    let came = tokio::time::timeout(PATIENCE, came).await;
    came.expect("it comes to that state").unwrap().state.clone()
}
