//! What must be true of the table of leases at each look, and from one look to the next.

mod tests;

use std::collections::BTreeMap;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LeaseSeen {
    pub(super) name: String,
    /// None once it was given back.
    pub(super) node: Option<String>,
    pub(super) token: i64,
    /// Whether its time has not ended.
    pub(super) lasts: bool,
}

impl LeaseSeen {
    /// Who holds it now.
    pub(super) fn holder(&self) -> Option<&str> {
        self.node.as_deref().filter(|_| self.lasts)
    }
}

/// What must not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum LeaseViolation {
    #[error("{name} is there twice")]
    Twice { name: String },
    #[error("{name} is gone, and its tokens with it")]
    Gone { name: String },
    #[error("{name} went from token {before} back to {after}")]
    TokenFell {
        name: String,
        before: i64,
        after: i64,
    },
    #[error("{name} went from {before:?} to {after:?} with token {token}")]
    PassedOn {
        name: String,
        token: i64,
        before: Option<String>,
        after: Option<String>,
    },
}

/// All looks until now.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    last: BTreeMap<String, LeaseSeen>,
    looks: usize,
    /// How often each lease was taken and not seen to have been given back.
    taken: BTreeMap<String, usize>,
}

impl Ledger {
    /// One more look at all rows. Tells which have been taken since the last one.
    pub(super) fn look(&mut self, seen: &[LeaseSeen]) -> Result<Vec<LeaseSeen>, LeaseViolation> {
        let mut now = BTreeMap::new();
        for lease in seen {
            if now.insert(lease.name.clone(), lease.clone()).is_some() {
                let name = lease.name.clone();
                return Err(LeaseViolation::Twice { name });
            }
        }
        for before in self.last.values() {
            let name = before.name.clone();
            let Some(after) = now.get(&name) else {
                return Err(LeaseViolation::Gone { name });
            };
            if after.token < before.token {
                return Err(LeaseViolation::TokenFell {
                    name,
                    before: before.token,
                    after: after.token,
                });
            }
            // It may only be given back: another holder, or the same one again, has another token.
            let is_kept = after.node.is_none() || after.node == before.node;
            if after.token == before.token && !is_kept {
                return Err(LeaseViolation::PassedOn {
                    name,
                    token: after.token,
                    before: before.node.clone(),
                    after: after.node.clone(),
                });
            }
        }
        let token = |name: &String| self.last.get(name).map_or(0, |lease| lease.token);
        let newer = now
            .values()
            .filter(|lease| lease.token > token(&lease.name));
        let newer: Vec<_> = newer.cloned().collect();
        for lease in &newer {
            let before = self.last.get(&lease.name);
            let given_back = before.is_none_or(|before| before.node.is_none());
            let times = lease.token - token(&lease.name) - i64::from(given_back);
            *self.taken.entry(lease.name.clone()).or_default() +=
                usize::try_from(times).unwrap_or(0);
        }
        self.last = now;
        self.looks += 1;
        Ok(newer)
    }

    pub(super) fn looks(&self) -> usize {
        self.looks
    }

    /// How often leases were taken, the first time of each not counted.
    pub(super) fn passed_on(&self) -> usize {
        let times = |lease: &LeaseSeen| usize::try_from(lease.token - 1).unwrap_or(0);
        self.last.values().map(times).sum()
    }

    /// How often leases were taken that had not been seen to be given back before, of those whose names begin so.
    pub(super) fn taken(&self, prefix: &str) -> usize {
        let of_these = self
            .taken
            .iter()
            .filter(|(name, _)| name.starts_with(prefix));
        of_these.map(|(_, times)| times).sum()
    }
}
