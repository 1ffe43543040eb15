//! Dead letters of subscriptions.

use orchestrix::message::MessageId;
use orchestrix::store::{
    CheckpointError, DeadLetter, DeadLetterRequest, DeadLetterSelection, GlobalPosition, StreamId,
    StreamVersion, TenantId,
};
use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use crate::columns::{bounded, damaged, time};
use crate::failure::Failure;
use crate::job::Work;
use crate::recorded::to_microseconds;
use crate::transaction::one_statement;

const LIST: &str = include_str!("sql/dead_letters.sql");
const DUE: &str = include_str!("sql/due_dead_letters.sql");
const PUT: &str = include_str!("sql/put_dead_letter.sql");
const REQUEST: &str = include_str!("sql/request_dead_letters.sql");
const DELETE: &str = "DELETE FROM dead_letters WHERE subscription = ?1 AND position = ?2";
const COUNT: &str = "SELECT count(*) FROM dead_letters WHERE subscription = ?1";

/// What a selection compares with: a tenant and a stream, a position, or nothing.
type Chosen<'a> = (Option<&'a str>, Option<&'a str>, Option<i64>);

pub(crate) fn list(
    connection: &Connection,
    subscription: &str,
    selection: &DeadLetterSelection,
    after: GlobalPosition,
    limit: usize,
) -> Result<Vec<DeadLetter>, Failure> {
    let (tenant, stream, position) = chosen(selection)?;
    let (after, limit) = (bounded(after.get()), bounded(limit as u64));
    let mut list = connection.prepare_cached(LIST)?;
    let rows = list.query_map(
        params![subscription, tenant, stream, position, after, limit],
        |row| letter(row, subscription),
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn due(
    connection: &Connection,
    subscription: &str,
    limit: usize,
) -> Result<Vec<DeadLetter>, Failure> {
    let mut due = connection.prepare_cached(DUE)?;
    let rows = due.query_map(params![subscription, bounded(limit as u64)], |row| {
        letter(row, subscription)
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn count(connection: &Connection, subscription: &str) -> Result<u64, Failure> {
    let mut count = connection.prepare_cached(COUNT)?;
    let count: i64 = count.query_row([subscription], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Settles some and keeps others, with several statements.
pub(crate) fn replace(
    connection: &Connection,
    subscription: &str,
    parked: &[DeadLetter],
    settled: &[GlobalPosition],
) -> rusqlite::Result<Result<(), CheckpointError>> {
    let mut delete = connection.prepare_cached(DELETE)?;
    for &position in settled {
        if delete.execute(params![subscription, bounded(position.get())])? == 0 {
            return Ok(Err(CheckpointError::NotParked {
                subscription: subscription.to_owned(),
                position,
            }));
        }
    }
    let mut put = connection.prepare_cached(PUT)?;
    for letter in parked {
        put.execute(params![
            subscription,
            bounded(letter.position.get()),
            letter.stream.tenant().as_str(),
            letter.stream.name(),
            bounded(letter.version.get()),
            letter.event_id.as_uuid().as_bytes(),
            letter.event_type,
            letter.attempts,
            letter.error,
            to_microseconds(letter.parked_at),
            letter.failed_at.map(to_microseconds),
            letter.request.map(|request| request.to_string()),
        ])?;
    }
    Ok(Ok(()))
}

/// Somebody asks for something to be done about some of them.
#[derive(Debug)]
pub(crate) struct RequestDeadLetters {
    pub(crate) subscription: String,
    pub(crate) selection: DeadLetterSelection,
    pub(crate) request: DeadLetterRequest,
}

impl Work for RequestDeadLetters {
    type Outcome = Result<u64, CheckpointError>;

    fn weight(&self) -> usize {
        1
    }

    fn run(&self, connection: &Connection) -> rusqlite::Result<Self::Outcome> {
        let requested = one_statement(connection, || {
            let (tenant, stream, position) = chosen(&self.selection)?;
            let request = self.request.to_string();
            let mut statement = connection.prepare_cached(REQUEST)?;
            statement.execute(params![
                self.subscription,
                tenant,
                stream,
                position,
                request
            ])
        })?;
        let failed = |error| Failure::from(error).into_checkpoint(self.subscription.clone());
        Ok(requested.map(|rows| rows as u64).map_err(failed))
    }
}

fn chosen(selection: &DeadLetterSelection) -> rusqlite::Result<Chosen<'_>> {
    match selection {
        DeadLetterSelection::All => Ok((None, None, None)),
        DeadLetterSelection::Stream(stream) => {
            Ok((Some(stream.tenant().as_str()), Some(stream.name()), None))
        }
        DeadLetterSelection::At(position) => Ok((None, None, Some(bounded(position.get())))),
        other => Err(rusqlite::Error::ToSqlConversionFailure(
            format!("this store knows no dead letters by {other:?}").into(),
        )),
    }
}

fn letter(row: &Row<'_>, subscription: &str) -> rusqlite::Result<DeadLetter> {
    let tenant = TenantId::new(row.get::<_, String>(1)?).map_err(damaged(1, Type::Text))?;
    let stream: StreamId = row
        .get::<_, String>(2)?
        .parse()
        .map_err(damaged(2, Type::Text))?;
    let id = Uuid::from_slice(&row.get::<_, Vec<u8>>(4)?).map_err(damaged(4, Type::Blob))?;
    let request = match row.get::<_, Option<String>>(10)?.as_deref() {
        None => None,
        Some("retry") => Some(DeadLetterRequest::Retry),
        Some("skip") => Some(DeadLetterRequest::Skip),
        Some(other) => {
            let unknown = format!("`{other}` is no request about a dead letter");
            return Err(damaged(10, Type::Text)(unknown));
        }
    };
    Ok(DeadLetter {
        subscription: subscription.to_owned(),
        position: GlobalPosition::new(row.get::<_, i64>(0)?.unsigned_abs()),
        stream: stream.with_tenant(tenant),
        version: StreamVersion::new(row.get::<_, i64>(3)?.unsigned_abs()),
        event_id: MessageId::from_uuid(id),
        event_type: row.get(5)?,
        attempts: row.get(6)?,
        error: row.get(7)?,
        parked_at: time(row.get(8)?, 8)?,
        failed_at: row
            .get::<_, Option<i64>>(9)?
            .map(|microseconds| time(microseconds, 9))
            .transpose()?,
        request,
    })
}
