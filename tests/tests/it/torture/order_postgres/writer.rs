//! A writer, some of whose transactions dawdle or come to nothing.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::{Append, EventData, EventStore, ExpectedVersion, Payload, StreamId};
use orchestrix_postgres::PostgresStore;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use crate::torture::in_transaction::InTransaction;
use crate::torture::work::Seeded;

const STREAMS: u64 = 50;
const LARGEST_APPEND: u64 = 5;

/// Of a thousand transactions, so many are rolled back, and so many are held open after the append.
const ROLLED_BACK: u64 = 50;
const HELD: u64 = 50;
const HELD_LONGER: u64 = 5;
const HOLD: Duration = Duration::from_millis(250);
const LONGER: Duration = Duration::from_millis(500);

/// A writer to be.
pub(super) struct Writer {
    /// For transactions that are committed at once.
    store: PostgresStore,
    /// For the others.
    open: InTransaction,
    random: Seeded,
    /// How many events all writers have stored, and how many are enough.
    committed: watch::Sender<usize>,
    goal: usize,
}

/// What came of the writers' transactions.
#[derive(Default)]
pub(super) struct Written {
    /// The events that are stored, and since when that is known.
    pub(super) committed: HashMap<MessageId, Instant>,
    pub(super) rolled_back: Vec<MessageId>,
    pub(super) transactions: usize,
    pub(super) held: usize,
}

pub(super) async fn connect(
    store: PostgresStore,
    url: &Url,
    random: Seeded,
    committed: watch::Sender<usize>,
    goal: usize,
) -> Result<Writer, BoxError> {
    Ok(Writer {
        store,
        open: InTransaction::connect(url.as_str()).await?,
        random,
        committed,
        goal,
    })
}

/// Waits for all writers; the first failure ends them all.
pub(super) async fn join(
    mut writers: JoinSet<Result<Written, BoxError>>,
) -> Result<Written, BoxError> {
    let mut all = Written::default();
    while let Some(written) = writers.join_next().await {
        let written = written??;
        all.committed.extend(written.committed);
        all.rolled_back.extend(written.rolled_back);
        all.transactions += written.transactions;
        all.held += written.held;
    }
    Ok(all)
}

impl Writer {
    pub(super) async fn write(mut self) -> Result<Written, BoxError> {
        let mut written = Written::default();
        while *self.committed.borrow() < self.goal {
            let append = self.append()?;
            let ids: Vec<_> = append
                .writes()
                .iter()
                .flat_map(|write| write.events.iter().map(|event| event.event_id))
                .collect();
            written.transactions += 1;
            if self.store(append, &mut written).await? {
                let now = Instant::now();
                self.committed.send_modify(|events| *events += ids.len());
                written
                    .committed
                    .extend(ids.into_iter().map(|id| (id, now)));
            } else {
                written.rolled_back.extend(ids);
            }
        }
        self.open.close().await?;
        Ok(written)
    }

    /// Whether it was committed.
    async fn store(&mut self, append: Append, written: &mut Written) -> Result<bool, BoxError> {
        let hold = match self.random.below(1_000) {
            chance if chance < HELD => Some(HOLD),
            chance if chance < HELD + HELD_LONGER => Some(LONGER),
            _ => None,
        };
        let rolls_back = self.random.per_mille(ROLLED_BACK);
        if hold.is_none() && !rolls_back {
            self.store.append(vec![append]).await.remove(0)?;
            return Ok(true);
        }
        self.open.begin().await?;
        self.open.append(append).await?;
        if let Some(hold) = hold {
            written.held += 1;
            tokio::time::sleep(hold).await;
        }
        if rolls_back {
            self.open.rollback().await?;
        } else {
            self.open.commit().await?;
        }
        Ok(!rolls_back)
    }

    /// One to five events, now and then for two streams.
    fn append(&mut self) -> Result<Append, BoxError> {
        let events = 1 + self.random.below(LARGEST_APPEND);
        let first = self.random.below(STREAMS);
        let (here, there) = match events > 1 && self.random.per_mille(100) {
            true => (events - 1, 1),
            false => (events, 0),
        };
        let append = Append::new(stream(first)?, ExpectedVersion::Any, some(here)?);
        if there == 0 {
            return Ok(append);
        }
        let second = (first + 1 + self.random.below(STREAMS - 1)) % STREAMS;
        Ok(append.and(stream(second)?, ExpectedVersion::Any, some(there)?))
    }
}

fn stream(n: u64) -> Result<StreamId, BoxError> {
    Ok(StreamId::new("torture", &n.to_string())?)
}

fn some(events: u64) -> Result<Vec<EventData>, BoxError> {
    let payload = Payload::from_json_text("{}")?;
    let event = || EventData::new("Tortured", 1, payload.clone());
    Ok((0..events).map(|_| event()).collect())
}
