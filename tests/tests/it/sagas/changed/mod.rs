//! Steps that changed under instances that are under way, as the start of an app sees it.

mod handover;
mod parcels;

use std::sync::Arc;

use orchestrix::app::StartError;
use orchestrix::error::BoxError;
use orchestrix::saga::{
    ChangedSagas, Saga, SagaChange, SagaHistory, SagaOutcome, SagaStatus, StepChange,
};
use orchestrix::store::Backend;
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy};

use self::parcels::{Appended, Old, OldOnTime, Renamed, Unreached, app, book, config, once, plain};
use crate::dcb::stores::{Stores, on_stores};
use crate::torture::work::PATIENCE;

on_stores! {
    steps_that_came_last_or_nobody_reached_go_on_in_memory: in_memory(goes_on);
    steps_that_came_last_or_nobody_reached_go_on_on_sqlite: on_sqlite(goes_on);
    steps_that_came_last_or_nobody_reached_go_on_on_postgres: on_postgres(goes_on);
    a_start_tells_the_instances_that_cannot_go_on_in_memory: in_memory(refused);
    a_start_tells_the_instances_that_cannot_go_on_on_sqlite: on_sqlite(refused);
    a_start_tells_the_instances_that_cannot_go_on_on_postgres: on_postgres(refused);
    many_that_cannot_go_on_are_counted_in_memory: in_memory(many);
    many_that_cannot_go_on_are_counted_on_sqlite: on_sqlite(many);
    many_that_cannot_go_on_are_counted_on_postgres: on_postgres(many);
    dead_letters_that_cannot_go_on_are_told_in_memory: in_memory(dead_letters);
    dead_letters_that_cannot_go_on_are_told_on_sqlite: on_sqlite(dead_letters);
    dead_letters_that_cannot_go_on_are_told_on_postgres: on_postgres(dead_letters);
}

pub(super) fn is_late(history: &SagaHistory) -> bool {
    let mut entries = history.entries.iter();
    entries
        .any(|entry| matches!(&entry.what, SagaChange::StepFailed { step, .. } if step == "send"))
}

pub(super) fn has_completed(history: &SagaHistory) -> bool {
    history.status == SagaStatus::Ended(SagaOutcome::Completed)
}

/// Has the old code run these parcels, to their ends or to where they stop.
pub(super) async fn run_old(
    store: &Arc<dyn Backend>,
    parcels: &[&str],
    delivery: Delivery,
) -> Result<(), BoxError> {
    book(store, parcels.iter().map(ToString::to_string)).await?;
    let old = app::<Old>(store, config(), delivery).await?;
    for parcel in parcels {
        match parcel.contains("/open") {
            true => once::<Old>(&old, parcel, is_late).await?,
            false => once::<Old>(&old, parcel, has_completed).await?,
        };
    }
    Ok(old.shutdown().await?)
}

/// What a start that is refused tells.
pub(super) async fn refusal<S: Saga>(store: &Arc<dyn Backend>) -> Result<ChangedSagas, BoxError> {
    match plain::<S>(store).await {
        Err(StartError::ChangedSagas { changed }) => Ok(changed),
        Err(error) => Err(error.into()),
        Ok(app) => {
            app.shutdown().await?;
            Err("it started".into())
        }
    }
}

/// Its instances of the one saga there is, as `tenant/key`.
fn listed(changed: &ChangedSagas) -> Vec<String> {
    let [saga] = &changed.sagas[..] else {
        panic!("{changed}")
    };
    assert_eq!(saga.saga, "parcel");
    let gone = StepChange::Gone {
        step: "pack".to_owned(),
    };
    let instances = saga
        .instances
        .iter()
        .map(|instance| match &instance.changes[..] {
            // What `send` comes after has another name, too.
            [first, StepChange::Moved { step }] if *first == gone && step == "send" => {
                format!("{}/{}", instance.tenant, instance.key)
            }
            changes => panic!("{changes:?}"),
        });
    instances.collect()
}

async fn goes_on(stores: Stores) -> Result<(), BoxError> {
    let parcels = [
        "default/open-1",
        "acme/open-2",
        "acme/open-late",
        "acme/done",
    ];
    run_old(&stores[0], &parcels, Delivery::default()).await?;
    let appended = plain::<Appended>(&stores[1]).await?;
    for parcel in &parcels[..2] {
        let history = once::<Appended>(&appended, parcel, has_completed).await?;
        let thanked = history.entries.iter().map(|entry| entry.what.to_string());
        assert_eq!(
            thanked
                .filter(|what| what == "step `thank` completed")
                .count(),
            1
        );
    }
    appended.shutdown().await?;
    let unreached = plain::<Unreached>(&stores[2]).await?;
    once::<Unreached>(&unreached, parcels[2], has_completed).await?;
    Ok(unreached.shutdown().await?)
}

