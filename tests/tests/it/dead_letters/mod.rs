//! One stream that cannot be consumed among many that can, consumed by two processes at once.

mod ledger;

use std::collections::BTreeMap;

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, DeadLetterSelection, EventData, EventStore, ExpectedVersion, GlobalPosition, Payload,
    StreamId,
};
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy};
use serde_json::json;

use crate::dcb::stores::{Opened, Stores, on_stores, shut_down};
use crate::torture::work::PATIENCE;
use ledger::{Ledger, Recount, Sum, broken_in, mend};

/// Streams without a fault.
const STREAMS: usize = 999;
/// Events of each stream.
const EVENTS: u64 = 3;
const SUM: &str = "sum@1";

on_stores! {
    one_poison_stream_among_a_thousand_in_memory: in_memory(poisoned);
    one_poison_stream_among_a_thousand_on_sqlite: on_sqlite(poisoned);
    one_poison_stream_among_a_thousand_on_postgres: on_postgres(poisoned);
}

/// Writes another round of events to every stream; the poisoned one stands in the middle.
async fn round(store: &dyn EventStore, poison: &str, pence: u64) -> Result<(), BoxError> {
    let mut accounts: Vec<String> = (0..STREAMS).map(|n| format!("good-{n}")).collect();
    accounts.insert(STREAMS / 2, poison.to_owned());
    for some in accounts.chunks(100) {
        let mut appends = Vec::new();
        for account in some {
            let body = Payload::of(&json!({ "account": account, "pence": pence }))?;
            let event = EventData::new("Deposited", 1, body);
            let stream = StreamId::new("ledger", account)?;
            appends.push(Append::new(stream, ExpectedVersion::Any, vec![event]));
        }
        for appended in store.append(appends).await {
            appended?;
        }
    }
    Ok(())
}

fn delivery() -> Delivery {
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery.on_error = ErrorPolicy::DeadLetter;
    delivery
}

async fn sums(app: &App) -> Result<BTreeMap<String, u64>, BoxError> {
    let views = app.views::<Sum>().await?;
    Ok(views
        .into_iter()
        .map(|(key, sum)| (key, sum.pence))
        .collect())
}

async fn poisoned(stores: Stores) -> Result<(), BoxError> {
    // The code of the projection is the same for all stores, and the tests run at once: each breaks an account of its own.
    let poison = broken_in(stores[0].name());
    let log = stores[3].ports().events;
    round(&*log, &poison, 1).await?;
    let mut apps = Vec::new();
    for store in &stores[..2] {
        let app = Orchestrix::builder()
            .isolated()
            .store(Opened(store.clone()));
        let app = app.module(Ledger { recounts: false });
        apps.push(app.delivery(SUM, delivery()).start().await?);
    }
    for pence in 2..=EVENTS {
        round(&*log, &poison, pence).await?;
    }
    let head = log.head().await?;
    for app in &apps {
        app.caught_up(head, PATIENCE).await?;
    }
    let total = EVENTS * (EVENTS + 1) / 2;
    let found = sums(&apps[0]).await?;
    assert_eq!(found.len(), STREAMS, "the others are complete");
    assert!(found.values().all(|sum| *sum == total), "{found:?}");

    let letters = apps[1].dead_letters(SUM)?;
    let all = DeadLetterSelection::All;
    let parked = letters
        .list(all.clone(), GlobalPosition::START, 100)
        .await?;
    let versions: Vec<_> = parked.iter().map(|letter| letter.version.get()).collect();
    assert_eq!(versions, (1..=EVENTS).collect::<Vec<_>>());
    assert!(
        parked
            .iter()
            .all(|letter| letter.stream.name() == format!("ledger-{poison}"))
    );
    assert!(
        letters
            .dry_run(all.clone())
            .await?
            .iter()
            .all(|run| run.failure.is_some())
    );

    mend(&poison);
    assert!(
        letters
            .dry_run(all.clone())
            .await?
            .iter()
            .all(|run| run.failure.is_none())
    );
    // Both processes find the request; what one has done the other does not do again.
    letters.retry(all).await?;
    letters.served(PATIENCE).await?;
    assert_eq!(letters.count().await?, 0);
    round(&*log, &poison, 10).await?;
    let head = log.head().await?;
    for app in &apps {
        app.caught_up(head, PATIENCE).await?;
    }
    let mended = sums(&apps[0]).await?;
    shut_down(apps).await?;

    // The same fold, from the first event on.
    let store = Opened(stores[2].clone());
    let app = Orchestrix::builder().isolated().store(store);
    let app = app.module(Ledger { recounts: true }).start().await?;
    app.caught_up(head, PATIENCE).await?;
    let recounted = app.views::<Recount>().await?.into_iter();
    let recounted: BTreeMap<_, _> = recounted.map(|(key, sum)| (key, sum.pence)).collect();
    assert_eq!(mended, recounted);
    assert_eq!(mended.get(&poison), Some(&(total + 10)));
    assert_eq!(mended.len(), STREAMS + 1);
    shut_down(vec![app]).await
}
