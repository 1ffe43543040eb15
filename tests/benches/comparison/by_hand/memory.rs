//! In memory: a map of accounts and a vector of encoded events behind one mutex.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use orchestrix::error::BoxError;

use super::{BankEvent, State, opened};
use crate::workload::Bank;

/// Whether the states of accounts are kept, or folded from their events for each command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum States {
    Kept,
    Folded,
}

/// The bank in memory.
#[derive(Clone)]
pub(crate) struct InMemory {
    states: States,
    contents: Arc<Mutex<Contents>>,
}

#[derive(Default)]
struct Contents {
    accounts: HashMap<u64, Kept>,
    log: Vec<Stored>,
}

#[derive(Default)]
struct Kept {
    state: State,
    /// Where in the log its events are.
    events: Vec<usize>,
}

struct Stored {
    event_type: &'static str,
    payload: String,
}

impl InMemory {
    pub(crate) fn new(states: States) -> Self {
        Self {
            states,
            contents: Arc::default(),
        }
    }

    fn command(
        &self,
        account: u64,
        decide: impl FnOnce(State) -> Result<BankEvent, BoxError>,
    ) -> Result<(), BoxError> {
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        let Contents { accounts, log } = &mut *contents;
        let kept = accounts.entry(account).or_default();
        let mut state = match self.states {
            States::Kept => kept.state,
            States::Folded => {
                let mut state = State::default();
                for index in &kept.events {
                    let Stored {
                        event_type,
                        payload,
                    } = &log[*index];
                    state.apply(&BankEvent::decode(event_type, payload)?);
                }
                state
            }
        };
        let event = decide(state)?;
        let (event_type, payload) = event.encode()?;
        kept.events.push(log.len());
        log.push(Stored {
            event_type,
            payload,
        });
        state.apply(&event);
        kept.state = state;
        Ok(())
    }
}

impl Bank for InMemory {
    async fn open(&self, account: u64) -> Result<(), BoxError> {
        self.command(account, |_| Ok(opened(account)))
    }

    async fn deposit(&self, account: u64) -> Result<(), BoxError> {
        self.command(account, |state| state.deposit(account))
    }
}
