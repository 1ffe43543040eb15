//! A private PostgreSQL server.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

use crate::ServerError;
use crate::account::Account;
use crate::guardian::{Guardian, Target};
use crate::port::free_port;
use crate::scratch::Scratch;
use crate::server_process::{self, POLL, ServerProcess};

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
    /// The processes that stand still, the first one before those that it has started.
    frozen: Vec<Pid>,
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
            frozen: Vec::new(),
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

    /// Stops the server and the processes that serve its clients with `SIGSTOP`: connections stay open, and nobody answers,
    /// until it is [thawed](Self::thaw). [`stop`](Self::stop), [`kill`](Self::kill) and [`restart`](Self::restart) thaw it
    /// by themselves. Does nothing if it does not run, or is frozen already.
    ///
    /// # Errors
    ///
    /// [`ServerError::Io`] when a process cannot be signalled, or when this system does not list processes
    /// as Linux does.
    pub fn freeze(&mut self) -> Result<(), ServerError> {
        let (Some(pid), true) = (self.pid(), self.frozen.is_empty()) else {
            return Ok(());
        };
        // The first process starts all others, so no more come once it stands still.
        self.freeze_process(pid)?;
        let deadline = Instant::now() + STOP_LIMIT;
        while !stands_still(pid) {
            if Instant::now() >= deadline {
                self.thaw()?;
                let unseen = io::Error::from(io::ErrorKind::Unsupported);
                let action = format!("see that {SERVER} stands still");
                return Err(ServerError::io(action)(unseen));
            }
            thread::sleep(POLL);
        }
        for process in children_of(pid) {
            self.freeze_process(process)?;
        }
        Ok(())
    }

    /// Lets a server go on that was [frozen](Self::freeze); others are left alone.
    ///
    /// # Errors
    ///
    /// [`ServerError::Io`] when the guardian is gone.
    pub fn thaw(&mut self) -> Result<(), ServerError> {
        for process in std::mem::take(&mut self.frozen) {
            // Whoever does not exist any more needs no thawing.
            let _ = kill_process(process, Signal::CONT);
            self.guardian.forget(Target::Process(process))?;
            if Some(process) == self.pid() {
                // Forgotten altogether by the line before.
                self.guardian
                    .watch(Target::Process(process), launch::ORPHANED)?;
            }
        }
        Ok(())
    }

    fn freeze_process(&mut self, process: Pid) -> Result<(), ServerError> {
        // Nobody who stands still notices that the owner has gone: the guardian has to kill them one by one.
        self.guardian
            .watch(Target::Process(process), Signal::KILL)?;
        self.frozen.push(process);
        match kill_process(process, Signal::STOP) {
            // One that serves a client may have ended meanwhile.
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(error) => Err(ServerError::io(format!("stop a process of {SERVER}"))(
                error.into(),
            )),
        }
    }

    fn end(
        &mut self,
        how: impl FnOnce(&mut ServerProcess) -> Result<(), ServerError>,
    ) -> Result<(), ServerError> {
        self.thaw()?;
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

/// Whether a process was stopped by a signal, where the kernel tells (Linux).
fn stands_still(pid: Pid) -> bool {
    let pid = pid.as_raw_nonzero();
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The state follows the name, which stands in parentheses and may hold some itself.
    text.rsplit_once(')')
        .is_some_and(|(_, rest)| rest.trim_start().starts_with('T'))
}
