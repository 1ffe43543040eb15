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
    #[timer(after = "1h")]
    fn overdue(&mut self) {}
    #[timer(name)]
    fn late(&mut self) {}
}

fn main() {}
