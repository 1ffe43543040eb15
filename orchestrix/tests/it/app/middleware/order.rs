//! Which layers are around what.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use orchestrix::error::BoxError;
use orchestrix::middleware::{CommandCall, Next, around};
use orchestrix::prelude::*;
use orchestrix::tenant;

use super::trail::{Trail, building};
use crate::app::Outcome;
use crate::app::counter::{Counted, Counter, Counting, Limit, LimitReached, count, limit};
use crate::app::waiting::caught_up;

#[tokio::test]
async fn the_first_is_the_outermost_and_the_caller_gets_its_own_types() -> Outcome {
    let trail = Trail::default();
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(trail.layer("a"))
        .dispatch_layer(trail.layer("b"))
        .dispatch_layer(trail.layer("c"))
        .start()
        .await?;
    let receipt: Receipt = app.dispatch(count("a", 4)).await?;
    assert_eq!(receipt.version.get(), 1);
    let passed = [
        "into a", "into b", "into c", "out of c", "out of b", "out of a",
    ];
    assert_eq!(trail.all(), passed);
    app.dispatch(limit("a", 5)).await?;
    let error = app
        .dispatch(count("a", 4))
        .await
        .expect_err("over the limit");
    assert_eq!(error.rejection(), Some(&LimitReached { total: 4 }));
    assert_eq!(trail.all().len(), 3 * passed.len());
    Ok(())
}

/// Counts how often it is copied.
struct Note {
    copies: Arc<AtomicUsize>,
}

impl Command for Note {
    const NAME: &'static str = "Note";

    fn duplicate(&self) -> Self {
        self.copies.fetch_add(1, SeqCst);
        let copies = self.copies.clone();
        Self { copies }
    }
}

impl StreamCommand for Note {
    fn stream_key(&self) -> String {
        "all".to_owned()
    }
}

#[derive(Event, Serialize, Deserialize)]
struct Noted {}

#[derive(Default)]
struct Notes;

#[aggregate]
impl Notes {
    #[handle]
    fn note(&self, _: &Note) -> Noted {
        Noted {}
    }

    #[apply]
    fn noted(&mut self, _: &Noted) {}
}

#[module(aggregates(Notes))]
struct NoteTaking;

#[tokio::test]
async fn without_layers_a_command_goes_straight_and_with_them_each_run_has_its_copy() -> Outcome {
    let copies = Arc::new(AtomicUsize::new(0));
    let note = || Note {
        copies: copies.clone(),
    };
    let plain = building(MemoryStore::new(), NoteTaking).start().await?;
    plain.dispatch(note()).await?;
    assert_eq!(copies.load(SeqCst), 0);
    let twice = around(|call: CommandCall, next: Next<CommandCall>| async move {
        next.run(call.clone()).await?;
        next.run(call).await
    });
    let layered = building(MemoryStore::new(), NoteTaking)
        .dispatch_layer(twice)
        .start()
        .await?;
    assert_eq!(layered.dispatch(note()).await?.version.get(), 2);
    assert_eq!(copies.load(SeqCst), 2);
    Ok(())
}

#[derive(Command)]
#[command(no_id)]
struct CountTwice;

/// Dispatches from a command and from an event handler.
struct Chain;

#[module(name = "chain", aggregates(Counter))]
impl Chain {
    #[handle]
    async fn count_twice(
        &self,
        _: CountTwice,
        cx: &ModuleContext,
    ) -> Result<&'static str, DispatchError<LimitReached>> {
        cx.dispatch(count("a", 1)).await?;
        cx.dispatch(count("a", 2)).await?;
        Ok("twice")
    }

    #[on]
    async fn set_a_limit(&self, event: &Counted, cx: &EventContext) -> Result<(), BoxError> {
        if cx.version() == StreamVersion::FIRST {
            let counter = event.counter.clone();
            cx.dispatch(Limit { counter, limit: 9 }).await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn commands_of_modules_and_of_event_handlers_pass_too() -> Outcome {
    let trail = Trail::default();
    let noting = around({
        let trail = trail.clone();
        move |call: CommandCall, next: Next<CommandCall>| {
            trail.note(format!("{} on {}", call.name(), call.target()));
            async move { next.run(call).await }
        }
    });
    let app = building(MemoryStore::new(), Chain)
        .dispatch_layer(noting)
        .start()
        .await?;
    assert_eq!(app.dispatch(CountTwice).await?, "twice");
    caught_up(&app).await;
    let mut all = trail.all();
    assert_eq!(all[0], "CountTwice on module chain");
    all.sort();
    assert_eq!(
        all,
        [
            "Count on stream counter-a",
            "Count on stream counter-a",
            "CountTwice on module chain",
            "Limit on stream counter-a",
        ]
    );
    Ok(())
}

#[derive(Command)]
#[command(no_id)]
struct AskWhose;

struct Whose;

#[module(name = "whose")]
impl Whose {
    #[handle]
    async fn ask_whose(
        &self,
        _: AskWhose,
        _: &ModuleContext,
    ) -> Result<Option<TenantId>, std::convert::Infallible> {
        Ok(tenant::current())
    }
}

#[tokio::test]
async fn a_command_is_in_its_callers_scope_whatever_task_a_layer_runs_it_in() -> Outcome {
    let aside = around(|call: CommandCall, next: Next<CommandCall>| async move {
        let outcome = tokio::spawn(async move { next.run(call).await }).await;
        outcome.map_err(BoxError::from)?.map_err(BoxError::from)
    });
    let app = building(MemoryStore::new(), Whose)
        .dispatch_layer(aside)
        .start()
        .await?;
    let red = TenantId::new("red")?;
    let asked = tenant::scope(red.clone(), app.dispatch(AskWhose).into_future());
    assert_eq!(asked.await?, Some(red.clone()));
    let asked = app.dispatch(AskWhose).tenant(red).await?;
    assert_eq!(asked, None, "naming a tenant begins no scope");
    Ok(())
}

#[tokio::test]
async fn what_goes_nowhere_is_refused_before_the_layers() -> Outcome {
    let trail = Trail::default();
    let app = building(MemoryStore::new(), Counting)
        .dispatch_layer(trail.layer("a"))
        .start()
        .await?;
    let copies = Arc::default();
    let unknown = app.dispatch(Note { copies }).await;
    assert!(
        matches!(unknown, Err(DispatchError::NotRegistered { .. })),
        "{unknown:?}"
    );
    let unknown = app.dispatch(CountTwice).await;
    assert!(
        matches!(&unknown, Err(DispatchError::NotRegistered { .. })),
        "{unknown:?}"
    );
    let nowhere = app.dispatch(count("", 1)).await;
    assert!(
        matches!(nowhere, Err(DispatchError::InvalidId { .. })),
        "{nowhere:?}"
    );
    app.shutdown().await?;
    let late = app.dispatch(count("a", 1)).await;
    assert!(matches!(late, Err(DispatchError::ShuttingDown)), "{late:?}");
    assert_eq!(trail.all(), [""; 0]);
    Ok(())
}
