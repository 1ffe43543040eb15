//! What is to be done at a time.

use jiff::Timestamp;
use orchestrix::store::{
    Payload, ScheduleId, ScheduleOutcome, ScheduleStoreError, Scheduled, TenantId,
};
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, Row, params};

use crate::columns::{bounded, damaged, time};
use crate::failure::Failure;
use crate::job::Work;
use crate::payload::PayloadValue;
use crate::recorded::{to_microseconds, to_microseconds_up};
use crate::transaction::savepoint;

const PUT: &str = include_str!("sql/put_schedule.sql");
const FIND: &str = include_str!("sql/find_schedule.sql");
const DUE: &str = include_str!("sql/due_schedules.sql");
const CLAIM: &str = include_str!("sql/claim_schedule.sql");
const LIST: &str = include_str!("sql/list_schedules.sql");
const POSTPONE: &str = include_str!("sql/postpone_schedule.sql");
const EXTEND: &str = "UPDATE schedules SET next_attempt = ?4
    WHERE tenant = ?1 AND id = ?2 AND attempts = ?3 AND fired_at IS NULL";
const FIRE: &str = include_str!("sql/fire_schedule.sql");
const FORGET: &str = include_str!("sql/forget_schedules.sql");
const CANCEL: &str = "DELETE FROM schedules WHERE tenant = ?1 AND id = ?2 AND fired_at IS NULL";
const NEXT: &str = "SELECT min(next_attempt) FROM schedules WHERE fired_at IS NULL";

/// When the next one is to be begun.
pub(crate) fn next(connection: &Connection) -> Result<Option<Timestamp>, Failure> {
    let mut next = connection.prepare_cached(NEXT)?;
    let next: Option<i64> = next.query_row([], |row| row.get(0))?;
    Ok(next.map(|next| time(next, 0)).transpose()?)
}

pub(crate) fn list(
    connection: &Connection,
    tenant: &TenantId,
    after: Option<&ScheduleId>,
    limit: usize,
) -> Result<Vec<Scheduled>, Failure> {
    let after = after.map_or("", ScheduleId::as_str);
    let mut list = connection.prepare_cached(LIST)?;
    let rows = list.query_map(
        params![tenant.as_str(), after, bounded(limit as u64)],
        scheduled,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One of the calls of the port that write.
#[derive(Debug)]
pub(crate) struct Scheduling<T>(pub(crate) T);

/// What such a call does.
pub(crate) trait ScheduleCall: Send + 'static {
    type Answer: Send + 'static;

    /// Does it, with several statements.
    fn apply(
        &self,
        connection: &Connection,
    ) -> rusqlite::Result<Result<Self::Answer, ScheduleStoreError>>;
}

impl<T: ScheduleCall> Work for Scheduling<T> {
    type Outcome = Result<T::Answer, ScheduleStoreError>;

    fn weight(&self) -> usize {
        1
    }

    fn run(&self, connection: &Connection) -> rusqlite::Result<Self::Outcome> {
        let done = savepoint(connection, || self.0.apply(connection))?;
        Ok(done.unwrap_or_else(|error| Err(Failure::from(error).into_schedule())))
    }
}

#[derive(Debug)]
pub(crate) struct Put(pub(crate) Scheduled);

impl ScheduleCall for Put {
    type Answer = ScheduleOutcome;

    fn apply(
        &self,
        connection: &Connection,
    ) -> rusqlite::Result<Result<ScheduleOutcome, ScheduleStoreError>> {
        let Self(new) = self;
        let metadata = serde_json::to_string(&new.metadata)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        let put = connection.prepare_cached(PUT)?.execute(params![
            new.tenant.as_str(),
            new.id.as_str(),
            to_microseconds(new.due),
            to_microseconds(new.next_attempt),
            new.kind,
            new.name,
            PayloadValue(&new.payload),
            metadata,
            new.attempts,
            new.error,
        ])?;
        if put > 0 {
            return Ok(Ok(ScheduleOutcome::Scheduled { due: new.due }));
        }
        let mut find = connection.prepare_cached(FIND)?;
        let key = (new.tenant.as_str(), new.id.as_str());
        find.query_row(key, |row| {
            if let Some(at) = row.get(10)? {
                let at = time(at, 10)?;
                return Ok(Ok(ScheduleOutcome::Fired { at }));
            }
            let known = scheduled(row)?;
            Ok(match known.is_same_request(new) {
                true => Ok(ScheduleOutcome::Waiting { due: known.due }),
                false => Err(ScheduleStoreError::Taken {
                    id: new.id.clone(),
                    name: known.name,
                }),
            })
        })
    }
}

#[derive(Debug)]
pub(crate) struct Cancel {
    pub(crate) tenant: TenantId,
    pub(crate) id: ScheduleId,
}

impl ScheduleCall for Cancel {
    type Answer = bool;

    fn apply(&self, connection: &Connection) -> rusqlite::Result<Result<bool, ScheduleStoreError>> {
        let mut cancel = connection.prepare_cached(CANCEL)?;
        let cancelled = cancel.execute((self.tenant.as_str(), self.id.as_str()))?;
        Ok(Ok(cancelled > 0))
    }
}

#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) now: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) limit: usize,
}

