//! One step up.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::BoxError;
use crate::message::EventStruct;

/// One upcaster, erased: from a schema version to the next.
#[derive(Clone, Copy)]
pub struct Hop {
    from: u32,
    run: fn(Value) -> Result<Value, BoxError>,
}

impl Hop {
    /// From a schema version (from 1) to the next.
    pub const fn new(from: u32, run: fn(Value) -> Result<Value, BoxError>) -> Self {
        Self { from, run }
    }

    /// The schema version it takes; it gives the next.
    pub fn from(&self) -> u32 {
        self.from
    }

    pub(super) fn run(&self, value: Value) -> Result<Value, BoxError> {
        (self.run)(value)
    }
}

impl fmt::Debug for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.from, self.from + 1)
    }
}

/// The event can be read from schema version `V`, and from every one below. Implemented by `#[upcast]`.
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
///
/// let chain = OrderPlaced::types()[0].chain();
/// assert_eq!(chain.upcast(1, serde_json::json!({ "pence": 5 }))?["currency"], "GBP");
/// # Ok::<(), orchestrix::upcast::UpcastError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "event `{Self}` has no upcaster from schema version {V}",
    label = "older events could not be read",
    note = "add `#[upcast]` to a function from the old type to `{Self}`, or `#[upcast(event = {Self}, from = {V})]` to one on JSON"
)]
pub trait UpcastFrom<const V: u32>: Sized {
    /// Adds the upcasters up to and including the one from `V`, lowest first.
    fn hops(into: &mut Vec<Hop>);
}

/// For generated code: what a typed upcaster does with JSON.
///
/// # Errors
/// When the JSON does not fit the old type, or the new value cannot be written.
pub fn typed_hop<A: DeserializeOwned, B: Serialize>(
    stored: Value,
    upcast: impl FnOnce(A) -> B,
) -> Result<Value, BoxError> {
    Ok(serde_json::to_value(upcast(serde_json::from_value(
        stored,
    )?))?)
}

/// For generated code: an upcaster on JSON.
///
/// # Errors
/// None.
pub fn json_hop(stored: Value, upcast: impl FnOnce(Value) -> Value) -> Result<Value, BoxError> {
    Ok(upcast(stored))
}

/// For generated code: an upcaster on JSON that may refuse.
///
/// # Errors
/// The upcaster's.
pub fn fallible_json_hop<E: Into<BoxError>>(
    stored: Value,
    upcast: impl FnOnce(Value) -> Result<Value, E>,
) -> Result<Value, BoxError> {
    upcast(stored).map_err(Into::into)
}

/// For generated code, at compile time: a typed upcaster stays with its event and goes one version up.
///
/// # Panics
/// When it does not, which stops the compilation.
pub const fn check_hop<A: EventStruct, B: EventStruct>() {
    assert!(
        same(A::NAME, B::NAME),
        "an upcaster's old and new type must have the same stored name: give the old type `#[event(name = \"..\")]`"
    );
    assert!(
        A::SCHEMA_VERSION + 1 == B::SCHEMA_VERSION,
        "an upcaster goes exactly one schema version up: check `#[event(schema_version = ..)]` of both types"
    );
}

/// For generated code, at compile time: a JSON upcaster begins below the current version.
///
/// # Panics
/// When it does not, which stops the compilation.
pub const fn check_json_hop<E: EventStruct>(from: u32) {
    assert!(
        from < E::SCHEMA_VERSION,
        "this upcaster begins at or above the event's schema version: raise `#[event(schema_version = ..)]`"
    );
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut n = 0;
    while n < a.len() {
        if a[n] != b[n] {
            return false;
        }
        n += 1;
    }
    true
}
