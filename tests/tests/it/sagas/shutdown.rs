//! A shutdown while a step runs: the step comes to its end, or the next start resumes it, and nothing is done twice.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use orchestrix::app::{Config, Phase};
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::saga::{SagaChange, SagaOutcome, SagaStatus};
use orchestrix::store::Backend;
use tokio::sync::watch;
use tokio::time::sleep;

use super::marks::{Mark, Marks};
use super::stays_open::StaysOpen;
use crate::dcb::stores::{Stores, on_stores};
use crate::torture::work::{PATIENCE, within};

on_stores! {
    a_step_in_flight_comes_to_its_end_in_memory: in_memory(ended);
    a_step_in_flight_comes_to_its_end_on_sqlite: on_sqlite(ended);
    a_step_in_flight_comes_to_its_end_on_postgres: on_postgres(ended);
    a_step_that_is_cut_off_is_resumed_in_memory: in_memory(cut_off);
    a_step_that_is_cut_off_is_resumed_on_sqlite: on_sqlite(cut_off);
    a_step_that_is_cut_off_is_resumed_on_postgres: on_postgres(cut_off);
}

/// Those whose first step may come to its end.
static LET_GO: LazyLock<watch::Sender<BTreeSet<String>>> = LazyLock::new(watch::Sender::default);

static CALLED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn note(errand: &str, step: &str) {
    let mut all = CALLED.lock().unwrap_or_else(PoisonError::into_inner);
    all.push(format!("{errand}.{step}"));
}

/// How often a step was called.
fn calls(errand: &str, step: &str) -> usize {
    let call = format!("{errand}.{step}");
    let all = CALLED.lock().unwrap_or_else(PoisonError::into_inner);
    all.iter().filter(|called| **called == call).count()
}

#[derive(Clone, Serialize, Deserialize)]
struct Errand {}

#[saga]
impl Errand {
    #[step(timeout = "10m")]
    async fn fetch(&self, cx: &SagaContext) -> Result<(), StepError> {
        note(cx.key(), "fetch");
        cx.dispatch(Mark::of(format!("{}.before", cx.key())))
            .await?;
        note(cx.key(), "held");
        let mut let_go = LET_GO.subscribe();
        let may_go = let_go.wait_for(|errands| errands.contains(cx.key()));
        may_go.await.map(drop).map_err(StepError::terminal)?;
        cx.dispatch(Mark::of(format!("{}.after", cx.key()))).await?;
        Ok(())
    }

    #[step(after(fetch))]
    async fn deliver(&self, cx: &SagaContext) -> Result<(), StepError> {
        note(cx.key(), "deliver");
        cx.dispatch(Mark::of(format!("{}.delivered", cx.key())))
            .await?;
        Ok(())
    }
}

#[module(aggregates(Marks), sagas(Errand))]
struct Errands;

async fn app(store: &Arc<dyn Backend>, rest: Duration) -> Result<App, BoxError> {
    let mut config = Config::new();
    config.lease_duration = Duration::from_millis(200);
    config.checkpointing_timeout = rest;
    let builder = Orchestrix::builder().isolated().config(config);
    let builder = builder.store(StaysOpen(store.clone())).module(Errands);
    Ok(builder.start().await?)
}

async fn until(what: &str, holds: impl Fn() -> bool) -> Result<(), BoxError> {
    within(PATIENCE, what, async {
        while !holds() {
            sleep(Duration::from_millis(2)).await;
        }
    })
    .await
}

/// An errand whose first step is held, on an app.
async fn held(store: &Arc<dyn Backend>, errand: &str, rest: Duration) -> Result<App, BoxError> {
    let app = app(store, rest).await?;
    app.sagas::<Errand>().start(errand, Errand {}).await?;
    until("the step runs", || calls(errand, "held") == 1).await?;
    Ok(app)
}

fn let_go(errand: &str) {
    LET_GO.send_modify(|errands| {
        errands.insert(errand.to_owned());
    });
}

/// Whether a step is kept as completed.
async fn is_completed(app: &App, errand: &str, wanted: &str) -> Result<bool, BoxError> {
    let history = app.sagas::<Errand>().history(errand).await?;
    let mut entries = history.ok_or("it began")?.entries.into_iter();
    Ok(entries
        .any(|entry| matches!(entry.what, SagaChange::StepCompleted { step } if step == wanted)))
}

/// Another app goes on to the one end, with each effect once.
async fn goes_on(store: &Arc<dyn Backend>, errand: &str) -> Result<(), BoxError> {
    let app = app(store, PATIENCE).await?;
    app.caught_up(app.store().head().await?, PATIENCE).await?;
    let history = app.sagas::<Errand>().history(errand).await?;
    let history = history.ok_or("it began")?;
    assert_eq!(history.status, SagaStatus::Ended(SagaOutcome::Completed));
    for effect in ["before", "after", "delivered"] {
        let marks = app.load::<Marks>(&format!("{errand}.{effect}")).await?;
        assert_eq!(marks.state.map(|marks| marks.0), Some(1), "{effect}");
    }
    assert_eq!(calls(errand, "deliver"), 1);
    Ok(app.shutdown().await?)
}

/// It is waited for, and may do what it does to the end: its commands are not turned away. No other step begins.
async fn ended(stores: Stores) -> Result<(), BoxError> {
    let errand = format!("ended-{}", stores[0].name());
    let first = held(&stores[0], &errand, PATIENCE).await?;
    let ending = tokio::spawn({
        let first = first.clone();
        async move { first.shutdown_report().await }
    });
    let mut phases = first.phases();
    within(
        PATIENCE,
        "it ends",
        phases.wait_for(|phase| *phase == Phase::Checkpointing),
    )
    .await??;
    assert!(!ending.is_finished());
    let_go(&errand);
    let report = within(PATIENCE, "it has ended", ending).await??;
    assert_eq!(report.outcome, Phase::Stopped, "{report:?}");
    assert_eq!((calls(&errand, "fetch"), calls(&errand, "deliver")), (1, 0));
    assert!(is_completed(&first, &errand, "fetch").await?);
    drop(first);
    goes_on(&stores[1], &errand).await?;
    // What came to its end is not called again.
    assert_eq!(calls(&errand, "fetch"), 1);
    Ok(())
}

/// It takes longer than is waited for: nothing of it is kept but its effects, and it is called again.
async fn cut_off(stores: Stores) -> Result<(), BoxError> {
    let errand = format!("cut-off-{}", stores[0].name());
    let first = held(&stores[0], &errand, Duration::from_millis(100)).await?;
    first.shutdown_report().await;
    assert!(!is_completed(&first, &errand, "fetch").await?);
    drop(first);
    let_go(&errand);
    goes_on(&stores[1], &errand).await?;
    assert_eq!(calls(&errand, "fetch"), 2);
    Ok(())
}
