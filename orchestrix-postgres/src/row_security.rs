//! Row-level security: the server keeps tenants apart, whatever the statements say.

use sqlx::Row;

use crate::database::{Database, Purpose};
use crate::owner::Owner;
use crate::schema::Schema;
use crate::{PostgresError, PostgresOptions, PostgresStore};

const ENABLE: &str = "enable row-level security";
const CHECK: &str = "read its policies";
const GRANT: &str = "grant privileges on its schema";

impl PostgresStore {
    /// Makes the policies that keep tenants apart in a schema, for stores that are opened with
    /// [`PostgresOptions::with_row_level_security`].
    ///
    /// They hold for everybody, the owner of the tables included: stores that are opened without that option find an
    /// empty log from then on. So enable it while no store is open, and again after each upgrade of this crate, which may
    /// have brought new tables; done again, it changes nothing else. It needs a role that owns the tables, and brings the
    /// schema up to date first.
    ///
    /// ```no_run
    /// use orchestrix_postgres::{PostgresOptions, PostgresStore};
    /// # async fn example() -> Result<(), orchestrix_postgres::PostgresError> {
    /// let owner = PostgresOptions::new("postgres://owner@localhost/shop");
    /// PostgresStore::enable_row_level_security(&owner).await?;
    /// PostgresStore::grant_to(&owner, "app").await?;
    ///
    /// let app = PostgresOptions::new("postgres://app@localhost/shop").with_row_level_security();
    /// let store = PostgresStore::connect_with(app).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`PostgresError`]; the policies then are as they were before. [`PostgresError::Failed`] also when somebody has
    /// used a table for ten seconds without a pause.
    pub async fn enable_row_level_security(options: &PostgresOptions) -> Result<(), PostgresError> {
        let owner = Owner::connect_and_migrate(options).await?;
        let settings = [("orchestrix.row_security", "on")];
        let text = include_str!("row_security/enable.sql");
        let done = owner.run(ENABLE, &settings, &[text]).await;
        owner.close().await;
        done
    }

    /// Gives a role what a store needs in a schema, and no more: it can add to the log and archive, not change what was
    /// stored, and it owns nothing. Needs a role that owns the tables, and is to be done again after each upgrade of
    /// this crate; it brings the schema up to date first.
    ///
    /// # Errors
    /// [`PostgresError`]: when there is no such role, for instance.
    pub async fn grant_to(options: &PostgresOptions, role: &str) -> Result<(), PostgresError> {
        let owner = Owner::connect_and_migrate(options).await?;
        let settings = [("orchestrix.role", role)];
        let text = include_str!("row_security/grant.sql");
        let done = owner.run(GRANT, &settings, &[text]).await;
        owner.close().await;
        done
    }
}

/// Refuses what would only seem to be protected.
pub(crate) async fn check(database: &Database, schema: &Schema) -> Result<(), PostgresError> {
    let failed = |source: sqlx::Error| PostgresError::Failed {
        doing: CHECK,
        source: source.into(),
    };
    let mut lease = database.lease(Purpose::Command).await?;
    let query = schema
        .statement(include_str!("row_security/check.sql"))
        .query();
    let row = lease.fetch_one(query).await.map_err(failed)?;
    let role = row.try_get(0).map_err(failed)?;
    let bypasses: bool = row.try_get(1).map_err(failed)?;
    let tables: Vec<String> = row.try_get(2).map_err(failed)?;
    if bypasses {
        return Err(PostgresError::RowSecurityBypassed { role });
    }
    if !tables.is_empty() {
        return Err(PostgresError::RowSecurityMissing { tables });
    }
    Ok(())
}
