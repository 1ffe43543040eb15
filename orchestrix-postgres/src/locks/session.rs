//! The session that all locks of a store are taken on.

use std::sync::Arc;

use sqlx::postgres::{PgConnection, PgDatabaseError, PgSeverity};
use sqlx::{Connection, Row};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

use crate::PostgresError;
use crate::database::{Database, within};

/// A server that hears nothing from us for so many seconds asks, and after a few questions without an answer it ends
/// the session and its locks. By itself it would wait for two hours.
const KEEPALIVE: &str = "select set_config('tcp_keepalives_idle', '15', false),
       set_config('tcp_keepalives_interval', '5', false),
       set_config('tcp_keepalives_count', '3', false)";
const TRY_LOCK: &str = "select pg_try_advisory_lock($1)";
const UNLOCK: &str = "select pg_advisory_unlock($1)";
const IS_HELD: &str = include_str!("is_held.sql");

/// Why the session has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum SessionError {
    /// There is none, and it could not be made.
    #[error("there is no session for locks")]
    NoSession(#[source] PostgresError),
    /// Its answer is an error.
    #[error("the session for locks failed")]
    Driver(#[source] sqlx::Error),
}

/// One session, made when it is needed, and made anew after it was lost. Locks go with it.
#[derive(Debug)]
pub(super) struct LockSession {
    database: Arc<Database>,
    current: Mutex<Sessions>,
}

#[derive(Debug, Default)]
struct Sessions {
    /// How many there have been: the number of the last one.
    made: u64,
    connection: Option<PgConnection>,
}

impl LockSession {
    pub(super) fn new(database: Arc<Database>) -> Self {
        Self {
            database,
            current: Mutex::default(),
        }
    }

    /// Takes the lock and gives the number of the session that has it, unless another session has it.
    pub(super) async fn try_lock(&self, id: i64) -> Result<Option<u64>, SessionError> {
        let mut sessions = self.turn().await?;
        let is_new = sessions.connection.is_none();
        if is_new {
            self.connect(&mut sessions).await?;
        }
        let mut answer = self.ask(&mut sessions, TRY_LOCK, id).await;
        // A session that broke before anybody noticed has taken nothing; what a new one says counts.
        if !is_new && sessions.connection.is_none() && !is_timeout(&answer) {
            self.connect(&mut sessions).await?;
            answer = self.ask(&mut sessions, TRY_LOCK, id).await;
        }
        let is_taken = answer.map_err(SessionError::Driver)?;
        Ok(is_taken.then_some(sessions.made))
    }

    /// Whether that session still is there and has the lock.
    pub(super) async fn is_held(&self, number: u64, id: i64) -> Result<bool, SessionError> {
        self.ask_that(number, IS_HELD, id).await
    }

    /// Whether that session had the lock until now.
    pub(super) async fn unlock(&self, number: u64, id: i64) -> Result<bool, SessionError> {
        self.ask_that(number, UNLOCK, id).await
    }

    /// Ends that session, and its locks with it.
    pub(super) async fn end(&self, number: u64) {
        let mut sessions = self.current.lock().await;
        if sessions.made == number {
            sessions.connection = None;
        }
    }

    /// Ends the session that there is.
    pub(super) async fn close(&self) {
        let limit = self.database.answer_timeout();
        let Ok(mut sessions) = timeout(limit, self.current.lock()).await else {
            return;
        };
        if let Some(connection) = sessions.connection.take() {
            // Dropped where this takes too long, which ends it too.
            let _ = within(limit, connection.close()).await;
        }
    }

    /// Asks a session that was there; where it is lost by now, the answer is no.
    async fn ask_that(
        &self,
        number: u64,
        question: &'static str,
        id: i64,
    ) -> Result<bool, SessionError> {
        let mut sessions = self.turn().await?;
        if sessions.made != number || sessions.connection.is_none() {
            return Ok(false);
        }
        match self.ask(&mut sessions, question, id).await {
            Err(error) if sessions.connection.is_some() => Err(SessionError::Driver(error)),
            Err(_lost) => Ok(false),
            Ok(answer) => Ok(answer),
        }
    }

    /// Who comes while the session is silent does not wait as long again for it as each of those before.
    async fn turn(&self) -> Result<MutexGuard<'_, Sessions>, SessionError> {
        let limit = self.database.acquire_timeout();
        let turn = timeout(limit, self.current.lock()).await;
        turn.map_err(|_elapsed| {
            SessionError::NoSession(PostgresError::Exhausted {
                connections: 1,
                waited: limit,
            })
        })
    }

    async fn connect(&self, sessions: &mut Sessions) -> Result<(), SessionError> {
        if self.database.is_closed() {
            return Err(SessionError::NoSession(PostgresError::Closed));
        }
        // The pool ends with this call; the connection is nobody's but ours.
        let acquired = self.database.beside().acquire().await;
        let mut connection = acquired.map_err(SessionError::Driver)?.detach();
        let limit = self.database.answer_timeout();
        within(limit, sqlx::query(KEEPALIVE).execute(&mut connection))
            .await
            .map_err(SessionError::Driver)?;
        sessions.made += 1;
        sessions.connection = Some(connection);
        Ok(())
    }

    /// The answer to a question about a lock, within the answer time-out. A session that may be broken is dropped.
    async fn ask(
        &self,
        sessions: &mut Sessions,
        question: &'static str,
        id: i64,
    ) -> Result<bool, sqlx::Error> {
        // Taken, and put back only when it has answered, so that it is gone too when this is dropped.
        let mut connection = sessions
            .connection
            .take()
            .ok_or(sqlx::Error::WorkerCrashed)?;
        let query = sqlx::query(question).bind(id).fetch_one(&mut connection);
        let answer = within(self.database.answer_timeout(), query).await;
        if answer.as_ref().err().is_none_or(leaves_session) {
            sessions.connection = Some(connection);
        }
        answer.and_then(|row| row.try_get(0))
    }
}

/// Whether the session goes on after this error.
fn leaves_session(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
        .is_some_and(|error| !matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

fn is_timeout(answer: &Result<bool, sqlx::Error>) -> bool {
    matches!(answer, Err(sqlx::Error::Io(error)) if error.kind() == std::io::ErrorKind::TimedOut)
}
