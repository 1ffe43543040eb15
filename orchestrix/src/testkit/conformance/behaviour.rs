//! Running one behaviour.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::subject::{Capabilities, Capability, StoreUnderTest};
use super::violation::Violation;
use crate::error::{BoxError, chain};
use crate::store::Backend;

/// A behaviour that takes longer hangs.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// A behaviour's function, its future boxed.
pub(super) type Function =
    for<'a> fn(
        &'a dyn StoreUnderTest,
    ) -> Pin<Box<dyn Future<Output = Result<(), Violation>> + Send + 'a>>;

/// One behaviour that every store must show, or every store with some capabilities.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Behaviour {
    /// What it is about: the module its function is in.
    pub area: &'static str,
    /// The name of its function, and of the test.
    pub name: &'static str,
    /// Stores that do not declare all of these skip it.
    pub needs: &'static [Capability],
    pub(super) function: Function,
}

impl fmt::Debug for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.area, self.name)
    }
}

impl Behaviour {
    /// Whether a store with these capabilities must show it.
    pub fn applies_to(&self, capabilities: Capabilities) -> bool {
        self.needs.iter().all(|need| capabilities.has(*need))
    }

    /// Checks it on an empty store, and closes what it opened. Must be called within a tokio runtime with time.
    ///
    /// # Errors
    /// The [`Violation`] that was found; to take longer than two minutes is one.
    pub async fn check(&self, subject: &dyn StoreUnderTest) -> Result<(), Violation> {
        let watched = Watched {
            subject,
            opened: Mutex::default(),
        };
        let checked = tokio::time::timeout(TIME_LIMIT, (self.function)(&watched)).await;
        let mut closed = Ok(());
        for backend in watched.into_opened() {
            if let Err(error) = backend.close().await {
                closed = Err(Violation::new("the store to close", chain(&*error)));
            }
        }
        match checked {
            Ok(Ok(())) => closed,
            Ok(violated) => violated,
            Err(_) => Err(Violation::new(
                format_args!("an answer within {} s", TIME_LIMIT.as_secs()),
                "none",
            )),
        }
    }
}

/// The subject, with all that was opened of it: behaviours need not close, not even when they fail.
struct Watched<'a> {
    subject: &'a dyn StoreUnderTest,
    opened: Mutex<Vec<Arc<dyn Backend>>>,
}

impl Watched<'_> {
    fn into_opened(self) -> Vec<Arc<dyn Backend>> {
        self.opened
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl StoreUnderTest for Watched<'_> {
    fn capabilities(&self) -> Capabilities {
        self.subject.capabilities()
    }

    async fn open(&self) -> Result<Arc<dyn Backend>, BoxError> {
        let backend = self.subject.open().await?;
        self.opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(backend.clone());
        Ok(backend)
    }
}
