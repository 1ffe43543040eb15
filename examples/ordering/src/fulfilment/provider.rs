//! A provider that is not there: it takes no money and carries nothing, and says the same each time.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ports::{Answer, PaymentId, Payments, ProviderError, Shipping, TrackingNumber};
use crate::domain::{Millipounds, OrderId};

/// What a provider is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Request {
    /// To take a payment.
    Charge,
    /// To give it back.
    Refund,
    /// To send a parcel.
    Ship,
    /// To bring it back.
    Recall,
}

/// How a provider misbehaves at one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehaviour {
    /// It refuses.
    Refuses,
    /// It never answers, and does nothing.
    Hangs,
    /// It does what it was asked for, and the answer is lost: whoever asks again gets it a second time.
    LosesAnswer,
}

/// Takes payments and carries parcels in memory. What it answers is made of the request's key, so that it is the same in
/// each process.
///
/// Clones are the same provider.
#[derive(Clone, Default)]
pub struct SimulatedProvider {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    scripts: BTreeMap<(Request, OrderId), VecDeque<Misbehaviour>>,
    calls: BTreeMap<Request, u32>,
    /// The keys of requests that were done, and for which order.
    done: BTreeMap<(Request, String), OrderId>,
}

impl SimulatedProvider {
    /// One that does what it is asked for.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Has the next calls about an order go wrong, one after the other.
    pub fn script(&self, request: Request, order: &OrderId, next: &[Misbehaviour]) {
        let mut inner = self.lock();
        let script = inner.scripts.entry((request, order.clone())).or_default();
        script.extend(next);
    }

    /// How often it was asked for something.
    #[must_use]
    pub fn calls(&self, request: Request) -> u32 {
        self.lock().calls.get(&request).copied().unwrap_or(0)
    }

    /// How often it did what it was asked for: requests with one key count once.
    #[must_use]
    pub fn done(&self, request: Request) -> u32 {
        let inner = self.lock();
        let done = inner.done.keys().filter(|(done, _)| *done == request);
        u32::try_from(done.count()).unwrap_or(u32::MAX)
    }

    /// The payments that were taken and not given back, and the parcels that were sent and not brought back.
    #[must_use]
    pub fn outstanding(&self) -> (u32, u32) {
        let open = |done, undone| self.done(done).saturating_sub(self.done(undone));
        (
            open(Request::Charge, Request::Refund),
            open(Request::Ship, Request::Recall),
        )
    }

    async fn answer(
        &self,
        request: Request,
        key: &str,
        order: &OrderId,
    ) -> Result<(), ProviderError> {
        let misbehaviour = {
            let mut inner = self.lock();
            *inner.calls.entry(request).or_default() += 1;
            let script = inner.scripts.get_mut(&(request, order.clone()));
            let next = script.and_then(VecDeque::pop_front);
            if matches!(next, None | Some(Misbehaviour::LosesAnswer)) {
                let done = (request, key.to_owned());
                inner.done.insert(done, order.clone());
            }
            next
        };
        match misbehaviour {
            None => Ok(()),
            Some(Misbehaviour::Refuses) => Err(ProviderError::Refused {
                why: format!("{request:?} of order {order}"),
            }),
            Some(Misbehaviour::Hangs) => std::future::pending().await,
            Some(Misbehaviour::LosesAnswer) => Err(ProviderError::Unavailable {
                why: "the answer was lost".to_owned(),
            }),
        }
    }

    /// The order of a payment or a parcel, which its number tells.
    fn order_of(number: &str) -> OrderId {
        let order = number.split('/').nth(1).unwrap_or_default();
        OrderId::from(order.to_owned())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing under this lock panics half-way.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Payments for SimulatedProvider {
    fn charge<'a>(
        &'a self,
        key: &'a str,
        order: &'a OrderId,
        _: Millipounds,
    ) -> Answer<'a, PaymentId> {
        Box::pin(async move {
            self.answer(Request::Charge, key, order).await?;
            Ok(PaymentId::from(format!("payment/{order}/{key}")))
        })
    }

    fn refund<'a>(&'a self, key: &'a str, payment: &'a PaymentId) -> Answer<'a, ()> {
        Box::pin(async move {
            let order = Self::order_of(&payment.to_string());
            self.answer(Request::Refund, key, &order).await
        })
    }
}

impl Shipping for SimulatedProvider {
    fn create<'a>(&'a self, key: &'a str, order: &'a OrderId) -> Answer<'a, TrackingNumber> {
        Box::pin(async move {
            self.answer(Request::Ship, key, order).await?;
            Ok(TrackingNumber::from(format!("parcel/{order}/{key}")))
        })
    }

    fn recall<'a>(&'a self, key: &'a str, tracking: &'a TrackingNumber) -> Answer<'a, ()> {
        Box::pin(async move {
            let order = Self::order_of(&tracking.to_string());
            self.answer(Request::Recall, key, &order).await
        })
    }
}

impl fmt::Debug for SimulatedProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedProvider").finish_non_exhaustive()
    }
}
