//! A deadline for a payment.

#![deny(warnings)]

use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::saga::Reacting;

#[derive(Event, Serialize, Deserialize)]
struct OrderPlaced {
    order: String,
}

#[derive(Event, Serialize, Deserialize)]
struct PaymentTaken {
    order: String,
}

#[derive(Command, Serialize, Deserialize)]
struct CancelOrder {
    #[id]
    order: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Deadline {}

#[saga(key = order)]
impl Deadline {
    #[start]
    fn placed(_: &OrderPlaced, cx: &mut Reactions) -> Self {
        cx.set_timer("overdue", Duration::from_secs(3600));
        Self {}
    }
    #[on]
    fn paid(&mut self, _: &PaymentTaken, cx: &mut Reactions) {
        cx.complete();
    }
    #[timer]
    fn overdue(&mut self, cx: &mut Reactions) {
        let order = cx.key().to_owned();
        cx.dispatch(CancelOrder { order });
        cx.complete();
    }
    #[rejected]
    fn refused(&mut self, rejection: &Rejection) {
        eprintln!("{}", rejection.reason());
    }
}

#[module(sagas(Deadline))]
struct Shop;

fn main() {
    let mut cx = Reactions::at("2024-02-29T12:00:00Z".parse().unwrap()).of("7");
    Deadline {}.fire(0, &mut cx);
    assert_eq!(cx.dispatched::<CancelOrder>()[0].order, "7");
    assert_eq!(Shop.name(), "shop");
}
