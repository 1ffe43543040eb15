//! What became of the orders that were to be fulfilled.

use orchestrix::prelude::*;

use crate::domain::{CancelReason, Millipounds, OrderCancelled, OrderCompleted};
use crate::fulfilment::{StockReleased, StockReserved};

/// Sums over everything that was decided; there is one document, [`FulfilledOrders::KEY`].
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FulfilledOrders {
    /// Orders that were completed.
    pub placed: u64,
    /// Orders that were cancelled because something was not there.
    pub insufficient_stock: u64,
    /// Orders that were cancelled because they could not be paid or sent.
    pub failed: u64,
    /// Units that are put aside.
    pub units_reserved: i64,
    /// Of completed orders.
    pub revenue: Millipounds,
}

impl FulfilledOrders {
    /// The only document's key.
    pub const KEY: &'static str = "fulfilment";
}

/// Every event concerns the one document.
fn fulfilment<E>(_: &E) -> [&'static str; 1] {
    [FulfilledOrders::KEY]
}

#[projection]
impl FulfilledOrders {
    #[apply(keys = fulfilment)]
    fn completed(&mut self, event: &OrderCompleted) {
        self.placed += 1;
        self.revenue += event.revenue;
    }

    #[apply(keys = fulfilment)]
    fn cancelled(&mut self, event: &OrderCancelled) {
        match event.reason {
            CancelReason::InsufficientStock => self.insufficient_stock += 1,
            CancelReason::FulfilmentFailed => self.failed += 1,
            CancelReason::Requested => {}
        }
    }

    #[apply(keys = fulfilment)]
    fn reserved(&mut self, event: &StockReserved) {
        self.units_reserved += event.units;
    }

    #[apply(keys = fulfilment)]
    fn released(&mut self, event: &StockReleased) {
        self.units_reserved -= event.units;
    }
}
