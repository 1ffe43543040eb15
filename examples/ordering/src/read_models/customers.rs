//! Customers by what they ordered.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use orchestrix::prelude::*;

use crate::domain::{Millipounds, OrderCancelled, OrderId, OrderLine, OrderPlaced};

/// A customer's weight; the document ends with the last order. The report's five best are found by the index.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct TopCustomers {
    /// Of orders that were not cancelled.
    pub revenue: Millipounds,
    /// How many orders that were not cancelled.
    pub orders: u64,
}

#[projection(key = customer, version = 2, index(revenue))]
impl TopCustomers {
    #[apply]
    fn placed(&mut self, event: &OrderPlaced) {
        self.orders += 1;
        self.revenue += event.lines.iter().map(OrderLine::revenue).sum();
    }

    #[apply]
    fn cancelled(mut self, event: &OrderCancelled) -> Option<Self> {
        self.orders -= 1;
        self.revenue -= event.lines.iter().map(OrderLine::revenue).sum();
        (self.orders > 0).then_some(self)
    }
}

/// All orders of a customer, cancelled ones too.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct OrdersByCustomer {
    /// By number.
    pub orders: BTreeMap<OrderId, CustomerOrder>,
}

/// An order in the list of its customer.
#[derive(Debug, Serialize, Deserialize)]
pub struct CustomerOrder {
    /// When its first line was invoiced.
    pub invoiced_at: Option<DateTime>,
    /// Units over all lines.
    pub units: i64,
    /// Over all lines.
    pub revenue: Millipounds,
    /// Whether it was cancelled.
    pub cancelled: bool,
}

#[projection(key = customer)]
impl OrdersByCustomer {
    #[apply]
    fn placed(&mut self, event: &OrderPlaced) {
        let order = CustomerOrder {
            invoiced_at: event.lines.first().map(|line| line.invoiced_at),
            units: event.lines.iter().map(|line| line.quantity).sum(),
            revenue: event.lines.iter().map(OrderLine::revenue).sum(),
            cancelled: false,
        };
        self.orders.insert(event.order.clone(), order);
    }

    #[apply]
    fn cancelled(&mut self, event: &OrderCancelled) {
        if let Some(order) = self.orders.get_mut(&event.order) {
            order.cancelled = true;
        }
    }
}
