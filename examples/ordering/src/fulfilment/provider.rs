//! A provider that is not there: it takes no money and carries nothing, and says the same each time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ports::{
    Answer, PaymentId, Payments, ProviderError, ReservationId, Shipping, TrackingNumber,
};
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

/// Takes payments and carries parcels in memory. What it answers is made of the reservation, so that it is the same
/// in each process.
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
    done: BTreeSet<(Request, ReservationId)>,
    /// The orders of reservations that it was asked about.
    orders: BTreeMap<ReservationId, OrderId>,
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

    /// For how many reservations it did something; giving back nothing does not count.
    #[must_use]
    pub fn done(&self, request: Request) -> usize {
        let inner = self.lock();
        let done = inner.done.iter().filter(|(done, of)| {
            let undoes = request.undoes().map(|undone| (undone, of.clone()));
            *done == request && undoes.is_none_or(|undone| inner.done.contains(&undone))
        });
        done.count()
    }

    /// The payments that were taken and not given back, and the parcels that were sent and not brought back.
    #[must_use]
    pub fn outstanding(&self) -> (usize, usize) {
        let open = |done, undone| self.done(done) - self.done(undone);
        (
            open(Request::Charge, Request::Refund),
            open(Request::Ship, Request::Recall),
        )
    }

    /// `order` is known to those who ask for something, and looked up for those who want it undone.
    async fn answer(
        &self,
        request: Request,
        of: &ReservationId,
        order: Option<&OrderId>,
    ) -> Result<(), ProviderError> {
        let misbehaviour = self.lock().take(request, of, order)?;
        match misbehaviour {
            None => Ok(()),
            Some(Misbehaviour::Refuses) => Err(ProviderError::Refused {
                why: format!("{request:?} of {of}"),
            }),
            Some(Misbehaviour::Hangs) => std::future::pending().await,
            Some(Misbehaviour::LosesAnswer) => Err(ProviderError::Unavailable {
                why: "the answer was lost".to_owned(),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing under this lock panics half-way.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn take(
        &mut self,
        request: Request,
        of: &ReservationId,
        order: Option<&OrderId>,
    ) -> Result<Option<Misbehaviour>, ProviderError> {
        *self.calls.entry(request).or_default() += 1;
        if let Some(order) = order {
            self.orders.insert(of.clone(), order.clone());
        }
        let undone = request.undone_by().map(|undone| (undone, of.clone()));
        if undone.is_some_and(|undone| self.done.contains(&undone)) {
            let why = format!("{of} was called off");
            return Err(ProviderError::Refused { why });
        }
        let order = self.orders.get(of).cloned();
        let script = order.and_then(|order| self.scripts.get_mut(&(request, order)));
        let next = script.and_then(VecDeque::pop_front);
        if matches!(next, None | Some(Misbehaviour::LosesAnswer)) {
            self.done.insert((request, of.clone()));
        }
        Ok(next)
    }
}

impl Request {
    fn undoes(self) -> Option<Self> {
        match self {
            Self::Refund => Some(Self::Charge),
            Self::Recall => Some(Self::Ship),
            Self::Charge | Self::Ship => None,
        }
    }

    fn undone_by(self) -> Option<Self> {
        match self {
            Self::Charge => Some(Self::Refund),
            Self::Ship => Some(Self::Recall),
            Self::Refund | Self::Recall => None,
        }
    }
}

impl Payments for SimulatedProvider {
    fn charge<'a>(
        &'a self,
        of: &'a ReservationId,
        order: &'a OrderId,
        _: Millipounds,
    ) -> Answer<'a, PaymentId> {
        Box::pin(async move {
            self.answer(Request::Charge, of, Some(order)).await?;
            Ok(PaymentId::from(format!("payment/{of}")))
        })
    }

    fn refund<'a>(&'a self, of: &'a ReservationId) -> Answer<'a, ()> {
        Box::pin(self.answer(Request::Refund, of, None))
    }
}

impl Shipping for SimulatedProvider {
    fn create<'a>(
        &'a self,
        of: &'a ReservationId,
        order: &'a OrderId,
    ) -> Answer<'a, TrackingNumber> {
        Box::pin(async move {
            self.answer(Request::Ship, of, Some(order)).await?;
            Ok(TrackingNumber::from(format!("parcel/{of}")))
        })
    }

    fn recall<'a>(&'a self, of: &'a ReservationId) -> Answer<'a, ()> {
        Box::pin(self.answer(Request::Recall, of, None))
    }
}

impl fmt::Debug for SimulatedProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedProvider").finish_non_exhaustive()
    }
}
