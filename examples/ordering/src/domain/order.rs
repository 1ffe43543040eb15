//! An order, from placed to cancelled.

use orchestrix::prelude::*;

use super::{CustomerId, Millipounds, OrderId, OrderLine, StockCode};
use crate::fulfilment::{PaymentId, TrackingNumber};

/// An order was placed.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderPlaced {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// Its lines, at least one.
    pub lines: Vec<OrderLine>,
}

/// An order was cancelled.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderCancelled {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// The lines that it had.
    pub lines: Vec<OrderLine>,
    /// Why.
    #[serde(default)]
    pub reason: CancelReason,
}

/// Why an order was cancelled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancelReason {
    /// Somebody wanted it so.
    #[default]
    Requested,
    /// Something that it needs was not there.
    InsufficientStock,
    /// It could not be paid or sent.
    FulfilmentFailed,
}

/// An order was paid and sent.
#[derive(Event, Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderCompleted {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// How it was paid.
    pub payment: PaymentId,
    /// How it was sent.
    pub tracking: TrackingNumber,
    /// Over all lines.
    pub revenue: Millipounds,
}

/// Opens the stream of an order; a part of [`PlaceOrder`](crate::shop::PlaceOrder).
#[derive(Command, Debug, Clone)]
pub struct OpenOrder {
    /// Which.
    #[id]
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// Its lines.
    pub lines: Vec<OrderLine>,
}

/// Makes sure that an order that was opened before is the same one; a part of [`PlaceOrder`](crate::shop::PlaceOrder).
#[derive(Command, Debug, Clone)]
pub struct ConfirmOrder {
    /// Which.
    #[id]
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// Its lines.
    pub lines: Vec<OrderLine>,
}

/// Cancels an order; the customer can return nothing of it afterwards.
#[derive(Command, Debug, Clone)]
pub struct CancelOrder {
    /// Which.
    #[id]
    pub order: OrderId,
    /// Why.
    pub reason: CancelReason,
}

/// Completes an order that was paid and sent.
#[derive(Command, Debug, Clone)]
pub struct CompleteOrder {
    /// Which.
    #[id]
    pub order: OrderId,
    /// How it was paid.
    pub payment: PaymentId,
    /// How it was sent.
    pub tracking: TrackingNumber,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Whose.
    pub customer: CustomerId,
    /// Its lines.
    pub lines: Vec<OrderLine>,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// How it was sent, once it is completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<TrackingNumber>,
}

/// Why an order refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// It has nothing in it.
    #[error("order {order} has no lines")]
    Empty {
        /// Which.
        order: OrderId,
    },
    /// A line asks for nothing, or for less.
    #[error("order {order} asks for {quantity} of {stock_code}: it must be at least one")]
    NonPositiveQuantity {
        /// Which.
        order: OrderId,
        /// Of what.
        stock_code: StockCode,
        /// How many.
        quantity: i64,
    },
    /// Another order has the number.
    #[error("another order was placed as {order} before")]
    NumberTaken {
        /// The number.
        order: OrderId,
    },
    /// It was cancelled before.
    #[error("order {order} is cancelled already")]
    AlreadyCancelled {
        /// Which.
        order: OrderId,
    },
    /// It was paid and sent before.
    #[error("order {order} is completed already")]
    AlreadyCompleted {
        /// Which.
        order: OrderId,
    },
}

#[aggregate]
impl Order {
    #[handle]
    fn open(cmd: &OpenOrder) -> Result<OrderPlaced, OrderError> {
        if cmd.lines.is_empty() {
            let order = cmd.order.clone();
            return Err(OrderError::Empty { order });
        }
        if let Some(line) = cmd.lines.iter().find(|line| line.quantity <= 0) {
            return Err(OrderError::NonPositiveQuantity {
                order: cmd.order.clone(),
                stock_code: line.stock_code.clone(),
                quantity: line.quantity,
            });
        }
        Ok(OrderPlaced {
            order: cmd.order.clone(),
            customer: cmd.customer.clone(),
            lines: cmd.lines.clone(),
        })
    }

    #[apply]
    fn placed(event: &OrderPlaced) -> Self {
        Self {
            customer: event.customer.clone(),
            lines: event.lines.clone(),
            cancelled: false,
            tracking: None,
        }
    }

    #[handle]
    fn confirm(&self, cmd: ConfirmOrder) -> Result<(), OrderError> {
        if self.customer == cmd.customer && self.lines == cmd.lines {
            Ok(())
        } else {
            Err(OrderError::NumberTaken { order: cmd.order })
        }
    }

    #[handle]
    fn cancel(&self, cmd: CancelOrder) -> Result<OrderCancelled, OrderError> {
        let order = self.still_open(cmd.order)?;
        Ok(OrderCancelled {
            order,
            customer: self.customer.clone(),
            lines: self.lines.clone(),
            reason: cmd.reason,
        })
    }

    #[apply]
    fn cancelled(&mut self, _: &OrderCancelled) {
        self.cancelled = true;
    }

    #[handle]
    fn complete(&self, cmd: CompleteOrder) -> Result<OrderCompleted, OrderError> {
        let order = self.still_open(cmd.order)?;
        Ok(OrderCompleted {
            order,
            customer: self.customer.clone(),
            payment: cmd.payment,
            tracking: cmd.tracking,
            revenue: self.lines.iter().map(OrderLine::revenue).sum(),
        })
    }

    #[apply]
    fn completed(&mut self, event: &OrderCompleted) {
        self.tracking = Some(event.tracking.clone());
    }

    /// Its number, unless it came to an end before.
    fn still_open(&self, order: OrderId) -> Result<OrderId, OrderError> {
        match self.tracking {
            _ if self.cancelled => Err(OrderError::AlreadyCancelled { order }),
            Some(_) => Err(OrderError::AlreadyCompleted { order }),
            None => Ok(order),
        }
    }
}
