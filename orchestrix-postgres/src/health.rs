//! Whether the server answers, and whether its settings are such that the store's promises hold.

mod settings;

use std::time::Instant;

use orchestrix::store::{HeadStall as Stall, StoreHealth, StoreSetting};
use orchestrix::telemetry;

use crate::database::{Database, Purpose};
use crate::head::{HeadStall, Holder};
use crate::schema::{Schema, Statement};

/// The backend's name.
pub(crate) const BACKEND: &str = "postgresql";

/// Asks the server for its settings.
#[derive(Debug)]
pub(crate) struct Health {
    settings: Statement,
}

impl Health {
    pub(crate) fn new(schema: &Schema) -> Self {
        Self {
            settings: schema.statement(include_str!("health/settings.sql")),
        }
    }

    /// What a connection of the pool says now: settings can differ between sessions, and change.
    pub(crate) async fn check(&self, database: &Database) -> StoreHealth {
        let mut lease = match database.lease(Purpose::Subscription).await {
            Ok(lease) => lease,
            Err(error) => return StoreHealth::new(BACKEND, Err(error.into())),
        };
        let start = Instant::now();
        let row = lease.fetch_one(self.settings.query()).await;
        let round_trip = start.elapsed();
        match row.and_then(|row| settings::read(&row)) {
            Ok(found) => StoreHealth::new(BACKEND, Ok(round_trip)).with_settings(found),
            Err(error) => StoreHealth::new(BACKEND, Err(error.into())),
        }
    }

    /// Writes it to the log, as one line: for the record that promises were kept, or a warning that they are not.
    pub(crate) async fn report(&self, database: &Database) {
        let health = self.check(database).await;
        if health.is_well() {
            let settings = all(health.settings.iter());
            tracing::info!(
                { telemetry::SETTINGS } = settings,
                "the PostgreSQL server keeps what the store promises"
            );
        } else {
            let broken = all(health.settings.iter().filter(|setting| !setting.holds));
            let error = health.round_trip.err().map(tracing::field::display);
            tracing::warn!(
                { telemetry::ERROR } = error,
                { telemetry::SETTINGS } = broken,
                "the PostgreSQL server does not keep all that the store promises"
            );
        }
    }
}

fn all<'a>(settings: impl Iterator<Item = &'a StoreSetting>) -> String {
    let settings: Vec<_> = settings
        .map(|setting| format!("{} = {}", setting.name, setting.value))
        .collect();
    settings.join(", ")
}

/// The stall, in words of all stores.
pub(crate) fn stall(stall: HeadStall) -> Stall {
    let holders = stall.holders.iter().map(holder).collect();
    Stall::new(stall.first_missing, stall.since.elapsed(), holders)
}

fn holder(holder: &Holder) -> String {
    match (
        holder.pid,
        &holder.application_name,
        &holder.prepared_transaction,
    ) {
        (Some(pid), Some(name), _) if !name.is_empty() => format!("process {pid} ({name})"),
        (Some(pid), ..) => format!("process {pid}"),
        (None, _, Some(transaction)) => format!("prepared transaction `{transaction}`"),
        (None, _, None) => "a prepared transaction".to_owned(),
    }
}
