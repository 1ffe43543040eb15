//! The derives and attributes of `orchestrix`, which re-exports them: depend on that crate, not on this one.
//!
//! | macro | on | writes |
//! |---|---|---|
//! | [`derive(Event)`](macro@Event) | a struct, an enum | its stored types |
//! | [`derive(Command)`](macro@Command) | a struct | its name, and the stream it is for |
//! | [`derive(Id)`](macro@Id) | a newtype | what an id can do |
//! | [`#[upcast]`](macro@upcast) | a function | one step from an old schema version to the next |
//! | [`#[aggregate]`](macro@aggregate) | an impl block | decisions and state |
//! | [`#[projection]`](macro@projection) | an impl block | keyed documents |
//! | [`#[saga]`](macro@saga) | an impl block | work of several steps, undone where it fails; or reactions to events, with timers |
//! | [`#[module]`](macro@module) | a struct, an impl block | the registration of all these |
//!
//! All that they write goes through public traits and can be written by hand. Mistakes are reported all at once, each
//! at the token that has to change. Every macro accepts `crate = path`, for a runtime crate under another name; the
//! derives also as `#[orchestrix(crate = path)]`, once for all derives on an item.

mod aggregate;
mod argument;
mod attr;
mod command;
mod ctxt;
mod event;
mod event_set;
mod fallback;
mod fields;
mod generics;
mod id;
mod impl_block;
mod method;
mod module;
mod names;
mod place;
mod projection;
mod runtime;
mod saga;
#[cfg(test)]
mod snapshot;
mod upcast;

use proc_macro::TokenStream;

/// Declares what is stored for a struct, or for each variant of an enum.
///
/// ```
/// use orchestrix::prelude::*;
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct MoneyDeposited { pence: i64 }
///
/// #[derive(Event, Serialize, Deserialize)]
/// enum Parcel {
///     Sent { to: String },
///     #[event(name = "ParcelLost", schema_version = 2, upcast(with_reason))]
///     Lost { reason: String },
/// }
///
/// #[derive(Deserialize)]
/// struct LostV1 {}
/// #[derive(Serialize)]
/// struct LostV2 { reason: &'static str }
/// fn with_reason(_: LostV1) -> LostV2 { LostV2 { reason: "unknown" } }
///
/// let names: Vec<_> = Parcel::types().iter().map(|stored| stored.name()).collect();
/// assert_eq!(names, ["Sent", "ParcelLost"]);
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct Subscribed {
///     #[tag]
///     course: String,
///     #[tag(name = "student")]
///     by: u32,
/// }
///
/// let tags = Subscribed { course: "c1".into(), by: 7 }.tags()?;
/// let texts: Vec<_> = tags.iter().map(|tag| tag.as_str()).collect();
/// assert_eq!(texts, ["course:c1", "student:7"]);
/// # Ok::<(), orchestrix::store::NameError>(())
/// ```
///
/// # Attributes
///
/// | attribute | on | meaning | default |
/// |---|---|---|---|
/// | `#[event(name = "..")]` | struct, variant | stored name: 1 to 128 bytes, no control characters | the Rust name |
/// | `#[event(schema_version = 2)]` | struct, variant | version of the shape, from 1 | 1 |
/// | `#[event(upcast(from_1, ..))]` | variant | one function from each older schema version to the next, lowest first; each takes one value that can be read and returns one that can be written, `serde_json::Value` included | none |
/// | `#[event(crate = path)]` | struct, enum | path of the runtime crate | `::orchestrix` |
/// | `#[tag]` | field | what the event is about, across streams: the tag `field:key`. A key is text, an integer, a UUID or a [`derive(Id)`](macro@Id) newtype; an `Option` gives a tag or none, a `Vec` one for each element | no tag |
/// | `#[tag(name = "..")]` | field | the tag's name, `name:key`: 1 to 128 bytes, no colon, no control characters | the field's name; an unnamed field must be given one |
///
/// # What it writes
///
/// - `impl Event`; on a struct also `impl EventStruct`.
/// - Where a field is marked with `#[tag]`, `Event::tags`. Fields that serde skips or renames give their tags all the
///   same.
/// - With the runtime's feature `auto-register`, an announcement to every registry of the program.
///
/// On a struct, `schema_version = n` demands an [`#[upcast]`](macro@upcast) function from n - 1, and that one those
/// below it: a missing one is an error at the version.
///
/// # Limits
///
/// - The type must be `Serialize` and `Deserialize` (derive both; these derives need `serde` among the dependencies),
///   and `Send + Sync + 'static`.
/// - Not generic: a stored name stands for one type.
/// - Enums are tagged externally, as serde does by default: `#[serde(tag, content, untagged, ..)]` on the enum and
///   `#[serde(skip, ..)]` on a variant are refused. Renamed and aliased variants and fields are fine.
#[proc_macro_derive(Event, attributes(event, tag, orchestrix))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    event::derive(input.into()).into()
}

