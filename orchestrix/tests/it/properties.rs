//! What holds for every sequence of commands, whatever comes of them.

use std::fmt::Display;

use orchestrix::app::{Config, DispatchError};
use orchestrix::prelude::*;
use orchestrix::store::RecordedEvent;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::app::counter::{
    Counted, Counter, CountingWithTotals, LimitReached, Limited, Total, count, count_each, limit,
};
use super::app::projections::{CountingAgain, TotalAgain};
use super::app::stored;
use super::app::waiting::caught_up;

/// Few, so that commands meet; one with a hyphen, which ends the category of a stream's name.
const COUNTERS: [&str; 3] = ["a", "b", "a-b"];

/// A command for one of the counters.
#[derive(Debug, Clone)]
enum Step {
    Count(u32),
    CountEach(Vec<u32>),
    Limit(u32),
}

/// A sequence of commands, and the app that they come to.
#[derive(Debug, Clone)]
struct Case {
    steps: Vec<(usize, Step)>,
    cached_aggregates: usize,
    projection_page: usize,
}

fn cases() -> impl Strategy<Value = Case> {
    let step = prop_oneof![
        4 => (0..10_u32).prop_map(Step::Count),
        1 => prop::collection::vec(0..5_u32, 0..4).prop_map(Step::CountEach),
        1 => (0..60_u32).prop_map(Step::Limit),
    ];
    let steps = prop::collection::vec((0..COUNTERS.len(), step), 0..40);
    let cached = prop_oneof![Just(0_usize), Just(1), Just(100)];
    (steps, cached, 1..8_usize).prop_map(|(steps, cached_aggregates, projection_page)| Case {
        steps,
        cached_aggregates,
        projection_page,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn states_and_documents_are_the_sum_of_the_events(case in cases()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        runtime.block_on(check(&case))?;
    }
}

async fn check(case: &Case) -> Result<(), TestCaseError> {
    let store = MemoryStore::new();
    let live = start(case, &store, CountingWithTotals).await?;
    let mut model: [Counter; COUNTERS.len()] = Default::default();
    for (counter, step) in &case.steps {
        let model = &mut model[*counter];
        let expected = foretell(model, step);
        let came = carry_out(&live, COUNTERS[*counter], step).await?;
        prop_assert_eq!(came, expected, "{:?} on {:?}", step, model);
    }
    let fresh = start(case, &store, CountingAgain).await?;
    for (counter, model) in COUNTERS.iter().zip(&model) {
        let stored = stored::events(&store, &format!("counter-{counter}")).await;
        prop_assert_eq!(&folded(&stored)?, model, "the events of {}", counter);
        let replayed = fresh.load::<Counter>(*counter).await.map_err(failed)?;
        prop_assert_eq!(replayed.version.get(), stored.len() as u64);
        prop_assert_eq!(replayed.state.as_ref(), Some(model), "{} replayed", counter);
        prop_assert_eq!(
            &kept(&live, counter, model).await?,
            model,
            "{} kept",
            counter
        );
    }
    check_documents(&live, &fresh).await
}

/// The documents that were kept up with the commands, and those that were built afterwards.
async fn check_documents(live: &App, fresh: &App) -> Result<(), TestCaseError> {
    caught_up(live).await;
    caught_up(fresh).await;
    let ran = live.views::<Total>().await.map_err(failed)?;
    let built = fresh.views::<TotalAgain>().await.map_err(failed)?;
    let ran: Vec<_> = ran.into_iter().map(|(k, t)| (k, t.sum, t.events)).collect();
    let built = built.into_iter().map(|(k, t)| (k, t.sum, t.events));
    prop_assert_eq!(&ran, &built.collect::<Vec<_>>());
    for (key, sum, _) in ran {
        let loaded = fresh.load::<Counter>(&key).await.map_err(failed)?;
        prop_assert_eq!(loaded.state.map(|state| state.total), Some(sum), "{}", key);
    }
    Ok(())
}

async fn start(
    case: &Case,
    store: &MemoryStore,
    module: impl Module,
) -> Result<App, TestCaseError> {
    let mut config = Config::new();
    config.cached_aggregates = case.cached_aggregates;
    config.projection_page = case.projection_page;
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder.config(config).module(module).start().await;
    app.map_err(failed)
}

/// What a command must come to by the rules of counters, written without the aggregate: how many events, or a refusal.
fn foretell(counter: &mut Counter, step: &Step) -> Result<usize, LimitReached> {
    match step {
        Step::Count(by) => {
            let total = counter.total;
            if counter.limit.is_some_and(|limit| total + by > limit) {
                return Err(LimitReached { total });
            }
            counter.total += by;
            Ok(1)
        }
        Step::CountEach(steps) => {
            counter.total += steps.iter().sum::<u32>();
            Ok(steps.len())
        }
        Step::Limit(limit) => {
            counter.limit = Some(*limit);
            Ok(1)
        }
    }
}

async fn carry_out(
    app: &App,
    counter: &str,
    step: &Step,
) -> Result<Result<usize, LimitReached>, TestCaseError> {
    let receipt = match step {
        Step::Count(by) => match app.dispatch(count(counter, *by)).await {
            Err(DispatchError::Rejected(refusal)) => return Ok(Err(refusal)),
            outcome => outcome.map_err(failed)?,
        },
        Step::CountEach(steps) => {
            let outcome = app.dispatch(count_each(counter, steps)).await;
            outcome.map_err(failed)?
        }
        Step::Limit(most) => app.dispatch(limit(counter, *most)).await.map_err(failed)?,
    };
    Ok(Ok(receipt.events.len()))
}

/// The state that the app decides on, which it may have in its cache: told by its refusals. Its limit is set to nothing
/// for that.
async fn kept(app: &App, counter: &str, model: &Counter) -> Result<Counter, TestCaseError> {
    app.dispatch(limit(counter, 0)).await.map_err(failed)?;
    match app.dispatch(count(counter, 1)).await {
        Err(DispatchError::Rejected(LimitReached { total })) => Ok(Counter {
            total,
            limit: model.limit,
        }),
        other => Err(failed(format!("{other:?}"))),
    }
}

/// The sum of stored events, without the aggregate.
fn folded(events: &[RecordedEvent]) -> Result<Counter, TestCaseError> {
    let mut counter = Counter::default();
    for event in events {
        let payload = &event.data.payload;
        match event.event_type() {
            "Counted" => counter.total += payload.read::<Counted>().map_err(failed)?.by,
            "Limited" => counter.limit = Some(payload.read::<Limited>().map_err(failed)?.limit),
            other => return Err(failed(format!("an event `{other}`"))),
        }
    }
    Ok(counter)
}

fn failed(error: impl Display) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}
