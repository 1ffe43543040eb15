//! Ctrl-C, `SIGTERM` and `SIGHUP`: end what runs, then stop what was started.

use std::io;
use std::process::Child;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// How long an interrupted task may take to stop what it started. What it has not stopped by then is left to the guardians.
const PATIENCE: Duration = Duration::from_secs(10);

/// The signals that this process got, and the process group that they are passed on to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupts {
    /// The first signal, or 0.
    first: Arc<AtomicI32>,
    /// The leader of the group that runs now.
    group: Arc<Mutex<Option<Pid>>>,
}

impl Interrupts {
    /// Takes over the signals for the rest of the process's life.
    pub(crate) fn listen() -> io::Result<Self> {
        let interrupts = Self::default();
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        let listener = interrupts.clone();
        thread::Builder::new()
            .name("interrupts".to_owned())
            .spawn(move || {
                for signal in signals.forever() {
                    listener.on_signal(signal);
                }
            })?;
        Ok(interrupts)
    }

    /// Whether the task has to end.
    pub(crate) fn any(&self) -> bool {
        self.first.load(Ordering::SeqCst) != 0
    }

    /// The exit code that tells the caller which signal ended the task, as shells do.
    pub(crate) fn exit_code(&self) -> Option<u8> {
        let signal = self.first.load(Ordering::SeqCst);
        (signal != 0).then(|| u8::try_from(128 + signal).unwrap_or(u8::MAX))
    }

    /// Starts a child that leads a process group; `None` if the task has to end instead. From now on signals are passed on
    /// to the group, until the returned value is dropped: that kills what is left of the group.
    pub(crate) fn start_group(
        &self,
        spawn: impl FnOnce() -> io::Result<Child>,
    ) -> io::Result<Option<(Child, RunningGroup<'_>)>> {
        // Held while starting: a signal in between finds either no child or the whole group.
        let mut group = self.group.lock().unwrap_or_else(PoisonError::into_inner);
        if self.any() {
            return Ok(None);
        }
        let child = spawn()?;
        let leader = Pid::from_child(&child);
        *group = Some(leader);
        Ok(Some((
            child,
            RunningGroup {
                interrupts: self,
                leader,
            },
        )))
    }

    fn on_signal(&self, signal: i32) {
        let again = self
            .first
            .compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst)
            .is_err();
        if !again {
            eprintln!("\ninterrupted: stopping what was started");
            let interrupts = self.clone();
            thread::spawn(move || {
                thread::sleep(PATIENCE);
                interrupts.pass_on(Signal::KILL);
                std::process::exit(interrupts.exit_code().map_or(1, i32::from));
            });
        }
        // Whoever asks twice means it.
        let passed_on = if again {
            Some(Signal::KILL)
        } else {
            Signal::from_named_raw(signal)
        };
        self.pass_on(passed_on.unwrap_or(Signal::TERM));
    }

    fn pass_on(&self, signal: Signal) {
        if let Some(leader) = *self.group.lock().unwrap_or_else(PoisonError::into_inner) {
            // It may have ended in this moment.
            let _ = kill_process_group(leader, signal);
        }
    }
}

/// A process group that signals are passed on to.
#[derive(Debug)]
pub(crate) struct RunningGroup<'a> {
    interrupts: &'a Interrupts,
    leader: Pid,
}

impl RunningGroup<'_> {
    pub(crate) fn leader(&self) -> Pid {
        self.leader
    }
}

impl Drop for RunningGroup<'_> {
    fn drop(&mut self) {
        let mut group = self
            .interrupts
            .group
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *group = None;
        // Usually nobody is left; a test that was ended may leave a child.
        let _ = kill_process_group(self.leader, Signal::KILL);
    }
}
