//! How far streams are folded into read models, and the documents that are written with it.

use std::sync::Arc;

use orchestrix::store::{
    Append, InlinePlace, InlineWrite, Payload, ProgressMove, ReadModelError, StreamId,
    StreamVersion,
};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::database::{Database, Lease, Purpose, Scope};
use crate::read_model::{Places, failed, unavailable};
use crate::row::{signed, stream_id, unsigned};
use crate::schema::{Schema, Statement};

/// Where documents go is worked out as in `read_model/commit.sql`.
const WRITE: &str = "\
select moved_tenant, moved_stream
  from {schema}.write_progressed(
           case when $1 <> $2 then {schema}.current_collection($1) when $3 = 0 then $1 else $1 || '~' || $3 end,
           $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

/// Reads progress, and writes it with documents.
#[derive(Debug)]
pub(crate) struct Progress {
    database: Arc<Database>,
    streams: Statement,
    places: Statement,
    write: Statement,
}

/// The documents of a page of events, for a collection.
pub(crate) struct Page<'a> {
    pub(crate) collection: &'a str,
    pub(crate) checkpoint: &'a str,
    pub(crate) build: u64,
    pub(crate) moves: &'a [ProgressMove],
    pub(crate) tenants: Vec<&'a str>,
    pub(crate) keys: Vec<&'a str>,
    pub(crate) bodies: Vec<Option<&'a str>>,
    pub(crate) places: Places<'a>,
}

impl Progress {
    pub(crate) fn new(database: Arc<Database>, schema: &Schema) -> Self {
        Self {
            database,
            streams: schema.statement(include_str!("progress/streams.sql")),
            places: schema.statement(include_str!("progress/places.sql")),
            write: schema.statement(WRITE),
        }
    }

    /// How far these streams are folded, in their order.
    pub(crate) async fn of_streams(
        &self,
        collection: &str,
        streams: &[StreamId],
    ) -> Result<Vec<StreamVersion>, ReadModelError> {
        let scope = Scope::of_all(streams.iter().map(StreamId::tenant));
        let leased = self.database.lease_for(Purpose::Subscription, scope).await;
        let mut connection = leased.map_err(unavailable(collection))?;
        let tenants: Vec<_> = streams.iter().map(|one| one.tenant().as_str()).collect();
        let names: Vec<_> = streams.iter().map(StreamId::name).collect();
        let query = self.streams.query().bind(collection);
        let rows = connection.fetch_all(query.bind(tenants).bind(names)).await;
        let rows = rows.map_err(failed(collection))?;
        let versions = rows.iter().map(|row| Ok(version(row.try_get(0)?)));
        let versions: Result<_, sqlx::Error> = versions.collect();
        versions.map_err(failed(collection))
    }

    /// Where a stream is in the builds of a read model.
    pub(crate) async fn places(
        &self,
        read_model: &str,
        stream: &StreamId,
    ) -> Result<Vec<InlinePlace>, ReadModelError> {
        let scope = Scope::of(stream.tenant());
        let leased = self.database.lease_for(Purpose::Command, scope).await;
        let mut connection = leased.map_err(unavailable(read_model))?;
        let query = self
            .places
            .query()
            .bind(read_model)
            .bind(stream.tenant().as_str())
            .bind(stream.name())
            .bind(stream.key());
        let rows = connection.fetch_all(query).await;
        let rows = rows.map_err(failed(read_model))?;
        let places: Result<_, _> = rows.iter().map(place).collect();
        places.map_err(failed(read_model))
    }

    /// Writes what belongs to a page, within a transaction; tells the stream whose progress is elsewhere, if there is one.
    pub(crate) async fn write(
        &self,
        connection: &mut Lease,
        page: Page<'_>,
    ) -> Result<Option<StreamId>, sqlx::Error> {
        let moves = page.moves.iter();
        let tenants: Vec<_> = moves
            .clone()
            .map(|moved| moved.stream.tenant().as_str())
            .collect();
        let streams: Vec<_> = moves.clone().map(|moved| moved.stream.name()).collect();
        let froms: Vec<_> = moves
            .clone()
            .map(|moved| signed(moved.from.get()))
            .collect();
        let tos: Vec<_> = moves.map(|moved| signed(moved.to.get())).collect();
        let query = self
            .write
            .query()
            .bind(page.collection)
            .bind(page.checkpoint)
            .bind(signed(page.build))
            .bind(tenants)
            .bind(streams)
            .bind(froms)
            .bind(tos)
            .bind(page.tenants)
            .bind(page.keys)
            .bind(page.bodies);
        let row = connection.fetch_one(page.places.bind_all(query)).await?;
        let tenant: Option<String> = row.try_get(0)?;
        let name: Option<String> = row.try_get(1)?;
        let moved = tenant.zip(name);
        let moved = moved.map(|(tenant, name)| stream_id(&tenant, &name));
        moved
            .transpose()
            .map_err(|error| sqlx::Error::Decode(error.into()))
    }
}

/// One inline write of an append, as `write_inlines` takes it.
pub(crate) fn json(one: &InlineWrite, append: &Append) -> Result<String, serde_json::Error> {
    let of_stream = append
        .inline()
        .iter()
        .filter(|other| (&other.read_model, &other.stream) == (&one.read_model, &one.stream));
    let mut builds: Vec<_> = of_stream.map(|other| other.build).collect();
    builds.sort_unstable();
    let moved = one.progress(append.writes());
    let document = one.write.iter();
    let keys: Vec<_> = document.clone().map(|write| &write.key).collect();
    // No document of an append is binary: `Append::check` refuses it.
    let bodies: Vec<_> = document
        .clone()
        .map(|write| write.body.as_ref().and_then(Payload::as_json))
        .collect();
    let values = document.flat_map(|write| &write.index_values);
    let values: Vec<_> = values.map(|value| hex(value)).collect();
    let places: Vec<_> = one.indexes.iter().take(values.len()).collect();
    serde_json::to_string(&serde_json::json!({
        "name": one.read_model,
        "builds": builds,
        "build": one.build,
        "tenant": one.stream.tenant().as_str(),
        "stream": one.stream.name(),
        "before": one.from.get(),
        "behind": moved.map_or(one.from, |moved| moved.to).get(),
        "keys": keys,
        "bodies": bodies,
        "indexes": one.indexes,
        "places": places,
        "values": values,
    }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn place(row: &PgRow) -> Result<InlinePlace, sqlx::Error> {
    let body: Option<String> = row.try_get(2)?;
    Ok(InlinePlace {
        build: unsigned(row.try_get(0)?),
        progress: version(row.try_get(1)?),
        document: body.map(Payload::from_stored_text),
    })
}

fn version(number: i64) -> StreamVersion {
    StreamVersion::new(unsigned(number))
}
