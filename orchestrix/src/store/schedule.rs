//! What is to be done at a time, durably.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use serde::{Deserialize, Serialize};

use super::name::check_name;
use super::{NameError, Payload, TenantId};
use crate::error::BoxError;
use crate::message::Metadata;

/// Longest id of something scheduled, in bytes: with what is put before and behind it, it makes idempotency keys.
pub const MAX_SCHEDULE_ID_BYTES: usize = 200;

/// Names something scheduled, once and for all: unique within a tenant.
///
/// ```
/// use orchestrix::store::ScheduleId;
/// let id = ScheduleId::new("invoice-4711/reminder")?;
/// assert_eq!(id.as_str(), "invoice-4711/reminder");
/// assert!(ScheduleId::new("").is_err());
/// # Ok::<(), orchestrix::store::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScheduleId(Arc<str>);

impl ScheduleId {
    /// An id from its text.
    ///
    /// # Errors
    /// [`NameError`] when it is empty, longer than [`MAX_SCHEDULE_ID_BYTES`] or holds a control character.
    pub fn new(text: impl Into<Arc<str>>) -> Result<Self, NameError> {
        let text = text.into();
        check_name("schedule id", &text, MAX_SCHEDULE_ID_BYTES)?;
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ScheduleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ScheduleId {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl From<ScheduleId> for String {
    fn from(id: ScheduleId) -> Self {
        id.0.as_ref().to_owned()
    }
}

/// Something that is to be done at a time: a command to be dispatched, for instance.
///
/// Stores keep times in microseconds, rounded down.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheduled {
    /// Whose. With the id, what it is known by.
    pub tenant: TenantId,
    /// What it is called by those who scheduled it.
    pub id: ScheduleId,
    /// Not before this time.
    pub due: Timestamp,
    /// Who knows what to do with it: `command` for commands.
    pub kind: String,
    /// What it is among those of its kind: a command's name.
    pub name: String,
    /// Its content.
    pub payload: Payload,
    /// Where it comes from.
    pub metadata: Metadata,
    /// How often it was begun: each [claim](ScheduleStore::claim_scheduled) counts.
    pub attempts: u32,
    /// When it is to be begun next: when it is due, until it was begun once.
    pub next_attempt: Timestamp,
    /// How it failed the last time, with all causes.
    pub error: Option<String>,
}

impl Scheduled {
    /// Something to be done; the time is rounded up to microseconds.
    pub fn new(
        tenant: TenantId,
        id: ScheduleId,
        due: Timestamp,
        kind: impl Into<String>,
        name: impl Into<String>,
        payload: Payload,
    ) -> Self {
        let up = TimestampRound::new()
            .smallest(Unit::Microsecond)
            .mode(RoundMode::Ceil);
        // Only the last nanoseconds there are cannot be rounded up.
        let due = due.round(up).unwrap_or(due);
        Self {
            tenant,
            id,
            due,
            kind: kind.into(),
            name: name.into(),
            payload,
            metadata: Metadata::default(),
            attempts: 0,
            next_attempt: due,
            error: None,
        }
    }

    /// With this origin.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// For stores: whether another one under the same id asks for the same: kind, name and content. Time and origin may
    /// differ, for they do when somebody says again what was said before a crash. JSON is compared by its meaning.
    pub fn is_same_request(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.name == other.name
            && (self.payload == other.payload || is_same_json(&self.payload, &other.payload))
    }
}

fn is_same_json(one: &Payload, other: &Payload) -> bool {
    let value = |payload: &Payload| -> Option<serde_json::Value> {
        serde_json::from_str(payload.as_json()?).ok()
    };
    value(one).is_some_and(|one| value(other) == Some(one))
}

/// What came of scheduling something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScheduleOutcome {
    /// It is kept.
    Scheduled {
        /// When it is due.
        due: Timestamp,
    },
    /// It was scheduled before, and stays as it was.
    Waiting {
        /// When it is due.
        due: Timestamp,
    },
    /// It was scheduled before, and done: it is not done again.
    Fired {
        /// When it was done.
        at: Timestamp,
    },
}

/// Keeps what is to be done at a time. Whoever does it claims it first, for a while: so one of many does, and another one
/// when the first has died.
///
/// Times are the apps': a store has no clock of its own here.
///
/// ```
/// use std::time::Duration;
/// use jiff::Timestamp;
/// use orchestrix::store::{MemoryStore, Payload, ScheduleId, ScheduleOutcome, ScheduleStore, Scheduled, TenantId};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new();
/// let (noon, tenant) = ("2024-02-29T12:00:00Z".parse::<Timestamp>()?, TenantId::default());
/// let body = Payload::of(&serde_json::json!({ "invoice": 4711 }))?;
/// let remind = Scheduled::new(tenant, ScheduleId::new("4711")?, noon, "command", "Remind", body);
/// store.schedule(remind.clone()).await?;
/// assert_eq!(store.schedule(remind).await?, ScheduleOutcome::Waiting { due: noon });
///
/// let minute = Duration::from_secs(60);
/// let claimed = store.claim_scheduled(noon, noon + minute, 10).await?;
/// assert!(store.claim_scheduled(noon, noon + minute, 10).await?.is_empty());
/// assert!(store.fired(&claimed[0], noon).await?);
/// # Ok(()) }
/// ```
#[async_trait]
pub trait ScheduleStore: Send + Sync + 'static {
    /// Keeps something that is to be done at a time.
    ///
    /// - Under an id that waits, the [same request](Scheduled::is_same_request) changes nothing, and another one is
    ///   [`Taken`](ScheduleStoreError::Taken).
    /// - An id that was fired stays fired until it is [forgotten](Self::forget_fired), whatever is asked for.
    /// - An id that was cancelled is free.
    ///
    /// # Errors
    /// [`ScheduleStoreError`].
    async fn schedule(&self, scheduled: Scheduled) -> Result<ScheduleOutcome, ScheduleStoreError>;

