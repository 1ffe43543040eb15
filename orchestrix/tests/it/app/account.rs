//! An aggregate that an event constructs, and a read model whose documents begin and end.

use orchestrix::prelude::*;

#[derive(Id, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AccountId(String);

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::from(id.to_owned())
}

#[derive(Event, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct AccountOpened {
    pub(crate) account: AccountId,
    pub(crate) owner: String,
}

#[derive(Event, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Deposited {
    pub(crate) account: AccountId,
    pub(crate) pence: i64,
}

#[derive(Event, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct AccountClosed {
    pub(crate) account: AccountId,
}

#[derive(Command)]
pub(crate) struct OpenAccount {
    #[id]
    pub(crate) account: AccountId,
    pub(crate) gift: Option<i64>,
}

#[derive(Command)]
pub(crate) struct Deposit {
    #[id]
    pub(crate) account: AccountId,
    pub(crate) pence: i64,
}

#[derive(Command)]
pub(crate) struct CloseAccount {
    #[id]
    pub(crate) account: AccountId,
}

/// A mistake of the domain: it gives an event that only stands at the beginning.
#[derive(Command)]
pub(crate) struct OpenAgain {
    #[id]
    pub(crate) account: AccountId,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AccountError {
    #[error("{pence} pence are not positive")]
    NotPositive { pence: i64 },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) balance: i64,
    pub(crate) opened_by: Option<String>,
}

#[aggregate]
impl Account {
    #[handle]
    fn open(cmd: OpenAccount, cx: &CommandContext) -> (AccountOpened, Option<Deposited>) {
        let gift = cmd.gift.map(|pence| Deposited {
            account: cmd.account.clone(),
            pence,
        });
        let opened = AccountOpened {
            owner: cx.actor().unwrap_or("nobody").to_owned(),
            account: cmd.account,
        };
        (opened, gift)
    }

    #[handle]
    fn deposit(&self, cmd: Deposit) -> Result<Deposited, AccountError> {
        match cmd.pence > 0 {
            true => Ok(Deposited {
                account: cmd.account,
                pence: cmd.pence,
            }),
            false => Err(AccountError::NotPositive { pence: cmd.pence }),
        }
    }

    #[handle]
    fn close(&self, cmd: CloseAccount) -> AccountClosed {
        AccountClosed {
            account: cmd.account,
        }
    }

    #[handle]
    fn open_again(&self, cmd: OpenAgain) -> AccountOpened {
        AccountOpened {
            account: cmd.account,
            owner: String::new(),
        }
    }

    #[apply]
    fn opened(event: &AccountOpened) -> Self {
        Self {
            balance: 0,
            opened_by: Some(event.owner.clone()),
        }
    }

    #[apply]
    fn deposited(&mut self, event: &Deposited) {
        self.balance += event.pence;
    }

    #[apply]
    fn closed(&mut self, _: &AccountClosed) {
        self.balance = 0;
    }
}

/// Accounts that are open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenAccounts {
    pub(crate) balance: i64,
}

#[projection(key = account)]
impl OpenAccounts {
    #[apply]
    fn opened(_: &AccountOpened) -> Self {
        Self { balance: 0 }
    }

    #[apply]
    fn deposited(&mut self, event: &Deposited) {
        self.balance += event.pence;
    }

    #[apply]
    fn closed(self, _: &AccountClosed) -> Option<Self> {
        None
    }
}

#[module(aggregates(Account), projections(OpenAccounts))]
pub(crate) struct Bank;

pub(crate) fn open(id: &str) -> OpenAccount {
    OpenAccount {
        account: account(id),
        gift: None,
    }
}

pub(crate) fn deposit(id: &str, pence: i64) -> Deposit {
    Deposit {
        account: account(id),
        pence,
    }
}

pub(crate) fn close(id: &str) -> CloseAccount {
    CloseAccount {
        account: account(id),
    }
}
