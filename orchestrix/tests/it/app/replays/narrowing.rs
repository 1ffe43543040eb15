//! What a replay is narrowed to.

use orchestrix::app::{Config, ReplayError};
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, EventStore, ExpectedVersion, Filter, GlobalPosition, RecordedEvent, StreamId,
};
use orchestrix::subscription::Subscription;
use serde_json::json;

use super::search::{Calls, INDEX, searching};
use crate::app::Outcome;
use crate::app::deliveries::counted;
use crate::app::stored::{event, stream};

#[tokio::test(start_paused = true)]
async fn to_a_part_of_the_log() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    counted(&store, 1..=6).await?;
    let app = searching(store, &calls).await?;
    let at = GlobalPosition::new;
    for (replay, expected) in [
        (app.replay(INDEX).from(at(4)), vec![4, 5, 6]),
        (app.replay(INDEX).after(at(4)), vec![5, 6]),
        (app.replay(INDEX).from(at(2)).to(at(3)), vec![2, 3]),
        (app.replay(INDEX).to(at(99)), vec![1, 2, 3, 4, 5, 6]),
        (app.replay(INDEX).from(at(7)), vec![]),
    ] {
        let report = replay.await?;
        assert_eq!(report.delivered, expected.len() as u64);
        let last = report.last_position.map(GlobalPosition::get);
        assert_eq!(last, expected.last().copied());
        assert_eq!(calls.replayed(), expected);
        calls.forget();
    }
    Ok(())
}

/// A stream is read by itself, in pages, also when it is archived.
#[tokio::test(start_paused = true)]
async fn to_one_stream() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    counted(&store, 1..=9).await?;
    let mut config = Config::default();
    config.handler_page = 2;
    let app = Orchestrix::builder()
        .isolated()
        .store(store.clone())
        .module(super::search::Search(calls.clone()))
        .config(config)
        .start()
        .await?;
    for is_archived in [false, true] {
        if is_archived {
            let all = ExpectedVersion::StreamExists;
            store.archive_stream(&stream("counter-c1"), all).await?;
        }
        let of_one = || app.replay(INDEX).stream(stream("counter-c1"));
        assert_eq!(of_one().await?.delivered, 3);
        let behind = of_one()
            .after(GlobalPosition::new(1))
            .to(GlobalPosition::new(4));
        assert_eq!(behind.await?.delivered, 1);
        let two = of_one().max_events(2).await?;
        assert_eq!(two.last_position.map(GlobalPosition::get), Some(4));
        assert_eq!(calls.replayed(), [1, 4, 7, 4, 1, 4]);
        calls.forget();
    }
    let absent = app.replay(INDEX).stream(stream("counter-none")).await?;
    assert_eq!((absent.delivered, absent.last_position), (0, None));
    Ok(())
}

/// Four events: two tenants, two types, each later than the one before.
async fn four(store: &MemoryStore) -> Result<Vec<jiff::Timestamp>, Box<dyn std::error::Error>> {
    let mut times = Vec::new();
    for (n, (kind, of)) in [
        ("Sold", "acme"),
        ("Sold", "other"),
        ("Lost", "acme"),
        ("Sold", "acme"),
    ]
    .into_iter()
    .enumerate()
    {
        let time = jiff::Timestamp::from_second(1_000 + n as i64)?;
        let stream = StreamId::new("order", "1")?.with_tenant(TenantId::new(of)?);
        let data = event(kind, 1, json!({})).with_occurred_at(time);
        let append = Append::new(stream, ExpectedVersion::Any, vec![data]);
        for outcome in store.append(vec![append]).await {
            outcome?;
        }
        times.push(time);
    }
    Ok(times)
}

async fn ignore(_: RecordedEvent, _: ReplayContext) {}

#[tokio::test(start_paused = true)]
async fn to_types_tenants_and_times() -> Outcome {
    let store = MemoryStore::new();
    let times = four(&store).await?;
    let acme = TenantId::new("acme")?;
    let wanted = Filter::all().since(times[1]).tenant(acme.clone());
    let app = Orchestrix::builder()
        .isolated()
        .store(store)
        .subscription(Subscription::new("all"), ignore)
        .subscription(Subscription::new("some").filter(wanted), ignore)
        .start()
        .await?;
    let (all, some) = (|| app.replay("all"), || app.replay("some"));
    let other = TenantId::new("other")?;
    for (what, replay, delivered) in [
        ("all", all(), 4),
        ("a type", all().event_types(["Sold"]), 3),
        ("both types", all().event_types(["Sold", "Lost"]), 4),
        ("a tenant", all().tenant(acme.clone()), 3),
        ("since", all().since(times[2]), 2),
        ("until", all().until(times[2]), 2),
        ("since and until", all().since(times[1]).until(times[3]), 2),
        ("what it wants", some(), 2),
        ("its tenant", some().tenant(acme), 2),
        ("not its tenant", some().tenant(other), 0),
        ("no later", some().since(times[0]), 2),
        ("later", some().since(times[3]), 1),
        ("earlier", some().until(times[3]), 1),
    ] {
        assert_eq!(replay.await?.delivered, delivered, "{what}");
    }
    let of_stream = StreamId::new("order", "1")?.with_tenant(TenantId::new("acme")?);
    let lost = all().stream(of_stream).event_types(["Lost"]);
    assert_eq!(lost.await?.delivered, 1);
    Ok(())
}

#[tokio::test]
async fn a_type_that_it_does_not_want_is_refused() -> Outcome {
    let app = searching(MemoryStore::new(), &Calls::default()).await?;
    let refused = app.replay(INDEX).event_types(["Counted", "Count"]).await;
    let Err(error @ ReplayError::NotConsumed { .. }) = refused else {
        panic!("there is no such event: {refused:?}");
    };
    assert_eq!(
        error.to_string(),
        "`search.index` does not consume `Count`; it consumes: Counted"
    );
    Ok(())
}
