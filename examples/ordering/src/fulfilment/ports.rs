//! What others do for the shop: they take money, and carry parcels.

use futures_util::future::BoxFuture;
use orchestrix::prelude::*;

use crate::domain::{Millipounds, OrderId};

/// A payment, as the provider knows it.
#[derive(Id, Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaymentId(String);

/// A parcel on its way.
#[derive(Id, Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrackingNumber(String);

/// What providers give.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, ProviderError>>;

/// Takes payments. A request with a key that came before is the same request: it has its effect once, and the same answer.
///
/// ```
/// use ordering::domain::{Millipounds, OrderId};
/// use ordering::fulfilment::{Answer, PaymentId, Payments, ProviderError};
///
/// struct Closed;
///
/// impl Payments for Closed {
///     fn charge<'a>(&'a self, _: &'a str, order: &'a OrderId, _: Millipounds) -> Answer<'a, PaymentId> {
///         let why = format!("nobody pays for {order} today");
///         Box::pin(async { Err(ProviderError::Unavailable { why }) })
///     }
///     fn refund<'a>(&'a self, _: &'a str, _: &'a PaymentId) -> Answer<'a, ()> {
///         Box::pin(async { Ok(()) })
///     }
/// }
/// ```
pub trait Payments: Send + Sync + 'static {
    /// Takes the price of an order.
    fn charge<'a>(
        &'a self,
        key: &'a str,
        order: &'a OrderId,
        amount: Millipounds,
    ) -> Answer<'a, PaymentId>;

    /// Gives back what was paid.
    fn refund<'a>(&'a self, key: &'a str, payment: &'a PaymentId) -> Answer<'a, ()>;
}

/// Carries parcels. Keys are as those of [`Payments`].
///
/// ```
/// use ordering::domain::OrderId;
/// use ordering::fulfilment::{Answer, Shipping, TrackingNumber};
///
/// struct Bicycle;
///
/// impl Shipping for Bicycle {
///     fn create<'a>(&'a self, key: &'a str, _: &'a OrderId) -> Answer<'a, TrackingNumber> {
///         Box::pin(async move { Ok(TrackingNumber::from(format!("bicycle/{key}"))) })
///     }
///     fn recall<'a>(&'a self, _: &'a str, _: &'a TrackingNumber) -> Answer<'a, ()> {
///         Box::pin(async { Ok(()) })
///     }
/// }
/// ```
pub trait Shipping: Send + Sync + 'static {
    /// Sends what was ordered.
    fn create<'a>(&'a self, key: &'a str, order: &'a OrderId) -> Answer<'a, TrackingNumber>;

    /// Brings a parcel back.
    fn recall<'a>(&'a self, key: &'a str, tracking: &'a TrackingNumber) -> Answer<'a, ()>;
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
