//! Builds of read models.
//!
//! They are of all tenants: with row-level security, every statement here is for everything.

use std::sync::Arc;

use orchestrix::store::{
    CheckpointError, GlobalPosition, ReadModelError, ReadModelUpkeep, Rebuild, SwitchBuild,
};
use sqlx::Row;
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::Query;

use crate::database::{Database, Purpose, Scope};
use crate::lease::fence;
use crate::read_model::{failed, unavailable};
use crate::row::{signed, unsigned};
use crate::schema::{Schema, Statement};

/// What is asked for that concerns no single read model.
const ALL: &str = "all";

/// Begins, ends and clears away builds.
#[derive(Debug)]
pub(crate) struct Rebuilds {
    database: Arc<Database>,
    build: Statement,
    begin: Statement,
    rebuilds: Statement,
    switch: Statement,
    give_up: Statement,
    give_up_build: Statement,
    purge: Statement,
    read_models: Statement,
}

impl Rebuilds {
    pub(crate) fn new(database: Arc<Database>, schema: &Schema) -> Self {
        Self {
            database,
            build: schema
                .statement("select build from {schema}.checkpoints where subscription = $1"),
            begin: schema.statement("select {schema}.begin_rebuild($1)"),
            rebuilds: schema.statement(include_str!("rebuild/rebuilds.sql")),
            switch: schema
                .statement("select outcome, actual from {schema}.switch_build($1, $2, $3, $4, $5)"),
            give_up: schema.statement("select {schema}.drop_read_model($1)"),
            give_up_build: schema.statement("select {schema}.give_up_build($1, $2)"),
            purge: schema.statement(include_str!("rebuild/purge.sql")),
            read_models: schema.statement(include_str!("rebuild/read_models.sql")),
        }
    }

    pub(crate) async fn build(&self, read_model: &str) -> Result<u64, ReadModelError> {
        let rows = self.rows(read_model, self.build.query().bind(read_model));
        let rows = rows.await?;
        let build = rows.first().map(|row| row.try_get(0)).transpose();
        Ok(unsigned(build.map_err(failed(read_model))?.unwrap_or(0)))
    }

    pub(crate) async fn begin(&self, read_model: &str) -> Result<u64, ReadModelError> {
        let query = self.begin.query().bind(read_model);
        self.number(read_model, query).await
    }

    pub(crate) async fn upkeep(&self) -> Result<ReadModelUpkeep, ReadModelError> {
        let mut upkeep = ReadModelUpkeep::default();
        for row in self.rows(ALL, self.rebuilds.query()).await? {
            read_into(&mut upkeep, &row).map_err(failed(ALL))?;
        }
        Ok(upkeep)
    }

    pub(crate) async fn switch(&self, switch: SwitchBuild) -> Result<bool, ReadModelError> {
        let SwitchBuild {
            read_model,
            build,
            at,
            ..
        } = &switch;
        let (lease, token) = fence(switch.fence.as_ref());
        let query = self
            .switch
            .query()
            .bind(read_model)
            .bind(signed(*build))
            .bind(signed(at.get()))
            .bind(lease)
            .bind(token);
        let rows = self.rows(read_model, query).await?;
        let read = |row: &PgRow| -> Result<(String, Option<i64>), sqlx::Error> {
            Ok((row.try_get(0)?, row.try_get(1)?))
        };
        let answer = rows.first().map(read).transpose();
        let (outcome, actual) = answer.map_err(failed(read_model))?.unwrap_or_default();
        match outcome.as_str() {
            "switched" => Ok(true),
            "behind" => Ok(false),
            "fenced" => Err(CheckpointError::Fenced {
                subscription: read_model.clone(),
                lease: lease.unwrap_or_default().to_owned(),
            }
            .into()),
            "moved" => Err(CheckpointError::Moved {
                subscription: Rebuild::collection(read_model, *build),
                expected: *at,
                actual: GlobalPosition::new(unsigned(actual.unwrap_or(0))),
            }
            .into()),
            _ => Err(ReadModelError::NotBuilding {
                read_model: read_model.clone(),
                build: *build,
            }),
        }
    }

    pub(crate) async fn give_up(&self, collection: &str) -> Result<(), ReadModelError> {
        let query = match Rebuild::of_collection(collection) {
            Some((read_model, build)) => {
                let query = self.give_up_build.query().bind(read_model);
                query.bind(signed(build))
            }
            None => self.give_up.query().bind(collection),
        };
        self.rows(collection, query).await.map(drop)
    }

    pub(crate) async fn purge(
        &self,
        collection: &str,
        limit: usize,
    ) -> Result<u64, ReadModelError> {
        let query = self.purge.query().bind(collection);
        self.number(collection, query.bind(signed(limit as u64)))
            .await
    }

    pub(crate) async fn read_models(&self, prefix: &str) -> Result<Vec<String>, ReadModelError> {
        let rows = self.rows(prefix, self.read_models.query().bind(prefix));
        let rows = rows.await?;
        let names: Result<Vec<_>, _> = rows.iter().map(|row| row.try_get(0)).collect();
        names.map_err(failed(prefix))
    }

    async fn number(
        &self,
        read_model: &str,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<u64, ReadModelError> {
        let rows = self.rows(read_model, query).await?;
        let number = rows.first().map(|row| row.try_get(0)).transpose();
        Ok(unsigned(number.map_err(failed(read_model))?.unwrap_or(0)))
    }

    async fn rows(
        &self,
        read_model: &str,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, ReadModelError> {
        let leased = self
            .database
            .lease_for(Purpose::Subscription, Scope::Everything);
        let mut connection = leased.await.map_err(unavailable(read_model))?;
        connection
            .fetch_all(query)
            .await
            .map_err(failed(read_model))
    }
}

fn read_into(upkeep: &mut ReadModelUpkeep, row: &PgRow) -> Result<(), sqlx::Error> {
    let name = row.try_get(0)?;
    match row.try_get(1)? {
        Some(build) => upkeep.rebuilds.push(Rebuild {
            read_model: name,
            build: unsigned(build),
            position: GlobalPosition::new(unsigned(row.try_get(2)?)),
        }),
        None => upkeep.dropped.push(name),
    }
    Ok(())
}
