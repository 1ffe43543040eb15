//! The PostgreSQL server that all tests of a process share.

use std::sync::OnceLock;

use crate::availability::Availability;
use crate::postgres::{Installing, Options, Postgres, provide};

/// The environment variable with the URL of a server that tests use instead of starting one. Its user must be allowed to
/// create databases.
pub const POSTGRES_URL_VARIABLE: &str = "ORCHESTRIX_TEST_POSTGRES_URL";

/// The environment variable that, set to `1`, asks tests for their short variants and forbids installing anything.
pub const QUICK_VARIABLE: &str = "ORCHESTRIX_QUICK";

/// The URL of a PostgreSQL server that tests can create databases on.
///
/// That is the server named by the environment variable `ORCHESTRIX_TEST_POSTGRES_URL` if it is set. Otherwise the first call
/// starts a private one that lives as long as this process; where PostgreSQL is not installed, it is installed first if this
/// process is root on a machine with apt, unless `ORCHESTRIX_QUICK` is set.
pub fn postgres_url() -> Availability {
    // Never dropped, as statics are: the guardian ends the server after this process.
    static SERVER: OnceLock<Result<Postgres, String>> = OnceLock::new();
    if let Some(url) = configured_postgres_url() {
        return Availability::Available(url);
    }
    let quick = std::env::var(QUICK_VARIABLE).is_ok_and(|value| value == "1");
    let installing = if quick {
        Installing::Never
    } else {
        Installing::Allowed
    };
    match SERVER
        .get_or_init(|| provide(Options::fast(), installing).map_err(|error| error.report()))
    {
        Ok(server) => Availability::Available(server.url()),
        Err(reason) => Availability::Missing(reason.clone()),
    }
}

/// The value of `ORCHESTRIX_TEST_POSTGRES_URL`, if it is set and not empty.
pub fn configured_postgres_url() -> Option<String> {
    std::env::var(POSTGRES_URL_VARIABLE)
        .ok()
        .filter(|url| !url.is_empty())
}
