//! Commands at a time, on every store: once, whoever looks and whoever dies.

mod bells;
mod forgetful;

use std::sync::Arc;
use std::time::Duration;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{Backend, ScheduleId, ScheduleOutcome};
use orchestrix::testkit::VirtualClock;

use crate::dcb::stores::{Opened, Stores, on_stores, shut_down};
use crate::torture::work::PATIENCE;
use bells::{Bells, ringing, rung};
use forgetful::Forgetful;

const MINUTE: Duration = Duration::from_secs(60);
/// How many are scheduled in a test of many.
const MANY: usize = 40;

on_stores! {
    of_two_apps_one_fires_in_memory: in_memory(one_fires);
    of_two_apps_one_fires_on_sqlite: on_sqlite(one_fires);
    of_two_apps_one_fires_on_postgres: on_postgres(one_fires);
    what_a_dead_app_had_begun_is_done_once_in_memory: in_memory(begun_by_the_dead);
    what_a_dead_app_had_begun_is_done_once_on_sqlite: on_sqlite(begun_by_the_dead);
    what_a_dead_app_had_begun_is_done_once_on_postgres: on_postgres(begun_by_the_dead);
    what_is_overdue_is_done_after_a_restart_in_memory: in_memory(overdue);
    what_is_overdue_is_done_after_a_restart_on_sqlite: on_sqlite(overdue);
    what_is_overdue_is_done_after_a_restart_on_postgres: on_postgres(overdue);
    what_was_cancelled_is_not_done_in_memory: in_memory(cancelled);
    what_was_cancelled_is_not_done_on_sqlite: on_sqlite(cancelled);
    what_was_cancelled_is_not_done_on_postgres: on_postgres(cancelled);
}

async fn app(store: &Arc<dyn Backend>, clock: &VirtualClock) -> Result<App, BoxError> {
    let app = Orchestrix::builder().isolated();
    let app = app.store(Opened(store.clone())).clock(clock.clone());
    Ok(app.module(Bells).start().await?)
}

