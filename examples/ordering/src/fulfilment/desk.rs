//! The module: what fulfilment consists of, and who does what others do for the shop.

use std::fmt;
use std::sync::Arc;

use orchestrix::prelude::*;

use super::ports::{PaymentId, Payments, ProviderError, Shipping, TrackingNumber};
use super::saga::Fulfilment;
use super::warehouse::Warehouse;
use crate::domain::{Millipounds, OrderId};
use crate::read_models::FulfilledOrders;

/// Takes the price of an order.
#[derive(Command, Debug, Clone)]
#[command(no_id)]
pub struct Charge {
    /// What makes it the same request when it comes again.
    pub key: String,
    /// Which order.
    pub order: OrderId,
    /// How much.
    pub amount: Millipounds,
}

/// Gives a payment back.
#[derive(Command, Debug, Clone)]
#[command(no_id)]
pub struct Refund {
    /// What makes it the same request when it comes again.
    pub key: String,
    /// Which payment.
    pub payment: PaymentId,
}

/// Sends what was ordered.
#[derive(Command, Debug, Clone)]
#[command(no_id)]
pub struct Ship {
    /// What makes it the same request when it comes again.
    pub key: String,
    /// Which order.
    pub order: OrderId,
}

/// Brings a parcel back.
#[derive(Command, Debug, Clone)]
#[command(no_id)]
pub struct Recall {
    /// What makes it the same request when it comes again.
    pub key: String,
    /// Which parcel.
    pub tracking: TrackingNumber,
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
        let charged = self.payments.charge(&cmd.key, &cmd.order, cmd.amount);
        charged.await
    }

    #[handle]
    async fn refund(&self, cmd: Refund, _: &ModuleContext) -> Result<(), ProviderError> {
        self.payments.refund(&cmd.key, &cmd.payment).await
    }

    #[handle]
    async fn ship(&self, cmd: Ship, _: &ModuleContext) -> Result<TrackingNumber, ProviderError> {
        self.shipping.create(&cmd.key, &cmd.order).await
    }

    #[handle]
    async fn recall(&self, cmd: Recall, _: &ModuleContext) -> Result<(), ProviderError> {
        self.shipping.recall(&cmd.key, &cmd.tracking).await
    }
}
