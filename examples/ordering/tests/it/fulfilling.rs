//! The fulfilment of one order: each way that it can end, and what others were asked for on the way.

use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::saga::{SagaChange, SagaOutcome, SagaStatus};
use orchestrix::store::{GlobalPosition, ReadStream, StreamId};
use ordering::domain::{
    CancelOrder, CancelReason, CompleteOrder, Millipounds, Order, OrderError, StockCode,
};
use ordering::fulfilment::{
    FulfilError, Fulfilment, FulfilmentDesk, FulfilmentReport, Misbehaviour, PaymentId, Payments,
    ProviderError, Request, ReservationId, Shipping, SimulatedProvider, TrackingNumber, WAREHOUSE,
    Warehouse, fulfil_order, open_stock, summarize,
};
use ordering::read_models::FulfilledOrders;
use ordering::shop::Shop;

use crate::binary::TestResult;
use crate::shop::{customer, line, order_id, outstanding, place};

const COMPLETED: SagaStatus = SagaStatus::Ended(SagaOutcome::Completed);
const COMPENSATED: SagaStatus = SagaStatus::Ended(SagaOutcome::Compensated);

/// Longer than any of these tests takes on a clock that nobody waits for.
const PATIENCE: Duration = Duration::from_secs(600);

/// A shop with ten of A and ten of B, and order 1 of three A and one B.
async fn shop(provider: &SimulatedProvider) -> TestResult<App> {
    let desk = FulfilmentDesk::new(provider.clone(), provider.clone());
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let app = builder.module(Shop).module(desk).start().await?;
    let codes = ["A", "B"].map(|code| StockCode::from(code.to_owned()));
    open_stock(&app, codes, 10).await?;
    let lines = vec![line("A", 2, "UK"), line("B", 1, "UK"), line("A", 1, "UK")];
    app.dispatch(place("1", "7", lines)).await?;
    Ok(app)
}

/// Fulfils order 1, as far as it goes.
async fn fulfilled(app: &App) -> TestResult {
    fulfil_order(app, &order_id("1")).await?;
    Ok(app.caught_up(GlobalPosition::START, PATIENCE).await?)
}

async fn status(app: &App) -> TestResult<SagaStatus> {
    let history = app.sagas::<Fulfilment>().history("1").await?;
    Ok(history.ok_or("it has begun")?.status)
}

/// The steps that were completed and those that were undone, each in their order.
async fn steps(app: &App) -> TestResult<(Vec<String>, Vec<String>)> {
    let history = app.sagas::<Fulfilment>().history("1").await?;
    let (mut completed, mut undone) = (Vec::new(), Vec::new());
    for entry in history.ok_or("it has begun")?.entries {
        match entry.what {
            SagaChange::StepCompleted { step } => completed.push(step),
            SagaChange::StepCompensated { step } => undone.push(step),
            _ => {}
        }
    }
    Ok((completed, undone))
}

/// What a step gave, as it is kept.
async fn result(app: &App, step: &str) -> TestResult<serde_json::Value> {
    let stream = ReadStream::forward(StreamId::new("saga", "fulfilment-1")?);
    for event in app.store().read_stream(stream).await? {
        let body: serde_json::Value = event.data.payload.read()?;
        if event.event_type() == "saga.StepCompleted" && body["step"] == step {
            return Ok(body["result"].clone());
        }
    }
    Err(format!("step {step} is not completed").into())
}

async fn order(app: &App) -> TestResult<Order> {
    let order = app.load::<Order>(&order_id("1")).await?;
    Ok(order.state.ok_or("it was placed")?)
}

/// Reservations, payments and parcels that were not undone.
async fn counts(app: &App, provider: &SimulatedProvider) -> TestResult<(usize, usize, usize)> {
    let warehouse = app.load::<Warehouse>(WAREHOUSE).await?;
    let warehouse = warehouse.state.ok_or("it is opened")?;
    let (payments, parcels) = provider.outstanding();
    Ok((warehouse.reservations(), payments, parcels))
}

fn nothing_sold(insufficient_stock: u64) -> FulfilmentReport {
    FulfilmentReport {
        insufficient_stock,
        closing_units: 20,
        ..FulfilmentReport::default()
    }
}

