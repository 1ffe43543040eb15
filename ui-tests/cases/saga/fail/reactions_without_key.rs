use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct OrderPlaced {
    order: u32,
}

#[derive(Event, Serialize, Deserialize)]
struct PaymentTaken {
    order: u32,
}

#[derive(Clone, Serialize, Deserialize)]
struct Deadline {}

#[saga]
impl Deadline {
    #[start]
    fn placed(_: &OrderPlaced) -> Self {
        Self {}
    }
    #[on]
    fn paid(&mut self, _: &PaymentTaken) {}
}

fn main() {}
