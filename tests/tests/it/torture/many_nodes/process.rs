//! A node: a process that is killed, or stopped for a while.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use orchestrix::error::BoxError;
use rustix::process::{Pid, Signal, kill_process};
use tests::crash_bank::NodeNotes;

use super::LEASE;
use super::leases::LeaseSeen;

/// A process that ends with the test, however that ends.
pub(super) struct NodeProcess {
    child: Child,
    /// What it calls itself where it writes down what it did.
    pub(super) name: String,
}

impl NodeProcess {
    pub(super) fn start(url: &str, notes: &NodeNotes, number: usize) -> Result<Self, BoxError> {
        let name = format!("node-{number}");
        let child = Command::new(env!("CARGO_BIN_EXE_crash_node"))
            .arg(url)
            .args([&notes.effects, &notes.moves])
            .args([&name, &LEASE.as_millis().to_string()])
            .stdin(Stdio::piped())
            // A process that stands still does not notice that its input ended. In a group of its own, it is hung up
            // upon by the system once the test is gone.
            .process_group(0)
            .spawn()?;
        Ok(Self { child, name })
    }

    /// Whether it holds a lease.
    pub(super) fn holds(&self, lease: &LeaseSeen) -> bool {
        let node = lease.holder().and_then(|node| node.split_once('-'));
        node.is_some_and(|(process, _)| process == self.child.id().to_string())
    }

    /// It must not have ended before: then nothing was killed.
    pub(super) fn kill(&mut self) -> Result<(), BoxError> {
        self.still_runs()?;
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    pub(super) fn stop(&mut self) -> Result<(), BoxError> {
        self.still_runs()?;
        self.signal(Signal::STOP)
    }

    pub(super) fn go_on(&mut self) -> Result<(), BoxError> {
        self.still_runs()?;
        self.signal(Signal::CONT)
    }

    pub(super) fn still_runs(&mut self) -> Result<(), BoxError> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("{} ended by itself: {status}", self.name).into()),
        }
    }

    fn signal(&self, signal: Signal) -> Result<(), BoxError> {
        // It was not waited for, so no other process has its number.
        Ok(kill_process(Pid::from_child(&self.child), signal)?)
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
