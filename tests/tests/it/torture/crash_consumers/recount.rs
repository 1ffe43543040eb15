//! The read models counted again from the log, without the code that keeps them.

use super::evidence::{Documents, Logged};

pub(in crate::torture) const DEPOSITED: &str = "CrashBankDeposited";

/// What a read model of this name must say once it has seen the log up to a position, inclusive.
pub(in crate::torture) fn recount(view: &str, log: &[Logged], up_to: u64) -> Documents {
    let mut documents = Documents::new();
    for event in log.iter().filter(|event| event.position <= up_to) {
        let comes_in = event.event_type == DEPOSITED;
        let (key, negative) = match view {
            "balance" | "held" | "ledger" => (event.account.clone(), !comes_in),
            "sizes" => (size(comes_in, event.pence), false),
            _ => ("bank".to_owned(), !comes_in),
        };
        let sums = documents.entry((event.tenant.clone(), key)).or_default();
        sums.events += 1;
        sums.pence += match negative {
            true => -event.pence,
            false => event.pence,
        };
    }
    documents
}

fn size(comes_in: bool, pence: i64) -> String {
    let bits = format!("{pence:b}").len();
    match comes_in {
        true => format!("in-{bits}"),
        false => format!("out-{bits}"),
    }
}
