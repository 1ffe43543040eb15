//! A node: a process that is killed, or stopped for a while.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use orchestrix::error::BoxError;
use rustix::process::{Pid, Signal, kill_process};
use tests::crash_bank::NodeNotes;
use tokio::sync::watch;

use super::LEASE;
use super::leases::LeaseSeen;
use crate::torture::told_process::ToldProcess;

pub(super) struct NodeProcess {
    process: ToldProcess,
    /// What it calls itself where it writes down what it did.
    pub(super) name: String,
}

impl NodeProcess {
    pub(super) fn start(url: &str, notes: &NodeNotes, number: usize) -> Result<Self, BoxError> {
        let name = format!("node-{number}");
        let process = ToldProcess::start(
            Command::new(env!("CARGO_BIN_EXE_crash_node"))
                .arg(url)
                .args([&notes.effects, &notes.moves])
                .args([&name, &LEASE.as_millis().to_string()])
                // A process that stands still does not notice that its input ended. In a group of its own, it is hung up
                // upon by the system once the test is gone.
                .process_group(0),
        )?;
        Ok(Self { process, name })
    }

    /// Changes with each effect of it.
    pub(super) fn told(&self) -> watch::Receiver<usize> {
        self.process.told()
    }

    /// Whether it holds a lease.
    pub(super) fn holds(&self, lease: &LeaseSeen) -> bool {
        let node = lease.holder().and_then(|node| node.split_once('-'));
        node.is_some_and(|(process, _)| process == self.process.child().id().to_string())
    }

    /// It must not have ended before: then nothing was killed.
    pub(super) fn kill(&mut self) -> Result<(), BoxError> {
        self.process.kill().map_err(|error| self.named(&error))
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
        self.process
            .still_runs()
            .map_err(|error| self.named(&error))
    }

    fn named(&self, error: &BoxError) -> BoxError {
        format!("{}: {error}", self.name).into()
    }

    fn signal(&self, signal: Signal) -> Result<(), BoxError> {
        // It was not waited for, so no other process has its number.
        Ok(kill_process(Pid::from_child(self.process.child()), signal)?)
    }
}
