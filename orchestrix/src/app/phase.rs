//! How far an application is on its way to its end.

use std::fmt;

use tokio::sync::watch;

use super::App;

/// How far an application is on its way to its end. They come in this order; it ends with one of the last two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// No shutdown has begun.
    Running,
    /// It takes no more commands, and does what it was given to do [first](super::Builder::on_shutdown).
    Stopping,
    /// It waits for commands under way.
    Draining,
    /// The subscriptions finish what they are at and keep their checkpoints; then the store is closed.
    Checkpointing,
    /// Everything has ended by itself.
    Stopped,
    /// Everything has ended; something was late, or somebody did not want to wait, and was cut off.
    Forced,
}

impl Phase {
    /// Whether everything has ended.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Stopped | Self::Forced)
    }
}

/// In words.
impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Draining => "draining",
            Self::Checkpointing => "checkpointing",
            Self::Stopped => "stopped",
            Self::Forced => "forced",
        })
    }
}

impl App {
    /// How far the app is on its way to its end.
    pub fn phase(&self) -> Phase {
        *self.running.phases().borrow()
    }

    /// Its phases, to wait for one. Who looks too rarely misses short ones; the [report](App::shutdown_report) has all.
    pub fn phases(&self) -> watch::Receiver<Phase> {
        self.running.phases()
    }
}
