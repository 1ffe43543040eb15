//! A small process that outlives its owner to clean up after it.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use rustix::process::{Pid, Signal};

use crate::ServerError;

/// The guardian's program. POSIX shell, because every machine that runs these tests has one, and nothing else would still be
/// alive after `kill -9` of the owner.
const PROGRAM: &str = include_str!("guardian/guardian.sh");

/// Ends processes and removes a folder when the process that owns this value dies, in whichever way it does.
///
/// The guardian is a child process that reads from a pipe whose other end only its owner holds. The kernel closes that end
/// when the owner ends, be it by `exit`, panic, Ctrl-C or `kill -9`, and the end of the input is what the guardian acts upon.
/// It runs in a process group of its own, so signals meant for the owner's group do not reach it.
///
/// Dropping the value is the same as the owner's end, except that it waits until the guardian has finished.
#[derive(Debug)]
pub struct Guardian {
    child: Child,
    /// `None` only while dropping.
    input: Option<ChildStdin>,
}

/// What a guardian ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// One process.
    Process(Pid),
    /// Every process of the group led by this one.
    Group(Pid),
}

impl Target {
    /// As the `kill` program wants it: a group is a negative number.
    fn as_kill_argument(self) -> i32 {
        match self {
            Self::Process(pid) => pid.as_raw_nonzero().get(),
            Self::Group(leader) => -leader.as_raw_nonzero().get(),
        }
    }
}

impl Guardian {
    /// Starts a guardian that removes `folder`, if one is given, and ends nothing yet.
    ///
    /// # Errors
    ///
    /// [`ServerError::Io`] when there is no `sh`, or no further process can be started.
    pub fn start(folder: Option<&Path>) -> Result<Self, ServerError> {
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(PROGRAM)
            .arg("orchestrix-test-guardian")
            .arg(folder.unwrap_or(Path::new("")));
        command.current_dir("/").process_group(0);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command
            .spawn()
            .map_err(ServerError::io("start the guardian with sh"))?;
        let input = child.stdin.take();
        Ok(Self { child, input })
    }

    /// From now on `target` is sent `signal` when the owner ends, and `SIGKILL` if it is still there five seconds later.
    ///
    /// # Errors
    ///
    /// [`ServerError::Io`] when the guardian itself is gone.
    pub fn watch(&mut self, target: Target, signal: Signal) -> Result<(), ServerError> {
        self.tell(&format!(
            "watch {} {}\n",
            signal.as_raw(),
            target.as_kill_argument()
        ))
    }

    /// Takes back [`watch`](Self::watch): to be called when the target has ended, before its id can be given to another.
    ///
    /// # Errors
    ///
    /// [`ServerError::Io`] when the guardian itself is gone.
    pub fn forget(&mut self, target: Target) -> Result<(), ServerError> {
        self.tell(&format!("forget {}\n", target.as_kill_argument()))
    }

    fn tell(&mut self, line: &str) -> Result<(), ServerError> {
        // One write of a short line is atomic on a pipe: the guardian never sees half of it when we are killed now.
        self.input
            .as_mut()
            .map_or(Ok(()), |input| input.write_all(line.as_bytes()))
            .map_err(ServerError::io("talk to the guardian"))
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        self.input = None;
        // It ends by itself now. If it cannot be waited for, there is nothing left to do here.
        let _ = self.child.wait();
    }
}
