use orchestrix::prelude::*;

struct Deposited;
struct Ledger;
struct Tx;

#[projection(store)]
impl Ledger {
    #[create]
    async fn create(_: &mut Tx) {}
    #[clear]
    async fn clear(_: &mut Tx) {}
    #[apply]
    async fn deposited(_: &Deposited, _: &mut Tx) {}
}

fn main() {}
