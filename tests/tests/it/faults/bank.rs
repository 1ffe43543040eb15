//! A small app: accounts that are paid from, and what was paid from each.

use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
pub(super) struct Paid {
    pub(super) account: String,
    pub(super) pence: u64,
}

#[derive(Command)]
pub(super) struct Pay {
    #[id]
    pub(super) account: String,
    pub(super) pence: u64,
}

#[derive(Default)]
pub(super) struct Account;

#[aggregate]
impl Account {
    #[handle]
    fn pay(&self, cmd: Pay) -> Paid {
        Paid {
            account: cmd.account,
            pence: cmd.pence,
        }
    }

    #[apply]
    fn paid(&mut self, _: &Paid) {}
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Total {
    pub(super) pence: u64,
}

#[projection(key = account)]
impl Total {
    #[apply]
    fn paid(&mut self, event: &Paid) {
        self.pence += event.pence;
    }
}

#[module(aggregates(Account), projections(Total))]
pub(super) struct Bank;
