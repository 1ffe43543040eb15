//! A stored type of event: its name, its schema version, and the way from older ones.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::store::EventData;
use crate::upcast::{Chain, Hop, UpcastError};

/// What is stored about a kind of event: the name and schema version, declared once, by `#[derive(Event)]`.
pub struct EventType {
    name: &'static str,
    schema_version: u32,
    rust_type: &'static str,
    hops: fn(&mut Vec<Hop>),
    chain: OnceLock<Chain>,
    stored_name: OnceLock<Arc<str>>,
}

impl EventType {
    /// A stored type. `hops` adds the upcasters from each older schema version, lowest first; `rust_type` names the
    /// Rust type for people.
    pub const fn new(
        name: &'static str,
        schema_version: u32,
        rust_type: &'static str,
        hops: fn(&mut Vec<Hop>),
    ) -> Self {
        Self {
            name,
            schema_version,
            rust_type,
            hops,
            chain: OnceLock::new(),
            stored_name: OnceLock::new(),
        }
    }

    /// The stored name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The stored name, shared.
    pub(crate) fn stored_name(&self) -> Arc<str> {
        self.stored_name.get_or_init(|| self.name.into()).clone()
    }

    /// The version of the shape that is written now, from 1.
    pub fn schema_version(&self) -> u32 {
        self.schema_version
    }

    /// The Rust type, for people.
    pub fn rust_type(&self) -> &'static str {
        self.rust_type
    }

    /// The way from older schema versions.
    pub fn chain(&self) -> &Chain {
        self.chain.get_or_init(|| {
            let mut hops = Vec::new();
            (self.hops)(&mut hops);
            Chain::new(self.name, self.schema_version, hops)
        })
    }

    /// Reads a stored event of this name into its current Rust type, through the upcasters where it is older.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn read<T: DeserializeOwned>(&self, event: &EventData) -> Result<T, DecodeError> {
        let shape = |source| DecodeError::Shape {
            event_type: self.name,
            schema_version: event.schema_version,
            source,
        };
        if event.schema_version == self.schema_version {
            event.payload.read().map_err(shape)
        } else {
            serde_json::from_value(self.current(event)?).map_err(shape)
        }
    }

    /// A stored event's body in the current shape.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn current(&self, event: &EventData) -> Result<Value, DecodeError> {
        let stored = event.payload.read().map_err(|source| DecodeError::Shape {
            event_type: self.name,
            schema_version: event.schema_version,
            source,
        })?;
        Ok(self.chain().upcast(event.schema_version, stored)?)
    }
}

impl fmt::Debug for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "EventType({} v{}, {})",
            self.name, self.schema_version, self.rust_type
        )
    }
}

/// Why a stored event could not be read into its Rust type.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The JSON does not have the declared shape.
    #[error(
        "the payload of event `{event_type}` (stored with schema version {schema_version}) does not fit its type"
    )]
    Shape {
        /// Stored name.
        event_type: &'static str,
        /// Stored schema version.
        schema_version: u32,
        /// What serde said.
        source: serde_json::Error,
    },
    /// It could not be brought to the current schema version.
    #[error(transparent)]
    Upcast(#[from] UpcastError),
    /// Nobody declared an event of this name.
    #[error("event `{event_type}` is unknown; known are: {}", known.join(", "))]
    Unknown {
        /// Stored name.
        event_type: String,
        /// The names that are known.
        known: Vec<&'static str>,
    },
}
