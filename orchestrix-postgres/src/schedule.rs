//! What is to be done at a time.

use std::sync::Arc;

use jiff::Timestamp;
use orchestrix::error::BoxError;
use orchestrix::store::{
    Payload, ScheduleId, ScheduleOutcome, ScheduleStoreError, Scheduled, TenantId,
};
use sqlx::Row;
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::Query;

use crate::database::{Database, Purpose, Scope};
use crate::error::Fault;
use crate::row::{Microseconds, signed, unsigned};
use crate::schema::{Schema, Statement};

/// An id that is there is looked up; it may be taken back in between, and then there is room for another one.
const ATTEMPTS: usize = 10;

/// Keeps what is scheduled.
#[derive(Debug)]
pub(crate) struct Schedules {
    database: Arc<Database>,
    put: Statement,
    find: Statement,
    cancel: Statement,
    claim: Statement,
    next: Statement,
    extend: Statement,
    postpone: Statement,
    fire: Statement,
    list: Statement,
    forget: Statement,
}

type Outcome<T> = Result<T, ScheduleStoreError>;

impl Schedules {
    pub(crate) fn new(database: Arc<Database>, schema: &Schema) -> Self {
        Self {
            database,
            put: schema.statement(include_str!("schedule/put.sql")),
            find: schema.statement(include_str!("schedule/find.sql")),
            cancel: schema.statement(
                "delete from {schema}.schedules where tenant = $1 and id = $2 and fired_at is null returning 1",
            ),
            claim: schema.statement(include_str!("schedule/claim.sql")),
            next: schema.statement(
                "select min(next_attempt) from {schema}.schedules where fired_at is null",
            ),
            extend: schema.statement(
                "update {schema}.schedules set next_attempt = $4 \
                 where tenant = $1 and id = $2 and attempts = $3 and fired_at is null returning 1",
            ),
            postpone: schema.statement(include_str!("schedule/postpone.sql")),
            fire: schema.statement(include_str!("schedule/fire.sql")),
            list: schema.statement(include_str!("schedule/list.sql")),
            forget: schema.statement(include_str!("schedule/forget.sql")),
        }
    }

    pub(crate) async fn schedule(&self, new: Scheduled) -> Outcome<ScheduleOutcome> {
        let metadata = serde_json::to_string(&new.metadata).map_err(damaged)?;
        let scope = Scope::of(&new.tenant);
        for _ in 0..ATTEMPTS {
            let query = self
                .put
                .query()
                .bind(new.tenant.as_str())
                .bind(new.id.as_str())
                .bind(Microseconds::floor(new.due))
                .bind(Microseconds::floor(new.next_attempt))
                .bind(text(&new.kind))
                .bind(text(&new.name))
                .bind(new.payload.as_json())
                .bind(new.payload.is_binary().then(|| new.payload.as_bytes()))
                .bind(metadata.as_str())
                .bind(i64::from(new.attempts))
                .bind(new.error.as_deref().map(text));
            if !self.rows(scope.clone(), query).await?.is_empty() {
                return Ok(ScheduleOutcome::Scheduled { due: new.due });
            }
            let find = self.find.query().bind(new.tenant.as_str());
            let rows = self.rows(scope.clone(), find.bind(new.id.as_str())).await?;
            let Some(row) = rows.first() else {
                continue;
            };
            let fired_at: Option<Microseconds> = row.try_get(11).map_err(failed)?;
            if let Some(at) = fired_at {
                let at = at.timestamp().map_err(damaged)?;
                return Ok(ScheduleOutcome::Fired { at });
            }
            let known = scheduled(row).map_err(damaged)?;
            return match known.is_same_request(&new) {
                true => Ok(ScheduleOutcome::Waiting { due: known.due }),
                false => Err(ScheduleStoreError::Taken {
                    id: new.id,
                    name: known.name,
                }),
            };
        }
        Err(ScheduleStoreError::Unavailable {
            source: format!("others schedule and cancel `{}` all the time", new.id).into(),
        })
    }

    pub(crate) async fn cancel(&self, tenant: &TenantId, id: &ScheduleId) -> Outcome<bool> {
        let query = self.cancel.query().bind(tenant.as_str());
        let rows = self
            .rows(Scope::of(tenant), query.bind(id.as_str()))
            .await?;
        Ok(!rows.is_empty())
    }

    pub(crate) async fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Outcome<Vec<Scheduled>> {
        let query = self
            .claim
            .query()
            .bind(Microseconds::floor(now))
            .bind(Microseconds::floor(until))
            .bind(signed(limit as u64));
        self.list_of(Scope::Everything, query).await
    }

