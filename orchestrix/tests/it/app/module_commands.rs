//! Commands that a module itself carries out.

use orchestrix::app::DispatchError;
use orchestrix::message::Metadata;
use orchestrix::prelude::*;

use super::counter::{Counter, LimitReached, Total, count, limit};
use super::stored::events;
use super::waiting::LONG;
use super::{Outcome, start};

/// Counts in two counters, and tells what the second has come to.
#[derive(Command)]
#[command(no_id)]
struct CountBoth {
    by: u32,
}

#[derive(Debug, thiserror::Error)]
enum BothError {
    #[error("{0}")]
    Counting(#[from] DispatchError<LimitReached>),
    #[error("the total is not there")]
    NoTotal,
    #[error(transparent)]
    View(#[from] orchestrix::app::ViewError),
}

struct Both;

#[module(name = "both", aggregates(Counter), projections(Total))]
impl Both {
    #[handle]
    async fn count_both(&self, cmd: CountBoth, cx: &ModuleContext) -> Result<u32, BothError> {
        cx.dispatch(count("a", cmd.by)).await?;
        let receipt = cx.dispatch(count("b", cmd.by)).await?;
        let total = cx
            .view::<Total>("b")
            .at_least(receipt.position)
            .within(LONG)
            .await?;
        Ok(total.ok_or(BothError::NoTotal)?.sum)
    }
}

#[tokio::test]
async fn it_dispatches_further_and_gives_its_own_type() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), Both).await;
    assert_eq!(app.dispatch(CountBoth { by: 4 }).actor("ada").await?, 4);
    assert_eq!(app.dispatch(CountBoth { by: 5 }).await?, 9);
    let (a, b) = (
        events(&store, "counter-a").await,
        events(&store, "counter-b").await,
    );
    let metadata =
        |n: usize| -> (&Metadata, &Metadata) { (&a[n].data.metadata, &b[n].data.metadata) };
    let (first_a, first_b) = metadata(0);
    assert!(first_a.is_correlated_with(first_b) && first_a.causation_id != first_b.causation_id);
    assert_eq!(first_b.actor.as_deref(), Some("ada"));
    let (second_a, _) = metadata(1);
    assert!(!second_a.is_correlated_with(first_a) && second_a.actor.is_none());
    Ok(())
}

#[tokio::test]
async fn it_works_for_its_tenant() -> Outcome {
    let app = start(MemoryStore::new(), Both).await;
    let red = TenantId::new("red")?;
    app.dispatch(CountBoth { by: 4 }).await?;
    assert_eq!(app.dispatch(CountBoth { by: 1 }).tenant(red).await?, 1);
    Ok(())
}

#[tokio::test]
async fn its_error_comes_back_as_it_is() -> Outcome {
    let app = start(MemoryStore::new(), Both).await;
    app.dispatch(limit("b", 3)).await?;
    let error = app
        .dispatch(CountBoth { by: 4 })
        .await
        .expect_err("b is limited");
    match error.rejection() {
        Some(BothError::Counting(inner)) => {
            assert_eq!(inner.rejection(), Some(&LimitReached { total: 0 }));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        app.load::<Counter>("a").await?.version.get(),
        1,
        "each command stands for itself"
    );
    Ok(())
}
