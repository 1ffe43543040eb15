//! The fulfilment of an order, from what the warehouse decided to its one outcome.

use orchestrix::prelude::*;

use super::desk::{Charge, Recall, Refund, Ship};
use super::ports::{PaymentId, ProviderError, TrackingNumber};
use super::stock::{InsufficientStock, ReleaseStock, StockRefused, StockReserved};
use super::warehouse::WAREHOUSE;
use crate::domain::{CancelOrder, CancelReason, CompleteOrder, Millipounds, OrderError, OrderId};

/// Reserves what an order needs, takes its price, sends it, and completes it; where one of these fails for good, what was
/// done before is undone, and the order ends cancelled.
///
/// The warehouse decides in the log's order what it reserves, many orders at a time; its decision is what starts this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fulfilment {
    order: OrderId,
    amount: Millipounds,
    /// The units that are put aside, or why there are none.
    reserved: Result<i64, InsufficientStock>,
}

#[saga(key = order)]
impl Fulfilment {
    #[start]
    fn there_is_enough(event: &StockReserved) -> Self {
        Self {
            order: event.order.clone(),
            amount: event.amount,
            reserved: Ok(event.units),
        }
    }

    #[start]
    fn there_is_too_little(event: &StockRefused) -> Self {
        Self {
            order: event.order.clone(),
            amount: event.amount,
            reserved: Err(event.missing.clone()),
        }
    }

    #[step(compensate = release)]
    async fn reserve(&self, cx: &SagaContext) -> Result<i64, StepError> {
        let Err(missing) = &self.reserved else {
            return self.reserved.clone().map_err(StepError::terminal);
        };
        self.cancel(cx, CancelReason::InsufficientStock).await?;
        Err(StepError::terminal(missing.clone()))
    }

    #[step(after(reserve), compensate = refund, retry(3, wait = "100ms"), timeout = "10s")]
    async fn pay(&self, cx: &SagaContext) -> Result<PaymentId, StepError> {
        let (order, amount) = (self.order.clone(), self.amount);
        let key = cx.idempotency_key();
        cx.dispatch(Charge { key, order, amount })
            .await
            .map_err(failed)
    }

    #[step(after(pay), compensate = recall, retry(3, wait = "100ms"), timeout = "10s")]
    async fn ship(&self, cx: &SagaContext) -> Result<TrackingNumber, StepError> {
        let (order, key) = (self.order.clone(), cx.idempotency_key());
        cx.dispatch(Ship { key, order }).await.map_err(failed)
    }

    #[step(after(ship), retry(3, wait = "100ms"))]
    async fn complete(
        &self,
        pay: &PaymentId,
        ship: &TrackingNumber,
        cx: &SagaContext,
    ) -> Result<(), StepError> {
        let (order, payment, tracking) = (self.order.clone(), pay.clone(), ship.clone());
        cx.dispatch(CompleteOrder {
            order,
            payment,
            tracking,
        })
        .await?;
        Ok(())
    }

    #[compensation]
    async fn recall(&self, parcel: &TrackingNumber, cx: &SagaContext) -> Result<(), StepError> {
        let (tracking, key) = (parcel.clone(), cx.idempotency_key());
        cx.dispatch(Recall { key, tracking }).await.map_err(failed)
    }

    #[compensation]
    async fn refund(&self, paid: &PaymentId, cx: &SagaContext) -> Result<(), StepError> {
        let (payment, key) = (paid.clone(), cx.idempotency_key());
        cx.dispatch(Refund { key, payment }).await.map_err(failed)
    }

    #[compensation]
    async fn release(&self, cx: &SagaContext) -> Result<(), StepError> {
        let (warehouse, order) = (WAREHOUSE.to_owned(), self.order.clone());
        cx.dispatch(ReleaseStock { warehouse, order }).await?;
        self.cancel(cx, CancelReason::FulfilmentFailed).await
    }

    /// Whoever cancelled it before is as good.
    async fn cancel(&self, cx: &SagaContext, reason: CancelReason) -> Result<(), StepError> {
        let order = self.order.clone();
        match cx.dispatch(CancelOrder { order, reason }).await {
            Ok(_) | Err(DispatchError::Rejected(OrderError::AlreadyCancelled { .. })) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A provider says itself whether it is worth another try.
fn failed(error: DispatchError<ProviderError>) -> StepError {
    match error {
        DispatchError::Rejected(error) => error.into(),
        error => error.into(),
    }
}
