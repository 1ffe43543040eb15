//! The module: what fulfilment consists of, and who does what others do for the shop.

use std::fmt;
use std::sync::Arc;

use orchestrix::prelude::*;

use super::ports::{PaymentId, Payments, ProviderError, ReservationId, Shipping, TrackingNumber};
use super::saga::Fulfilment;
use super::warehouse::Warehouse;
use crate::domain::{Millipounds, OrderId};
use crate::read_models::FulfilledOrders;

/// Takes the price of an order.
#[derive(Command, Debug, Clone)]
#[command(no_id)]
pub struct Charge {
    /// For which reservation.
    pub of: ReservationId,
    /// Of which order.
    pub order: OrderId,
    /// How much.
    pub amount: Millipounds,
}

/// Gives back what was paid, if anything was.
#[derive(Command, Debug, Clone)]
#[command(no_id)]
pub struct Refund {
    /// For which reservation.
    pub of: ReservationId,
}

/// Sends what was ordered.
#[derive(Command, Debug, Clone)]
#[command(no_id)]
pub struct Ship {
    /// For which reservation.
    pub of: ReservationId,
    /// Of which order.
    pub order: OrderId,
}

/// Brings a parcel back, if one was sent.
#[derive(Command, Debug, Clone)]
#[command(no_id)]
pub struct Recall {
    /// For which reservation.
    pub of: ReservationId,
}

/// Where orders are fulfilled: it knows who takes payments and who carries parcels.
pub struct FulfilmentDesk {
    payments: Arc<dyn Payments>,
    shipping: Arc<dyn Shipping>,
}

impl FulfilmentDesk {
    /// One that works with these.
    #[must_use]
    pub fn new(payments: impl Payments, shipping: impl Shipping) -> Self {
        Self {
            payments: Arc::new(payments),
            shipping: Arc::new(shipping),
        }
    }
}

impl fmt::Debug for FulfilmentDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FulfilmentDesk").finish_non_exhaustive()
    }
}

#[module(aggregates(Warehouse), projections(FulfilledOrders), sagas(Fulfilment))]
impl FulfilmentDesk {
    #[handle]
    async fn charge(&self, cmd: Charge, _: &ModuleContext) -> Result<PaymentId, ProviderError> {
        let charged = self.payments.charge(&cmd.of, &cmd.order, cmd.amount);
        charged.await
    }

    #[handle]
    async fn refund(&self, cmd: Refund, _: &ModuleContext) -> Result<(), ProviderError> {
        self.payments.refund(&cmd.of).await
    }

    #[handle]
    async fn ship(&self, cmd: Ship, _: &ModuleContext) -> Result<TrackingNumber, ProviderError> {
        self.shipping.create(&cmd.of, &cmd.order).await
    }

    #[handle]
    async fn recall(&self, cmd: Recall, _: &ModuleContext) -> Result<(), ProviderError> {
        self.shipping.recall(&cmd.of).await
    }
}

/// A provider says itself whether it is worth another try.
pub(super) fn failed(error: DispatchError<ProviderError>) -> StepError {
    match error {
        DispatchError::Rejected(error) => error.into(),
        error => error.into(),
    }
}
