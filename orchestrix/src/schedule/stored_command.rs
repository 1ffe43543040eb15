//! Commands that can be kept, with their types forgotten.

use std::any::TypeId;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::aggregate::CommandOrigin;
use crate::app::{Core, Dispatch, Dispatchable};
use crate::middleware::{CommandError, forget};
use crate::store::Payload;

/// A command's way from what the store keeps of it to what handles it.
///
/// `#[aggregate]` and `#[module]` announce those of their commands that are `Serialize` and `Deserialize`. By hand it is:
///
/// ```
/// use orchestrix::app::ToAggregate;
/// use orchestrix::schedule::StoredCommand;
/// # use orchestrix::prelude::*;
/// # #[derive(Event, Serialize, Deserialize)] struct Counted {}
/// # #[derive(Command, Serialize, Deserialize)] struct Count { #[id] counter: u32 }
/// # #[derive(Default)] struct Counter;
/// # #[aggregate] impl Counter {
/// #     #[handle] fn count(&self, _: Count) -> Counted { Counted {} }
/// #     #[apply] fn counted(&mut self, _: &Counted) {}
/// # }
///
/// // What `Aggregate::stored_commands` gives.
/// let stored = vec![StoredCommand::of::<Count, ToAggregate<Counter>>()];
/// assert_eq!(stored[0].name(), "Count");
/// ```
#[derive(Clone, Copy)]
pub struct StoredCommand {
    name: &'static str,
    type_id: TypeId,
    run: Run,
}

type Run = fn(Arc<Core>, &Payload, CommandOrigin) -> Result<Running, serde_json::Error>;

/// A dispatch under way.
pub(super) type Running = Pin<Box<dyn Future<Output = Result<(), CommandError>> + Send>>;

impl StoredCommand {
    /// Of a command type, and what handles it.
    pub fn of<C, Target>() -> Self
    where
        C: Dispatchable<Target> + Serialize + DeserializeOwned,
        Target: 'static,
    {
        Self {
            name: C::NAME,
            type_id: TypeId::of::<C>(),
            run: run::<C, Target>,
        }
    }

    /// The command's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it is of this type.
    pub(crate) fn is<C: 'static>(&self) -> bool {
        self.type_id == TypeId::of::<C>()
    }

    /// Reads the command and dispatches it.
    pub(crate) fn dispatch(
        &self,
        core: Arc<Core>,
        payload: &Payload,
        origin: CommandOrigin,
    ) -> Result<Running, serde_json::Error> {
        (self.run)(core, payload, origin)
    }
}

fn run<C, Target>(
    core: Arc<Core>,
    payload: &Payload,
    origin: CommandOrigin,
) -> Result<Running, serde_json::Error>
where
    C: Dispatchable<Target> + DeserializeOwned,
    Target: 'static,
{
    let command: C = payload.read()?;
    let dispatch = Dispatch::nested(core, command, origin);
    Ok(Box::pin(async move {
        let outcome = dispatch.into_future().await;
        outcome.map(drop).map_err(forget)
    }))
}

impl fmt::Debug for StoredCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredCommand({})", self.name)
    }
}
