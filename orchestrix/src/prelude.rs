//! What a domain and its `main` need: `use orchestrix::prelude::*;`.

pub use serde::{Deserialize, Serialize};

pub use crate::aggregate::{Aggregate, CommandContext};
pub use crate::app::{App, DispatchError, Orchestrix, Receipt};
pub use crate::decision::{DecisionError, DecisionModel};
pub use crate::message::{Command, Event, EventStruct, Key, StreamCommand};
pub use crate::module::{EventContext, Module, ModuleContext, ReplayContext};
pub use crate::projection::Projection;
pub use crate::saga::{Reactions, Rejection, SagaContext, StepError};
pub use crate::store::{MemoryStore, StreamVersion, TenantId};
#[cfg(feature = "macros")]
pub use crate::{Command, Event, Id, aggregate, module, projection, saga, upcast};
