//! Installing PostgreSQL where it is missing.

use std::fs;
use std::path::Path;

use crate::ServerError;
use crate::apt::Apt;
use crate::postgres::{Binaries, Options, Postgres, SERVER};

/// What the distribution reads before it creates the first database cluster of a newly installed server.
const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";

/// Whether a missing server may be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installing {
    /// With `apt-get`, when this process is root.
    Allowed,
    /// Only what is there is used.
    Never,
}

/// Starts a server, after installing PostgreSQL if there is none and `installing` allows it.
///
/// # Errors
///
/// [`ServerError::NotInstalled`] when there is none and it may or can not be installed; otherwise what kept it from being installed
/// or started.
pub fn provide(options: Options, installing: Installing) -> Result<Postgres, ServerError> {
    if let Some(binaries) = Binaries::find() {
        return Postgres::start_from(binaries, options);
    }
    match installing {
        Installing::Allowed => install()?,
        Installing::Never => return Err(not_installed()),
    }
    Postgres::start(options)
}

pub(super) fn not_installed() -> ServerError {
    ServerError::NotInstalled {
        server: SERVER,
        advice: "install version 15 or later (on Debian and Ubuntu: apt-get install postgresql), or set \
                 ORCHESTRIX_TEST_POSTGRES_URL to the URL of a server whose user may create databases",
    }
}

/// Installs the distribution's PostgreSQL, without the database cluster that would come with it and keep running.
fn install() -> Result<(), ServerError> {
    let Some(apt) = Apt::available() else {
        return Err(not_installed());
    };
    let lock = apt.lock()?;
    if Binaries::find().is_some() {
        // Somebody else installed it while we waited for the lock.
        return Ok(());
    }
    lock.install("postgresql-common")?;
    let settings = Path::new(CLUSTER_SETTINGS);
    let action = || ServerError::io(format!("edit {CLUSTER_SETTINGS}"));
    let before = fs::read_to_string(settings).map_err(action())?;
    fs::write(settings, format!("{before}\ncreate_main_cluster = false\n")).map_err(action())?;
    let installed = lock.install("postgresql");
    // The machine's owner may want a cluster from the next version on.
    fs::write(settings, before).map_err(action())?;
    installed
}