    /// Takes back what waits under this id, and says whether there was something. One that was claimed may be under way.
    ///
    /// # Errors
    /// [`ScheduleStoreError`].
    async fn cancel_scheduled(
        &self,
        tenant: &TenantId,
        id: &ScheduleId,
    ) -> Result<bool, ScheduleStoreError>;

    /// Claims what is to be begun at `now` or before, until `until`, which is when it is to be begun again unless it is
    /// [done](Self::fired), [postponed](Self::postpone_scheduled) or [extended](Self::extend_scheduled) meanwhile. Of all tenants, by time and id, at most
    /// `limit`; each counts one more attempt. What one claims, nobody else does.
    ///
    /// # Errors
    /// [`ScheduleStoreError`].
    async fn claim_scheduled(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError>;

    /// When the next one of all tenants is to be begun; nothing when none waits.
    ///
    /// # Errors
    /// [`ScheduleStoreError`].
    async fn next_scheduled(&self) -> Result<Option<Timestamp>, ScheduleStoreError>;

    /// What was claimed is under way still, and its claim lasts until then. Changes nothing, and says so, where it was claimed
    /// anew, taken back or [done](Self::fired) meanwhile.
    ///
    /// # Errors
    /// [`ScheduleStoreError`].
    async fn extend_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
    ) -> Result<bool, ScheduleStoreError>;

    /// What was claimed has failed, and is to be begun again then. Changes nothing, and says so, where it was claimed anew or
    /// taken back meanwhile.
    ///
    /// # Errors
    /// [`ScheduleStoreError`].
    async fn postpone_scheduled(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
        error: &str,
    ) -> Result<bool, ScheduleStoreError>;

    /// What was claimed is done: it does not wait any more, and its id is remembered. Changes nothing, and says so, where it
    /// was claimed anew or taken back meanwhile.
    ///
    /// # Errors
    /// [`ScheduleStoreError`].
    async fn fired(&self, claimed: &Scheduled, at: Timestamp) -> Result<bool, ScheduleStoreError>;

    /// What waits of a tenant, by id behind `after`, at most `limit`.
    ///
    /// # Errors
    /// [`ScheduleStoreError`].
    async fn scheduled(
        &self,
        tenant: &TenantId,
        after: Option<&ScheduleId>,
        limit: usize,
    ) -> Result<Vec<Scheduled>, ScheduleStoreError>;

    /// Forgets ids that were fired before a time, at most `limit`, and says how many.
    ///
    /// # Errors
    /// [`ScheduleStoreError`].
    async fn forget_fired(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, ScheduleStoreError>;
}

/// Why a store did not do what was asked about something scheduled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleStoreError {
    /// Something else waits under that id. Nothing was changed.
    #[error("the schedule id `{id}` is taken by another request, `{name}`")]
    Taken {
        /// The id.
        id: ScheduleId,
        /// The name of what waits.
        name: String,
    },
    /// The store cannot be reached or is too busy: it may work later. Whether it was done is not known when the connection
    /// broke meanwhile; all of the calls can be made again.
    #[error("the store is unavailable for what is scheduled")]
    Unavailable {
        /// What the driver said.
        source: BoxError,
    },
    /// The store failed.
    #[error("the store failed to keep what is scheduled")]
    Failed {
        /// What the driver said.
        source: BoxError,
    },
}

impl ScheduleStoreError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
