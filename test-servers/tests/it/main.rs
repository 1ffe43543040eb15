//! The servers, used through the public API.

mod condition;
mod freeze;
mod guardian;
mod postgres;
mod wire;

use test_servers::postgres::Binaries;
use test_servers::{Availability, require_or_skip};

/// Whether PostgreSQL is installed here; prints a `SKIP` line for the test `what` when it is not.
fn postgres_is_installed(what: &str) -> bool {
    let availability = match Binaries::find() {
        Some(binaries) => Availability::Available(binaries.postgres.display().to_string()),
        None => Availability::Missing("PostgreSQL is not installed".to_owned()),
    };
    require_or_skip(what, availability).is_some()
}
