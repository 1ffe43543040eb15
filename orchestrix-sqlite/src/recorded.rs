//! From a row to an event.

use std::sync::Arc;

use jiff::Timestamp;
use orchestrix::error::BoxError;
use orchestrix::message::{MessageId, Metadata};
use orchestrix::store::{
    EventData, GlobalPosition, Payload, ReadError, RecordedEvent, StreamId, StreamVersion, Tag,
    TenantId,
};
use rusqlite::Row;
use rusqlite::types::ValueRef;
use uuid::Uuid;

use crate::failure::{DriverError, Failure};

/// Turns the rows of one page into events. Neighbours share the texts they have in common.
#[derive(Debug, Default)]
pub(crate) struct RowReader {
    tenant: Option<TenantId>,
    stream: Option<StreamId>,
    event_type: Option<Arc<str>>,
}

impl RowReader {
    /// A row that names its stream in the columns 9 (tenant) and 10 (stream).
    pub(crate) fn read(&mut self, row: &Row<'_>) -> Result<RecordedEvent, ReadError> {
        let tenant = text(row, 9, "tenant")?;
        let name = text(row, 10, "stream")?;
        let tenant = match self.tenant.take() {
            Some(same) if same.as_str() == tenant => same,
            _ => TenantId::new(tenant).map_err(|error| damaged(row, "tenant", error))?,
        };
        self.tenant = Some(tenant.clone());
        let stream = match self.stream.take() {
            Some(same) if same.name() == name && *same.tenant() == tenant => same,
            _ => name
                .parse::<StreamId>()
                .map_err(|error| damaged(row, "stream", error))?
                .with_tenant(tenant),
        };
        self.stream = Some(stream.clone());
        self.read_of(row, stream)
    }

    /// A row of a stream that is known.
    pub(crate) fn read_of(
        &mut self,
        row: &Row<'_>,
        stream: StreamId,
    ) -> Result<RecordedEvent, ReadError> {
        let mut data = EventData::known(
            event_id(row)?,
            occurred_at(row)?,
            self.event_type(text(row, 3, "event_type")?),
            number(row, 4, "schema_version", 0)?,
            payload(row)?,
        );
        if let Some(tags) = tags(row)? {
            data = data.with_tags(tags);
        }
        let metadata = text(row, 6, "metadata")?;
        if metadata != "{}" {
            data.metadata = serde_json::from_str::<Metadata>(metadata)
                .map_err(|error| damaged(row, "metadata", error))?;
        }
        Ok(RecordedEvent::new(
            GlobalPosition::new(number(row, 0, "position", 1)?),
            stream,
            StreamVersion::new(number(row, 1, "version", 1)?),
            data,
        ))
    }

    fn event_type(&mut self, name: &str) -> Arc<str> {
        match &self.event_type {
            Some(same) if **same == *name => same.clone(),
            _ => self.event_type.insert(name.into()).clone(),
        }
    }
}

/// Rounded down, as all stores do.
pub(crate) fn to_microseconds(time: Timestamp) -> i64 {
    // jiff's times lie within the years -9999 and 9999, which is about 2^58 microseconds.
    time.as_nanosecond().div_euclid(1_000) as i64
}

/// The first microsecond that does not lie before.
pub(crate) fn to_microseconds_up(time: Timestamp) -> i64 {
    let nanoseconds = time.as_nanosecond();
    to_microseconds(time) + i64::from(nanoseconds.rem_euclid(1_000) != 0)
}

fn occurred_at(row: &Row<'_>) -> Result<Timestamp, ReadError> {
    let microseconds = integer(row, 5, "occurred_at")?;
    // `from_microsecond` refuses the last second that jiff knows.
    Timestamp::from_nanosecond(i128::from(microseconds) * 1_000)
        .map_err(|error| damaged(row, "occurred_at", error))
}

fn payload(row: &Row<'_>) -> Result<Payload, ReadError> {
    if let ValueRef::Blob(bytes) = row.get_ref(7).map_err(failed)? {
        return Ok(Payload::binary(bytes.to_vec()));
    }
    let json = text(row, 7, "payload")?.to_owned();
    Ok(Payload::from_stored_text(json))
}

fn tags(row: &Row<'_>) -> Result<Option<Vec<Tag>>, ReadError> {
    if let ValueRef::Null = row.get_ref(8).map_err(failed)? {
        return Ok(None);
    }
    let tags = serde_json::from_str(text(row, 8, "tags")?);
    tags.map(Some).map_err(|error| damaged(row, "tags", error))
}

fn event_id(row: &Row<'_>) -> Result<MessageId, ReadError> {
    let column = "event_id";
    let bytes = row
        .get_ref(2)
        .map_err(failed)?
        .as_blob()
        .map_err(|error| damaged(row, column, error))?;
    let id = Uuid::from_slice(bytes).map_err(|error| damaged(row, column, error))?;
    Ok(MessageId::from_uuid(id))
}

fn text<'row>(
    row: &'row Row<'_>,
    index: usize,
    column: &'static str,
) -> Result<&'row str, ReadError> {
    row.get_ref(index)
        .map_err(failed)?
        .as_str()
        .map_err(|error| damaged(row, column, error))
}

fn integer(row: &Row<'_>, index: usize, column: &'static str) -> Result<i64, ReadError> {
    row.get_ref(index)
        .map_err(failed)?
        .as_i64()
        .map_err(|error| damaged(row, column, error))
}

/// A number of at least `least`.
fn number<T: TryFrom<i64>>(
    row: &Row<'_>,
    index: usize,
    column: &'static str,
    least: i64,
) -> Result<T, ReadError> {
    let number = integer(row, index, column)?;
    match T::try_from(number) {
        Ok(fitting) if number >= least => Ok(fitting),
        _ => Err(damaged(row, column, format!("{number} is out of range"))),
    }
}

fn failed(error: rusqlite::Error) -> ReadError {
    Failure::from(error).into()
}

fn damaged(row: &Row<'_>, column: &'static str, source: impl Into<BoxError>) -> ReadError {
    let place = match row.get_ref(0).map(|value| value.as_i64()) {
        Ok(Ok(position)) => format!("position {position}"),
        _ => "an unreadable position".to_owned(),
    };
    let error = DriverError::Column {
        column,
        source: source.into().into(),
    };
    ReadError::Corrupt {
        place,
        source: error.into(),
    }
}
