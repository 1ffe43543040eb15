//! The bank account, as a user of the framework writes it.

use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
pub(crate) struct AccountOpened {
    pub(crate) account: u64,
}

#[derive(Event, Serialize, Deserialize)]
pub(crate) struct MoneyDeposited {
    pub(crate) account: u64,
    pub(crate) pence: i64,
}

#[derive(Command)]
pub(crate) struct OpenAccount {
    #[id]
    pub(crate) account: u64,
}

#[derive(Command)]
pub(crate) struct Deposit {
    #[id]
    pub(crate) account: u64,
    pub(crate) pence: i64,
}

/// Many events at once, to make a long stream.
#[derive(Command)]
pub(crate) struct DepositRepeatedly {
    #[id]
    pub(crate) account: u64,
    pub(crate) pence: i64,
    pub(crate) times: usize,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    #[error("{pence} pence cannot be deposited")]
    NotPositive { pence: i64 },
}

#[derive(Debug, PartialEq)]
pub(crate) struct Account {
    pub(crate) balance: i64,
}

#[aggregate]
impl Account {
    #[handle]
    fn open(cmd: OpenAccount) -> AccountOpened {
        AccountOpened {
            account: cmd.account,
        }
    }

    #[apply]
    fn opened(_: &AccountOpened) -> Self {
        Account { balance: 0 }
    }

    #[handle]
    fn deposit(&self, cmd: Deposit) -> Result<MoneyDeposited, AccountError> {
        let Deposit { account, pence } = cmd;
        if pence <= 0 {
            return Err(AccountError::NotPositive { pence });
        }
        Ok(MoneyDeposited { account, pence })
    }

    #[handle]
    fn deposit_repeatedly(&self, cmd: DepositRepeatedly) -> Vec<MoneyDeposited> {
        let DepositRepeatedly {
            account,
            pence,
            times,
        } = cmd;
        (0..times)
            .map(|_| MoneyDeposited { account, pence })
            .collect()
    }

    #[apply]
    fn deposited(&mut self, event: &MoneyDeposited) {
        self.balance += event.pence;
    }
}

#[module(aggregates(Account))]
pub(crate) struct Bank;
