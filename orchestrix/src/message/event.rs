//! Facts.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{DecodeError, EventType};
use crate::store::{EventData, NameError, Payload, Tag};
use crate::upcast::Hop;

/// Something that happened, and is never changed afterwards.
///
/// Derive it: on a struct it declares one stored type, on an enum one for each variant.
///
/// ```
/// use orchestrix::prelude::*;
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct MoneyDeposited { pence: i64 }
///
/// #[derive(Event, Serialize, Deserialize)]
/// enum Parcel { Sent { to: String }, #[event(name = "ParcelLost")] Lost }
///
/// let names: Vec<_> = Parcel::types().iter().map(|t| t.name()).collect();
/// assert_eq!(names, ["Sent", "ParcelLost"]);
/// assert_eq!(MoneyDeposited { pence: 5 }.encode()?.as_json(), Some(r#"{"pence":5}"#));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "not an event",
    note = "add `#[derive(Event, Serialize, Deserialize)]` to `{Self}`"
)]
pub trait Event: Sized + Send + Sync + 'static {
    /// The stored types that this Rust type covers.
    fn types() -> Vec<&'static EventType>;

    /// The stored type of this value.
    fn event_type(&self) -> &'static EventType;

    /// The body to store, in the current shape.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    fn encode(&self) -> Result<Payload, serde_json::Error>;

    /// What it is about, across streams: the fields with `#[tag]`.
    ///
    /// # Errors
    /// When a value gives no tag: it is empty, too long, or holds a control character.
    fn tags(&self) -> Result<Vec<Tag>, NameError> {
        Ok(Vec::new())
    }

    /// Reads a stored event, through the upcasters where it is older; `None` when its name is none of [`types`](Event::types).
    fn decode(event: &EventData) -> Option<Result<Self, DecodeError>>;
}

/// An event that is a struct, and so has one stored name and one schema version.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event struct",
    label = "not a struct with `#[derive(Event)]`",
    note = "add `#[derive(Event, Serialize, Deserialize)]` to `{Self}`"
)]
pub trait EventStruct: Event + Serialize + DeserializeOwned {
    /// The stored name.
    const NAME: &'static str;
    /// The version of the shape, from 1.
    const SCHEMA_VERSION: u32;

    /// Adds the upcasters from every older schema version, lowest first.
    fn hops(into: &mut Vec<Hop>);
}
