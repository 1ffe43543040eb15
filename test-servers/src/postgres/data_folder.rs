//! What a PostgreSQL server writes about itself into its data folder.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::Pid;

#[cfg(test)]
mod tests;

/// A server's data folder.
#[derive(Debug)]
pub(super) struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the server with this process id accepts connections. The id is compared because a killed server leaves its
    /// file behind.
    pub(super) fn is_ready(&self, server: Pid) -> bool {
        self.lock_file()
            .is_some_and(|lock| lock.pid == server.as_raw_nonzero().get() && lock.ready)
    }

    fn lock_file(&self) -> Option<LockFile> {
        LockFile::parse(&fs::read_to_string(self.path.join("postmaster.pid")).ok()?)
    }
}

/// The parts of `postmaster.pid` that are of use. Its lines are: process id, data folder, start time, port, socket folder,
/// address, shared memory key and id, status. A starting server writes them one after the other.
#[derive(Debug, PartialEq, Eq)]
struct LockFile {
    pid: i32,
    ready: bool,
}

impl LockFile {
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let ready = lines.nth(6).is_some_and(|status| status.trim() == "ready");
        Some(Self { pid, ready })
    }
}
