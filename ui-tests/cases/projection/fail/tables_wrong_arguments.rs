use orchestrix::prelude::*;
use orchestrix::store::RecordedEvent;

struct Deposited;
struct Withdrawn;
struct Closed;
struct Ledger;
struct Store;
struct Tx;

#[projection(store = Store)]
impl Ledger {
    #[create]
    async fn create() {}
    #[clear]
    async fn clear(_: &mut Tx, _: u8) {}
    #[apply]
    async fn deposited(_: &Deposited, _: &Tx) {}
    #[apply]
    async fn withdrawn(_: &Withdrawn, _: RecordedEvent, _: &mut Tx, _: u8) {}
    #[apply]
    async fn closed(_: &Closed, _: &RecordedEvent) {}
}

fn main() {}
