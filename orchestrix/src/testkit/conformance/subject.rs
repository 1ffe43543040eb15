//! The store that is tested.

use std::sync::Arc;

use async_trait::async_trait;

use crate::error::BoxError;
use crate::store::Backend;

/// A database that behaviours are checked on: it belongs to one test and is empty when the test begins.
#[async_trait]
pub trait StoreUnderTest: Send + Sync {
    /// What the store can do beyond what every store must do; nothing, unless overridden. A behaviour that needs more
    /// is skipped.
    fn capabilities(&self) -> Capabilities {
        Capabilities::none()
    }

    /// Why the store cannot be tested on this machine, if so: no server, for instance. Its behaviours are then skipped
    /// with this line.
    fn unavailable(&self) -> Option<String> {
        None
    }

    /// Opens the database: empty at the first call of a test, with all that was written before at later calls.
    ///
    /// Behaviours call it again only when [`capabilities`](StoreUnderTest::capabilities) declares
    /// [`Capability::Durable`] (after [`Backend::close`]) or [`Capability::Shared`] (while it is open).
    ///
    /// # Errors
    /// What the store said; the behaviour then fails.
    async fn open(&self) -> Result<Arc<dyn Backend>, BoxError>;

    /// Removes what the test left behind; called once at the end of each test, after all that was opened is closed.
    ///
    /// # Errors
    /// What the store said; the test then fails.
    async fn dispose(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

/// An ability that not every store has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capability {
    /// Opening it again after it was closed gives what it held.
    Durable,
    /// It can be open several times at once, as by several processes.
    Shared,
    /// After [`Backend::close`] its ports give errors; without it they may go on working.
    EndsOnClose,
}

impl Capability {
    const ALL: [Self; 3] = [Self::Durable, Self::Shared, Self::EndsOnClose];

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// The abilities of one store.
///
/// ```
/// use orchestrix::testkit::conformance::{Capabilities, Capability};
/// let file = Capabilities::none().with(Capability::Durable).with(Capability::EndsOnClose);
/// assert!(file.has(Capability::Durable));
/// assert!(!file.has(Capability::Shared));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities(u32);

impl Capabilities {
    /// What every store must do, and no more.
    pub const fn none() -> Self {
        Self(0)
    }

    /// Everything that a behaviour can ask for.
    pub fn all() -> Self {
        Capability::ALL.into_iter().fold(Self::none(), Self::with)
    }

    /// And this.
    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | capability.bit())
    }

    /// Whether it is declared.
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & capability.bit() != 0
    }
}
