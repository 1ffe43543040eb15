//! What to do about instances that cannot go on: each way, to its end.

use std::marker::PhantomData;
use std::time::Duration;

use orchestrix::error::{BoxError, chain};
use orchestrix::prelude::*;
use orchestrix::saga::{SagaError, SagaRecord, SagaStatus};
use orchestrix::store::{GlobalPosition, TenantId};
use orchestrix::subscription::{Delivery, StartFrom, SubscriptionState};
use tokio::time::sleep;

use super::parcels::{
    OldOnTime, ParcelBooked, Post, Renamed, Successor, app, book, config, of, once,
};
use super::{has_completed, refusal, run_old};
use crate::dcb::stores::{Stores, on_stores};
use crate::sagas::stays_open::StaysOpen;
use crate::torture::work::{PATIENCE, within};

on_stores! {
    a_successor_begins_where_the_old_saga_ends_in_memory: in_memory(handed_over);
    a_successor_begins_where_the_old_saga_ends_on_sqlite: on_sqlite(handed_over);
    a_successor_begins_where_the_old_saga_ends_on_postgres: on_postgres(handed_over);
    what_an_old_saga_began_goes_on_behind_its_last_event_in_memory: in_memory(goes_on);
    what_an_old_saga_began_goes_on_behind_its_last_event_on_sqlite: on_sqlite(goes_on);
    what_an_old_saga_began_goes_on_behind_its_last_event_on_postgres: on_postgres(goes_on);
    instances_that_cannot_go_on_are_resolved_in_memory: in_memory(resolved);
    instances_that_cannot_go_on_are_resolved_on_sqlite: on_sqlite(resolved);
    instances_that_cannot_go_on_are_resolved_on_postgres: on_postgres(resolved);
}

/// The old saga keeps its name, and the new one begins where it ends: each event starts one of both.
async fn handed_over(stores: Stores) -> Result<(), BoxError> {
    let before = ["acme/open-1", "other/done-1"];
    run_old(&stores[0], &before, Delivery::default()).await?;
    // Nothing ran when it came, and it stands before the place where the log ends.
    book(&stores[0], ["acme/between".to_owned()]).await?;
    let last = refusal::<Renamed>(&stores[1]).await?.head;
    let after = ["acme/open-2".to_owned(), "other/late".to_owned()];
    book(&stores[0], after).await?;

    let mut delivery = Delivery::default();
    delivery.start = StartFrom::After(last);
    let both = Orchestrix::builder().isolated().event::<ParcelBooked>();
    let both = both.store(StaysOpen(stores[2].clone())).config(config());
    let both = both.delivery("saga.parcel_2", delivery);
    let both = both.module(Post::<Successor, OldOnTime> {
        before: Some(last),
        of: PhantomData,
    });
    let both = both.start().await?;
    for old in ["acme/open-1", "other/done-1", "acme/between"] {
        once::<OldOnTime>(&both, old, has_completed).await?;
    }
    for new in ["acme/open-2", "other/late"] {
        once::<Successor>(&both, new, has_completed).await?;
    }
    both.caught_up(both.store().head().await?, PATIENCE).await?;
    for (old, new) in [
        ("acme/open-2", "acme/open-1"),
        ("other/late", "acme/between"),
    ] {
        let (tenant, key) = of(old)?;
        let old = both.sagas::<OldOnTime>().tenant(tenant);
        assert_eq!(old.history(&key).await?, None);
        let (tenant, key) = of(new)?;
        let new = both.sagas::<Successor>().tenant(tenant);
        assert_eq!(new.history(&key).await?, None);
    }
    Ok(both.shutdown().await?)
}

/// Of what is behind its last event only what is there already.
async fn goes_on(stores: Stores) -> Result<(), BoxError> {
    run_old(&stores[0], &["acme/open-1"], Delivery::default()).await?;
    let head = book(&stores[0], ["acme/more".to_owned()]).await?;
    let old = Orchestrix::builder().isolated().event::<ParcelBooked>();
    let old = old.store(StaysOpen(stores[1].clone())).config(config());
    let old = old.module(Post::<Successor, OldOnTime> {
        before: Some(GlobalPosition::START),
        of: PhantomData,
    });
    let old = old.start().await?;
    once::<OldOnTime>(&old, "acme/open-1", has_completed).await?;
    old.caught_up(head, PATIENCE).await?;
    let acme = old.sagas::<OldOnTime>().tenant(of("acme/more")?.0);
    assert_eq!(acme.history("more").await?, None);
    Ok(old.shutdown().await?)
}

/// The app starts all the same, tells them as failed events, and goes on once a person has seen to them.
async fn resolved(stores: Stores) -> Result<(), BoxError> {
    run_old(
        &stores[0],
        &["acme/open-1", "acme/done-1"],
        Delivery::default(),
    )
    .await?;
    refusal::<Renamed>(&stores[1]).await?;
    let mut lax = config();
    lax.refuse_changed_sagas = false;
    let renamed = app::<Renamed>(&stores[1], lax, Delivery::default()).await?;
    let is_failing = |state: &SubscriptionState| match state {
        SubscriptionState::Retrying { error, .. } => {
            chain(&**error).contains("have changed under an instance that is under way")
        }
        _ => false,
    };
    within(PATIENCE, "the instance has failed", async {
        let is_told = || {
            let all = renamed.subscriptions();
            let mut of_saga = all.iter().filter(|it| it.name == "saga.parcel");
            of_saga.any(|it| is_failing(&it.state))
        };
        while !is_told() {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await?;
    let acme = || {
        renamed
            .sagas::<Renamed>()
            .tenant(of("acme/").expect("it has a tenant").0)
    };
    let done = acme().resolve("done-1", "nothing").await;
    assert!(matches!(done, Err(SagaError::NotFailed { .. })), "{done:?}");
    let resumed = acme().resume("open-1").await;
    assert!(
        matches!(resumed, Err(SagaError::NotFailed { .. })),
        "{resumed:?}"
    );
    acme().resolve("open-1", "was sent by hand").await?;
    let head = book(&stores[0], ["acme/new".to_owned()]).await?;
    renamed.caught_up(head, PATIENCE).await?;
    once::<Renamed>(&renamed, "acme/new", has_completed).await?;
    let open = acme().history("open-1").await?.ok_or("it is there")?;
    assert_eq!(open.status, SagaStatus::Resolved);
    let records = renamed.query::<SagaRecord>().tenant(TenantId::new("acme")?);
    let records = records
        .at_least(head)
        .equals("status", "resolved")
        .fetch()
        .await?;
    assert_eq!(records.documents.len(), 1);
    assert!(records.documents[0].1.ended_at.is_some());
    renamed.shutdown().await?;
    // From now on it starts as usual.
    let renamed = super::plain::<Renamed>(&stores[2]).await?;
    Ok(renamed.shutdown().await?)
}