#[tokio::test(start_paused = true)]
async fn all_goes_well() -> TestResult {
    let provider = SimulatedProvider::new();
    let app = shop(&provider).await?;
    fulfilled(&app).await?;
    assert_eq!(status(&app).await?, COMPLETED);
    let all = ["reserve", "pay", "ship", "complete"].map(str::to_owned);
    assert_eq!(steps(&app).await?, (all.to_vec(), vec![]));
    assert_eq!(counts(&app, &provider).await?, (1, 1, 1));
    assert_eq!(result(&app, "reserve").await?, "saga/fulfilment-1/reserve");
    let payment = result(&app, "pay").await?;
    assert_eq!(payment, "payment/saga/fulfilment-1/reserve");
    let parcel = order(&app).await?.tracking.ok_or("it was sent")?;
    assert_eq!(result(&app, "ship").await?, parcel.to_string());
    let expected = FulfilmentReport {
        placed: 1,
        insufficient_stock: 0,
        units_reserved: 4,
        revenue_millipounds: 5_000,
        closing_units: 16,
        skus_at_zero: 0,
    };
    assert_eq!(summarize(&app).await?, expected);
    // What has come to its end stays there.
    let cancelled = app.dispatch(CancelOrder {
        order: order_id("1"),
        reason: CancelReason::Requested,
    });
    let refused = cancelled.await.err().ok_or("it is completed")?;
    let order = order_id("1");
    assert_eq!(
        refused.rejection(),
        Some(&OrderError::AlreadyCompleted { order })
    );
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn something_is_not_there() -> TestResult {
    let provider = SimulatedProvider::new();
    let app = shop(&provider).await?;
    let greedy = place("2", "8", vec![line("A", 8, "UK")]);
    app.dispatch(greedy).await?;
    fulfil_order(&app, &order_id("2")).await?;
    fulfilled(&app).await?;
    assert_eq!(status(&app).await?, COMPENSATED);
    assert_eq!(steps(&app).await?, (vec![], vec![]));
    assert!(order(&app).await?.cancelled);
    assert_eq!(outstanding(&customer(&app, "7").await?, "A"), 0);
    assert_eq!(counts(&app, &provider).await?, (1, 1, 1), "of the other");
    let history = app.sagas::<Fulfilment>().history("1").await?;
    let told = history.ok_or("it has begun")?.entries[2].what.to_string();
    assert_eq!(
        told,
        "step `reserve` failed at attempt 1, and is given up: insufficient stock: 3 of A are needed, and 2 are left"
    );
    assert_eq!(summarize(&app).await?.insufficient_stock, 1);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn the_payment_is_refused() -> TestResult {
    let provider = SimulatedProvider::new();
    provider.script(Request::Charge, &order_id("1"), &[Misbehaviour::Refuses]);
    let app = shop(&provider).await?;
    fulfilled(&app).await?;
    assert_eq!(status(&app).await?, COMPENSATED);
    let reserve = || vec!["reserve".to_owned()];
    assert_eq!(steps(&app).await?, (reserve(), reserve()));
    assert!(order(&app).await?.cancelled);
    assert_eq!(counts(&app, &provider).await?, (0, 0, 0));
    assert_eq!(provider.calls(Request::Charge), 1, "a refusal is final");
    assert_eq!(provider.calls(Request::Ship), 0);
    assert_eq!(summarize(&app).await?, nothing_sold(0));
    let all = app.view::<FulfilledOrders>(FulfilledOrders::KEY).await?;
    assert_eq!(all.map(|all| all.failed), Some(1));
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn nobody_carries_it() -> TestResult {
    let provider = SimulatedProvider::new();
    provider.script(Request::Ship, &order_id("1"), &[Misbehaviour::Refuses]);
    let app = shop(&provider).await?;
    fulfilled(&app).await?;
    assert_eq!(status(&app).await?, COMPENSATED);
    let (completed, undone) = steps(&app).await?;
    assert_eq!(completed, ["reserve", "pay"]);
    assert_eq!(undone, ["pay", "reserve"]);
    assert!(order(&app).await?.cancelled);
    assert_eq!(counts(&app, &provider).await?, (0, 0, 0));
    assert_eq!(provider.done(Request::Refund), 1);
    let payment = result(&app, "pay").await?;
    assert_eq!(payment, "payment/saga/fulfilment-1/reserve", "it is known");
    assert_eq!(summarize(&app).await?, nothing_sold(0));
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn an_order_that_somebody_else_cancelled_comes_back() -> TestResult {
    let provider = SimulatedProvider::new();
    let lost = [Misbehaviour::LosesAnswer; 2];
    provider.script(Request::Ship, &order_id("1"), &lost);
    let app = shop(&provider).await?;
    fulfil_order(&app, &order_id("1")).await?;
    while provider.calls(Request::Ship) == 0 {
        tokio::task::yield_now().await;
    }
    // The retry waits for a clock that stands still.
    app.dispatch(CancelOrder {
        order: order_id("1"),
        reason: CancelReason::Requested,
    })
    .await?;
    app.caught_up(GlobalPosition::START, PATIENCE).await?;
    assert_eq!(status(&app).await?, COMPENSATED);
    let (completed, undone) = steps(&app).await?;
    assert_eq!(completed, ["reserve", "pay", "ship"]);
    assert_eq!(undone, ["ship", "pay", "reserve"]);
    assert_eq!(counts(&app, &provider).await?, (0, 0, 0));
    assert_eq!(provider.done(Request::Recall), 1);
    let all = app.view::<FulfilledOrders>(FulfilledOrders::KEY).await?;
    assert_eq!(all.map(|all| all.failed), Some(0), "it was asked for");
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_comes_a_second_time_and_is_charged_once() -> TestResult {
    let provider = SimulatedProvider::new();
    let lost = [Misbehaviour::LosesAnswer, Misbehaviour::LosesAnswer];
    provider.script(Request::Charge, &order_id("1"), &lost);
    provider.script(Request::Ship, &order_id("1"), &[Misbehaviour::Hangs]);
    let app = shop(&provider).await?;
    fulfilled(&app).await?;
    assert_eq!(status(&app).await?, COMPLETED);
    assert_eq!(counts(&app, &provider).await?, (1, 1, 1));
    assert_eq!(provider.calls(Request::Charge), 3);
    assert_eq!(provider.done(Request::Charge), 1);
    assert_eq!(provider.calls(Request::Ship), 2);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_answers_is_given_up() -> TestResult {
    let provider = SimulatedProvider::new();
    provider.script(Request::Ship, &order_id("1"), &[Misbehaviour::Hangs; 4]);
    provider.script(Request::Refund, &order_id("1"), &[Misbehaviour::Hangs]);
    let app = shop(&provider).await?;
    fulfilled(&app).await?;
    assert_eq!(status(&app).await?, COMPENSATED);
    assert_eq!(provider.calls(Request::Ship), 4, "three retries");
    assert_eq!(provider.calls(Request::Refund), 3, "until it is done");
    assert_eq!(provider.done(Request::Refund), 1);
    assert_eq!(counts(&app, &provider).await?, (0, 0, 0));
    assert!(order(&app).await?.cancelled);
    Ok(app.shutdown().await?)
}

/// Whoever took the money or the parcel and never said so gives it back.
#[tokio::test(start_paused = true)]
async fn what_was_done_without_an_answer_is_undone() -> TestResult {
    let completed = ["reserve".to_owned(), "pay".to_owned()];
    for (request, steps_done) in [(Request::Charge, 1), (Request::Ship, 2)] {
        let provider = SimulatedProvider::new();
        let lost = [Misbehaviour::LosesAnswer; 4];
        provider.script(request, &order_id("1"), &lost);
        let app = shop(&provider).await?;
        fulfilled(&app).await?;
        assert_eq!(status(&app).await?, COMPENSATED);
        assert_eq!(steps(&app).await?.0, completed[..steps_done]);
        assert_eq!(provider.calls(request), 4);
        assert_eq!(provider.done(request), 1);
        assert_eq!(counts(&app, &provider).await?, (0, 0, 0));
        app.shutdown().await?;
    }
    Ok(())
}

#[tokio::test]
async fn nothing_is_taken_or_sent_once_it_is_called_off() -> TestResult {
    let provider = SimulatedProvider::new();
    let of = ReservationId::from("called off".to_owned());
    provider.refund(&of).await?;
    provider.recall(&of).await?;
    let order = order_id("1");
    let why = "called off was called off".to_owned();
    let refused = ProviderError::Refused { why };
    let charged = provider.charge(&of, &order, Millipounds(1)).await;
    assert_eq!(charged, Err(refused.clone()));
    assert_eq!(provider.create(&of, &order).await, Err(refused));
    assert_eq!(provider.outstanding(), (0, 0));
    assert_eq!(provider.done(Request::Refund), 0, "there was nothing");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_refund_that_is_refused_is_left_to_a_person() -> TestResult {
    let provider = SimulatedProvider::new();
    provider.script(Request::Ship, &order_id("1"), &[Misbehaviour::Refuses]);
    // Undoing the reservation would give the money back, too.
    provider.script(Request::Refund, &order_id("1"), &[Misbehaviour::Refuses; 2]);
    let app = shop(&provider).await?;
    fulfilled(&app).await?;
    let failed = SagaStatus::Ended(SagaOutcome::CompensationFailed);
    assert_eq!(status(&app).await?, failed);
    assert!(order(&app).await?.cancelled, "what can be undone is");
    assert_eq!(counts(&app, &provider).await?, (0, 1, 0));
    app.sagas::<Fulfilment>().resume("1").await?;
    app.caught_up(GlobalPosition::START, PATIENCE).await?;
    assert_eq!(status(&app).await?, COMPENSATED);
    assert_eq!(counts(&app, &provider).await?, (0, 0, 0));
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_or_not_open_is_not_fulfilled() -> TestResult {
    let provider = SimulatedProvider::new();
    let app = shop(&provider).await?;
    let unknown = fulfil_order(&app, &order_id("2")).await;
    assert!(
        matches!(&unknown, Err(FulfilError::NotFound { order }) if *order == order_id("2")),
        "{unknown:?}"
    );
    app.dispatch(CancelOrder {
        order: order_id("1"),
        reason: CancelReason::Requested,
    })
    .await?;
    app.dispatch(place("3", "7", vec![line("A", 1, "UK")]))
        .await?;
    app.dispatch(CompleteOrder {
        order: order_id("3"),
        payment: PaymentId::from("by hand".to_owned()),
        tracking: TrackingNumber::from("by hand".to_owned()),
    })
    .await?;
    app.caught_up(GlobalPosition::START, PATIENCE).await?;
    let before = app.store().head().await?;
    for (order, is) in [("1", "cancelled"), ("3", "completed")] {
        let refused = fulfil_order(&app, &order_id(order)).await.err();
        assert_eq!(
            refused.ok_or("it is over")?.to_string(),
            format!("order {order} is not ready to be fulfilled: it is {is}")
        );
    }
    assert_eq!(app.store().head().await?, before, "nothing is appended");
    assert_eq!(app.sagas::<Fulfilment>().history("1").await?, None);
    assert_eq!(provider.calls(Request::Charge), 0);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn an_order_is_decided_once() -> TestResult {
    let provider = SimulatedProvider::new();
    let app = shop(&provider).await?;
    let order = order_id("1");
    let (first, second) = tokio::join!(fulfil_order(&app, &order), fulfil_order(&app, &order));
    first.and(second)?;
    app.caught_up(GlobalPosition::START, PATIENCE).await?;
    assert_eq!(counts(&app, &provider).await?, (1, 1, 1));
    let warehouse = app.load::<Warehouse>(WAREHOUSE).await?.state;
    assert_eq!(
        warehouse.map(|warehouse| warehouse.reserved_for(&order)),
        Some(4)
    );
    Ok(app.shutdown().await?)
}

#[test]
fn providers_say_whether_to_try_again() {
    let why = || "closed".to_owned();
    let refused = ProviderError::Refused { why: why() };
    assert_eq!(refused.to_string(), "refused: closed");
    assert!(!StepError::from(refused).may_pass());
    let unavailable = ProviderError::Unavailable { why: why() };
    assert_eq!(unavailable.to_string(), "unavailable: closed");
    assert!(StepError::from(unavailable).may_pass());
}

#[test]
fn the_saga_is_short() {
    let lines = include_str!("../../src/fulfilment/saga.rs").lines().count();
    assert!(lines <= 120, "the fulfilment saga has {lines} lines");
}
