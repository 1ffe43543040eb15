//! Who knows what to do with what is due.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{Notify, watch};

use super::{COMMAND, FiringError, ScheduleStatus, StoredCommand, commands};
use crate::app::Core;
use crate::store::Scheduled;

/// Does what is due, of one kind. May be called again for the same, after a failure or a crash.
pub(crate) type Handler = Arc<dyn Fn(Arc<Core>, Scheduled) -> Done + Send + Sync>;

/// What comes of it.
pub(crate) type Done = Pin<Box<dyn Future<Output = Result<(), FiringError>> + Send>>;

/// The app's part in what is scheduled.
pub(crate) struct Firing {
    /// By kind.
    handlers: HashMap<&'static str, Handler>,
    /// By name.
    commands: HashMap<&'static str, StoredCommand>,
    /// Woken when something was scheduled here.
    pub(crate) wake: Notify,
    pub(crate) status: watch::Sender<ScheduleStatus>,
}

impl Firing {
    /// Commands, and what else is to be done at a time, by kind.
    pub(crate) fn new(
        commands: impl IntoIterator<Item = StoredCommand>,
        others: impl IntoIterator<Item = (&'static str, Handler)>,
    ) -> Self {
        let dispatch: Handler = Arc::new(|core, due| Box::pin(commands::dispatch(core, due)));
        Self {
            handlers: [(COMMAND, dispatch)].into_iter().chain(others).collect(),
            commands: commands
                .into_iter()
                .map(|command| (command.name(), command))
                .collect(),
            wake: Notify::new(),
            status: watch::Sender::default(),
        }
    }

    pub(super) fn handler(&self, kind: &str) -> Option<&Handler> {
        self.handlers.get(kind)
    }

    pub(crate) fn command(&self, name: &str) -> Option<&StoredCommand> {
        self.commands.get(name)
    }
}

#[cfg(test)]
mod tests;
