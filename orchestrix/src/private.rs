//! For generated code only, and free to change in any release: what the macros' expansions name.
//!
//! Expansions stand in crates with any prelude and any dependencies, so all that they need is reached through here.

pub extern crate std;

// With their paths: this file is reached by one too.
#[path = "private/reactions.rs"]
mod reactions;
#[path = "private/sagas.rs"]
mod sagas;

pub use crate::aggregate::{
    Aggregate, BrokenStream, CommandContext, CommandFor, CommandInfo, Current, Declined,
    HandlerOutput, IntoEvents,
};
use crate::app::Dispatchable;
pub use crate::app::{ToAggregate, ToModule};
pub use crate::error::BoxError;
pub use crate::message::{
    Command, DecodeError, Event, EventStruct, EventType, Key, StreamCommand, TagValue,
};
use crate::message::{decode_variant, encode_variant};
pub use crate::module::{
    EventContext, EventHandlerOutput, HandlerFuture, Module, ModuleCommand, ModuleContext,
    ModuleOutput, Parts, handler_result,
};
pub use crate::projection::{
    Documents, FoldError, Index, IndexKind, IndexValue, Indexes, Keys, Projection, TableProjection,
    TransactionOf,
};
pub use crate::registry::AutoEvent;
pub use crate::saga::{
    ByHand, Compensation, CompensationFuture, Reacting, Reactions, Rejection, Saga, SagaContext,
    Step, StepFuture, StepRetry,
};
pub use crate::schedule::StoredCommand;
pub use crate::store::{EventData, NameError, Payload, RecordedEvent, Tag};
pub use crate::upcast::{Hop, UpcastFrom, fallible_json_hop, json_hop, typed_hop};
use crate::upcast::{check_hop, check_json_hop};
pub use reactions::{AnySaga, RejectedOutput, saga, timer_name};
pub use sagas::{CompensationOutput, StepOutput, no_compensation, no_step, step_name, step_retry};
pub use serde;
pub use serde_json::{Error as JsonError, Value};

#[cfg(feature = "auto-register")]
pub use inventory;

pub use crate::__orchestrix_auto_register as auto_register;
pub use crate::__orchestrix_stored_command as stored_command;

/// Announces a static [`EventType`] to every registry of the program.
#[cfg(feature = "auto-register")]
#[doc(hidden)]
#[macro_export]
macro_rules! __orchestrix_auto_register {
    ($event_type:expr) => {
        $crate::__private::inventory::submit! { $crate::__private::AutoEvent(&$event_type) }
    };
}

/// A command, if it can be stored. Which of the two methods is meant is decided where the types are known: the one of the
/// command that serde knows comes first, for the other one needs one more reference.
///
/// Source: David Tolnay, "Autoref-based stable specialization", 2019.
#[doc(hidden)]
#[macro_export]
macro_rules! __orchestrix_stored_command {
    ($command:ty, $target:ty) => {{
        use $crate::__private::{NotStored as _, Stored as _};
        (&$crate::__private::MaybeStored::<$command, $target>::NEW).stored()
    }};
}

/// A command of which it is asked whether it can be stored.
pub struct MaybeStored<C, Target>(std::marker::PhantomData<fn() -> (C, Target)>);

impl<C, Target> MaybeStored<C, Target> {
    /// The question.
    pub const NEW: Self = Self(std::marker::PhantomData);
}

impl<C, Target> std::fmt::Debug for MaybeStored<C, Target> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MaybeStored")
    }
}

/// It can be.
pub trait Stored {
    /// The command.
    fn stored(&self) -> Option<StoredCommand>;
}

impl<C, Target: 'static> Stored for MaybeStored<C, Target>
where
    C: Dispatchable<Target> + serde::Serialize + serde::de::DeserializeOwned,
{
    fn stored(&self) -> Option<StoredCommand> {
        Some(StoredCommand::of::<C, Target>())
    }
}

/// It cannot be, or nothing is known.
pub trait NotStored {
    /// Nothing.
    fn stored(&self) -> Option<StoredCommand>;
}

