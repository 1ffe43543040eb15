//! The bank's read models. An event that is folded twice, or not at all, shows in each of them.

use orchestrix::prelude::*;

use super::{Account, Deposited, Withdrawn};

/// What an account came to; the key is the account.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Balance {
    /// How many events.
    pub events: u64,
    /// What is left.
    pub pence: i64,
}

#[projection(name = "balance", key = account)]
impl Balance {
    #[apply]
    fn deposited(&mut self, event: &Deposited) {
        self.events += 1;
        self.pence += event.pence;
    }

    #[apply]
    fn withdrawn(&mut self, event: &Withdrawn) {
        self.events += 1;
        self.pence -= event.pence;
    }
}

/// The same, written with the events: never behind, however a process ends.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Held {
    /// How many events.
    pub events: u64,
    /// What is left.
    pub pence: i64,
}

impl Held {
    /// Its subscription.
    pub const SUBSCRIPTION: &'static str = "held@1+inline";
}

#[projection(name = "held", key = account, inline = Account)]
impl Held {
    #[apply]
    fn deposited(&mut self, event: &Deposited) {
        self.events += 1;
        self.pence += event.pence;
    }

    #[apply]
    fn withdrawn(&mut self, event: &Withdrawn) {
        self.events += 1;
        self.pence -= event.pence;
    }
}

/// Events of one kind and size; the key is `in-` or `out-` and the number of bits that the amount takes.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Sizes {
    /// How many events.
    pub events: u64,
    /// What they moved.
    pub pence: i64,
}

#[projection(name = "sizes")]
impl Sizes {
    #[apply(keys = size_in)]
    fn deposited(&mut self, event: &Deposited) {
        self.events += 1;
        self.pence += event.pence;
    }

    #[apply(keys = size_out)]
    fn withdrawn(&mut self, event: &Withdrawn) {
        self.events += 1;
        self.pence += event.pence;
    }
}

fn size_in(event: &Deposited) -> [String; 1] {
    [format!("in-{}", bits(event.pence))]
}

fn size_out(event: &Withdrawn) -> [String; 1] {
    [format!("out-{}", bits(event.pence))]
}

fn bits(pence: i64) -> u32 {
    i64::BITS - pence.leading_zeros()
}

/// All accounts of a tenant in one document, [`Whole::KEY`].
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Whole {
    /// How many events.
    pub events: u64,
    /// What is left.
    pub pence: i64,
}

impl Whole {
    /// The only document's key.
    pub const KEY: &'static str = "bank";
}

/// Every event concerns the one document.
fn whole<E>(_: &E) -> [&'static str; 1] {
    [Whole::KEY]
}

#[projection(name = "whole")]
impl Whole {
    #[apply(keys = whole)]
    fn deposited(&mut self, event: &Deposited) {
        self.events += 1;
        self.pence += event.pence;
    }

    #[apply(keys = whole)]
    fn withdrawn(&mut self, event: &Withdrawn) {
        self.events += 1;
        self.pence -= event.pence;
    }
}
