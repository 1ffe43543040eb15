//! The same bank without the framework: one enum, one fold, one decision, and what each store needs around them.

mod memory;
mod postgres;
mod sqlite;

use orchestrix::error::BoxError;

use crate::domain::{AccountOpened, MoneyDeposited};
use crate::workload::PENCE;

pub(crate) use memory::{InMemory, States};
pub(crate) use postgres::{InPostgres, InPostgresGrouped};
pub(crate) use sqlite::{InSqlite, Transactions};

/// The events of an account; stored are the variant's name and its body.
pub(crate) enum BankEvent {
    Opened(AccountOpened),
    Deposited(MoneyDeposited),
}

impl BankEvent {
    pub(crate) fn decode(event_type: &str, payload: &str) -> Result<Self, BoxError> {
        Ok(match event_type {
            "AccountOpened" => Self::Opened(serde_json::from_str(payload)?),
            "MoneyDeposited" => Self::Deposited(serde_json::from_str(payload)?),
            other => return Err(format!("unknown event {other}").into()),
        })
    }

    fn encode(&self) -> Result<(&'static str, String), BoxError> {
        Ok(match self {
            Self::Opened(body) => ("AccountOpened", serde_json::to_string(body)?),
            Self::Deposited(body) => ("MoneyDeposited", serde_json::to_string(body)?),
        })
    }
}

/// An account as its events tell it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct State {
    pub(crate) balance: Option<i64>,
    pub(crate) version: i64,
}

impl State {
    pub(crate) fn apply(&mut self, event: &BankEvent) {
        match event {
            BankEvent::Opened(_) => self.balance = Some(0),
            BankEvent::Deposited(body) => {
                self.balance = self.balance.map(|balance| balance + body.pence);
            }
        }
        self.version += 1;
    }

    fn deposit(&self, account: u64) -> Result<BankEvent, BoxError> {
        if self.balance.is_none() || PENCE <= 0 {
            return Err("the deposit is refused".into());
        }
        Ok(BankEvent::Deposited(MoneyDeposited {
            account,
            pence: PENCE,
        }))
    }
}

fn opened(account: u64) -> BankEvent {
    BankEvent::Opened(AccountOpened { account })
}

fn stream(account: u64) -> String {
    format!("account-{account}")
}
