//! A private PostgreSQL server.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::ServerError;
use crate::account::Account;
use crate::guardian::{Guardian, Target};
use crate::port::free_port;
use crate::scratch::Scratch;
use crate::server_process::{self, ServerProcess};

mod binaries;
mod data_folder;
mod install;
mod launch;
mod options;

pub use binaries::Binaries;
pub use install::{Installing, provide};
pub use options::Options;

use data_folder::DataFolder;
use launch::Port;

const SERVER: &str = "PostgreSQL";

/// Who the server runs as when root starts it.
const ACCOUNTS: &[&str] = &["postgres", "nobody"];

/// How long a fast stop may take before the server is killed.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// A PostgreSQL server of our own, in a temporary folder, on a free port of 127.0.0.1.
///
/// It has one superuser, `postgres`, who needs no password, and the empty database `postgres`. Dropping the value stops the
/// server and removes its folder; the same happens when the process that holds it dies without dropping it.
#[derive(Debug)]
pub struct Postgres {
    // Fields are dropped in this order: the guardian must not remove the folder of a running server.
    process: Option<ServerProcess>,
    guardian: Guardian,
    scratch: Scratch,
    data: DataFolder,
    binaries: Binaries,
    account: Option<Account>,
    options: Options,
    port: u16,
}

impl Postgres {
    /// Creates a database cluster and starts a server on it; returns when it accepts connections.
    ///
    /// # Errors
    ///
    /// [`ServerError::NotInstalled`] when [`Binaries::find`] finds none; otherwise what kept the server from being ready
    /// within 30 seconds, with the end of its log.
    pub fn start(options: Options) -> Result<Self, ServerError> {
        let binaries = Binaries::find().ok_or_else(install::not_installed)?;
        Self::start_from(binaries, options)
    }

    /// Like [`start`](Self::start), with the programs of one certain installation.
    ///
    /// # Errors
    ///
    /// What kept the server from being ready within 30 seconds, with the end of its log.
    pub fn start_from(binaries: Binaries, options: Options) -> Result<Self, ServerError> {
        let account = Account::instead_of_root(SERVER, ACCOUNTS)?;
        let scratch = Scratch::create("postgres", account.as_ref())?;
        let mut guardian = Guardian::start(Some(scratch.path()))?;
        let data = DataFolder::new(scratch.create_private("data", account.as_ref())?);

        let mut initdb = launch::command(&binaries.initdb, scratch.path(), account.as_ref());
        initdb.arg("-D").arg(data.path());
        initdb.args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        server_process::run(&mut initdb, &mut guardian)?;

        let port = free_port()?;
        let mut postgres = Self {
            process: None,
            guardian,
            scratch,
            data,
            binaries,
            account,
            options,
            port,
        };
        postgres.launch(Port::Any)?;
        Ok(postgres)
    }

    /// The URL of the database `postgres`.
    pub fn url(&self) -> String {
        self.url_for("postgres")
    }

    /// The URL of a database of this server, whether it exists or not.
    pub fn url_for(&self, database: &str) -> String {
        let mut url = format!("postgres://postgres@127.0.0.1:{}/", self.port);
        for byte in database.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    url.push(char::from(byte))
                }
                other => url.push_str(&format!("%{other:02X}")),
            }
        }
        url
    }

    /// The port of 127.0.0.1 that the server listens on; it stays the same over [`restart`](Self::restart).
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the server's first process, or `None` while it is stopped or killed.
    pub fn pid(&self) -> Option<Pid> {
        self.process.as_ref().map(ServerProcess::pid)
    }

    /// The temporary folder with the server's data and log.
    pub fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// The end of what the server printed since it was last started; empty while it does not run.
    pub fn log_tail(&self) -> String {
        self.process
            .as_ref()
            .map(ServerProcess::log_tail)
            .unwrap_or_default()
    }

    /// Stops the server in its fast mode: open transactions are rolled back, clients disconnected, and everything committed is
    /// written. A server that takes longer than ten seconds for that is killed. Does nothing if it does not run.
    ///
    /// # Errors
    ///
    /// [`ServerError::Io`] when the process cannot be signalled or waited for.
    pub fn stop(&mut self) -> Result<(), ServerError> {
        self.end(|process| process.stop(Signal::INT, STOP_LIMIT).map(drop))
    }

    /// Kills the server and the processes that serve its clients with `SIGKILL`, and reaps it: what is left is what a
    /// crash of the server leaves. Does nothing if it does not run.
    ///
    /// # Errors
    ///
    /// [`ServerError::Io`] when the process cannot be killed or waited for.
    pub fn kill(&mut self) -> Result<(), ServerError> {
        self.end(|process| {
            let served_by = children_of(process.pid());
            process.kill()?;
            for child in served_by {
                // Most have noticed the end of their parent and are gone already.
                let _ = kill_process(child, Signal::KILL);
            }
            Ok(())
        })
    }

    /// Starts the server again on the same data and the same port, after stopping it if it runs; returns when it accepts
    /// connections, that is after crash recovery if it was killed.
    ///
    /// # Errors
    ///
    /// What kept the server from being ready within 30 seconds, with the end of its log.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        self.stop()?;
        self.launch(Port::Same)
    }

    fn end(
        &mut self,
        how: impl FnOnce(&mut ServerProcess) -> Result<(), ServerError>,
    ) -> Result<(), ServerError> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        let target = Target::Process(process.pid());
        if let Err(error) = how(&mut process) {
            self.process = Some(process);
            return Err(error);
        }
        self.guardian.forget(target)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Whatever fails here, the guardian tries again when its field is dropped. It also frees the block of shared memory
        // that a server leaves behind that was killed and not started again.
        let _ = self.stop();
    }
}

/// The children of a process, where the kernel lists them (Linux); elsewhere none, and they end by themselves.
fn children_of(pid: Pid) -> Vec<Pid> {
    let pid = pid.as_raw_nonzero();
    let list = PathBuf::from(format!("/proc/{pid}/task/{pid}/children"));
    let text = fs::read_to_string(list).unwrap_or_default();
    text.split_whitespace()
        .filter_map(|word| word.parse().ok().and_then(Pid::from_raw))
        .collect()
}
