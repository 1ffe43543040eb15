use orchestrix::prelude::*;

struct Deposited;
struct Ledger;
struct Store;
struct Tx;

#[projection(store = Store)]
impl Ledger {
    #[create]
    async fn create(_: &mut Tx) {}
    #[create]
    async fn create_more(_: &mut Tx) {}
    #[clear]
    async fn clear(_: &mut Tx) {}
    #[clear]
    async fn clear_more(_: &mut Tx) {}
    #[apply]
    async fn deposited(_: &Deposited, _: &mut Tx) {}
}

fn main() {}
