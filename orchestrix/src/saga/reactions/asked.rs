//! What a reaction asks for.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::Command;
use crate::schedule::{Due, StoredCommand};
use crate::store::Payload;

/// What a reaction knows, and what it asks for: commands, timers, the end of the instance. Nothing of it happens while it
/// reacts: all is kept with the new state first, at once, and is done then.
///
/// Reactions are tested without an app:
///
/// ```
/// use std::time::Duration;
/// use orchestrix::prelude::*;
/// use orchestrix::saga::Reactions;
///
/// #[derive(Command, Serialize, Deserialize)]
/// struct Ship { #[id] order: u32 }
///
/// let noon = "2024-02-29T12:00:00Z".parse()?;
/// let mut cx = Reactions::at(noon);
/// cx.dispatch(Ship { order: 7 });
/// cx.set_timer("overdue", Duration::from_secs(60));
/// assert_eq!(cx.dispatched::<Ship>()[0].order, 7);
/// assert_eq!(cx.timer("overdue").map(|due| due.to_string()).as_deref(), Some("2024-02-29T12:01:00Z"));
/// assert!(!cx.is_completed());
/// # Ok::<(), jiff::Error>(())
/// ```
pub struct Reactions {
    key: String,
    now: Timestamp,
    pub(super) commands: Vec<Asked>,
    /// By name: when it is to fire; none for one that is cancelled.
    pub(super) timers: BTreeMap<&'static str, Option<Timestamp>>,
    completed: bool,
}

/// A command that a reaction asks for.
pub(super) struct Asked {
    pub(super) name: &'static str,
    type_id: TypeId,
    /// Whether what an app has under its name is the same command.
    pub(super) is_stored_as: fn(&StoredCommand) -> bool,
    pub(super) content: Result<Payload, serde_json::Error>,
}

impl Reactions {
    /// At this time, with an empty key.
    pub fn at(now: Timestamp) -> Self {
        Self {
            key: String::new(),
            now,
            commands: Vec::new(),
            timers: BTreeMap::new(),
            completed: false,
        }
    }

    /// Of the instance with this key.
    #[must_use]
    pub fn of(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// The key of the instance.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// When the event happened that is reacted to; of a timer, when it fired. The same however often the event comes.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Has a command dispatched to the saga's tenant, caused by the event, once. Its module must announce it as a
    /// [`StoredCommand`], as `#[aggregate]` and `#[module]` do for those that are `Serialize` and `Deserialize`. What the
    /// domain says against it comes back as a [`Rejection`](super::Rejection).
    pub fn dispatch<C: Command + Serialize>(&mut self, command: C) {
        self.commands.push(Asked {
            name: C::NAME,
            type_id: TypeId::of::<C>(),
            is_stored_as: StoredCommand::is::<C>,
            content: Payload::of(&command),
        });
    }

    /// Sets one of the saga's timers: at a time, or so long after [`now`](Self::now). One that is set already is set anew.
    pub fn set_timer(&mut self, timer: &'static str, due: impl Into<Due>) {
        let due = match due.into() {
            Due::At(time) => time,
            Due::In(wait) => self.now.checked_add(wait).unwrap_or(Timestamp::MAX),
        };
        self.timers.insert(timer, Some(due));
    }

    /// Cancels a timer; nothing, where it is not set. It does not fire any more, also where it is due by now.
    pub fn cancel_timer(&mut self, timer: &'static str) {
        self.timers.insert(timer, None);
    }

    /// Ends the instance: its timers are cancelled, and it reacts to nothing more but rejections of its commands.
    pub fn complete(&mut self) {
        self.completed = true;
    }

    /// The commands of this type that were asked for, in order.
    pub fn dispatched<C: Command + DeserializeOwned>(&self) -> Vec<C> {
        let of_type = self
            .commands
            .iter()
            .filter(|asked| asked.type_id == TypeId::of::<C>());
        of_type
            .filter_map(|asked| asked.content.as_ref().ok()?.read().ok())
            .collect()
    }

    /// The names of all commands that were asked for, in order.
    pub fn commands(&self) -> Vec<&'static str> {
        self.commands.iter().map(|asked| asked.name).collect()
    }

    /// When a timer is to fire, if it was set.
    pub fn timer(&self, timer: &str) -> Option<Timestamp> {
        *self.timers.get(timer)?
    }

    /// Whether a timer was cancelled.
    pub fn is_cancelled(&self, timer: &str) -> bool {
        self.timers.get(timer) == Some(&None)
    }

    /// Whether the instance was ended.
    pub fn is_completed(&self) -> bool {
        self.completed
    }
}

impl fmt::Debug for Reactions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reactions")
            .field("key", &self.key)
            .field("now", &self.now)
            .field("commands", &self.commands())
            .field("timers", &self.timers)
            .field("completed", &self.completed)
            .finish()
    }
}
