//! What others do for the shop: they take money, and carry parcels.

use futures_util::future::BoxFuture;
use orchestrix::prelude::*;

use crate::domain::{Millipounds, OrderId};

/// A reservation, and so what is asked of others for it: they know by it what they were asked for.
#[derive(Id, Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReservationId(String);

/// A payment, as the provider knows it.
#[derive(Id, Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaymentId(String);

/// A parcel on its way.
#[derive(Id, Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrackingNumber(String);

/// What providers give.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, ProviderError>>;

/// Takes payments, one for each reservation. A request that came before is the same request: it has its effect once, and
/// the same answer.
///
/// ```
/// use ordering::domain::{Millipounds, OrderId};
/// use ordering::fulfilment::{Answer, PaymentId, Payments, ProviderError, ReservationId};
///
/// struct Closed;
///
/// impl Payments for Closed {
///     fn charge<'a>(&'a self, _: &'a ReservationId, order: &'a OrderId, _: Millipounds) -> Answer<'a, PaymentId> {
///         let why = format!("nobody pays for {order} today");
///         Box::pin(async { Err(ProviderError::Unavailable { why }) })
///     }
///     fn refund<'a>(&'a self, _: &'a ReservationId) -> Answer<'a, ()> {
///         Box::pin(async { Ok(()) })
///     }
/// }
/// ```
pub trait Payments: Send + Sync + 'static {
    /// Takes the price of an order.
    fn charge<'a>(
        &'a self,
        of: &'a ReservationId,
        order: &'a OrderId,
        amount: Millipounds,
    ) -> Answer<'a, PaymentId>;

    /// Gives back what was paid, where anything was: it may be unknown whether a charge came to something. From then on
    /// nothing is taken any more.
    fn refund<'a>(&'a self, of: &'a ReservationId) -> Answer<'a, ()>;
}

/// Carries parcels, one for each reservation. Requests that come again are as those of [`Payments`].
///
/// ```
/// use ordering::domain::OrderId;
/// use ordering::fulfilment::{Answer, ReservationId, Shipping, TrackingNumber};
///
/// struct Bicycle;
///
/// impl Shipping for Bicycle {
///     fn create<'a>(&'a self, of: &'a ReservationId, _: &'a OrderId) -> Answer<'a, TrackingNumber> {
///         Box::pin(async move { Ok(TrackingNumber::from(format!("bicycle/{of}"))) })
///     }
///     fn recall<'a>(&'a self, _: &'a ReservationId) -> Answer<'a, ()> {
///         Box::pin(async { Ok(()) })
///     }
/// }
/// ```
pub trait Shipping: Send + Sync + 'static {
    /// Sends what was ordered.
    fn create<'a>(
        &'a self,
        of: &'a ReservationId,
        order: &'a OrderId,
    ) -> Answer<'a, TrackingNumber>;

    /// Brings a parcel back, where one was sent. From then on none is sent any more.
    fn recall<'a>(&'a self, of: &'a ReservationId) -> Answer<'a, ()>;
}

/// Why a provider did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// It will not.
    #[error("refused: {why}")]
    Refused {
        /// In its words.
        why: String,
    },
    /// It gave no answer that says whether it did.
    #[error("unavailable: {why}")]
    Unavailable {
        /// What is known.
        why: String,
    },
}

impl From<ProviderError> for StepError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Unavailable { .. } => Self::retry(error),
            ProviderError::Refused { .. } => Self::terminal(error),
        }
    }
}
