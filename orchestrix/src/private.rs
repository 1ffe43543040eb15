//! For generated code only, and free to change in any release: what the macros' expansions name.
//!
//! Expansions stand in crates with any prelude and any dependencies, so all that they need is reached through here.

pub extern crate std;

pub use crate::aggregate::{
    Aggregate, BrokenStream, CommandContext, CommandFor, CommandInfo, Current, Declined,
    HandlerOutput, IntoEvents,
};
pub use crate::error::BoxError;
pub use crate::message::{
    Command, DecodeError, Event, EventStruct, EventType, Key, StreamCommand, decode_variant,
    encode_variant,
};
pub use crate::module::{
    EventContext, EventHandlerOutput, HandlerFuture, Module, ModuleCommand, ModuleContext,
    ModuleOutput, Parts, handler_result,
};
pub use crate::projection::{Documents, FoldError, Projection};
pub use crate::registry::AutoEvent;
pub use crate::store::{EventData, Payload, RecordedEvent};
pub use crate::upcast::{
    Hop, UpcastFrom, check_hop, check_json_hop, fallible_json_hop, json_hop, typed_hop,
};
pub use serde;
pub use serde_json::{Error as JsonError, Value};

#[cfg(feature = "auto-register")]
pub use inventory;

pub use crate::__orchestrix_auto_register as auto_register;

/// Announces a static [`EventType`] to every registry of the program.
#[cfg(feature = "auto-register")]
#[doc(hidden)]
#[macro_export]
macro_rules! __orchestrix_auto_register {
    ($event_type:expr) => {
        $crate::__private::inventory::submit! { $crate::__private::AutoEvent(&$event_type) }
    };
}

/// Announces nothing: the feature `auto-register` is off.
#[cfg(not(feature = "auto-register"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __orchestrix_auto_register {
    ($event_type:expr) => {};
}

/// What `#[derive(Event)]` checks of an enum, once and at its name: its variants are read and written by serde.
pub trait EventEnum: Event + serde::Serialize + serde::de::DeserializeOwned {}

/// The body to store for an event that is a struct.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn encode_struct<T: EventStruct>(event: &T) -> Result<Payload, serde_json::Error> {
    Payload::of(event)
}

/// Reads a stored event into a struct, if it has its name.
pub fn decode_struct<T: EventStruct>(
    event_type: &EventType,
    event: &EventData,
) -> Option<Result<T, DecodeError>> {
    (*event.event_type == *T::NAME).then(|| event_type.read(event))
}

/// The body to store for an event that is an enum.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn encode_enum<T: EventEnum>(event: &T) -> Result<Payload, serde_json::Error> {
    encode_variant(event)
}

/// Reads a stored event into the variant that has its name, if one has. The types are in the order of the variants.
pub fn decode_enum<T: EventEnum>(
    variants: &[EventType],
    event: &EventData,
) -> Option<Result<T, DecodeError>> {
    let index = variants.iter().position(|known| *known.name() == *event.event_type)?;
    Some(decode_variant(variants.get(index)?, index, event))
}
