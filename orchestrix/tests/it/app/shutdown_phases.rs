//! The phases of a shutdown, and what forces its end.

use std::future::{IntoFuture, pending};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use orchestrix::app::{Builder, Config, DispatchError, Phase, ShutdownReport};
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::CheckpointStore;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Outcome;
use super::counter::{Counted, Counter, CountingWithTotals, Total, count};
use super::gate::Gate;
use super::test_store::TestStore;
use super::waiting::{begin, caught_up, status};

/// A handler on a gate.
struct Held(Arc<Gate>);

#[module(name = "held", aggregates(Counter), projections(Total))]
impl Held {
    #[on]
    async fn hold(&self, _: &Counted) {
        self.0.pass().await;
    }
}

const HOLD: &str = "held.hold";

fn builder(store: &TestStore) -> Builder {
    Orchestrix::builder().isolated().store(store.clone())
}

type Dispatched = JoinHandle<Result<Receipt, DispatchError<super::counter::LimitReached>>>;

/// Commands, each for a counter of its own, of which none comes to its end before the store lets it.
async fn under_way(app: &App, store: &TestStore, commands: usize) -> Vec<Dispatched> {
    let before = store.append_gate.arrived();
    store.append_gate.close();
    let mut all = Vec::new();
    for n in 0..commands {
        let mut dispatch = app.dispatch(count(&format!("held-{n}"), 1)).into_future();
        begin(&mut dispatch);
        all.push(tokio::spawn(dispatch));
    }
    store.append_gate.arrivals(before + 1).await;
    all
}

fn ending(app: &App) -> JoinHandle<Arc<ShutdownReport>> {
    let app = app.clone();
    tokio::spawn(async move { app.shutdown_report().await })
}

fn told(report: &ShutdownReport) -> Vec<(Phase, u64)> {
    let phases = report.phases.iter();
    phases
        .map(|phase| (phase.phase, phase.took.as_secs()))
        .collect()
}

async fn comes_to(app: &App, phase: Phase) {
    let reached = app.phases().wait_for(|at| *at >= phase).await.map(|at| *at);
    assert_eq!(reached.ok(), Some(phase));
}

