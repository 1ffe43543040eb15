//! How a store is, and whether it keeps what it promises.

use std::fmt;
use std::time::Duration;

use super::GlobalPosition;
use crate::error::BoxError;

/// What [`Backend::health`](super::Backend::health) found.
#[derive(Debug)]
#[non_exhaustive]
pub struct StoreHealth {
    /// The backend's name.
    pub backend: &'static str,
    /// How long a round trip took, or why there was none.
    pub round_trip: Result<Duration, BoxError>,
    /// The settings that the store's promises rest on, as the database told them.
    pub settings: Vec<StoreSetting>,
    /// What keeps readers from the newest events, if something has done so for longer than appends take.
    pub head_stall: Option<HeadStall>,
}

/// A setting of the database that a promise rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreSetting {
    /// Its name, as the database calls it.
    pub name: &'static str,
    /// What it is.
    pub value: String,
    /// Whether the promise holds.
    pub holds: bool,
    /// What is promised where it holds, and lost where it does not.
    pub promise: &'static str,
}

/// Events that cannot be read yet, because somebody who may store an earlier one is still at work.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeadStall {
    /// The first position that is waited for.
    pub first_missing: GlobalPosition,
    /// For how long.
    pub lasted: Duration,
    /// Who is at work, in the database's words.
    pub holders: Vec<String>,
}

impl StoreHealth {
    /// Of a store that was asked, with nothing else known.
    pub fn new(backend: &'static str, round_trip: Result<Duration, BoxError>) -> Self {
        Self {
            backend,
            round_trip,
            settings: Vec::new(),
            head_stall: None,
        }
    }

    /// With these settings.
    #[must_use]
    pub fn with_settings(mut self, settings: Vec<StoreSetting>) -> Self {
        self.settings = settings;
        self
    }

    /// With what keeps readers back.
    #[must_use]
    pub fn with_head_stall(mut self, stall: Option<HeadStall>) -> Self {
        self.head_stall = stall;
        self
    }

    /// Whether the store answers and all promises hold. A stalled head is no illness of the store.
    pub fn is_well(&self) -> bool {
        self.round_trip.is_ok() && self.settings.iter().all(|setting| setting.holds)
    }
}

impl StoreSetting {
    /// A setting, and whether the promise that rests on it holds.
    pub fn new(
        name: &'static str,
        value: impl Into<String>,
        holds: bool,
        promise: &'static str,
    ) -> Self {
        Self {
            name,
            value: value.into(),
            holds,
            promise,
        }
    }
}

impl HeadStall {
    /// A stall.
    pub fn new(first_missing: GlobalPosition, lasted: Duration, holders: Vec<String>) -> Self {
        Self {
            first_missing,
            lasted,
            holders,
        }
    }
}

/// For people: a line for the store, one for each setting, one for a stall.
impl fmt::Display for StoreHealth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.round_trip {
            Ok(time) => write!(f, "{} answers in {time:?}", self.backend)?,
            Err(error) => write!(f, "{} does not answer: {error}", self.backend)?,
        }
        for StoreSetting {
            name,
            value,
            holds,
            promise,
        } in &self.settings
        {
            let verdict = if *holds { "holds" } else { "DOES NOT HOLD" };
            write!(f, "\n{name} = {value}: {promise}: {verdict}")?;
        }
        if let Some(stall) = &self.head_stall {
            write!(
                f,
                "\nreaders wait for position {} since {:?}, because of {}",
                stall.first_missing,
                stall.lasted,
                stall.holders.join(", ")
            )?;
        }
        Ok(())
    }
}