/// Waits until the apps together have done so many.
async fn until_fired(apps: &[&App], count: u64) -> Result<(), BoxError> {
    let fired = || -> u64 { apps.iter().map(|app| app.schedule_status().fired).sum() };
    let looking = async {
        while fired() < count {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let late = |_| format!("{} of {count} were fired in {PATIENCE:?}", fired());
    Ok(tokio::time::timeout(PATIENCE, looking)
        .await
        .map_err(late)?)
}

fn id(text: &str) -> Result<ScheduleId, BoxError> {
    Ok(ScheduleId::new(text)?)
}

async fn one_fires(stores: Stores) -> Result<(), BoxError> {
    let clock = VirtualClock::default();
    let (one, two) = (
        app(&stores[0], &clock).await?,
        app(&stores[1], &clock).await?,
    );
    let red = TenantId::new("red")?;
    for n in 0..MANY {
        let from = [&one, &two][n % 2];
        let ring = ringing(&n.to_string());
        from.schedule(ring, MINUTE).id(id(&n.to_string())?).await?;
    }
    let of_red = two.schedule(ringing("0"), MINUTE).tenant(red.clone());
    of_red.id(id("0")?).await?;
    assert_eq!(one.scheduled().await?.len(), MANY);
    assert_eq!(one.scheduled().tenant(red.clone()).await?.len(), 1);
    assert!(rung(&one, "0").await?.is_empty());
    clock.advance(MINUTE);
    until_fired(&[&one, &two], MANY as u64 + 1).await?;
    for n in 0..MANY {
        assert_eq!(rung(&one, &n.to_string()).await?.len(), 1, "{n}");
    }
    let bell = two.load::<bells::Bell>("0").tenant(red).await?;
    assert_eq!(bell.version.get(), 1);
    assert!(two.scheduled().await?.is_empty());
    // Nobody has begun what another one had.
    assert_eq!(
        one.schedule_status().failed + two.schedule_status().failed,
        0
    );
    let fired = one.schedule_status().fired + two.schedule_status().fired;
    assert_eq!(fired, MANY as u64 + 1);
    let again = two.schedule(ringing("7"), MINUTE).id(id("7")?).await?;
    let at = clock_now(&clock);
    assert_eq!(again.outcome, ScheduleOutcome::Fired { at });
    shut_down(vec![one, two]).await
}

fn clock_now(clock: &VirtualClock) -> jiff::Timestamp {
    orchestrix::clock::Clock::now(clock)
}

/// The one who does it dies before the store is told.
async fn begun_by_the_dead(stores: Stores) -> Result<(), BoxError> {
    let clock = VirtualClock::default();
    let forgetful = Arc::new(Forgetful::over(stores[0].ports().schedules));
    let dying = Orchestrix::builder().isolated();
    let dying = dying.store(Opened(stores[0].clone())).clock(clock.clone());
    let dying = dying.schedules(forgetful.clone()).module(Bells);
    let dying = dying.start().await?;
    dying.schedule(ringing("a"), MINUTE).id(id("a")?).await?;
    clock.advance(MINUTE);
    until_fired(&[&dying], 1).await?;
    assert_eq!(forgetful.forgotten(), 1);
    assert_eq!(rung(&dying, "a").await?.len(), 1);
    let waits = dying.scheduled().await?;
    assert_eq!((waits.len(), waits[0].attempts), (1, 1));
    dying.shutdown().await?;

    let heir = app(&stores[1], &clock).await?;
    // The claim of the dead lasts as long as a command may take.
    let until = waits[0].next_attempt;
    assert!(until > clock_now(&clock));
    clock.set(until);
    until_fired(&[&heir], 1).await?;
    assert_eq!(
        rung(&heir, "a").await?.len(),
        1,
        "it was done, and is not done twice"
    );
    assert!(heir.scheduled().await?.is_empty());
    shut_down(vec![heir]).await
}

async fn overdue(stores: Stores) -> Result<(), BoxError> {
    let clock = VirtualClock::default();
    let first = app(&stores[0], &clock).await?;
    for (bell, minutes) in [("c", 3), ("a", 1), ("b", 2)] {
        let due = clock_now(&clock) + MINUTE * minutes;
        first.schedule(ringing(bell), due).await?;
    }
    first.shutdown().await?;
    clock.advance(MINUTE * 2);
    let second = app(&stores[1], &clock).await?;
    until_fired(&[&second], 2).await?;
    let mut counts = Vec::new();
    for bell in ["a", "b", "c"] {
        counts.push(rung(&second, bell).await?.len());
    }
    assert_eq!(counts, [1, 1, 0]);
    let mut next = second.schedule_statuses();
    let known = next.wait_for(|status| status.next.is_some()).await?.next;
    assert_eq!(known, Some(clock_now(&clock) + MINUTE));
    clock.advance(MINUTE);
    until_fired(&[&second], 3).await?;
    shut_down(vec![second]).await
}

async fn cancelled(stores: Stores) -> Result<(), BoxError> {
    let clock = VirtualClock::default();
    let (one, two) = (
        app(&stores[0], &clock).await?,
        app(&stores[1], &clock).await?,
    );
    for bell in ["a", "b"] {
        one.schedule(ringing(bell), MINUTE).id(id(bell)?).await?;
    }
    assert!(two.cancel_scheduled(&id("a")?).await?);
    assert!(!one.cancel_scheduled(&id("a")?).await?);
    assert!(
        !one.cancel_scheduled(&id("b")?)
            .tenant(TenantId::new("red")?)
            .await?
    );
    clock.advance(MINUTE);
    until_fired(&[&one, &two], 1).await?;
    assert!(one.scheduled().await?.is_empty());
    assert!(rung(&one, "a").await?.is_empty());
    assert_eq!(rung(&one, "b").await?.len(), 1);
    // Its id is free.
    let again = two.schedule(ringing("a"), MINUTE).id(id("a")?).await?;
    assert!(matches!(again.outcome, ScheduleOutcome::Scheduled { .. }));
    shut_down(vec![one, two]).await
}
