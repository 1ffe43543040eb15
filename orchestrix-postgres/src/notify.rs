//! Wake-ups: of the readers here, and between processes by NOTIFY. They only hint; a lost one costs a reader the time
//! until it looks by itself.

use std::sync::Arc;
use std::time::Duration;

use orchestrix::store::ChangeSignal;
use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::database::Database;
use crate::head::Head;
use crate::schema::Schema;

/// Other processes hear of our appends at most this often: each NOTIFY takes a lock that all committing sessions of the
/// server share.
const BETWEEN_NOTIFICATIONS: Duration = Duration::from_millis(5);
/// How soon a head that was held back is looked at again, at first and at last.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(50));
/// How soon a lost LISTEN connection is made again, at first and at last.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Wakes readers.
#[derive(Debug)]
pub(crate) struct Waker {
    changes: ChangeSignal,
    appended: Arc<Notify>,
    channel: String,
    /// By which a process knows its own notifications.
    origin: String,
}

impl Waker {
    pub(crate) fn new(schema: &Schema) -> Self {
        Self {
            changes: ChangeSignal::new(),
            appended: Arc::new(Notify::new()),
            channel: format!("orchestrix_{}", schema.name()),
            origin: Uuid::now_v7().to_string(),
        }
    }

    pub(crate) fn changes(&self) -> &ChangeSignal {
        &self.changes
    }

    /// Something was appended here.
    pub(crate) fn appended(&self) {
        self.changes.wake();
        self.appended.notify_one();
    }

    /// Tells other processes of appends, for ever.
    pub(crate) fn notify(
        &self,
        database: Arc<Database>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let appended = self.appended.clone();
        let (channel, origin) = (self.channel.clone(), self.origin.clone());
        async move {
            loop {
                appended.notified().await;
                if let Ok(mut connection) = database.acquire().await {
                    let sent = sqlx::query("select pg_notify($1, $2)")
                        .bind(&channel)
                        .bind(&origin)
                        .execute(&mut *connection)
                        .await;
                    if let Err(error) = sent {
                        tracing::debug!(%error, "a wake-up for other processes was not sent");
                    }
                }
                tokio::time::sleep(BETWEEN_NOTIFICATIONS).await;
            }
        }
    }

    /// Wakes readers here when other processes append, for ever. The pool is for the one connection it takes.
    pub(crate) fn listen(&self, pool: PgPool) -> impl Future<Output = ()> + Send + 'static {
        let (channel, origin) = (self.channel.clone(), self.origin.clone());
        let changes = self.changes.clone();
        async move {
            let (mut pause, longest) = RECONNECT;
            loop {
                let mut connected = false;
                let lost = async {
                    let mut listener = PgListener::connect_with(&pool).await?;
                    listener.eager_reconnect(false);
                    listener.listen(&channel).await?;
                    connected = true;
                    // Whatever was appended before this moment was not heard of.
                    changes.wake();
                    while let Some(notification) = listener.try_recv().await? {
                        if notification.payload() != origin {
                            changes.wake();
                        }
                    }
                    Ok::<(), sqlx::Error>(())
                };
                if let Err(error) = lost.await {
                    tracing::debug!(%error, "the connection for wake-ups was lost");
                }
                pause = if connected {
                    RECONNECT.0
                } else {
                    (pause * 2).min(longest)
                };
                tokio::time::sleep(pause).await;
            }
        }
    }

    /// Looks at a head that was held back until it goes on, as long as anybody reads, for ever.
    pub(crate) fn follow(&self, head: Arc<Head>) -> impl Future<Output = ()> + Send + 'static {
        let changes = self.changes.clone();
        async move {
            loop {
                head.until_held_back().await;
                let (mut pause, longest) = LOOK_AGAIN;
                while head.is_held_back() && changes.readers() > 0 {
                    tokio::time::sleep(pause).await;
                    let before = head.known();
                    // Without a database readers find that out themselves.
                    let Ok(now) = head.advance().await else { break };
                    pause = (pause * 2).min(longest);
                    if now > before {
                        changes.wake();
                        pause = LOOK_AGAIN.0;
                    }
                }
            }
        }
    }
}
