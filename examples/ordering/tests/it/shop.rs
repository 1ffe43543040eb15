//! A shop in memory, for tests that dispatch commands themselves.

use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::store::GlobalPosition;
use ordering::cli::StoreChoice;
use ordering::domain::{
    Customer, CustomerId, Millipounds, OpenOrder, OrderId, OrderLine, ReturnId, ReturnItems,
    StockCode,
};
use ordering::report::Report;
use ordering::shop::PlaceOrder;
use ordering::store::open;
use ordering::summary::summarize;

use crate::binary::TestResult;

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn new_shop() -> TestResult<App> {
    Ok(open(&StoreChoice::Memory).await?)
}

pub(crate) fn order_id(number: &str) -> OrderId {
    OrderId::from(number.to_owned())
}

pub(crate) fn customer_id(number: &str) -> CustomerId {
    CustomerId::from(number.to_owned())
}

pub(crate) fn line(stock_code: &str, quantity: i64, country: &str) -> OrderLine {
    OrderLine {
        stock_code: StockCode::from(stock_code.to_owned()),
        quantity,
        unit_price: Millipounds(1_250),
        invoiced_at: jiff::civil::date(2011, 1, 31).at(10, 0, 0, 0),
        country: country.to_owned(),
    }
}

pub(crate) fn place(order: &str, customer: &str, lines: Vec<OrderLine>) -> PlaceOrder {
    PlaceOrder {
        order: order_id(order),
        customer: customer_id(customer),
        lines,
    }
}

/// What is left of placing an order when the process dies in the middle.
pub(crate) fn place_half(order: PlaceOrder) -> OpenOrder {
    OpenOrder {
        order: order.order,
        customer: order.customer,
        lines: order.lines,
    }
}

pub(crate) fn give_back(id: &str, customer: &str, stock_code: &str, quantity: i64) -> ReturnItems {
    ReturnItems {
        customer: customer_id(customer),
        return_id: ReturnId::from(id.to_owned()),
        stock_code: StockCode::from(stock_code.to_owned()),
        quantity,
        unit_price: Millipounds(1_250),
    }
}

/// Waits until handlers and read models have seen all there is.
pub(crate) async fn settled(app: &App) -> TestResult {
    Ok(app.caught_up(GlobalPosition::START, PATIENCE).await?)
}

pub(crate) async fn customer(app: &App, number: &str) -> TestResult<Customer> {
    let loaded = app.load::<Customer>(&customer_id(number)).await?;
    Ok(loaded
        .state
        .ok_or("customers are there without having been made")?)
}

/// Units that the customer bought and did not return.
pub(crate) fn outstanding(customer: &Customer, stock_code: &str) -> i64 {
    let code = StockCode::from(stock_code.to_owned());
    customer.outstanding.get(&code).copied().unwrap_or_default()
}

pub(crate) async fn report(app: &App) -> TestResult<Report> {
    Ok(summarize(app, GlobalPosition::START).await?)
}
