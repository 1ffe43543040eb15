use orchestrix::prelude::*;

struct Deposited;
#[derive(Default, Serialize, Deserialize)]
struct Balance;
struct Tx;

#[projection(key = account)]
impl Balance {
    #[create]
    async fn create(_: &mut Tx) {}
    #[clear]
    async fn clear(_: &mut Tx) {}
    #[apply]
    fn deposited(&mut self, _: &Deposited) {}
}

fn main() {}
