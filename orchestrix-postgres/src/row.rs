//! Rows of the log, and the types of their columns.

use std::fmt::Display;
use std::sync::Arc;

use jiff::Timestamp;
use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::{
    EventData, GlobalPosition, NameError, Payload, ReadError, RecordedEvent, StreamId,
    StreamVersion, Tag, TenantId,
};
use sqlx::encode::IsNull;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgRow, PgTypeInfo, PgValueRef};
use sqlx::{Decode, Encode, Postgres, Row, Type};

/// Microseconds from the Unix epoch to PostgreSQL's, 2000-01-01.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

/// The first microsecond that a `timestamptz` can hold, in the year 4713 BC.
const FIRST_MICROSECOND: i64 = -211_813_488_000_000_000;

/// A `timestamptz`: microseconds since 2000-01-01 UTC, as the server keeps them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Microseconds(i64);

impl Microseconds {
    /// The time, rounded down.
    pub(crate) fn floor(time: Timestamp) -> Self {
        // Time stamps reach to the years -9999 and 9999: some 4e17 microseconds.
        Self(time.as_nanosecond().div_euclid(1_000) as i64 - POSTGRES_EPOCH)
    }

    /// The time, rounded up: what is kept is not below a time just when it is not below this. Below what the server can
    /// hold, it is its `-infinity`.
    pub(crate) fn ceiling(time: Timestamp) -> Self {
        let below = Self::floor(time).0;
        let is_between = time.as_nanosecond().rem_euclid(1_000) != 0;
        match below + i64::from(is_between) {
            ..FIRST_MICROSECOND => Self(i64::MIN),
            microseconds => Self(microseconds),
        }
    }

    pub(crate) fn timestamp(self) -> Result<Timestamp, jiff::Error> {
        // Not by microseconds: that refuses the last second of the range, which can be stored.
        let microseconds = i128::from(self.0) + i128::from(POSTGRES_EPOCH);
        Timestamp::from_nanosecond(microseconds * 1_000)
    }
}

impl Type<Postgres> for Microseconds {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1184))
    }
}

impl PgHasArrayType for Microseconds {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1185))
    }
}

impl Encode<'_, Postgres> for Microseconds {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxError> {
        buffer.extend_from_slice(&self.0.to_be_bytes());
        Ok(IsNull::No)
    }
}

impl<'r> Decode<'r, Postgres> for Microseconds {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxError> {
        Ok(Self(i64::from_be_bytes(value.as_bytes()?.try_into()?)))
    }
}

/// Numbers the database keeps as `bigint` and never lets fall below zero.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// As a `bigint`; what is beyond is beyond anything stored, too.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What stands between the tags of one event, where they are sent as one text. No tag holds it, for it is a control
/// character.
pub(crate) const TAG_SEPARATOR: char = '\u{1f}';

/// The event in a row that has the columns position, tenant, stream, version, event id, event type, schema version,
/// time, metadata, JSON payload, binary payload and tags, in this order.
pub(crate) fn event(row: &PgRow) -> Result<RecordedEvent, ReadError> {
    let position = row
        .try_get(0)
        .map_err(|error| corrupt("an unknown position", error))?;
    decode(row, position).map_err(|error| corrupt(format_args!("position {position}"), error))
}

fn corrupt(place: impl Display, source: impl Into<BoxError>) -> ReadError {
    ReadError::Corrupt {
        place: place.to_string(),
        source: source.into(),
    }
}

fn decode(row: &PgRow, position: i64) -> Result<RecordedEvent, BoxError> {
    let tenant: &str = row.try_get(1)?;
    let stream = stream_id(tenant, row.try_get(2)?)?;
    let version: i64 = row.try_get(3)?;
    let event_type: Arc<str> = row.try_get::<&str, _>(5)?.into();
    let schema_version = u32::try_from(row.try_get::<i64, _>(6)?)?;
    let payload = match row.try_get(9)? {
        Some(json) => Payload::from_stored_text(json),
        None => Payload::binary(row.try_get::<Vec<u8>, _>(10)?),
    };
    let event_id = MessageId::from_uuid(row.try_get(4)?);
    let occurred_at = row.try_get::<Microseconds, _>(7)?.timestamp()?;
    let mut data = EventData::known(event_id, occurred_at, event_type, schema_version, payload);
    let metadata: &str = row.try_get(8)?;
    if metadata != "{}" {
        data.metadata = serde_json::from_str(metadata)?;
    }
    if let Some(tags) = row.try_get::<Option<Vec<String>>, _>(11)? {
        let tags: Result<Vec<_>, _> = tags.into_iter().map(Tag::new).collect();
        data = data.with_tags(tags?);
    }
    Ok(RecordedEvent::new(
        GlobalPosition::new(u64::try_from(position)?),
        stream,
        StreamVersion::new(u64::try_from(version)?),
        data,
    ))
}

/// A stream as its columns have it.
pub(crate) fn stream_id(tenant: &str, stream: &str) -> Result<StreamId, NameError> {
    let stream = stream.parse::<StreamId>()?;
    Ok(match tenant {
        TenantId::DEFAULT => stream,
        tenant => stream.with_tenant(TenantId::new(tenant)?),
    })
}
