//! How far streams are folded into read models, and the appends that write documents.

use orchestrix::store::{
    AppendError, InlinePlace, InlineWrite, Payload, ProgressMove, Rebuild, StreamId, StreamVersion,
    StreamWrite,
};
use rusqlite::{Connection, OptionalExtension};

use crate::failure::Failure;
use crate::{read_model, rebuild};

const LOAD: &str =
    "SELECT version FROM stream_progress WHERE collection = ?1 AND tenant = ?2 AND stream = ?3";
const PUT: &str = include_str!("sql/put_stream_progress.sql");

/// How far these streams are folded, all of one moment.
pub(crate) fn stream_progress(
    connection: &Connection,
    name: &str,
    streams: &[StreamId],
) -> Result<Vec<StreamVersion>, Failure> {
    let snapshot = connection.unchecked_transaction()?;
    let build = rebuild::build(&snapshot, name)?;
    let collection = Rebuild::collection(name, build);
    let versions = streams
        .iter()
        .map(|stream| load(&snapshot, &collection, stream));
    Ok(versions.collect::<rusqlite::Result<_>>()?)
}

/// Where a stream is in the builds of a read model, all of one moment.
pub(crate) fn places(
    connection: &Connection,
    read_model: &str,
    stream: &StreamId,
) -> Result<Vec<InlinePlace>, Failure> {
    let snapshot = connection.unchecked_transaction()?;
    let mut places = Vec::with_capacity(2);
    for build in builds(&snapshot, read_model)? {
        let collection = Rebuild::collection(read_model, build);
        let body = read_model::body(&snapshot, &collection, stream)?;
        places.push(InlinePlace {
            build,
            progress: load(&snapshot, &collection, stream)?,
            document: body.map(Payload::from_stored_text),
        });
    }
    Ok(places)
}

/// Does the inline writes of an append that its events were just inserted for, or says which is not as it was seen. It has
/// several statements: a refusal is for the caller to undo.
pub(crate) fn write(
    connection: &Connection,
    inline: &[InlineWrite],
    writes: &[StreamWrite],
) -> rusqlite::Result<Result<(), AppendError>> {
    for one in inline {
        let builds = builds(connection, &one.read_model)?;
        let is_named = |build: &u64| {
            let mut others = inline.iter();
            others.any(|other| {
                (&other.read_model, &other.stream, other.build)
                    == (&one.read_model, &one.stream, *build)
            })
        };
        let collection = one.collection();
        let is_as_seen = builds.contains(&one.build)
            && builds.iter().all(is_named)
            && load(connection, &collection, &one.stream)? == one.from;
        if !is_as_seen {
            return Ok(Err(one.moved()));
        }
        if let Some(moved) = one.progress(writes) {
            put(connection, &collection, &moved)?;
        }
        if let Some(write) = &one.write {
            let write = std::slice::from_ref(write);
            read_model::write(connection, &collection, &one.indexes, write)?;
        }
    }
    Ok(Ok(()))
}

/// Moves progress on; says which was not where it is expected. Those before it have moved by then.
pub(crate) fn move_all<'a>(
    connection: &Connection,
    collection: &str,
    moves: &'a [ProgressMove],
) -> rusqlite::Result<Result<(), &'a ProgressMove>> {
    for moved in moves {
        if load(connection, collection, &moved.stream)? != moved.from {
            return Ok(Err(moved));
        }
        put(connection, collection, moved)?;
    }
    Ok(Ok(()))
}

/// The build that is read, and the one that is under way.
fn builds(connection: &Connection, read_model: &str) -> rusqlite::Result<Vec<u64>> {
    let mut builds = vec![rebuild::build(connection, read_model)?];
    builds.extend(rebuild::under_way(connection, read_model)?);
    Ok(builds)
}

fn load(
    connection: &Connection,
    collection: &str,
    stream: &StreamId,
) -> rusqlite::Result<StreamVersion> {
    let mut load = connection.prepare_cached(LOAD)?;
    let of_stream = (collection, stream.tenant().as_str(), stream.name());
    let version: Option<i64> = load.query_row(of_stream, |row| row.get(0)).optional()?;
    Ok(version.map_or(StreamVersion::NONE, |version| {
        StreamVersion::new(version.unsigned_abs())
    }))
}

fn put(connection: &Connection, collection: &str, moved: &ProgressMove) -> rusqlite::Result<()> {
    let version = i64::try_from(moved.to.get())
        .map_err(|beyond| rusqlite::Error::ToSqlConversionFailure(beyond.into()))?;
    let (tenant, stream) = (moved.stream.tenant().as_str(), moved.stream.name());
    let mut put = connection.prepare_cached(PUT)?;
    put.execute((collection, tenant, stream, version))?;
    Ok(())
}
