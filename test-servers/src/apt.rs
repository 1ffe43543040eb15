//! Installing packages on Debian and its relatives.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::ServerError;
use crate::server_process::tail;

const APT_GET: &str = "/usr/bin/apt-get";

/// The folder whose lock says which of several test binaries installs. Locking it creates nothing, and it is only written by
/// root.
const LOCKED_FOLDER: &str = "/etc/apt";

/// The package manager, usable by this process.
#[derive(Debug)]
pub(crate) struct Apt(());

/// Held while installing, so that two test binaries do not install the same thing.
#[derive(Debug)]
pub(crate) struct AptLock {
    _folder: File,
}

impl Apt {
    /// `None` when there is no apt on this machine, or this process is not root.
    pub(crate) fn available() -> Option<Self> {
        (rustix::process::geteuid().is_root() && Path::new(APT_GET).exists()).then_some(Self(()))
    }

    /// Waits until no other process of ours installs anything.
    pub(crate) fn lock(&self) -> Result<AptLock, ServerError> {
        let folder =
            File::open(LOCKED_FOLDER).map_err(ServerError::io(format!("open {LOCKED_FOLDER}")))?;
        folder
            .lock()
            .map_err(ServerError::io(format!("lock {LOCKED_FOLDER}")))?;
        Ok(AptLock { _folder: folder })
    }
}

impl AptLock {
    /// Installs one package with what it needs and nothing more. The package lists are fetched only if apt does not know the
    /// package, or the version it knows is no longer there.
    pub(crate) fn install(&self, package: &str) -> Result<(), ServerError> {
        // Fetching packages takes a while: say why nothing else happens.
        let _ = writeln!(
            std::io::stderr(),
            "installing the package {package} with apt-get"
        );
        let install = ["install", "--yes", "--no-install-recommends", package];
        if apt_get(&install).is_ok() {
            return Ok(());
        }
        apt_get(&["update"])?;
        apt_get(&install)
    }
}

fn apt_get(arguments: &[&str]) -> Result<(), ServerError> {
    let output = Command::new(APT_GET)
        .args(["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"])
        .args(["-o", "Dpkg::Options::=--force-confold"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(ServerError::io(format!("start {APT_GET}")))?;
    if output.status.success() {
        return Ok(());
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(ServerError::CommandFailed {
        program: format!("apt-get {}", arguments.join(" ")),
        status: output.status,
        output: tail(&String::from_utf8_lossy(&printed)),
    })
}
