//! What the registry knows of aggregates and commands.

use super::Aggregate;
use crate::message::{Command, Event, EventType};

/// A command, as the registry lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandInfo {
    /// Its name.
    pub name: &'static str,
    /// Its Rust type.
    pub rust_type: &'static str,
}

impl CommandInfo {
    /// Of a command type.
    pub fn of<C: Command>() -> Self {
        Self {
            name: C::NAME,
            rust_type: std::any::type_name::<C>(),
        }
    }
}

/// An aggregate, as the registry lists it.
#[derive(Debug, Clone)]
pub struct AggregateInfo {
    /// Category of its streams.
    pub category: &'static str,
    /// Its Rust type.
    pub rust_type: &'static str,
    /// Its events.
    pub events: Vec<&'static EventType>,
    /// Its commands.
    pub commands: Vec<CommandInfo>,
}

impl AggregateInfo {
    /// Of an aggregate type.
    pub fn of<A: Aggregate>() -> Self {
        Self {
            category: A::CATEGORY,
            rust_type: std::any::type_name::<A>(),
            events: A::Event::types(),
            commands: A::commands(),
        }
    }
}
