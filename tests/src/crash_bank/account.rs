//! The bank's one aggregate.

use orchestrix::prelude::*;

/// Money came in.
#[derive(Debug, Event, Serialize, Deserialize)]
#[event(name = "CrashBankDeposited")]
pub struct Deposited {
    /// Whose.
    pub account: String,
    /// How much.
    pub pence: i64,
}

/// Money went out.
#[derive(Debug, Event, Serialize, Deserialize)]
#[event(name = "CrashBankWithdrawn")]
pub struct Withdrawn {
    /// Whose.
    pub account: String,
    /// How much.
    pub pence: i64,
}

/// Brings in these amounts, each an event of its own.
#[derive(Debug, Command)]
pub struct Deposit {
    /// Whose.
    #[id]
    pub account: String,
    /// How much.
    pub pence: Vec<i64>,
}

/// Takes out what is there only.
#[derive(Debug, Command)]
pub struct Withdraw {
    /// Whose.
    #[id]
    pub account: String,
    /// How much.
    pub pence: i64,
}

/// There is less than that.
#[derive(Debug, thiserror::Error)]
#[error("the account holds {balance} pence only")]
pub struct Overdrawn {
    /// What there is.
    pub balance: i64,
}

/// An account of a tenant.
#[derive(Debug, Default)]
pub struct Account {
    balance: i64,
}

#[aggregate]
impl Account {
    #[handle]
    fn deposit(&self, cmd: &Deposit) -> Vec<Deposited> {
        let deposited = |pence: &i64| Deposited {
            account: cmd.account.clone(),
            pence: *pence,
        };
        cmd.pence.iter().map(deposited).collect()
    }

    #[handle]
    fn withdraw(&self, cmd: &Withdraw) -> Result<Withdrawn, Overdrawn> {
        match self.balance >= cmd.pence {
            true => Ok(Withdrawn {
                account: cmd.account.clone(),
                pence: cmd.pence,
            }),
            false => Err(Overdrawn {
                balance: self.balance,
            }),
        }
    }

    #[apply]
    fn deposited(&mut self, event: &Deposited) {
        self.balance += event.pence;
    }

    #[apply]
    fn withdrawn(&mut self, event: &Withdrawn) {
        self.balance -= event.pence;
    }
}
