//! Commands at a time, on every store: once, whoever looks and whoever dies.

mod bells;
mod watched;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select_all;
use orchestrix::app::Config;
use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{Backend, ScheduleId, ScheduleOutcome, Scheduled};
use orchestrix::testkit::VirtualClock;
use orchestrix::testkit::faults::{AppendFault, FaultStore};

use crate::dcb::stores::{Opened, Stores, on_stores, shut_down};
use crate::torture::work::{PATIENCE, within};
use bells::{Bells, ringing, rung};
use watched::{Fails, Watched};

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
    what_a_dead_app_had_claimed_is_done_in_memory: in_memory(claimed_by_the_dead);
    what_a_dead_app_had_claimed_is_done_on_sqlite: on_sqlite(claimed_by_the_dead);
    what_a_dead_app_had_claimed_is_done_on_postgres: on_postgres(claimed_by_the_dead);
    what_takes_long_is_begun_by_nobody_else_in_memory: in_memory(takes_long);
    what_takes_long_is_begun_by_nobody_else_on_sqlite: on_sqlite(takes_long);
    what_takes_long_is_begun_by_nobody_else_on_postgres: on_postgres(takes_long);
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
    let mut statuses: Vec<_> = apps.iter().map(|app| app.schedule_statuses()).collect();
    let looking = async {
        loop {
            statuses
                .iter_mut()
                .for_each(|status| status.mark_unchanged());
            if fired() >= count {
                return Ok(());
            }
            let changes = statuses.iter_mut();
            let changes = changes.map(|status| Box::pin(status.changed()));
            select_all(changes).await.0?;
        }
    };
    let late = |_| format!("{} of {count} were fired in {PATIENCE:?}", fired());
    tokio::time::timeout(PATIENCE, looking)
        .await
        .map_err(late)?
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

/// One whose calls go through a port, which fails it.
async fn dying(
    store: &Arc<dyn Backend>,
    clock: &VirtualClock,
    port: &Arc<Watched>,
) -> Result<App, BoxError> {
    let app = Orchestrix::builder().isolated();
    let app = app.store(Opened(store.clone())).clock(clock.clone());
    Ok(app.schedules(port.clone()).module(Bells).start().await?)
}

/// The heir of one that died begins what that had begun, as soon as it has been silent for the time of a lease.
async fn inherited(
    heir: &App,
    clock: &VirtualClock,
    waits: &[Scheduled],
    attempts: u32,
) -> Result<(), BoxError> {
    assert_eq!((waits.len(), waits[0].attempts), (1, attempts));
    let until = waits[0].next_attempt;
    assert_eq!(until, clock_now(clock) + Config::new().lease_duration);
    clock.set(until);
    until_fired(&[heir], 1).await?;
    let rung = rung(heir, "a").await?.len();
    assert_eq!(rung, 1, "it is done, and not twice");
    assert!(heir.scheduled().await?.is_empty());
    Ok(())
}

/// The one who does it dies before the store is told.
async fn begun_by_the_dead(stores: Stores) -> Result<(), BoxError> {
    let clock = VirtualClock::default();
    let port = Watched::over(stores[0].ports().schedules, Fails::AtTheEnd);
    let port = Arc::new(port);
    let dying = dying(&stores[0], &clock, &port).await?;
    dying.schedule(ringing("a"), MINUTE).id(id("a")?).await?;
    clock.advance(MINUTE);
    until_fired(&[&dying], 1).await?;
    assert_eq!(port.forgotten(), 1);
    assert_eq!(rung(&dying, "a").await?.len(), 1);
    let waits = dying.scheduled().await?;
    dying.shutdown().await?;
    let heir = app(&stores[1], &clock).await?;
    inherited(&heir, &clock, &waits, 1).await?;
    shut_down(vec![heir]).await
}

/// The one who claims it dies before it begins.
async fn claimed_by_the_dead(stores: Stores) -> Result<(), BoxError> {
    let clock = VirtualClock::default();
    let port = Watched::over(stores[0].ports().schedules, Fails::AtClaims);
    let port = Arc::new(port);
    let dying = dying(&stores[0], &clock, &port).await?;
    dying.schedule(ringing("a"), MINUTE).id(id("a")?).await?;
    clock.advance(MINUTE);
    let claimed = async { port.claimed().wait_for(|count| *count > 0).await.map(drop) };
    within(PATIENCE, "it is claimed", claimed).await??;
    drop(dying);
    let heir = app(&stores[1], &clock).await?;
    assert!(rung(&heir, "a").await?.is_empty());
    let waits = heir.scheduled().await?;
    inherited(&heir, &clock, &waits, 1).await?;
    shut_down(vec![heir]).await
}

/// It takes several times as long as a claim lasts.
async fn takes_long(stores: Stores) -> Result<(), BoxError> {
    const LEASE: Duration = Duration::from_millis(100);
    let clock = VirtualClock::default();
    let port = Watched::over(stores[0].ports().schedules, Fails::Nowhere);
    let (port, gate) = (Arc::new(port), FaultStore::over(stores[0].ports().events));
    gate.always(AppendFault::Held);
    gate.gate().close();
    let mut config = Config::new();
    config.lease_duration = LEASE;
    let slow = Orchestrix::builder().isolated().config(config);
    let slow = slow.store(Opened(stores[0].clone())).clock(clock.clone());
    let slow = slow.events(Arc::new(gate.clone())).schedules(port.clone());
    let slow = slow.module(Bells).start().await?;
    slow.schedule(ringing("a"), MINUTE).id(id("a")?).await?;
    clock.advance(MINUTE);
    let mut extended = port.extended();
    within(
        PATIENCE,
        "it takes long",
        extended.wait_for(|count| *count > 0),
    )
    .await??;
    let other = app(&stores[1], &clock).await?;
    for _ in 0..8 {
        let known = *extended.borrow_and_update();
        clock.advance(LEASE * 2 / 3);
        // The first one may have been on its way already.
        let more = extended.wait_for(|count| *count >= known + 2);
        within(PATIENCE, "its claim is extended", more).await??;
    }
    let waits = other.scheduled().await?;
    assert_eq!((waits.len(), waits[0].attempts), (1, 1));
    gate.gate().open();
    until_fired(&[&slow], 1).await?;
    assert_eq!(rung(&other, "a").await?.len(), 1);
    let other_status = other.schedule_status();
    assert_eq!((other_status.fired, other_status.failed), (0, 0));
    assert!(other.scheduled().await?.is_empty());
    shut_down(vec![slow, other]).await
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
    let last = Some(clock_now(&clock) + MINUTE);
    // What it was at last is looked for once more.
    let known = next.wait_for(|status| status.next == last);
    within(PATIENCE, "the last one is known", known).await??;
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