/// Makes a struct a command, and names the stream it is for.
///
/// ```
/// use orchestrix::prelude::*;
///
/// #[derive(Command)]
/// struct Deposit { #[id] account: u32, pence: i64 }
///
/// #[derive(Command)]
/// #[command(name = "checkout", no_id)]
/// struct Checkout { basket: Vec<String> }
///
/// assert_eq!(Deposit { account: 7, pence: 5 }.stream_key(), "7");
/// assert_eq!(Checkout::NAME, "checkout");
/// ```
///
/// # Attributes
///
/// | attribute | on | meaning | default |
/// |---|---|---|---|
/// | `#[id]` | exactly one field | names the stream: text, an integer, a UUID, or a [`derive(Id)`](macro@Id) newtype | |
/// | `#[command(no_id)]` | struct | it is for no single stream; a module handles it | |
/// | `#[command(name = "..")]` | struct | its name in traces and metrics: 1 to 128 bytes, no control characters | the Rust name |
/// | `#[command(crate = path)]` | struct | path of the runtime crate | `::orchestrix` |
///
/// # What it writes
///
/// - `impl Command`, whose `duplicate` clones each field.
/// - `impl StreamCommand`, unless it is marked `no_id`.
///
/// # Limits
///
/// - Structs only, not generic: each command has one handler.
/// - Every field is `Clone`; the whole is `Send + Sync + 'static`.
#[proc_macro_derive(Command, attributes(command, id, orchestrix))]
pub fn derive_command(input: TokenStream) -> TokenStream {
    command::derive(input.into()).into()
}

/// Makes a newtype an id: of a stream, of a document, of anything in the domain.
///
/// ```
/// use orchestrix::prelude::*;
///
/// #[derive(Id, Clone, Debug, PartialEq)]
/// struct Invoice(u32);
///
/// let invoice: Invoice = "536365".parse()?;
/// assert_eq!(invoice, Invoice::from(536365));
/// assert_eq!(invoice.to_string(), "536365");
/// # Ok::<(), std::num::ParseIntError>(())
/// ```
///
/// # Attributes
///
/// | attribute | on | meaning | default |
/// |---|---|---|---|
/// | `#[orchestrix(crate = path)]` | struct | path of the runtime crate | `::orchestrix` |
///
/// # What it writes
///
/// `Display`, `FromStr` (with the inner type's error), `Key`, `IndexValue`, `From` of the inner type, and serde's
/// `Serialize` and `Deserialize`, all as the inner type does. `Clone`, `PartialEq` and the like are left to the usual derives.
///
/// # Limits
///
/// - A tuple struct with one field: a `String`, an integer, a `Uuid`, or another id.
/// - Not generic, so that ids of different kinds cannot be mixed up.
#[proc_macro_derive(Id, attributes(orchestrix))]
pub fn derive_id(input: TokenStream) -> TokenStream {
    id::derive(input.into()).into()
}

