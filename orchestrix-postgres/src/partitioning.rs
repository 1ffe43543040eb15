//! The table of events in partitions.

use crate::owner::Owner;
use crate::{PostgresError, PostgresOptions, PostgresStore};

const PARTITION: &str = "partition its events";
/// So many partitions each statement has to be planned for, at most.
const MOST: u16 = 1024;

/// How the table of events is divided.
///
/// By tenant is the only way: what is unique in a partitioned table must hold what divides it, and stream versions and
/// event ids are unique within a tenant, over all time. To keep the table short, archive the streams that have come to
/// their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Partitioning {
    /// By the hash of the tenant's name, into so many partitions, from 1 to 1024.
    ByTenant {
        /// How many; it cannot be changed later.
        partitions: u16,
    },
}

impl PostgresStore {
    /// Divides the table of events of a schema. Stores that are open go on: their calls wait meanwhile.
    ///
    /// It is done in one transaction, in which all events are written anew, while nobody reads or writes them. It needs
    /// a role that owns the tables, and room for the events a second time. Done again with the same number of
    /// partitions, it does nothing. Constraints, indexes and privileges that somebody has added to the table are kept,
    /// with row-level security as [`PostgresStore::enable_row_level_security`] makes it; where there are triggers or
    /// other policies, it is refused.
    ///
    /// The old table stays under the name of `events_position`, empty: it holds the sequence of positions. Of all
    /// guarantees one is given up: that no position is taken twice is then up to the sequence alone. A transaction of
    /// another program that began before and sees one moment for long, a dump for instance, may find no events: let it
    /// end first.
    ///
    /// ```no_run
    /// use orchestrix_postgres::{Partitioning, PostgresOptions, PostgresStore};
    /// # async fn example() -> Result<(), orchestrix_postgres::PostgresError> {
    /// let owner = PostgresOptions::new("postgres://owner@localhost/shop");
    /// PostgresStore::connect_with(owner.clone()).await?;
    /// PostgresStore::partition_events(&owner, Partitioning::ByTenant { partitions: 16 }).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`PostgresError::SchemaOutdated`] before the schema was opened by this version, which brings it up to date;
    /// [`PostgresError::Partitions`] for a number out of range, or other than the table has; [`PostgresError::Failed`]
    /// also when somebody has used the table for ten seconds without a pause. The schema then is as it was before.
    pub async fn partition_events(
        options: &PostgresOptions,
        partitioning: Partitioning,
    ) -> Result<(), PostgresError> {
        let Partitioning::ByTenant { partitions } = partitioning;
        let owner = Owner::connect(options).await?;
        let done = partition(&owner, partitions).await;
        owner.close().await;
        done
    }
}

async fn partition(owner: &Owner, wanted: u16) -> Result<(), PostgresError> {
    let unfit = |found: i64| PostgresError::Partitions {
        schema: owner.schema().name().to_owned(),
        wanted,
        found: u32::try_from(found).unwrap_or(u32::MAX),
    };
    let count = include_str!("partitioning/count.sql");
    if wanted == 0 || wanted > MOST {
        return Err(unfit(owner.number(PARTITION, count).await?));
    }
    let number = wanted.to_string();
    let settings = [
        ("orchestrix.partitions", number.as_str()),
        // All tenants, where row-level security is on.
        ("orchestrix.tenants", "\u{1f}"),
    ];
    let texts = [
        include_str!("partitioning/partition_events.sql"),
        include_str!("row_security/enable.sql"),
    ];
    owner.run(PARTITION, &settings, &texts).await?;
    let found = owner.number(PARTITION, count).await?;
    if found == i64::from(wanted) {
        Ok(())
    } else {
        Err(unfit(found))
    }
}
