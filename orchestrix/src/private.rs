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

/// Where an aggregate's state or a projection's document begins that no `#[apply]` constructs.
#[diagnostic::on_unimplemented(
    message = "nothing says how `{Self}` begins",
    label = "no `#[apply]` constructs it, and it is not `Default`",
    note = "add `#[apply] fn ..(event: &TheEvent) -> Self` for the event that begins it, or `#[derive(Default)]` to `{Self}`"
)]
pub trait BeginsAsDefault: Default {
    /// The value before the first event.
    fn begin() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> BeginsAsDefault for T {
    fn begin() -> Self {
        Self::default()
    }
}

/// Adds an event that constructs the state.
///
/// # Errors
/// [`BrokenStream::ConstructedTwice`] when there is a state already.
pub fn construct<S>(state: &mut Option<S>, new: impl FnOnce() -> S) -> Result<(), BrokenStream> {
    match state {
        Some(_) => Err(BrokenStream::ConstructedTwice),
        None => {
            *state = Some(new());
            Ok(())
        }
    }
}

/// Adds an event that changes the state.
///
/// # Errors
/// [`BrokenStream::NotConstructed`] when there is none.
pub fn change<S>(state: &mut Option<S>, change: impl FnOnce(&mut S)) -> Result<(), BrokenStream> {
    state.as_mut().map(change).ok_or(BrokenStream::NotConstructed)
}

/// The outcome of a handler that gives one event.
///
/// # Errors
/// None.
pub fn one_event<E>(event: E) -> Result<Vec<E>, std::convert::Infallible> {
    Ok(vec![event])
}

/// The stored types of several events.
pub fn all_types<const N: usize>(of_each: [Vec<&'static EventType>; N]) -> Vec<&'static EventType> {
    of_each.concat()
}

/// A list of commands.
pub fn all_commands<const N: usize>(commands: [CommandInfo; N]) -> Vec<CommandInfo> {
    commands.into()
}

/// What the registry knows of an aggregate's command.
pub fn stream_command<C: StreamCommand>() -> CommandInfo {
    CommandInfo::of::<C>()
}

/// A copy of an aggregate's command, for a handler that takes it by value.
pub fn duplicate<C: StreamCommand>(command: &C) -> C {
    command.duplicate()
}

/// Folds an event into a document that begins as the default one.
///
/// # Errors
/// None.
pub fn change_document<P: BeginsAsDefault, K: Key + ?Sized>(
    documents: &mut Documents<'_, P>,
    key: &K,
    change: impl FnOnce(&mut P),
) -> Result<(), FoldError> {
    documents.change(key, change);
    Ok(())
}

/// Folds an event into a document that begins as the default one, or ends it.
///
/// # Errors
/// None.
pub fn change_or_end_document<P: BeginsAsDefault, K: Key + ?Sized>(
    documents: &mut Documents<'_, P>,
    key: &K,
    change: impl FnOnce(P) -> Option<P>,
) -> Result<(), FoldError> {
    documents.change_or_end(key, change);
    Ok(())
}

/// Pushes keys as text, each once.
pub fn push_keys<K: Key>(keys: impl IntoIterator<Item = K>, into: &mut Vec<String>) {
    into.extend(distinct(keys).into_iter().map(|(text, _)| text));
}

/// Folds an event into several documents, each once.
///
/// # Errors
/// The first one's.
pub fn for_each_key<K: Key>(
    keys: impl IntoIterator<Item = K>,
    mut fold: impl FnMut(&K) -> Result<(), FoldError>,
) -> Result<(), FoldError> {
    distinct(keys).iter().try_for_each(|(_, key)| fold(key))
}

/// The keys with their texts, in order, without repetitions.
fn distinct<K: Key>(keys: impl IntoIterator<Item = K>) -> Vec<(String, K)> {
    let mut seen = std::collections::HashSet::new();
    let with_text = keys.into_iter().map(|key| (key.to_key(), key));
    with_text.filter(|(text, _)| seen.insert(text.clone())).collect()
}
