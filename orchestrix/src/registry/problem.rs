//! What keeps an app from starting.

use std::fmt;

use crate::error::chain;
use crate::message::EventType;
use crate::saga::GraphError;
use crate::store::NameError;
use crate::subscription::UnknownSubscription;
use crate::upcast::UpcastError;

/// One thing that is wrong with what was registered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Two Rust types have one stored name and schema version.
    #[error(
        "event `{name}` (schema version {schema_version}) is declared by two types, {first} and {second}: \
         give one of them another `#[event(name = \"..\")]`"
    )]
    DuplicateEvent {
        /// The stored name.
        name: &'static str,
        /// The schema version.
        schema_version: u32,
        /// One type.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// The way from older schema versions is broken.
    #[error(transparent)]
    Upcasters {
        /// Where it is broken.
        source: UpcastError,
    },
    /// An old version of an event is used where the current one belongs.
    #[error(
        "{user} uses {} (`{}`, schema version {}), but the current type is {} (schema version {}): use that one",
        used.rust_type(), used.name(), used.schema_version(), current.rust_type(), current.schema_version()
    )]
    OutdatedEvent {
        /// What uses it.
        user: String,
        /// The old type.
        used: &'static EventType,
        /// The current type.
        current: &'static EventType,
    },
    /// A name that no store accepts.
    #[error("the {kind} name {name:?} of {owner} cannot be used")]
    InvalidName {
        /// What the name is of.
        kind: &'static str,
        /// The name.
        name: String,
        /// Whose it is.
        owner: String,
        /// What is wrong with it.
        source: NameError,
    },
    /// A subscription has a name that may be that of a lane, or of a read model that is built.
    #[error(
        "the subscription name {name:?} of {owner} holds a `{character}`, which lanes and rebuilds are named with: leave it out"
    )]
    ReservedName {
        /// The name.
        name: String,
        /// Whose it is.
        owner: String,
        /// What it must not hold.
        character: char,
    },
    /// A delivery was given for a subscription that the app does not have.
    #[error(transparent)]
    UnknownSubscription {
        /// Its name, and the names there are.
        source: UnknownSubscription,
    },
    /// A subscription was to have so many lanes, and cannot.
    #[error("subscription `{subscription}` was given {lanes} lanes, and can have 1 to {most}")]
    Lanes {
        /// Which.
        subscription: String,
        /// How many it was given.
        lanes: u16,
        /// How many it can have: 1 for a projection, and for a saga of reactions.
        most: u16,
    },
    /// A projection writes tables of its own in a store that the app does not run on.
    #[error(
        "projection `{projection}` writes its tables in the transactions of {wanted}, but the app runs on the store \
         `{used}`: give the app that store, not wrapped in another, or write the projection for the one it runs on"
    )]
    WrongStore {
        /// The projection's subscription.
        projection: String,
        /// The type of the store that it is written for.
        wanted: &'static str,
        /// The name of the store that the app runs on.
        used: &'static str,
    },
    /// An inline projection is written in the transactions of the log, and the app keeps its read models elsewhere.
    #[error(
        "projection `{projection}` is inline, so its documents are written where the events are, but the app was given \
         other read models: leave them where the log is, or the projection to its subscription"
    )]
    InlineElsewhere {
        /// The projection's subscription.
        projection: String,
    },
    /// The steps of a saga do not fit together.
    #[error("saga `{saga}`: {source}")]
    InvalidSaga {
        /// The saga.
        saga: &'static str,
        /// What is wrong with its steps.
        source: GraphError,
    },
    /// One name stands for two things.
    #[error("the {kind} name `{name}` is taken {} times, by: {}", owners.len(), owners.join(", "))]
    DuplicateName {
        /// What the name is of.
        kind: &'static str,
        /// The name.
        name: String,
        /// Whose it is.
        owners: Vec<String>,
    },
}

/// Everything that is wrong, at once.
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} problem(s) in what was registered:", self.0.len())?;
        self.0
            .iter()
            .try_for_each(|problem| write!(f, "\n  - {}", chain(problem)))
    }
}

/// The same as `Display`: a `main` that returns an error prints its `Debug`, and this one is for people.
impl fmt::Debug for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Problems {}