    pub(crate) async fn next(&self) -> Outcome<Option<Timestamp>> {
        let rows = self.rows(Scope::Everything, self.next.query()).await?;
        let next = rows.first().map(|row| row.try_get(0)).transpose();
        let next: Option<Microseconds> = next.map_err(failed)?.flatten();
        next.map(|next| next.timestamp().map_err(damaged))
            .transpose()
    }

    pub(crate) async fn extend(&self, claimed: &Scheduled, until: Timestamp) -> Outcome<bool> {
        let query = of_claimed(&self.extend, claimed).bind(Microseconds::floor(until));
        let rows = self.rows(Scope::of(&claimed.tenant), query).await?;
        Ok(!rows.is_empty())
    }

    pub(crate) async fn postpone(
        &self,
        claimed: &Scheduled,
        until: Timestamp,
        error: &str,
    ) -> Outcome<bool> {
        let query = of_claimed(&self.postpone, claimed).bind(Microseconds::floor(until));
        let scope = Scope::of(&claimed.tenant);
        let rows = self.rows(scope, query.bind(text(error))).await?;
        Ok(!rows.is_empty())
    }

    pub(crate) async fn fired(&self, claimed: &Scheduled, at: Timestamp) -> Outcome<bool> {
        let query = of_claimed(&self.fire, claimed).bind(Microseconds::floor(at));
        let rows = self.rows(Scope::of(&claimed.tenant), query).await?;
        Ok(!rows.is_empty())
    }

    pub(crate) async fn list(
        &self,
        tenant: &TenantId,
        after: Option<&ScheduleId>,
        limit: usize,
    ) -> Outcome<Vec<Scheduled>> {
        let query = self
            .list
            .query()
            .bind(tenant.as_str())
            .bind(after.map_or("", ScheduleId::as_str))
            .bind(signed(limit as u64));
        self.list_of(Scope::of(tenant), query).await
    }

    pub(crate) async fn forget(&self, before: Timestamp, limit: usize) -> Outcome<u64> {
        let query = self.forget.query().bind(Microseconds::ceiling(before));
        let query = query.bind(signed(limit as u64));
        let rows = self.rows(Scope::Everything, query).await?;
        let count = rows.first().map(|row| row.try_get(0)).transpose();
        Ok(unsigned(count.map_err(failed)?.unwrap_or(0)))
    }

    async fn list_of(
        &self,
        scope: Scope,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Outcome<Vec<Scheduled>> {
        let rows = self.rows(scope, query).await?;
        let list = rows.iter().map(scheduled).collect::<Result<_, _>>();
        list.map_err(damaged)
    }

    async fn rows(
        &self,
        scope: Scope,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Outcome<Vec<PgRow>> {
        let leased = self.database.lease_for(Purpose::Command, scope).await;
        let mut connection = leased.map_err(|error| ScheduleStoreError::Unavailable {
            source: error.into(),
        })?;
        connection.fetch_all(query).await.map_err(failed)
    }
}

/// What is known of a claim, as the first three arguments.
fn of_claimed<'q>(
    statement: &'q Statement,
    claimed: &'q Scheduled,
) -> Query<'q, Postgres, PgArguments> {
    statement
        .query()
        .bind(claimed.tenant.as_str())
        .bind(claimed.id.as_str())
        .bind(i64::from(claimed.attempts))
}

fn scheduled(row: &PgRow) -> Result<Scheduled, BoxError> {
    let payload = match row.try_get(6)? {
        Some(json) => Payload::from_stored_text(json),
        None => Payload::binary(row.try_get::<Vec<u8>, _>(7)?),
    };
    Ok(Scheduled {
        tenant: TenantId::new(row.try_get::<&str, _>(0)?)?,
        id: ScheduleId::new(row.try_get::<&str, _>(1)?)?,
        due: row.try_get::<Microseconds, _>(2)?.timestamp()?,
        next_attempt: row.try_get::<Microseconds, _>(3)?.timestamp()?,
        kind: row.try_get(4)?,
        name: row.try_get(5)?,
        payload,
        metadata: serde_json::from_str(row.try_get(8)?)?,
        attempts: u32::try_from(row.try_get::<i64, _>(9)?)?,
        error: row.try_get(10)?,
    })
}

/// The database knows no text with NUL.
fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn damaged(error: impl Into<BoxError>) -> ScheduleStoreError {
    ScheduleStoreError::Failed {
        source: error.into(),
    }
}

fn failed(error: sqlx::Error) -> ScheduleStoreError {
    let is_transient = Fault::of(&error).is_transient();
    let source: BoxError = error.into();
    match is_transient {
        // Each of the calls can be made again.
        true => ScheduleStoreError::Unavailable { source },
        false => ScheduleStoreError::Failed { source },
    }
}