/// Brings an event from one schema version to the next. Every read path sends older events through it.
///
/// Between types, where the versions are known from the types:
///
/// ```
/// use orchestrix::prelude::*;
///
/// #[derive(Event, Serialize, Deserialize)]
/// #[event(name = "OrderPlaced")]
/// struct OrderPlacedV1 { pence: i64 }
///
/// #[derive(Event, Serialize, Deserialize)]
/// #[event(schema_version = 2)]
/// struct OrderPlaced { pence: i64, currency: String }
///
/// #[upcast]
/// fn with_currency(old: OrderPlacedV1) -> OrderPlaced {
///     OrderPlaced { pence: old.pence, currency: "GBP".into() }
/// }
/// ```
///
/// Or on JSON, where no old type is kept:
///
/// ```
/// use orchestrix::prelude::*;
/// use serde_json::Value;
///
/// #[derive(Event, Serialize, Deserialize)]
/// #[event(schema_version = 3)]
/// struct Renamed { first: String, last: String }
///
/// #[upcast(event = Renamed, from = 1)]
/// fn without_title(mut old: Value) -> Value {
///     if let Some(fields) = old.as_object_mut() { fields.remove("title"); }
///     old
/// }
///
/// #[upcast(event = Renamed, from = 2)]
/// fn in_two_parts(old: Value) -> Result<Value, NoName> {
///     let (first, last) = old["name"].as_str().and_then(|name| name.split_once(' ')).ok_or(NoName)?;
///     Ok(serde_json::json!({ "first": first, "last": last }))
/// }
/// # #[derive(Debug)] struct NoName;
/// # impl std::fmt::Display for NoName {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("no name of two parts") }
/// # }
/// # impl std::error::Error for NoName {}
/// ```
///
/// # Attributes
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `event = Type` | the event whose JSON it takes; with `from` | from the types |
/// | `from = 1` | the schema version it takes; it gives the next one | from the types |
/// | `crate = path` | path of the runtime crate | `::orchestrix` |
///
/// # What it writes
///
/// The function as it is, and `impl UpcastFrom<N>` for the event. The compiler checks that old and new type have the
/// same stored name and that it goes exactly one version up.
///
/// # Limits
///
/// - A free function with one argument, by value: not async, not unsafe, not generic.
/// - Between types it cannot fail; on JSON it may return a `Result`, written so that its last word is `Result`.
#[proc_macro_attribute]
pub fn upcast(args: TokenStream, item: TokenStream) -> TokenStream {
    upcast::attribute(args.into(), item.into()).into()
}

/// Makes an impl block an aggregate: `#[handle]` methods decide commands, `#[apply]` methods add events to the state.
///
/// ```
/// use orchestrix::prelude::*;
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct Opened { account: u32 }
/// #[derive(Event, Serialize, Deserialize)]
/// struct Deposited { pence: i64 }
///
/// #[derive(Command)]
/// struct Open { #[id] account: u32 }
/// #[derive(Command)]
/// struct Deposit { #[id] account: u32, pence: i64 }
///
/// #[derive(Debug)]
/// struct NotPositive;
///
/// struct Account { balance: i64 }
///
/// #[aggregate]
/// impl Account {
///     #[handle]
///     fn open(cmd: Open) -> Opened { Opened { account: cmd.account } }
///     #[apply]
///     fn opened(_: &Opened) -> Self { Account { balance: 0 } }
///
///     #[handle]
///     fn deposit(&self, cmd: Deposit) -> Result<Deposited, NotPositive> {
///         if cmd.pence > 0 { Ok(Deposited { pence: cmd.pence }) } else { Err(NotPositive) }
///     }
///     #[apply]
///     fn deposited(&mut self, event: &Deposited) { self.balance += event.pence }
/// }
///
/// assert_eq!(Account::CATEGORY, "account");
/// assert_eq!(AccountEvent::types().len(), 2);
/// ```
///
/// # Attributes
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `category = ".."` | the category of its streams: no hyphen, no control characters | the type's name in snake case |
/// | `events = Name` | the name of the generated enum of its events | `TypeEvent` |
/// | `crate = path` | path of the runtime crate | `::orchestrix` |
///
/// | method | meaning |
/// |---|---|
/// | `#[apply] fn x(event: &E) -> Self` | the event constructs the state, and stands first in a stream |
/// | `#[apply] fn x(&mut self, event: &E)` | the event changes the state |
/// | `#[handle] fn x(cmd: C) -> Out` | the command creates the stream, and is refused where one exists |
/// | `#[handle] fn x(&self, cmd: C) -> Out` | the command needs the state |
///
/// A handler takes the command as `C` or `&C`, and `&CommandContext` after it if it wants. `Out` is one event, a
/// tuple, an `Option` or a `Vec` of events, `()`, or a `Result` of one of these and the domain's error. Where no
/// `#[apply]` method constructs, the type is `Default`, and the `&self` handlers run on absent streams too.
///
/// # What it writes
///
/// The impl block as it is, without `#[handle]` and `#[apply]`; an enum of the events with its `impl Event`;
/// `impl Aggregate`; and `impl CommandFor` for each command. Commands that are `Serialize` and `Deserialize` can be scheduled.
///
/// # Limits
///
/// - Inherent, not generic impl blocks; all `#[handle]` and `#[apply]` methods of a type in one block.
/// - No async: decisions do no I/O. One `#[handle]` for each command, one `#[apply]` for each event.
#[proc_macro_attribute]
pub fn aggregate(args: TokenStream, item: TokenStream) -> TokenStream {
    aggregate::attribute(args.into(), item.into()).into()
}

