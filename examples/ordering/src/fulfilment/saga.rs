//! The fulfilment of an order, from what the warehouse decided to its one outcome.

use orchestrix::prelude::*;

use super::desk::{Charge, Recall, Refund, Ship, failed};
use super::ports::{PaymentId, ReservationId, TrackingNumber};
use super::stock::{InsufficientStock, ReleaseStock, StockRefused, StockReserved};
use super::warehouse::WAREHOUSE;
use crate::domain::{CancelOrder, CancelReason, CompleteOrder, Millipounds, OrderError, OrderId};

/// Reserves what an order needs, takes its price, sends it, and completes it; where one of these fails for good, what was
/// done before is undone, and the order ends cancelled.
///
/// The warehouse decides in the log's order what it reserves, many orders at a time; its decision is what starts this.
/// What is undone includes what the step behind may have done: the answer of a provider can be lost for good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fulfilment {
    order: OrderId,
    amount: Millipounds,
    missing: Option<InsufficientStock>,
}

#[saga(key = order)]
impl Fulfilment {
    #[start]
    fn there_is_enough(event: &StockReserved) -> Self {
        let (order, amount) = (event.order.clone(), event.amount);
        Self {
            order,
            amount,
            missing: None,
        }
    }

    #[start]
    fn there_is_too_little(event: &StockRefused) -> Self {
        let (order, amount) = (event.order.clone(), event.amount);
        let missing = Some(event.missing.clone());
        Self {
            order,
            amount,
            missing,
        }
    }

    #[step(compensate = release, retry(10, wait = "100ms"))]
    async fn reserve(&self, cx: &SagaContext) -> Result<ReservationId, StepError> {
        let Some(missing) = self.missing.clone() else {
            return Ok(ReservationId::from(cx.idempotency_key()));
        };
        self.cancel(cx, CancelReason::InsufficientStock).await?;
        Err(StepError::terminal(missing))
    }

    #[step(after(reserve), compensate = refund, retry(3, wait = "100ms"), timeout = "10s")]
    async fn pay(&self, reserve: &ReservationId, cx: &SagaContext) -> Result<PaymentId, StepError> {
        let (of, order, amount) = (reserve.clone(), self.order.clone(), self.amount);
        cx.dispatch(Charge { of, order, amount })
            .await
            .map_err(failed)
    }

    #[step(after(pay), compensate = recall, retry(3, wait = "100ms"), timeout = "10s")]
    async fn ship(
        &self,
        reserve: &ReservationId,
        cx: &SagaContext,
    ) -> Result<TrackingNumber, StepError> {
        let (of, order) = (reserve.clone(), self.order.clone());
        cx.dispatch(Ship { of, order }).await.map_err(failed)
    }

    #[step(after(ship), retry(10, wait = "100ms"))]
    async fn complete(
        &self,
        pay: &PaymentId,
        ship: &TrackingNumber,
        cx: &SagaContext,
    ) -> Result<(), StepError> {
        let (order, payment, tracking) = (self.order.clone(), pay.clone(), ship.clone());
        let completed = cx.dispatch(CompleteOrder {
            order,
            payment,
            tracking,
        });
        completed.await.map(drop).map_err(StepError::from)
    }

    #[compensation]
    async fn recall(&self, reserve: &ReservationId, cx: &SagaContext) -> Result<(), StepError> {
        let of = reserve.clone();
        cx.dispatch(Recall { of }).await.map_err(failed)
    }

    #[compensation]
    async fn refund(&self, reserve: &ReservationId, cx: &SagaContext) -> Result<(), StepError> {
        self.recall(reserve, cx).await?;
        let of = reserve.clone();
        cx.dispatch(Refund { of }).await.map_err(failed)
    }

    #[compensation]
    async fn release(&self, done: &ReservationId, cx: &SagaContext) -> Result<(), StepError> {
        let (warehouse, order, of) = (WAREHOUSE.to_owned(), self.order.clone(), done.clone());
        cx.dispatch(ReleaseStock { warehouse, order }).await?;
        self.cancel(cx, CancelReason::FulfilmentFailed).await?;
        cx.dispatch(Refund { of }).await.map_err(failed)
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
