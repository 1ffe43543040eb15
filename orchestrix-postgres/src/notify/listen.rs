//! Hearing of what other processes append.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use orchestrix::store::ChangeSignal;
use orchestrix::telemetry;
use sqlx::postgres::{PgListener, PgPool};
use sqlx::{Acquire, Connection};
use tokio::time::timeout;

use crate::database::{Database, within};

/// How soon a lost LISTEN connection is made again, at first and at last.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// The room for the connection that is listened on now, if any.
#[derive(Debug, Clone, Default)]
pub(super) struct Listening(Arc<Mutex<Option<PgPool>>>);

impl Listening {
    fn put(&self, pool: PgPool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(pool);
    }

    pub(super) fn take(&self) -> Option<PgPool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Listens to one channel.
#[derive(Debug)]
pub(super) struct Ear {
    pub(super) database: Arc<Database>,
    pub(super) changes: ChangeSignal,
    pub(super) channel: String,
    pub(super) origin: String,
}

impl Ear {
    /// Wakes readers here when other processes append, for ever.
    pub(super) async fn listen(self, listening: Listening) {
        let (mut pause, longest) = RECONNECT;
        loop {
            // Room of its own for each connection: the driver says farewell on the last one in the background, and
            // takes its time where nobody answers.
            let pool = self.database.beside();
            listening.put(pool.clone());
            let mut has_listened = false;
            if let Err(error) = self.until_lost(&pool, &mut has_listened).await {
                tracing::debug!(
                    { telemetry::ERROR } = %error,
                    "the connection for wake-ups was lost"
                );
            }
            pause = if has_listened {
                RECONNECT.0
            } else {
                (pause * 2).min(longest)
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn until_lost(&self, pool: &PgPool, has_listened: &mut bool) -> Result<(), sqlx::Error> {
        let limit = self.database.answer_timeout();
        let mut listener = PgListener::connect_with(pool).await?;
        listener.eager_reconnect(false);
        within(limit, listener.listen(&self.channel)).await?;
        *has_listened = true;
        // Whatever was appended before this moment was not heard of.
        self.changes.wake();
        loop {
            match timeout(limit, listener.try_recv()).await {
                Ok(received) => match received? {
                    Some(notification) if notification.payload() == self.origin => {}
                    Some(_of_others) => self.changes.wake(),
                    None => return Ok(()),
                },
                // Nobody appends, or nobody is there.
                Err(_elapsed) => within(limit, listener.acquire().await?.ping()).await?,
            }
        }
    }
}
