//! Ctrl-C and `SIGTERM`: end what is under way, then close the shop.

use std::future::Future;
use std::io;
use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What told the process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupt {
    /// `SIGINT`, which Ctrl-C sends.
    Interrupted,
    /// `SIGTERM`.
    Terminated,
}

impl Interrupt {
    /// 128 and the signal's number, as shells tell it.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// Does `work`, or drops it in the middle when the process is told to end. From then on whoever tells it again means it:
/// the process exits at once.
///
/// # Errors
///
/// [`Stopped`].
pub async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Result<T, Stopped> {
    let mut signals = Signals::listen()?;
    tokio::select! {
        done = work => Ok(done),
        interrupt = signals.next() => {
            tokio::spawn(async move {
                process::exit(signals.next().await.exit_code().into())
            });
            Err(Stopped::By(interrupt))
        }
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Takes the signals over for the rest of the process's life.
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Interrupt {
        tokio::select! {
            _ = self.interrupt.recv() => Interrupt::Interrupted,
            _ = self.terminate.recv() => Interrupt::Terminated,
        }
    }
}

/// Why work was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Stopped {
    /// The process was told to end.
    #[error("interrupted")]
    By(Interrupt),
    /// Signals cannot be listened to, so nothing was begun.
    #[error("signals cannot be listened to")]
    Deaf(#[from] io::Error),
}
