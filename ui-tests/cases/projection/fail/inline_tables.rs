use orchestrix::prelude::*;

struct Deposited;
struct Account;
struct Ledger;
struct Store;
struct Tx;

#[projection(store = Store, inline = Account)]
impl Ledger {
    #[create]
    async fn create(_: &mut Tx) {}
    #[clear]
    async fn clear(_: &mut Tx) {}
    #[apply]
    async fn deposited(_: &Deposited, _: &mut Tx) {}
}

fn main() {}
