//! User code that panics takes nothing else down.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use orchestrix::prelude::*;

use super::counter::{Counting, Total, count};
use super::stored::events;
use super::waiting::{caught_up, retrying};
use super::{Outcome, start};

#[derive(Event, Serialize, Deserialize)]
struct Ticked {
    clock: String,
    panics: u32,
}

#[derive(Command)]
struct Tick {
    #[id]
    clock: String,
    panics: u32,
}

#[derive(Command)]
struct Smash {
    #[id]
    clock: String,
}

#[derive(Default)]
struct Clockwork;

#[aggregate]
impl Clockwork {
    #[handle]
    fn tick(&self, cmd: Tick) -> Ticked {
        Ticked {
            clock: cmd.clock,
            panics: cmd.panics,
        }
    }

    #[handle]
    fn smash(&self, cmd: Smash) -> Ticked {
        panic!("{} is smashed", cmd.clock)
    }

    #[apply]
    fn ticked(&mut self, _: &Ticked) {}
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Ticks {
    number: u32,
}

#[projection(key = clock)]
impl Ticks {
    #[apply]
    fn ticked(&mut self, event: &Ticked) {
        self.number += 1;
        assert!(event.clock != "cursed", "a cursed clock");
    }
}

struct Clocks(Arc<AtomicUsize>);

#[module(name = "clocks", aggregates(Clockwork), projections(Ticks))]
impl Clocks {
    #[on]
    async fn hear(&self, event: &Ticked) {
        let earlier = self.0.fetch_add(1, SeqCst);
        assert!(earlier >= event.panics as usize, "call {earlier} panics");
    }
}

fn tick(clock: &str, panics: u32) -> Tick {
    Tick {
        clock: clock.to_owned(),
        panics,
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_is_called_again() -> Outcome {
    let calls = Arc::new(AtomicUsize::new(0));
    let app = start(MemoryStore::new(), Clocks(calls.clone())).await;
    app.dispatch(tick("a", 3)).await?;
    let (_, error) = retrying(&app, "clocks.hear").await;
    assert!(error.starts_with("event `Ticked` at position 1"), "{error}");
    assert!(
        error.ends_with("could not be consumed: it panicked: call 0 panics"),
        "{error}"
    );
    caught_up(&app).await;
    assert_eq!(calls.load(SeqCst), 4);
    app.shutdown().await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_fold_that_panics_stops_its_read_model_alone() -> Outcome {
    let store = MemoryStore::new();
    let writer = start(store.clone(), Clocks(Arc::default())).await;
    writer.dispatch(tick("a", 0)).await?;
    writer.dispatch(tick("cursed", 0)).await?;
    writer.dispatch(tick("a", 0)).await?;
    let (at, error) = retrying(&writer, "ticks@1").await;
    assert_eq!(at.position.get(), 1);
    assert!(
        error.contains("at position 2") && error.ends_with("it panicked: a cursed clock"),
        "{error}"
    );
    assert_eq!(writer.view::<Ticks>("a").await?, Some(Ticks { number: 1 }));
    assert_eq!(writer.view::<Ticks>("cursed").await?, None);
    writer.shutdown().await?;
    Ok(())
}

#[tokio::test]
async fn a_decision_that_panics_is_its_callers_and_frees_the_stream() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), Clocks(Arc::default())).await;
    app.dispatch(tick("a", 0)).await?;
    let smashing = tokio::spawn({
        let app = app.clone();
        async move {
            app.dispatch(Smash {
                clock: "a".to_owned(),
            })
            .await
            .map(|receipt| receipt.version)
        }
    });
    assert!(smashing.await.expect_err("it panics").is_panic());
    assert_eq!(app.dispatch(tick("a", 0)).await?.version.get(), 2);
    app.shutdown().await?;
    assert_eq!(events(&store, "clockwork-a").await.len(), 2);
    Ok(())
}

/// A projection by hand, which panics where no single event can be named.
mod by_hand {
    use orchestrix::prelude::*;
    use orchestrix::projection::{Documents, FoldError, Keys};
    use orchestrix::store::RecordedEvent;

    use crate::app::counter::Counted;

    #[derive(Default, Serialize, Deserialize)]
    pub(super) struct Keyless;

    impl Projection for Keyless {
        const NAME: &'static str = "keyless";
        const VERSION: u32 = 1;
        type Event = Counted;

        fn keys(_: &Counted, _: &RecordedEvent, _: &mut Keys) {
            panic!("no key");
        }

        fn apply(
            _: &Counted,
            _: &RecordedEvent,
            _: &mut Documents<'_, Self>,
        ) -> Result<(), FoldError> {
            Ok(())
        }
    }

    #[module(projections(Keyless, super::Total))]
    pub(super) struct HandMade;
}

#[tokio::test(start_paused = true)]
async fn a_panic_anywhere_else_is_told_too() -> Outcome {
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let app = builder
        .module(Counting)
        .module(by_hand::HandMade)
        .start()
        .await?;
    let receipt = app.dispatch(count("a", 1)).await?;
    let (_, error) = retrying(&app, "keyless@1").await;
    assert_eq!(
        error,
        "a page of events could not be consumed: it panicked: no key"
    );
    assert!(
        app.view::<Total>("a")
            .at_least(receipt.position)
            .await?
            .is_some()
    );
    Ok(())
}