async fn refused(stores: Stores) -> Result<(), BoxError> {
    let mut lanes = Delivery::default();
    lanes.lanes = 3;
    let first = ["acme/open-1", "acme/done-1", "other/done-2", "other/open-2"];
    run_old(&stores[0], &first, lanes).await?;
    // Other lanes, and more that has ended.
    let second = ["acme/open-3", "acme/done-3"];
    run_old(&stores[1], &second, Delivery::default()).await?;
    let changed = refusal::<Renamed>(&stores[2]).await?;
    let open = ["acme/open-1", "acme/open-3", "other/open-2"];
    assert_eq!(listed(&changed), open);
    assert!(changed.is_whole);
    assert_eq!(changed.head, stores[3].ports().events.head().await?);
    let head = changed.head;
    let told = format!(
        "sagas have changed under instances that are under way, which cannot go on\
        \n  saga `parcel`, 3 instances:\
        \n    - `open-1` of tenant `acme`: step `pack` was begun, and is no more; step `send` was begun, and comes after other \
        steps now\
        \n    - `open-3` of tenant `acme`: step `pack` was begun, and is no more; step `send` was begun, and comes after other \
        steps now\
        \n    - `open-2` of tenant `other`: step `pack` was begun, and is no more; step `send` was begun, and comes after other \
        steps now\
        \nwhat to do, one of:\
        \n  - take the change back: steps that were begun keep their names and what they come after; new steps come last, and \
        steps that no instance has begun may change\
        \n  - give the changed saga another name, and keep the old one until its instances have ended: stop all that runs the \
        old code, take the position where the log ends then (now {head}), register the old saga with \
        `parts.saga_until::<Old>(GlobalPosition::new({head}))`, and have the new one begin there, with \
        `StartFrom::After(GlobalPosition::new({head}))` in the `Delivery` of its subscription\
        \n  - settle these instances by hand: start with `refuse_changed_sagas` set to false in the `Config`, and say for each \
        what was done about it, with `app.sagas::<S>().tenant(tenant).resolve(key, note)`"
    );
    assert_eq!(StartError::ChangedSagas { changed }.to_string(), told);

    // The first way: the change is taken back.
    let back = plain::<OldOnTime>(&stores[0]).await?;
    for parcel in open {
        once::<OldOnTime>(&back, parcel, has_completed).await?;
    }
    let head = back.store().head().await?;
    back.caught_up(head, PATIENCE).await?;
    back.shutdown().await?;
    // What has ended matters no more.
    let renamed = plain::<Renamed>(&stores[2]).await?;
    Ok(renamed.shutdown().await?)
}

async fn many(stores: Stores) -> Result<(), BoxError> {
    let parcels: Vec<String> = (0..230).map(|n| format!("acme/open-{n:03}")).collect();
    let parcels: Vec<&str> = parcels.iter().map(String::as_str).collect();
    run_old(&stores[0], &parcels, Delivery::default()).await?;
    let changed = refusal::<Renamed>(&stores[1]).await?;
    assert_eq!(listed(&changed), parcels[..ChangedSagas::MOST_LISTED]);
    assert_eq!(changed.sagas[0].total, 230);
    let told = changed.to_string();
    assert!(
        told.contains("\n  saga `parcel`, 230 instances:\n"),
        "{told}"
    );
    assert!(told.contains("\n    and 210 more\nwhat to do"), "{told}");
    assert_eq!(told.lines().count(), 1 + 1 + 20 + 1 + 4);
    Ok(())
}

/// Beyond the low-water mark: what was set aside.
async fn dead_letters(stores: Stores) -> Result<(), BoxError> {
    run_old(
        &stores[0],
        &["acme/open-1", "other/open-2"],
        Delivery::default(),
    )
    .await?;
    let mut lax = config();
    lax.refuse_changed_sagas = false;
    let mut aside = Delivery::default();
    (aside.retry, aside.on_error) = (RetryPolicy::none(), ErrorPolicy::DeadLetter);
    let head = book(&stores[0], ["acme/fine".to_owned()]).await?;
    let renamed = app::<Renamed>(&stores[1], lax, aside).await?;
    renamed.caught_up(head, PATIENCE).await?;
    once::<Renamed>(&renamed, "acme/fine", has_completed).await?;
    assert_eq!(renamed.dead_letters("saga.parcel")?.count().await?, 2);
    renamed.shutdown().await?;
    let changed = refusal::<Renamed>(&stores[2]).await?;
    assert_eq!(listed(&changed), ["acme/open-1", "other/open-2"]);
    Ok(())
}
