//! A small bank on the public API, for processes that are killed: accounts, three read models, a table
//! of its own, and a handler whose effects survive it.

mod account;
mod effect;
mod ledger;
mod lines;
mod moved;
mod node;
mod noting_store;
mod place;
mod rebuilds;
mod views;
mod writers;

use std::io;
use std::path::Path;
use std::time::Duration;

use orchestrix::prelude::*;

pub use account::{Account, Deposit, Deposited, Overdrawn, Withdraw, Withdrawn};
pub use effect::{Effect, effects};
pub use ledger::{LEDGER, PostgresLedger, SqliteLedger};
pub use lines::{Acknowledged, Handled, LineError, whole_lines};
pub use moved::{MoveStep, Moved, moves};
pub use node::{HANDLER_PAGE, LANES, NodeNotes, start_counter, start_node};
pub use place::BankPlace;
pub use rebuilds::{read_models, rebuild};
pub use views::{Balance, Held, Sizes, Whole};
pub use writers::{TENANTS, WRITERS, write, write_with_pauses};

use crate::Notes;

/// The subscription of the bank's handler.
pub const HANDLER: &str = "bank.deposited";

/// How long an effect takes, as one outside of the process would: the handler is behind the writers then, and within a
/// page of events when it is killed.
const EFFECT: Duration = Duration::from_millis(1);

/// The module: its handler writes down each deposit that it is given.
#[derive(Debug)]
pub struct Bank {
    handled: Notes,
    /// Who it is, where several write to one file.
    node: Option<String>,
    effect: Duration,
}

impl Bank {
    /// Its handler's effects go to the end of this file.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn noting_in(file: &Path) -> io::Result<Self> {
        Ok(Self {
            handled: Notes::silent(file)?,
            node: None,
            effect: EFFECT,
        })
    }

    /// One of several nodes: each effect takes so long, and is noted in a file which they share.
    pub fn of_node(name: &str, effects: Notes, effect: Duration) -> Self {
        Self {
            handled: effects,
            node: Some(name.to_owned()),
            effect,
        }
    }
}

#[module(
    name = "bank",
    aggregates(Account),
    projections(Balance, Held, Sizes, Whole)
)]
impl Bank {
    #[on]
    async fn deposited(&self, _: &Deposited, cx: &EventContext) -> io::Result<()> {
        let handled = Handled {
            stream: cx.stream().to_string(),
            version: cx.version().get(),
            position: cx.position().get(),
        };
        tokio::time::sleep(self.effect).await;
        let line = match &self.node {
            None => format!("{handled}\n"),
            Some(node) => {
                let effect = Effect {
                    event_id: cx.event_id().to_string(),
                    handled,
                    node: node.clone(),
                };
                effect.to_string()
            }
        };
        self.handled.note(line.as_bytes())
    }
}
