//! All steps of one event type.

use serde_json::Value;

use super::Hop;
use crate::error::BoxError;

/// The upcasters of one event type, in order.
#[derive(Debug, Clone)]
pub struct Chain {
    event_type: &'static str,
    current: u32,
    hops: Vec<Hop>,
}

impl Chain {
    /// A chain to schema version `current`. Hops that are missing or doubled show in [`problems`](Chain::problems).
    pub fn new(event_type: &'static str, current: u32, mut hops: Vec<Hop>) -> Self {
        hops.sort_by_key(Hop::from);
        Self {
            event_type,
            current,
            hops,
        }
    }

    /// The schema version it leads to.
    pub fn current(&self) -> u32 {
        self.current
    }

    /// The schema versions that can be read, the current one last.
    pub fn readable(&self) -> Vec<u32> {
        let lowest = (1..self.current)
            .rev()
            .take_while(|from| self.hop(*from).is_some())
            .last()
            .unwrap_or(self.current);
        (lowest..=self.current).collect()
    }

    /// What is wrong with it: a version from which no upcaster leads on, two from one version, one from a version
    /// that does not exist.
    pub fn problems(&self) -> Vec<UpcastError> {
        let mut problems = Vec::new();
        for from in 1..self.current {
            match self.hops.iter().filter(|hop| hop.from() == from).count() {
                1 => {}
                0 => problems.push(self.missing(from)),
                _ => problems.push(UpcastError::Doubled {
                    event_type: self.event_type,
                    from,
                }),
            }
        }
        let beyond = self
            .hops
            .iter()
            .filter(|hop| hop.from() == 0 || hop.from() >= self.current);
        problems.extend(beyond.map(|hop| UpcastError::Beyond {
            event_type: self.event_type,
            from: hop.from(),
            current: self.current,
        }));
        problems
    }

    /// Brings a stored body to the current schema version; one that is there already is returned as it is.
    ///
    /// # Errors
    /// [`UpcastError`].
    pub fn upcast(&self, from: u32, mut value: Value) -> Result<Value, UpcastError> {
        if from > self.current {
            return Err(UpcastError::Newer {
                event_type: self.event_type,
                stored: from,
                current: self.current,
            });
        }
        for version in from..self.current {
            let hop = self.hop(version).ok_or_else(|| self.missing(version))?;
            value = hop.run(value).map_err(|source| UpcastError::Failed {
                event_type: self.event_type,
                from: version,
                to: version + 1,
                source,
            })?;
        }
        Ok(value)
    }

    fn hop(&self, from: u32) -> Option<&Hop> {
        self.hops.iter().find(|hop| hop.from() == from)
    }

    fn missing(&self, from: u32) -> UpcastError {
        UpcastError::Missing {
            event_type: self.event_type,
            from,
            to: from + 1,
        }
    }
}

/// Why an event could not be brought to its current schema version, or a chain cannot work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpcastError {
    /// No upcaster leads on from here.
    #[error("event `{event_type}` has no upcaster from schema version {from} to {to}")]
    Missing {
        /// Stored name.
        event_type: &'static str,
        /// Where the way ends.
        from: u32,
        /// Where it should lead.
        to: u32,
    },
    /// Two upcasters lead on from one version.
    #[error("event `{event_type}` has two upcasters from schema version {from}")]
    Doubled {
        /// Stored name.
        event_type: &'static str,
        /// The version.
        from: u32,
    },
    /// An upcaster from a version that is not below the current one.
    #[error(
        "event `{event_type}` has an upcaster from schema version {from}, but its current one is {current}"
    )]
    Beyond {
        /// Stored name.
        event_type: &'static str,
        /// The upcaster's version.
        from: u32,
        /// The event's version.
        current: u32,
    },
    /// A newer program wrote it. There is no way down.
    #[error(
        "event `{event_type}` was stored with schema version {stored}, this program knows up to {current}"
    )]
    Newer {
        /// Stored name.
        event_type: &'static str,
        /// As stored.
        stored: u32,
        /// As known.
        current: u32,
    },
    /// The upcaster refused, or the stored body does not fit it.
    #[error("the upcaster of event `{event_type}` from schema version {from} to {to} failed")]
    Failed {
        /// Stored name.
        event_type: &'static str,
        /// From where.
        from: u32,
        /// To where.
        to: u32,
        /// What it said.
        source: BoxError,
    },
}
