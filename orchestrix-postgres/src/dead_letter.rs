//! Dead letters of subscriptions.
//!
//! They are of all tenants, as the subscriptions are: with row-level security, every statement here is for everything.

use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::{
    CheckpointError, CheckpointMove, DeadLetter, DeadLetterRequest, DeadLetterSelection,
    GlobalPosition, StreamVersion,
};
use sqlx::Row;
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::Query;
use uuid::Uuid;

use crate::checkpoint::failed;
use crate::database::{Database, Lease, Purpose, Scope};
use crate::lease::fence;
use crate::read_model::{Places, Writing};
use crate::row::{Microseconds, signed, stream_id, unsigned};
use crate::schema::{Schema, Statement};

/// Reads and asks for dead letters, and keeps them with what moves a checkpoint.
#[derive(Debug)]
pub(crate) struct DeadLetters {
    database: Arc<Database>,
    list: Statement,
    due: Statement,
    request: Statement,
    count: Statement,
    move_with: Writing,
}

/// The documents that are written together with dead letters.
#[derive(Debug, Default)]
pub(crate) struct Writes<'a> {
    pub(crate) collection: &'a str,
    pub(crate) tenants: Vec<&'a str>,
    pub(crate) keys: Vec<&'a str>,
    pub(crate) bodies: Vec<Option<&'a str>>,
    pub(crate) places: Places<'a>,
    /// The build, if they are a build's.
    pub(crate) building: Option<(&'a str, u64)>,
}

impl DeadLetters {
    pub(crate) fn new(database: Arc<Database>, schema: &Schema) -> Self {
        Self {
            database,
            list: schema.statement(include_str!("dead_letter/list.sql")),
            due: schema.statement(include_str!("dead_letter/due.sql")),
            request: schema.statement(include_str!("dead_letter/request.sql")),
            count: schema
                .statement("select count(*) from {schema}.dead_letters where subscription = $1"),
            move_with: Writing::new(schema, include_str!("dead_letter/move.sql")),
        }
    }

    pub(crate) async fn list(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        let query = select(
            self.list.query().bind(subscription),
            subscription,
            selection,
        )?;
        let query = query.bind(signed(after.get())).bind(signed(limit as u64));
        self.letters(subscription, query).await
    }

    pub(crate) async fn due(
        &self,
        subscription: &str,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        let query = self.due.query().bind(subscription);
        let query = query.bind(signed(limit as u64));
        self.letters(subscription, query).await
    }

    pub(crate) async fn request(
        &self,
        subscription: &str,
        selection: &DeadLetterSelection,
        request: DeadLetterRequest,
    ) -> Result<u64, CheckpointError> {
        let query = self.request.query().bind(subscription);
        let query = select(query, subscription, selection)?.bind(request.to_string());
        self.number(subscription, query).await
    }

    pub(crate) async fn count(&self, subscription: &str) -> Result<u64, CheckpointError> {
        let query = self.count.query().bind(subscription);
        self.number(subscription, query).await
    }

    /// A connection for what [`Self::move_with`] does.
    pub(crate) async fn connection(&self, subscription: &str) -> Result<Lease, CheckpointError> {
        let leased = self
            .database
            .lease_for(Purpose::Subscription, Scope::Everything)
            .await;
        leased.map_err(|error| CheckpointError::Unavailable {
            subscription: subscription.to_owned(),
            source: error.into(),
        })
    }

    /// Moves a checkpoint with dead letters and documents, and says whether that was done: one statement, so one
    /// transaction and one round trip.
    pub(crate) async fn move_with(
        &self,
        connection: &mut Lease,
        moved: &CheckpointMove,
        writes: Writes<'_>,
    ) -> Result<bool, sqlx::Error> {
        let parked = &moved.parked;
        let numbers = |number: fn(&DeadLetter) -> u64| -> Vec<i64> {
            parked.iter().map(|letter| signed(number(letter))).collect()
        };
        let texts =
            |text: fn(&DeadLetter) -> &str| -> Vec<&str> { parked.iter().map(text).collect() };
        let settled: Vec<_> = moved.settled.iter().map(|at| signed(at.get())).collect();
        let ids: Vec<Uuid> = parked
            .iter()
            .map(|letter| letter.event_id.as_uuid())
            .collect();
        // The database knows no text with NUL.
        let errors: Vec<_> = parked
            .iter()
            .map(|letter| Some(letter.error.as_ref()?.replace('\0', "\u{fffd}")))
            .collect();
        let parked_at: Vec<_> = parked
            .iter()
            .map(|letter| Microseconds::floor(letter.parked_at))
            .collect();
        let failed_at: Vec<_> = parked
            .iter()
            .map(|letter| letter.failed_at.map(Microseconds::floor))
            .collect();
        let requests: Vec<_> = parked
            .iter()
            .map(|letter| letter.request.map(|request| request.to_string()))
            .collect();
        let (lease, token) = fence(moved.fence.as_ref());
        let query = self
            .move_with
            .statement(&writes.places)
            .query()
            .bind(&moved.subscription)
            .bind(signed(moved.expected.get()))
            .bind(signed(moved.position.get()))
            .bind(settled)
            .bind(numbers(|letter| letter.position.get()))
            .bind(texts(|letter| letter.stream.tenant().as_str()))
            .bind(texts(|letter| letter.stream.name()))
            .bind(numbers(|letter| letter.version.get()))
            .bind(ids)
            .bind(texts(|letter| &letter.event_type))
            .bind(numbers(|letter| u64::from(letter.attempts)))
            .bind(errors)
            .bind(parked_at)
            .bind(failed_at)
            .bind(writes.collection)
            .bind(writes.tenants)
            .bind(writes.keys)
            .bind(writes.bodies)
            .bind(requests)
            .bind(lease)
            .bind(token)
            .bind(moved.checkpoint())
            .bind(signed(moved.build))
            .bind(writes.building.map(|(read_model, _)| read_model))
            .bind(writes.building.map(|(_, build)| signed(build)));
        let query = writes.places.bind(query);
        Ok(connection.fetch_optional(query).await?.is_some())
    }

