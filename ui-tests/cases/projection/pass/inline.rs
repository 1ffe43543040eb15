//! Documents that are written with the events of an aggregate.

#![deny(warnings)]

use orchestrix::prelude::*;

mod accounts {
    use super::*;

    #[derive(Event, Serialize, Deserialize)]
    pub struct Deposited {
        pub account: u32,
        pub pence: i64,
    }

    #[derive(Default)]
    pub struct Account;

    #[derive(Command)]
    pub struct Deposit {
        #[id]
        account: u32,
        pence: i64,
    }

    #[aggregate]
    impl Account {
        #[handle]
        fn deposit(&self, deposit: &Deposit) -> Deposited {
            Deposited {
                account: deposit.account,
                pence: deposit.pence,
            }
        }
        #[apply]
        fn deposited(&mut self, _: &Deposited) {}
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Balance {
    pence: i64,
}

#[projection(key = account, inline = accounts::Account)]
impl Balance {
    #[apply]
    fn deposited(&mut self, event: &accounts::Deposited) {
        self.pence += event.pence;
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Deposits(u32);

#[projection(key = account)]
impl Deposits {
    #[apply]
    fn deposited(&mut self, _: &accounts::Deposited) {
        self.0 += 1;
    }
}

fn main() {
    assert_eq!(Balance::INLINE, Some("account"));
    assert_eq!(Deposits::INLINE, None);
}
