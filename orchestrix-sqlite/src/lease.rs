//! Leases on checkpoints, among the processes that share a file. Their clock is the machine's.

use std::time::Duration;

use jiff::Timestamp;
use orchestrix::store::{Fence, Lease, LeaseError, LeaseView, MAX_LEASE, Node, NodeId};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, params};

use crate::columns::damaged;
use crate::failure::Failure;
use crate::job::Work;
use crate::recorded::to_microseconds;
use crate::transaction::savepoint;

const ANNOUNCE: &str = include_str!("sql/announce_node.sql");
const FORGET: &str = "DELETE FROM nodes WHERE expires_at <= ?1";
const RENEW: &str = "UPDATE leases SET expires_at = ?2 WHERE node = ?1 AND expires_at > ?3";
const NODES: &str = "SELECT node, wants, beats FROM nodes ORDER BY node";
const LEASES: &str = include_str!("sql/leases.sql");
const ACQUIRE: &str = include_str!("sql/acquire_lease.sql");
const RELEASE: &str = "UPDATE leases SET node = NULL WHERE name = ?1 AND node = ?2";
const RETIRE: &str = "DELETE FROM nodes WHERE node = ?1";
const RELEASE_ALL: &str = "UPDATE leases SET node = NULL WHERE node = ?1";
const HOLDS: &str =
    "SELECT 1 FROM leases WHERE name = ?1 AND token = ?2 AND node IS NOT NULL AND expires_at > ?3";

/// Whether the lease holds now, with this token.
pub(crate) fn holds(connection: &Connection, fence: &Fence) -> rusqlite::Result<bool> {
    let now = to_microseconds(Timestamp::now());
    let token = i64::try_from(fence.token).unwrap_or(i64::MAX);
    let mut holds = connection.prepare_cached(HOLDS)?;
    let found = holds.query_row(params![&*fence.lease, token, now], |_| Ok(()));
    Ok(found.optional()?.is_some())
}

/// What is done about the leases of a node.
#[derive(Debug)]
pub(crate) struct Leasing<T> {
    pub(crate) node: NodeId,
    pub(crate) what: T,
}

/// One of the calls of the port.
pub(crate) trait LeaseCall: Send + 'static {
    type Answer: Send + 'static;

    /// Does it, with several statements.
    fn apply(&self, node: &NodeId, connection: &Connection) -> rusqlite::Result<Self::Answer>;
}

#[derive(Debug)]
pub(crate) struct Renew {
    pub(crate) wants: Vec<String>,
    pub(crate) duration: Duration,
}

#[derive(Debug)]
pub(crate) struct Acquire {
    pub(crate) names: Vec<String>,
    pub(crate) duration: Duration,
}

#[derive(Debug)]
pub(crate) struct Release(pub(crate) Vec<String>);

#[derive(Debug)]
pub(crate) struct Retire;

impl<T: LeaseCall> Work for Leasing<T> {
    type Outcome = Result<T::Answer, LeaseError>;

    fn weight(&self) -> usize {
        1
    }

    fn run(&self, connection: &Connection) -> rusqlite::Result<Self::Outcome> {
        let done = savepoint(connection, || self.what.apply(&self.node, connection))?;
        Ok(done.map_err(|error| Failure::from(error).into_lease(self.node.clone())))
    }
}

impl LeaseCall for Renew {
    type Answer = LeaseView;

    fn apply(&self, node: &NodeId, connection: &Connection) -> rusqlite::Result<LeaseView> {
        let (now, until) = now_and_after(self.duration);
        let wants = serde_json::to_string(&self.wants)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        connection.prepare_cached(FORGET)?.execute([now])?;
        connection
            .prepare_cached(ANNOUNCE)?
            .execute(params![node.as_str(), wants, until])?;
        connection
            .prepare_cached(RENEW)?
            .execute(params![node.as_str(), until, now])?;
        let mut nodes = connection.prepare_cached(NODES)?;
        let nodes = nodes.query_map([], |row| {
            let wants = row.get::<_, String>(1)?;
            let wants = serde_json::from_str(&wants).map_err(damaged(1, Type::Text))?;
            Ok(Node {
                id: NodeId::new(row.get::<_, String>(0)?),
                wants,
                beats: row.get::<_, i64>(2)?.unsigned_abs(),
            })
        })?;
        let mut leases = connection.prepare_cached(LEASES)?;
        let leases = leases.query_map([now], |row| {
            let expires_at: i64 = row.get(3)?;
            Ok(Lease {
                name: row.get(0)?,
                node: NodeId::new(row.get::<_, String>(1)?),
                token: row.get::<_, i64>(2)?.unsigned_abs(),
                expires_in: Duration::from_micros(expires_at.saturating_sub(now).unsigned_abs()),
            })
        })?;
        Ok(LeaseView {
            nodes: nodes.collect::<rusqlite::Result<_>>()?,
            leases: leases.collect::<rusqlite::Result<_>>()?,
        })
    }
}

impl LeaseCall for Acquire {
    type Answer = Vec<Lease>;

    fn apply(&self, node: &NodeId, connection: &Connection) -> rusqlite::Result<Vec<Lease>> {
        let (now, until) = now_and_after(self.duration);
        let mut acquire = connection.prepare_cached(ACQUIRE)?;
        let mut taken = Vec::new();
        for name in &self.names {
            let token = acquire
                .query_row(params![name, node.as_str(), until, now], |row| {
                    row.get::<_, i64>(0)
                })
                .optional()?;
            taken.extend(token.map(|token| Lease {
                name: name.clone(),
                node: node.clone(),
                token: token.unsigned_abs(),
                expires_in: self.duration.min(MAX_LEASE),
            }));
        }
        Ok(taken)
    }
}

impl LeaseCall for Release {
    type Answer = ();

    fn apply(&self, node: &NodeId, connection: &Connection) -> rusqlite::Result<()> {
        let mut release = connection.prepare_cached(RELEASE)?;
        for name in &self.0 {
            release.execute(params![name, node.as_str()])?;
        }
        Ok(())
    }
}

impl LeaseCall for Retire {
    type Answer = ();

    fn apply(&self, node: &NodeId, connection: &Connection) -> rusqlite::Result<()> {
        for statement in [RETIRE, RELEASE_ALL] {
            connection
                .prepare_cached(statement)?
                .execute([node.as_str()])?;
        }
        Ok(())
    }
}

fn now_and_after(duration: Duration) -> (i64, i64) {
    let now = to_microseconds(Timestamp::now());
    let duration = i64::try_from(duration.min(MAX_LEASE).as_micros()).unwrap_or(i64::MAX);
    (now, now.saturating_add(duration))
}