impl ScheduleCall for Claim {
    type Answer = Vec<Scheduled>;

    fn apply(
        &self,
        connection: &Connection,
    ) -> rusqlite::Result<Result<Vec<Scheduled>, ScheduleStoreError>> {
        let mut due = connection.prepare_cached(DUE)?;
        let rows = due.query_map(
            (to_microseconds(self.now), bounded(self.limit as u64)),
            scheduled,
        )?;
        let mut claimed: Vec<Scheduled> = rows.collect::<rusqlite::Result<_>>()?;
        let mut claim = connection.prepare_cached(CLAIM)?;
        let until = to_microseconds(self.until);
        for scheduled in &mut claimed {
            claim.execute((scheduled.tenant.as_str(), scheduled.id.as_str(), until))?;
            scheduled.attempts = scheduled.attempts.saturating_add(1);
            scheduled.next_attempt = self.until;
        }
        Ok(Ok(claimed))
    }
}

#[derive(Debug)]
pub(crate) struct Extend {
    pub(crate) claimed: Scheduled,
    pub(crate) until: Timestamp,
}

impl ScheduleCall for Extend {
    type Answer = bool;

    fn apply(&self, connection: &Connection) -> rusqlite::Result<Result<bool, ScheduleStoreError>> {
        let mut extend = connection.prepare_cached(EXTEND)?;
        let extended = extend.execute(params![
            self.claimed.tenant.as_str(),
            self.claimed.id.as_str(),
            self.claimed.attempts,
            to_microseconds(self.until),
        ])?;
        Ok(Ok(extended > 0))
    }
}

#[derive(Debug)]
pub(crate) struct Postpone {
    pub(crate) claimed: Scheduled,
    pub(crate) until: Timestamp,
    pub(crate) error: String,
}

impl ScheduleCall for Postpone {
    type Answer = bool;

    fn apply(&self, connection: &Connection) -> rusqlite::Result<Result<bool, ScheduleStoreError>> {
        let mut postpone = connection.prepare_cached(POSTPONE)?;
        let postponed = postpone.execute(params![
            self.claimed.tenant.as_str(),
            self.claimed.id.as_str(),
            self.claimed.attempts,
            to_microseconds(self.until),
            self.error,
        ])?;
        Ok(Ok(postponed > 0))
    }
}

#[derive(Debug)]
pub(crate) struct Fire {
    pub(crate) claimed: Scheduled,
    pub(crate) at: Timestamp,
}

impl ScheduleCall for Fire {
    type Answer = bool;

    fn apply(&self, connection: &Connection) -> rusqlite::Result<Result<bool, ScheduleStoreError>> {
        let mut fire = connection.prepare_cached(FIRE)?;
        let fired = fire.execute(params![
            self.claimed.tenant.as_str(),
            self.claimed.id.as_str(),
            self.claimed.attempts,
            to_microseconds(self.at),
        ])?;
        Ok(Ok(fired > 0))
    }
}

#[derive(Debug)]
pub(crate) struct Forget {
    pub(crate) before: Timestamp,
    pub(crate) limit: usize,
}

impl ScheduleCall for Forget {
    type Answer = u64;

    fn apply(&self, connection: &Connection) -> rusqlite::Result<Result<u64, ScheduleStoreError>> {
        let mut forget = connection.prepare_cached(FORGET)?;
        let before = to_microseconds_up(self.before);
        Ok(Ok(
            forget.execute((before, bounded(self.limit as u64)))? as u64
        ))
    }
}

fn scheduled(row: &Row<'_>) -> rusqlite::Result<Scheduled> {
    let tenant = TenantId::new(row.get::<_, String>(0)?).map_err(damaged(0, Type::Text))?;
    let id = ScheduleId::new(row.get::<_, String>(1)?).map_err(damaged(1, Type::Text))?;
    let payload = match row.get_ref(6)? {
        ValueRef::Blob(bytes) => Payload::binary(bytes.to_vec()),
        text => Payload::from_stored_text(text.as_str()?.to_owned()),
    };
    let metadata: String = row.get(7)?;
    Ok(Scheduled {
        tenant,
        id,
        due: time(row.get(2)?, 2)?,
        next_attempt: time(row.get(3)?, 3)?,
        kind: row.get(4)?,
        name: row.get(5)?,
        payload,
        metadata: serde_json::from_str(&metadata).map_err(damaged(7, Type::Text))?,
        attempts: row.get(8)?,
        error: row.get(9)?,
    })
}
