//! The tenant of calls that do not say it.

use std::time::Duration;

use orchestrix::aggregate::LoadError;
use orchestrix::app::{Config, DispatchError, ViewError};
use orchestrix::decision::{DecisionError, DecisionModel};
use orchestrix::prelude::*;
use orchestrix::store::{EventQuery, QueryItem};
use orchestrix::tenant;

use super::counter::{Counted, Counter, Counting, CountingWithTotals, Total, count};
use super::{Outcome, start};

fn acme() -> TenantId {
    TenantId::new("acme").expect("a name")
}

fn other() -> TenantId {
    TenantId::new("other").expect("a name")
}

async fn total(app: &App, tenant: TenantId) -> u32 {
    let loaded = app.load::<Counter>("a").tenant(tenant).await;
    let state = loaded.expect("a sound stream").state;
    state.map_or(0, |state| state.total)
}

#[tokio::test]
async fn a_call_without_a_tenant_is_for_that_of_its_scope() -> Outcome {
    let app = start(MemoryStore::new(), Counting).await;
    tenant::scope(acme(), async {
        app.dispatch(count("a", 1)).await?;
        // What is said counts before the scope.
        app.dispatch(count("a", 10)).tenant(other()).await?;
        let loaded = app.load::<Counter>("a").await?;
        assert_eq!(loaded.state.map(|state| state.total), Some(1));
        Ok::<(), Box<dyn std::error::Error>>(())
    })
    .await?;
    app.dispatch(count("a", 100)).await?;
    assert_eq!(total(&app, acme()).await, 1);
    assert_eq!(total(&app, other()).await, 10);
    assert_eq!(total(&app, TenantId::default()).await, 100);
    Ok(())
}

#[tokio::test]
async fn a_call_is_for_the_scope_it_is_awaited_in_not_the_one_it_was_made_in() -> Outcome {
    let app = start(MemoryStore::new(), Counting).await;
    let made = tenant::scope_of(acme(), || app.dispatch(count("a", 1)));
    tenant::scope(other(), async { made.await }).await?;
    assert_eq!(total(&app, acme()).await, 0);
    assert_eq!(total(&app, other()).await, 1);
    Ok(())
}

#[tokio::test]
async fn scopes_nest_and_end_however_they_are_left() {
    tenant::scope(acme(), async {
        let inner = tenant::scope(other(), async { tenant::current() }).await;
        assert_eq!(inner, Some(other()));
        assert_eq!(tenant::current(), Some(acme()));

        let failed: Result<(), &str> = tenant::scope(other(), async { Err("no") }).await;
        assert!(failed.is_err());
        assert_eq!(tenant::current(), Some(acme()));

        let late = tenant::scope(other(), std::future::pending::<()>());
        let cut_off = tokio::time::timeout(Duration::from_millis(1), late).await;
        assert!(cut_off.is_err());
        assert_eq!(tenant::current(), Some(acme()));

        let panicked =
            std::panic::catch_unwind(|| tenant::scope_of(other(), || panic!("on purpose")));
        assert!(panicked.is_err());
        assert_eq!(tenant::current(), Some(acme()));

        assert_eq!(tenant::unscoped(async { tenant::current() }).await, None);
        assert_eq!(tenant::current(), Some(acme()));
    })
    .await;
    assert_eq!(tenant::current(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_are_apart_and_inherit_when_they_are_told_to() -> Outcome {
    let seen = tenant::scope(acme(), async {
        let alone = tokio::spawn(async { tenant::current() });
        let heir = tokio::spawn(tenant::inherit(async {
            tokio::task::yield_now().await;
            tenant::current()
        }));
        let sibling = tokio::spawn(tenant::scope(other(), async { tenant::current() }));
        (alone.await, heir.await, sibling.await)
    })
    .await;
    assert_eq!(
        (seen.0?, seen.1?, seen.2?),
        (None, Some(acme()), Some(other()))
    );
    Ok(())
}

#[derive(Default)]
struct Sum(u32);

impl DecisionModel for Sum {
    type Event = Counted;
    fn apply(&mut self, event: &Counted) {
        self.0 += event.by;
    }
}

#[tokio::test]
async fn an_app_that_requires_a_tenant_refuses_calls_without() -> Outcome {
    let mut config = Config::new();
    config.require_tenant = true;
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let app = builder
        .module(CountingWithTotals)
        .config(config)
        .start()
        .await?;

    let dispatched = app.dispatch(count("a", 1)).await;
    assert!(matches!(dispatched, Err(DispatchError::TenantRequired(_))));
    let loaded = app.load::<Counter>("a").await;
    assert!(matches!(loaded, Err(LoadError::TenantRequired(_))));
    let query = EventQuery::of(QueryItem::events::<Counted>());
    let decided = app
        .decide::<Sum>(query)
        .with(|_, _| Ok::<_, std::convert::Infallible>([]))
        .await;
    match decided {
        Err(error @ DecisionError::TenantRequired(_)) => assert_eq!(
            error.to_string(),
            "no tenant is given, and this app needs one: say `.tenant(..)`, or call it inside of `tenant::scope`"
        ),
        other => panic!("{other:?}"),
    }
    let viewed = app.views::<Total>().await;
    assert!(matches!(viewed, Err(ViewError::TenantRequired(_))));

    tenant::scope(acme(), app.dispatch(count("a", 1)).into_future()).await?;
    Ok(())
}

#[tokio::test]
async fn what_must_exist_is_not_found_where_it_does_not() -> Outcome {
    let app = start(MemoryStore::new(), Counting).await;
    app.dispatch(count("a", 1)).tenant(acme()).await?;
    let found = app.load::<Counter>("a").tenant(acme()).existing().await?;
    assert!(found.exists());
    // Another tenant's is none.
    match app.load::<Counter>("a").tenant(other()).existing().await {
        Err(error @ LoadError::NotFound { .. }) => {
            assert_eq!(error.to_string(), "stream other/counter-a does not exist");
        }
        found => panic!("{found:?}"),
    }
    let absent = app.load::<Counter>("a").tenant(other()).await?;
    assert!(!absent.exists());
    Ok(())
}
