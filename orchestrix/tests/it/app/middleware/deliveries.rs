//! Layers around event handlers.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use orchestrix::error::BoxError;
use orchestrix::middleware::{DeliveryCall, Next, RateLimit, RateLimited, TimeLimit, around};
use orchestrix::prelude::*;
use orchestrix::subscription::{ConsumeError, Delivery, FailureKind, SubscriptionState};
use orchestrix::tenant;
use tokio::time::Instant;
use tower::limit::ConcurrencyLimitLayer;

use super::trail::{Trail, building};
use crate::app::Outcome;
use crate::app::counter::{Counted, Counter, Total, count};
use crate::app::waiting::{caught_up, eventually, retrying, status};

const HEAR: &str = "ear.hear";

/// Notes what it hears; hangs at 13.
struct Ear(Trail);

#[module(name = "ear", aggregates(Counter), projections(Total))]
impl Ear {
    #[on]
    async fn hear(&self, event: &Counted) {
        if event.by == 13 {
            pending::<()>().await;
        }
        self.0.note(format!("heard {}", event.by));
    }
}

/// The kind of the failure that a subscription retries, and its source.
fn failure(app: &App) -> Option<(FailureKind, Arc<ConsumeError>)> {
    match status(app, HEAR).state {
        SubscriptionState::Retrying { error, .. } => Some((FailureKind::of(&error), error)),
        _ => None,
    }
}

#[tokio::test]
async fn they_are_around_each_call_of_a_handler_and_around_no_projection() -> Outcome {
    let trail = Trail::default();
    let telling = around({
        let trail = trail.clone();
        move |call: DeliveryCall, next: Next<DeliveryCall>| {
            let event = call.event();
            trail.note(format!(
                "{} at {} for {}",
                event.event_type(),
                event.position,
                call.subscription()
            ));
            assert_eq!(call.context().event_id(), event.event_id());
            async move { next.run(call).await }
        }
    });
    let app = building(MemoryStore::new(), Ear(trail.clone()))
        .delivery_layer(trail.layer("a"))
        .delivery_layer(telling)
        .delivery_layer(ConcurrencyLimitLayer::new(1))
        .start()
        .await?;
    app.dispatch(count("a", 1)).await?;
    app.dispatch(count("a", 2)).await?;
    caught_up(&app).await;
    assert_eq!(
        trail.all(),
        [
            "into a",
            "Counted at 1 for ear.hear",
            "heard 1",
            "out of a",
            "into a",
            "Counted at 2 for ear.hear",
            "heard 2",
            "out of a"
        ]
    );
    let total = app.view::<Total>("a").await?;
    assert_eq!(total.map(|total| total.events), Some(2));
    Ok(())
}

#[derive(Debug, thiserror::Error)]
#[error("the road is closed")]
struct Closed;