/// Makes an impl block a projection: events are folded into documents, one for each key.
///
/// ```
/// use orchestrix::prelude::*;
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct Deposited { account: u32, pence: i64 }
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Balance { pence: i64 }
///
/// #[projection(key = account)]
/// impl Balance {
///     #[apply]
///     fn deposited(&mut self, event: &Deposited) { self.pence += event.pence }
/// }
///
/// assert_eq!(Balance::NAME, "balance");
/// ```
///
/// # Attributes
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `key = field` | the field of the events that names the document; `order.customer` goes deeper | each `#[apply]` has its own |
/// | `name = ".."` | its name | the type's name in snake case |
/// | `version = 1` | raise it when the fold changes: the documents are then built anew | 1 |
/// | `index(country, total)` | fields of the document that `app.query` finds and orders documents by, of types with `IndexValue` | none |
/// | `inline = Aggregate` | the documents are written in the transactions of the appends to this aggregate's streams, each by those of the stream with its key: see `Projection::INLINE` | a subscription writes them soon after |
/// | `store = Store` | it writes tables of its own, in the transactions of this store: see below | it folds into documents |
/// | `crate = path` | path of the runtime crate | `::orchestrix` |
///
/// | method | meaning |
/// |---|---|
/// | `#[apply] fn x(event: &E) -> Self` | the event begins a document |
/// | `#[apply] fn x(&mut self, event: &E)` | the event changes a document |
/// | `#[apply] fn x(self, event: &E) -> Option<Self>` | the event changes a document, or ends it |
///
/// A method takes `&RecordedEvent` as last argument if it wants. `#[apply(key = other.field)]` has a key of its own;
/// `#[apply(keys = function)]` concerns several documents: the function takes `&E` and returns the keys, of which each
/// counts once, and the method may take its key as second argument, as `&K`. Where no method begins documents, the type
/// is `Default`.
///
/// # Tables of its own
///
/// With `store = SqliteStore`, or another store that lends its transactions, methods are `async` and take the transaction
/// instead of a document; there are no keys and no indexes. What they write commits together with the checkpoint. Such a
/// projection is named in a module's `tables(..)`. See `TableProjection`.
///
/// ```text
/// #[projection(store = SqliteStore)]
/// impl Shelf {
///     #[create]
///     async fn create(tx: &mut SqliteTransaction) -> rusqlite::Result<()> { .. }
///     #[clear]
///     async fn clear(tx: &mut SqliteTransaction) -> rusqlite::Result<()> { .. }
///     #[apply]
///     async fn sold(event: &Sold, recorded: &RecordedEvent, tx: &mut SqliteTransaction) -> Result<(), ShelfError> { .. }
/// }
/// ```
///
/// | method | meaning |
/// |---|---|
/// | `#[create] async fn x(tx: &mut T)` | makes the tables where they are not there yet |
/// | `#[clear] async fn x(tx: &mut T)` | empties or drops them: the projection begins again |
/// | `#[apply] async fn x(event: &E, tx: &mut T)` | writes what the event means; takes `&RecordedEvent` before the transaction if it wants |
///
/// They return nothing, or a `Result` of nothing and any error.
///
/// # What it writes
///
/// The impl block as it is, without its markers, and `impl Projection` or `impl TableProjection`.
///
/// # Limits
///
/// - Inherent, not generic impl blocks, one for each type. Folding into documents is not async: it does no I/O.
/// - A type of documents must be `Serialize` and `Deserialize`.
/// - `RecordedEvent` is known by its name: do not import it under another.
#[proc_macro_attribute]
pub fn projection(args: TokenStream, item: TokenStream) -> TokenStream {
    projection::attribute(args.into(), item.into()).into()
}

