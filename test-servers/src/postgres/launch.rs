//! Starting the server's process and waiting until it is ready.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::ServerError;
use crate::account::Account;
use crate::guardian::Target;
use crate::port::free_port;
use crate::postgres::{Postgres, SERVER, STOP_LIMIT};
use crate::server_process::{POLL, ServerProcess};

/// How long a server may take to become ready, crash recovery included.
const START_LIMIT: Duration = Duration::from_secs(30);

/// What a server is sent whose owner has gone. It is PostgreSQL's immediate stop: it ends its children and frees its
/// shared memory, and nothing else.
pub(super) const ORPHANED: Signal = Signal::QUIT;

/// Which port the server may be started on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Port {
    Any,
    Same,
}

impl Postgres {
    /// Starts the server, trying again for as long as what stands in the way goes away by itself.
    pub(super) fn launch(&mut self, port: Port) -> Result<(), ServerError> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            let error = match self.launch_once() {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            let obstacle = Obstacle::of(&error);
            if obstacle.is_none() || Instant::now() >= deadline {
                return Err(error);
            }
            if obstacle == Some(Obstacle::PortTaken) && port == Port::Any {
                self.port = free_port()?;
            }
            thread::sleep(POLL);
        }
    }

    fn launch_once(&mut self) -> Result<(), ServerError> {
        let mut command = command(
            &self.binaries.postgres,
            self.scratch.path(),
            self.account.as_ref(),
        );
        command.arg("-D").arg(self.data.path());
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]);
        for (name, value) in self.options.settings() {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let mut process = ServerProcess::spawn(
            SERVER,
            &mut command,
            &self.scratch.path().join("server.log"),
        )?;
        let target = Target::Process(process.pid());
        let waited = self.guardian.watch(target, ORPHANED).and_then(|()| {
            process.wait_until(START_LIMIT, |process| self.data.is_ready(process.pid()))
        });
        match waited {
            Ok(()) => {
                self.process = Some(process);
                Ok(())
            }
            Err(error) => {
                process.stop(Signal::QUIT, STOP_LIMIT)?;
                self.guardian.forget(target)?;
                Err(error)
            }
        }
    }
}

/// Why a start failed, if another one may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    /// Somebody listens on the port.
    PortTaken,
    /// Processes of the killed server have not ended yet.
    OldServerEnding,
}

impl Obstacle {
    fn of(error: &ServerError) -> Option<Self> {
        // PostgreSQL has no other way to tell; `command` sees to it that its messages are in English.
        let ServerError::EndedEarly { log, .. } = error else {
            return None;
        };
        if log.contains("Address already in use") {
            Some(Self::PortTaken)
        } else if log.contains("shared memory block") && log.contains("still in use") {
            Some(Self::OldServerEnding)
        } else {
            None
        }
    }
}

/// A program of the server, to be run in `folder`, without what the caller's environment says about other servers.
pub(super) fn command(program: &Path, folder: &Path, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env("LC_ALL", "C")
        .env("TZ", "UTC");
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG"))
    {
        command.env_remove(name);
    }
    if let Some(account) = account {
        account.apply_to(&mut command);
    }
    command
}
