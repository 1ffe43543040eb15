//! Wake-ups: of the readers here, and between processes by NOTIFY. They only hint; a lost one costs a reader the time
//! until it looks by itself.

mod listen;

use std::sync::Arc;
use std::time::Duration;

use orchestrix::store::ChangeSignal;
use orchestrix::telemetry;
use tokio::sync::Notify;
use tokio::time::timeout;
use uuid::Uuid;

use crate::database::{Database, Purpose};
use crate::head::Head;
use crate::schema::Schema;
use listen::{Ear, Listening};

/// Other processes hear of our appends at most this often: each NOTIFY takes a lock that all committing sessions of the
/// server share.
const BETWEEN_NOTIFICATIONS: Duration = Duration::from_millis(5);
/// How soon a head that was held back is looked at again, at first and at last.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(50));

/// Wakes readers.
#[derive(Debug)]
pub(crate) struct Waker {
    changes: ChangeSignal,
    appended: Arc<Notify>,
    channel: String,
    /// By which a process knows its own notifications.
    origin: String,
    listening: Listening,
}

impl Waker {
    pub(crate) fn new(schema: &Schema) -> Self {
        Self {
            changes: ChangeSignal::new(),
            appended: Arc::new(Notify::new()),
            channel: format!("orchestrix_{}", schema.name()),
            origin: Uuid::now_v7().to_string(),
            listening: Listening::default(),
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
                if let Ok(mut connection) = database.lease(Purpose::Subscription).await {
                    let query = sqlx::query("select pg_notify($1, $2)")
                        .bind(&channel)
                        .bind(&origin);
                    if let Err(error) = connection.fetch_all(query).await {
                        tracing::debug!(
                            { telemetry::ERROR } = %error,
                            "a wake-up for other processes was not sent"
                        );
                    }
                }
                tokio::time::sleep(BETWEEN_NOTIFICATIONS).await;
            }
        }
    }

    /// Wakes readers here when other processes append, for ever.
    pub(crate) fn listen(
        &self,
        database: Arc<Database>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let ear = Ear {
            database,
            changes: self.changes.clone(),
            channel: self.channel.clone(),
            origin: self.origin.clone(),
        };
        ear.listen(self.listening.clone())
    }

    /// Waits, once nobody listens any more, until the connection for it is closed; not for longer than that.
    pub(crate) async fn end_listening(&self, limit: Duration) {
        if let Some(pool) = self.listening.take() {
            let _ = timeout(limit, pool.close()).await;
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
