//! On PostgreSQL: two round trips for each command, and the same with what waits gathered into one insert.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use orchestrix::error::BoxError;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::sync::{Mutex as Turn, mpsc, oneshot};

use super::{BankEvent, State, opened, stream};
use crate::workload::Bank;

const SCHEMA: &str = "create schema if not exists by_hand";
const TABLE: &str = "
create table if not exists by_hand.events (
    position bigint generated always as identity primary key, stream text not null, version bigint not null,
    event_type text not null, occurred_at timestamptz not null default now(), payload json not null,
    unique (stream, version))";
const SELECT: &str =
    "select event_type, payload::text from by_hand.events where stream = $1 order by version";
const INSERT: &str = "insert into by_hand.events (stream, version, event_type, payload) values ($1, $2, $3, $4::json)";
const INSERT_MANY: &str = "
insert into by_hand.events (stream, version, event_type, payload)
select stream, version, event_type, payload::json
  from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) as waiting (stream, version, event_type, payload)";

/// As many connections as a store of the framework has unless told otherwise.
const CONNECTIONS: u32 = 10;
/// Inserts under way at once, and events in each at the most.
const WRITERS: usize = 2;
const MOST_TOGETHER: usize = 256;

/// The bank in a PostgreSQL database: select, fold, insert.
#[derive(Clone)]
pub(crate) struct InPostgres(PgPool);

impl InPostgres {
    pub(crate) async fn connect(url: &str) -> Result<Self, BoxError> {
        let options = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            // It would be one more round trip for each command.
            .test_before_acquire(false);
        let pool = options.connect(url).await?;
        sqlx::query(SCHEMA).execute(&pool).await?;
        sqlx::query(TABLE).execute(&pool).await?;
        Ok(Self(pool))
    }

    pub(crate) async fn close(&self) {
        self.0.close().await;
    }
}

impl Bank for InPostgres {
    async fn open(&self, account: u64) -> Result<(), BoxError> {
        let (event_type, payload) = opened(account).encode()?;
        let insert = sqlx::query(INSERT).bind(stream(account)).bind(1_i64);
        insert
            .bind(event_type)
            .bind(payload)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    async fn deposit(&self, account: u64) -> Result<(), BoxError> {
        let stream = stream(account);
        let mut connection = self.0.acquire().await?;
        let select = sqlx::query_as::<_, (String, String)>(SELECT).bind(&stream);
        let mut state = State::default();
        for (event_type, payload) in select.fetch_all(&mut *connection).await? {
            state.apply(&BankEvent::decode(&event_type, &payload)?);
        }
        let (event_type, payload) = state.deposit(account)?.encode()?;
        let insert = sqlx::query(INSERT).bind(&stream).bind(state.version + 1);
        insert
            .bind(event_type)
            .bind(payload)
            .execute(&mut *connection)
            .await?;
        Ok(())
    }
}

/// The same with states kept in memory and a group commit: an insert takes what came while the others were under way.
#[derive(Clone)]
pub(crate) struct InPostgresGrouped {
    pool: InPostgres,
    states: Arc<Mutex<HashMap<u64, State>>>,
    queue: mpsc::UnboundedSender<Waiting>,
}

struct Waiting {
    stream: String,
    version: i64,
    event_type: &'static str,
    payload: String,
    done: oneshot::Sender<Result<(), Arc<sqlx::Error>>>,
}

impl InPostgresGrouped {
    pub(crate) async fn connect(url: &str) -> Result<Self, BoxError> {
        let pool = InPostgres::connect(url).await?;
        let (queue, waiting) = mpsc::unbounded_channel();
        let waiting = Arc::new(Turn::new(waiting));
        for _ in 0..WRITERS {
            tokio::spawn(write(pool.0.clone(), waiting.clone()));
        }
        Ok(Self {
            pool,
            states: Arc::default(),
            queue,
        })
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    async fn command(
        &self,
        account: u64,
        decide: impl FnOnce(State) -> Result<BankEvent, BoxError>,
    ) -> Result<(), BoxError> {
        let kept = self.lock().get(&account).copied();
        let mut state = kept.unwrap_or_default();
        let event = decide(state)?;
        let (event_type, payload) = event.encode()?;
        let (done, outcome) = oneshot::channel();
        let version = state.version + 1;
        let stream = stream(account);
        self.queue.send(Waiting {
            stream,
            version,
            event_type,
            payload,
            done,
        })?;
        outcome.await??;
        state.apply(&event);
        self.lock().insert(account, state);
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write(pool: PgPool, waiting: Arc<Turn<mpsc::UnboundedReceiver<Waiting>>>) {
    loop {
        let mut group = Vec::new();
        if waiting
            .lock()
            .await
            .recv_many(&mut group, MOST_TOGETHER)
            .await
            == 0
        {
            return;
        }
        let (mut streams, mut versions) = (Vec::new(), Vec::new());
        let (mut event_types, mut payloads, mut callers) = (Vec::new(), Vec::new(), Vec::new());
        for one in group {
            streams.push(one.stream);
            versions.push(one.version);
            event_types.push(one.event_type);
            payloads.push(one.payload);
            callers.push(one.done);
        }
        let insert = sqlx::query(INSERT_MANY).bind(streams).bind(versions);
        let outcome = insert.bind(event_types).bind(payloads).execute(&pool).await;
        let outcome = outcome.map(|_| ()).map_err(Arc::new);
        for caller in callers {
            // A caller who has gone does not want the answer.
            let _ = caller.send(outcome.clone());
        }
    }
}

impl Bank for InPostgresGrouped {
    async fn open(&self, account: u64) -> Result<(), BoxError> {
        self.command(account, |_| Ok(opened(account))).await
    }

    async fn deposit(&self, account: u64) -> Result<(), BoxError> {
        self.command(account, |state| state.deposit(account)).await
    }
}