impl<C, Target> NotStored for &MaybeStored<C, Target> {
    fn stored(&self) -> Option<StoredCommand> {
        None
    }
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

/// The upcasters of a struct, as a function that a static can hold.
pub fn struct_hops<T: EventStruct>(into: &mut Vec<Hop>) {
    T::hops(into);
}

/// The schema version that an upcaster from `Old` to `New` takes.
///
/// # Panics
/// When the two do not fit together, which stops the compilation.
pub const fn version_below<Old: EventStruct, New: EventStruct>() -> u32 {
    check_hop::<Old, New>();
    Old::SCHEMA_VERSION
}

/// What an upcaster from `Old` to `New` does with JSON.
///
/// # Errors
/// When the JSON does not fit the old type, or the new value cannot be written.
pub fn hop_between<Old: EventStruct, New: EventStruct>(
    stored: Value,
    upcast: fn(Old) -> New,
) -> Result<Value, BoxError> {
    typed_hop(stored, upcast)
}

/// Adds the upcasters of `Old`, and the one that takes it.
pub fn push_hop_between<Old: EventStruct>(
    into: &mut Vec<Hop>,
    run: fn(Value) -> Result<Value, BoxError>,
) {
    Old::hops(into);
    into.push(Hop::new(Old::SCHEMA_VERSION, run));
}

/// The schema version that an upcaster on JSON takes.
///
/// # Panics
/// When it is not below the event's, which stops the compilation.
pub const fn json_version<E: EventStruct>(from: u32) -> u32 {
    check_json_hop::<E>(from);
    from
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
    let index = variants
        .iter()
        .position(|known| *known.name() == *event.event_type)?;
    Some(decode_variant(variants.get(index)?, index, event))
}

/// Where an aggregate's state or a projection's document begins that no `#[apply]` constructs.
#[diagnostic::on_unimplemented(
    message = "nothing says how `{Self}` begins",
    label = "no `#[apply]` constructs it, and it is not `Default`",
    note = "add `#[apply] fn ..(event: &TheEvent) -> Self` for the event that begins it, or `#[derive(Default)]` to `{Self}`"
)]
pub trait BeginsAsDefault: Default {}

#[diagnostic::do_not_recommend]
impl<T: Default> BeginsAsDefault for T {}

/// The value before the first event.
pub fn begin<T: BeginsAsDefault>() -> T {
    T::default()
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
    state
        .as_mut()
        .map(change)
        .ok_or(BrokenStream::NotConstructed)
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

/// A list of those commands that can be stored.
pub fn all_stored<const N: usize>(commands: [Option<StoredCommand>; N]) -> Vec<StoredCommand> {
    commands.into_iter().flatten().collect()
}

/// What the registry knows of an aggregate's command.
///
/// That it is a command was asked where the impl of `CommandFor` stands, and is not asked again here.
pub fn command_info<C: CommandFor<A>, A: Aggregate>() -> CommandInfo {
    CommandInfo::of::<C>()
}

/// A copy of an aggregate's command, for a handler that takes it by value.
pub fn duplicate<C: CommandFor<A>, A: Aggregate>(command: &C) -> C {
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

/// What a method of a projection with tables of its own returns: nothing, or a `Result` of nothing and any error.
#[diagnostic::on_unimplemented(
    message = "a method of a projection with tables must return nothing or `Result<(), E>`, not `{Self}`",
    label = "`E` must be an error type, `Send + Sync + 'static`"
)]
pub trait TableOutput {
    /// As a `Result`.
    ///
    /// # Errors
    /// The method's.
    fn into_result(self) -> Result<(), BoxError>;
}

impl TableOutput for () {
    fn into_result(self) -> Result<(), BoxError> {
        Ok(())
    }
}

impl<E: Into<BoxError>> TableOutput for Result<(), E> {
    fn into_result(self) -> Result<(), BoxError> {
        self.map_err(Into::into)
    }
}

/// The key in a field of an event. Whether its type is a key is asked here only.
#[derive(Clone, Copy)]
pub struct FieldKey<'a>(&'a dyn Key);

impl<'a> FieldKey<'a> {
    /// Of this field.
    pub fn of<K: Key>(field: &'a K) -> Self {
        Self(field)
    }
}

impl std::fmt::Debug for FieldKey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.to_key())
    }
}

impl Key for FieldKey<'_> {
    fn to_key(&self) -> String {
        self.0.to_key()
    }

    fn write_key(&self, to: &mut String) {
        self.0.write_key(to);
    }
}

/// The keys that a function gives for an event, each once. Whether their type is a key is asked in [`of`](Self::of) only.
#[derive(Debug)]
pub struct SeveralKeys<K>(Vec<(String, K)>);

impl<K> SeveralKeys<K> {
    /// Of these keys, in order.
    pub fn of(keys: impl IntoIterator<Item = K>) -> Self
    where
        K: Key,
    {
        let mut seen = std::collections::HashSet::new();
        let with_text = keys.into_iter().map(|key| (key.to_key(), key));
        Self(
            with_text
                .filter(|(text, _)| seen.insert(text.clone()))
                .collect(),
        )
    }

    /// Names them all.
    pub fn push(self, into: &mut Keys) {
        for (text, _) in &self.0 {
            into.push(text);
        }
    }

    /// Folds an event into the document of each.
    ///
    /// # Errors
    /// The first one's.
    pub fn try_for_each(
        self,
        mut fold: impl FnMut(&str, &K) -> Result<(), FoldError>,
    ) -> Result<(), FoldError> {
        self.0.iter().try_for_each(|(text, key)| fold(text, key))
    }
}
