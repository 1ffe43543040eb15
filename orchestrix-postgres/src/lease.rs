//! Leases on checkpoints, among the nodes that share a database. Their clock is the server's.

use std::sync::Arc;
use std::time::Duration;

use orchestrix::store::{Fence, Lease, LeaseError, LeaseView, MAX_LEASE, Node, NodeId};
use sqlx::Row;
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::Query;

use crate::database::{self, Database, Purpose};
use crate::error::Fault;
use crate::row::{signed, unsigned};
use crate::schema::{Schema, Statement};

/// Renews, takes and gives back leases.
#[derive(Debug)]
pub(crate) struct Leases {
    database: Arc<Database>,
    renew: Statement,
    acquire: Statement,
    release: Statement,
    retire: Statement,
    holds: Statement,
}

impl Leases {
    pub(crate) fn new(database: Arc<Database>, schema: &Schema) -> Self {
        Self {
            database,
            renew: schema.statement(include_str!("lease/renew.sql")),
            acquire: schema.statement(include_str!("lease/acquire.sql")),
            release: schema.statement(include_str!("lease/release.sql")),
            retire: schema.statement(include_str!("lease/retire.sql")),
            holds: schema.statement(include_str!("lease/holds.sql")),
        }
    }

    pub(crate) async fn renew(
        &self,
        node: &NodeId,
        wants: &[String],
        duration: Duration,
    ) -> Result<LeaseView, LeaseError> {
        let query = self.renew.query().bind(node.as_str()).bind(wants);
        let rows = self.rows(node, query.bind(microseconds(duration))).await?;
        let mut view = LeaseView::default();
        for row in &rows {
            read_into(&mut view, row).map_err(failed(node))?;
        }
        Ok(view)
    }

    pub(crate) async fn acquire(
        &self,
        node: &NodeId,
        names: &[String],
        duration: Duration,
    ) -> Result<Vec<Lease>, LeaseError> {
        let query = self.acquire.query().bind(node.as_str()).bind(names);
        let rows = self.rows(node, query.bind(microseconds(duration))).await?;
        let taken = rows.iter().map(|row| {
            Ok(Lease {
                name: row.try_get(0)?,
                node: node.clone(),
                token: unsigned(row.try_get(1)?),
                expires_in: duration.min(MAX_LEASE),
            })
        });
        taken.collect::<Result<_, _>>().map_err(failed(node))
    }

    pub(crate) async fn release(&self, node: &NodeId, names: &[String]) -> Result<(), LeaseError> {
        let query = self.release.query().bind(node.as_str()).bind(names);
        self.rows(node, query).await.map(drop)
    }

    pub(crate) async fn retire(&self, node: &NodeId) -> Result<(), LeaseError> {
        let query = self.retire.query().bind(node.as_str());
        self.rows(node, query).await.map(drop)
    }

    /// Whether a lease holds now, with this token.
    pub(crate) async fn holds(
        &self,
        connection: &mut database::Lease,
        fence: &Fence,
    ) -> Result<bool, sqlx::Error> {
        let query = self.holds.query().bind(&*fence.lease);
        let found = connection.fetch_optional(query.bind(signed(fence.token)));
        Ok(found.await?.is_some())
    }

    async fn rows(
        &self,
        node: &NodeId,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, LeaseError> {
        let leased = self.database.lease(Purpose::Subscription).await;
        let mut connection = leased.map_err(|error| LeaseError::Unavailable {
            node: node.clone(),
            source: error.into(),
        })?;
        connection.fetch_all(query).await.map_err(failed(node))
    }
}

/// What a fence is compared with: the lease, none where there is no fence, and its token.
pub(crate) fn fence(fence: Option<&Fence>) -> (Option<&str>, i64) {
    match fence {
        Some(fence) => (Some(&*fence.lease), signed(fence.token)),
        None => (None, 0),
    }
}

fn read_into(view: &mut LeaseView, row: &PgRow) -> Result<(), sqlx::Error> {
    let node = NodeId::new(row.try_get::<String, _>(0)?);
    let number = unsigned(row.try_get(2)?);
    match row.try_get(3)? {
        None => view.nodes.push(Node {
            id: node,
            wants: row.try_get(1)?,
            beats: number,
        }),
        Some(name) => view.leases.push(Lease {
            name,
            node,
            token: number,
            expires_in: Duration::from_micros(unsigned(row.try_get(4)?)),
        }),
    }
    Ok(())
}

fn microseconds(duration: Duration) -> i64 {
    // Within the bound: a lease never takes longer than `MAX_LEASE`.
    i64::try_from(duration.min(MAX_LEASE).as_micros()).unwrap_or(i64::MAX)
}

fn failed(node: &NodeId) -> impl Fn(sqlx::Error) -> LeaseError {
    move |error| {
        let node = node.clone();
        let is_transient = Fault::of(&error).is_transient();
        let source = error.into();
        match is_transient {
            true => LeaseError::Unavailable { node, source },
            false => LeaseError::Failed { node, source },
        }
    }
}
