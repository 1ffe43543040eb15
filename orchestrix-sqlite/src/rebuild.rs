//! Builds of read models.

use orchestrix::store::{
    CheckpointError, GlobalPosition, ReadModelError, ReadModelUpkeep, Rebuild, SwitchBuild,
};
use rusqlite::{Connection, OptionalExtension, params};

use crate::checkpoint;
use crate::failure::Failure;
use crate::job::Work;
use crate::lease;
use crate::transaction::all_or_nothing;

const BUILD: &str = "SELECT build FROM checkpoints WHERE subscription = ?1";
const UNDER_WAY: &str = "SELECT build FROM rebuilds WHERE read_model = ?1";
const BEGIN: &str = "INSERT INTO rebuilds (read_model, build) VALUES (?1, ?2)";
const REBUILDS: &str = "SELECT read_model, build FROM rebuilds ORDER BY read_model";
const DROPPED: &str = "SELECT collection FROM dropped_collections ORDER BY collection";
const IS_DROPPED: &str = "SELECT 1 FROM dropped_collections WHERE collection = ?1";
const DROP: &str =
    "INSERT INTO dropped_collections (collection) VALUES (?1) ON CONFLICT DO NOTHING";
const FORGET_DROPPED: &str = "DELETE FROM dropped_collections WHERE collection = ?1";
const PURGE: &str = include_str!("sql/purge_documents.sql");
const PURGE_INDEXES: &str = include_str!("sql/purge_indexes.sql");
const PURGE_PROGRESS: &str = include_str!("sql/purge_stream_progress.sql");
const END: &str = "DELETE FROM rebuilds WHERE read_model = ?1";
const NO_CHECKPOINT: &str = "DELETE FROM checkpoints WHERE subscription = ?1";
const PUT_CHECKPOINT: &str = include_str!("sql/put_build.sql");
const FORGET_LETTERS: &str = "DELETE FROM dead_letters WHERE subscription = ?1";
const TAKE_LETTERS: &str = "UPDATE dead_letters SET subscription = ?2 WHERE subscription = ?1";
const NAMES: &str = include_str!("sql/read_models.sql");

/// The build that is read now.
pub(crate) fn build(connection: &Connection, read_model: &str) -> rusqlite::Result<u64> {
    number(connection, BUILD, read_model).map(|build| build.unwrap_or(0))
}

/// Whether this build is under way.
pub(crate) fn is_under_way(
    connection: &Connection,
    read_model: &str,
    build: u64,
) -> rusqlite::Result<bool> {
    under_way(connection, read_model).map(|under_way| under_way == Some(build))
}

/// The build that is under way, if any.
pub(crate) fn under_way(
    connection: &Connection,
    read_model: &str,
) -> rusqlite::Result<Option<u64>> {
    number(connection, UNDER_WAY, read_model)
}

pub(crate) fn upkeep(connection: &Connection) -> Result<ReadModelUpkeep, Failure> {
    let mut rebuilds = connection.prepare_cached(REBUILDS)?;
    let under_way = rebuilds.query_map([], |row| {
        let read_model: String = row.get(0)?;
        let build = row.get::<_, i64>(1)?.unsigned_abs();
        let collection = Rebuild::collection(&read_model, build);
        Ok(Rebuild {
            position: checkpoint::load(connection, &collection)?,
            read_model,
            build,
        })
    })?;
    let mut dropped = connection.prepare_cached(DROPPED)?;
    let dropped = dropped.query_map([], |row| row.get(0))?;
    Ok(ReadModelUpkeep {
        rebuilds: under_way.collect::<rusqlite::Result<_>>()?,
        dropped: dropped.collect::<rusqlite::Result<_>>()?,
    })
}