/// Makes an impl block a saga: work of several steps, each of which is undone should a later one fail. Or one of
/// [reactions](#reactions): events in, commands and timers out.
///
/// ```
/// use orchestrix::prelude::*;
/// use orchestrix::saga::Saga;
/// # #[derive(Serialize, Deserialize)]
/// # struct Reservation { units: u32 }
/// # struct ShipError;
/// # impl From<ShipError> for StepError {
/// #     fn from(_: ShipError) -> Self { StepError::terminal("no carrier goes there") }
/// # }
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct OrderPlaced { order: u32, units: u32 }
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Fulfilment { units: u32, shipped: bool }
///
/// #[saga(key = order)]
/// impl Fulfilment {
///     #[start]
///     fn begin(event: &OrderPlaced) -> Self { Fulfilment { units: event.units, shipped: false } }
///
///     #[step(compensate = release)]
///     async fn reserve(&self) -> Result<Reservation, StepError> { Ok(Reservation { units: self.units }) }
///
///     #[step(after(reserve), compensate = refund, retry(3, wait = "100ms"), timeout = "30s")]
///     async fn charge(&self, reserve: &Reservation, cx: &SagaContext) -> Result<String, StepError> {
///         // A provider that knows requests again charges once, however often this runs.
///         Ok(format!("{} units under {}", reserve.units, cx.idempotency_key()))
///     }
///
///     #[step(after(charge))]
///     async fn ship(&mut self) -> Result<(), ShipError> {
///         self.shipped = true;
///         Ok(())
///     }
///
///     #[compensation(retry(5), timeout = "10s")]
///     async fn release(&self, done: &Reservation) -> Result<(), StepError> {
///         println!("{} units are free again", done.units);
///         Ok(())
///     }
///
///     #[compensation]
///     async fn refund(&self, charge: &str, reserve: &Reservation) {
///         println!("{charge} for {} units is paid back", reserve.units)
///     }
/// }
///
/// assert_eq!(Fulfilment::NAME, "fulfilment");
/// assert_eq!(Fulfilment::STEPS[1].after, ["reserve"]);
/// ```
///
/// # Attributes
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `key = field` | the field of the starting events that names the instance; `order.customer` goes deeper | each `#[start]` has its own |
/// | `name = ".."` | its durable name: no hyphen | the type's name in snake case |
/// | `crate = path` | path of the runtime crate | `::orchestrix` |
///
/// | method | meaning |
/// |---|---|
/// | `#[start] fn x(event: &E) -> Self` | the event starts an instance with this state; without any, it is started by hand |
/// | `#[step] async fn x(&self, ..) -> Result<T, E>` | a step: `T` is kept, `E` is [`Into<StepError>`](Into); or it returns nothing |
/// | `#[compensation] async fn x(&self, ..) -> Result<(), E>` | undoes a step; or it returns nothing |
///
/// | argument of | | meaning | default |
/// |---|---|---|---|
/// | `#[start]` | `key = field` | the key in this event | the block's |
/// | `#[step]` | `after(a, b)` | the steps, by their methods, that must be completed before; others run at the same time | begins at once |
/// | `#[step]` | `compensate = x` | the method that undoes it | nothing does |
/// | both | `retry(3, wait = "100ms")` | how often it is tried again after failures that may pass, and how long the first retry waits; each further one waits twice as long | steps never, compensations 5 times; 100ms |
/// | both | `timeout = "30s"` | how long one call may take | 30s |
/// | both | `name = ".."` | the durable name, by which histories know it: letters, digits and `_` | the method's name |
///
/// Durations are whole numbers with `ms`, `s`, `m` or `h`, from `"1ms"` to `"8760h"`.
///
/// Methods take results of steps by name, `reserve: &Reservation`: a step those of the steps that come before it, also by
/// way of others; a compensation those that came before what it undoes, and by any other name the result of that; `&str`
/// takes a `String` too, and `&[T]` a `Vec<T>`. Both take `&SagaContext` where they want. With `&mut self` they change the state; such a step runs beside no other.
///
/// # Reactions
///
/// ```
/// use std::time::Duration;
/// use orchestrix::prelude::*;
/// use orchestrix::saga::Reacting;
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct OrderPlaced { order: String }
/// #[derive(Event, Serialize, Deserialize)]
/// struct PaymentTaken { order: String }
/// #[derive(Command, Serialize, Deserialize)]
/// struct CancelOrder { #[id] order: String }
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Deadline {}
///
/// #[saga(key = order)]
/// impl Deadline {
///     #[start]
///     fn placed(_: &OrderPlaced, cx: &mut Reactions) -> Self {
///         cx.set_timer("overdue", Duration::from_secs(3600));
///         Deadline {}
///     }
///     #[on]
///     fn paid(&mut self, _: &PaymentTaken, cx: &mut Reactions) { cx.complete() }
///     #[timer]
///     fn overdue(&mut self, cx: &mut Reactions) {
///         cx.dispatch(CancelOrder { order: cx.key().to_owned() });
///         cx.complete();
///     }
/// }
///
/// // They are pure: a test needs no app.
/// let mut cx = Reactions::at("2024-02-29T12:00:00Z".parse()?).of("7");
/// Deadline {}.overdue(&mut cx);
/// assert_eq!((Deadline::TIMERS, cx.commands()), (&["overdue"][..], vec!["CancelOrder"]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// | method | meaning |
/// |---|---|
/// | `#[start] fn x(event: &E) -> Self` | the event begins an instance with this state; at least one |
/// | `#[on] fn x(&mut self, event: &E)` | reacts to an event of the instance |
/// | `#[timer] fn x(&mut self)` | reacts to the timer of this name; `#[timer(name = "..")]` gives it another durable name |
/// | `#[rejected] fn x(&mut self, rejection: &Rejection)` | reacts to the domain's refusal of a command; returns nothing, or `bool`: whether it has an answer. Without, refusals leave the instance stuck |
///
/// All take `cx: &mut Reactions` last where they want, and none is async. `#[start]` and `#[on]` take `key = field`, which
/// goes before the block's. A block with any of `#[on]`, `#[timer]` and `#[rejected]` is of reactions, and holds no steps. It
/// becomes `impl Reacting`.
///
/// # What it writes
///
/// The impl block as it is, without `#[start]`, `#[step]` and `#[compensation]`, and `impl Saga`. The graph is checked
/// here: names, cycles, whose result is there when, and changes of the state at the same time.
///
/// # Limits
///
/// - Inherent, not generic impl blocks, one for each type.
/// - The type must be `Clone`, `Serialize` and `Deserialize`; results `Serialize` and `Deserialize`.
/// - Steps and compensations may run again after a crash: what they do must have its effect once, as commands through the
///   context have.
/// - `SagaContext` is known by its name: do not import it under another.
#[proc_macro_attribute]
pub fn saga(args: TokenStream, item: TokenStream) -> TokenStream {
    saga::attribute(args.into(), item.into()).into()
}

