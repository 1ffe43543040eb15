//! The loop, as somebody would write it who needs nothing else.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use orchestrix::error::BoxError;
use orchestrix::store::{EventStore, GlobalPosition, MemoryStore, ReadAll};
use rusqlite::{Connection, OptionalExtension};
use sqlx::PgPool;

use super::{Counted, Tally};

const PAGE: usize = 1_000;

/// A loop that can be run again and again.
pub(super) trait ByHand {
    /// Begins anew.
    async fn forget(&self) -> Result<(), BoxError>;
    /// Folds everything there is.
    async fn catch_up(&self) -> Result<(), BoxError>;
    /// What has come of it.
    async fn tallies(&self) -> Result<Vec<Tally>, BoxError>;
}

/// The documents that were touched already, and which of them are to be written.
#[derive(Default)]
struct Fold {
    tallies: HashMap<u64, Tally>,
    changed: HashSet<u64>,
}

impl Fold {
    fn event(&mut self, event: &Counted) {
        let tally = self.tallies.entry(event.counter).or_default();
        tally.events += 1;
        tally.sum += event.by;
        self.changed.insert(event.counter);
    }

    /// The documents to be written.
    fn written(&mut self) -> Result<Vec<(String, String)>, BoxError> {
        let changed = self.changed.drain();
        changed
            .map(|counter| {
                let body = serde_json::to_string(&self.tallies[&counter])?;
                Ok((counter.to_string(), body))
            })
            .collect()
    }
}

fn decode(event_type: &str, body: &str) -> Result<Counted, BoxError> {
    match event_type {
        "Counted" => Ok(serde_json::from_str(body)?),
        other => Err(format!("`{other}` is not known").into()),
    }
}

/// Pages of the store, which nothing else can read, and documents in a map.
pub(super) struct InMemory {
    store: MemoryStore,
    documents: Mutex<HashMap<String, String>>,
}

impl InMemory {
    pub(super) fn of(store: &MemoryStore) -> Self {
        Self {
            store: store.clone(),
            documents: Mutex::default(),
        }
    }

