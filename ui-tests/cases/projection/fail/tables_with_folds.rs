use orchestrix::prelude::*;

struct Deposited;
struct Withdrawn;
struct Ledger;
struct Store;
struct Tx;

#[projection(store = Store, key = account, index(total))]
impl Ledger {
    #[create]
    async fn create(_: &mut Tx) {}
    #[clear]
    fn clear(_: &mut Tx) {}
    #[apply]
    fn deposited(&mut self, _: &Deposited, _: &mut Tx) {}
    #[apply(key = account)]
    async fn withdrawn(_: &Withdrawn, _: &mut Tx) {}
}

fn main() {}