    /// Which of the letters to be settled is not there.
    pub(crate) async fn missing(
        &self,
        connection: &mut Lease,
        moved: &CheckpointMove,
    ) -> Result<Option<GlobalPosition>, CheckpointError> {
        for &position in &moved.settled {
            let at = DeadLetterSelection::At(position);
            let query = self.list.query().bind(&moved.subscription);
            let query = select(query, &moved.subscription, &at)?;
            let query = query.bind(-1_i64).bind(1_i64);
            let found = connection.fetch_optional(query).await;
            if found.map_err(failed(&moved.subscription))?.is_none() {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    async fn letters(
        &self,
        subscription: &str,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<DeadLetter>, CheckpointError> {
        let mut connection = self.connection(subscription).await?;
        let rows = connection.fetch_all(query).await;
        let rows = rows.map_err(failed(subscription))?;
        let letters = rows.iter().map(|row| letter(row, subscription));
        letters
            .collect::<Result<_, _>>()
            .map_err(|source| CheckpointError::Failed {
                subscription: subscription.to_owned(),
                source,
            })
    }

    async fn number(
        &self,
        subscription: &str,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<u64, CheckpointError> {
        let mut connection = self.connection(subscription).await?;
        let row = connection.fetch_one(query).await;
        let number = row.and_then(|row| row.try_get::<i64, _>(0));
        Ok(unsigned(number.map_err(failed(subscription))?))
    }
}

/// Binds what a selection compares with: tenant and stream, or a position.
fn select<'q>(
    query: Query<'q, Postgres, PgArguments>,
    subscription: &str,
    selection: &DeadLetterSelection,
) -> Result<Query<'q, Postgres, PgArguments>, CheckpointError> {
    let (stream, position) = match selection {
        DeadLetterSelection::All => (None, None),
        DeadLetterSelection::Stream(stream) => (Some(stream), None),
        DeadLetterSelection::At(position) => (None, Some(signed(position.get()))),
        other => {
            return Err(CheckpointError::Failed {
                subscription: subscription.to_owned(),
                source: format!("this store knows no dead letters by {other:?}").into(),
            });
        }
    };
    Ok(query
        .bind(stream.map(|stream| stream.tenant().as_str().to_owned()))
        .bind(stream.map(|stream| stream.name().to_owned()))
        .bind(position))
}

fn letter(row: &PgRow, subscription: &str) -> Result<DeadLetter, BoxError> {
    let request = match row.try_get::<Option<&str>, _>(10)? {
        None => None,
        Some("retry") => Some(DeadLetterRequest::Retry),
        Some("skip") => Some(DeadLetterRequest::Skip),
        Some(other) => return Err(format!("`{other}` is no request about a dead letter").into()),
    };
    let failed_at: Option<Microseconds> = row.try_get(9)?;
    Ok(DeadLetter {
        subscription: subscription.to_owned(),
        position: GlobalPosition::new(unsigned(row.try_get(0)?)),
        stream: stream_id(row.try_get(1)?, row.try_get(2)?)?,
        version: StreamVersion::new(unsigned(row.try_get(3)?)),
        event_id: MessageId::from_uuid(row.try_get(4)?),
        event_type: row.try_get(5)?,
        attempts: u32::try_from(row.try_get::<i64, _>(6)?)?,
        error: row.try_get(7)?,
        parked_at: row.try_get::<Microseconds, _>(8)?.timestamp()?,
        failed_at: failed_at.map(Microseconds::timestamp).transpose()?,
        request,
    })
}
