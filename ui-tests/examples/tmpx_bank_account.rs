//! The shape of the README's bank account: an event constructs the state.

use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct AccountOpened {
    account: u32,
}
#[derive(Event, Serialize, Deserialize)]
struct MoneyDeposited {
    account: u32,
    pence: i64,
}

#[derive(Command, Serialize, Deserialize)]
struct OpenAccount {
    #[id]
    account: u32,
}
#[derive(Command, Serialize, Deserialize)]
struct Deposit {
    #[id]
    account: u32,
    pence: i64,
}

#[derive(Debug)]
enum AccountError {
    NotPositive,
}

#[derive(Serialize, Deserialize)]
struct Account {
    balance: i64,
}

#[aggregate]
impl Account {
    #[handle]
    fn open(cmd: OpenAccount) -> Result<AccountOpened, AccountError> {
        Ok(AccountOpened { account: cmd.account })
    }
    #[apply]
    fn opened(_: &AccountOpened) -> Self {
        Account { balance: 0 }
    }

    #[handle]
    fn deposit(&self, cmd: Deposit) -> Result<MoneyDeposited, AccountError> {
        if cmd.pence <= 0 {
            return Err(AccountError::NotPositive);
        }
        Ok(MoneyDeposited { account: cmd.account, pence: cmd.pence })
    }
    #[apply]
    fn deposited(&mut self, event: &MoneyDeposited) {
        self.balance += event.pence
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Balance {
    pence: i64,
}

#[projection(key = account)]
impl Balance {
    #[apply]
    fn deposited(&mut self, event: &MoneyDeposited) {
        self.pence += event.pence
    }
}

#[module(aggregates(Account), projections(Balance))]
struct Bank;

fn main() {
    let opened = AccountEvent::AccountOpened(AccountOpened { account: 7 });
    let deposited = AccountEvent::MoneyDeposited(MoneyDeposited { account: 7, pence: 5 });
    let mut state = Account::initial();
    for event in [opened, deposited] {
        assert!(Account::fits(state.is_some(), &event));
        Account::apply(&mut state, &event).unwrap();
    }
    assert_eq!(state.map(|account| account.balance), Some(5));
    assert_eq!((Account::CATEGORY, Balance::NAME, Bank.name()), ("account", "balance", "bank"));
    let _ = AccountError::NotPositive;
}