/// Names the parts of a module, which an app then registers in one line; on an impl block also event handlers and
/// commands that need I/O.
///
/// ```
/// use orchestrix::prelude::*;
/// # #[derive(Event, Serialize, Deserialize)]
/// # struct Opened { account: u32 }
/// # #[derive(Command)]
/// # struct Open { #[id] account: u32 }
/// # struct Account;
/// # #[aggregate]
/// # impl Account {
/// #     #[handle]
/// #     fn open(cmd: Open) -> Opened { Opened { account: cmd.account } }
/// #     #[apply]
/// #     fn opened(_: &Opened) -> Self { Account }
/// # }
///
/// #[module(aggregates(Account))]
/// struct Bank;
///
/// struct Greeter;
///
/// #[module]
/// impl Greeter {
///     #[on]
///     async fn greet(&self, event: &Opened) { println!("welcome, {}", event.account) }
/// }
///
/// assert_eq!(Bank.name(), "bank");
/// ```
///
/// # Attributes
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `aggregates(A, ..)` | its aggregates | none |
/// | `projections(P, ..)` | its projections | none |
/// | `tables(P, ..)` | its projections with tables of their own | none |
/// | `sagas(S, ..)` | its sagas, of steps and of reactions | none |
/// | `name = ".."` | its name, unique in an app | the type's name in snake case |
/// | `crate = path` | path of the runtime crate | `::orchestrix` |
///
/// | method | meaning |
/// |---|---|
/// | `#[on] async fn x(&self, event: &E)` | an event handler: a durable subscription named after the module and the method |
/// | `#[on(replay)] async fn x(&self, event: &E)` | the same, and `App::replay` may call it again: it dispatches nothing |
/// | `#[handle] async fn x(&self, cmd: C) -> Result<T, E>` | handles a command outside of any aggregate |
///
/// `#[on]` methods take `&EventContext` after the event if they want, `#[on(replay)]` methods `&ReplayContext`, and return nothing or a `Result` of nothing;
/// `#[handle]` methods take `&ModuleContext`.
///
/// # What it writes
///
/// The item as it is, without `#[on]` and `#[handle]`; `impl Module`; and `impl ModuleCommand` for each command. Commands
/// that are `Serialize` and `Deserialize` can be scheduled.
///
/// # Limits
///
/// - Structs and inherent impl blocks, not generic. One `#[handle]` for each command.
#[proc_macro_attribute]
pub fn module(args: TokenStream, item: TokenStream) -> TokenStream {
    module::attribute(args.into(), item.into()).into()
}