pub(crate) fn names(connection: &Connection, prefix: &str) -> Result<Vec<String>, Failure> {
    let mut names = connection.prepare_cached(NAMES)?;
    let rows = names.query_map([prefix], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What is done about the builds of a read model.
#[derive(Debug)]
pub(crate) struct Rebuilding<T> {
    pub(crate) read_model: String,
    pub(crate) what: T,
}

/// One of the calls of the port that write.
pub(crate) trait RebuildCall: Send + 'static {
    type Answer: Send + 'static;

    /// Does it, with several statements.
    fn apply(
        &self,
        read_model: &str,
        connection: &Connection,
    ) -> rusqlite::Result<Result<Self::Answer, ReadModelError>>;
}

impl<T: RebuildCall> Work for Rebuilding<T> {
    type Outcome = Result<T::Answer, ReadModelError>;

    fn weight(&self) -> usize {
        1
    }

    fn run(&self, connection: &Connection) -> rusqlite::Result<Self::Outcome> {
        let apply = || self.what.apply(&self.read_model, connection);
        Ok(match all_or_nothing(connection, apply)? {
            Ok(outcome) => outcome,
            Err(error) => Err(Failure::from(error).into_read_model(self.read_model.clone())),
        })
    }
}

#[derive(Debug)]
pub(crate) struct Begin;

#[derive(Debug)]
pub(crate) struct Switch(pub(crate) SwitchBuild);

#[derive(Debug)]
pub(crate) struct Drop;

#[derive(Debug)]
pub(crate) struct Purge {
    pub(crate) limit: usize,
}

impl RebuildCall for Begin {
    type Answer = u64;

    fn apply(
        &self,
        read_model: &str,
        connection: &Connection,
    ) -> rusqlite::Result<Result<u64, ReadModelError>> {
        if let Some(under_way) = number(connection, UNDER_WAY, read_model)? {
            return Ok(Ok(under_way));
        }
        let next = next_build(connection, read_model)?;
        connection
            .prepare_cached(BEGIN)?
            .execute(params![read_model, signed(next)])?;
        Ok(Ok(next))
    }
}

impl RebuildCall for Switch {
    type Answer = bool;

    fn apply(
        &self,
        read_model: &str,
        connection: &Connection,
    ) -> rusqlite::Result<Result<bool, ReadModelError>> {
        let SwitchBuild {
            build, at, fence, ..
        } = &self.0;
        if let Some(fence) = fence
            && !lease::holds(connection, fence)?
        {
            return Ok(Err(CheckpointError::Fenced {
                subscription: read_model.to_owned(),
                lease: fence.lease.to_string(),
            }
            .into()));
        }
        if !is_under_way(connection, read_model, *build)? {
            return Ok(Err(ReadModelError::NotBuilding {
                read_model: read_model.to_owned(),
                build: *build,
            }));
        }
        let collection = Rebuild::collection(read_model, *build);
        let actual = checkpoint::load(connection, &collection)?;
        if actual != *at {
            return Ok(Err(CheckpointError::Moved {
                subscription: collection,
                expected: *at,
                actual,
            }
            .into()));
        }
        if checkpoint::load(connection, read_model)? > *at {
            return Ok(Ok(false));
        }
        let old = Rebuild::collection(read_model, self::build(connection, read_model)?);
        for (statement, of) in [
            (DROP, &*old),
            (END, read_model),
            (NO_CHECKPOINT, &*collection),
            (FORGET_LETTERS, read_model),
        ] {
            connection.prepare_cached(statement)?.execute([of])?;
        }
        connection
            .prepare_cached(TAKE_LETTERS)?
            .execute([&*collection, read_model])?;
        put(connection, read_model, *at, *build)?;
        Ok(Ok(true))
    }
}

impl RebuildCall for Drop {
    type Answer = ();

    fn apply(
        &self,
        read_model: &str,
        connection: &Connection,
    ) -> rusqlite::Result<Result<(), ReadModelError>> {
        if let Some((read_model, build)) = Rebuild::of_collection(read_model) {
            if is_under_way(connection, read_model, build)? {
                give_up_build(connection, read_model)?;
            }
            return Ok(Ok(()));
        }
        give_up_build(connection, read_model)?;
        let documents = Rebuild::collection(read_model, build(connection, read_model)?);
        for (statement, of) in [(DROP, &*documents), (FORGET_LETTERS, read_model)] {
            connection.prepare_cached(statement)?.execute([of])?;
        }
        // Should it come back, its documents are none of those that are being deleted.
        let next = next_build(connection, read_model)?;
        put(connection, read_model, GlobalPosition::START, next)?;
        Ok(Ok(()))
    }
}

/// The one that is under way, if any.
fn give_up_build(connection: &Connection, read_model: &str) -> rusqlite::Result<()> {
    let Some(build) = number(connection, UNDER_WAY, read_model)? else {
        return Ok(());
    };
    let collection = Rebuild::collection(read_model, build);
    for (statement, of) in [
        (END, read_model),
        (NO_CHECKPOINT, &*collection),
        (FORGET_LETTERS, &*collection),
        (DROP, &*collection),
    ] {
        connection.prepare_cached(statement)?.execute([of])?;
    }
    Ok(())
}

/// The number of a build whose documents are nobody's yet.
fn next_build(connection: &Connection, read_model: &str) -> rusqlite::Result<u64> {
    let mut next = build(connection, read_model)? + 1;
    let mut is_dropped = connection.prepare_cached(IS_DROPPED)?;
    while is_dropped.exists([Rebuild::collection(read_model, next)])? {
        next += 1;
    }
    Ok(next)
}

impl RebuildCall for Purge {
    type Answer = u64;

    fn apply(
        &self,
        collection: &str,
        connection: &Connection,
    ) -> rusqlite::Result<Result<u64, ReadModelError>> {
        let limit = signed(self.limit as u64);
        connection
            .prepare_cached(PURGE_INDEXES)?
            .execute(params![collection, limit])?;
        let mut purge = connection.prepare_cached(PURGE)?;
        let mut purged = purge.execute(params![collection, limit])?;
        if purged < self.limit {
            let left = signed((self.limit - purged) as u64);
            let mut purge = connection.prepare_cached(PURGE_PROGRESS)?;
            purged += purge.execute(params![collection, left])?;
        }
        if purged < self.limit {
            connection
                .prepare_cached(FORGET_DROPPED)?
                .execute([collection])?;
        }
        Ok(Ok(purged as u64))
    }
}

fn put(
    connection: &Connection,
    name: &str,
    at: GlobalPosition,
    build: u64,
) -> rusqlite::Result<()> {
    let mut put = connection.prepare_cached(PUT_CHECKPOINT)?;
    put.execute(params![name, signed(at.get()), signed(build)])?;
    Ok(())
}

fn number(connection: &Connection, sql: &str, of: &str) -> rusqlite::Result<Option<u64>> {
    let found: Option<i64> = connection
        .prepare_cached(sql)?
        .query_row([of], |row| row.get(0))
        .optional()?;
    Ok(found.map(i64::unsigned_abs))
}

/// As a number of SQLite; positions and builds never come near its end.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