    fn documents(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.documents
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl ByHand for InMemory {
    async fn forget(&self) -> Result<(), BoxError> {
        self.documents().clear();
        Ok(())
    }

    async fn catch_up(&self) -> Result<(), BoxError> {
        let mut fold = Fold::default();
        let mut place = GlobalPosition::START;
        loop {
            let read = ReadAll::after(place).limit(PAGE);
            let page = self.store.read_all(read).await?;
            for event in &page.events {
                let body = event.data.payload.as_json().unwrap_or_default();
                fold.event(&decode(event.event_type(), body)?);
            }
            self.documents().extend(fold.written()?);
            if page.at_head {
                return Ok(());
            }
            place = page.scanned_to;
        }
    }

    async fn tallies(&self) -> Result<Vec<Tally>, BoxError> {
        let documents = self.documents();
        let tallies = documents.values().map(|body| serde_json::from_str(body));
        Ok(tallies.collect::<Result<_, _>>()?)
    }
}

/// One connection to the file of the store, with tables of its own beside the store's.
pub(super) struct InSqlite(Mutex<Connection>);

impl InSqlite {
    pub(super) fn open(path: &Path) -> Result<Self, BoxError> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.execute_batch(
            "create table if not exists hand_documents (key text primary key, body text not null) strict;
             create table if not exists hand_place (position integer not null) strict",
        )?;
        Ok(Self(Mutex::new(connection)))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ByHand for InSqlite {
    async fn forget(&self) -> Result<(), BoxError> {
        let connection = self.connection();
        connection.execute_batch(
            "begin immediate; delete from hand_documents; delete from hand_place; insert into hand_place values (0); commit",
        )?;
        Ok(())
    }

    async fn catch_up(&self) -> Result<(), BoxError> {
        let connection = self.connection();
        let mut fold = Fold::default();
        loop {
            connection.prepare_cached("begin immediate")?.execute([])?;
            let place: Option<i64> = connection
                .prepare_cached("select position from hand_place")?
                .query_row([], |row| row.get(0))
                .optional()?;
            let mut last = place.unwrap_or(0);
            let before = last;
            {
                let mut page = connection.prepare_cached(
                    "select position, event_type, payload from events
                     where position > ?1 and event_type = 'Counted' order by position limit 1000",
                )?;
                let mut rows = page.query([last])?;
                while let Some(row) = rows.next()? {
                    last = row.get(0)?;
                    let (event_type, body) = (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
                    fold.event(&decode(event_type, body)?);
                }
            }
            if last > before {
                let mut put = connection.prepare_cached(
                    "insert into hand_documents (key, body) values (?1, ?2)
                     on conflict (key) do update set body = excluded.body",
                )?;
                for written in fold.written()? {
                    put.execute(written)?;
                }
                connection
                    .prepare_cached("update hand_place set position = ?1")?
                    .execute([last])?;
            }
            connection.prepare_cached("commit")?.execute([])?;
            if last == before {
                return Ok(());
            }
        }
    }

    async fn tallies(&self) -> Result<Vec<Tally>, BoxError> {
        let connection = self.connection();
        let mut all = connection.prepare_cached("select body from hand_documents")?;
        let mut rows = all.query([])?;
        let mut tallies = Vec::new();
        while let Some(row) = rows.next()? {
            tallies.push(serde_json::from_str(row.get_ref(0)?.as_str()?)?);
        }
        Ok(tallies)
    }
}

/// One connection to the database of the store, with tables of its own beside the store's.
pub(super) struct InPostgres(PgPool);

const PG_TABLES: &str = "
    create table if not exists hand_documents (key text collate \"C\" primary key, body json not null);
    create table if not exists hand_place (position bigint not null)";
const PG_PAGE: &str = "
    select position, event_type, payload::text from catch_up.events
     where position > $1 and event_type = 'Counted' order by position limit 1000";
const PG_PUT: &str = "
    insert into hand_documents (key, body)
    select key, body::json from unnest($1::text[], $2::text[]) as written (key, body)
        on conflict (key) do update set body = excluded.body";

impl InPostgres {
    pub(super) async fn connect(url: &str, schema: &str) -> Result<Self, BoxError> {
        assert!(
            PG_PAGE.contains(&format!("{schema}.events")),
            "another schema is meant"
        );
        let pool = PgPool::connect(url).await?;
        sqlx::raw_sql(PG_TABLES).execute(&pool).await?;
        // As it would be in a log that was not written a moment ago: without statistics the page is read by a bad plan.
        sqlx::raw_sql("analyze catch_up.events")
            .execute(&pool)
            .await?;
        Ok(Self(pool))
    }
}

impl ByHand for InPostgres {
    async fn forget(&self) -> Result<(), BoxError> {
        let anew = "truncate hand_documents, hand_place; insert into hand_place values (0)";
        sqlx::raw_sql(anew).execute(&self.0).await?;
        Ok(())
    }

    async fn catch_up(&self) -> Result<(), BoxError> {
        let mut fold = Fold::default();
        loop {
            let mut transaction = self.0.begin().await?;
            let mut last: i64 = sqlx::query_scalar("select position from hand_place for update")
                .fetch_one(&mut *transaction)
                .await?;
            let before = last;
            let page = sqlx::query_as::<_, (i64, String, String)>(PG_PAGE).bind(last);
            for (position, event_type, body) in page.fetch_all(&mut *transaction).await? {
                last = position;
                fold.event(&decode(&event_type, &body)?);
            }
            if last > before {
                let (keys, bodies): (Vec<_>, Vec<_>) = fold.written()?.into_iter().unzip();
                let put = sqlx::query(PG_PUT).bind(keys).bind(bodies);
                put.execute(&mut *transaction).await?;
                let place = sqlx::query("update hand_place set position = $1").bind(last);
                place.execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            if last == before {
                return Ok(());
            }
        }
    }

    async fn tallies(&self) -> Result<Vec<Tally>, BoxError> {
        let all = sqlx::query_scalar::<_, String>("select body::text from hand_documents");
        let all = all.fetch_all(&self.0).await?;
        let tallies = all.iter().map(|body| serde_json::from_str(body));
        Ok(tallies.collect::<Result<_, _>>()?)
    }
}
