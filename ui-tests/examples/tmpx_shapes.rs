//! Documents that events begin, change and end; keys of every kind.



use orchestrix::prelude::*;
use orchestrix::store::RecordedEvent;

#[derive(Id, Clone, Debug, PartialEq)]
struct Customer(String);

#[derive(Serialize, Deserialize)]
struct Head {
    customer: Customer,
}

#[derive(Event, Serialize, Deserialize)]
struct Placed {
    head: Head,
    countries: Vec<String>,
}
#[derive(Event, Serialize, Deserialize)]
struct Changed(Head, i64);
#[derive(Event, Serialize, Deserialize)]
struct Ended((u8, Customer));

#[derive(Serialize, Deserialize)]
struct Order {
    pence: i64,
}

#[projection(key = head.customer)]
impl Order {
    const NOTHING: i64 = 0;
    #[apply]
    fn placed(Placed { .. }: &Placed) -> Self {
        Order { pence: Self::NOTHING }
    }
    #[apply(key = 0.customer)]
    fn changed(&mut self, event: &Changed, _: &RecordedEvent) {
        self.pence += event.1;
    }
    #[apply(key = 0.1)]
    fn ended(self, _: &Ended) -> Option<Order> {
        (self.pence > 0).then_some(self)
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Country {
    orders: u32,
    by: Option<Customer>,
}

#[projection(name = "countries", version = 2)]
impl Country {
    #[apply(keys = countries)]
    fn placed(&mut self, event: &Placed, country: &&str, _: &RecordedEvent) {
        assert!(event.countries.iter().any(|known| known == country));
        self.orders += 1;
        self.by = Some(event.head.customer.clone());
    }
    #[apply(keys = Self::none)]
    fn ended(self, _: &Ended, _: &String) -> std::option::Option<Self> {
        None
    }
    fn none(_: &Ended) -> std::iter::Empty<String> {
        std::iter::empty()
    }
}

fn countries(event: &Placed) -> impl Iterator<Item = &str> {
    event.countries.iter().map(String::as_str)
}

fn main() {
    assert_eq!((Order::NAME, Order::VERSION), ("order", 1));
    assert_eq!((Country::NAME, Country::VERSION), ("countries", 2));
}
