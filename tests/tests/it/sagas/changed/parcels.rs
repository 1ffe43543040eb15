//! The versions of a saga, one after the other, and the apps that run them.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use orchestrix::app::{Config, StartError};
use orchestrix::error::BoxError;
use orchestrix::module::{Module, Parts};
use orchestrix::prelude::*;
use orchestrix::saga::{
    CompensationFuture, Saga, SagaContext, SagaHistory, Step, StepError, StepFuture, StepRetry,
};
use orchestrix::store::{
    Append, Backend, EventData, ExpectedVersion, GlobalPosition, Payload, StreamId, TenantId,
};
use orchestrix::subscription::Delivery;
use tokio::time::{Instant, sleep};

use crate::sagas::stays_open::StaysOpen;
use crate::torture::work::PATIENCE;

#[derive(Event, Clone, Serialize, Deserialize)]
pub(super) struct ParcelBooked {
    pub(super) parcel: String,
}

/// With a step that fails for now, for as long as any test runs.
const NEVER: Step = Step {
    retry: StepRetry {
        retries: 1_000,
        first: Duration::from_secs(3_600),
        longest: Duration::from_secs(3_600),
    },
    ..Step::new("send")
};

/// Parcels of one version: those whose key begins with what is given stop at `send`.
macro_rules! parcels {
    ($($(#[$doc:meta])* $name:ident as $saga:literal, stops at $stops:literal: $steps:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Serialize, Deserialize)]
        pub(super) struct $name {}

        impl Saga for $name {
            const NAME: &'static str = $saga;
            const STEPS: &'static [Step] = $steps;
            type Start = ParcelBooked;

            fn key(event: &ParcelBooked) -> String {
                event.parcel.clone()
            }

            fn begin(_: &ParcelBooked) -> Self {
                Self {}
            }

            fn run<'a>(&'a mut self, step: usize, cx: &'a SagaContext) -> StepFuture<'a> {
                Box::pin(async move {
                    match Self::STEPS[step].name == "send" && cx.key().starts_with($stops) {
                        true => Err(StepError::retry("the van is late")),
                        false => Payload::of(&()).map_err(StepError::terminal),
                    }
                })
            }

            fn compensate<'a>(&'a mut self, _: usize, _: &'a SagaContext) -> CompensationFuture<'a> {
                Box::pin(async { Ok(()) })
            }
        }
    )*};
}

const fn after(after: &'static [&'static str], step: Step) -> Step {
    Step { after, ..step }
}

parcels! {
    /// What everything begins with.
    Old as "parcel", stops at "open": &[
        Step::new("pack"),
        after(&["pack"], NEVER),
        after(&["send"], Step::new("bill")),
    ];
    /// The same code on a day without delays.
    OldOnTime as "parcel", stops at "never": Old::STEPS;
    /// With one more step.
    Appended as "parcel", stops at "open-late": &[
        Step::new("pack"),
        after(&["pack"], NEVER),
        after(&["send"], Step::new("bill")),
        after(&["bill"], Step::new("thank")),
    ];
    /// With another step in the place of one that nobody has come to.
    Unreached as "parcel", stops at "never": &[
        Step::new("pack"),
        after(&["pack"], NEVER),
        after(&["send"], Step::new("invoice")),
        after(&["invoice", "pack"], Step::new("thank")),
    ];
    /// With a step renamed that all have come to.
    Renamed as "parcel", stops at "never": &[
        Step::new("wrap"),
        after(&["wrap"], NEVER),
        after(&["send"], Step::new("bill")),
    ];
    /// The same change under a name of its own.
    Successor as "parcel_2", stops at "never": Renamed::STEPS;
}

/// Of one version; and of the one before, whose instances are to end, up to where.
pub(super) struct Post<S, B = Successor> {
    pub(super) before: Option<GlobalPosition>,
    pub(super) of: PhantomData<fn() -> (S, B)>,
}

impl<S: Saga, B: Saga> Module for Post<S, B> {
    fn name(&self) -> &'static str {
        "post"
    }

    fn register(self: Arc<Self>, parts: &mut Parts) {
        parts.saga::<S>();
        if let Some(last) = self.before {
            parts.saga_until::<B>(last);
        }
    }
}

pub(super) fn config() -> Config {
    let mut config = Config::new();
    config.lease_duration = Duration::from_millis(200);
    config.sagas_at_once = 512;
    config
}

/// An app of one version.
pub(super) async fn app<S: Saga>(
    store: &Arc<dyn Backend>,
    config: Config,
    delivery: Delivery,
) -> Result<App, StartError> {
    let builder = Orchestrix::builder().isolated().event::<ParcelBooked>();
    let builder = builder.store(StaysOpen(store.clone())).config(config);
    let builder = builder.delivery(format!("saga.{}", S::NAME), delivery);
    let post = Post::<S> {
        before: None,
        of: PhantomData,
    };
    builder.module(post).start().await
}

pub(super) async fn plain<S: Saga>(store: &Arc<dyn Backend>) -> Result<App, StartError> {
    app::<S>(store, config(), Delivery::default()).await
}

/// Books parcels, as `tenant/key`.
pub(super) async fn book(
    store: &Arc<dyn Backend>,
    parcels: impl IntoIterator<Item = String>,
) -> Result<GlobalPosition, BoxError> {
    let events = store.ports().events;
    for parcel in parcels {
        let (tenant, key) = of(&parcel)?;
        let booked = ParcelBooked { parcel: key };
        let event = EventData::new("ParcelBooked", 1, Payload::of(&booked)?);
        let stream = StreamId::new("desk", &booked.parcel)?.with_tenant(tenant);
        let append = Append::new(stream, ExpectedVersion::NoStream, vec![event]);
        for appended in events.append(vec![append]).await {
            appended?;
        }
    }
    Ok(events.head().await?)
}

/// Tenant and key of a parcel.
pub(super) fn of(parcel: &str) -> Result<(TenantId, String), BoxError> {
    let (tenant, key) = parcel.split_once('/').ok_or("a parcel has a tenant")?;
    Ok((TenantId::new(tenant)?, key.to_owned()))
}

/// What happened to a parcel, once that is so.
pub(super) async fn once<S: Saga>(
    app: &App,
    parcel: &str,
    is_so: impl Fn(&SagaHistory) -> bool,
) -> Result<SagaHistory, BoxError> {
    let (tenant, key) = of(parcel)?;
    let began = Instant::now();
    loop {
        let sagas = app.sagas::<S>().tenant(tenant.clone());
        match sagas.history(&key).await? {
            Some(history) if is_so(&history) => return Ok(history),
            _ if began.elapsed() < PATIENCE => sleep(Duration::from_millis(5)).await,
            history => return Err(format!("{parcel} does not come to it: {history:?}").into()),
        }
    }
}
