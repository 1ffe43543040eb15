use orchestrix::prelude::*;

#[derive(Id, Clone)]
struct OrderId(u32);

#[derive(Id, Clone)]
struct CustomerId(u32);

#[derive(Command)]
struct CancelOrder {
    #[id]
    order: OrderId,
}

fn cancel(customer: CustomerId) -> CancelOrder {
    CancelOrder { order: customer }
}

fn main() {}