#[tokio::test(start_paused = true)]
async fn a_layers_error_is_the_handlers_failure_and_its_source() -> Outcome {
    let trail = Trail::default();
    let closed_twice = around({
        let trail = trail.clone();
        move |call: DeliveryCall, next: Next<DeliveryCall>| {
            trail.note("came");
            let is_open = trail.all().len() > 2;
            async move {
                match is_open {
                    true => next.run(call).await,
                    false => Err(BoxError::from(Closed)),
                }
            }
        }
    });
    let app = building(MemoryStore::new(), Ear(trail.clone()))
        .delivery_layer(closed_twice)
        .start()
        .await?;
    app.dispatch(count("a", 1)).await?;
    let (_, error) = retrying(&app, HEAR).await;
    assert!(
        error.ends_with("could not be consumed: the road is closed"),
        "{error}"
    );
    let Some((FailureKind::Handler, error)) = failure(&app) else {
        panic!("{:?}", status(&app, HEAR))
    };
    assert!(
        matches!(&*error, ConsumeError::Event { source, .. } if source.is::<Closed>()),
        "{error:?}"
    );
    caught_up(&app).await;
    assert_eq!(trail.all(), ["came", "came", "came", "heard 1"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_layer_that_does_not_run_the_call_has_handled_the_event() -> Outcome {
    let trail = Trail::default();
    let deaf = around(|call: DeliveryCall, next: Next<DeliveryCall>| async move {
        match call.event().position.get() {
            1 => Ok(()),
            _ => next.run(call).await,
        }
    });
    let app = building(MemoryStore::new(), Ear(trail.clone()))
        .delivery_layer(deaf)
        .start()
        .await?;
    app.dispatch(count("a", 1)).await?;
    app.dispatch(count("a", 2)).await?;
    caught_up(&app).await;
    assert_eq!(trail.all(), ["heard 2"]);
    Ok(())
}

struct WhoseEar(Trail);

#[module(name = "ear", aggregates(Counter))]
impl WhoseEar {
    #[on]
    async fn hear(&self, _: &Counted) {
        self.0.note(format!("{:?}", tenant::current()));
    }
}

#[tokio::test]
async fn a_handler_is_in_its_events_tenant_whatever_task_a_layer_calls_it_in() -> Outcome {
    let trail = Trail::default();
    let aside = around(|call: DeliveryCall, next: Next<DeliveryCall>| async move {
        tokio::spawn(async move { next.run(call).await }).await?
    });
    let app = building(MemoryStore::new(), WhoseEar(trail.clone()))
        .delivery_layer(aside)
        .start()
        .await?;
    let red = TenantId::new("red")?;
    app.dispatch(count("a", 1)).tenant(red.clone()).await?;
    caught_up(&app).await;
    assert_eq!(trail.all(), [format!("{:?}", Some(red))]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_caught_and_told() -> Outcome {
    let trail = Trail::default();
    let nervous = around({
        let trail = trail.clone();
        move |call: DeliveryCall, next: Next<DeliveryCall>| {
            trail.note("came");
            assert!(trail.all().len() > 1, "so early");
            async move { next.run(call).await }
        }
    });
    let app = building(MemoryStore::new(), Ear(trail.clone()))
        .delivery_layer(nervous)
        .start()
        .await?;
    app.dispatch(count("a", 1)).await?;
    eventually("it has failed", || failure(&app).is_some()).await;
    let kind = failure(&app).map(|(kind, _)| kind);
    assert_eq!(kind, Some(FailureKind::Panicked));
    caught_up(&app).await;
    assert_eq!(trail.all(), ["came", "came", "heard 1"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn too_late_is_what_takes_longer_than_its_layer_or_its_subscription_says() -> Outcome {
    let (short, long) = (Duration::from_secs(2), Duration::from_secs(7));
    let silent = || {
        around(|_: DeliveryCall, _: Next<DeliveryCall>| async {
            pending::<Result<(), BoxError>>().await
        })
    };
    let building = || {
        let mut delivery = Delivery::default();
        delivery.timeout = long;
        building(MemoryStore::new(), Ear(Trail::default())).delivery(HEAR, delivery)
    };
    let by_layer = building().delivery_layer(TimeLimit::new(short));
    let by_subscription = building().delivery_layer(silent());
    for (builder, limit) in [(by_layer, short), (by_subscription, long)] {
        let app = builder.start().await?;
        let began = Instant::now();
        app.dispatch(count("a", 13)).await?;
        eventually("it has failed", || failure(&app).is_some()).await;
        assert!(began.elapsed() >= limit);
        let (kind, error) = failure(&app).expect("it is still retrying");
        assert_eq!(kind, FailureKind::TimedOut);
        let told = orchestrix::error::chain(&*error);
        assert!(
            told.ends_with(&format!("the delivery took longer than {limit:?}")),
            "{told}"
        );
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_puts_deliveries_off() -> Outcome {
    let trail = Trail::default();
    let app = building(MemoryStore::new(), Ear(trail.clone()))
        .delivery_layer(RateLimit::new(1, Duration::from_secs(5))?)
        .start()
        .await?;
    let began = Instant::now();
    for by in 1..=2 {
        app.dispatch(count("a", by)).await?;
    }
    eventually("it has failed", || failure(&app).is_some()).await;
    let Some((_, error)) = failure(&app) else {
        panic!("{:?}", status(&app, HEAR))
    };
    let ConsumeError::Event { source, .. } = &*error else {
        panic!("{error:?}")
    };
    let limited = source.downcast_ref::<RateLimited>();
    assert!(
        limited.is_some_and(|it| it.retry_after <= Duration::from_secs(5)),
        "{error:?}"
    );
    caught_up(&app).await;
    assert_eq!(trail.all(), ["heard 1", "heard 2"]);
    assert!(began.elapsed() >= Duration::from_secs(5));
    Ok(())
}