#[tokio::test(start_paused = true)]
async fn a_signal_ends_it_phase_by_phase_and_commands_under_way_are_drained() -> Outcome {
    let (store, first) = (TestStore::new(), Arc::new(Gate::default()));
    first.close();
    let leave = {
        let first = first.clone();
        async move {
            first.pass().await;
            Ok::<(), BoxError>(())
        }
    };
    let handler = Arc::new(Gate::default());
    let app = builder(&store).module(Held(handler.clone()));
    let app = app.on_shutdown("leave", leave).start().await?;
    let commands = under_way(&app, &store, 3).await;
    handler.close();
    let (signal, came) = oneshot::channel::<()>();
    let running = tokio::spawn(app.run_until(came).into_future());
    assert_eq!(app.phase(), Phase::Running);
    let _ = signal.send(());
    comes_to(&app, Phase::Stopping).await;
    let late = app.dispatch(count("late", 1)).await;
    assert!(matches!(late, Err(DispatchError::ShuttingDown)));
    tokio::time::advance(Duration::from_secs(1)).await;
    first.open();
    comes_to(&app, Phase::Draining).await;
    tokio::time::advance(Duration::from_secs(2)).await;
    store.append_gate.open();
    // The handler holds the first of the three until it is told to stop.
    handler.arrivals(1).await;
    comes_to(&app, Phase::Checkpointing).await;
    tokio::time::advance(Duration::from_secs(3)).await;
    handler.open();
    let report = running.await?;
    assert_eq!(app.phase(), Phase::Stopped);
    assert_eq!(
        (report.outcome, report.drained, report.left),
        (Phase::Stopped, 3, 0)
    );
    let phases = [
        (Phase::Stopping, 1),
        (Phase::Draining, 2),
        (Phase::Checkpointing, 3),
    ];
    assert_eq!(told(&report), phases);
    report.into_result()?;
    for command in commands {
        assert_eq!(command.await??.version.get(), 1);
    }
    assert!(store.memory.load_checkpoint(HOLD).await?.get() >= 1);
    assert!(Arc::ptr_eq(&report, &app.shutdown_report().await));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_second_signal_forces_the_end_at_once() -> Outcome {
    let store = TestStore::new();
    let handler = Arc::new(Gate::default());
    let app = builder(&store).module(Held(handler.clone()));
    let app = app.on_shutdown("leave", pending::<Result<(), BoxError>>());
    let mut config = Config::new();
    config.stopping_timeout = Duration::MAX;
    let app = app.config(config).start().await?;
    app.dispatch(count("a", 1)).await?;
    caught_up(&app).await;
    handler.close();
    let before = handler.arrived();
    app.dispatch(count("a", 1)).await?;
    handler.arrivals(before + 1).await;
    let commands = under_way(&app, &store, 3).await;
    store.close_gate.close();
    let (signal, came) = oneshot::channel::<()>();
    let (second, again) = oneshot::channel::<()>();
    let running = tokio::spawn(app.run_until(came).force_when(again).into_future());
    let began = Instant::now();
    let _ = signal.send(());
    comes_to(&app, Phase::Stopping).await;
    let _ = second.send(());
    let report = running.await?;
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(app.phase(), Phase::Forced);
    assert_eq!(
        (report.outcome, report.drained, report.left),
        (Phase::Forced, 0, 3)
    );
    let what: Vec<_> = report.forced.iter().map(|it| it.what.as_str()).collect();
    let held = "subscription `held.hold`";
    assert!(
        what.starts_with(&["`leave`", "commands under way"])
            && what.contains(&held)
            && what.ends_with(&["the test store"]),
        "{what:?}"
    );
    assert_eq!(store.calls.close.load(SeqCst), 1, "it was told to close");
    commands.iter().for_each(JoinHandle::abort);
    Ok(())
}

/// A second signal alone is none: it is not looked at before the first.
#[tokio::test(start_paused = true)]
async fn what_forces_the_end_counts_from_the_first_signal_on() -> Outcome {
    let store = TestStore::new();
    let app = builder(&store).module(CountingWithTotals).start().await?;
    let run = app.run_until(pending::<()>());
    let running = tokio::spawn(run.force_when(std::future::ready(())).into_future());
    app.dispatch(count("a", 1)).await?;
    caught_up(&app).await;
    assert_eq!(app.phase(), Phase::Running);
    assert!(!running.is_finished());
    // Who shuts the app down otherwise ends the run, too.
    let report = app.shutdown_report().await;
    assert!(Arc::ptr_eq(&report, &running.await?));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn after_a_drain_that_took_too_long_checkpoints_are_kept_all_the_same() -> Outcome {
    let store = TestStore::new();
    let handler = Arc::new(Gate::default());
    let mut config = Config::new();
    config.draining_timeout = Duration::from_secs(2);
    let app = builder(&store).module(Held(handler.clone())).config(config);
    let app = app.start().await?;
    app.dispatch(count("a", 1)).await?;
    caught_up(&app).await;
    handler.close();
    let position = app.dispatch(count("a", 1)).await?.position;
    handler.arrivals(2).await;
    let commands = under_way(&app, &store, 2).await;
    let ending = ending(&app);
    comes_to(&app, Phase::Checkpointing).await;
    assert!(store.memory.load_checkpoint(HOLD).await? < position);
    handler.open();
    let report = ending.await?;
    assert_eq!(
        (report.outcome, report.drained, report.left),
        (Phase::Forced, 0, 2)
    );
    assert_eq!(report.forced.len(), 1, "{:?}", report.forced);
    assert_eq!(
        report.forced[0].to_string(),
        "commands under way (after 2s)"
    );
    assert_eq!(store.memory.load_checkpoint(HOLD).await?, position);
    assert_eq!(status(&app, HOLD).position, position);
    commands.iter().for_each(JoinHandle::abort);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_done_first_may_fail_panic_or_hang() -> Outcome {
    let store = TestStore::new();
    let mut config = Config::new();
    config.stopping_timeout = Duration::from_secs(5);
    let app = builder(&store).module(CountingWithTotals).config(config);
    let app = app
        .on_shutdown("refused", async { Err::<(), _>("nobody listens") })
        .on_shutdown("torn", async {
            match std::hint::black_box(true) {
                true => panic!("it is torn"),
                false => Ok::<(), BoxError>(()),
            }
        })
        .on_shutdown("same", pending::<Result<(), BoxError>>())
        .on_shutdown("same", async { Ok::<(), BoxError>(()) })
        .start()
        .await?;
    let report = app.shutdown_report().await;
    let mut failed: Vec<_> = report
        .failed
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    failed.sort_unstable();
    assert_eq!(failed, ["refused", "torn"]);
    let late: Vec<_> = report.forced.iter().map(ToString::to_string).collect();
    assert_eq!(late, ["`same` (after 5s)"]);
    let phases = [
        (Phase::Stopping, 5),
        (Phase::Draining, 0),
        (Phase::Checkpointing, 0),
    ];
    assert_eq!(told(&report), phases);
    assert_eq!(report.outcome, Phase::Forced);
    assert_eq!(store.calls.close.load(SeqCst), 1);
    Ok(())
}
