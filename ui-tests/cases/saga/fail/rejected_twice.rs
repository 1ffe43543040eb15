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

#[saga(key = order)]
impl Deadline {
    #[start]
    fn placed(_: &OrderPlaced) -> Self {
        Self {}
    }
    #[rejected]
    fn refused(&mut self, _: &Rejection) {}
    #[rejected]
    fn refused_too(&mut self, _: &Rejection) {}
}

fn main() {}
