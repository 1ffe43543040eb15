//! One running server: a direct child of this process, with its log in a file.

use std::fs::{self, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::ServerError;
use crate::guardian::{Guardian, Target};

/// How often a condition is looked at while waiting for it.
pub(crate) const POLL: Duration = Duration::from_millis(20);

/// How much of a log's end goes into an error.
const TAIL_LINES: usize = 25;

/// A server that was started and has not been seen to end.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    server: &'static str,
    child: Child,
    log: PathBuf,
    /// Where this run's part of the log begins.
    log_start: usize,
}

impl ServerProcess {
    /// Starts `command` as a direct child (a grandchild could not be reaped when it is killed) in a process group of its
    /// own (Ctrl-C is for the tests; the server is stopped by its owner), appending what it prints to `log`.
    pub(crate) fn spawn(
        server: &'static str,
        command: &mut Command,
        log: &Path,
    ) -> Result<Self, ServerError> {
        let open = || OpenOptions::new().create(true).append(true).open(log);
        let opening = || ServerError::io(format!("open {}", log.display()));
        let (out, err) = (open().map_err(opening())?, open().map_err(opening())?);
        let log_start = fs::read(log).map_or(0, |text| text.len());
        let child = command
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .process_group(0)
            .spawn()
            .map_err(ServerError::io(format!(
                "start {}",
                command.get_program().display()
            )))?;
        Ok(Self {
            server,
            child,
            log: log.to_owned(),
            log_start,
        })
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits until `ready` says so.
    ///
    /// # Errors
    ///
    /// [`ServerError::EndedEarly`] as soon as the server ends, [`ServerError::NotReady`] after `limit`.
    pub(crate) fn wait_until(
        &mut self,
        limit: Duration,
        ready: impl Fn(&Self) -> bool,
    ) -> Result<(), ServerError> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.ended()? {
                return Err(ServerError::EndedEarly {
                    server: self.server,
                    status,
                    log: self.log_tail(),
                });
            }
            if ready(self) {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(ServerError::NotReady {
                    server: self.server,
                    limit,
                    log: self.log_tail(),
                });
            }
            thread::sleep(POLL);
        }
    }

    /// Sends `signal`, waits until the server has ended, and kills it when that takes longer than `limit`.
    pub(crate) fn stop(
        &mut self,
        signal: Signal,
        limit: Duration,
    ) -> Result<ExitStatus, ServerError> {
        if let Some(status) = self.ended()? {
            return Ok(status);
        }
        self.signal(signal)?;
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            thread::sleep(POLL);
        }
        self.kill()
    }

    /// Sends `SIGKILL` and reaps the process.
    pub(crate) fn kill(&mut self) -> Result<ExitStatus, ServerError> {
        let action = || ServerError::io(format!("kill {}", self.server));
        self.child.kill().map_err(action())?;
        self.child.wait().map_err(action())
    }

    /// The end of what this run of the server printed.
    pub(crate) fn log_tail(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        tail(&String::from_utf8_lossy(
            bytes.get(self.log_start..).unwrap_or_default(),
        ))
    }

    fn ended(&mut self) -> Result<Option<ExitStatus>, ServerError> {
        self.child
            .try_wait()
            .map_err(ServerError::io(format!("wait for {}", self.server)))
    }

    fn signal(&self, signal: Signal) -> Result<(), ServerError> {
        kill_process(self.pid(), signal).map_err(|error| {
            ServerError::io(format!("send a signal to {}", self.server))(error.into())
        })
    }
}

/// The last lines of a text that may be long.
pub(crate) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

/// Runs a program to its end; `guardian` ends it when we are ended meanwhile.
///
/// # Errors
///
/// [`ServerError::CommandFailed`] with the end of everything it printed, or [`ServerError::Io`] when it cannot be started.
pub(crate) fn run(command: &mut Command, guardian: &mut Guardian) -> Result<(), ServerError> {
    let program = command.get_program().display().to_string();
    let action = || ServerError::io(format!("run {program}"));
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(action())?;
    let group = Target::Group(Pid::from_child(&child));
    guardian.watch(group, Signal::TERM)?;
    let output = child.wait_with_output();
    guardian.forget(group)?;
    let output = output.map_err(action())?;
    if output.status.success() {
        return Ok(());
    }
    let printed = [output.stdout, output.stderr].concat();
    let output_tail = tail(&String::from_utf8_lossy(&printed));
    Err(ServerError::CommandFailed {
        program,
        status: output.status,
        output: output_tail,
    })
}
