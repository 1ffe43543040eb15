//! The module: what the shop consists of, and what concerns more than one aggregate.

use orchestrix::prelude::*;

use crate::domain::{
    ConfirmOrder, Customer, CustomerId, ImportedInvoice, Item, OpenOrder, Order, OrderCancelled,
    OrderError, OrderId, OrderLine, OrderPlaced, RecordPurchase, TakeBackPurchase,
};
use crate::read_models::{
    CurrentOrders, OrdersByCustomer, RevenueByCountry, RevenueByMonth, SoldStock, TopCustomers,
    Totals,
};

/// Places an order: the order is opened, and its customer has bought what it holds.
///
/// Placing the same order again completes what is missing and changes nothing else; another one under its number is
/// refused.
#[derive(Command, Debug, Clone)]
#[command(no_id)]
pub struct PlaceOrder {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// Its lines, at least one.
    pub lines: Vec<OrderLine>,
}

/// What placing an order came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It was placed.
    Now,
    /// It had been placed before.
    Before,
}

/// Why an order could not be placed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceOrderError {
    /// The order was refused, or could not be opened.
    #[error("order {order} could not be opened")]
    Order {
        /// Which.
        order: OrderId,
        /// Why.
        source: DispatchError<OrderError>,
    },
    /// The customer could not be told of it. Placing the order again does.
    #[error("the purchase of order {order} could not be recorded")]
    Purchase {
        /// Which.
        order: OrderId,
        /// Why.
        source: DispatchError<std::convert::Infallible>,
    },
}

/// The shop.
#[derive(Debug)]
pub struct Shop;

#[module(
    aggregates(Order, Customer, ImportedInvoice),
    projections(
        RevenueByCountry,
        RevenueByMonth,
        SoldStock,
        TopCustomers,
        OrdersByCustomer,
        CurrentOrders,
        Totals
    )
)]
impl Shop {
    /// The customer is told at once, so that the next command can be a return.
    #[handle]
    async fn place_order(
        &self,
        cmd: PlaceOrder,
        cx: &ModuleContext,
    ) -> Result<Placed, PlaceOrderError> {
        let PlaceOrder {
            order,
            customer,
            lines,
        } = cmd;
        let purchase = RecordPurchase {
            customer: customer.clone(),
            order: order.clone(),
            items: items(&lines),
        };
        let open = OpenOrder {
            order: order.clone(),
            customer,
            lines,
        };
        let confirm = ConfirmOrder {
            order: open.order.clone(),
            customer: open.customer.clone(),
            lines: open.lines.clone(),
        };
        let opened = match cx.dispatch(open).await {
            Ok(_) => Ok(Placed::Now),
            Err(DispatchError::AlreadyExists { .. }) => {
                cx.dispatch(confirm).await.map(|_| Placed::Before)
            }
            Err(source) => Err(source),
        };
        let placed = match opened {
            Ok(placed) => placed,
            Err(source) => return Err(PlaceOrderError::Order { order, source }),
        };
        match cx.dispatch(purchase).await {
            Ok(_) => Ok(placed),
            Err(source) => Err(PlaceOrderError::Purchase { order, source }),
        }
    }

    /// Completes an order whose placing was cut off in the middle; nearly always there is nothing left to do.
    #[on]
    async fn complete_purchase(
        &self,
        event: &OrderPlaced,
        cx: &EventContext,
    ) -> Result<(), DispatchError<std::convert::Infallible>> {
        let purchase = RecordPurchase {
            customer: event.customer.clone(),
            order: event.order.clone(),
            items: items(&event.lines),
        };
        cx.dispatch(purchase).await.map(|_| ())
    }

    #[on]
    async fn take_back_cancelled(
        &self,
        event: &OrderCancelled,
        cx: &EventContext,
    ) -> Result<(), DispatchError<std::convert::Infallible>> {
        let take_back = TakeBackPurchase {
            customer: event.customer.clone(),
            order: event.order.clone(),
            items: items(&event.lines),
        };
        cx.dispatch(take_back).await.map(|_| ())
    }
}

impl Shop {
    /// The subscription that takes back what cancelled orders had bought.
    pub const TAKES_BACK: &str = "shop.take_back_cancelled";
}

fn items(lines: &[OrderLine]) -> Vec<Item> {
    lines.iter().map(OrderLine::item).collect()
}
