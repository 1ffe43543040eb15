//! A projection with a fault that can be mended while it runs, as a new version of its code would.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use orchestrix::module::{Module, Parts};
use orchestrix::prelude::*;

/// The accounts that the projection cannot take.
static BROKEN: Mutex<Option<HashSet<String>>> = Mutex::new(None);

/// From now on, until it is mended, events of the account of this store make the projection panic.
pub(super) fn broken_in(store: &str) -> String {
    let account = format!("poison-{store}");
    let mut broken = BROKEN.lock().unwrap_or_else(PoisonError::into_inner);
    broken.get_or_insert_default().insert(account.clone());
    account
}

pub(super) fn mend(account: &str) {
    let mut broken = BROKEN.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(
        broken.get_or_insert_default().remove(account),
        "it was not broken"
    );
}

fn is_broken(account: &str) -> bool {
    let broken = BROKEN.lock().unwrap_or_else(PoisonError::into_inner);
    broken
        .as_ref()
        .is_some_and(|broken| broken.contains(account))
}

#[derive(Event, Serialize, Deserialize)]
pub(super) struct Deposited {
    pub(super) account: String,
    pub(super) pence: u64,
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Sum {
    pub(super) pence: u64,
}

#[projection(key = account)]
impl Sum {
    #[apply]
    fn deposited(&mut self, event: &Deposited) {
        assert!(!is_broken(&event.account), "nobody thought of this account");
        self.pence += event.pence;
    }
}

/// As [`Sum`], without the fault.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Recount {
    pub(super) pence: u64,
}

#[projection(key = account)]
impl Recount {
    #[apply]
    fn deposited(&mut self, event: &Deposited) {
        self.pence += event.pence;
    }
}

pub(super) struct Ledger {
    pub(super) recounts: bool,
}

impl Module for Ledger {
    fn name(&self) -> &'static str {
        "ledger"
    }

    fn register(self: Arc<Self>, parts: &mut Parts) {
        if self.recounts {
            parts.projection::<Recount>();
        } else {
            parts.projection::<Sum>();
        }
    }
}
