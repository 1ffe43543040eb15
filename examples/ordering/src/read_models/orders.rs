//! Orders as they are.

use orchestrix::prelude::*;

use crate::domain::{CustomerId, Millipounds, OrderCancelled, OrderLine, OrderPlaced};

/// An order that is placed and not cancelled: its document begins and ends with it.
#[derive(Debug, Serialize, Deserialize)]
pub struct CurrentOrders {
    /// Whose.
    pub customer: CustomerId,
    /// How many lines.
    pub lines: usize,
    /// Units over all lines.
    pub units: i64,
    /// Over all lines.
    pub revenue: Millipounds,
}

#[projection(key = order)]
impl CurrentOrders {
    #[apply]
    fn placed(event: &OrderPlaced) -> Self {
        Self {
            customer: event.customer.clone(),
            lines: event.lines.len(),
            units: event.lines.iter().map(|line| line.quantity).sum(),
            revenue: event.lines.iter().map(OrderLine::revenue).sum(),
        }
    }

    #[apply]
    fn cancelled(self, _: &OrderCancelled) -> Option<Self> {
        None
    }
}
